//! Files that engines read beside those of a history.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{directory, folder::Folder};
use crate::{
    error::{Error, Result},
    model::{manifest::Manifest, table::Table},
};

/// Files that an engine would read beside those of the manifest. Some engines read all files of a
/// folder, others those that are named `*.parquet`.
pub(crate) fn strays(folder: &Folder, manifest: &Manifest) -> Result<Vec<PathBuf>> {
    let mut listed = BTreeSet::new();
    for (name, series) in manifest.series() {
        listed.extend(series.days.keys().map(|day| folder.part(&name, *day)));
    }
    if let Some(directory) = &manifest.directory {
        let changing = directory.changing.iter().map(|(day, _)| day);
        let days = directory.days.keys().chain(changing);
        listed.extend(days.map(|day| directory::part(folder.path(), *day)));
    }
    let mut found = Vec::new();
    let tables = Table::ALL.iter().map(Table::to_string);
    for table in tables.chain([directory::NAME.to_owned()]) {
        let place = folder.path().join(table);
        readable_files(&place, &mut found).map_err(|error| Error::file(&place, error))?;
    }
    found.sort_unstable();
    found.retain(|file| !listed.contains(file));
    Ok(found)
}

fn readable_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        // Engines pass over what begins with a dot or an underscore.
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']));
        if path.is_dir() {
            readable_files(&path, found)?;
        } else if !is_hidden {
            found.push(path);
        }
    }
    Ok(())
}
