//! Tables in Parquet, where the crate is built with it.

#[cfg(feature = "parquet")]
mod reader;
#[cfg(feature = "parquet")]
mod writer;

use std::path::Path;

use super::error::DataError;
use super::schema::Table;
use super::table::{Sink, Source};

#[cfg(feature = "parquet")]
pub(super) fn open(path: &Path, table: &'static Table) -> Result<Box<dyn Source>, DataError> {
    Ok(Box::new(reader::Reader::open(path, table)?))
}

#[cfg(feature = "parquet")]
pub(super) fn create(path: &Path, table: &'static Table) -> Result<Box<dyn Sink>, DataError> {
    Ok(Box::new(writer::Writer::create(path, table)?))
}

#[cfg(not(feature = "parquet"))]
const LEFT_OUT: &str = "this program was built without Parquet: use CSV";

#[cfg(not(feature = "parquet"))]
pub(super) fn open(path: &Path, _: &'static Table) -> Result<Box<dyn Source>, DataError> {
    Err(DataError::new(path, LEFT_OUT))
}

#[cfg(not(feature = "parquet"))]
pub(super) fn create(path: &Path, _: &'static Table) -> Result<Box<dyn Sink>, DataError> {
    Err(DataError::new(path, LEFT_OUT))
}
