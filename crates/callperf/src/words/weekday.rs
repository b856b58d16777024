//! The API's days of the week as the calendar's.

use jiff::civil::Weekday;

use super::vocabulary::DayOfWeek;

impl DayOfWeek {
    /// The calendar's day; `None` for a word that isn't known.
    #[must_use]
    pub fn weekday(&self) -> Option<Weekday> {
        Some(match self {
            Self::Sunday => Weekday::Sunday,
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Other(_) => return None,
        })
    }
}
