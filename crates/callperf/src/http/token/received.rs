//! The tokens that a response may repeat.

use std::sync::PoisonError;

use secrecy::{ExposeSecret, SecretString};

use crate::http::session::Session;

/// The tokens of the last sessions, which a response may repeat after they were
/// renewed.
#[derive(Default)]
pub(super) struct Received(std::sync::Mutex<Vec<SecretString>>);

/// Of a session in use, those before it and one that is being renewed.
const MOST_RECEIVED: usize = 8;

impl Received {
    pub(super) fn add(&self, session: &Session) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let both = std::iter::once(&session.access_token).chain(&session.refresh_token);
        for token in both {
            if !tokens.iter().any(|one| one.expose_secret() == token.expose_secret()) {
                tokens.push(token.clone());
            }
        }
        let surplus = tokens.len().saturating_sub(MOST_RECEIVED);
        tokens.drain(..surplus);
    }

    pub(super) fn all(&self) -> Vec<SecretString> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
