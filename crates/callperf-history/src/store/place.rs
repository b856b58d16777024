//! Where a history is, and what is read there.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use super::{
    folder,
    sound::{self, Sound, Unsound},
    source::Source,
};
#[cfg(feature = "object-store")]
use super::{
    objects::{self, Objects},
    ranged::Ranged,
};
use crate::{
    error::{Error, Result},
    model::{
        file::Day,
        layout::{DIRECTORY, MANIFEST, is_hidden},
        manifest::Manifest,
        table::Table,
    },
};

/// Objects that are read at the same time.
#[cfg(feature = "object-store")]
const TOGETHER: usize = 8;

/// A folder on the disk, or a prefix of an object store.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Folder(PathBuf),
    #[cfg(feature = "object-store")]
    Objects(Objects),
}

impl Place {
    /// The place of a location as users write it: a folder, or a URL of an object store.
    ///
    /// # Errors
    /// For a URL that isn't one of an object store, and for settings of the environment that
    /// can't be used.
    pub(crate) fn of(location: &Path) -> Result<Self> {
        let Some((scheme, _)) = location.to_str().and_then(|text| text.split_once("://")) else {
            return Ok(Self::Folder(location.to_owned()));
        };
        let is_scheme = scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_scheme {
            return Ok(Self::Folder(location.to_owned()));
        }
        #[cfg(feature = "object-store")]
        return Ok(Self::Objects(objects::open(location)?));
        #[cfg(not(feature = "object-store"))]
        return Err(Error::location(
            location,
            "this program is built without the feature `object-store`, so it must be a folder",
        ));
    }

    /// As users write it.
    pub(crate) fn location(&self) -> &Path {
        match self {
            Self::Folder(path) => path,
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.location(),
        }
    }

    /// A file or folder, as errors name it.
    pub(crate) fn at(&self, relative: &str) -> PathBuf {
        self.location().join(relative)
    }

    /// The manifest, if there is one.
    ///
    /// # Errors
    /// For one of another version, and for one that is damaged.
    pub(crate) fn manifest(&self) -> Result<Option<Manifest>> {
        match self.read_manifest() {
            Ok(manifest) => Ok(Some(manifest)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The manifest, which a sync may replace meanwhile.
    ///
    /// # Errors
    /// If there is none, it can't be read, is of another version, or is damaged.
    pub(crate) fn read_manifest(&self) -> Result<Manifest> {
        let file = self.at(MANIFEST);
        let text = match self {
            Self::Folder(_) => {
                let text = fs::read(&file).map(|text| Some(Bytes::from(text)));
                text.or_else(folder::none_if_missing)
            }
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.read(MANIFEST),
        };
        match text {
            Ok(Some(text)) => Manifest::parse(folder::without_byte_order_mark(&text), &file),
            Ok(None) => Err(Error::Missing { path: self.location().to_owned() }),
            Err(error) => Err(Error::file(&file, error)),
        }
    }

    /// The bytes of a file that the manifest lists, if they are what was written.
    pub(crate) fn read(&self, file: &str, listed: &Day) -> Sound<Bytes> {
        let bytes = match self {
            Self::Folder(_) => fs::read(self.at(file)).map(Bytes::from),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.read(file).and_then(objects::present),
        };
        sound::checked(bytes.map_err(Unsound::Unreadable)?, listed)
    }

    /// How many files are read at the same time: where each is a request, more than one.
    pub(crate) fn together(&self) -> usize {
        match self {
            Self::Folder(_) => 1,
            #[cfg(feature = "object-store")]
            Self::Objects(_) => TOGETHER,
        }
    }

    /// The same of several files.
    pub(crate) fn read_all(&self, files: &[(String, Day)]) -> Vec<Sound<Bytes>> {
        match self {
            Self::Folder(_) => files.iter().map(|(file, listed)| self.read(file, listed)).collect(),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => {
                let names: Vec<_> = files.iter().map(|(file, _)| file.clone()).collect();
                let read = objects.read_all(&names, TOGETHER).into_iter().zip(files);
                read.map(|(bytes, (_, listed))| {
                    let bytes = bytes.and_then(objects::present).map_err(Unsound::Unreadable)?;
                    sound::checked(bytes, listed)
                })
                .collect()
            }
        }
    }

    /// A file of which parts are read. They aren't compared with what was written.
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub(crate) fn source(&self, file: &str, listed: &Day) -> io::Result<Source> {
        match self {
            Self::Folder(_) => File::open(self.at(file)).map(Source::File),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => {
                Ranged::open(objects.clone(), file, listed.bytes).map(Source::Object)
            }
        }
    }

    /// The length of a file.
    pub(crate) fn length(&self, file: &str) -> io::Result<u64> {
        match self {
            Self::Folder(_) => Ok(fs::metadata(self.at(file))?.len()),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.length(file),
        }
    }

    /// The files that an engine would read. Some engines read all files of a folder, others those
    /// that are named `*.parquet`.
    pub(crate) fn readable_files(&self) -> Result<Vec<String>> {
        let tables = Table::ALL.iter().map(Table::to_string);
        let tables: Vec<_> = tables.chain([DIRECTORY.to_owned()]).collect();
        let mut found = match self {
            Self::Folder(path) => {
                let mut found = Vec::new();
                for table in &tables {
                    let listed = readable_below(path, table, &mut found);
                    listed.map_err(|error| Error::file(&self.at(table), error))?;
                }
                found
            }
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => {
                let listed = objects.list("");
                let listed = listed.map_err(|error| Error::file(self.location(), error))?;
                let is_in_table = |name: &String| {
                    let table = name.split_once('/').map(|(table, _)| table);
                    table.is_some_and(|table| tables.iter().any(|known| known == table))
                };
                let is_read = |name: &String| !name.split('/').any(is_hidden);
                let names = listed.into_iter().map(|(name, _)| name);
                names.filter(|name| is_in_table(name) && is_read(name)).collect()
            }
        };
        found.sort_unstable();
        Ok(found)
    }
}

fn readable_below(root: &Path, folder: &str, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(root.join(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let relative = format!("{folder}/{name}");
        if entry.path().is_dir() {
            readable_below(root, &relative, found)?;
        } else if !is_hidden(&name) {
            found.push(relative);
        }
    }
    Ok(())
}
