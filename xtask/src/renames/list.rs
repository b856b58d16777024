//! Reading `openapi/renames.toml`.

use std::sync::Arc;

use serde::Deserialize;

use super::checks;
use super::lines::line;
use super::rename::{Entry, Kind, RENAMES, Rename};
use crate::catalogue::{Api, Catalogue};
use crate::error::{Problem, Result};
use crate::published::published;
use crate::workspace::Workspace;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rename: Vec<Rename>,
}

/// Every rename, once each is known to be one.
pub fn load(workspace: &Workspace) -> Result<Vec<Rename>> {
    let catalogue = Catalogue::load(workspace)?;
    let (text, mut renames) = (workspace.read(RENAMES)?, read(workspace)?);
    checks::check(workspace, &catalogue, &text, &renames)
        .map_err(|error| error.in_file(RENAMES))?;
    find_dropped(workspace, &catalogue, &mut renames)?;
    Ok(renames)
}

/// Those that a revision of an api brought, as they stand there.
pub fn of(workspace: &Workspace, api: Api, date: &str) -> Result<Vec<Rename>> {
    let mut renames = read(workspace)?;
    renames.retain(|it| it.api == api && it.revision == date);
    Ok(renames)
}

/// Those of an api after the revision whose names its Rust code has, up to another one in which they hold.
pub fn since_named(
    workspace: &Workspace,
    catalogue: &Catalogue,
    api: Api,
    until: &str,
) -> Result<Vec<Rename>> {
    let target = catalogue.api.get(&api).and_then(|entry| entry.generate.as_ref());
    let Some(named) = target.and_then(|target| target.names.clone()) else {
        return Ok(Vec::new());
    };
    let mut renames = read(workspace)?;
    renames.retain(|it| {
        it.api == api && *it.revision > *named && *it.revision <= *until && it.holds_in(until)
    });
    find_dropped(workspace, catalogue, &mut renames)?;
    Ok(renames)
}

/// Gives each drop the document that has what was dropped.
fn find_dropped(
    workspace: &Workspace,
    catalogue: &Catalogue,
    renames: &mut [Rename],
) -> Result<()> {
    for rename in renames.iter_mut().filter(|it| it.kind == Kind::Drop) {
        if let Some((api, date)) = checks::before(catalogue, rename.api, &rename.revision) {
            rename.before = Some(Arc::new(published(workspace, catalogue, api, &date)?.0));
        }
    }
    Ok(())
}

/// Every rename as it stands there.
fn read(workspace: &Workspace) -> Result<Vec<Rename>> {
    let text = workspace.read(RENAMES)?;
    parse(&text).map_err(|problem| problem.in_file(RENAMES).into())
}

fn parse(text: &str) -> Result<Vec<Rename>, Problem> {
    let File { rename: mut renames } = toml::from_str(text).map_err(|error| {
        let error = error.to_string();
        let error: Vec<_> = error.split_whitespace().collect();
        let what = format!("is not a list of renames: {}", error.join(" "));
        Problem::new("", what, "see the comment at its top for its form")
    })?;
    for (index, rename) in renames.iter_mut().enumerate() {
        rename.entry = line(text, index, "").map(|line| Entry { index, line });
    }
    Ok(renames)
}
