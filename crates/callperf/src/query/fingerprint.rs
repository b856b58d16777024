//! Which query a record answers, as a short text that is the same on every machine.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde_json::{Value as Json, json};

use super::{Dimension, Filter, Length, Query};
use crate::words::{number, operation::Operation, period::ResolvedPeriod};

/// How a difference of the period is named.
pub(crate) const PERIOD: &str = "the period, the time zone or the interval";

/// How a difference of the ends that were sent is named.
pub(crate) const MOVED_END: &str = "the end of the period, which had not come and was moved to \
                                    shortly before each was requested";

/// What decides which calls a record counts: a digest of each part of its query.
///
/// The digest of a period is that of the end that was asked for. Where that was moved to
/// shortly before now, the end that was sent stands beside it. Order and repetition of keys,
/// filters and words don't count.
/// Neither do the numbers that are asked for, the API, the account and the page size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    grouping: u32,
    period: u32,
    /// All filters but those of [`is_of_scope`].
    filters: u32,
    scope: u32,
    /// A filter of the time spent, and the digest of the other `filters` beside it.
    time_spent: Option<Length>,
    beside_time_spent: u32,
    /// The end that was sent, in seconds, if it isn't the one that was asked for. Records that an
    /// earlier version stored have none.
    moved_end: Option<i64>,
}

impl Fingerprint {
    pub(crate) fn of(query: &Query, operation: &Operation, period: &ResolvedPeriod) -> Self {
        let (dimension, word) = match &query.group_by.dimension {
            Dimension::Each(grouping) => ("each", grouping.as_str()),
            Dimension::Members(members) => ("members", members.as_str()),
        };
        let interval = match operation {
            Operation::Aggregate => None,
            Operation::Timeline(interval) => Some(interval.as_str()),
        };
        let end = period.trimmed_from().unwrap_or(period.to());
        let (from, to) = (period.from().to_string(), end.to_string());
        let days = set(query.days.iter().map(|day| day.as_str().into()));
        let hours = set(query.hours.iter().map(|hours| json!([hours.from, hours.to])));
        let is_chosen = |filter: &&Filter| !is_of_scope(filter);
        let filters = |is_chosen: &dyn Fn(&&Filter) -> bool| {
            let chosen = query.filters.iter().filter(|filter| is_chosen(filter)).map(parts);
            digest(&json!([set(chosen), days, hours]))
        };
        let is_beside = |filter: &&Filter| is_chosen(filter) && time_spent(filter).is_none();
        Self {
            grouping: digest(&json!([dimension, word, keys(query)])),
            period: digest(&json!([from, to, query.time_zone, interval])),
            filters: filters(&is_chosen),
            scope: scope(&query.filters),
            time_spent: query.filters.iter().find_map(time_spent),
            beside_time_spent: filters(&is_beside),
            moved_end: period.trimmed_from().map(|_| period.to().as_second()),
        }
    }

    /// Whether its query has these filters of direction, response and result, and of the time
    /// spent if there is one among them.
    pub(crate) fn has_scope(&self, filters: &[Filter]) -> bool {
        let length = filters.iter().find_map(time_spent);
        self.scope == scope(filters) && (length.is_none() || length == self.time_spent)
    }

    /// As if its query had not the filter of the time spent that is among these.
    pub(crate) fn without_time_spent_of(self, filters: &[Filter]) -> Self {
        if filters.iter().all(|filter| time_spent(filter).is_none()) {
            return self;
        }
        Self { filters: self.beside_time_spent, time_spent: None, ..self }
    }

    /// In what its query, as it was sent, differs from another, apart from the scope.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let moved_end = Some(MOVED_END).filter(|_| self.moved_end != other.moved_end);
        let own = self.differences_of_queries(other);
        // Another period has another end.
        let moved_end = moved_end.filter(|_| !own.contains(&PERIOD));
        own.into_iter().chain(moved_end).collect()
    }

    fn differences_of_queries(&self, other: &Self) -> Vec<&'static str> {
        [
            (self.grouping == other.grouping, "the grouping or its keys"),
            (self.period == other.period, PERIOD),
            (self.filters == other.filters, "the filters, days or hours"),
        ]
        .into_iter()
        .filter(|(is_same, _)| !is_same)
        .map(|(_, part)| part)
        .collect()
    }

    /// In what its query differs from another, whenever both were sent.
    pub(crate) fn all_differences(&self, other: &Self) -> Vec<&'static str> {
        let scope = "the filters of direction, response or result";
        let scope = Some(scope).filter(|_| self.scope != other.scope);
        self.differences_of_queries(other).into_iter().chain(scope).collect()
    }
}

/// The filters that tell the queries of key figures apart.
pub(crate) fn is_of_scope(filter: &Filter) -> bool {
    matches!(filter, Filter::Direction(_) | Filter::Response(_) | Filter::Result(_))
}

fn scope(filters: &[Filter]) -> u32 {
    digest(&set(filters.iter().filter(|filter| is_of_scope(filter)).map(parts)))
}

fn time_spent(filter: &Filter) -> Option<Length> {
    match filter {
        Filter::TimeSpent(length) => Some(*length),
        _ => None,
    }
}

fn keys(query: &Query) -> Json {
    set(query.group_by.keys.iter().map(|key| key.as_str().into()))
}

fn parts(filter: &Filter) -> Json {
    let length = |length: &Length| json!([length.min_seconds, length.max_seconds]);
    let value = match filter {
        Filter::CallDuration(seconds) | Filter::TimeSpent(seconds) => length(seconds),
        Filter::Segment(segments) => set(segments
            .iter()
            .map(|one| json!([one.segment.as_str(), one.length.as_ref().map(length)]))),
        Filter::Wire { value, .. } => canonical(value),
        words => set(words.words().into_iter().map(Json::from)),
    };
    json!([filter.name(), value])
}

/// The same value with any features of `serde_json`: names sorted, numbers made anew.
fn canonical(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(canonical).collect(),
        Json::Object(entries) => {
            let sorted: BTreeMap<_, _> = entries.iter().collect();
            sorted.into_iter().map(|(name, value)| (name.clone(), canonical(value))).collect()
        }
        Json::Number(number) => number::plain(number).into(),
        other => other.clone(),
    }
}

/// Sorted by their text, each once.
fn set(items: impl Iterator<Item = Json>) -> Json {
    let mut items: Vec<_> = items.map(|item| item.to_string()).collect();
    items.sort_unstable();
    items.dedup();
    items.into()
}

fn digest(part: &Json) -> u32 {
    let [first, second, third, fourth, ..] = hmac_sha256::Hash::hash(part.to_string().as_bytes());
    u32::from_be_bytes([first, second, third, fourth])
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grouping, period, filters, scope, .. } = self;
        write!(f, "{grouping:08x}-{period:08x}-{filters:08x}-{scope:08x}")?;
        // Only where they are needed: others have the text that they have always had.
        self.write_time_spent(f)?;
        match self.moved_end {
            Some(seconds) => write!(f, "@{seconds}"),
            None => Ok(()),
        }
    }
}

impl Fingerprint {
    fn write_time_spent(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Length { min_seconds, max_seconds }) = self.time_spent else { return Ok(()) };
        let bound = |seconds: Option<u32>| seconds.map(|it| it.to_string()).unwrap_or_default();
        let (min, max) = (bound(min_seconds), bound(max_seconds));
        write!(f, "-{:08x}-{min}-{max}", self.beside_time_spent)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (digests, moved_end) = match text.split_once('@') {
            Some((digests, seconds)) => (digests, Some(seconds.parse().ok()?)),
            None => (text, None),
        };
        let parts: Vec<_> = digests.split('-').collect();
        Some(Self { moved_end, ..Self::from_parts(&parts)? })
    }

    fn from_parts(parts: &[&str]) -> Option<Self> {
        let digest = |part: &str| u32::from_str_radix(part, 16).ok();
        let bound = |part: &str| part.parse().ok();
        let [grouping, period, filters, scope, of_time_spent @ ..] = parts else { return None };
        let filters = digest(filters)?;
        let (beside_time_spent, time_spent) = match of_time_spent {
            [] => (filters, None),
            [beside, min, max] => {
                let length = Length { min_seconds: bound(min), max_seconds: bound(max) };
                (digest(beside)?, Some(length))
            }
            _ => return None,
        };
        let (grouping, period, scope) = (digest(grouping)?, digest(period)?, digest(scope)?);
        let moved_end = None;
        Some(Self { grouping, period, filters, scope, time_spent, beside_time_spent, moved_end })
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = Self::from_text(text);
        read.filter(|read| read.to_string() == text)
            .ok_or_else(|| format!("{text:?} is not a fingerprint"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;
    use crate::{
        Breakdown, CallResult, CallSegment, DayOfWeek, Direction, GroupBy, Hours, Interval, Period,
        SegmentFilter,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn of(query: &Query, now: &str) -> Fingerprint {
        let period = query.period.resolve(at(now), &TimeZone::UTC).unwrap();
        Fingerprint::of(query, &Operation::Aggregate, &period)
    }

    fn with_period(query: &Query, period: Period) -> Query {
        query.clone().with_period(period)
    }

    fn queues() -> Query {
        Query::new(GroupBy::queues().keys(["1", "2"]), Period::last_days(7), "UTC")
            .only(Direction::Inbound)
            .only([CallResult::Abandoned, CallResult::Missed])
            .only(SegmentFilter::new(CallSegment::Hold).lasting(Length::at_least(9)))
    }

    const NOW: &str = "2026-11-24T12:00:00Z";

    /// Records are kept and compared by later versions: the text must not change.
    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        assert_eq!(of(&queues(), NOW).to_string(), "20e22445-5e9b3d8b-4f8b94d0-6617cb21");
    }

    #[test]
    fn what_is_written_is_read() {
        let lengths = [Length::at_most(20), Length::at_least(5), Length::between(0, 9)];
        let lasting = |length| queues().only(Filter::TimeSpent(length));
        for query in [queues()].into_iter().chain(lengths.map(lasting)) {
            let own = of(&query, NOW);
            assert_eq!(own.to_string().parse(), Ok(own));
        }
        let text = of(&lasting(Length::at_most(20)), NOW).to_string();
        assert!(
            text.starts_with("20e22445-5e9b3d8b-") && text.ends_with("-4f8b94d0--20"),
            "{text}"
        );
        let today = with_period(&queues(), Period::today());
        let own = of(&today, NOW);
        assert_eq!(own.to_string().parse(), Ok(own));
        assert!(own.to_string().ends_with("-6617cb21@1795521480"), "{own}");
        let digests = "20e22445-5e9b3d8b-4f8b94d0-6617cb21";
        let (odd, without) = (format!("{digests}@soon"), format!("{digests}@"));
        for wrong in ["", "1-2-3", &format!("{digests}-1"), "x-x-x-x", &odd, &without] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn order_and_repetition_and_the_numbers_asked_for_do_not_count() {
        let other =
            Query::new(GroupBy::queues().keys(["2", "1", "2"]), Period::last_days(7), "UTC")
                .calls(Breakdown::Total)
                .only(SegmentFilter::new(CallSegment::Hold).lasting(Length::at_least(9)))
                .only([CallResult::Missed, CallResult::Abandoned])
                .only(Direction::Inbound)
                .unchecked();
        assert_eq!(of(&queues(), NOW), of(&other, NOW));
    }

    #[test]
    fn an_end_that_was_moved_to_another_instant_counts() {
        let at = |now: &str| of(&with_period(&queues(), Period::month(2026, 11)), now);
        let (early, late) = (at("2026-11-03T12:00:00Z"), at(NOW));
        assert_eq!(early.differences(&late), [MOVED_END]);
        assert_eq!(at("2026-12-03T12:00:00Z").differences(&late), [MOVED_END]);
        assert_eq!(late.differences(&at(NOW)), [""; 0]);
        // A page that was kept is read by the query of then, whenever that was sent.
        assert_eq!(early.all_differences(&late), [""; 0]);
        let another = of(&with_period(&queues(), Period::today()), NOW);
        assert_eq!(another.differences(&late), [PERIOD]);
    }

    #[test]
    fn each_part_counts() {
        let grouping = "the grouping or its keys";
        let period = "the period, the time zone or the interval";
        let filters = "the filters, days or hours";
        let with = |group_by: GroupBy, days, zone: &str| {
            queues()
                .filters
                .into_iter()
                .fold(Query::new(group_by, Period::last_days(days), zone), Query::only)
        };
        let keys = || GroupBy::queues().keys(["1", "2"]);
        let longer = SegmentFilter::new(CallSegment::Hold).lasting(Length::at_least(10));
        let cases = [
            (queues(), vec![]),
            (with(GroupBy::queues(), 7, "UTC"), vec![grouping]),
            (with(GroupBy::users().keys(["1", "2"]), 7, "UTC"), vec![grouping]),
            (with(GroupBy::members_of_queues().keys(["1", "2"]), 7, "UTC"), vec![grouping]),
            (with(keys(), 8, "UTC"), vec![period]),
            (with(keys(), 7, "Europe/Zurich"), vec![period]),
            (queues().only(Filter::queues(["1"])), vec![filters]),
            (queues().only(longer), vec![filters]),
            (queues().on_days([DayOfWeek::Monday]), vec![filters]),
            (queues().in_hours([Hours::new("09:00", "17:59")]), vec![filters]),
        ];
        let own = of(&queues(), NOW);
        for (query, differences) in cases {
            assert_eq!(of(&query, NOW).differences(&own), differences, "{query:?}");
            assert_eq!(of(&query, NOW).scope, own.scope);
        }
        let tomorrow = of(&queues(), "2026-11-25T12:00:00Z");
        assert_eq!(tomorrow.differences(&own), [period]);
        let resolved = queues().period.resolve(at(NOW), &TimeZone::UTC).unwrap();
        let by_day = Fingerprint::of(&queues(), &Operation::Timeline(Interval::Day), &resolved);
        assert_eq!(by_day.differences(&own), [period]);
    }

    #[test]
    fn direction_response_and_result_are_the_scope() {
        let own = of(&queues(), NOW);
        assert!(own.has_scope(&queues().filters));
        assert!(!own.has_scope(&[Direction::Inbound.into()]));
        assert!(!own.has_scope(&[]));
    }

    /// The digest of a period is that of the end that was asked for.
    #[test]
    fn an_end_that_was_moved_stands_beside_the_end_that_was_asked_for() {
        let period = Period::between(at("2026-11-20T00:00:00Z"), at("2026-11-30T00:00:00Z"));
        let query = Query::new(GroupBy::queues(), period, "UTC");
        let (one, other) = (of(&query, NOW), of(&query, "2026-11-24T12:01:00Z"));
        assert_eq!(one.period, other.period);
        assert_ne!(one, other);
    }
}
