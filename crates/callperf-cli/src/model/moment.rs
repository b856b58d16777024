//! Dates and instants as people write them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

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
    if let Some(day) = date(text) {
        return start_of(what, adjust(what, day)?, zone);
    }
    match text.parse() {
        Ok(local) => local_time(what, local, zone),
        Err(_) => Err(Failure::Usage(format!(
            "{what}: `{text}` is neither a date such as 2026-11-01 nor a time such as \
             2026-11-01T08:00 or 2026-11-01T08:00:00-05:00"
        ))),
    }
}

/// A time without an offset. Where clocks are changed it can be none, or two.
fn local_time(what: &str, local: DateTime, zone: &TimeZone) -> Parsed<Timestamp> {
    let time = zone.to_ambiguous_timestamp(local);
    let (is, before, after) = match time.offset() {
        AmbiguousOffset::Unambiguous { .. } => {
            let instant = time.unambiguous();
            return instant.map_err(|error| Failure::Usage(format!("{what}: {error}")));
        }
        AmbiguousOffset::Gap { before, after } => ("is left out by", before, after),
        AmbiguousOffset::Fold { before, after } => ("comes twice at", before, after),
    };
    Err(Failure::Usage(format!(
        "{what}: {local} {is} a change of the clocks; write its offset, {local}{before} or \
         {local}{after}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_one_of_the_zone() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |text: &str| start("--from", text, &zone);
        for text in ["2026-11-20T08:00", "2026-11-20 08:00:00", "2026-11-20T08:00:00-05:00"] {
            assert_eq!(at(text).unwrap().to_string(), "2026-11-20T13:00:00Z", "{text}");
        }
        let refusal = |text: &str| at(text).unwrap_err().to_string();
        assert_eq!(
            refusal("2026-11-01T01:30"),
            "--from: 2026-11-01T01:30:00 comes twice at a change of the clocks; write its offset, \
             2026-11-01T01:30:00-04 or 2026-11-01T01:30:00-05"
        );
        assert_eq!(
            refusal("2026-03-08T02:30"),
            "--from: 2026-03-08T02:30:00 is left out by a change of the clocks; write its offset, \
             2026-03-08T02:30:00-05 or 2026-03-08T02:30:00-04"
        );
        for text in ["8:00", "2026-11-31", "2026-11", "yesterday", ""] {
            assert!(refusal(text).contains("is neither a date"), "{text}");
        }
    }
}
