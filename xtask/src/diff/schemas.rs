//! The part of the walk that is about schemas.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::{Kind, pair};
use super::rules::{self, Direction, Rule};
use super::walk::{At, Comparison, both, keys};
use crate::document::child;
use crate::node::{Node, Property};

impl<'a> Comparison<'a> {
    pub(super) fn schemas(&mut self, old: &Node<'a>, new: &Node<'a>, way: Direction) {
        if !self.seen.insert((old.pointer.clone(), new.pointer.clone(), way)) {
            return;
        }
        let at = At { pointer: &new.pointer, way };
        self.texts(old.schema, new.schema, at);
        match (old.kind(), new.kind()) {
            (before, after) if before == after => self.same_kind(old, new, at),
            ("integer", "number") => self.number(&rules::NUMBER_WIDENED, old, new, at),
            ("number", "integer") => self.number(&rules::NUMBER_NARROWED, old, new, at),
            _ => self.other_kind(old, new, at),
        }
    }

    /// No difference on the wire, but the generated types are called by it.
    fn schema_name(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        let (Some(before), Some(after)) = (&old.name, &new.name) else {
            return;
        };
        let has = |document: &Value, name| document["components"]["schemas"].get(name).is_some();
        if before != after && !has(self.new, before) && !has(self.old, after) {
            self.report(&rules::SCHEMA_RENAMED, at, Some(before), Some(after));
        }
    }

    fn number(&mut self, rule: &'static Rule, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        self.report(rule, at, Some(old.kind()), Some(new.kind()));
        self.limits(old.schema, new.schema, at);
        self.flags(old.schema, new.schema, at);
    }

    fn same_kind(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        self.format(old.schema, new.schema, at);
        self.limits(old.schema, new.schema, at);
        self.flags(old.schema, new.schema, at);
        self.words(old, new, at);
        if old.kind() == "object" {
            return self.object(old, new, at);
        }
        self.schema_name(old, new, at);
        if old.kind() == "choice" {
            self.branches(old, new, at);
        } else if let (Some(old), Some(new)) = (old.element(), new.element()) {
            self.schemas(&old, &new, at.way);
        }
    }

    /// What a list, a map and a single value hold is compared all the same.
    fn other_kind(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        let (before, after) = (old.described(), new.described());
        let place = At { pointer: &new.site, ..at };
        self.report(&rules::TYPE_CHANGED, place, Some(&before), Some(&after));
        let is_container = |node: &Node<'_>| matches!(node.kind(), "array" | "map");
        let inner = |node: &Node<'a>| if is_container(node) { node.element() } else { None };
        let (old, new) = (inner(old).unwrap_or(old.clone()), inner(new).unwrap_or(new.clone()));
        if old.kind() == new.kind() {
            self.schemas(&old, &new, at.way);
        }
    }

    fn branches(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        let (before, after) = (old.branches(), new.branches());
        for name in keys(&before).union(&keys(&after)) {
            match (before.get(name), after.get(name)) {
                (Some(old), Some(new)) => self.schemas(old, new, at.way),
                (_, None) => self.report(&rules::CHOICE_REMOVED, at, Some(name), None),
                (None, _) => self.report(&rules::CHOICE_ADDED, at, None, Some(name)),
            }
        }
    }

    fn words(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        let (before, after) = match (old.words(), new.words()) {
            (None, None) => return,
            (None, Some(_)) => return self.report(&rules::VALUES_LISTED, at, None, None),
            (Some(_), None) => return self.report(&rules::VALUES_OPEN, at, None, None),
            (Some(before), Some(after)) => (before, after),
        };
        let pairs = pair(&before, &after, self.renames, Kind::Value, |_, _| true);
        let place = |node: &Node<'_>, word: &str| child(&child(&node.pointer, "enum"), word);
        for word in &pairs.removed {
            let at = At { pointer: &place(old, word), ..at };
            self.report(&rules::VALUE_REMOVED, at, Some(word), None);
        }
        for word in &pairs.added {
            let at = At { pointer: &place(new, word), ..at };
            self.report(&rules::VALUE_ADDED, at, None, Some(word));
        }
        for (word, renamed, evidence) in &pairs.renamed {
            let at = At { pointer: &place(new, renamed), ..at };
            self.report(&rules::VALUE_RENAMED, at, Some(word), Some(renamed));
            self.note(evidence.note());
        }
    }

    fn object(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        self.unknown(old.schema, new.schema, at);
        self.moves(old, new, at);
        let free = |node: &Node<'a>| -> BTreeSet<String> {
            let properties = node.properties.iter();
            let free = properties.filter(|(_, property)| !self.moved.contains(&property.pointer));
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

    fn properties(
        &mut self,
        (old, before): (&Node<'a>, &BTreeSet<String>),
        (new, after): (&Node<'a>, &BTreeSet<String>),
        at: At<'_>,
    ) {
        let pairs = pair(before, after, self.renames, Kind::Property, |before, after| {
            alike(old.property(before).as_ref(), new.property(after).as_ref())
        });
        for name in &pairs.removed {
            let property = &old.properties[name];
            let at = At { pointer: &property.pointer, ..at };
            self.report(&rules::PROPERTY_REMOVED, at, Some(name), None);
            self.keep(old.of(property));
        }
        self.added(new, pairs.added.iter(), at);
        for (name, renamed, evidence) in &pairs.renamed {
            let at = At { pointer: &new.properties[renamed].pointer, ..at };
            self.report(&rules::PROPERTY_RENAMED, at, Some(name), Some(renamed));
            self.note(evidence.note());
        }
        for (name, renamed) in both(&pairs) {
            self.property((old, &old.properties[name]), (new, &new.properties[renamed]), at.way);
        }
    }

    fn property(
        &mut self,
        (old, before): (&Node<'a>, &Property<'a>),
        (new, after): (&Node<'a>, &Property<'a>),
        way: Direction,
    ) {
        self.required(before.required, after.required, At { pointer: &after.pointer, way });
        self.schemas(&old.of(before), &new.of(after), way);
    }

    fn added<'n>(&mut self, new: &Node<'a>, names: impl Iterator<Item = &'n String>, at: At<'_>) {
        for name in names {
            let property = &new.properties[name];
            let rule = if property.required {
                &rules::REQUIRED_PROPERTY_ADDED
            } else {
                &rules::PROPERTY_ADDED
            };
            self.report(rule, At { pointer: &property.pointer, ..at }, None, Some(name));
            self.keep(new.of(property));
        }
    }

    /// Moves that are listed, from the object that contains both places.
    fn moves(&mut self, old: &Node<'a>, new: &Node<'a>, at: At<'_>) {
        let renames = self.renames;
        for (from, to) in renames.moves() {
            let into_itself = to.starts_with(&format!("{from}/"));
            let (Some(before), Some(after)) = (old.at(from), new.at(to)) else {
                continue;
            };
            if old.at(to).is_some() || new.at(from).is_some() && !into_itself {
                continue;
            }
            self.moved.extend([before.pointer.clone(), after.pointer.clone()]);
            let place = At { pointer: &after.pointer, ..at };
            self.report(&rules::PROPERTY_MOVED, place, Some(from), Some(to));
            self.note("listed");
            self.property((old, &before), (new, &after), at.way);
            if let (true, Some(wrapper)) = (into_itself, new.properties.get(from)) {
                self.moved.insert(wrapper.pointer.clone());
                let place = At { pointer: &wrapper.pointer, ..at };
                self.required(before.required, wrapper.required, place);
                let wrapper = new.of(wrapper);
                let others = wrapper.properties.iter().filter(|(_, p)| p.pointer != after.pointer);
                let others: Vec<_> = others.map(|(name, _)| name.clone()).collect();
                self.added(&wrapper, others.iter(), at);
            }
        }
    }

    /// The property that most of what was here before is in now, and nothing of it is left here.
    fn wrapped(&self, before: &BTreeSet<String>, new: &Node<'a>) -> Option<(Node<'a>, String)> {
        let candidates: Vec<_> =
            before.iter().map(|name| self.renames.candidates(Kind::Property, name)).collect();
        let stayed = candidates.iter().flatten().any(|name| new.properties.contains_key(name));
        if stayed || before.is_empty() {
            return None;
        }
        new.properties.iter().find_map(|(name, property)| {
            let inner = new.of(property);
            let is_in =
                |names: &&Vec<String>| names.iter().any(|name| inner.properties.contains_key(name));
            let found = candidates.iter().filter(is_in).count();
            (found * 2 > before.len()).then(|| (inner, name.clone()))
        })
    }
}

/// Whether a property can be the other one under another name: one kind, or a list of it.
pub(super) fn alike(old: Option<&Node<'_>>, new: Option<&Node<'_>>) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return false;
    };
    let bare = |node: &Node<'_>| match node.kind() {
        "array" => node.element().map_or("any", |items| items.kind()),
        "integer" => "number",
        kind => kind,
    };
    let shared = |old: BTreeSet<String>, new: BTreeSet<String>| {
        old.is_empty() || new.is_empty() || old.intersection(&new).next().is_some()
    };
    let words = |node: &Node<'_>| node.words().into_iter().flatten().collect();
    bare(old) == bare(new)
        && shared(keys(&old.properties), keys(&new.properties))
        && shared(words(old), words(new))
}
