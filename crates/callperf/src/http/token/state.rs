//! The session in use, and what is known of it.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{
    http::{clock::Clock, session::Session},
    words::error::{Error, Result},
};

#[derive(Default)]
pub(super) struct State {
    pub(super) current: Option<Current>,
    /// How many sessions this client has had.
    pub(super) generation: u64,
    /// What the server refused; a store may still hold it.
    pub(super) refused: Option<SecretString>,
    /// What the store held when it failed to save the session in use.
    pub(super) unsaved_over: Option<SecretString>,
    /// When a refused token was last given up.
    pub(super) replaced_at: Option<Instant>,
    /// How many tokens in a row were replaced without being accepted.
    pub(super) replacements: u32,
    /// Whether the code or the refresh token of the credentials is used up.
    pub(super) is_spent: bool,
    /// The last login's failure, for those who waited for it.
    pub(super) failure: Option<(Instant, Error)>,
}

/// A token in use. Two clocks end it: one that stands still while the machine
/// sleeps, and one that can be set.
pub(super) struct Current {
    pub(super) session: Session,
    pub(super) authorization: HeaderValue,
    pub(super) generation: u64,
    pub(super) until: Instant,
}

/// A token as a request has it. Two sessions may have tokens of the same text, so
/// the generation tells them apart.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) value: HeaderValue,
    pub(super) generation: u64,
}

impl Current {
    pub(super) fn new(session: Session, clock: &Clock) -> Result<Self> {
        Ok(Self {
            authorization: session.authorization()?,
            generation: 0,
            until: Instant::now() + session.usable_for(clock.seconds()),
            session,
        })
    }

    pub(super) fn authorization(&self) -> Authorization {
        Authorization { value: self.authorization.clone(), generation: self.generation }
    }

    pub(super) fn is_usable(&self, clock: &Clock) -> bool {
        Instant::now() < self.until && !self.session.usable_for(clock.seconds()).is_zero()
    }
}

/// The session to renew: the store's, unless that is still the one over which the session in
/// use couldn't be saved. Clocks don't say it: another process's may be behind.
pub(super) fn newest(state: &State, stored: Option<Session>) -> Option<Session> {
    let in_use = state.current.as_ref().map(|current| current.session.clone());
    let is_same =
        |one: &SecretString, other: &SecretString| one.expose_secret() == other.expose_secret();
    let is_older = |stored: &Session| {
        state.unsaved_over.as_ref().is_some_and(|over| is_same(over, &stored.access_token))
    };
    match (in_use, stored) {
        (Some(in_use), Some(stored)) if is_older(&stored) => Some(in_use),
        (in_use, stored) => stored.or(in_use),
    }
}

/// A store's session, unless it has ended or the server has refused it.
pub(super) fn usable(state: &State, stored: Option<Session>, clock: &Clock) -> Option<Current> {
    let is_refused = |session: &Session| {
        state
            .refused
            .as_ref()
            .is_some_and(|refused| refused.expose_secret() == session.access_token.expose_secret())
    };
    let current = Current::new(stored.filter(|session| !is_refused(session))?, clock).ok()?;
    current.is_usable(clock).then_some(current)
}
