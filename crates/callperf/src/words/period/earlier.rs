//! The same local times some days earlier.

use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, TimeZone},
};

/// How many local days have a part of the time between two instants.
pub(super) fn local_days(from: Timestamp, to: Timestamp, zone: &TimeZone) -> i64 {
    let date = |instant: Timestamp| instant.to_zoned_datetime(zone.clone()).date();
    let last = to.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(to);
    let days = date(from).until(date(last)).map_or(0, |days| i64::from(days.get_days()) + 1);
    days.max(0)
}

/// The same local times so many days earlier.
pub(super) fn days_earlier(
    (from, to): (Timestamp, Timestamp),
    days: i64,
    zone: &TimeZone,
) -> Result<(Timestamp, Timestamp), String> {
    if days == 0 {
        return Ok((from, to));
    }
    let begins = LocalTime::earlier(from, days, zone)?;
    let ends = LocalTime::earlier(to, days, zone)?;
    let (earlier_from, earlier_to) = (begins.instant(zone)?, ends.instant(zone)?);
    if from < to && earlier_from >= earlier_to {
        return Err(format!(
            "there is no such time {days} {} earlier: the clocks skip {} to {} in this time zone; \
             use a longer period",
            if days == 1 { "day" } else { "days" },
            begins.local,
            ends.local
        ));
    }
    Ok((earlier_from, earlier_to))
}

/// The fewest days after which the same local times earlier end where these begin, or before.
pub(super) fn days_to_previous(
    from: Timestamp,
    to: Timestamp,
    zone: &TimeZone,
) -> Result<i64, String> {
    if from >= to {
        return Ok(0);
    }
    let (begins, ends) = (local(from, zone)?, local(to, zone)?);
    let days = begins.date().until(ends.date()).map_or(0, |days| i64::from(days.get_days()));
    let goes_beyond = ends.time() > begins.time();
    Ok((days + i64::from(goes_beyond)).max(1))
}

/// The local time. The start of a day is midnight, also where the clocks skip that.
fn local(at: Timestamp, zone: &TimeZone) -> Result<DateTime, String> {
    let local = at.to_zoned_datetime(zone.clone()).datetime();
    let is_start_of_day = start_of(local.date(), zone)? == at;
    Ok(if is_start_of_day { local.date().to_datetime(Time::midnight()) } else { local })
}

/// A local time, which the clocks may skip.
pub(super) struct LocalTime {
    local: DateTime,
    is_start_of_day: bool,
}

impl LocalTime {
    /// A time of a day, whether or not that begins with it.
    pub(super) fn of(local: DateTime) -> Self {
        Self { local, is_start_of_day: false }
    }

    fn earlier(at: Timestamp, days: i64, zone: &TimeZone) -> Result<Self, String> {
        let now = at.to_zoned_datetime(zone.clone()).datetime();
        let local = Span::new()
            .try_days(days)
            .and_then(|days| now.checked_sub(days))
            .map_err(|_| format!("{days} days before {now} is before the calendar begins"))?;
        Ok(Self { local, is_start_of_day: start_of(now.date(), zone)? == at })
    }

    /// The instant. The start of a day stays one, also where the clocks skip midnight; another time
    /// that they skip is the instant at which they do.
    pub(super) fn instant(&self, zone: &TimeZone) -> Result<Timestamp, String> {
        if self.is_start_of_day {
            return start_of(self.local.date(), zone);
        }
        let ambiguous = zone.to_ambiguous_timestamp(self.local);
        let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let instant = ambiguous
            .compatible()
            .map_err(|error| format!("{} in this time zone: {error}", self.local))?;
        let skipping = || zone.preceding(instant + SignedDuration::from_nanos(1)).next();
        let skipped = is_skipped.then(skipping).flatten();
        Ok(skipped.map_or(instant, |skipped| skipped.timestamp()))
    }
}

pub(super) fn start_of(day: Date, time_zone: &TimeZone) -> Result<Timestamp, String> {
    day.to_zoned_datetime(time_zone.clone())
        .and_then(|midnight| midnight.start_of_day())
        .map(|start| start.timestamp())
        .map_err(|_| format!("{day} is beyond the calendar in this time zone; use another period"))
}
