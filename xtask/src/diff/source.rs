//! What is compared: a committed revision, or a vendor document.

use std::cmp::Reverse;
use std::path::Path;

use clap::ValueEnum as _;
use serde_json::{Map, Value, json};

use crate::canon;
use crate::catalogue::{Api, ApiEntry, Catalogue, Operation};
use crate::date::is_date;
use crate::document;
use crate::downgrade::{self, downgrade};
use crate::error::{Problem, Result};
use crate::revision::published;
use crate::workspace::Workspace;

#[derive(Debug)]
pub struct Source {
    pub label: String,
    pub api: Api,
    /// Of a revision; a file does not say.
    pub date: Option<String>,
    /// The operations of one api only.
    pub document: Value,
}

/// Reads `api@date` or a file.
pub fn source(workspace: &Workspace, name: &str) -> Result<Source> {
    read(workspace, name, None)
}

/// Reads two of them; if a file has several apis, the one that the other has.
pub fn sources(workspace: &Workspace, old: &str, new: &str) -> Result<(Source, Source)> {
    if revision(old)?.is_none() && revision(new)?.is_some() {
        let new = read(workspace, new, None)?;
        return Ok((read(workspace, old, Some(new.api))?, new));
    }
    let old = read(workspace, old, None)?;
    let new = read(workspace, new, Some(old.api))?;
    Ok((old, new))
}

/// The parts of `api@date`; none of a file.
fn revision(name: &str) -> Result<Option<(Api, &str)>> {
    let Some((api, date)) = name.split_once('@') else { return Ok(None) };
    match Api::from_str(api, false) {
        Ok(api) => Ok(Some((api, date))),
        Err(_) if is_date(date) && !Path::new(name).exists() => {
            let known: Vec<_> = Api::value_variants().iter().map(|api| api.name()).collect();
            let remedy = format!("the apis are {}", known.join(", "));
            Err(Problem::new("", format!("`{api}` is not an api"), remedy).in_file(name).into())
        }
        Err(_) => Ok(None),
    }
}

fn read(workspace: &Workspace, name: &str, preferred: Option<Api>) -> Result<Source> {
    let catalogue = Catalogue::load(workspace)?;
    match revision(name)? {
        Some((api, date)) => {
            let (document, _) = published(workspace, &catalogue, api, date)?;
            Ok(Source { label: name.to_owned(), api, date: Some(date.to_owned()), document })
        }
        None => file(&catalogue, name, preferred),
    }
}

fn file(catalogue: &Catalogue, name: &str, preferred: Option<Api>) -> Result<Source> {
    let path = Path::new(name);
    let document = downgrade::read(path, catalogue, None)?;
    let Some((api, operation)) = most_of_one(&document, catalogue, preferred) else {
        let remedy = "give a document of an api in openapi/revisions.toml, or `api@date`";
        let problem = canon::lacking(&document, catalogue.api.values(), remedy);
        return Err(problem.in_file(name).into());
    };
    // What has moved is translated now that it is known where it is.
    let operations: Vec<_> = operation.iter().collect();
    let mut document =
        downgrade(document::read(path)?, &operations).map_err(|error| error.in_file(name))?;
    let entry = ApiEntry { generate: None, vocabulary: true, spoken: true, operation };
    // What import would refuse cannot be compared either.
    canon::revision(&document, api, &entry, "").map_err(|e| e.in_file(name))?;
    document["paths"] = cut(&document, &entry);
    Ok(Source { label: name.to_owned(), api, date: None, document })
}

/// The api that a document has, or has most of, and its operations there. What isn't there was removed.
fn most_of_one(
    document: &Value,
    catalogue: &Catalogue,
    preferred: Option<Api>,
) -> Option<(Api, Vec<Operation>)> {
    let all = catalogue.api.iter().map(|(api, entry)| {
        let located = canon::located(document, entry);
        let is_in_place = |wanted: &&Operation| {
            let is_same = |it: &Operation| {
                wanted.has_id(&it.id) && (&it.method, &it.path) == (&wanted.method, &wanted.path)
            };
            located.iter().any(is_same)
        };
        let in_place = entry.operation.iter().filter(is_in_place).count();
        let is_preferred = preferred == Some(*api);
        let is_whole = in_place == entry.operation.len();
        let rank = (is_preferred && in_place > 0, is_whole, in_place, is_preferred, located.len());
        (rank, *api, located)
    });
    let known = all.filter(|(_, _, located)| !located.is_empty());
    let (_, api, located) = known.max_by_key(|(rank, api, _)| (*rank, Reverse(*api)))?;
    Some((api, located))
}

fn cut(document: &Value, entry: &ApiEntry) -> Value {
    let mut paths = Map::new();
    for operation in &entry.operation {
        let item = &document["paths"][&operation.path];
        let kept = (paths.entry(&operation.path)).or_insert_with(|| json!({}));
        kept[&operation.method] = item[&operation.method].clone();
        canon::inherit_extensions(document, &mut kept[&operation.method]);
        for key in ["parameters", "servers", "summary", "description"] {
            if let Some(value) = item.get(key) {
                kept[key] = value.clone();
            }
        }
    }
    Value::Object(paths)
}
