//! The tables of a history.

use std::fmt;

use callperf::Grouping;
use serde::{Deserialize, Serialize};

use super::scope::Scope;

/// The kinds of rows, each in a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Table {
    /// A row per key, day and number.
    Daily,
    /// A row per key, day and number, of the calls that key figures are about: see [`Scope`].
    Figures,
    /// A row per key, hour and number.
    Hourly,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Daily => "daily",
            Self::Figures => "figures",
            Self::Hourly => "hourly",
        })
    }
}

impl Table {
    /// All tables.
    pub(crate) const ALL: [Self; 3] = [Self::Daily, Self::Figures, Self::Hourly];
}

/// The days of one grouping in one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeriesName {
    pub(crate) table: Table,
    pub(crate) scope: Scope,
    pub(crate) grouping: String,
}

impl SeriesName {
    pub(crate) fn new(table: Table, grouping: impl Into<String>) -> Self {
        Self { table, scope: Scope::All, grouping: grouping.into() }
    }

    pub(crate) fn figures(scope: Scope, grouping: impl Into<String>) -> Self {
        Self { table: Table::Figures, scope, grouping: grouping.into() }
    }

    /// The name in the manifest, within the table.
    pub(crate) fn in_table(&self) -> String {
        match self.scope {
            Scope::All => self.grouping.clone(),
            scope => format!("{scope}/{}", self.grouping),
        }
    }

    /// The series of a name in the manifest.
    pub(crate) fn from_table(table: Table, name: &str) -> Self {
        let parts = name.split_once('/');
        let scoped = parts.and_then(|(scope, grouping)| Some((Scope::named(scope)?, grouping)));
        let (scope, grouping) = scoped.unwrap_or((Scope::All, name));
        Self { table, scope, grouping: grouping.to_owned() }
    }

    pub(crate) fn grouping(&self) -> Grouping {
        Grouping::from(self.grouping.as_str())
    }
}

impl fmt::Display for SeriesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scope {
            Scope::All => write!(f, "{} {}", self.table, self.grouping),
            scope => write!(f, "{} {scope} {}", self.table, self.grouping),
        }
    }
}
