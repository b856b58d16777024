//! One document over HTTP: whole, in time, within a bound, and from where it may come.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, TRANSFER_ENCODING,
};
use reqwest::{Client, Response, StatusCode, Url, Version};

use super::proxy;
use crate::error::{Error, Problem, Result};
use crate::text::{MOST_BYTES, TOO_LARGE};

const MOST_REDIRECTS: usize = 5;
const CONNECTING: Duration = Duration::from_secs(10);

/// Brings what is at an address. A redirect may lead to its host and to the others named.
pub(super) fn download(address: &str, hosts: &[String], timeout: Duration) -> Result<Vec<u8>> {
    // An address that can't be used may hold a password.
    let url = checked(address).map_err(|problem| problem.in_file("the address"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unreachable(address, &error.to_string()))?;
    let download = Download { address, hosts, client: client().map_err(|e| e.in_file(address))? };
    let in_time = async { tokio::time::timeout(timeout, download.run(url)).await };
    runtime.block_on(in_time).unwrap_or_else(|_| {
        let what = format!("the document did not arrive within {} s", timeout.as_secs_f64());
        Err(unreachable(address, &what))
    })
}

fn unreachable(address: &str, what: &str) -> Error {
    Error::Unreachable { address: address.to_owned(), what: what.to_owned() }
}

/// Plain http is for this machine alone, as in the SDK.
fn checked(address: &str) -> Result<Url, Problem> {
    let remedy = "give an https address, or a file";
    let url = Url::parse(address)
        .map_err(|error| Problem::new("", format!("is not an address: {error}"), remedy))?;
    if !url.username().is_empty() || url.password().is_some() {
        let what = "has a user name or a password, and would be printed with it";
        return Err(Problem::new("", what, "give an address without them"));
    }
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && proxy::is_loopback(&url);
    if is_safe && url.has_host() {
        return Ok(url);
    }
    Err(Problem::new("", "is not https", remedy))
}

fn client() -> Result<Client, Problem> {
    let problem = |what: String| Problem::new("", what, "check the environment's settings for TLS");
    let mut builder = Client::builder()
        .user_agent(concat!("callperf-xtask/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECTING)
        .redirect(reqwest::redirect::Policy::none())
        // A server that has redirected may close its connection just as it would be used again.
        .pool_max_idle_per_host(0)
        // Of a compressed response, reqwest takes away how long it is.
        .no_gzip()
        // Otherwise reqwest goes by rules of its own.
        .no_proxy();
    if let Some(proxy) = proxy::of_environment(|name| std::env::var_os(name))? {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| problem(format!("needs a client: {}", error.without_url())))
}

struct Download<'a> {
    address: &'a str,
    hosts: &'a [String],
    client: Client,
}

impl Download<'_> {
    async fn run(&self, mut url: Url) -> Result<Vec<u8>> {
        for _ in 0..=MOST_REDIRECTS {
            let response = self.client.get(url.clone()).send().await;
            let response = response.map_err(|error| self.unanswered(&cause(&error)))?;
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED
            {
                return self.body(response).await;
            }
            url = self.target(&url, response.headers())?;
        }
        let what = format!("redirects more than {MOST_REDIRECTS} times");
        Err(self.refused(&what, "give the address that it leads to"))
    }

    fn refused(&self, what: &str, remedy: &str) -> Error {
        Problem::new("", what, remedy).in_file(self.address).into()
    }

    /// A length that can't be is the server's mistake, and no network would help.
    fn unanswered(&self, cause: &str) -> Error {
        if cause.contains("content-length") {
            let what = "says how long it is in several ways that differ, or by no number";
            return self.refused(what, "fetch it by other means, and give the file");
        }
        unreachable(self.address, cause)
    }

    /// Where a redirect leads, if that is a place to follow it to.
    fn target(&self, from: &Url, headers: &HeaderMap) -> Result<Url> {
        let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let location = location.and_then(|location| from.join(location).ok());
        let remedy = "check the address; its host, or one in [source] of \
                      openapi/revisions.toml, may be redirected to, by https";
        let Some(target) = location else {
            return Err(self.refused("redirects to no address", remedy));
        };
        let host = target.host_str().unwrap_or_default();
        let is_known =
            target.host_str() == from.host_str() || self.hosts.iter().any(|it| it == host);
        if is_known && checked(target.as_str()).is_ok() {
            return Ok(target);
        }
        let port = target.port().map(|port| format!(":{port}")).unwrap_or_default();
        let place = format!("{}://{host}{port}", target.scheme());
        Err(self.refused(&format!("redirects to {place}, which is not followed"), remedy))
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>> {
        self.head(&response)?;
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| {
                let what = format!("broke off after {} bytes: {}", body.len(), cause(&error));
                self.refused(&what, "try again")
            })?;
            let Some(chunk) = chunk else { return Ok(body) };
            body.extend_from_slice(&chunk);
            self.bounded(body.len() as u64)?;
        }
    }

    fn bounded(&self, length: u64) -> Result<()> {
        let remedy = "check that it is the address of a document";
        if length > MOST_BYTES { Err(self.refused(TOO_LARGE, remedy)) } else { Ok(()) }
    }

    /// What is wrong before the first byte of a body.
    fn head(&self, response: &Response) -> Result<()> {
        let (status, headers) = (response.status(), response.headers());
        if status != StatusCode::OK {
            let what = format!("answers with the status {status}");
            return Err(self.refused(&what, "check the address, or try again later"));
        }
        let text = |name| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if text(CONTENT_TYPE).to_ascii_lowercase().contains("html") {
            let remedy = "check the address in a browser; the document is YAML or JSON";
            return Err(self.refused("is HTML, not a document", remedy));
        }
        let encoding = text(CONTENT_ENCODING);
        if !["", "identity"].contains(&encoding) {
            let what = format!("is encoded as {encoding}, which was not asked for");
            return Err(self.refused(&what, "fetch it by other means, and give the file"));
        }
        let is_old = response.version() < Version::HTTP_2;
        let has_end =
            headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
        if is_old && !has_end {
            let what = "does not say how long it is, so it could be cut off";
            return Err(self.refused(what, "fetch it by other means, and give the file"));
        }
        self.bounded(text(CONTENT_LENGTH).parse().unwrap_or(0))
    }
}

/// The innermost cause: those around it say that a request failed, and may repeat an address.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(inner) = innermost.and_then(|error| error.source()) {
        innermost = Some(inner);
    }
    innermost.map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}
