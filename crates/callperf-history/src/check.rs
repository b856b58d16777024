//! Whether a folder holds what its manifest says: gaps, overlaps, damage.

use std::{
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use jiff::civil::Date;

use crate::{
    adding_up,
    error::{Error, Result},
    history::History,
    model::{
        day,
        manifest::{Manifest, Series},
        scope::Scope,
        table::{SeriesName, Table},
    },
    store::{
        breakdowns,
        folder::{Folder, read_manifest},
    },
};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// What there is.
    pub series: Vec<SeriesChecked>,
    /// What is wrong, a line each.
    pub problems: Vec<String>,
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
        let folder = Folder::existing(&self.path)?;
        let manifest = read_manifest(&self.path)?;
        let mut checked = Checked { series: Vec::new(), problems: Vec::new() };
        for (name, series) in manifest.series() {
            checked.problems.extend(gaps(&name, series));
            let mut lacking = Vec::new();
            for (day, entry) in &series.days {
                match folder.damage(&name, *day, entry) {
                    Some(what) => checked.problems.push(format!("damaged: {what}")),
                    None if entry.rows > 0 => lacking.push((*day, lacks(&folder, &name, *day)?)),
                    None => {}
                }
            }
            checked.series.push(summary(name, series, runs(&lacking)));
        }
        checked.problems.extend(hours_beside_days(&folder, &manifest));
        checked.problems.extend(overlaps(&folder, &manifest)?);
        Ok(checked)
    }
}

fn summary(name: SeriesName, series: &Series, lacking: Vec<Lacking>) -> SeriesChecked {
    SeriesChecked {
        table: name.table,
        scope: name.scope,
        grouping: name.grouping,
        first: series.first,
        last: series.high_water,
        days: series.days.len() as u64,
        rows: series.days.values().map(|day| day.rows).sum(),
        lacking,
    }
}

fn lacks(folder: &Folder, name: &SeriesName, day: Date) -> Result<Vec<String>> {
    let file = folder.part(name, day);
    breakdowns::lacking(&file, &name.grouping())
        .map_err(|error| Error::Damaged { file, reason: error.to_string() })
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

/// Days that are missing between the first and the last.
fn gaps(name: &SeriesName, series: &Series) -> Vec<String> {
    let Some(last) = series.high_water else { return Vec::new() };
    let missing: Vec<_> =
        day::days(series.first, last).filter(|day| !series.days.contains_key(day)).collect();
    day::runs(&missing)
        .filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            let days = if run.len() == 1 { "day" } else { "days" };
            Some(format!("gap: {name}: from {first} to {last}, {} {days}", run.len()))
        })
        .collect()
}

/// The days whose hours don't add up to them. What can't be read is damaged, and is named as such.
fn hours_beside_days(folder: &Folder, manifest: &Manifest) -> Vec<String> {
    let mut problems = Vec::new();
    for (days, by_day) in manifest.series().filter(|(name, _)| name.table == Table::Daily) {
        let hours = SeriesName::new(Table::Hourly, &days.grouping);
        let Some(by_hour) = manifest.get(&hours) else { continue };
        for day in by_day.days.keys().filter(|day| by_hour.days.contains_key(*day)) {
            let difference = adding_up::difference(folder, (&hours, &days), *day);
            problems.extend(difference.ok().flatten());
        }
    }
    problems
}

/// Files that an engine would read beside those of the manifest. Some engines read all files of a
/// folder, others those that are named `*.parquet`.
fn overlaps(folder: &Folder, manifest: &Manifest) -> Result<Vec<String>> {
    let mut listed = BTreeSet::new();
    for (name, series) in manifest.series() {
        listed.extend(series.days.keys().map(|day| folder.part(&name, *day)));
    }
    let mut found = Vec::new();
    for table in Table::ALL {
        let place = folder.path().join(table.to_string());
        readable_files(&place, &mut found).map_err(|error| Error::file(&place, error))?;
    }
    found.sort_unstable();
    let extra = found.into_iter().filter(|file| !listed.contains(file));
    Ok(extra
        .map(|file| format!("overlap: {}: the manifest doesn't list it", file.display()))
        .collect())
}

fn readable_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        // Engines pass over what begins with a dot or an underscore.
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']));
        if path.is_dir() {
            readable_files(&path, found)?;
        } else if !is_hidden {
            found.push(path);
        }
    }
    Ok(())
}

impl fmt::Display for SeriesChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, scope, grouping, .. } = self;
        let grouping = grouping.clone();
        SeriesName { table: *table, scope: *scope, grouping }.fmt(f)
    }
}
