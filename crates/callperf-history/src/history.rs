//! A history, by its place.

use std::path::{Path, PathBuf};

/// A history in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub(crate) path: PathBuf,
}

impl History {
    /// Returns the history at a location, which a first sync makes.
    #[must_use]
    pub fn open(location: impl Into<PathBuf>) -> Self {
        Self { path: location.into() }
    }

    /// Returns the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
