//! How a server behaves, as far as plans follow what a calibration has settled of it.

use jiff::{SignedDuration, civil::Weekday};

use crate::{query::Hours, rules::is_hour};

/// The wire's bounds are both inclusive, a period's end isn't; that the API keeps milliseconds is
/// an assumption.
pub(crate) const END_OFFSET: SignedDuration = SignedDuration::from_millis(1);

/// What is followed; by default what is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Followed {
    /// How much earlier than a period's end the last instant on the wire is.
    pub(crate) end_offset: SignedDuration,
    pub(crate) timelines: TimelineRules,
    pub(crate) hours: HoursRules,
}

impl Default for Followed {
    fn default() -> Self {
        Self {
            end_offset: END_OFFSET,
            timelines: TimelineRules::default(),
            hours: HoursRules::default(),
        }
    }
}

/// What is known of the server's timelines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimelineRules {
    /// Whether it answers those that aren't longer than their interval.
    pub(crate) any_range: bool,
    pub(crate) week_start: Option<Weekday>,
    /// Whether a point's time is another one than the start of its interval.
    pub(crate) points_are_elsewhere: bool,
    /// Whether an interval that the period cuts is left out, with its calls.
    pub(crate) parts_are_left_out: bool,
}

impl TimelineRules {
    /// Whether a short timeline goes out longer: not if that is needless, nor if the points of the
    /// interval beside it couldn't be distinguished from its own.
    pub(super) fn are_widened(self) -> bool {
        !self.any_range && !self.points_are_elsewhere
    }
}

/// What is known of how the server takes hours of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HoursRules {
    /// Whether the last minute isn't among them.
    pub(crate) end_is_excluded: bool,
    /// Whether those that end before they begin don't pass midnight.
    pub(crate) end_at_midnight: bool,
}

const LAST_MINUTE: &str = "23:59";
const FIRST_MINUTE: &str = "00:00";

impl HoursRules {
    /// Hours as the server has to be asked for them, so that they mean what [`Hours`] says.
    pub(crate) fn sent(self, hours: &[Hours]) -> Vec<Hours> {
        hours.iter().flat_map(|hours| self.parts(hours)).map(|part| self.spelled(part)).collect()
    }

    /// The end and the start of a day, if the server takes them for nothing otherwise.
    fn parts(self, hours: &Hours) -> Vec<Hours> {
        // With the next minute for an end, those of a whole day would begin and end at once.
        let is_split = self.end_at_midnight || self.end_is_excluded;
        let are_times = is_hour(&hours.from) && is_hour(&hours.to);
        if is_split && are_times && hours.to < hours.from {
            let (from, to) = (hours.from.clone(), hours.to.clone());
            return vec![Hours::new(from, LAST_MINUTE), Hours::new(FIRST_MINUTE, to)];
        }
        vec![hours.clone()]
    }

    fn spelled(self, hours: Hours) -> Hours {
        let next = minute_after(&hours.to).filter(|_| self.end_is_excluded);
        Hours { to: next.unwrap_or(hours.to), ..hours }
    }
}

/// The next minute; 24:00 after the last one. `None` for what isn't a minute.
fn minute_after(text: &str) -> Option<String> {
    let (hour, minute) = text.split_once(':').filter(|_| is_hour(text))?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let next = hour * 60 + minute + 1;
    Some(format!("{:02}:{:02}", next / 60, next % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(end_is_excluded: bool, end_at_midnight: bool, from: &str, to: &str) -> Vec<String> {
        let rules = HoursRules { end_is_excluded, end_at_midnight };
        let sent = rules.sent(&[Hours::new(from, to)]);
        sent.iter().map(|hours| format!("{}-{}", hours.from, hours.to)).collect()
    }

    #[test]
    fn the_last_minute_is_asked_for_as_the_server_takes_ends() {
        assert_eq!(sent(false, false, "09:00", "17:59"), ["09:00-17:59"]);
        assert_eq!(sent(true, false, "09:00", "17:59"), ["09:00-18:00"]);
        assert_eq!(sent(true, false, "00:00", "23:59"), ["00:00-24:00"]);
    }

    #[test]
    fn hours_over_midnight_are_two_where_the_server_takes_them_for_none() {
        assert_eq!(sent(false, false, "22:00", "05:59"), ["22:00-05:59"]);
        assert_eq!(sent(false, true, "22:00", "05:59"), ["22:00-23:59", "00:00-05:59"]);
        assert_eq!(sent(true, true, "22:00", "05:59"), ["22:00-24:00", "00:00-06:00"]);
        // All day, from nine to nine: not from nine to the same minute.
        assert_eq!(sent(true, false, "09:00", "08:59"), ["09:00-24:00", "00:00-09:00"]);
        assert_eq!(sent(false, true, "09:00", "09:00"), ["09:00-09:00"]);
    }

    #[test]
    fn what_is_no_time_of_day_goes_out_as_it_is() {
        assert_eq!(sent(true, true, "nine", "five"), ["nine-five"]);
        assert_eq!(sent(true, false, "09:00", "five"), ["09:00-five"]);
        assert_eq!(sent(false, true, "9:00", "17:59"), ["9:00-17:59"]);
        assert_eq!(sent(true, true, "9:00", "24:00"), ["9:00-24:00"]);
        assert_eq!(sent(true, false, "00:00", "71582789:00"), ["00:00-71582789:00"]);
    }
}
