//! The alternatives of a choice: which of the older document is which of the newer one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::rules;
use super::schemas::alike;
use super::shape::Shape;
use super::walk::{At, Comparison, keys};
use crate::renames::Kind;

impl<'a> Comparison<'a> {
    pub(super) fn choices(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let (before, after) = (old.alternatives(), new.alternatives());
        if let ([old], [new]) = (before.as_slice(), after.as_slice()) {
            return self.alternative(old, new, at.way);
        }
        if self.split(old, new, at) {
            return;
        }
        self.exclusive(old, new, at);
        let pairs = self.paired(&before, &after);
        for (i, j) in &pairs {
            let pair = (before[*i], after[*j]);
            let place = At { pointer: &pair.1.pointer, ..at };
            self.discriminators(pair, Some((old, new)), place);
            let start = self.found.len();
            self.alternative(pair.0, pair.1, at.way);
            if before.len() > 1 && after.len() > 1 {
                self.note_choice(start, pair.1, &said(pair.1), (old, new));
            }
        }
        for (i, gone) in before.iter().enumerate() {
            if pairs.iter().all(|(old, _)| *old != i) {
                self.report(&rules::CHOICE_REMOVED, at, Some(&said(gone)), None);
                self.only_there(gone, new, &rules::PROPERTY_REMOVED, at);
            }
        }
        for (i, added) in after.iter().enumerate() {
            if pairs.iter().all(|(_, new)| *new != i) {
                self.report(&rules::CHOICE_ADDED, at, None, Some(&said(added)));
                self.only_there(added, old, &rules::PROPERTY_ADDED, at);
            }
        }
    }

    fn exclusive(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let only = |shape: &Shape<'_>, key| shape.keys.len() == 1 && shape.keys.contains(key);
        if only(old, "oneOf") && only(new, "anyOf") {
            self.report(&rules::CHOICES_COMBINED, at, Some("oneOf"), Some("anyOf"));
        }
        if only(old, "anyOf") && only(new, "oneOf") {
            self.report(&rules::CHOICES_EXCLUSIVE, at, Some("anyOf"), Some("oneOf"));
        }
    }

    /// The properties of an alternative that nothing on the other side has.
    fn only_there(
        &mut self,
        choice: &Shape<'a>,
        other: &Shape<'a>,
        rule: &'static rules::Rule,
        at: At<'_>,
    ) {
        let is_added = *rule == rules::PROPERTY_ADDED;
        let names = |name: &String| self.renames.candidates(Kind::Property, name);
        let (older, newer) = if is_added { (other, choice) } else { (choice, other) };
        let known: BTreeSet<_> = older.properties.keys().flat_map(names).collect();
        let is_in_both = |name: &String| {
            if is_added {
                known.contains(name)
            } else {
                names(name).iter().any(|name| newer.properties.contains_key(name))
            }
        };
        let only = choice.properties.iter().filter(|(name, _)| !is_in_both(name));
        for (name, property) in only.collect::<Vec<_>>() {
            let name = Some(name.as_str());
            let (old, new) = if is_added { (None, name) } else { (name, None) };
            self.report(rule, At { pointer: property.pointer(), ..at }, old, new);
            self.keep(choice.inside(property));
        }
    }

    fn paired(&self, before: &[&Shape<'a>], after: &[&Shape<'a>]) -> Vec<(usize, usize)> {
        let mut close = Vec::new();
        for (i, old) in before.iter().enumerate() {
            for (j, new) in after.iter().enumerate() {
                if let Some(closeness) = self.closeness(old, new) {
                    close.push((closeness, i, j));
                }
            }
        }
        close.sort_by_key(|(closeness, i, j)| (std::cmp::Reverse(*closeness), i.abs_diff(*j)));
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (_, i, j) in close {
            if pairs.iter().all(|(old, new)| *old != i && *new != j) {
                pairs.push((i, j));
            }
        }
        pairs
    }

    /// In percent; above that, what decides. None for what can't be one alternative.
    fn closeness(&self, old: &Shape<'a>, new: &Shape<'a>) -> Option<usize> {
        let names = old.name.as_ref().zip(new.name.as_ref());
        if names.is_some_and(|(old, new)| old == new) {
            return Some(300);
        }
        if outline(old, DEPTH) == outline(new, DEPTH) {
            return Some(200);
        }
        let is_other = names.is_some_and(|(old, new)| !self.is_renamed(old, new));
        if is_other || !alike(Some(old), Some(new)) {
            return None;
        }
        let (before, after) = (features(old), features(new));
        let shared = before.intersection(&after).count();
        Some(100 * shared / before.union(&after).count().max(1))
    }
}

/// The keywords that make a choice.
pub(super) fn keywords(shape: &Shape<'_>) -> String {
    shape.keys.iter().copied().collect::<Vec<_>>().join(" and ")
}

/// How deep alternatives are looked into to see which is which.
const DEPTH: usize = 3;

/// What an alternative is called: an inline object by its properties.
fn said(choice: &Shape<'_>) -> String {
    let names = keys(&choice.properties).into_iter().collect::<Vec<_>>().join(", ");
    match &choice.name {
        Some(name) => name.clone(),
        None if names.is_empty() => choice.described(),
        None => format!("{} of {names}", choice.described()),
    }
}

fn features(shape: &Shape<'_>) -> BTreeSet<String> {
    let words = shape.words().into_iter().flat_map(|words| words.all.into_keys());
    let single = ["format", "pattern", "minimum", "maximum"];
    let single = single.iter().filter_map(|key| Some(format!("{key} {}", shape.first(key)?)));
    let element = shape.element().map(|element| element.kind().to_owned());
    let kind = std::iter::once(shape.kind().to_owned());
    keys(&shape.properties)
        .into_iter()
        .chain(words)
        .chain(single)
        .chain(element)
        .chain(kind)
        .collect()
}

/// A schema in short, the same for schemas that look the same down to a depth.
fn outline(shape: &Shape<'_>, depth: usize) -> String {
    if !shape.choices.is_empty() {
        let mut all: Vec<_> = shape.choices.iter().map(|it| outline(it, depth)).collect();
        all.sort();
        return format!("({})", all.join(" | "));
    }
    let features: Vec<_> = features(shape).into_iter().collect();
    let mut text = format!("{} {}", features.join(","), shape.nullable);
    if depth > 0 {
        for (name, property) in &shape.properties {
            let inner = outline(&shape.inside(property), depth - 1);
            // Writing to a string cannot fail, here and below.
            let _ = write!(text, " {name}{}{{{inner}}}", property.required);
        }
        let elements = [shape.items(), shape.values()];
        for element in elements.into_iter().flatten() {
            let _ = write!(text, " [{}]", outline(&element, depth - 1));
        }
    }
    text
}
