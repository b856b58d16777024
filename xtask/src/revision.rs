//! The committed revisions with the overlays.

use serde_json::Value;

use crate::catalogue::{Api, Catalogue};
use crate::error::Result;
use crate::overlay;
pub use crate::published::{published, revision};
use crate::renames;
use crate::workspace::Workspace;

/// A committed revision with the overlays applied, and the digest it has without them.
pub fn corrected(
    workspace: &Workspace,
    catalogue: &Catalogue,
    api: Api,
    date: &str,
) -> Result<(Value, String)> {
    let (mut document, sha256) = published(workspace, catalogue, api, date)?;
    let renames = renames::since_named(workspace, catalogue, api, date)?;
    overlay::apply_all(workspace, catalogue, &mut document, (api, date), &renames)?;
    Ok((document, sha256))
}
