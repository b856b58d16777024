//! Logins that were refused, in the shape of RFC 6749 with the service's own error list.

use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::sessions::Token;
use crate::wire::failure::Problem;

/// A login that was refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// RFC 6749's word, of those that the document lists.
    error: &'static str,
    problem: Problem,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
    errors: [&'a Problem; 1],
}

impl Refusal {
    /// The document has 400 for all errors of a login. The guide's list of codes has 401 or 403 beside some of them;
    /// those are for other requests.
    pub(super) fn new(error: &'static str, code: &'static str, message: &str) -> Refusal {
        Refusal { status: StatusCode::BAD_REQUEST, error, problem: Problem::new(code, message) }
    }

    /// The app isn't who it says, or doesn't say. RFC 6749 wants 401 where a header was tried.
    pub(crate) fn of_client(code: &'static str, message: &str) -> Refusal {
        Refusal {
            status: StatusCode::UNAUTHORIZED,
            ..Refusal::new("invalid_client", code, message)
        }
    }

    pub(crate) fn invalid_request(message: &str) -> Refusal {
        Refusal::new("invalid_request", "CMN-101", message)
    }

    pub(super) fn missing(name: &str) -> Refusal {
        Refusal::invalid_request(&format!("Parameter [{name}] is missing"))
    }

    pub(super) fn parameter(name: &str, why: &str) -> Refusal {
        Refusal::invalid_request(&format!("Parameter [{name}] value is invalid: {why}"))
    }

    pub(crate) fn media_type() -> Refusal {
        let refusal =
            Refusal::invalid_request("The body must be application/x-www-form-urlencoded");
        Refusal { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..refusal }
    }

    pub(crate) fn grant(code: &'static str, message: &str) -> Refusal {
        Refusal::new("invalid_grant", code, message)
    }

    pub(super) fn error(&self) -> &'static str {
        self.error
    }

    pub(super) fn message(&self) -> &str {
        &self.problem.message
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Body {
            error: self.error,
            error_description: &self.problem.message,
            errors: [&self.problem],
        };
        let mut response = unstored((self.status, axum::Json(body)).into_response());
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl IntoResponse for Token {
    fn into_response(self) -> Response {
        unstored(axum::Json(self).into_response())
    }
}

pub(super) fn unstored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
