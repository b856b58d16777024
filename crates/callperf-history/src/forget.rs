//! Erases keys from a history.

use std::collections::{BTreeMap, BTreeSet};

use callperf::vocabulary::Grouping;
use jiff::civil::Date;

use crate::{
    error::{Error, Result},
    history::History,
    model::{
        layout,
        manifest::{Manifest, Part},
        table::SeriesName,
    },
    store::{
        columns, directory,
        erasing::{self, Erased},
        writing::Store,
    },
};

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// The keys that the history had.
    pub keys: BTreeSet<String>,
    /// The keys of which nothing was left, because they were erased before.
    pub before: BTreeSet<String>,
    /// The keys that it hadn't. Nothing is remembered of them.
    pub unknown: BTreeSet<String>,
    /// How many files had rows of the keys.
    pub files: u64,
    /// How many rows they had.
    pub rows: u64,
}

/// How many files are replaced together.
const TOGETHER: usize = 100;

impl History {
    /// Finishes an erasure that was ended half-way, as [`forget`](Self::forget) and
    /// [`sync`](Self::sync) do, too. Returns its keys; none if there is nothing to finish, and then
    /// nothing is changed.
    ///
    /// # Errors
    /// If there is no history, another process is at it, or a file can't be written.
    pub fn finish_forgetting(&self) -> Result<BTreeSet<String>> {
        let place = self.place()?;
        if place.read_manifest()?.forgetting.is_empty() {
            return Ok(BTreeSet::new());
        }
        let store = Store::open(&place)?;
        let mut manifest = store.existing_manifest()?;
        directory::settle(&store, &mut manifest)?;
        let keys = manifest.forgetting.clone();
        finish(&store, &mut manifest)?;
        Ok(keys)
    }

    /// Erases all rows of keys from all tables, names and numbers included; of a queue its members
    /// and its agents' calls through it, too. Later syncs leave the keys out: the history keeps a
    /// digest of each. [`Reader::key_of`](crate::Reader::key_of) has the key of a name.
    ///
    /// If it ends at any moment, the next call or the next sync finishes it.
    ///
    /// # Errors
    /// If there is no history, another process is at it, a key is the whole company's, a file with
    /// rows of the keys is damaged, or one can't be written.
    pub fn forget(&self, keys: impl IntoIterator<Item = String>) -> Result<Forgotten> {
        let place = self.place()?;
        place.read_manifest()?;
        let store = Store::open(&place)?;
        let mut manifest = store.existing_manifest()?;
        directory::settle(&store, &mut manifest)?;
        finish(&store, &mut manifest)?;
        let asked: BTreeSet<_> = keys.into_iter().collect();
        let places = places(&store, &manifest, &asked);
        let company = Grouping::Company.as_str();
        if let Some(keys) =
            places.iter().find_map(|((name, _), keys)| (name.grouping == company).then_some(keys))
        {
            return Err(Error::WholeCompany { key: keys.join(", ") });
        }
        let in_directory = directory::places(&place, &manifest, &asked);
        let of_directory = in_directory.iter().flat_map(|(_, keys)| keys);
        let found: BTreeSet<_> = places.values().flatten().chain(of_directory).cloned().collect();
        let forgotten = manifest.forgotten();
        let missing = asked.difference(&found).cloned();
        let (before, unknown) = missing.partition(|key| forgotten.has(key));
        for (name, day) in places.keys() {
            let listed = manifest.get(name).and_then(|series| series.days.get(day));
            let Some(listed) = listed else { continue };
            let file = layout::part(name, *day, listed);
            if let Err(unsound) = place.read(&file, listed) {
                let file = place.at(&file);
                let reason = unsound.in_words(&file, listed);
                return Err(Error::Damaged { file, reason });
            }
        }
        for (day, _) in &in_directory {
            let listed = manifest.directory.as_ref().and_then(|it| it.days.get(day));
            let Some(listed) = listed else { continue };
            if let Err(reason) = directory::read(&place, &manifest, *day, listed) {
                let file = place.at(&layout::directory_part(*day, listed));
                return Err(Error::Damaged { file, reason });
            }
        }
        let mut forgotten = Forgotten { keys: found, before, unknown, ..Forgotten::default() };
        if forgotten.keys.is_empty() {
            return Ok(forgotten);
        }
        manifest.forget(&forgotten.keys);
        // From here on it is finished, be it by a later run.
        store.save(&mut manifest)?;
        let Erased { files, rows } =
            erase(&store, &mut manifest, &places.into_keys().collect::<Vec<_>>())?;
        (forgotten.files, forgotten.rows) = (files, rows);
        Ok(forgotten)
    }
}

/// Finishes what an earlier run began; whether there was something.
pub(crate) fn finish(store: &Store, manifest: &mut Manifest) -> Result<bool> {
    if manifest.forgetting.is_empty() {
        // An earlier version left them.
        remove_agents(store, manifest)?;
        return Ok(false);
    }
    let places: Vec<_> = places(store, manifest, &manifest.forgetting).into_keys().collect();
    erase(store, manifest, &places).map(|_| true)
}

/// Erases the keys that are being forgotten. A file with rows of them is replaced after the
/// manifest that lists what takes its place: until then it is found again by its keys.
fn erase(store: &Store, manifest: &mut Manifest, places: &[(SeriesName, Date)]) -> Result<Erased> {
    let keys = manifest.forgetting.clone();
    let mut all = Erased::default();
    store.begin_changes()?;
    erase_from_directory(store, manifest, &mut all)?;
    let is_whole =
        |(name, _): &&(SeriesName, Date)| name.queue.iter().any(|queue| keys.contains(queue));
    let (whole, partly): (Vec<_>, Vec<_>) = places.iter().partition(is_whole);
    for together in partly.chunks(TOGETHER) {
        let mut files = Vec::new();
        for (name, day) in together {
            let part = Part::Series(name.clone(), *day);
            let Some(listed) = manifest.entry(&part).cloned() else { continue };
            let is_erased = |key: &str| keys.contains(key);
            let erased = erasing::without(store, (name, *day, &listed), manifest, is_erased);
            let file = store.place().at(&layout::part(name, *day, &listed));
            let erased = erased.map_err(|error| Error::unwritten(&file, error))?;
            all.rows += erased.rows;
            all.files += 1;
            files.push((erased.new, erased.entry));
        }
        store.replace(manifest, files)?;
    }
    for (name, day) in &whole {
        let listed = manifest.get(name).and_then(|series| series.days.get(day));
        all.rows += listed.map_or(0, |listed| listed.rows);
        all.files += 1;
    }
    remove_agents(store, manifest)?;
    for (name, day) in whole {
        store.note_change(&Part::Series(name.clone(), *day))?;
    }
    // Objects with the rows are there until they are collected.
    store.collect(manifest)?;
    manifest.forgetting.clear();
    store.save(manifest)?;
    Ok(all)
}

/// Ends the series of queues that are erased, which a sync would go on with, and removes their
/// folders, which have the keys as names.
fn remove_agents(store: &Store, manifest: &mut Manifest) -> Result<()> {
    if manifest.remove_forgotten_agents() {
        // Files that it lists are there.
        store.save(manifest)?;
    }
    let removed = store.remove_agents(&manifest.forgotten());
    removed.map_err(|error| Error::unwritten(store.location(), error))
}

/// The same in the files of the directory, which are few.
fn erase_from_directory(store: &Store, manifest: &mut Manifest, all: &mut Erased) -> Result<()> {
    let keys = manifest.forgetting.clone();
    for (day, _) in directory::places(store.place(), manifest, &keys) {
        let Some(listed) = manifest.entry(&Part::Directory(day)).cloned() else { continue };
        let file = store.place().at(&layout::directory_part(day, &listed));
        let without = directory::without(store, (day, &listed), &keys);
        let (new, entry, rows) = without.map_err(|error| Error::unwritten(&file, error))?;
        store.replace(manifest, vec![(new, entry)])?;
        all.rows += rows;
        all.files += 1;
    }
    Ok(())
}

/// The files that have rows of these keys, and of which. What can't be read has none.
fn places(
    store: &Store,
    manifest: &Manifest,
    keys: &BTreeSet<String>,
) -> BTreeMap<(SeriesName, Date), Vec<String>> {
    let mut places = BTreeMap::new();
    for (name, series) in manifest.series() {
        for (day, listed) in &series.days {
            let file = store.place().source(&layout::part(&name, *day, listed), listed);
            let Some(there) = file.ok().and_then(|file| columns::texts(file, "key").ok()) else {
                continue;
            };
            let mut found: Vec<_> = there.intersection(keys).cloned().collect();
            let queue = name.queue.iter().filter(|queue| keys.contains(*queue));
            found.extend(queue.filter(|_| !there.is_empty()).cloned());
            if !found.is_empty() {
                places.insert((name.clone(), *day), found);
            }
        }
    }
    places
}
