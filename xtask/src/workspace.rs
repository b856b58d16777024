//! Where things are, and how they are written: all of them, or none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalogue::Api;
use crate::error::{Error, Problem, Result};

#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    /// What is read in place of the files, so that a stage sees what another has not written yet.
    pending: BTreeMap<String, String>,
}

impl Workspace {
    pub fn new(root: PathBuf) -> Self {
        Self { root, pending: BTreeMap::new() }
    }

    /// The workspace as it will be after these changes.
    #[must_use]
    pub fn with(&self, changes: &Changes) -> Self {
        let mut after = self.clone();
        after.pending.extend(changes.0.clone());
        after
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub fn read(&self, relative: &str) -> Result<String> {
        if let Some(text) = self.pending.get(relative) {
            return Ok(text.clone());
        }
        fs::read_to_string(self.path(relative))
            .map_err(|e| Problem::unreadable(Path::new(relative), &e).into())
    }

    /// The overlays by their names relative to the workspace, in the order they are applied in.
    pub fn overlays(&self) -> Result<Vec<String>> {
        let folder = "openapi/overlays";
        let unreadable = |e| Problem::unreadable(Path::new(folder), &e);
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(folder)).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let name = name.to_string_lossy();
            if Path::new(&*name).extension().is_some_and(|e| e == "yaml") {
                names.push(format!("{folder}/{name}"));
            }
        }
        names.sort();
        Ok(names)
    }
}

pub const CATALOGUE: &str = "openapi/revisions.toml";

/// The workspace of the package that cargo runs, which need not be the one that this was compiled in: checkouts can
/// share a target directory.
pub fn root() -> PathBuf {
    let run = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let compiled = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let above = |folder: &PathBuf| {
        let mut folders = folder.ancestors();
        folders.find(|folder| folder.join(CATALOGUE).is_file()).map(Path::to_path_buf)
    };
    run.as_ref().and_then(above).unwrap_or_else(|| compiled.join(".."))
}

pub fn revision_file(api: Api, date: &str) -> String {
    format!("openapi/revisions/{api}/{date}.json")
}

pub fn sha256(text: &str) -> String {
    use std::fmt::Write as _;
    let digest = hmac_sha256::Hash::hash(text.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Files as they are to be, by their names relative to the workspace.
#[derive(Debug, Default)]
pub struct Changes(BTreeMap<String, String>);

impl Changes {
    pub fn write(&mut self, relative: impl Into<String>, text: String) {
        self.0.insert(relative.into(), text);
    }

    pub fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Says which files differ, and writes nothing.
    pub fn check(&self, workspace: &Workspace, command: &'static str) -> Result<()> {
        let files: Vec<_> = (self.0.iter())
            .filter(|(name, text)| workspace.read(name).ok().as_ref() != Some(text))
            .map(|(name, _)| name.clone())
            .collect();
        if files.is_empty() { Ok(()) } else { Err(Error::Stale { files, command }) }
    }

    /// Writes every file beside its place first and renames last, so that a full disk or a missing
    /// permission leaves the tree as it was.
    pub fn commit(&self, workspace: &Workspace) -> Result<()> {
        let mut written = Vec::new();
        let result = self.stage(workspace, &mut written);
        let result = result.and_then(|()| rename_all(&written));
        for (temporary, _) in &written {
            // Renamed already, or to be cleaned away: either is fine.
            let _ = fs::remove_file(temporary);
        }
        result
    }

    fn stage(&self, workspace: &Workspace, written: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
        for (name, text) in &self.0 {
            let place = workspace.path(name);
            let unwritable = |e| Problem::unwritable(Path::new(name), &e);
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder).map_err(unwritable)?;
            }
            let temporary = place.with_added_extension("new");
            written.push((temporary.clone(), place));
            fs::write(temporary, text).map_err(unwritable)?;
        }
        Ok(())
    }
}

fn rename_all(written: &[(PathBuf, PathBuf)]) -> Result<()> {
    let mut done = Vec::new();
    for (temporary, place) in written {
        let before = fs::read(place).ok();
        if let Err(error) = fs::rename(temporary, place) {
            restore(done);
            return Err(Problem::unwritable(place, &error).into());
        }
        done.push((place, before));
    }
    Ok(())
}

/// As far as it goes: the first error is the one worth telling.
fn restore(done: Vec<(&PathBuf, Option<Vec<u8>>)>) {
    for (place, before) in done {
        let _ = match before {
            Some(content) => fs::write(place, content),
            None => fs::remove_file(place),
        };
    }
}
