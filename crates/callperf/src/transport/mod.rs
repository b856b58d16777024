//! HTTP: the server's address, the token, one attempt, and what a failure is.

pub(crate) mod attempt;
pub(crate) mod credentials;
mod exchange;
pub(crate) mod failure;
pub(crate) mod pace;
pub(crate) mod pkce;
pub(crate) mod proxy;
mod redact;
pub(crate) mod redactor;
pub(crate) mod refused_token;
pub(crate) mod retry;
mod server_clock;
pub(crate) mod session;
pub(crate) mod store;
pub(crate) mod tape;
mod token;
mod token_response;
mod wait;

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use callperf_raw::{Bounds, Error as RawError, ResponseValue, Session};
use jiff::SignedDuration;
use reqwest::{
    Method,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};
use secrecy::SecretString;
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};
use tracing::Instrument;

use self::{
    attempt::{Attempt, OnAttempt, Peer},
    credentials::Credentials,
    exchange::Exchange,
    pace::{Budget, Pacer, Permit},
    proxy::ProxyChoice,
    redactor::{Redactor, exposed},
    refused_token::TokenState,
    retry::{Decision, RetryPolicy},
    server_clock::ServerClock,
    session::SessionInfo,
    store::{MemoryTokenStore, TokenStore},
    tape::{Tape, Taped},
    token::{Authorization, Tokens},
    wait::{Course, Reason},
};
use crate::{
    client::Prepared,
    error::{EXCERPT_BYTES, Error, ErrorKind, Result},
    shown,
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
    pub(crate) bounds: Bounds,
    pub(crate) concurrency: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_attempt: OnAttempt,
    pub(crate) proxy: ProxyChoice,
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
            bounds: Bounds { bytes: 32 * 1024 * 1024, values: 3_000_000 },
            concurrency: 4,
            retry: RetryPolicy::default(),
            on_attempt: OnAttempt::default(),
            proxy: ProxyChoice::default(),
            root_certificates: Vec::new(),
            http: None,
            tape: None,
        }
    }
}

/// Addresses, by a name that other modules may say.
pub(crate) use reqwest::Url;

/// The HTTP client, by a name that other modules may say.
pub(crate) type HttpClient = reqwest::Client;

/// A successful answer: a value, or a body of another shape.
pub(crate) type Answer<T> = std::result::Result<T, Vec<u8>>;

/// A successful answer, and how many attempts it took.
pub(crate) struct Received<T> {
    pub(crate) answer: Answer<T>,
    pub(crate) attempts: u32,
    /// For what is shown of the answer.
    pub(crate) redactor: Redactor,
}

pub(crate) struct Transport {
    http: reqwest::Client,
    server: String,
    /// Without user name and password.
    proxy: Option<String>,
    peer: Peer,
    tokens: Tokens,
    headers: HeaderMap,
    bounds: Bounds,
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
        let proxy = used_proxy(&settings, &server)?;
        let http = match &settings.http {
            Some(http) => http.clone(),
            None => http_client(&settings, &headers, proxy.as_ref())?,
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
            proxy: proxy.as_ref().map(proxy::without_user),
            peer,
            headers,
            bounds: settings.bounds,
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
                Ok((answer, redactor)) => {
                    return Ok(Received { answer, attempts: number, redactor });
                }
                Err(failure) => failure,
            };
            if failure.token_state() == TokenState::Dead && !has_renewed {
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
        attempt: impl FnOnce(Exchange, Option<Authorization>) -> R,
    ) -> Result<T>
    where
        R: Future<Output = Result<T>>,
    {
        let begun = Instant::now();
        let allowed = self.allowed(operation, counted.into(), course).await;
        let begun = if allowed.is_ok() { Instant::now() } else { begun };
        let span = attempt::attempt_span(number);
        let mut status = Arc::default();
        let outcome = match allowed {
            Ok((exchange, authorization)) => {
                status = exchange.status();
                Box::pin(attempt(exchange, authorization)).instrument(span.clone()).await
            }
            Err(failure) => Err(failure),
        };
        let outcome = outcome.map_err(|failure| failure.with_attempts(number));
        let duration = begun.elapsed();
        course.attempted(number);
        let attempt = match &outcome {
            Ok(_) => Attempt::succeeded(operation, number, duration, status.get().copied()),
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
    ) -> Result<(Exchange, Option<Authorization>)> {
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
        authorization: Option<&Authorization>,
    ) -> Exchange {
        let taped = self.tape.as_ref().map(|tape| {
            let operation = Some(operation).filter(|operation| *operation != SEND);
            let secrets = self.secrets(authorization);
            let secrets = exposed(&secrets);
            Taped::new(Arc::clone(tape), operation, &secrets, self.bounds)
        });
        Exchange::new(permit, Arc::clone(&self.server_clock), taped)
    }

    /// The token; a replay needs none.
    async fn authorization(&self, course: &Course) -> Result<Option<Authorization>> {
        if self.is_replayed() {
            return Ok(None);
        }
        self.tokens.authorization(course).await.map(Some)
    }

    fn secrets(&self, authorization: Option<&Authorization>) -> Vec<SecretString> {
        authorization.map(|one| self.tokens.secrets(one)).unwrap_or_default()
    }

    /// Sees what a failure says about its token. It stays in the failure that the
    /// token is dead only if another one comes in its place.
    async fn judged(
        &self,
        failure: Error,
        authorization: Option<&Authorization>,
        course: &Course,
    ) -> Error {
        let Some(authorization) = authorization else { return failure };
        match failure.token_state() {
            TokenState::Live => {
                // A server that fails or is busy may not have looked at the token.
                if failure.status().is_some_and(|status| status < 500 && status != 429) {
                    self.tokens.accepted();
                }
                failure
            }
            state if self.tokens.forget(authorization, state, course).await => failure,
            _ => failure.with_token_state(TokenState::Live),
        }
    }

    fn is_replayed(&self) -> bool {
        self.tape.as_ref().is_some_and(|tape| tape.is_played())
    }

    async fn attempt<T, F, R>(
        &self,
        exchange: Exchange,
        authorization: Option<Authorization>,
        parameters: &[(String, String)],
        request: &F,
        course: &Course,
    ) -> Result<(Answer<T>, Redactor)>
    where
        F: Fn(Session) -> R,
        R: Future<Output = std::result::Result<ResponseValue<T>, RawError<()>>>,
    {
        let session = Session::new(self.bounds.bytes)
            .with_max_values(self.bounds.values)
            .with_headers(self.headers.clone())
            .with_query(parameters.to_vec())
            .with_exchange(Arc::new(exchange.clone()));
        let session = match &authorization {
            Some(authorization) => session.with_authorization(authorization.value.clone()),
            None => session,
        };
        let outcome = request(session).await;
        if let Some(failure) = exchange.tape_failure() {
            return Err(failure);
        }
        let secrets = self.secrets(authorization.as_ref());
        match outcome {
            Ok(response) => {
                self.tokens.accepted();
                Ok((Ok(response.into_inner()), Redactor::from(secrets)))
            }
            Err(RawError::InvalidResponsePayload(body, _)) => {
                self.tokens.accepted();
                Ok((Err(body.into()), Redactor::from(secrets)))
            }
            Err(error) => {
                let failure = failure::of_raw(error, &exposed(&secrets)).await;
                Err(self.judged(failure, authorization.as_ref(), course).await)
            }
        }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
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
        authorization: Option<Authorization>,
        request: reqwest::RequestBuilder,
        course: &Course,
    ) -> Result<Json> {
        let request = match &authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization.value.clone()),
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
        let secrets = exposed(&secrets);
        let body = failure::bounded(response, self.bounds).await;
        if !status.is_success() {
            let body = body.unwrap_or_default();
            let failure = failure::of_status(status, &headers, &body, &secrets);
            return Err(self.judged(failure, authorization.as_ref(), course).await);
        }
        self.tokens.accepted();
        let body = body?;
        // As with 204: what the request was for has been done.
        if body.trim_ascii().is_empty() {
            return Ok(Json::Null);
        }
        serde_json::from_slice(&body).map_err(|error| {
            Error::new(ErrorKind::Answer, format!("the answer isn't JSON: {error}"))
                .with_body(&redact::beginning_without(&body, &secrets, EXCERPT_BYTES))
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
                // An address in its place may hold a password.
                if path.contains('@') {
                    "this isn't a path of the server; begin it with a slash".to_owned()
                } else {
                    format!("`{path}` isn't a path of the server; begin it with a slash")
                },
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

/// The proxy of this client's own requests; a replay makes none.
fn used_proxy(settings: &Settings, server: &str) -> Result<Option<Url>> {
    let is_replayed = settings.tape.as_ref().is_some_and(|tape| tape.is_played());
    match Url::parse(server) {
        Ok(server) if settings.http.is_none() && !is_replayed => {
            proxy::choose(&settings.proxy, &server, |name| std::env::var_os(name))
        }
        _ => Ok(None),
    }
}

fn http_client(
    settings: &Settings,
    headers: &HeaderMap,
    proxy: Option<&Url>,
) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        // Otherwise it reads the environment by rules of its own, which proxy loopback too.
        .no_proxy()
        .default_headers(headers.clone());
    if let Some(address) = proxy {
        // Its causes could repeat the address.
        let proxy = reqwest::Proxy::all(address.as_str())
            .map_err(|_| Error::new(ErrorKind::Settings, "the proxy can't be used"))?;
        builder = builder.proxy(proxy);
    }
    for pem in &settings.root_certificates {
        builder = with_root_certificate(builder, pem)?;
    }
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Settings, "the HTTP client can't be set up")
            .with_source(error.without_url())
    })
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
    /// and redirects should be off: a token must not follow one. reqwest reads the
    /// environment's proxies by its own rules, which send requests to loopback
    /// addresses through `HTTP_PROXY` too, unless its builder's `no_proxy` is called.
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.with_http(client)
    }
}

/// The server's address without a trailing slash.
///
/// A bearer token over plain `http` is readable on its way, so that is allowed
/// to this machine only.
fn checked_server(text: &str) -> Result<String> {
    let nameless =
        |reason: &str| Err(Error::new(ErrorKind::Settings, format!("the server address {reason}")));
    // Wherever a parser ends it, what stands before it may be a password.
    if text.contains('@') {
        return nameless("holds an @, as after a user name or a password; leave them out");
    }
    let Ok(url) = Url::parse(text) else {
        return nameless("isn't a URL; write https://…");
    };
    let refuse = |reason: &str| nameless(&format!("{} {reason}", shown::address(text)));
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
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
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
            "https://user:hu#nter2@example.com",
            "https://user:1#hunter2@example.com",
            "https://user/hunter2@example.com",
            "https://user:hunter2",
            "https://example.com/?hunter2",
        ] {
            let error = checked_server(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings, "{bad}");
            let said = format!("{error} {error:?}");
            assert!(!said.contains("hunter2") && !said.contains("nter2"), "{said}");
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
