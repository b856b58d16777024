//! `cargo xtask public-api`: the public API of callperf as a list, so that a break is seen in
//! review.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Problem, Result};
use crate::workspace::{Changes, Workspace};

const FILE: &str = "crates/callperf/public-api.txt";

/// Documents callperf below a target directory, and lists what it finds.
///
/// rustdoc's JSON is unstable and its version must fit the crate that reads it: a new toolchain may
/// need a new `public-api`.
pub fn public_api(workspace: &Workspace, target: &Path) -> Result<Changes> {
    let json = rustdoc_json(workspace, &target.join("public-api"))?;
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|e| problem(format!("the documentation of callperf cannot be read: {e}")))?;
    let mut changes = Changes::default();
    changes.write(FILE, format!("{api}"));
    Ok(changes)
}

fn rustdoc_json(workspace: &Workspace, target: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(workspace.path("."))
        // Makes the stable toolchain accept unstable options, of which this is one.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["rustdoc", "--quiet", "--locked", "--package", "callperf", "--lib"])
        // A promise as well, though off by default.
        .args(["--features", "testing", "--target-dir"])
        .arg(target)
        .args(["--", "-Zunstable-options", "--output-format", "json"])
        .status()
        .map_err(|e| problem(format!("cargo cannot be run: {e}")))?;
    if status.success() {
        Ok(target.join("doc/callperf.json"))
    } else {
        Err(problem("callperf cannot be documented, as said above".to_owned()).into())
    }
}

fn problem(what: String) -> Problem {
    Problem::new("", what, "see xtask/src/public_api.rs").in_file(FILE)
}
