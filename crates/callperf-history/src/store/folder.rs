//! A folder on the disk: its lock, what must not be in it, and how its folders are made.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use super::{hex, replacement};
use crate::{
    error::{Error, Result},
    model::{
        layout::{MANIFEST, OF_QUEUE},
        manifest::Forgotten,
        table::Table,
    },
};

const LOCK: &str = "sync.lock";
/// Editors on Windows begin a file with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What systems and programs leave in a folder that is empty otherwise.
const NOTHING: [&str; 3] = [".DS_Store", ".gitkeep", "lost+found"];

/// A folder that no other process syncs.
pub(crate) struct Folder {
    path: PathBuf,
    /// Absent in a copy that was never synced.
    lock: Option<File>,
    /// Whether it was made for this sync.
    is_new: bool,
    /// Whether it is synced, and not only looked at.
    is_synced: bool,
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

    fn held(path: &Path, lock: Option<File>) -> Self {
        Self { path: path.to_owned(), lock, is_new: false, is_synced: false }
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
    pub(crate) fn note_change(&self, partition: &str) -> io::Result<()> {
        let Some(mut lock) = self.lock.as_ref() else { return Ok(()) };
        lock.write_all(format!("{partition}\n").as_bytes())
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

/// Nothing, where there is no such file.
pub(crate) fn none_if_missing<T>(error: io::Error) -> io::Result<Option<T>> {
    if is_missing(&error) { Ok(None) } else { Err(error) }
}

/// A text as it is meant.
pub(crate) fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
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

/// The digest of a file, which is read in pieces.
pub(crate) fn digest(file: &Path) -> io::Result<String> {
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
