//! What a new property of a request or a response is for, and so which file it goes to, by the words of those beside it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::Api;
use crate::coverage::vocabulary;
use crate::document::{child, resolve};
use crate::error::Result;
use crate::workspace::Workspace;

pub const VOCABULARY: &str = "crates/callperf/src/words/vocabulary.rs";
const QUERY: &str = "crates/callperf/src/query/filter.rs";
const REPORT: &str = "crates/callperf/src/report/metric.rs";

/// A document with the words of its api.
pub struct Parts<'a> {
    document: &'a Value,
    words: BTreeMap<String, Value>,
}

impl<'a> Parts<'a> {
    pub fn load(workspace: &Workspace, api: Api, document: &'a Value) -> Result<Self> {
        let words = vocabulary(workspace)?.remove(api.name()).unwrap_or_default();
        Ok(Self { document, words })
    }

    /// What to do about a new property of a request.
    pub fn request(&self, pointer: &str, folder: &str) -> String {
        let beside = self.beside(pointer);
        if beside.iter().any(|word| self.is_option(word)) {
            return format!(
                "new option: name its breakdown in {VOCABULARY}; the compiler says where it goes"
            );
        }
        if beside.iter().all(|word| word.starts_with("filter ")) {
            return format!(
                "new filter: make it one of `Filter` in {QUERY}; the compiler says where it goes"
            );
        }
        format!("new part of a request: write it in {folder}/request.rs")
    }

    /// What to do about a new property of a response.
    pub fn response(&self, pointer: &str, table: &str) -> String {
        let property = self.document.pointer(pointer);
        let is_object =
            property.is_some_and(|it| resolve(self.document, it)["properties"].is_object());
        if is_object {
            format!(
                "new breakdown: its words in {VOCABULARY}, its method in {REPORT}, read in {table}"
            )
        } else {
            format!("new field: add one line to {VOCABULARY} and one to {table}")
        }
    }

    /// The words of what the object has besides a property.
    fn beside(&self, pointer: &str) -> Vec<&str> {
        let Some((holder, _)) = pointer.rsplit_once('/') else { return Vec::new() };
        let names = self.document.pointer(holder).and_then(Value::as_object);
        let others = names.into_iter().flatten().map(|(name, _)| child(holder, name));
        others.filter_map(|it| self.words.get(&it)?.as_str()).collect()
    }

    /// An option asks for a measure, `calls by_type`, of which the response has the values, `calls.by_type.outbound`.
    fn is_option(&self, word: &str) -> bool {
        let Some((measure, _)) = word.split_once(' ') else { return false };
        let start = format!("{measure}.");
        let words = self.words.values().filter_map(Value::as_str);
        words.flat_map(|words| words.split(", ")).any(|word| word.starts_with(&start))
    }
}
