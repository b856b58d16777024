//! A history that is written to, wherever it is.

#[cfg(feature = "object-store")]
use std::collections::BTreeSet;
#[cfg(feature = "object-store")]
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use parquet::file::{reader::FileReader as _, serialized_reader::SerializedFileReader};

use super::{
    folder::{self, Folder},
    parquet_file,
    place::Place,
    replacement::{self, Replacement},
    spool::Spool,
};
#[cfg(feature = "object-store")]
use super::{
    session::{self, Session},
    sound::Unsound,
};
#[cfg(feature = "object-store")]
use crate::model::table::Table;
use crate::{
    error::{Error, Result},
    model::{
        directory::Came,
        file::{Day, PART},
        layout::{self, MANIFEST},
        manifest::{Forgotten, Manifest, Part},
        table::SeriesName,
    },
};

/// A history that is synced, erased from, or looked at.
pub(crate) struct Store {
    place: Place,
    access: Access,
    forgotten: Forgotten,
}

enum Access {
    /// Nothing is there, and nothing is written.
    Nothing,
    Folder(Folder),
    #[cfg(feature = "object-store")]
    Objects(Box<Mutex<Session>>),
}

/// A file that is being written, and isn't in its place yet.
pub(crate) struct NewFile {
    part: Part,
    content: Content,
}

enum Content {
    Replacement(Box<Replacement>),
    #[cfg(feature = "object-store")]
    Object(File),
}

impl NewFile {
    pub(crate) fn file(&mut self) -> &mut File {
        match &mut self.content {
            Content::Replacement(replacement) => replacement.file(),
            #[cfg(feature = "object-store")]
            Content::Object(file) => file,
        }
    }
}

impl Store {
    /// # Errors
    /// Where it can't be written, holds something else, or another process is at a folder.
    pub(crate) fn open(place: &Place) -> Result<Self> {
        let access = match place {
            Place::Folder(path) => Access::Folder(Folder::open(path)?),
            #[cfg(feature = "object-store")]
            Place::Objects(objects) => {
                Access::Objects(Box::new(Mutex::new(Session::open(objects.clone())?)))
            }
        };
        Ok(Self::with(place, access))
    }

    /// One that is there, to look at it.
    pub(crate) fn existing(place: &Place) -> Result<Self> {
        let access = match place {
            Place::Folder(path) => Access::Folder(Folder::existing(path)?),
            #[cfg(feature = "object-store")]
            Place::Objects(objects) => {
                let mut session = Session::new(objects.clone(), String::new());
                let manifest = session.read_manifest()?;
                manifest.ok_or_else(|| Error::Missing { path: place.location().to_owned() })?;
                Access::Objects(Box::new(Mutex::new(session)))
            }
        };
        Ok(Self::with(place, access))
    }

    /// One that needn't be there, and isn't read.
    pub(crate) fn of_nothing(place: &Place) -> Self {
        Self::with(place, Access::Nothing)
    }

    fn with(place: &Place, access: Access) -> Self {
        Self { place: place.clone(), access, forgotten: Forgotten::default() }
    }

    #[cfg(all(test, feature = "object-store"))]
    pub(crate) fn of_run(objects: super::objects::Objects, run: &str) -> Self {
        let session = Session::new(objects.clone(), run.to_owned());
        Self::with(&Place::Objects(objects), Access::Objects(Box::new(Mutex::new(session))))
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn location(&self) -> &Path {
        self.place.location()
    }

    /// The manifest, if there is one, which what is written from here on builds on.
    pub(crate) fn manifest(&self) -> Result<Option<Manifest>> {
        match &self.access {
            #[cfg(feature = "object-store")]
            Access::Objects(session) => locked(session).read_manifest(),
            _ => self.place.manifest(),
        }
    }

    /// The same of a history that is there.
    pub(crate) fn existing_manifest(&self) -> Result<Manifest> {
        let missing = || Error::Missing { path: self.location().to_owned() };
        self.manifest()?.ok_or_else(missing)
    }

    /// Keeps keys out of what is written.
    pub(crate) fn keep_out(&mut self, forgotten: Forgotten) {
        self.forgotten = forgotten;
    }

    /// What the directory has without the keys that are kept out.
    pub(crate) fn without_forgotten(&self, mut came: Came) -> Came {
        came.rows.retain(|row| !row.keys().any(|key| self.forgotten.has(key)));
        came
    }

    /// Where rows wait for their files.
    pub(crate) fn spool(&self) -> Result<Spool> {
        let spool = self.new_spool().map_err(|error| Error::unwritten(self.location(), error))?;
        Ok(spool.without(self.forgotten.clone()))
    }

    /// The same of all keys.
    pub(crate) fn new_spool(&self) -> io::Result<Spool> {
        match &self.access {
            Access::Folder(_) => Spool::new(self.location()),
            Access::Nothing => Spool::new(&std::env::temp_dir()),
            #[cfg(feature = "object-store")]
            Access::Objects(_) => Spool::new(&std::env::temp_dir()),
        }
    }

    /// Begins the list of the partitions that this run changes.
    pub(crate) fn begin_changes(&self) -> Result<()> {
        match &self.access {
            Access::Nothing => Ok(()),
            Access::Folder(folder) => folder.begin_changes(),
            #[cfg(feature = "object-store")]
            Access::Objects(session) => locked(session).begin_changes(),
        }
    }

    /// The partitions that the last run changed, in the order in which it did.
    pub(crate) fn changes(&self) -> Result<Vec<PathBuf>> {
        match (&self.access, &self.place) {
            (Access::Folder(folder), _) => folder.changes(),
            #[cfg(feature = "object-store")]
            (_, Place::Objects(objects)) => session::changes(objects),
            _ => Ok(Vec::new()),
        }
    }

    /// Adds a partition to that list.
    pub(crate) fn note_change(&self, part: &Part) -> Result<()> {
        let partition = part.partition();
        match &self.access {
            Access::Nothing => Ok(()),
            Access::Folder(folder) => folder
                .note_change(&partition)
                .map_err(|error| Error::unwritten(self.location(), error)),
            #[cfg(feature = "object-store")]
            Access::Objects(session) => {
                locked(session).note_change(&partition);
                Ok(())
            }
        }
    }

    /// Puts the manifest in its place. In an object store it has what other runs did meanwhile, too.
    #[cfg_attr(not(feature = "object-store"), expect(clippy::needless_pass_by_ref_mut))]
    pub(crate) fn save(&self, manifest: &mut Manifest) -> Result<()> {
        #[cfg(feature = "object-store")]
        if let Access::Objects(session) = &self.access {
            return locked(session).save(manifest);
        }
        let file = self.place.at(MANIFEST);
        let written = manifest.to_json().and_then(|text| {
            let mut new = Replacement::begin(&file)?;
            new.file().write_all(&text)?;
            new.finish()
        });
        written.map_err(|error| Error::unwritten(&file, error))
    }

    /// Begins a file of a day.
    pub(crate) fn begin(&self, part: Part) -> io::Result<NewFile> {
        let content = match &self.access {
            Access::Folder(folder) => {
                let place = self.part(&part);
                folder.create_folders(&place)?;
                replacement::remove_left_overs(&place);
                Content::Replacement(Box::new(Replacement::begin(&place)?))
            }
            #[cfg(feature = "object-store")]
            Access::Objects(_) => Content::Object(tempfile::tempfile()?),
            Access::Nothing => return Err(io::Error::other("nothing is written here")),
        };
        Ok(NewFile { part, content })
    }

    /// Where a new file of a day goes.
    fn part(&self, part: &Part) -> PathBuf {
        self.place.at(&part.partition()).join(PART)
    }

    /// Puts a file in its place. Returns its entry, with its name.
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub(super) fn finish(&self, new: NewFile, entry: Day, before: Option<&Day>) -> io::Result<Day> {
        match (new.content, &self.access) {
            (Content::Replacement(replacement), _) => replacement.finish().map(|()| entry),
            #[cfg(feature = "object-store")]
            (Content::Object(content), Access::Objects(session)) => {
                locked(session).put(&new.part, entry, content, before)
            }
            #[cfg(feature = "object-store")]
            (Content::Object(_), _) => Err(io::Error::other("nothing is written here")),
        }
    }

    /// Writes the files of these days, and then the manifest that lists them.
    pub(crate) fn write(
        &self,
        series: &SeriesName,
        days: &[Date],
        spool: Spool,
        manifest: &mut Manifest,
    ) -> Result<()> {
        let mut reader =
            spool.into_reader().map_err(|error| Error::unwritten(self.location(), error))?;
        let mut replaced = Vec::new();
        for day in days {
            let part = Part::Series(series.clone(), *day);
            let before = manifest.entry(&part).cloned();
            let zone = &manifest.time_zone;
            let written = self.begin(part.clone()).and_then(|mut new| {
                let mut sorted = reader.day(*day);
                let entry = parquet_file::write(new.file(), series.table, zone, &mut sorted)?;
                self.finish(new, entry, before.as_ref())
            });
            let entry = written.map_err(|error| Error::unwritten(&self.part(&part), error))?;
            if before.as_ref() != Some(&entry) {
                self.note_change(&part)?;
            }
            manifest.list(&part, entry);
            replaced.extend(before.map(|before| (part, before)));
        }
        self.save(manifest)?;
        self.remove_other_names(&replaced);
        Ok(())
    }

    /// Removes what a folder that was copied from an object store had in the place of files that
    /// were written.
    fn remove_other_names(&self, replaced: &[(Part, Day)]) {
        let Access::Folder(_) = &self.access else { return };
        for (part, before) in replaced.iter().filter(|(_, before)| before.name() != PART) {
            let file = layout::in_partition(&part.partition(), before);
            // What is left is named as a stray.
            drop(fs::remove_file(self.place.at(&file)));
        }
    }

    /// Puts files without some rows in the places of those with them. A folder's manifest lists them
    /// before they are in their places: until then the rows are found again by their keys.
    pub(crate) fn replace(
        &self,
        manifest: &mut Manifest,
        files: Vec<(NewFile, Day)>,
    ) -> Result<()> {
        let is_folder = matches!(self.access, Access::Folder(_));
        let mut replaced = Vec::new();
        if is_folder {
            for (new, entry) in &files {
                let before = manifest.entry(&new.part).cloned();
                replaced.extend(before.map(|before| (new.part.clone(), before)));
                manifest.list(&new.part, entry.clone());
            }
            self.save(manifest)?;
        }
        for (new, entry) in files {
            let part = new.part.clone();
            let unwritten = |error| Error::unwritten(&self.part(&part), error);
            let entry = self.finish(new, entry, None).map_err(unwritten)?;
            self.note_change(&part)?;
            manifest.list(&part, entry);
        }
        self.remove_other_names(&replaced);
        if is_folder { Ok(()) } else { self.save(manifest) }
    }

    /// Writes a day of the directory, of which nothing can be fetched again.
    pub(crate) fn change_directory(
        &self,
        manifest: &mut Manifest,
        new: NewFile,
        entry: Day,
    ) -> Result<()> {
        let part = new.part.clone();
        let before = manifest.entry(&part).cloned();
        let is_change = before.as_ref().is_none_or(|before| !before.is_same_as(&entry));
        let is_there = |before: &Day| {
            let file = layout::in_partition(&part.partition(), before);
            self.place.read(&file, before).is_ok()
        };
        if !is_change && before.as_ref().is_some_and(is_there) {
            return Ok(());
        }
        if matches!(self.access, Access::Folder(_))
            && let (Part::Directory(day), Some(directory)) = (&part, &mut manifest.directory)
        {
            // What came can't be fetched again, so that the folder must know of either file.
            directory.changing = Some((*day, entry.clone()));
            self.save(manifest)?;
        }
        let unwritten = |error| Error::unwritten(&self.part(&part), error);
        let entry = self.finish(new, entry, None).map_err(unwritten)?;
        if is_change {
            self.note_change(&part)?;
        }
        manifest.list(&part, entry);
        self.save(manifest)?;
        self.remove_other_names(
            &before.map(|before| (part, before)).into_iter().collect::<Vec<_>>(),
        );
        Ok(())
    }

    /// Removes what earlier runs left in an object store: nothing that the manifest names.
    #[cfg_attr(
        not(feature = "object-store"),
        expect(unused_variables, clippy::unused_self, clippy::unnecessary_wraps)
    )]
    pub(crate) fn collect(&self, manifest: &mut Manifest) -> Result<()> {
        #[cfg(feature = "object-store")]
        if let Access::Objects(session) = &self.access {
            let listed = self.place.readable_files()?;
            return locked(session).collect(manifest, &listed);
        }
        Ok(())
    }

    /// Removes the agents of queues that were erased, whose keys are names of folders.
    pub(crate) fn remove_agents(&self, forgotten: &Forgotten) -> io::Result<()> {
        match &self.access {
            Access::Nothing => Ok(()),
            Access::Folder(folder) => folder.remove_agents(forgotten),
            #[cfg(feature = "object-store")]
            Access::Objects(session) => {
                let mut session = locked(session);
                for queue in self.queues_with_agents()?.iter().filter(|queue| forgotten.has(queue))
                {
                    session.remove_below(&format!(
                        "{}/{}{queue}",
                        Table::Agents,
                        layout::OF_QUEUE
                    ))?;
                }
                Ok(())
            }
        }
    }

    #[cfg(feature = "object-store")]
    fn queues_with_agents(&self) -> io::Result<BTreeSet<String>> {
        let Place::Objects(objects) = &self.place else { return Ok(BTreeSet::new()) };
        let listed = objects.list(&Table::Agents.to_string())?;
        let queue = |(name, _): (String, u64)| {
            let folder = name.split('/').nth(1)?.strip_prefix(layout::OF_QUEUE)?;
            Some(folder.to_owned())
        };
        Ok(listed.into_iter().filter_map(queue).collect())
    }

    /// What a glance shows to be wrong with a day's file.
    pub(crate) fn flaw(&self, series: &SeriesName, day: Date, listed: &Day) -> Option<String> {
        let file = layout::part(series, day, listed);
        let found = match &self.access {
            #[cfg(feature = "object-store")]
            Access::Objects(session) => locked(session).length(&file).and_then(|length| {
                length.ok_or_else(|| {
                    io::Error::new(io::ErrorKind::NotFound, "there is no such object")
                })
            }),
            _ => self.place.length(&file),
        };
        let file = self.place.at(&file);
        match found {
            Err(error) => Some(format!("{}: {error}", file.display())),
            Ok(found) if found == listed.bytes => None,
            Ok(found) => {
                Some(format!("{}: it has {found} bytes, and had {}", file.display(), listed.bytes))
            }
        }
    }

    /// What is wrong with the file of a day that is to be fetched again if it is damaged. Of objects,
    /// which their store keeps whole, only the lengths are looked at.
    pub(crate) fn wrong(&self, series: &SeriesName, day: Date, listed: &Day) -> Option<String> {
        match &self.access {
            Access::Folder(_) => self.damage(series, day, listed),
            Access::Nothing => self.flaw(series, day, listed),
            #[cfg(feature = "object-store")]
            Access::Objects(_) => self.flaw(series, day, listed),
        }
    }

    /// What is wrong with the file of a day that the manifest lists, to the last
    /// byte.
    pub(crate) fn damage(&self, series: &SeriesName, day: Date, listed: &Day) -> Option<String> {
        let relative = layout::part(series, day, listed);
        let file = self.place.at(&relative);
        let found = match &self.place {
            Place::Folder(_) => folder::digest(&file),
            #[cfg(feature = "object-store")]
            Place::Objects(_) => match self.place.read(&relative, listed) {
                Ok(_) => return None,
                Err(Unsound::Unreadable(error)) => Err(error),
                Err(unsound) => return Some(unsound.in_words(&file, listed)),
            },
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => return Some(format!("{}: {error}", file.display())),
        };
        if found == listed.sha256 {
            return None;
        }
        let what = match self.readable_rows(&relative, listed) {
            Err(error) => format!("it can't be read: {error}"),
            Ok(rows) if u64::try_from(rows) == Ok(listed.rows) => {
                "it isn't what was written: as many rows, but other bytes".to_owned()
            }
            Ok(rows) => {
                format!("it isn't what was written: {rows} rows, and it had {}", listed.rows)
            }
        };
        Some(format!("{}: {what}", file.display()))
    }

    fn readable_rows(&self, file: &str, listed: &Day) -> parquet::errors::Result<i64> {
        let reader = SerializedFileReader::new(self.place.source(file, listed)?)?;
        Ok(reader.metadata().file_metadata().num_rows())
    }
}

#[cfg(feature = "object-store")]
fn locked(session: &Mutex<Session>) -> MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(PoisonError::into_inner)
}
