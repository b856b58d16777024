//! One question about calls.

use std::hash::{Hash, Hasher};

use super::{
    filter::{Filter, in_order},
    group_by::GroupBy,
    length::Hours,
    measure::Measure,
};
use crate::words::{metric::MetricName, period::Period, vocabulary::DayOfWeek};

/// One question about calls, the same for every API.
///
/// It is checked when it is used: all its problems are reported at once, by
/// name, before anything is sent.
///
/// Two queries are equal if they are written the same; the order of their filters doesn't count. The
/// order of keys, measures and words does, and so does the spelling of a time zone: two that ask the
/// same in another order are two keys of a cache.
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
///
/// # Stored
/// A query is a value that can be kept in a JSON or TOML file: what a version of this crate
/// writes and reads, every later version reads, and it means the same. `callperf schema query`
/// prints its JSON Schema.
///
/// ```
/// use callperf::{Direction, Query};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let query: Query = serde_json::from_str(
///     r#"{
///         "group_by": {"each": "Queues", "names": ["Support"]},
///         "period": {"last_days": 7},
///         "time_zone": "America/New_York",
///         "calls": ["total", {"breakdown": "by_result", "aggregation": "Percent"}],
///         "time_spent": ["by_segment"],
///         "filters": {
///             "direction": ["inbound"],
///             "segment": ["hold", {"segment": "ringing", "lasting": {"min_seconds": 20}}],
///             "call_duration": {"max_seconds": 600}
///         },
///         "days": ["Monday", "Tuesday"],
///         "hours": [{"from": "09:00", "to": "17:59"}]
///     }"#,
/// )?;
/// assert_eq!(query.filters()[0], Direction::Inbound.into());
/// assert_eq!(serde_json::from_str::<Query>(&serde_json::to_string(&query)?)?, query);
/// # Ok(())
/// # }
/// ```
///
/// Only `group_by`, `period` and `time_zone` are required; [`GroupBy`], [`Period`], [`Measure`],
/// [`Filter`], [`Length`](super::Length) and [`Hours`] say how each is stored. A field that this
/// version doesn't know is refused with the nearest name. A word is recognised in every spelling
/// of the [vocabulary](crate::vocabulary); one that this version doesn't know is kept to the
/// letter and sent, with a [notice](crate::Notice::UnknownWord), unless it is nearly a known one:
/// that is refused, because it may be a slip. `{ "wire": "incomming" }` sends any word as it is; in the
/// place of a measure or a grouping it is written `{ "breakdown": { "wire": "…" } }` and
/// `{ "each": { "wire": "…" } }`.
///
/// A query that can't be had, such as one about the month 13, isn't written. The byte order mark that
/// some editors put before a text isn't JSON or YAML: leave it out before you parse a file.
#[derive(Clone, Debug)]
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

    /// What there is one record for, and which of them.
    #[must_use]
    pub fn group_by(&self) -> &GroupBy {
        &self.group_by
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> &Period {
        &self.period
    }

    /// The same query about another period: the one before, for example, or the one that another
    /// query was [resolved](Period::at) to.
    ///
    /// ```
    /// use callperf::{Breakdown, GroupBy, Period, Query};
    ///
    /// let week = Query::new(GroupBy::queues(), Period::last_week(), "UTC").calls(Breakdown::Total);
    /// let before = week.clone().with_period(week.period().previous());
    /// assert_eq!(before.call_measures(), week.call_measures());
    /// ```
    pub fn with_period(mut self, period: impl Into<Period>) -> Self {
        self.period = period.into();
        self
    }

    /// The same query for another grouping.
    pub fn with_group_by(mut self, group_by: GroupBy) -> Self {
        self.group_by = group_by;
        self
    }

    /// The same query with days and hours of another time zone.
    pub fn with_time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = time_zone.into();
        self
    }

    /// The name of the time zone.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// What is asked of the number of calls, in the order in which it was given.
    #[must_use]
    pub fn call_measures(&self) -> &[Measure] {
        &self.calls
    }

    /// What is asked of the time spent, in the order in which it was given.
    #[must_use]
    pub fn time_spent_measures(&self) -> &[Measure] {
        &self.time_spent
    }

    /// The days of the week of which calls count; none if all do.
    #[must_use]
    pub fn days(&self) -> &[DayOfWeek] {
        &self.days
    }

    /// The hours of the day of which calls count; none if all do.
    #[must_use]
    pub fn hours(&self) -> &[Hours] {
        &self.hours
    }

    /// Whether it is sent even where a rule forbids it.
    #[must_use]
    pub fn is_unchecked(&self) -> bool {
        self.unchecked
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
        self.filters.push(filter.into().trimmed());
        self
    }

    /// Returns the filters, in the order in which they were given; those of a stored query are in
    /// the order of [`Filter`]'s documentation.
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

/// What makes two queries the same.
type Parts<'a> = (
    (&'a GroupBy, &'a Period, &'a str),
    (&'a [Measure], &'a [Measure]),
    Vec<&'a Filter>,
    (&'a [DayOfWeek], &'a [Hours], bool, bool),
    bool,
);

impl Query {
    fn parts(&self) -> Parts<'_> {
        let Self {
            group_by,
            period,
            time_zone,
            calls,
            time_spent,
            filters,
            days,
            hours,
            days_given_empty,
            hours_given_empty,
            unchecked,
        } = self;
        (
            (group_by, period, time_zone),
            (calls, time_spent),
            in_order(filters),
            (days, hours, *days_given_empty, *hours_given_empty),
            *unchecked,
        )
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Query {}

impl Hash for Query {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}
