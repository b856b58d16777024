//! How close to now a period ends.

use jiff::{SignedDuration, Timestamp};

/// How far an end stays behind the clock.
///
/// The API refuses an end in the future; integrations keep two minutes between
/// the end and now. Both are what third parties report, not documented.
pub const END_BUFFER: SignedDuration = SignedDuration::from_mins(2);

/// The latest end that is sent at this instant, in whole seconds.
pub(crate) fn latest_end(now: Timestamp) -> Timestamp {
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    second.checked_sub(END_BUFFER).unwrap_or(Timestamp::MIN)
}
