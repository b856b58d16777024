//! Addresses of the server, and the names in its paths.

use std::net::IpAddr;

use reqwest::Url;

use crate::words::{
    error::{Error, ErrorKind, Result},
    shown,
};

/// Where production is.
pub const PRODUCTION: &str = "https://platform.ringcentral.com";

/// The server's address without a trailing slash.
///
/// A bearer token over plain `http` is readable on its way, so that is allowed
/// to this machine only.
pub(super) fn checked_server(text: &str) -> Result<String> {
    let nameless =
        |reason: &str| Err(Error::new(ErrorKind::Settings, format!("the server address {reason}")));
    // Wherever a parser ends it, what stands before it may be a password.
    if text.contains('@') {
        return nameless("holds an @, as after a user name or a password; leave them out");
    }
    let Ok(url) = Url::parse(text) else {
        return nameless("isn't a URL; write https://…");
    };
    let refuse = |reason: &str| nameless(&format!("{} {reason}", shown::address(text)));
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return refuse("is plain http; use https, or a loopback address"),
        _ => return refuse("is neither https nor http"),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or a fragment; leave them out");
    }
    let path = url.path().trim_end_matches('/');
    if path.split('/').any(|part| part == "restapi") {
        return refuse("has the API's own path; end it before /restapi");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// A path on this server: the token goes nowhere else.
pub(super) fn on_server(server: &str, path: &str) -> Result<Url> {
    let address = Url::parse(&format!("{server}{path}")).ok();
    let server = Url::parse(server).ok();
    match (server, address) {
        (Some(server), Some(address))
            if path.starts_with('/') && server.origin() == address.origin() =>
        {
            Ok(address)
        }
        _ => Err(Error::new(
            ErrorKind::Settings,
            // An address in its place may hold a password.
            if path.contains('@') {
                "this isn't a path of the server; begin it with a slash".to_owned()
            } else {
                format!("`{path}` isn't a path of the server; begin it with a slash")
            },
        )),
    }
}

/// A path as all paths are that differ in ids only.
///
/// Which parts are ids isn't said anywhere, so a part is taken for one unless it
/// is made of letters, or a version. Paths that count in different groups must
/// not become one; that one operation is learnt twice does no harm.
pub(super) fn route(path: &str) -> String {
    let parts = path.split('/').map(|part| if is_name_in_path(part) { part } else { "*" });
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a part of a path is none of an account's identifiers.
pub(super) fn is_name_in_path(part: &str) -> bool {
    match part.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some(version) => version.chars().all(|c| c.is_ascii_digit() || c == '.'),
        None => part.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for good in [
            "https://platform.ringcentral.com",
            "http://127.0.0.1:8080",
            "http://127.8.9.1",
            "http://[::1]:9",
            "http://localhost:9/",
        ] {
            assert!(checked_server(good).is_ok(), "{good}");
        }
        for bad in [
            "http://platform.ringcentral.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://192.168.1.1",
            "ftp://127.0.0.1",
            "platform.ringcentral.com",
            "https://platform.ringcentral.com/restapi/v1.0",
            "http://127.0.0.1:8080/rc/restapi/",
            "https://user:hunter2@example.com",
            "https://user:hu#nter2@example.com",
            "https://user:1#hunter2@example.com",
            "https://user/hunter2@example.com",
            "https://user:hunter2",
            "https://example.com/?hunter2",
        ] {
            let error = checked_server(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings, "{bad}");
            let said = format!("{error} {error:?}");
            assert!(!said.contains("hunter2") && !said.contains("nter2"), "{said}");
        }
    }

    #[test]
    fn a_path_stays_on_the_server() {
        let on_server = |path| on_server("https://example.com", path);
        assert!(on_server("/restapi/v1.0/account/~").is_ok());
        for elsewhere in ["", "account", ".evil.org/", "@evil.org/", ":444/", "https://evil.org"] {
            assert!(on_server(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn the_address_loses_its_trailing_slash() {
        assert_eq!(checked_server("http://localhost:9/").unwrap(), "http://localhost:9");
    }

    #[test]
    fn a_route_has_no_ids() {
        let routes = [
            ("/restapi/v1.0/account/~/extension", "/restapi/v1.0/account/*/extension"),
            ("/restapi/v1.0/account/62264425/extension/101", "/restapi/v1.0/account/*/extension/*"),
            ("/restapi/v1.0/dictionary/timezone", "/restapi/v1.0/dictionary/timezone"),
            ("/analytics/calls/v1/accounts/~/timeline", "/analytics/calls/v1/accounts/*/timeline"),
            ("/a/call-queues/b7f3c0de/v2x/%7E", "/a/call-queues/*/*/*"),
            ("/", "/"),
        ];
        for (path, expected) in routes {
            assert_eq!(route(path), expected);
        }
    }
}
