//! Full responses, built from a document: each property, each word somewhere, maps with two keys,
//! lists with two items, and no number twice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::catalogue::{Api, ApiEntry, Catalogue};
use crate::document::resolve;
use crate::error::Result;
use crate::lower::successes;
use crate::node::Node;
use crate::revision::corrected;
use crate::workspace::Workspace;

/// One response of an operation. A word that has one place only takes more than one response.
#[derive(Debug, Clone)]
pub struct Response {
    pub api: Api,
    pub date: String,
    pub operation: String,
    /// From 1.
    pub number: usize,
    pub body: Value,
}

impl Response {
    /// `beta/2021-08-12/operation.json`, and `operation.2.json` for the second.
    pub fn file(&self) -> String {
        let Self { api, date, operation, number, .. } = self;
        let number = if *number == 1 { String::new() } else { format!(".{number}") };
        format!("{api}/{date}/{operation}{number}.json")
    }
}

/// Those of every committed revision of the apis that a client is generated from.
pub fn responses(workspace: &Workspace) -> Result<Vec<Response>> {
    responses_of(workspace, |entry| entry.generate.is_some())
}

/// Those of every committed revision of some apis.
pub fn responses_of(
    workspace: &Workspace,
    is_one: impl Fn(&ApiEntry) -> bool,
) -> Result<Vec<Response>> {
    let catalogue = Catalogue::load(workspace)?;
    let mut responses = Vec::new();
    for revision in &catalogue.revision {
        let entry = catalogue.entry(revision.api)?;
        if !is_one(entry) {
            continue;
        }
        let (document, _) = corrected(workspace, &catalogue, revision.api, &revision.date)?;
        for operation in &entry.operation {
            let answers = &document["paths"][&operation.path][&operation.method]["responses"];
            let bodies = successes(answers).flat_map(|(_, response)| full(&document, response));
            responses.extend(bodies.enumerate().map(|(i, body)| Response {
                api: revision.api,
                date: revision.date.clone(),
                operation: operation.id.clone(),
                number: i + 1,
                body,
            }));
        }
    }
    Ok(responses)
}

/// As many bodies as it takes for every word and every choice to be in one of them.
pub fn full(document: &Value, response: &Value) -> Vec<Value> {
    let content = resolve(document, response)["content"].as_object();
    let Some((_, media)) = content.and_then(|content| content.iter().next()) else {
        return Vec::new();
    };
    let mut builder = Builder::default();
    let mut bodies = Vec::new();
    while bodies.is_empty() || builder.turns.values().any(|turn| turn.taken < turn.of) {
        bodies.push(builder.value(&Node::new(document, &media["schema"], String::new()), ""));
    }
    bodies
}

/// How often a schema that contains itself can be inside another.
const LEVELS: usize = 2;

#[derive(Default)]
struct Builder {
    numbers: u32,
    /// By the place of a list of words or of a choice.
    turns: BTreeMap<String, Turn>,
    /// The places around the one at hand, and how often each.
    inside: BTreeMap<String, usize>,
}

#[derive(Default)]
struct Turn {
    taken: usize,
    of: usize,
}

impl Builder {
    /// The next of several, over and over.
    fn turn(&mut self, pointer: &str, of: usize) -> usize {
        let turn = self.turns.entry(pointer.to_owned()).or_default();
        turn.of = of;
        turn.taken += 1;
        (turn.taken - 1) % of.max(1)
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        1000 + self.numbers
    }

    /// A schema that contains itself is there inside itself once, so that a client is seen to read
    /// it there, and not again.
    fn value(&mut self, node: &Node<'_>, name: &str) -> Value {
        *self.inside.entry(node.pointer.clone()).or_default() += 1;
        let value = self.entered(node, name);
        *self.inside.entry(node.pointer.clone()).or_default() -= 1;
        value
    }

    fn entered(&mut self, node: &Node<'_>, name: &str) -> Value {
        match node.kind() {
            "object" => self.object(node),
            "map" => {
                let pairs = self.two(node);
                let keys = ["first", "second"].map(str::to_owned);
                Value::Object(keys.into_iter().zip(pairs).collect())
            }
            "array" => Value::Array(self.two(node)),
            "string" => self.text(node, name),
            "integer" | "number" if node.schema["enum"].is_array() => self.word(node),
            "integer" => json!(self.number()),
            "number" => json!(f64::from(self.number()) + 0.5),
            "boolean" => json!(self.number().is_multiple_of(2)),
            "choice" => {
                let branches = node.branches().into_iter();
                let branches: Vec<_> = branches.filter(|branch| !self.contains(branch)).collect();
                let turn = self.turn(&node.pointer, branches.len());
                branches.get(turn).map_or(Value::Null, |branch| self.value(branch, name))
            }
            _ => json!({"any": self.number()}),
        }
    }

    fn object(&mut self, node: &Node<'_>) -> Value {
        let mut object = Map::new();
        for (name, property) in &node.properties {
            let nested = node.of(property);
            if !self.contains(&nested) {
                object.insert(name.clone(), self.value(&nested, name));
            }
        }
        Value::Object(object)
    }

    /// Whether this, or what it lists, is around the place at hand as often as it may be.
    fn contains(&self, node: &Node<'_>) -> bool {
        let mut seen = BTreeSet::new();
        let mut node = node.clone();
        while seen.insert(node.pointer.clone()) {
            if self.inside.get(&node.pointer).is_some_and(|times| *times >= LEVELS) {
                return true;
            }
            match node.element() {
                Some(element) if node.properties.is_empty() => node = element,
                _ => break,
            }
        }
        false
    }

    fn two(&mut self, node: &Node<'_>) -> Vec<Value> {
        let Some(element) = node.element() else {
            return vec![json!(self.number()), json!(self.number())];
        };
        if self.contains(&element) {
            return Vec::new();
        }
        vec![self.value(&element, "item"), self.value(&element, "item")]
    }

    fn word(&mut self, node: &Node<'_>) -> Value {
        let words = node.schema["enum"].as_array().map_or(&[][..], Vec::as_slice);
        let turn = self.turn(&node.pointer, words.len());
        words.get(turn).cloned().unwrap_or_default()
    }

    fn text(&mut self, node: &Node<'_>, name: &str) -> Value {
        if node.schema["enum"].is_array() {
            return self.word(node);
        }
        let number = self.number();
        match node.schema["format"].as_str() {
            Some("date-time") => {
                let (minutes, seconds) = (number / 60 % 60, number % 60);
                json!(format!("2024-05-06T07:{minutes:02}:{seconds:02}.000Z"))
            }
            Some("date") => json!(format!("2024-05-{:02}", 1 + number % 28)),
            _ => json!(format!("{name} {number}")),
        }
    }
}
