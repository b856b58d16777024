use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use xtask::catalogue::{self, Api, ApiEntry, Catalogue};
use xtask::workspace::{CATALOGUE, Workspace};

/// The folder of xtask. Cargo says which one it runs: with a shared target directory, it need not be the one that
/// this was compiled in.
pub(crate) fn package() -> PathBuf {
    let compiled = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(compiled, PathBuf::from)
}

pub(crate) fn root() -> PathBuf {
    package().join("..")
}

/// Compares a file of this package with what it should be, or writes it if `BLESS` is set.
pub(crate) fn blessed(file: &str, text: &str) {
    let path = package().join(file);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == text, "{file} is not what is generated; run with BLESS=1 and read it");
}

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::load(&Workspace::new(root())).unwrap()
}

pub(crate) fn revision(api: &str, date: &str) -> Value {
    let path = root().join(format!("openapi/revisions/{api}/{date}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A word for everything, so that the tests do not depend on what crates/callperf has.
pub(crate) fn full_vocabulary(catalogue: &Catalogue) -> Value {
    let words = |(api, entry): (&Api, &ApiEntry)| {
        let date = &entry.generate.as_ref().filter(|_| entry.vocabulary)?.revision;
        let pointers = xtask::coverage::pointers(&revision(api.name(), date), entry);
        let words = pointers.into_iter().map(|pointer| (pointer, Value::from("a word")));
        Some((api.name().to_owned(), words.collect::<Value>()))
    };
    catalogue.api.iter().filter_map(words).collect()
}

const CHANGELOG: &str =
    "# Changelog\n\n## [Unreleased]\n\n### API changes\n\n- Old\n\n### SDK changes\n\n- Old\n";

/// A copy of everything that xtask reads and writes.
pub(crate) struct Copy(TempDir);

pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let copy = Self(TempDir::new().unwrap());
        for folder in ["openapi", "crates/callperf-raw/src", xtask::reference::FOLDER] {
            copy_all(&root().join(folder), &copy.path(folder));
        }
        for file in [
            "tests/snapshots/lowered-beta.snap",
            "tests/snapshots/lowered-calls-v1.snap",
            "tests/snapshots/lowered-directory.snap",
            xtask::interface::INTERFACE,
            xtask::interface::RENAMES,
            xtask::renames::words::WORDS,
        ] {
            copy.write(file, &fs::read_to_string(root().join(file)).unwrap());
        }
        copy.write(xtask::coverage::VOCABULARY, &full_vocabulary(&catalogue()).to_string());
        copy.write(xtask::coverage::UNCOVERED, "");
        copy.write("CHANGELOG.md", CHANGELOG);
        // What the workspace lacks a word for isn't generated there, and is here.
        let uncovered = fs::read_to_string(root().join(xtask::coverage::UNCOVERED)).unwrap();
        if !uncovered.is_empty() {
            assert_eq!(copy.run(&["generate"]).code, 0);
        }
        copy
    }

    /// As it was when this revision was current, without later ones.
    pub(crate) fn at(api: Api, date: &str) -> Self {
        let copy = Self::new();
        let before = copy.read(CATALOGUE);
        let entries = catalogue::with_current(&before, api, date).unwrap();
        if entries == before {
            return copy;
        }
        copy.write(CATALOGUE, &entries);
        let catalogue = Catalogue::load(&Workspace::new(copy.path(""))).unwrap();
        copy.write(xtask::coverage::VOCABULARY, &full_vocabulary(&catalogue).to_string());
        assert_eq!(copy.run(&["generate"]).code, 0);
        copy
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, &[])
    }

    /// The same with these variables, and no others that fetching depends on.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            command.env_remove(name).env_remove(name.to_ascii_uppercase());
        }
        let output = command
            .current_dir(self.0.path())
            .env("CARGO_TARGET_DIR", self.path("target"))
            .envs(variables.iter().copied())
            .args(["--workspace", ".", "--today", "2099-12-31"])
            .args(arguments)
            .output()
            .unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        read_all(self.0.path(), &mut files);
        files
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn read_all(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, files);
        } else {
            let content = fs::read(&path).unwrap();
            files.insert(path, content);
        }
    }
}
