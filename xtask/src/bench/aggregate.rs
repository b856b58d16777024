//! The sandbox beside a database that does nothing else.

use std::process::Command;

use super::lab::{Lab, Server, field, run};
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
    // Alternately, because DuckDB takes long to have its tables.
    let times = server.ask(&mut measure, 10 * lab.bench.rounds.min(3))?;
    let (ours, theirs) = (field(&times, "sandbox")?, field(&times, "duckdb")?);
    let what = "the sandbox: aggregation by user, every metric, 1,000,000 calls, one thread";
    let mut row = Row::new("aggregate", what);
    row.figure("sandbox, over HTTP", ours, " ms");
    row.figure("DuckDB", theirs, " ms");
    row.aim("sandbox ÷ DuckDB", ours / theirs, 1.5, "");
    Ok(row)
}
