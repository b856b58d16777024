//! The proxy that the environment names, by the SDK's rules: for https alone, never for this machine, and an error if
//! it can't be spoken to. No error repeats an address: it may hold a password.

use std::ffi::OsString;

use reqwest::{NoProxy, Proxy, Url};

use crate::error::Problem;

/// In the order in which they count; the lower case first, as curl has it.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.0/8", "::1"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

pub(super) fn of_environment(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Proxy>, Problem> {
    let first = |names: &[&'static str]| {
        let set = names.iter().filter_map(|name| Some((*name, variable(name)?)));
        set.into_iter().find(|(_, value)| !value.is_empty())
    };
    let Some((name, value)) = first(&VARIABLES) else { return Ok(None) };
    let problem = || {
        let remedy = format!("write http://host:port in {name}, or clear it");
        Problem::new("", format!("{name} is not the address of an http or https proxy"), remedy)
    };
    let text = value.to_str().ok_or_else(problem)?.trim();
    let with_scheme = format!("http://{text}");
    let text = if text.contains("://") { text } else { &with_scheme };
    let proxy = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    let proxy = proxy.filter(Url::has_host).ok_or_else(problem)?;
    let exceptions = first(&EXCEPTIONS).and_then(|(_, list)| list.into_string().ok());
    let exceptions = exceptions.unwrap_or_default();
    let exceptions = exceptions.split([',', ' ']).chain(THIS_MACHINE).collect::<Vec<_>>().join(",");
    let chosen = Proxy::https(proxy).map_err(|_| problem())?;
    Ok(Some(chosen.no_proxy(NoProxy::from_string(&exceptions))))
}

/// Names below `localhost` are this machine's, too (RFC 6761, section 6.3).
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    match address {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.rsplit('.').next() == Some("localhost"),
    }
}
