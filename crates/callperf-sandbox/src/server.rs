//! The paths, and what each request passes before it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts as _, Path, Request as HttpRequest, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;

use crate::errors::Failure;
use crate::oauth::{Form, Refusal, Sessions, Token};
use crate::query::World;
use crate::wire::{Reply, Request, Service, beta, calls_v1};

/// All that requests are answered from.
pub(crate) struct Server {
    pub(crate) world: Arc<World>,
    pub(crate) sessions: Sessions,
    /// Where the clock of the rules stands still, if it does.
    pub(crate) frozen: Option<Timestamp>,
    pub(crate) service: Service,
    pub(crate) requests: AtomicU64,
}

type Shared = State<Arc<Server>>;

/// The header that tells what a request may not have meant, once for each remark.
const REMARK: &str = "x-sandbox-remark";

/// What was remarked on a request, as an extension of its response.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "for whoever shows the requests")]
pub(crate) struct Remarks(pub(crate) Vec<String>);

const TOKEN: &str = "/restapi/oauth/token";
const BETA: &str = "/restapi/v1.0/account/{account}/analytics/performance/calls/aggregate";
const AGGREGATION: &str = "/analytics/calls/v1/accounts/{account}/aggregation/fetch";
const TIMELINE: &str = "/analytics/calls/v1/accounts/{account}/timeline/fetch";

pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route(TOKEN, post(log_in))
        .route(BETA, post(beta_aggregate))
        .route(AGGREGATION, post(aggregation))
        .route(TIMELINE, post(timeline))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&server), number_request))
        .with_state(server)
}

async fn log_in(
    State(server): Shared,
    headers: HeaderMap,
    form: Result<axum::Form<Form>, axum::extract::rejection::FormRejection>,
) -> Result<Token, Refusal> {
    let unreadable = |_| Refusal::invalid_request("The body is not a form");
    let axum::Form(form) = form.map_err(unreadable)?;
    server.sessions.log_in(&headers, &form)
}

async fn beta_aggregate(State(server): Shared, request: Request) -> Response {
    answer(beta::aggregate(&server.world, &server.service, &request))
}

async fn aggregation(State(server): Shared, request: Request) -> Response {
    answer(calls_v1::aggregation(&server.world, &server.service, &request))
}

async fn timeline(State(server): Shared, request: Request) -> Response {
    answer(calls_v1::timeline(&server.world, &server.service, &request))
}

/// What is worth telling whoever wrote the request goes with the response.
fn answer(reply: Reply) -> Response {
    let json = HeaderValue::from_static("application/json");
    let body = reply.body.map(|body| ([(CONTENT_TYPE, json)], body));
    let mut response = body.into_response();
    for remark in &reply.remarks {
        if let Ok(remark) = HeaderValue::from_str(&printable(remark)) {
            response.headers_mut().append(REMARK, remark);
        }
    }
    response.extensions_mut().insert(Remarks(reply.remarks));
    response
}

/// A text that a header can hold.
fn printable(text: &str) -> String {
    let mut printable = String::new();
    for letter in text.chars() {
        match letter {
            ' '..='~' => printable.push(letter),
            _ => printable.extend(letter.escape_unicode()),
        }
    }
    printable
}

/// A report's request: first whether the caller may ask, then for which account, then what.
impl FromRequest<Arc<Server>> for Request {
    type Rejection = Failure;

    async fn from_request(request: HttpRequest, server: &Arc<Server>) -> Result<Request, Failure> {
        server.sessions.check(request.headers())?;
        let (mut parts, body) = request.into_parts();
        let Path(account) = Path::<String>::from_request_parts(&mut parts, server)
            .await
            .map_err(|_| Failure::no_account("?"))?;
        if account != "~" && account != server.world.directory.account_id() {
            return Err(Failure::no_account(&account));
        }
        let uri = parts.uri.clone();
        let body = Bytes::from_request(HttpRequest::from_parts(parts, body), server)
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        let now = server.frozen.unwrap_or_else(Timestamp::now);
        Request::new(&uri, &body, now)
    }
}

fn unreadable(rejection: &BytesRejection) -> Failure {
    Failure::new(rejection.status(), "CMN-104", "Request can't be read")
}

async fn unknown_path() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "CMN-102", "Resource is not found")
}

async fn wrong_method() -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "CMN-104", "Method is not allowed")
}

/// Every response carries an id, by which the service's support would find the request.
async fn number_request(State(server): Shared, request: HttpRequest, next: Next) -> Response {
    let number = server.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let mut response = next.run(request).await;
    let id = format!("00000000-0000-4000-8000-{number:012x}");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("rcrequestid", id);
    }
    response
}
