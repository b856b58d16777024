//! The instructions that reading a page takes. Unlike time they are the same on a busy machine, so
//! a small loss shows.

use std::process::Command;

use super::lab::{Lab, problem, run};
use super::table::Row;
use crate::error::Result;

/// What it took when it was last looked at, in millions, by Rust 1.95 on `x86_64`. Another compiler
/// may bring another number: then it is measured anew before and after the change in question.
const COMMITTED: f64 = 24.2;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let mut row = Row::new("instructions", "the same page, in millions of instructions");
    if Command::new("valgrind").arg("--version").output().is_err() {
        row.note("not measured: valgrind isn't there");
        return Ok(row);
    }
    let (ours, stock) = (of_a_page(lab, "callperf")?, of_a_page(lab, "stock")?);
    row.figure("callperf", ours, "");
    row.figure("stock types", stock, "");
    row.aim("callperf ÷ stock types", ours / stock, 1.5, "");
    row.aim("callperf ÷ what is committed", ours / COMMITTED, 1.02, "");
    Ok(row)
}

/// Millions for one page: four pages less one, so that starting the program doesn't count.
fn of_a_page(lab: &Lab<'_>, reader: &str) -> Result<f64> {
    Ok((instructions(lab, reader, 4)? - instructions(lab, reader, 1)?) / 3e6)
}

fn instructions(lab: &Lab<'_>, reader: &str, pages: u32) -> Result<f64> {
    let profile = lab.folder.join(format!("callgrind.{reader}"));
    let program = lab.own::<&str>([])?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind"]).current_dir(&lab.folder);
    valgrind.arg(format!("--callgrind-out-file={}", profile.display())).arg(program.get_program());
    run(valgrind.args(["decode", reader]).arg(pages.to_string()))?;
    let text = super::lab::read(&profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let number = total.and_then(|total| total.trim().parse::<u32>().ok()).map(f64::from);
    Ok(number.ok_or_else(|| problem(format!("{} has no total", profile.display())))?)
}
