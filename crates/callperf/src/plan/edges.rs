//! Intervals of a timeline that are only partly in its period.

use std::ops::Range;

use jiff::{Timestamp, tz::TimeZone};

use super::calendar::{Bucket, Calendar};
use crate::{report::Notice, words::vocabulary::Interval};

/// What a reader should know of the first and the last interval of a period, which the server
/// counts in part or leaves out.
///
/// Where weeks may begin on several days, the one that cuts fewer intervals is taken.
pub(super) fn notice(
    interval: &Interval,
    buckets: &[Bucket],
    zone: &TimeZone,
    period: &Range<Timestamp>,
    are_left_out: bool,
) -> Option<Notice> {
    let cut = |bucket: &Bucket| {
        let calendar = Calendar { zone: zone.clone(), bucket: *bucket };
        let is_cut = |at: Timestamp| calendar.start_of(at).is_some_and(|start| start != at);
        (is_cut(period.start), is_cut(period.end))
    };
    let edges = buckets.iter().map(cut);
    let (first, last) = edges.min_by_key(|(first, last)| u8::from(*first) + u8::from(*last))?;
    let interval = interval.clone();
    let notice = if are_left_out {
        Notice::IntervalsLeftOut { interval, first, last }
    } else {
        Notice::PartialIntervals { interval, first, last }
    };
    (first || last).then_some(notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(interval: &Interval, from: &str, to: &str) -> Option<(bool, bool)> {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |text: &str| {
            let local: jiff::civil::DateTime = text.parse().unwrap();
            local.to_zoned_datetime(zone.clone()).unwrap().timestamp()
        };
        let period = at(from)..at(to);
        match notice(interval, &Bucket::of(interval, None), &zone, &period, false)? {
            Notice::PartialIntervals { first, last, .. } => Some((first, last)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_interval_that_the_period_cuts_is_noticed() {
        for (interval, from, to, expected) in [
            (Interval::Month, "2026-09-01T00:00", "2026-11-01T00:00", None),
            (Interval::Month, "2026-09-15T00:00", "2026-11-01T00:00", Some((true, false))),
            (Interval::Month, "2026-09-01T00:00", "2026-11-27T09:58", Some((false, true))),
            (Interval::Week, "2026-11-02T00:00", "2026-11-16T00:00", None),
            (Interval::Week, "2026-11-01T00:00", "2026-11-15T00:00", None),
            // From a Sunday to the end of a Sunday: one of them is cut, whichever day begins weeks.
            (Interval::Week, "2026-11-01T00:00", "2026-11-16T00:00", Some((true, false))),
            (Interval::Week, "2026-11-03T00:00", "2026-11-19T00:00", Some((true, true))),
            (Interval::Day, "2026-10-31T00:00", "2026-11-02T00:00", None),
            (Interval::Day, "2026-10-31T09:00", "2026-11-02T17:00", Some((true, true))),
            (Interval::Hour, "2026-10-31T09:30", "2026-10-31T17:00", Some((true, false))),
            (Interval::from("Quarter"), "2026-10-31T09:30", "2026-10-31T17:00", None),
        ] {
            assert_eq!(cut(&interval, from, to), expected, "{interval} {from} {to}");
        }
    }
}
