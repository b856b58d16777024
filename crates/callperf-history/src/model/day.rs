//! Local days.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::error::{Error, Result};
use callperf::period::END_BUFFER;

/// How long the API remembers calls.
pub const MEMORY: SignedDuration = SignedDuration::from_hours(184 * 24);

/// A day whose start is about to fall out of what the API remembers is left
/// alone: it would be gone before its pages are read.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(184 * 24 * 60 - 30);

/// How many whole days it remembers at any time of a day.
pub(crate) const WHOLE_DAYS: u32 = 183;

/// All days from one to another, both included.
pub(crate) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= last)
}

/// Days that follow each other, together.
pub fn runs(days: &[Date]) -> impl Iterator<Item = &[Date]> {
    days.chunk_by(|day, next| day.tomorrow().is_ok_and(|tomorrow| tomorrow == *next))
}

/// The start of a local day.
///
/// # Errors
/// If the calendar ends before it.
pub fn start(day: Date, zone: &TimeZone) -> Result<Timestamp> {
    day.to_zoned_datetime(zone.clone())
        .and_then(|midnight| midnight.start_of_day())
        .map(|start| start.timestamp())
        .map_err(|error| Error::calendar(&error))
}

/// The last day that the API may be asked about to its end: of a day that ended a
/// moment ago each request would get another part.
pub(crate) fn last_whole(now: Timestamp, zone: &TimeZone) -> Result<Date> {
    let settled = now.checked_sub(END_BUFFER + SignedDuration::from_secs(1));
    let settled = settled.map_err(|error| Error::calendar(&error))?;
    let today = settled.to_zoned_datetime(zone.clone()).date();
    today.yesterday().map_err(|error| Error::calendar(&error))
}

/// The first day that the API remembers from its start.
///
/// # Errors
/// If the calendar begins after it.
pub fn oldest(now: Timestamp, zone: &TimeZone) -> Result<Date> {
    let limit = now.checked_sub(REMEMBERED).map_err(|error| Error::calendar(&error))?;
    let day = limit.to_zoned_datetime(zone.clone()).date();
    if start(day, zone)? >= limit {
        Ok(day)
    } else {
        day.tomorrow().map_err(|error| Error::calendar(&error))
    }
}

/// The time zone of a name.
pub(crate) fn zone(name: &str) -> Result<TimeZone> {
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or_else(|| Error::UnknownZone { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_day_is_remembered_from_its_start() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let oldest = |now: &str| oldest(now.parse().unwrap(), &zone).unwrap().to_string();
        // 184 days before are 2026-05-24 at 12:00 UTC, 8 in the morning there.
        assert_eq!(oldest("2026-11-24T12:00:00Z"), "2026-05-25");
        // 2026-05-24 began at 04:00 UTC. It is whole until then, and left out in the last half-hour.
        assert_eq!(oldest("2026-11-24T03:29:00Z"), "2026-05-24");
        assert_eq!(oldest("2026-11-24T03:31:00Z"), "2026-05-25");
        assert_eq!(oldest("2026-11-24T04:00:00Z"), "2026-05-25");
    }

    #[test]
    fn a_day_is_over_once_its_end_can_be_asked_for() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let last = |now: &str| last_whole(now.parse().unwrap(), &zone).unwrap().to_string();
        assert_eq!(last("2026-11-24T05:02:00.9Z"), "2026-11-22");
        assert_eq!(last("2026-11-24T05:02:01Z"), "2026-11-23");
    }
}
