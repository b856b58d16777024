//! What every query and every response has: when a revision drops it, the hand-written code has to read something
//! else.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::Api;
use crate::coverage::vocabulary;
use crate::document::{child, resolve};
use crate::error::Result;
use crate::renames::{Kind, Rename};
use crate::workspace::Workspace;

/// A line for each drop of it, by the vocabulary of the document before.
pub fn lost(
    workspace: &Workspace,
    api: Api,
    before: &Value,
    renames: &[Rename],
    folder: &str,
) -> Result<Vec<String>> {
    let words = vocabulary(workspace)?.remove(api.name()).unwrap_or_default();
    let drops = renames.iter().filter(|it| it.kind == Kind::Drop);
    let lost = drops.filter_map(|drop| {
        let pointer = child(&child(drop.at.as_ref()?, "properties"), &drop.old);
        is_in_envelope(&words, before, &pointer).then(|| {
            format!(
                "{folder}: `{}` is gone ({pointer}), and every query or every response has it: write by hand what \
                 takes its place",
                drop.old
            )
        })
    });
    Ok(lost.collect())
}

/// The vocabulary has dots in the words of measures and of what they are broken down by, and spaces in those of options
/// and filters. What only holds others is part of the envelope unless it holds words of measures.
fn is_in_envelope(words: &BTreeMap<String, Value>, document: &Value, pointer: &str) -> bool {
    let Some(word) = words.get(pointer).and_then(Value::as_str) else { return false };
    if !word.starts_with("what `") {
        return word == "every query" || !word.contains(['.', ' ']);
    }
    let held = words.keys().filter(|it| is_held(document, pointer, it));
    let held: Vec<_> = held.filter_map(|it| words[it].as_str()).collect();
    !held.is_empty() && !held.iter().any(|word| word.contains('.'))
}

/// Whether one property is in the object that another one is, or is a list of.
fn is_held(document: &Value, pointer: &str, other: &str) -> bool {
    let Some(property) = document.pointer(pointer) else { return false };
    let object = resolve(document, property);
    let object = object.get("items").map_or(object, |items| resolve(document, items));
    let Some((holder, _)) = other.rsplit_once("/properties/") else { return false };
    document.pointer(holder).is_some_and(|it| std::ptr::eq(it, object))
}
