//! What a calibration changes in a client.

#[cfg(feature = "testing")]
use std::collections::BTreeMap;
use std::{fs, path::Path};

use jiff::SignedDuration;

use crate::{
    http::pace::Remaining,
    plan::{END_OFFSET, Followed, HoursRules, TimelineRules},
    rules::{Calibration, Follows},
    words::{
        api::Api,
        bom,
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
pub(super) fn read(file: Option<&Path>, server: &str, api: Api) -> Result<Option<Calibration>> {
    let Some(file) = file else { return Ok(None) };
    let refuse = |problem: String| {
        Error::new(ErrorKind::Settings, format!("calibration: {}: {problem}", file.display()))
    };
    let calibration = parsed(file).map_err(refuse)?;
    if let Some(other) = calibration.api().filter(|of| *of != api) {
        return Err(refuse(format!(
            "it is of {other}, and the client speaks {api}; leave it out for {api}"
        )));
    }
    warn_of_other_server(&calibration, server);
    Ok(Some(calibration))
}

fn parsed(file: &Path) -> std::result::Result<Calibration, String> {
    let bytes = fs::read(file)
        .map_err(|error| format!("{error}; `callperf calibrate` writes such a file"))?;
    let text = bom::text(&bytes)?;
    text.parse().map_err(|error: Error| error.to_string())
}

fn warn_of_other_server(calibration: &Calibration, server: &str) {
    if let Some(other) = calibration.server().filter(|_| !calibration.is_of(server)) {
        let (other, server) = (shown::address(other), shown::address(server));
        tracing::warn!(
            calibrated = %other,
            server = %server,
            "the calibration is of another server, {other}, and this one is {server}; it is \
             followed all the same; run `callperf calibrate` here"
        );
    }
}

/// What goes into a cassette.
#[cfg(feature = "testing")]
pub(super) fn carried(calibration: Option<&Calibration>) -> BTreeMap<String, String> {
    let all = calibration.into_iter().flat_map(Calibration::all_settled);
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What plans follow. What is set counts before what is settled.
pub(super) fn followed(
    end_offset: Option<SignedDuration>,
    calibration: Option<&Calibration>,
) -> Followed {
    let is = |what: Follows, value: &str| settled(calibration, what) == Some(value);
    let usual = if is(Follows::Milliseconds, "dropped") { WHOLE_SECOND } else { END_OFFSET };
    let is_start = |day: &&DayOfWeek| {
        settled(calibration, Follows::WeekStart)
            .is_some_and(|start| is_same_word(start, day.as_str()))
    };
    Followed {
        end_offset: end_offset.unwrap_or(usual),
        timelines: TimelineRules {
            any_range: is(Follows::TimelineRange, "any"),
            week_start: DayOfWeek::KNOWN.iter().find(is_start).and_then(DayOfWeek::weekday),
            points_are_elsewhere: is(Follows::PointsBeginTheirInterval, "no"),
            parts_are_left_out: is(Follows::PartialBuckets, "omitted"),
        },
        hours: HoursRules {
            end_is_excluded: is(Follows::HoursEnd, "excluded"),
            end_at_midnight: settled(calibration, Follows::OvernightHours)
                .is_some_and(|value| value != "wrapped"),
        },
    }
}

/// What the server means by the requests that are left.
pub(super) fn remaining(calibration: Option<&Calibration>) -> Remaining {
    match settled(calibration, Follows::RateLimitRemaining) {
        Some("before") => Remaining::BeforeTheRequest,
        _ => Remaining::AfterTheRequest,
    }
}

fn settled(calibration: Option<&Calibration>, what: Follows) -> Option<&str> {
    calibration?.settled(what.name())
}
