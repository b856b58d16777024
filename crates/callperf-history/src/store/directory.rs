//! The files of the directory: how they are written, read, and take their places.

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::{ParquetError, Result as Parsed},
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use super::{
    folder::{Folder, PART},
    parquet_file::{self, Column, Fields, system_error},
    replacement::{self, Replacement},
    rows::column,
    sound,
};
use crate::{
    error::{Error, Result},
    model::{
        directory::{DIRECTORY_COLUMNS, DirectoryRow, Standing},
        file::Day,
        manifest::Manifest,
    },
};

/// The folder of the table.
pub(crate) const NAME: &str = "directory";

/// The file of a day, in a folder of a history.
pub(crate) fn part(folder: &Path, day: Date) -> PathBuf {
    folder.join(NAME).join(format!("date={day}")).join(PART)
}

/// How things stood after a day, or stand now, and what is wrong with files that can't be read.
pub(crate) fn standing(
    folder: &Path,
    manifest: &Manifest,
    until: Option<Date>,
) -> (Standing, Vec<String>) {
    let (mut standing, mut damaged) = (Standing::default(), Vec::new());
    let Some(directory) = &manifest.directory else { return (standing, damaged) };
    for (day, listed) in &directory.days {
        if until.is_some_and(|until| *day > until) {
            break;
        }
        match read(folder, manifest, *day, listed) {
            Ok(rows) => standing.take(rows),
            Err(what) => damaged.push(what),
        }
    }
    (standing, damaged)
}

/// What is wrong with the file of a day, if there is one.
pub(crate) fn damage(folder: &Path, manifest: &Manifest, day: Date) -> Option<String> {
    let listed = manifest.directory.as_ref()?.days.get(&day)?;
    read(folder, manifest, day, listed).err()
}

/// The rows of a day, if its file is what was written.
pub(crate) fn read(
    folder: &Path,
    manifest: &Manifest,
    day: Date,
    listed: &Day,
) -> std::result::Result<Vec<DirectoryRow>, String> {
    let file = part(folder, day);
    let changing = manifest.directory.as_ref().and_then(|it| it.changing.as_ref());
    let newer = changing.filter(|(changed, _)| *changed == day);
    let bytes = sound::read(&file, listed).or_else(|unsound| {
        // A run that was ended may have put it there.
        newer.and_then(|(_, newer)| sound::read(&file, newer).ok()).ok_or(unsound)
    });
    let bytes = bytes.map_err(|unsound| unsound.in_words(&file, listed))?;
    rows(bytes).map_err(|error| format!("{}: it can't be read: {error}", file.display()))
}

/// Makes what became other since the days before the last change known on a day.
///
/// The day's file has all that changed on it, so that it is the same however often a day is
/// synced.
pub(crate) fn change(
    folder: &Folder,
    manifest: &mut Manifest,
    day: Date,
    changes: &[DirectoryRow],
) -> Result<()> {
    let file = part(folder.path(), day);
    let before = manifest.directory.as_ref().and_then(|it| it.days.get(&day)).cloned();
    if before.is_none() && changes.is_empty() {
        return Ok(());
    }
    let failed = |error| Error::unwritten(&file, error);
    folder.create_folders(&file).map_err(failed)?;
    replacement::remove_left_overs(&file);
    let (replacement, entry) = written(&file, changes).map_err(failed)?;
    let is_change = before.as_ref() != Some(&entry);
    if !is_change && sound::read(&file, &entry).is_ok() {
        return Ok(());
    }
    // What came can't be fetched again, so that the folder must know of either file.
    set_changing(manifest, Some((day, entry.clone())));
    folder.save(manifest)?;
    replacement.finish().map_err(failed)?;
    if is_change {
        folder.note_place(&file).map_err(failed)?;
    }
    list(manifest, day, entry);
    folder.save(manifest)
}

/// Finishes or takes back a change that an earlier run began.
pub(crate) fn settle(folder: &Folder, manifest: &mut Manifest) -> Result<()> {
    let changing = manifest.directory.as_ref().and_then(|it| it.changing.clone());
    let Some((day, entry)) = changing else { return Ok(()) };
    let file = part(folder.path(), day);
    replacement::remove_left_overs(&file);
    if sound::read(&file, &entry).is_ok() {
        list(manifest, day, entry);
    } else {
        set_changing(manifest, None);
    }
    folder.save(manifest)
}

/// The days whose rows are about these keys, and of which. What can't be read has none.
pub(crate) fn places(
    folder: &Path,
    manifest: &Manifest,
    keys: &BTreeSet<String>,
) -> Vec<(Date, BTreeSet<String>)> {
    let days = manifest.directory.iter().flat_map(|directory| directory.days.keys());
    let found = days.filter_map(|day| {
        let rows = File::open(part(folder, *day)).ok().and_then(|file| rows(file).ok())?;
        let of_rows = rows.iter().flat_map(DirectoryRow::keys);
        let found: BTreeSet<_> = of_rows.filter(|key| keys.contains(*key)).cloned().collect();
        (!found.is_empty()).then_some((*day, found))
    });
    found.collect()
}

/// A day's file without these keys, which waits to take the place of the one with them.
pub(crate) fn without(file: &Path, keys: &BTreeSet<String>) -> io::Result<(Replacement, Day, u64)> {
    let all = rows(File::open(file)?).map_err(system_error)?;
    let kept: Vec<_> = all.iter().filter(|row| !row.is_about(keys)).cloned().collect();
    replacement::remove_left_overs(file);
    let (replacement, entry) = written(file, &kept)?;
    Ok((replacement, entry, (all.len() - kept.len()) as u64))
}

fn set_changing(manifest: &mut Manifest, changing: Option<(Date, Day)>) {
    if let Some(directory) = &mut manifest.directory {
        directory.changing = changing;
    }
}

pub(crate) fn list(manifest: &mut Manifest, day: Date, entry: Day) {
    if let Some(directory) = &mut manifest.directory {
        directory.days.insert(day, entry);
        directory.changing = None;
    }
}

fn written(file: &Path, rows: &[DirectoryRow]) -> io::Result<(Replacement, Day)> {
    let mut replacement = Replacement::begin(file)?;
    let text = |of: fn(&DirectoryRow) -> Option<&String>| {
        Fields::Texts(rows.iter().map(|row| of(row).map(|it| it.as_str().into())).collect())
    };
    let columns = [
        Column::required(text(|row| Some(&row.key))),
        Column::required(text(|row| Some(&row.kind))),
        Column::optional(text(|row| row.member_of.as_ref())),
        Column::optional(text(|row| row.extension.as_ref())),
        Column::optional(text(|row| row.name.as_ref())),
        Column::optional(text(|row| row.status.as_ref())),
        Column::optional(text(|row| row.site.as_ref())),
        Column::optional(text(|row| row.department.as_ref())),
        Column::optional(Fields::Numbers(rows.iter().map(|row| row.goal_percent).collect())),
        Column::optional(Fields::Wholes(rows.iter().map(|row| row.threshold_seconds).collect())),
        Column::optional(Fields::Flags(rows.iter().map(|row| row.counts_abandoned).collect())),
        Column::optional(Fields::Wholes(
            rows.iter().map(|row| row.abandoned_threshold_seconds).collect(),
        )),
        Column::required(Fields::Flags(rows.iter().map(|row| Some(row.is_deleted)).collect())),
    ];
    let notes = [("table", NAME.to_owned())];
    let (bytes, sha256) =
        parquet_file::write_columns(replacement.file(), DIRECTORY_COLUMNS, &notes, columns)?;
    Ok((replacement, Day { rows: rows.len() as u64, bytes, sha256 }))
}

/// The rows of a file.
fn rows(file: impl parquet::file::reader::ChunkReader + 'static) -> Parsed<Vec<DirectoryRow>> {
    let reader = SerializedFileReader::new(file)?;
    let mut all = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let texts = |name| -> Parsed<std::vec::IntoIter<Option<String>>> {
            let fields = column::<ByteArrayType>(&*group, name)?.into_iter();
            Ok(fields.map(|field| field.as_ref().map(text)).collect::<Vec<_>>().into_iter())
        };
        let (mut key, mut kind) = (texts("key")?, texts("kind")?);
        let (mut member_of, mut extension) = (texts("member_of")?, texts("extension")?);
        let (mut name, mut status) = (texts("name")?, texts("status")?);
        let (mut site, mut department) = (texts("site")?, texts("department")?);
        let mut goal_percent = column::<DoubleType>(&*group, "goal_percent")?.into_iter();
        let wholes = |name| Ok::<_, ParquetError>(column::<Int64Type>(&*group, name)?.into_iter());
        let mut threshold_seconds = wholes("threshold_seconds")?;
        let mut abandoned_threshold_seconds = wholes("abandoned_threshold_seconds")?;
        let mut counts_abandoned = column::<BoolType>(&*group, "counts_abandoned")?.into_iter();
        for is_deleted in column::<BoolType>(&*group, "is_deleted")? {
            all.push(DirectoryRow {
                key: key.next().flatten().unwrap_or_default(),
                kind: kind.next().flatten().unwrap_or_default(),
                member_of: member_of.next().flatten(),
                extension: extension.next().flatten(),
                name: name.next().flatten(),
                status: status.next().flatten(),
                site: site.next().flatten(),
                department: department.next().flatten(),
                goal_percent: goal_percent.next().flatten(),
                threshold_seconds: threshold_seconds.next().flatten(),
                counts_abandoned: counts_abandoned.next().flatten(),
                abandoned_threshold_seconds: abandoned_threshold_seconds.next().flatten(),
                is_deleted: is_deleted.unwrap_or_default(),
            });
        }
    }
    Ok(all)
}

fn text(bytes: &ByteArray) -> String {
    String::from_utf8_lossy(bytes.data()).into_owned()
}

#[cfg(test)]
mod tests {
    use callperf::directory::{Entry, Kind, ServiceLevel};

    use super::*;

    fn folder() -> (tempfile::TempDir, Folder, Manifest) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let mut manifest = Manifest::new(None, "UTC".to_owned());
        manifest.keep_directory();
        folder.save(&manifest).unwrap();
        (place, folder, manifest)
    }

    fn queue(name: &str) -> DirectoryRow {
        let mut entry = Entry::new(Kind::Queue, "9");
        entry.name = Some(name.to_owned());
        let mut level = ServiceLevel::default();
        (level.goal_percent, level.threshold_seconds) = (Some(82.5), Some(20));
        level.counts_abandoned = Some(false);
        entry.service_level = Some(level);
        DirectoryRow::of(&entry)
    }

    #[test]
    fn rows_come_back_as_they_were_and_a_day_is_written_once() {
        let (_place, folder, mut manifest) = folder();
        let day: Date = "2026-11-23".parse().unwrap();
        let rows = [DirectoryRow::member("1", "9"), queue("Support")];
        change(&folder, &mut manifest, day, &rows).unwrap();
        let (standing, damaged) = standing(folder.path(), &manifest, None);
        assert!(damaged.is_empty());
        let found: Vec<_> = standing.rows().cloned().collect();
        assert_eq!(found, [queue("Support"), DirectoryRow::member("1", "9")]);
        assert_eq!(folder.changes().unwrap().len(), 1);
        change(&folder, &mut manifest, day, &rows).unwrap();
        assert_eq!(folder.changes().unwrap().len(), 1);
        // A day without a change has no file.
        change(&folder, &mut manifest, "2026-11-24".parse().unwrap(), &[]).unwrap();
        assert_eq!(manifest.directory.unwrap().days.len(), 1);
    }

    /// Between the manifest that names both files and the one that lists the new one.
    #[test]
    fn a_change_that_ends_at_any_moment_is_finished_or_taken_back() {
        let (_place, folder, mut manifest) = folder();
        let day: Date = "2026-11-23".parse().unwrap();
        change(&folder, &mut manifest, day, &[queue("Support")]).unwrap();
        let file = part(folder.path(), day);
        for is_in_place in [false, true] {
            let (replacement, entry) = written(&file, &[queue("Help desk")]).unwrap();
            set_changing(&mut manifest, Some((day, entry)));
            let name = if is_in_place { "Help desk" } else { "Support" };
            if is_in_place {
                replacement.finish().unwrap();
            }
            let seen = |manifest: &Manifest| {
                let (standing, damaged) = standing(folder.path(), manifest, None);
                assert!(damaged.is_empty(), "{damaged:?}");
                standing.rows().next().unwrap().name.clone().unwrap()
            };
            assert_eq!(seen(&manifest), name);
            settle(&folder, &mut manifest).unwrap();
            assert!(manifest.directory.as_ref().unwrap().changing.is_none());
            assert_eq!(seen(&manifest), name);
        }
    }
}
