//! Logging in: the token endpoint, and whether a token is good.
//!
//! The codes are documented, but which of them goes with which mistake mostly isn't: OAU-123, OAU-213 and the shape
//! of the body are from others' reports, AGW-402 for a header that is no bearer token too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use crate::errors::{Failure, Problem};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPE: &str = "Analytics ReadAccounts";
/// Seconds that an access token may live: the least, and both the most and the default.
const LIFETIME: (u64, u64) = (600, 3600);

/// What a client needs to log in.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) jwt: String,
}

impl Credentials {
    /// Made from the seed: nobody should take them for real ones.
    pub(crate) fn of_seed(seed: u64) -> Credentials {
        Credentials {
            client_id: format!("sandbox-client-{seed}"),
            client_secret: format!("not-a-secret-{seed:016x}"),
            jwt: format!("not.a.jwt-{seed:016x}"),
        }
    }
}

/// Who may log in, and who has.
pub(crate) struct Sessions {
    credentials: Credentials,
    owner_id: String,
    /// When each access token stops being good.
    tokens: Mutex<HashMap<String, Instant>>,
}

/// A login that was refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: &'static str,
    problem: Problem,
}

#[derive(Serialize)]
struct RefusalBody<'a> {
    error: &'a str,
    error_description: &'a str,
    errors: [&'a Problem; 1],
}

/// A login that succeeded. Refresh tokens are only given to apps that are set up for them.
#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "the wire's names")]
pub(crate) struct Token {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: &'static str,
    owner_id: String,
    endpoint_id: String,
    session_id: String,
}

/// A form's fields in their order.
pub(crate) type Form = Vec<(String, String)>;

impl Sessions {
    pub(crate) fn new(credentials: Credentials, owner_id: String) -> Sessions {
        Sessions { credentials, owner_id, tokens: Mutex::default() }
    }

    /// Fields that it doesn't know are of no concern: clients send some of their own.
    pub(crate) fn log_in(&self, headers: &HeaderMap, form: &Form) -> Result<Token, Refusal> {
        self.check_client(headers, form)?;
        let grant_type = field(form, "grant_type")
            .ok_or_else(|| Refusal::invalid_request("Parameter [grant_type] is missing"))?;
        if grant_type != JWT_BEARER {
            let message =
                "Parameter [grant_type] value is invalid: the sandbox knows only the JWT grant yet";
            let problem = Problem::new("CMN-101", message);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", problem));
        }
        let lifetime = lifetime(form)?;
        let assertion = field(form, "assertion")
            .ok_or_else(|| Refusal::invalid_request("Parameter [assertion] is missing"))?;
        if !is_same(assertion, &self.credentials.jwt) {
            let problem = Problem::new("OAU-213", "Token not found");
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_grant", problem));
        }
        Ok(self.issue(lifetime, field(form, "endpoint_id")))
    }

    fn issue(&self, lifetime: u64, endpoint_id: Option<&str>) -> Token {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let number = tokens.len() + 1;
        let access_token = format!("sandbox-access-token-{number}");
        tokens.insert(access_token.clone(), now + Duration::from_secs(lifetime));
        Token {
            access_token,
            token_type: "bearer",
            expires_in: lifetime,
            scope: SCOPE,
            owner_id: self.owner_id.clone(),
            endpoint_id: endpoint_id
                .map_or_else(|| format!("sandbox-endpoint-{number}"), str::to_owned),
            session_id: format!("sandbox-session-{number}"),
        }
    }

    /// Basic authentication, or the id alone in the form.
    fn check_client(&self, headers: &HeaderMap, form: &Form) -> Result<(), Refusal> {
        let refusal = |code, message| {
            let problem = Problem::new(code, message);
            Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", problem)
        };
        let known = &self.credentials;
        let is_good = if let Some(header) = headers.get(AUTHORIZATION) {
            let basic = credentials_of(header, "basic").and_then(decoded);
            let (id, secret) = basic
                .as_deref()
                .and_then(|pair| pair.split_once(':'))
                .ok_or_else(|| refusal("OAU-123", "Client authentication is required"))?;
            is_same(id, &known.client_id) & is_same(secret, &known.client_secret)
        } else {
            let id = field(form, "client_id")
                .ok_or_else(|| refusal("OAU-123", "Client authentication is required"))?;
            is_same(id, &known.client_id)
        };
        if is_good {
            return Ok(());
        }
        Err(refusal("OAU-146", "Invalid client credentials"))
    }

    /// Whether a request may see the account's data.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let refusal = |code, message| Failure::new(StatusCode::UNAUTHORIZED, code, message);
        let token = headers
            .get(AUTHORIZATION)
            .and_then(|header| credentials_of(header, "bearer"))
            .ok_or_else(|| refusal("AGW-402", "Invalid Authorization header"))?;
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.get(token) {
            Some(end) if Instant::now() < *end => Ok(()),
            Some(_) => Err(refusal("OAU-128", "Access token expired")),
            None => Err(refusal("OAU-129", "Access token corrupted")),
        }
    }
}

/// What follows the scheme, whose letters may be of either case.
fn credentials_of<'a>(header: &'a HeaderValue, scheme: &str) -> Option<&'a str> {
    let (named, rest) = header.to_str().ok()?.split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// Takes as long for a wrong guess as for a good one.
fn is_same(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    let mut named = form.iter().filter(|(n, _)| n == name);
    named.next().map(|(_, value)| value.as_str())
}

fn lifetime(form: &Form) -> Result<u64, Refusal> {
    let Some(text) = field(form, "access_token_ttl") else {
        return Ok(LIFETIME.1);
    };
    let seconds = text.parse().ok();
    let seconds = seconds.filter(|seconds| (LIFETIME.0..=LIFETIME.1).contains(seconds));
    let message = "Parameter [access_token_ttl] value is invalid: 600 to 3600 is expected";
    seconds.ok_or_else(|| Refusal::invalid_request(message))
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, problem: Problem) -> Refusal {
        Refusal { status, error, problem }
    }

    pub(crate) fn invalid_request(message: &str) -> Refusal {
        let problem = Problem::new("CMN-101", message);
        Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = RefusalBody {
            error: self.error,
            error_description: &self.problem.message,
            errors: [&self.problem],
        };
        unstored((self.status, axum::Json(body)).into_response())
    }
}

impl IntoResponse for Token {
    fn into_response(self) -> Response {
        unstored(axum::Json(self).into_response())
    }
}

fn unstored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
