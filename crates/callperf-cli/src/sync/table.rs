//! A day's Parquet file: its columns, and how it is written.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    sync::Arc,
};

use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    folder::hex,
    manifest::{Day, SCHEMA},
    plan::Table,
    spool::{Block, Label, Row as SpoolRow, Sorted},
};

/// One number of `callperf sync`: schema 1.
///
/// `grouping` and `date` are in the path, as Hive's partitions. Rows are sorted by
/// key, time, metric, breakdown and word. A point of time in which all of a key's
/// numbers are zero has no rows.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// What the row is about: an extension's id, or a number for company numbers.
    pub(crate) key: String,
    /// The extension's number, where the API sends it.
    pub(crate) extension: Option<String>,
    /// The key's name when it was fetched, where the API sends it.
    pub(crate) name: Option<String>,
    /// The start of the hour, or of the local day; in UTC, to the millisecond.
    pub(crate) time: String,
    /// `calls` or `time_spent`.
    pub(crate) metric: String,
    /// `total`, `by_result`, …: the words of `callperf words`, or the name in the
    /// API's answer of one that this version has no word for.
    pub(crate) breakdown: String,
    /// The word of the breakdown, `abandoned` for example; absent for one number.
    pub(crate) word: Option<String>,
    /// `Instances` or `Seconds`.
    pub(crate) unit: String,
    /// The number; whole ones are exact.
    pub(crate) value: f64,
}

const COLUMNS: &str = "message callperf {
    required binary key (STRING);
    optional binary extension (STRING);
    optional binary name (STRING);
    required int64 time (TIMESTAMP(MILLIS, true));
    required binary metric (STRING);
    required binary breakdown (STRING);
    optional binary word (STRING);
    required binary unit (STRING);
    required double value;
}";

/// Rows that are in memory together; the size of a row group.
const GROUP: usize = 128 * 1024;

/// Rows of a column that are handed to the library together.
const PIECE: usize = 8 * 1024;

/// Writes a day's file.
pub(super) fn write(
    file: &mut File,
    table: Table,
    time_zone: &str,
    sorted: &mut Sorted<'_>,
) -> io::Result<Day> {
    let out = Measured { out: BufWriter::new(file), bytes: 0, hash: hmac_sha256::Hash::new() };
    let note = |name: &str, value: String| KeyValue::new(format!("callperf.{name}"), value);
    let properties = WriterProperties::builder()
        // The library's version would be in every file, and change its bytes.
        .set_created_by(format!("callperf sync, schema {SCHEMA}"))
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(vec![
            note("schema", SCHEMA.to_string()),
            note("table", table.to_string()),
            note("time_zone", time_zone.to_owned()),
        ]))
        .build();
    let columns = Arc::new(parse_message_type(COLUMNS).map_err(io::Error::other)?);
    let mut writer = SerializedFileWriter::new(out, columns, Arc::new(properties)).map_err(told)?;
    let mut rows = 0;
    let mut group = Group::default();
    while let Some(block) = sorted.next()? {
        group.add(&block);
        if group.rows() >= GROUP {
            rows += group.flush(&mut writer)?;
        }
    }
    if group.rows() > 0 {
        rows += group.flush(&mut writer)?;
    }
    let Measured { mut out, bytes, hash } = writer.into_inner().map_err(told)?;
    out.flush()?;
    Ok(Day { rows: rows as u64, bytes, sha256: hex(&hash.finalize()) })
}

/// The system's error, where one is below the library's.
fn told(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}

/// Knows the length and the digest of what goes through it.
struct Measured<W> {
    out: W,
    bytes: u64,
    hash: hmac_sha256::Hash,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The rows of a row group: what they have in common is there once, so that the
/// columns are in memory one after the other, and a piece at a time.
#[derive(Default)]
struct Group {
    keys: Vec<GroupKey>,
    labels: Vec<Label>,
    rows: Vec<GroupRow>,
}

struct GroupKey {
    id: ByteArray,
    extension: Option<ByteArray>,
    name: Option<ByteArray>,
}

struct GroupRow {
    key: u32,
    row: SpoolRow,
}

fn bytes(text: &str) -> ByteArray {
    ByteArray::from(text)
}

impl Group {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn add(&mut self, block: &Block<'_>) {
        if self.labels.is_empty() {
            self.labels = block.labels.to_vec();
        }
        let key = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.keys.push(GroupKey {
            id: bytes(&block.key.id),
            extension: block.key.extension.as_deref().map(bytes),
            name: block.key.name.as_deref().map(bytes),
        });
        self.rows.extend(block.rows.iter().map(|row| GroupRow { key, row: *row }));
    }

    fn flush<W: Write + Send>(
        &mut self,
        writer: &mut SerializedFileWriter<W>,
    ) -> io::Result<usize> {
        let group = std::mem::take(self);
        group.write(writer).map_err(told)?;
        Ok(group.rows())
    }

    fn write<W: Write + Send>(
        &self,
        writer: &mut SerializedFileWriter<W>,
    ) -> Result<(), ParquetError> {
        let mut out = writer.next_row_group()?;
        let key = |row: &GroupRow| &self.keys[row.key as usize];
        let label = |row: &GroupRow| &self.labels[row.row.label as usize];
        self.required::<ByteArrayType, _>(&mut out, |row| key(row).id.clone())?;
        self.optional(&mut out, |row| key(row).extension.clone())?;
        self.optional(&mut out, |row| key(row).name.clone())?;
        self.required::<Int64Type, _>(&mut out, |row| row.row.time)?;
        self.required::<ByteArrayType, _>(&mut out, |row| label(row).metric.clone())?;
        self.required::<ByteArrayType, _>(&mut out, |row| label(row).breakdown.clone())?;
        self.optional(&mut out, |row| label(row).word.clone())?;
        self.required::<ByteArrayType, _>(&mut out, |row| label(row).unit.clone())?;
        self.required::<DoubleType, _>(&mut out, |row| row.row.value)?;
        out.close().map(drop)
    }

    fn required<T: DataType, W: Write + Send>(
        &self,
        out: &mut SerializedRowGroupWriter<'_, W>,
        of: impl Fn(&GroupRow) -> T::T,
    ) -> Result<(), ParquetError> {
        let mut column = next_column(out)?;
        for piece in self.rows.chunks(PIECE) {
            let values: Vec<_> = piece.iter().map(&of).collect();
            column.typed::<T>().write_batch(&values, None, None)?;
        }
        column.close()
    }

    fn optional<W: Write + Send>(
        &self,
        out: &mut SerializedRowGroupWriter<'_, W>,
        of: impl Fn(&GroupRow) -> Option<ByteArray>,
    ) -> Result<(), ParquetError> {
        let mut column = next_column(out)?;
        for piece in self.rows.chunks(PIECE) {
            let fields: Vec<_> = piece.iter().map(&of).collect();
            let levels: Vec<_> = fields.iter().map(|field| i16::from(field.is_some())).collect();
            let present: Vec<_> = fields.into_iter().flatten().collect();
            column.typed::<ByteArrayType>().write_batch(&present, Some(&levels), None)?;
        }
        column.close()
    }
}

/// The next column of the schema.
fn next_column<'a, W: Write + Send>(
    out: &'a mut SerializedRowGroupWriter<'_, W>,
) -> Result<SerializedColumnWriter<'a>, ParquetError> {
    out.next_column()?
        .ok_or_else(|| ParquetError::General("the schema has fewer columns".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_described() {
        let columns = parse_message_type(COLUMNS).unwrap();
        let mut names: Vec<_> =
            columns.get_fields().iter().map(|field| field.name().to_owned()).collect();
        names.sort_unstable();
        let schema = serde_json::to_value(schemars::schema_for!(Row)).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let described: Vec<_> = properties.keys().cloned().collect();
        assert_eq!(names, described);
        for field in columns.get_fields() {
            let required = schema["required"].as_array().unwrap();
            let is_required = required.iter().any(|name| name == field.name());
            assert_eq!(field.is_optional(), !is_required, "{}", field.name());
        }
    }
}
