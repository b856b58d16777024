//! `cargo xtask import`: a vendor document becomes a revision.

use std::path::Path;

use crate::canon;
use crate::catalogue::{self, Api, Catalogue, Revision};
use crate::document;
use crate::downgrade;
use crate::error::{Problem, Result};
use crate::workspace::{self, CATALOGUE, Changes, Workspace};

/// What an import comes to.
#[derive(Debug)]
pub enum Import {
    /// The same interface is there under this date.
    Unchanged,
    New(Changes),
}

pub fn import(workspace: &Workspace, file: &Path, api: Api, date: &str) -> Result<Import> {
    let catalogue = Catalogue::load(workspace)?;
    let (revision, text) = canonicalize(&catalogue, file, api, date)?;
    match catalogue.revision(api, date) {
        Some(known) if known.sha256 == revision.sha256 => return Ok(Import::Unchanged),
        Some(_) => return Err(taken(api, date).in_file(&file.display().to_string()).into()),
        None => {}
    }
    let entries = catalogue::with_revision(&workspace.read(CATALOGUE)?, &revision)?;
    let mut changes = Changes::default();
    changes.write(workspace::revision_file(api, date), text);
    changes.write(CATALOGUE, entries);
    Ok(Import::New(changes))
}

fn canonicalize(
    catalogue: &Catalogue,
    file: &Path,
    api: Api,
    date: &str,
) -> Result<(Revision, String)> {
    let document = downgrade::read(file, catalogue, Some(api))?;
    let canonical = canon::revision(&document, api, catalogue.entry(api)?, date)
        .map_err(|e| e.in_file(&file.display().to_string()))?;
    let text = document::to_text(&canonical);
    let revision = Revision {
        api,
        date: date.to_owned(),
        sha256: workspace::sha256(&text),
        document: canon::self_description(&document),
    };
    Ok((revision, text))
}

fn taken(api: Api, date: &str) -> Problem {
    Problem::new(
        "",
        format!("is not the revision that {api} already has for {date}"),
        "import it under the date it was published on; a committed revision never changes",
    )
}
