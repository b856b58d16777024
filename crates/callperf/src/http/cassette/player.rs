//! Gives what was kept.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    difference::{Difference, differences},
    file::{Cassette, Exchange, Names, RecordedResponse, VERSION},
    identifying::Identifying,
    request::{Match, RecordedRequest},
    scrub::{self, Pseudonyms, Scrubber},
};
use crate::words::{
    bom::{is_utf16, without_mark},
    error::{Error, ErrorKind, Result},
};

/// The most differences that the error of a request without an answer lists.
const MOST_DIFFERENCES: usize = 5;

/// Gives the answers of a cassette again.
pub(crate) struct Player {
    file: PathBuf,
    clock: Timestamp,
    scrubber: Scrubber,
    calibration: BTreeMap<String, String>,
    exchanges: Vec<Exchange>,
    played: Mutex<Played>,
}

#[derive(Default)]
struct Played {
    /// The exchanges that were played.
    places: Vec<usize>,
    /// The identifiers that were asked with.
    known: Pseudonyms,
}

impl Player {
    /// # Errors
    /// [`ErrorKind::Settings`] where the file can't be read, or is no cassette.
    pub(crate) fn new(file: PathBuf, identifying: Identifying) -> Result<Self> {
        let refuse = |reason: &str| {
            let reason = format!("the cassette {} {reason}", file.display());
            Error::new(ErrorKind::Settings, reason)
        };
        let text = fs::read(&file).map_err(|error| {
            refuse(&format!("can't be read: {error}; make it with ClientBuilder::record_to"))
        })?;
        if is_utf16(&text) {
            return Err(refuse("is UTF-16; save it as UTF-8"));
        }
        let json: Json = serde_json::from_slice(without_mark(&text))
            .map_err(|error| refuse(&format!("isn't one: {error}")))?;
        match json.get("cassette").and_then(Json::as_u64) {
            Some(1 | 2) => {}
            Some(version) => {
                return Err(refuse(&format!(
                    "has version {version}, and this crate reads 1 and {VERSION}; record it again"
                )));
            }
            None => return Err(refuse("isn't one: it has no `cassette`")),
        }
        let cassette: Cassette<Exchange> = serde_path_to_error::deserialize(json)
            .map_err(|error| refuse(&format!("isn't one: {}: {}", error.path(), error.inner())))?;
        Ok(Self {
            scrubber: match cassette.pseudonym_digits {
                Some(digits) => Scrubber::of_version_1(digits, identifying),
                None => Scrubber::new(cassette.names == Names::Kept, identifying),
            },
            clock: cassette.clock,
            calibration: cassette.calibration,
            exchanges: cassette.exchanges,
            played: Mutex::default(),
            file,
        })
    }

    /// What the time was.
    pub(crate) fn clock(&self) -> Timestamp {
        self.clock
    }

    /// What the recording client knew of the API.
    pub(crate) fn calibration(&self) -> &BTreeMap<String, String> {
        &self.calibration
    }

    pub(super) fn scrubber(&self) -> Scrubber {
        self.scrubber
    }

    /// The next answer to a request, or else to the same request with the body that an
    /// earlier version sent for it.
    ///
    /// # Errors
    /// [`ErrorKind::NotRecorded`] where there is none, or none any more.
    pub(crate) fn play(
        &self,
        asked: RecordedRequest,
        earlier_body: Option<Json>,
    ) -> Result<(RecordedResponse, Match)> {
        let earlier = earlier_body.map(|body| RecordedRequest { body, ..asked.clone() });
        let mut played = self.played();
        let mut request = |mut asked: RecordedRequest| {
            let known = self.scrubber.request(&mut asked);
            played.known.extend(known.ids);
            asked.to_json()
        };
        let (request, earlier) = (request(asked), earlier.map(request));
        let answers = self.exchanges.iter().enumerate().filter_map(|(place, exchange)| {
            let is_earlier = Some(&exchange.request) == earlier.as_ref();
            let found = if exchange.request == request { Match::Body } else { Match::EarlierBody };
            (found == Match::Body || is_earlier).then_some((found, place))
        });
        let mut answers: Vec<_> = answers.collect();
        answers.sort_unstable();
        let Some((found, place)) =
            answers.iter().copied().find(|(_, place)| !played.places.contains(place))
        else {
            let requests = [Some(&request), earlier.as_ref()];
            return Err(self.missing(requests, answers.len(), &played.known));
        };
        played.places.push(place);
        let response = self.exchanges[place].response.clone();
        Ok((response.answered(&played.known), found))
    }

    fn played(&self) -> MutexGuard<'_, Played> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error that none of the requests for a question has an answer any more.
    fn missing(&self, requests: [Option<&Json>; 2], times: usize, known: &Pseudonyms) -> Error {
        let file = self.file.display();
        let requests = || requests.into_iter().flatten();
        let operation = requests().find_map(|one| one["operation"].as_str()).unwrap_or_default();
        let operation = restored(operation.into(), known);
        let operation = operation.as_str().unwrap_or_default();
        if times > 0 {
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            let reason = format!(
                "{operation} was recorded {times} with this request, and is asked once more ({file})"
            );
            return Error::new(ErrorKind::NotRecorded, reason);
        }
        let all = self
            .exchanges
            .iter()
            .flat_map(|exchange| requests().map(|request| differences(&exchange.request, request)));
        // Another operation is further off than any request to the same one.
        let distance = |found: &Vec<Difference<'_>>| {
            (found.iter().any(|one| one.pointer == "/operation"), found.len())
        };
        let reason = match all.min_by_key(distance) {
            None => format!("nothing is recorded in {file}"),
            Some(nearest) => format!(
                "no answer to this request of {operation} is recorded in {file}; the nearest \
                 differs:{}",
                differing(&nearest, known)
            ),
        };
        Error::new(ErrorKind::NotRecorded, reason)
    }
}

fn restored(mut json: Json, known: &Pseudonyms) -> Json {
    scrub::restore(&mut json, known);
    json
}

/// The differences, a line each, with the program's own identifiers where it sent them.
fn differing(nearest: &[Difference<'_>], known: &Pseudonyms) -> String {
    let shown = |json: Option<&Json>| match json {
        Some(json) => restored(json.clone(), known).to_string(),
        None => "nothing".to_owned(),
    };
    let lines = nearest.iter().take(MOST_DIFFERENCES).map(|one| {
        let (recorded, asked) = (shown(one.recorded), shown(one.asked));
        format!("\n  {}: recorded {recorded}, asked {asked}", one.pointer)
    });
    let more = nearest.len().saturating_sub(MOST_DIFFERENCES);
    let more = (more > 0).then(|| format!("\n  and in {more} more places"));
    lines.chain(more).collect()
}
