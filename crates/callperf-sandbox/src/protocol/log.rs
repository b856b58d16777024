//! What was asked lately, and what came of it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LANGUAGE;
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::protocol::faults::Met;
use crate::protocol::limits::LARGEST_BODY;
use crate::wire::failure::unreadable;

/// Older ones are forgotten.
const KEPT: usize = 1000;
/// Bytes of a body; a longer one is cut.
const BODY: usize = 4096;

/// Names of fields that hold a secret, as `canonical` spells them.
const SECRETS: [&str; 11] = [
    "accesstoken",
    "assertion",
    "authorization",
    "clientassertion",
    "clientsecret",
    "code",
    "codeverifier",
    "jwt",
    "password",
    "refreshtoken",
    "token",
];

/// A request that the sandbox got. No secret is in it: of a login, or of what may have been meant for one, neither the
/// body nor a field of the query that holds a secret is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SeenRequest {
    /// How many there had been, this one included. The answer's `RCRequestId` ends with it in hexadecimal.
    pub number: u64,
    /// When it came, by the machine's clock.
    pub at: Timestamp,
    /// How long the answer took, in seconds.
    pub seconds: f64,
    /// The method.
    pub method: String,
    /// The path, cut where it has an equals sign: what follows was meant for the query or the body.
    pub path: String,
    /// The query string, without fields that hold a secret; none of requests about logging in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What a report was asked for, cut after 4 kB. Only JSON without a field for a secret is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The answer's status, even if a fault of the connection cut the answer.
    pub status: u16,
    /// Why it was refused, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// What it should look at although it was answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The names of the faults that it met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// Remarks on a request that was answered; its handler puts them into the response's extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks(pub(crate) Vec<String>);

#[derive(Debug, Default)]
pub(crate) struct Log {
    seen: AtomicU64,
    kept: Mutex<VecDeque<SeenRequest>>,
}

/// Gives every answer an id, by which the service's support would find the request, and keeps a record of it.
pub(crate) async fn keep(State(log): State<Arc<Log>>, request: Request, next: Next) -> Response {
    let number = log.seen.fetch_add(1, Ordering::Relaxed) + 1;
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let mut seen = SeenRequest::new(number, &parts.method, &parts.uri);
    let response = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => {
            seen.asked(&body);
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        Err(error) => unreadable(&error).into_response(),
    };
    let mut response = seen.refusal(response).await;
    let Remarks(remarks) = response.extensions_mut().remove().unwrap_or_default();
    let Met(faults) = response.extensions_mut().remove().unwrap_or_default();
    seen.remarks = remarks;
    seen.faults = faults;
    seen.status = response.status().as_u16();
    seen.seconds = begun.elapsed().as_secs_f64();
    log.keep(seen);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(format!("00000000-0000-4000-8000-{number:012x}")) {
        headers.insert("rcrequestid", id);
    }
    // Where the service would have looked it up, and in which language messages are.
    headers.insert("routingkey", HeaderValue::from_static("SANDBOX"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static("en"));
    response
}

impl Log {
    fn requests(&self) -> MutexGuard<'_, VecDeque<SeenRequest>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, request: SeenRequest) {
        let mut requests = self.requests();
        if requests.len() == KEPT {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<SeenRequest> {
        self.requests().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.requests().clear();
    }
}

impl SeenRequest {
    /// A request before it is answered.
    fn new(number: u64, method: &Method, uri: &Uri) -> SeenRequest {
        SeenRequest {
            number,
            at: Timestamp::now(),
            seconds: 0.0,
            method: method.to_string(),
            path: up_to_equals_sign(uri.path()),
            query: harmless(uri),
            body: None,
            status: 0,
            refused: Vec::new(),
            remarks: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn asked(&mut self, body: &[u8]) {
        let excerpt = excerpt(body);
        if !is_about_logins(&self.path) && is_harmless_json(&excerpt) {
            self.body = Some(excerpt);
        }
    }

    /// Reads out of an answer why it is none.
    async fn refusal(&mut self, response: Response) -> Response {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        self.refused = reasons(&body);
        Response::from_parts(parts, Body::from(body))
    }
}

/// Also where a client misspells the path: a login that misses its endpoint brings the same secrets.
fn is_about_logins(path: &str) -> bool {
    path.to_ascii_lowercase().contains("oauth")
}

fn up_to_equals_sign(path: &str) -> String {
    path.split_once('=').map_or_else(|| path.to_owned(), |(before, _)| format!("{before}=…"))
}

fn harmless(uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    if is_about_logins(uri.path()) {
        return None;
    }
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    if !pairs.iter().any(|(name, value)| holds_secret(name, value)) {
        return Some(query.to_owned());
    }
    let mut rest = form_urlencoded::Serializer::new(String::new());
    rest.extend_pairs(pairs.iter().filter(|(name, value)| !holds_secret(name, value)));
    Some(rest.finish()).filter(|rest| !rest.is_empty())
}

/// A value can hold fields of its own, where something else than `&` separates them.
fn holds_secret(name: &str, value: &str) -> bool {
    let (name, value) = (canonical(name), canonical(value));
    let is_within = |text: &str, secret: &str| text.contains(&format!("{secret}="));
    SECRETS.iter().any(|secret| {
        name == *secret
            || is_within(&value, secret)
            || is_within(&name, secret)
            || name.ends_with(&format!(";{secret}"))
    })
}

/// Forms aren't JSON. The content type is not asked: clients that miss the path get it wrong, too.
fn is_harmless_json(body: &str) -> bool {
    let names = canonical(body);
    names.trim_start().starts_with(['{', '['])
        && !SECRETS.iter().any(|secret| {
            names.contains(&format!("\"{secret}\"")) || names.contains(&format!("{secret}="))
        })
}

/// As `client_secret`, `Client-Secret` and `clientSecret` are alike.
fn canonical(text: &str) -> String {
    text.to_ascii_lowercase().replace(['_', '-', '\\'], "")
}

fn excerpt(body: &[u8]) -> String {
    let cut = String::from_utf8_lossy(&body[..body.len().min(BODY)]).into_owned();
    if body.len() > BODY { cut + "…" } else { cut }
}

/// The messages of an error body.
fn reasons(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = body["errors"].as_array().into_iter().flatten();
    let messages = errors.filter_map(|error| {
        let code = error["errorCode"].as_str()?;
        Some(format!("{code}: {}", error["message"].as_str()?))
    });
    messages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_forgets_and_tells_no_token() {
        let log = Log::default();
        for number in 1..=1001 {
            let uri = Uri::from_static("/x?page=2&access_token=marked");
            let mut seen = SeenRequest::new(number, &Method::POST, &uri);
            seen.asked(&[b'['; 5000]);
            log.keep(seen);
        }
        let all = log.all();
        assert_eq!((all.len(), all[0].number), (1000, 2));
        assert_eq!(all[0].query.as_deref(), Some("page=2"));
        assert_eq!(all[0].body.as_ref().unwrap().chars().count(), BODY + 1);
        let login = Uri::from_static("/restapi/oauth/revoke?token=marked");
        let mut login = SeenRequest::new(1, &Method::POST, &login);
        login.asked(b"token=marked");
        assert_eq!((login.query, login.body), (None, None));
    }

    #[test]
    fn a_login_that_misses_its_path_leaves_no_secret() {
        let bodies = [
            "grant_type=x&assertion=marked&client_secret=marked",
            r#" {"grant_type": "x", "assertion": "marked"}"#,
            r#"{"clientSecret": "marked"}"#,
            r#"[{"Refresh-Token": "marked"}]"#,
            r#"{"form": "grant_type=x&assertion=marked"}"#,
            r#"{"json": "{\"assertion\": \"marked\"}"}"#,
            "marked",
        ];
        let queries = [
            "assertion=marked",
            "Access_Token=marked",
            "client%5Fsecret=marked",
            "page=1;code_verifier=marked",
            "page=1&code=marked&password=marked",
            "x;password=marked",
        ];
        let paths = [
            "//restapi/oauth/token",
            "/restapi/oauth/token/x",
            "/RestApi/OAuth/Token",
            "/restapi/oaut/token",
            "/token",
            "/",
            "/token&assertion=marked",
            "/token;client_secret=marked",
        ];
        for path in paths {
            for query in queries {
                for body in bodies {
                    let uri: Uri = format!("{path}?{query}").parse().unwrap();
                    let mut seen = SeenRequest::new(1, &Method::POST, &uri);
                    seen.asked(body.as_bytes());
                    assert!(!format!("{seen:?}").contains("marked"), "{uri} {body}: {seen:?}");
                }
            }
        }
    }

    #[test]
    fn a_report_is_kept_as_it_was_asked_for() {
        let uri = Uri::from_static("/x?page=2&type=User&zip%5Fcode=1");
        let mut seen = SeenRequest::new(1, &Method::POST, &uri);
        seen.asked(br#" {"grouping": {"groupBy": "Users"}"#);
        assert_eq!(seen.query.as_deref(), Some("page=2&type=User&zip%5Fcode=1"));
        assert_eq!(seen.body.as_deref(), Some(r#" {"grouping": {"groupBy": "Users"}"#));
    }
}
