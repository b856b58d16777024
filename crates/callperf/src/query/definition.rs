//! One question about calls.

use super::{filter::Filter, group_by::GroupBy, length::Hours, measure::Measure};
use crate::words::{metric::MetricName, period::Period, vocabulary::DayOfWeek};

/// One question about calls, the same for every API.
///
/// It is checked when it is used: all its problems are reported at once, by
/// name, before anything is sent.
///
/// ```
/// use callperf::{Breakdown, CallResult, Direction, GroupBy, Period, Query};
///
/// let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/Los_Angeles")
///     .calls(Breakdown::Total)
///     .calls(Breakdown::Result)
///     .time_spent(Breakdown::Segment)
///     .only(Direction::Inbound)
///     .only([CallResult::Abandoned, CallResult::Missed]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Query {
    pub(crate) group_by: GroupBy,
    pub(crate) period: Period,
    pub(crate) time_zone: String,
    pub(crate) calls: Vec<Measure>,
    pub(crate) time_spent: Vec<Measure>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) days: Vec<DayOfWeek>,
    pub(crate) hours: Vec<Hours>,
    /// A list was given that had nothing in it: a computed one, as a rule.
    pub(crate) days_given_empty: bool,
    pub(crate) hours_given_empty: bool,
    pub(crate) unchecked: bool,
}

impl Query {
    /// A question with no metric yet.
    ///
    /// `time_zone` is an IANA name, for example `America/Los_Angeles`. It says
    /// how days, hours and the points of a timeline are cut.
    pub fn new(group_by: GroupBy, period: Period, time_zone: impl Into<String>) -> Self {
        Self {
            group_by,
            period,
            time_zone: time_zone.into(),
            calls: Vec::new(),
            time_spent: Vec::new(),
            filters: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            days_given_empty: false,
            hours_given_empty: false,
            unchecked: false,
        }
    }

    /// Asks for the number of calls, as a total or broken down.
    pub fn calls(mut self, measure: impl Into<Measure>) -> Self {
        self.calls.push(measure.into());
        self
    }

    /// Asks for the time spent in seconds, as a total or broken down.
    pub fn time_spent(mut self, measure: impl Into<Measure>) -> Self {
        self.time_spent.push(measure.into());
        self
    }

    /// What is asked of a metric.
    pub(crate) fn measures_of(&self, metric: MetricName) -> &[Measure] {
        match metric {
            MetricName::Calls => &self.calls,
            MetricName::TimeSpent => &self.time_spent,
        }
    }

    /// What is asked, each with its metric.
    pub(crate) fn measures(&self) -> impl Iterator<Item = (MetricName, &Measure)> {
        [MetricName::Calls, MetricName::TimeSpent].into_iter().flat_map(|metric| {
            self.measures_of(metric).iter().map(move |measure| (metric, measure))
        })
    }

    /// Counts only calls that pass this filter.
    ///
    /// Filters are joined by AND, the words of one filter by OR. A filter may
    /// be given once.
    pub fn only(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.push(filter.into());
        self
    }

    /// Returns the filters, in the order in which they were given.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// Counts only calls that started on these days of the week. Without a call of
    /// this method all days count; an empty list is refused.
    pub fn on_days(mut self, days: impl IntoIterator<Item = DayOfWeek>) -> Self {
        self.days.extend(days);
        self.days_given_empty = self.days.is_empty();
        self
    }

    /// Counts only calls that started in these hours of the day. Without a call of
    /// this method all hours count; an empty list is refused.
    pub fn in_hours(mut self, hours: impl IntoIterator<Item = Hours>) -> Self {
        self.hours.extend(hours);
        self.hours_given_empty = self.hours.is_empty();
        self
    }

    /// Sends the query even where a rule forbids it.
    ///
    /// Rules of the API may be lifted by its vendor before this crate knows.
    /// What can't be put into a request at all is still refused.
    pub fn unchecked(mut self) -> Self {
        self.unchecked = true;
        self
    }
}
