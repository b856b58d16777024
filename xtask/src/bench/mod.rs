//! `cargo xtask bench`: everything that has an aim, measured side by side in one run.
//!
//! The SDK is measured by a crate that is put together below the target directory, so that xtask
//! depends on none of what it measures.

mod adopt;
mod aggregate;
mod build;
mod code;
mod decode;
mod instructions;
mod lab;
mod options;
mod page;
mod request;
mod start;
mod stock;
mod stream;
mod table;
mod timeline;

use std::path::Path;

use self::lab::Lab;
pub use self::options::Bench;
use self::table::Row;
use crate::error::{Problem, Result};
use crate::workspace::Workspace;

/// The names of the rows, in the order of the table.
pub const NAMES: [&str; 10] = [
    "decode",
    "instructions",
    "request",
    "timeline",
    "stream",
    "code",
    "build",
    "start",
    "adopt",
    "aggregate",
];

fn measure(name: &str, lab: &Lab<'_>) -> Result<Row> {
    match name {
        "decode" => decode::measure(lab),
        "instructions" => instructions::measure(lab),
        "request" => request::measure(lab),
        "timeline" => timeline::measure(lab),
        "stream" => stream::measure(lab),
        "code" => code::measure(lab),
        "build" => build::measure(lab),
        "start" => start::measure(lab),
        "adopt" => adopt::measure(lab),
        "aggregate" => aggregate::measure(lab),
        other => {
            let what = format!("there is no row `{other}`");
            Err(Problem::new("", what, format!("choose from {}", NAMES.join(", "))).into())
        }
    }
}

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    pub markdown: String,
    pub json: String,
    /// A line for each aim that was missed.
    pub missed: Vec<String>,
}

/// Measures the rows that are wanted.
pub fn bench(workspace: &Workspace, target: &Path, bench: &Bench) -> Result<Measured> {
    let lab = Lab::new(workspace, target, bench)?;
    let mut rows = Vec::new();
    let names: Vec<_> = bench.names.iter().map(String::as_str).collect();
    for name in if names.is_empty() { &NAMES[..] } else { &names } {
        eprintln!("measures {name}");
        rows.push(measure(name, &lab)?);
    }
    let (markdown, json, missed) =
        (table::markdown(&rows), table::json(&rows), table::missed(&rows));
    Ok(Measured { markdown, json, missed })
}
