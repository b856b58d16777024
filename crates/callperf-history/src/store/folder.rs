//! The folder on the disk: its lock, its places, and how files get there.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use parquet::{
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use super::{
    hex, parquet_file,
    replacement::{self, Replacement},
    spool::Spool,
};
use crate::{
    error::{Error, Result},
    model::{
        directory::Came,
        file::Day,
        manifest::{Forgotten, Manifest},
        scope::Scope,
        table::{SeriesName, Table},
    },
};

const MANIFEST: &str = "manifest.json";
const LOCK: &str = "sync.lock";
/// Editors on Windows begin a file with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What systems and programs leave in a folder that is empty otherwise.
const NOTHING: [&str; 3] = [".DS_Store", ".gitkeep", "lost+found"];
/// The name of a day's file.
pub(crate) const PART: &str = "part-0.parquet";
/// Before the key of a queue in the name of a folder.
const OF_QUEUE: &str = "queue=";

/// A folder that no other process syncs.
pub(crate) struct Folder {
    path: PathBuf,
    /// Absent in a copy that was never synced.
    lock: Option<File>,
    /// Whether it was made for this sync.
    is_new: bool,
    /// Whether it is synced, and not only looked at.
    is_synced: bool,
    forgotten: Forgotten,
}

impl Folder {
    /// # Errors
    /// Where it can't be written, holds something else, or another process is at it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if path.exists() && !path.is_dir() {
            return Err(Error::NotAFolder { path: path.to_owned() });
        }
        let is_new = !path.exists();
        fs::create_dir_all(path).map_err(|error| Error::file(path, error))?;
        refuse_foreign(path)?;
        let mut folder = Self::lock(path)?;
        (folder.is_new, folder.is_synced) = (is_new, true);
        replacement::remove_left_overs(&path.join(MANIFEST));
        Ok(folder)
    }

    /// One that is there, to look at it.
    pub(crate) fn existing(path: &Path) -> Result<Self> {
        if !path.join(MANIFEST).is_file() {
            return Err(Error::Missing { path: path.to_owned() });
        }
        // Nothing is written, so that a copy on a medium without that right can be
        // looked at; where no sync was, none has to be kept out.
        let place = path.join(LOCK);
        match File::open(&place) {
            Ok(lock) => Self::hold(path, lock.try_lock_shared(), lock),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::held(path, None)),
            Err(error) => Err(Error::file(&place, error)),
        }
    }

    /// A folder that needn't be there, and isn't read.
    pub(crate) fn of_nothing(path: &Path) -> Self {
        Self::held(path, None)
    }

    fn held(path: &Path, lock: Option<File>) -> Self {
        Self {
            path: path.to_owned(),
            lock,
            is_new: false,
            is_synced: false,
            forgotten: Forgotten::default(),
        }
    }

    fn lock(path: &Path) -> Result<Self> {
        let place = path.join(LOCK);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&place);
        let lock = lock.map_err(|error| Error::file(&place, error))?;
        Self::hold(path, lock.try_lock(), lock)
    }

    fn hold(path: &Path, tried: std::result::Result<(), TryLockError>, lock: File) -> Result<Self> {
        match tried {
            Ok(()) => Ok(Self::held(path, Some(lock))),
            Err(TryLockError::WouldBlock) => Err(Error::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(Error::file(&path.join(LOCK), error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
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
        let spool = Spool::new(&self.path).map_err(|error| Error::unwritten(&self.path, error))?;
        Ok(spool.without(self.forgotten.clone()))
    }

    /// Begins the list of the partitions that this run changes.
    pub(crate) fn begin_changes(&self) -> Result<()> {
        let Some(mut lock) = self.lock.as_ref() else { return Ok(()) };
        let emptied = lock.set_len(0).and_then(|()| lock.rewind());
        emptied.map_err(|error| Error::unwritten(&self.path.join(LOCK), error))
    }

    /// The partitions that the last run changed, in the order in which it did.
    pub(crate) fn changes(&self) -> Result<Vec<PathBuf>> {
        let place = self.path.join(LOCK);
        match fs::read_to_string(&place) {
            Ok(text) => Ok(text.lines().map(PathBuf::from).collect()),
            Err(error) if is_missing(&error) => Ok(Vec::new()),
            Err(error) => Err(Error::file(&place, error)),
        }
    }

    /// Adds a partition to that list.
    pub(crate) fn note_change(&self, series: &SeriesName, day: Date) -> io::Result<()> {
        self.note(&partition(Path::new(""), series, day))
    }

    /// Adds the partition of a file of the directory to that list.
    pub(crate) fn note_place(&self, file: &Path) -> io::Result<()> {
        let partition = file.parent().unwrap_or(file);
        self.note(partition.strip_prefix(&self.path).unwrap_or(partition))
    }

    fn note(&self, place: &Path) -> io::Result<()> {
        let Some(mut lock) = self.lock.as_ref() else { return Ok(()) };
        // With slashes on each system.
        let parts: Vec<_> = place.iter().map(|part| part.to_string_lossy()).collect();
        lock.write_all(format!("{}\n", parts.join("/")).as_bytes())
    }

    pub(crate) fn save(&self, manifest: &Manifest) -> Result<()> {
        let file = self.path.join(MANIFEST);
        let written = manifest.to_json().and_then(|text| {
            let mut new = Replacement::begin(&file)?;
            new.file().write_all(&text)?;
            new.finish()
        });
        written.map_err(|error| Error::unwritten(&file, error))
    }

    pub(crate) fn part(&self, series: &SeriesName, day: Date) -> PathBuf {
        part(&self.path, series, day)
    }

    /// Removes the agents of queues that were erased, whose keys are names of folders.
    pub(crate) fn remove_agents(&self, forgotten: &Forgotten) -> io::Result<()> {
        let agents = self.path.join(Table::Agents.to_string());
        let entries = match fs::read_dir(&agents) {
            Err(error) if is_missing(&error) => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let queue = name.to_str().and_then(|name| name.strip_prefix(OF_QUEUE));
            if queue.is_some_and(|queue| forgotten.has(queue)) {
                fs::remove_dir_all(entry.path())?;
                replacement::sync_folder(&agents)?;
            }
        }
        Ok(())
    }

    /// What a glance shows to be wrong with a day's file.
    pub(crate) fn flaw(&self, series: &SeriesName, day: Date, listed: &Day) -> Option<String> {
        let file = self.part(series, day);
        match fs::metadata(&file) {
            Err(error) => Some(format!("{}: {error}", file.display())),
            Ok(found) if found.len() == listed.bytes => None,
            Ok(found) => Some(format!(
                "{}: it has {} bytes, and had {}",
                file.display(),
                found.len(),
                listed.bytes
            )),
        }
    }

    /// What is wrong with the file of a day that the manifest lists, to the last
    /// byte.
    pub(crate) fn damage(&self, series: &SeriesName, day: Date, listed: &Day) -> Option<String> {
        let file = self.part(series, day);
        let found = match digest(&file) {
            Ok(found) => found,
            Err(error) => return Some(format!("{}: {error}", file.display())),
        };
        if found == listed.sha256 {
            return None;
        }
        let what = match readable_rows(&file) {
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

    /// Writes the files of these days, and then the manifest that lists them.
    pub(crate) fn write(
        &self,
        series: &SeriesName,
        days: &[Date],
        spool: Spool,
        manifest: &mut Manifest,
    ) -> Result<()> {
        let mut reader =
            spool.into_reader().map_err(|error| Error::unwritten(&self.path, error))?;
        for day in days {
            let file = self.part(series, *day);
            let zone = &manifest.time_zone;
            let written = self.create_partition(series, *day).and_then(|()| {
                replacement::remove_left_overs(&file);
                let mut new = Replacement::begin(&file)?;
                let mut sorted = reader.day(*day);
                let entry = parquet_file::write(new.file(), series.table, zone, &mut sorted)?;
                new.finish()?;
                Ok(entry)
            });
            let before = manifest.get(series).and_then(|series| series.days.get(day));
            let is_change = written.as_ref().is_ok_and(|entry| before != Some(entry));
            let written = written.and_then(|entry| {
                if is_change {
                    self.note_change(series, *day)?;
                }
                Ok(entry)
            });
            match written {
                Ok(entry) => manifest.add(series, *day, entry),
                Err(error) => return Err(Error::unwritten(&file, error)),
            }
        }
        self.save(manifest)
    }

    /// Makes the folders of a day.
    fn create_partition(&self, series: &SeriesName, day: Date) -> io::Result<()> {
        self.create_folders(&self.part(series, day))
    }

    /// Makes the folders that a file is in, whose names outlast a crash of the machine.
    pub(crate) fn create_folders(&self, file: &Path) -> io::Result<()> {
        let partition = file.parent().unwrap_or(file);
        if partition.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(partition)?;
        let above = partition.ancestors().skip(1);
        let mut above = above.take_while(|folder| folder.starts_with(&self.path));
        above.try_for_each(replacement::sync_folder)
    }
}

impl Drop for Folder {
    /// A first sync that failed before its manifest leaves nothing behind.
    fn drop(&mut self) {
        if !self.is_synced || self.lock.is_none() || self.path.join(MANIFEST).exists() {
            return;
        }
        drop(fs::remove_file(self.path.join(LOCK)));
        if self.is_new {
            drop(fs::remove_dir(&self.path));
        }
    }
}

/// The manifest, if there is one.
///
/// # Errors
/// For one of another version, and for one that is damaged.
pub(crate) fn manifest(folder: &Path) -> Result<Option<Manifest>> {
    match read_manifest(folder) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The manifest of a folder, which a sync may replace meanwhile.
///
/// # Errors
/// If there is none, it can't be read, is of another version, or is damaged.
pub(crate) fn read_manifest(folder: &Path) -> Result<Manifest> {
    let file = folder.join(MANIFEST);
    match fs::read(&file) {
        Ok(text) => Manifest::parse(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text), &file),
        Err(error) if is_missing(&error) => Err(Error::Missing { path: folder.to_owned() }),
        Err(error) => Err(Error::file(&file, error)),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn partition(folder: &Path, series: &SeriesName, day: Date) -> PathBuf {
    let mut place = folder.join(series.table.to_string());
    if let Some(queue) = &series.queue {
        place.push(format!("{OF_QUEUE}{queue}"));
    }
    if series.scope != Scope::All {
        place.push(format!("scope={}", series.scope));
    }
    place.join(format!("grouping={}", series.grouping)).join(format!("date={day}"))
}

/// The file of a day.
pub(crate) fn part(folder: &Path, series: &SeriesName, day: Date) -> PathBuf {
    partition(folder, series, day).join(PART)
}

/// A manifest's folder, or an empty one.
fn refuse_foreign(path: &Path) -> Result<()> {
    let failed = |error| Error::file(path, error);
    if path.join(MANIFEST).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let is_nothing = NOTHING.iter().any(|nothing| name == *nothing);
        let is_ours = is_nothing
            || name == LOCK
            || replacement::is_left_over(&name.to_string_lossy(), MANIFEST);
        if !is_ours {
            return Err(Error::Foreign {
                path: path.to_owned(),
                found: name.display().to_string(),
            });
        }
    }
    Ok(())
}

fn digest(file: &Path) -> io::Result<String> {
    let mut file = File::open(file)?;
    let mut hash = hmac_sha256::Hash::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

fn readable_rows(file: &Path) -> std::result::Result<i64, ParquetError> {
    let reader = SerializedFileReader::new(File::open(file)?)?;
    Ok(reader.metadata().file_metadata().num_rows())
}
