//! Bounds, patterns and the like: whether more or less is allowed than before.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Number, Value};

use super::rules::{self, Rule};
use super::shape::Shape;
use super::value::{divides, normal};
use super::walk::{At, Comparison};
use crate::node::plain;
use crate::number::{compare, whole_end, written};

/// A keyword with the one that makes its bound exclusive.
type Bound = (&'static str, &'static str);

const LOWER: [Bound; 4] =
    [("minimum", "exclusiveMinimum"), ("minLength", ""), ("minItems", ""), ("minProperties", "")];
const UPPER: [Bound; 4] =
    [("maximum", "exclusiveMaximum"), ("maxLength", ""), ("maxItems", ""), ("maxProperties", "")];

/// The end of a range: as it is compared, and as it is written.
struct End<'a> {
    number: Number,
    is_exclusive: bool,
    written: (&'a Number, bool),
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, is_exclusive) = self.written;
        let exclusive = if is_exclusive { ", exclusive" } else { "" };
        write!(f, "{}{exclusive}", written(number))
    }
}

impl Comparison<'_> {
    pub(super) fn limits(&mut self, old: &Shape<'_>, new: &Shape<'_>, at: At<'_>) {
        for bound in LOWER {
            let tighter = |a: &End<'_>, b: &End<'_>| {
                compare(&a.number, &b.number).then(a.is_exclusive.cmp(&b.is_exclusive))
            };
            self.bound(old, new, bound, tighter, at);
        }
        for bound in UPPER {
            let tighter = |a: &End<'_>, b: &End<'_>| {
                compare(&b.number, &a.number).then(a.is_exclusive.cmp(&b.is_exclusive))
            };
            self.bound(old, new, bound, tighter, at);
        }
        let is_unique =
            |shape: &Shape<'_>| concerns("uniqueItems", shape) && shape.is_set("uniqueItems");
        let unique = (is_unique(old), is_unique(new));
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
            Some(end) => format!("{key} {end}"),
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
    let is_lower = key.starts_with("min");
    let is_whole = shape.kind() == "integer";
    let ends = shape.layers.iter().filter(|_| concerns(key, shape)).filter_map(|layer| {
        let written = layer.schema.get(key)?.as_number()?;
        let says_nothing = is_lower && exclusive.is_empty();
        let is_exclusive = layer.schema.get(exclusive) == Some(&Value::Bool(true));
        let whole = if is_whole { whole_end(written, is_exclusive, is_lower) } else { None };
        let end = match whole {
            Some(number) => End { number, is_exclusive: false, written: (written, is_exclusive) },
            None => End { number: written.clone(), is_exclusive, written: (written, is_exclusive) },
        };
        (!says_nothing || written.as_f64() != Some(0.0)).then_some(end)
    });
    ends.max_by(tighter)
}

/// Whether a keyword concerns values of the type.
fn concerns(key: &str, shape: &Shape<'_>) -> bool {
    let kind = match key {
        "minLength" | "maxLength" | "pattern" => "string",
        "minimum" | "maximum" | "multipleOf" => "number",
        "minItems" | "maxItems" | "uniqueItems" => "array",
        _ => "object",
    };
    match shape.kind() {
        "any" | "choice" => true,
        "integer" => kind == "number",
        "map" => kind == "object",
        other => kind == other,
    }
}

fn all(shape: &Shape<'_>, key: &str) -> Vec<Value> {
    let stated = shape.stated(key).filter(|_| concerns(key, shape));
    let mut all: Vec<_> = stated.map(|(value, _)| normal(value)).collect();
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
