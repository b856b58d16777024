//! Schemas that are referred to inside others, which become components.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::document::{Component, child};
use crate::pointer;

/// Pointers of schemas by the names that they give themselves; none where several have the name.
pub(super) struct Anchors(BTreeMap<String, Option<String>>);

impl Anchors {
    pub(super) fn of(document: &Value) -> Self {
        let mut anchors = BTreeMap::new();
        collect(&document["components"]["schemas"], "/components/schemas", &mut anchors);
        Self(anchors)
    }
}

fn collect(value: &Value, at: &str, anchors: &mut BTreeMap<String, Option<String>>) {
    match value {
        Value::Object(map) => {
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(Value::String(name)) = map.get(key) {
                    let known = anchors.contains_key(name);
                    anchors.insert(name.clone(), (!known).then(|| at.to_owned()));
                }
            }
            map.iter().for_each(|(key, value)| collect(value, &child(at, key), anchors));
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                collect(item, &child(at, &i.to_string()), anchors);
            }
        }
        _ => {}
    }
}

const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// The pointer of a schema that is no component: a definition in another schema, or one with an anchor.
pub(super) fn schema_place(reference: &str, anchors: &Anchors) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    if let Some(pointer) = anchors.0.get(fragment) {
        return pointer.clone();
    }
    let (above, _) = fragment.rsplit_once('/')?;
    let (_, holder) = above.rsplit_once('/')?;
    DEFINITIONS.contains(&holder).then(|| fragment.to_owned())
}

/// The components of what was reached, by pointers of the source. References in them and in the paths then lead to
/// the names that are given here.
pub(super) fn components(
    source: &Value,
    reached: BTreeMap<String, Value>,
    paths: &mut Value,
) -> Value {
    let names = names(source, &reached);
    let references: BTreeMap<_, _> = (names.iter())
        .map(|(pointer, component)| (format!("#{pointer}"), format!("#{}", component.pointer())))
        .collect();
    let mut components = json!({});
    for (pointer, mut value) in reached {
        redirect(&mut value, &references);
        let Component { section, name } = &names[&pointer];
        components[section][name] = value;
    }
    redirect(paths, &references);
    components
}

/// A component keeps its name. All others get theirs in the order of their places, so that it depends on nothing
/// that isn't reached.
fn names(source: &Value, reached: &BTreeMap<String, Value>) -> BTreeMap<String, Component> {
    let own = |pointer: &String| Component::parse(&format!("#{pointer}"));
    let mut names: BTreeMap<_, _> =
        reached.keys().filter_map(|pointer| Some((pointer.clone(), own(pointer)?))).collect();
    let mut taken: BTreeMap<String, &Value> = (names.iter())
        .filter(|(_, component)| component.section == "schemas")
        .map(|(pointer, component)| (component.name.clone(), &reached[pointer]))
        .collect();
    for (pointer, schema) in reached.iter().filter(|(pointer, _)| own(pointer).is_none()) {
        let mut candidates = candidates(source, pointer);
        let is_free = |name: &String| taken.get(name).is_none_or(|known| *known == schema);
        let name = candidates.find(is_free).unwrap_or_default();
        taken.insert(name.clone(), schema);
        names.insert(pointer.clone(), Component { section: "schemas".to_owned(), name });
    }
    names
}

/// Its own name, then the name with that of the component around it, then with a number.
fn candidates(source: &Value, pointer: &str) -> impl Iterator<Item = String> {
    let steps: Vec<_> = pointer.split('/').skip(1).collect();
    let last = steps.last().copied().unwrap_or_default();
    let is_definition = steps.iter().rev().nth(1).is_some_and(|step| DEFINITIONS.contains(step));
    let anchor = ["$anchor", "$dynamicAnchor"].into_iter();
    let mut anchor = anchor.map(|key| &source.pointer(pointer).unwrap_or(&Value::Null)[key]);
    let anchor = anchor.find_map(Value::as_str).filter(|_| !is_definition);
    let name = plain(anchor.unwrap_or(last));
    let component = steps.get(2).filter(|_| steps[0] == "components").map(|name| plain(name));
    let long = format!("{}{name}", component.unwrap_or_default());
    [name, long.clone()].into_iter().chain((2..).map(move |number| format!("{long}{number}")))
}

/// Component names are made of fewer characters than keys.
fn plain(step: &str) -> String {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let step = pointer::key(step);
    step.chars().map(|letter| if is_allowed(letter) { letter } else { '_' }).collect()
}

fn redirect(value: &mut Value, references: &BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            let members = map.iter_mut();
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => to(reference, references),
                    Value::Object(mapping) if key == "mapping" => {
                        for value in mapping.values_mut() {
                            if let Value::String(reference) = value {
                                to(reference, references);
                            }
                        }
                    }
                    _ => {}
                }
                redirect(value, references);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, references)),
        _ => {}
    }
}

fn to(reference: &mut String, references: &BTreeMap<String, String>) {
    if let Some(other) = references.get(reference) {
        reference.clone_from(other);
    }
}
