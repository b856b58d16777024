//! The part of the walk that is about schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::{Likeness, pair};
use super::rules::{self, Direction, Rule};
use super::shape::Shape;
use super::walk::{At, Comparison, keys};
use crate::document::child;
use crate::renames::Kind;

impl<'a> Comparison<'a> {
    pub(super) fn schemas(&mut self, old: &Shape<'a>, new: &Shape<'a>, way: Direction) {
        if !self.seen.insert((old.key(), new.key(), way)) {
            return;
        }
        let at = At { pointer: &new.pointer, way };
        self.null(old, new, at);
        self.discriminators((old, new), None, at);
        self.choices(old, new, at);
        self.unexpanded(old, new, at);
    }

    pub(super) fn alternative(&mut self, old: &Shape<'a>, new: &Shape<'a>, way: Direction) {
        let at = At { pointer: &new.pointer, way };
        self.schema_texts(old, new, at);
        let is_map = |shape: &Shape<'_>| {
            shape.kind() == "map" || shape.kind() == "object" && shape.properties.is_empty()
        };
        match (old.kind(), new.kind()) {
            (before, after) if before == after => self.same_kind(old, new, at),
            ("integer", "number") => self.number(&rules::NUMBER_WIDENED, old, new, at),
            ("number", "integer") => self.number(&rules::NUMBER_NARROWED, old, new, at),
            _ if is_map(old) && is_map(new) => self.same_kind(old, new, at),
            ("any", _) => self.any_kind(&rules::TYPE_NARROWED, old, new, at),
            (_, "any") => self.any_kind(&rules::TYPE_WIDENED, old, new, at),
            _ => self.other_kind(old, new, at),
        }
    }

    /// Too many alternatives to compare each with each.
    fn unexpanded(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let shapes = |document, shape: &Shape<'a>| -> Vec<Shape<'a>> {
            let branches = shape.unexpanded.iter();
            branches.map(|branch| Shape::of(document, vec![branch.clone()])).collect()
        };
        let (before, after) = (shapes(self.old, old), shapes(self.new, new));
        for (old, new) in std::iter::zip(&before, &after) {
            self.schemas(old, new, at.way);
        }
        for gone in before.iter().skip(after.len()) {
            self.report(&rules::CHOICE_REMOVED, at, Some(&gone.described()), None);
        }
        for added in after.iter().skip(before.len()) {
            self.report(&rules::CHOICE_ADDED, at, None, Some(&added.described()));
        }
    }

    /// No difference on the wire, but the generated types are called by it.
    pub(super) fn schema_name(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let (Some(before), Some(after)) = (&old.name, &new.name) else {
            return;
        };
        if before == after {
            return;
        }
        if self.is_renamed(before, after) {
            self.report(&rules::SCHEMA_RENAMED, at, Some(before), Some(after));
            if self.renames.candidates(Kind::Schema, before).contains(after) {
                self.note("listed");
            }
        } else if self.is_replaced(before, after) {
            self.report(&rules::SCHEMA_REPLACED, at, Some(before), Some(after));
        }
    }

    /// Whether a component is where another one of the same form was, such as its copy. What the code knows of one it
    /// doesn't of the other. That the form differs is said by itself.
    fn is_replaced(&self, before: &str, after: &str) -> bool {
        let schema = |document: &'a Value, name: &str| document["components"]["schemas"].get(name);
        let (old, new) = (schema(self.old, before), schema(self.new, after));
        old.is_some() && old == new && !(is_used(self.old, after) && is_used(self.new, before))
    }

    /// Whether each document has only one of the names.
    pub(super) fn is_renamed(&self, before: &str, after: &str) -> bool {
        !is_used(self.new, before) && !is_used(self.old, after)
    }

    /// Kinds of which one allows all that the other does.
    fn number(&mut self, rule: &'static Rule, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        self.report(rule, at, Some(old.kind()), Some(new.kind()));
        self.limits(old, new, at);
        self.flags(old, new, at);
        self.not(old, new, at);
        self.words(old, new, at);
    }

    fn any_kind(&mut self, rule: &'static Rule, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let (before, after) = (old.described(), new.described());
        let place = At { pointer: &new.site, ..at };
        self.report(rule, place, Some(&before), Some(&after));
        self.limits(old, new, at);
        self.flags(old, new, at);
        self.not(old, new, at);
        self.words(old, new, at);
    }

    fn same_kind(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        self.format(old, new, at);
        self.limits(old, new, at);
        self.flags(old, new, at);
        self.not(old, new, at);
        self.words(old, new, at);
        if matches!(new.kind(), "object" | "map" | "any") {
            return self.object(old, new, at);
        }
        self.schema_name(old, new, at);
        if new.kind() == "array" {
            let items =
                |shape: &Shape<'a>| shape.items().unwrap_or_else(|| shape.anything("items"));
            self.schemas(&items(old), &items(new), at.way);
        }
    }

    /// What a list, a map and a single value hold is compared all the same.
    fn other_kind(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let (before, after) = (old.described(), new.described());
        let place = At { pointer: &new.site, ..at };
        self.report(&rules::TYPE_CHANGED, place, Some(&before), Some(&after));
        self.flags(old, new, at);
        let inner = |shape: &Shape<'a>| shape.element().unwrap_or_else(|| shape.clone());
        let (old, new) = (inner(old), inner(new));
        if old.kind() == new.kind() {
            self.schemas(&old, &new, at.way);
        }
    }

    fn words(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let list = At { pointer: new.place(old, "enum"), ..at };
        let (before, after) = match (old.words(), new.words()) {
            (None, None) => return,
            (None, Some(_)) => return self.report(&rules::VALUES_LISTED, list, None, None),
            (Some(_), None) => return self.report(&rules::VALUES_OPEN, list, None, None),
            (Some(before), Some(after)) => (before.all, after.all),
        };
        let pairs =
            pair(&keys(&before), &keys(&after), self.renames, Kind::Value, |_, _| Likeness::Same);
        let place = |words: &BTreeMap<_, (_, String)>, word: &String| {
            child(&child(&words[word].1, "enum"), word)
        };
        for word in &pairs.removed {
            let at = At { pointer: &place(&before, word), ..at };
            self.report(&rules::VALUE_REMOVED, at, Some(word), None);
        }
        for word in &pairs.added {
            let at = At { pointer: &place(&after, word), ..at };
            self.report(&rules::VALUE_ADDED, at, None, Some(word));
        }
        for (word, renamed, evidence) in &pairs.renamed {
            let at = At { pointer: &place(&after, renamed), ..at };
            self.report(&rules::VALUE_RENAMED, at, Some(word), Some(renamed));
            self.evidence(*evidence);
        }
    }
}

/// Whether operations lead to a component: one that none leads to is as if it weren't there.
fn is_used(document: &Value, name: &str) -> bool {
    let (mut found, mut left) = (BTreeSet::new(), Vec::new());
    references(&document["paths"], &mut left);
    while let Some(reference) = left.pop() {
        if found.insert(reference)
            && let Some(component) = document.pointer(reference)
        {
            references(component, &mut left);
        }
    }
    found.contains(format!("/components/schemas/{name}").as_str())
}

/// The components that a value refers to.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            let to = fields.get("$ref").and_then(Value::as_str);
            found.extend(to.and_then(|to| to.strip_prefix('#')));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// Whether a property can be the other one under another name: one kind, or a list of it.
pub(super) fn alike(old: Option<&Shape<'_>>, new: Option<&Shape<'_>>) -> bool {
    likeness(old, new) != Likeness::Other
}

/// What two properties of any names are to each other.
pub(super) fn likeness(old: Option<&Shape<'_>>, new: Option<&Shape<'_>>) -> Likeness {
    let (Some(old), Some(new)) = (old, new) else {
        return Likeness::Other;
    };
    let number = |kind| if kind == "integer" { "number" } else { kind };
    let bare = |node: &Shape<'_>| match node.kind() {
        "array" => node.element().map_or("any", |items| items.kind()),
        kind => number(kind),
    };
    let shared = |old: BTreeSet<String>, new: BTreeSet<String>| {
        old.is_empty() || new.is_empty() || old.intersection(&new).next().is_some()
    };
    let words = |node: &Shape<'_>| {
        node.words().into_iter().flat_map(|words| words.all.into_keys()).collect()
    };
    let is_alike = bare(old) == bare(new)
        && shared(keys(&old.properties), keys(&new.properties))
        && shared(words(old), words(new));
    match is_alike {
        false => Likeness::Other,
        true if number(old.kind()) == number(new.kind()) => Likeness::Same,
        true => Likeness::OtherType,
    }
}
