//! Why a history can't be kept or read.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use jiff::civil::Date;

use crate::model::synced::Synced;

/// What stopped a sync or a check.
///
/// Its texts say what happened and where. What to do about it depends on the program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The API, or the way to it.
    #[error(transparent)]
    Api(#[from] callperf::Error),
    /// The location is a file.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The location.
        path: PathBuf,
    },
    /// A location that can't be used.
    #[error("{location}: {reason}")]
    Location {
        /// The location.
        location: String,
        /// Why.
        reason: String,
    },
    /// A location with credentials, which isn't repeated.
    #[error("a location has no credentials in it: they come from the environment")]
    CredentialsInLocation,
    /// An object store that writes an object although its condition doesn't hold, so that two
    /// syncs could lose what the other one wrote.
    #[error("{}: the store writes an object although another one is in its place (no conditional put)", path.display())]
    NoConditionalPut {
        /// The location.
        path: PathBuf,
    },
    /// Keys were erased while another run wrote, or the directory changed on several days.
    #[error("{}: another run {what} meanwhile; what was written before is whole", path.display())]
    Meanwhile {
        /// The location.
        path: PathBuf,
        /// What the other run did.
        what: &'static str,
    },
    /// A folder that holds something else.
    #[error("{} holds {found} and no manifest.json", path.display())]
    Foreign {
        /// The location.
        path: PathBuf,
        /// What is in it.
        found: String,
    },
    /// A folder without a manifest.
    #[error("{} holds no manifest.json: nothing was synced there", path.display())]
    Missing {
        /// The location.
        path: PathBuf,
    },
    /// A manifest that another program wrote.
    #[error("{} is another program's", file.display())]
    OtherFormat {
        /// The manifest.
        file: PathBuf,
    },
    /// A manifest of a schema that this version doesn't know.
    #[error("{} is of schema {found}, and this version of callperf writes schema {known}", file.display())]
    OtherSchema {
        /// The manifest.
        file: PathBuf,
        /// Its schema.
        found: u32,
        /// The schema of this version.
        known: u32,
    },
    /// The history of another account.
    #[error("{} holds the calls of account {own}, and this is account {other}", path.display())]
    OtherAccount {
        /// The location.
        path: PathBuf,
        /// The account of the history.
        own: String,
        /// The account of the client.
        other: String,
    },
    /// The days of the history are cut in another time zone.
    #[error("the days of {} are cut in {own}, not {other}", path.display())]
    OtherZone {
        /// The location.
        path: PathBuf,
        /// The history's time zone.
        own: String,
        /// The one that was asked for.
        other: String,
    },
    /// A time zone that isn't known.
    #[error("no time zone is named `{name}`; use an IANA name, for example America/New_York")]
    UnknownZone {
        /// The name.
        name: String,
    },
    /// A day without an instant, or a clock that is out of the calendar.
    #[error("the time is out of the calendar: {reason}")]
    Calendar {
        /// What the calendar says.
        reason: String,
    },
    /// The first day that was asked for isn't over.
    #[error("{from} isn't over yet; the last whole day is {last}")]
    NotOver {
        /// The day.
        from: Date,
        /// The last whole day.
        last: Date,
    },
    /// Nothing is to be kept.
    #[error("nothing is to be kept; name a grouping, or leave out what says that none is")]
    NothingKept,
    /// A key that can't be erased, because it is the company's.
    #[error("{key} is the key of the whole company, whose rows are its totals; name a user's key")]
    WholeCompany {
        /// The key.
        key: String,
    },
    /// Keys of something else than users.
    #[error("{}: not a user's key", kinds.keys().cloned().collect::<Vec<_>>().join(", "))]
    NotUsers {
        /// What each of them is.
        kinds: BTreeMap<String, BTreeSet<String>>,
    },
    /// A text that stands for several keys.
    #[error("{} stands for {}; name one by its key", callperf::shown::quoted(text), candidates.join(" and "))]
    Ambiguous {
        /// The text.
        text: String,
        /// What it stands for.
        candidates: Vec<String>,
    },
    /// A text that stands for no key of the history.
    #[error("{}: {reason}", path.display())]
    NoKey {
        /// The location.
        path: PathBuf,
        /// Why, with the nearest names.
        reason: String,
    },
    /// Another process syncs the folder.
    #[error("another sync is at {}", path.display())]
    Busy {
        /// The location.
        path: PathBuf,
    },
    /// A manifest that can't be read.
    #[error("{}: it is damaged: {reason}", file.display())]
    Damaged {
        /// The manifest.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A response that contradicts itself. Nothing of it is kept.
    #[error("the answer makes no sense: key {key}: {what}; nothing of it is kept")]
    Nonsense {
        /// The key of the record.
        key: String,
        /// What is wrong with it.
        what: String,
    },
    /// The server seems to have ignored a filter. Nothing of the response is kept.
    #[error(
        "the server seems to have ignored the filter {filter} ({reason}), so the numbers may be those of all calls; nothing of them is kept"
    )]
    FilterIgnored {
        /// The filter.
        filter: String,
        /// What shows it.
        reason: String,
    },
    /// A file that can't be read or made.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that can't be written. What was written before is whole.
    #[error("{}: {source}; what was written before is whole, and the next run goes on from there", path.display())]
    Unwritten {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Files of days that the API has forgotten are damaged or missing. All else is there.
    #[error("the API no longer remembers the days of {} damaged or missing files", files.len())]
    Lost {
        /// What the sync has done.
        synced: Synced,
        /// What is wrong with each file.
        files: Vec<String>,
    },
}

/// The outcome of what a history does.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn location(location: &Path, reason: &str) -> Self {
        Self::Location { location: location.display().to_string(), reason: reason.to_owned() }
    }

    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    pub(crate) fn unwritten(path: &Path, source: io::Error) -> Self {
        Self::Unwritten { path: path.to_owned(), source }
    }

    pub(crate) fn calendar(reason: &jiff::Error) -> Self {
        Self::Calendar { reason: reason.to_string() }
    }
}
