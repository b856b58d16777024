//! A document in the names that it had before a revision, and a pointer into it likewise.
//!
//! What was renamed inside of something renamed comes first on the way back, and last on the way
//! forward: so each pointer is that of the newer document down to the last step.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::dropped::Dropped;
use super::rename::{Kind, Rename};
use super::schemas::{NoPlace, each_schema, is_object, is_word_list, no_place};
use crate::document::{child, reference};
use crate::error::Problem;
use crate::{identifiers, pointer};

/// What one revision renamed in a document, place by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Respelling {
    pub since: String,
    /// Of properties, by the pointers of their objects in the newer document; the innermost first.
    pub fields: Vec<Name>,
    /// Of words, by the pointers of their schemas in the newer document.
    pub words: Vec<Name>,
    /// Of properties, by the pointers of the objects with both places: without the other renames.
    pub moves: Vec<Moved>,
    pub schemas: Vec<(String, String)>,
    pub drops: Vec<Dropped>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub at: String,
    pub old: String,
    pub new: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub at: String,
    pub old: Vec<String>,
    pub new: Vec<String>,
    /// The pointers of both places.
    pub from: String,
    pub to: String,
    /// Whether the object at its new place requires it.
    pub is_required: bool,
}

/// The renames by revision, the oldest first, with the document as it was before all of them.
pub fn undo_all(document: &Value, renames: &[Rename]) -> Result<(Value, Vec<Respelling>), Problem> {
    Ok(try_undo_all(document, renames)?)
}

fn try_undo_all(
    document: &Value,
    renames: &[Rename],
) -> Result<(Value, Vec<Respelling>), Box<NoPlace>> {
    let dates: BTreeSet<_> = renames.iter().map(|it| it.revision.clone()).collect();
    let mut document = document.clone();
    let mut respellings = Vec::new();
    for date in dates.into_iter().rev() {
        let own: Vec<_> = renames.iter().filter(|it| it.revision == date).collect();
        let respelling = Respelling::undo(&mut document, &date, &own)?;
        respellings.insert(0, respelling);
    }
    Ok((document, respellings))
}

/// A rename that a document can't be taken back over.
pub use super::schemas::NoPlace as Ended;

/// The renames that held before a revision and don't in its document.
pub fn ended(document: &Value, renames: &[Rename], date: &str) -> Vec<Ended> {
    let mut holding = renames.to_vec();
    let mut ended = Vec::new();
    while let Err(stuck) = try_undo_all(document, &holding) {
        if *stuck.rename.revision >= *date || stuck.rename.kind == Kind::Drop {
            break;
        }
        holding.retain(|it| *it != stuck.rename);
        ended.push(*stuck);
    }
    ended
}

/// What a pointer was before all of them.
pub fn backward_all(respellings: &[Respelling], pointer: &str) -> String {
    respellings.iter().rev().fold(pointer.to_owned(), |it, respelling| respelling.backward(&it))
}

impl Respelling {
    /// Takes the document back, and remembers how.
    fn undo(document: &mut Value, since: &str, renames: &[&Rename]) -> Result<Self, Box<NoPlace>> {
        let mut it = Self { since: since.to_owned(), ..Self::default() };
        let of = |kind: Kind| renames.iter().filter(move |rename| rename.kind == kind);
        for rename in of(Kind::Value) {
            it.words.extend(places(document, rename, is_word_list)?);
        }
        for rename in of(Kind::Property) {
            it.fields.extend(places(document, rename, is_object)?);
        }
        it.fields.sort_by_key(|name| std::cmp::Reverse(name.at.len()));
        for name in &it.words {
            reword(document, &name.at, &name.new, &name.old);
        }
        for name in &it.fields {
            rename_property(document, &name.at, &name.new, &name.old);
        }
        for rename in of(Kind::Move) {
            it.move_back(document, rename)?;
        }
        for rename in of(Kind::Schema) {
            if [&rename.old, &rename.new].into_iter().all(|it| has_schema(document, it)) {
                return Err(no_place(rename, true));
            }
            rename_schema(document, &rename.new, &rename.old);
            it.schemas.push((rename.old.clone(), rename.new.clone()));
        }
        for rename in of(Kind::Drop) {
            it.drops.extend(Dropped::bring_back(document, rename)?);
        }
        Ok(it)
    }

    /// Takes an older document forward.
    pub fn redo(&self, document: &mut Value) {
        self.drops.iter().for_each(|it| it.take_out(document));
        for (old, new) in &self.schemas {
            rename_schema(document, old, new);
        }
        // A component that several objects share has it for all of them.
        let mut taken = BTreeMap::new();
        for moved in self.moves.iter().rev() {
            if let Some(property) = document.pointer(&moved.from) {
                taken.insert(&moved.from, property.clone());
            } else if let Some(property) = taken.get(&moved.from) {
                put(document, &moved.at, &moved.old, property.clone());
            }
            relocate(document, &moved.at, &moved.old, &moved.new);
            if let (true, Some((parent, name))) =
                (moved.is_required, place(document, &moved.at, &moved.new, false))
                && let Some(Value::Array(required)) =
                    document.pointer_mut(&child(&parent, "required"))
                && !required.contains(&json!(name))
            {
                required.push(json!(name));
            }
        }
        for name in self.fields.iter().rev() {
            rename_property(document, &name.at, &name.old, &name.new);
        }
        for name in &self.words {
            reword(document, &name.at, &name.old, &name.new);
        }
    }

    /// What a pointer of the newer document was in the older one.
    pub fn backward(&self, pointer: &str) -> String {
        let mut pointer = self.backward_names(pointer);
        for moved in &self.moves {
            pointer = replaced(&pointer, &moved.to, &moved.from);
        }
        self.backward_schemas(&pointer)
    }

    /// The same if only words and properties were renamed.
    fn backward_names(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        for Name { at, old, new } in &self.words {
            let list = child(at, "enum");
            if pointer == child(&list, new) {
                pointer = child(&list, old);
            }
        }
        for Name { at, old, new } in &self.fields {
            let properties = child(at, "properties");
            pointer = replaced(&pointer, &child(&properties, new), &child(&properties, old));
        }
        pointer
    }

    /// The same if only components were renamed.
    pub(super) fn backward_schemas(&self, pointer: &str) -> String {
        let of = |name: &str| child("/components/schemas", name);
        let schemas = self.schemas.iter();
        schemas.fold(pointer.to_owned(), |it, (old, new)| replaced(&it, &of(new), &of(old)))
    }

    fn move_back(&mut self, document: &mut Value, rename: &Rename) -> Result<(), Box<NoPlace>> {
        let (old, new) = (path(&rename.old), path(&rename.new));
        let mut objects = Vec::new();
        each_schema(document, &mut |schema, pointer| {
            if is_object(schema) {
                objects.push(pointer.to_owned());
            }
        });
        if let Some(at) = &rename.at {
            let before = self.backward_names(at);
            objects.retain(|it| *it == before);
        }
        let (mut found, mut is_taken) = (false, false);
        for at in objects {
            let new = self.spelled_before(document, &at, &new);
            let has = |path: &[String]| place(document, &at, path, true).is_some();
            // A component that several objects share has it back already.
            let before = property_at(document, &at, &old);
            let is_back = self.moves.iter().any(|moved| moved.from == before);
            if !has(&new) || has(&old) && !is_back {
                is_taken |= has(&new);
                continue;
            }
            let to = property_at(document, &at, &new);
            let is_required = relocate(document, &at, &new, &old);
            let from = property_at(document, &at, &old);
            self.moves.push(Moved { at, old: old.clone(), new, from, to, is_required });
            found = true;
        }
        if found { Ok(()) } else { Err(no_place(rename, is_taken)) }
    }

    /// A path whose containers may have been renamed by the same revision.
    fn spelled_before(&self, document: &Value, at: &str, path: &[String]) -> Vec<String> {
        let mut spelled: Vec<String> = Vec::new();
        for name in path {
            let mut with = spelled.clone();
            with.push(name.clone());
            let older = self.fields.iter().find(|field| field.new == *name);
            match older {
                Some(older) if place(document, at, &with, true).is_none() => {
                    spelled.push(older.old.clone());
                }
                _ => spelled = with,
            }
        }
        spelled
    }
}

fn replaced(pointer: &str, from: &str, to: &str) -> String {
    match pointer.strip_prefix(from) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{to}{rest}"),
        _ => pointer.to_owned(),
    }
}

/// The schemas that a rename is about, in the newer document.
fn places(
    document: &Value,
    rename: &Rename,
    is_kind: fn(&Value) -> bool,
) -> Result<Vec<Name>, Box<NoPlace>> {
    let Rename { kind, old, new, .. } = rename;
    let has = |schema: &Value, name: &str| match kind {
        Kind::Value => schema["enum"].as_array().is_some_and(|words| words.contains(&json!(name))),
        _ => schema["properties"].get(name).is_some(),
    };
    let mut found = Vec::new();
    let mut is_taken = false;
    each_schema(document, &mut |schema, pointer| {
        let is_there = rename.at.as_deref().is_none_or(|at| at == pointer);
        if !is_there || !is_kind(schema) || !has(schema, new) {
            return;
        }
        if has(schema, old) {
            is_taken = true;
        } else {
            found.push(Name { at: pointer.to_owned(), old: old.clone(), new: new.clone() });
        }
    });
    if found.is_empty() { Err(no_place(rename, is_taken)) } else { Ok(found) }
}

fn rename_property(document: &mut Value, at: &str, from: &str, to: &str) {
    let Some(schema) = document.pointer_mut(at) else { return };
    if let Some(properties) = schema["properties"].as_object_mut()
        && let Some(property) = properties.remove(from)
    {
        properties.insert(to.to_owned(), property);
    }
    for name in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if *name == from {
            *name = json!(to);
        }
    }
}

fn reword(document: &mut Value, at: &str, from: &str, to: &str) {
    let words = document.pointer_mut(&child(at, "enum")).and_then(Value::as_array_mut);
    for word in words.into_iter().flatten().filter(|word| **word == from) {
        *word = json!(to);
    }
}

fn has_schema(document: &Value, name: &str) -> bool {
    document["components"]["schemas"].get(name).is_some()
}

fn rename_schema(document: &mut Value, from: &str, to: &str) {
    if let Some(schemas) = document["components"]["schemas"].as_object_mut()
        && let Some(schema) = schemas.remove(from)
    {
        schemas.insert(to.to_owned(), schema);
    }
    identifiers::refer(document, &BTreeMap::from([(from.to_owned(), to.to_owned())]));
}

/// The object that holds the end of a path, and the property's name there. The property may
/// be required to be there.
fn place<'p>(
    document: &Value,
    at: &str,
    path: &'p [String],
    is_there: bool,
) -> Option<(String, &'p str)> {
    let (name, containers) = path.split_last()?;
    let mut object = at.to_owned();
    for container in containers {
        let property = child(&child(&object, "properties"), container);
        object = object_of(document, &property)?;
    }
    let has = document.pointer(&child(&object, "properties"))?.get(name).is_some();
    (has || !is_there).then_some((object, name))
}

/// Whether a path of properties leads from an object to one that is there.
pub(super) fn has_path(document: &Value, at: &str, names: &str) -> bool {
    place(document, at, &path(names), true).is_some()
}

/// The pointer of the property that a path of properties leads to from an object.
pub(super) fn property_of(document: &Value, at: &str, names: &str) -> Option<String> {
    let names = path(names);
    let (object, name) = place(document, at, &names, true)?;
    Some(child(&child(&object, "properties"), name))
}

fn path(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

/// The pointer of a property that is there.
fn property_at(document: &Value, at: &str, path: &[String]) -> String {
    let place = place(document, at, path, true);
    place.map(|(object, name)| child(&child(&object, "properties"), name)).unwrap_or_default()
}

/// The object that a property is, through references.
pub(super) fn object_of(document: &Value, pointer: &str) -> Option<String> {
    let mut pointer = pointer.to_owned();
    for _ in 0..64 {
        let schema = document.pointer(&pointer)?;
        if let Some(component) = reference(schema) {
            pointer = component.pointer();
        } else if schema["properties"].is_object() {
            return Some(pointer);
        } else {
            pointer = child(&child(&pointer, "allOf"), "0");
        }
    }
    None
}

/// Takes a property to another place, whose containers are made where they aren't, and says
/// whether it was required. Those that are left without anything are taken away.
fn relocate(document: &mut Value, at: &str, from: &[String], to: &[String]) -> bool {
    let Some((holder, name)) = place(document, at, from, true) else { return false };
    let Some(object) = document.pointer_mut(&holder) else { return false };
    let property = object["properties"].as_object_mut().and_then(|them| them.remove(name));
    let mut is_required = false;
    if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
        is_required = required.contains(&json!(name));
        required.retain(|it| it != name);
    }
    if let Some(property) = property {
        put(document, at, to, property);
    }
    if from.len() > 1 {
        remove_made(document, at, &from[..from.len() - 1]);
    }
    is_required
}

fn put(document: &mut Value, at: &str, path: &[String], property: Value) {
    make_containers(document, at, path);
    if let Some((holder, name)) = place(document, at, path, false)
        && let Some(object) = document.pointer_mut(&holder)
    {
        object["properties"][name] = property;
    }
}

fn make_containers(document: &mut Value, at: &str, path: &[String]) {
    let mut object = at.to_owned();
    for container in &path[..path.len() - 1] {
        let property = child(&child(&object, "properties"), container);
        if document.pointer(&property).is_none()
            && let Some(properties) = document.pointer_mut(&child(&object, "properties"))
        {
            properties[container] = made();
        }
        let Some(inner) = object_of(document, &property) else { return };
        object = inner;
    }
}

fn remove_made(document: &mut Value, at: &str, path: &[String]) {
    let Some((holder, name)) = place(document, at, path, true) else { return };
    let properties = child(&holder, "properties");
    if let Some(Value::Object(properties)) = document.pointer_mut(&properties)
        && properties.get(name) == Some(&made())
    {
        properties.remove(name);
    }
}

fn made() -> Value {
    json!({"type": "object", "properties": {}})
}

/// The steps of a pointer.
pub(super) fn steps(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(pointer::key)
}
