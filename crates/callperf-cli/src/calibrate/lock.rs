//! One run at a time for a file.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use callperf_history::files::Target;

use crate::Failure;

/// Keeps other runs away from a file. What is dropped, or killed, keeps none away.
#[derive(Debug)]
pub(crate) struct Lock {
    /// The locked file, and its place if it is there for the lock alone.
    held: Option<(File, Option<PathBuf>)>,
}

impl Lock {
    /// Refuses a file that another run is about to write.
    pub(crate) fn hold(file: &Path) -> Result<Self, Failure> {
        // Who writes to a pipe or a device loses nothing of another one's.
        let Ok(Target::Regular(place)) = Target::of(file) else { return Ok(Self { held: None }) };
        match beside(&place) {
            Ok(held) => Ok(Self { held: Some(held) }),
            Err(Refusal::IsHeld) => Err(Failure::Busy(format!(
                "--out: another `callperf calibrate` writes {}; wait until it has ended, or name \
                 another file",
                file.display()
            ))),
            // A file system without locks has none to hold.
            Err(Refusal::Other) => Ok(Self { held: None }),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((_file, Some(place))) = &self.held {
            let _ = fs::remove_file(place);
        }
    }
}

enum Refusal {
    IsHeld,
    Other,
}

/// Locks a file beside the place, since the one in the place is replaced; if the folder takes no other
/// file, that one is written in place, and is locked itself.
fn beside(place: &Path) -> Result<(File, Option<PathBuf>), Refusal> {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(".lock");
    let lock = place.with_file_name(name);
    loop {
        let Ok(file) = OpenOptions::new().write(true).create(true).truncate(false).open(&lock)
        else {
            let file = OpenOptions::new().write(true).open(place).map_err(|_| Refusal::Other)?;
            return Ok((locked(file)?, None));
        };
        let file = locked(file)?;
        // The run before may have removed it meanwhile: then it keeps no one away.
        match is_there(&file, &lock) {
            Ok(true) => return Ok((file, Some(lock))),
            Ok(false) => {}
            Err(_) => return Err(Refusal::Other),
        }
    }
}

fn locked(file: File) -> Result<File, Refusal> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Refusal::IsHeld),
        Err(TryLockError::Error(_)) => Err(Refusal::Other),
    }
}

#[cfg(unix)]
fn is_there(file: &File, place: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    match fs::metadata(place) {
        Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// An open file keeps its name there.
#[cfg(not(unix))]
fn is_there(_: &File, place: &Path) -> io::Result<bool> {
    Ok(place.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_keeps_others_away_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("calibration.toml");
        let lock = Lock::hold(&file).unwrap();
        let refused = Lock::hold(&file).unwrap_err();
        assert_eq!(refused.exit_code(), 4);
        assert!(refused.to_string().contains("another `callperf calibrate` writes"), "{refused}");
        Lock::hold(&folder.path().join("other.toml")).unwrap();
        drop(lock);
        Lock::hold(&file).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // Of one that was killed.
        fs::write(folder.path().join(".calibration.toml.lock"), "").unwrap();
        Lock::hold(&file).unwrap();
    }
}
