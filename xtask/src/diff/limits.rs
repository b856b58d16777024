//! Bounds, patterns and the like: whether more or less is allowed than before.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::rules::{self, Rule};
use super::shape::Shape;
use super::value::{divides, normal};
use super::walk::{At, Comparison};
use crate::node::plain;
use crate::number::compare;

/// A keyword with the one that makes its bound exclusive.
type Bound = (&'static str, &'static str);

const LOWER: [Bound; 4] =
    [("minimum", "exclusiveMinimum"), ("minLength", ""), ("minItems", ""), ("minProperties", "")];
const UPPER: [Bound; 4] =
    [("maximum", "exclusiveMaximum"), ("maxLength", ""), ("maxItems", ""), ("maxProperties", "")];

type End<'a> = (&'a Number, bool);

impl Comparison<'_> {
    pub(super) fn limits(&mut self, old: &Shape<'_>, new: &Shape<'_>, at: At<'_>) {
        for bound in LOWER {
            let tighter = |a: &End<'_>, b: &End<'_>| compare(a.0, b.0).then(a.1.cmp(&b.1));
            self.bound(old, new, bound, tighter, at);
        }
        for bound in UPPER {
            let tighter = |a: &End<'_>, b: &End<'_>| compare(b.0, a.0).then(a.1.cmp(&b.1));
            self.bound(old, new, bound, tighter, at);
        }
        let unique = (old.is_set("uniqueItems"), new.is_set("uniqueItems"));
        if unique.0 != unique.1 {
            let say = |set| if set { "uniqueItems true" } else { "no uniqueItems" };
            let change = Some((say(unique.0).to_owned(), say(unique.1).to_owned()));
            self.limit(unique.1, "uniqueItems", old, new, change, at);
        }
        for key in ["pattern", "multipleOf"] {
            self.texts_of_limit(key, old, new, at);
        }
    }

    fn bound(
        &mut self,
        old: &Shape<'_>,
        new: &Shape<'_>,
        (key, exclusive): Bound,
        tighter: impl Fn(&End<'_>, &End<'_>) -> Ordering,
        at: At<'_>,
    ) {
        let (before, after) =
            (end(old, key, exclusive, &tighter), end(new, key, exclusive, &tighter));
        let is_tighter = match (&before, &after) {
            (None, None) => return,
            (Some(before), Some(after)) => match tighter(before, after) {
                Ordering::Equal => return,
                order => order == Ordering::Less,
            },
            (None, Some(_)) => true,
            (Some(_), None) => false,
        };
        let say = |end: Option<End<'_>>| match end {
            None => format!("no {key}"),
            Some((number, true)) => format!("{key} {number}, exclusive"),
            Some((number, false)) => format!("{key} {number}"),
        };
        self.limit(is_tighter, key, old, new, Some((say(before), say(after))), at);
    }

    /// Patterns and divisors: any other one is taken for a tighter one, but a divisor of the old.
    fn texts_of_limit(&mut self, key: &str, old: &Shape<'_>, new: &Shape<'_>, at: At<'_>) {
        let (before, after) = (all(old, key), all(new, key));
        let is_looser = after
            .iter()
            .all(|limit| before.iter().any(|before| before == limit || is_divisor(limit, before)));
        if before != after {
            let say = |all: &[Value]| {
                let all: Vec<_> = all.iter().map(plain).collect();
                if all.is_empty() {
                    format!("no {key}")
                } else {
                    format!("{key} {}", all.join(" and "))
                }
            };
            let change = Some((say(&before), say(&after)));
            self.limit(!is_looser, key, old, new, change, at);
        }
    }

    pub(super) fn limit(
        &mut self,
        is_tighter: bool,
        key: &str,
        old: &Shape<'_>,
        new: &Shape<'_>,
        change: Option<(String, String)>,
        at: At<'_>,
    ) {
        let rule: &'static Rule =
            if is_tighter { &rules::LIMIT_TIGHTENED } else { &rules::LIMIT_LOOSENED };
        let (before, after) = change.unzip();
        let at = At { pointer: new.place(old, key), ..at };
        self.report(rule, at, before.as_deref(), after.as_deref());
    }
}

/// The tightest bound of all that apply. That a length is not negative says nothing.
fn end<'a>(
    shape: &Shape<'a>,
    key: &str,
    exclusive: &str,
    tighter: &impl Fn(&End<'_>, &End<'_>) -> Ordering,
) -> Option<End<'a>> {
    let ends = shape.layers.iter().filter_map(|layer| {
        let number = layer.schema.get(key)?.as_number()?;
        let says_nothing = key.starts_with("min") && exclusive.is_empty();
        let is_exclusive = layer.schema.get(exclusive) == Some(&Value::Bool(true));
        (!says_nothing || number.as_f64() != Some(0.0)).then_some((number, is_exclusive))
    });
    ends.max_by(tighter)
}

fn all(shape: &Shape<'_>, key: &str) -> Vec<Value> {
    let mut all: Vec<_> = shape.stated(key).map(|(value, _)| normal(value)).collect();
    all.sort_by_key(ToString::to_string);
    all.dedup();
    all
}

fn is_divisor(divisor: &Value, number: &Value) -> bool {
    match (divisor.as_number(), number.as_number()) {
        (Some(divisor), Some(number)) => divides(divisor, number),
        _ => false,
    }
}
