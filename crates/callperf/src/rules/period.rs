//! What the APIs refuse of periods, pages and time zones.

use jiff::{
    RoundMode, SignedDuration, Span, Timestamp, TimestampRound, ToSpan, Unit, tz::TimeZone,
};

use super::subject::{Breach, Subject, breach, largest_page, resolved};
use crate::words::{
    nearest::nearest,
    period::{END_BUFFER, PeriodKind, ResolvedPeriod},
};

pub(super) fn time_zone_is_known(subject: &Subject<'_>) -> Vec<Breach> {
    if subject.time_zone.is_some() {
        return Vec::new();
    }
    let name = &subject.query.time_zone;
    let known: Vec<_> = jiff::tz::db().available().map(|known| known.to_string()).collect();
    let remedy = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("no such time zone; did you mean {near:?}?"),
        None => "no such time zone; use an IANA name, for example America/Los_Angeles".to_owned(),
    };
    vec![(format!("time zone {name:?}"), remedy)]
}

pub(super) fn period_exists(subject: &Subject<'_>) -> Vec<Breach> {
    match subject.period {
        Some(Err(reason)) => vec![("period".to_owned(), reason.clone())],
        _ => Vec::new(),
    }
}

pub(super) fn period_runs_forward(subject: &Subject<'_>) -> Vec<Breach> {
    let Some(period) = resolved(subject) else { return Vec::new() };
    let holds_time = period.from() < period.to();
    if holds_time { Vec::new() } else { vec![without_time(subject, period)] }
}

fn without_time(subject: &Subject<'_>, period: &ResolvedPeriod) -> Breach {
    let of_units = |unit: &str| {
        let remedy = format!("holds no time; use 1 {unit} or more");
        (format!("period of the last 0 {unit}s"), remedy)
    };
    match subject.query.period.kind() {
        PeriodKind::LastDays { count: 0, .. } => of_units("day"),
        PeriodKind::LastWeeks { count: 0, .. } => of_units("week"),
        PeriodKind::LastMonths { count: 0, .. } => of_units("month"),
        PeriodKind::Days { from, to } if from > to => {
            let last = to.saturating_sub(1.day());
            let remedy = "the last day is before the first; swap them";
            (format!("period {from} to {last}"), remedy.to_owned())
        }
        PeriodKind::Days { from, to } => (
            format!("period {from} up to {to}, which isn't included"),
            "holds no day; end it later".to_owned(),
        ),
        _ if period.from() > period.to() => (
            format!("period {} to {}", period.from(), period.to()),
            "the end is before the start; swap them".to_owned(),
        ),
        _ => (
            format!("period {} to {}", period.from(), period.to()),
            "holds no time; the end isn't included, so it must be later than the start".to_owned(),
        ),
    }
}

fn starts_before(subject: &Subject<'_>, span: Span, limit: &str) -> Vec<Breach> {
    let Some(period) = resolved(subject) else { return Vec::new() };
    let Ok(oldest) = subject.now.to_zoned_datetime(TimeZone::UTC).checked_sub(span) else {
        return Vec::new();
    };
    breach(
        period.from() < oldest.timestamp(),
        format!("period from {}", period.from()),
        format!(
            "older than the {limit} that are kept; start at {} or later",
            next_second(oldest.timestamp())
        ),
    )
}

/// An instant that people can write, and no earlier one.
fn next_second(time: Timestamp) -> Timestamp {
    let second = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
    time.round(second).unwrap_or(time)
}

/// For so many days today's API keeps its data.
pub(crate) const DAYS_KEPT: i64 = 184;

pub(super) fn period_within_184_days(subject: &Subject<'_>) -> Vec<Breach> {
    starts_before(subject, DAYS_KEPT.days(), &format!("{DAYS_KEPT} days"))
}

pub(super) fn period_within_6_months(subject: &Subject<'_>) -> Vec<Breach> {
    starts_before(subject, 6.months(), "6 months")
}

pub(super) fn period_is_past(subject: &Subject<'_>) -> Vec<Breach> {
    let Some(period) = resolved(subject) else { return Vec::new() };
    // Any other end is moved to before now.
    let is_past = period.to() <= subject.now || period.from() >= period.to();
    if is_past {
        return Vec::new();
    }
    vec![(future_word(subject, period), future_remedy(period.from(), subject.now))]
}

fn future_word(subject: &Subject<'_>, period: &ResolvedPeriod) -> String {
    match (subject.query.period.kind(), subject.time_zone) {
        (PeriodKind::Today, Some(zone)) => {
            let day = period.from().to_zoned_datetime(zone.clone()).date();
            format!("period today ({day} in {})", subject.query.time_zone)
        }
        _ => format!("period {} to {}", period.from(), period.to()),
    }
}

fn future_remedy(from: Timestamp, now: Timestamp) -> String {
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    // The first instant at which the end is moved to later than the start.
    let buffer = END_BUFFER.saturating_add(SignedDuration::from_secs(1));
    let works_at = from.checked_add(buffer).unwrap_or(Timestamp::MAX);
    let later = format!("send it at {works_at} or later");
    if from > now {
        format!("lies in the future: it is {second}; use an earlier period, or {later}")
    } else {
        format!(
            "has no complete minute yet: it is {second}, and the API has calls up to two minutes \
             ago; {later}"
        )
    }
}

pub(super) fn page_number(subject: &Subject<'_>) -> Vec<Breach> {
    breach(subject.page == 0, "page 0", "pages are numbered from 1")
}

pub(super) fn page_size(subject: &Subject<'_>) -> Vec<Breach> {
    let Some(size) = subject.per_page else { return Vec::new() };
    let largest = largest_page(subject.api, subject.operation);
    breach(
        size == 0 || largest.is_some_and(|largest| size > largest),
        format!("per_page {size}"),
        match largest {
            Some(largest) => format!("a page holds 1 to {largest} records"),
            None => "a page holds 1 record or more".to_owned(),
        },
    )
}
