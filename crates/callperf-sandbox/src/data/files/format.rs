//! The formats of files of data.

/// What the files of a folder of data are written in. Either is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values, in UTF-8: for people and spreadsheets.
    #[default]
    Csv,
    /// Parquet, compressed with Snappy: smaller, and faster to load. Needs the feature `parquet`, a default one.
    Parquet,
}
