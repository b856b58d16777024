//! What a revision doesn't keep and a vendor document has: servers, authorization, callbacks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::rules::{self, Rule};
use super::walk::{At, Comparison, Operation, TEXTS};
use crate::document::{Component, child, reference};

/// What is listed, by what it comes to, as it is written.
type Listed = BTreeMap<String, String>;
type Rules = (&'static Rule, &'static Rule);

impl<'a> Comparison<'a> {
    pub(super) fn surroundings(&mut self, old: &Operation<'a>, new: &Operation<'a>, at: At<'_>) {
        if !self.with_texts {
            return;
        }
        let rules = (&rules::SERVER_REMOVED, &rules::SERVER_ADDED);
        self.listed(
            "servers",
            servers(self.old, old).as_ref(),
            servers(self.new, new).as_ref(),
            rules,
            at,
        );
        let rules = (&rules::SECURITY_REMOVED, &rules::SECURITY_ADDED);
        self.listed(
            "security",
            security(self.old, old).as_ref(),
            security(self.new, new).as_ref(),
            rules,
            at,
        );
        let callbacks = |document, it: &Operation<'a>| bare(document, &it.value["callbacks"]);
        if callbacks(self.old, old) != callbacks(self.new, new) {
            let pointer = child(at.pointer, "callbacks");
            self.report(&rules::CALLBACKS_CHANGED, At { pointer: &pointer, ..at }, None, None);
        }
    }

    /// A slice of a document often says nothing, which is no statement that there is nothing.
    fn listed(
        &mut self,
        key: &str,
        old: Option<&Listed>,
        new: Option<&Listed>,
        (removed, added): Rules,
        at: At<'_>,
    ) {
        let pointer = child(at.pointer, key);
        let at = At { pointer: &pointer, ..at };
        let (Some(old), Some(new)) = (old, new) else {
            let say = |all: &Listed| {
                format!("{key} {}", all.values().cloned().collect::<Vec<_>>().join(", "))
            };
            let (old, new) = (old.map(say), new.map(say));
            if old != new {
                self.report(&rules::SURROUNDINGS_STATED, at, old.as_deref(), new.as_deref());
            }
            return;
        };
        for (_, gone) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            self.report(removed, at, Some(gone), None);
        }
        for (_, one) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            self.report(added, at, None, Some(one));
        }
    }
}

/// The addresses, if the document gives any.
fn servers(document: &Value, operation: &Operation<'_>) -> Option<Listed> {
    let places = [&operation.value["servers"], &operation.item["servers"], &document["servers"]];
    let mut lists = places.into_iter().filter_map(Value::as_array);
    let servers = lists.find(|servers| !servers.is_empty())?;
    Some(servers.iter().map(|it| (server(it, &address), server(it, &str::to_owned))).collect())
}

/// Without a last slash, and where case doesn't count in lowercase, without the port of the scheme.
fn address(url: &str) -> String {
    let url = url.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |start| rest.split_at(start));
    let is_templated = host.contains('{');
    let host = if is_templated { host.to_owned() } else { host.to_lowercase() };
    let scheme = scheme.to_lowercase();
    let port = if scheme == "http" { ":80" } else { ":443" };
    format!("{scheme}://{}{path}", host.strip_suffix(port).unwrap_or(&host))
}

fn server(server: &Value, spelled: &dyn Fn(&str) -> String) -> String {
    let mut text = spelled(server["url"].as_str().unwrap_or("/"));
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        let values = variable.get("enum").map(|values| format!(" of {values}")).unwrap_or_default();
        text = format!("{text}, {name} {}{values}", variable["default"]);
    }
    text
}

/// Each alternative, if the document says so much; none is one as well.
fn security(document: &Value, operation: &Operation<'_>) -> Option<Listed> {
    let stated = operation.value.get("security").or_else(|| document.get("security"))?;
    let alternatives = stated.as_array().into_iter().flatten();
    let mut all: BTreeSet<_> = alternatives.map(|it| requirement(document, it)).collect();
    if all.is_empty() {
        all.insert("none".to_owned());
    }
    Some(all.into_iter().map(|it| (it.clone(), it)).collect())
}

fn requirement(document: &Value, requirement: &Value) -> String {
    let schemes = requirement.as_object().into_iter().flatten().map(|(name, scopes)| {
        let scheme = &document["components"]["securitySchemes"][name];
        let kind = [&scheme["type"], &scheme["scheme"], &scheme["in"], &scheme["name"]];
        let kind: Vec<_> = kind.into_iter().filter_map(Value::as_str).collect();
        let kind = if kind.is_empty() { name.clone() } else { kind.join(" ") };
        let mut scopes: Vec<_> =
            scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        scopes.sort_unstable();
        if scopes.is_empty() { kind } else { format!("{kind} for {}", scopes.join(", ")) }
    });
    let mut schemes: Vec<_> = schemes.collect();
    schemes.sort();
    if schemes.is_empty() { "none".to_owned() } else { schemes.join(" and ") }
}

/// A value without its texts, and each component that it refers to.
fn bare(document: &Value, value: &Value) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let mut open = vec![(String::new(), value)];
    while let Some((pointer, value)) = open.pop() {
        if all.contains_key(&pointer) {
            continue;
        }
        let kept = without_texts(value);
        let mut references = Vec::new();
        collect(&kept, &mut references);
        all.insert(pointer, kept);
        let found = references.into_iter();
        open.extend(found.filter_map(|it| Some((it.pointer(), it.find(document)?))));
    }
    all
}

fn without_texts(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !TEXTS.contains(&key.as_str()));
            kept.map(|(key, value)| (key.clone(), without_texts_inside(key, value))).collect()
        }
        Value::Array(items) => items.iter().map(without_texts).collect(),
        other => other.clone(),
    }
}

/// Properties can be called as texts are.
fn without_texts_inside(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(properties) if key == "properties" => {
            let properties = properties.iter();
            properties.map(|(name, it)| (name.clone(), without_texts(it))).collect()
        }
        other => without_texts(other),
    }
}

fn collect(value: &Value, references: &mut Vec<Component>) {
    references.extend(reference(value));
    match value {
        Value::Object(map) => map.values().for_each(|value| collect(value, references)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
