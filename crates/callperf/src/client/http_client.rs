//! A caller's own HTTP client.

use super::builder::ClientBuilder;

impl ClientBuilder {
    /// Sends requests by this client, with its connections, proxy and TLS.
    ///
    /// Exempt from this crate's promise on versions: it goes along with reqwest.
    /// The settings for timeouts, proxy and certificates have no effect then,
    /// and redirects should be off: a token must not follow one. reqwest reads the
    /// environment's proxies by its own rules, which send requests to loopback
    /// addresses through `HTTP_PROXY` too, unless its builder's `no_proxy` is called.
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.with_http(client)
    }
}
