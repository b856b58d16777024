//! Timelines that are sent longer than they are asked for.
//!
//! A server may refuse a timeline whose time range isn't longer than its interval
//! (`ANL-305`, as one third party reports). Such a timeline is sent with the intervals
//! beside it, whose points are taken out of the response.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Weekday, tz::TimeZone};

use super::calendar::{Bucket, Calendar};
use crate::{
    report::Notice,
    rules::DAYS_KEPT,
    words::{
        period::{END_BUFFER, latest_end},
        vocabulary::Interval,
    },
};

/// How far back the API's data goes.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(DAYS_KEPT * 24);

/// A timeline as it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<'a> {
    pub(crate) interval: &'a Interval,
    pub(crate) zone: &'a TimeZone,
    /// In whole milliseconds, as the wire has them.
    pub(crate) period: Range<Timestamp>,
    /// How much earlier than the period's end the last instant on the wire is.
    pub(crate) end_offset: SignedDuration,
    /// If it is known.
    pub(crate) week_start: Option<Weekday>,
    pub(crate) now: Timestamp,
}

/// How a timeline is sent.
#[derive(Clone, Debug)]
pub(crate) enum TimeRange {
    /// As it is asked for, since that is longer than any such interval.
    LongEnough,
    /// As it is asked for, although that isn't longer: it neither begins nor ends with an
    /// interval, or what lies beside it is in the future or too long ago.
    TooShort(Interval),
    /// With the intervals before it or after it.
    Widened(Widening),
}

impl TimeRange {
    /// What a reader of the timeline should know.
    pub(crate) fn notice(&self) -> Option<Notice> {
        match self {
            Self::TooShort(interval) => {
                Some(Notice::ShorterThanInterval { interval: interval.clone() })
            }
            Self::LongEnough | Self::Widened(_) => None,
        }
    }

    pub(crate) fn widening(self) -> Option<Widening> {
        match self {
            Self::Widened(widening) => Some(widening),
            Self::LongEnough | Self::TooShort(_) => None,
        }
    }
}

impl Timeline<'_> {
    pub(crate) fn time_range(&self) -> TimeRange {
        let Some(longest) = longest(self.interval) else { return TimeRange::LongEnough };
        if self.period.is_empty() || self.is_longer(&self.period, longest) {
            return TimeRange::LongEnough;
        }
        let widened = Bucket::of(self.interval, self.week_start).into_iter().find_map(|bucket| {
            let calendar = Calendar { zone: self.zone.clone(), bucket };
            let sent =
                self.forwards(&calendar, longest).or_else(|| self.backwards(&calendar, longest))?;
            Some(Widening { asked: self.period.clone(), sent, calendar })
        });
        let too_short = || TimeRange::TooShort(self.interval.clone());
        widened.map_or_else(too_short, TimeRange::Widened)
    }

    fn is_longer(&self, period: &Range<Timestamp>, longest: SignedDuration) -> bool {
        period.end.duration_since(period.start).saturating_sub(self.end_offset) > longest
    }

    fn forwards(&self, calendar: &Calendar, longest: SignedDuration) -> Option<Range<Timestamp>> {
        let latest = latest_end(self.now);
        let mut sent = self.period.clone();
        let begins = calendar.start_of(sent.end)?;
        if begins != sent.end {
            return None;
        }
        // More than one where the period is a part of an interval, or February's.
        while !self.is_longer(&sent, longest) {
            sent.end = calendar.end_of(sent.end).filter(|end| *end <= latest)?;
        }
        Some(sent)
    }

    fn backwards(&self, calendar: &Calendar, longest: SignedDuration) -> Option<Range<Timestamp>> {
        // A pull takes its time, and what is asked for on its first page is on its last.
        let earliest = self.now.checked_sub(LOOKBACK).ok()?.checked_add(END_BUFFER).ok()?;
        let mut sent = self.period.clone();
        let begins = calendar.start_of(sent.start)?;
        if begins != sent.start {
            return None;
        }
        while !self.is_longer(&sent, longest) {
            let before = sent.start.checked_sub(1.nanosecond()).ok()?;
            sent.start = calendar.start_of(before).filter(|start| *start >= earliest)?;
        }
        Some(sent)
    }
}

/// The longest interval of its kind: the clocks are put back by an hour at most, but
/// in a polar station. `None` for one that this crate doesn't know.
fn longest(interval: &Interval) -> Option<SignedDuration> {
    let hours = match interval {
        Interval::Hour => 1,
        Interval::Day => 25,
        Interval::Week => 7 * 24 + 1,
        Interval::Month => 31 * 24 + 1,
        Interval::Other(_) => return None,
    };
    Some(SignedDuration::from_hours(hours))
}

/// A timeline that is sent longer than it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Widening {
    asked: Range<Timestamp>,
    sent: Range<Timestamp>,
    calendar: Calendar,
}

/// What a point of a widened timeline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// What was asked for.
    Asked,
    /// What was only sent.
    Beside,
    /// Both: the server's intervals begin elsewhere.
    Both,
}

impl Widening {
    pub(crate) fn asked(&self) -> &Range<Timestamp> {
        &self.asked
    }

    /// From its first instant to the first one after it, as [`Timeline::period`].
    pub(crate) fn sent(&self) -> &Range<Timestamp> {
        &self.sent
    }

    /// Where a point belongs, by the start of its interval.
    pub(crate) fn place_of(&self, start: Timestamp) -> Place {
        let is_forwards = self.sent.end > self.asked.end;
        let seam = if is_forwards { self.asked.end } else { self.asked.start };
        match (start < seam, is_forwards) {
            (true, _) if self.crosses(start, seam) => Place::Both,
            (true, true) | (false, false) => Place::Asked,
            (true, false) | (false, true) => Place::Beside,
        }
    }

    /// Whether an interval that starts before the seam goes beyond it. One that starts
    /// where intervals do ends at the seam at the latest, since another starts there; and
    /// so does one that was cut, and has the start of what was sent for its own.
    fn crosses(&self, start: Timestamp, seam: Timestamp) -> bool {
        let is_known =
            start == self.sent.start || self.calendar.start_of(start).is_none_or(|it| it == start);
        !is_known && self.calendar.one_later(start).is_some_and(|end| end > seam)
    }
}

#[cfg(test)]
mod tests;
