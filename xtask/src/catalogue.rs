//! `openapi/revisions.toml`: which apis there are, what they are made of, and every revision.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

pub use crate::api::Api;
use crate::date;
use crate::error::{Problem, Result};
use crate::workspace::{CATALOGUE, Workspace};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Where the vendor's newest document is.
    pub source: Option<Source>,
    pub api: BTreeMap<Api, ApiEntry>,
    #[serde(default)]
    pub revision: Vec<Revision>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub url: String,
    /// The apis that the document has to have.
    pub apis: Vec<Api>,
    /// Where a redirect may lead, besides the host that redirects.
    #[serde(default)]
    pub hosts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiEntry {
    /// What the generated client is made from; none for an api that is only compared with.
    pub generate: Option<Target>,
    /// Whether `coverage` expects a word of the SDK for each property and value. An api that only
    /// looks things up has none: its names are those of the generated types.
    #[serde(default = "yes")]
    pub vocabulary: bool,
    /// Whether the sandbox can speak each of its revisions, and serves their reference documents.
    #[serde(default = "yes")]
    pub spoken: bool,
    pub operation: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub module: String,
    pub revision: String,
    /// The revision whose names the hand-written code has: what is renamed later keeps its Rust
    /// identifiers, and is called by its new name on the wire alone. Without it, all follow.
    pub names: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    pub id: String,
    /// What the vendor called it in earlier documents, at the same path.
    #[serde(default)]
    pub earlier_ids: Vec<String>,
    pub method: String,
    pub path: String,
    /// The query parameters of the generated function, out of those that the document has.
    #[serde(default)]
    pub query: BTreeMap<String, Presence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Required,
    Optional,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    pub api: Api,
    pub date: String,
    pub sha256: String,
    /// What the document calls itself.
    pub document: String,
}

fn yes() -> bool {
    true
}

impl Operation {
    /// Whether an operation of a document has this one's id, or an earlier one.
    pub fn is_named(&self, operation: &Value) -> bool {
        operation["operationId"].as_str().is_some_and(|id| self.has_id(id))
    }

    pub fn has_id(&self, id: &str) -> bool {
        self.id == id || self.earlier_ids.iter().any(|earlier| earlier == id)
    }
}

impl Catalogue {
    pub fn load(workspace: &Workspace) -> Result<Self> {
        if !workspace.path(CATALOGUE).exists() {
            let remedy = "run it in a workspace of callperf, or name one with `--workspace`";
            let problem = Problem::new("", format!("has no {CATALOGUE}"), remedy);
            return Err(problem.in_file(&workspace.root().display().to_string()).into());
        }
        let text = workspace.read(CATALOGUE)?;
        let catalogue: Self = toml::from_str(&text).map_err(|e| malformed(&e))?;
        let mut known = BTreeSet::new();
        for Revision { api, date, .. } in &catalogue.revision {
            if !date::is_date(date) {
                return Err(malformed(&format!("{api} has a revision of `{date}`, no date")).into());
            }
            if !known.insert((api, date)) {
                return Err(malformed(&format!("{api} has two revisions of {date}")).into());
            }
        }
        let mut modules = BTreeSet::new();
        for Target { module, .. } in catalogue.api.values().filter_map(|it| it.generate.as_ref()) {
            if syn::parse_str::<syn::Ident>(module).is_err() {
                return Err(malformed(&format!("`{module}` is no name of a Rust module")).into());
            }
            if !modules.insert(module) {
                return Err(malformed(&format!("two apis have the module `{module}`")).into());
            }
        }
        Ok(catalogue)
    }

    pub fn entry(&self, api: Api) -> Result<&ApiEntry> {
        self.api.get(&api).ok_or_else(|| {
            Problem::new("", format!("has no table [api.{api}]"), "add the api's operations")
                .in_file(CATALOGUE)
                .into()
        })
    }

    /// The dates of an api's revisions, the oldest first.
    pub fn dates(&self, api: Api) -> Vec<&str> {
        let own = self.revision.iter().filter(|revision| revision.api == api);
        let mut dates: Vec<_> = own.map(|revision| revision.date.as_str()).collect();
        dates.sort_unstable();
        dates
    }

    pub fn revision(&self, api: Api, date: &str) -> Option<&Revision> {
        (self.revision.iter()).find(|r| r.api == api && r.date == date)
    }
}

fn malformed(error: &dyn fmt::Display) -> Problem {
    let error = error.to_string();
    let error: Vec<_> = error.split_whitespace().collect();
    let what = format!("is not a catalogue of revisions: {}", error.join(" "));
    Problem::new("", what, "see openapi/README.md for its form").in_file(CATALOGUE)
}

/// The catalogue's text with one more revision, sorted by api and date; comments stay.
pub fn with_revision(text: &str, revision: &Revision) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|e| malformed(&e))?;
    let tables = document
        .entry("revision")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| malformed(&"`revision` is not a list of tables"))?;
    let mut all: Vec<Table> = std::mem::take(tables).into_iter().collect();
    all.push(table(revision));
    all.sort_by(|a, b| key(a).cmp(&key(b)));
    // The printer goes by position, so the new order is said by it.
    for (i, table) in all.iter_mut().enumerate() {
        table.set_position(Some(10_000 + isize::try_from(i).unwrap_or(isize::MAX)));
    }
    tables.extend(all);
    Ok(document.to_string())
}

/// The catalogue's text with another revision to generate an api from.
pub fn with_current(text: &str, api: Api, date: &str) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|e| malformed(&e))?;
    let current = document["api"][api.name()]["generate"]["revision"]
        .as_value_mut()
        .ok_or_else(|| malformed(&format!("[api.{api}] has no `generate.revision`")))?;
    let decor = current.decor().clone();
    *current = date.into();
    *current.decor_mut() = decor;
    Ok(document.to_string())
}

fn key(table: &Table) -> (&str, &str) {
    let text = |name| table.get(name).and_then(Item::as_str).unwrap_or_default();
    (text("api"), text("date"))
}

fn table(revision: &Revision) -> Table {
    let mut table = Table::new();
    table.insert("api", value(revision.api.name()));
    table.insert("date", value(&revision.date));
    table.insert("document", value(&revision.document));
    table.insert("sha256", value(&revision.sha256));
    table.decor_mut().set_prefix("\n");
    table
}
