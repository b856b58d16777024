//! `openapi/renames.toml`: what became what where an api changed its names.

use std::collections::BTreeSet;

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
    pub evidence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Operation,
    Property,
    Value,
    Move,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rename: Vec<Rename>,
}

/// Every rename, once each is known to hold from a revision that there is.
pub fn load(workspace: &Workspace) -> Result<Vec<Rename>> {
    let catalogue = Catalogue::load(workspace)?;
    let renames = parse(&workspace.read(RENAMES)?, &catalogue);
    renames.map_err(|problem| problem.in_file(RENAMES).into())
}

fn parse(text: &str, catalogue: &Catalogue) -> Result<Vec<Rename>, Problem> {
    let File { rename: renames } = toml::from_str(text).map_err(|error| {
        let error = error.to_string();
        let error: Vec<_> = error.split_whitespace().collect();
        let what = format!("is not a list of renames: {}", error.join(" "));
        Problem::new("", what, "see the comment at its top for its form")
    })?;
    let mut known = BTreeSet::new();
    for (index, rename) in renames.iter().enumerate() {
        let at = |key: &str| format!("/rename/{index}{key}");
        let Rename { kind, old, new, api, revision, evidence } = rename;
        let texts = [("/old", old), ("/new", new), ("/evidence", evidence)];
        if let Some((key, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
            let remedy = "write the old name, the new name and how it is known";
            return Err(Problem::new(at(key), "is empty", remedy));
        }
        if old == new {
            let what = format!("renames `{old}` to itself");
            return Err(Problem::new(at("/new"), what, "write the new name, or take it out"));
        }
        if catalogue.revision(*api, revision).is_none() {
            let what = format!("{api} has no revision of {revision}");
            let remedy = "write the date of the first revision that has the new name, as in \
                          openapi/revisions.toml";
            return Err(Problem::new(at("/revision"), what, remedy));
        }
        if !known.insert((kind, old, api, revision)) {
            let what = format!("`{old}` is renamed twice in {api} {revision}");
            return Err(Problem::new(at(""), what, "leave one of the two"));
        }
    }
    Ok(renames)
}
