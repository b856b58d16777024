//! `cargo xtask import`: a vendor document becomes a revision.

use std::path::Path;

use serde_json::Value;

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
    let document = downgrade::read(file, &catalogue, Some(api))?;
    let imported = import_document(workspace, &catalogue, &document, api, date);
    imported.map_err(|error| error.in_file(&file.display().to_string()))
}

/// The same with a document that was read before.
pub fn import_document(
    workspace: &Workspace,
    catalogue: &Catalogue,
    document: &Value,
    api: Api,
    date: &str,
) -> Result<Import> {
    let (revision, text) = canonicalize(catalogue, document, api, date)?;
    match catalogue.revision(api, date) {
        Some(known) if known.sha256 == revision.sha256 => return Ok(Import::Unchanged),
        Some(_) => return Err(taken(api, date).into()),
        None => {}
    }
    let entries = catalogue::with_revision(&workspace.read(CATALOGUE)?, &revision)?;
    let mut changes = Changes::default();
    changes.write(workspace::revision_file(api, date), text);
    changes.write(CATALOGUE, entries);
    Ok(Import::New(changes))
}

/// The revision that a document comes to, and its text.
pub fn canonicalize(
    catalogue: &Catalogue,
    document: &Value,
    api: Api,
    date: &str,
) -> Result<(Revision, String)> {
    let canonical = canon::revision(document, api, catalogue.entry(api)?, date)?;
    let text = document::to_text(&canonical);
    let revision = Revision {
        api,
        date: date.to_owned(),
        sha256: workspace::sha256(&text),
        document: canon::self_description(document),
    };
    Ok((revision, text))
}

/// Whether a document's interface is that of a known revision.
pub fn is_revision(catalogue: &Catalogue, document: &Value, api: Api, date: &str) -> Result<bool> {
    let (revision, _) = canonicalize(catalogue, document, api, date)?;
    let known = catalogue.revision(api, date);
    Ok(known.is_some_and(|known| known.sha256 == revision.sha256))
}

fn taken(api: Api, date: &str) -> Problem {
    let there = workspace::revision_file(api, date);
    Problem::new(
        "",
        format!(
            "has another interface than the revision of {api} that is there for {date}, {there}"
        ),
        format!(
            "see what differs by `cargo xtask diff {api}@{date} FILE`; if this was published on \
             another day, give that by --date; if {there} was imported by mistake and isn't committed, \
             take it and its entry in {CATALOGUE} out first"
        ),
    )
}

/// What is likely wrong with a date that is accepted, as of a day.
pub fn doubt(date: &str, today: &str) -> Option<String> {
    (date > today).then(|| {
        format!(
            "warning: {date} is later than today, {today}: a document can't have been published \
             then; check --date"
        )
    })
}
