//! `cargo xtask fetch`: the vendor's newest document, and whether its interface is new.

mod download;
mod proxy;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::canon;
use crate::catalogue::{Api, Catalogue, Source};
use crate::document;
use crate::downgrade;
use crate::error::{Error, Problem, Result};
use crate::import::is_revision;
use crate::shown::{shown, shown_json};
use crate::text;
use crate::workspace::{self, CATALOGUE, Workspace};

/// What `fetch` was asked for.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// An address or a file; by default the source in the catalogue.
    pub from: Option<&'a str>,
    /// Where the document is written to; by default below the target directory.
    pub out: Option<&'a Path>,
    /// For all of it, redirects included.
    pub timeout: Duration,
}

/// A document that has been written, held against the newest revision of each api that it has.
#[derive(Debug)]
pub struct Fetched {
    pub from: String,
    pub file: PathBuf,
    pub apis: Vec<Compared>,
}

#[derive(Debug)]
pub struct Compared {
    pub api: Api,
    /// The newest revision; none if there is none yet.
    pub newest: Option<String>,
    pub state: State,
}

#[derive(Debug)]
pub enum State {
    Fresh,
    Changed,
    /// The operations that are not where they belong.
    Lacking(Vec<Problem>),
}

impl State {
    fn name(&self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Changed => "changed",
            Self::Lacking(_) => "lacking",
        }
    }

    fn lacks(&self) -> Option<&[Problem]> {
        match self {
            Self::Lacking(lost) => Some(lost),
            Self::Fresh | Self::Changed => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

pub fn fetch(workspace: &Workspace, target: &Path, asked: &Fetch<'_>) -> Result<Fetched> {
    let catalogue = Catalogue::load(workspace)?;
    let source = catalogue.source.as_ref();
    let from = asked.from.or(source.map(|it| it.url.as_str())).ok_or_else(|| {
        let remedy = "add the table [source], or give an address or a file";
        Problem::new("/source", "names no source of documents", remedy).in_file(CATALOGUE)
    })?;
    let bytes = bytes(from, source, asked.timeout)?;
    let checked = checked(&bytes, from, asked.out, &catalogue);
    let (apis, name) = checked.map_err(|error| error.in_file(from))?;
    let file = asked.out.map_or_else(|| target.join("fetch").join(name), Path::to_path_buf);
    workspace::write_whole(&file, &bytes)?;
    Ok(Fetched { from: from.to_owned(), file, apis })
}

fn bytes(from: &str, source: Option<&Source>, timeout: Duration) -> Result<Vec<u8>> {
    if from.contains("://") {
        let hosts = source.map(|it| it.hosts.as_slice()).unwrap_or_default();
        download::download(from, hosts, timeout)
    } else {
        let path = Path::new(from);
        text::bytes(path).map_err(|e| Problem::unreadable(path, &e).into())
    }
}

/// The apis of a text, once it is a document, and the name of a file for it.
fn checked(
    bytes: &[u8],
    from: &str,
    out: Option<&Path>,
    catalogue: &Catalogue,
) -> Result<(Vec<Compared>, &'static str)> {
    let text = text::decoded(bytes).map_err(|error| {
        let remedy = "check that it is a document, save it as UTF-8, and give the file";
        Problem::new("", error.to_string(), remedy)
    })?;
    if text.trim_start().starts_with('<') {
        let remedy = "check the address in a browser; the document is YAML or JSON";
        return Err(Problem::new("", "is HTML or XML, not a document", remedy).into());
    }
    let is_json = text.trim_start().starts_with('{');
    let name = if is_json { "document.json" } else { "document.yml" };
    // Its readers go by its name.
    let document = document::vendor(&text, out.unwrap_or(Path::new(name)))?;
    let operations: Vec<_> = catalogue.api.values().flat_map(|entry| &entry.operation).collect();
    let document = downgrade::downgrade(document, &operations)?;
    let source = catalogue.source.as_ref().filter(|source| source.url == from);
    let mut apis = Vec::new();
    for (api, entry) in &catalogue.api {
        let is_promised = source.is_some_and(|source| source.apis.contains(api));
        if canon::has_operations(&document, entry) {
            apis.push(compared(&document, *api, catalogue)?);
        } else if is_promised {
            apis.push(lacking(&document, *api, catalogue)?);
        }
    }
    let is_changed = apis.iter().any(|it| matches!(it.state, State::Changed));
    let lost: Vec<_> = apis.iter().filter_map(|it| it.state.lacks()).flatten().cloned().collect();
    if !is_changed && !lost.is_empty() {
        return Err(Error::Input(lost));
    }
    if apis.is_empty() {
        let remedy = "check that it is a document of an api in openapi/revisions.toml";
        return Err(canon::lacking(&document, catalogue.api.values(), remedy).into());
    }
    Ok((apis, name))
}

fn compared(document: &Value, api: Api, catalogue: &Catalogue) -> Result<Compared> {
    let newest = catalogue.dates(api).pop();
    let is_fresh = is_revision(catalogue, document, api, newest.unwrap_or_default())?;
    let state = if is_fresh { State::Fresh } else { State::Changed };
    Ok(Compared { api, newest: newest.map(str::to_owned), state })
}

fn lacking(document: &Value, api: Api, catalogue: &Catalogue) -> Result<Compared> {
    let newest = catalogue.dates(api).pop().map(str::to_owned);
    let lost = canon::missing_operations(document, catalogue.entry(api)?);
    Ok(Compared { api, newest, state: State::Lacking(lost) })
}

/// Of `fetch`, if a document's interface is another than the newest revision's.
pub const CHANGED: u8 = 5;

impl Fetched {
    pub fn is_fresh(&self) -> bool {
        self.apis.iter().all(|api| matches!(api.state, State::Fresh))
    }

    pub fn exit_code(&self) -> u8 {
        if self.is_fresh() { 0 } else { CHANGED }
    }

    pub fn formatted(&self, format: Format) -> String {
        match format {
            Format::Text => self.to_string(),
            Format::Json => {
                let apis = self.apis.iter().map(|it| {
                    json!({"api": it.api.name(), "state": it.state.name(), "newest": it.newest})
                });
                let json = json!({
                    "state": state(self.is_fresh()),
                    "from": self.from,
                    "file": self.file.display().to_string(),
                    "apis": apis.collect::<Vec<_>>(),
                });
                format!("{}\n", shown_json(&format!("{json:#}")))
            }
        }
    }
}

fn state(is_fresh: bool) -> &'static str {
    if is_fresh { "fresh" } else { "changed" }
}

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display().to_string();
        writeln!(f, "{} {}", state(self.is_fresh()), shown(&file))?;
        for Compared { api, newest, state } in &self.apis {
            let (newest, name) = (newest.as_deref().unwrap_or("none"), state.name());
            writeln!(f, "  {api}: {name}; the newest revision is {newest}")?;
            for problem in state.lacks().into_iter().flatten() {
                writeln!(f, "    {}", shown(&problem.what))?;
            }
        }
        Ok(())
    }
}
