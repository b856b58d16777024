//! What a failed attempt is in the words of [`Error`].

use std::{error::Error as _, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use progenitor_client::Error as RawError;
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::Value as Json;

use crate::error::{ApiError, Error, ErrorKind};

/// The most that a login may answer: a token response has a few hundred bytes.
const MAX_LOGIN_BYTES: u64 = 1024 * 1024;

pub(super) async fn login_body(response: reqwest::Response) -> Result<Vec<u8>, Error> {
    bounded(response, MAX_LOGIN_BYTES).await
}

/// The body of an answer that no generated client bounds.
pub(super) async fn bounded(mut response: reqwest::Response, limit: u64) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(communication)? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > limit {
            return Err(Error::new(
                ErrorKind::Answer,
                callperf_raw::BodyTooLarge { limit }.to_string(),
            ));
        }
    }
    Ok(body)
}

/// A response of another status than the documented success, as an error.
pub(crate) async fn unexpected(response: reqwest::Response) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    match response.bytes().await {
        Ok(body) => of_status(status, &headers, &body),
        Err(error) => communication(error),
    }
}

/// A refused login: 400 and 403 are about who asks, too.
pub(super) async fn login(response: reqwest::Response) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = match login_body(response).await {
        Ok(body) => body,
        Err(error) => return error,
    };
    let about_access = matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    if !about_access {
        return of_status(status, &headers, &body);
    }
    let json = serde_json::from_slice(&body).unwrap_or(Json::Null);
    Error::new(
        ErrorKind::Authentication,
        "the login was refused; check client id, client secret and JWT, \
         and that they belong to this server",
    )
    .with_status(status.as_u16())
    .with_request_id(request_id(&headers))
    .with_api_errors(oauth_errors(&json))
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

pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let (kind, message) = match status.as_u16() {
        401 => (ErrorKind::Authentication, "the access token wasn't accepted"),
        403 => (
            ErrorKind::Permission,
            "not allowed; the application needs the Analytics permission, \
             the user a role that may see it",
        ),
        408 => (ErrorKind::Deadline, "the server gave up waiting"),
        429 => (ErrorKind::Quota, "the request quota is used up"),
        501 => (ErrorKind::Refused, "the server doesn't do this"),
        400..=499 => (ErrorKind::Refused, "the API refused the request"),
        500..=599 => (ErrorKind::Server, "the server failed"),
        _ => (ErrorKind::Answer, "the answer has a status that isn't documented"),
    };
    let api_errors =
        serde_json::from_slice::<Json>(body).map(|json| ApiError::list(&json)).unwrap_or_default();
    let error = Error::new(kind, message)
        .with_status(status.as_u16())
        .with_request_id(request_id(headers))
        .with_retry_after(retry_after(headers, Timestamp::now()));
    if api_errors.is_empty() { error.with_body(body) } else { error.with_api_errors(api_errors) }
}

/// Whether a token was refused for its age, so that a new one may help.
///
/// OAU-128 is documented for it; OAU-213, a token that the server has no record
/// of (any more), is one third party's word.
pub(super) fn is_expired_token(error: &Error) -> bool {
    error.api_errors().iter().any(|error| ["OAU-128", "OAU-213"].contains(&error.code.as_str()))
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("rcrequestid")?.to_str().ok().map(str::to_owned)
}

/// `Retry-After`, as seconds or as a date; a date in the past is no wait.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// A connection that failed, a time that ran out, a body that broke off.
pub(crate) fn communication(error: reqwest::Error) -> Error {
    if let Some(too_large) = body_too_large(&error) {
        return Error::new(ErrorKind::Answer, too_large.to_string());
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

fn body_too_large(error: &reqwest::Error) -> Option<&callperf_raw::BodyTooLarge> {
    let mut source = error.source();
    while let Some(current) = source {
        if let Some(found) = current.downcast_ref() {
            return Some(found);
        }
        source = current.source();
    }
    None
}

/// What the generated client couldn't do. A payload of another shape is
/// looked at by the caller first, who knows the shape.
pub(crate) async fn of_raw<E>(error: RawError<E>) -> Error {
    match error {
        RawError::UnexpectedResponse(response) => unexpected(response).await,
        RawError::CommunicationError(error) | RawError::ResponseBodyError(error) => {
            communication(error)
        }
        RawError::InvalidUpgrade(error) => communication(error),
        RawError::ErrorResponse(response) => of_status(response.status(), response.headers(), b""),
        RawError::InvalidResponsePayload(body, error) => {
            Error::new(ErrorKind::Answer, format!("the answer isn't understood: {error}"))
                .with_body(&body)
        }
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => {
            Error::new(ErrorKind::Refused, format!("the request can't be made: {reason}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_status_has_its_kind() {
        let kind = |status: u16| {
            of_status(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), b"").kind()
        };
        let cases = [
            (301, ErrorKind::Answer),
            (400, ErrorKind::Refused),
            (401, ErrorKind::Authentication),
            (403, ErrorKind::Permission),
            (404, ErrorKind::Refused),
            (408, ErrorKind::Deadline),
            (429, ErrorKind::Quota),
            (500, ErrorKind::Server),
            (501, ErrorKind::Refused),
            (503, ErrorKind::Server),
        ];
        for (status, expected) in cases {
            assert_eq!(kind(status), expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let wait = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("60"), Some(60));
        assert_eq!(wait("Tue, 24 Nov 2026 12:00:30 GMT"), Some(30));
        assert_eq!(wait("Tue, 24 Nov 2026 11:00:00 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn an_oauth_error_keeps_its_code() {
        let listed = json!({"error": "invalid_grant", "errors": [{"errorCode": "OAU-210", "message": "Token expired"}]});
        assert_eq!(oauth_errors(&listed)[0].code, "OAU-210");
        let plain = json!({"error": "invalid_client", "error_description": "no such client"});
        assert_eq!(oauth_errors(&plain)[0].code, "invalid_client");
        assert!(oauth_errors(&Json::Null).is_empty());
    }

    #[test]
    fn a_body_that_is_no_error_list_is_kept_as_an_excerpt() {
        let error = of_status(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>proxy</html>");
        assert_eq!(error.body_excerpt(), Some("<html>proxy</html>"));
        assert!(error.api_errors().is_empty());
    }
}
