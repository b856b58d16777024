//! Erases keys from a history.

use std::collections::{BTreeMap, BTreeSet};

use callperf::vocabulary::Grouping;
use jiff::civil::Date;

use crate::{
    error::{Error, Result},
    history::History,
    model::{manifest::Manifest, table::SeriesName},
    store::{
        columns,
        erasing::{self, Erased},
        folder::{self, Folder},
        sound,
    },
};

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// The keys that the history had.
    pub keys: BTreeSet<String>,
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
    /// Erases all rows of keys from all tables, names and numbers included. Later syncs leave the
    /// keys out: the history keeps a digest of each.
    ///
    /// If it ends at any moment, the next call or the next sync finishes it.
    ///
    /// # Errors
    /// If there is no history, another process is at it, a key is the whole company's, a file with
    /// rows of the keys is damaged, or one can't be written.
    pub fn forget(&self, keys: impl IntoIterator<Item = String>) -> Result<Forgotten> {
        folder::read_manifest(&self.path)?;
        let folder = Folder::open(&self.path)?;
        let mut manifest = folder::read_manifest(&self.path)?;
        finish(&folder, &mut manifest)?;
        let asked: BTreeSet<_> = keys.into_iter().collect();
        let places = places(&folder, &manifest, &asked);
        let company = Grouping::Company.as_str();
        if let Some(keys) =
            places.iter().find_map(|((name, _), keys)| (name.grouping == company).then_some(keys))
        {
            return Err(Error::WholeCompany { key: keys.join(", ") });
        }
        let found: BTreeSet<_> = places.values().flatten().cloned().collect();
        let unknown = asked.difference(&found).cloned().collect();
        for (name, day) in places.keys() {
            let listed = manifest.get(name).and_then(|series| series.days.get(day));
            let Some(listed) = listed else { continue };
            let file = folder.part(name, *day);
            if let Err(unsound) = sound::read(&file, listed) {
                let reason = unsound.in_words(&file, listed);
                return Err(Error::Damaged { file, reason });
            }
        }
        let mut forgotten = Forgotten { keys: found, unknown, ..Forgotten::default() };
        if forgotten.keys.is_empty() {
            return Ok(forgotten);
        }
        manifest.forget(&forgotten.keys);
        // From here on it is finished, be it by a later run.
        folder.save(&manifest)?;
        let Erased { files, rows } =
            erase(&folder, &mut manifest, &places.into_keys().collect::<Vec<_>>())?;
        (forgotten.files, forgotten.rows) = (files, rows);
        Ok(forgotten)
    }
}

/// Finishes what an earlier run began; whether there was something.
pub(crate) fn finish(folder: &Folder, manifest: &mut Manifest) -> Result<bool> {
    if manifest.forgetting.is_empty() {
        return Ok(false);
    }
    let places: Vec<_> = places(folder, manifest, &manifest.forgetting).into_keys().collect();
    erase(folder, manifest, &places).map(|_| true)
}

/// Erases the keys that are being forgotten. A file with rows of them is replaced after the
/// manifest that lists what takes its place: until then it is found again by its keys.
fn erase(
    folder: &Folder,
    manifest: &mut Manifest,
    places: &[(SeriesName, Date)],
) -> Result<Erased> {
    let keys = manifest.forgetting.clone();
    let mut all = Erased::default();
    folder.begin_changes()?;
    for together in places.chunks(TOGETHER) {
        let mut replacements = Vec::new();
        for (name, day) in together {
            let file = folder.part(name, *day);
            let erased = erasing::without(folder, &file, (name, *day), manifest, &keys);
            let erased = erased.map_err(|error| Error::unwritten(&file, error))?;
            manifest.add(name, *day, erased.entry);
            all.rows += erased.rows;
            all.files += 1;
            replacements.push((file, erased.replacement));
        }
        folder.save(manifest)?;
        for (file, replacement) in replacements {
            replacement.finish().map_err(|error| Error::unwritten(&file, error))?;
        }
        for (name, day) in together {
            let noted = folder.note_change(name, *day);
            noted.map_err(|error| Error::unwritten(folder.path(), error))?;
        }
    }
    manifest.forgetting.clear();
    folder.save(manifest)?;
    Ok(all)
}

/// The files that have rows of these keys, and of which. What can't be read has none.
fn places(
    folder: &Folder,
    manifest: &Manifest,
    keys: &BTreeSet<String>,
) -> BTreeMap<(SeriesName, Date), Vec<String>> {
    let mut places = BTreeMap::new();
    for (name, series) in manifest.series() {
        for day in series.days.keys() {
            let file = folder.part(&name, *day);
            let Ok(there) = columns::texts(&file, "key") else { continue };
            let found: Vec<_> = there.intersection(keys).cloned().collect();
            if !found.is_empty() {
                places.insert((name.clone(), *day), found);
            }
        }
    }
    places
}
