//! Answers that were recorded, and are given again.

mod difference;
mod scrub;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

pub(crate) use self::scrub::Identifying;
use self::{
    difference::{Difference, differences},
    scrub::{Known, Pseudonyms, Scrubber},
};
use super::{
    bom::{is_utf16, without_mark},
    files::{self, Rights},
};
use crate::words::error::{Error, ErrorKind, Result};

/// Version 1 is read, too. Its pseudonyms have as few digits as the cassette needs.
const VERSION: u32 = 2;

/// The most differences that are told of a request without an answer.
const MOST_DIFFERENCES: usize = 5;

/// What stands for the id of a request, which is another one each time.
const REQUEST_ID: &str = "recorded";

/// What a request asks, whoever asks it of whichever server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The operation's name, or method and path.
    pub(crate) operation: String,
    /// It may hold the account's id; it isn't compared.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Json,
}

impl Asked {
    /// With the names of objects in order, and lists as they are.
    fn to_json(&self) -> Json {
        let mut query = BTreeMap::<&str, Vec<&str>>::new();
        for (name, value) in &self.query {
            query.entry(name).or_default().push(value);
        }
        let query = query.into_iter().map(|(name, values)| {
            let value: Json = if let [value] = values[..] { value.into() } else { values.into() };
            (name.to_owned(), value)
        });
        let mut json = Map::new();
        json.insert("operation".to_owned(), self.operation.clone().into());
        json.insert("query".to_owned(), query.collect());
        if !self.body.is_null() {
            json.insert("body".to_owned(), self.body.clone());
        }
        canonical(Json::Object(json))
    }
}

/// With the names of objects in order, whatever order a build keeps them in.
fn canonical(json: Json) -> Json {
    match json {
        Json::Object(map) => {
            let sorted: BTreeMap<_, _> = map.into_iter().collect();
            sorted.into_iter().map(|(name, value)| (name, canonical(value))).collect()
        }
        Json::Array(items) => items.into_iter().map(canonical).collect(),
        other => other,
    }
}

/// What an answer was recorded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Match {
    Body,
    /// The body that an earlier version sent for the same question.
    EarlierBody,
}

/// An answer, with those of its headers that a client heeds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Cassette<E> {
    #[serde(rename = "cassette")]
    version: u32,
    /// What the time was, so that a relative period is the same again.
    clock: Timestamp,
    /// Of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pseudonym_digits: Option<usize>,
    #[serde(default)]
    names: Names,
    exchanges: Vec<E>,
}

/// What names are in a cassette.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Names {
    #[default]
    Pseudonyms,
    Kept,
}

#[derive(Clone, Serialize, Deserialize)]
struct Exchange {
    request: Json,
    response: Response,
}

#[derive(Clone, Serialize, Deserialize)]
struct Response {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Body,
}

impl Response {
    /// As a client is given it that asked with these identifiers so far.
    fn answered(self, asked: &Pseudonyms) -> Answered {
        let Self { status, headers, body } = self;
        Answered { status, headers, body: body.into_bytes(asked) }
    }
}

/// JSON where that says the same as the bytes, which a name that stands twice in
/// an object, for one, does not.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Json(Json),
    Text(String),
    Base64(String),
}

impl Body {
    fn of(bytes: &[u8], operation: &str, scrubber: Scrubber, known: &mut Known) -> Self {
        if let Some(mut json) = crate::words::json::unambiguous(bytes) {
            scrubber.answer(&mut json, operation, known);
            return Self::Json(canonical(json));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(scrub::replaced(text, &known.ids)),
            Err(_) => Self::Base64(BASE64.encode(bytes)),
        }
    }

    fn into_bytes(self, known: &Pseudonyms) -> Vec<u8> {
        match self {
            Self::Json(mut json) => {
                scrub::restore(&mut json, known);
                json.to_string().into_bytes()
            }
            Self::Text(text) => text.into_bytes(),
            Self::Base64(text) => BASE64.decode(text).unwrap_or_default(),
        }
    }
}

/// What a client's requests go by, beside the server or in its place.
pub(crate) enum Tape {
    Recorder(Recorder),
    Player(Player),
}

impl Tape {
    /// Whether nothing is sent.
    pub(crate) fn is_played(&self) -> bool {
        matches!(self, Self::Player(_))
    }
}

/// Keeps what was asked and answered in a file, which is whole at any time.
pub(crate) struct Recorder {
    file: PathBuf,
    clock: Timestamp,
    names: Names,
    identifying: Identifying,
    recorded: Mutex<Recorded>,
}

#[derive(Default)]
struct Recorded {
    exchanges: Vec<Exchange>,
    /// The identifiers that were asked with.
    asked: Pseudonyms,
    /// What the pseudonyms stand for. It is in no file.
    originals: Pseudonyms,
}

impl Recorder {
    /// Begins a new cassette. An old one stays until the first answer.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] if the file can't be written.
    pub(crate) fn new(
        file: PathBuf,
        clock: Timestamp,
        names: Names,
        identifying: Identifying,
    ) -> Result<Self> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| files::check(&file))
            .map_err(|error| unwritable(&file, error))?;
        Ok(Self { file, clock, names, identifying, recorded: Mutex::default() })
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A text as the server knows it, with what the pseudonyms in it stand for.
    pub(crate) fn original(&self, text: &str) -> String {
        scrub::replaced(text, &self.recorded().originals)
    }

    /// The same for JSON.
    pub(crate) fn put_originals(&self, json: &mut Json) {
        scrub::restore_all(json, &self.recorded().originals);
    }

    /// Keeps an answer, and gives it as a replay will.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] where the file can't be written, or where two
    /// identifiers would have one pseudonym.
    pub(crate) fn keep(&self, mut asked: Asked, mut answered: Answered) -> Result<Answered> {
        if let Some(id) = answered.headers.get_mut("rcrequestid") {
            REQUEST_ID.clone_into(id);
        }
        let scrubber = Scrubber::new(self.names == Names::Kept, self.identifying);
        let operation = asked.operation.clone();
        let mut known = scrubber.request(&mut asked);
        let by_caller = known.ids.clone();
        let body = Body::of(&answered.body, &operation, scrubber, &mut known);
        let Answered { status, headers, .. } = answered;
        let response = Response { status, headers, body };
        let mut recorded = self.recorded();
        recorded.learn(known).map_err(|reason| unwritable(&self.file, reason))?;
        recorded.asked.extend(by_caller);
        let exchange = Exchange { request: asked.to_json(), response: response.clone() };
        recorded.exchanges.push(exchange);
        let text = self.cassette(&recorded).map_err(|error| unwritable(&self.file, error))?;
        files::replace(&self.file, text.as_bytes(), Rights::Kept)
            .map_err(|error| unwritable(&self.file, error))?;
        Ok(response.answered(&recorded.asked))
    }

    /// The whole file. Two recordings of the same answers are the same, in
    /// whichever order they came; those to one request stay in their order.
    fn cassette(&self, recorded: &Recorded) -> serde_json::Result<String> {
        let mut exchanges: Vec<_> = recorded.exchanges.iter().collect();
        exchanges.sort_by_cached_key(|exchange| exchange.request.to_string());
        let cassette = Cassette {
            version: VERSION,
            clock: self.clock,
            pseudonym_digits: None,
            names: self.names,
            exchanges,
        };
        serde_json::to_string_pretty(&cassette).map(|text| text + "\n")
    }
}

impl Recorded {
    fn learn(&mut self, known: Known) -> std::result::Result<(), std::io::Error> {
        for (original, pseudonym) in known.ids.into_iter().chain(known.names) {
            let other = self.originals.insert(pseudonym, original.clone());
            if other.is_some_and(|other| other != original) {
                let reason = "two identifiers would have the same pseudonym; record fewer \
                              requests, or into two cassettes";
                return Err(std::io::Error::other(reason));
            }
        }
        Ok(())
    }
}

fn unwritable(file: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let reason = format!("the cassette {} can't be written: {error}", file.display());
    Error::new(ErrorKind::Settings, reason).with_source(error)
}

/// Gives the answers of a cassette again.
pub(crate) struct Player {
    file: PathBuf,
    clock: Timestamp,
    scrubber: Scrubber,
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
            exchanges: cassette.exchanges,
            played: Mutex::default(),
            file,
        })
    }

    /// What the time was.
    pub(crate) fn clock(&self) -> Timestamp {
        self.clock
    }

    /// The next answer to a request, or else to the same request with the body that an
    /// earlier version sent for it.
    ///
    /// # Errors
    /// [`ErrorKind::NotRecorded`] where there is none, or none any more.
    pub(crate) fn play(
        &self,
        asked: Asked,
        earlier_body: Option<Json>,
    ) -> Result<(Answered, Match)> {
        let earlier = earlier_body.map(|body| Asked { body, ..asked.clone() });
        let mut played = self.played();
        let mut request = |mut asked: Asked| {
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
                told(&nearest, known)
            ),
        };
        Error::new(ErrorKind::NotRecorded, reason)
    }
}

fn restored(mut json: Json, known: &Pseudonyms) -> Json {
    scrub::restore(&mut json, known);
    json
}

/// By the identifiers that the program asked with, where it did.
fn told(nearest: &[Difference<'_>], known: &Pseudonyms) -> String {
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
