//! Where the browser comes back to after a login: one address on this machine,
//! for one code.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use callperf::shown;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{Failure, console};

const PATH: &str = "/callback";

/// The address for a port, where nothing says another.
pub(super) fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

pub(super) struct Redirect {
    listener: TcpListener,
    uri: String,
    path: String,
}

impl Redirect {
    /// Listens at the registered address, or else at a port that is given or free.
    pub(super) async fn listen(uri: Option<&str>, port: Option<u16>) -> Result<Self, Failure> {
        let (wanted, path) = match uri {
            Some(uri) => {
                let (wanted, path) = parts(uri).ok_or_else(|| {
                    Failure::Usage(format!(
                        "redirect_uri: {} isn't http on this machine with a port, such as {}",
                        shown::address(uri),
                        address(8765)
                    ))
                })?;
                if port.is_some_and(|port| port != wanted.port()) {
                    return Err(Failure::Usage(format!(
                        "--port: the profile's redirect_uri says {}; change it there",
                        wanted.port()
                    )));
                }
                (wanted, path)
            }
            None => ((Ipv4Addr::LOCALHOST, port.unwrap_or(0)).into(), PATH.to_owned()),
        };
        let refused = |error| {
            Failure::Usage(format!(
                "can't listen on port {} of {}: {error}; choose another with --port, or stop the \
                 program that uses it",
                wanted.port(),
                wanted.ip()
            ))
        };
        let listener = TcpListener::bind(wanted).await.map_err(refused)?;
        let port = listener.local_addr()?.port();
        let uri = uri.map_or_else(|| address(port), str::to_owned);
        Ok(Self { listener, uri, path })
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// Waits for the code that the browser brings with this state.
    ///
    /// A request with another state is refused and waited past: any program on
    /// this machine can send one.
    pub(super) async fn code(
        self,
        state: &str,
        patience: Duration,
    ) -> Result<(SecretString, Pages), Failure> {
        let (sender, receiver) = oneshot::channel();
        let expected = Arc::new(Expected {
            state: state.to_owned(),
            outcome: Mutex::new(Some(sender)),
            last_words: OnceLock::new(),
            strangers: AtomicU32::new(0),
        });
        let router = Router::new().route(&self.path, get(come_back)).with_state(expected);
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            stopped.await.ok();
        };
        let server = axum::serve(self.listener, router).with_graceful_shutdown(stopped);
        let pages = Pages { stop, serving: tokio::spawn(server.into_future()) };
        let outcome = match timeout(patience, receiver).await {
            Ok(Ok(outcome)) => outcome.map_err(Failure::Login),
            _ => Err(Failure::Login(format!(
                "the browser didn't come back within {} s; if the page said that the redirect \
                 address is wrong, register {} with the application in the developer console",
                patience.as_secs(),
                self.uri
            ))),
        };
        match outcome {
            Ok(code) => Ok((code, pages)),
            Err(failure) => {
                pages.end().await;
                Err(failure)
            }
        }
    }
}

/// The pages that the browser gets, also when it asks for them again.
pub(super) struct Pages {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Pages {
    /// Ends when the last page is sent. A connection that stays open without a
    /// request isn't waited for.
    pub(super) async fn end(self) {
        drop(self.stop);
        let _ = timeout(Duration::from_secs(2), self.serving).await;
    }
}

/// Returns where to listen for an address on this machine, and its path.
fn parts(uri: &str) -> Option<(SocketAddr, String)> {
    let rest = uri.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let (name, port) = host.rsplit_once(':')?;
    let ip: IpAddr = match name {
        "127.0.0.1" | "localhost" => Ipv4Addr::LOCALHOST.into(),
        "[::1]" => Ipv6Addr::LOCALHOST.into(),
        _ => return None,
    };
    let is_plain = !path.contains(['?', '#', '{', '}', '*', ':']);
    let port = port.parse().ok().filter(|port| *port > 0 && is_plain)?;
    Some((SocketAddr::new(ip, port), format!("/{path}")))
}

type Outcome = Result<SecretString, String>;

struct Expected {
    state: String,
    /// Taken by the first answer to this login.
    outcome: Mutex<Option<oneshot::Sender<Outcome>>>,
    /// What the page says when the login's part in the browser is over.
    last_words: OnceLock<&'static str>,
    /// Requests that belong to another login.
    strangers: AtomicU32,
}

/// Requests of other logins that are reported; a loop of them must not fill the
/// terminal.
const MOST_STRANGERS: u32 = 3;

impl Expected {
    fn report_stranger(&self) {
        let before = self.strangers.fetch_add(1, Ordering::Relaxed);
        if before < MOST_STRANGERS {
            console::note("a browser came back from another login than this one; still waiting");
        }
        if before + 1 == MOST_STRANGERS {
            console::note("more of these won't be reported");
        }
    }

    /// Whether an answer is to this login. RFC 6749 sends the state back with an
    /// error, but not every server does.
    fn is_answered_by(&self, returned: &Returned) -> bool {
        match &returned.state {
            Some(state) => *state == self.state,
            None => returned.error.is_some(),
        }
    }
}

#[derive(Deserialize)]
struct Returned {
    code: Option<SecretText>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(from = "String")]
struct SecretText(SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

async fn come_back(
    State(expected): State<Arc<Expected>>,
    method: Method,
    headers: HeaderMap,
    returned: Result<Query<Returned>, axum::extract::rejection::QueryRejection>,
) -> Response {
    if let Some(words) = expected.last_words.get() {
        return page(StatusCode::OK, words);
    }
    if method == Method::HEAD || is_prefetch(&headers) {
        // The person hasn't come yet: the code is for the request that follows.
        return page(StatusCode::SERVICE_UNAVAILABLE, "Open this address to go on.");
    }
    let Ok(Query(returned)) = returned else {
        return page(StatusCode::BAD_REQUEST, "This address isn't complete.");
    };
    if !expected.is_answered_by(&returned) {
        expected.report_stranger();
        let words =
            "This isn't the login that callperf is waiting for. Begin again in the terminal.";
        return page(StatusCode::BAD_REQUEST, words);
    }
    let outcome = match (returned.code, returned.error) {
        (_, Some(error)) => Err(refusal(&error, returned.error_description.as_deref())),
        (Some(SecretText(code)), None) => Ok(code),
        (None, None) => Err("the browser came back without a code; log in again".to_owned()),
    };
    let words = match &outcome {
        Ok(_) => "The browser's part is done. Go on in the terminal; this page can be closed.",
        Err(_) => "The login was refused. The terminal says why; this page can be closed.",
    };
    let words = *expected.last_words.get_or_init(|| words);
    let sender = expected.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(sender) = sender {
        // There is no receiver any more when the time is up.
        let _ = sender.send(outcome);
    }
    page(StatusCode::OK, words)
}

/// Whether a browser asks before a person does.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("preview"))
    })
}

/// What the server's error is in words (RFC 6749, 4.1.2.1 and `OpenID` Connect).
fn refusal(error: &str, description: Option<&str>) -> String {
    let to_do = match error {
        "access_denied" => "it was refused in the browser; log in again, and allow it",
        "unauthorized_client" => {
            "let the application use authorization codes, in the developer console"
        }
        "invalid_request" | "unsupported_response_type" | "invalid_scope" => {
            "check the client id, and how the application is set up in the developer console"
        }
        "server_error" | "temporarily_unavailable" => "try again later",
        "login_required" | "interaction_required" | "consent_required" => {
            "log in again, and answer what the page asks"
        }
        _ => "log in again",
    };
    let said = description.map(|text| format!(" ({})", printable(text))).unwrap_or_default();
    format!("the login was refused: {}{said}; {to_do}", printable(error))
}

/// The beginning of what a server sent.
fn printable(text: &str) -> String {
    shown::text(text).chars().take(200).collect()
}

/// A page of fixed words: nothing of the address is in it.
fn page(status: StatusCode, words: &'static str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>callperf</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <body style=\"font: 1.1rem/1.5 system-ui; margin: 4rem auto; max-width: 34rem; \
         padding: 0 1rem; color-scheme: light dark\"><h1>callperf</h1><p>{words}</p></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONNECTION, "close"),
    ];
    (status, headers, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_address_is_on_this_machine() {
        for (uri, address, path) in [
            ("http://127.0.0.1:8765/callback", "127.0.0.1:8765", "/callback"),
            ("http://localhost:1", "127.0.0.1:1", "/"),
            ("http://[::1]:8765/callback", "[::1]:8765", "/callback"),
        ] {
            assert_eq!(parts(uri), Some((address.parse().unwrap(), path.to_owned())), "{uri}");
        }
        for other in [
            "https://127.0.0.1:1/",
            "http://example.com:80/",
            "http://127.0.0.1/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:1/?a=b",
            "http://127.0.0.1.example.com:80/",
            "http://[::2]:80/",
            "http://[::1]/",
            "http://::1:80/",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn a_refusal_is_printed_without_control_characters() {
        let message = refusal("access_denied", Some("The user\u{1b}[2J said\nno"));
        assert_eq!(
            message,
            "the login was refused: access_denied (The user\\u{1b}[2J said\\nno); it was refused in \
             the browser; log in again, and allow it"
        );
        assert!(refusal("server_error", None).ends_with("server_error; try again later"));
    }
}
