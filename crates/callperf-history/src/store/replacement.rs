//! Where files are written to, and how a file takes the place of another.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// What a path leads to, with links followed.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// An open file of this process, by its number.
    Descriptor(u32),
    /// A device, a pipe or a socket.
    Special(PathBuf),
    /// A regular file, or the place of a new one.
    Regular(PathBuf),
}

/// Links that are followed before they are taken for a circle, as Linux does.
const MOST_LINKS: usize = 40;

impl Target {
    /// # Errors
    /// Where the folder is missing, and where a folder is in the place.
    pub fn of(path: &Path) -> io::Result<Self> {
        // A path that ends so names a folder, there or not.
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let folder = folder_of(&path).canonicalize().map_err(|error| missing(&path, error))?;
            let Some(name) = path.file_name() else {
                return Err(io::ErrorKind::IsADirectory.into());
            };
            let place = folder.join(name);
            if let Some(number) = descriptor(&folder, &name.to_string_lossy()) {
                return Ok(Self::Descriptor(number));
            }
            match fs::symlink_metadata(&place) {
                Ok(there) if there.is_symlink() => path = folder.join(fs::read_link(&place)?),
                Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
                Ok(there) if there.is_file() => return Ok(Self::Regular(place)),
                Ok(_) => return Ok(Self::Special(place)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Self::Regular(place));
                }
                Err(error) => return Err(missing(&path, error)),
            }
        }
        Err(io::Error::other("too many symbolic links"))
    }
}

/// Says which folder is missing, where one is.
fn missing(path: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound if !folder_of(path).exists() => {
            let folder = folder_of(path).display();
            let reason = format!("{folder} doesn't exist; make the folder, or name another");
            io::Error::new(io::ErrorKind::NotFound, reason)
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => io::Error::new(
            io::ErrorKind::NotFound,
            format!("{} is not a folder", folder_of(path).display()),
        ),
        _ => error,
    }
}

/// The number of an open file, where a place stands for one.
fn descriptor(folder: &Path, name: &str) -> Option<u32> {
    match (folder.to_str(), name) {
        (Some("/dev"), "stdout") => return Some(1),
        (Some("/dev"), "stderr") => return Some(2),
        _ => {}
    }
    let is_of_descriptors = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"]
        .iter()
        .any(|place| Path::new(place).canonicalize().is_ok_and(|place| place == folder));
    if is_of_descriptors { name.parse().ok() } else { None }
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The content of a regular file that takes the place of the one before when it is
/// complete. Dropped before that, it leaves nothing behind.
pub struct Replacement {
    new: NamedTempFile,
    place: PathBuf,
    before: Option<fs::Metadata>,
    /// Whether the folder lets no other file take the place.
    is_in_place: bool,
}

impl Replacement {
    /// # Errors
    /// For what isn't a regular file, and where nothing can be written.
    pub fn begin(file: &Path) -> io::Result<Self> {
        match Target::of(file)? {
            Target::Regular(place) => Self::begin_at(place),
            _ => Err(io::Error::other("it isn't a regular file")),
        }
    }

    /// The same at a [`Target::Regular`].
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn begin_at(place: PathBuf) -> io::Result<Self> {
        let before = match fs::metadata(&place) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(before) = &before {
            if before.permissions().readonly() {
                let reason = "the file is read-only; make it writable, or name another";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
            }
            OpenOptions::new().write(true).open(&place)?;
        }
        let (new, is_in_place) = match new_file(&place, before.is_none()) {
            Ok(new) => (new, false),
            Err(error) if before.is_some() && is_about_the_folder(&error) => {
                (NamedTempFile::new().map_err(without_its_path)?, true)
            }
            Err(error) => return Err(error),
        };
        Ok(Self { new, place, before, is_in_place })
    }

    /// The file that the content is written to.
    pub fn file(&mut self) -> &mut File {
        self.new.as_file_mut()
    }

    /// Puts the content in its place, for good.
    ///
    /// # Errors
    /// If it can't be written there.
    pub fn finish(mut self) -> io::Result<()> {
        self.new.as_file().sync_all()?;
        if self.is_in_place || !self.take_over_rights()? {
            return self.write_in_place();
        }
        match self.new.persist(&self.place) {
            Ok(_) => sync_folder(folder_of(&self.place)),
            // A file that is mounted by itself stays where it is.
            Err(failed) if is_mounted(&failed.error) => {
                self.new = failed.file;
                self.write_in_place()
            }
            Err(failed) => Err(failed.error),
        }
    }

    /// Whether the new file could be given the owner and the mode of the old one.
    fn take_over_rights(&self) -> io::Result<bool> {
        let Some(before) = &self.before else { return Ok(true) };
        if !has_owner_of(self.new.as_file(), before)? {
            return Ok(false);
        }
        self.new.as_file().set_permissions(before.permissions())?;
        Ok(true)
    }

    fn write_in_place(&mut self) -> io::Result<()> {
        let mut out = OpenOptions::new().write(true).truncate(true).open(&self.place)?;
        self.new.rewind()?;
        io::copy(self.new.as_file_mut(), &mut out)?;
        out.sync_all()
    }
}

/// A file beside another, of a name that can't be foreseen, where none was.
fn new_file(place: &Path, is_for_all: bool) -> io::Result<NamedTempFile> {
    let prefix = temporary_prefix(&place.file_name().unwrap_or_default().to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(12);
    #[cfg(unix)]
    if is_for_all {
        use std::os::unix::fs::PermissionsExt as _;
        // As far as the process' mask allows.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(place)).map_err(without_its_path)
}

/// The error without the path that the library adds, which is of a file with a name that only
/// this program knows.
pub(crate) fn without_its_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

const SUFFIX: &str = ".new";

/// The longest part of a file's name in the name of a temporary file: what is around
/// it must fit into the 255 bytes of a name, too.
const LONGEST_PREFIX: usize = 200;

/// The dot hides it from programs that read the folder.
fn temporary_prefix(name: &str) -> String {
    let mut ends = (0..=name.len().min(LONGEST_PREFIX)).rev();
    let end = ends.find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    format!(".{}.", &name[..end])
}

/// Whether a name is one that a killed process may have left beside a file.
pub(crate) fn is_left_over(name: &str, file: &str) -> bool {
    name.starts_with(&temporary_prefix(file)) && name.ends_with(SUFFIX)
}

/// Removes what killed processes left beside a file. Only for a folder that no other
/// process writes to.
pub(crate) fn remove_left_overs(file: &Path) {
    let own = file.file_name().unwrap_or_default().to_string_lossy();
    let entries = fs::read_dir(folder_of(file)).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_left_over(&entry.file_name().to_string_lossy(), &own)) {
        // It is in the way of nothing.
        drop(fs::remove_file(entry.path()));
    }
}

fn is_about_the_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn is_mounted(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices)
}

/// Gives a new file the owner of an old one, where it may.
#[cfg(unix)]
fn has_owner_of(new: &File, old: &fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = new.metadata()?;
    if (own.uid(), own.gid()) == (old.uid(), old.gid()) {
        return Ok(true);
    }
    Ok(fchown(new, Some(old.uid()), Some(old.gid())).is_ok())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn has_owner_of(_: &File, _: &fs::Metadata) -> io::Result<bool> {
    Ok(true)
}

/// Makes the names in a folder outlast a crash of the machine.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
