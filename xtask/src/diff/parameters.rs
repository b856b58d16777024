//! The part of the walk that is about parameters and headers, which are sent in the same ways.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::{Likeness, pair};
use super::rules::{self, Direction, Rule};
use super::shape::Shape;
use super::walk::{At, Comparison, Operation, template};
use crate::document::{child, resolve};
use crate::node::plain;
use crate::renames::Kind;

/// A parameter or header with its place in the document.
#[derive(Debug, Clone)]
pub(super) struct Sent<'a> {
    pub(super) name: String,
    /// `query`, `header` and so on.
    pub(super) place: String,
    pub(super) value: &'a Value,
    pub(super) pointer: String,
}

/// The place and the name, in small letters if they don't matter.
type Key = (String, String);
type All<'a> = BTreeMap<Key, Sent<'a>>;

impl<'a> Comparison<'a> {
    pub(super) fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let (mut before, mut after) = (parameters(self.old, old), parameters(self.new, new));
        point(&mut before, &mut after, (old, new));
        let both: Vec<_> = before.keys().filter(|key| after.contains_key(*key)).cloned().collect();
        for key in both {
            if let (Some(old), Some(new)) = (before.remove(&key), after.remove(&key)) {
                self.parameter(&old, &new);
            }
        }
        for (from, to) in parts_of_the_path(old, new) {
            let key = |name| ("path".to_owned(), name);
            if let (Some(old), Some(new)) = take(&mut before, &key(from), &mut after, &key(to)) {
                self.renamed(&rules::PATH_PARAMETER_RENAMED, &old, &new, None);
            }
        }
        for (from, to) in elsewhere(&before, &after) {
            if let (Some(old), Some(new)) = take(&mut before, &from, &mut after, &to) {
                self.parameter(&old, &new);
            }
        }
        for (from, to, note) in self.renames_of(&before, &after) {
            if let (Some(old), Some(new)) = take(&mut before, &from, &mut after, &to) {
                self.renamed(&rules::PARAMETER_RENAMED, &old, &new, Some(note));
            }
        }
        let way = Direction::Request;
        for gone in before.values() {
            let at = At { pointer: &gone.pointer, way };
            self.report(&rules::PARAMETER_REMOVED, at, Some(&gone.name), None);
        }
        for added in after.values() {
            let required = added.value["required"] == true;
            let rule =
                if required { &rules::REQUIRED_PARAMETER_ADDED } else { &rules::PARAMETER_ADDED };
            self.report(rule, At { pointer: &added.pointer, way }, None, Some(&added.name));
        }
    }

    fn renames_of(&self, before: &All<'a>, after: &All<'a>) -> Vec<(Key, Key, &'static str)> {
        let kind = |document, sent: &Sent<'a>| {
            Shape::new(document, &sent.value["schema"], String::new()).kind()
        };
        let places: BTreeSet<_> = before.keys().map(|(place, _)| place).collect();
        let mut renames = Vec::new();
        for place in places {
            let of = |all: &All<'a>| -> BTreeMap<String, (Key, Sent<'a>)> {
                let of_it = all.iter().filter(|((other, _), _)| other == place);
                of_it.map(|(key, it)| (it.name.clone(), (key.clone(), it.clone()))).collect()
            };
            let (before, after) = (of(before), of(after));
            let names = |all: &BTreeMap<String, _>| all.keys().cloned().collect();
            let pairs =
                pair(&names(&before), &names(&after), self.renames, Kind::Property, |old, new| {
                    let is_same = kind(self.old, &before[old].1) == kind(self.new, &after[new].1);
                    if is_same { Likeness::Same } else { Likeness::Other }
                });
            renames.extend(pairs.renamed.iter().map(|(old, new, evidence)| {
                (before[old].0.clone(), after[new].0.clone(), evidence.note())
            }));
        }
        renames
    }

    fn renamed(&mut self, rule: &'static Rule, old: &Sent<'a>, new: &Sent<'a>, note: Option<&str>) {
        let at = At { pointer: &new.pointer, way: Direction::Request };
        self.report(rule, at, Some(&old.name), Some(&new.name));
        if let Some(note) = note {
            self.note(note);
        }
        self.parameter(old, new);
    }

    fn parameter(&mut self, old: &Sent<'a>, new: &Sent<'a>) {
        let at = At { pointer: &new.pointer, way: Direction::Request };
        self.sent(old, new, &rules::PARAMETER_SENT_OTHERWISE, at);
        let empty =
            |sent: &Sent<'_>| sent.place == "query" && sent.value["allowEmptyValue"] == true;
        if empty(old) != empty(new) {
            let rule = if empty(new) { &rules::EMPTY_ALLOWED } else { &rules::EMPTY_REFUSED };
            self.report(rule, at, None, None);
        }
    }

    /// What parameters and headers have in common.
    fn sent(&mut self, old: &Sent<'a>, new: &Sent<'a>, otherwise: &'static Rule, at: At<'_>) {
        self.required(old.value["required"] == true, new.value["required"] == true, at);
        self.texts(old.value, new.value, at);
        self.deprecation(old.value, new.value, at);
        let (before, after) = (shape(self.old, old), shape(self.new, new));
        let is_single =
            |shape: &Shape<'_>| matches!(shape.kind(), "string" | "integer" | "number" | "boolean");
        let single = is_single(&before) && is_single(&after);
        let has_content = |sent: &Sent<'_>| sent.value.get("content").is_some();
        let ways = match (has_content(old), has_content(new)) {
            (false, false) => std::iter::zip(style(old, single), style(new, single)).collect(),
            _ => vec![(place(old), place(new)), (means(old), means(new))],
        };
        for (before, after) in ways {
            if before != after {
                self.report(otherwise, at, Some(&before), Some(&after));
            }
        }
        if has_content(old) && has_content(new) {
            self.content(old.value, new.value, (&old.pointer, &new.pointer), at.way);
        } else {
            self.schemas(&before, &after, at.way);
        }
    }

    /// The headers of a response, or of a part of a form.
    pub(super) fn headers(
        &mut self,
        old: &'a Value,
        new: &'a Value,
        (before, after): (&str, &str),
        way: Direction,
    ) {
        let (old, new) = (headers(self.old, old, before), headers(self.new, new, after));
        for (_, gone) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            let at = At { pointer: before, way };
            self.report(&rules::HEADER_REMOVED, at, Some(&gone.name), None);
        }
        for (key, header) in &new {
            let at = At { pointer: after, way };
            match old.get(key) {
                Some(old) => {
                    let at = At { pointer: &header.pointer, way };
                    self.sent(old, header, &rules::HEADER_SENT_OTHERWISE, at);
                }
                None if header.value["required"] == true => {
                    self.report(&rules::REQUIRED_HEADER_ADDED, at, None, Some(&header.name));
                }
                None => self.report(&rules::HEADER_ADDED, at, None, Some(&header.name)),
            }
        }
    }
}

/// Names of headers that OpenAPI gives no meaning here: they are said elsewhere.
const ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

fn parameters<'a>(document: &'a Value, operation: &Operation<'a>) -> All<'a> {
    let lists = [&operation.item["parameters"], &operation.value["parameters"]];
    let all = lists.into_iter().filter_map(Value::as_array).flatten();
    let all = all.map(|parameter| {
        let value = resolve(document, parameter);
        let (name, place) = (plain(&value["name"]), plain(&value["in"]));
        let is_header = place == "header";
        let key = if is_header { name.to_lowercase() } else { name.clone() };
        ((place.clone(), key), Sent { name, place, value, pointer: String::new() })
    });
    all.filter(|((place, name), _)| place != "header" || !ELSEWHERE.contains(&name.as_str()))
        .collect()
}

/// A parameter is pointed at by its name, and by its place as well where two have one name.
fn point<'a>(
    before: &mut All<'a>,
    after: &mut All<'a>,
    (old, new): (&Operation<'_>, &Operation<'_>),
) {
    let twice = |all: &All<'_>, name: &str| all.values().filter(|it| it.name == name).count() > 1;
    let names = before.values().chain(after.values()).map(|it| it.name.clone());
    let ambiguous: BTreeSet<_> =
        names.filter(|name| twice(before, name) || twice(after, name)).collect();
    for (all, operation) in [(before, old), (after, new)] {
        let holder = child(&operation.pointer(), "parameters");
        for sent in all.values_mut() {
            let is_ambiguous = ambiguous.contains(&sent.name);
            let holder = if is_ambiguous { child(&holder, &sent.place) } else { holder.clone() };
            sent.pointer = child(&holder, &sent.name);
        }
    }
}

fn take<'a>(
    before: &mut All<'a>,
    from: &Key,
    after: &mut All<'a>,
    to: &Key,
) -> (Option<Sent<'a>>, Option<Sent<'a>>) {
    if before.contains_key(from) && after.contains_key(to) {
        (before.remove(from), after.remove(to))
    } else {
        (None, None)
    }
}

/// What the parts of a path were called and are called now, if it is the same path.
fn parts_of_the_path(old: &Operation<'_>, new: &Operation<'_>) -> Vec<(String, String)> {
    let ((before, old), (after, new)) = (template(&old.path), template(&new.path));
    if before == after { std::iter::zip(old, new).collect() } else { Vec::new() }
}

/// Parameters whose name is left in one place only, and that another.
fn elsewhere(before: &All<'_>, after: &All<'_>) -> Vec<(Key, Key)> {
    let only = |all: &All<'_>, name: &str| {
        let mut of_it = all.iter().filter(|(_, it)| it.name.eq_ignore_ascii_case(name));
        let key = of_it.next()?.0.clone();
        of_it.next().is_none().then_some(key)
    };
    let pairs = before.values().filter_map(|sent| {
        let (from, to) = (only(before, &sent.name)?, only(after, &sent.name)?);
        (from.0 != to.0).then_some((from, to))
    });
    pairs.collect()
}

fn headers<'a>(
    document: &'a Value,
    holder: &'a Value,
    pointer: &str,
) -> BTreeMap<String, Sent<'a>> {
    let pointer = child(pointer, "headers");
    let all = holder["headers"].as_object().into_iter().flatten().map(|(name, value)| {
        let (value, place) = (resolve(document, value), "header".to_owned());
        let sent = Sent { name: name.clone(), place, value, pointer: child(&pointer, name) };
        (name.to_lowercase(), sent)
    });
    all.filter(|(name, _)| name != "content-type").collect()
}

/// The schema, or that of the one media type.
fn shape<'a>(document: &'a Value, sent: &Sent<'a>) -> Shape<'a> {
    let content = sent.value["content"].as_object().and_then(|content| content.iter().next());
    let (schema, pointer) = match content {
        Some((name, media)) => {
            let pointer = child(&child(&sent.pointer, "content"), name);
            (&media["schema"], pointer)
        }
        None => (&sent.value["schema"], sent.pointer.clone()),
    };
    Shape::new(document, schema, child(&pointer, "schema"))
}

fn place(sent: &Sent<'_>) -> String {
    format!("in {}", sent.place)
}

fn means(sent: &Sent<'_>) -> String {
    let has_content = sent.value.get("content").is_some();
    if has_content { "by content" } else { "by schema" }.to_owned()
}

/// How it is sent, with the defaults that OpenAPI has, and without what has no effect.
fn style(sent: &Sent<'_>, is_single: bool) -> [String; 4] {
    let Sent { value, .. } = sent;
    let is_query = sent.place == "query";
    let default = if is_query || sent.place == "cookie" { "form" } else { "simple" };
    let style = value.get("style").map_or(default.to_owned(), plain);
    let explode = value.get("explode").map_or((style == "form").to_string(), plain);
    let reserved = is_query && value["allowReserved"] == true;
    [
        place(sent),
        format!("style {style}"),
        if is_single { String::new() } else { format!("explode {explode}") },
        format!("allowReserved {reserved}"),
    ]
}
