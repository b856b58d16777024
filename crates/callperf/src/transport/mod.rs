//! HTTP: the server's address, the token, one attempt, and what a failure is.

pub(crate) mod attempt;
pub(crate) mod credentials;
mod exchange;
pub(crate) mod failure;
pub(crate) mod pace;
pub(crate) mod pkce;
pub(crate) mod retry;
mod server_clock;
pub(crate) mod session;
pub(crate) mod store;
pub(crate) mod tape;
mod token;
mod wait;

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use callperf_raw::{Error as RawError, ResponseValue, Session};
use jiff::SignedDuration;
use reqwest::{
    Method, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};
use tracing::Instrument;

use self::{
    attempt::{Attempt, OnAttempt, Peer},
    credentials::Credentials,
    exchange::Exchange,
    pace::{Budget, Pacer, Permit},
    retry::{Decision, RetryPolicy},
    server_clock::ServerClock,
    session::SessionInfo,
    store::{MemoryTokenStore, TokenStore},
    tape::{Tape, Taped},
    token::Tokens,
    wait::{Course, Reason},
};
use crate::{
    client::Prepared,
    error::{Error, ErrorKind, Result},
};

/// Where production is.
pub const PRODUCTION: &str = "https://platform.ringcentral.com";

/// A penalty that a server may impose; one minute is usual.
const LONGEST_PENALTY: Duration = Duration::from_hours(1);

/// What [`Transport::send`] is called where operations have names.
const SEND: &str = "send";

const SDK: &str = concat!("callperf/", env!("CARGO_PKG_VERSION"));

/// What a transport is made of.
pub(crate) struct Settings {
    pub(crate) server: String,
    pub(crate) token_store: Arc<dyn TokenStore>,
    pub(crate) application: Option<String>,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) max_body_bytes: u64,
    pub(crate) concurrency: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_attempt: OnAttempt,
    pub(crate) proxy: Option<String>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) http: Option<HttpClient>,
    pub(crate) tape: Option<Arc<Tape>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: PRODUCTION.to_owned(),
            token_store: Arc::new(MemoryTokenStore::new()),
            application: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            timeout: Duration::from_mins(1),
            max_body_bytes: 64 * 1024 * 1024,
            concurrency: 4,
            retry: RetryPolicy::default(),
            on_attempt: OnAttempt::default(),
            proxy: None,
            root_certificates: Vec::new(),
            http: None,
            tape: None,
        }
    }
}

/// The HTTP client, by a name that other modules may say.
pub(crate) type HttpClient = reqwest::Client;

/// A successful answer: a value, or a body of another shape.
pub(crate) type Answer<T> = std::result::Result<T, Vec<u8>>;

/// A successful answer, and how many attempts it took.
pub(crate) struct Received<T> {
    pub(crate) answer: Answer<T>,
    pub(crate) attempts: u32,
}

pub(crate) struct Transport {
    http: reqwest::Client,
    server: String,
    peer: Peer,
    tokens: Tokens,
    headers: HeaderMap,
    max_body_bytes: u64,
    pacer: Pacer,
    retry: RetryPolicy,
    on_attempt: OnAttempt,
    server_clock: Arc<ServerClock>,
    tape: Option<Arc<Tape>>,
}

impl Transport {
    pub(crate) fn new(credentials: Credentials, settings: Settings) -> Result<Self> {
        let server = checked_server(&settings.server)?;
        let peer = Peer::of(&server);
        let headers = identification(settings.application.as_deref())?;
        let http = match &settings.http {
            Some(http) => http.clone(),
            None => http_client(&settings, &headers)?,
        };
        let server_clock = Arc::<ServerClock>::default();
        Ok(Self {
            tokens: Tokens::new(
                credentials,
                http.clone(),
                server.clone(),
                peer.clone(),
                Arc::clone(&server_clock),
                settings.token_store,
            )?,
            http,
            server,
            peer,
            headers,
            max_body_bytes: settings.max_body_bytes,
            pacer: if settings.tape.as_ref().is_some_and(|tape| tape.is_played()) {
                Pacer::without_waits(settings.concurrency)
            } else {
                Pacer::new(settings.concurrency)
            },
            retry: settings.retry,
            on_attempt: settings.on_attempt,
            server_clock,
            tape: settings.tape,
        })
    }

    pub(crate) fn earliest_end(&self, operation: &str, requests: u64) -> Duration {
        self.pacer.earliest_end(operation, requests)
    }

    pub(crate) fn budgets(&self) -> Vec<Budget> {
        self.pacer.budgets()
    }

    /// Makes a request of the generated client within the quota, again where
    /// that may help, until the policy's deadline.
    pub(crate) async fn attempts<T, F, R>(
        &self,
        operation: &'static str,
        prepared: &Prepared,
        request: F,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = std::result::Result<ResponseValue<T>, RawError<()>>>,
    {
        let policy = prepared.retry.unwrap_or(self.retry);
        let span = self.peer.request_span(operation, "POST", "");
        let course = Course::default();
        let all = self.attempts_until_decided(operation, prepared, policy, request, &course);
        course.within(policy.deadline, all).instrument(span).await
    }

    async fn attempts_until_decided<T, F, R>(
        &self,
        operation: &'static str,
        prepared: &Prepared,
        policy: RetryPolicy,
        request: F,
        course: &Course,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = std::result::Result<ResponseValue<T>, RawError<()>>>,
    {
        let begun = Instant::now();
        // What a replay doesn't wait.
        let mut skipped = Duration::ZERO;
        let mut has_renewed = false;
        let mut number = 0;
        loop {
            number += 1;
            let attempt = |exchange, authorization| {
                self.attempt(exchange, authorization, &prepared.parameters, &request, course)
            };
            let failure = match self.paced(operation, operation, number, course, attempt).await {
                Ok(answer) => return Ok(Received { answer, attempts: number }),
                Err(failure) => failure,
            };
            let has_expired = failure.status() == Some(401) && failure::is_expired_token(&failure);
            if has_expired && !has_renewed {
                has_renewed = true;
                continue;
            }
            let elapsed = begun.elapsed().saturating_add(skipped);
            match retry::decide(policy, number, &failure, elapsed, jitter()) {
                Decision::Stop => return Err(failure),
                Decision::Wait(wait) if self.is_replayed() => {
                    skipped = skipped.saturating_add(wait);
                }
                Decision::Wait(wait) => course.wait(Reason::Retry, sleep(wait)).await,
            }
        }
    }

    /// Makes an attempt when the quota allows, in a span of its own, and tells of
    /// it. `counted` is what the quota is kept for.
    async fn paced<T, R>(
        &self,
        operation: &'static str,
        counted: impl Into<pace::Operation>,
        number: u32,
        course: &Course,
        attempt: impl FnOnce(Exchange, Option<HeaderValue>) -> R,
    ) -> Result<T>
    where
        R: Future<Output = Result<T>>,
    {
        let begun = Instant::now();
        let allowed = self.allowed(operation, counted.into(), course).await;
        let begun = if allowed.is_ok() { Instant::now() } else { begun };
        let span = attempt::attempt_span(number);
        let outcome = match allowed {
            Ok((exchange, authorization)) => {
                Box::pin(attempt(exchange, authorization)).instrument(span.clone()).await
            }
            Err(failure) => Err(failure),
        };
        let outcome = outcome.map_err(|failure| failure.with_attempts(number));
        let duration = begun.elapsed();
        course.attempted(number);
        let attempt = match &outcome {
            Ok(_) => Attempt::succeeded(operation, number, duration),
            Err(failure) => Attempt::failed(operation, number, duration, failure),
        };
        attempt::record(&span, attempt.status, attempt.failure);
        self.on_attempt.tell(&attempt);
        outcome
    }

    /// A place within the quota, and a token.
    async fn allowed(
        &self,
        operation: &'static str,
        counted: pace::Operation,
        course: &Course,
    ) -> Result<(Exchange, Option<HeaderValue>)> {
        // First, because the pace lets the first requests of an operation go one
        // by one: all who wait for a login share its failure.
        let authorization = self.authorization(course).await?;
        if let Some(permit) = self.pacer.try_permit(&counted) {
            return Ok((self.exchange(operation, permit, authorization.as_ref()), authorization));
        }
        let permit = self.pacer.permit(counted, course).await;
        // The token may have grown old meanwhile.
        let authorization = self.authorization(course).await?;
        Ok((self.exchange(operation, permit, authorization.as_ref()), authorization))
    }

    fn exchange(
        &self,
        operation: &'static str,
        permit: Permit,
        authorization: Option<&HeaderValue>,
    ) -> Exchange {
        let taped = self.tape.as_ref().map(|tape| {
            let operation = Some(operation).filter(|operation| *operation != SEND);
            let secrets = self.secrets(authorization);
            Taped::new(Arc::clone(tape), operation, &secrets, self.max_body_bytes)
        });
        Exchange::new(permit, Arc::clone(&self.server_clock), taped)
    }

    /// The token; a replay needs none.
    async fn authorization(&self, course: &Course) -> Result<Option<HeaderValue>> {
        if self.is_replayed() {
            return Ok(None);
        }
        self.tokens.authorization(course).await.map(Some)
    }

    fn secrets<'a>(&'a self, authorization: Option<&'a HeaderValue>) -> Vec<&'a str> {
        authorization.map(|value| self.tokens.secrets(value)).unwrap_or_default()
    }

    async fn forget(&self, authorization: Option<&HeaderValue>, course: &Course) {
        if let Some(authorization) = authorization {
            self.tokens.forget(authorization, course).await;
        }
    }

    fn is_replayed(&self) -> bool {
        self.tape.as_ref().is_some_and(|tape| tape.is_played())
    }

    async fn attempt<T, F, R>(
        &self,
        exchange: Exchange,
        authorization: Option<HeaderValue>,
        parameters: &[(String, String)],
        request: &F,
        course: &Course,
    ) -> Result<Answer<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = std::result::Result<ResponseValue<T>, RawError<()>>>,
    {
        let session = Session::new(self.max_body_bytes)
            .with_headers(self.headers.clone())
            .with_query(parameters.to_vec())
            .with_exchange(Arc::new(exchange.clone()));
        let session = match &authorization {
            Some(authorization) => session.with_authorization(authorization.clone()),
            None => session,
        };
        let outcome = request(session).await;
        if let Some(failure) = exchange.tape_failure() {
            return Err(failure);
        }
        let secrets = || self.secrets(authorization.as_ref());
        match outcome {
            Ok(response) => Ok(Ok(response.into_inner())),
            Err(RawError::InvalidResponsePayload(body, _)) => {
                Ok(Err(failure::without(&body, &secrets())))
            }
            Err(error) => {
                let failure = failure::of_raw(error, &secrets()).await;
                if failure.status() == Some(401) {
                    self.forget(authorization.as_ref(), course).await;
                }
                Err(failure)
            }
        }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    /// Any request to this server, with its token, its errors and its pace.
    pub(crate) async fn send(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Json>,
    ) -> Result<Json> {
        let url = self.address(path)?;
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let route = route(url.path());
        let span = self.peer.request_span(SEND, method.as_str(), &route);
        let request = self.http.request(method.clone(), url).query(query);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let course = Course::default();
        let attempt =
            |exchange, authorization| self.send_once(exchange, authorization, request, &course);
        let sent = self.paced(SEND, format!("{method} {route}"), 1, &course, attempt);
        course.within(self.retry.deadline, sent).instrument(span).await
    }

    async fn send_once(
        &self,
        exchange: Exchange,
        authorization: Option<HeaderValue>,
        request: reqwest::RequestBuilder,
        course: &Course,
    ) -> Result<Json> {
        let request = match &authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization.clone()),
            None => request,
        };
        let request = request.build().map_err(failure::communication)?;
        let response = exchange.send(&self.http, request).await;
        if let Some(failure) = exchange.tape_failure() {
            return Err(failure);
        }
        let response = response.map_err(failure::communication)?;
        let status = response.status();
        let headers = response.headers().clone();
        let secrets = self.secrets(authorization.as_ref());
        let body = failure::bounded(response, self.max_body_bytes).await;
        if !status.is_success() {
            if status == StatusCode::UNAUTHORIZED {
                self.forget(authorization.as_ref(), course).await;
            }
            let body = body.unwrap_or_default();
            return Err(failure::of_status(status, &headers, &body, &secrets));
        }
        let body = body?;
        serde_json::from_slice(&body).map_err(|error| {
            Error::new(ErrorKind::Answer, format!("the answer isn't JSON: {error}"))
                .with_body(&failure::without(&body, &secrets))
                .with_status(status.as_u16())
        })
    }

    /// A path on this server: the token goes nowhere else.
    fn address(&self, path: &str) -> Result<Url> {
        let server = Url::parse(&self.server).ok();
        let address = Url::parse(&format!("{}{path}", self.server)).ok();
        match (server, address) {
            (Some(server), Some(address))
                if path.starts_with('/') && server.origin() == address.origin() =>
            {
                Ok(address)
            }
            _ => Err(Error::new(
                ErrorKind::Settings,
                format!("`{path}` isn't a path of the server; begin it with a slash"),
            )),
        }
    }

    pub(crate) fn clock_skew(&self) -> Option<SignedDuration> {
        self.server_clock.ahead()
    }

    pub(crate) async fn log_in(&self) -> Result<()> {
        let course = Course::default();
        course.within(self.retry.deadline, self.authorization(&course)).await.map(drop)
    }

    pub(crate) async fn session(&self) -> Result<Option<SessionInfo>> {
        let course = Course::default();
        course.within(self.retry.deadline, self.tokens.info(&course)).await
    }

    pub(crate) async fn revoke(&self) -> Result<()> {
        if self.is_replayed() {
            return Ok(());
        }
        let course = Course::default();
        course.within(self.retry.deadline, self.tokens.revoke(&course)).await
    }
}

/// A path as all paths are that differ in ids only.
///
/// Which parts are ids isn't said anywhere, so a part is taken for one unless it
/// is made of letters, or a version. Paths that count in different groups must
/// not become one; that one operation is learnt twice does no harm.
fn route(path: &str) -> String {
    let parts = path.split('/').map(|part| if is_name_in_path(part) { part } else { "*" });
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a part of a path is none of an account's identifiers.
pub(crate) fn is_name_in_path(part: &str) -> bool {
    match part.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some(version) => version.chars().all(|c| c.is_ascii_digit() || c == '.'),
        None => part.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_'),
    }
}

/// A number from 0 to 1, another each time; the standard library seeds its
/// hashers at random.
fn jitter() -> f64 {
    let bits = RandomState::new().hash_one(0);
    #[expect(clippy::cast_precision_loss, reason = "a few bits are enough")]
    let share = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

fn http_client(settings: &Settings, headers: &HeaderMap) -> Result<reqwest::Client> {
    let refused = |what: &str, error: reqwest::Error| {
        Error::new(ErrorKind::Settings, what).with_source(error.without_url())
    };
    let mut builder = reqwest::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .default_headers(headers.clone());
    if let Some(address) = &settings.proxy {
        let proxy = reqwest::Proxy::all(address)
            .map_err(|error| refused("the proxy's address isn't one", error))?;
        builder = builder.proxy(proxy);
    }
    for pem in &settings.root_certificates {
        builder = with_root_certificate(builder, pem)?;
    }
    builder.build().map_err(|error| refused("the HTTP client can't be set up", error))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn with_root_certificate(
    builder: reqwest::ClientBuilder,
    pem: &[u8],
) -> Result<reqwest::ClientBuilder> {
    let certificate =
        reqwest::Certificate::from_pem(crate::bom::without_mark(pem)).map_err(|error| {
            Error::new(ErrorKind::Settings, "the root certificate isn't one in PEM form")
                .with_source(error)
        })?;
    Ok(builder.add_root_certificate(certificate))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn with_root_certificate(_: reqwest::ClientBuilder, _: &[u8]) -> Result<reqwest::ClientBuilder> {
    Err(Error::new(
        ErrorKind::Settings,
        "a root certificate needs TLS; turn on the feature rustls or native-tls",
    ))
}

#[cfg(feature = "unstable-http-client")]
impl crate::ClientBuilder {
    /// Sends requests by this client, with its connections, proxy and TLS.
    ///
    /// Exempt from this crate's promise on versions: it goes along with reqwest.
    /// The settings for timeouts, proxy and certificates have no effect then,
    /// and redirects should be off: a token must not follow one.
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.with_http(client)
    }
}

/// The server's address without a trailing slash.
///
/// A bearer token over plain `http` is readable on its way, so that is allowed
/// to this machine only.
fn checked_server(text: &str) -> Result<String> {
    let refuse = |reason: &str| {
        Err(Error::new(ErrorKind::Settings, format!("the server address `{text}` {reason}")))
    };
    let Ok(url) = Url::parse(text) else {
        return refuse("isn't a URL; write https://…");
    };
    if !url.username().is_empty() || url.password().is_some() {
        // The address itself would repeat the password.
        return Err(Error::new(
            ErrorKind::Settings,
            "the server address holds a user name or a password; leave them out",
        ));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return refuse("is plain http; use https, or a loopback address"),
        _ => return refuse("is neither https nor http"),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or a fragment; leave them out");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn identification(application: Option<&str>) -> Result<HeaderMap> {
    let agent = application.map_or_else(|| SDK.to_owned(), |name| format!("{name} {SDK}"));
    let value = HeaderValue::from_str(&agent).map_err(|_| {
        Error::new(
            ErrorKind::Settings,
            "the application's name can't be a header; use visible ASCII, for example my-app/1.2",
        )
    })?;
    Ok(HeaderMap::from_iter([
        (USER_AGENT, value.clone()),
        (HeaderName::from_static("x-user-agent"), value),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for good in [
            "https://platform.ringcentral.com",
            "http://127.0.0.1:8080",
            "http://127.8.9.1",
            "http://[::1]:9",
            "http://localhost:9/",
        ] {
            assert!(checked_server(good).is_ok(), "{good}");
        }
        for bad in [
            "http://platform.ringcentral.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://192.168.1.1",
            "ftp://127.0.0.1",
            "platform.ringcentral.com",
            "https://user:hunter2@example.com",
            "https://example.com/?a=b",
        ] {
            let error = checked_server(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings, "{bad}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_path_stays_on_the_server() {
        let settings = Settings { server: "https://example.com".to_owned(), ..Settings::default() };
        let transport = Transport::new(Credentials::jwt("id", "secret", "jwt"), settings).unwrap();
        assert!(transport.address("/restapi/v1.0/account/~").is_ok());
        for elsewhere in ["", "account", ".evil.org/", "@evil.org/", ":444/", "https://evil.org"] {
            assert!(transport.address(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn the_address_loses_its_trailing_slash() {
        assert_eq!(checked_server("http://localhost:9/").unwrap(), "http://localhost:9");
    }

    #[test]
    fn a_route_has_no_ids() {
        let routes = [
            ("/restapi/v1.0/account/~/extension", "/restapi/v1.0/account/*/extension"),
            ("/restapi/v1.0/account/62264425/extension/101", "/restapi/v1.0/account/*/extension/*"),
            ("/restapi/v1.0/dictionary/timezone", "/restapi/v1.0/dictionary/timezone"),
            ("/analytics/calls/v1/accounts/~/timeline", "/analytics/calls/v1/accounts/*/timeline"),
            ("/a/call-queues/b7f3c0de/v2x/%7E", "/a/call-queues/*/*/*"),
            ("/", "/"),
        ];
        for (path, expected) in routes {
            assert_eq!(route(path), expected);
        }
    }
}
