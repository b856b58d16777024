//! The committed revisions, as they were imported.

use serde_json::Value;

use crate::catalogue::{Api, Catalogue};
use crate::error::{Problem, Result};
use crate::workspace::{self, Workspace};

/// A committed revision as it was imported, and its digest.
pub fn published(
    workspace: &Workspace,
    catalogue: &Catalogue,
    api: Api,
    date: &str,
) -> Result<(Value, String)> {
    let (text, sha256) = revision(workspace, catalogue, api, date)?;
    let document = serde_json::from_str(&text).map_err(|e| {
        let what = format!("is not JSON: {e}");
        let remedy = "restore the committed file";
        Problem::new("", what, remedy).in_file(&workspace::revision_file(api, date))
    })?;
    Ok((document, sha256))
}

/// The text of a committed revision, once its digest is what the catalogue says.
pub fn revision(
    workspace: &Workspace,
    catalogue: &Catalogue,
    api: Api,
    date: &str,
) -> Result<(String, String)> {
    let file = workspace::revision_file(api, date);
    let known = catalogue.revision(api, date).ok_or_else(|| {
        let what = "is not in openapi/revisions.toml";
        Problem::new("", what, "import the revision first").in_file(&file)
    })?;
    let text = workspace.read(&file)?;
    let sha256 = workspace::sha256(&text);
    if sha256 != known.sha256 {
        let what = format!("has sha256 {sha256}, and openapi/revisions.toml says {}", known.sha256);
        let remedy = "restore the file: revisions never change, corrections are overlays";
        return Err(Problem::new("", what, remedy).in_file(&file).into());
    }
    Ok((text, sha256))
}
