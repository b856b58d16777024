//! The schemas of a document that a rename can be about.

use serde_json::Value;

use super::rename::{Entry, Kind, RENAMES, Rename};
use crate::document::child;
use crate::error::Problem;

/// Every schema, or what looks like one, with its pointer.
pub(super) fn each_schema(document: &Value, visit: &mut impl FnMut(&Value, &str)) {
    each(document, "", visit);
}

fn each(value: &Value, pointer: &str, visit: &mut impl FnMut(&Value, &str)) {
    match value {
        Value::Object(map) => {
            visit(value, pointer);
            map.iter().for_each(|(name, inner)| each(inner, &child(pointer, name), visit));
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                each(inner, &child(pointer, &at.to_string()), visit);
            }
        }
        _ => {}
    }
}

pub(super) fn is_object(schema: &Value) -> bool {
    schema["properties"].is_object() && schema["properties"].get("$ref").is_none()
}

pub(super) fn is_word_list(schema: &Value) -> bool {
    schema["enum"].is_array()
}

/// A rename that no schema of a later document is about.
#[derive(Debug)]
pub struct NoPlace {
    pub rename: Rename,
    /// Whether the old name is there beside the new one.
    pub is_taken: bool,
}

pub(super) fn no_place(rename: &Rename, is_taken: bool) -> Box<NoPlace> {
    Box::new(NoPlace { rename: rename.clone(), is_taken })
}

impl From<Box<NoPlace>> for Problem {
    fn from(it: Box<NoPlace>) -> Self {
        let (pointer, line) =
            it.rename.entry.map_or_else(Default::default, |Entry { index, line }| {
                (format!("/rename/{index}"), format!(" (line {line})"))
            });
        let (what, remedy) = it.described();
        Self::new(pointer, what + &line, remedy).in_file(RENAMES)
    }
}

impl NoPlace {
    /// What is wrong, and what to do.
    fn described(&self) -> (String, String) {
        let Rename { kind, old, new, revision, .. } = &self.rename;
        if *kind == Kind::Drop {
            let what =
                format!("drops `{old}` in {revision}, and no schema of a later document lacks it");
            return (what, "correct the rename, or take it out".to_owned());
        }
        let renames = format!("renames the {} `{old}` to `{new}` in {revision}", kind.name());
        if self.is_taken {
            let remedy = format!(
                "add `until = \"…\"` with the first revision that has both, from which on `{old}` is something else"
            );
            return (format!("{renames}, and a later document has both"), remedy);
        }
        let what = format!(
            "{renames}, and no schema of a later document has the new name without the old one"
        );
        let remedy = "correct the rename, add `until = \"…\"` with the first revision in which it holds no longer, or \
                      take it out";
        (what, remedy.to_owned())
    }
}
