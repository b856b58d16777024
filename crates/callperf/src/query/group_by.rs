//! What a query is grouped by.

use super::filter::trim;
use crate::words::vocabulary::{Grouping, MembersOf};

/// What a report has one record for, and which of them.
///
/// # Stored
/// `"Queues"` is a record for each of them. A table chooses: `{ each = "Queues", keys =
/// ["1503200033"] }`, or `names = ["Support"]` for [`GroupBy::named`]. Members are
/// `{ members_of = "Queue", keys = ["1503200033"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupBy {
    pub(crate) dimension: Dimension,
    pub(crate) keys: Vec<String>,
    /// Names whose keys have to be looked up.
    pub(crate) names: Vec<String>,
    /// `keys` was called, and no key was given.
    pub(crate) keys_given_empty: bool,
}

impl GroupBy {
    fn all_of(dimension: Dimension) -> Self {
        Self { dimension, keys: Vec::new(), names: Vec::new(), keys_given_empty: false }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    Each(Grouping),
    Members(MembersOf),
}

macro_rules! group_by {
    ($($(#[$meta:meta])* $name:ident => $dimension:expr;)+) => {
        impl GroupBy {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $name() -> Self {
                    Self::all_of($dimension)
                }
            )+
        }
    };
}

group_by! {
    /// One record for the whole account.
    company => Dimension::Each(Grouping::Company);
    /// One record per direct number of the company; keys are numbers in E.164 form.
    company_numbers => Dimension::Each(Grouping::CompanyNumbers);
    /// One record per user; keys are extension ids.
    users => Dimension::Each(Grouping::Users);
    /// One record per call queue; keys are extension ids.
    queues => Dimension::Each(Grouping::Queues);
    /// One record per IVR menu; keys are extension ids.
    ivrs => Dimension::Each(Grouping::Ivrs);
    /// One record per IVA, an automated agent; keys are extension ids (assumed). Not on the
    /// beta.
    ivas => Dimension::Each(Grouping::Ivas);
    /// One record per shared line; keys are extension ids. Not on the beta.
    shared_lines => Dimension::Each(Grouping::SharedLines);
    /// One record per user group.
    user_groups => Dimension::Each(Grouping::UserGroups);
    /// One record per site.
    sites => Dimension::Each(Grouping::Sites);
    /// One record per department.
    departments => Dimension::Each(Grouping::Departments);
    /// One record per user of the departments that the keys name, with all calls of the
    /// user.
    members_of_departments => Dimension::Members(MembersOf::Department);
    /// One record per user of the user groups that the keys name, with all calls of the
    /// user.
    members_of_user_groups => Dimension::Members(MembersOf::UserGroup);
    /// One record per agent of the queues that the keys name, with **all calls of the
    /// agent**.
    ///
    /// The keys choose the agents, not the calls: calls that came through another queue
    /// or through none count as well. [`Filter::queues`](super::Filter::queues) counts only calls that were
    /// routed through certain queues:
    ///
    /// ```
    /// use callperf::{Breakdown, Filter, GroupBy, Period, Query};
    ///
    /// // What Support's agents did for Support.
    /// let support = "1503200033";
    /// let query = Query::new(
    ///     GroupBy::members_of_queues().keys([support]),
    ///     Period::last_days(7),
    ///     "America/New_York",
    /// )
    /// .calls(Breakdown::Total)
    /// .only(Filter::queues([support]));
    /// ```
    ///
    /// A query with keys and without that filter has a
    /// [notice](crate::Notice::AllCallsOfAgents). The beta has no such filter.
    members_of_queues => Dimension::Members(MembersOf::Queue);
    /// One record per user of the sites that the keys name, with all calls of the user.
    members_of_sites => Dimension::Members(MembersOf::Site);
}

impl GroupBy {
    /// Adds these keys: only they are asked for.
    ///
    /// A key is the id of an extension, not its number; for company numbers it
    /// is the number. For members it is the id of what they belong to. Spaces around a key are left
    /// out.
    ///
    /// Without a call of this method all keys are asked for. A list that is computed
    /// and comes out empty doesn't mean that: the query is refused
    /// (`keys-empty`). [`GroupBy::all_keys`] asks for all.
    #[must_use]
    pub fn keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        let trimmed = |key: K| {
            let mut key = key.into();
            trim(&mut key);
            key
        };
        self.keys.extend(keys.into_iter().map(trimmed));
        self.keys_given_empty = self.keys.is_empty() && self.names.is_empty();
        self
    }

    /// Adds the keys of these names: only they are asked for.
    ///
    /// They are looked up when the first page is fetched: by the
    /// [`KeyResolver`](crate::KeyResolver) that the client was built with, or else in the company's
    /// [directory](crate::Client::directory), which takes the permission `ReadAccounts`. There a
    /// name may also be an extension number or a key; users, queues, IVRs, shared lines and sites
    /// have names, and so have the queues and sites whose members are asked for.
    /// [`Preview::names`](crate::Preview::names) lists those that aren't looked up yet.
    #[must_use]
    pub fn named<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.names.extend(names.into_iter().map(Into::into));
        self.keys_given_empty = self.keys.is_empty() && self.names.is_empty();
        self
    }

    /// What there is one record for each of; `None` for the members of something.
    #[must_use]
    pub fn grouping(&self) -> Option<&Grouping> {
        match &self.dimension {
            Dimension::Each(grouping) => Some(grouping),
            Dimension::Members(_) => None,
        }
    }

    /// Whose members there is one record each for, if it is grouped so.
    #[must_use]
    pub fn members_of(&self) -> Option<&MembersOf> {
        match &self.dimension {
            Dimension::Each(_) => None,
            Dimension::Members(members) => Some(members),
        }
    }

    /// The keys that are asked for; with no names either, all of them.
    #[must_use]
    pub fn chosen_keys(&self) -> &[String] {
        &self.keys
    }

    /// The names whose keys are asked for.
    #[must_use]
    pub fn chosen_names(&self) -> &[String] {
        &self.names
    }

    /// Whether all keys that exist are asked for.
    #[must_use]
    pub fn has_all_keys(&self) -> bool {
        self.keys.is_empty() && self.names.is_empty() && !self.keys_given_empty
    }

    /// The same with the keys of its names.
    pub(crate) fn with_keys_of_names(&self, keys: &[String]) -> Self {
        let named = Self { names: Vec::new(), ..self.clone() };
        named.keys(keys.iter().cloned())
    }

    /// The same with its names in the place of keys that aren't known.
    pub(crate) fn with_names_for_keys(&self) -> Self {
        if self.names.is_empty() { self.clone() } else { self.with_keys_of_names(&self.names) }
    }

    /// Asks for all keys that exist, also after a call of [`GroupBy::keys`].
    #[must_use]
    pub fn all_keys(self) -> Self {
        Self::all_of(self.dimension)
    }
}

/// What there is one record for, with the number of keys or names if they are chosen: `Queues`,
/// `members of Queue (2 chosen)`.
impl std::fmt::Display for GroupBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.dimension {
            Dimension::Each(grouping) => write!(f, "{grouping}")?,
            Dimension::Members(members) => write!(f, "members of {members}")?,
        }
        match self.keys.len() + self.names.len() {
            0 => Ok(()),
            chosen => write!(f, " ({chosen} chosen)"),
        }
    }
}

impl From<Grouping> for GroupBy {
    fn from(grouping: Grouping) -> Self {
        Self::all_of(Dimension::Each(grouping))
    }
}

impl From<MembersOf> for GroupBy {
    fn from(members: MembersOf) -> Self {
        Self::all_of(Dimension::Members(members))
    }
}
