//! How an operation's request differs from revision to revision, for the generated client: what is called otherwise, and
//! what came later.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schemas::each_schema;
use super::spelling::{Respelling, property_of, undo_all};
use super::steps::{Step, steps};
use super::{Kind, Rename};
use crate::catalogue::{Api, Catalogue, Operation, Target};
use crate::document::child;
use crate::error::Result;
use crate::interface::request_shape;
use crate::pointer;
use crate::revision::corrected;
use crate::workspace::Workspace;

/// Those of one operation.
#[derive(Debug, Default)]
pub struct Changes {
    /// From the names of the Rust code to those of today.
    pub renames: Vec<Step>,
    /// From the names of the api's first revision to those of the Rust code.
    pub earlier: Vec<Step>,
    pub added: Vec<Added>,
}

/// A property or a word that a revision was the first to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    pub since: String,
    /// The path of the object or of the text, in the names of the Rust code: `[]` is each item, `*` each entry.
    pub place: Vec<String>,
    pub name: String,
}

/// The revisions of an api up to the one that its client is made from.
#[derive(Debug, Default)]
pub struct History {
    /// Each in the names of the Rust code, the oldest first.
    documents: Vec<(String, Value)>,
    first: Value,
    earlier: Vec<Respelling>,
}

impl History {
    pub fn new(
        workspace: &Workspace,
        catalogue: &Catalogue,
        (api, target): (Api, &Target),
        renames: &[Rename],
    ) -> Result<Self> {
        // An ended rename: what the oldest documents have by the name is another thing than what has it now.
        let is_ended =
            |it: &&Rename| it.revision <= target.revision && !it.holds_in(&target.revision);
        let ended: Vec<_> = renames.iter().filter(|it| it.api == api).filter(is_ended).collect();
        let read = |date: &str| corrected(workspace, catalogue, api, date).map(|(it, _)| it);
        let between = |after: &str, until: &str| -> Vec<Rename> {
            let own = renames.iter().filter(|it| it.api == api && it.holds_in(&target.revision));
            own.filter(|it| *it.revision > *after && *it.revision <= *until).cloned().collect()
        };
        let named = target.names.as_ref().unwrap_or(&target.revision);
        let at_names = read(named)?;
        let mut history = Self::default();
        for date in catalogue.dates(api).into_iter().filter(|date| **date <= *target.revision) {
            let mut document = read(date)?;
            if *date < **named {
                let (_, respellings) = undo_all(&at_names, &between(date, named))?;
                for it in &respellings {
                    it.redo(&mut document);
                }
            } else {
                document = undo_all(&document, &between(named, date))?.0;
            }
            let another = ended.iter().filter(|it| date < it.revision.as_str());
            another.for_each(|it| forget(&mut document, it));
            history.documents.push((date.to_owned(), document));
        }
        let first = history.documents.first().map_or(named, |(date, _)| date);
        (history.first, history.earlier) = undo_all(&at_names, &between(first, named))?;
        Ok(history)
    }

    pub fn dates(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().map(|(date, _)| date.as_str())
    }

    /// The steps before the names of the Rust code, and what came when.
    pub fn changes(&self, operation: &Operation, renames: Vec<Step>) -> Changes {
        let shapes = self.documents.iter();
        let shapes = shapes.map(|(date, document)| (&**date, request_shape(document, operation)));
        let earlier = steps(&self.first, &self.earlier, operation).request;
        let mut added = added(shapes);
        added.retain(|it| !earlier.iter().any(|step| is_renamed(it, step)));
        Changes { renames, earlier, added }
    }
}

/// Takes what a rename gave another name out of a document from before it.
fn forget(document: &mut Value, Rename { kind, old, at, .. }: &Rename) {
    let mut places = Vec::new();
    each_schema(document, &mut |_, pointer| {
        if at.as_deref().is_none_or(|at| at == pointer) {
            places.push(pointer.to_owned());
        }
    });
    for place in places {
        match kind {
            Kind::Property => remove(document, &child(&child(&place, "properties"), old)),
            Kind::Move => {
                let property = property_of(document, &place, old);
                if let Some(property) = property {
                    remove(document, &property);
                }
            }
            Kind::Value => {
                let words = document.pointer_mut(&child(&place, "enum"));
                let words = words.and_then(Value::as_array_mut);
                if let Some(words) = words {
                    words.retain(|word| word != old);
                }
            }
            _ => {}
        }
    }
}

fn remove(document: &mut Value, property: &str) {
    let Some((holder, name)) = property.rsplit_once('/') else { return };
    if let Some(properties) = document.pointer_mut(holder).and_then(Value::as_object_mut) {
        properties.remove(&pointer::key(name));
    }
}

/// Whether it only seems to be new: the schemas of the two revisions may stand in other places, so that the older
/// document couldn't be taken forward.
fn is_renamed(it: &Added, step: &Step) -> bool {
    step.since == it.since
        && step.new.last() == Some(&it.name)
        && step.place.last() == it.place.last()
}

/// What the shapes of revisions, the oldest first, have that none before had.
pub fn added<'a>(shapes: impl IntoIterator<Item = (&'a str, Value)>) -> Vec<Added> {
    let mut shapes = shapes.into_iter();
    let Some((_, mut known)) = shapes.next() else { return Vec::new() };
    let mut found = Vec::new();
    for (since, shape) in shapes {
        let mut walk = Walk { since, found: &mut found };
        walk.compare(&known, &shape, &[]);
        merge(&mut known, shape);
    }
    found
}

struct Walk<'a> {
    since: &'a str,
    found: &'a mut Vec<Added>,
}

impl Walk<'_> {
    fn compare(&mut self, known: &Value, shape: &Value, place: &[String]) {
        if let (Some(known), Some(shape)) = (known.as_object(), shape.as_object()) {
            self.fields(known, shape, place);
        } else if let (Some(known), Some(words)) = (known.as_str(), shape.as_str()) {
            self.words(known, words, place);
        }
    }

    fn fields(&mut self, known: &Map<String, Value>, shape: &Map<String, Value>, place: &[String]) {
        for (name, inner) in shape {
            match known.get(name).filter(|known| is_alike(known, inner)) {
                Some(known) => self.compare(known, inner, &below(place, name)),
                None => self.push(place, name),
            }
        }
    }

    /// A text that can be anything has no words.
    fn words(&mut self, known: &str, words: &str, place: &[String]) {
        let known: BTreeSet<_> = known.split_whitespace().collect();
        let new = words.split_whitespace().filter(|word| !known.contains(word));
        if !known.is_empty() {
            new.for_each(|word| self.push(place, word));
        }
    }

    fn push(&mut self, place: &[String], name: &str) {
        let (since, place) = (self.since.to_owned(), place.to_vec());
        self.found.push(Added { since, place, name: name.to_owned() });
    }
}

fn below(place: &[String], name: &str) -> Vec<String> {
    [place, &[name.to_owned()]].concat()
}

/// Whether both are objects, lists, maps or texts: what changed its type is another thing.
fn is_alike(one: &Value, other: &Value) -> bool {
    let kind = |shape: &Value| {
        let has = |name| shape.get(name).is_some();
        (shape.is_object(), has("[]"), has("*"))
    };
    kind(one) == kind(other)
}

fn merge(known: &mut Value, shape: Value) {
    match (known, shape) {
        (Value::Object(known), Value::Object(shape)) => {
            for (name, inner) in shape {
                match known.get_mut(&name).filter(|known| is_alike(known, &inner)) {
                    Some(known) => merge(known, inner),
                    None => {
                        known.insert(name, inner);
                    }
                }
            }
        }
        (Value::String(known), Value::String(words)) if !known.is_empty() => {
            known.push(' ');
            known.push_str(&words);
        }
        (known, shape) => *known = shape,
    }
}
