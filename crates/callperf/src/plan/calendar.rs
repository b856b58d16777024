//! When the intervals of a timeline begin.

use jiff::{
    SignedDuration, Span, Timestamp, ToSpan, ZonedDateTime,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::words::vocabulary::Interval;

/// The intervals of a time zone.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    pub(super) zone: TimeZone,
    pub(super) bucket: Bucket,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Bucket {
    Hour,
    Day,
    /// From this day on.
    Week(Weekday),
    Month,
}

impl Bucket {
    /// Those that an interval may mean, the likeliest first: no document says on which
    /// day weeks begin.
    pub(super) fn of(interval: &Interval, week_start: Option<Weekday>) -> Vec<Self> {
        match interval {
            Interval::Hour => vec![Self::Hour],
            Interval::Day => vec![Self::Day],
            Interval::Week => match week_start {
                Some(day) => vec![Self::Week(day)],
                None => vec![Self::Week(Weekday::Monday), Self::Week(Weekday::Sunday)],
            },
            Interval::Month => vec![Self::Month],
            Interval::Other(_) => Vec::new(),
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Week(_) => 1.week(),
            Self::Month => 1.month(),
        }
    }
}

impl Calendar {
    pub(super) fn local(&self, at: Timestamp) -> ZonedDateTime {
        at.to_zoned_datetime(self.zone.clone())
    }

    /// The start of the interval that has the instant.
    pub(super) fn start_of(&self, at: Timestamp) -> Option<Timestamp> {
        match self.bucket {
            Bucket::Hour => self.start_of_hour(at),
            _ => self.start_of_day(self.first_day(at)?),
        }
    }

    /// The end of the interval that has the instant, which is the next one's start.
    pub(super) fn end_of(&self, at: Timestamp) -> Option<Timestamp> {
        match self.bucket {
            Bucket::Hour => self.end_of_hour(at),
            _ => self.start_of_day(self.first_day(at)?.checked_add(self.bucket.span()).ok()?),
        }
    }

    /// The same local time an interval later.
    pub(super) fn one_later(&self, at: Timestamp) -> Option<Timestamp> {
        self.local(at).checked_add(self.bucket.span()).ok().map(|later| later.timestamp())
    }

    fn first_day(&self, at: Timestamp) -> Option<Date> {
        let date = self.local(at).date();
        match self.bucket {
            Bucket::Week(first) => date.checked_sub(date.weekday().since(first).days()).ok(),
            Bucket::Month => Some(date.first_of_month()),
            Bucket::Hour | Bucket::Day => Some(date),
        }
    }

    fn start_of_day(&self, date: Date) -> Option<Timestamp> {
        let midnight = date.to_zoned_datetime(self.zone.clone()).ok()?;
        midnight.start_of_day().ok().map(|start| start.timestamp())
    }

    /// Hours begin where the local clock shows a full one, or is moved.
    fn start_of_hour(&self, at: Timestamp) -> Option<Timestamp> {
        let full = at.checked_sub(self.since_full_hour(at)).ok()?;
        let after = at.checked_add(1.nanosecond()).ok()?;
        let moved = self.zone.preceding(after).next().map(|moved| moved.timestamp());
        Some(moved.map_or(full, |moved| moved.max(full)))
    }

    fn end_of_hour(&self, at: Timestamp) -> Option<Timestamp> {
        let full = at.checked_sub(self.since_full_hour(at)).ok()?.checked_add(1.hour()).ok()?;
        let moved = self.zone.following(at).next().map(|moved| moved.timestamp());
        Some(moved.map_or(full, |moved| moved.min(full)))
    }

    fn since_full_hour(&self, at: Timestamp) -> SignedDuration {
        let local = self.local(at).datetime();
        let full = local.with().minute(0).second(0).subsec_nanosecond(0).build();
        full.map_or(SignedDuration::ZERO, |full| local.duration_since(full))
    }
}
