//! One extension, site, department or user group.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    query::GroupBy,
    words::{
        shown::quoted,
        vocabulary::{Grouping, MembersOf},
    },
};

/// What an [`Entry`] is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A user's mailbox.
    User,
    /// A call queue.
    Queue,
    /// An IVR menu.
    Ivr,
    /// A shared line.
    SharedLine,
    /// A site.
    Site,
    /// A department.
    Department,
    /// A user group.
    UserGroup,
    /// An extension that no grouping of reports has, such as a park location.
    #[default]
    #[serde(other)]
    Other,
}

/// The types of extensions that no grouping has.
const OTHER_TYPES: [&str; 5] =
    ["ParkLocation", "PagingOnly", "ApplicationExtension", "DelegatedLinesGroup", "ProxyAdmin"];

impl Kind {
    /// The kinds that the directory has entries of.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Queue,
        Self::Ivr,
        Self::SharedLine,
        Self::Site,
        Self::Department,
        Self::UserGroup,
    ];

    /// The kind of what the keys of a grouping are: for members, of what they belong to. `None`
    /// for the company, for numbers, and for IVAs, which the directory doesn't tell from other
    /// extensions.
    #[must_use]
    pub fn of(group_by: &GroupBy) -> Option<Self> {
        match (group_by.grouping(), group_by.members_of()) {
            (Some(Grouping::Users), _) => Some(Self::User),
            (Some(Grouping::Queues), _) | (_, Some(MembersOf::Queue)) => Some(Self::Queue),
            (Some(Grouping::Ivrs), _) => Some(Self::Ivr),
            (Some(Grouping::SharedLines), _) => Some(Self::SharedLine),
            (Some(Grouping::Sites), _) | (_, Some(MembersOf::Site)) => Some(Self::Site),
            (Some(Grouping::Departments), _) | (_, Some(MembersOf::Department)) => {
                Some(Self::Department)
            }
            (Some(Grouping::UserGroups), _) | (_, Some(MembersOf::UserGroup)) => {
                Some(Self::UserGroup)
            }
            _ => None,
        }
    }

    /// The kind of what the records of a grouping are about, if the directory lists it.
    pub(crate) fn of_records(group_by: &GroupBy) -> Option<Self> {
        let is_of_members = group_by.members_of().is_some();
        let kind = if is_of_members { Some(Self::User) } else { Self::of(group_by) };
        kind.filter(|kind| kind.is_listed())
    }

    /// The kind of an extension, by the API's word for its type. Queues were called departments
    /// first.
    pub(crate) fn of_extension(text: &str) -> Self {
        match text {
            "Department" => Self::Queue,
            "IvrMenu" => Self::Ivr,
            "SharedLinesGroup" => Self::SharedLine,
            "Site" => Self::Site,
            other if OTHER_TYPES.contains(&other) => Self::Other,
            _ => Self::User,
        }
    }

    /// Whether the directory lists entries of this kind, so that names can be looked up.
    #[must_use]
    pub fn is_listed(self) -> bool {
        !matches!(self, Self::Department | Self::UserGroup)
    }

    /// The word for several of them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Queue => "queues",
            Self::Ivr => "IVR menus",
            Self::SharedLine => "shared lines",
            Self::Site => "sites",
            Self::Department => "departments",
            Self::UserGroup => "user groups",
            Self::Other => "extensions",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Queue => "queue",
            Self::Ivr => "IVR menu",
            Self::SharedLine => "shared line",
            Self::Site => "site",
            Self::Department => "department",
            Self::UserGroup => "user group",
            Self::Other => "extension",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whether an extension is in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Status {
    /// In use.
    Enabled,
    /// Switched off; what it did before is still in reports.
    Disabled,
    /// Suspended.
    Frozen,
    /// Created, and not set up by its user yet.
    NotActivated,
    /// Without a user.
    Unassigned,
    /// Deleted. The documents of the API don't have this word.
    Deleted,
    /// A word that this version of the crate doesn't know, as it was sent.
    Other(String),
}

impl Status {
    /// The API's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::Frozen => "Frozen",
            Self::NotActivated => "NotActivated",
            Self::Unassigned => "Unassigned",
            Self::Deleted => "Deleted",
            Self::Other(word) => word,
        }
    }

    /// The word in a sentence.
    fn in_words(&self) -> &str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Frozen => "frozen",
            Self::NotActivated => "not activated",
            Self::Unassigned => "unassigned",
            Self::Deleted => "deleted",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        match &*word {
            "Enabled" => Self::Enabled,
            "Disabled" => Self::Disabled,
            "Frozen" => Self::Frozen,
            "NotActivated" => Self::NotActivated,
            "Unassigned" => Self::Unassigned,
            "Deleted" => Self::Deleted,
            _ => Self::Other(word),
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}

/// The site that an extension is at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Place {
    /// The site's key.
    pub key: String,
    /// The site's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a queue promises its callers, as it is set at the queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ServiceLevel {
    /// The percentage of calls that should be answered in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_percent: Option<f64>,
    /// The seconds within which a call should be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold_seconds: Option<u64>,
    /// Whether abandoned calls count, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_abandoned: Option<bool>,
    /// Calls that were abandoned within so many seconds don't count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abandoned_threshold_seconds: Option<u64>,
}

/// One extension, site, department or user group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Entry {
    /// Its key in reports: its id.
    pub key: String,
    /// What it is.
    pub kind: Kind,
    /// What it is by the API's word for types of extensions, which has more of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_type: Option<String>,
    /// The short number that colleagues dial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_number: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub status: Option<Status>,
    /// The site that it is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<Place>,
    /// The name of the user's department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The service level of a queue, if the list that it is from has it;
    /// [`Directory::service_level`](crate::Directory::service_level) always does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<ServiceLevel>,
}

impl Entry {
    /// An entry with a key alone.
    #[must_use]
    pub fn new(kind: Kind, key: impl Into<String>) -> Self {
        Self { key: key.into(), kind, ..Self::default() }
    }

    /// The name, or the key if there is none.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.key)
    }

    /// Whether it is in use, as far as the directory says.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status.as_ref().is_none_or(|status| *status == Status::Enabled)
    }

    pub(super) fn is(&self, kind: Option<Kind>) -> bool {
        let is_unknown = self.kind == Kind::Other && self.extension_type.is_none();
        is_unknown || kind.is_none_or(|kind| kind == self.kind)
    }

    /// Returns a sentence about an entry that isn't in use, such as `the queue "Returns" (153) is
    /// disabled`; `None` if it is in use.
    #[must_use]
    pub fn out_of_use(&self) -> Option<String> {
        let status = self.status.as_ref().filter(|_| !self.is_enabled())?;
        let name = self.name.as_ref().map(|name| quoted(name) + " ").unwrap_or_default();
        Some(format!("the {} {name}({}) is {status}", self.kind, self.key))
    }
}

/// Its name in quotation marks with its key, and its status unless it is in use.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        let status = self.status.as_ref().filter(|_| !self.is_enabled());
        let status = status.map(|status| format!(", {status}")).unwrap_or_default();
        // A name is any text: quoted, it can't steer a terminal.
        match &self.name {
            Some(name) => write!(f, "{} ({key}{status})", quoted(name)),
            None => write!(f, "{key}{status}"),
        }
    }
}

/// What identifies a record of a list.
pub(crate) trait Keyed {
    fn key(&self) -> &str;
}

impl Keyed for Entry {
    fn key(&self) -> &str {
        &self.key
    }
}
