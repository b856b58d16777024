//! Periods with both ends known.

use std::fmt;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{
    buffer::latest_end,
    definition::{Ends, Period},
    earlier::{days_earlier, days_to_previous, local_days, start_of},
};
use crate::words::error::{Error, ErrorKind};

/// A period with both ends known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ResolvedPeriod {
    from: Timestamp,
    to: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    trimmed_from: Option<Timestamp>,
}

impl Period {
    /// Both ends, seen at `now` from `time_zone`.
    ///
    /// A client does this for each query, by its own clock and by the query's time zone.
    /// An end later than [`END_BUFFER`](crate::period::END_BUFFER) before `now` is moved there, and
    /// [`ResolvedPeriod::trimmed_from`] says so. One that lies wholly in the future, or holds no time,
    /// is returned as it is: a client's rules refuse it.
    ///
    /// # Errors
    /// [`ErrorKind::Query`]: the calendar has no such day, or the time zone hasn't.
    pub fn at(&self, now: Timestamp, time_zone: &TimeZone) -> Result<ResolvedPeriod, Error> {
        self.resolve(now, time_zone)
            .map_err(|reason| Error::new(ErrorKind::Query, format!("period: {reason}")))
    }

    /// The same as [`Period::at`], with the error in words.
    pub(crate) fn resolve(
        &self,
        now: Timestamp,
        time_zone: &TimeZone,
    ) -> Result<ResolvedPeriod, String> {
        let (from, to) = self.ends(now, time_zone)?;
        let latest = latest_end(now);
        // A period that lies wholly after `latest` keeps its end, so that the
        // rules refuse it by its own words rather than as a reversed one.
        let trim = to > latest && from < latest;
        Ok(ResolvedPeriod {
            from,
            to: if trim { latest } else { to },
            trimmed_from: trim.then_some(to),
        })
    }

    fn ends(&self, now: Timestamp, zone: &TimeZone) -> Result<(Timestamp, Timestamp), String> {
        let today = now.to_zoned_datetime(zone.clone()).date();
        match self.kind().ends(today)? {
            Ends::Days(from, to) => Ok((start_of(from, zone)?, start_of(to, zone)?)),
            Ends::Instants { from, to, periods_earlier } => {
                let days = days_to_previous(from, to, zone)?;
                let days = days.saturating_mul(i64::from(periods_earlier));
                days_earlier((from, to), days, zone)
            }
            Ends::SoFar(so_far) => so_far.ends(now, zone),
        }
    }
}

/// The same instants for every query that is given it: a relative period is resolved
/// by each query anew, and between two of them the clock goes on.
///
/// ```
/// # use callperf::{Breakdown, Client, GroupBy, Period, Query};
/// # fn example(client: &Client) -> Result<(), callperf::Error> {
/// let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
/// let period = Period::from(client.aggregate(&query).preview(1)?.period);
/// # let _ = period;
/// # Ok(())
/// # }
/// ```
impl From<ResolvedPeriod> for Period {
    fn from(period: ResolvedPeriod) -> Self {
        Self::between(period.from, period.to)
    }
}

/// The first millisecond that isn't before the instant. A call that started at a
/// whole millisecond is on the same side of both.
pub(crate) fn to_millis(instant: Timestamp) -> Timestamp {
    let rounding = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Ceil);
    instant.round(rounding).unwrap_or(instant)
}

impl ResolvedPeriod {
    #[cfg(feature = "testing")]
    pub(crate) fn between(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to, trimmed_from: None }
    }

    /// The first instant of the period: in a time zone it is
    /// `period.start().to_zoned_datetime(zone)`.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.from
    }

    /// The first instant after the period.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.to
    }

    /// The period right before this one: it begins and ends at the same local times, the fewest
    /// days earlier that keep the two apart. Before 22:00 to 06:00 it is the night before.
    ///
    /// Before a month that isn't over it has as many days as have passed of it, not the month before:
    /// see [`Period::month_so_far`].
    ///
    /// # Errors
    /// [`ErrorKind::Query`]: the calendar has no such day, or the clocks skip all of the time.
    pub fn previous(&self, time_zone: &TimeZone) -> Result<Self, Error> {
        let days = days_to_previous(self.from, self.to, time_zone);
        let (from, to) = days
            .and_then(|days| days_earlier((self.from, self.to), days, time_zone))
            .map_err(|reason| Error::new(ErrorKind::Query, format!("period before: {reason}")))?;
        Ok(Self { from, to, trimmed_from: None })
    }

    /// How many local days of a time zone have a part of the period.
    #[must_use]
    pub fn local_days(&self, time_zone: &TimeZone) -> i64 {
        local_days(self.from, self.to, time_zone)
    }

    /// The same as [`ResolvedPeriod::start`].
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The same as [`ResolvedPeriod::end`].
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// The end that was asked for, where it was too late and was moved to
    /// [`END_BUFFER`](crate::period::END_BUFFER) before now.
    #[must_use]
    pub fn trimmed_from(&self) -> Option<Timestamp> {
        self.trimmed_from
    }
}

/// Both instants: `2026-11-01T00:00:00Z to 2026-11-08T00:00:00Z`.
impl fmt::Display for ResolvedPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

#[derive(Deserialize)]
struct StoredPeriod {
    from: Timestamp,
    to: Timestamp,
    trimmed_from: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for ResolvedPeriod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredPeriod { from, to, trimmed_from } = StoredPeriod::deserialize(deserializer)?;
        if to < from {
            let reason = format!("the period {from} to {to} ends before it begins");
            return Err(de::Error::custom(reason));
        }
        Ok(Self { from, to, trimmed_from })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::words::period::END_BUFFER;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn last_days_are_whole_local_days_before_today() {
        let period = Period::last_days(2)
            .resolve(at("2026-11-24T03:00:00Z"), &zone("America/Los_Angeles"))
            .unwrap();
        assert_eq!(period.from(), at("2026-11-21T08:00:00Z"));
        assert_eq!(period.to(), at("2026-11-23T08:00:00Z"));
        assert_eq!(period.trimmed_from(), None);
    }

    #[test]
    fn days_have_23_and_25_hours_where_the_clocks_change() {
        let hours = |from: &str, to: &str| {
            let period = Period::days(from.parse().unwrap(), to.parse().unwrap())
                .resolve(at("2026-12-01T00:00:00Z"), &zone("America/New_York"))
                .unwrap();
            period.to().duration_since(period.from()).as_hours()
        };
        assert_eq!(hours("2026-03-08", "2026-03-09"), 23);
        assert_eq!(hours("2026-11-01", "2026-11-02"), 25);
    }

    #[test]
    fn an_end_too_close_to_now_is_trimmed_and_said() {
        let now = at("2026-11-24T12:00:00Z");
        let asked = at("2026-11-24T12:00:00Z");
        let period = Period::between(at("2026-11-24T00:00:00Z"), asked)
            .resolve(now, &TimeZone::UTC)
            .unwrap();
        assert_eq!(period.to(), at("2026-11-24T11:58:00Z"));
        assert_eq!(period.trimmed_from(), Some(asked));
        // Resolved again later, it is the same and has nothing to say.
        let later = now + SignedDuration::from_mins(1);
        let again = Period::from(period).resolve(later, &TimeZone::UTC).unwrap();
        assert_eq!(
            (again.from(), again.to(), again.trimmed_from()),
            (period.from(), period.to(), None)
        );
    }

    #[test]
    fn an_end_at_the_latest_instant_is_not_trimmed() {
        let now = at("2026-11-24T12:00:00Z");
        let latest = now - END_BUFFER;
        let of = |from, to| Period::between(from, to).resolve(now, &TimeZone::UTC).unwrap();
        let ends_there = of(at("2026-11-24T00:00:00Z"), latest);
        assert_eq!((ends_there.to(), ends_there.trimmed_from()), (latest, None));
        let begins_there = of(latest, now);
        assert_eq!((begins_there.to(), begins_there.trimmed_from()), (now, None));
    }

    #[test]
    fn more_days_than_the_calendar_has_are_refused() {
        let now = at("2026-11-24T12:00:00Z");
        let period = Period::last_days(u32::MAX).resolve(now, &TimeZone::UTC);
        assert!(period.unwrap_err().starts_with("the last 4294967295 days begin before"));
    }

    #[test]
    fn the_ends_of_the_calendar_are_clocks_too() {
        let (from, to) = (at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z"));
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let period = Period::between(from, to).resolve(now, &TimeZone::UTC).unwrap();
            assert_eq!((period.from(), period.to()), (from, to));
        }
        assert!(Period::last_days(1).resolve(Timestamp::MIN, &TimeZone::UTC).is_err());
    }

    #[test]
    fn a_trimmed_end_is_a_whole_second() {
        let now = at("2026-11-24T12:00:00.123456789Z");
        let period =
            Period::between(at("2026-11-24T00:00:00Z"), now).resolve(now, &TimeZone::UTC).unwrap();
        assert_eq!(period.to(), at("2026-11-24T11:58:00Z"));
    }

    #[test]
    fn the_wire_knows_milliseconds() {
        assert_eq!(to_millis(at("2026-11-24T12:00:00.1234Z")), at("2026-11-24T12:00:00.124Z"));
        assert_eq!(to_millis(at("2026-11-24T12:00:00.123Z")), at("2026-11-24T12:00:00.123Z"));
    }

    #[test]
    fn a_period_in_the_future_keeps_its_ends() {
        let (from, to) = (at("2026-12-01T00:00:00Z"), at("2026-12-02T00:00:00Z"));
        let period =
            Period::between(from, to).resolve(at("2026-11-24T12:00:00Z"), &TimeZone::UTC).unwrap();
        assert_eq!((period.from(), period.to()), (from, to));
    }
}
