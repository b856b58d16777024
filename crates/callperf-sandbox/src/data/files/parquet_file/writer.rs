//! Writing Parquet: the same rows give the same bytes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use crate::data::files::error::DataError;
use crate::data::files::schema::{Column, Kind, Table, VERSION};
use crate::data::files::table::{Cell, Sink};

/// Rows of a row group.
const GROUP: usize = 128 * 1024;

pub(super) struct Writer {
    file: PathBuf,
    groups: SerializedFileWriter<File>,
    columns: Vec<Pending>,
    rows: usize,
}

/// A column of the row group that is being filled: its values, and which rows have one.
struct Pending {
    values: PendingValues,
    levels: Vec<i16>,
    is_optional: bool,
}

enum PendingValues {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
}

impl Writer {
    pub(super) fn create(path: &Path, table: &'static Table) -> Result<Writer, DataError> {
        let file = File::create(path)
            .map_err(|error| DataError::caused(path, "it can't be written", error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("callperf sandbox, schema {VERSION}"))
            .build();
        let failed = |error| unwritable(path, error);
        let schema = schema(table).map_err(failed)?;
        let groups =
            SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(failed)?;
        let columns = table.columns.iter().map(Pending::new).collect();
        Ok(Writer { file: path.to_owned(), groups, columns, rows: 0 })
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.groups.next_row_group()?;
        for column in &mut self.columns {
            let Some(mut writer) = group.next_column()? else {
                break;
            };
            let levels = column.is_optional.then_some(&column.levels[..]);
            match &mut column.values {
                PendingValues::Texts(texts) => {
                    writer.typed::<ByteArrayType>().write_batch(texts, levels, None)?;
                    texts.clear();
                }
                PendingValues::Numbers(numbers) => {
                    writer.typed::<Int64Type>().write_batch(numbers, levels, None)?;
                    numbers.clear();
                }
            }
            column.levels.clear();
            writer.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Sink for Writer {
    fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(*cell);
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.flush().map_err(|error| unwritable(&self.file, error))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), DataError> {
        let flushed = self.flush();
        let Writer { file, groups, .. } = *self;
        let written = flushed.and_then(|()| groups.close());
        written.map(drop).map_err(|error| unwritable(&file, error))
    }
}

impl Pending {
    fn new(column: &Column) -> Pending {
        let values = match column.kind {
            Kind::Text => PendingValues::Texts(Vec::new()),
            Kind::Whole | Kind::Time => PendingValues::Numbers(Vec::new()),
        };
        Pending { values, levels: Vec::new(), is_optional: column.is_optional }
    }

    fn push(&mut self, cell: Cell<'_>) {
        self.levels.push(i16::from(!matches!(cell, Cell::Nothing)));
        match (&mut self.values, cell) {
            (PendingValues::Texts(texts), Cell::Text(text)) => texts.push(text.into()),
            (PendingValues::Numbers(numbers), Cell::Number(number)) => numbers.push(number),
            (PendingValues::Numbers(numbers), Cell::Time(second)) => numbers.push(second * 1000),
            _ => {}
        }
    }
}

fn schema(table: &Table) -> Result<TypePtr, ParquetError> {
    let fields = table.columns.iter().map(field).collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder(table.name).with_fields(fields).build()?))
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let repetition = if column.is_optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    let field = Type::primitive_type_builder(column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical);
    Ok(Arc::new(field.build()?))
}

fn unwritable(path: &Path, error: ParquetError) -> DataError {
    DataError::caused(path, "it can't be written", error)
}
