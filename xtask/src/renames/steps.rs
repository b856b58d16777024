//! What a revision renamed in the bodies of an operation, place by place in JSON: for who writes or reads a body in
//! the names of another revision.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::spelling::{Name, Respelling};
use crate::catalogue::Operation;
use crate::document::{child, reference, resolve};
use crate::lower::successes;

/// One rename in a body.
/// In the order in which they are done: drops and words first, so that every path is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// What is there no longer: a property of the object, or the text itself.
    Drop,
    Word,
    Move,
    Name,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Step {
    pub since: String,
    pub kind: StepKind,
    /// The path of the object or of the text, in the names before this revision: `[]` is each item, `*` each entry.
    pub place: Vec<String>,
    /// From there, in the same names, but for a new name's own.
    pub old: Vec<String>,
    pub new: Vec<String>,
}

/// The steps from the oldest names to those of today.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Steps {
    pub request: Vec<Step>,
    pub response: Vec<Step>,
}

/// Those of an operation, by the document of each revision and what it renamed.
pub fn steps(older: &Value, respellings: &[Respelling], operation: &Operation) -> Steps {
    let mut steps = Steps::default();
    let mut document = older.clone();
    for respelling in respellings {
        let place = &document["paths"][&operation.path][&operation.method];
        let response = successes(&place["responses"]).next().map(|(_, response)| response);
        steps.request.extend(of_body(&document, respelling, &place["requestBody"]));
        steps.response.extend(of_body(&document, respelling, response.unwrap_or(&Value::Null)));
        respelling.redo(&mut document);
    }
    steps
}

/// Words first and the innermost names next, so that every path is still there.
fn of_body(document: &Value, respelling: &Respelling, holder: &Value) -> Vec<Step> {
    let content = resolve(document, holder)["content"].as_object();
    let Some(media) = content.and_then(|content| content.values().next()) else {
        return Vec::new();
    };
    let mut walk = Walk { document, respelling, inside: Vec::new(), found: BTreeSet::new() };
    // An inline schema of a body has no renames of its own.
    walk.schema(&media["schema"], "", &[]);
    let mut found: Vec<_> = walk.found.into_iter().collect();
    found.sort_by_key(|step| (step.kind, std::cmp::Reverse(step.place.len())));
    found
}

struct Walk<'a> {
    document: &'a Value,
    respelling: &'a Respelling,
    inside: Vec<String>,
    found: BTreeSet<Step>,
}

impl Walk<'_> {
    fn schema(&mut self, schema: &Value, pointer: &str, path: &[String]) {
        if let Some(component) = reference(schema) {
            let pointer = component.pointer();
            if let (Some(target), false) =
                (component.find(self.document), self.inside.contains(&pointer))
            {
                self.inside.push(pointer.clone());
                self.schema(target, &pointer, path);
                self.inside.pop();
            }
            return;
        }
        self.own(pointer, path);
        let below = |name: &str| [path, &[name.to_owned()]].concat();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let pointer = child(&child(pointer, "properties"), name);
            self.schema(property, &pointer, &below(name));
        }
        for (key, name) in [("items", "[]"), ("additionalProperties", "*")] {
            if let Some(inner) = schema.get(key) {
                self.schema(inner, &child(pointer, key), &below(name));
            }
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            for (at, branch) in schema[key].as_array().into_iter().flatten().enumerate() {
                let pointer = child(&child(pointer, key), &at.to_string());
                self.schema(branch, &pointer, path);
            }
        }
    }

    fn own(&mut self, pointer: &str, path: &[String]) {
        let Respelling { since, fields, words, moves, drops, .. } = self.respelling;
        let is_here = |name: &&Name| self.respelling.backward(&name.at) == pointer;
        let step = |kind, old: &[String], new: &[String]| Step {
            since: since.clone(),
            kind,
            place: path.to_vec(),
            old: old.to_vec(),
            new: new.to_vec(),
        };
        let one = |name: &str| [name.to_owned()];
        let names = fields.iter().filter(is_here).map(|it| (StepKind::Name, it));
        let words = words.iter().filter(is_here).map(|it| (StepKind::Word, it));
        let steps: Vec<_> =
            names.chain(words).map(|(kind, it)| step(kind, &one(&it.old), &one(&it.new))).collect();
        let moves = moves.iter().filter(|it| self.respelling.backward_schemas(&it.at) == pointer);
        let moves: Vec<_> = moves.map(|it| step(StepKind::Move, &it.old, &it.new)).collect();
        let drops = drops.iter().filter(|it| it.at == pointer);
        let drops: Vec<_> = drops.map(|it| step(StepKind::Drop, &one(&it.name), &[])).collect();
        self.found.extend(steps.into_iter().chain(moves).chain(drops));
    }
}
