//! What is compared: a committed revision, or a vendor document.

use std::path::Path;

use clap::ValueEnum as _;
use serde_json::{Map, Value, json};

use crate::canon;
use crate::catalogue::{Api, ApiEntry, Catalogue};
use crate::downgrade;
use crate::error::{Problem, Result};
use crate::revision::published;
use crate::workspace::Workspace;

#[derive(Debug)]
pub struct Source {
    pub label: String,
    /// Of a revision; a file does not say.
    pub date: Option<String>,
    /// The operations of one api only.
    pub document: Value,
}

/// Reads `api@date` or a file.
pub fn source(workspace: &Workspace, name: &str) -> Result<Source> {
    let catalogue = Catalogue::load(workspace)?;
    let revision = name.split_once('@');
    match revision.and_then(|(api, date)| Some((Api::from_str(api, false).ok()?, date))) {
        Some((api, date)) => {
            let (document, _) = published(workspace, &catalogue, api, date)?;
            Ok(Source { label: name.to_owned(), date: Some(date.to_owned()), document })
        }
        None => file(&catalogue, name),
    }
}

fn file(catalogue: &Catalogue, name: &str) -> Result<Source> {
    let mut document = downgrade::read(Path::new(name), catalogue, None)?;
    let mut apis = catalogue.api.iter();
    let Some((api, entry)) = apis.find(|(_, entry)| canon::has_operations(&document, entry)) else {
        let problem = canon::lacking(&document, catalogue.api.values()).unwrap_or_else(|| {
            let what = "has the operations of none of the apis";
            let remedy = "give a document of an api in openapi/revisions.toml, or `api@date`";
            Problem::new("/paths", what, remedy)
        });
        return Err(problem.in_file(name).into());
    };
    // What import would refuse cannot be compared either.
    canon::revision(&document, *api, entry, "").map_err(|e| e.in_file(name))?;
    document["paths"] = cut(&document, entry);
    Ok(Source { label: name.to_owned(), date: None, document })
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
