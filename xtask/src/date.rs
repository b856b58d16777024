//! The day that a document was published on.

use jiff::civil::Date;

/// Whether a text is a day of the calendar, written as `2025-03-11` and in no other way.
pub fn is_date(text: &str) -> bool {
    text.parse::<Date>().is_ok_and(|date| date.year() > 0 && date.to_string() == text)
}
