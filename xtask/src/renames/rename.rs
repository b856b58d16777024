//! One rename.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::catalogue::Api;

pub const RENAMES: &str = "openapi/renames.toml";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    pub kind: Kind,
    /// A name on the wire; of a move, a path of properties from the object that contains both places.
    pub old: String,
    /// Empty for what was dropped.
    #[serde(default)]
    pub new: String,
    pub api: Api,
    /// The first revision that has the new name, or lacks what was dropped.
    pub revision: String,
    /// The JSON pointer of the one schema, in that revision, whose name it is; without it, every
    /// schema that has the new name and lacks the old one. Of what was dropped, in the revision
    /// before.
    pub at: Option<String>,
    /// The first revision in which it holds no longer: something else has the old name, or the new one is gone.
    pub until: Option<String>,
    pub evidence: String,
    /// The document that has what was dropped.
    #[serde(skip)]
    pub before: Option<Arc<Value>>,
    /// Where the file has it.
    #[serde(skip)]
    pub entry: Option<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub index: usize,
    pub line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Operation,
    Property,
    Value,
    Move,
    /// Of a component: its name is a Rust type's, and isn't on the wire.
    Schema,
    /// A property or a value that the revision lacks, and nothing took its place.
    Drop,
}

impl Rename {
    /// Whether a document that is later than the rename can be taken back over it.
    pub fn holds_in(&self, date: &str) -> bool {
        self.until.as_ref().is_none_or(|until| date < until.as_str())
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Property => "property",
            Self::Value => "value",
            Self::Move => "move",
            Self::Schema => "schema",
            Self::Drop => "drop",
        }
    }
}
