//! Keeps what was sent and received.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    file::{Body, Cassette, Exchange, Names, REQUEST_ID, RecordedResponse, Response, VERSION},
    identifying::Identifying,
    request::RecordedRequest,
    scrub::{self, Known, Pseudonyms, Scrubber},
};
use crate::{
    http::files::{self, Rights},
    words::error::{Error, ErrorKind, Result},
};

/// Keeps what was asked and answered in a file, which is whole at any time.
pub(crate) struct Recorder {
    file: PathBuf,
    clock: Timestamp,
    names: Names,
    identifying: Identifying,
    calibration: BTreeMap<String, String>,
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
        calibration: BTreeMap<String, String>,
    ) -> Result<Self> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| files::check(&file))
            .map_err(|error| unwritable(&file, error))?;
        Ok(Self { file, clock, names, identifying, calibration, recorded: Mutex::default() })
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn scrubber(&self) -> Scrubber {
        Scrubber::new(self.names == Names::Kept, self.identifying)
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
    pub(crate) fn keep(
        &self,
        mut asked: RecordedRequest,
        mut answered: RecordedResponse,
    ) -> Result<RecordedResponse> {
        if let Some(id) = answered.headers.get_mut("rcrequestid") {
            REQUEST_ID.clone_into(id);
        }
        let scrubber = self.scrubber();
        let operation = asked.operation.clone();
        let mut known = scrubber.request(&mut asked);
        let by_caller = known.ids.clone();
        let body = Body::of(&answered.body, &operation, scrubber, &mut known);
        let RecordedResponse { status, headers, .. } = answered;
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
            calibration: self.calibration.clone(),
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
