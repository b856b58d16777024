//! What a property is called on the wire and was called before, carried through the lowering in
//! its text: the lowering has rules for schemas, and may put a property anywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::spelling::{Respelling, backward_all, each_schema, steps};
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
    each_schema(newer, &mut |schema, pointer| {
        let properties = schema["properties"].as_object().into_iter().flatten();
        for (name, _) in properties {
            let place = child(&child(pointer, "properties"), name);
            let spellings = spellings(respellings, &place);
            let Some((first, last)) = spellings.split_first() else { continue };
            let is_renamed = last.iter().any(|it| name_of(it) != name_of(first));
            let is_moved = respellings
                .iter()
                .zip(&spellings)
                .any(|(respelling, it)| respelling.moves.iter().any(|moved| moved.from == *it));
            if is_renamed && !is_moved {
                let mark = marks.entry(first.clone()).or_default();
                mark.wire = Some(name.clone()).filter(|_| *name != name_of(first));
                mark.between = last.iter().map(|it| name_of(it)).collect();
                mark.between.retain(|it| it != name);
            }
        }
    });
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
    each_schema(newer, &mut |schema, pointer| {
        let words = schema["enum"].as_array().into_iter().flatten();
        for word in words.filter_map(Value::as_str) {
            let spellings = spellings(respellings, &child(&child(pointer, "enum"), word));
            let first = name_of(&spellings[0]);
            let mut later: Vec<_> = spellings.iter().map(|it| name_of(it)).collect();
            later.retain(|it| *it != first);
            later.dedup();
            if !later.is_empty() {
                lists.entry(backward_all(respellings, pointer)).or_default().insert(first, later);
            }
        }
    });
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
