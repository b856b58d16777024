//! The rows of a file, in any format.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::error::DataError;
use super::schema::Table;
use super::spelling::{self, Spelling};
use super::table::{Batch, Source};
use super::{csv_file, parquet_file};

/// The rows of a file, one after the other.
pub(super) struct Rows {
    file: PathBuf,
    table: &'static Table,
    source: Box<dyn Source>,
    batch: Batch,
    next: usize,
}

impl Rows {
    /// Finds the table's file and reads its header.
    pub(super) fn open(folder: &Path, table: &'static Table) -> Result<Rows, DataError> {
        let csv = folder.join(format!("{}.csv", table.name));
        let parquet = folder.join(format!("{}.parquet", table.name));
        let (file, source): (_, Box<dyn Source>) = match (csv.exists(), parquet.exists()) {
            (true, true) => {
                let reason = format!("there is {}.parquet too: remove one of them", table.name);
                return Err(DataError::new(&csv, reason));
            }
            (true, false) => {
                let source = csv_file::Reader::open(&csv, table)?;
                (csv, Box::new(source))
            }
            (false, true) => {
                let source = parquet_file::open(&parquet, table)?;
                (parquet, source)
            }
            (false, false) => {
                let reason = format!("there is no file {0}.csv or {0}.parquet", table.name);
                return Err(DataError::new(folder, reason));
            }
        };
        Ok(Rows { file, table, source, batch: Batch::new(table), next: 0 })
    }

    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, DataError> {
        if self.next == self.batch.places.len() {
            self.batch.clear();
            self.next = 0;
            self.source.fill(&mut self.batch)?;
            if self.batch.places.is_empty() {
                return Ok(None);
            }
        }
        self.next += 1;
        Ok(Some(Row { rows: self, at: self.next - 1 }))
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Refuses a row that was read before.
    pub(super) fn refuse(
        &self,
        row: impl Into<u64>,
        column: usize,
        reason: impl Into<String>,
    ) -> DataError {
        DataError::new(&self.file, reason).at(row.into(), self.table.columns[column].name)
    }
}

/// One row. Columns are named by their place in the table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    rows: &'a Rows,
    at: usize,
}

impl<'a> Row<'a> {
    pub(super) fn place(self) -> u64 {
        self.rows.batch.places[self.at]
    }

    /// Empty, if there is none.
    pub(super) fn text(self, column: usize) -> &'a str {
        self.rows.batch.columns[column].text(self.at)
    }

    pub(super) fn optional_text(self, column: usize) -> Option<&'a str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// A number that is there, or a time's second.
    pub(super) fn number(self, column: usize) -> i64 {
        self.rows.batch.columns[column].number(self.at).unwrap_or_default()
    }

    pub(super) fn whole<T: TryFrom<i64>>(
        self,
        column: usize,
        range: RangeInclusive<i64>,
    ) -> Result<T, DataError> {
        let number = self.number(column);
        T::try_from(number).ok().filter(|_| range.contains(&number)).ok_or_else(|| {
            let (least, most) = range.into_inner();
            let reason = format!("a whole number from {least} to {most} is expected, not {number}");
            self.refuse(column, reason)
        })
    }

    pub(super) fn optional_whole<T: TryFrom<i64>>(
        self,
        column: usize,
        range: RangeInclusive<i64>,
    ) -> Result<Option<T>, DataError> {
        let is_there = self.rows.batch.columns[column].number(self.at).is_some();
        is_there.then(|| self.whole(column, range)).transpose()
    }

    pub(super) fn word<T: Copy>(
        self,
        column: usize,
        spelling: Spelling<T>,
    ) -> Result<T, DataError> {
        let text = self.text(column);
        spelling::read(spelling, text).ok_or_else(|| {
            let reason = format!("`{text}` is not one of {}", spelling::all(spelling));
            self.refuse(column, reason)
        })
    }

    pub(super) fn optional_word<T: Copy>(
        self,
        column: usize,
        spelling: Spelling<T>,
    ) -> Result<Option<T>, DataError> {
        let is_there = self.optional_text(column).is_some();
        is_there.then(|| self.word(column, spelling)).transpose()
    }

    pub(super) fn refuse(self, column: usize, reason: impl Into<String>) -> DataError {
        self.rows.refuse(self.place(), column, reason)
    }
}
