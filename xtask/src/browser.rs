//! `cargo xtask browser`: the dashboard in a real browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Problem, Result};
use crate::workspace::Workspace;

/// Where Debian's package puts it.
const CHROMIUM: &str = "/usr/bin/chromium";
const FILES: [&str; 3] = ["package.json", "package-lock.json", "check.mjs"];

/// Writes the demo's page below a target directory, and lets `xtask/browser/check.mjs` open it.
///
/// Node and npm fetch what it needs into that folder; `CHROMIUM` names another browser than
/// Debian's. The program is run as a process, because xtask must build when the SDK does not.
pub fn browser(workspace: &Workspace, target: &Path) -> Result<()> {
    let folder = target.join("browser");
    std::fs::create_dir_all(&folder).map_err(|e| problem(format!("{}: {e}", folder.display())))?;
    let chromium = std::env::var_os("CHROMIUM").map_or_else(|| CHROMIUM.into(), PathBuf::from);
    if !chromium.exists() {
        let place = chromium.display();
        return Err(problem(format!("no browser at {place}; install the package chromium")).into());
    }
    let page = folder.join("page.html");
    write_page(workspace, &page)?;
    for file in FILES {
        let from = workspace.path("xtask/browser").join(file);
        std::fs::copy(&from, folder.join(file))
            .map_err(|e| problem(format!("{}: {e}", from.display())))?;
    }
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    run(Command::new("npm").args(install).current_dir(&folder))?;
    run(Command::new("node")
        .arg("check.mjs")
        .args([&page, &folder, &chromium])
        .current_dir(&folder))
}

/// The demo's page, of calls that are the same each time.
fn write_page(workspace: &Workspace, page: &Path) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["run", "--quiet", "--locked", "--package", "callperf-cli", "--"];
    let demo =
        ["demo", "--seed", "7", "--now", "2026-11-24T00:00:00Z", "--format", "json", "--out"];
    run(Command::new(cargo)
        .args(arguments)
        .args(demo)
        .arg(page)
        .current_dir(workspace.path("."))
        .stdout(std::process::Stdio::null()))
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().display().to_string();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(problem(format!("{name} failed, as said above")).into()),
        Err(e) => Err(problem(format!("{name} cannot be run: {e}")).into()),
    }
}

fn problem(what: String) -> Problem {
    Problem::new("", what, "see xtask/src/browser.rs").in_file("xtask/browser/check.mjs")
}
