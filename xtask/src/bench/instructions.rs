//! The instructions that reading a page takes. Unlike time they are the same on a busy machine, so
//! a small loss shows.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::lab::{Lab, holds, problem, read, run};
use super::table::Row;
use crate::error::Result;
use crate::matrix::write;

/// The library and the program that it needs must be of one version.
const GUNGRAUN: &str = "0.20.0";

/// What it took when it was last looked at, in millions, by Rust 1.95 on `x86_64`. Another compiler
/// may bring another number: then it is measured anew before and after the change in question.
const COMMITTED: f64 = 31.8;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let mut row = Row::new("instructions", "the same page, in millions of instructions");
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(row.leave_out("valgrind isn't there"));
    }
    let project = write_project(lab)?;
    let runner = runner(lab)?;
    let mut bench = lab.cargo(["bench", "--quiet", "--bench", "instructions"]);
    bench.current_dir(&project).env("GUNGRAUN_RUNNER", runner).env("GUNGRAUN_HOME", &project);
    run(bench.args(["--", "--save-summary=json"]))?;
    let count = |reader: &str| -> Result<f64> {
        let folder = format!("instructions/instructions/decode/{reader}.page");
        instructions(&read(&project.join(folder).join("summary.json"))?)
    };
    let (ours, stock) = (count("ours")?, count("stock")?);
    row.figure("callperf", ours, "");
    row.figure("stock types", stock, "");
    row.aim("callperf ÷ stock types", ours / stock, 1.5, "");
    row.aim("callperf ÷ what is committed", ours / COMMITTED, 1.02, "");
    Ok(row)
}

/// A crate of its own, so that counting builds nothing that only other rows need.
fn write_project(lab: &Lab<'_>) -> Result<PathBuf> {
    let folder = lab.folder.join("instructions");
    let manifest = include_str!("project/instructions.toml").replace("@gungraun@", GUNGRAUN);
    lab.write_manifest(&folder, &manifest)?;
    write(&folder.join("benches/instructions.rs"), include_str!("project/instructions.rs"))?;
    Ok(folder)
}

/// gungraun's own program, which starts valgrind. It is small work, so it isn't optimised.
fn runner(lab: &Lab<'_>) -> Result<PathBuf> {
    let tools = lab.folder.join("tools");
    let installed = tools.join("gungraun");
    if holds(&installed, GUNGRAUN) {
        return Ok(tools.join("bin/gungraun-runner"));
    }
    let mut install = lab.cargo(["install", "--quiet", "--debug", "--locked", "--root"]);
    install.arg(&tools).args(["gungraun-runner", "--version", GUNGRAUN]);
    // What is built on the way isn't kept.
    run(install.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    write(&installed, GUNGRAUN)?;
    Ok(tools.join("bin/gungraun-runner"))
}

/// Millions, of a summary.
fn instructions(summary: &str) -> Result<f64> {
    let summary: Value = serde_json::from_str(summary).unwrap_or_default();
    let total = &summary["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"];
    let number = total.as_f64();
    Ok(number.ok_or_else(|| problem("gungraun's summary has no total".to_owned()))? / 1e6)
}
