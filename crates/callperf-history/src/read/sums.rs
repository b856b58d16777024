//! The numbers of files, added up by key and point of time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use parquet::{
    data_type::ByteArray,
    errors::Result,
    file::{
        reader::{ChunkReader, FileReader as _},
        serialized_reader::SerializedFileReader,
    },
};

use crate::store::rows::Columns;

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
