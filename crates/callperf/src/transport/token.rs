//! The access token: one login for all clones of a client, renewed in time.

use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{credentials::Credentials, failure};
use crate::error::{Error, ErrorKind, Result};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PATH: &str = "/restapi/oauth/token";

/// How long before its end a token is renewed. The vendor asks to renew before
/// expiry rather than on a 401; a request may take a while to arrive.
const RENEW_BEFORE: Duration = Duration::from_mins(1);

pub(super) struct Tokens {
    credentials: Credentials,
    /// Held during a login, so that whoever waits shares its token: the token
    /// endpoint allows five requests a minute.
    current: Mutex<Option<Token>>,
}

struct Token {
    authorization: HeaderValue,
    renew_at: Instant,
}

#[derive(Deserialize)]
struct TokenResponse {
    #[serde(deserialize_with = "secret")]
    access_token: SecretString,
    expires_in: u64,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

impl Tokens {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self { credentials, current: Mutex::new(None) }
    }

    pub(super) async fn authorization(
        &self,
        http: &reqwest::Client,
        server: &str,
    ) -> Result<HeaderValue> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| Instant::now() < token.renew_at) {
            return Ok(token.authorization.clone());
        }
        let token = log_in(http, server, &self.credentials).await?;
        let authorization = token.authorization.clone();
        *current = Some(token);
        Ok(authorization)
    }

    pub(super) async fn forget(&self) {
        *self.current.lock().await = None;
    }
}

async fn log_in(http: &reqwest::Client, server: &str, credentials: &Credentials) -> Result<Token> {
    let asked_at = Instant::now();
    let response = http
        .post(format!("{server}{PATH}"))
        .basic_auth(&credentials.client_id, Some(credentials.client_secret.expose_secret()))
        .form(&[("grant_type", GRANT), ("assertion", credentials.jwt.expose_secret())])
        .send()
        .await
        .map_err(failure::communication)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(failure::login(response).await);
    }
    let body = failure::login_body(response).await?;
    // The parser's own message could repeat a part of the body, which is a token.
    let answer: TokenResponse = serde_json::from_slice(&body)
        .map_err(|_| Error::new(ErrorKind::Answer, "the login's answer isn't a token response"))?;
    Ok(Token {
        authorization: bearer(&answer.access_token)?,
        renew_at: asked_at + lifetime(answer.expires_in),
    })
}

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::new(ErrorKind::Answer, "the access token can't be a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// How long a token is used. One that lives no longer than the margin is
/// used for half its life rather than renewed at each request.
fn lifetime(expires_in: u64) -> Duration {
    let whole = Duration::from_secs(expires_in.min(24 * 3600));
    whole.checked_sub(RENEW_BEFORE).map_or(whole / 2, |early| early.max(whole / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_its_end() {
        let seconds = |expires_in| lifetime(expires_in).as_secs();
        assert_eq!(seconds(3600), 3540);
        assert_eq!(seconds(60), 30);
        assert_eq!(seconds(0), 0);
        assert_eq!(seconds(u64::MAX), 24 * 3600 - 60);
    }

    #[test]
    fn a_bearer_header_is_sensitive() {
        let value = bearer(&SecretString::from("s3cret")).unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("s3cret"));
    }
}
