//! Whether a folder holds what its manifest says: gaps, overlaps, damage.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use parquet::errors::ParquetError;

use crate::{
    adding_up,
    error::{Error, Result},
    history::History,
    model::{
        day,
        directory::DirectoryDays,
        file::Day,
        layout,
        manifest::{Manifest, Series},
        scope::Scope,
        table::{SeriesName, Table},
    },
    store::{breakdowns, directory, place::Place, strays::strays, writing::Store},
};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// What there is.
    pub series: Vec<SeriesChecked>,
    /// What there is of the directory, if it is kept.
    pub directory: Option<DirectoryChecked>,
    /// What is wrong, a line each.
    pub problems: Vec<String>,
    /// Days that are missing and that the API has forgotten, a line for days one after the other.
    pub forgotten: Vec<String>,
}

/// The days of one grouping in one table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeriesChecked {
    /// The table.
    pub table: Table,
    /// The calls that it is about.
    pub scope: Scope,
    /// The grouping, as in the folders' names.
    pub grouping: String,
    /// The queue that the calls came through, in the table of agents.
    pub queue: Option<String>,
    /// The first day that is kept.
    pub first: Date,
    /// The last day that is there.
    pub last: Option<Date>,
    /// How many days are there.
    pub days: u64,
    /// How many rows they have.
    pub rows: u64,
    /// Days one after the other that lack breakdowns, and the names of these.
    pub lacking: Vec<Lacking>,
}

/// The days on which the directory changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryChecked {
    /// The first of them.
    pub first: Option<Date>,
    /// The last of them.
    pub last: Option<Date>,
    /// How many there are.
    pub days: u64,
    /// How many rows they have.
    pub rows: u64,
}

/// Days one after the other that lack the same breakdowns: the server that they came from did,
/// or they were written by a version that didn't request them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lacking {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How many of them have calls.
    pub days: u64,
    /// The breakdowns, by their names in the files.
    pub breakdowns: Vec<String>,
}

impl History {
    /// Looks for gaps, overlaps and damage. Nothing is sent or changed.
    ///
    /// # Errors
    /// If there is no history, another process syncs it, or it can't be read.
    pub fn check(&self) -> Result<Checked> {
        self.check_at(Timestamp::now())
    }

    /// The same at another time than now, by which the API remembers days.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn check_at(&self, now: Timestamp) -> Result<Checked> {
        let place = self.place()?;
        let store = Store::existing(&place)?;
        let manifest = place.read_manifest()?;
        let oldest = day::oldest(now, &day::zone(&manifest.time_zone)?)?;
        let mut checked = Checked {
            series: Vec::new(),
            directory: manifest.directory.as_ref().map(directory_checked),
            problems: Vec::new(),
            forgotten: Vec::new(),
        };
        if !manifest.forgetting.is_empty() {
            let what = "keys are being erased, and that isn't finished: the next sync finishes it";
            checked.problems.push(what.to_owned());
        }
        for (name, series) in manifest.series() {
            let (forgotten, gaps) = gaps(&name, series, oldest);
            checked.forgotten.extend(forgotten);
            checked.problems.extend(gaps);
            let mut lacking = Vec::new();
            for (day, entry) in &series.days {
                match store.damage(&name, *day, entry) {
                    Some(what) => checked.problems.push(format!("damaged: {what}")),
                    None if entry.rows > 0 => {
                        lacking.push((*day, lacks(&place, &name, (*day, entry))?));
                    }
                    None => {}
                }
            }
            checked.series.push(summary(name, series, runs(&lacking)));
        }
        let (_, damaged) = directory::standing(&place, &manifest, None);
        checked.problems.extend(damaged.into_iter().map(|what| format!("damaged: {what}")));
        checked.problems.extend(hours_beside_days(&place, &manifest));
        let overlap = |file: std::path::PathBuf| {
            format!("overlap: {}: the manifest doesn't list it", file.display())
        };
        checked.problems.extend(strays(&place, &manifest)?.into_iter().map(overlap));
        Ok(checked)
    }
}

fn summary(name: SeriesName, series: &Series, lacking: Vec<Lacking>) -> SeriesChecked {
    SeriesChecked {
        table: name.table,
        scope: name.scope,
        grouping: name.grouping,
        queue: name.queue,
        first: series.first,
        last: series.high_water,
        days: series.days.len() as u64,
        rows: series.days.values().map(|day| day.rows).sum(),
        lacking,
    }
}

fn directory_checked(directory: &DirectoryDays) -> DirectoryChecked {
    let days = &directory.days;
    DirectoryChecked {
        first: days.keys().next().copied(),
        last: days.keys().next_back().copied(),
        days: days.len() as u64,
        rows: days.values().map(|day| day.rows).sum(),
    }
}

fn lacks(place: &Place, name: &SeriesName, (day, listed): (Date, &Day)) -> Result<Vec<String>> {
    let file = layout::part(name, day, listed);
    let lacking = place.source(&file, listed).map_err(ParquetError::from);
    let lacking = lacking.and_then(|source| breakdowns::lacking(source, &name.grouping()));
    lacking.map_err(|error| Error::Damaged { file: place.at(&file), reason: error.to_string() })
}

/// Days one after the other that lack the same. Days without calls aren't among them.
fn runs(lacking: &[(Date, Vec<String>)]) -> Vec<Lacking> {
    let runs = lacking.chunk_by(|(_, one), (_, other)| one == other);
    runs.filter_map(|run| {
        let ((first, breakdowns), (last, _)) = (run.first()?, run.last()?);
        let days = run.len() as u64;
        let lacking = Lacking { first: *first, last: *last, days, breakdowns: breakdowns.clone() };
        Some(lacking).filter(|_| !breakdowns.is_empty())
    })
    .collect()
}

/// Days that are missing between the first and the last: those that the API has forgotten, and
/// those that the next sync fetches.
fn gaps(name: &SeriesName, series: &Series, oldest: Date) -> (Vec<String>, Vec<String>) {
    let Some(last) = series.high_water else { return (Vec::new(), Vec::new()) };
    let missing: Vec<_> =
        day::days(series.first, last).filter(|day| !series.days.contains_key(day)).collect();
    let (forgotten, others) = missing.split_at(missing.partition_point(|day| *day < oldest));
    let gap = |run: &[Date]| {
        let (first, last) = (run.first()?, run.last()?);
        let days = if run.len() == 1 { "day" } else { "days" };
        Some(format!("gap: {name}: from {first} to {last}, {} {days}", run.len()))
    };
    let said = |gap: String| format!("{gap}, which the API has forgotten");
    (
        day::runs(forgotten).filter_map(gap).map(said).collect(),
        day::runs(others).filter_map(gap).collect(),
    )
}

/// The days whose hours don't add up to them. What can't be read is damaged, and is named as such.
fn hours_beside_days(place: &Place, manifest: &Manifest) -> Vec<String> {
    let mut problems = Vec::new();
    for (days, by_day) in manifest.series().filter(|(name, _)| name.table == Table::Daily) {
        let hours = SeriesName::new(Table::Hourly, &days.grouping);
        let Some(by_hour) = manifest.get(&hours) else { continue };
        for (day, by_day) in &by_day.days {
            let Some(by_hour) = by_hour.days.get(day) else { continue };
            let difference = adding_up::difference(place, (&hours, by_hour), (&days, by_day), *day);
            problems.extend(difference.ok().flatten());
        }
    }
    problems
}

impl fmt::Display for SeriesChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, scope, grouping, queue, .. } = self;
        let (grouping, queue) = (grouping.clone(), queue.clone());
        SeriesName { table: *table, scope: *scope, grouping, queue }.fmt(f)
    }
}
