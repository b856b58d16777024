//! `cargo xtask coverage`: what a document has and the vocabulary has no word for. It reads two
//! files and the documents, and compiles nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use clap::ValueEnum as _;
use serde_json::Value;

use crate::catalogue::{Api, ApiEntry, Catalogue, Operation};
use crate::document::{Component, child, reference, resolve};
use crate::error::{Error, Problem, Result};
use crate::lower::successes;
use crate::pointer;
use crate::revision::corrected;
use crate::workspace::{CATALOGUE, Workspace};

pub const VOCABULARY: &str = "crates/callperf/vocabulary.json";
pub const UNCOVERED: &str = "openapi/uncovered.txt";

/// A place in the document that an api is generated from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub api: Api,
    pub pointer: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.api, self.pointer)
    }
}

#[derive(Debug, Default)]
pub struct Coverage {
    /// In a document, and no word for it.
    pub missing: BTreeSet<Place>,
    /// A word for what no document has.
    pub gone: BTreeSet<Place>,
    /// A word of an api that has no vocabulary.
    pub strange: BTreeSet<Place>,
    /// Known to be missing.
    pub listed: BTreeSet<Place>,
}

/// Of one api, or of all that are generated.
pub fn coverage(workspace: &Workspace, only: Option<Api>) -> Result<Coverage> {
    let catalogue = Catalogue::load(workspace)?;
    let vocabulary = vocabulary(workspace)?;
    let mut coverage = Coverage { listed: listed(workspace)?, ..Coverage::default() };
    coverage.listed.retain(|place| only.is_none_or(|only| only == place.api));
    for (api, entry) in &catalogue.api {
        let (Some(target), true) = (&entry.generate, only.is_none_or(|only| only == *api)) else {
            continue;
        };
        let words = vocabulary.get(api.name()).cloned().unwrap_or_default();
        let words: BTreeSet<_> = words.into_keys().collect();
        let place = |pointer: &String| Place { api: *api, pointer: pointer.clone() };
        if !entry.vocabulary {
            coverage.strange.extend(words.iter().map(place));
            continue;
        }
        let (document, _) = corrected(workspace, &catalogue, *api, &target.revision)?;
        let has = pointers(&document, entry);
        coverage.missing.extend(has.difference(&words).map(place));
        coverage.gone.extend(words.difference(&has).map(place));
    }
    Ok(coverage)
}

impl Coverage {
    pub fn check(&self) -> Result<()> {
        let new = self.missing.difference(&self.listed).map(|place| {
            format!("{place}: has no word: add one to crates/callperf, or list it in {UNCOVERED}")
        });
        let gone = self.gone.iter().map(|place| {
            format!("{place}: is not in the document: take its word out of crates/callperf")
        });
        let strange = self.strange.iter().map(|place| {
            format!(
                "{place}: has a word, and its api has none: take the word out of crates/callperf, \
                 or `vocabulary = false` out of {CATALOGUE}"
            )
        });
        let done = self
            .listed
            .difference(&self.missing)
            .map(|place| format!("{place}: is covered or gone: take the line out of {UNCOVERED}"));
        let problems: Vec<_> = new.chain(gone).chain(strange).chain(done).collect();
        if problems.is_empty() { Ok(()) } else { Err(Error::Mismatch(problems)) }
    }
}

/// The text of `openapi/uncovered.txt`.
pub fn list(places: &BTreeSet<Place>) -> String {
    let lines = places.iter().map(|place| place.to_string() + "\n");
    lines.collect()
}

/// The text of the vocabulary with the places of one api as a newer document has them. What the older one alone has was
/// dropped, and has no place.
pub fn respelled(
    workspace: &Workspace,
    api: Api,
    (older_places, newer): (&BTreeSet<String>, &BTreeSet<String>),
    before: impl Fn(&str) -> String,
) -> Result<String> {
    let mut vocabulary = vocabulary(workspace)?;
    if let Some(words) = vocabulary.get_mut(api.name()) {
        let older = words.clone();
        let places = newer.iter().map(|now| (before(now), now)).filter(|(then, now)| then != *now);
        for (then, now) in places {
            if let Some(word) = older.get(&then) {
                words.insert(now.clone(), held_by_another_name(word.clone(), &then, now));
                words.remove(&then);
            }
        }
        let kept: BTreeSet<_> = newer.iter().map(|now| before(now)).collect();
        for dropped in older_places.difference(&kept).filter(|it| !newer.contains(*it)) {
            words.remove(dropped);
        }
    }
    let vocabulary = serde_json::to_value(vocabulary).unwrap_or_default();
    Ok(crate::document::to_text(&vocabulary))
}

/// What only holds words is called by its name.
fn held_by_another_name(word: Value, then: &str, now: &str) -> Value {
    let held = |pointer: &str| {
        let name = pointer.rsplit('/').next().map(pointer::key).unwrap_or_default();
        format!("what `{name}` holds")
    };
    if word == held(then) { held(now).into() } else { word }
}

/// The words of each api, by the pointers of what they stand for.
pub fn vocabulary(workspace: &Workspace) -> Result<BTreeMap<String, BTreeMap<String, Value>>> {
    serde_json::from_str(&workspace.read(VOCABULARY)?).map_err(|e| {
        let what = format!("is not a vocabulary: {e}");
        let remedy = "let the tests of crates/callperf write it again";
        Problem::new("", what, remedy).in_file(VOCABULARY).into()
    })
}

/// What `openapi/uncovered.txt` lists.
pub fn listed(workspace: &Workspace) -> Result<BTreeSet<Place>> {
    let text = workspace.read(UNCOVERED)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(i, line)| place(line).ok_or_else(|| unreadable(i, line))).collect()
}

/// Takes the properties that have no word yet out of a document, so that the generated types keep
/// them with all else that is unknown, which is where code without a word for them finds them.
pub fn leave_out(document: &mut Value, api: Api, places: &BTreeSet<Place>) {
    for Place { pointer, .. } in places.iter().filter(|place| place.api == api) {
        let Some((parent, name)) = pointer.rsplit_once('/') else {
            continue;
        };
        if let (true, Some(Value::Object(properties))) =
            (parent.ends_with("/properties"), document.pointer_mut(parent))
        {
            properties.remove(&pointer::key(name));
        }
    }
}

fn place(line: &str) -> Option<Place> {
    let (api, pointer) = line.split_once(' ')?;
    let api = Api::from_str(api, false).ok()?;
    pointer.starts_with('/').then(|| Place { api, pointer: pointer.to_owned() })
}

fn unreadable(index: usize, line: &str) -> Error {
    let what = format!("line {} is `{line}`", index + 1);
    let remedy = "write `<api> <JSON pointer>` on each line";
    Problem::new("", what, remedy).in_file(UNCOVERED).into()
}

/// Every property and word of the bodies and the success responses, and every parameter with its
/// words. Each component is entered once, and its pointers are its own.
pub fn pointers(document: &Value, entry: &ApiEntry) -> BTreeSet<String> {
    let mut walk = Walk { document, entered: BTreeSet::new(), found: BTreeSet::new() };
    for Operation { method, path, .. } in &entry.operation {
        let item = &document["paths"][path];
        let pointer = child(&child("/paths", path), method);
        walk.parameters(&item["parameters"], &pointer);
        walk.parameters(&item[method]["parameters"], &pointer);
        walk.content(&item[method]["requestBody"], &child(&pointer, "requestBody"));
        for (status, response) in successes(&item[method]["responses"]) {
            walk.content(response, &child(&child(&pointer, "responses"), status));
        }
    }
    walk.found
}

struct Walk<'a> {
    document: &'a Value,
    entered: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Walk<'_> {
    fn parameters(&mut self, parameters: &Value, operation: &str) {
        for parameter in parameters.as_array().into_iter().flatten() {
            let parameter = resolve(self.document, parameter);
            let name = parameter["name"].as_str().unwrap_or_default();
            let pointer = child(&child(operation, "parameters"), name);
            self.schema(&parameter["schema"], &child(&pointer, "schema"));
            self.found.insert(pointer);
        }
    }

    /// What a body or a response holds; a component of either kind has the pointers of its place.
    fn content(&mut self, holder: &Value, pointer: &str) {
        let content = &resolve(self.document, holder)["content"];
        for (media_type, media) in content.as_object().into_iter().flatten() {
            let media_type = child(&child(pointer, "content"), media_type);
            self.schema(&media["schema"], &child(&media_type, "schema"));
        }
    }

    fn schema(&mut self, schema: &Value, pointer: &str) {
        if let Some(component) = reference(schema) {
            self.component(&component);
            return;
        }
        let values = schema["enum"].as_array().into_iter().flatten();
        for value in values.filter(|value| !value.is_null()) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.found.insert(child(&child(pointer, "enum"), &value));
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let pointer = child(&child(pointer, "properties"), name);
            self.found.insert(pointer.clone());
            self.schema(property, &pointer);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(nested) = schema.get(key) {
                self.schema(nested, &child(pointer, key));
            }
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            for (i, branch) in schema[key].as_array().into_iter().flatten().enumerate() {
                self.schema(branch, &child(&child(pointer, key), &i.to_string()));
            }
        }
    }

    fn component(&mut self, component: &Component) {
        if !self.entered.insert(component.pointer()) {
            return;
        }
        if let Some(schema) = component.find(self.document) {
            self.schema(schema, &component.pointer());
        }
    }
}
