//! The sandbox beside a database that does nothing else.

use std::process::Command;

use super::lab::{Lab, Server, field, median, run};
use super::table::Row;
use crate::error::Result;

const CALLS: &str = "1000000";

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let data = lab.folder.join("calls");
    if !data.join("calls.parquet").exists() {
        let mut dump = lab.callperf()?;
        dump.args(["sandbox", "dump", "--seed", "7", "--now", "2025-04-15T00:00:00Z"]);
        dump.args(["--calls", CALLS, "--users", "200", "--format", "parquet", "--out"]);
        run(dump.arg(&data))?;
    }
    let python = lab.oracle()?;
    let mut sandbox = lab.callperf()?;
    let server = Server::start(sandbox.args(["sandbox", "--limits", "off", "--data"]).arg(&data))?;
    let mut measure = Command::new(python);
    measure.current_dir(lab.root.join("tests/oracle")).env("PYTHONDONTWRITEBYTECODE", "1");
    measure.arg("measure.py").arg(&data);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..lab.bench.rounds.min(3) {
        let times = server.ask(&mut measure, 10)?;
        ours.push(field(&times, "sandbox")?);
        theirs.push(field(&times, "duckdb")?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let what = "the sandbox: aggregation by user, every metric, 1,000,000 calls, one thread";
    let mut row = Row::new("aggregate", what);
    row.figure("sandbox, over HTTP", ours, " ms");
    row.figure("DuckDB", theirs, " ms");
    row.aim("sandbox ÷ DuckDB", ours / theirs, 1.5, "");
    Ok(row)
}
