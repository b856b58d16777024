//! Rows of a file, whatever its format.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::error::DataError;
use super::schema::{Kind, Table};
use super::spelling::{self, Spelling};
use super::{csv_file, parquet_file};

/// How many rows are in memory at once.
pub(super) const BATCH: usize = 8192;

/// Some rows, column by column.
#[derive(Debug)]
pub(super) struct Batch {
    /// Where each row stands in the file.
    pub(super) places: Vec<u64>,
    pub(super) columns: Vec<Values>,
}

/// One column's values in some rows.
#[derive(Debug)]
pub(super) enum Values {
    /// One after the other; where each ends. An absent one is empty.
    Texts(String, Vec<usize>),
    /// Numbers, and times as seconds since 1970.
    Numbers(Vec<Option<i64>>),
}

impl Batch {
    pub(super) fn new(table: &Table) -> Batch {
        let values = |kind| match kind {
            Kind::Text => Values::Texts(String::new(), Vec::new()),
            Kind::Whole | Kind::Time => Values::Numbers(Vec::new()),
        };
        let columns = table.columns.iter().map(|column| values(column.kind)).collect();
        Batch { places: Vec::new(), columns }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        for column in &mut self.columns {
            match column {
                Values::Texts(text, ends) => {
                    text.clear();
                    ends.clear();
                }
                Values::Numbers(numbers) => numbers.clear(),
            }
        }
    }
}

impl Values {
    pub(super) fn push_text(&mut self, value: &str) {
        if let Values::Texts(text, ends) = self {
            text.push_str(value);
            ends.push(text.len());
        }
    }

    pub(super) fn push_number(&mut self, value: Option<i64>) {
        if let Values::Numbers(numbers) = self {
            numbers.push(value);
        }
    }

    fn text(&self, at: usize) -> &str {
        match self {
            Values::Texts(text, ends) => {
                let start = at.checked_sub(1).map_or(0, |before| ends[before]);
                &text[start..ends[at]]
            }
            Values::Numbers(_) => "",
        }
    }

    fn number(&self, at: usize) -> Option<i64> {
        match self {
            Values::Texts(..) => None,
            Values::Numbers(numbers) => numbers[at],
        }
    }
}

/// Where rows come from.
pub(super) trait Source {
    /// Adds rows, up to [`BATCH`]; none at the end. Absent values of columns that aren't optional are refused here.
    fn fill(&mut self, batch: &mut Batch) -> Result<(), DataError>;
}

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

/// Where rows go to.
pub(super) trait Sink {
    /// One cell for each column of the table.
    fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError>;

    fn finish(self: Box<Self>) -> Result<(), DataError>;
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Number(i64),
    /// Seconds since 1970.
    Time(i64),
    Nothing,
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::Nothing, Cell::Text)
    }
}
