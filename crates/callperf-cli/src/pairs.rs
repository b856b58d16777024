//! Which point of a timeline is compared with which of the period before.
//!
//! An hour goes with the one of the same local time, and a day with the local day,
//! so many days before. Weeks and months don't repeat after so many days: the first
//! goes with the first, and so on, where both periods touch as many of them. One
//! that its period cuts short goes only with one of the same length.

use std::collections::HashMap;

use callperf::Interval;
use jiff::{
    Span, Timestamp, ToSpan, Unit,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};

use crate::{
    console::counted,
    render::{Numbers, PointEntry, SeriesEntry},
};

/// Two periods, the second one so many local days before the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Periods<'a> {
    pub(crate) zone: &'a TimeZone,
    pub(crate) now: (Timestamp, Timestamp),
    pub(crate) before: (Timestamp, Timestamp),
    pub(crate) days: i64,
}

/// Gives each point the numbers of the one that it is compared with; or says why
/// none can be.
pub(crate) fn compare(
    rows: &mut [SeriesEntry],
    earlier: Vec<SeriesEntry>,
    interval: &Interval,
    periods: Periods<'_>,
) -> Result<(), String> {
    let rule = Rule::new(rows, &earlier, interval, periods)?;
    let mut by_key: HashMap<String, HashMap<Place, Numbers>> = HashMap::new();
    for series in earlier {
        let places = by_key.entry(series.key).or_default();
        for point in series.points {
            if let Some(place) = rule.place(&point, Side::Before) {
                places.insert(place, point.numbers);
            }
        }
    }
    for series in rows {
        let Some(earlier) = by_key.get_mut(&series.key) else { continue };
        for point in &mut series.points {
            point.previous = rule.place(point, Side::Now).and_then(|place| earlier.remove(&place));
        }
    }
    Ok(())
}

/// Where a point stands in its period; points of both periods at the same place are
/// compared.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Place {
    /// A local time, and whether it is the second of two that the clock shows.
    Time(DateTime, bool),
    Day(Date),
    /// The place in the order of weeks or months.
    Bucket(usize),
}

#[derive(Clone, Copy)]
enum Side {
    Now,
    Before,
}

struct Rule<'a> {
    periods: Periods<'a>,
    places: Places,
}

enum Places {
    Times,
    Days,
    /// The weeks or months of both periods, which are as many.
    Buckets {
        now: Vec<Bucket>,
        before: Vec<Bucket>,
    },
}

impl<'a> Rule<'a> {
    fn new(
        rows: &[SeriesEntry],
        earlier: &[SeriesEntry],
        interval: &Interval,
        periods: Periods<'a>,
    ) -> Result<Self, String> {
        let places = match interval {
            Interval::Day => Places::Days,
            Interval::Week => {
                Places::buckets(FirstDay::OfWeek(week_start(rows, earlier, periods)?), periods)?
            }
            Interval::Month => Places::buckets(FirstDay::OfMonth, periods)?,
            _ => Places::Times,
        };
        Ok(Self { periods, places })
    }

    fn place(&self, point: &PointEntry, side: Side) -> Option<Place> {
        let time = local(point, self.periods.zone);
        match &self.places {
            Places::Days => time.date().checked_add(self.shift(side)).ok().map(Place::Day),
            Places::Times => {
                let first = time.to_zoned_datetime(self.periods.zone.clone()).ok()?.timestamp();
                let shifted = time.checked_add(self.shift(side)).ok()?;
                Some(Place::Time(shifted, first != point.time))
            }
            Places::Buckets { now, before } => {
                let own = match side {
                    Side::Now => now,
                    Side::Before => before,
                };
                let date = time.date();
                let at = own.partition_point(|bucket| bucket.first <= date).checked_sub(1)?;
                now[at].is_like(&before[at]).then_some(Place::Bucket(at))
            }
        }
    }

    fn shift(&self, side: Side) -> Span {
        match side {
            Side::Now => Span::new(),
            Side::Before => self.periods.days.days(),
        }
    }
}

impl Places {
    fn buckets(first_day: FirstDay, periods: Periods<'_>) -> Result<Self, String> {
        let of = |period| buckets(first_day, period, periods.zone).map_err(|it| it.to_string());
        let (now, before) = (of(periods.now)?, of(periods.before)?);
        if now.len() == before.len() {
            return Ok(Self::Buckets { now, before });
        }
        let touched = |buckets: &[Bucket]| counted(buckets.len() as u64, first_day.unit());
        Err(format!(
            "the period touches {}, and the one before {}",
            touched(&now),
            touched(&before)
        ))
    }
}

fn local(point: &PointEntry, zone: &TimeZone) -> DateTime {
    point.time.to_zoned_datetime(zone.clone()).datetime()
}

/// The day that the service begins its weeks with, which no document says: the one
/// of all points but those at the period's start, where a cut week may stand.
fn week_start(
    rows: &[SeriesEntry],
    earlier: &[SeriesEntry],
    periods: Periods<'_>,
) -> Result<Weekday, String> {
    let of = |series: &[SeriesEntry], (start, _): (Timestamp, Timestamp)| {
        let points = series.iter().flat_map(|series| &series.points);
        let day = |point: &PointEntry| (point.time == start, local(point, periods.zone).weekday());
        points.map(day).collect::<Vec<_>>()
    };
    let days = [of(rows, periods.now), of(earlier, periods.before)].concat();
    let inside = days.iter().find(|(is_start, _)| !is_start).or(days.first());
    // Without a point there is nothing to compare, so any day does.
    let weekday = inside.map_or(Weekday::Monday, |(_, day)| *day);
    if days.iter().all(|(is_start, day)| *is_start || *day == weekday) {
        return Ok(weekday);
    }
    Err("the answer's weeks begin on different days".to_owned())
}

#[derive(Clone, Copy)]
enum FirstDay {
    OfWeek(Weekday),
    OfMonth,
}

impl FirstDay {
    fn unit(self) -> &'static str {
        match self {
            Self::OfWeek(_) => "week",
            Self::OfMonth => "month",
        }
    }

    /// The first day of the week or month that has this one.
    fn of(self, day: Date) -> Result<Date, jiff::Error> {
        match self {
            Self::OfMonth => Ok(day.first_of_month()),
            Self::OfWeek(weekday) => day.checked_sub(day.weekday().since(weekday).days()),
        }
    }

    fn after(self, first: Date) -> Result<Date, jiff::Error> {
        first.checked_add(match self {
            Self::OfMonth => 1.month(),
            Self::OfWeek(_) => 1.week(),
        })
    }
}

/// A week or a month that a period touches.
#[derive(Debug, PartialEq, Eq)]
struct Bucket {
    first: Date,
    is_whole: bool,
    /// How much of it is in the period, by the local clock.
    minutes: i64,
}

impl Bucket {
    /// Whether their numbers can be compared: those of whole months, however long,
    /// and those of cut ones of the same length.
    fn is_like(&self, other: &Self) -> bool {
        self.is_whole && other.is_whole || self.minutes == other.minutes
    }
}

/// What the local clock shows; midnight at the start of a day that has none.
fn wall_clock(instant: Timestamp, zone: &TimeZone) -> Result<DateTime, jiff::Error> {
    let local = instant.to_zoned_datetime(zone.clone());
    let is_start = local.start_of_day()? == local;
    Ok(if is_start { local.date().at(0, 0, 0, 0) } else { local.datetime() })
}

fn buckets(
    first_day: FirstDay,
    (from, to): (Timestamp, Timestamp),
    zone: &TimeZone,
) -> Result<Vec<Bucket>, jiff::Error> {
    let (from, to) = (wall_clock(from, zone)?, wall_clock(to, zone)?);
    let mut found = Vec::new();
    let mut first = first_day.of(from.date())?;
    while first.at(0, 0, 0, 0) < to {
        let next = first_day.after(first)?;
        let (starts, ends) = (first.at(0, 0, 0, 0), next.at(0, 0, 0, 0));
        let inside = (starts.max(from), ends.min(to));
        let minutes = inside.0.until((Unit::Minute, inside.1))?.get_minutes();
        found.push(Bucket { first, is_whole: inside == (starts, ends), minutes });
        first = next;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A series of points at these instants, each with its own text as a number.
    fn series(times: &[&str]) -> SeriesEntry {
        let point = |text: &&str| PointEntry {
            time_text: (*text).to_owned(),
            time: text.parse().unwrap(),
            numbers: Numbers {
                extra: [("at".to_owned(), (*text).into())].into_iter().collect(),
                ..Numbers::default()
            },
            previous: None,
            targets: Vec::new(),
        };
        let points = times.iter().map(point).collect();
        SeriesEntry { key: "1".to_owned(), points, ..SeriesEntry::default() }
    }

    fn period(zone: &TimeZone, from: &str, to: &str) -> (Timestamp, Timestamp) {
        let at = |text: &str| {
            let time: DateTime = text.parse().unwrap();
            time.to_zoned_datetime(zone.clone()).unwrap().timestamp()
        };
        (at(from), at(to))
    }

    /// What each point is compared with: the other's text, or a dash.
    fn pairs(
        zone: &str,
        interval: &Interval,
        days: i64,
        [(from, now), (before, earlier)]: [(&str, &[&str]); 2],
        to: &str,
    ) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let periods = Periods {
            zone: &zone,
            now: period(&zone, from, to),
            before: period(&zone, before, from),
            days,
        };
        let mut rows = [series(now)];
        if let Err(reason) = compare(&mut rows, vec![series(earlier)], interval, periods) {
            return vec![reason];
        }
        let said = |point: &PointEntry| {
            let text = point.previous.as_ref().and_then(|previous| previous.extra["at"].as_str());
            text.unwrap_or("–").to_owned()
        };
        rows[0].points.iter().map(said).collect()
    }

    const NEW_YORK: &str = "America/New_York";

    #[test]
    fn an_hour_goes_with_the_same_local_hour() {
        let hours =
            |days: [(&str, &[&str]); 2], to: &str| pairs(NEW_YORK, &Interval::Hour, 1, days, to);
        // The clock shows one o'clock twice: the day before had it once.
        let twice = [
            "2026-11-01T00:00-04",
            "2026-11-01T01:00-04",
            "2026-11-01T01:00-05",
            "2026-11-01T02:00-05",
        ];
        let before = ["2026-10-31T00:00-04", "2026-10-31T01:00-04", "2026-10-31T02:00-04"];
        assert_eq!(
            hours(
                [("2026-11-01T00:00", &twice), ("2026-10-31T00:00", &before)],
                "2026-11-02T00:00"
            ),
            [before[0], before[1], "–", before[2]]
        );
        let after = ["2026-11-02T00:00-05", "2026-11-02T01:00-05", "2026-11-02T02:00-05"];
        assert_eq!(
            hours([("2026-11-02T00:00", &after), ("2026-11-01T00:00", &twice)], "2026-11-03T00:00"),
            [twice[0], twice[1], twice[3]]
        );
        // Two o'clock is left out, and there is nothing to compare the next one with.
        let without = ["2026-03-08T01:00-05", "2026-03-08T03:00-04"];
        let next = ["2026-03-09T01:00-04", "2026-03-09T02:00-04", "2026-03-09T03:00-04"];
        assert_eq!(
            hours(
                [("2026-03-09T00:00", &next), ("2026-03-08T00:00", &without)],
                "2026-03-10T00:00"
            ),
            [without[0], "–", without[1]]
        );
    }

    #[test]
    fn a_day_goes_with_a_day_whenever_it_begins() {
        // Havana's clock goes from the end of March 7 to one o'clock.
        let days = [
            ("2026-03-08T01:00", &["2026-03-08T01:00-04"][..]),
            ("2026-03-07T00:00", &["2026-03-07T00:00-05"]),
        ];
        assert_eq!(
            pairs("America/Havana", &Interval::Day, 1, days, "2026-03-09T00:00"),
            ["2026-03-07T00:00-05"]
        );
    }

    #[test]
    fn months_go_in_their_order_where_there_are_as_many() {
        let months = |days, periods: [(&str, &[&str]); 2], to: &str| {
            pairs("UTC", &Interval::Month, days, periods, to)
        };
        // 92 days, and 92 days before.
        let now = ["2026-08-01T00:00Z", "2026-09-01T00:00Z", "2026-10-01T00:00Z"];
        let before = ["2026-05-01T00:00Z", "2026-06-01T00:00Z", "2026-07-01T00:00Z"];
        assert_eq!(
            months(
                92,
                [("2026-08-01T00:00", &now), ("2026-05-01T00:00", &before)],
                "2026-11-01T00:00"
            ),
            before
        );
        // A month that no call began in isn't sent: the others keep their places.
        let some = [before[0], before[2]];
        assert_eq!(
            months(
                92,
                [("2026-08-01T00:00", &now), ("2026-05-01T00:00", &some)],
                "2026-11-01T00:00"
            ),
            [before[0], "–", before[2]]
        );
        // The 31 days before October are of two months.
        let two = ["2026-08-01T00:00Z", "2026-09-01T00:00Z"];
        assert_eq!(
            months(
                31,
                [("2026-10-01T00:00", &now[2..]), ("2026-08-31T00:00", &two)],
                "2026-11-01T00:00"
            ),
            ["the period touches 1 month, and the one before 2 months"]
        );
        // 60 days to November 23: six days of September would go with five of July.
        let now = ["2026-09-01T00:00Z", "2026-10-01T00:00Z", "2026-11-01T00:00Z"];
        let before = ["2026-07-01T00:00Z", "2026-08-01T00:00Z", "2026-09-01T00:00Z"];
        assert_eq!(
            months(
                60,
                [("2026-09-25T00:00", &now), ("2026-07-27T00:00", &before)],
                "2026-11-24T00:00"
            ),
            ["–", before[1], "–"]
        );
    }

    #[test]
    fn weeks_begin_with_the_day_that_the_points_have() {
        let weeks = |days, periods: [(&str, &[&str]); 2], to: &str| {
            pairs(NEW_YORK, &Interval::Week, days, periods, to)
        };
        // Two weeks from a Wednesday, cut alike; the clock is put back in between.
        let now = ["2026-11-02T00:00-05", "2026-11-09T00:00-05", "2026-11-16T00:00-05"];
        let before = ["2026-10-19T00:00-04", "2026-10-26T00:00-04", "2026-11-02T00:00-05"];
        let (from, start, to) = ("2026-11-04T00:00", "2026-10-21T00:00", "2026-11-18T00:00");
        assert_eq!(weeks(14, [(from, &now), (start, &before)], to), before);
        // A service that begins them on Sundays, and has a cut one begin where the
        // period does.
        let sundays = ["2026-11-04T00:00-05", "2026-11-08T00:00-05", "2026-11-15T00:00-05"];
        let earlier = ["2026-10-21T00:00-04", "2026-10-25T00:00-04", "2026-11-01T00:00-04"];
        assert_eq!(weeks(14, [(from, &sundays), (start, &earlier)], to), earlier);
        // The week of each point is unknown.
        let odd = ["2026-11-04T00:00-05", "2026-11-08T00:00-05", "2026-11-16T00:00-05"];
        let said = weeks(14, [(from, &odd), (start, &earlier)], to);
        assert_eq!(said, ["the answer's weeks begin on different days"]);
        // 30 days to Monday, November 23, are of six weeks, the 30 before of five.
        let now = ["2026-10-19T00:00-04", "2026-10-26T00:00-04", "2026-11-02T00:00-05"];
        let before = ["2026-09-21T00:00-04", "2026-09-28T00:00-04", "2026-10-05T00:00-04"];
        let (from, start, to) = ("2026-10-25T00:00", "2026-09-25T00:00", "2026-11-24T00:00");
        let said = weeks(30, [(from, &now), (start, &before)], to);
        assert_eq!(said, ["the period touches 6 weeks, and the one before 5 weeks"]);
    }
}
