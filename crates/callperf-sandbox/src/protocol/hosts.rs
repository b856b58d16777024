//! Which hosts a request may name, and which pages may send one.
//!
//! The sandbox listens on this machine only, but a browser on this machine shows pages from anywhere. A page can send
//! requests to a loopback address, and its owner can let its own name resolve to one (DNS rebinding), after which the
//! page may read the responses. So every request is checked for the name under which it came.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::wire::failure::Failure;

/// The hosts that were allowed beside the loopback names and addresses, in lower case and without ports.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Takes names or addresses, with or without a port; `Err` has the first that is neither.
    pub(crate) fn new(names: &[String]) -> Result<AllowedHosts, String> {
        let hosts = names.iter().map(|name| host_of(name).ok_or_else(|| name.clone()));
        Ok(AllowedHosts(hosts.collect::<Result<_, _>>()?))
    }

    fn allows(&self, host: &str) -> bool {
        is_loopback(host) || self.0.iter().any(|allowed| allowed == host)
    }

    /// Browsers send a host with every request; what sends none is no browser.
    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
        let named = headers.get_all(HOST).iter().map(HeaderValue::as_bytes);
        let named = named.chain(uri.authority().map(|authority| authority.as_str().as_bytes()));
        for sent in named {
            let sent = String::from_utf8_lossy(sent);
            if !host_of(&sent).is_some_and(|host| self.allows(&host)) {
                return Err(refusal(&format!("The sandbox has no host `{sent}`"), host_of(&sent)));
            }
        }
        for sent in headers.get_all(ORIGIN) {
            let sent = String::from_utf8_lossy(sent.as_bytes());
            let host = host_of_origin(&sent);
            if !host.as_deref().is_some_and(|host| self.allows(host)) {
                let what = format!("The sandbox takes no requests from pages of `{sent}`");
                return Err(refusal(&what, host));
            }
        }
        Ok(())
    }
}

pub(crate) async fn check(
    State(allowed): State<Arc<AllowedHosts>>,
    request: Request,
    next: Next,
) -> Response {
    match allowed.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(message) => Failure::new(StatusCode::FORBIDDEN, "CMN-401", message).into_response(),
    }
}

/// Lets a request of no page pass, and one of a page of the host that it is sent to.
pub(crate) async fn from_own_page(request: Request, next: Next) -> Response {
    if is_same_origin(request.headers()) {
        return next.run(request).await;
    }
    let message = "This path takes no requests from other pages than the sandbox's own";
    Failure::new(StatusCode::FORBIDDEN, "CMN-401", message).into_response()
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = headers.get(HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let host = String::from_utf8_lossy(host);
    // A proxy before an allowed host may end TLS; the sandbox itself has none.
    let is_proxied = host_of(&host).is_some_and(|host| !is_loopback(&host));
    origin.as_bytes() == format!("http://{host}").as_bytes()
        || is_proxied && origin.as_bytes() == format!("https://{host}").as_bytes()
}

fn refusal(what: &str, host: Option<String>) -> String {
    match host {
        Some(host) => {
            format!("{what}; to allow it, start with --allow-host {host} or Builder::allow_host")
        }
        None => format!("{what}; use localhost or 127.0.0.1"),
    }
}

/// The host of `host` or `host:port`, in the form in which hosts are compared.
fn host_of(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok().filter(|_| !text.contains('@'))?;
    let host = authority.host().to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

fn host_of_origin(origin: &str) -> Option<String> {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))?;
    host_of(rest)
}

/// Names below `localhost` lead to this machine by RFC 6761.
fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(
        hosts: &AllowedHosts,
        host: Option<&str>,
        origin: Option<&str>,
    ) -> Result<(), String> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        hosts.check(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn loopback_names_and_addresses_pass() {
        let hosts = AllowedHosts::default();
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "app.localhost:1",
            "127.0.0.1:8080",
            "127.8.8.8",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(outcome(&hosts, Some(host), None), Ok(()), "{host}");
            let origin = format!("http://{host}");
            assert_eq!(outcome(&hosts, Some("localhost"), Some(&origin)), Ok(()), "{origin}");
        }
        assert_eq!(outcome(&hosts, None, None), Ok(()));
    }

    #[test]
    fn other_hosts_and_pages_are_refused() {
        let hosts = AllowedHosts::default();
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "notlocalhost",
            "0.0.0.0",
            "[::]",
            "192.168.0.1:8080",
            "localhost@evil.example",
            "evil.example@localhost",
            "",
            ":8080",
            "localhost/evil",
        ] {
            assert!(outcome(&hosts, Some(host), None).is_err(), "{host}");
        }
        for origin in [
            "null",
            "",
            "http://",
            "http://evil.example",
            "https://localhost.evil.example:443",
            "file://",
            "localhost",
            "ftp://localhost",
        ] {
            assert!(outcome(&hosts, Some("localhost"), Some(origin)).is_err(), "{origin}");
            assert!(outcome(&hosts, None, Some(origin)).is_err(), "{origin}");
        }
    }

    #[test]
    fn every_place_that_names_a_host_counts() {
        let hosts = AllowedHosts::default();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        let absolute = Uri::from_static("http://evil.example/sandbox");
        assert!(hosts.check(&absolute, &headers).is_err());
        headers.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(hosts.check(&Uri::from_static("/"), &headers).is_err());
    }

    #[test]
    fn a_refusal_says_which_option_allows_it() {
        let hosts = AllowedHosts::default();
        assert_eq!(
            outcome(&hosts, Some("Dev.Example:80"), None).unwrap_err(),
            "The sandbox has no host `Dev.Example:80`; to allow it, start with --allow-host dev.example or \
             Builder::allow_host"
        );
        assert_eq!(
            outcome(&hosts, Some("localhost"), Some("null")).unwrap_err(),
            "The sandbox takes no requests from pages of `null`; use localhost or 127.0.0.1"
        );
    }

    #[test]
    fn further_hosts_can_be_allowed() {
        let names = ["Dev.Example:8443".to_owned(), "10.0.0.7".to_owned(), "[fd00::1]".to_owned()];
        let hosts = AllowedHosts::new(&names).unwrap();
        for host in ["dev.example", "DEV.example:80", "10.0.0.7:8080", "[fd00::1]:1"] {
            assert_eq!(
                outcome(&hosts, Some(host), Some(&format!("https://{host}"))),
                Ok(()),
                "{host}"
            );
        }
        for host in ["sub.dev.example", "10.0.0.8", "dev.example.evil.example"] {
            assert!(outcome(&hosts, Some(host), None).is_err(), "{host}");
        }
        for wrong in ["", "http://dev.example", "a b", "user@host"] {
            assert_eq!(AllowedHosts::new(&[wrong.to_owned()]).unwrap_err(), wrong);
        }
    }
}
