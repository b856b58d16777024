//! Where files are written to: each kind of target has its rule. The table of
//! `docs/files.md` has them all, and `tests/targets.rs` tests each.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use callperf_history::files::{Replacement, Target};

use crate::Failure;

/// Refuses a target that can't be written, before requests are sent for it.
/// `option` is what named it.
pub(crate) fn check(option: &str, file: &Path) -> Result<(), Failure> {
    let target = match Target::of(file) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            return Err(Failure::Usage(format!(
                "{option}: {} is a folder, not a file",
                file.display()
            )));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Failure::Usage(format!("{option}: {error}")));
        }
        Err(error) => return Err(Failure::file(file, &error)),
    };
    match target {
        Target::Descriptor(number) => {
            check_descriptor(number).map_err(|error| Failure::file(file, &error))
        }
        Target::Special(place) => {
            check_special(&place).map_err(|error| Failure::file(file, &error))
        }
        Target::Regular(place) => {
            Replacement::begin_at(place).map(drop).map_err(|error| Failure::file(file, &error))
        }
    }
}

/// Refuses an open file that isn't open, or not for writing. Standard output and
/// standard error are the caller's to close.
fn check_descriptor(number: u32) -> io::Result<()> {
    let flags = match fs::read_to_string(format!("/proc/self/fdinfo/{number}")) {
        Ok(flags) => flags,
        // Only Linux tells.
        Err(_) if number == 1 || number == 2 || !Path::new("/proc/self/fdinfo").exists() => {
            return Ok(());
        }
        Err(_) => return Err(io::Error::new(io::ErrorKind::NotFound, "it isn't open")),
    };
    let flags = flags.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
    if flags.is_some_and(|flags| flags & ACCESS_MODE == READ_ONLY) {
        let reason = "it is open for reading only; open it for writing";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    }
    Ok(())
}

/// Of the flags of an open file on Linux.
const ACCESS_MODE: u32 = 0o3;
const READ_ONLY: u32 = 0;

/// Tries a device. A pipe isn't tried: that would wait for its reader.
#[cfg(unix)]
fn check_special(place: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    if fs::metadata(place)?.file_type().is_char_device() {
        OpenOptions::new().write(true).open(place)?;
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn check_special(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes a file as its kind of target is written.
pub(crate) fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    match Target::of(file)? {
        Target::Descriptor(number) => write_to_descriptor(number, content),
        Target::Special(place) => OpenOptions::new().write(true).open(place)?.write_all(content),
        Target::Regular(place) => {
            let mut replacement = Replacement::begin_at(place)?;
            replacement.file().write_all(content)?;
            replacement.finish()
        }
    }
}

/// Where standard output goes on from: opening it by its name would begin again at
/// the start of a file that it appends to.
fn write_to_descriptor(number: u32, content: &[u8]) -> io::Result<()> {
    check_descriptor(number)?;
    let write = |mut out: Box<dyn Write>| {
        out.write_all(content)?;
        out.flush()
    };
    match number {
        1 => write(Box::new(io::stdout().lock())),
        2 => write(Box::new(io::stderr().lock())),
        _ => write(Box::new(OpenOptions::new().append(true).open(format!("/dev/fd/{number}"))?)),
    }
}
