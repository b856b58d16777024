//! The part of a day, a week or a month that has passed, and the same part of an earlier one.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{
    buffer::{END_BUFFER, latest_end},
    earlier::{LocalTime, start_of},
};

/// The part that has passed of the unit that begins on a day, or the same part of another.
#[derive(Clone, Copy, Debug)]
pub(super) struct SoFar {
    /// The unit of the clock.
    pub(super) unit: &'static str,
    /// The day on which the clock's unit begins.
    pub(super) current: Date,
    /// The first day of the unit that is asked for, and the day after its last.
    pub(super) days: (Date, Date),
}

impl SoFar {
    pub(super) fn ends(
        self,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<(Timestamp, Timestamp), String> {
        let latest = latest_end(now);
        let begins = start_of(self.current, zone)?;
        if latest <= begins {
            return Err(self.too_early(begins));
        }
        let (first, after) = self.days;
        if first == self.current {
            return Ok((begins, latest));
        }
        let local = latest.to_zoned_datetime(zone.clone()).datetime();
        let passed = self.current.until(local.date()).unwrap_or_default();
        let last = first.checked_add(passed).unwrap_or(after);
        let whole = start_of(after, zone)?;
        let end = if last < after {
            LocalTime::of(last.to_datetime(local.time())).instant(zone)?.min(whole)
        } else {
            whole
        };
        Ok((start_of(first, zone)?, end))
    }

    fn too_early(self, begins: Timestamp) -> String {
        let buffer = END_BUFFER.saturating_add(SignedDuration::from_secs(1));
        let works_at = begins.checked_add(buffer).unwrap_or(Timestamp::MAX);
        format!(
            "{} has no complete minute yet, and the API has calls up to two minutes ago; send it \
             at {works_at} or later",
            self.unit
        )
    }
}
