//! What a transport is made of, and its HTTP client.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use callperf_raw::Bounds;
use reqwest::{
    Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};

use super::{
    address::PRODUCTION,
    attempt::{Attempt, Retry},
    clock::Clock,
    hook::Hook,
    pace::Remaining,
    proxy::{self, ProxyChoice},
    retry::RetryPolicy,
    store::{MemoryTokenStore, TokenStore},
    tape::Tape,
    wait::Wait,
};
use crate::words::error::{Error, ErrorKind, Result};

const SDK: &str = concat!("callperf/", env!("CARGO_PKG_VERSION"));

/// The HTTP client, by a name that other modules may say.
pub(crate) type HttpClient = reqwest::Client;

/// The settings of a transport.
pub(crate) struct Settings {
    pub(crate) server: String,
    pub(crate) clock: Clock,
    /// Numbers from 0 to 1, another each time.
    pub(crate) random: fn() -> f64,
    pub(crate) token_store: Arc<dyn TokenStore>,
    pub(crate) application: Option<String>,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) bounds: Bounds,
    pub(crate) concurrency: usize,
    pub(crate) remaining: Remaining,
    /// Whether responses stay compressed.
    pub(crate) keeps_encoding: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_attempt: Hook<Attempt>,
    pub(crate) on_retry: Hook<Retry>,
    pub(crate) on_wait: Hook<Wait>,
    pub(crate) proxy: ProxyChoice,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) http: Option<HttpClient>,
    pub(crate) tape: Option<Arc<Tape>>,
    #[cfg(test)]
    pub(crate) simulated: Option<Arc<dyn super::network::Carrier>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: PRODUCTION.to_owned(),
            clock: Clock::default(),
            random,
            token_store: Arc::new(MemoryTokenStore::new()),
            application: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(60),
            bounds: Bounds { bytes: 32 * 1024 * 1024, values: 3_000_000 },
            concurrency: 4,
            remaining: Remaining::default(),
            keeps_encoding: false,
            retry: RetryPolicy::default(),
            on_attempt: Hook::default(),
            on_retry: Hook::default(),
            on_wait: Hook::default(),
            proxy: ProxyChoice::default(),
            root_certificates: Vec::new(),
            http: None,
            tape: None,
            #[cfg(test)]
            simulated: None,
        }
    }
}

impl Settings {
    /// # Errors
    /// [`ErrorKind::Settings`] for what would let no request go.
    pub(super) fn check(&self) -> Result<()> {
        if self.concurrency == 0 {
            let reason = "concurrency is 0, so that no request could be sent; allow at least 1";
            return Err(Error::new(ErrorKind::Settings, reason));
        }
        Ok(())
    }
}

/// The proxy of this client's own requests; a replay makes none.
pub(super) fn used_proxy(settings: &Settings, server: &str) -> Result<Option<Url>> {
    let is_replayed = settings.tape.as_ref().is_some_and(|tape| tape.is_played());
    match Url::parse(server) {
        Ok(server) if settings.http.is_none() && !is_replayed => {
            proxy::choose(&settings.proxy, &server, |name| std::env::var_os(name))
        }
        _ => Ok(None),
    }
}

pub(super) fn http_client(
    settings: &Settings,
    headers: &HeaderMap,
    proxy: Option<&Url>,
) -> Result<reqwest::Client> {
    check_cryptography()?;
    let mut builder = reqwest::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        // Whether another crate lets reqwest speak HTTP/2 must not change what is sent.
        .http1_only()
        // Otherwise it reads the environment by rules of its own, which proxy loopback too.
        .no_proxy()
        .default_headers(headers.clone());
    if settings.keeps_encoding {
        let gzip = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
        builder = builder.no_gzip().default_headers(gzip);
    }
    if let Some(address) = proxy {
        // Its causes could repeat the address.
        let proxy = reqwest::Proxy::all(address.as_str())
            .map_err(|_| Error::new(ErrorKind::Settings, "the proxy can't be used"))?;
        builder = builder.proxy(proxy);
    }
    for pem in &settings.root_certificates {
        builder = with_root_certificate(builder, pem)?;
    }
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Settings, "the HTTP client can't be set up")
            .with_source(error.without_url())
    })
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
fn with_root_certificate(
    builder: reqwest::ClientBuilder,
    pem: &[u8],
) -> Result<reqwest::ClientBuilder> {
    let pem = crate::words::bom::without_mark(pem);
    let certificate = reqwest::Certificate::from_pem(pem).map_err(|error| {
        Error::new(ErrorKind::Settings, "the root certificate isn't one in PEM form")
            .with_source(error)
    })?;
    Ok(builder.add_root_certificate(certificate))
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
fn with_root_certificate(_: reqwest::ClientBuilder, _: &[u8]) -> Result<reqwest::ClientBuilder> {
    Err(Error::new(
        ErrorKind::Settings,
        "a root certificate needs TLS; turn on the feature rustls or native-tls",
    ))
}

/// Reqwest panics without the cryptography that the program has to install.
#[cfg(all(feature = "rustls-no-provider", not(any(feature = "rustls", feature = "native-tls"))))]
fn check_cryptography() -> Result<()> {
    if rustls::crypto::CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Settings,
        "the feature rustls-no-provider needs a CryptoProvider of rustls, and none is installed; \
         call its install_default before the client is built, or turn on the feature rustls",
    ))
}

#[cfg(not(all(
    feature = "rustls-no-provider",
    not(any(feature = "rustls", feature = "native-tls"))
)))]
#[expect(clippy::unnecessary_wraps, reason = "with other features it can fail")]
fn check_cryptography() -> Result<()> {
    Ok(())
}

pub(super) fn identification(application: Option<&str>) -> Result<HeaderMap> {
    let agent = application.map_or_else(|| SDK.to_owned(), |name| format!("{name} {SDK}"));
    let value = HeaderValue::from_str(&agent).map_err(|_| {
        Error::new(
            ErrorKind::Settings,
            "the application's name can't be a header; use visible ASCII, for example my-app/1.2",
        )
    })?;
    Ok(HeaderMap::from_iter([
        (USER_AGENT, value.clone()),
        (HeaderName::from_static("x-user-agent"), value),
    ]))
}

/// A number from 0 to 1, another each time; the standard library seeds its
/// hashers at random.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(0);
    #[expect(clippy::cast_precision_loss, reason = "a few bits are enough")]
    let share = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

#[cfg(all(
    test,
    feature = "rustls-no-provider",
    not(any(feature = "rustls", feature = "native-tls"))
))]
mod tests {
    use crate::{Client, Credentials};

    #[test]
    fn without_cryptography_no_client_is_built() {
        let client = Client::builder().credentials(Credentials::jwt("id", "secret", "jwt")).build();
        assert_eq!(
            client.unwrap_err().to_string(),
            "the feature rustls-no-provider needs a CryptoProvider of rustls, and none is \
             installed; call its install_default before the client is built, or turn on the \
             feature rustls"
        );
    }
}
