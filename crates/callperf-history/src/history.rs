//! A history, by its location.

use std::path::{Path, PathBuf};

use crate::{error::Result, store::place::Place};

/// A history in a folder or in an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub(crate) path: PathBuf,
}

impl History {
    /// Returns the history at a location, which a first sync makes: a folder, or with the feature
    /// `object-store` a URL: `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX` or `gs://BUCKET/PREFIX`.
    /// Credentials of a store come from the environment, by the names that its own tools use.
    #[must_use]
    pub fn open(location: impl Into<PathBuf>) -> Self {
        Self { path: location.into() }
    }

    /// Returns the location.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn place(&self) -> Result<Place> {
        Place::of(&self.path)
    }
}
