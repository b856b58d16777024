//! The user's folders, and files that are replaced as a whole.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use crate::Failure;

/// An environment variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The user's folders: XDG's, and Windows' own on Windows.
pub(crate) fn folders() -> Result<impl BaseStrategy, Failure> {
    etcetera::choose_base_strategy().map_err(|_| {
        Failure::Usage(
            "the user has no home folder; name the files with --config or CALLPERF_CONFIG, and \
             CALLPERF_SESSIONS"
                .to_owned(),
        )
    })
}

/// The place of the sessions where nothing says another: state, not
/// configuration, so that a copied configuration carries no session along.
pub(crate) fn sessions() -> Result<PathBuf, Failure> {
    if let Some(file) = variable("CALLPERF_SESSIONS") {
        return Ok(file.into());
    }
    let folders = folders()?;
    let state = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Ok(state.join("callperf/sessions.json"))
}

pub(crate) fn create_folder_of(file: &Path) -> Result<(), Failure> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error)),
        None => Ok(()),
    }
}

/// Replaces a file, or leaves it as it was, whatever happens in between.
pub(crate) fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let new = beside(file);
    let written = File::create(&new).and_then(|mut out| {
        out.write_all(content)?;
        out.sync_all()
    });
    if let Err(error) = written {
        // The first failure is the one to tell.
        drop(fs::remove_file(&new));
        return Err(error);
    }
    put(&new, file)
}

/// Where a file is written before it takes the place of `file`. The dot hides it
/// from whoever reads the folder.
pub(crate) fn beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.new"))
}

/// Gives a file that is on disk its name, for good.
pub(crate) fn put(new: &Path, file: &Path) -> io::Result<()> {
    fs::rename(new, file)?;
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => Ok(()),
    }
}

/// Makes the names in a folder outlast a crash of the machine.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
