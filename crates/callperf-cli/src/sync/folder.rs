//! The folder on the disk: its lock, its places, and how files get there.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use parquet::{
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use super::{
    manifest::{Day, Manifest},
    plan::{Table, Unit},
    spool::Spool,
    table,
};
use crate::{
    Failure,
    target::{self, Replacement},
    text::without_mark,
};

const MANIFEST: &str = "manifest.json";
const LOCK: &str = "sync.lock";
const PART: &str = "part-0.parquet";

/// A folder that no other process syncs.
pub(super) struct Folder {
    path: PathBuf,
    /// Absent in a copy that nobody syncs.
    _lock: Option<File>,
}

impl Folder {
    /// # Errors
    /// Where it can't be written, holds something else, or another process is at it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path.exists() && !path.is_dir() {
            return Err(Failure::Usage(format!("--out: {} is not a folder", path.display())));
        }
        fs::create_dir_all(path).map_err(|error| Failure::file(path, &error))?;
        refuse_foreign(path)?;
        let folder = Self::lock(path)?;
        target::remove_left_overs(&path.join(MANIFEST));
        Ok(folder)
    }

    /// One that is there, to look at it.
    pub(super) fn existing(path: &Path) -> Result<Self, Failure> {
        if !path.join(MANIFEST).is_file() {
            return Err(Failure::Usage(format!(
                "{} holds no {MANIFEST}: nothing was synced there",
                path.display()
            )));
        }
        // Nothing is written, so that a copy on a medium without that right can be
        // looked at; where no sync was, none has to be kept out.
        let place = path.join(LOCK);
        match File::open(&place) {
            Ok(lock) => Self::hold(path, lock.try_lock_shared(), lock),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self { path: path.to_owned(), _lock: None })
            }
            Err(error) => Err(Failure::file(&place, &error)),
        }
    }

    fn lock(path: &Path) -> Result<Self, Failure> {
        let place = path.join(LOCK);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&place);
        let lock = lock.map_err(|error| Failure::file(&place, &error))?;
        Self::hold(path, lock.try_lock(), lock)
    }

    fn hold(path: &Path, tried: Result<(), TryLockError>, lock: File) -> Result<Self, Failure> {
        match tried {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(Failure::Busy(format!(
                "another sync is at {}; wait until it has ended",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(Failure::file(&path.join(LOCK), &error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// # Errors
    /// For one of another version, and for one that is damaged.
    pub(super) fn manifest(&self) -> Result<Option<Manifest>, Failure> {
        let file = self.path.join(MANIFEST);
        match fs::read(&file) {
            Ok(text) => Manifest::parse(without_mark(&text), &file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::file(&file, &error)),
        }
    }

    pub(super) fn save(&self, manifest: &Manifest) -> Result<(), Failure> {
        let file = self.path.join(MANIFEST);
        let text = manifest.to_json()?;
        let written = Replacement::begin(&file).and_then(|mut new| {
            new.file().write_all(&text)?;
            new.finish()
        });
        written.map_err(|error| unwritten(&file, &error))
    }

    pub(super) fn partition(&self, table: Table, grouping: &str, day: Date) -> PathBuf {
        let grouping = format!("grouping={grouping}");
        self.path.join(table.to_string()).join(grouping).join(format!("date={day}"))
    }

    pub(super) fn part(&self, table: Table, grouping: &str, day: Date) -> PathBuf {
        self.partition(table, grouping, day).join(PART)
    }

    /// What a glance shows to be wrong with a day's file.
    pub(super) fn flaw(
        &self,
        table: Table,
        grouping: &str,
        day: Date,
        listed: &Day,
    ) -> Option<String> {
        let file = self.part(table, grouping, day);
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
    pub(super) fn damage(
        &self,
        table: Table,
        grouping: &str,
        day: Date,
        listed: &Day,
    ) -> Option<String> {
        let file = self.part(table, grouping, day);
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

    /// The files of a unit, and then the manifest that lists them.
    pub(super) fn write(
        &self,
        unit: &Unit,
        spool: Spool,
        manifest: &mut Manifest,
    ) -> Result<(), Failure> {
        let mut reader = spool.into_reader().map_err(|error| unwritten(&self.path, &error))?;
        for day in unit.days() {
            let file = self.part(unit.table, &unit.grouping, day);
            let written = self.create_partition(unit, day).and_then(|()| {
                target::remove_left_overs(&file);
                let mut sorted = reader.day(day);
                let mut new = Replacement::begin(&file)?;
                let entry = table::write(new.file(), unit.table, &manifest.time_zone, &mut sorted)?;
                new.finish()?;
                Ok(entry)
            });
            match written {
                Ok(entry) => manifest.add(unit.table, &unit.grouping, day, entry),
                Err(error) => return Err(unwritten(&file, &error)),
            }
        }
        self.save(manifest)
    }

    /// The folders of a day, whose names outlast a crash of the machine.
    fn create_partition(&self, unit: &Unit, day: Date) -> io::Result<()> {
        let partition = self.partition(unit.table, &unit.grouping, day);
        if partition.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(&partition)?;
        let above = partition.ancestors().skip(1).take(3);
        above.into_iter().try_for_each(target::sync_folder)
    }
}

/// A manifest's folder, or an empty one.
fn refuse_foreign(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::file(path, &error);
    if path.join(MANIFEST).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let is_ours = name == LOCK || target::is_left_over(&name.to_string_lossy(), MANIFEST);
        if !is_ours {
            return Err(Failure::Usage(format!(
                "--out: {} holds {} and no {MANIFEST}: it isn't a folder of `callperf sync`; \
                 choose an empty one",
                path.display(),
                name.display()
            )));
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

/// As the manifest has it.
pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn readable_rows(file: &Path) -> Result<i64, ParquetError> {
    let reader = SerializedFileReader::new(File::open(file)?)?;
    Ok(reader.metadata().file_metadata().num_rows())
}

pub(super) fn unwritten(file: &Path, error: &io::Error) -> Failure {
    Failure::File(format!(
        "{}: {error}; what was written before is whole, and the next run goes on from there",
        file.display()
    ))
}
