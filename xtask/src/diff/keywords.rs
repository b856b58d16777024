//! The part of the walk that is about single keywords of a schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::rules::{self, Rule, Verdict};
use super::shape::Shape;
use super::value::normal;
use super::walk::{At, Comparison};
use crate::document::{Component, child};
use crate::node::plain;

/// What a flag means for a property, set and no longer set.
type Flag = (&'static str, &'static Rule, &'static Rule);

static ACCESS: [Flag; 2] = [
    ("readOnly", &rules::READ_ONLY, &rules::NOT_READ_ONLY),
    ("writeOnly", &rules::WRITE_ONLY, &rules::NOT_WRITE_ONLY),
];

/// Where null can come from, besides `nullable`.
struct Nulls {
    has_words: bool,
    is_listed: bool,
    is_anything: bool,
}

impl Nulls {
    fn of(shape: &Shape<'_>) -> Self {
        let lists: Vec<_> = shape.alternatives().into_iter().filter_map(Shape::words).collect();
        let is_anything = lists.is_empty() && shape.kind() == "any";
        let is_listed = lists.iter().any(|words| words.has_null);
        Self { has_words: !lists.is_empty(), is_listed, is_anything }
    }
}

impl<'a> Comparison<'a> {
    /// Properties that aren't named: any, none, or those of a schema.
    pub(super) fn unknown(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let key = "additionalProperties";
        let closed = |shape: &Shape<'_>| shape.stated(key).any(|(value, _)| *value == false);
        let values = |shape: &Shape<'a>| shape.values().unwrap_or_else(|| shape.anything(key));
        match (closed(old), closed(new)) {
            (true, true) => {}
            (false, false) => {
                if old.values().is_some() || new.values().is_some() {
                    self.schemas(&values(old), &values(new), at.way);
                }
            }
            (_, refused) => {
                let rule = if refused { &rules::UNKNOWN_REFUSED } else { &rules::UNKNOWN_ALLOWED };
                let at = At { pointer: new.place(old, key), ..at };
                self.report(rule, at, None, None);
            }
        }
    }

    pub(super) fn format(&mut self, old: &Shape<'_>, new: &Shape<'_>, at: At<'_>) {
        let say = |shape: &Shape<'_>| {
            let all: BTreeSet<_> = shape.stated("format").map(|(value, _)| plain(value)).collect();
            let all: Vec<_> = all.into_iter().collect();
            (!all.is_empty()).then(|| all.join(" and "))
        };
        let (before, after) = (say(old), say(new));
        let (before, after) = (before.as_deref(), after.as_deref());
        let rule = match (before, after) {
            (before, after) if before == after => return,
            (Some("int32"), Some("int64")) | (Some("float"), Some("double")) | (Some(_), None) => {
                &rules::FORMAT_WIDENED
            }
            (Some("int64"), Some("int32")) | (Some("double"), Some("float")) | (None, Some(_)) => {
                &rules::FORMAT_NARROWED
            }
            _ => &rules::FORMAT_CHANGED,
        };
        self.report(rule, At { pointer: new.place(old, "format"), ..at }, before, after);
    }

    /// Some say that null is allowed by `nullable`, some by null among the values. What has no type allows it, and
    /// the rules for types say that.
    pub(super) fn null(&mut self, old: &Shape<'_>, new: &Shape<'_>, at: At<'_>) {
        let (before, after) = (Nulls::of(old), Nulls::of(new));
        if before.is_anything || after.is_anything {
            return;
        }
        let gains = |old: bool, new: bool| i8::from(new) - i8::from(old);
        let gain = if before.has_words && after.has_words {
            gains(old.nullable, new.nullable) + gains(before.is_listed, after.is_listed)
        } else {
            gains(old.nullable || before.is_listed, new.nullable || after.is_listed)
        };
        if gain != 0 {
            let rule = if gain > 0 { &rules::NULL_ALLOWED } else { &rules::NULL_REFUSED };
            self.report(rule, At { pointer: new.place(old, "nullable"), ..at }, None, None);
        }
    }

    pub(super) fn flags(&mut self, old: &Shape<'_>, new: &Shape<'_>, at: At<'_>) {
        for (key, set, no_longer) in &ACCESS {
            let (before, after) = (old.is_set(key), new.is_set(key));
            if before != after {
                let at = At { pointer: new.place(old, key), ..at };
                self.report(if after { set } else { no_longer }, at, None, None);
            }
        }
        let (before, after) = (old.first("default"), new.first("default"));
        if before.map(normal) != after.map(normal) {
            let rule =
                if before.is_none() { &rules::DEFAULT_ADDED } else { &rules::DEFAULT_CHANGED };
            let (before, after) = (before.map(plain), after.map(plain));
            let at = At { pointer: new.place(old, "default"), ..at };
            self.report(rule, at, before.as_deref(), after.as_deref());
        }
        if old.is_set("deprecated") != new.is_set("deprecated") {
            let at = At { pointer: new.place(old, "deprecated"), ..at };
            self.deprecated(old.is_set("deprecated"), new.is_set("deprecated"), at);
        }
    }

    /// What must not be: less of it is more that is allowed, and any other is taken for more.
    pub(super) fn not(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let all = |document: &'a Value, shape: &Shape<'a>| -> Vec<Shape<'a>> {
            let all = shape.stated("not");
            all.map(|(schema, place)| Shape::new(document, schema, child(place, "not"))).collect()
        };
        let (before, after) = (all(self.old, old), all(self.new, new));
        let is_same = before.len() == after.len()
            && std::iter::zip(&before, &after).all(|(old, new)| self.is_same(old, new, at));
        if !is_same {
            let say = |all: &[_]| if all.is_empty() { "no not" } else { "not" }.to_owned();
            let change = Some((say(&before), say(&after)));
            self.limit(after.len() >= before.len(), "not", old, new, change, at);
        }
    }

    fn is_same(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) -> bool {
        let pair = (old.key(), new.key(), at.way);
        if !self.negated.insert(pair) {
            return true;
        }
        let mut inner = Self::new((self.old, self.new), self.renames, false, &self.operation);
        inner.negated.clone_from(&self.negated);
        inner.schemas(old, new, at.way);
        self.negated.remove(&(old.key(), new.key(), at.way));
        inner.found.iter().all(|found| found.difference.verdict == Verdict::Documentation)
    }

    /// Those of an alternative are without those around the choice.
    pub(super) fn discriminators(
        &mut self,
        (old, new): (&Shape<'a>, &Shape<'a>),
        around: Option<(&Shape<'a>, &Shape<'a>)>,
        at: At<'_>,
    ) {
        let key = "discriminator";
        let all = |shape: &Shape<'a>, around: Option<&Shape<'a>>| -> Vec<&'a Value> {
            let own = (shape.layers.iter())
                .filter(|layer| around.is_none_or(|around| !around.layers.contains(layer)));
            own.filter_map(|layer| layer.schema.get(key)).collect()
        };
        let (before, after) = (all(old, around.map(|it| it.0)), all(new, around.map(|it| it.1)));
        let at = At { pointer: new.place(old, key), ..at };
        if before.len() != after.len() {
            return self.report(&rules::DISCRIMINATOR_CHANGED, at, None, None);
        }
        for (one, other) in std::iter::zip(before, after) {
            let name = |value: &Value| plain(&value["propertyName"]);
            if name(one) != name(other) {
                let (one, other) = (name(one), name(other));
                self.report(&rules::DISCRIMINATOR_CHANGED, at, Some(&one), Some(&other));
            }
            self.mappings(&mapping(one, old), &mapping(other, new), at);
        }
    }

    fn mappings(
        &mut self,
        old: &BTreeMap<String, String>,
        new: &BTreeMap<String, String>,
        at: At<'_>,
    ) {
        for (value, target) in old {
            let say = |target: &str| format!("{value} is {target}");
            match new.get(value) {
                Some(other) if target == other || self.is_renamed(target, other) => {
                    let shape = |document, name: &str| {
                        let section = "schemas".to_owned();
                        let component = Component { section, name: name.to_owned() };
                        let schema = component.find(document)?;
                        Some(Shape::new(document, schema, component.pointer()))
                    };
                    let (old, new) = (shape(self.old, target), shape(self.new, other));
                    if let (Some(old), Some(new)) = (old, new) {
                        self.schemas(&old, &new, at.way);
                    }
                }
                other => {
                    let (before, after) = (say(target), other.map(|it| say(it)));
                    let rule = &rules::DISCRIMINATOR_CHANGED;
                    self.report(rule, at, Some(&before), after.as_deref());
                }
            }
        }
        for (value, target) in new.iter().filter(|(value, _)| !old.contains_key(*value)) {
            let after = format!("{value} is {target}");
            self.report(&rules::DISCRIMINATOR_VALUE_ADDED, at, None, Some(&after));
        }
    }
}

/// Which component a value stands for: as listed, or else each branch by its own name.
fn mapping(discriminator: &Value, shape: &Shape<'_>) -> BTreeMap<String, String> {
    let listed = discriminator["mapping"].as_object().into_iter().flatten();
    let mut all: BTreeMap<_, _> = listed
        .map(|(value, target)| {
            let target = plain(target);
            let component = Component::parse(&target).map(|component| component.name);
            (value.clone(), component.unwrap_or(target))
        })
        .collect();
    for label in shape.choices.iter().filter_map(|choice| choice.name.as_ref()) {
        if all.values().all(|target| target != label) {
            all.insert(label.clone(), label.clone());
        }
    }
    all
}
