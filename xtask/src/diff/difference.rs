//! One difference between two documents.

use super::rules::{Direction, Rule, Verdict};
use crate::shown::shown;

/// One difference. The pointer is of the newer document, unless something is only in the older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub operations: Vec<String>,
    pub pointer: String,
    pub direction: Direction,
    pub verdict: Verdict,
    pub rule: &'static Rule,
    pub old: Option<String>,
    pub new: Option<String>,
    pub note: Option<String>,
    /// Whether a rename or a move is one beyond doubt, and isn't listed yet.
    pub is_certain: bool,
}

impl Difference {
    /// Whether it is a rename that `openapi/renames.toml` has.
    pub fn is_listed(&self) -> bool {
        self.note.as_deref() == Some("listed")
    }

    /// What changed, without where, as it is printed.
    pub fn what(&self) -> String {
        let change = match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!(": {old} → {new}"),
            (Some(only), None) | (None, Some(only)) => format!(": {only}"),
            (None, None) => String::new(),
        };
        let note = self.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        shown(&format!("{}{change}{note}", self.rule.what))
    }

    /// Where, as it is printed.
    pub fn place(&self) -> String {
        shown(&self.pointer)
    }
}
