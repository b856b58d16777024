//! A session as a store keeps it: the tokens, and how long they are good.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{stored_token::StoredToken, token_response::TokenResponse};
use crate::words::error::{Error, ErrorKind, Result};

/// How long before its end a token is renewed. The vendor asks to renew before
/// expiry rather than on a 401; a request may take a while to arrive.
const RENEW_BEFORE: Duration = Duration::from_secs(60);

/// No token lives longer, even if the response says so.
const LONGEST_LIFE: u64 = 24 * 3600;

/// The longest life of a refresh token that the vendor's document allows.
const LONGEST_REFRESH: u64 = 30 * 24 * 3600;

/// Times are seconds since 1970 by this machine's clock: another process, or
/// the same one after a restart, has no other clock in common.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    #[serde(with = "exposed")]
    pub(super) access_token: SecretString,
    /// The lifetime that the server gave, in seconds.
    lifetime: u64,
    pub(super) expires_at: u64,
    #[serde(default, with = "exposed_option", skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<SecretString>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// How far the server's clock was ahead of this machine's at the login, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) server_ahead: Option<i64>,
    /// What began it, where the store's key doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
}

/// A session without its tokens: how long it lasts, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// How much longer its access token is used, by this machine's clock. At zero
    /// the next request renews it, or logs in again, where that can be done.
    pub usable_for: Duration,
    /// Whether it has a refresh token that isn't known to have ended.
    pub is_renewable: bool,
    /// How much longer the refresh token is good, where the server said so.
    pub renewable_for: Option<Duration>,
    /// The id of the extension that logged in, where the server said so.
    pub owner_id: Option<String>,
    /// The permissions that the application has in it (`Analytics`,
    /// `ReadAccounts`, …), as far as the server said them.
    pub scope: Vec<String>,
}

mod exposed {
    use super::{Deserialize, Deserializer, ExposeSecret, SecretString, Serializer};

    pub(super) fn serialize<S: Serializer>(
        secret: &SecretString,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }
}

mod exposed_option {
    use super::{Deserialize, Deserializer, ExposeSecret, SecretString, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde calls it with what the field is")]
    pub(super) fn serialize<S: Serializer>(
        secret: &Option<SecretString>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretString>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
    }
}

impl Session {
    /// `asked_at` is when the request left: a token's life begins no earlier. A response
    /// that names no lifetime gets `lifetime_asked_for`.
    ///
    /// # Errors
    /// [`ErrorKind::Answer`] for an answer whose token is empty.
    pub(super) fn begun(
        answer: TokenResponse,
        asked_at: u64,
        lifetime_asked_for: u64,
    ) -> Result<Self> {
        if answer.access_token.expose_secret().is_empty() {
            return Err(Error::new(ErrorKind::Answer, "the login's answer has an empty token"));
        }
        let lifetime = answer.expires_in.unwrap_or(lifetime_asked_for).min(LONGEST_LIFE);
        Ok(Self {
            access_token: answer.access_token,
            lifetime,
            expires_at: asked_at.saturating_add(lifetime),
            refresh_token: answer.refresh_token,
            refresh_expires_at: answer
                .refresh_token_expires_in
                .map(|seconds| asked_at.saturating_add(seconds)),
            owner_id: answer.owner_id,
            scope: answer.scope,
            server_ahead: None,
            origin: None,
        })
    }

    /// Where a renewal brings no refresh token, the old one stays (RFC 6749, 6).
    pub(super) fn or_refresh_token(mut self, old: &SecretString) -> Self {
        self.refresh_token.get_or_insert_with(|| old.clone());
        self
    }

    pub(super) fn with_server_ahead(mut self, ahead: Option<SignedDuration>) -> Self {
        self.server_ahead = ahead.map(|ahead| ahead.as_secs());
        self
    }

    pub(super) fn begun_by(mut self, origin: Option<String>) -> Self {
        self.origin = origin;
        self
    }

    /// What a store has, or nothing where that isn't understood.
    pub(super) fn from_stored(stored: &StoredToken) -> Option<Self> {
        serde_json::from_str(stored.expose()).ok()
    }

    pub(super) fn to_stored(&self) -> Result<StoredToken> {
        serde_json::to_string(self)
            .map(StoredToken::new)
            .map_err(|_| Error::new(ErrorKind::Settings, "the session can't be stored"))
    }

    /// How much longer the token is used.
    ///
    /// A clock that was set back, or another machine's that is ahead, would
    /// make a token older than it can be; it has its own lifetime at most.
    pub(super) fn usable_for(&self, now: u64) -> Duration {
        let whole = Duration::from_secs(self.lifetime.min(LONGEST_LIFE));
        let left = Duration::from_secs(self.expires_at.saturating_sub(now)).min(whole);
        left.saturating_sub(margin(whole))
    }

    /// The refresh token, where it isn't known to have ended.
    pub(super) fn live_refresh_token(&self, now: u64) -> Option<&SecretString> {
        let has_ended = self.refresh_expires_at.is_some_and(|end| end <= now);
        self.refresh_token.as_ref().filter(|_| !has_ended)
    }

    /// When its access token was asked for.
    pub(super) fn begun_at(&self) -> u64 {
        self.expires_at.saturating_sub(self.lifetime)
    }

    /// Whether neither of its tokens can be used any more.
    pub(super) fn has_ended(&self, now: u64) -> bool {
        let oldest = self.expires_at.saturating_add(LONGEST_REFRESH);
        self.expires_at <= now && (self.live_refresh_token(now).is_none() || oldest <= now)
    }

    pub(super) fn info(&self, now: u64) -> SessionInfo {
        let is_renewable = self.live_refresh_token(now).is_some();
        let end = self.refresh_expires_at.filter(|_| is_renewable);
        let words = self.scope.as_deref().unwrap_or_default().split_whitespace();
        SessionInfo {
            usable_for: self.usable_for(now),
            is_renewable,
            renewable_for: end.map(|end| Duration::from_secs(end.saturating_sub(now))),
            owner_id: self.owner_id.clone(),
            scope: words.map(str::to_owned).collect(),
        }
    }

    pub(super) fn authorization(&self) -> Result<HeaderValue> {
        bearer(&self.access_token)
    }
}

/// A token that lives no longer than twice the margin is used for half its
/// life rather than renewed at each request.
fn margin(lifetime: Duration) -> Duration {
    RENEW_BEFORE.min(lifetime / 2)
}

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::new(ErrorKind::Answer, "the access token can't be a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn begun(answer: &serde_json::Value) -> Session {
        let answer = TokenResponse::read(answer.to_string().as_bytes()).unwrap();
        Session::begun(answer, NOW, 3600).unwrap()
    }

    fn session(expires_in: u64) -> Session {
        let answer = json!({
            "access_token": "s3cret", "expires_in": expires_in, "token_type": "bearer",
            "refresh_token": "r3fresh", "refresh_token_expires_in": 600,
        });
        begun(&answer)
    }

    #[test]
    fn a_token_is_renewed_before_its_end() {
        let seconds = |expires_in| session(expires_in).usable_for(NOW).as_secs();
        assert_eq!(seconds(3600), 3540);
        assert_eq!(seconds(100), 50);
        assert_eq!(seconds(60), 30);
        assert_eq!(seconds(0), 0);
        assert_eq!(seconds(u64::MAX), 24 * 3600 - 60);
    }

    #[test]
    fn a_clock_that_is_wrong_gives_no_token_a_longer_life() {
        let at = |now| session(3600).usable_for(now).as_secs();
        assert_eq!(at(NOW + 1000), 2540);
        assert_eq!(at(NOW + 3541), 0);
        assert_eq!(at(NOW + 3_600_000), 0);
        assert_eq!(at(NOW - 3600), 3540, "an hour behind its writer");
        assert_eq!(at(0), 3540);
        let claimed = json!({"access_token": "a", "lifetime": u64::MAX, "expires_at": u64::MAX});
        let claimed: Session = serde_json::from_value(claimed).unwrap();
        assert_eq!(claimed.usable_for(NOW).as_secs(), 24 * 3600 - 60);
    }

    #[test]
    fn a_refresh_token_has_its_own_end() {
        let session = session(60);
        assert!(session.live_refresh_token(NOW + 599).is_some());
        assert!(session.live_refresh_token(NOW + 600).is_none());
    }

    #[test]
    fn a_session_ends_with_both_its_tokens() {
        let session = session(60);
        assert!(!session.has_ended(NOW + 599));
        assert!(session.has_ended(NOW + 600));
        let without = Session { refresh_token: None, ..session.clone() };
        assert!(!without.has_ended(NOW + 59));
        assert!(without.has_ended(NOW + 60));
        let without_end = Session { refresh_expires_at: None, ..session };
        assert!(!without_end.has_ended(NOW + 60 + LONGEST_REFRESH - 1));
        assert!(without_end.has_ended(NOW + 60 + LONGEST_REFRESH));
    }

    #[test]
    fn session_info_has_no_secret() {
        let answer = json!({
            "access_token": "s3cret", "expires_in": 3600, "refresh_token": "s3cret",
            "owner_id": "101", "scope": "Analytics ReadAccounts",
        });
        let session = begun(&answer);
        let info = Session::from_stored(&session.to_stored().unwrap()).unwrap().info(NOW + 40);
        assert_eq!(info.usable_for.as_secs(), 3500);
        assert_eq!((info.is_renewable, info.renewable_for), (true, None));
        assert_eq!(info.owner_id.as_deref(), Some("101"));
        assert_eq!(info.scope, ["Analytics", "ReadAccounts"]);
        assert!(!format!("{info:?}").contains("s3cret"));
    }

    #[test]
    fn a_stored_session_comes_back() {
        let stored = session(3600).to_stored().unwrap();
        assert!(!format!("{stored:?}").contains("s3cret"));
        let back = Session::from_stored(&stored).unwrap();
        assert_eq!(back.to_stored().unwrap().expose(), stored.expose());
        assert_eq!(back.usable_for(NOW).as_secs(), 3540);
        for foreign in ["", "null", "{}", "[1]", r#"{"access_token": 7}"#] {
            assert!(Session::from_stored(&StoredToken::new(foreign)).is_none(), "{foreign}");
        }
    }

    #[test]
    fn a_bearer_header_is_sensitive() {
        let value = bearer(&SecretString::from("s3cret")).unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("s3cret"));
    }
}
