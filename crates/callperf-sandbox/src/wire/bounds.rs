//! The ends of a period.

use jiff::{SignedDuration, Timestamp};

use super::read::{Field, Findings};
use crate::assumptions::{Assumptions, FutureTimeTo, Milliseconds};

/// The longest that a period can reach back.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(184 * 24);

/// The ends of a period, in whole seconds.
pub(super) struct PeriodBounds {
    /// The second in which it begins.
    pub(super) floor: i64,
    /// The first second that lies in it entirely.
    pub(super) first: i64,
    pub(super) last: i64,
    /// The last second of which calls are counted yet.
    pub(super) known: i64,
    /// From one end to the other, as they were sent.
    pub(super) length: SignedDuration,
    pub(super) are_backwards: bool,
}

pub(super) fn bounds(
    findings: &mut Findings,
    range: &Field<'_>,
    now: Timestamp,
    assumptions: &Assumptions,
) -> Option<PeriodBounds> {
    let from_field = range.child("timeFrom").required(findings);
    let to_field = range.child("timeTo").required(findings);
    let from = from_field.instant(findings);
    let to = to_field.instant(findings);
    if from.is_some_and(|from| now.duration_since(from) > LOOKBACK) {
        from_field.refuse(findings, "it is more than 184 days ago");
    }
    if to.is_some_and(|to| to > now) {
        let code = match assumptions.future_time_to {
            FutureTimeTo::Anl302 => "ANL-302",
            FutureTimeTo::Cmn101 => "CMN-101",
        };
        to_field.refuse_with(findings, code, "it is in the future");
    }
    let length = to?.duration_since(from?);
    let (from, to) = (from?.as_nanosecond(), to?.as_nanosecond());
    let second = |nanosecond: i128| i64::try_from(nanosecond.div_euclid(1_000_000_000)).ok();
    Some(PeriodBounds {
        floor: second(from)?,
        first: match assumptions.milliseconds {
            Milliseconds::Kept => second(from + 999_999_999)?,
            Milliseconds::Dropped => second(from)?,
        },
        last: second(to)?,
        known: now.as_second().saturating_sub_unsigned(assumptions.latency),
        length,
        are_backwards: from > to,
    })
}
