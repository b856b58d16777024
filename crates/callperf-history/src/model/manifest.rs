//! What a folder holds, and of what.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    directory::DirectoryDays,
    file::Day,
    layout,
    table::{SeriesName, Table},
};
use crate::error::{Error, Result};

/// Of the files; raised when their meaning or their columns change.
pub(crate) const FILES: u32 = 1;

/// Of a manifest with tables that earlier versions don't know. One without them stays a manifest
/// of the first schema, which all versions read.
pub(crate) const SCHEMA: u32 = 2;
const FIRST_SCHEMA: u32 = 1;

const FORMAT: &str = "callperf-sync";

/// The content of `manifest.json`. Nothing in it depends on when it was written:
/// the same history is the same manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: String,
    pub(crate) schema: u32,
    /// The account's id, if a call has shown it.
    pub(crate) account: Option<String>,
    /// The IANA name of the zone that days and hours are cut in.
    pub(crate) time_zone: String,
    pub(crate) tables: BTreeMap<Table, BTreeMap<String, Series>>,
    /// The files of the directory, if it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) directory: Option<DirectoryDays>,
    /// Digests of the keys that were erased.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    forgotten: BTreeSet<String>,
    /// The keys that are being erased.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) forgetting: BTreeSet<String>,
    /// Objects of an object store that no run may name from here on, because they are being
    /// removed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) removing: BTreeSet<String>,
}

/// What a file of the manifest is of.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Series(SeriesName, Date),
    Directory(Date),
}

/// The keys that are kept out of a history, by their digests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forgotten {
    account: String,
    digests: BTreeSet<String>,
}

impl Forgotten {
    pub(crate) fn has(&self, key: &str) -> bool {
        !self.digests.is_empty() && self.digests.contains(&self.digest(key))
    }

    fn digest(&self, key: &str) -> String {
        let digest = hmac_sha256::Hash::hash(format!("{}/{key}", self.account).as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }
}

/// The days of one grouping in one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Series {
    /// The first day that is wanted.
    pub(crate) first: Date,
    /// The last day that is there.
    pub(crate) high_water: Option<Date>,
    /// All days that are there.
    pub(crate) days: BTreeMap<Date, Day>,
}

/// What any version's manifest begins with.
#[derive(Deserialize)]
struct Heading {
    format: String,
    schema: u32,
}

impl Manifest {
    pub(crate) fn new(account: Option<String>, time_zone: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            schema: FIRST_SCHEMA,
            account,
            time_zone,
            tables: BTreeMap::new(),
            directory: None,
            forgotten: BTreeSet::new(),
            forgetting: BTreeSet::new(),
            removing: BTreeSet::new(),
        }
    }

    /// Lets keys be erased, and kept out from now on. Earlier versions would fetch them again.
    pub(crate) fn forget(&mut self, keys: &BTreeSet<String>) {
        self.schema = SCHEMA;
        let forgotten = self.forgotten();
        self.forgotten.extend(keys.iter().map(|key| forgotten.digest(key)));
        self.forgetting.extend(keys.iter().cloned());
    }

    /// Keeps the agents of queues that were erased no more. Whether there were any.
    pub(crate) fn remove_forgotten_agents(&mut self) -> bool {
        let forgotten = self.forgotten();
        let Some(agents) = self.tables.get_mut(&Table::Agents) else { return false };
        let before = agents.len();
        agents.retain(|name, _| {
            let queue = SeriesName::from_table(Table::Agents, name).queue;
            !queue.is_some_and(|queue| forgotten.has(&queue))
        });
        agents.len() < before
    }

    /// Lets the directory be kept. Earlier versions don't know it.
    pub(crate) fn keep_directory(&mut self) {
        self.schema = SCHEMA;
        self.directory.get_or_insert_default();
    }

    /// Lets the agents of queues be kept.
    pub(crate) fn keep_agents(&mut self) {
        self.schema = SCHEMA;
        self.tables.entry(Table::Agents).or_default();
    }

    /// Whether the agents of queues are kept.
    pub(crate) fn keeps_agents(&self) -> bool {
        self.tables.contains_key(&Table::Agents)
    }

    /// The keys that are kept out.
    pub(crate) fn forgotten(&self) -> Forgotten {
        let account = self.account.clone().unwrap_or_default();
        Forgotten { account, digests: self.forgotten.clone() }
    }

    /// # Errors
    /// For a manifest of another version, and for one that is damaged.
    pub(crate) fn parse(text: &[u8], file: &Path) -> Result<Self> {
        let damaged = |error: serde_json::Error| Error::Damaged {
            file: file.to_owned(),
            reason: error.to_string(),
        };
        let heading: Heading = serde_json::from_slice(text).map_err(damaged)?;
        if heading.format != FORMAT {
            return Err(Error::OtherFormat { file: file.to_owned() });
        }
        if !(FIRST_SCHEMA..=SCHEMA).contains(&heading.schema) {
            let (file, found) = (file.to_owned(), heading.schema);
            return Err(Error::OtherSchema { file, found, known: SCHEMA });
        }
        let manifest: Self = serde_json::from_slice(text).map_err(damaged)?;
        if manifest.has_sound_names() {
            Ok(manifest)
        } else {
            let reason = "the name of a file leads elsewhere".to_owned();
            Err(Error::Damaged { file: file.to_owned(), reason })
        }
    }

    pub(crate) fn to_json(&self) -> io::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// # Errors
    /// For another account than the folder's.
    pub(crate) fn of_account(mut self, account: Option<String>, folder: &Path) -> Result<Self> {
        match (&self.account, account) {
            (Some(own), Some(other)) if *own != other => {
                let (path, own) = (folder.to_owned(), own.clone());
                Err(Error::OtherAccount { path, own, other })
            }
            (None, account) => {
                self.account = account;
                Ok(self)
            }
            _ => Ok(self),
        }
    }

    /// Goes on with a grouping, or begins it; an earlier beginning is taken over.
    pub(crate) fn keep(&mut self, name: &SeriesName, first: Date) {
        if name.table == Table::Figures {
            self.schema = SCHEMA;
        }
        let all = self.tables.entry(name.table).or_default();
        let series = all.entry(name.in_table()).or_insert_with(|| Series {
            first,
            high_water: None,
            days: BTreeMap::new(),
        });
        series.first = series.first.min(first);
    }

    /// The first day that is wanted of any series.
    pub(crate) fn first(&self) -> Option<Date> {
        self.series().map(|(_, series)| series.first).min()
    }

    /// Lets all series begin on a day, unless they begin earlier.
    pub(crate) fn begin_by(&mut self, first: Date) {
        for series in self.tables.values_mut().flat_map(BTreeMap::values_mut) {
            series.first = series.first.min(first);
        }
    }

    pub(crate) fn series(&self) -> impl Iterator<Item = (SeriesName, &Series)> {
        self.tables.iter().flat_map(|(table, all)| {
            all.iter().map(|(name, series)| (SeriesName::from_table(*table, name), series))
        })
    }

    pub(crate) fn get(&self, name: &SeriesName) -> Option<&Series> {
        self.tables.get(&name.table)?.get(&name.in_table())
    }

    pub(crate) fn add(&mut self, name: &SeriesName, day: Date, entry: Day) {
        let all = self.tables.entry(name.table).or_default();
        if let Some(series) = all.get_mut(&name.in_table()) {
            series.days.insert(day, entry);
            series.high_water = series.high_water.max(Some(day));
        }
    }

    /// The entry of a file.
    pub(crate) fn entry(&self, part: &Part) -> Option<&Day> {
        match part {
            Part::Series(name, day) => self.get(name)?.days.get(day),
            Part::Directory(day) => self.directory.as_ref()?.days.get(day),
        }
    }

    /// Lists a file.
    pub(crate) fn list(&mut self, part: &Part, entry: Day) {
        match part {
            Part::Series(name, day) => self.add(name, *day, entry),
            Part::Directory(day) => {
                if let Some(directory) = &mut self.directory {
                    directory.days.insert(*day, entry);
                    directory.changing = None;
                }
            }
        }
    }

    /// The files that are listed, relative to the history.
    pub(crate) fn files(&self) -> impl Iterator<Item = String> {
        let series = self.series().flat_map(|(name, series)| {
            let part = move |(day, listed): (&Date, &Day)| layout::part(&name, *day, listed);
            series.days.iter().map(part).collect::<Vec<_>>()
        });
        let directory = self.directory.iter().flat_map(|directory| &directory.days);
        series.chain(directory.map(|(day, listed)| layout::directory_part(*day, listed)))
    }

    /// Whether keys are erased that weren't before.
    #[cfg(feature = "object-store")]
    pub(crate) fn erases_since(&self, base: &Self) -> bool {
        !self.forgotten.is_subset(&base.forgotten)
    }

    /// Erases what another run does since `base`, too.
    #[cfg(feature = "object-store")]
    pub(super) fn forget_alike(&mut self, base: &Self, other: &Self) {
        self.forgotten = set(&base.forgotten, &other.forgotten, &self.forgotten);
        self.forgetting = set(&base.forgetting, &other.forgetting, &self.forgetting);
    }

    fn has_sound_names(&self) -> bool {
        let changing = self.directory.iter().filter_map(|it| it.changing.as_ref());
        let directory = self.directory.iter().flat_map(|it| it.days.values());
        let series = self.series().flat_map(|(_, series)| series.days.values());
        series.chain(directory).chain(changing.map(|(_, day)| day)).all(Day::has_sound_name)
    }
}

impl Part {
    /// The folder of the file, relative to the history.
    pub(crate) fn partition(&self) -> String {
        match self {
            Self::Series(name, day) => layout::partition(name, *day),
            Self::Directory(day) => layout::directory_partition(*day),
        }
    }
}

#[cfg(feature = "object-store")]
/// What both runs put into a set and took out of it.
pub(super) fn set(
    base: &BTreeSet<String>,
    mine: &BTreeSet<String>,
    theirs: &BTreeSet<String>,
) -> BTreeSet<String> {
    let taken_out: BTreeSet<_> = base.difference(mine).collect();
    let kept = theirs.iter().filter(|name| !taken_out.contains(name));
    kept.chain(mine.difference(base)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Scope;

    fn refusal(text: &str) -> Error {
        Manifest::parse(text.as_bytes(), Path::new("DIR/manifest.json")).unwrap_err()
    }

    #[test]
    fn another_version_is_refused_and_damage_is_another_error() {
        let newer = refusal(r#"{"format": "callperf-sync", "schema": 3, "new": true}"#);
        assert!(matches!(newer, Error::OtherSchema { found: 3, known: 2, .. }), "{newer}");
        let other = refusal(r#"{"format": "others", "schema": 1}"#);
        assert!(matches!(other, Error::OtherFormat { .. }), "{other}");
        for damaged in ["", "{", "[]", r#"{"format": "callperf-sync", "schema": 1}"#] {
            let error = refusal(damaged);
            assert!(matches!(error, Error::Damaged { .. }), "{damaged}: {error}");
            assert!(error.to_string().starts_with("DIR/manifest.json: it is damaged"), "{error}");
        }
    }

    #[test]
    fn a_folder_has_one_account() {
        let of = |own: Option<&str>, other: Option<&str>| {
            let manifest = Manifest::new(own.map(str::to_owned), "UTC".to_owned());
            let kept = manifest.of_account(other.map(str::to_owned), Path::new("DIR"));
            kept.map(|manifest| manifest.account).map_err(|error| error.to_string())
        };
        assert_eq!(of(Some("1"), Some("1")).unwrap().as_deref(), Some("1"));
        assert_eq!(of(Some("1"), None).unwrap().as_deref(), Some("1"));
        assert_eq!(of(None, Some("2")).unwrap().as_deref(), Some("2"));
        assert!(of(Some("1"), Some("2")).unwrap_err().contains("account 1, and this is account 2"));
    }

    #[test]
    fn a_manifest_comes_back_as_it_was() {
        let mut manifest = Manifest::new(Some("1".to_owned()), "Europe/Zurich".to_owned());
        let day: Date = "2026-11-23".parse().unwrap();
        let users = SeriesName::new(Table::Hourly, "Users");
        manifest.keep(&users, day);
        manifest.keep(&users, "2026-11-24".parse().unwrap());
        manifest.add(&users, day, Day { rows: 1, bytes: 2, sha256: "3".to_owned(), file: None });
        let text = manifest.to_json().unwrap();
        let back = Manifest::parse(&text, Path::new("m")).unwrap();
        assert_eq!(back.to_json().unwrap(), text);
        let series = &back.tables[&Table::Hourly]["Users"];
        assert_eq!((series.first, series.high_water), (day, Some(day)));
    }

    /// A program that knows the first schema alone goes on with it.
    #[test]
    fn a_manifest_is_of_the_second_schema_only_if_it_needs_it() {
        let mut manifest = Manifest::new(None, "UTC".to_owned());
        manifest.keep(&SeriesName::new(Table::Daily, "Users"), "2026-11-23".parse().unwrap());
        assert_eq!(manifest.schema, 1);
        let figures = SeriesName::figures(Scope::Answered, "Users");
        manifest.keep(&figures, "2026-11-23".parse().unwrap());
        assert_eq!(manifest.schema, 2);
        let text = manifest.to_json().unwrap();
        let back = Manifest::parse(&text, Path::new("m")).unwrap();
        assert!(back.series().any(|(name, _)| name == figures));
    }
}
