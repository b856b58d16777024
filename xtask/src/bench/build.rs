//! What it costs to depend on `callperf`: a build from nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::lab::{Lab, median, problem, remove, run};
use super::table::Row;
use crate::error::Result;
use crate::matrix::write;

/// What a client of a JSON API over HTTP needs anyway, with the features that `callperf` takes.
const NEEDED: &str = r#"
futures-util = { version = "0.3", default-features = false, features = ["std"] }
jiff = { version = "1", features = ["serde", "tzdb-bundle-always"] }
reqwest = { version = "0.13", default-features = false, features = ["form", "gzip", "json", "query", "rustls", "stream"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread", "sync", "time"] }
"#;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let ours = format!("callperf = {{ path = \"{}/crates/callperf\" }}", lab.root.display());
    let (ours, needed) = (project(lab, "callperf", &ours)?, project(lab, "needed", NEEDED)?);
    let mut turns = [Vec::new(), Vec::new()];
    // Minutes each: as many turns as it takes to see that they agree.
    for _ in 0..lab.bench.rounds.min(2) {
        turns[0].push(build(lab, &ours)?);
        turns[1].push(build(lab, &needed)?);
    }
    let [ours_seconds, needed_seconds] = turns.map(median);
    let mut row =
        Row::new("build", "a build from nothing, default features, in seconds of the processor");
    row.figure("callperf", ours_seconds, " s");
    row.figure("its HTTP, JSON, time and async dependencies alone", needed_seconds, " s");
    row.figure("packages in the tree", packages(lab, &ours)?, "");
    row.figure("packages of those alone", packages(lab, &needed)?, "");
    row.aim("callperf ÷ those alone", ours_seconds / needed_seconds, 1.15, "");
    Ok(row)
}

fn project(lab: &Lab<'_>, name: &str, dependencies: &str) -> Result<PathBuf> {
    let folder = lab.folder.join("cold").join(name);
    let manifest = format!(
        "[package]\nname = \"cold\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{dependencies}\n"
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/lib.rs"), "")?;
    write(&folder.join("Cargo.lock"), &lab.workspace.read("Cargo.lock")?)?;
    Ok(folder)
}

/// The seconds of the processor, of all processes together: others that run at the time add none.
fn build(lab: &Lab<'_>, folder: &Path) -> Result<f64> {
    let target = folder.join("target");
    // An earlier run may have been interrupted.
    remove(&target)?;
    let mut shell = Command::new("bash");
    shell.current_dir(folder).env("TIMEFORMAT", "%U %S");
    shell.env("CARGO_TARGET_DIR", &target).env_remove("RUSTC_WRAPPER");
    let script = "{ time \"$0\" build --quiet >&2 2>/dev/null; } 2>&1";
    let times = run(shell.args(["-c", script]).arg(lab.cargo::<&str>([]).get_program()))?;
    remove(&target)?;
    let seconds = times.split_whitespace().map(str::parse::<f64>).collect::<Result<Vec<_>, _>>();
    match seconds.as_deref() {
        Ok([user, system]) => Ok(user + system),
        _ => Err(problem(format!("the build in {} says {times:?}", folder.display())).into()),
    }
}

fn packages(lab: &Lab<'_>, folder: &Path) -> Result<f64> {
    let mut tree = lab.cargo(["tree", "--edges", "normal,build", "--prefix", "none"]);
    let text = run(tree.current_dir(folder))?;
    // A line of a package that came before ends in a mark.
    let names: BTreeSet<_> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(f64::from(u32::try_from(names.len().saturating_sub(1)).unwrap_or(u32::MAX)))
}
