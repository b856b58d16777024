//! Where a user logs in, and the proof that the sender of the code began that
//! login (RFC 7636).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Url;
use secrecy::SecretString;

use super::address::checked_server;
use crate::words::error::{Error, ErrorKind, Result};

/// The secret of one login in a browser. An intercepted code is worthless
/// without it.
///
/// Make one for each login, give it to [`authorize_url`], keep it until the
/// browser comes back, and give it to
/// [`Credentials::pkce`](crate::Credentials::pkce). Its `Debug` shows the
/// challenge, which is public, and not the verifier.
#[derive(Clone)]
pub struct Pkce {
    verifier: SecretString,
    challenge: String,
}

impl Pkce {
    /// A verifier of 32 random bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] where the operating system gives no random bytes.
    pub fn new() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::new(ErrorKind::Settings, "the operating system gives no random bytes")
                .with_source(error)
        })?;
        Ok(Self::of(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A verifier that the caller made: for a login that begins in one process
    /// and ends in another.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for other than 43 to 128 of the characters that
    /// RFC 7636 allows: letters, digits and `-._~`.
    pub fn from_verifier(verifier: impl Into<String>) -> Result<Self> {
        let verifier = verifier.into();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_allowed) {
            return Ok(Self::of(verifier));
        }
        Err(Error::new(
            ErrorKind::Settings,
            "a PKCE verifier has 43 to 128 letters, digits or characters of `-._~`",
        ))
    }

    fn of(verifier: String) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(hmac_sha256::Hash::hash(verifier.as_bytes()));
        Self { verifier: verifier.into(), challenge }
    }

    /// The verifier's digest (method `S256`), which goes to the server first.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    pub(super) fn verifier(&self) -> &SecretString {
        &self.verifier
    }
}

impl fmt::Debug for Pkce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkce").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}

/// The address to open in a browser, where a person logs in and lets the
/// application act for them.
///
/// The server then sends the browser to `redirect_uri`, which must be
/// registered with the application, with `code` and `state` in the address.
/// `state` is a text that can't be guessed, a new one for each login: take the
/// code only if the same one comes back.
///
/// The server is [`PRODUCTION`](crate::PRODUCTION) or another, as for
/// [`ClientBuilder::server`](crate::ClientBuilder::server). `pkce` can be `None`
/// for an application with a secret.
///
/// ```
/// # fn main() -> Result<(), callperf::Error> {
/// let pkce = callperf::Pkce::new()?;
/// let address = callperf::authorize_url(
///     callperf::PRODUCTION,
///     "client id",
///     "http://localhost:8080/",
///     "unguessable",
///     &pkce,
/// )?;
/// println!("Log in at {address}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Settings`] for a server's address that isn't one.
pub fn authorize_url<'a>(
    server: &str,
    client_id: &str,
    redirect_uri: &str,
    state: &str,
    pkce: impl Into<Option<&'a Pkce>>,
) -> Result<String> {
    let server = checked_server(server)?;
    let mut url = Url::parse(&format!("{server}/restapi/oauth/authorize"))
        .map_err(|_| Error::new(ErrorKind::Settings, "the server's address isn't a URL"))?;
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state);
    if let Some(pkce) = pkce.into() {
        // The server takes an absent method for `plain`.
        query
            .append_pair("code_challenge", pkce.challenge())
            .append_pair("code_challenge_method", "S256");
    }
    drop(query);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    /// The pair in the vendor's documentation.
    const VERIFIER: &str = "pIUgx4tiqFpaOUz0HMc_QbIyQlL901w8mRmkrmhEJ_E";
    const CHALLENGE: &str = "_drLS7o5FwkfUiBhlq2hwJnK_SC6yE7sKOde5O1fdzk";

    #[test]
    fn the_challenge_is_the_documented_one() {
        assert_eq!(Pkce::from_verifier(VERIFIER).unwrap().challenge(), CHALLENGE);
    }

    #[test]
    fn a_verifier_is_random_and_not_shown() {
        let (one, other) = (Pkce::new().unwrap(), Pkce::new().unwrap());
        assert_ne!(one.challenge(), other.challenge());
        let verifier = one.verifier().expose_secret();
        assert!(Pkce::from_verifier(verifier).is_ok());
        assert!(!format!("{one:?}").contains(verifier));
    }

    #[test]
    fn a_verifier_is_what_the_standard_allows() {
        assert!(Pkce::from_verifier("a".repeat(128)).is_ok());
        for bad in ["a".repeat(42), "a".repeat(129), format!("{}!", "a".repeat(50))] {
            let error = Pkce::from_verifier(&bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(&bad));
        }
    }

    #[test]
    fn the_address_has_what_the_server_needs() {
        let pkce = Pkce::from_verifier(VERIFIER).unwrap();
        let server = "https://example.com/";
        let url = authorize_url(server, "id", "http://localhost:1/", "a b", &pkce).unwrap();
        let query = format!(
            "response_type=code&client_id=id&redirect_uri=http%3A%2F%2Flocalhost%3A1%2F&state=a+b\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        assert_eq!(url, format!("https://example.com/restapi/oauth/authorize?{query}"));
        let plain = authorize_url(server, "id", "uri", "s", None).unwrap();
        assert!(!plain.contains("challenge"));
        assert!(authorize_url("http://example.com", "id", "uri", "s", None).is_err());
    }
}
