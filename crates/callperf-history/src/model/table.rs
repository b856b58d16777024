//! The tables of a history.

use std::fmt;

use callperf::{Filter, Grouping};
use serde::{Deserialize, Serialize};

use super::scope::Scope;

/// The kinds of rows, each in a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Table {
    /// A row per user, day and number, of the calls that came through one queue: see [`Scope`].
    Agents,
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
            Self::Agents => "agents",
            Self::Daily => "daily",
            Self::Figures => "figures",
            Self::Hourly => "hourly",
        })
    }
}

impl Table {
    /// All tables.
    pub(crate) const ALL: [Self; 4] = [Self::Agents, Self::Daily, Self::Figures, Self::Hourly];
}

/// The table of the calls of a scope; `None` for hours of calls that are kept by day alone.
pub(crate) fn table_of(scope: Scope, by_hour: bool) -> Option<Table> {
    match (scope, by_hour) {
        (Scope::All, true) => Some(Table::Hourly),
        (Scope::All, false) => Some(Table::Daily),
        (_, true) => None,
        (_, false) => Some(Table::Figures),
    }
}

/// The days of one grouping in one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeriesName {
    pub(crate) table: Table,
    pub(crate) scope: Scope,
    pub(crate) grouping: String,
    /// The queue that the calls came through, in the table of agents.
    pub(crate) queue: Option<String>,
}

impl SeriesName {
    pub(crate) fn new(table: Table, grouping: impl Into<String>) -> Self {
        Self { table, scope: Scope::All, grouping: grouping.into(), queue: None }
    }

    pub(crate) fn figures(scope: Scope, grouping: impl Into<String>) -> Self {
        Self { scope, ..Self::new(Table::Figures, grouping) }
    }

    /// The agents of a queue.
    pub(crate) fn agents(scope: Scope, queue: impl Into<String>) -> Self {
        let agents = Self::new(Table::Agents, Grouping::Users.as_str());
        Self { scope, queue: Some(queue.into()), ..agents }
    }

    /// The filters of its queries.
    pub(crate) fn filters(&self) -> Vec<Filter> {
        let queue = self.queue.iter().map(|queue| Filter::queues([queue.as_str()]));
        self.scope.filters().into_iter().chain(queue).collect()
    }

    /// The name of those that its keys are among.
    pub(crate) fn population(&self) -> String {
        match &self.queue {
            Some(queue) => format!("{queue}/{}", self.grouping),
            None => self.grouping.clone(),
        }
    }

    /// Whether it shows how many keys there are: a narrower scope may have fewer.
    pub(crate) fn is_widest(&self) -> bool {
        self.scope == Scope::All || (self.queue.is_some() && self.scope == Scope::Inbound)
    }

    /// The name in the manifest, within the table.
    pub(crate) fn in_table(&self) -> String {
        let scoped = match self.scope {
            Scope::All => self.grouping.clone(),
            scope => format!("{scope}/{}", self.grouping),
        };
        match &self.queue {
            Some(queue) => format!("{queue}/{scoped}"),
            None => scoped,
        }
    }

    /// The series of a name in the manifest.
    pub(crate) fn from_table(table: Table, name: &str) -> Self {
        let (queue, name) = match name.split_once('/') {
            Some((queue, name)) if table == Table::Agents => (Some(queue.to_owned()), name),
            _ => (None, name),
        };
        let parts = name.split_once('/');
        let scoped = parts.and_then(|(scope, grouping)| Some((Scope::named(scope)?, grouping)));
        let (scope, grouping) = scoped.unwrap_or((Scope::All, name));
        Self { table, scope, grouping: grouping.to_owned(), queue }
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
        }?;
        self.queue.iter().try_for_each(|queue| write!(f, " of queue {queue}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_found_by_its_name_in_the_manifest() {
        for series in [
            SeriesName::new(Table::Hourly, "Users"),
            SeriesName::figures(Scope::AbandonedWithin(20), "Queues"),
            SeriesName::agents(Scope::Answered, "1503200033"),
        ] {
            let found = SeriesName::from_table(series.table, &series.in_table());
            assert_eq!(found, series);
        }
        let agents = SeriesName::agents(Scope::Answered, "15");
        assert_eq!(agents.in_table(), "15/answered/Users");
        assert_eq!(agents.to_string(), "agents answered Users of queue 15");
    }
}
