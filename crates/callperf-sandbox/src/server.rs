//! The paths, and what each request passes before it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{
    FromRequest, FromRequestParts as _, OriginalUri, Path, Request as HttpRequest, State,
};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use crate::clock::Clock;
use crate::errors::Failure;
use crate::gate::{self, Gate};
use crate::limits::{Group, Limiter, Spender};
use crate::oauth::{self, Form, Refusal, Sessions};
use crate::query::{EmptyRecords, World};
use crate::wire::{Request, beta, calls_v1};

/// All that requests are answered from.
pub(crate) struct Server {
    pub(crate) world: Arc<World>,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: Limiter,
    pub(crate) clock: Arc<Clock>,
    pub(crate) empty: EmptyRecords,
    pub(crate) requests: AtomicU64,
}

impl Server {
    /// Answers a request about logging in, if the app that it names hasn't sent too many.
    fn metered<A: IntoResponse>(
        &self,
        headers: &HeaderMap,
        form: &Form,
        answer: impl FnOnce() -> A,
    ) -> Response {
        let app = self.sessions.named_app(headers, form);
        let spender = app.map(|app| Spender { app, user: None, group: Group::Auth });
        match spender.and_then(|spender| self.limiter.admit(&spender)) {
            None => answer().into_response(),
            Some(standing) if standing.refused_for.is_some() => standing.refusal(),
            Some(standing) => standing.around(answer().into_response()),
        }
    }
}

type Shared = State<Arc<Server>>;
type Answer = Result<Response, Failure>;

const TOKEN: &str = "/restapi/oauth/token";
const REVOKE: &str = "/restapi/oauth/revoke";
const AUTHORIZE: &str = "/restapi/oauth/authorize";
const BETA: &str = "/restapi/v1.0/account/{account}/analytics/performance/calls/aggregate";
const AGGREGATION: &str = "/analytics/calls/v1/accounts/{account}/aggregation/fetch";
const TIMELINE: &str = "/analytics/calls/v1/accounts/{account}/timeline/fetch";

const ANALYTICS: Option<&str> = Some("Analytics");

pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route(TOKEN, post(log_in))
        .route(REVOKE, post(revoke))
        .route(AUTHORIZE, get(authorize_by_query).post(authorize_by_form))
        .route(oauth::DECISION, post(decide))
        .route(BETA, gated(&server, Group::Light, ANALYTICS, post(beta_aggregate)))
        .route(AGGREGATION, gated(&server, Group::Light, ANALYTICS, post(aggregation)))
        .route(TIMELINE, gated(&server, Group::Light, ANALYTICS, post(timeline)))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&server), number_request))
        .with_state(server)
}

/// Only methods that there are stand behind the gate: a wrong one needs no token to be told.
fn gated(
    server: &Arc<Server>,
    group: Group,
    permission: Option<&'static str>,
    methods: MethodRouter<Arc<Server>>,
) -> MethodRouter<Arc<Server>> {
    let gate = Gate { server: Arc::clone(server), group, permission };
    methods.route_layer(middleware::from_fn_with_state(gate, gate::pass))
}

async fn log_in(State(server): Shared, headers: HeaderMap, form: Form) -> Response {
    server.metered(&headers, &form, || server.sessions.log_in(&headers, &form))
}

async fn revoke(
    State(server): Shared,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    form: Form,
) -> Response {
    server.metered(&headers, &form, || server.sessions.revoke(&headers, &uri, &form))
}

async fn authorize_by_query(State(server): Shared, headers: HeaderMap, uri: Uri) -> Response {
    let form = Form::of_query(&uri);
    server.metered(&headers, &form, || server.sessions.authorize(&form))
}

async fn authorize_by_form(State(server): Shared, headers: HeaderMap, form: Form) -> Response {
    server.metered(&headers, &form, || server.sessions.authorize(&form))
}

async fn decide(State(server): Shared, form: Form) -> Result<Response, Refusal> {
    server.sessions.decide(&form)
}

async fn beta_aggregate(State(server): Shared, request: Request) -> Answer {
    json(beta::aggregate(&server.world, &request, server.empty))
}

async fn aggregation(State(server): Shared, request: Request) -> Answer {
    json(calls_v1::aggregation(&server.world, &request, server.empty))
}

async fn timeline(State(server): Shared, request: Request) -> Answer {
    json(calls_v1::timeline(&server.world, &request, server.empty))
}

fn json(body: Result<Vec<u8>, Failure>) -> Answer {
    let json = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, json)], body?).into_response())
}

/// A report's request: first for which account, then what. Whether the caller may ask is the gate's part.
impl FromRequest<Arc<Server>> for Request {
    type Rejection = Failure;

    async fn from_request(request: HttpRequest, server: &Arc<Server>) -> Result<Request, Failure> {
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
        Request::new(&uri, &body, server.clock.now())
    }
}

/// No body at all is a form without fields.
impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: HttpRequest, state: &S) -> Result<Form, Refusal> {
        let form = "application/x-www-form-urlencoded";
        let named = request.headers().get(CONTENT_TYPE).cloned();
        let unreadable = |_| Refusal::invalid_request("The body can't be read");
        let body = Bytes::from_request(request, state).await.map_err(unreadable)?;
        let is_form = match named {
            Some(named) => is_media_type(&named, form),
            None => body.is_empty(),
        };
        if !is_form {
            return Err(Refusal::media_type());
        }
        Ok(Form::parse(&body))
    }
}

/// Whether a content type is this one, whatever its parameters.
fn is_media_type(header: &HeaderValue, media_type: &str) -> bool {
    let named = header.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    named.trim().eq_ignore_ascii_case(media_type)
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
