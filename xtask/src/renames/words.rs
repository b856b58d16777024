//! What a person may type for a word: every name that a revision has had for it.

use std::collections::BTreeSet;

use serde_json::json;

use super::rename::{Kind, Rename};
use crate::catalogue::Catalogue;
use crate::document::to_text;

pub const WORDS: &str = "crates/callperf/renamed.json";

/// Pairs of an old name and the one after it, of the apis that have words.
pub fn text(renames: &[Rename], catalogue: &Catalogue) -> String {
    let is_of_words = |it: &&Rename| {
        let has_words = catalogue.api.get(&it.api).is_some_and(|entry| entry.vocabulary);
        has_words && [Kind::Property, Kind::Value].contains(&it.kind)
    };
    let words = renames.iter().filter(is_of_words);
    let pairs: BTreeSet<_> = words.map(|it| (&it.old, &it.new)).collect();
    to_text(&json!(pairs))
}
