//! `openapi/renames.toml`: what became what where an api changed its names.

mod checks;
mod lines;

use serde::Deserialize;

use crate::catalogue::{Api, Catalogue};
use crate::error::{Problem, Result};
use crate::workspace::Workspace;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rename: Vec<Rename>,
}

/// Every rename, once each is known to be one.
pub fn load(workspace: &Workspace) -> Result<Vec<Rename>> {
    let catalogue = Catalogue::load(workspace)?;
    let text = workspace.read(RENAMES)?;
    let renames = parse(&text).map_err(|problem| problem.in_file(RENAMES))?;
    checks::check(workspace, &catalogue, &text, &renames)
        .map_err(|error| error.in_file(RENAMES))?;
    Ok(renames)
}

fn parse(text: &str) -> Result<Vec<Rename>, Problem> {
    let File { rename: renames } = toml::from_str(text).map_err(|error| {
        let error = error.to_string();
        let error: Vec<_> = error.split_whitespace().collect();
        let what = format!("is not a list of renames: {}", error.join(" "));
        Problem::new("", what, "see the comment at its top for its form")
    })?;
    Ok(renames)
}
