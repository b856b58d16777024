//! Who the keys of a history are.

use std::collections::{BTreeMap, BTreeSet};

use callperf::{
    GroupBy, Grouping,
    directory::{Entry, Kind, Listing, Status},
};

use crate::{
    error::{Error, Result},
    model::directory::{DirectoryRow, Standing, kind},
    read::Reader,
};

/// The groupings that the directory has entries of.
const IN_THE_DIRECTORY: [Grouping; 5] =
    [Grouping::Users, Grouping::Queues, Grouping::Ivrs, Grouping::SharedLines, Grouping::Sites];

impl Reader {
    /// Returns the keys that the history has of a grouping, with their newest names and numbers;
    /// where it keeps the directory, queues have their settings of service level, too. `None` if it
    /// keeps none of the keys, or if they aren't entries of the directory.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn listing(&self, grouping: &Grouping) -> Result<Option<Listing>> {
        self.listing_with(&self.directory(None)?, grouping)
    }

    /// The same with the rows of the directory as it stands, which all groupings share.
    fn listing_with(
        &self,
        directory: &[DirectoryRow],
        grouping: &Grouping,
    ) -> Result<Option<Listing>> {
        let Some(of_kind) = Kind::of(&GroupBy::from(grouping.clone())) else { return Ok(None) };
        let names = self.names(grouping.as_str())?;
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
        self.entries_with(&self.directory(None)?)
    }

    fn entries_with(&self, directory: &[DirectoryRow]) -> Result<Listing> {
        let mut all = Vec::new();
        for grouping in IN_THE_DIRECTORY {
            all.extend(self.listing_with(directory, &grouping)?.into_iter().flatten());
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
        let rows = self.directory_rows()?;
        let mut standing = Standing::default();
        standing.take(rows.iter().cloned());
        let mut known = self.entries_with(&standing.rows().cloned().collect::<Vec<_>>())?;
        let is_key = known.get(text).is_some() || self.has_key(text)?;
        if is_key {
            return Ok(text.to_owned());
        }
        known.entries.extend(earlier_names(rows));
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

    /// Whether a grouping without entries in the directory has a key.
    fn has_key(&self, key: &str) -> Result<bool> {
        let is_listed =
            |name: &String| IN_THE_DIRECTORY.iter().any(|grouping| grouping.as_str() == name);
        for grouping in self.groupings().into_iter().filter(|name| !is_listed(name)) {
            if self.names(&grouping)?.is_some_and(|names| names.contains_key(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What entries were called before, as far as the directory has it.
fn earlier_names(rows: Vec<DirectoryRow>) -> Vec<Entry> {
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
    earlier
}

fn add(entries: &mut BTreeMap<String, Entry>, kind: Kind, row: &DirectoryRow) {
    let entry = entries.entry(row.key.clone()).or_insert_with(|| Entry::new(kind, &row.key));
    // What the directory lacks, the days may have.
    if row.extension.is_some() {
        entry.extension_number.clone_from(&row.extension);
    }
    if row.name.is_some() {
        entry.name.clone_from(&row.name);
    }
    entry.service_level = row.service_level();
    let status = row.is_deleted.then_some(Status::Deleted);
    entry.status = status.or_else(|| row.status.clone().map(Status::from));
}

#[cfg(test)]
mod tests {
    use callperf::directory::ServiceLevel;

    use super::*;

    fn queue(key: &str) -> Entry {
        Entry::new(Kind::Queue, key)
    }

    fn named(mut entry: Entry, name: &str, extension: &str) -> Entry {
        entry.name = Some(name.to_owned());
        entry.extension_number = Some(extension.to_owned());
        entry
    }

    #[test]
    fn the_directory_replaces_what_it_has_and_keeps_what_it_lacks() {
        let of_days = named(queue("9"), "Support", "900");
        let after = |row: &Entry| {
            let mut entries = BTreeMap::from([("9".to_owned(), of_days.clone())]);
            add(&mut entries, Kind::Queue, &DirectoryRow::of(row));
            entries.remove("9").unwrap()
        };
        assert_eq!(after(&queue("9")), of_days);
        assert_eq!(after(&named(queue("9"), "Desk", "901")), named(queue("9"), "Desk", "901"));
        let mut goal = queue("9");
        let mut level = ServiceLevel::default();
        (level.goal_percent, level.threshold_seconds) = (Some(82.5), Some(20));
        goal.service_level = Some(level.clone());
        assert_eq!(after(&goal).service_level, Some(level));
    }
}
