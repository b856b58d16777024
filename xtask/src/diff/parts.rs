//! The alternatives that a schema has, each as all the schema objects that apply to it at once.

use std::collections::BTreeSet;

use serde_json::Value;

use super::value::words_of;
use crate::document::{child, reference};
use crate::node::followed;

/// More than any chain of references or nest of compositions that says anything has.
pub(super) const STEPS: usize = 64;
/// Several choices at once multiply. Beyond this, a choice is compared branch by branch.
const MOST_ALTERNATIVES: usize = 64;

/// A schema object that applies, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer<'a> {
    pub(super) schema: &'a Value,
    pub(super) pointer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Null {
    Refused,
    Unsaid,
    Allowed,
}

#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) layers: Vec<Layer<'a>>,
    /// The components that the choice names.
    pub(super) label: Option<String>,
    /// Of the branch; none without a choice.
    pub(super) pointer: Option<String>,
    pub(super) unexpanded: Vec<Layer<'a>>,
    null: Null,
}

impl<'a> Part<'a> {
    fn of(layer: Layer<'a>) -> Self {
        let words = layer.schema.get("enum").and_then(Value::as_array);
        let is_without = words.is_some_and(|words| !words.contains(&Value::Null));
        let is_refused = is_without || layer.schema.get("type").is_some();
        let null = if is_refused { Null::Refused } else { Null::Unsaid };
        Self { layers: vec![layer], label: None, pointer: None, unexpanded: Vec::new(), null }
    }

    pub(super) fn allows_null(&self) -> bool {
        self.null == Null::Allowed
    }

    fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.null = match (both.null, other.null) {
            (Null::Refused, _) | (_, Null::Refused) => Null::Refused,
            (Null::Allowed, _) | (_, Null::Allowed) => Null::Allowed,
            _ => Null::Unsaid,
        };
        for layer in &other.layers {
            if !both.layers.contains(layer) {
                both.layers.push(layer.clone());
            }
        }
        both.label = match (both.label, other.label.clone()) {
            (Some(one), Some(other)) if one != other => Some(format!("{one} + {other}")),
            (one, other) => one.or(other),
        };
        both.pointer = both.pointer.or_else(|| other.pointer.clone());
        both.unexpanded.extend(other.unexpanded.iter().cloned());
        both
    }

    /// A branch that is there to allow null, as `{nullable: true, enum: [null]}`.
    fn is_null(&self) -> bool {
        let lists = self.layers.iter().filter_map(|layer| {
            Some((layer.schema.get("enum")?.as_array()?, layer.pointer.as_str()))
        });
        words_of(lists).is_some_and(|words| words.has_null && words.all.is_empty())
    }
}

/// The alternatives of all the sources at once, and the keywords of the choices.
pub(super) fn expanded<'a>(
    document: &'a Value,
    sources: Vec<Layer<'a>>,
) -> (Vec<Part<'a>>, BTreeSet<&'static str>) {
    let mut expansion = Expansion { document, inside: Vec::new(), keys: BTreeSet::new() };
    let mut all: Vec<Part<'a>> = Vec::new();
    for source in sources {
        let parts = expansion.parts(source.clone());
        all = if all.is_empty() { parts } else { product(&all, &parts, &[source]) };
    }
    let has_null = all.len() > 1 && all.iter().any(Part::is_null);
    if has_null && !all.iter().all(Part::is_null) {
        let is_valid = all.iter().any(|part| part.is_null() && part.null != Null::Refused);
        all.retain(|part| !part.is_null());
        for part in all.iter_mut().filter(|_| is_valid) {
            part.null = Null::Allowed;
        }
    }
    let mut distinct: Vec<Part<'a>> = Vec::new();
    for part in all {
        if distinct.iter().all(|known| known.layers != part.layers) {
            distinct.push(part);
        }
    }
    let keys = if distinct.len() > 1 { expansion.keys } else { BTreeSet::new() };
    (distinct, keys)
}

struct Expansion<'a> {
    document: &'a Value,
    inside: Vec<String>,
    keys: BTreeSet<&'static str>,
}

impl<'a> Expansion<'a> {
    /// None for what is inside itself, which adds nothing.
    fn parts(&mut self, layer: Layer<'a>) -> Vec<Part<'a>> {
        let layer = resolved(self.document, layer);
        if self.inside.contains(&layer.pointer) || self.inside.len() > STEPS {
            return Vec::new();
        }
        self.inside.push(layer.pointer.clone());
        let mut all = vec![Part::of(layer.clone())];
        for part in members(&layer, "allOf") {
            let parts = self.parts(part.clone());
            all = product(&all, &parts, &[part]);
        }
        for key in ["oneOf", "anyOf"] {
            let branches = members(&layer, key);
            let parts: Vec<_> =
                branches.iter().flat_map(|branch| self.branch(branch.clone())).collect();
            if parts.len() > 1 {
                self.keys.insert(key);
            }
            all = product(&all, &parts, &branches);
        }
        if layer.schema["nullable"] == true {
            for part in &mut all {
                part.null = Null::Allowed;
            }
        }
        self.inside.pop();
        all
    }

    fn branch(&mut self, branch: Layer<'a>) -> Vec<Part<'a>> {
        let place = followed(self.document, branch.schema, branch.pointer.clone(), STEPS);
        let mut parts = self.parts(branch);
        for part in &mut parts {
            part.label = part.label.take().or_else(|| place.name.clone());
            part.pointer = part.pointer.take().or_else(|| Some(place.pointer.clone()));
        }
        parts
    }
}

fn product<'a>(all: &[Part<'a>], parts: &[Part<'a>], branches: &[Layer<'a>]) -> Vec<Part<'a>> {
    if parts.is_empty() {
        return all.to_vec();
    }
    if all.len() * parts.len() > MOST_ALTERNATIVES {
        let mut all = all.to_vec();
        for part in &mut all {
            part.unexpanded.extend_from_slice(branches);
        }
        return all;
    }
    all.iter().flat_map(|one| parts.iter().map(|other| one.and(other))).collect()
}

fn members<'a>(layer: &Layer<'a>, key: &str) -> Vec<Layer<'a>> {
    let holder = child(&layer.pointer, key);
    let members = layer.schema[key].as_array().into_iter().flatten().enumerate();
    members.map(|(i, schema)| Layer { schema, pointer: child(&holder, &i.to_string()) }).collect()
}

fn resolved<'a>(document: &'a Value, mut layer: Layer<'a>) -> Layer<'a> {
    for _ in 0..STEPS {
        let Some(component) = reference(layer.schema) else {
            break;
        };
        let Some(schema) = component.find(document) else {
            break;
        };
        layer = Layer { schema, pointer: component.pointer() };
    }
    layer
}
