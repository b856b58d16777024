//! `cargo xtask bench`: everything that has an aim, measured side by side in one run.
//!
//! The SDK is measured by a crate that is put together below the target directory, so that xtask
//! depends on none of what it measures.

mod decode;
mod lab;
mod page;
mod stock;
mod table;

use std::path::{Path, PathBuf};

use self::lab::Lab;
use self::table::Row;
use crate::error::{Problem, Result};
use crate::workspace::Workspace;

/// What to measure, and how.
#[derive(Debug)]
pub struct Bench {
    /// The rows, by name; all of them where it is empty.
    pub names: Vec<String>,
    /// How often each competitor has its turn.
    pub rounds: usize,
    /// The vendor's whole document.
    pub platform: Option<PathBuf>,
}

/// The names of the rows, in the order of the table.
pub const NAMES: [&str; 1] = ["decode"];

fn measure(name: &str, lab: &Lab<'_>) -> Result<Row> {
    match name {
        "decode" => decode::measure(lab),
        other => {
            let what = format!("there is no row `{other}`");
            Err(Problem::new("", what, format!("choose from {}", NAMES.join(", "))).into())
        }
    }
}

/// The table as Markdown and as JSON.
pub fn bench(workspace: &Workspace, target: &Path, bench: &Bench) -> Result<(String, String)> {
    let lab = Lab::new(workspace, target, bench)?;
    let mut rows = Vec::new();
    let names: Vec<_> = bench.names.iter().map(String::as_str).collect();
    for name in if names.is_empty() { &NAMES[..] } else { &names } {
        eprintln!("measures {name}");
        rows.push(measure(name, &lab)?);
    }
    Ok((table::markdown(&rows), table::json(&rows)))
}
