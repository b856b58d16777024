//! The tables of a history.

use std::fmt;

use callperf::Grouping;
use serde::{Deserialize, Serialize};

/// The two kinds of rows, each in a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Table {
    /// A row per key, day and number.
    Daily,
    /// A row per key, hour and number.
    Hourly,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Daily => "daily",
            Self::Hourly => "hourly",
        })
    }
}

/// The days of one grouping in one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeriesName {
    pub(crate) table: Table,
    pub(crate) grouping: String,
}

impl SeriesName {
    pub(crate) fn new(table: Table, grouping: impl Into<String>) -> Self {
        Self { table, grouping: grouping.into() }
    }

    pub(crate) fn grouping(&self) -> Grouping {
        Grouping::from(self.grouping.as_str())
    }
}

impl fmt::Display for SeriesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.grouping)
    }
}
