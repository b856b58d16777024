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

    /// What there is of each of the days that aren't whole, in words.
    pub(super) fn parts(&self) -> Vec<String> {
        let time = |instant: Timestamp| {
            instant.to_zoned_datetime(self.zone.clone()).strftime("%H:%M").to_string()
        };
        let begins_later = start_of(self.first, &self.zone) != Some(self.start);
        let after = day_after(self.first, self.days);
        let ends_earlier = start_of(after, &self.zone) != Some(self.end);
        let part = |place: usize| {
            let is_from = begins_later && place == 0;
            let is_to = ends_earlier && place == self.days - 1;
            match (is_from, is_to) {
                (true, true) => format!("from {} to {}", time(self.start), time(self.end)),
                (true, false) => format!("from {}", time(self.start)),
                _ => format!("up to {}", time(self.end)),
            }
        };
        self.partial().into_iter().map(part).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_not_whole_say_which_hours_they_have() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let parts = |from: &str, to: &str| {
            let range = Range::of(from.parse().unwrap(), to.parse().unwrap(), &zone).unwrap();
            range.partial().into_iter().zip(range.parts()).collect::<Vec<_>>()
        };
        let said = |place: usize, text: &str| (place, text.to_owned());
        assert_eq!(
            parts("2026-11-20T08:00-05", "2026-11-20T12:00-05"),
            [said(0, "from 08:00 to 12:00")]
        );
        assert_eq!(
            parts("2026-11-20T08:00-05", "2026-11-22T12:58-05"),
            [said(0, "from 08:00"), said(2, "up to 12:58")]
        );
        assert_eq!(parts("2026-11-20T00:00-05", "2026-11-22T00:00-05"), []);
    }
}
