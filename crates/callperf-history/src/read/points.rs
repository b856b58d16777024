//! Where the points of a series begin.

use callperf::Interval;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use super::narrowing::{Chosen, Refusal};
use crate::model::day;

/// The first day of the interval that has a day.
///
/// # Errors
/// An interval that isn't made of days.
pub(super) fn first_day(
    interval: &Interval,
    week_start: Weekday,
    date: Date,
) -> Result<Date, Refusal> {
    match interval {
        Interval::Day => Ok(date),
        Interval::Week => {
            let since_start = date.weekday().since(week_start);
            date.checked_sub(since_start.days()).map_err(|error| error.to_string())
        }
        Interval::Month => Ok(date.first_of_month()),
        other => Err(format!("intervals of a {other} aren't kept; ask by the day")),
    }
}

/// The starts of the hours of a period that are chosen.
pub(super) fn hours(
    (start, end): (Timestamp, Timestamp),
    zone: &TimeZone,
    chosen: &Chosen,
) -> Vec<Timestamp> {
    let is_chosen = |hour: &Timestamp| {
        let local = hour.to_zoned_datetime(zone.clone());
        chosen.has_day(local.weekday()) && chosen.has_hour(local.hour())
    };
    let all = std::iter::successors(Some(start), |hour| hour.checked_add(1.hour()).ok());
    all.take_while(|hour| *hour < end).filter(is_chosen).collect()
}

/// The starts of the intervals of days.
pub(super) fn starts(
    days: &[Date],
    (interval, week_start): (&Interval, Weekday),
    zone: &TimeZone,
) -> Result<Vec<Timestamp>, Refusal> {
    let mut starts = Vec::new();
    for date in days {
        let first = first_day(interval, week_start, *date)?;
        let start = day::start(first, zone).map_err(|it| it.to_string())?;
        if starts.last() != Some(&start) {
            starts.push(start);
        }
    }
    Ok(starts)
}
