//! A day's file without some of its keys.

use std::{collections::BTreeMap, io};

use jiff::civil::Date;
use parquet::file::{reader::FileReader as _, serialized_reader::SerializedFileReader};

use super::{
    parquet_file::{self, system_error},
    rows::Columns,
    spool::{Key, Row, Spool},
    writing::{NewFile, Store},
};
use crate::model::{
    file::Day,
    layout,
    manifest::{Manifest, Part},
    table::SeriesName,
};

/// How much was erased.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Erased {
    pub(crate) files: u64,
    pub(crate) rows: u64,
}

/// A file that waits to take the place of the one with the keys.
pub(crate) struct Without {
    pub(crate) new: NewFile,
    pub(crate) entry: Day,
    /// How many rows are gone.
    pub(crate) rows: u64,
}

/// Writes a day's file without these keys beside it, as a sync would.
pub(crate) fn without(
    store: &Store,
    (series, day, listed): (&SeriesName, Date, &Day),
    manifest: &Manifest,
    is_erased: impl Fn(&str) -> bool,
) -> io::Result<Without> {
    let mut spool = store.new_spool()?;
    let file = store.place().source(&layout::part(series, day, listed), listed)?;
    let reader = SerializedFileReader::new(file).map_err(system_error)?;
    let (mut rows, mut all, mut is_kept) = (Vec::new(), 0, true);
    let mut last: Option<Key> = None;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(system_error)?;
        let columns = Columns::of(&*group).map_err(system_error)?;
        let labels = columns.labels(&mut spool);
        all += labels.len() as u64;
        for (row, label) in labels.into_iter().enumerate() {
            if last.as_ref().is_none_or(|last| !columns.is_of(row, last)) {
                let before = last.replace(columns.key_of(row));
                put(&mut spool, before, day, std::mem::take(&mut rows))?;
                is_kept = last.as_ref().is_some_and(|last| !is_erased(&last.id));
            }
            if is_kept {
                rows.push(Row { time: columns.time[row], label, value: columns.value[row] });
            }
        }
    }
    put(&mut spool, last, day, rows)?;
    let mut new = store.begin(Part::Series(series.clone(), day))?;
    let mut reader = spool.into_reader()?;
    let zone = &manifest.time_zone;
    let mut sorted = reader.day(day);
    let entry = parquet_file::write(new.file(), series.table, zone, &mut sorted)?;
    let rows = all - entry.rows;
    Ok(Without { new, entry, rows })
}

fn put(spool: &mut Spool, key: Option<Key>, day: Date, rows: Vec<Row>) -> io::Result<()> {
    match key.filter(|_| !rows.is_empty()) {
        Some(key) => spool.add(key, &BTreeMap::from([(day, rows)])),
        None => Ok(()),
    }
}
