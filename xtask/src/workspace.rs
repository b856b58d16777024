//! Where things are, and how they are written: all of them, or none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::api::Api;
use crate::error::{Error, Problem, Result};
use crate::text;

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

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub fn read(&self, relative: &str) -> Result<String> {
        if let Some(text) = self.pending.get(relative) {
            return Ok(text.clone());
        }
        text::read(&self.path(relative))
            .map_err(|e| Problem::unreadable(Path::new(relative), &e).into())
    }

    /// The overlays by their names relative to the workspace, in the order they are applied in.
    /// What else is in their folder would be passed over for ever, so it is an error.
    pub fn overlays(&self) -> Result<Vec<String>> {
        let folder = "openapi/overlays";
        let unreadable = |e| Problem::unreadable(Path::new(folder), &e);
        let mut files = Vec::new();
        for entry in fs::read_dir(self.path(folder)).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let file = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() || !is_overlay(&entry.path()) {
                let remedy = "take it out of the folder, or name it *.yaml, *.yml or *.json";
                return Err(Problem::new("", "is not an overlay", remedy).in_file(&file).into());
            }
            files.push(file);
        }
        files.sort();
        Ok(files)
    }
}

fn is_overlay(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|it| ["yaml", "yml", "json"].contains(&it.as_str()))
        && path.file_name().is_some_and(|name| name.to_str().is_some())
}

pub const CATALOGUE: &str = "openapi/revisions.toml";

/// The workspace of the package that cargo runs, or of the current folder. That in which this was compiled comes last:
/// checkouts can share a target directory, and the last one that was built may be gone.
pub fn root() -> PathBuf {
    let run = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let current = std::env::current_dir().ok();
    let above = |folder: PathBuf| {
        let mut folders = folder.ancestors();
        folders.find(|folder| folder.join(CATALOGUE).is_file()).map(Path::to_path_buf)
    };
    let compiled = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    [run, current].into_iter().flatten().find_map(above).unwrap_or_else(compiled)
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
        rename_all(self.stage(workspace)?)
    }

    fn stage(&self, workspace: &Workspace) -> Result<Vec<Staged>> {
        let staged = self.0.iter().map(|(name, text)| {
            let staged = Staged::write(&workspace.path(name), text.as_bytes());
            staged.map_err(|e| Problem::unwritable(Path::new(name), &e).into())
        });
        staged.collect()
    }
}

/// Writes one file that need not be in the workspace: all of it, or nothing.
pub fn write_whole(file: &Path, content: &[u8]) -> Result<()> {
    let staged = Staged::write(file, content).map_err(|e| Problem::unwritable(file, &e))?;
    rename_all(vec![staged])
}

/// A file beside its place, of a name that can't be foreseen; removed unless it gets there.
struct Staged {
    new: TempPath,
    place: PathBuf,
}

impl Staged {
    fn write(place: &Path, content: &[u8]) -> io::Result<Self> {
        let folder = place.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // Of a link, the file that it leads to is replaced.
        let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
        let mut builder = tempfile::Builder::new();
        builder.suffix(".new");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As far as the process' mask allows.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut new = builder.tempfile_in(place.parent().unwrap_or(folder))?;
        new.write_all(content)?;
        if let Ok(before) = fs::metadata(&place) {
            new.as_file().set_permissions(before.permissions())?;
        }
        Ok(Self { new: new.into_temp_path(), place })
    }
}

fn rename_all(staged: Vec<Staged>) -> Result<()> {
    let mut done = Vec::new();
    for Staged { new, place } in staged {
        let before = fs::read(&place).ok();
        if let Err(error) = new.persist(&place) {
            restore(done);
            return Err(Problem::unwritable(&place, &error.error).into());
        }
        done.push((place, before));
    }
    Ok(())
}

/// As far as it goes: the first error is the one worth telling.
fn restore(done: Vec<(PathBuf, Option<Vec<u8>>)>) {
    for (place, before) in done {
        let _ = match before {
            Some(content) => fs::write(place, content),
            None => fs::remove_file(place),
        };
    }
}
