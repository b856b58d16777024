//! When the calls are that are counted.

use callperf_history::files::MEMORY;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// Its clocks don't change, so that every day has 24 hours; it isn't UTC, so that local times
/// show; and it is in every list of time zones.
pub(super) const ZONE: &str = "America/Phoenix";
/// East of UTC, always.
const OFFSET: i64 = -7 * 3600;

/// Three weeks and some days, so that on whichever day weeks begin, two are whole and one is cut.
pub(super) const DAYS: i64 = 24;
pub(super) const HOURS: i64 = DAYS * 24;
pub(super) const DAY: i64 = 86_400;
pub(super) const HOUR: i64 = 3600;

/// A call may be counted late.
const AGE: SignedDuration = SignedDuration::from_hours(48);

/// What all experiments have in common.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(super) now: Timestamp,
    /// The second at which the period begins, a local midnight.
    pub(super) from: i64,
    /// The first day.
    pub(super) first: Date,
    /// The lengths in days of the timelines that show which sizes are answered.
    pub(super) ladder: [i64; 2],
}

impl Setup {
    /// The last 24 local days that ended two days ago.
    pub(crate) fn new(now: Timestamp) -> Self {
        let zone = TimeZone::fixed(jiff::tz::offset(-7));
        let ended = now.saturating_sub(AGE).unwrap_or(now).to_zoned_datetime(zone).date();
        let first = ended.saturating_sub(DAYS.days());
        let from = first.at(0, 0, 0, 0).to_zoned_datetime(TimeZone::UTC);
        let from = from.map_or(0, |start| start.timestamp().as_second()) - OFFSET;
        Self { now, from, first, ladder: [6, DAYS] }
    }

    /// What is wrong with the period if the time is another one at the server.
    pub(crate) fn problem_at(&self, server: Timestamp) -> Option<String> {
        let (from, to) = (self.from, self.now.as_second());
        let at = server.as_second();
        let (oldest, days) = (at - MEMORY.as_secs(), MEMORY.as_hours() / 24);
        let day = |second: i64| instant(second, 0).get(..10).unwrap_or_default().to_owned();
        if from < oldest {
            return Some(format!(
                "its requests begin on {}, and reports reach back {days} days, to {}",
                day(from),
                day(oldest + DAY)
            ));
        }
        (to > at + DAY).then(|| format!("{} is in the future", day(to)))
    }

    /// The first second after the period.
    pub(super) fn to(&self) -> i64 {
        self.from + DAYS * DAY
    }

    /// The local day of the week of a day of the period, from Monday, which is 0.
    pub(super) fn weekday(&self, day: i64) -> i64 {
        (i64::from(self.first.weekday().to_monday_zero_offset()) + day).rem_euclid(7)
    }
}

/// An instant on the wire.
pub(super) fn instant(second: i64, millisecond: i64) -> String {
    let at = Timestamp::from_millisecond(second.saturating_mul(1000).saturating_add(millisecond));
    at.map_or_else(|_| String::new(), |at| at.to_string())
}

/// Whether a point's time is written as the local time of [`ZONE`].
pub(super) fn is_local(time: &str) -> bool {
    time.ends_with("-07:00") || time.ends_with("-0700")
}

/// Whether a point's time is written in UTC.
pub(super) fn is_utc(time: &str) -> bool {
    time.ends_with(['Z', 'z']) || time.ends_with("+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_that_the_api_would_refuse_is_found() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let problem = |now: &str| Setup::new(at(now)).problem_at(at("2026-11-28T12:00:00Z"));
        assert_eq!(problem("2026-11-28T12:00:00Z"), None);
        assert_eq!(problem("2026-06-25T12:00:00Z"), None);
        let early = problem("2026-06-20T12:00:00Z").unwrap();
        assert_eq!(
            early,
            "its requests begin on 2026-05-25, and reports reach back 184 days, to 2026-05-29"
        );
        assert_eq!(problem("2026-12-01T12:00:00Z").unwrap(), "2026-12-01 is in the future");
    }
}
