//! One rename.

use serde::Deserialize;

use crate::catalogue::Api;

pub const RENAMES: &str = "openapi/renames.toml";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    pub kind: Kind,
    /// A name on the wire; of a move, a path of properties from the object that contains both places.
    pub old: String,
    pub new: String,
    pub api: Api,
    /// The first revision that has the new name.
    pub revision: String,
    /// The JSON pointer of the one schema, in that revision, whose name it is; without it, every
    /// schema that has the new name and lacks the old one.
    pub at: Option<String>,
    pub evidence: String,
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
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Property => "property",
            Self::Value => "value",
            Self::Move => "move",
            Self::Schema => "schema",
        }
    }
}
