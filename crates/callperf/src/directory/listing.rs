//! What the directory has of a kind.

use std::{collections::HashMap, ops::Deref, slice, vec};

use serde::{Deserialize, Serialize};

use super::{entry::Entry, entry::Kind, lookup, lookup::Sought, not_found::NotFound};
use crate::report::Notice;

/// Entries of the directory, with what a reader of them should know.
///
/// ```
/// use callperf::directory::{Entry, Kind, Listing};
///
/// let mut support = Entry::new(Kind::Queue, "1503200033");
/// support.name = Some("Support".to_owned());
/// let listing = Listing::new([support]);
///
/// assert_eq!(listing.find(Kind::Queue, "support").unwrap().key, "1503200033");
/// let error = listing.find(Kind::Queue, "Suport").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no queue is named \"Suport\"; did you mean \"Support\" (1503200033)?"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Listing {
    /// The entries, in the order of the server.
    pub entries: Vec<Entry>,
    /// What a reader should know: pages that don't go together, entries that can't be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

impl Listing {
    /// A listing of these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self { entries: entries.into_iter().collect(), notices: Vec::new() }
    }

    /// The entries of a kind, with the notices.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Self {
        let entries = self.entries.iter().filter(|entry| entry.kind == kind);
        Self { entries: entries.cloned().collect(), notices: self.notices.clone() }
    }

    /// The entry with this key, of any kind.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The names by key, of the entries that have one.
    #[must_use]
    pub fn names(&self) -> HashMap<&str, &str> {
        let named = self.entries.iter();
        named.filter_map(|entry| Some((&*entry.key, entry.name.as_deref()?))).collect()
    }

    /// Returns the entry that a text stands for: a key, an extension number, a name, or a name in
    /// another case, in this order. `None` in place of a kind is any kind.
    ///
    /// An entry that isn't in use is found, too; see [`Entry::is_enabled`].
    ///
    /// # Errors
    /// A text that stands for nothing or for several entries; the message has the nearest names,
    /// or the candidates.
    pub fn find(&self, kind: impl Into<Option<Kind>>, text: &str) -> Result<&Entry, NotFound> {
        lookup::find(&self.entries, kind.into(), &Sought::of(text))
    }

    /// All entries that a text stands for by key, extension number or name in any case, in the order
    /// of the listing. [`find`](Self::find) takes the key before the number and the number before
    /// the name: with more than one here, another may have been meant.
    pub fn matching(&self, kind: impl Into<Option<Kind>>, text: &str) -> Vec<&Entry> {
        lookup::matching(&self.entries, kind.into(), &Sought::of(text))
    }

    pub(crate) fn find_sought(&self, kind: Kind, sought: &Sought) -> Result<&Entry, NotFound> {
        lookup::find(&self.entries, Some(kind), sought)
    }
}

impl Deref for Listing {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

impl IntoIterator for Listing {
    type Item = Entry;
    type IntoIter = vec::IntoIter<Entry>;

    fn into_iter(self) -> vec::IntoIter<Entry> {
        self.entries.into_iter()
    }
}

impl<'a> IntoIterator for &'a Listing {
    type Item = &'a Entry;
    type IntoIter = slice::Iter<'a, Entry>;

    fn into_iter(self) -> slice::Iter<'a, Entry> {
        self.entries.iter()
    }
}
