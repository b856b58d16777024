//! `cargo xtask diff`: what changed between two documents, from the point of view of a client.

mod assignment;
mod branches;
mod choices;
mod content;
mod difference;
mod format;
mod keywords;
mod limits;
mod moves;
mod names;
mod objects;
mod parameters;
mod parted;
mod parts;
pub mod rules;
mod schemas;
mod shape;
mod source;
mod surroundings;
mod value;
mod walk;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Result;
use crate::renames::Kind;
use crate::workspace::Workspace;
pub use difference::Difference;
pub use format::{Format, format, summary};
pub use names::{Renames, is_close};
use rules::Rule;
pub use rules::{Direction, Verdict};
pub use source::{Source, source, sources};
use walk::{Comparison, Operation};

/// The worst verdict, and none if there is no difference.
pub fn verdict(differences: &[Difference]) -> Option<Verdict> {
    differences.iter().map(|difference| difference.verdict).max()
}

pub fn exit_code(differences: &[Difference]) -> u8 {
    match verdict(differences) {
        None | Some(Verdict::Documentation) => 0,
        Some(Verdict::Additive) => 1,
        Some(Verdict::Breaking) => 2,
    }
}

/// Compares two sources; texts only between vendor documents, a revision has none.
pub fn compare(workspace: &Workspace, old: &Source, new: &Source) -> Result<Vec<Difference>> {
    let renames = Renames::load(workspace, old.date.as_deref(), new.date.as_deref())?;
    let with_texts = old.date.is_none() && new.date.is_none();
    Ok(diff(&old.document, &new.document, &renames, with_texts))
}

/// Compares every operation of two documents that have only those of one api.
pub fn diff(old: &Value, new: &Value, renames: &Renames, with_texts: bool) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut newer: BTreeMap<_, _> =
        operations(new).into_iter().map(|operation| (operation.id.clone(), operation)).collect();
    for operation in operations(old) {
        let mut ids = renames.candidates(Kind::Operation, &operation.id).into_iter();
        let counterpart = ids.find_map(|id| newer.remove(&id));
        let counterpart = counterpart.or_else(|| same_path(&operation, &mut newer));
        match counterpart {
            Some(counterpart) => {
                let id = &counterpart.id;
                let mut comparison = Comparison::new((old, new), renames, with_texts, id);
                comparison.operation(&operation, &counterpart);
                found.extend(moves::recognised(comparison.found, renames));
            }
            None => found.push(whole(&operation, &rules::OPERATION_REMOVED)),
        }
    }
    found.extend(newer.values().map(|operation| whole(operation, &rules::OPERATION_ADDED)));
    merged(found)
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, value) in item.as_object().into_iter().flatten() {
            if let Some(id) = value.get("operationId").and_then(Value::as_str) {
                let (id, method, path) = (id.to_owned(), method.clone(), path.clone());
                operations.push(Operation { id, method, path, item, value });
            }
        }
    }
    operations
}

fn same_path<'a>(
    operation: &Operation<'_>,
    newer: &mut BTreeMap<String, Operation<'a>>,
) -> Option<Operation<'a>> {
    let id = newer.values().find(|other| other.is_at(operation))?.id.clone();
    newer.remove(&id)
}

fn whole(operation: &Operation<'_>, rule: &'static Rule) -> Difference {
    let line = operation.line();
    let is_new = *rule == rules::OPERATION_ADDED;
    Difference {
        operations: vec![operation.id.clone()],
        pointer: operation.pointer(),
        direction: Direction::Request,
        verdict: rule.verdict(Direction::Request),
        rule,
        old: (!is_new).then(|| line.clone()),
        new: is_new.then_some(line),
        note: None,
        is_certain: false,
    }
}

/// What several operations reach is one difference.
fn merged(found: Vec<Difference>) -> Vec<Difference> {
    let mut all: Vec<Difference> = Vec::new();
    for difference in found {
        let bare = |it: &Difference| Difference { operations: Vec::new(), ..it.clone() };
        match all.iter_mut().find(|known| bare(known) == bare(&difference)) {
            Some(known) => {
                known.operations.extend(difference.operations);
                known.operations.sort();
                known.operations.dedup();
            }
            None => all.push(difference),
        }
    }
    parted::doubt(&mut all);
    all.sort_by(|a, b| key(a).cmp(&key(b)));
    all
}

fn key(it: &Difference) -> impl Ord + '_ {
    let worst_first = std::cmp::Reverse(it.verdict);
    (&it.operations, worst_first, it.direction, &it.pointer, it.rule.what, &it.old, &it.new)
}
