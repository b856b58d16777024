//! Where things are measured: the crate below the target directory, and the programs that run.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use progenitor::InterfaceStyle;
use serde_json::Value;

use super::options::Bench;
use super::page::{REVISION, page};
use super::stock;
use crate::catalogue::{Api, Catalogue};
use crate::error::{Problem, Result};
use crate::matrix::{types, write};
use crate::revision::published;
use crate::workspace::Workspace;

pub(super) struct Lab<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) bench: &'a Bench,
    pub(super) root: PathBuf,
    /// The crate that measures, and all that it needs.
    pub(super) folder: PathBuf,
    /// Today's api as the vendor published it.
    pub(super) published: Value,
    /// Whether the program has been built.
    built: Cell<bool>,
}

impl<'a> Lab<'a> {
    pub(super) fn new(workspace: &'a Workspace, target: &Path, bench: &'a Bench) -> Result<Self> {
        let catalogue = Catalogue::load(workspace)?;
        let (published, _) = published(workspace, &catalogue, Api::CallsV1, REVISION)?;
        let root = std::path::absolute(workspace.path("."))
            .and_then(|root| root.canonicalize())
            .map_err(|e| problem(format!("the workspace has no path: {e}")))?;
        let lab = Self {
            workspace,
            bench,
            root,
            folder: target.join("bench"),
            published,
            built: Cell::new(false),
        };
        lab.write_project()?;
        write(&lab.folder.join("page.json"), &page(workspace, REVISION)?)?;
        Ok(lab)
    }

    fn write_project(&self) -> Result<()> {
        self.write_manifest(&self.folder, include_str!("project/Cargo.toml"))?;
        let stock = types(&stock::client(&self.published, InterfaceStyle::Positional)?)?;
        for (name, text) in [
            ("src/lib.rs", include_str!("project/lib.rs")),
            ("src/main.rs", include_str!("project/main.rs")),
            ("src/stock.rs", &stock),
            ("benches/decode.rs", include_str!("project/decode.rs")),
        ] {
            write(&self.folder.join(name), text)?;
        }
        Ok(())
    }

    /// A crate that depends on the workspace's, in the versions of the workspace.
    pub(super) fn write_manifest(&self, folder: &Path, manifest: &str) -> Result<()> {
        let manifest = manifest.replace("@root@", &self.root.display().to_string());
        write(&folder.join("Cargo.toml"), &manifest)?;
        // What it needs beyond them is added to a copy, until the workspace has others.
        let (workspace, copied) = (self.workspace.read("Cargo.lock")?, folder.join("copied.lock"));
        if holds(&copied, &workspace) {
            return Ok(());
        }
        write(&folder.join("Cargo.lock"), &workspace)?;
        write(&copied, &workspace)
    }

    pub(super) fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.folder).args(arguments);
        command.env("CARGO_TARGET_DIR", self.folder.join("target"));
        // A gate that measures coverage would have it counted, too.
        command.env_remove("RUSTC_WRAPPER");
        command
    }

    /// The program as it is released.
    pub(super) fn callperf(&self) -> Result<Command> {
        if !self.built.replace(true) {
            let build = ["build", "--quiet", "--release", "--locked", "--package", "callperf-cli"];
            run(self.cargo(build).current_dir(&self.root))?;
        }
        Ok(Command::new(self.folder.join("target/release/callperf")))
    }

    /// What this crate's own program measures, with its arguments.
    pub(super) fn own<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Command> {
        run(&mut self.cargo(["build", "--quiet", "--release"]))?;
        let mut command = Command::new(self.folder.join("target/release/bench"));
        command.current_dir(&self.folder).args(arguments);
        Ok(command)
    }

    /// The official clients as they come, each with what it is to measure.
    pub(super) fn peers(&self, what: &str) -> Result<Vec<(&'static str, Command)>> {
        let folder = self.peers_folder()?;
        Ok(vec![
            ("@rc-ex/core", peer(&folder, "node", &["measure.mjs", "core", what])),
            ("@ringcentral/sdk", peer(&folder, "node", &["measure.mjs", "sdk", what])),
            ("ringcentral (Python)", peer(&folder, "venv/bin/python", &["measure.py", what])),
        ])
    }

    /// Those of them that have something against refusals, with that.
    pub(super) fn patient_peers(&self, what: &str) -> Result<Vec<(&'static str, Command)>> {
        let folder = self.peers_folder()?;
        let node = |client: &str| peer(&folder, "node", &["measure.mjs", client, what]);
        Ok(vec![
            ("@rc-ex/core with @rc-ex/rate-limit", node("core-limit")),
            ("@ringcentral/sdk with handleRateLimit", node("sdk-limit")),
        ])
    }

    /// Where the official clients are installed, as `tests/peers` says today.
    fn peers_folder(&self) -> Result<PathBuf> {
        let (folder, scripts) = (self.folder.join("peers"), self.root.join("tests/peers"));
        let mut said = String::new();
        for name in ["package-lock.json", "requirements.txt", "measure.mjs", "measure.py"] {
            said += &read(&scripts.join(name))?;
        }
        let installed = folder.join("installed");
        if holds(&installed, &said) {
            return Ok(folder);
        }
        fs::create_dir_all(&folder).map_err(|e| Problem::unwritable(&folder, &e))?;
        run(Command::new(scripts.join("install")).arg(&folder))?;
        write(&installed, &said)?;
        Ok(folder)
    }

    /// A Python that has `DuckDB`, in the version of the gate.
    pub(super) fn oracle(&self) -> Result<PathBuf> {
        let venv = self.folder.join("oracle");
        let (python, installed) = (venv.join("bin/python"), venv.join("installed"));
        let file = self.root.join("tests/oracle/requirements.txt");
        let requirements = read(&file)?;
        if holds(&installed, &requirements) {
            return Ok(python);
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&python).args(pip).args(["--require-hashes", "-r"]).arg(&file))?;
        write(&installed, &requirements)?;
        Ok(python)
    }

    pub(super) fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join("scripts").join(name);
        write(&path, text)?;
        Ok(path)
    }
}

fn peer(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    command
}

/// Runs a program to its end; what it prints is its result, and what it complains of is shown.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|e| problem(format!("{command:?} can't be run: {e}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let out = String::from_utf8_lossy(&output.stdout);
        eprint!("{out}");
        Err(problem(format!("{command:?} failed, as said above")).into())
    }
}

pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| Problem::unreadable(path, &e).into())
}

/// Whether a file is there and has this text: how what was made says what it was made from.
pub(super) fn holds(file: &Path, text: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|held| held == text)
}

/// Removes a folder, where it is there.
pub(super) fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(problem(format!("{} can't be removed: {e}", folder.display())).into())
        }
        _ => Ok(()),
    }
}

pub(super) fn problem(what: String) -> Problem {
    Problem::new("", what, "see xtask/src/bench/README.md")
}

/// Of a few turns, the one in the middle: the machine may have had something else to do.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// A server that runs as long as this is held.
pub(super) struct Server {
    process: Child,
    /// What a client takes from the environment: address and credentials.
    environment: Vec<(String, String)>,
}

impl Server {
    /// Starts a server that prints its address and credentials, a line each.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| problem(format!("{command:?} can't be run: {e}")))?;
        let lines = process.stdout.take().map(|out| BufReader::new(out).lines());
        let mut server = Self { process, environment: Vec::new() };
        for line in lines.into_iter().flatten().take(4).map_while(Result::ok) {
            let Some((name, value)) = line.split_once('=') else { continue };
            server.environment.push((name.to_owned(), value.to_owned()));
        }
        let is_up = server.environment.len() == 4;
        if is_up { Ok(server) } else { Err(problem(format!("{command:?} doesn't serve")).into()) }
    }

    /// Runs a client to its end, with a number as its last argument.
    pub(super) fn ask(&self, client: &mut Command, number: usize) -> Result<String> {
        let mut again = Command::new(client.get_program());
        again.args(client.get_args()).arg(number.to_string());
        if let Some(folder) = client.get_current_dir() {
            again.current_dir(folder);
        }
        run(again.envs(self.environment.iter().map(|(name, value)| (name, value))))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The numbers of a JSON list.
pub(super) fn list(text: &str) -> Result<Vec<f64>> {
    Ok(serde_json::from_str(text).map_err(|e| problem(format!("{text:?} isn't a list: {e}")))?)
}

/// A number of a JSON object.
pub(super) fn field(text: &str, name: &str) -> Result<f64> {
    let object: Value = serde_json::from_str(text).unwrap_or_default();
    let number = object[name].as_f64();
    Ok(number.ok_or_else(|| problem(format!("{text:?} has no number `{name}`")))?)
}
