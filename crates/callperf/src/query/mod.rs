//! What to ask: a grouping, a period, metrics and filters.

use serde_json::Value as Json;

pub(crate) mod fingerprint;

use crate::words::{
    period::Period,
    vocabulary::{
        Aggregation, Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType,
        CompanyHours, DayOfWeek, Direction, Grouping, Interval, MembersOf, Origin, QueueSla, Word,
    },
};

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

/// What a report has one record for, and which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupBy {
    pub(crate) dimension: Dimension,
    pub(crate) keys: Vec<String>,
    /// `keys` was called, and no key was given.
    pub(crate) keys_given_empty: bool,
}

impl GroupBy {
    fn all_of(dimension: Dimension) -> Self {
        Self { dimension, keys: Vec::new(), keys_given_empty: false }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    Each(Grouping),
    Members(MembersOf),
}

macro_rules! group_by {
    ($($(#[$meta:meta])* $name:ident => $dimension:expr;)+) => {
        impl GroupBy {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $name() -> Self {
                    Self::all_of($dimension)
                }
            )+
        }
    };
}

group_by! {
    /// One record for the whole account.
    company => Dimension::Each(Grouping::Company);
    /// One record per direct number of the company; keys are numbers in E.164 form.
    company_numbers => Dimension::Each(Grouping::CompanyNumbers);
    /// One record per user; keys are extension ids.
    users => Dimension::Each(Grouping::Users);
    /// One record per call queue; keys are extension ids.
    queues => Dimension::Each(Grouping::Queues);
    /// One record per IVR menu; keys are extension ids.
    ivrs => Dimension::Each(Grouping::Ivrs);
    /// One record per shared line; keys are extension ids. Not on the beta.
    shared_lines => Dimension::Each(Grouping::SharedLines);
    /// One record per user group.
    user_groups => Dimension::Each(Grouping::UserGroups);
    /// One record per site.
    sites => Dimension::Each(Grouping::Sites);
    /// One record per department.
    departments => Dimension::Each(Grouping::Departments);
    /// One record per user of the departments that the keys name, with all calls of the
    /// user.
    members_of_departments => Dimension::Members(MembersOf::Department);
    /// One record per user of the user groups that the keys name, with all calls of the
    /// user.
    members_of_user_groups => Dimension::Members(MembersOf::UserGroup);
    /// One record per agent of the queues that the keys name, with **all calls of the
    /// agent**.
    ///
    /// The keys choose the agents, not the calls: calls that came through another queue
    /// or through none count as well. [`Filter::queues`] counts only calls that were
    /// routed through certain queues:
    ///
    /// ```
    /// use callperf::{Breakdown, Filter, GroupBy, Period, Query};
    ///
    /// // What Support's agents did for Support.
    /// let support = "1503200033";
    /// let query = Query::new(
    ///     GroupBy::members_of_queues().keys([support]),
    ///     Period::last_days(7),
    ///     "America/New_York",
    /// )
    /// .calls(Breakdown::Total)
    /// .only(Filter::queues([support]));
    /// ```
    ///
    /// A query with keys and without that filter has a
    /// [notice](crate::Notice::AllCallsOfAgents). The beta has no such filter.
    members_of_queues => Dimension::Members(MembersOf::Queue);
    /// One record per user of the sites that the keys name, with all calls of the user.
    members_of_sites => Dimension::Members(MembersOf::Site);
}

impl GroupBy {
    /// Adds these keys: only they are asked for.
    ///
    /// A key is the id of an extension, not its number; for company numbers it
    /// is the number. For members it is the id of what they belong to.
    ///
    /// Without a call of this method all keys are asked for. A list that is computed
    /// and comes out empty doesn't mean that: the query is refused
    /// (`keys-empty`). [`GroupBy::all_keys`] asks for all.
    #[must_use]
    pub fn keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.keys.extend(keys.into_iter().map(Into::into));
        self.keys_given_empty = self.keys.is_empty();
        self
    }

    /// Asks for all keys that exist, also after a call of [`GroupBy::keys`].
    #[must_use]
    pub fn all_keys(self) -> Self {
        Self::all_of(self.dimension)
    }
}

impl From<Grouping> for GroupBy {
    fn from(grouping: Grouping) -> Self {
        Self::all_of(Dimension::Each(grouping))
    }
}

impl From<MembersOf> for GroupBy {
    fn from(members: MembersOf) -> Self {
        Self::all_of(Dimension::Members(members))
    }
}

/// A breakdown with the way in which calls become one number.
///
/// A [`Breakdown`] alone is its sum.
///
/// ```
/// use callperf::{Aggregation, Breakdown, Interval, Measure};
///
/// let per_day = Measure::new(Breakdown::Total, Aggregation::Average).per(Interval::Day);
/// # let _ = per_day;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    pub(crate) breakdown: Breakdown,
    pub(crate) aggregation: Aggregation,
    pub(crate) interval: Option<Interval>,
}

impl Measure {
    /// A breakdown, aggregated in this way.
    #[must_use]
    pub fn new(breakdown: Breakdown, aggregation: Aggregation) -> Self {
        Self { breakdown, aggregation, interval: None }
    }

    /// What it is broken down by.
    #[must_use]
    pub fn breakdown(&self) -> &Breakdown {
        &self.breakdown
    }

    /// How calls become one number.
    #[must_use]
    pub fn aggregation(&self) -> &Aggregation {
        &self.aggregation
    }

    /// The stretch of time that it is aggregated over.
    #[must_use]
    pub fn interval(&self) -> Option<&Interval> {
        self.interval.as_ref()
    }

    /// Aggregated over intervals: an average per day, the largest hour.
    #[must_use]
    pub fn per(mut self, interval: Interval) -> Self {
        self.interval = Some(interval);
        self
    }
}

impl From<Breakdown> for Measure {
    fn from(breakdown: Breakdown) -> Self {
        Self::new(breakdown, Aggregation::Sum)
    }
}

/// A length of time in whole seconds, with either bound or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    pub(crate) min_seconds: Option<u32>,
    pub(crate) max_seconds: Option<u32>,
}

impl Length {
    /// This many seconds or more.
    #[must_use]
    pub fn at_least(seconds: u32) -> Self {
        Self { min_seconds: Some(seconds), max_seconds: None }
    }

    /// This many seconds or fewer.
    #[must_use]
    pub fn at_most(seconds: u32) -> Self {
        Self { min_seconds: None, max_seconds: Some(seconds) }
    }

    /// From `min` to `max` seconds.
    #[must_use]
    pub fn between(min: u32, max: u32) -> Self {
        Self { min_seconds: Some(min), max_seconds: Some(max) }
    }
}

/// Hours of the day, in the query's time zone.
///
/// The API takes hours and minutes; whether its upper bound includes its
/// minute is documented nowhere, and published samples suggest so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Hours {
    /// From `from` to `to`, both as `hh:mm`, for example `09:00` to `17:59`.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}

/// A phase that a call must have had, of any length or of a certain length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFilter {
    pub(crate) segment: CallSegment,
    pub(crate) length: Option<Length>,
}

impl SegmentFilter {
    /// The phase, of any length.
    #[must_use]
    pub fn new(segment: CallSegment) -> Self {
        Self { segment, length: None }
    }

    /// The phase, of this length. Not on the beta.
    #[must_use]
    pub fn lasting(mut self, length: Length) -> Self {
        self.length = Some(length);
        self
    }
}

impl From<CallSegment> for SegmentFilter {
    fn from(segment: CallSegment) -> Self {
        Self::new(segment)
    }
}

/// One filter; its words are joined by OR.
///
/// Made from a word, an array or a `Vec` of words, or by one of the
/// constructors below.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// Calls of these directions.
    Direction(Vec<Direction>),
    /// Calls of these origins.
    Origin(Vec<Origin>),
    /// Calls with these responses.
    Response(Vec<CallResponse>),
    /// Calls that ended so.
    Result(Vec<CallResult>),
    /// Calls that came so.
    Type(Vec<CallType>),
    /// Calls that had one of these phases.
    Segment(Vec<SegmentFilter>),
    /// Calls during which the key did one of these.
    Action(Vec<CallAction>),
    /// Calls within or after business hours.
    CompanyHours(Vec<CompanyHours>),
    /// Queue calls answered within or after the queue's limit.
    QueueSla(Vec<QueueSla>),
    /// Calls of this length, whoever took part.
    CallDuration(Length),
    /// Calls in which the key spent this much time.
    TimeSpent(Length),
    /// Calls that the key received from these extensions (ids).
    FromExtensions(Vec<String>),
    /// Calls that the key placed to these extensions (ids): the one that accepted first.
    ToExtensions(Vec<String>),
    /// Calls to these direct numbers of the company (E.164).
    CalledNumbers(Vec<String>),
    /// Calls routed through one of these queues (extension ids). Not on the beta.
    Queues(Vec<String>),
    /// A filter that this crate has no word for, by its name in the API.
    Wire {
        /// The filter's name in the API's request.
        name: String,
        /// Its value, as the API takes it.
        value: Json,
    },
}

impl Filter {
    /// Whether it is a list of the domain's words.
    pub(crate) fn has_words(&self) -> bool {
        match self {
            Self::Direction(_)
            | Self::Origin(_)
            | Self::Response(_)
            | Self::Result(_)
            | Self::Type(_)
            | Self::Segment(_)
            | Self::Action(_)
            | Self::CompanyHours(_)
            | Self::QueueSla(_) => true,
            Self::CallDuration(_)
            | Self::TimeSpent(_)
            | Self::FromExtensions(_)
            | Self::ToExtensions(_)
            | Self::CalledNumbers(_)
            | Self::Queues(_)
            | Self::Wire { .. } => false,
        }
    }

    /// Calls of this length in seconds, whoever took part.
    #[must_use]
    pub fn call_duration(length: Length) -> Self {
        Self::CallDuration(length)
    }

    /// Calls in which the key spent this many seconds.
    #[must_use]
    pub fn time_spent(length: Length) -> Self {
        Self::TimeSpent(length)
    }

    /// Calls that the key received from one of these extensions (ids).
    #[must_use]
    pub fn from_extensions<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::FromExtensions(strings(ids))
    }

    /// Calls that the key placed to one of these extensions (ids).
    #[must_use]
    pub fn to_extensions<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::ToExtensions(strings(ids))
    }

    /// Calls to one of these direct numbers of the company (E.164).
    #[must_use]
    pub fn called_numbers<I: Into<String>>(numbers: impl IntoIterator<Item = I>) -> Self {
        Self::CalledNumbers(strings(numbers))
    }

    /// Calls routed through one of these queues (extension ids). Not on the beta.
    ///
    /// With [`GroupBy::members_of_queues`] it counts the agents' calls of these queues
    /// alone.
    #[must_use]
    pub fn queues<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::Queues(strings(ids))
    }

    /// A filter that this crate has no word for, by its name in the API.
    #[must_use]
    pub fn wire(name: impl Into<String>, value: Json) -> Self {
        Self::Wire { name: name.into(), value }
    }

    /// The filter's name, as the command line and the messages say it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Direction(_) => "direction",
            Self::Origin(_) => "origin",
            Self::Response(_) => "response",
            Self::Result(_) => "result",
            Self::Type(_) => "type",
            Self::Segment(_) => "segment",
            Self::Action(_) => "action",
            Self::CompanyHours(_) => "company-hours",
            Self::QueueSla(_) => "queue-sla",
            Self::CallDuration(_) => "call-duration",
            Self::TimeSpent(_) => "time-spent",
            Self::FromExtensions(_) => "from",
            Self::ToExtensions(_) => "to",
            Self::CalledNumbers(_) => "called-number",
            Self::Queues(_) => "queue",
            Self::Wire { name, .. } => name,
        }
    }

    /// The filter's words; empty for a length and for a filter by wire name.
    pub(crate) fn words(&self) -> Vec<&str> {
        match self {
            Self::Direction(words) => texts(words),
            Self::Origin(words) => texts(words),
            Self::Response(words) => texts(words),
            Self::Result(words) => texts(words),
            Self::Type(words) => texts(words),
            Self::Segment(filters) => filters.iter().map(|f| f.segment.as_str()).collect(),
            Self::Action(words) => texts(words),
            Self::CompanyHours(words) => texts(words),
            Self::QueueSla(words) => texts(words),
            Self::FromExtensions(ids)
            | Self::ToExtensions(ids)
            | Self::CalledNumbers(ids)
            | Self::Queues(ids) => ids.iter().map(String::as_str).collect(),
            Self::CallDuration(_) | Self::TimeSpent(_) | Self::Wire { .. } => Vec::new(),
        }
    }

    /// The words of the filter that this version doesn't know.
    pub(crate) fn unknown_words(&self) -> Vec<&str> {
        fn unknown<'a, W: Word>(words: impl IntoIterator<Item = &'a W>) -> Vec<&'a str> {
            let unknown = words.into_iter().filter(|word| !word.is_known());
            unknown.map(Word::as_str).collect()
        }
        match self {
            Self::Direction(words) => unknown(words),
            Self::Origin(words) => unknown(words),
            Self::Response(words) => unknown(words),
            Self::Result(words) => unknown(words),
            Self::Type(words) => unknown(words),
            Self::Segment(filters) => unknown(filters.iter().map(|filter| &filter.segment)),
            Self::Action(words) => unknown(words),
            Self::CompanyHours(words) => unknown(words),
            Self::QueueSla(words) => unknown(words),
            _ => Vec::new(),
        }
    }

    /// The breakdown that has the filter's words.
    pub(crate) fn breakdown(&self) -> Option<Breakdown> {
        Some(match self {
            Self::Direction(_) => Breakdown::Direction,
            Self::Origin(_) => Breakdown::Origin,
            Self::Response(_) => Breakdown::Response,
            Self::Result(_) => Breakdown::Result,
            Self::Type(_) => Breakdown::Type,
            Self::Segment(_) => Breakdown::Segment,
            Self::Action(_) => Breakdown::Action,
            Self::CompanyHours(_) => Breakdown::CompanyHours,
            Self::QueueSla(_) => Breakdown::QueueSla,
            _ => return None,
        })
    }

    /// Whether the filter is a list that has no word in it.
    pub(crate) fn is_empty_list(&self) -> bool {
        !matches!(self, Self::CallDuration(_) | Self::TimeSpent(_) | Self::Wire { .. })
            && self.words().is_empty()
    }
}

fn strings<I: Into<String>>(items: impl IntoIterator<Item = I>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}

fn texts<W: Word>(words: &[W]) -> Vec<&str> {
    words.iter().map(Word::as_str).collect()
}

macro_rules! filter_words {
    ($($word:ty => $variant:ident;)+) => {$(
        impl From<$word> for Filter {
            fn from(word: $word) -> Self {
                Self::$variant(vec![word.into()])
            }
        }

        impl<const N: usize> From<[$word; N]> for Filter {
            fn from(words: [$word; N]) -> Self {
                Self::$variant(words.into_iter().map(Into::into).collect())
            }
        }

        impl From<Vec<$word>> for Filter {
            fn from(words: Vec<$word>) -> Self {
                Self::$variant(words.into_iter().map(Into::into).collect())
            }
        }
    )+};
}

filter_words! {
    Direction => Direction;
    Origin => Origin;
    CallResponse => Response;
    CallResult => Result;
    CallType => Type;
    CallSegment => Segment;
    SegmentFilter => Segment;
    CallAction => Action;
    CompanyHours => CompanyHours;
    QueueSla => QueueSla;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_says_what_it_is() {
        let measure = Measure::new(Breakdown::Result, Aggregation::Average).per(Interval::Day);
        assert_eq!(measure.breakdown(), &Breakdown::Result);
        assert_eq!(measure.aggregation(), &Aggregation::Average);
        assert_eq!(measure.interval(), Some(&Interval::Day));
        assert_eq!(Measure::from(Breakdown::Total).interval(), None);
    }

    #[test]
    fn an_empty_list_of_keys_adds_nothing_and_takes_nothing_away() {
        let none = [""; 0];
        let of_one = GroupBy::users().keys(["1"]);
        assert_eq!(of_one.clone().keys(none), of_one);
        assert_eq!(GroupBy::users().keys(none).keys(["1"]), of_one);
        assert_ne!(GroupBy::users().keys(none), GroupBy::users());
        assert_eq!(GroupBy::users().keys(none).all_keys(), GroupBy::users());
        assert_eq!(of_one.all_keys(), GroupBy::users());
    }
}
