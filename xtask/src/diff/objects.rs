//! The part of the walk that is about the properties of objects.

use std::collections::BTreeSet;

use super::names::pair;
use super::rules::{self, Direction};
use super::schemas::likeness;
use super::shape::{Property, Shape};
use super::walk::{At, Comparison, both};
use crate::renames::Kind;

impl<'a> Comparison<'a> {
    pub(super) fn object(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        self.unknown(old, new, at);
        self.unlisted(old, new, at);
        let (old, new) = (&completed(old, new), &completed(new, old));
        self.moves(old, new, at);
        let free = |node: &Shape<'a>| -> BTreeSet<String> {
            let properties = node.properties.iter();
            let free = properties.filter(|(_, property)| !self.moved.contains(property.pointer()));
            free.map(|(name, _)| name.clone()).collect()
        };
        let (before, after) = (free(old), free(new));
        if let Some((inner, name)) = self.wrapped(&before, new) {
            self.report(&rules::PROPERTIES_WRAPPED, at, None, Some(&name));
            self.schemas(old, &inner, at.way);
            self.added(new, after.iter().filter(|other| **other != name), at);
        } else {
            self.schema_name(old, new, at);
            self.properties((old, &before), (new, &after), at);
        }
    }

    /// Properties that are required and have a schema in neither document.
    fn unlisted(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let at = At { pointer: new.place(old, "required"), ..at };
        let is_unlisted = |name: &&String| {
            !old.properties.contains_key(*name) && !new.properties.contains_key(*name)
        };
        for name in new.required.difference(&old.required).filter(is_unlisted) {
            self.report(&rules::REQUIRED_NOW, at, None, Some(name));
        }
        for name in old.required.difference(&new.required).filter(is_unlisted) {
            self.report(&rules::OPTIONAL_NOW, at, Some(name), None);
        }
    }

    fn properties(
        &mut self,
        (old, before): (&Shape<'a>, &BTreeSet<String>),
        (new, after): (&Shape<'a>, &BTreeSet<String>),
        at: At<'_>,
    ) {
        let pairs = pair(before, after, self.renames, Kind::Property, |before, after| {
            likeness(old.property(before).as_ref(), new.property(after).as_ref())
        });
        for name in &pairs.removed {
            let property = &old.properties[name];
            let at = At { pointer: property.pointer(), ..at };
            self.report(&rules::PROPERTY_REMOVED, at, Some(name), None);
            self.keep(old.inside(property));
        }
        self.added(new, pairs.added.iter(), at);
        for (name, renamed, evidence) in &pairs.renamed {
            let at = At { pointer: new.properties[renamed].pointer(), ..at };
            self.report(&rules::PROPERTY_RENAMED, at, Some(name), Some(renamed));
            self.evidence(*evidence);
        }
        for (name, renamed) in both(&pairs) {
            self.property((old, &old.properties[name]), (new, &new.properties[renamed]), at.way);
        }
    }

    fn property(
        &mut self,
        (old, before): (&Shape<'a>, &Property<'a>),
        (new, after): (&Shape<'a>, &Property<'a>),
        way: Direction,
    ) {
        let (old, new) = (old.inside(before), new.inside(after));
        let is_needed = |property: &Property<'_>, shape: &Shape<'_>| {
            property.required && !shape.is_left_out(way)
        };
        let at = At { pointer: after.pointer(), way };
        self.required(is_needed(before, &old), is_needed(after, &new), at);
        self.schemas(&old, &new, way);
    }

    fn added<'n>(&mut self, new: &Shape<'a>, names: impl Iterator<Item = &'n String>, at: At<'_>) {
        for name in names {
            let property = &new.properties[name];
            let shape = new.inside(property);
            let rule = if property.required && !shape.is_left_out(at.way) {
                &rules::REQUIRED_PROPERTY_ADDED
            } else {
                &rules::PROPERTY_ADDED
            };
            self.report(rule, At { pointer: property.pointer(), ..at }, None, Some(name));
            self.keep(shape);
        }
    }

    /// Moves that are listed, from the object that contains both places.
    fn moves(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        let renames = self.renames;
        for (from, to) in renames.moves() {
            let into_itself = to.starts_with(&format!("{from}/"));
            let (Some(before), Some(after)) = (old.at(from), new.at(to)) else {
                continue;
            };
            if old.at(to).is_some() || new.at(from).is_some() && !into_itself {
                continue;
            }
            self.moved.extend([before.pointer().to_owned(), after.pointer().to_owned()]);
            let place = At { pointer: after.pointer(), ..at };
            self.report(&rules::PROPERTY_MOVED, place, Some(from), Some(to));
            self.note("listed");
            self.property((old, &before), (new, &after), at.way);
            if let (true, Some(wrapper)) = (into_itself, new.properties.get(from)) {
                self.moved.insert(wrapper.pointer().to_owned());
                let place = At { pointer: wrapper.pointer(), ..at };
                self.required(before.required, wrapper.required, place);
                let wrapper = new.inside(wrapper);
                let others =
                    wrapper.properties.iter().filter(|(_, p)| p.pointer() != after.pointer());
                let others: Vec<_> = others.map(|(name, _)| name.clone()).collect();
                self.added(&wrapper, others.iter(), at);
            }
        }
    }

    /// The property that most of what was here before is in now, and nothing of it is left here.
    fn wrapped(&self, before: &BTreeSet<String>, new: &Shape<'a>) -> Option<(Shape<'a>, String)> {
        let candidates: Vec<_> =
            before.iter().map(|name| self.renames.candidates(Kind::Property, name)).collect();
        let stayed = candidates.iter().flatten().any(|name| new.properties.contains_key(name));
        if stayed || before.is_empty() {
            return None;
        }
        new.properties.iter().find_map(|(name, property)| {
            let inner = new.inside(property);
            let is_in =
                |names: &&Vec<String>| names.iter().any(|name| inner.properties.contains_key(name));
            let found = candidates.iter().filter(is_in).count();
            (found * 2 > before.len()).then(|| (inner, name.clone()))
        })
    }
}

/// With the properties that are required, have no schema, and have one in the other document.
fn completed<'a>(shape: &Shape<'a>, other: &Shape<'a>) -> Shape<'a> {
    let mut shape = shape.clone();
    for name in &shape.required {
        if !shape.properties.contains_key(name) && other.properties.contains_key(name) {
            shape.properties.insert(name.clone(), shape.unlisted(name));
        }
    }
    shape
}
