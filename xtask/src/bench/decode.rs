//! How long it takes to read a page.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::lab::{Lab, median, problem, read, run};
use super::page::RECORDS;
use super::table::Row;
use crate::error::Result;

const OURS: &str = "callperf";
const STOCK: &str = "stock";
const RUST: [&str; 3] = [OURS, STOCK, "value"];
const NODE: &str = "JSON.parse";
const PYTHON: &str = "python";

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let page = lab.folder.join("page.json");
    let node = lab.script("parse.mjs", include_str!("scripts/parse.mjs"))?;
    let python = lab.script("parse.py", include_str!("scripts/parse.py"))?;
    let mut turns = vec![Vec::new(); 5];
    for _ in 0..lab.bench.rounds {
        for (times, time) in turns.iter_mut().zip(criterion(lab)?) {
            times.push(time);
        }
        turns[3].push(milliseconds(Command::new("node").arg(&node).arg(&page))?);
        turns[4].push(milliseconds(Command::new("python3").arg(&python).arg(&page))?);
    }
    let times: Vec<_> = turns.into_iter().map(median).collect();
    let kilobytes = read(&page)?.len() / 1000;
    let mut row = Row::new(
        "decode",
        format!("a page of {RECORDS} records with every metric ({kilobytes} kB) into records"),
    );
    for (of, time) in RUST.iter().chain(&[NODE, PYTHON]).zip(&times) {
        row.figure(*of, *time, " ms");
    }
    row.aim("callperf ÷ stock types", times[0] / times[1], 1.5, "");
    row.aim("callperf ÷ JSON.parse", times[0] / times[3], 1.0, "");
    row.aim("callperf ÷ Python's json", times[0] / times[4], 0.25, "");
    Ok(row)
}

/// The time of each reader in Rust, in milliseconds.
fn criterion(lab: &Lab<'_>) -> Result<Vec<f64>> {
    let settings = ["--warm-up-time", "1", "--measurement-time", "3", "--sample-size", "30"];
    run(lab.cargo(["bench", "--quiet", "--bench", "decode", "--"]).args(settings))?;
    let results = lab.folder.join("target/criterion/decode");
    RUST.iter().map(|name| estimate(&results.join(name).join("new/estimates.json"))).collect()
}

fn estimate(file: &Path) -> Result<f64> {
    let estimates: Value = serde_json::from_str(&read(file)?)
        .map_err(|e| problem(format!("{} isn't JSON: {e}", file.display())))?;
    let nanoseconds = estimates["median"]["point_estimate"].as_f64();
    Ok(nanoseconds.ok_or_else(|| problem(format!("{} has no median", file.display())))? / 1e6)
}

fn milliseconds(command: &mut Command) -> Result<f64> {
    let text = run(command)?;
    Ok(text.trim().parse().map_err(|e| problem(format!("{text:?} isn't a time: {e}")))?)
}
