//! An account and its calls.

use std::path::Path;

use jiff::Timestamp;

use super::error::DataError;
use super::format::Format;
use super::{calls, directory, dump};
use crate::data::calls::Calls;
use crate::data::directory::Directory;

/// An account and its calls: what a [`Sandbox`](crate::Sandbox) answers from. A folder of files can hold it; this is
/// what they have in them.
///
#[doc = include_str!("schema.md")]
#[derive(Debug)]
pub struct Data {
    pub(crate) directory: Directory,
    pub(crate) calls: Calls,
    /// The second from which on calls can start, and the first one that is too late.
    pub(crate) period: (i64, i64),
}

impl Data {
    /// Loads a folder.
    ///
    /// # Errors
    ///
    /// If a file or a column is missing, or a value makes no sense. The error names the first such place.
    pub fn read(folder: impl AsRef<Path>) -> Result<Data, DataError> {
        let folder = folder.as_ref();
        if !folder.is_dir() {
            return Err(DataError::new(folder, "there is no such folder"));
        }
        let (directory, names, period, version) = directory::read(folder)?;
        let calls = calls::read(folder, &directory, &names, period, version)?;
        Ok(Data { directory, calls, period })
    }

    /// Writes a folder, which must not be there yet or be empty. The same data give the same bytes. If it fails,
    /// nothing is left behind; what a process left that was killed, the next one that writes there clears away.
    ///
    /// # Errors
    ///
    /// When there is something in the folder, or it can't be written.
    pub fn write(&self, folder: impl AsRef<Path>, format: Format) -> Result<(), DataError> {
        dump::write(&self.directory, &self.calls, self.period, folder.as_ref(), format)
    }

    /// Who exists.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// How many calls there are.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Where the period that the calls are from begins, and where it has ended.
    #[must_use]
    pub fn period(&self) -> (Timestamp, Timestamp) {
        (crate::data::time::timestamp(self.period.0), crate::data::time::timestamp(self.period.1))
    }
}
