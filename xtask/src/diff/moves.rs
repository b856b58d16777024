//! Something removed in one place and added in one other is the same thing, moved.

use std::collections::BTreeSet;

use super::difference::Difference;
use super::names::{Evidence, Likeness, Renames};
use super::rules::{self, Direction, Rule};
use super::schemas::likeness;
use super::shape::Shape;
use super::walk::Found;
use crate::document::child;
use crate::renames::Kind;

/// A place where something is now that could have been elsewhere before.
struct Candidate<'a> {
    pointer: String,
    name: String,
    /// None for a word.
    node: Option<Shape<'a>>,
    way: Direction,
    /// Which addition it is, unless it is only inside one.
    addition: Option<usize>,
}

/// The differences of one operation, with a removal and its addition made one move.
pub(super) fn recognised(mut found: Vec<Found<'_>>, renames: &Renames) -> Vec<Difference> {
    let candidates = candidates(&found);
    let mut used = BTreeSet::new();
    for removal in &mut found {
        let (kind, rule) = match removal.difference.rule {
            rule if *rule == rules::PROPERTY_REMOVED => (Kind::Property, &rules::PROPERTY_MOVED),
            rule if *rule == rules::VALUE_REMOVED => (Kind::Value, &rules::VALUE_MOVED),
            _ => continue,
        };
        let names = renames.candidates(kind, &removal.name);
        let is_it = |it: &&Candidate<'_>| names.contains(&it.name) && fits(it, removal);
        let places: Vec<_> = candidates.iter().filter(is_it).collect();
        // A component that is reached twice is one place.
        if let Some(place) = places.first()
            && places.iter().all(|other| other.pointer == place.pointer)
        {
            used.extend(places.iter().filter_map(|place| place.addition));
            moved(removal, rule, place);
        }
    }
    let found = found.into_iter().enumerate().filter(|(i, _)| !used.contains(i));
    found.map(|(_, found)| found.into()).collect()
}

fn fits(candidate: &Candidate<'_>, removal: &Found<'_>) -> bool {
    // What is still at its place came there by another way, and has moved nowhere.
    let is_elsewhere = candidate.pointer != removal.difference.pointer;
    let is_alike = candidate.likeness(removal) != Likeness::Other;
    candidate.way == removal.difference.direction && is_alike && is_elsewhere
}

impl Candidate<'_> {
    fn likeness(&self, removal: &Found<'_>) -> Likeness {
        match (&self.node, &removal.node) {
            (None, None) => Likeness::Same,
            (new, old) => likeness(old.as_ref(), new.as_ref()),
        }
    }
}

fn moved(removal: &mut Found<'_>, rule: &'static Rule, place: &Candidate<'_>) {
    let is_of_another_type = place.likeness(removal) == Likeness::OtherType;
    let difference = &mut removal.difference;
    difference.rule = rule;
    difference.verdict = rule.verdict(difference.direction);
    difference.old = Some(std::mem::replace(&mut difference.pointer, place.pointer.clone()));
    difference.new = Some(place.pointer.clone());
    difference.is_certain = place.addition.is_some() && !is_of_another_type;
    if is_of_another_type {
        difference.note = Some(Evidence::OtherType.note().to_owned());
    }
}

fn candidates<'a>(found: &[Found<'a>]) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for (i, addition) in found.iter().enumerate() {
        let Difference { rule, direction, pointer, .. } = &addition.difference;
        let added = [&rules::PROPERTY_ADDED, &rules::REQUIRED_PROPERTY_ADDED, &rules::VALUE_ADDED];
        if !added.contains(rule) {
            continue;
        }
        candidates.push(Candidate {
            pointer: pointer.clone(),
            name: addition.name.clone(),
            node: addition.node.clone(),
            way: *direction,
            addition: Some(i),
        });
        if let Some(node) = &addition.node {
            inside(node, *direction, &mut BTreeSet::new(), &mut candidates);
        }
    }
    candidates
}

fn inside<'a>(
    node: &Shape<'a>,
    way: Direction,
    entered: &mut BTreeSet<String>,
    candidates: &mut Vec<Candidate<'a>>,
) {
    if !entered.insert(node.pointer.clone()) {
        return;
    }
    for (word, (_, place)) in node.words().into_iter().flat_map(|words| words.all) {
        let pointer = child(&child(&place, "enum"), &word);
        candidates.push(Candidate { pointer, name: word, node: None, way, addition: None });
    }
    for (name, property) in &node.properties {
        let nested = node.inside(property);
        inside(&nested, way, entered, candidates);
        let (pointer, name) = (property.pointer().to_owned(), name.clone());
        candidates.push(Candidate { pointer, name, node: Some(nested), way, addition: None });
    }
    if let Some(element) = node.element() {
        inside(&element, way, entered, candidates);
    }
}
