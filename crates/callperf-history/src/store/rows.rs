//! The rows of a day's file, column by column.

use std::collections::HashMap;

use parquet::{
    column::reader::get_typed_column_reader,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::{ParquetError, Result},
    file::reader::RowGroupReader,
};

use super::spool::{Key, Spool};

/// Rows of a column that are read together.
const PIECE: usize = 16 * 1024;

/// The columns of a row group.
pub(crate) struct Columns {
    pub(crate) key: Vec<ByteArray>,
    pub(crate) extension: Vec<Option<ByteArray>>,
    pub(crate) name: Vec<Option<ByteArray>>,
    pub(crate) time: Vec<i64>,
    pub(crate) metric: Vec<ByteArray>,
    pub(crate) breakdown: Vec<ByteArray>,
    pub(crate) word: Vec<Option<ByteArray>>,
    pub(crate) unit: Vec<ByteArray>,
    pub(crate) value: Vec<f64>,
}

impl Columns {
    pub(crate) fn of(group: &dyn RowGroupReader) -> Result<Self> {
        let texts = |name| -> Result<Vec<ByteArray>> {
            Ok(column::<ByteArrayType>(group, name)?.into_iter().flatten().collect())
        };
        Ok(Self {
            key: texts("key")?,
            extension: column::<ByteArrayType>(group, "extension")?,
            name: column::<ByteArrayType>(group, "name")?,
            time: column::<Int64Type>(group, "time")?.into_iter().flatten().collect(),
            metric: texts("metric")?,
            breakdown: texts("breakdown")?,
            word: column::<ByteArrayType>(group, "word")?,
            unit: texts("unit")?,
            value: column::<DoubleType>(group, "value")?.into_iter().flatten().collect(),
        })
    }

    /// Whether a row is about a key.
    pub(crate) fn is_of(&self, row: usize, key: &Key) -> bool {
        self.key[row].data() == key.id.as_bytes()
    }

    /// What a row is about.
    pub(crate) fn key_of(&self, row: usize) -> Key {
        Key {
            id: text(&self.key[row]),
            extension: self.extension[row].as_ref().map(text),
            name: self.name[row].as_ref().map(text),
        }
    }

    /// What the number of each row is, as a spool has it.
    pub(crate) fn labels(&self, spool: &mut Spool) -> Vec<u32> {
        let mut known = HashMap::new();
        let mut label = |row: usize| {
            let (metric, breakdown) = (self.metric[row].data(), self.breakdown[row].data());
            let word = self.word[row].as_ref().map(ByteArray::data);
            let texts = (metric, breakdown, word, self.unit[row].data());
            *known.entry(texts).or_insert_with(|| self.label_of(row, spool))
        };
        (0..self.key.len()).map(&mut label).collect()
    }

    fn label_of(&self, row: usize, spool: &mut Spool) -> u32 {
        let metric = match self.metric[row].data() {
            b"time_spent" => "time_spent",
            _ => "calls",
        };
        let word = self.word[row].as_ref().map(text);
        spool.label(metric, &text(&self.breakdown[row]), word.as_deref(), &text(&self.unit[row]))
    }
}

/// The fields of a column by its name, with a place for each row.
pub(crate) fn column<T: DataType>(
    group: &dyn RowGroupReader,
    name: &str,
) -> Result<Vec<Option<T::T>>> {
    let columns = group.metadata().schema_descr().columns();
    let found = columns.iter().position(|column| column.name() == name);
    let missing = || ParquetError::General(format!("there is no column {name}"));
    let index = found.ok_or_else(missing)?;
    if columns[index].physical_type() != T::get_physical_type() {
        return Err(missing());
    }
    let is_optional = columns[index].max_def_level() > 0;
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let mut fields = Vec::new();
    loop {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let levels_of = is_optional.then_some(&mut levels);
        let (records, ..) = reader.read_records(PIECE, levels_of, None, &mut values)?;
        if records == 0 {
            return Ok(fields);
        }
        let mut values = values.into_iter();
        if is_optional {
            fields.extend(levels.iter().map(|level| (*level > 0).then(|| values.next()).flatten()));
        } else {
            fields.extend(values.map(Some));
        }
    }
}

fn text(bytes: &ByteArray) -> String {
    String::from_utf8_lossy(bytes.data()).into_owned()
}
