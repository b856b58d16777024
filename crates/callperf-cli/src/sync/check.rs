//! Whether a folder holds what its manifest says: gaps, overlaps, damage.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use callperf::Grouping;
use jiff::civil::Date;

use super::{
    breakdowns,
    folder::Folder,
    manifest::{Manifest, Series},
    plan::{Table, days},
};
use crate::{Failure, console::counted};

/// Tells what there is and what is wrong with it. Nothing is sent or changed.
///
/// # Errors
/// [`Failure::Data`] where something is wrong.
pub(crate) fn run(out: &Path, to: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::existing(out)?;
    let Some(manifest) = folder.manifest()? else { unreachable!("it was there, and is locked") };
    let mut problems = Vec::new();
    for (table, grouping, series) in manifest.series() {
        let rows: u64 = series.days.values().map(|day| day.rows).sum();
        let (first, count) = (series.first, series.days.len());
        match series.high_water {
            Some(last) => writeln!(
                to,
                "{table} {grouping}: from {first} to {last}, {}, {rows} rows",
                counted(count as u64, "day")
            )?,
            None => writeln!(to, "{table} {grouping}: from {first}, nothing yet")?,
        }
        problems.extend(gaps(table, grouping, series));
        let mut lacking = Vec::new();
        for (day, entry) in &series.days {
            match folder.damage(table, grouping, *day, entry) {
                Some(what) => problems.push(format!("damaged: {what}")),
                None if entry.rows > 0 => {
                    let names = lacks(&folder, table, grouping, *day)?;
                    lacking.push((*day, names));
                }
                None => {}
            }
        }
        for run in runs(&lacking) {
            writeln!(to, "{run}")?;
        }
    }
    problems.extend(overlaps(&folder, &manifest)?);
    for problem in &problems {
        writeln!(to, "{problem}")?;
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::Data(format!(
        "{} in {}; `callperf sync` fetches again what the API still remembers",
        counted(problems.len() as u64, "problem"),
        out.display()
    )))
}

/// The breakdowns that a day's file lacks: the server that it came from did, or it was written
/// by a version that didn't request them.
fn lacks(folder: &Folder, table: Table, grouping: &str, day: Date) -> Result<Vec<String>, Failure> {
    let file = folder.part(table, grouping, day);
    breakdowns::lacking(&file, &Grouping::from(grouping))
        .map_err(|error| Failure::Data(format!("{}: {error}", file.display())))
}

/// A line for days one after the other that lack the same. Days without calls aren't among them.
fn runs(lacking: &[(Date, Vec<String>)]) -> Vec<String> {
    let runs = lacking.chunk_by(|(_, one), (_, other)| one == other);
    runs.filter_map(|run| {
        let ((first, names), (last, _)) = (run.first()?, run.last()?);
        let days = counted(run.len() as u64, "day");
        let line = format!("  without {}: from {first} to {last}, {days}", names.join(", "));
        Some(line).filter(|_| !names.is_empty())
    })
    .collect()
}

/// Days that are missing between the first and the last.
fn gaps(table: Table, grouping: &str, series: &Series) -> Vec<String> {
    let Some(last) = series.high_water else { return Vec::new() };
    let missing: Vec<_> =
        days(series.first, last).filter(|day| !series.days.contains_key(day)).collect();
    let runs = missing.chunk_by(|day, next| day.tomorrow().is_ok_and(|other| other == *next));
    runs.filter_map(|run| {
        let (first, last) = (run.first()?, run.last()?);
        let days = counted(run.len() as u64, "day");
        Some(format!("gap: {table} {grouping}: from {first} to {last}, {days}"))
    })
    .collect()
}

/// Parquet files that an engine would read beside those of the manifest.
fn overlaps(folder: &Folder, manifest: &Manifest) -> Result<Vec<String>, Failure> {
    let mut listed = std::collections::BTreeSet::new();
    for (table, grouping, series) in manifest.series() {
        listed.extend(series.days.keys().map(|day| folder.part(table, grouping, *day)));
    }
    let mut found = Vec::new();
    for table in [Table::Daily, Table::Hourly] {
        let place = folder.path().join(table.to_string());
        parquet_files(&place, &mut found).map_err(|error| Failure::file(&place, &error))?;
    }
    found.sort_unstable();
    let extra = found.into_iter().filter(|file| !listed.contains(file));
    Ok(extra
        .map(|file| format!("overlap: {}: the manifest doesn't list it", file.display()))
        .collect())
}

fn parquet_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        // Engines pass over what begins with a dot.
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            parquet_files(&path, found)?;
        } else if !is_hidden && path.extension().is_some_and(|extension| extension == "parquet") {
            found.push(path);
        }
    }
    Ok(())
}
