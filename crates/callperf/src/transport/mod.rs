//! HTTP: the server's address, the token, one attempt, and what a failure is.

pub(crate) mod attempt;
pub(crate) mod credentials;
pub(crate) mod failure;
pub(crate) mod pace;
pub(crate) mod pkce;
pub(crate) mod retry;
mod server_clock;
pub(crate) mod session;
pub(crate) mod store;
mod token;

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use callperf_raw::{Error as RawError, ResponseValue, Session};
use jiff::SignedDuration;
use reqwest::{
    StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep, timeout};

use tracing::{Instrument, Span};

use self::{
    attempt::{Attempt, OnAttempt},
    credentials::Credentials,
    pace::{Budget, Pacer, Permit},
    retry::{Decision, RetryPolicy},
    server_clock::ServerClock,
    session::SessionInfo,
    store::{MemoryTokenStore, TokenStore},
    token::Tokens,
};
use crate::{
    client::Prepared,
    error::{Error, ErrorKind, Result},
};

/// Where production is.
pub const PRODUCTION: &str = "https://platform.ringcentral.com";

/// A penalty that a server may impose; one minute is usual.
const LONGEST_PENALTY: Duration = Duration::from_hours(1);

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
    tokens: Tokens,
    headers: HeaderMap,
    max_body_bytes: u64,
    pacer: Pacer,
    retry: RetryPolicy,
    on_attempt: OnAttempt,
    server_clock: ServerClock,
}

impl Transport {
    pub(crate) fn new(credentials: Credentials, settings: Settings) -> Result<Self> {
        let server = checked_server(&settings.server)?;
        let headers = identification(settings.application.as_deref())?;
        let http = match &settings.http {
            Some(http) => http.clone(),
            None => http_client(&settings, &headers)?,
        };
        Ok(Self {
            tokens: Tokens::new(credentials, http.clone(), server.clone(), settings.token_store)?,
            http,
            server,
            headers,
            max_body_bytes: settings.max_body_bytes,
            pacer: Pacer::new(settings.concurrency),
            retry: settings.retry,
            on_attempt: settings.on_attempt,
            server_clock: ServerClock::default(),
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
        let span = attempt::request_span(operation, &self.server);
        let made = AtomicU32::new(0);
        let all = self.attempts_until_decided(operation, prepared, policy, request, &made);
        timeout(policy.deadline, all).instrument(span).await.unwrap_or_else(|_| {
            let limit = policy.deadline;
            let message = format!("there was no answer within {limit:?}, waits included");
            Err(Error::new(ErrorKind::Deadline, message).with_attempts(made.into_inner()))
        })
    }

    async fn attempts_until_decided<T, F, R>(
        &self,
        operation: &'static str,
        prepared: &Prepared,
        policy: RetryPolicy,
        request: F,
        made: &AtomicU32,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = std::result::Result<ResponseValue<T>, RawError<()>>>,
    {
        let begun = Instant::now();
        let mut has_renewed = false;
        let mut number = 0;
        loop {
            number += 1;
            let permit = self.pacer.permit(operation).await;
            let span = attempt::attempt_span(number);
            let attempt_begun = Instant::now();
            made.store(number, Ordering::Relaxed);
            let outcome = self
                .attempt(&permit, &prepared.parameters, &request)
                .instrument(span.clone())
                .await;
            drop(permit);
            let duration = attempt_begun.elapsed();
            let failure = match outcome {
                Ok(answer) => {
                    self.told(&span, &Attempt::succeeded(operation, number, duration));
                    return Ok(Received { answer, attempts: number });
                }
                Err(failure) => failure,
            };
            self.told(&span, &Attempt::failed(operation, number, duration, &failure));
            let has_expired = failure.status() == Some(401) && failure::is_expired_token(&failure);
            if has_expired && !has_renewed {
                has_renewed = true;
                continue;
            }
            match retry::decide(policy, number, &failure, begun.elapsed(), jitter()) {
                Decision::Stop => return Err(failure.with_attempts(number)),
                Decision::Wait(wait) => {
                    tracing::debug!(wait_ms = wait.as_millis(), "waits before the next attempt");
                    sleep(wait).await;
                }
            }
        }
    }

    fn told(&self, span: &Span, attempt: &Attempt) {
        attempt::record(span, attempt);
        self.on_attempt.tell(attempt);
    }

    async fn attempt<T, F, R>(
        &self,
        permit: &Permit,
        parameters: &[(String, String)],
        request: &F,
    ) -> Result<Answer<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = std::result::Result<ResponseValue<T>, RawError<()>>>,
    {
        let authorization = self.tokens.authorization().await?;
        let session = Session::new(self.max_body_bytes)
            .with_authorization(authorization.clone())
            .with_headers(self.headers.clone())
            .with_query(parameters.to_vec());
        match request(session).await {
            Ok(response) => {
                self.server_clock.learn(response.headers());
                self.pacer.learn(permit, response.headers(), None);
                Ok(Ok(response.into_inner()))
            }
            Err(RawError::InvalidResponsePayload(body, _)) => {
                let secrets = self.tokens.secrets(&authorization);
                Ok(Err(failure::without(&body, &secrets)))
            }
            Err(error) => {
                let secrets = self.tokens.secrets(&authorization);
                let failure = self.failure(permit, error, &secrets).await;
                if failure.status() == Some(401) {
                    self.tokens.forget(&authorization).await;
                }
                Err(failure)
            }
        }
    }

    /// What went wrong, having told the pacer what the server said of its quota.
    async fn failure(&self, permit: &Permit, error: RawError<()>, secrets: &[&str]) -> Error {
        let headers = match &error {
            RawError::UnexpectedResponse(response) => response.headers().clone(),
            _ => return failure::of_raw(error, secrets).await,
        };
        self.server_clock.learn(&headers);
        let failure = failure::of_raw(error, secrets).await;
        let penalty = failure
            .is_quota()
            .then(|| failure.retry_after().unwrap_or(retry::QUOTA_WAIT).min(LONGEST_PENALTY));
        self.pacer.learn(permit, &headers, penalty);
        failure
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    /// Any request to this server, with its token and its errors.
    pub(crate) async fn send(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Json>,
    ) -> Result<Json> {
        let url = self.address(path)?;
        let authorization = self.tokens.authorization().await?;
        let request = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        let response = request
            .query(query)
            .header(AUTHORIZATION, authorization.clone())
            .send()
            .await
            .map_err(failure::communication)?;
        let status = response.status();
        let headers = response.headers().clone();
        self.server_clock.learn(&headers);
        let secrets = self.tokens.secrets(&authorization);
        let body = failure::bounded(response, self.max_body_bytes).await;
        if !status.is_success() {
            if status == StatusCode::UNAUTHORIZED {
                self.tokens.forget(&authorization).await;
            }
            let body = body.unwrap_or_default();
            return Err(failure::of_status(status, &headers, &body, &secrets).with_attempts(1));
        }
        let body = body?;
        serde_json::from_slice(&body).map_err(|error| {
            Error::new(ErrorKind::Answer, format!("the answer isn't JSON: {error}"))
                .with_body(&failure::without(&body, &secrets))
                .answered(1)
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
        self.tokens.authorization().await.map(drop)
    }

    pub(crate) async fn session(&self) -> Result<Option<SessionInfo>> {
        self.tokens.info().await
    }

    pub(crate) async fn revoke(&self) -> Result<()> {
        self.tokens.revoke().await
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
    let certificate = reqwest::Certificate::from_pem(pem).map_err(|error| {
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
}
