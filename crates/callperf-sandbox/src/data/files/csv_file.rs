//! Tables in CSV: UTF-8, commas, a header, and nothing in the field of what is absent.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use jiff::Timestamp;

use super::error::{DataError, opened};
use super::schema::{Column, Kind, Table};
use super::table::{BATCH, Batch, Cell, Sink, Source};

const BUFFER: usize = 1 << 20;

pub(super) struct Reader {
    file: PathBuf,
    table: &'static Table,
    /// The place of each of the table's columns in the file.
    places: Vec<usize>,
    rows: csv::Reader<BufReader<File>>,
    record: ByteRecord,
}

impl Reader {
    pub(super) fn open(path: &Path, table: &'static Table) -> Result<Reader, DataError> {
        let file = opened(path)?;
        let mut rows =
            csv::ReaderBuilder::new().from_reader(BufReader::with_capacity(BUFFER, file));
        let header = rows.byte_headers().map_err(|error| unreadable(path, error))?;
        let places = places(path, table, header)?;
        let record = ByteRecord::new();
        Ok(Reader { file: path.to_owned(), table, places, rows, record })
    }

    /// Adds the record that was just read.
    fn take(&self, batch: &mut Batch, line: u64) -> Result<(), DataError> {
        for ((column, place), values) in
            self.table.columns.iter().zip(&self.places).zip(&mut batch.columns)
        {
            let refuse = |reason: String| DataError::new(&self.file, reason).at(line, column.name);
            let text = std::str::from_utf8(&self.record[*place])
                .map_err(|_| refuse(NOT_UTF_8.to_owned()))?;
            if text.is_empty() && !column.is_optional {
                return Err(refuse("it is empty".to_owned()));
            }
            match column.kind {
                Kind::Text => values.push_text(text),
                Kind::Whole | Kind::Time if text.is_empty() => values.push_number(None),
                Kind::Whole => values.push_number(Some(whole(text).map_err(refuse)?)),
                Kind::Time => values.push_number(Some(time(text).map_err(refuse)?)),
            }
        }
        batch.places.push(line);
        Ok(())
    }
}

impl Source for Reader {
    fn fill(&mut self, batch: &mut Batch) -> Result<(), DataError> {
        for _ in 0..BATCH {
            let is_there = self.rows.read_byte_record(&mut self.record);
            if !is_there.map_err(|error| unreadable(&self.file, error))? {
                break;
            }
            let line = self.record.position().map_or(0, csv::Position::line);
            self.take(batch, line)?;
        }
        Ok(())
    }
}

const NOT_UTF_8: &str = "it is not UTF-8: save the file in that encoding";

fn places(path: &Path, table: &Table, header: &ByteRecord) -> Result<Vec<usize>, DataError> {
    let header: Result<Vec<&str>, _> = header.iter().map(std::str::from_utf8).collect();
    let header = header.map_err(|_| DataError::new(path, NOT_UTF_8).at(1, None))?;
    let place = |column: &Column| {
        let place = header.iter().position(|name| *name == column.name);
        place.ok_or_else(|| {
            let hint = match header[..] {
                [one] if one.contains(';') => "; commas must separate the columns, not semicolons",
                _ => "",
            };
            let reason = format!("the column is missing{hint}");
            DataError::new(path, reason).at(1, column.name)
        })
    };
    let places = table.columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let known = table.columns.iter().map(|column| column.name).collect::<Vec<_>>();
    for (i, name) in header.iter().enumerate() {
        if !known.contains(name) {
            let reason = format!("`{name}` is not one of its columns: {}", known.join(", "));
            return Err(DataError::new(path, reason).at(1, None));
        }
        if header[..i].contains(name) {
            let reason = format!("the column `{name}` is there twice");
            return Err(DataError::new(path, reason).at(1, None));
        }
    }
    Ok(places)
}

fn whole(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("a whole number is expected, not `{text}`"))
}

pub(super) fn time(text: &str) -> Result<i64, String> {
    let expected =
        || format!("a time with its offset is expected, as in 2025-06-02T09:30:00Z, not `{text}`");
    let time: Timestamp = text.parse().map_err(|_| expected())?;
    if time.subsec_nanosecond() != 0 {
        return Err(format!("a whole second is expected, not `{text}`"));
    }
    Ok(time.as_second())
}

fn unreadable(path: &Path, error: csv::Error) -> DataError {
    let line = error.position().map(csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} fields, the header {expected_len}")
        }
        _ => return DataError::caused(path, "it can't be read", error),
    };
    let refused = DataError::new(path, reason);
    match line {
        Some(line) => refused.at(line, None),
        None => refused,
    }
}

pub(super) struct Writer {
    file: PathBuf,
    rows: csv::Writer<BufWriter<File>>,
}

impl Writer {
    pub(super) fn create(path: &Path, table: &Table) -> Result<Writer, DataError> {
        let file = File::create(path).map_err(|error| unwritable(path, error))?;
        let mut rows = csv::Writer::from_writer(BufWriter::with_capacity(BUFFER, file));
        let header = table.columns.iter().map(|column| column.name);
        rows.write_record(header).map_err(|error| unwritable(path, error))?;
        Ok(Writer { file: path.to_owned(), rows })
    }

    fn write(&mut self, field: &str) -> Result<(), DataError> {
        self.rows.write_field(field).map_err(|error| unwritable(&self.file, error))
    }
}

impl Sink for Writer {
    fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        for cell in cells {
            match *cell {
                Cell::Text(text) => self.write(text)?,
                Cell::Number(number) => self.write(&number.to_string())?,
                Cell::Time(second) => {
                    self.write(&crate::data::time::timestamp(second).to_string())?;
                }
                Cell::Nothing => self.write("")?,
            }
        }
        self.rows.write_record(None::<&[u8]>).map_err(|error| unwritable(&self.file, error))
    }

    fn finish(self: Box<Self>) -> Result<(), DataError> {
        let Writer { file, rows } = *self;
        let buffer = rows.into_inner().map_err(|error| unwritable(&file, error.into_error()))?;
        let mut inner =
            buffer.into_inner().map_err(|error| unwritable(&file, error.into_error()))?;
        inner.flush().map_err(|error| unwritable(&file, error))
    }
}

fn unwritable(
    path: &Path,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> DataError {
    DataError::caused(path, "it can't be written", error)
}
