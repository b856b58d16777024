//! Who the keys of a history are.

use std::collections::{BTreeMap, BTreeSet};

use callperf::{
    GroupBy, Grouping,
    directory::{Entry, Kind, Listing, Status},
};

use crate::{
    error::{Error, Result},
    model::directory::{DirectoryRow, kind},
    read::Reader,
};

/// The groupings that the directory has entries of.
const IN_THE_DIRECTORY: [Grouping; 5] =
    [Grouping::Users, Grouping::Queues, Grouping::Ivrs, Grouping::SharedLines, Grouping::Sites];

impl Reader {
    /// Returns the keys that the history has of a grouping, with their newest names and numbers;
    /// `None` if it keeps none of them, or if they aren't entries of the directory.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn listing(&self, grouping: &Grouping) -> Result<Option<Listing>> {
        let Some(of_kind) = Kind::of(&GroupBy::from(grouping.clone())) else { return Ok(None) };
        let names = self.names(grouping.as_str())?;
        let directory = self.directory(None)?;
        let mut entries: BTreeMap<_, _> = names
            .iter()
            .flatten()
            .map(|(key, named)| {
                let mut entry = Entry::new(of_kind, key);
                entry.extension_number.clone_from(&named.extension);
                entry.name.clone_from(&named.name);
                (key.clone(), entry)
            })
            .collect();
        let rows = directory.iter().filter(|row| row.kind == kind(of_kind));
        let rows = rows.filter(|row| row.member_of.is_none());
        for row in rows {
            add(&mut entries, of_kind, row);
        }
        let is_kept = names.is_some() || !entries.is_empty();
        Ok(is_kept.then(|| Listing::new(entries.into_values())))
    }

    /// Returns all extensions and sites that the history has, with their newest names and numbers.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn entries(&self) -> Result<Listing> {
        let mut all = Vec::new();
        for grouping in IN_THE_DIRECTORY {
            all.extend(self.listing(&grouping)?.into_iter().flatten());
        }
        Ok(Listing::new(all))
    }

    /// Returns the key that a text stands for among all that the history has: a key, an extension
    /// number, or a name in any case. Keys of company numbers are the numbers.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] with the candidates, [`Error::NoKey`] with the nearest names, and if a
    /// file can't be read.
    pub fn key_of(&self, text: &str) -> Result<String> {
        let mut known = self.entries()?;
        let earlier = self.earlier_names()?;
        let is_key = known.get(text).is_some() || self.has_key(text)?;
        if is_key {
            return Ok(text.to_owned());
        }
        known.entries.extend(earlier);
        let matching = known.matching(None, text);
        let keys: BTreeSet<_> = matching.iter().map(|entry| &entry.key).collect();
        match keys.len() {
            1 => Ok(matching[0].key.clone()),
            0 => Err(Error::NoKey {
                path: self.path().to_owned(),
                reason: known.find(None, text).err().map(|it| it.to_string()).unwrap_or_default(),
            }),
            _ => Err(Error::Ambiguous {
                text: text.to_owned(),
                candidates: matching
                    .iter()
                    .map(|entry| format!("{} {entry}", entry.kind))
                    .collect(),
            }),
        }
    }

    /// What entries were called before, as far as the directory has it.
    fn earlier_names(&self) -> Result<Vec<Entry>> {
        let rows = self.directory_rows()?;
        let entries = rows.into_iter().filter(|row| row.member_of.is_none());
        let mut earlier: Vec<_> = entries
            .map(|row| {
                let mut entry = Entry::new(Kind::Other, &row.key);
                entry.name = row.name;
                entry
            })
            .collect();
        earlier.sort_by(|one, other| (&one.key, &one.name).cmp(&(&other.key, &other.name)));
        earlier.dedup();
        Ok(earlier)
    }

    /// Whether a grouping without entries in the directory has a key.
    fn has_key(&self, key: &str) -> Result<bool> {
        for grouping in self.groupings() {
            if self.names(&grouping)?.is_some_and(|names| names.contains_key(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn add(entries: &mut BTreeMap<String, Entry>, kind: Kind, row: &DirectoryRow) {
    let entry = entries.entry(row.key.clone()).or_insert_with(|| Entry::new(kind, &row.key));
    entry.extension_number.clone_from(&row.extension);
    entry.name.clone_from(&row.name);
    let status = row.is_deleted.then_some(Status::Deleted);
    entry.status = status.or_else(|| row.status.clone().map(Status::from));
}
