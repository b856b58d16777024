//! Lengths of calls and hours of the day.

use std::{
    ops::{RangeFrom, RangeInclusive, RangeToInclusive},
    time::Duration,
};

use jiff::{SignedDuration, civil::Time};

/// A length of time in whole seconds, with either bound or both.
///
/// It is made of seconds, or of a range of durations. A fraction of a second goes up in a
/// minimum and down in a maximum, so that calls of whole seconds pass as they would pass the
/// durations.
///
/// ```
/// use std::time::Duration;
///
/// use callperf::Length;
///
/// let minutes = |count: u64| Duration::from_secs(60 * count);
/// assert_eq!(Length::from(minutes(1)..), Length::at_least(60));
/// assert_eq!(Length::from(..=minutes(2)), Length::at_most(120));
/// assert_eq!(Length::from(minutes(1)..=minutes(2)), Length::between(60, 120));
/// ```
///
/// It is stored as `{ min_seconds = 60, max_seconds = 120 }`, or with one of the two. One with
/// neither limits nothing: it is refused when the query is used, and isn't stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Length {
    pub(crate) min_seconds: Option<u32>,
    pub(crate) max_seconds: Option<u32>,
}

impl Length {
    /// This many seconds or more.
    #[must_use]
    pub fn at_least(seconds: u32) -> Self {
        Self { min_seconds: Some(seconds), max_seconds: None }
    }

    /// This many seconds or fewer.
    #[must_use]
    pub fn at_most(seconds: u32) -> Self {
        Self { min_seconds: None, max_seconds: Some(seconds) }
    }

    /// From `min` to `max` seconds.
    #[must_use]
    pub fn between(min: u32, max: u32) -> Self {
        Self { min_seconds: Some(min), max_seconds: Some(max) }
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        self.min_seconds.is_none() && self.max_seconds.is_none()
    }

    /// The fewest seconds, if there is a minimum.
    #[must_use]
    pub fn min_seconds(&self) -> Option<u32> {
        self.min_seconds
    }

    /// The most seconds, if there is a maximum.
    #[must_use]
    pub fn max_seconds(&self) -> Option<u32> {
        self.max_seconds
    }
}

/// The whole seconds of a duration, and whether there is a fraction beside them. One that is
/// negative is zero.
trait Seconds: Copy {
    fn parts(self) -> (u64, bool);

    fn rounded_up(self) -> u32 {
        let (whole, has_fraction) = self.parts();
        fitting(whole.saturating_add(u64::from(has_fraction)))
    }

    fn rounded_down(self) -> u32 {
        fitting(self.parts().0)
    }
}

fn fitting(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

impl Seconds for Duration {
    fn parts(self) -> (u64, bool) {
        (self.as_secs(), self.subsec_nanos() > 0)
    }
}

impl Seconds for SignedDuration {
    fn parts(self) -> (u64, bool) {
        (u64::try_from(self.as_secs()).unwrap_or(0), self.subsec_nanos() > 0)
    }
}

macro_rules! length_of_durations {
    ($($duration:ty),+) => {$(
        impl From<RangeFrom<$duration>> for Length {
            fn from(range: RangeFrom<$duration>) -> Self {
                Self::at_least(range.start.rounded_up())
            }
        }

        impl From<RangeToInclusive<$duration>> for Length {
            fn from(range: RangeToInclusive<$duration>) -> Self {
                Self::at_most(range.end.rounded_down())
            }
        }

        impl From<RangeInclusive<$duration>> for Length {
            fn from(range: RangeInclusive<$duration>) -> Self {
                Self::between(range.start().rounded_up(), range.end().rounded_down())
            }
        }
    )+};
}

length_of_durations!(Duration, SignedDuration);

/// Hours of the day, in the query's time zone.
///
/// The API takes hours and minutes; whether its upper bound includes its
/// minute is documented nowhere, and published samples suggest so.
///
/// They are stored as `{ from = "09:00", to = "17:59" }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Hours {
    /// From `from` to `to`, both as `hh:mm`, for example `09:00` to `17:59`.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into() }
    }

    /// From one time of the day to another, whose minute is included.
    ///
    /// The API takes whole minutes: the last second of a minute stands for the minute as `to`,
    /// and other seconds are refused when the query is used.
    ///
    /// ```
    /// use callperf::Hours;
    /// use jiff::civil::time;
    ///
    /// assert_eq!(Hours::between(time(9, 0, 0, 0), time(17, 59, 0, 0)), Hours::new("09:00", "17:59"));
    /// ```
    #[must_use]
    pub fn between(from: Time, to: Time) -> Self {
        let is_last_second = to.second() == 59;
        let to = if is_last_second { minute(to) } else { text(to) };
        Self { from: text(from), to }
    }

    /// The first minute.
    #[must_use]
    pub fn start(&self) -> &str {
        &self.from
    }

    /// The last minute.
    #[must_use]
    pub fn end(&self) -> &str {
        &self.to
    }
}

fn text(time: Time) -> String {
    let is_minute = time.second() == 0 && time.subsec_nanosecond() == 0;
    if is_minute { minute(time) } else { time.to_string() }
}

fn minute(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn a_fraction_of_a_second_keeps_out_what_the_duration_keeps_out() {
        let millis = Duration::from_millis;
        assert_eq!(Length::from(millis(1500)..), Length::at_least(2));
        assert_eq!(Length::from(..=millis(1500)), Length::at_most(1));
        assert_eq!(Length::from(millis(1500)..=millis(3999)), Length::between(2, 3));
        assert_eq!(Length::from(Duration::MAX..), Length::at_least(u32::MAX));
        assert_eq!(Length::from(SignedDuration::from_millis(-1500)..), Length::at_least(0));
        assert_eq!(Length::from(..=SignedDuration::from_mins(2)), Length::at_most(120));
    }

    #[test]
    fn times_are_minutes_or_keep_their_seconds() {
        let midnight = time(0, 0, 0, 0);
        assert_eq!(Hours::between(midnight, Time::MAX), Hours::new("00:00", "23:59"));
        assert_eq!(
            Hours::between(time(9, 0, 30, 0), time(17, 30, 20, 0)),
            Hours::new("09:00:30", "17:30:20")
        );
    }
}
