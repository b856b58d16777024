//! How long it takes to take a document in that has everything, not just these operations.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::lab::{Lab, median, problem, remove, run};
use super::table::Row;
use crate::error::Result;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let mut row = Row::new("adopt", "`cargo xtask adopt` of the vendor's whole document");
    let Some(document) = &lab.bench.platform else {
        return Ok(row.leave_out("name the document by --platform"));
    };
    let document = std::path::absolute(document)
        .map_err(|e| problem(format!("{} isn't a path: {e}", document.display())))?;
    let copy = lab.folder.join("adopt");
    let mut times = Vec::new();
    for _ in 0..lab.bench.rounds.min(3) {
        times.push(adopt(lab, &document, &copy)?);
    }
    row.aim("adopt", median(times), 10.0, " s");
    if lab.bench.rebuild {
        let begun = Instant::now();
        let mut test = lab.cargo(["test", "--quiet", "--locked", "--workspace"]);
        test.current_dir(&copy).env("CARGO_TARGET_DIR", copy.join("target"));
        run(&mut test)?;
        let seconds = begun.elapsed().as_secs_f64();
        row.figure("a build from nothing and all tests after it", seconds, " s");
    }
    remove(&copy)?;
    Ok(row)
}

/// The seconds, in a copy of the workspace.
fn adopt(lab: &Lab<'_>, document: &Path, copy: &Path) -> Result<f64> {
    let mut shell = Command::new("bash");
    remove(copy)?;
    let script = "mkdir -p \"$0\" && git ls-files -z | xargs -0 cp --parents -t \"$0\"";
    run(shell.current_dir(&lab.root).args(["-c", script]).arg(copy))?;
    let program = std::env::current_exe()
        .map_err(|e| problem(format!("this program doesn't know where it is: {e}")))?;
    let mut adopt = Command::new(program);
    adopt.arg("--workspace").arg(copy).arg("adopt").arg(document);
    adopt.args(["--api", "calls-v1", "--date", "2099-12-31"]).stdout(Stdio::null());
    let begun = Instant::now();
    run(&mut adopt)?;
    Ok(begun.elapsed().as_secs_f64())
}
