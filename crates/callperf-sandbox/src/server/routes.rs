//! The paths, and what each request passes before it is answered.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{
    FromRequest, FromRequestParts, OriginalUri, Path, Request as HttpRequest, State,
};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::Value;

use crate::assumptions::{ForeignAccount, ResponseEncoding};
use crate::protocol::faults::{Skew, line};
use crate::protocol::gzip;
use crate::protocol::hosts;
use crate::protocol::limits::{Group, LARGEST_BODY, Spender};
use crate::protocol::log::{self, Remarks};
use crate::protocol::oauth::{self, Form, Refusal};
use crate::server::control;
use crate::server::faults;
use crate::server::gate::{self, Gate};
use crate::server::lists::Lists;
use crate::server::reference;
use crate::server::state::Server;
use crate::wire::failure::{Failure, unreadable, wrong_method};
use crate::wire::{Reply, Request, beta, calls_v1};

impl Server {
    fn list(&self, uri: &Uri, read: impl FnOnce(Lists<'_>) -> Result<Value, Failure>) -> Listed {
        let query = &Form::of_query(uri);
        let disabled = &self.disabled();
        let directory = &self.world.directory;
        read(Lists { directory, server: &self.url, query, disabled }).map(Json)
    }

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

/// The header that tells what a request may not have meant, once for each remark.
const REMARK: &str = "x-sandbox-remark";

const TOKEN: &str = "/restapi/oauth/token";
const REVOKE: &str = "/restapi/oauth/revoke";
const AUTHORIZE: &str = "/restapi/oauth/authorize";
const BETA: &str = "/restapi/v1.0/account/{account}/analytics/performance/calls/aggregate";
const AGGREGATION: &str = "/analytics/calls/v1/accounts/{account}/aggregation/fetch";
const ACCOUNT: &str = "/restapi/v1.0/account/{account}";
const EXTENSIONS: &str = "/restapi/v1.0/account/{account}/extension";
const CALL_QUEUES: &str = "/restapi/v1.0/account/{account}/call-queues";
const CALL_QUEUE: &str = "/restapi/v1.0/account/{account}/call-queues/{id}";
const CALL_QUEUE_MEMBERS: &str = "/restapi/v1.0/account/{account}/call-queues/{id}/members";
const DEPARTMENT_MEMBERS: &str = "/restapi/v1.0/account/{account}/department/{id}/members";
const IVR_MENUS: &str = "/restapi/v1.0/account/{account}/ivr-menus";
const SITES: &str = "/restapi/v1.0/account/{account}/sites";
const SITE_MEMBERS: &str = "/restapi/v1.0/account/{account}/sites/{id}/members";
const TIME_ZONES: &str = "/restapi/v1.0/dictionary/timezone";
const TIME_ZONE: &str = "/restapi/v1.0/dictionary/timezone/{id}";
const TIMELINE: &str = "/analytics/calls/v1/accounts/{account}/timeline/fetch";

const ANALYTICS: Option<&str> = Some("Analytics");
const ACCOUNTS: Option<&str> = Some("ReadAccounts");

/// The service's paths, and the sandbox's own beside them, if they are wanted.
pub(crate) fn router(server: &Arc<Server>, has_control: bool) -> Router {
    let service = service(server)
        .layer(middleware::from_fn_with_state(Arc::clone(server), faults::meddle))
        .layer(middleware::from_fn_with_state(Arc::clone(&server.log), log::keep));
    let service = service.merge(reference::router(Arc::<Server>::clone(server)));
    #[cfg(feature = "reference")]
    let service = service.merge(
        reference::page_router(Arc::<Server>::clone(server))
            .route_layer(middleware::from_fn(hosts::from_own_page)),
    );
    let is_gzip = server.service.assumptions.response_encoding == ResponseEncoding::Gzip;
    let all =
        if has_control { service.merge(control::router(Arc::clone(server))) } else { service };
    all.layer(middleware::from_fn_with_state(Arc::clone(&server.hosts), hosts::check))
        .layer(middleware::from_fn_with_state(is_gzip, gzip::compress))
        .layer(middleware::from_fn(line::steer))
}

fn service(server: &Arc<Server>) -> Router {
    let paths = paths(server).into_iter();
    paths
        .fold(Router::new(), |router, (path, methods)| router.route(&path, methods))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(server))
}

fn paths(server: &Arc<Server>) -> Vec<(String, MethodRouter<Arc<Server>>)> {
    let paths = [
        (TOKEN, post(log_in)),
        (REVOKE, post(revoke)),
        (AUTHORIZE, get(authorize_by_query).post(authorize_by_form)),
        (BETA, gated(server, Group::Light, ANALYTICS, post(beta_aggregate))),
        (AGGREGATION, gated(server, Group::Light, ANALYTICS, post(aggregation))),
        (TIMELINE, gated(server, Group::Light, ANALYTICS, post(timeline))),
        (ACCOUNT, gated(server, Group::Light, ACCOUNTS, get(account))),
        (EXTENSIONS, gated(server, Group::Medium, ACCOUNTS, get(extensions))),
        (CALL_QUEUES, gated(server, Group::Medium, ACCOUNTS, get(call_queues))),
        (CALL_QUEUE, gated(server, Group::Light, ACCOUNTS, get(call_queue))),
        (CALL_QUEUE_MEMBERS, gated(server, Group::Light, ACCOUNTS, get(call_queue_members))),
        (DEPARTMENT_MEMBERS, gated(server, Group::Light, ACCOUNTS, get(department_members))),
        (IVR_MENUS, gated(server, Group::Medium, ACCOUNTS, get(ivr_menus))),
        (SITES, gated(server, Group::Light, ACCOUNTS, get(sites))),
        (SITE_MEMBERS, gated(server, Group::Medium, ACCOUNTS, get(site_members))),
        (TIME_ZONES, gated(server, Group::Light, None, get(time_zones))),
        (TIME_ZONE, gated(server, Group::Light, None, get(time_zone))),
    ];
    // The vendor's own samples ask for `…/extension/`.
    let with_slash = paths.into_iter().flat_map(|(path, methods)| {
        [(format!("{path}/"), methods.clone()), (path.to_owned(), methods)]
    });
    with_slash.chain([(oauth::DECISION.to_owned(), post(decide))]).collect()
}

/// Only methods that exist need a token: others are refused without one.
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

async fn beta_aggregate(State(server): Shared, request: Request) -> Response {
    answer(beta::aggregate(&server.world, &server.service, &request))
}

async fn aggregation(State(server): Shared, request: Request) -> Response {
    answer(calls_v1::aggregation(&server.world, &server.service, &request))
}

async fn timeline(State(server): Shared, request: Request) -> Response {
    answer(calls_v1::timeline(&server.world, &server.service, &request))
}

/// Puts the remarks on the request into headers of the response.
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

type Listed = Result<Json<Value>, Failure>;

async fn extensions(State(server): Shared, _: Account, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.extensions())
}

async fn call_queues(State(server): Shared, _: Account, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.call_queues())
}

async fn account(State(server): Shared, _: Account, uri: Uri) -> Listed {
    let now = server.clock.now();
    server.list(&uri, |lists| Ok(lists.account_info(now)))
}

async fn call_queue(State(server): Shared, Item(id): Item, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.call_queue(&id))
}

async fn call_queue_members(State(server): Shared, Item(id): Item, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.call_queue_members(&id))
}

async fn department_members(State(server): Shared, Item(id): Item, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.department_members(&id))
}

async fn ivr_menus(State(server): Shared, _: Account, uri: Uri) -> Listed {
    server.list(&uri, |lists| Ok(lists.ivr_menus()))
}

async fn site_members(State(server): Shared, Item(id): Item, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.site_members(&id))
}

async fn sites(State(server): Shared, _: Account, uri: Uri) -> Listed {
    server.list(&uri, |lists| lists.sites())
}

async fn time_zones(State(server): Shared, uri: Uri) -> Listed {
    let now = server.clock.now();
    server.list(&uri, |lists| lists.time_zones(now))
}

async fn time_zone(
    State(server): Shared,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Listed {
    let id = path.map_or_else(|_| "?".to_owned(), |Path(id)| id);
    let now = server.clock.now();
    server.list(&uri, |lists| lists.time_zone(&id, now))
}

/// The account of a list's path, which must be the caller's.
struct Account;

impl FromRequestParts<Arc<Server>> for Account {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Arc<Server>,
    ) -> Result<Account, Failure> {
        let checked = check_account(parts, server).await;
        checked.map_err(|failure| Failure { status: StatusCode::NOT_FOUND, ..failure })?;
        Ok(Account)
    }
}

/// The id of one thing of the caller's account.
struct Item(String);

impl FromRequestParts<Arc<Server>> for Item {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Item, Failure> {
        Account::from_request_parts(parts, server).await?;
        Ok(Item(parameters(parts, server).await.remove("id").unwrap_or_default()))
    }
}

async fn check_account(parts: &mut Parts, server: &Arc<Server>) -> Result<(), Failure> {
    let account = parameters(parts, server).await.remove("account");
    match account.as_deref() {
        Some("~") => Ok(()),
        Some(account) if account == server.world.directory.account_id() => Ok(()),
        account => Err(Failure::no_account(account.unwrap_or("?"))),
    }
}

/// Reports may know no account but `~`.
async fn check_account_of_report(parts: &mut Parts, server: &Arc<Server>) -> Result<(), Failure> {
    if server.service.assumptions.foreign_account == ForeignAccount::Refused {
        let account = parameters(parts, server).await.remove("account").unwrap_or_default();
        if account != "~" {
            return Err(Failure::foreign_account(&account));
        }
    }
    check_account(parts, server).await
}

/// The parameters of a path; none, if they can't be decoded.
async fn parameters(parts: &mut Parts, server: &Arc<Server>) -> HashMap<String, String> {
    let path = Path::from_request_parts(parts, server).await;
    path.map_or_else(|_| HashMap::new(), |Path(parameters)| parameters)
}

/// A report's request: first for which account, then what. Whether the caller may ask is the gate's part.
impl FromRequest<Arc<Server>> for Request {
    type Rejection = Failure;

    async fn from_request(request: HttpRequest, server: &Arc<Server>) -> Result<Request, Failure> {
        let (mut parts, body) = request.into_parts();
        check_account_of_report(&mut parts, server).await?;
        check_media_type(&parts.headers)?;
        let uri = parts.uri.clone();
        let Skew(skew) = parts.extensions.get().copied().unwrap_or_default();
        let body = to_bytes(body, LARGEST_BODY).await.map_err(|error| unreadable(&error))?;
        let now = server.clock.now();
        Request::new(&uri, &body, now.checked_add(skew).unwrap_or(now))
    }
}

/// No body at all is a form without fields.
impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: HttpRequest, _: &S) -> Result<Form, Refusal> {
        let form = "application/x-www-form-urlencoded";
        let named = request.headers().get(CONTENT_TYPE).cloned();
        let unreadable = |_| Refusal::invalid_request("The body can't be read");
        let body = to_bytes(request.into_body(), LARGEST_BODY).await.map_err(unreadable)?;
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

/// What says that it is something else than JSON isn't read as JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get(CONTENT_TYPE) {
        Some(header) if !is_media_type(header, "application/json") => {
            let message = "Cannot parse request: the content type must be application/json";
            Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "CMN-104", message))
        }
        _ => Ok(()),
    }
}

/// Whether a content type is this one, with any parameters.
fn is_media_type(header: &HeaderValue, media_type: &str) -> bool {
    let named = header.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    named.trim().eq_ignore_ascii_case(media_type)
}

async fn unknown_path(uri: Uri) -> Failure {
    let path = uri.path();
    let reason = if path.starts_with("/analytics/phone/performance/v1/") {
        ": the API of 2021-11 to 2022-08 isn't spoken here; today's has \
         /analytics/calls/v1/accounts/~/aggregation/fetch and /timeline/fetch"
            .to_owned()
    } else if path == "/sandbox" || path.starts_with("/sandbox/") {
        ": the control API is off unless it is asked for, or has no such path".to_owned()
    } else if path == "/reference" && !cfg!(feature = "reference") {
        ": the sandbox was built without its feature `reference`".to_owned()
    } else {
        nearest(path).map_or_else(String::new, |known| format!("; did you mean {known}?"))
    };
    Failure::new(StatusCode::NOT_FOUND, "CMN-120", format!("Invalid URI{reason}"))
}

/// A path that there is, with one letter in three changed at most.
fn nearest(path: &str) -> Option<String> {
    let known = [
        TOKEN,
        REVOKE,
        AUTHORIZE,
        BETA,
        AGGREGATION,
        TIMELINE,
        ACCOUNT,
        EXTENSIONS,
        CALL_QUEUES,
        IVR_MENUS,
        SITES,
        TIME_ZONES,
    ];
    let known = known.map(|known| known.replace("{account}", "~"));
    let distance = |known: String| {
        let most = path.len().min(known.len()) / 3;
        let is_longer = path.len().abs_diff(known.len()) > most;
        let distance =
            if is_longer { usize::MAX } else { strsim::damerau_levenshtein(&known, path) };
        (distance <= most).then_some((distance, known))
    };
    known.into_iter().filter_map(distance).min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use axum::http::header::{HOST, ORIGIN};

    use super::*;
    use crate::Sandbox;

    /// Each path with its parameters filled in, and some that there aren't.
    fn all_paths(server: &Arc<Server>) -> Vec<String> {
        let service = paths(server).into_iter().map(|(path, _)| path);
        let control = control::paths().into_iter().map(|(path, _)| path.to_owned());
        let reference = reference::paths().into_iter().map(|(path, _)| path.to_owned());
        #[cfg(feature = "reference")]
        let reference =
            reference.chain(reference::page_paths().into_iter().map(|(path, _)| path.to_owned()));
        let none =
            ["/", "/nowhere", "/sandbox/nowhere", "//restapi/oauth/token"].map(str::to_owned);
        let all = service.chain(control).chain(reference).chain(none);
        all.map(|path| path.replace("{account}", "~").replace("{id}", "1")).collect()
    }

    #[tokio::test]
    async fn no_path_answers_a_page_of_another_host() {
        let sandbox = Sandbox::builder().control(true).allow_host("dev.example");
        let sandbox = sandbox.start().await.unwrap();
        let http = reqwest::Client::new();
        let own = sandbox.url().strip_prefix("http://").unwrap();
        let (rebound, other) = ("evil.example", "http://evil.example");
        let paths = all_paths(&sandbox.server);
        assert!(paths.len() > 30, "{paths:?}");
        for path in paths {
            for method in [reqwest::Method::GET, reqwest::Method::POST] {
                for (host, origin, is_refused) in [
                    (rebound, None, true),
                    (rebound, Some(other), true),
                    (own, Some(other), true),
                    (own, Some("null"), true),
                    (own, None, false),
                    (own, Some(sandbox.url()), false),
                    ("dev.example", Some("https://dev.example"), false),
                ] {
                    let url = format!("{}{path}", sandbox.url());
                    let mut request = http.request(method.clone(), url).header(HOST, host);
                    if let Some(origin) = origin {
                        request = request.header(ORIGIN, origin);
                    }
                    let response = request.send().await.unwrap();
                    let case = format!("{method} {path} {host} {origin:?}");
                    assert_eq!(response.status() == StatusCode::FORBIDDEN, is_refused, "{case}");
                }
            }
        }
        // What was refused isn't what was asked.
        assert!(sandbox.requests().iter().all(|seen| seen.status != 403));
    }
}
