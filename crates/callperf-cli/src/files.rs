//! The user's folders.

use std::{
    fs,
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
