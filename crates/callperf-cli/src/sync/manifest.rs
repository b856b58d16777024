//! What a folder holds, and of what.

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::plan::Table;
use crate::Failure;

/// Raised when the meaning or the columns of the files change.
pub(crate) const SCHEMA: u32 = 1;

const FORMAT: &str = "callperf-sync";

/// The content of `manifest.json`. Nothing in it depends on when it was written:
/// the same history is the same manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: String,
    pub(super) schema: u32,
    /// The account's id, where a call has told it.
    pub(super) account: Option<String>,
    /// The IANA name of the zone that days and hours are cut in.
    pub(super) time_zone: String,
    pub(super) tables: BTreeMap<Table, BTreeMap<String, Series>>,
}

/// The days of one grouping in one table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Series {
    /// The first day that is wanted.
    pub(super) first: Date,
    /// The last day that is there.
    pub(super) high_water: Option<Date>,
    /// All days that are there.
    pub(super) days: BTreeMap<Date, Day>,
}

/// The file of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// What any version's manifest begins with.
#[derive(Deserialize)]
struct Heading {
    format: String,
    schema: u32,
}

impl Manifest {
    pub(super) fn new(account: Option<String>, time_zone: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            schema: SCHEMA,
            account,
            time_zone,
            tables: BTreeMap::new(),
        }
    }

    /// # Errors
    /// For a manifest of another version, and for one that is damaged.
    pub(super) fn parse(text: &[u8], file: &Path) -> Result<Self, Failure> {
        let place = file.display();
        let damaged = |error: serde_json::Error| {
            Failure::Data(format!(
                "{place}: it is damaged: {error}; put a copy in its place, or begin another folder"
            ))
        };
        let heading: Heading = serde_json::from_slice(text).map_err(damaged)?;
        if heading.format != FORMAT {
            return Err(Failure::Usage(format!(
                "{place} is another program's; choose another folder"
            )));
        }
        if heading.schema != SCHEMA {
            return Err(Failure::Usage(format!(
                "{place} is of schema {}, and this version of callperf writes schema {SCHEMA}; \
                 choose another folder, or the version that wrote it",
                heading.schema
            )));
        }
        serde_json::from_slice(text).map_err(damaged)
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, Failure> {
        let mut text = serde_json::to_vec_pretty(self).map_err(std::io::Error::from)?;
        text.push(b'\n');
        Ok(text)
    }

    /// # Errors
    /// For another account than the folder's.
    pub(super) fn of_account(
        mut self,
        account: Option<String>,
        out: &Path,
    ) -> Result<Self, Failure> {
        match (&self.account, account) {
            (Some(own), Some(other)) if *own != other => Err(Failure::Usage(format!(
                "{} holds the calls of account {own}, and this is account {other}; choose another \
                 folder, or log in to the other account",
                out.display()
            ))),
            (None, account) => {
                self.account = account;
                Ok(self)
            }
            _ => Ok(self),
        }
    }

    /// Goes on with a grouping, or begins it; an earlier beginning is taken over.
    pub(super) fn keep(&mut self, table: Table, grouping: &str, first: Date) {
        let groupings = self.tables.entry(table).or_default();
        let series = groupings.entry(grouping.to_owned()).or_insert_with(|| Series {
            first,
            high_water: None,
            days: BTreeMap::new(),
        });
        series.first = series.first.min(first);
    }

    pub(super) fn series(&self) -> impl Iterator<Item = (Table, &str, &Series)> {
        self.tables.iter().flat_map(|(table, groupings)| {
            groupings.iter().map(|(grouping, series)| (*table, grouping.as_str(), series))
        })
    }

    pub(super) fn add(&mut self, table: Table, grouping: &str, day: Date, entry: Day) {
        let groupings = self.tables.entry(table).or_default();
        if let Some(series) = groupings.get_mut(grouping) {
            series.days.insert(day, entry);
            series.high_water = series.high_water.max(Some(day));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (u8, String) {
        let failure = Manifest::parse(text.as_bytes(), Path::new("DIR/manifest.json")).unwrap_err();
        (failure.exit_code(), failure.to_string())
    }

    #[test]
    fn another_version_is_refused_and_damage_is_told_apart() {
        let (code, text) = refusal(r#"{"format": "callperf-sync", "schema": 2, "new": true}"#);
        assert_eq!(code, 2);
        assert!(text.contains("is of schema 2") && text.contains("writes schema 1"), "{text}");
        assert_eq!(refusal(r#"{"format": "others", "schema": 1}"#).0, 2);
        for damaged in ["", "{", "[]", r#"{"format": "callperf-sync", "schema": 1}"#] {
            let (code, text) = refusal(damaged);
            assert_eq!(code, 5, "{damaged}");
            assert!(text.starts_with("DIR/manifest.json: it is damaged"), "{text}");
        }
    }

    #[test]
    fn a_folder_has_one_account() {
        let of = |own: Option<&str>, other: Option<&str>| {
            let manifest = Manifest::new(own.map(str::to_owned), "UTC".to_owned());
            let kept = manifest.of_account(other.map(str::to_owned), Path::new("DIR"));
            kept.map(|manifest| manifest.account).map_err(|failure| failure.to_string())
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
        manifest.keep(Table::Hourly, "Users", day);
        manifest.keep(Table::Hourly, "Users", "2026-11-24".parse().unwrap());
        manifest.add(
            Table::Hourly,
            "Users",
            day,
            Day { rows: 1, bytes: 2, sha256: "3".to_owned() },
        );
        let text = manifest.to_json().unwrap();
        let back = Manifest::parse(&text, Path::new("m")).unwrap();
        assert_eq!(back.to_json().unwrap(), text);
        let series = &back.tables[&Table::Hourly]["Users"];
        assert_eq!((series.first, series.high_water), (day, Some(day)));
    }
}
