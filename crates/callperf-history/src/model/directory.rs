//! The company's directory, as it was on the days on which it changed.

use std::collections::{BTreeMap, BTreeSet};

use callperf::directory::{Entry, Kind, ServiceLevel};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Day;

/// A row of the table `directory`: schema 1.
///
/// It is an entry of the company's directory, or, where `member_of` is there, that an extension
/// belongs to a queue. A day's file has the rows that became others on that day, as far as the
/// sync of that day could see; the newest row of a `kind`, a `member_of` and a `key` is how
/// things stand. `date` is in the path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct DirectoryRow {
    /// The entry's id, which reports have as its key; in a row of a membership the member's.
    pub key: String,
    /// What it is, by the names of groupings: `Users`, `Queues`, `IVRs`, `SharedLines`, `Sites`,
    /// or `Other`; in a row of a membership what the key belongs to.
    pub kind: String,
    /// The key of the queue that the key belongs to.
    pub member_of: Option<String>,
    /// The extension's number.
    pub extension: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// Whether it is in use, by the API's word: `Enabled`, `Disabled`, …
    pub status: Option<String>,
    /// The key of the site that it is at.
    pub site: Option<String>,
    /// The name of the user's department.
    pub department: Option<String>,
    /// The percentage of a queue's calls that should be answered in time.
    pub goal_percent: Option<f64>,
    /// The seconds within which a queue's call should be answered.
    pub threshold_seconds: Option<i64>,
    /// Whether abandoned calls count in the queue's service level, too.
    pub counts_abandoned: Option<bool>,
    /// A queue's calls that were abandoned within so many seconds don't count.
    pub abandoned_threshold_seconds: Option<i64>,
    /// Whether the directory has it no more. What it was stays.
    pub is_deleted: bool,
}

pub(crate) const DIRECTORY_COLUMNS: &str = "message callperf_directory {
    required binary key (STRING);
    required binary kind (STRING);
    optional binary member_of (STRING);
    optional binary extension (STRING);
    optional binary name (STRING);
    optional binary status (STRING);
    optional binary site (STRING);
    optional binary department (STRING);
    optional double goal_percent;
    optional int64 threshold_seconds;
    optional boolean counts_abandoned;
    optional int64 abandoned_threshold_seconds;
    required boolean is_deleted;
}";

/// What the manifest has of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DirectoryDays {
    /// The days on which it changed.
    pub(crate) days: BTreeMap<Date, Day>,
    /// The file that is about to take a place, or has: it can't be fetched again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) changing: Option<(Date, Day)>,
}

/// What a row is about.
type Place = (String, Option<String>, String);

/// How things stand: the newest row of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standing(BTreeMap<Place, DirectoryRow>);

impl Standing {
    /// Takes in the rows of a later day.
    pub(crate) fn take(&mut self, rows: impl IntoIterator<Item = DirectoryRow>) {
        self.0.extend(rows.into_iter().map(|row| (row.place(), row)));
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &DirectoryRow> {
        self.0.values()
    }

    /// The rows that make this what came, in their order.
    pub(crate) fn changes_to(&self, came: &Came) -> Vec<DirectoryRow> {
        let mut now = Self::default();
        now.take(came.rows.iter().cloned());
        let gone = self.0.iter().filter(|(place, row)| {
            !row.is_deleted && !now.0.contains_key(*place) && came.says_that_it_is_gone(row)
        });
        let gone = gone.map(|(_, row)| DirectoryRow { is_deleted: true, ..row.clone() });
        let changed = now.0.iter().filter(|(place, row)| self.0.get(*place) != Some(*row));
        let mut all: Vec<_> = changed.map(|(_, row)| row.clone()).chain(gone).collect();
        all.sort_by_key(DirectoryRow::place);
        all
    }
}

/// What the directory has now, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Came {
    pub(crate) rows: Vec<DirectoryRow>,
    /// Whether lists may lack something.
    pub(crate) is_incomplete: bool,
    /// Queues whose members couldn't be read.
    pub(crate) unread: BTreeSet<String>,
}

impl Came {
    fn says_that_it_is_gone(&self, row: &DirectoryRow) -> bool {
        let is_unread = row.member_of.as_ref().is_some_and(|queue| self.unread.contains(queue));
        !self.is_incomplete && !is_unread
    }
}

impl DirectoryRow {
    fn place(&self) -> Place {
        (self.kind.clone(), self.member_of.clone(), self.key.clone())
    }

    pub(crate) fn of(entry: &Entry) -> Self {
        let seconds = |seconds: Option<u64>| seconds.and_then(|it| i64::try_from(it).ok());
        let level = entry.service_level.clone().unwrap_or_default();
        Self {
            key: entry.key.clone(),
            kind: kind(entry.kind).to_owned(),
            member_of: None,
            extension: entry.extension_number.clone(),
            name: entry.name.clone(),
            status: entry.status.as_ref().map(|status| status.as_str().to_owned()),
            site: entry.site.as_ref().map(|site| site.key.clone()),
            department: entry.department.clone(),
            goal_percent: level.goal_percent,
            threshold_seconds: seconds(level.threshold_seconds),
            counts_abandoned: level.counts_abandoned,
            abandoned_threshold_seconds: seconds(level.abandoned_threshold_seconds),
            is_deleted: false,
        }
    }

    /// A queue's setting, if the row has any of it.
    pub(crate) fn service_level(&self) -> Option<ServiceLevel> {
        let seconds = |seconds: Option<i64>| seconds.and_then(|it| u64::try_from(it).ok());
        let mut level = ServiceLevel::default();
        level.goal_percent = self.goal_percent;
        level.threshold_seconds = seconds(self.threshold_seconds);
        level.counts_abandoned = self.counts_abandoned;
        level.abandoned_threshold_seconds = seconds(self.abandoned_threshold_seconds);
        (level != ServiceLevel::default()).then_some(level)
    }

    /// That an extension belongs to a queue.
    pub(crate) fn member(key: &str, queue: &str) -> Self {
        let (key, kind) = (key.to_owned(), kind(Kind::Queue).to_owned());
        Self { key, kind, member_of: Some(queue.to_owned()), ..Self::default() }
    }

    /// Whether it is about one of these keys.
    pub(crate) fn is_about(&self, keys: &BTreeSet<String>) -> bool {
        self.keys().any(|key| keys.contains(key))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.key).chain(&self.member_of)
    }
}

/// As the folders of groupings are named.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "Users",
        Kind::Queue => "Queues",
        Kind::Ivr => "IVRs",
        Kind::SharedLine => "SharedLines",
        Kind::Site => "Sites",
        Kind::Department => "Departments",
        Kind::UserGroup => "UserGroups",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use callperf::GroupBy;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    fn user(key: &str, name: &str) -> DirectoryRow {
        let mut entry = Entry::new(Kind::User, key);
        entry.name = Some(name.to_owned());
        DirectoryRow::of(&entry)
    }

    fn came(rows: &[DirectoryRow]) -> Came {
        Came { rows: rows.to_vec(), ..Came::default() }
    }

    fn shown(rows: &[DirectoryRow]) -> Vec<String> {
        let show = |row: &DirectoryRow| {
            let name = row.name.as_deref().or(row.member_of.as_deref()).unwrap_or("-");
            format!("{} {name}{}", row.key, if row.is_deleted { " gone" } else { "" })
        };
        rows.iter().map(show).collect()
    }

    #[test]
    fn a_day_has_what_became_other_and_what_is_gone_stays() {
        let mut standing = Standing::default();
        let first = [user("2", "Ann"), user("1", "Bob"), DirectoryRow::member("1", "9")];
        let changes = standing.changes_to(&came(&first));
        assert_eq!(shown(&changes), ["1 9", "1 Bob", "2 Ann"]);
        standing.take(changes);
        assert_eq!(standing.changes_to(&came(&first)), []);
        // One is renamed, one leaves a queue, one leaves.
        let changes = standing.changes_to(&came(&[user("2", "Anna")]));
        assert_eq!(shown(&changes), ["1 9 gone", "1 Bob gone", "2 Anna"]);
        standing.take(changes);
        assert_eq!(standing.changes_to(&came(&[user("2", "Anna")])), [], "gone once");
        assert_eq!(standing.rows().count(), 3);
        // And comes back.
        assert_eq!(shown(&standing.changes_to(&came(&first))), ["1 9", "1 Bob", "2 Ann"]);
    }

    #[test]
    fn what_could_not_be_read_is_not_gone() {
        let mut standing = Standing::default();
        let members = [DirectoryRow::member("1", "9"), DirectoryRow::member("1", "8")];
        standing.take([user("1", "Bob")].into_iter().chain(members));
        let incomplete = Came { is_incomplete: true, ..Came::default() };
        assert_eq!(standing.changes_to(&incomplete), []);
        let unread = BTreeSet::from(["9".to_owned()]);
        let partly = Came { rows: vec![user("1", "Bob")], unread, ..Came::default() };
        assert_eq!(shown(&standing.changes_to(&partly)), ["1 8 gone"]);
    }

    /// Views join the two by them.
    #[test]
    fn kinds_are_named_as_groupings() {
        for group_by in [
            GroupBy::users(),
            GroupBy::queues(),
            GroupBy::ivrs(),
            GroupBy::shared_lines(),
            GroupBy::sites(),
            GroupBy::departments(),
            GroupBy::user_groups(),
        ] {
            let name = Kind::of(&group_by).map(kind);
            assert_eq!(name, group_by.grouping().map(callperf::Grouping::as_str));
        }
    }

    #[test]
    fn every_column_is_described() {
        let columns = parse_message_type(DIRECTORY_COLUMNS).unwrap();
        let mut names: Vec<_> =
            columns.get_fields().iter().map(|field| field.name().to_owned()).collect();
        names.sort_unstable();
        let schema = serde_json::to_value(schemars::schema_for!(DirectoryRow)).unwrap();
        let described: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, described);
        let required = schema["required"].as_array().unwrap();
        for field in columns.get_fields() {
            let is_required = required.iter().any(|name| name == field.name());
            assert_eq!(field.is_optional(), !is_required, "{}", field.name());
        }
    }
}
