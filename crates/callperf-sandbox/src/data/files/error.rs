//! What is wrong with a folder of data, and where.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Why data can't be loaded or written: which file, where in it, and what to do about it.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// let error = callperf_sandbox::Data::read(folder.path()).unwrap_err();
/// assert!(error.to_string().contains("account"));
/// assert_eq!(error.row(), None);
/// ```
#[derive(Debug)]
pub struct DataError {
    file: PathBuf,
    row: Option<u64>,
    column: Option<&'static str>,
    reason: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl DataError {
    pub(super) fn new(file: &Path, reason: impl Into<String>) -> DataError {
        DataError {
            file: file.to_owned(),
            row: None,
            column: None,
            reason: reason.into(),
            source: None,
        }
    }

    pub(super) fn caused(
        file: &Path,
        reason: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> DataError {
        DataError { source: Some(source.into()), ..DataError::new(file, reason) }
    }

    pub(super) fn at(self, row: u64, column: impl Into<Option<&'static str>>) -> DataError {
        DataError { row: Some(row), column: column.into(), ..self }
    }

    #[cfg(feature = "parquet")]
    pub(super) fn in_column(self, column: &'static str) -> DataError {
        DataError { column: Some(column), ..self }
    }

    /// The file, or the folder if no single file is to blame.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The place of the row. In CSV it is the line, and the header's is 1; in Parquet the first row's is 1.
    #[must_use]
    pub fn row(&self) -> Option<u64> {
        self.row
    }

    /// The column.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.column
    }

    /// What is wrong there.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A file to read. A pipe in its place would be waited for without end.
pub(super) fn opened(path: &Path) -> Result<File, DataError> {
    let cant = |error| DataError::caused(path, "it can't be opened", error);
    if !path.metadata().map_err(cant)?.is_file() {
        return Err(DataError::new(path, "it isn't a regular file; put one in its place"));
    }
    File::open(path).map_err(cant)
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(row) = self.row {
            let is_csv = self.file.extension().is_some_and(|extension| extension == "csv");
            write!(f, ", {} {row}", if is_csv { "line" } else { "row" })?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)?;
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

impl Error for DataError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
