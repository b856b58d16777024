//! Dates and instants as people write them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{Failure, words::Parsed};

/// A date alone: the library would take a date with a time too, and drop the time.
pub(crate) fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == "2026-11-01".len())
}

pub(crate) fn day_after(what: &str, day: Date) -> Parsed<Date> {
    day.tomorrow().map_err(|error| Failure::Usage(format!("{what}: {error}")))
}

/// The start of a local day.
pub(crate) fn start_of(what: &str, day: Date, zone: &TimeZone) -> Parsed<Timestamp> {
    day.to_zoned_datetime(zone.clone())
        .and_then(|midnight| midnight.start_of_day())
        .map(|start| start.timestamp())
        .map_err(|error| Failure::Usage(format!("{what}: {error}")))
}

/// An instant, or the start of a local day.
pub(crate) fn start(what: &str, text: &str, zone: &TimeZone) -> Parsed<Timestamp> {
    moment(what, text, zone, |_, day| Ok(day))
}

/// An instant, or the end of a local day.
pub(crate) fn end(what: &str, text: &str, zone: &TimeZone) -> Parsed<Timestamp> {
    moment(what, text, zone, day_after)
}

fn moment(
    what: &str,
    text: &str,
    zone: &TimeZone,
    adjust: fn(&str, Date) -> Parsed<Date>,
) -> Parsed<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let Some(day) = date(text) else {
        return Err(Failure::Usage(format!(
            "{what}: `{text}` is neither a date such as 2026-11-01 nor an instant such as \
             2026-11-01T08:00:00-05:00"
        )));
    };
    start_of(what, adjust(what, day)?, zone)
}
