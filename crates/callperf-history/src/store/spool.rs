//! Rows on their way from answers to files: the API sends keys in an order of its
//! own, and a day's file is sorted by key.
//!
//! They wait in a file without a name, which the system takes away with the
//! process, so that memory doesn't grow with their number.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use jiff::civil::Date;
use parquet::data_type::ByteArray;

use super::replacement::without_its_path;
use crate::model::manifest::Forgotten;

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) extension: Option<String>,
    pub(crate) name: Option<String>,
}

/// What a row's number is.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) metric: ByteArray,
    pub(crate) breakdown: ByteArray,
    pub(crate) word: Option<ByteArray>,
    pub(crate) unit: ByteArray,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    pub(crate) label: u32,
    pub(crate) value: f64,
}

const ROW_BYTES: usize = 20;

/// The rows of one key on one day.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(crate) key: &'a Key,
    pub(crate) labels: &'a [Label],
    pub(crate) rows: Vec<Row>,
}

struct Place {
    key: usize,
    offset: u64,
    bytes: usize,
}

type LabelText = (&'static str, String, Option<String>, String);

pub(crate) struct Spool {
    out: BufWriter<File>,
    offset: u64,
    keys: Vec<Key>,
    labels: HashMap<LabelText, u32>,
    days: BTreeMap<Date, Vec<Place>>,
    /// Keys whose rows aren't taken.
    forgotten: Forgotten,
}

impl Spool {
    /// In a folder with room for it: the one that the files go to.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(tempfile::tempfile_in(folder).map_err(without_its_path)?),
            offset: 0,
            keys: Vec::new(),
            labels: HashMap::new(),
            days: BTreeMap::new(),
            forgotten: Forgotten::default(),
        })
    }

    /// The same without the rows of some keys.
    pub(crate) fn without(mut self, forgotten: Forgotten) -> Self {
        self.forgotten = forgotten;
        self
    }

    /// The number of a label, by its texts.
    pub(crate) fn label(
        &mut self,
        metric: &'static str,
        breakdown: &str,
        word: Option<&str>,
        unit: &str,
    ) -> u32 {
        let text = (metric, breakdown.to_owned(), word.map(str::to_owned), unit.to_owned());
        let next = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        *self.labels.entry(text).or_insert(next)
    }

    /// Takes the rows of a key, day by day.
    pub(crate) fn add(&mut self, key: Key, days: &BTreeMap<Date, Vec<Row>>) -> io::Result<()> {
        if self.forgotten.has(&key.id) {
            return Ok(());
        }
        self.keys.push(key);
        let key = self.keys.len() - 1;
        let mut encoder = snap::raw::Encoder::new();
        for (day, rows) in days.iter().filter(|(_, rows)| !rows.is_empty()) {
            let mut bytes = Vec::with_capacity(rows.len() * ROW_BYTES);
            for row in rows {
                bytes.extend_from_slice(&row.time.to_le_bytes());
                bytes.extend_from_slice(&row.label.to_le_bytes());
                bytes.extend_from_slice(&row.value.to_le_bytes());
            }
            let packed = encoder.compress_vec(&bytes).map_err(io::Error::other)?;
            self.out.write_all(&packed)?;
            let place = Place { key, offset: self.offset, bytes: packed.len() };
            self.offset += packed.len() as u64;
            self.days.entry(*day).or_default().push(place);
        }
        Ok(())
    }

    /// All that came, in the order of a file.
    pub(crate) fn into_reader(self) -> io::Result<Reader> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut labels: Vec<_> = self.labels.into_iter().collect();
        labels.sort_unstable();
        let mut rank = vec![0; labels.len()];
        for (place, (_, number)) in (0_u32..).zip(&labels) {
            rank[*number as usize] = place;
        }
        let labels = labels
            .into_iter()
            .map(|((metric, breakdown, word, unit), _)| Label {
                metric: metric.into(),
                breakdown: breakdown.as_str().into(),
                word: word.as_deref().map(Into::into),
                unit: unit.as_str().into(),
            })
            .collect();
        Ok(Reader { file, keys: self.keys, labels, rank, days: self.days })
    }
}

pub(crate) struct Reader {
    file: File,
    keys: Vec<Key>,
    /// In the order of their texts.
    labels: Vec<Label>,
    /// The place of a label's number in that order.
    rank: Vec<u32>,
    days: BTreeMap<Date, Vec<Place>>,
}

impl Reader {
    /// The rows of a day by key, time and label.
    pub(crate) fn day(&mut self, day: Date) -> Sorted<'_> {
        let mut places = self.days.remove(&day).unwrap_or_default();
        places.sort_by(|one, other| self.keys[other.key].id.cmp(&self.keys[one.key].id));
        Sorted { reader: self, places }
    }
}

pub(crate) struct Sorted<'a> {
    reader: &'a mut Reader,
    /// The next one is the last.
    places: Vec<Place>,
}

impl Sorted<'_> {
    pub(crate) fn next(&mut self) -> io::Result<Option<Block<'_>>> {
        let Some(place) = self.places.pop() else { return Ok(None) };
        let Reader { file, keys, labels, rank, .. } = &mut *self.reader;
        let mut packed = vec![0; place.bytes];
        file.seek(SeekFrom::Start(place.offset))?;
        file.read_exact(&mut packed)?;
        let bytes = snap::raw::Decoder::new().decompress_vec(&packed).map_err(io::Error::other)?;
        let mut rows: Vec<_> = bytes.chunks_exact(ROW_BYTES).map(row).collect();
        for row in &mut rows {
            row.label = rank[row.label as usize];
        }
        rows.sort_by_key(|row| (row.time, row.label));
        Ok(Some(Block { key: &keys[place.key], labels, rows }))
    }
}

fn row(bytes: &[u8]) -> Row {
    let eight = |at: usize| -> [u8; 8] { std::array::from_fn(|byte| bytes[at + byte]) };
    let four: [u8; 4] = std::array::from_fn(|byte| bytes[8 + byte]);
    Row {
        time: i64::from_le_bytes(eight(0)),
        label: u32::from_le_bytes(four),
        value: f64::from_le_bytes(eight(12)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_sorted_in_any_order_that_they_came_in() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        let (one, other): (Date, Date) =
            ("2026-11-23".parse().unwrap(), "2026-11-24".parse().unwrap());
        let labels = [
            spool.label("calls", "total", None, "Instances"),
            spool.label("calls", "by_result", Some("missed"), "Instances"),
            spool.label("calls", "by_result", Some("abandoned"), "Instances"),
        ];
        assert_eq!(spool.label("calls", "total", None, "Instances"), labels[0]);
        for name in ["b", "a", "c"] {
            let rows =
                |time: i64| labels.iter().map(move |label| Row { time, label: *label, value: 0.5 });
            let days = BTreeMap::from([
                (one, rows(2).chain(rows(1)).collect()),
                (other, if name == "c" { Vec::new() } else { rows(3).collect() }),
            ]);
            let key = Key { id: name.to_owned(), extension: None, name: None };
            spool.add(key, &days).unwrap();
        }
        let mut reader = spool.into_reader().unwrap();
        let mut shown = Vec::new();
        for day in [one, other, one] {
            let mut sorted = reader.day(day);
            while let Some(block) = sorted.next().unwrap() {
                let rows = block.rows.iter().map(|row| {
                    let label = &block.labels[row.label as usize];
                    let word = label.word.as_ref().map_or("-", |word| word.as_utf8().unwrap());
                    format!("{}{word}", row.time)
                });
                shown.push(format!("{} {}", block.key.id, rows.collect::<Vec<_>>().join(" ")));
            }
        }
        let whole = "1abandoned 1missed 1- 2abandoned 2missed 2-";
        assert_eq!(
            shown,
            [
                format!("a {whole}"),
                format!("b {whole}"),
                format!("c {whole}"),
                "a 3abandoned 3missed 3-".to_owned(),
                "b 3abandoned 3missed 3-".to_owned(),
            ]
        );
    }
}
