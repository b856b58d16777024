//! The program: how large it is, and how long it takes to say how it is used.

use std::process::Stdio;
use std::time::Instant;

use super::lab::{Lab, median, problem};
use super::table::Row;
use crate::error::Result;

const STARTS: usize = 50;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let program = lab.callperf()?.get_program().to_owned();
    let size = std::fs::metadata(&program)
        .map_err(|e| problem(format!("the program can't be looked at: {e}")))?
        .len();
    let mut times = Vec::new();
    for _ in 0..STARTS * lab.bench.rounds {
        let begun = Instant::now();
        let mut help = lab.callperf()?;
        let status = help.arg("--help").stdout(Stdio::null()).status();
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        if !status.is_ok_and(|status| status.success()) {
            return Err(problem("callperf --help fails".to_owned()).into());
        }
    }
    let mut row = Row::new("start", "the release program");
    let megabytes = f64::from(u32::try_from(size / 1000).unwrap_or(u32::MAX)) / 1000.0;
    row.figure("size", megabytes, " MB");
    row.aim("`callperf --help`", median(times), 10.0, " ms");
    Ok(row)
}
