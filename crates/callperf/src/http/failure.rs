//! What a failed attempt is in the words of [`Error`].

#[cfg(test)]
mod tests;

use std::{error::Error as _, time::Duration};

use callperf_raw::{BodyTooLarge, Bounds, Meter};
use jiff::Timestamp;
use progenitor_client::Error as RawError;
use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, HeaderName, RETRY_AFTER},
};
use serde_json::Value as Json;

use super::{clock::date, refused_token::token_state};

pub(super) use crate::words::redact::without;
use crate::words::{
    error::{ApiError, Error, ErrorKind},
    redactor::Redactor,
};

/// The most that a login may answer: a token response has a few hundred bytes.
const MAX_LOGIN_BYTES: u64 = 1024 * 1024;

pub(super) async fn login_body(response: reqwest::Response) -> Result<Vec<u8>, Error> {
    bounded(response, Bounds { bytes: MAX_LOGIN_BYTES, values: u64::MAX }).await
}

/// The body of an answer that no generated client bounds.
pub(super) async fn bounded(
    mut response: reqwest::Response,
    bounds: Bounds,
) -> Result<Vec<u8>, Error> {
    let mut meter = Meter::new(bounds);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(communication)? {
        meter.count(&chunk).map_err(too_large)?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Refuses JSON that has more values than a client takes.
pub(crate) fn bounded_values(json: &[u8], values: u64) -> Result<(), Error> {
    Meter::new(Bounds { bytes: u64::MAX, values }).count(json).map_err(too_large)
}

/// Says which bound was hit, and how to raise it.
fn too_large(bound: BodyTooLarge) -> Error {
    let setting = match bound {
        BodyTooLarge::Bytes(_) => "max_body_bytes",
        BodyTooLarge::Values(_) => "max_json_values",
    };
    let reason = match bound {
        // No setting is about logins.
        BodyTooLarge::Bytes(MAX_LOGIN_BYTES) => bound.to_string(),
        _ => format!(
            "{bound}; ask for smaller pages, fewer measures or a shorter period, or raise the \
             bound with ClientBuilder::{setting}"
        ),
    };
    Error::new(ErrorKind::Answer, reason)
}

/// A response of another status than the documented success, as an error.
///
/// A body that can't be read doesn't hide the status: a refusal is one without
/// its reasons, too.
async fn unexpected(response: reqwest::Response, secrets: &[&str], now: Timestamp) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    match response.bytes().await {
        Ok(body) => of_status(status, &headers, &body, secrets, now),
        Err(error) => {
            of_status(status, &headers, b"", secrets, now).with_source(communication(error))
        }
    }
}

/// What the login endpoints refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    Login,
    Refresh,
    Revoke,
}

impl Refusal {
    /// What to say, and what to do where no code says it better.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Login => (
                "the login was refused",
                "check client id, client secret and JWT, and that they belong to this server",
            ),
            Self::Refresh => ("the session can't be renewed", "log in again"),
            Self::Revoke => {
                ("the session wasn't revoked", "it may have ended already; don't try again")
            }
        }
    }
}

/// The application isn't who it says it is.
const WRONG_CLIENT: &str = "check client id and client secret, and that they belong to this server";
/// How many sessions a user may have is documented as usual, not as a rule.
const NEW_TOKEN: &str = "ask again, with a new token; a session also ends when the same user \
                         begins too many others, usually more than five";
const NEW_CODE: &str = "begin the login anew: a code is used once, within a minute, with the \
                        redirect address and the verifier that it was asked with";
/// A header or token that arrived changed.
const MANGLED: &str =
    "something on the way changed the Authorization header, or the token is another server's";

/// What to do about the codes that the vendor documents, and those that were
/// seen by others (`OAU-210`, `OAU-213`, `OAU-251`, `AGW-402`).
const ADVICE: [(&str, &str); 19] = [
    ("AGW-402", MANGLED),
    ("OAU-106", NEW_CODE),
    ("OAU-108", NEW_CODE),
    ("OAU-109", NEW_CODE),
    ("OAU-110", "the code is another application's; check the client id"),
    ("OAU-112", "let the application use this way to log in, in the developer console"),
    ("OAU-113", "register the redirect address with the application"),
    ("OAU-120", WRONG_CLIENT),
    ("OAU-121", WRONG_CLIENT),
    (
        "OAU-123",
        "give the credentials a client secret or an assertion, which this application needs",
    ),
    ("OAU-128", NEW_TOKEN),
    ("OAU-129", MANGLED),
    ("OAU-140", "check the user's name, extension and password, or the JWT"),
    ("OAU-146", WRONG_CLIENT),
    ("OAU-149", MANGLED),
    ("OAU-168", "the user has a second factor, so a password isn't enough; use a JWT or a code"),
    ("OAU-210", "the JWT, code or refresh token has expired; make a new one, or log in again"),
    (
        "OAU-213",
        "the token isn't known (any more): revoked, used up, or another server's; log in again",
    ),
    ("OAU-251", "let the application use this way to log in, in the developer console"),
];

/// What to do about the codes of reports, which no document has: third parties
/// saw them.
const REMEDIES: [(&str, &str); 5] = [
    ("ANL-102", "reports of an account by its id are refused; leave ClientBuilder::account out"),
    (
        "ANL-202",
        "the server doesn't know a field of the request; if the server is older, set \
                 ClientBuilder::revision, or leave out the field",
    ),
    (
        "ANL-302",
        "the period ends in the server's future; end it earlier, and check this machine's \
                 clock",
    ),
    (
        "ANL-305",
        "the timeline isn't longer than its interval; ask for a longer period or a shorter \
                 interval",
    ),
    ("ANL-503", "the page is larger than a timeline's may be; ask for 20 records or fewer"),
];
const NO_PERMISSION: &str =
    "the application needs the Analytics permission, the user a role that may see it";

fn advice(errors: &[ApiError]) -> Option<&'static str> {
    of_code(errors, &ADVICE)
}

fn of_code(errors: &[ApiError], known: &[(&str, &'static str)]) -> Option<&'static str> {
    errors.iter().find_map(|error| {
        known.iter().find(|(code, _)| *code == error.code).map(|(_, to_do)| *to_do)
    })
}

/// A refusal of the login endpoints: 400 and 403 are about who asks, too.
///
/// None of the secrets is in the error, even if the server repeats them.
pub(super) async fn login(
    response: reqwest::Response,
    refusal: Refusal,
    secrets: &[&str],
    now: Timestamp,
) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    let (body, unread) = match login_body(response).await {
        Ok(body) => (body, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let because = |error: Error| match unread {
        Some(unread) => error.with_source(unread),
        None => error,
    };
    let about_access = matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    if !about_access {
        return because(of_status(status, &headers, &body, secrets, now));
    }
    let errors = oauth_errors(&serde_json::from_slice(&body).unwrap_or(Json::Null));
    let (what, to_do) = refusal.words();
    let to_do = match refusal {
        Refusal::Login | Refusal::Refresh => advice(&errors).unwrap_or(to_do),
        // Advice is about a login, and this doesn't need one.
        Refusal::Revoke => to_do,
    };
    let error = Error::new(ErrorKind::Authentication, format!("{what}; {to_do}"))
        .with_status(status.as_u16())
        .with_request_id(request_id(&headers, secrets))
        .with_ended_session(refuses_grant(&errors))
        .with_api_errors(Redactor::new(secrets).errors(errors));
    because(error)
}

/// Whether a code, JWT or refresh token was refused, rather than the application
/// that brought it.
fn refuses_grant(errors: &[ApiError]) -> bool {
    let about_client = ["invalid_client", "OAU-120", "OAU-121", "OAU-123", "OAU-146"];
    !errors.iter().any(|error| about_client.contains(&error.code.as_str()))
}

/// The API's list, or the OAuth error where there is no list.
fn oauth_errors(body: &Json) -> Vec<ApiError> {
    let listed = ApiError::list(body);
    if !listed.is_empty() {
        return listed;
    }
    let text = |name: &str| body.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let code = text("error");
    if code.is_empty() {
        return Vec::new();
    }
    vec![ApiError {
        code,
        message: text("error_description"),
        parameter: None,
        fields: body.as_object().cloned().unwrap_or_default(),
    }]
}

/// What a status means. None of the secrets is in the error, even if the server
/// repeats them.
pub(super) fn of_status(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&str],
    now: Timestamp,
) -> Error {
    let (kind, message) = match status.as_u16() {
        401 => (ErrorKind::Authentication, "the access token wasn't accepted"),
        403 => (ErrorKind::Permission, "not allowed"),
        408 => (ErrorKind::Deadline, "the server gave up waiting"),
        429 => (ErrorKind::Quota, "the request quota is used up"),
        501 => (ErrorKind::Refused, "the server doesn't do this"),
        300..=399 => (
            ErrorKind::Answer,
            "the server redirects, which isn't followed; check the server's address",
        ),
        400..=499 => (ErrorKind::Refused, "the API refused the request"),
        500..=599 => (ErrorKind::Server, "the server failed"),
        _ => (ErrorKind::Answer, "the answer has a status that isn't documented"),
    };
    let api_errors =
        serde_json::from_slice::<Json>(body).map(|json| ApiError::list(&json)).unwrap_or_default();
    let to_do = match status {
        StatusCode::UNAUTHORIZED => advice(&api_errors),
        StatusCode::FORBIDDEN => of_code(&api_errors, &REMEDIES).or(Some(NO_PERMISSION)),
        _ => of_code(&api_errors, &REMEDIES),
    };
    let message = to_do.map_or_else(|| message.to_owned(), |to_do| format!("{message}; {to_do}"));
    let error = Error::new(kind, message)
        .with_status(status.as_u16())
        .with_request_id(request_id(headers, secrets))
        .with_retry_after(retry_after(headers, now));
    let error = match status {
        StatusCode::UNAUTHORIZED => error.with_token_state(token_state(body)),
        _ => error,
    };
    let redactor = Redactor::new(secrets);
    if api_errors.is_empty() {
        error.with_body(&redactor.excerpt(body))
    } else {
        error.with_api_errors(redactor.errors(api_errors))
    }
}

fn request_id(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    String::from_utf8(without(headers.get("rcrequestid")?.as_bytes(), secrets)).ok()
}

/// `Retry-After`, as seconds or as a date; a date in the past is no wait.
///
/// A server that sends a date there mostly sends its own time, too. `now`, this
/// machine's clock, may be wrong by hours.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a number holds is longer than any wait.
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let there = text(DATE).and_then(date).unwrap_or(now);
    Some(Duration::try_from(date(asked)?.duration_since(there)).unwrap_or_default())
}

/// A connection that failed, a time that ran out, a body that broke off.
pub(crate) fn communication(error: reqwest::Error) -> Error {
    if let Some(bound) = body_too_large(&error) {
        return too_large(bound);
    }
    let (kind, message) = if error.is_timeout() {
        (ErrorKind::Deadline, "the time allowed for the request ran out")
    } else if error.is_connect() {
        (ErrorKind::Network, "the server can't be reached")
    } else {
        (ErrorKind::Network, "the connection broke")
    };
    // The address stays out of the message: it can hold ids of the account.
    Error::new(kind, message).with_source(error.without_url())
}

fn body_too_large(error: &reqwest::Error) -> Option<BodyTooLarge> {
    let mut source = error.source();
    while let Some(current) = source {
        if let Some(found) = current.downcast_ref() {
            return Some(*found);
        }
        source = current.source();
    }
    None
}

/// What the generated client couldn't do. A payload of another shape is
/// looked at by the caller first, who knows the shape.
pub(super) async fn of_raw<E>(error: RawError<E>, secrets: &[&str], now: Timestamp) -> Error {
    match error {
        RawError::UnexpectedResponse(response) => unexpected(response, secrets, now).await,
        RawError::CommunicationError(error) | RawError::ResponseBodyError(error) => {
            communication(error)
        }
        RawError::InvalidUpgrade(error) => communication(error),
        RawError::ErrorResponse(response) => {
            of_status(response.status(), response.headers(), b"", secrets, now)
        }
        RawError::InvalidResponsePayload(body, error) => {
            let reason = format!("the answer isn't understood: {error}");
            let redactor = Redactor::new(secrets);
            Error::new(ErrorKind::Answer, redactor.text(&reason))
                .with_body(&redactor.excerpt(&body))
        }
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => {
            Error::new(ErrorKind::Refused, format!("the request can't be made: {reason}"))
        }
    }
}
