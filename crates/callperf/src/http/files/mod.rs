//! Files that are replaced as a whole: the sessions of
//! [`FileTokenStore`](crate::FileTokenStore), and cassettes.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Only its owner. The content is on the disk when the file has its name.
    Private,
    /// Those who could before; of a new file, those whom the process lets.
    #[cfg(any(feature = "testing", test))]
    Kept,
}

/// Replaces a file, or leaves it as it was.
///
/// Links are followed. Another owner's file stays that owner's. A file that is
/// mounted by itself, or whose folder can't be written, is written in place.
///
/// # Errors
/// For what isn't a regular file, for a read-only file, and where nothing can be
/// written.
pub(crate) fn replace(file: &Path, content: &[u8], rights: Rights) -> io::Result<()> {
    let Some(new) = begin(file, rights)? else {
        return write_in_place(&place(file)?, content, rights);
    };
    (&new.file).write_all(content)?;
    if rights == Rights::Private {
        new.file.sync_all()?;
    }
    if !new.take_over(rights)? {
        return write_in_place(&new.place, content, rights);
    }
    match fs::rename(&new.path, &new.place) {
        Err(error) if is_mounted(&error) => write_in_place(&new.place, content, rights),
        renamed => renamed,
    }
}

/// Refuses a file that can't be replaced, before anything is done for its content.
#[cfg(feature = "testing")]
pub(crate) fn check(file: &Path) -> io::Result<()> {
    begin(file, Rights::Kept).map(drop)
}

/// A file beside the one that it will replace; `None` where the folder takes none.
fn begin(file: &Path, rights: Rights) -> io::Result<Option<Temporary>> {
    let place = place(file)?;
    let before = before(&place)?;
    let has_before = before.is_some();
    match Temporary::beside(place, before, rights) {
        Err(error)
            if has_before
                && matches!(
                    error.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) =>
        {
            Ok(None)
        }
        new => new.map(Some),
    }
}

/// Links that are followed before they are taken for a circle, as Linux does.
const MOST_LINKS: usize = 40;

/// Where links lead, perhaps to a file that isn't there yet.
fn place(file: &Path) -> io::Result<PathBuf> {
    // The link of an open pipe names no file.
    if fs::metadata(file).is_ok_and(|there| !there.is_file()) {
        return Err(irregular());
    }
    let mut place = file.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&place) {
            Ok(target) => place = folder_of(&place).join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The file that is there.
fn before(place: &Path) -> io::Result<Option<Metadata>> {
    let before = match fs::metadata(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        before => before?,
    };
    if !before.is_file() {
        return Err(irregular());
    }
    if before.permissions().readonly() {
        let reason = "the file is read-only; make it writable, or name another";
        return Err(io::Error::new(ErrorKind::PermissionDenied, reason));
    }
    OpenOptions::new().write(true).open(place)?;
    Ok(Some(before))
}

pub(crate) fn irregular() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "it isn't a regular file; name another")
}

/// The longest part of a file's name in the name of a temporary file.
const LONGEST_PREFIX: usize = 200;

/// Removed when it is dropped, unless it has taken its place.
struct Temporary {
    path: PathBuf,
    file: File,
    place: PathBuf,
    before: Option<Metadata>,
}

impl Temporary {
    /// Of a name that can't be foreseen, where nothing was.
    fn beside(place: PathBuf, before: Option<Metadata>, rights: Rights) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let random = u64::from_ne_bytes(random);
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        // What is around it must fit into the 255 bytes of a name, too.
        let mut ends = (0..=name.len().min(LONGEST_PREFIX)).rev();
        let name = &name[..ends.find(|end| name.is_char_boundary(*end)).unwrap_or_default()];
        let path = place.with_file_name(format!(".{name}.{random:016x}.new"));
        let is_private = rights == Rights::Private || before.is_some();
        let options = if is_private { private() } else { OpenOptions::new() };
        let file = options.clone().write(true).create_new(true).open(&path)?;
        Ok(Self { path, file, place, before })
    }

    /// Whether it could be given the owner and the mode that it has to have.
    fn take_over(&self, rights: Rights) -> io::Result<bool> {
        let Some(before) = &self.before else { return Ok(true) };
        if !has_owner_of(&self.file, before)? {
            return Ok(false);
        }
        if rights != Rights::Private {
            self.file.set_permissions(before.permissions())?;
        }
        Ok(true)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn is_mounted(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices)
}

fn write_in_place(place: &Path, content: &[u8], rights: Rights) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).truncate(true).open(place)?;
    #[cfg(unix)]
    if rights == Rights::Private {
        use std::os::unix::fs::PermissionsExt as _;
        out.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = rights;
    out.write_all(content)?;
    out.sync_all()
}

/// Gives a new file the owner of an old one, where it may.
#[cfg(unix)]
fn has_owner_of(new: &File, old: &Metadata) -> io::Result<bool> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = new.metadata()?;
    if (own.uid(), own.gid()) == (old.uid(), old.gid()) {
        return Ok(true);
    }
    Ok(fchown(new, Some(old.uid()), Some(old.gid())).is_ok())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn has_owner_of(_: &File, _: &Metadata) -> io::Result<bool> {
    Ok(true)
}

/// Options for a file that only its owner may read.
#[cfg(unix)]
pub(crate) fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
pub(crate) fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(all(test, unix))]
mod tests;
