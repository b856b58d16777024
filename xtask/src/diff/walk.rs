//! The walk over one operation of two documents, in the places that a client sees: here the
//! operation, then `parameters`, `content` and what `schemas` leads to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::difference::Difference;
use super::names::{Evidence, Pairs, Renames};
use super::rules::{self, Direction, Rule};
use super::shape::Shape;
use crate::document::child;
use crate::node::plain;

/// An operation and where it is.
#[derive(Debug)]
pub(super) struct Operation<'a> {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) item: &'a Value,
    pub(super) value: &'a Value,
}

impl Operation<'_> {
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Whether it is at the place of another one. What a part of the path is called isn't sent.
    pub(super) fn is_at(&self, other: &Operation<'_>) -> bool {
        let place = |it: &Operation<'_>| (it.method.clone(), template(&it.path).0);
        place(self) == place(other)
    }

    pub(super) fn pointer(&self) -> String {
        child(&child("/paths", &self.path), &self.method)
    }
}

/// A difference, and what it takes to see that something has only moved.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) difference: Difference,
    pub(super) name: String,
    pub(super) node: Option<Shape<'a>>,
}

/// What applies in the older document, in the newer one, and the way it travels.
pub(super) type Pair = (Vec<String>, Vec<String>, Direction);

pub(super) struct Comparison<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    pub(super) renames: &'a Renames,
    pub(super) with_texts: bool,
    pub(super) operation: String,
    /// Pairs of schemas, so that what contains itself is entered once.
    pub(super) seen: BTreeSet<Pair>,
    /// Pairs that must not be and are being compared.
    pub(super) negated: BTreeSet<Pair>,
    /// Places of properties that a listed move accounts for.
    pub(super) moved: BTreeSet<String>,
    /// Whether it is only to see how two schemas are to each other.
    pub(super) is_trial: bool,
    pub(super) found: Vec<Found<'a>>,
}

/// Where a difference is and which way it travels.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'p> {
    pub(super) pointer: &'p str,
    pub(super) way: Direction,
}

pub(super) const TEXTS: [&str; 7] =
    ["title", "summary", "description", "example", "examples", "externalDocs", "tags"];
const CONDITIONS: [&str; 2] = ["x-throttling-group", "x-app-permission"];

impl<'a> Comparison<'a> {
    pub(super) fn new(
        (old, new): (&'a Value, &'a Value),
        renames: &'a Renames,
        with_texts: bool,
        operation: &str,
    ) -> Self {
        Self {
            old,
            new,
            renames,
            with_texts,
            operation: operation.to_owned(),
            seen: BTreeSet::new(),
            negated: BTreeSet::new(),
            moved: BTreeSet::new(),
            is_trial: false,
            found: Vec::new(),
        }
    }

    pub(super) fn report(
        &mut self,
        rule: &'static Rule,
        at: At<'_>,
        old: Option<&str>,
        new: Option<&str>,
    ) {
        self.found.push(Found {
            difference: Difference {
                operations: vec![self.operation.clone()],
                pointer: at.pointer.to_owned(),
                direction: at.way,
                verdict: rule.verdict(at.way),
                rule,
                old: old.map(str::to_owned),
                new: new.map(str::to_owned),
                note: None,
                is_certain: false,
            },
            name: old.or(new).unwrap_or_default().to_owned(),
            node: None,
        });
    }

    pub(super) fn note(&mut self, note: &str) {
        if let Some(last) = self.found.last_mut() {
            last.difference.note = Some(note.to_owned());
        }
    }

    pub(super) fn evidence(&mut self, evidence: Evidence) {
        self.note(evidence.note());
        if let Some(last) = self.found.last_mut() {
            last.difference.is_certain = evidence.is_certain();
        }
    }

    /// Keeps what was added or removed, to find it elsewhere.
    pub(super) fn keep(&mut self, node: Shape<'a>) {
        if let Some(last) = self.found.last_mut() {
            last.node = Some(node);
        }
    }

    pub(super) fn operation(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let pointer = new.pointer();
        let at = At { pointer: &pointer, way: Direction::Request };
        if old.id != new.id {
            self.report(&rules::OPERATION_RENAMED, at, Some(&old.id), Some(&new.id));
        }
        if !old.is_at(new) {
            self.report(&rules::PATH_CHANGED, at, Some(&old.line()), Some(&new.line()));
        }
        let item = child("/paths", &new.path);
        self.texts(old.item, new.item, At { pointer: &item, ..at });
        self.surroundings(old, new, at);
        self.conditions(old.value, new.value, at);
        self.texts(old.value, new.value, at);
        self.deprecation(old.value, new.value, at);
        self.parameters(old, new);
        self.body(old, new);
        self.responses(old, new);
    }

    fn conditions(&mut self, old: &Value, new: &Value, at: At<'_>) {
        for key in CONDITIONS {
            let say = |value: &Value| value.get(key).map(|it| format!("{key} {}", plain(it)));
            let (old, new) = (say(old), say(new));
            let rule = match (&old, &new) {
                (Some(_), Some(_)) => &rules::CONDITION_CHANGED,
                _ => &rules::CONDITION_STATED,
            };
            if old != new {
                self.report(rule, at, old.as_deref(), new.as_deref());
            }
        }
    }

    pub(super) fn texts(&mut self, old: &Value, new: &Value, at: At<'_>) {
        if !self.with_texts {
            return;
        }
        for key in TEXTS {
            if old.get(key) != new.get(key) {
                let pointer = child(at.pointer, key);
                self.report(&rules::TEXT_CHANGED, At { pointer: &pointer, ..at }, None, None);
            }
        }
    }

    /// A schema's own, and those of everything that it is composed of.
    pub(super) fn schema_texts(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) {
        if !self.with_texts {
            return;
        }
        for key in TEXTS {
            let all =
                |shape: &Shape<'a>| -> Vec<_> { shape.stated(key).map(|(text, _)| text).collect() };
            if all(old) != all(new) {
                let pointer = child(new.place(old, key), key);
                self.report(&rules::TEXT_CHANGED, At { pointer: &pointer, ..at }, None, None);
            }
        }
    }

    pub(super) fn deprecation(&mut self, old: &Value, new: &Value, at: At<'_>) {
        let (old, new) = (old["deprecated"] == true, new["deprecated"] == true);
        if old != new {
            self.deprecated(old, new, at);
        }
    }

    pub(super) fn deprecated(&mut self, old: bool, new: bool, at: At<'_>) {
        let say = |is_so| if is_so { "deprecated" } else { "not deprecated" };
        self.report(&rules::DEPRECATION_CHANGED, at, Some(say(old)), Some(say(new)));
    }

    pub(super) fn required(&mut self, old: bool, new: bool, at: At<'_>) {
        if old != new {
            let rule = if new { &rules::REQUIRED_NOW } else { &rules::OPTIONAL_NOW };
            self.report(rule, at, None, None);
        }
    }
}

/// A path without the names of its parameters, and these.
pub(super) fn template(path: &str) -> (String, Vec<String>) {
    let mut bare = String::new();
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, open)| Some((before, open.split_once('}')?)))
    {
        bare.push_str(before);
        bare.push_str("{}");
        names.push(name.to_owned());
        rest = after;
    }
    (bare + rest, names)
}

pub(super) fn members(value: &Value) -> BTreeMap<String, &Value> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value)).collect()
}

pub(super) fn keys<T>(map: &BTreeMap<String, T>) -> BTreeSet<String> {
    map.keys().cloned().collect()
}

pub(super) fn both(pairs: &Pairs) -> impl Iterator<Item = (&String, &String)> {
    let renamed = pairs.renamed.iter().map(|(old, new, _)| (old, new));
    pairs.same.iter().map(|name| (name, name)).chain(renamed)
}

impl From<Found<'_>> for Difference {
    fn from(found: Found<'_>) -> Self {
        found.difference
    }
}
