//! Parquet for notebooks and query engines.

use std::{
    io::{self, Write},
    sync::Arc,
};

use callperf_history::files::system_error;
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};

use super::{number::Unit, sheet::Sheet};

/// The version of the columns' meaning.
const SCHEMA_VERSION: &str = "1";

impl Sheet {
    /// Writes the sheet as a Parquet file, a row per row.
    ///
    /// Columns: `key`, `name`, `extension_number` (text, absent where the API says
    /// none), `time` in a timeline (UTC, milliseconds), `total` where the whole
    /// company is among the rows, and a double per number, named by its path in
    /// the JSON with `_` for the dot: `calls_by_result_missed`,
    /// `kpis_answer_rate`. Where numbers are compared, the one of the period
    /// before is `…_previous`. A number that is absent is null; seconds are
    /// seconds, a share is a share of one.
    ///
    /// The file's metadata says the period, the zone, the API, the filters, and per column the
    /// unit and what it counts.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_parquet(&self, out: impl Write + Send) -> io::Result<()> {
        self.parquet(out).map_err(system_error)
    }

    fn parquet(&self, out: impl Write + Send) -> Result<(), ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("callperf ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(self.metadata()))
            .build();
        let mut file =
            SerializedFileWriter::new(out, Arc::new(self.schema()?), Arc::new(properties))?;
        let mut group = file.next_row_group()?;
        self.write_columns(&mut group)?;
        group.close()?;
        file.close()?;
        Ok(())
    }

    fn metadata(&self) -> Vec<KeyValue> {
        let period = &self.heading.period;
        let pair = |name: &str, value: String| KeyValue::new(format!("callperf.{name}"), value);
        let mut pairs = vec![
            pair("schema_version", SCHEMA_VERSION.to_owned()),
            pair("title", self.title.clone()),
            pair("api", self.heading.api.clone()),
            pair("from", period.from.to_string()),
            pair("to", period.to.to_string()),
            pair("time_zone", period.time_zone.clone()),
        ];
        if let Some(previous) = &self.heading.previous_period {
            pairs.push(pair("previous_from", previous.from.to_string()));
            pairs.push(pair("previous_to", previous.to.to_string()));
        }
        if !self.heading.filters.is_empty() {
            pairs.push(pair("filters", self.heading.filters.join(", ")));
        }
        for column in &self.columns {
            let name = field_name(&column.path());
            let unit = match column.unit {
                Unit::Seconds => "seconds",
                Unit::Share => "share of 1",
                Unit::Percent => "percent",
                Unit::Calls => "calls",
            };
            pairs.push(pair(&format!("column.{name}"), format!("{unit}; {}", column.meaning())));
        }
        pairs
    }

    fn schema(&self) -> Result<Type, ParquetError> {
        let text = |name: &str, repetition| {
            Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String))
                .with_repetition(repetition)
                .build()
        };
        let mut fields = vec![
            text("key", Repetition::REQUIRED)?,
            text("name", Repetition::OPTIONAL)?,
            text("extension_number", Repetition::OPTIONAL)?,
        ];
        if self.interval.is_some() {
            fields.push(
                Type::primitive_type_builder("time", Physical::INT64)
                    .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MILLIS)))
                    .with_repetition(Repetition::REQUIRED)
                    .build()?,
            );
        }
        if self.has_total() {
            fields.push(
                Type::primitive_type_builder("total", Physical::BOOLEAN)
                    .with_repetition(Repetition::REQUIRED)
                    .build()?,
            );
        }
        let number = |name: String| {
            Type::primitive_type_builder(&name, Physical::DOUBLE)
                .with_repetition(Repetition::OPTIONAL)
                .build()
        };
        for column in &self.columns {
            let name = field_name(&column.path());
            fields.push(number(name.clone())?);
            if self.is_compared() {
                fields.push(number(format!("{name}_previous"))?);
            }
        }
        let fields = fields.into_iter().map(Arc::new).collect();
        Type::group_type_builder("report").with_fields(fields).build()
    }

    fn write_columns<W: Write + Send>(
        &self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let rows = &self.rows;
        write_texts(group, rows.iter().map(|row| Some(row.key.as_str())), false)?;
        write_texts(group, rows.iter().map(|row| row.name.as_deref()), true)?;
        write_texts(group, rows.iter().map(|row| row.extension_number.as_deref()), true)?;
        if self.interval.is_some() {
            let time = |row: &super::sheet::Row| {
                row.time.as_ref().map_or(0, |(time, _)| time.as_millisecond())
            };
            let times: Vec<_> = rows.iter().map(time).collect();
            let mut column = next(group)?;
            column.typed::<Int64Type>().write_batch(&times, None, None)?;
            column.close()?;
        }
        if self.has_total() {
            let totals: Vec<_> = rows.iter().map(|row| row.is_total).collect();
            let mut column = next(group)?;
            column.typed::<BoolType>().write_batch(&totals, None, None)?;
            column.close()?;
        }
        for at in 0..self.columns.len() {
            let numbers = rows.iter().map(|row| row.cells[at].value.as_ref());
            write_numbers(group, numbers)?;
            if self.is_compared() {
                let numbers = rows.iter().map(|row| row.cells[at].previous.as_ref());
                write_numbers(group, numbers)?;
            }
        }
        Ok(())
    }
}

fn field_name(path: &str) -> String {
    path.replace('.', "_")
}

type ColumnWriter<'a> = parquet::file::writer::SerializedColumnWriter<'a>;

fn next<'a, W: Write + Send>(
    group: &'a mut SerializedRowGroupWriter<'_, W>,
) -> Result<ColumnWriter<'a>, ParquetError> {
    let column = group.next_column()?;
    column.ok_or_else(|| ParquetError::General("more columns than the schema has".to_owned()))
}

fn write_texts<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    texts: impl Iterator<Item = Option<&'a str>>,
    is_optional: bool,
) -> Result<(), ParquetError> {
    let texts: Vec<_> = texts.collect();
    let levels: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
    let values: Vec<_> = texts.into_iter().flatten().map(ByteArray::from).collect();
    let mut column = next(group)?;
    let levels = is_optional.then_some(&levels[..]);
    column.typed::<ByteArrayType>().write_batch(&values, levels, None)?;
    column.close()
}

fn write_numbers<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    numbers: impl Iterator<Item = Option<&'a serde_json::Number>>,
) -> Result<(), ParquetError> {
    let numbers: Vec<_> =
        numbers.map(|number| number.and_then(serde_json::Number::as_f64)).collect();
    let levels: Vec<i16> = numbers.iter().map(|number| i16::from(number.is_some())).collect();
    let values: Vec<_> = numbers.into_iter().flatten().collect();
    let mut column = next(group)?;
    column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
    column.close()
}
