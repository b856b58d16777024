//! Erases keys from a history.

use std::collections::{BTreeMap, BTreeSet};

use callperf::vocabulary::Grouping;
use jiff::civil::Date;
use parquet::{
    data_type::{ByteArray, ByteArrayType},
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use crate::{
    error::{Error, Result},
    history::History,
    model::{
        directory::DirectoryRow,
        layout,
        manifest::{Manifest, Part},
        table::SeriesName,
    },
    store::{
        columns, directory,
        erasing::{self, Erased},
        parquet_file::system_error,
        place::Place,
        rows::column,
        source::Source,
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
    /// What each key that the history had is, by the names of groupings: `Users`, `Queues`. It is empty
    /// of one that is known as a member alone.
    pub kinds: Kinds,
}

/// What keys are, by the names of groupings.
pub type Kinds = BTreeMap<String, BTreeSet<String>>;

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
        self.forget_if(keys, |_| Ok(()))
    }

    /// The same of users alone. A key of something else stands for the calls of many: a queue's, a
    /// site's, an IVR menu's.
    ///
    /// # Errors
    /// [`Error::NotUsers`] if a key is of something else, and then nothing is erased; and those of
    /// [`forget`](Self::forget).
    pub fn forget_users(&self, keys: impl IntoIterator<Item = String>) -> Result<Forgotten> {
        self.forget_if(keys, |kinds| {
            let mut others = kinds.clone();
            others.retain(|_, kinds| !is_user(kinds));
            if others.is_empty() { Ok(()) } else { Err(Error::NotUsers { kinds: others }) }
        })
    }

    /// Returns what [`forget`](Self::forget) would erase, and changes nothing.
    ///
    /// # Errors
    /// If there is no history, a key is the whole company's, or a file with rows of the keys is damaged.
    pub fn would_forget(&self, keys: impl IntoIterator<Item = String>) -> Result<Forgotten> {
        let place = self.place()?;
        let manifest = place.read_manifest()?;
        let mut found = Found::of(&place, &manifest, &keys.into_iter().collect())?;
        let Found { forgotten, places, directory } = &mut found;
        forgotten.files = (places.len() + directory.len()) as u64;
        let is_about = |row: &&DirectoryRow| row.is_about(&forgotten.keys);
        forgotten.rows = directory.iter().flatten().filter(is_about).count() as u64;
        for (name, day) in places.keys() {
            forgotten.rows += rows(&place, &manifest, (name, *day), &forgotten.keys)?;
        }
        Ok(found.forgotten)
    }

    fn forget_if(
        &self,
        keys: impl IntoIterator<Item = String>,
        check: impl Fn(&Kinds) -> Result<()>,
    ) -> Result<Forgotten> {
        let place = self.place()?;
        place.read_manifest()?;
        let store = Store::open(&place)?;
        let mut manifest = store.existing_manifest()?;
        directory::settle(&store, &mut manifest)?;
        finish(&store, &mut manifest)?;
        let Found { mut forgotten, places, .. } =
            Found::of(&place, &manifest, &keys.into_iter().collect())?;
        check(&forgotten.kinds)?;
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

fn is_user(kinds: &BTreeSet<String>) -> bool {
    kinds.is_empty() || kinds.contains(Grouping::Users.as_str())
}

/// What there is of keys, in sound files.
struct Found {
    /// Without the files and the rows.
    forgotten: Forgotten,
    places: BTreeMap<(SeriesName, Date), Vec<String>>,
    /// The rows of each of the directory's days that have some about them.
    directory: Vec<Vec<DirectoryRow>>,
}

impl Found {
    fn of(place: &Place, manifest: &Manifest, asked: &BTreeSet<String>) -> Result<Self> {
        let places = places(place, manifest, asked);
        let company = Grouping::Company.as_str();
        if let Some(keys) =
            places.iter().find_map(|((name, _), keys)| (name.grouping == company).then_some(keys))
        {
            return Err(Error::WholeCompany { key: keys.join(", ") });
        }
        let in_directory = directory::places(place, manifest, asked);
        let of_directory = in_directory.iter().flat_map(|(_, keys)| keys);
        let keys: BTreeSet<_> = places.values().flatten().chain(of_directory).cloned().collect();
        let erased = manifest.forgotten();
        let missing = asked.difference(&keys).cloned();
        let (before, unknown) = missing.partition(|key| erased.has(key));
        are_sound(place, manifest, places.keys())?;
        let days = in_directory.into_iter().map(|(day, _)| day);
        let directory = directory_of(place, manifest, days)?;
        let kinds = kinds(&keys, &places, directory.iter().flatten());
        let forgotten = Forgotten { keys, before, unknown, kinds, ..Forgotten::default() };
        Ok(Self { forgotten, places, directory })
    }
}

fn are_sound<'a>(
    place: &Place,
    manifest: &Manifest,
    places: impl Iterator<Item = &'a (SeriesName, Date)>,
) -> Result<()> {
    for (name, day) in places {
        let listed = manifest.get(name).and_then(|series| series.days.get(day));
        let Some(listed) = listed else { continue };
        let file = layout::part(name, *day, listed);
        if let Err(unsound) = place.read(&file, listed) {
            let file = place.at(&file);
            let reason = unsound.in_words(&file, listed);
            return Err(Error::Damaged { file, reason });
        }
    }
    Ok(())
}

fn directory_of(
    place: &Place,
    manifest: &Manifest,
    days: impl Iterator<Item = Date>,
) -> Result<Vec<Vec<DirectoryRow>>> {
    let mut all = Vec::new();
    for day in days {
        let listed = manifest.directory.as_ref().and_then(|it| it.days.get(&day));
        let Some(listed) = listed else { continue };
        all.push(directory::read(place, manifest, day, listed).map_err(|reason| {
            let file = place.at(&layout::directory_part(day, listed));
            Error::Damaged { file, reason }
        })?);
    }
    Ok(all)
}

/// What the keys are, by the series that have rows of them and by the directory.
fn kinds<'a>(
    keys: &BTreeSet<String>,
    places: &BTreeMap<(SeriesName, Date), Vec<String>>,
    directory: impl Iterator<Item = &'a DirectoryRow>,
) -> Kinds {
    let mut kinds: Kinds = keys.iter().map(|key| (key.clone(), BTreeSet::new())).collect();
    let mut add = |key: &String, kind: &str| {
        if let Some(kinds) = kinds.get_mut(key).filter(|kinds| !kinds.contains(kind)) {
            kinds.insert(kind.to_owned());
        }
    };
    for ((name, _), found) in places {
        for key in found {
            let is_queue = name.queue.as_ref() == Some(key);
            add(key, if is_queue { Grouping::Queues.as_str() } else { &name.grouping });
        }
    }
    for row in directory {
        add(row.member_of.as_ref().unwrap_or(&row.key), &row.kind);
    }
    kinds
}

/// How many rows of these keys a file has.
fn rows(
    place: &Place,
    manifest: &Manifest,
    (name, day): (&SeriesName, Date),
    keys: &BTreeSet<String>,
) -> Result<u64> {
    let Some(listed) = manifest.get(name).and_then(|series| series.days.get(&day)) else {
        return Ok(0);
    };
    if name.queue.iter().any(|queue| keys.contains(queue)) {
        return Ok(listed.rows);
    }
    let part = layout::part(name, day, listed);
    let file = place.source(&part, listed);
    let count = file.and_then(|file| count(file, keys).map_err(system_error));
    count.map_err(|error| Error::file(&place.at(&part), error))
}

fn count(file: Source, keys: &BTreeSet<String>) -> std::result::Result<u64, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let is_one = |key: &ByteArray| str::from_utf8(key.data()).is_ok_and(|key| keys.contains(key));
    let mut rows = 0;
    for group in 0..reader.num_row_groups() {
        let all = column::<ByteArrayType>(&*reader.get_row_group(group)?, "key")?;
        rows += all.iter().flatten().filter(|key| is_one(key)).count() as u64;
    }
    Ok(rows)
}

/// Finishes what an earlier run began; whether there was something.
pub(crate) fn finish(store: &Store, manifest: &mut Manifest) -> Result<bool> {
    if manifest.forgetting.is_empty() {
        // An earlier version left them.
        remove_agents(store, manifest)?;
        return Ok(false);
    }
    let places: Vec<_> =
        places(store.place(), manifest, &manifest.forgetting).into_keys().collect();
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
    place: &Place,
    manifest: &Manifest,
    keys: &BTreeSet<String>,
) -> BTreeMap<(SeriesName, Date), Vec<String>> {
    let mut places = BTreeMap::new();
    for (name, series) in manifest.series() {
        for (day, listed) in &series.days {
            let file = place.source(&layout::part(&name, *day, listed), listed);
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
