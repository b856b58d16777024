//! What a calibration changes in a client.

#[cfg(feature = "testing")]
use std::collections::BTreeMap;
use std::{fs, path::Path};

use jiff::SignedDuration;

use crate::{
    plan::{END_OFFSET, TimelineRules},
    rules::Calibration,
    words::{
        error::{Error, ErrorKind, Result},
        nearest::is_same_word,
        shown,
        vocabulary::DayOfWeek,
    },
};

/// A server without milliseconds takes a second for the least part of a period.
const WHOLE_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// What a file says of a server.
///
/// # Errors
/// [`ErrorKind::Settings`] with the file's name and the line.
pub(super) fn read(file: Option<&Path>, server: &str) -> Result<Option<Calibration>> {
    let Some(file) = file else { return Ok(None) };
    let calibration = parsed(file)?;
    warn_of_other_server(&calibration, server);
    Ok(Some(calibration))
}

fn parsed(file: &Path) -> Result<Calibration> {
    let refuse = |problem: String| {
        Error::new(ErrorKind::Settings, format!("calibration: {}: {problem}", file.display()))
    };
    let text = fs::read_to_string(file)
        .map_err(|error| refuse(format!("{error}; `callperf calibrate` writes such a file")))?;
    text.parse().map_err(|error: Error| refuse(error.to_string()))
}

fn warn_of_other_server(calibration: &Calibration, server: &str) {
    if let Some(other) = calibration.server().filter(|_| !calibration.is_of(server)) {
        tracing::warn!(
            calibrated = %shown::address(other),
            server = %shown::address(server),
            "the calibration is of another server than the client's"
        );
    }
}

/// What goes into a cassette.
#[cfg(feature = "testing")]
pub(super) fn carried(calibration: Option<&Calibration>) -> BTreeMap<String, String> {
    let all = calibration.into_iter().flat_map(Calibration::all_settled);
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What is set counts before what is settled.
pub(super) fn end_offset(
    set: Option<SignedDuration>,
    calibration: Option<&Calibration>,
) -> SignedDuration {
    let settled = calibration.and_then(|it| it.settled("milliseconds"));
    set.unwrap_or(if settled == Some("dropped") { WHOLE_SECOND } else { END_OFFSET })
}

pub(super) fn timeline_rules(calibration: Option<&Calibration>) -> TimelineRules {
    let settled = |name| calibration.and_then(|it| it.settled(name));
    let is_start = |day: &&DayOfWeek| {
        settled("week-start").is_some_and(|start| is_same_word(start, day.as_str()))
    };
    TimelineRules {
        any_range: settled("timeline-range") == Some("any"),
        week_start: DayOfWeek::KNOWN.iter().find(is_start).and_then(DayOfWeek::weekday),
    }
}
