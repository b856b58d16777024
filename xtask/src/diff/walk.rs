//! The walk over one operation of two documents, in the places that a client sees: here down to
//! bodies and parameters, then `schemas` and `keywords`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Difference;
use super::names::{Kind, Pairs, Renames, pair};
use super::rules::{self, Direction, Rule};
use crate::document::{child, resolve};
use crate::node::{Node, plain};

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
    pub(super) fn pointer(&self) -> String {
        child(&child("/paths", &self.path), &self.method)
    }
}

/// A difference, and what it takes to see that something has only moved.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) difference: Difference,
    pub(super) name: String,
    pub(super) node: Option<Node<'a>>,
}

pub(super) struct Comparison<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    pub(super) renames: &'a Renames,
    pub(super) with_texts: bool,
    pub(super) operation: String,
    /// Pairs of places, so that what contains itself is entered once.
    pub(super) seen: BTreeSet<(String, String, Direction)>,
    /// Places of properties that a listed move accounts for.
    pub(super) moved: BTreeSet<String>,
    pub(super) found: Vec<Found<'a>>,
}

/// Where a difference is and which way it travels.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'p> {
    pub(super) pointer: &'p str,
    pub(super) way: Direction,
}

const TEXTS: [&str; 7] =
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
            moved: BTreeSet::new(),
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

    /// Keeps what was added or removed, to find it elsewhere.
    pub(super) fn keep(&mut self, node: Node<'a>) {
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
        let line = |it: &Operation<'_>| format!("{} {}", it.method.to_uppercase(), it.path);
        if line(old) != line(new) {
            self.report(&rules::PATH_CHANGED, at, Some(&line(old)), Some(&line(new)));
        }
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

    pub(super) fn deprecation(&mut self, old: &Value, new: &Value, at: At<'_>) {
        let say = |value: &Value| {
            if value["deprecated"] == true { "deprecated" } else { "not deprecated" }
        };
        if say(old) != say(new) {
            self.report(&rules::DEPRECATION_CHANGED, at, Some(say(old)), Some(say(new)));
        }
    }

    pub(super) fn required(&mut self, old: bool, new: bool, at: At<'_>) {
        if old != new {
            let rule = if new { &rules::REQUIRED_NOW } else { &rules::OPTIONAL_NOW };
            self.report(rule, at, None, None);
        }
    }

    fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let (before, after) = (parameters(self.old, old), parameters(self.new, new));
        let kind = |document, all: &BTreeMap<String, &'a Value>, name: &str| {
            Node::new(document, &all[name]["schema"], String::new()).kind()
        };
        let pairs =
            pair(&keys(&before), &keys(&after), self.renames, Kind::Property, |old, new| {
                kind(self.old, &before, old) == kind(self.new, &after, new)
            });
        let way = Direction::Request;
        let place = |operation: &Operation<'_>, name| {
            child(&child(&operation.pointer(), "parameters"), name)
        };
        for name in &pairs.removed {
            let at = At { pointer: &place(old, name), way };
            self.report(&rules::PARAMETER_REMOVED, at, Some(name), None);
        }
        for name in &pairs.added {
            let required = after[name]["required"] == true;
            let rule =
                if required { &rules::REQUIRED_PARAMETER_ADDED } else { &rules::PARAMETER_ADDED };
            self.report(rule, At { pointer: &place(new, name), way }, None, Some(name));
        }
        for (name, renamed, evidence) in &pairs.renamed {
            let at = At { pointer: &place(new, renamed), way };
            self.report(&rules::PARAMETER_RENAMED, at, Some(name), Some(renamed));
            self.note(evidence.note());
        }
        for (name, renamed) in both(&pairs) {
            self.parameter(before[name], after[renamed], &place(old, name), &place(new, renamed));
        }
    }

    fn parameter(&mut self, old: &'a Value, new: &'a Value, before: &str, after: &str) {
        let at = At { pointer: after, way: Direction::Request };
        self.required(old["required"] == true, new["required"] == true, at);
        for (before, after) in std::iter::zip(sent(old), sent(new)) {
            if before != after {
                let rule = &rules::PARAMETER_SENT_OTHERWISE;
                self.report(rule, at, Some(&before), Some(&after));
            }
        }
        self.texts(old, new, at);
        self.deprecation(old, new, at);
        let old = Node::new(self.old, &old["schema"], child(before, "schema"));
        let new = Node::new(self.new, &new["schema"], child(after, "schema"));
        self.schemas(&old, &new, Direction::Request);
    }

    fn body(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let of = |it: &Operation<'a>| it.value.get("requestBody");
        let place = |it: &Operation<'_>| child(&it.pointer(), "requestBody");
        let way = Direction::Request;
        let (before, after) = (place(old), place(new));
        match (of(old), of(new)) {
            (Some(_), None) => {
                self.report(&rules::BODY_REMOVED, At { pointer: &before, way }, None, None);
            }
            (None, Some(body)) => {
                let required = resolve(self.new, body)["required"] == true;
                let rule = if required { &rules::REQUIRED_BODY_ADDED } else { &rules::BODY_ADDED };
                self.report(rule, At { pointer: &after, way }, None, None);
            }
            (Some(old), Some(new)) => {
                let (old, new) = (resolve(self.old, old), resolve(self.new, new));
                let at = At { pointer: &after, way };
                self.required(old["required"] == true, new["required"] == true, at);
                self.texts(old, new, at);
                self.content(old, new, (&before, &after), way);
            }
            (None, None) => {}
        }
    }

    fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let place = |it: &Operation<'_>, status| child(&child(&it.pointer(), "responses"), status);
        let before = members(&old.value["responses"]);
        let after = members(&new.value["responses"]);
        for status in keys(&before).union(&keys(&after)) {
            let success = status.starts_with('2');
            let way = if success { Direction::Response } else { Direction::Error };
            let (old_place, new_place) = (place(old, status), place(new, status));
            match (before.get(status), after.get(status)) {
                (Some(old), Some(new)) => {
                    let (old, new) = (resolve(self.old, old), resolve(self.new, new));
                    let at = At { pointer: &new_place, way };
                    self.texts(old, new, at);
                    self.headers(old, new, at);
                    self.content(old, new, (&old_place, &new_place), way);
                }
                (_, None) => {
                    let at = At { pointer: &old_place, way };
                    self.report(&rules::STATUS_REMOVED, at, Some(status), None);
                }
                (None, _) => {
                    let at = At { pointer: &new_place, way };
                    self.report(&rules::STATUS_ADDED, at, None, Some(status));
                }
            }
        }
    }

    fn headers(&mut self, old: &Value, new: &Value, at: At<'_>) {
        let (old, new) = (keys(&members(&old["headers"])), keys(&members(&new["headers"])));
        for name in old.difference(&new) {
            self.report(&rules::HEADER_REMOVED, at, Some(name), None);
        }
        for name in new.difference(&old) {
            self.report(&rules::HEADER_ADDED, at, None, Some(name));
        }
    }

    fn content(
        &mut self,
        old: &'a Value,
        new: &'a Value,
        (before, after): (&str, &str),
        way: Direction,
    ) {
        let (old, new) = (members(&old["content"]), members(&new["content"]));
        let place = |holder, name| child(&child(holder, "content"), name);
        for name in keys(&old).union(&keys(&new)) {
            let (old_place, new_place) = (place(before, name), place(after, name));
            match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => {
                    self.texts(old, new, At { pointer: &new_place, way });
                    let old = Node::new(self.old, &old["schema"], child(&old_place, "schema"));
                    let new = Node::new(self.new, &new["schema"], child(&new_place, "schema"));
                    self.schemas(&old, &new, way);
                }
                (_, None) => {
                    let at = At { pointer: &old_place, way };
                    self.report(&rules::MEDIA_TYPE_REMOVED, at, Some(name), None);
                }
                (None, _) => {
                    let at = At { pointer: &new_place, way };
                    self.report(&rules::MEDIA_TYPE_ADDED, at, None, Some(name));
                }
            }
        }
    }
}

fn members(value: &Value) -> BTreeMap<String, &Value> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value)).collect()
}

pub(super) fn keys<T>(map: &BTreeMap<String, T>) -> BTreeSet<String> {
    map.keys().cloned().collect()
}

fn parameters<'a>(document: &'a Value, operation: &Operation<'a>) -> BTreeMap<String, &'a Value> {
    let lists = [&operation.item["parameters"], &operation.value["parameters"]];
    let all = lists.into_iter().filter_map(Value::as_array).flatten();
    let all = all.map(|parameter| resolve(document, parameter));
    all.map(|parameter| (plain(&parameter["name"]), parameter)).collect()
}

/// How a parameter is sent, with the defaults that OpenAPI has.
fn sent(parameter: &Value) -> [String; 4] {
    let place = plain(&parameter["in"]);
    let is_query = matches!(place.as_str(), "query" | "cookie");
    let style =
        parameter.get("style").map_or(if is_query { "form" } else { "simple" }.into(), plain);
    let explode = parameter.get("explode").map_or((style == "form").to_string(), plain);
    let reserved = parameter.get("allowReserved").map_or("false".into(), plain);
    [
        format!("in {place}"),
        format!("style {style}"),
        format!("explode {explode}"),
        format!("allowReserved {reserved}"),
    ]
}

pub(super) fn both(pairs: &Pairs) -> impl Iterator<Item = (&String, &String)> {
    let renamed = pairs.renamed.iter().map(|(old, new, _)| (old, new));
    pairs.same.iter().map(|name| (name, name)).chain(renamed)
}
