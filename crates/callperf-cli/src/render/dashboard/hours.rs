//! What the hours of a company say: calls over time, and the busy hours.

use std::collections::{BTreeMap, BTreeSet};

use callperf::CallResult;
use jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::render::{Heading, SeriesEntry};

/// How many hours a period may have to be shown hour by hour.
const MOST_HOURS: usize = 49;
/// How many days a period may have to be shown day by day.
const MOST_DAYS: usize = 62;

/// Calls over time: one bar per hour, day or week.
#[derive(Debug, Serialize)]
pub(super) struct OverTime {
    pub(super) unit: &'static str,
    pub(super) bars: Vec<Bar>,
}

impl OverTime {
    /// The results that any bar has, with their places in the vocabulary: an older server lacks
    /// some.
    pub(super) fn results(&self) -> Vec<(usize, &'static CallResult)> {
        let has = |at: usize| self.bars.iter().any(|bar| bar.by_result[at].is_some());
        CallResult::KNOWN.iter().enumerate().filter(|(at, _)| has(*at)).collect()
    }
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Bar {
    pub(super) label: String,
    /// The label on an axis.
    pub(super) short: String,
    /// Calls of each result, in the order of the vocabulary; `None` where the
    /// server said nothing of it.
    pub(super) by_result: Vec<Option<f64>>,
    pub(super) total: Option<f64>,
}

/// The average calls of an hour, by weekday and hour of the day.
#[derive(Debug, Serialize)]
pub(super) struct BusyHours {
    pub(super) days: Vec<BusyDay>,
    pub(super) most: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct BusyDay {
    pub(super) name: &'static str,
    /// `None` where the period has no such hour, or no number can express the average.
    pub(super) hours: Vec<Option<f64>>,
}

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub(super) fn zone(heading: &Heading) -> TimeZone {
    TimeZone::get(&heading.period.time_zone).unwrap_or(TimeZone::UTC)
}

/// Puts hours together to as few bars as can be read.
pub(super) fn over_time(series: &SeriesEntry, heading: &Heading) -> OverTime {
    let zone = zone(heading);
    let dates: Vec<_> =
        series.points.iter().map(|point| point.time.to_zoned_datetime(zone.clone())).collect();
    let days: BTreeSet<_> = dates.iter().map(ZonedDateTime::date).collect();
    let is_by_hour = series.points.len() <= MOST_HOURS;
    let unit = match days.len() {
        _ if is_by_hour => "hour",
        days if days <= MOST_DAYS => "day",
        _ => "week",
    };
    let label = |time: &ZonedDateTime| match unit {
        "hour" => (time.strftime("%a %F, %H:%M").to_string(), time.strftime("%H:%M").to_string()),
        "day" => (time.strftime("%a %F").to_string(), time.strftime("%b %-d").to_string()),
        _ => {
            let monday = monday(time.date()).unwrap_or(time.date());
            (format!("week of {monday}"), monday.strftime("%b %-d").to_string())
        }
    };
    let mut bars: Vec<Bar> = Vec::new();
    for (point, time) in series.points.iter().zip(&dates) {
        let (label, short) = label(time);
        if bars.last().is_none_or(|bar| bar.label != label) {
            let by_result = vec![None; CallResult::KNOWN.len()];
            bars.push(Bar { label, short, by_result, total: None });
        }
        let Some(bar) = bars.last_mut() else { continue };
        let calls = &point.numbers.calls;
        add(&mut bar.total, calls.total().map(callperf::Value::as_f64));
        for (sum, result) in bar.by_result.iter_mut().zip(CallResult::KNOWN) {
            add(sum, calls.by_result().get(result).map(|value| value.as_f64()));
        }
    }
    OverTime { unit, bars }
}

fn monday(day: Date) -> Option<Date> {
    day.checked_sub(i32::from(day.weekday().to_monday_zero_offset()).days()).ok()
}

fn add(sum: &mut Option<f64>, more: Option<f64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0.0) + more);
    }
}

/// Averages the calls of each hour of the week over as many such hours as the
/// period has, be they in the answer or not: no document says whether the API
/// sends hours without calls.
pub(super) fn busy_hours(series: &SeriesEntry, heading: &Heading) -> BusyHours {
    let zone = zone(heading);
    let slots = slots(heading.period.from, heading.period.to, &zone);
    let mut calls = BTreeMap::<(usize, usize), f64>::new();
    for point in &series.points {
        let total = point.numbers.calls.total().map_or(0.0, callperf::Value::as_f64);
        *calls.entry(slot(point.time, &zone)).or_default() += total;
    }
    let average = |at: (usize, usize)| {
        let hours = *slots.get(&at)?;
        let average = calls.get(&at).copied().unwrap_or(0.0) / f64::from(hours);
        Some(average).filter(|average| average.is_finite())
    };
    let days: Vec<_> = WEEKDAYS
        .iter()
        .enumerate()
        .map(|(day, name)| BusyDay {
            name,
            hours: (0..24).map(|hour| average((day, hour))).collect(),
        })
        .collect();
    let most = days.iter().flat_map(|day| &day.hours).flatten().copied().fold(0.0, f64::max);
    BusyHours { days, most }
}

/// Weekday, Monday being 0, and hour of the day.
fn slot(instant: Timestamp, zone: &TimeZone) -> (usize, usize) {
    let local = instant.to_zoned_datetime(zone.clone());
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    (day, usize::try_from(local.hour()).unwrap_or(0))
}

/// How often the period has each hour of the week.
fn slots(from: Timestamp, to: Timestamp, zone: &TimeZone) -> BTreeMap<(usize, usize), u32> {
    let mut slots = BTreeMap::new();
    let mut instant = from;
    while instant < to {
        *slots.entry(slot(instant, zone)).or_default() += 1;
        let Ok(next) = instant.checked_add(1.hour()) else { break };
        instant = next;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_hour_that_comes_twice_counts_twice() {
        let zone = TimeZone::get("America/New_York").unwrap();
        // The Sunday on which summer time ends has two hours from one to two.
        let slots = slots(at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z"), &zone);
        assert_eq!(slots.values().sum::<u32>(), 25);
        assert_eq!(slots[&(6, 1)], 2);
        assert_eq!(slots[&(6, 2)], 1);
    }
}
