//! What `adopt` writes to `openapi/renames.toml`: the renames that `diff` recognises beyond doubt, and what was dropped
//! with nothing in its place.

use std::collections::BTreeSet;

use serde_json::Value;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::dropped::lacks;
use super::rename::{Kind, RENAMES, Rename};
use super::spelling::{Ended, object_of};
use crate::catalogue::Api;
use crate::diff::{Difference, Direction, is_close, rules};
use crate::document::child;
use crate::error::{Problem, Result};

/// The renames among the differences of two documents, each with its place.
pub fn certain(
    differences: &[Difference],
    (old, new): (&Value, &Value),
    api: Api,
    revision: &str,
) -> Vec<Rename> {
    let mut renames = Vec::new();
    for it in differences.iter().filter(|it| it.is_certain) {
        for (kind, old, new, at) in places(it, old, new) {
            let rename = Rename {
                kind,
                old,
                new,
                api,
                revision: revision.to_owned(),
                at: Some(at),
                evidence: "recognised by `cargo xtask adopt`, by name and shape".to_owned(),
                until: None,
                before: None,
                entry: None,
            };
            if !renames.contains(&rename) {
                renames.push(rename);
            }
        }
    }
    renames
}

/// The components that have one other name now, which no other had: their Rust types keep the first.
pub fn schemas(differences: &[Difference], api: Api, revision: &str) -> Vec<Rename> {
    let renamed = differences.iter().filter(|it| {
        *it.rule == rules::SCHEMA_RENAMED && it.direction != Direction::Error && !it.is_listed()
    });
    let pairs: BTreeSet<_> =
        renamed.filter_map(|it| it.old.as_ref().zip(it.new.as_ref())).collect();
    let is_only = |(old, new): &&(&String, &String)| {
        pairs.iter().filter(|(o, n)| o == old || n == new).count() == 1
    };
    let schemas = pairs.iter().filter(is_only).map(|(old, new)| Rename {
        kind: Kind::Schema,
        old: (*old).clone(),
        new: (*new).clone(),
        api,
        revision: revision.to_owned(),
        at: None,
        evidence: "found by `cargo xtask adopt` in the same places".to_owned(),
        until: None,
        before: None,
        entry: None,
    });
    schemas.collect()
}

/// What is gone with nothing in its place, less what is known of the revision already.
pub fn dropped(
    differences: &[Difference],
    new: &Value,
    (api, revision): (Api, &str),
    known: &[Rename],
) -> Vec<Rename> {
    let mut drops: Vec<Rename> = Vec::new();
    for (old, at) in differences.iter().filter_map(|it| drop_of(it, differences, new)) {
        let drop = Rename {
            kind: Kind::Drop,
            old,
            new: String::new(),
            api,
            revision: revision.to_owned(),
            at: Some(at),
            evidence: "found by `cargo xtask adopt`: nothing came in its place".to_owned(),
            until: None,
            before: None,
            entry: None,
        };
        if !known.iter().any(|it| is_drop_of(it, &drop)) && !drops.contains(&drop) {
            drops.push(drop);
        }
    }
    drops
}

fn is_drop_of(known: &Rename, drop: &Rename) -> bool {
    let is_there = known.at.is_none() || known.at == drop.at;
    known.kind == Kind::Drop && known.old == drop.old && is_there
}

/// The name that is gone, and the pointer of its schema, which the newer document has, too.
fn drop_of(it: &Difference, differences: &[Difference], new: &Value) -> Option<(String, String)> {
    let list = match it.rule {
        rule if *rule == rules::PROPERTY_REMOVED => "properties",
        rule if *rule == rules::VALUE_REMOVED => "enum",
        _ => return None,
    };
    let old = it.old.as_ref().filter(|_| it.direction != Direction::Error)?;
    let at = it.pointer.strip_suffix(&child(&format!("/{list}"), old))?;
    // Of a component that one place leaves and another keeps, nothing is gone.
    let is_gone = lacks(new, at, old);
    let has_heir = differences.iter().any(|other| is_candidate(it, other));
    let is_component = at.starts_with("/components/schemas/");
    (is_component && is_gone && !has_heir).then(|| (old.clone(), at.to_owned()))
}

/// Whether what came may be what is gone: beside it, or by a name that is close.
fn is_candidate(gone: &Difference, came: &Difference) -> bool {
    let is_unsure = RENAMED.contains(&came.rule) && !came.is_certain && !came.is_listed();
    let (Some(old), Some(new)) = (&gone.old, &came.new) else { return false };
    (is_unsure || COME.contains(&came.rule)) && (holder(gone) == holder(came) || is_close(old, new))
}

static RENAMED: [&rules::Rule; 2] = [&rules::PROPERTY_RENAMED, &rules::VALUE_RENAMED];
static COME: [&rules::Rule; 3] =
    [&rules::PROPERTY_ADDED, &rules::REQUIRED_PROPERTY_ADDED, &rules::VALUE_ADDED];

fn holder(it: &Difference) -> Option<&str> {
    it.pointer.rsplit_once('/').map(|(holder, _)| holder)
}

type Place = (Kind, String, String, String);

fn places(it: &Difference, before: &Value, after: &Value) -> Vec<Place> {
    let (Some(old), Some(new)) = (&it.old, &it.new) else { return Vec::new() };
    let at = |list: &str| {
        let holder = it.pointer.strip_suffix(&child(&format!("/{list}"), new))?;
        holder.starts_with("/components/schemas/").then(|| holder.to_owned())
    };
    let one = |kind, list| {
        let place = at(list).map(|at| (kind, old.clone(), new.clone(), at));
        place.into_iter().collect()
    };
    match it.rule {
        rule if *rule == rules::PROPERTY_RENAMED => one(Kind::Property, "properties"),
        rule if *rule == rules::VALUE_RENAMED => one(Kind::Value, "enum"),
        rule if *rule == rules::PROPERTY_MOVED => moves(before, after, old, new),
        _ => Vec::new(),
    }
}

/// The objects that contain both places of a move, as near as it can be.
fn moves(before: &Value, after: &Value, from: &str, to: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let schemas = after["components"]["schemas"].as_object().into_iter().flatten();
    for (name, _) in schemas {
        let at = child("/components/schemas", name);
        if let (Some(old), Some(new)) = (path(before, &at, from), path(after, &at, to)) {
            found.push((old.len() + new.len(), old, new, at));
        }
    }
    let nearest = found.iter().map(|(length, ..)| *length).min();
    let found = found.into_iter().filter(|(length, ..)| Some(*length) == nearest);
    found.map(|(_, old, new, at)| (Kind::Move, old.join("/"), new.join("/"), at)).collect()
}

/// How many objects a move may go through.
const DEPTH: usize = 3;

/// The properties that lead from an object to a pointer.
fn path(document: &Value, at: &str, pointer: &str) -> Option<Vec<String>> {
    let mut open = vec![(at.to_owned(), Vec::new())];
    for _ in 0..DEPTH {
        let mut inner = Vec::new();
        for (object, path) in open {
            let properties = child(&object, "properties");
            let names = document.pointer(&properties).and_then(Value::as_object)?;
            for name in names.keys() {
                let place = child(&properties, name);
                let path = [&path[..], std::slice::from_ref(name)].concat();
                if place == pointer {
                    return Some(path);
                }
                inner.extend(object_of(document, &place).map(|object| (object, path)));
            }
        }
        open = inner;
    }
    None
}

/// The text of the file with more renames at its end.
pub fn with(text: &str, renames: &[Rename]) -> Result<String> {
    if renames.is_empty() {
        return Ok(text.to_owned());
    }
    let mut document: DocumentMut = text.parse().map_err(|_| malformed())?;
    let tables = document
        .entry("rename")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(malformed)?;
    tables.extend(renames.iter().map(table));
    Ok(document.to_string())
}

fn malformed() -> Problem {
    let remedy = "see the comment at its top for its form";
    Problem::new("", "is not a list of renames", remedy).in_file(RENAMES)
}

/// The text of the file with the revision from which on some of its renames hold no longer.
pub fn with_until(text: &str, ended: &[Ended], date: &str) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|_| malformed())?;
    let tables = document.get_mut("rename").and_then(Item::as_array_of_tables_mut);
    let tables = tables.ok_or_else(malformed)?;
    for entry in ended.iter().filter_map(|it| it.rename.entry) {
        if let Some(table) = tables.get_mut(entry.index) {
            table.insert("until", value(date));
        }
    }
    Ok(document.to_string())
}

/// What there is to do about a rename that ends in a revision.
pub fn line_of(ended: &Ended, date: &str, folder: &str) -> String {
    let Ended { rename: Rename { old, new, revision, .. }, is_taken } = ended;
    if *is_taken {
        format!(
            "{RENAMES}: {date} has `{old}`, which is `{new}` since {revision}, as well: something else has the name \
             now, and the rename ends there (`until`); in Rust, both are called as the document has them: {folder} and \
             the sandbox have to follow, and older servers' `{old}` is not read as `{new}` any more"
        )
    } else {
        format!(
            "{RENAMES}: {date} has no `{new}`, which was `{old}` before {revision}, and the rename ends there \
             (`until`); if it was renamed again, add that rename and take `until` out, and otherwise, {folder} and the \
             sandbox have to follow"
        )
    }
}

fn table(rename: &Rename) -> Table {
    let mut table = Table::new();
    table.insert("kind", value(rename.kind.name()));
    table.insert("old", value(&rename.old));
    if rename.kind != Kind::Drop {
        table.insert("new", value(&rename.new));
    }
    table.insert("api", value(rename.api.name()));
    table.insert("revision", value(&rename.revision));
    if let Some(at) = &rename.at {
        table.insert("at", value(at));
    }
    table.insert("evidence", value(&rename.evidence));
    table.decor_mut().set_prefix("\n");
    table
}

/// Names that are gone, with what they may have become: for a person to decide.
#[derive(Debug, Default)]
pub struct Undecided {
    pub lines: BTreeSet<String>,
    /// The pointers of what is gone and of what came.
    pub pointers: BTreeSet<String>,
}

/// What can't be decided; `open` are the differences that aren't recorded.
pub fn undecided(open: &[&Difference], differences: &[Difference]) -> Undecided {
    let mut undecided = Undecided::default();
    let is = |it: &Difference, rules: &[&rules::Rule]| rules.contains(&it.rule);
    let gone = [&rules::PROPERTY_REMOVED, &rules::VALUE_REMOVED];
    for it in open {
        let guess = it.new.clone().filter(|_| is(it, &RENAMED));
        if guess.is_none() && !is(it, &gone) {
            continue;
        }
        let others = || differences.iter().filter(|other| is_candidate(it, other));
        let came = others().filter_map(|new| new.new.clone());
        let candidates: BTreeSet<_> = guess.into_iter().chain(came).collect();
        let (Some(old), false) = (&it.old, candidates.is_empty()) else { continue };
        let names: Vec<_> = candidates.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        let place = it.place();
        undecided.lines.insert(format!(
            "{RENAMES}: `{old}` is gone, and {names} came ({place}): add the rename if it is one, generate, and write \
             the vocabulary by {WRITE_VOCABULARY}"
        ));
        undecided.pointers.insert(it.pointer.clone());
        undecided.pointers.extend(holder(it).map(|holder| child(holder, old)));
        undecided.pointers.extend(others().map(|new| new.pointer.clone()));
    }
    undecided
}

const WRITE_VOCABULARY: &str = "`UPDATE_VOCABULARY=1 cargo test -p callperf-tests vocabulary`";

/// Whether the difference is a rename, a move, a component or a drop that the list has.
pub fn is_recorded(it: &Difference, (before, after): (&Value, &Value), renames: &[Rename]) -> bool {
    let is_listed = |(kind, old, new, at): Place| {
        let is_it = |it: &Rename| (it.kind, &it.old, &it.new) == (kind, &old, &new);
        renames.iter().any(|it| is_it(it) && it.at.as_ref() == Some(&at))
    };
    let gone = [("properties", &rules::PROPERTY_REMOVED), ("enum", &rules::VALUE_REMOVED)];
    let is_drop = |rename: &Rename| {
        let is_it = |(list, rule): &(&str, &rules::Rule)| {
            let place = rename.at.as_ref().map(|at| child(&child(at, list), &rename.old));
            *it.rule == **rule
                && it.old.as_ref() == Some(&rename.old)
                && place.is_none_or(|place| place == it.pointer)
        };
        rename.kind == Kind::Drop && gone.iter().any(is_it)
    };
    let is_schema = |rename: &Rename| {
        rename.kind == Kind::Schema
            && *it.rule == rules::SCHEMA_RENAMED
            && it.old.as_ref() == Some(&rename.old)
            && it.new.as_ref() == Some(&rename.new)
    };
    it.is_listed()
        || renames.iter().any(is_schema)
        || places(it, before, after).into_iter().any(is_listed)
        || (it.direction != Direction::Error && renames.iter().any(is_drop))
}
