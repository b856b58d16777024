//! A day's Parquet file: its columns, and how it is written.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    sync::Arc,
};

use super::spool::{Block, Label, Row as SpoolRow, Sorted};
use crate::model::{file::Day, manifest::FILES, row::COLUMNS, table::Table};
use parquet::{
    basic::Compression,
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};

/// Rows that are in memory together; the size of a row group.
const GROUP: usize = 128 * 1024;

/// Rows of a column that are handed to the library together.
const PIECE: usize = 8 * 1024;

/// Writes a day's file.
pub(crate) fn write(
    file: &mut File,
    table: Table,
    time_zone: &str,
    sorted: &mut Sorted<'_>,
) -> io::Result<Day> {
    let notes = [("table", table.to_string()), ("time_zone", time_zone.to_owned())];
    let mut writer = begin(file, COLUMNS, &notes)?;
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
    let (bytes, sha256) = finish(writer)?;
    Ok(Day { rows: rows as u64, bytes, sha256, file: None })
}

type Writer<'a> = SerializedFileWriter<Measured<BufWriter<&'a mut File>>>;

fn begin<'a>(
    file: &'a mut File,
    columns: &str,
    notes: &[(&str, String)],
) -> io::Result<Writer<'a>> {
    let out = Measured { out: BufWriter::new(file), bytes: 0, hash: hmac_sha256::Hash::new() };
    let note = |name: &str, value: String| KeyValue::new(format!("callperf.{name}"), value);
    let schema = note("schema", FILES.to_string());
    let notes = notes.iter().map(|(name, value)| note(name, value.clone()));
    let properties = WriterProperties::builder()
        // The library's version would be in every file, and change its bytes.
        .set_created_by(format!("callperf sync, schema {FILES}"))
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(std::iter::once(schema).chain(notes).collect()))
        .build();
    let columns = Arc::new(parse_message_type(columns).map_err(io::Error::other)?);
    SerializedFileWriter::new(out, columns, Arc::new(properties)).map_err(system_error)
}

/// The length of a file, and its digest.
fn finish(writer: Writer<'_>) -> io::Result<(u64, String)> {
    let Measured { mut out, bytes, hash } = writer.into_inner().map_err(system_error)?;
    out.flush()?;
    Ok((bytes, super::hex(&hash.finalize())))
}

/// The fields of a column, one for each row.
pub(crate) enum Fields {
    Texts(Vec<Option<ByteArray>>),
    Numbers(Vec<Option<f64>>),
    Wholes(Vec<Option<i64>>),
    Flags(Vec<Option<bool>>),
}

/// A column of a file that is small enough to be in memory.
pub(crate) struct Column {
    fields: Fields,
    is_optional: bool,
}

impl Column {
    pub(crate) fn required(fields: Fields) -> Self {
        Self { fields, is_optional: false }
    }

    pub(crate) fn optional(fields: Fields) -> Self {
        Self { fields, is_optional: true }
    }
}

/// Writes a file of these columns, in the order of its schema. Returns its length and its digest.
pub(crate) fn write_columns(
    file: &mut File,
    schema: &str,
    notes: &[(&str, String)],
    columns: impl IntoIterator<Item = Column>,
) -> io::Result<(u64, String)> {
    let mut writer = begin(file, schema, notes)?;
    let mut out = writer.next_row_group().map_err(system_error)?;
    for Column { fields, is_optional } in columns {
        let written = match fields {
            Fields::Texts(fields) => put::<ByteArrayType, _>(&mut out, &fields, is_optional),
            Fields::Numbers(fields) => put::<DoubleType, _>(&mut out, &fields, is_optional),
            Fields::Wholes(fields) => put::<Int64Type, _>(&mut out, &fields, is_optional),
            Fields::Flags(fields) => put::<BoolType, _>(&mut out, &fields, is_optional),
        };
        written.map_err(system_error)?;
    }
    out.close().map_err(system_error)?;
    finish(writer)
}

fn put<T: DataType, W: Write + Send>(
    out: &mut SerializedRowGroupWriter<'_, W>,
    fields: &[Option<T::T>],
    is_optional: bool,
) -> Result<(), ParquetError> {
    let mut column = next_column(out)?;
    for piece in fields.chunks(PIECE) {
        let levels: Vec<_> = piece.iter().map(|field| i16::from(field.is_some())).collect();
        let present: Vec<_> = piece.iter().flatten().cloned().collect();
        let levels = is_optional.then_some(&levels[..]);
        column.typed::<T>().write_batch(&present, levels, None)?;
    }
    column.close()
}

/// The system's error, where one is below the library's.
#[must_use]
pub fn system_error(error: ParquetError) -> io::Error {
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
        group.write(writer).map_err(system_error)?;
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
