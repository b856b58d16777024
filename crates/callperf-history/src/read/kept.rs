//! Which days a history can answer a query for.

use callperf::{Interval, Query};
use jiff::civil::Date;

use super::{Reader, narrowing, question::series};
use crate::model::table::table_of;

impl Reader {
    /// Returns the days that the history has of the calls of a query, in any period; none if
    /// it keeps no such calls. `interval` is that of a timeline: hours are kept apart from days.
    ///
    /// Days are missing in between if a sync was left out for longer than the API remembers.
    #[must_use]
    pub fn kept_days(&self, query: &Query, interval: Option<&Interval>) -> Vec<Date> {
        let Ok((queue, filters)) = narrowing::queue(query.filters()) else { return Vec::new() };
        let Ok(scope) = narrowing::scope(&filters) else { return Vec::new() };
        let Some(grouping) = query.group_by().grouping() else { return Vec::new() };
        let by_hour = interval == Some(&Interval::Hour);
        let Some(table) = table_of(scope, by_hour) else { return Vec::new() };
        let Ok(series) = series(queue, scope, grouping, table) else { return Vec::new() };
        let kept = self.inner.manifest.get(&series);
        kept.map(|series| series.days.keys().copied().collect()).unwrap_or_default()
    }
}
