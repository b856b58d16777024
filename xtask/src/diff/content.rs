//! The part of the walk that is about bodies, responses and media types.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rules::{self, Direction};
use super::shape::Shape;
use super::walk::{At, Comparison, Operation, keys, members};
use crate::document::{child, resolve};
use crate::node::plain;

/// By the name as it is compared: as it is written, and the value.
type Named<'a> = BTreeMap<String, (String, &'a Value)>;

impl<'a> Comparison<'a> {
    pub(super) fn body(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
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

    pub(super) fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let place =
            |it: &Operation<'_>, status: &str| child(&child(&it.pointer(), "responses"), status);
        let (before, after) = (statuses(old), statuses(new));
        for (status, (written, value)) in &before {
            let way = direction(status);
            let there = place(old, written);
            if let Some((name, other)) = counterpart(status, &after) {
                self.response(value, other, (&there, &place(new, name)), way);
            } else {
                let at = At { pointer: &there, way };
                self.report(&rules::STATUS_REMOVED, at, Some(written), None);
            }
        }
        for (status, (written, value)) in &after {
            if before.contains_key(status) {
                continue;
            }
            let (way, there) = (direction(status), place(new, written));
            self.report(&rules::STATUS_ADDED, At { pointer: &there, way }, None, Some(written));
            if let Some((name, other)) = counterpart(status, &before) {
                self.response(other, value, (&place(old, name), &there), way);
            }
        }
    }

    fn response(
        &mut self,
        old: &'a Value,
        new: &'a Value,
        (before, after): (&str, &str),
        way: Direction,
    ) {
        let (old, new) = (resolve(self.old, old), resolve(self.new, new));
        self.texts(old, new, At { pointer: after, way });
        self.headers(old, new, (before, after), way);
        self.content(old, new, (before, after), way);
    }

    pub(super) fn content(
        &mut self,
        old: &'a Value,
        new: &'a Value,
        (before, after): (&str, &str),
        way: Direction,
    ) {
        let (old, new) = (media_types(old), media_types(new));
        let place = |holder, name: &str| child(&child(holder, "content"), name);
        for name in keys(&old).union(&keys(&new)) {
            match (old.get(name), new.get(name)) {
                (Some((old_name, old)), Some((new_name, new))) => {
                    let places = (place(before, old_name), place(after, new_name));
                    self.media_type(name, old, new, (&places.0, &places.1), way);
                }
                (Some((written, value)), None) => {
                    let at = At { pointer: &place(before, written), way };
                    let Some((range, (range_name, other))) = range_of(name, &new) else {
                        if !is_instead(name, &new, &old) {
                            self.report(&rules::MEDIA_TYPE_REMOVED, at, Some(written), None);
                        }
                        continue;
                    };
                    let there = place(after, range_name);
                    if !old.contains_key(range) {
                        let rule = &rules::MEDIA_TYPE_WIDENED;
                        let at = At { pointer: &there, way };
                        self.report(rule, at, Some(written), Some(range_name));
                    }
                    self.media_type(name, value, other, (at.pointer, &there), way);
                }
                (None, Some((written, value))) => {
                    let at = At { pointer: &place(after, written), way };
                    let Some((range, (range_name, other))) = range_of(name, &old) else {
                        if !is_instead(name, &old, &new) {
                            self.report(&rules::MEDIA_TYPE_ADDED, at, None, Some(written));
                        }
                        continue;
                    };
                    if !new.contains_key(range) {
                        let rule = &rules::MEDIA_TYPE_NARROWED;
                        self.report(rule, at, Some(range_name), Some(written));
                    }
                    let there = place(before, range_name);
                    self.media_type(name, other, value, (&there, at.pointer), way);
                }
                (None, None) => {}
            }
        }
    }

    fn media_type(
        &mut self,
        name: &str,
        old: &'a Value,
        new: &'a Value,
        (before, after): (&str, &str),
        way: Direction,
    ) {
        self.texts(old, new, At { pointer: after, way });
        if way == Direction::Request {
            self.encodings(name, old, new, (before, after));
        }
        let old = Shape::new(self.old, &old["schema"], child(before, "schema"));
        let new = Shape::new(self.new, &new["schema"], child(after, "schema"));
        self.schemas(&old, &new, way);
    }

    /// Only forms have parts that are encoded.
    fn encodings(
        &mut self,
        name: &str,
        old: &'a Value,
        new: &'a Value,
        (before, after): (&str, &str),
    ) {
        let is_multipart = name.starts_with("multipart/");
        if !is_multipart && !name.starts_with("application/x-www-form-urlencoded") {
            return;
        }
        let way = Direction::Request;
        let (old, new) = (members(&old["encoding"]), members(&new["encoding"]));
        for part in keys(&old).union(&keys(&new)) {
            let of =
                |all: &BTreeMap<String, &'a Value>| all.get(part).copied().unwrap_or(&Value::Null);
            let (one, other) = (of(&old), of(&new));
            let place = |holder| child(&child(holder, "encoding"), part);
            let (before, after) = (place(before), place(after));
            if encoding(one, is_multipart) != encoding(other, is_multipart) {
                let at = At { pointer: &after, way };
                self.report(&rules::ENCODING_CHANGED, at, None, Some(part));
            }
            if is_multipart {
                self.headers(one, other, (&before, &after), way);
            }
        }
    }
}

/// With the defaults that OpenAPI has, and without what has no effect.
fn encoding(value: &Value, is_multipart: bool) -> Value {
    let content_type = value["contentType"].as_str().map(canonical);
    if is_multipart {
        return json!({"contentType": content_type});
    }
    let style = value.get("style").map_or("form".to_owned(), plain);
    let explode = value.get("explode").map_or((style == "form").to_string(), plain);
    let reserved = value["allowReserved"] == true;
    json!({"contentType": content_type, "style": style, "explode": explode, "reserved": reserved})
}

fn direction(status: &str) -> Direction {
    if status.starts_with('2') { Direction::Response } else { Direction::Error }
}

fn statuses<'a>(operation: &Operation<'a>) -> Named<'a> {
    let all = operation.value["responses"].as_object().into_iter().flatten();
    let all = all.filter(|(status, _)| !status.starts_with("x-"));
    let named = |(status, value): (&String, &'a Value)| {
        let key = if status == "default" { status.clone() } else { status.to_uppercase() };
        (key, (status.clone(), value))
    };
    all.map(named).collect()
}

/// The same status, or else the range that it is in, or else the default for errors.
fn counterpart<'n, 'a>(status: &str, all: &'n Named<'a>) -> Option<&'n (String, &'a Value)> {
    let range = format!("{}XX", status.chars().next()?);
    let default = if status.starts_with('2') { None } else { all.get("default") };
    all.get(status).or_else(|| all.get(&range)).or(default)
}

fn media_types(holder: &Value) -> Named<'_> {
    let mut all = Named::new();
    for (name, value) in members(&holder["content"]) {
        let bare = canonical(&name);
        let key = if all.contains_key(&bare) { lowercase(&name) } else { bare };
        all.insert(key, (name, value));
    }
    all
}

/// A media type without what doesn't matter: case, spaces, and that text is UTF-8.
fn canonical(media_type: &str) -> String {
    let lowercase = lowercase(media_type);
    let counts = |part: &&str| !["charset=utf-8", "charset=\"utf-8\""].contains(part);
    let types = lowercase.split(',');
    let types = types.map(|it| it.split(';').filter(counts).collect::<Vec<_>>().join(";"));
    types.collect::<Vec<_>>().join(",")
}

fn lowercase(media_type: &str) -> String {
    let parts = media_type.split([';', ',']).zip(separators(media_type));
    parts.map(|(part, end)| part.trim().to_lowercase() + end).collect()
}

fn separators(text: &str) -> impl Iterator<Item = &str> {
    text.matches([';', ',']).chain(std::iter::once(""))
}

fn is_in(name: &str, range: &str) -> bool {
    let start = range.strip_suffix('*');
    range == "*/*" && name != range
        || start.is_some_and(|start| name != range && name.starts_with(start))
}

/// Whether a range is there for what the other side has in it, and says so.
fn is_instead(range: &str, members: &Named<'_>, others: &Named<'_>) -> bool {
    members.keys().any(|name| is_in(name, range) && !others.contains_key(name))
}

/// The narrowest range that a media type is in.
fn range_of<'n, 'a>(
    name: &str,
    all: &'n Named<'a>,
) -> Option<(&'n String, &'n (String, &'a Value))> {
    all.iter().filter(|(range, _)| is_in(name, range)).max_by_key(|(range, _)| range.len())
}
