//! The proxy that requests go through: one that is named, the environment's, or none.

use std::{ffi::OsString, net::IpAddr};

use reqwest::Url;

use super::address::is_loopback;
use crate::words::error::{Error, ErrorKind, Result};

/// In the order in which they count; the lower case first, as curl has it.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// What the caller said about proxies.
#[derive(Clone, Default)]
pub(crate) enum ProxyChoice {
    #[default]
    Environment,
    Off,
    Named(String),
}

/// Returns the proxy for a server. A proxy that isn't used isn't looked at, so it can't fail.
///
/// No error repeats an address: it may hold a password.
pub(super) fn choose(
    choice: &ProxyChoice,
    server: &Url,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Url>> {
    match choice {
        ProxyChoice::Off => Ok(None),
        ProxyChoice::Named(text) => parsed("the proxy", text).map(Some),
        ProxyChoice::Environment => from_environment(server, variable),
    }
}

/// The convention of curl and others, for https alone: plain http goes to loopback addresses
/// only, which are never proxied.
fn from_environment(
    server: &Url,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Url>> {
    if server.scheme() != "https" || is_loopback(server) || is_loopback_name(server) {
        return Ok(None);
    }
    let first = |names: &[&'static str]| {
        let set = names.iter().filter_map(|name| Some((*name, variable(name)?)));
        set.into_iter().find(|(_, value)| !value.is_empty())
    };
    if let Some((name, value)) = first(&EXCEPTIONS) {
        let list = value.to_str().ok_or_else(|| refused(name, NOT_TEXT))?;
        if is_excepted(list, server) {
            return Ok(None);
        }
    }
    let Some((name, value)) = first(&VARIABLES) else { return Ok(None) };
    let text = value.to_str().ok_or_else(|| refused(name, NOT_TEXT))?;
    parsed(name, text).map(Some)
}

/// Names below `localhost` are this machine's, too (RFC 6761, section 6.3).
fn is_loopback_name(server: &Url) -> bool {
    let host = server.host_str().unwrap_or_default().trim_end_matches('.');
    host.rsplit('.').next() == Some("localhost")
}

const NOT_TEXT: &str = "isn't UTF-8 text";
const NOT_AN_ADDRESS: &str = "isn't the address of a proxy; write http://host:port, with #, /, ? \
                              and @ in a password as %23, %2F, %3F and %40";
const SOCKS: &str = "names a SOCKS proxy, which isn't supported; name an http or https proxy";
const OTHER_SCHEME: &str = "names a proxy that is neither http nor https; name one that is";

fn refused(what: &str, reason: &str) -> Error {
    Error::new(ErrorKind::Settings, format!("{what} {reason}"))
}

fn parsed(what: &str, text: &str) -> Result<Url> {
    let text = text.trim();
    let has_scheme = text.contains("://");
    let url = if has_scheme { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.map_err(|_| refused(what, NOT_AN_ADDRESS))?;
    match url.scheme() {
        "http" | "https" => {}
        scheme if scheme.starts_with("socks") => return Err(refused(what, SOCKS)),
        _ => return Err(refused(what, OTHER_SCHEME)),
    }
    // The HTTP client would pass over the proxy without a word if it couldn't read its host, and
    // what stands behind a stray # or / may be the rest of a password.
    let is_whole = url.query().is_none() && url.fragment().is_none() && !url.path().contains('@');
    let has_plain_host = url.host_str().is_some_and(is_plain_host);
    if is_whole && has_plain_host { Ok(url) } else { Err(refused(what, NOT_AN_ADDRESS)) }
}

fn is_plain_host(host: &str) -> bool {
    host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_[]:".contains(c))
}

/// An address without user name and password.
pub(super) fn without_user(url: &Url) -> String {
    let mut url = url.clone();
    // They fail for addresses without a host only.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.as_str().trim_end_matches('/').to_owned()
}

fn is_excepted(list: &str, server: &Url) -> bool {
    let Some(host) = server.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches([']', '.']);
    let port = server.port_or_known_default();
    let mut entries = list.split(|c: char| c == ',' || c.is_whitespace());
    entries.any(|entry| entry == "*" || excepts(entry, host, port))
}

/// Whether an entry of `NO_PROXY` is about a host: a name, which stands for the names below it
/// too, an address, or a network; each perhaps with a port.
fn excepts(entry: &str, host: &str, port: Option<u16>) -> bool {
    let (name, its_port) = without_port(entry);
    if its_port.is_some_and(|its| its.parse().ok() != port) {
        return false;
    }
    match host.parse() {
        Ok(address) => is_in_network(address, name),
        Err(_) => is_at_or_below(host, name),
    }
}

fn without_port(entry: &str) -> (&str, Option<&str>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':'));
    }
    match entry.split_once(':') {
        // More colons than one are an IPv6 address.
        Some((name, port)) if !port.contains(':') => (name, Some(port)),
        _ => (entry, None),
    }
}

fn is_at_or_below(host: &str, name: &str) -> bool {
    let name = name.strip_prefix('*').unwrap_or(name);
    let name = name.trim_start_matches('.').trim_end_matches('.').to_ascii_lowercase();
    let below = host.strip_suffix(&name);
    !name.is_empty() && below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_in_network(address: IpAddr, text: &str) -> bool {
    let (base, length) = match text.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (text, None),
    };
    let (width, differing) = match (address.to_canonical(), base.parse()) {
        (IpAddr::V4(one), Ok(IpAddr::V4(other))) => {
            (32, u128::from(one.to_bits() ^ other.to_bits()))
        }
        (IpAddr::V6(one), Ok(IpAddr::V6(other))) => (128, one.to_bits() ^ other.to_bits()),
        _ => return false,
    };
    let length = length.map_or(Some(width), |length| length.parse::<u32>().ok());
    let rest = length.and_then(|length| width.checked_sub(length));
    rest.is_some_and(|rest| differing.checked_shr(rest).unwrap_or(0) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy of a server by these variables.
    fn proxy(server: &str, variables: &[(&str, &str)]) -> Result<Option<String>> {
        let server = Url::parse(server).unwrap();
        let variable = |wanted: &str| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.into())
        };
        let choice = ProxyChoice::Environment;
        Ok(choose(&choice, &server, variable)?.as_ref().map(without_user))
    }

    const SERVER: &str = "https://platform.ringcentral.com";

    #[test]
    fn https_goes_by_the_first_variable_that_is_set() {
        let all = [
            ("https_proxy", "http://one:1"),
            ("HTTPS_PROXY", "https://two:2"),
            ("all_proxy", "three:3"),
            ("ALL_PROXY", "http://user:pass@four:4/"),
        ];
        let expected = ["http://one:1", "https://two:2", "http://three:3", "http://four:4"];
        for (from, expected) in expected.into_iter().enumerate() {
            assert_eq!(proxy(SERVER, &all[from..]).unwrap().as_deref(), Some(expected));
        }
        assert_eq!(proxy(SERVER, &[]).unwrap(), None);
        let empty = [("https_proxy", ""), ("HTTPS_PROXY", "http://two:2")];
        assert_eq!(proxy(SERVER, &empty).unwrap().as_deref(), Some("http://two:2"));
        let for_http = [("HTTP_PROXY", "http://one:1"), ("http_proxy", "http://one:1")];
        assert_eq!(proxy(SERVER, &for_http).unwrap(), None);
    }

    #[test]
    fn loopback_is_never_proxied() {
        let all = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"]
            .map(|name| (name, "socks5://nothing"));
        for server in [
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:9",
            "https://127.0.0.1",
            "https://localhost:8443",
            "https://localhost.",
            "https://app.localhost",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(proxy(server, &all).unwrap(), None, "{server}");
        }
    }

    #[test]
    fn exceptions_are_names_addresses_networks_and_ports() {
        let cases = [
            ("*", SERVER, true),
            ("ringcentral.com", SERVER, true),
            (".ringcentral.com", SERVER, true),
            ("*.ringcentral.com", SERVER, true),
            ("RingCentral.COM.", SERVER, true),
            ("platform.ringcentral.com", SERVER, true),
            ("one.example, platform.ringcentral.com", SERVER, true),
            ("one.example platform.ringcentral.com", SERVER, true),
            ("ringcentral.com:443", SERVER, true),
            ("ringcentral.com:8443", SERVER, false),
            ("ringcentral.com:8443", "https://a.ringcentral.com:8443", true),
            ("ringcentral.com:many", SERVER, false),
            ("central.com", SERVER, false),
            ("a.platform.ringcentral.com", SERVER, false),
            ("", SERVER, false),
            (",., *.", SERVER, false),
            ("10.1.2.3", "https://10.1.2.3", true),
            ("10.1.2.3:443", "https://10.1.2.3", true),
            ("10.1.2.3", "https://10.1.2.30", false),
            ("10.0.0.0/8", "https://10.200.0.1", true),
            ("10.0.0.0/8", "https://11.0.0.1", false),
            ("0.0.0.0/0", "https://11.0.0.1", true),
            ("10.0.0.0/33", "https://10.0.0.0", false),
            ("10.0.0.0/x", "https://10.0.0.0", false),
            ("fd00::/8", "https://[fd12::1]", true),
            ("[fd12::1]:443", "https://[fd12::1]", true),
            ("[fd12::1]", "https://[fd12::1]", true),
            ("fd12::1", "https://[fd12::2]", false),
            ("::/0", "https://[fd12::2]", true),
            ("0.1", "https://10.200.0.1", false),
        ];
        for (list, server, is_excepted) in cases {
            for name in EXCEPTIONS {
                let variables = [("ALL_PROXY", "http://proxy:1"), (name, list)];
                let direct = proxy(server, &variables).unwrap().is_none();
                assert_eq!(direct, is_excepted, "{name}={list} {server}");
            }
        }
    }

    #[test]
    fn a_proxy_that_cant_be_used_is_refused_by_name_and_not_repeated() {
        let cases = [
            ("socks5://user:marked@proxy", "SOCKS"),
            ("socks://proxy", "SOCKS"),
            ("socks4a://marked:1080", "SOCKS"),
            ("ftp://user:marked@proxy", "neither http nor https"),
            ("marked://proxy", "neither http nor https"),
            ("http://user:ma#marked@proxy:1", "isn't the address"),
            ("http://user:1#marked@proxy:1", "isn't the address"),
            ("http://user/marked@proxy:1", "isn't the address"),
            ("http://user:1?marked@proxy:1", "isn't the address"),
            ("http://[marked", "isn't the address"),
            ("user:marked@proxy:port", "isn't the address"),
            ("http://pro{xy:1", "isn't the address"),
            ("http://", "isn't the address"),
        ];
        for (address, expected) in cases {
            let error = proxy(SERVER, &[("ALL_PROXY", address)]).unwrap_err();
            let named = choose(
                &ProxyChoice::Named(address.to_owned()),
                &Url::parse("http://127.0.0.1").unwrap(),
                |_| None,
            );
            for (error, name) in [(error, "ALL_PROXY"), (named.unwrap_err(), "the proxy")] {
                assert_eq!(error.kind(), ErrorKind::Settings, "{address}");
                let text = error.to_string();
                assert!(text.starts_with(name) && text.contains(expected), "{address}: {text}");
                assert!(!format!("{text} {error:?}").contains("marked"), "{text}");
            }
        }
    }

    #[test]
    fn what_the_caller_says_comes_before_the_environment() {
        let server = Url::parse(SERVER).unwrap();
        let environment = |_: &str| Some(OsString::from("http://environment"));
        let named = ProxyChoice::Named("user:pass@named:3128".to_owned());
        let chosen = choose(&named, &server, environment).unwrap().unwrap();
        assert_eq!(chosen.as_str(), "http://user:pass@named:3128/");
        assert_eq!(without_user(&chosen), "http://named:3128");
        assert_eq!(choose(&ProxyChoice::Off, &server, environment).unwrap(), None);
    }
}
