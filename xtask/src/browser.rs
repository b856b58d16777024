//! `cargo xtask browser`: the dashboard, and the sandbox's API reference, in a real browser.

use std::env::consts::EXE_SUFFIX;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::error::{Problem, Result};
use crate::workspace::Workspace;

/// Where Debian's package puts it.
const CHROMIUM: &str = "/usr/bin/chromium";
const FILES: [&str; 5] =
    ["package.json", "package-lock.json", "support.mjs", "check.mjs", "reference.mjs"];

/// Writes the demo's page below a target directory, and lets `xtask/browser/check.mjs` open it; then lets
/// `reference.mjs` open the page of a sandbox.
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
    let program = build(workspace, target)?;
    write_page(&program, &page)?;
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
        .current_dir(&folder))?;
    let sandbox = Sandbox::start(&program)?;
    run(Command::new("node")
        .arg("reference.mjs")
        .arg(&sandbox.url)
        .args([&folder, &chromium])
        .current_dir(&folder))
}

/// The program, serving until this is dropped.
struct Sandbox {
    process: Child,
    url: String,
    /// Open while the sandbox prints: one that can't print ends.
    _out: Option<BufReader<ChildStdout>>,
}

impl Sandbox {
    fn start(program: &Path) -> Result<Sandbox> {
        let mut command = Command::new(program);
        command.args(["sandbox", "--seed", "7", "--quiet"]).stdout(Stdio::piped());
        let cannot_run = |e| problem(format!("callperf sandbox cannot be run: {e}"));
        let mut process = command.spawn().map_err(cannot_run)?;
        let mut out = process.stdout.take().map(BufReader::new);
        let line = out.as_mut().and_then(|out| out.lines().next()?.ok());
        let url = line.and_then(|line| Some(line.strip_prefix("RC_SERVER_URL=")?.to_owned()));
        // Made first, so that the process ends in any case.
        let sandbox = Sandbox { process, url: url.unwrap_or_default(), _out: out };
        if sandbox.url.is_empty() {
            return Err(problem("callperf sandbox prints no address".to_owned()).into());
        }
        Ok(sandbox)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The demo's page, of calls that are the same each time.
fn write_page(program: &Path, page: &Path) -> Result<()> {
    let demo =
        ["demo", "--seed", "7", "--now", "2026-11-24T00:00:00Z", "--format", "json", "--out"];
    run(Command::new(program).args(demo).arg(page).stdout(Stdio::null()))
}

/// Built with all packages, as the tests are: one package alone gives its dependencies other features, with which
/// they are all compiled anew.
fn build(workspace: &Workspace, target: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--locked", "--workspace", "--bins", "--target-dir"]);
    run(command.arg(target).current_dir(workspace.path(".")))?;
    Ok(target.join("debug").join(format!("callperf{EXE_SUFFIX}")))
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
