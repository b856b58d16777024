//! What a property is called on the wire and was called before, carried through the lowering in
//! its text: the lowering has rules for schemas, and may put a property anywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::dropped::Dropped;
use super::schemas::each_schema;
use super::spelling::{Respelling, backward_all, steps};
use crate::document::{child, reference};

/// No text of a document has it.
const BORDER: char = '\u{1}';

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The name of today, if it is another.
    pub wire: Option<String>,
    /// All that it was called between the name of the Rust code and that of today.
    pub between: Vec<String>,
    /// The words that it can have, as the Rust code has them, with those of today and before.
    pub words: BTreeMap<String, Vec<String>>,
}

/// A property of a lowered type that has a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub schema: String,
    pub property: String,
    pub mark: Mark,
}

/// Marks the properties of an older document, which have the names of the Rust code.
pub fn mark(older: &mut Value, newer: &Value, respellings: &[Respelling]) {
    let mut marks: BTreeMap<String, Mark> = BTreeMap::new();
    let mut mark_property = |place: &str, respellings: &[Respelling]| {
        if let Some((first, mark)) = of_property(place, respellings) {
            marks.insert(first, mark);
        }
    };
    each_schema(newer, &mut |schema, pointer| {
        let properties = schema["properties"].as_object().into_iter().flatten();
        for (name, _) in properties {
            mark_property(&child(&child(pointer, "properties"), name), respellings);
        }
    });
    for (drop, earlier) in dropped(respellings).filter(|(drop, _)| !drop.is_word) {
        mark_property(&child(&child(&drop.at, "properties"), &drop.name), earlier);
    }
    let words = words(newer, respellings);
    let all = older.clone();
    each_schema(&all, &mut |schema, pointer| {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let place = child(&child(pointer, "properties"), name);
            if let Some(words) = words.get(&schema_of(&all, property, &place)) {
                marks.entry(place).or_default().words = words.clone();
            }
        }
    });
    for (pointer, mark) in marks {
        if let Some(Value::Object(property)) = older.pointer_mut(&pointer) {
            add(property, &mark);
        }
    }
}

/// What was dropped, each with the renames before, and what it was called last.
fn dropped(respellings: &[Respelling]) -> impl Iterator<Item = (&Dropped, &[Respelling])> {
    let each = respellings.iter().enumerate();
    each.flat_map(move |(at, it)| it.drops.iter().map(move |drop| (drop, &respellings[..at])))
}

/// The pointer that a property had first, and its mark, if it was renamed.
fn of_property(place: &str, respellings: &[Respelling]) -> Option<(String, Mark)> {
    let spellings = spellings(respellings, place);
    let (first, later) = spellings.split_first()?;
    let (first_name, name) = (name_of(first), name_of(place));
    let is_renamed = later.iter().any(|it| name_of(it) != first_name);
    let is_moved = respellings
        .iter()
        .zip(&spellings)
        .any(|(respelling, it)| respelling.moves.iter().any(|moved| moved.from == *it));
    if !is_renamed || is_moved {
        return None;
    }
    let mut between: Vec<_> = later.iter().map(|it| name_of(it)).collect();
    between.retain(|it| *it != name);
    let wire = Some(name).filter(|name| *name != first_name);
    Some((first.clone(), Mark { wire, between, words: BTreeMap::new() }))
}

/// Takes the marks out of a lowered document.
pub fn take(lowered: &mut Value) -> Vec<Marked> {
    let mut marked = Vec::new();
    let schemas = lowered["components"]["schemas"].as_object_mut().into_iter().flatten();
    for (schema, value) in schemas {
        let properties = value["properties"].as_object_mut().into_iter().flatten();
        for (property, value) in properties {
            if let Some(mark) = value.as_object_mut().and_then(removed) {
                let (schema, property) = (schema.clone(), property.clone());
                marked.push(Marked { schema, property, mark });
            }
        }
    }
    marked
}

/// The pointer in the document of each revision, the oldest first, and last as it is.
fn spellings(respellings: &[Respelling], pointer: &str) -> Vec<String> {
    let firsts = (0..=respellings.len()).map(|at| backward_all(&respellings[at..], pointer));
    firsts.collect()
}

fn name_of(pointer: &str) -> String {
    steps(pointer).last().unwrap_or_default()
}

/// By the pointer of each list in the older document, its words there with their later spellings.
fn words(
    newer: &Value,
    respellings: &[Respelling],
) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let mut lists: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut add = |list: &str, word: &str, respellings: &[Respelling]| {
        let spellings = spellings(respellings, &child(&child(list, "enum"), word));
        let first = name_of(&spellings[0]);
        let mut later: Vec<_> = spellings.iter().map(|it| name_of(it)).collect();
        later.retain(|it| *it != first);
        later.dedup();
        if !later.is_empty() {
            lists.entry(backward_all(respellings, list)).or_default().insert(first, later);
        }
    };
    each_schema(newer, &mut |schema, pointer| {
        let words = schema["enum"].as_array().into_iter().flatten();
        words.filter_map(Value::as_str).for_each(|word| add(pointer, word, respellings));
    });
    for (drop, earlier) in dropped(respellings).filter(|(drop, _)| drop.is_word) {
        add(&drop.at, &drop.name, earlier);
    }
    lists
}

/// Where the schema of a property stands.
fn schema_of(document: &Value, property: &Value, pointer: &str) -> String {
    let (mut schema, mut pointer) = (property, pointer.to_owned());
    for _ in 0..64 {
        let Some(component) = reference(schema) else { break };
        let Some(found) = component.find(document) else { break };
        (schema, pointer) = (found, component.pointer());
    }
    pointer
}

fn add(property: &mut Map<String, Value>, mark: &Mark) {
    let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
    let marked = format!("{text}{BORDER}{}", json!(mark));
    property.insert("description".to_owned(), marked.into());
}

fn removed(property: &mut Map<String, Value>) -> Option<Mark> {
    let marked = property.get("description")?.as_str()?.to_owned();
    let (text, mark) = marked.split_once(BORDER)?;
    if text.is_empty() {
        property.remove("description");
    } else {
        property.insert("description".to_owned(), text.into());
    }
    serde_json::from_str(mark).ok()
}
