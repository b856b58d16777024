//! Where a request goes by a cassette: beside the server, or in its place.

use serde_json::Value as Json;

/// The body that an earlier version sent for a question, if it was another one. It isn't
/// known before the request is sent.
pub(crate) type EarlierBody<'a> = &'a (dyn Fn() -> Option<Json> + Sync);

#[cfg(feature = "testing")]
mod taped {
    use std::{
        collections::BTreeMap,
        sync::{
            Arc, Mutex, OnceLock, PoisonError,
            atomic::{AtomicBool, Ordering},
        },
    };

    use callperf_raw::{Bounds, Meter};
    use jiff::Timestamp;
    use reqwest::{
        Body, Request, Response, StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    };
    use serde_json::Value as Json;

    use crate::{
        http::{
            cassette::{Match, Player, RecordedRequest, RecordedResponse, Recorder},
            clock::Clock,
            failure,
            network::Network,
            tape::EarlierBody,
        },
        words::{error::Error, json::unambiguous, redactor::Redactor},
    };

    pub(crate) use crate::http::cassette::Tape;

    /// Of the headers, the client heeds these. A cookie or a token isn't kept.
    const KEPT: [&str; 6] = [
        "content-type",
        "rcrequestid",
        "x-rate-limit-group",
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-window",
    ];

    /// In the place of the server's address.
    const ANY_SERVER: &str = "https://server.invalid";

    /// One request by a tape.
    pub(crate) struct Taped {
        tape: Arc<Tape>,
        /// The operation's name, where it has one.
        operation: Option<&'static str>,
        /// What an answer may repeat, and a cassette must not.
        redactor: Redactor,
        bounds: Bounds,
        clock: Clock,
        failure: Mutex<Option<Error>>,
        earlier_body: OnceLock<Json>,
        has_played_earlier_body: AtomicBool,
    }

    impl Taped {
        pub(crate) fn new(
            tape: Arc<Tape>,
            operation: Option<&'static str>,
            secrets: &[&str],
            bounds: Bounds,
            clock: Clock,
        ) -> Self {
            let redactor = Redactor::new(secrets);
            Self {
                tape,
                operation,
                redactor,
                bounds,
                clock,
                failure: Mutex::default(),
                earlier_body: OnceLock::new(),
                has_played_earlier_body: AtomicBool::default(),
            }
        }

        pub(crate) async fn send(
            &self,
            network: &Network,
            mut request: Request,
            learn: impl Fn(StatusCode, &HeaderMap),
        ) -> reqwest::Result<Response> {
            let asked = self.asked(&request);
            match &*self.tape {
                Tape::Player(player) => Ok(self.play(player, asked, learn)),
                Tape::Recorder(recorder) => {
                    let server = request.url().origin().ascii_serialization();
                    put_originals(&mut request, recorder);
                    let response = network.execute(request).await?;
                    learn(response.status(), response.headers());
                    self.record(recorder, asked, &server, response).await
                }
            }
        }

        pub(crate) fn may_play(&self, earlier_body: EarlierBody<'_>) {
            if let (Tape::Player(_), Some(body)) = (&*self.tape, earlier_body()) {
                let _ = self.earlier_body.set(body);
            }
        }

        pub(crate) fn has_played_earlier_body(&self) -> bool {
            self.has_played_earlier_body.load(Ordering::Relaxed)
        }

        pub(crate) fn failure(&self) -> Option<Error> {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
        }

        fn fail(&self, error: Error) {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }

        fn asked(&self, request: &Request) -> RecordedRequest {
            let url = request.url();
            let any = || format!("{} {}", request.method(), url.path());
            let body = request.body().and_then(Body::as_bytes);
            RecordedRequest {
                operation: self.operation.map_or_else(any, str::to_owned),
                path: url.path().to_owned(),
                query: url.query_pairs().into_owned().collect(),
                body: body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or(Json::Null),
            }
        }

        fn play(
            &self,
            player: &Player,
            asked: RecordedRequest,
            learn: impl Fn(StatusCode, &HeaderMap),
        ) -> Response {
            let outcome = player.play(asked, self.earlier_body.get().cloned());
            let is_to_earlier_body = matches!(outcome, Ok((_, Match::EarlierBody)));
            self.has_played_earlier_body.store(is_to_earlier_body, Ordering::Relaxed);
            let response = self.given(outcome.map(|(answered, _)| answered));
            learn(response.status(), response.headers());
            response
        }

        /// A cassette's answer, be it played or just recorded.
        fn given(&self, outcome: Result<RecordedResponse, Error>) -> Response {
            let answered = outcome.unwrap_or_else(|error| {
                self.fail(error);
                // Not read: the failure is.
                RecordedResponse { status: 204, headers: BTreeMap::new(), body: Vec::new() }
            });
            let mut response = http::Response::new(Body::from(answered.body));
            *response.status_mut() =
                StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let headers = answered.headers.iter().filter_map(|(name, value)| {
                Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
            });
            response.headers_mut().extend(headers);
            response.into()
        }

        /// Keeps an answer, and gives the one that a replay will. What is larger than
        /// may be read isn't kept.
        async fn record(
            &self,
            recorder: &Recorder,
            asked: RecordedRequest,
            server: &str,
            mut response: Response,
        ) -> reqwest::Result<Response> {
            let (mut body, mut meter) = (Vec::new(), Meter::new(self.bounds));
            while let Some(chunk) = response.chunk().await? {
                body.extend_from_slice(&chunk);
                if meter.count(&chunk).is_err() {
                    return Ok(with_body(response, body));
                }
            }
            let answered = RecordedResponse {
                status: response.status().as_u16(),
                headers: kept(response.headers(), &self.redactor, self.clock.machine()),
                body: without_server(redacted(&body, &self.redactor), server),
            };
            Ok(self.given(recorder.keep(asked, answered)))
        }
    }

    /// A caller that was given pseudonyms asks with them; the server knows none.
    fn put_originals(request: &mut Request, recorder: &Recorder) {
        let url = request.url_mut();
        // In a path both are a plus.
        let path = url.path().replace("%2B", "+");
        let original = recorder.original(&path);
        if original != path {
            url.set_path(&original);
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let originals: Vec<_> =
            pairs.iter().map(|(name, value)| (name.clone(), recorder.original(value))).collect();
        if originals != pairs {
            url.query_pairs_mut().clear().extend_pairs(&originals);
        }
        let body = request.body().and_then(Body::as_bytes);
        let Some(json) = body.and_then(|body| serde_json::from_slice::<Json>(body).ok()) else {
            return;
        };
        let mut original = json.clone();
        recorder.put_originals(&mut original);
        if original != json {
            *request.body_mut() = Some(original.to_string().into());
        }
    }

    /// JSON stays JSON, even if a secret is a quotation mark.
    fn redacted(body: &[u8], redactor: &Redactor) -> Vec<u8> {
        let Some(mut json) = unambiguous(body) else { return redactor.bytes(body) };
        redactor.json(&mut json);
        json.to_string().into_bytes()
    }

    /// A cassette doesn't say which server it is of.
    fn without_server(body: Vec<u8>, server: &str) -> Vec<u8> {
        match String::from_utf8(body) {
            Ok(text) => text.replace(server, ANY_SERVER).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }

    fn kept(headers: &HeaderMap, redactor: &Redactor, now: Timestamp) -> BTreeMap<String, String> {
        let wait = failure::retry_after(headers, now);
        // Seconds, because a date would be in the past by the time it is played.
        let wait = wait.map(|wait| (RETRY_AFTER.to_string(), wait.as_secs().to_string()));
        let others = KEPT.into_iter().filter_map(|name| {
            let value = redactor.bytes(headers.get(name)?.as_bytes());
            Some((name.to_owned(), String::from_utf8(value).ok()?))
        });
        others.chain(wait).collect()
    }

    fn with_body(response: Response, body: Vec<u8>) -> Response {
        let (parts, _) = http::Response::<Body>::from(response).into_parts();
        http::Response::from_parts(parts, Body::from(body)).into()
    }
}

#[cfg(not(feature = "testing"))]
mod taped {
    use std::sync::Arc;

    use reqwest::{Request, Response, StatusCode, header::HeaderMap};

    use crate::{http::tape::EarlierBody, words::error::Error};

    /// There is none without the feature `testing`.
    pub(crate) enum Tape {}

    impl Tape {
        pub(crate) fn is_played(&self) -> bool {
            match *self {}
        }

        pub(crate) fn pseudonyms(&self, _: &str) -> Vec<String> {
            match *self {}
        }
    }

    pub(crate) enum Taped {}

    impl Taped {
        #[expect(clippy::needless_pass_by_value, reason = "like its counterpart")]
        pub(crate) fn new(
            tape: Arc<Tape>,
            _: Option<&'static str>,
            _: &[&str],
            _: callperf_raw::Bounds,
            _: crate::http::clock::Clock,
        ) -> Self {
            match *tape {}
        }

        #[expect(clippy::unused_async, reason = "like its counterpart")]
        pub(crate) async fn send(
            &self,
            _: &crate::http::network::Network,
            _: Request,
            _: impl Fn(StatusCode, &HeaderMap),
        ) -> reqwest::Result<Response> {
            match *self {}
        }

        pub(crate) fn may_play(&self, _: EarlierBody<'_>) {
            match *self {}
        }

        pub(crate) fn has_played_earlier_body(&self) -> bool {
            match *self {}
        }

        pub(crate) fn failure(&self) -> Option<Error> {
            match *self {}
        }
    }
}

pub(crate) use self::taped::{Tape, Taped};
