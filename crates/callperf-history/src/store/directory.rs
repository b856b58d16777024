//! The files of the directory: how they are written, read, and take their places.

use std::{collections::BTreeSet, io};

use bytes::Bytes;
use jiff::civil::Date;
use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::{ParquetError, Result as Parsed},
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use super::{
    parquet_file::{self, Column, Fields, system_error},
    place::Place,
    replacement,
    rows::column,
    sound::Sound,
    writing::{NewFile, Store},
};
use crate::{
    error::{Error, Result},
    model::{
        directory::{DIRECTORY_COLUMNS, DirectoryRow, Standing},
        file::Day,
        layout::{self, DIRECTORY},
        manifest::{Manifest, Part},
    },
};

/// How things stood after a day, or stand now, and what is wrong with files that can't be read.
pub(crate) fn standing(
    place: &Place,
    manifest: &Manifest,
    until: Option<Date>,
) -> (Standing, Vec<String>) {
    let (mut standing, mut damaged) = (Standing::default(), Vec::new());
    let Some(directory) = &manifest.directory else { return (standing, damaged) };
    let days = directory.days.iter().filter(|(day, _)| until.is_none_or(|until| **day <= until));
    let days: Vec<_> = days.map(|(day, listed)| (*day, listed.clone())).collect();
    for together in days.chunks(place.together()) {
        for rows in read_all(place, manifest, together) {
            match rows {
                Ok(rows) => standing.take(rows),
                Err(what) => damaged.push(what),
            }
        }
    }
    (standing, damaged)
}

/// What is wrong with the file of a day, if there is one.
pub(crate) fn damage(place: &Place, manifest: &Manifest, day: Date) -> Option<String> {
    let listed = manifest.directory.as_ref()?.days.get(&day)?;
    read(place, manifest, day, listed).err()
}

/// The rows of a day, if its file is what was written.
pub(crate) fn read(
    place: &Place,
    manifest: &Manifest,
    day: Date,
    listed: &Day,
) -> std::result::Result<Vec<DirectoryRow>, String> {
    let mut read = read_all(place, manifest, &[(day, listed.clone())]);
    read.pop().unwrap_or_else(|| Ok(Vec::new()))
}

/// The same of several days, whose files are read at the same time.
fn read_all(
    place: &Place,
    manifest: &Manifest,
    days: &[(Date, Day)],
) -> Vec<std::result::Result<Vec<DirectoryRow>, String>> {
    let file = |(day, listed): &(Date, Day)| (layout::directory_part(*day, listed), listed.clone());
    let read = place.read_all(&days.iter().map(file).collect::<Vec<_>>());
    let rows = |(bytes, (day, listed)): (Sound<_>, &(Date, Day))| {
        // A run that was ended may have put another file there.
        let bytes = bytes.or_else(|unsound| newer(place, manifest, *day).ok_or(unsound));
        let file = place.at(&layout::directory_part(*day, listed));
        let bytes = bytes.map_err(|unsound| unsound.in_words(&file, listed))?;
        rows(bytes).map_err(|error| format!("{}: it can't be read: {error}", file.display()))
    };
    read.into_iter().zip(days).map(rows).collect()
}

/// The file that a run was about to put in the place of a day's, if it did.
fn newer(place: &Place, manifest: &Manifest, day: Date) -> Option<Bytes> {
    let (changed, newer) = manifest.directory.as_ref()?.changing.as_ref()?;
    let file = layout::directory_part(day, newer);
    (*changed == day).then(|| place.read(&file, newer).ok())?
}

/// Makes what became other since the days before the last change known on a day.
///
/// The day's file has all that changed on it, so that it is the same however often a day is
/// synced.
pub(crate) fn change(
    store: &Store,
    manifest: &mut Manifest,
    day: Date,
    changes: &[DirectoryRow],
) -> Result<()> {
    let is_new = manifest.entry(&Part::Directory(day)).is_none();
    if is_new && changes.is_empty() {
        return Ok(());
    }
    let failed =
        |error| Error::unwritten(&store.place().at(&layout::directory_partition(day)), error);
    let (new, entry) = written(store, day, changes).map_err(failed)?;
    store.change_directory(manifest, new, entry)
}

/// Finishes or takes back a change that an earlier run began.
pub(crate) fn settle(store: &Store, manifest: &mut Manifest) -> Result<()> {
    let changing = manifest.directory.as_ref().and_then(|it| it.changing.clone());
    let Some((day, entry)) = changing else { return Ok(()) };
    let file = layout::directory_part(day, &entry);
    replacement::remove_left_overs(&store.place().at(&file));
    if store.place().read(&file, &entry).is_ok() {
        manifest.list(&Part::Directory(day), entry);
    } else if let Some(directory) = &mut manifest.directory {
        directory.changing = None;
    }
    store.save(manifest)
}

/// The days whose rows are about these keys, and of which. What can't be read has none.
pub(crate) fn places(
    place: &Place,
    manifest: &Manifest,
    keys: &BTreeSet<String>,
) -> Vec<(Date, BTreeSet<String>)> {
    let days = manifest.directory.iter().flat_map(|directory| &directory.days);
    let found = days.filter_map(|(day, listed)| {
        let file = place.source(&layout::directory_part(*day, listed), listed).ok()?;
        let rows = rows(file).ok()?;
        let of_rows = rows.iter().flat_map(DirectoryRow::keys);
        let found: BTreeSet<_> = of_rows.filter(|key| keys.contains(*key)).cloned().collect();
        (!found.is_empty()).then_some((*day, found))
    });
    found.collect()
}

/// A day's file without these keys, which waits to take the place of the one with them.
pub(crate) fn without(
    store: &Store,
    (day, listed): (Date, &Day),
    keys: &BTreeSet<String>,
) -> io::Result<(NewFile, Day, u64)> {
    let file = store.place().source(&layout::directory_part(day, listed), listed)?;
    let all = rows(file).map_err(system_error)?;
    let kept: Vec<_> = all.iter().filter(|row| !row.is_about(keys)).cloned().collect();
    let (new, entry) = written(store, day, &kept)?;
    Ok((new, entry, (all.len() - kept.len()) as u64))
}

fn written(store: &Store, day: Date, rows: &[DirectoryRow]) -> io::Result<(NewFile, Day)> {
    let mut new = store.begin(Part::Directory(day))?;
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
    let notes = [("table", DIRECTORY.to_owned())];
    let (bytes, sha256) =
        parquet_file::write_columns(new.file(), DIRECTORY_COLUMNS, &notes, columns)?;
    Ok((new, Day { rows: rows.len() as u64, bytes, sha256, file: None }))
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

    fn store() -> (tempfile::TempDir, Store, Manifest) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Place::of(folder.path()).unwrap()).unwrap();
        let mut manifest = Manifest::new(None, "UTC".to_owned());
        manifest.keep_directory();
        store.save(&mut manifest).unwrap();
        (folder, store, manifest)
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
        let (_folder, store, mut manifest) = store();
        let day: Date = "2026-11-23".parse().unwrap();
        let rows = [DirectoryRow::member("1", "9"), queue("Support")];
        change(&store, &mut manifest, day, &rows).unwrap();
        let (standing, damaged) = standing(store.place(), &manifest, None);
        assert!(damaged.is_empty());
        let found: Vec<_> = standing.rows().cloned().collect();
        assert_eq!(found, [queue("Support"), DirectoryRow::member("1", "9")]);
        assert_eq!(store.changes().unwrap().len(), 1);
        change(&store, &mut manifest, day, &rows).unwrap();
        assert_eq!(store.changes().unwrap().len(), 1);
        // A day without a change has no file.
        change(&store, &mut manifest, "2026-11-24".parse().unwrap(), &[]).unwrap();
        assert_eq!(manifest.directory.unwrap().days.len(), 1);
    }

    /// Between the manifest that names both files and the one that lists the new one.
    #[test]
    fn a_change_that_ends_at_any_moment_is_finished_or_taken_back() {
        let (_folder, store, mut manifest) = store();
        let day: Date = "2026-11-23".parse().unwrap();
        change(&store, &mut manifest, day, &[queue("Support")]).unwrap();
        for is_in_place in [false, true] {
            let (new, entry) = written(&store, day, &[queue("Help desk")]).unwrap();
            manifest.directory.as_mut().unwrap().changing = Some((day, entry.clone()));
            let name = if is_in_place { "Help desk" } else { "Support" };
            if is_in_place {
                store.finish(new, entry, None).unwrap();
            }
            let seen = |manifest: &Manifest| {
                let (standing, damaged) = standing(store.place(), manifest, None);
                assert!(damaged.is_empty(), "{damaged:?}");
                standing.rows().next().unwrap().name.clone().unwrap()
            };
            assert_eq!(seen(&manifest), name);
            settle(&store, &mut manifest).unwrap();
            assert!(manifest.directory.as_ref().unwrap().changing.is_none());
            assert_eq!(seen(&manifest), name);
        }
    }
}
