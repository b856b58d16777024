//! Days that a page is about, and where they come from.

use callperf::{Client, Period, period::ResolvedPeriod};
use callperf_history::{Reader, files};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use crate::render::{DashboardOptions, day_after};

/// Where the days come from.
pub(super) struct Days<'a> {
    pub(super) client: &'a Client,
    pub(super) options: &'a DashboardOptions,
    pub(super) resolved: ResolvedPeriod,
    pub(super) history: Option<&'a Reader>,
}

/// Days that follow each other, in a zone.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) first: Date,
    pub(super) days: usize,
    /// The instants from which and up to which there are calls.
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) zone: TimeZone,
}

impl Range {
    /// `None` for a period that the calendar can't express.
    pub(super) fn of(start: Timestamp, end: Timestamp, zone: &TimeZone) -> Option<Self> {
        let first = start.to_zoned_datetime(zone.clone()).date();
        let last = end.checked_sub(1.millisecond()).ok()?.to_zoned_datetime(zone.clone()).date();
        let days = usize::try_from(first.until(last).ok()?.get_days()).ok()? + 1;
        Some(Self { first, days, start, end, zone: zone.clone() })
    }

    pub(super) fn last(&self) -> Date {
        day_after(self.first, self.days - 1)
    }

    pub(super) fn period(&self) -> Period {
        Period::between(self.start, self.end)
    }

    /// The place of the day that an instant is on.
    pub(super) fn place(&self, time: Timestamp) -> Option<usize> {
        self.place_of(time.to_zoned_datetime(self.zone.clone()).date())
    }

    pub(super) fn place_of(&self, day: Date) -> Option<usize> {
        let place = usize::try_from(self.first.until(day).ok()?.get_days()).ok()?;
        (place < self.days).then_some(place)
    }

    /// The places of the days that aren't whole.
    pub(super) fn partial(&self) -> Vec<usize> {
        let mut places = Vec::new();
        if start_of(self.first, &self.zone) != Some(self.start) {
            places.push(0);
        }
        let after = day_after(self.first, self.days);
        if start_of(after, &self.zone) != Some(self.end) && places.last() != Some(&(self.days - 1))
        {
            places.push(self.days - 1);
        }
        places
    }
}

pub(super) fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    files::start(day, zone).ok()
}
