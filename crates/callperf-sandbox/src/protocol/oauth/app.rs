//! The applications, as the service's developer console has them.

use std::fmt;

use axum::http::Uri;

use crate::protocol::limits::Limits;

/// What apps may do unless it is said otherwise: all that the sandbox has a use for.
const PERMISSIONS: [&str; 2] = ["Analytics", "ReadAccounts"];

/// An application that may log in, with the settings that the service's developer console has for it.
///
/// The sandbox has one of its own ([`Sandbox::client_id`](crate::Sandbox::client_id)); give it others where a test
/// is about their differences. Its `Debug` doesn't show the secret.
///
/// ```
/// use callperf_sandbox::{App, Sandbox};
///
/// // On a user's machine, where no secret is safe: PKCE, and the client id alone.
/// let desktop = App::public("desktop").redirect_uri("http://127.0.0.1/callback").refresh_tokens(true);
/// // On a server, behind a secret.
/// let server = App::confidential("server", "secret").permissions(["ReadAccounts"]);
/// let builder = Sandbox::builder().app(desktop).app(server);
/// # let _ = builder;
/// ```
#[derive(Clone)]
#[must_use]
pub struct App {
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    /// Whether the client id alone is enough although there is a secret.
    pub(super) is_lenient: bool,
    pub(super) redirect_uris: Vec<String>,
    pub(super) refresh_tokens: bool,
    pub(super) permissions: Vec<String>,
    pub(crate) limits: Option<Limits>,
}

impl App {
    fn new(client_id: impl Into<String>, client_secret: Option<String>) -> App {
        App {
            client_id: client_id.into(),
            client_secret,
            is_lenient: false,
            redirect_uris: Vec::new(),
            refresh_tokens: false,
            permissions: PERMISSIONS.map(str::to_owned).into(),
            limits: None,
        }
    }

    /// An app that proves who it is: by HTTP Basic, or by a JWT signed with the secret (`client_secret_jwt`).
    pub fn confidential(client_id: impl Into<String>, client_secret: impl Into<String>) -> App {
        App::new(client_id, Some(client_secret.into()))
    }

    /// An app that can keep no secret: it sends its client id alone, and an authorization code only with PKCE.
    pub fn public(client_id: impl Into<String>) -> App {
        App::new(client_id, None)
    }

    /// The sandbox's own: it may prove who it is, but needn't, so that every way to log in can be tried with it.
    pub(crate) fn built_in(client_id: String, client_secret: String) -> App {
        let app = App { is_lenient: true, ..App::new(client_id, Some(client_secret)) };
        ["http://localhost", "http://127.0.0.1", "http://[::1]"]
            .iter()
            .fold(app, |app, uri| app.redirect_uri(*uri))
    }

    /// Registers an address that an authorization code may be sent to. It must be given to the letter, but an
    /// `http` address of this machine (`localhost`, `127.0.0.1`, `[::1]`) may have any port, and any path if it is
    /// registered without one (which the vendor's documents don't say, RFC 8252 does of the port).
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> App {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Whether a login brings a refresh token; not unless it is set, as in the service.
    pub fn refresh_tokens(mut self, issued: bool) -> App {
        self.refresh_tokens = issued;
        self
    }

    /// What the app may do, by the service's names: `Analytics` for reports, `ReadAccounts` for the lists of
    /// extensions, queues and sites. Both unless it is set.
    pub fn permissions<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> App {
        self.permissions = names.into_iter().map(Into::into).collect();
        self
    }

    /// Limits for this app alone, in place of the sandbox's ([`Builder::limits`](crate::Builder::limits)).
    pub fn limits(mut self, limits: Limits) -> App {
        self.limits = Some(limits);
        self
    }

    /// Whether a login must prove more than to know the client id.
    pub(super) fn must_prove(&self) -> bool {
        self.client_secret.is_some() && !self.is_lenient
    }

    /// Whether a code is only given for a challenge.
    pub(super) fn must_challenge(&self) -> bool {
        self.client_secret.is_none()
    }

    pub(super) fn may_redirect_to(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|registered| matches(registered, uri))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret.as_ref().map(|_| "…"))
            .field("redirect_uris", &self.redirect_uris)
            .field("refresh_tokens", &self.refresh_tokens)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

fn matches(registered: &str, uri: &str) -> bool {
    if registered == uri {
        return true;
    }
    let (Ok(one), Ok(other)) = (registered.parse::<Uri>(), uri.parse::<Uri>()) else {
        return false;
    };
    let has_no_path = registered.matches('/').count() == 2;
    is_loopback(&one)
        && one.host() == other.host()
        && other.scheme_str() == Some("http")
        && !uri.contains(['@', '#'])
        && (has_no_path || one.path_and_query() == other.path_and_query())
}

fn is_loopback(uri: &Uri) -> bool {
    let is_here = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    uri.scheme_str() == Some("http") && is_here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_match_to_the_letter_but_for_this_machines_port() {
        for (registered, uri) in [
            ("https://example.com/back", "https://example.com/back"),
            ("app:/back", "app:/back"),
            ("http://127.0.0.1/back", "http://127.0.0.1:4711/back"),
            ("http://localhost:8080/back", "http://localhost:9090/back"),
            ("http://[::1]/", "http://[::1]:1/"),
            ("http://localhost", "http://localhost:4711/any/path"),
        ] {
            assert!(matches(registered, uri), "{registered} {uri}");
        }
        for (registered, uri) in [
            ("https://example.com/back", "https://example.com/back/"),
            ("https://example.com/back", "https://example.com:444/back"),
            ("http://127.0.0.1/back", "http://127.0.0.1:4711/other"),
            ("http://127.0.0.1/back", "http://localhost/back"),
            ("http://localhost", "http://localhost.example.com"),
            ("http://localhost", "https://localhost"),
            ("http://localhost", "http://localhost@example.com/"),
            ("http://localhost", "http://me@localhost/"),
            ("http://localhost", "http://localhost/#fragment"),
            ("http://localhost", "localhost"),
            ("http://localhost", ""),
        ] {
            assert!(!matches(registered, uri), "{registered} {uri}");
        }
    }

    #[test]
    fn secrets_are_not_in_debug() {
        let text = format!("{:?}", App::confidential("id", "marked"));
        assert!(text.contains("id") && !text.contains("marked"), "{text}");
    }
}
