//! Answers that come in the place of the real one.

use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use super::fault::Fault;
use crate::protocol::limits::Standing;
use crate::protocol::oauth::Refusal;
use crate::wire::failure::{Failure, lacks_permission};

const PAGE: &str = "<!doctype html><html><head><title>Log in</title></head>\
                    <body><h1>Please log in to the proxy</h1></body></html>\n";
/// A name that no resolver has (RFC 6761).
const ELSEWHERE: &str = "http://elsewhere.invalid/";

/// The answer, if this fault doesn't need the real one. `quota` is what the group of the request allows.
pub(crate) fn instead(fault: &Fault, quota: &Standing) -> Option<Response> {
    let answer = match fault {
        Fault::Status(status) => failure(*status),
        Fault::Html(status) => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            (code(*status), [(CONTENT_TYPE, html)], PAGE).into_response()
        }
        Fault::Empty(status) => code(*status).into_response(),
        Fault::Redirect(status) => {
            let elsewhere = HeaderValue::from_static(ELSEWHERE);
            (code(*status), [(LOCATION, elsewhere)]).into_response()
        }
        Fault::RetryAfter(status, value) => with_retry_after(failure(*status), value),
        Fault::Quota => quota.refusal(),
        Fault::QuotaLying => Standing { remaining: quota.limit, ..quota.clone() }.refusal(),
        Fault::QuotaSilent => {
            let mut answer = quota.refusal();
            answer.headers_mut().remove(RETRY_AFTER);
            answer
        }
        Fault::QuotaBare => failure(429),
        Fault::TokenExpired => unauthorized("OAU-128", "Access token expired"),
        Fault::TokenRevoked => unauthorized("OAU-129", "Access token corrupted"),
        Fault::Unauthorized => StatusCode::UNAUTHORIZED.into_response(),
        Fault::Permission => lacks_permission("Analytics"),
        Fault::InvalidGrant => Refusal::grant("OAU-210", "Token expired").into_response(),
        Fault::InvalidClient => {
            Refusal::of_client("OAU-146", "Invalid client credentials").into_response()
        }
        Fault::SecondFactor => {
            Refusal::grant("OAU-168", "Multi-factor authentication is required").into_response()
        }
        _ => return None,
    };
    Some(answer)
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn unauthorized(code: &'static str, message: &str) -> Response {
    Failure::new(StatusCode::UNAUTHORIZED, code, message).into_response()
}

/// The service's error body, with the code that the guide has for the status.
fn failure(status: u16) -> Response {
    let (error_code, message) = match status {
        400 => ("CMN-101", "Parameter value is invalid"),
        401 => ("OAU-129", "Access token corrupted"),
        403 => ("CMN-401", "Specific application permission required"),
        404 => ("CMN-102", "Resource is not found"),
        429 => ("CMN-301", "Request rate exceeded"),
        405..=499 => ("CMN-104", "Cannot parse request"),
        501 => ("CMN-202", "Operation is not supported"),
        502..=599 => ("CMN-201", "Service Temporary Unavailable"),
        _ => ("CMN-203", "Internal Server Error"),
    };
    Failure::new(code(status), error_code, message).into_response()
}

fn with_retry_after(mut answer: Response, value: &str) -> Response {
    let value = date(value).unwrap_or_else(|| value.to_owned());
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(RETRY_AFTER, value);
    }
    answer
}

/// The date that `+60s` or `-60s` from now is.
fn date(value: &str) -> Option<String> {
    let is_relative = value.starts_with(['+', '-']) && value.ends_with(['s', 'm', 'h', 'd']);
    let offset: SignedDuration = is_relative.then(|| value.parse().ok())??;
    http_date(Timestamp::now().checked_add(offset).ok()?)
}

/// As HTTP writes dates.
pub(crate) fn http_date(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}
