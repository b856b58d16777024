//! Failures in the shape in which the service reports them.
//!
//! Which codes the service sends is partly known from its documentation (CMN-…, OAU-…), partly only from others'
//! reports: AGW-402, ANL-102, ANL-202, ANL-302, ANL-305 and ANL-503. The CMN-104 of a wrong method and of another content type is our reading.

use std::error::Error as _;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde_json::json;

/// One thing that was wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    pub(crate) error_code: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter_value: Option<String>,
}

/// Why there is no answer; at least one problem.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) problems: Vec<Problem>,
}

/// The first problem is in it twice, as in the service's errors.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    first: Option<&'a Problem>,
    errors: &'a [Problem],
}

impl Problem {
    pub(crate) fn new(error_code: &'static str, message: impl Into<String>) -> Problem {
        Problem { error_code, message: message.into(), parameter_name: None, parameter_value: None }
    }
}

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        error_code: &'static str,
        message: impl Into<String>,
    ) -> Failure {
        Failure { status, problems: vec![Problem::new(error_code, message)] }
    }

    /// The body of the answer, as JSON.
    pub(crate) fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&Body { first: self.problems.first(), errors: &self.problems })
            .unwrap_or_default()
    }

    pub(crate) fn invalid(problems: Vec<Problem>) -> Failure {
        Failure { status: StatusCode::BAD_REQUEST, problems }
    }

    /// What a later revision brought and this sandbox isn't written for is said, never made up.
    pub(crate) fn not_yet(what: &str) -> Failure {
        Failure::new(
            StatusCode::NOT_IMPLEMENTED,
            "CMN-202",
            format!("The sandbox does not work this out yet: {what}"),
        )
    }

    /// The documents of reports have no 404.
    pub(crate) fn no_account(id: &str) -> Failure {
        let message = "Resource for parameter [accountId] is not found";
        Failure::new(StatusCode::BAD_REQUEST, "CMN-102", message).of_account(id)
    }

    /// The code and the status are one party's word, the message is ours.
    pub(crate) fn foreign_account(id: &str) -> Failure {
        let message = "Parameter [accountId]: reports of this account are not allowed; use ~";
        Failure::new(StatusCode::FORBIDDEN, "ANL-102", message).of_account(id)
    }

    fn of_account(mut self, id: &str) -> Failure {
        for problem in &mut self.problems {
            problem.parameter_name = Some("accountId".to_owned());
            problem.parameter_value = Some(id.to_owned());
        }
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Body { first: self.problems.first(), errors: &self.problems };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = axum::http::HeaderValue::from_static("Bearer");
            response.headers_mut().insert("www-authenticate", challenge);
        }
        response
    }
}

/// The application has no such permission.
pub(crate) fn lacks_permission(permission: &str) -> Response {
    let error = json!({
        "errorCode": "CMN-401",
        "message": format!("Application permission required: [{permission}]"),
        "permissionName": permission,
    });
    let mut body = error.clone();
    body["errors"] = json!([error]);
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

pub(crate) async fn wrong_method() -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "CMN-104", "Method is not allowed")
}

/// A body that is too large, or that the client didn't send to its end.
pub(crate) fn unreadable(error: &axum::Error) -> Failure {
    let is_large = error.source().is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
    let status = if is_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
    Failure::new(status, "CMN-104", "Request can't be read")
}
