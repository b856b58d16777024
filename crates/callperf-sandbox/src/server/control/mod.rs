//! The sandbox's own address, beside the service's: what was asked, and what can be changed while it runs.
//!
//! It is off unless it is asked for. Beyond what holds for every path (`hosts`), a request from a page must come from
//! the sandbox's own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::faults::{Fault, Faults, Plan};
use crate::protocol::hosts::from_own_page;
use crate::protocol::limits::{Group, Limits, Spender, Standing};
use crate::protocol::oauth::Form;
use crate::server::state::Server;
use crate::wire::failure::{Failure, Problem, wrong_method};

const PAGE: &str = include_str!("page.html");

type Shared = State<Arc<Server>>;
type Answer = Result<Json<Value>, Failure>;

pub(crate) fn router(server: Arc<Server>) -> Router {
    let paths = paths().into_iter();
    paths
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .method_not_allowed_fallback(wrong_method)
        .route_layer(middleware::from_fn(from_own_page))
        .with_state(server)
}

pub(crate) fn paths() -> [(&'static str, MethodRouter<Arc<Server>>); 8] {
    [
        ("/sandbox", get(page)),
        ("/sandbox/state", get(state)),
        ("/sandbox/reset", post(reset)),
        ("/sandbox/requests", get(requests).delete(forget_requests)),
        ("/sandbox/clock", get(clock).post(advance)),
        ("/sandbox/limits", get(limits).put(set_limits)),
        ("/sandbox/quota", get(quotas).post(spend).delete(forget_quotas)),
        ("/sandbox/faults", get(faults).put(set_faults).delete(no_faults)),
    ]
}

async fn page() -> Response {
    static POLICY: OnceLock<String> = OnceLock::new();
    let policy = POLICY.get_or_init(|| {
        let script = PAGE.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>"));
        let script = script.map_or("", |(script, _)| script);
        let hash = STANDARD.encode(hmac_sha256::Hash::hash(script.as_bytes()));
        format!(
            "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; \
             script-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )
    });
    let policy =
        HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    ([(CONTENT_SECURITY_POLICY, policy)], Html(PAGE)).into_response()
}

/// All that the page shows besides the requests.
async fn state(State(server): Shared) -> Json<Value> {
    let names = Fault::all().iter().map(Fault::to_string).collect::<Vec<_>>();
    Json(json!({
        "url": server.url,
        "now": server.clock.now(),
        "limits": server.limiter.limits().to_string(),
        "quotas": server.quotas(),
        "faults": server.plan().faults().to_string(),
        "faultNames": names,
        "sessions": server.sessions.number_of_sessions(),
    }))
}

async fn reset(State(server): Shared) -> Json<Value> {
    server.reset();
    Json(json!({}))
}

async fn requests(State(server): Shared, uri: Uri) -> Json<Value> {
    let query = Form::of_query(&uri);
    let after = query.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let mut requests = server.log.all();
    requests.retain(|request| request.number > after);
    Json(json!(requests))
}

async fn forget_requests(State(server): Shared) -> Json<Value> {
    server.log.clear();
    Json(json!({}))
}

async fn clock(State(server): Shared) -> Json<Value> {
    Json(json!({ "now": server.clock.now() }))
}

#[derive(Deserialize)]
struct Advance {
    advance: String,
}

async fn advance(state: Shared, body: Bytes) -> Answer {
    let Advance { advance } = read(&body, r#"{"advance": "1h"}"#)?;
    let by = advance.parse::<SignedDuration>().ok().and_then(|by| Duration::try_from(by).ok());
    let by = by.ok_or_else(|| {
        invalid(
            "advance",
            &advance,
            "a duration is expected, as in 90s or 1h30m, and clocks don't go back",
        )
    })?;
    state.clock.advance(by);
    Ok(clock(state).await)
}

async fn limits(State(server): Shared) -> Json<Value> {
    Json(json!({ "limits": server.limiter.limits().to_string() }))
}

#[derive(Deserialize)]
struct SetLimits {
    limits: String,
}

async fn set_limits(state: Shared, body: Bytes) -> Answer {
    let SetLimits { limits: text } = read(&body, r#"{"limits": "light=50/60s/60s"}"#)?;
    let limits_: Limits =
        text.parse().map_err(|error| invalid("limits", &text, &format!("{error}")))?;
    state.limiter.set(limits_);
    Ok(limits(state).await)
}

async fn quotas(State(server): Shared) -> Json<Value> {
    Json(json!(server.quotas()))
}

#[derive(Deserialize)]
struct Spend {
    group: String,
    requests: u32,
    /// The extension id; the JWT's user unless it is there.
    user: Option<String>,
    #[serde(rename = "clientId")]
    client_id: Option<String>,
}

/// Spends a quota as another process would.
async fn spend(state: Shared, body: Bytes) -> Answer {
    let spend: Spend = read(&body, r#"{"group": "light", "requests": 40}"#)?;
    let group = Group::named(&spend.group).ok_or_else(|| {
        invalid("group", &spend.group, "expected is one of light, medium, heavy, auth")
    })?;
    let app = match &spend.client_id {
        None => 0,
        Some(id) => state
            .sessions
            .app_of_id(id)
            .ok_or_else(|| invalid("clientId", id, "there is no such app"))?,
    };
    let user = (group != Group::Auth)
        .then(|| spend.user.unwrap_or_else(|| state.sessions.owner().to_owned()));
    state.limiter.spend(&Spender { app, user, group }, spend.requests.min(10_000));
    Ok(quotas(state).await)
}

async fn forget_quotas(State(server): Shared) -> Json<Value> {
    server.limiter.clear();
    Json(json!({}))
}

/// As a script, which is what can be sent back.
async fn faults(State(server): Shared) -> String {
    server.plan().faults().to_string()
}

async fn set_faults(state: Shared, body: Bytes) -> Result<String, Failure> {
    let script =
        std::str::from_utf8(&body).map_err(|_| invalid("body", "", "a script is expected"))?;
    let faults_: Faults = script.parse().map_err(|error| {
        let why = format!("{error}; write one fault per line, as in quota on=timelines times=2");
        invalid("body", "", &why)
    })?;
    *state.plan() = Plan::new(faults_);
    Ok(faults(state).await)
}

async fn no_faults(State(server): Shared) -> Json<Value> {
    *server.plan() = Plan::new(Faults::none());
    Json(json!({}))
}

impl Server {
    /// Forgets everything since the start.
    pub(crate) fn reset(&self) {
        *self.plan() = Plan::new(Faults::none());
        self.log.clear();
        self.sessions.clear();
        self.limiter.clear();
    }

    fn quotas(&self) -> Vec<Value> {
        let mut standings = self.limiter.standings();
        standings.sort_by(|(one, _), (other, _)| {
            (one.app, &one.user, one.group.name()).cmp(&(
                other.app,
                &other.user,
                other.group.name(),
            ))
        });
        standings.iter().map(|(spender, standing)| self.quota(spender, standing)).collect()
    }

    fn quota(&self, spender: &Spender, standing: &Standing) -> Value {
        json!({
            "clientId": self.sessions.client_id(spender.app),
            "user": spender.user,
            "group": standing.group.name(),
            "limit": standing.limit,
            "remaining": standing.remaining,
            "window": standing.window,
            "refusedFor": standing.refused_for,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8], example: &str) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("{error}; write it as in {example}");
        Failure::new(StatusCode::BAD_REQUEST, "CMN-103", message)
    })
}

fn invalid(name: &str, value: &str, why: &str) -> Failure {
    let message = format!("Parameter [{name}] value is invalid: {why}");
    let mut problem = Problem::new("CMN-101", message);
    problem.parameter_name = Some(name.to_owned());
    problem.parameter_value = Some(value.to_owned()).filter(|value| !value.is_empty());
    Failure::invalid(vec![problem])
}
