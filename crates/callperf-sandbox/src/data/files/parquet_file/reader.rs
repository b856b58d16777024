//! Reading Parquet. A whole number may come in any integer type, and in doubles too, because some programs make them
//! of a column that has gaps; a time as an instant of any unit, or as text.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use crate::data::files::csv_file::time;
use crate::data::files::error::{DataError, opened};
use crate::data::files::schema::{Column, Kind, Table};
use crate::data::files::table::{BATCH, Batch, Source, Values};

pub(super) struct Reader {
    file: PathBuf,
    table: &'static Table,
    groups: SerializedFileReader<File>,
    /// Of each of the table's columns, its place in the file and what is in it.
    columns: Vec<(usize, Content)>,
    group: usize,
    /// The readers of the row group, and how many of its rows are left.
    open: Vec<ColumnReader>,
    left: usize,
    rows: u64,
}

/// What a column's physical values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Text,
    Signed,
    Unsigned,
    Double,
    /// So many of them are a second.
    Instant(i64),
}

impl Reader {
    pub(super) fn open(path: &Path, table: &'static Table) -> Result<Reader, DataError> {
        guarded(path, || Reader::open_unguarded(path, table))
    }

    fn open_unguarded(path: &Path, table: &'static Table) -> Result<Reader, DataError> {
        let file = opened(path)?;
        let reader = SerializedFileReader::new(file).map_err(|error| unreadable(path, error))?;
        if !places_are_sane(&reader) {
            return Err(DataError::new(path, DAMAGED));
        }
        let columns = columns(path, table, &reader)?;
        Ok(Reader {
            file: path.to_owned(),
            table,
            groups: reader,
            columns,
            group: 0,
            open: Vec::new(),
            left: 0,
            rows: 0,
        })
    }

    /// Opens the next row group; says whether there is one.
    fn advance(&mut self) -> Result<bool, ParquetError> {
        if self.group == self.groups.num_row_groups() {
            return Ok(false);
        }
        let group = self.groups.get_row_group(self.group)?;
        self.left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let readers = self.columns.iter().map(|(place, _)| group.get_column_reader(*place));
        self.open = readers.collect::<Result<_, _>>()?;
        self.group += 1;
        Ok(true)
    }
}

impl Source for Reader {
    fn fill(&mut self, batch: &mut Batch) -> Result<(), DataError> {
        let file = self.file.clone();
        guarded(&file, || self.fill_unguarded(batch))
    }
}

const DAMAGED: &str = "it can't be read as Parquet: it is damaged";

/// The parser panics on columns before the start of the file.
fn places_are_sane(reader: &SerializedFileReader<File>) -> bool {
    let mut columns = reader.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns);
    columns.all(|column| {
        let first = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        first >= 0 && column.compressed_size() >= 0 && column.num_values() >= 0
    })
}

/// Who knows on which other damaged files it panics.
fn guarded<T>(path: &Path, f: impl FnOnce() -> Result<T, DataError>) -> Result<T, DataError> {
    // Nothing is used after a panic but the error.
    std::panic::catch_unwind(AssertUnwindSafe(f))
        .unwrap_or_else(|_| Err(DataError::new(path, DAMAGED)))
}

impl Reader {
    fn fill_unguarded(&mut self, batch: &mut Batch) -> Result<(), DataError> {
        while self.left == 0 {
            if !self.advance().map_err(|error| unreadable(&self.file, error))? {
                return Ok(());
            }
        }
        let rows = self.left.min(BATCH);
        let first = self.rows;
        for (i, column) in self.table.columns.iter().enumerate() {
            let refuse = |(row, reason): (usize, String)| {
                DataError::new(&self.file, reason).at(first + row as u64 + 1, column.name)
            };
            let content = self.columns[i].1;
            let values = read(&mut self.open[i], rows)
                .map_err(|error| unreadable(&self.file, error).in_column(column.name))?;
            take(column, content, &values, &mut batch.columns[i]).map_err(refuse)?;
        }
        batch.places.extend((1..=rows as u64).map(|row| first + row));
        self.left -= rows;
        self.rows += rows as u64;
        Ok(())
    }
}

fn columns(
    path: &Path,
    table: &Table,
    reader: &SerializedFileReader<File>,
) -> Result<Vec<(usize, Content)>, DataError> {
    let schema = reader.metadata().file_metadata().schema_descr();
    let known = |name: &str| table.columns.iter().any(|column| column.name == name);
    for column in schema.columns() {
        let path_in_file = column.path().string();
        if !known(&path_in_file) {
            let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            let reason =
                format!("`{path_in_file}` is not one of its columns: {}", names.join(", "));
            return Err(DataError::new(path, reason));
        }
    }
    let place = |column: &Column| {
        let refuse = |reason: String| DataError::new(path, reason).in_column(column.name);
        let place = schema.columns().iter().position(|other| other.name() == column.name);
        let place = place.ok_or_else(|| refuse("the column is missing".to_owned()))?;
        let content = content(column.kind, &schema.column(place)).map_err(refuse)?;
        Ok((place, content))
    };
    table.columns.iter().map(place).collect()
}

fn content(kind: Kind, column: &ColumnDescriptor) -> Result<Content, String> {
    let logical = column.logical_type_ref();
    let converted = column.converted_type();
    let is_unsigned = match logical {
        Some(LogicalType::Integer(integer)) => !integer.is_signed,
        _ => matches!(
            converted,
            ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64
        ),
    };
    match (kind, column.physical_type(), instant(logical, converted)) {
        (Kind::Text | Kind::Time, Physical::BYTE_ARRAY, _) => Ok(Content::Text),
        (Kind::Whole, Physical::INT32 | Physical::INT64, None) if is_unsigned => {
            Ok(Content::Unsigned)
        }
        (Kind::Whole, Physical::INT32 | Physical::INT64, None) => Ok(Content::Signed),
        (Kind::Whole, Physical::DOUBLE, _) => Ok(Content::Double),
        (Kind::Time, Physical::INT64, Some((true, per_second))) => Ok(Content::Instant(per_second)),
        (Kind::Time, Physical::INT64, Some((false, _))) => {
            Err("it has local times: instants in UTC are expected".to_owned())
        }
        (kind, physical, _) => {
            let expected = match kind {
                Kind::Text => "text is",
                Kind::Whole => "whole numbers are",
                Kind::Time => "instants are",
            };
            Err(format!("{expected} expected, the file has {physical}"))
        }
    }
}

/// Whether a column's times are instants, and how many of its units are a second; nothing if it has no times.
fn instant(logical: Option<&LogicalType>, converted: ConvertedType) -> Option<(bool, i64)> {
    use parquet::basic::TimeUnit;
    match (logical, converted) {
        (Some(LogicalType::Timestamp(time)), _) => {
            let per_second = match time.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            };
            Some((time.is_adjusted_to_u_t_c, per_second))
        }
        (None, ConvertedType::TIMESTAMP_MILLIS) => Some((true, 1_000)),
        (None, ConvertedType::TIMESTAMP_MICROS) => Some((true, 1_000_000)),
        _ => None,
    }
}

/// A column's values in some rows, the absent ones left out, and which rows have one; all, if there is no list.
enum Raw {
    Texts(Vec<ByteArray>, Option<Vec<i16>>),
    Numbers(Vec<i64>, Option<Vec<i16>>),
    Doubles(Vec<f64>, Option<Vec<i16>>),
}

fn read(reader: &mut ColumnReader, rows: usize) -> Result<Raw, ParquetError> {
    Ok(match reader {
        ColumnReader::ByteArrayColumnReader(reader) => {
            let (values, levels) = read_typed(reader, rows)?;
            Raw::Texts(values, levels)
        }
        ColumnReader::Int32ColumnReader(reader) => {
            let (values, levels) = read_typed::<Int32Type>(reader, rows)?;
            Raw::Numbers(values.into_iter().map(i64::from).collect(), levels)
        }
        ColumnReader::Int64ColumnReader(reader) => {
            let (values, levels) = read_typed::<Int64Type>(reader, rows)?;
            Raw::Numbers(values, levels)
        }
        ColumnReader::DoubleColumnReader(reader) => {
            let (values, levels) = read_typed::<DoubleType>(reader, rows)?;
            Raw::Doubles(values, levels)
        }
        _ => return Err(ParquetError::General("a type that isn't expected".to_owned())),
    })
}

type Typed<T> = (Vec<<T as DataType>::T>, Option<Vec<i16>>);

fn read_typed<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
) -> Result<Typed<T>, ParquetError> {
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    let (records, _, _) = reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    if records != rows {
        return Err(ParquetError::General(format!("{rows} rows are expected, not {records}")));
    }
    Ok((values, (!levels.is_empty()).then_some(levels)))
}

/// Adds the values to the batch; or the row, counted from 0, and what is wrong with it.
fn take(
    column: &Column,
    content: Content,
    raw: &Raw,
    into: &mut Values,
) -> Result<(), (usize, String)> {
    match raw {
        Raw::Texts(values, levels) => each(values, levels.as_deref(), |value| {
            let text = value.map(|value| std::str::from_utf8(value.data())).transpose();
            let text = text.map_err(|_| "it is not UTF-8".to_owned())?.unwrap_or_default();
            if text.is_empty() && !column.is_optional {
                return Err("it is empty".to_owned());
            }
            match column.kind {
                Kind::Text => into.push_text(text),
                Kind::Whole | Kind::Time if text.is_empty() => into.push_number(None),
                Kind::Whole | Kind::Time => into.push_number(Some(time(text)?)),
            }
            Ok(())
        }),
        Raw::Numbers(values, levels) => each(values, levels.as_deref(), |value| {
            let number = value.map(|value| whole(content, *value)).transpose()?;
            push_number(column, number, into)
        }),
        Raw::Doubles(values, levels) => each(values, levels.as_deref(), |value| {
            // What has no value is not a number in some programs' files.
            let value = value.filter(|value| !value.is_nan());
            let number = value.map(|value| whole_of_double(*value)).transpose()?;
            push_number(column, number, into)
        }),
    }
}

fn each<T>(
    values: &[T],
    levels: Option<&[i16]>,
    mut f: impl FnMut(Option<&T>) -> Result<(), String>,
) -> Result<(), (usize, String)> {
    let Some(levels) = levels else {
        let mut rows = values.iter().enumerate();
        return rows.try_for_each(|(row, value)| f(Some(value)).map_err(|reason| (row, reason)));
    };
    let mut values = values.iter();
    let mut rows = levels.iter().enumerate();
    rows.try_for_each(|(row, level)| {
        let value = if *level > 0 { values.next() } else { None };
        f(value).map_err(|reason| (row, reason))
    })
}

fn push_number(column: &Column, number: Option<i64>, into: &mut Values) -> Result<(), String> {
    if number.is_none() && !column.is_optional {
        return Err("it is empty".to_owned());
    }
    into.push_number(number);
    Ok(())
}

fn whole(content: Content, value: i64) -> Result<i64, String> {
    match content {
        Content::Instant(per_second) if value % per_second != 0 => {
            Err("a whole second is expected".to_owned())
        }
        Content::Instant(per_second) => Ok(value / per_second),
        // Numbers of 32 bits beyond 2^31 are beyond every range that there is.
        Content::Unsigned if value < 0 => Err("the number is too large".to_owned()),
        _ => Ok(value),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "it is whole and far from the ends")]
fn whole_of_double(value: f64) -> Result<i64, String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return Ok(value as i64);
    }
    Err(format!("a whole number is expected, not {value}"))
}

fn unreadable(path: &Path, error: ParquetError) -> DataError {
    DataError::caused(path, "it can't be read as Parquet", error)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArrayType, FloatType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::data::files::rows::Rows;
    use crate::data::files::schema::CALLS_2;

    /// What other programs put into a column.
    #[derive(Clone, Copy)]
    enum Given<'a> {
        I32(&'a [i32]),
        I64(&'a [i64]),
        Float(&'a [f32]),
        Double(&'a [f64]),
        Text(&'a [&'a str]),
    }

    const START: &str = "required int64 start (TIMESTAMP(MILLIS, true))";
    const AT: Given<'_> = Given::I64(&[1_748_860_200_000]);

    fn folder(columns: &[(&str, Given<'_>)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let fields: Vec<_> = columns.iter().map(|(field, _)| *field).collect();
        let schema = format!("message m {{ {}; }}", fields.join("; "));
        let schema = Arc::new(parse_message_type(&schema).unwrap());
        let file = File::create(folder.path().join("calls.parquet")).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        for (field, given) in columns {
            let mut column = group.next_column().unwrap().unwrap();
            let levels = if field.starts_with("optional") { Some(&[1][..]) } else { None };
            let written = match given {
                Given::I32(values) => column.typed::<Int32Type>().write_batch(values, levels, None),
                Given::I64(values) => column.typed::<Int64Type>().write_batch(values, levels, None),
                Given::Float(values) => {
                    column.typed::<FloatType>().write_batch(values, levels, None)
                }
                Given::Double(values) => {
                    column.typed::<DoubleType>().write_batch(values, levels, None)
                }
                Given::Text(texts) => {
                    let texts: Vec<ByteArray> = texts.iter().map(|text| (*text).into()).collect();
                    column.typed::<ByteArrayType>().write_batch(&texts, levels, None)
                }
            };
            written.unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        folder
    }

    /// The row of a file of calls with this column in place of the usual one.
    fn read_with(instead: (&str, Given<'_>)) -> Result<(i64, i64, i64), DataError> {
        let name = |field: &str| field.split(' ').nth(2).unwrap().to_owned();
        let usual = [
            ("required int64 call_id", Given::I64(&[5])),
            (START, AT),
            ("required int64 seconds", Given::I64(&[40])),
            ("required binary origin (UTF8)", Given::Text(&["external"])),
            ("optional binary number (UTF8)", Given::Text(&[""])),
        ];
        let columns = usual.map(|(field, given)| {
            let same = (name(instead.0) == name(field)).then_some(instead);
            same.unwrap_or((field, given))
        });
        let folder = folder(&columns);
        let mut rows = Rows::open(folder.path(), &CALLS_2)?;
        let row = rows.next()?.unwrap();
        assert_eq!((row.optional_text(4), row.text(3)), (None, "external"));
        Ok((row.number(0), row.number(1), row.number(2)))
    }

    #[test]
    fn other_programs_types_are_read() {
        let expected = (5, 1_748_860_200, 40);
        for instead in [
            ("required int32 call_id", Given::I32(&[5])),
            ("required int32 call_id (INTEGER(16, false))", Given::I32(&[5])),
            ("optional int64 call_id (INTEGER(64, false))", Given::I64(&[5])),
            ("optional int32 seconds (UINT_8)", Given::I32(&[40])),
            ("optional double seconds", Given::Double(&[40.0])),
            (START, AT),
            ("optional int64 start (TIMESTAMP_MILLIS)", AT),
            ("optional int64 start (TIMESTAMP_MICROS)", Given::I64(&[1_748_860_200_000_000])),
            (
                "required int64 start (TIMESTAMP(MICROS, true))",
                Given::I64(&[1_748_860_200_000_000]),
            ),
            (
                "required int64 start (TIMESTAMP(NANOS, true))",
                Given::I64(&[1_748_860_200_000_000_000]),
            ),
            ("required binary start (UTF8)", Given::Text(&["2025-06-02T12:30:00+02:00"])),
            ("required binary origin", Given::Text(&["external"])),
        ] {
            let field = instead.0;
            let read = read_with(instead).unwrap_or_else(|error| panic!("{field}: {error}"));
            assert_eq!(read, expected, "{field}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_column() {
        for (instead, row, words) in [
            (("required float seconds", Given::Float(&[40.0])), None, "the file has FLOAT"),
            (("required int64 origin", Given::I64(&[1])), None, "text is expected"),
            (("required int64 start", AT), None, "instants are expected"),
            (("required int64 start (TIMESTAMP(MILLIS, false))", AT), None, "in UTC"),
            (
                ("required int64 seconds (TIMESTAMP(MILLIS, true))", AT),
                None,
                "whole numbers are expected",
            ),
            (("required double seconds", Given::Double(&[0.5])), Some(1), "not 0.5"),
            (("required double seconds", Given::Double(&[f64::NAN])), Some(1), "empty"),
            (("required int64 call_id (INTEGER(64, false))", Given::I64(&[-1])), Some(1), "large"),
            ((START, Given::I64(&[1_748_860_200_001])), Some(1), "whole second"),
            (("required binary start (UTF8)", Given::Text(&["noon"])), Some(1), "offset"),
            (("required binary origin (UTF8)", Given::Text(&[""])), Some(1), "empty"),
        ] {
            let field = instead.0;
            let error = read_with(instead).unwrap_err();
            assert_eq!(error.row(), row, "{field}: {error}");
            assert_eq!(error.column(), field.split(' ').nth(2), "{error}");
            assert!(error.reason().contains(words), "{field}: {error}");
        }
    }
}
