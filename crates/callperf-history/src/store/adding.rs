//! Days that are added up from their hours.

use std::{collections::BTreeMap, io};

use jiff::{Timestamp, civil::Date};
use parquet::file::{reader::FileReader as _, serialized_reader::SerializedFileReader};

use super::{
    parquet_file::system_error,
    rows::Columns,
    source::Source,
    spool::{Key, Row, Spool},
};

/// Adds the hours of a file up, as rows of their day.
pub(crate) fn add_hours(
    spool: &mut Spool,
    hours: Source,
    day: Date,
    start: Timestamp,
) -> io::Result<()> {
    let reader = SerializedFileReader::new(hours).map_err(system_error)?;
    let mut sums = BTreeMap::<u32, f64>::new();
    let mut last: Option<Key> = None;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(system_error)?;
        let columns = Columns::of(&*group).map_err(system_error)?;
        for (row, label) in columns.labels(spool).into_iter().enumerate() {
            if last.as_ref().is_none_or(|last| !columns.is_of(row, last)) {
                let before = last.replace(columns.key_of(row));
                put(spool, before, (day, start), std::mem::take(&mut sums))?;
            }
            *sums.entry(label).or_default() += columns.value[row];
        }
    }
    put(spool, last, (day, start), sums)
}

fn put(
    spool: &mut Spool,
    key: Option<Key>,
    (day, start): (Date, Timestamp),
    sums: BTreeMap<u32, f64>,
) -> io::Result<()> {
    let Some(key) = key else { return Ok(()) };
    let time = start.as_millisecond();
    let rows = sums.into_iter().map(|(label, value)| Row { time, label, value }).collect();
    spool.add(key, &BTreeMap::from([(day, rows)]))
}
