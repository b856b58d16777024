//! The files that a history consists of now.

use jiff::civil::Date;
use serde::Serialize;

use super::Reader;
use crate::model::{
    file::Day,
    layout::{self, DIRECTORY},
    scope::Scope,
    table::SeriesName,
};

/// A file of a history: the rows of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DataFile {
    /// Where it is: below the location of the history, as that was named.
    pub path: String,
    /// The table: `daily`, `hourly`, `figures`, `agents` or `directory`.
    pub table: String,
    /// The calls that it is about, if not all: as in the names of folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The queue that the calls came through, in the table of agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The grouping; `None` in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouping: Option<String>,
    /// The day.
    pub date: Date,
    /// How many rows it has.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl Reader {
    /// Returns the files that the history consists of, by table, series and day: those that its
    /// manifest lists. In an object store, others may lie beside them while a sync runs.
    #[must_use]
    pub fn files(&self) -> Vec<DataFile> {
        let manifest = &self.inner.manifest;
        let series = manifest.series().flat_map(|(name, series)| {
            let files = series.days.iter().map(|(day, listed)| self.of_series(&name, *day, listed));
            files.collect::<Vec<_>>()
        });
        let directory = manifest.directory.iter().flat_map(|directory| &directory.days);
        let directory = directory.map(|(day, listed)| {
            let relative = layout::directory_part(*day, listed);
            self.file((DIRECTORY.to_owned(), relative), *day, listed)
        });
        series.chain(directory).collect()
    }

    fn of_series(&self, name: &SeriesName, day: Date, listed: &Day) -> DataFile {
        let relative = layout::part(name, day, listed);
        let scope = (name.scope != Scope::All).then(|| name.scope.to_string());
        let (queue, grouping) = (name.queue.clone(), Some(name.grouping.clone()));
        let file = self.file((name.table.to_string(), relative), day, listed);
        DataFile { scope, queue, grouping, ..file }
    }

    fn file(&self, (table, relative): (String, String), date: Date, listed: &Day) -> DataFile {
        DataFile {
            path: self.inner.place.at(&relative).to_string_lossy().into_owned(),
            table,
            scope: None,
            queue: None,
            grouping: None,
            date,
            rows: listed.rows,
            bytes: listed.bytes,
            sha256: listed.sha256.clone(),
        }
    }
}
