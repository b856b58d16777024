//! The numbers of files, added up by key and point of time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use parquet::{
    column::reader::get_typed_column_reader,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::{ParquetError, Result},
    file::{
        reader::{ChunkReader, FileReader as _, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
};

/// A metric and a breakdown, by their names in files.
pub(crate) type Measured = (String, String);

/// A number of a measure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    pub(crate) metric: String,
    pub(crate) breakdown: String,
    pub(crate) word: Option<String>,
    pub(crate) unit: String,
}

/// What is said of a key, and its numbers by point of time, in the order of the labels.
#[derive(Debug, Default)]
pub(crate) struct OfKey {
    pub(crate) extension: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) points: BTreeMap<i64, Vec<f64>>,
}

/// The points of time that rows are added up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Points {
    /// One for all.
    One,
    /// One from each of these instants to the next, in milliseconds and in their order.
    From(Vec<i64>),
}

impl Points {
    /// The point that an instant belongs to.
    fn of(&self, time: i64) -> Option<i64> {
        match self {
            Self::One => Some(0),
            Self::From(starts) => {
                let after = starts.partition_point(|start| *start <= time);
                after.checked_sub(1).map(|place| starts[place])
            }
        }
    }
}

/// Sums over files.
pub(crate) struct Sums {
    measured: BTreeSet<Measured>,
    /// The keys that are wanted; all, if it is empty.
    chosen: BTreeSet<String>,
    points: Points,
    /// The times of the rows that count; all, if it is absent.
    times: Option<HashSet<i64>>,
    pub(crate) labels: Vec<Label>,
    /// The label of each metric, breakdown and word that came.
    places: HashMap<Vec<u8>, Option<usize>>,
    place: Vec<u8>,
    pub(crate) keys: BTreeMap<String, OfKey>,
}

/// Rows of a column that are read together.
const PIECE: usize = 16 * 1024;

impl Sums {
    pub(crate) fn new(
        measured: BTreeSet<Measured>,
        chosen: BTreeSet<String>,
        points: Points,
    ) -> Self {
        Self {
            measured,
            chosen,
            points,
            times: None,
            labels: Vec::new(),
            places: HashMap::new(),
            place: Vec::new(),
            keys: BTreeMap::new(),
        }
    }

    /// The same of the rows with these times alone.
    pub(crate) fn at(mut self, times: Option<HashSet<i64>>) -> Self {
        self.times = times;
        self
    }

    /// Adds the rows of a file. Returns the measures that it lacks; none, if it has no rows.
    pub(crate) fn add(&mut self, file: impl ChunkReader + 'static) -> Result<Vec<Measured>> {
        let reader = SerializedFileReader::new(file)?;
        let mut seen = BTreeSet::new();
        for group in 0..reader.num_row_groups() {
            let columns = Columns::of(&*reader.get_row_group(group)?)?;
            self.add_rows(&columns, &mut seen);
        }
        let has_rows = reader.metadata().file_metadata().num_rows() > 0;
        let is_there = |(metric, breakdown): &Measured| {
            seen.iter()
                .map(|place: &usize| &self.labels[*place])
                .any(|label| label.metric == *metric && label.breakdown == *breakdown)
        };
        let lacking = self.measured.iter().filter(|it| has_rows && !is_there(it));
        Ok(lacking.cloned().collect())
    }

    fn add_rows(&mut self, columns: &Columns, seen: &mut BTreeSet<usize>) {
        let mut row = 0;
        while row < columns.key.len() {
            let key = &columns.key[row];
            let end = row + columns.key[row..].iter().take_while(|other| *other == key).count();
            let text = String::from_utf8_lossy(key.data()).into_owned();
            let is_chosen = self.chosen.is_empty() || self.chosen.contains(&text);
            // One look at the key's numbers for all of its rows.
            let mut of_key = self.keys.remove(&text).unwrap_or_default();
            for row in row..end {
                let Some(label) = self.label(columns, row) else { continue };
                seen.insert(label);
                let time = columns.time[row];
                let counts = self.times.as_ref().is_none_or(|times| times.contains(&time));
                let point = self.points.of(time).filter(|_| is_chosen && counts);
                let Some(time) = point else { continue };
                let numbers = of_key.points.entry(time).or_default();
                if numbers.len() <= label {
                    numbers.resize(label + 1, 0.0);
                }
                numbers[label] += columns.value[row];
            }
            if !of_key.points.is_empty() {
                // The newest name stays.
                let newer = |known: &mut Option<String>, texts: &[Option<ByteArray>]| {
                    if let Some(text) = &texts[row] {
                        *known = Some(String::from_utf8_lossy(text.data()).into_owned());
                    }
                };
                newer(&mut of_key.extension, &columns.extension);
                newer(&mut of_key.name, &columns.name);
                self.keys.insert(text, of_key);
            }
            row = end;
        }
    }

    /// The place of a row's label, if its measure is wanted.
    fn label(&mut self, columns: &Columns, row: usize) -> Option<usize> {
        let text = |bytes: &ByteArray| String::from_utf8_lossy(bytes.data()).into_owned();
        let (metric, breakdown) = (&columns.metric[row], &columns.breakdown[row]);
        let word = columns.word[row].as_ref();
        self.place.clear();
        for part in [Some(metric), Some(breakdown), word].into_iter().flatten() {
            self.place.extend_from_slice(part.data());
            self.place.push(0);
        }
        if let Some(known) = self.places.get(&self.place) {
            return *known;
        }
        let measured = (text(metric), text(breakdown));
        let label = self.measured.contains(&measured).then(|| {
            self.labels.push(Label {
                metric: measured.0,
                breakdown: measured.1,
                word: word.map(text),
                unit: text(&columns.unit[row]),
            });
            self.labels.len() - 1
        });
        self.places.insert(self.place.clone(), label);
        label
    }
}

/// The columns of a row group.
struct Columns {
    key: Vec<ByteArray>,
    extension: Vec<Option<ByteArray>>,
    name: Vec<Option<ByteArray>>,
    time: Vec<i64>,
    metric: Vec<ByteArray>,
    breakdown: Vec<ByteArray>,
    word: Vec<Option<ByteArray>>,
    unit: Vec<ByteArray>,
    value: Vec<f64>,
}

impl Columns {
    fn of(group: &dyn RowGroupReader) -> Result<Self> {
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
}

/// The fields of a column by its name, with a place for each row.
pub(super) fn column<T: DataType>(
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
