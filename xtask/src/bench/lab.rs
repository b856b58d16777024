//! Where things are measured: the crate below the target directory, and the programs that run.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use progenitor::InterfaceStyle;
use serde_json::Value;

use super::page::page;
use super::{Bench, stock};
use crate::catalogue::{Api, Catalogue};
use crate::error::{Problem, Result};
use crate::generate::published;
use crate::matrix::{types, write};
use crate::workspace::Workspace;

pub(super) struct Lab<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) bench: &'a Bench,
    /// The crate that measures, and whatever else is needed for it.
    pub(super) folder: PathBuf,
    /// Today's api as the vendor published it.
    pub(super) published: Value,
}

impl<'a> Lab<'a> {
    pub(super) fn new(workspace: &'a Workspace, target: &Path, bench: &'a Bench) -> Result<Self> {
        let catalogue = Catalogue::load(workspace)?;
        let current = catalogue.entry(Api::CallsV1)?.generate.as_ref();
        let date = current.map(|it| it.revision.clone()).unwrap_or_default();
        let (published, _) = published(workspace, &catalogue, Api::CallsV1, &date)?;
        let lab = Self { workspace, bench, folder: target.join("bench"), published };
        lab.write_project()?;
        write(&lab.folder.join("page.json"), &page(workspace, &date)?)?;
        Ok(lab)
    }

    fn write_project(&self) -> Result<()> {
        let root = std::path::absolute(self.workspace.path("."))
            .map_err(|e| problem(format!("the workspace has no path: {e}")))?;
        let manifest = include_str!("project/Cargo.toml");
        let stock = types(&stock::client(&self.published, InterfaceStyle::Positional)?)?;
        for (name, text) in [
            ("Cargo.toml", &*manifest.replace("@root@", &root.display().to_string())),
            ("src/lib.rs", include_str!("project/lib.rs")),
            ("src/stock.rs", &stock),
            ("benches/decode.rs", include_str!("project/decode.rs")),
        ] {
            write(&self.folder.join(name), text)?;
        }
        // What it needs beyond the workspace is added to the workspace's own versions.
        let lock = self.folder.join("Cargo.lock");
        if lock.exists() { Ok(()) } else { write(&lock, &self.workspace.read("Cargo.lock")?) }
    }

    pub(super) fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.folder).args(arguments);
        command.env("CARGO_TARGET_DIR", self.folder.join("target"));
        command
    }

    pub(super) fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join("scripts").join(name);
        write(&path, text)?;
        Ok(path)
    }
}

/// Runs a program to its end; what it prints is its result, and what it complains of is shown.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|e| problem(format!("{command:?} can't be run: {e}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let out = String::from_utf8_lossy(&output.stdout);
        eprint!("{out}");
        Err(problem(format!("{command:?} failed, as said above")).into())
    }
}

pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| Problem::unreadable(path, &e).into())
}

pub(super) fn problem(what: String) -> Problem {
    Problem::new("", what, "see xtask/src/bench and CONTRIBUTING.md, \"Benchmarks\"")
}

/// Of a few turns, the one in the middle: the machine may have had something else to do.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}
