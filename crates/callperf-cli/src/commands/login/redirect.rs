//! Where the browser comes back to after a login: one address on this machine,
//! for one code.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use callperf::shown;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

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
                if port.is_some_and(|port| port != wanted) {
                    return Err(Failure::Usage(format!(
                        "--port: the profile's redirect_uri says {wanted}; change it there"
                    )));
                }
                (wanted, path)
            }
            None => (port.unwrap_or(0), PATH.to_owned()),
        };
        let refused = |error| {
            Failure::Usage(format!(
                "port {wanted} of 127.0.0.1 can't be listened on: {error}; choose another with \
                 --port, or end the program that has it"
            ))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await.map_err(refused)?;
        let port = listener.local_addr()?.port();
        let uri = uri.map_or_else(|| address(port), str::to_owned);
        Ok(Self { listener, uri, path })
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// The code that the browser brings with this state.
    ///
    /// Whoever comes with another state is told so and waited past: any program on
    /// this machine can knock here.
    pub(super) async fn code(
        self,
        state: &str,
        patience: Duration,
    ) -> Result<SecretString, Failure> {
        let (tell, told) = oneshot::channel();
        let expected = Arc::new(Expected { state: state.to_owned(), tell: Mutex::new(Some(tell)) });
        let router = Router::new().route(&self.path, get(come_back)).with_state(expected);
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            stopped.await.ok();
        };
        let server = axum::serve(self.listener, router).with_graceful_shutdown(stopped);
        let serving = tokio::spawn(server.into_future());
        let outcome = timeout(patience, told).await;
        drop(stop);
        // The page is on its way; a connection that stays open without a word isn't
        // waited for.
        let _ = timeout(Duration::from_secs(2), serving).await;
        match outcome {
            Ok(Ok(outcome)) => outcome.map_err(Failure::Login),
            _ => Err(Failure::Login(format!(
                "the browser didn't come back within {} s; if the page said that the redirect \
                 address is wrong, register {} with the application in the developer console",
                patience.as_secs(),
                self.uri
            ))),
        }
    }
}

/// The port and the path of an address on this machine.
fn parts(uri: &str) -> Option<(u16, String)> {
    let rest = uri.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let (name, port) = host.rsplit_once(':')?;
    let is_here = ["127.0.0.1", "localhost"].contains(&name);
    let is_plain = !path.contains(['?', '#', '{', '}', '*', ':']);
    let port = port.parse().ok().filter(|port| *port > 0 && is_here && is_plain)?;
    Some((port, format!("/{path}")))
}

type Outcome = Result<SecretString, String>;

struct Expected {
    state: String,
    /// Taken by the first who comes with the right state.
    tell: Mutex<Option<oneshot::Sender<Outcome>>>,
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
    returned: Result<Query<Returned>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(returned)) = returned else {
        return page(StatusCode::BAD_REQUEST, "This address isn't complete.");
    };
    if returned.state.as_deref() != Some(&*expected.state) {
        console::note("somebody came back from another login than this one; waits on");
        let words =
            "This isn't the login that callperf is waiting for. Begin again in the terminal.";
        return page(StatusCode::BAD_REQUEST, words);
    }
    let outcome = match (returned.code, returned.error) {
        (_, Some(error)) => Err(refusal(&error, returned.error_description.as_deref())),
        (Some(SecretText(code)), None) => Ok(code),
        (None, None) => Err("the browser came back without a code; begin anew".to_owned()),
    };
    let words = match &outcome {
        Ok(_) => "The browser's part is done. Go on in the terminal; this page can be closed.",
        Err(_) => "The login was refused. The terminal says why; this page can be closed.",
    };
    let tell = expected.tell.lock().unwrap_or_else(PoisonError::into_inner).take();
    match tell {
        Some(tell) => {
            // Nobody listens any more where the time is up.
            let _ = tell.send(outcome);
            page(StatusCode::OK, words)
        }
        None => page(StatusCode::GONE, "This login has ended. Begin again in the terminal."),
    }
}

/// What the server's error is in words (RFC 6749, 4.1.2.1 and `OpenID` Connect).
fn refusal(error: &str, description: Option<&str>) -> String {
    let to_do = match error {
        "access_denied" => "somebody refused it in the browser; log in again, and allow it",
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
        assert_eq!(parts("http://127.0.0.1:8765/callback"), Some((8765, "/callback".to_owned())));
        assert_eq!(parts("http://localhost:1"), Some((1, "/".to_owned())));
        for other in [
            "https://127.0.0.1:1/",
            "http://example.com:80/",
            "http://127.0.0.1/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:1/?a=b",
            "http://127.0.0.1.example.com:80/",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn a_refusal_is_told_in_words_that_are_safe_to_print() {
        let told = refusal("access_denied", Some("The user\u{1b}[2J said\nno"));
        assert_eq!(
            told,
            "the login was refused: access_denied (The user\\u{1b}[2J said\\nno); somebody refused it in \
             the browser; log in again, and allow it"
        );
        assert!(refusal("server_error", None).ends_with("server_error; try again later"));
    }
}
