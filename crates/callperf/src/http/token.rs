//! The access token: one login for all who share a store, renewed in time.

use std::{
    io,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{StatusCode, header::HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::{Instant, sleep, timeout},
};
use tracing::Instrument;

use super::{
    attempt::{self, Peer},
    clock::Clock,
    credentials::{Credentials, Form},
    exchange::Exchange,
    failure::{self, Refusal},
    network::Network,
    pace::{Gate, Permit},
    session::{Session, SessionInfo},
    store::{StoreLock, TokenStore},
    token_response::TokenResponse,
    wait::{Course, Reason},
};
use crate::words::{
    error::{Error, ErrorKind, Result},
    token_state::TokenState,
};

const TOKEN_PATH: &str = "/restapi/oauth/token";
const REVOKE_PATH: &str = "/restapi/oauth/revoke";

/// How long a token lives if neither the response nor the request says: an hour, in
/// seconds, which is the vendor's default.
const USUAL_LIFETIME: u64 = 3600;

/// How often a store's lock is asked for while another has it.
const LOCK_POLL: Duration = Duration::from_millis(25);
/// How long another may take to log in; it has timeouts of its own, but it may
/// have been stopped. No login of this process takes longer, either: the HTTP
/// client may be a caller's, and without timeouts.
const LOCK_LIMIT: Duration = Duration::from_mins(2);
/// How often in a row a refused token is replaced at once, if no token is accepted in
/// between: with the first login that is three of the five that a minute allows.
const MOST_REPLACEMENTS: u32 = 2;
/// The next replacement after those comes no sooner.
const NEXT_REPLACEMENT: Duration = Duration::from_mins(1);

pub(super) struct Tokens {
    shared: Arc<Shared>,
    /// Held during a login, so that whoever waits shares its token: the token
    /// endpoint allows five requests a minute.
    state: Arc<Mutex<State>>,
    /// Whether the server has accepted a token since one was last refused.
    was_accepted: AtomicBool,
}

struct Shared {
    credentials: Credentials,
    /// What an error must not repeat, in whichever encoding a response has it.
    hidden: Vec<SecretString>,
    network: Network,
    server: String,
    peer: Peer,
    clock: Clock,
    /// The login endpoints have a quota of their own.
    gate: Gate,
    store: Arc<dyn TokenStore>,
    key: String,
    received: Received,
}

/// The tokens of the last sessions, which a response may repeat after they were
/// renewed.
#[derive(Default)]
struct Received(std::sync::Mutex<Vec<SecretString>>);

/// Of a session in use, those before it and one that is being renewed.
const MOST_RECEIVED: usize = 8;

impl Received {
    fn add(&self, session: &Session) {
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

    fn all(&self) -> Vec<SecretString> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// How many sessions this client has had.
    generation: u64,
    /// What the server refused; a store may still hold it.
    refused: Option<SecretString>,
    /// What the store held when it failed to save the session in use.
    unsaved_over: Option<SecretString>,
    /// When a refused token was last given up.
    replaced_at: Option<Instant>,
    /// How many tokens in a row were replaced without being accepted.
    replacements: u32,
    /// Whether the code or the refresh token of the credentials is used up.
    is_spent: bool,
    /// The last login's failure, for those who waited for it.
    failure: Option<(Instant, Error)>,
}

/// A token in use. Two clocks end it: one that stands still while the machine
/// sleeps, and one that can be set.
struct Current {
    session: Session,
    authorization: HeaderValue,
    generation: u64,
    until: Instant,
}

/// A token as a request has it. Two sessions may have tokens of the same text, so
/// the generation tells them apart.
#[derive(Clone)]
pub(super) struct Authorization {
    pub(super) value: HeaderValue,
    generation: u64,
}

impl Current {
    fn new(session: Session, clock: &Clock) -> Result<Self> {
        Ok(Self {
            authorization: session.authorization()?,
            generation: 0,
            until: Instant::now() + session.usable_for(clock.seconds()),
            session,
        })
    }

    fn authorization(&self) -> Authorization {
        Authorization { value: self.authorization.clone(), generation: self.generation }
    }

    fn is_usable(&self, clock: &Clock) -> bool {
        Instant::now() < self.until && !self.session.usable_for(clock.seconds()).is_zero()
    }
}

impl Tokens {
    pub(super) fn new(
        credentials: Credentials,
        network: Network,
        server: String,
        peer: Peer,
        clock: Clock,
        store: Arc<dyn TokenStore>,
    ) -> Result<Self> {
        credentials.check()?;
        let key = credentials.store_key(&server);
        let secrets = credentials.secrets().into_iter().map(SecretString::from);
        let hidden = secrets.chain(credentials.basic()).collect();
        Ok(Self {
            shared: Arc::new(Shared {
                credentials,
                hidden,
                network,
                server,
                peer,
                clock,
                gate: Gate::new(usize::MAX),
                store,
                key,
                received: Received::default(),
            }),
            state: Arc::default(),
            was_accepted: AtomicBool::new(false),
        })
    }

    /// The gate of the login endpoints.
    pub(super) fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    pub(super) async fn authorization(&self, course: &Course) -> Result<Authorization> {
        let asked_at = Instant::now();
        let mut state = self.state(course).await;
        if let Some(current) =
            state.current.as_ref().filter(|current| current.is_usable(&self.shared.clock))
        {
            return Ok(current.authorization());
        }
        match &state.failure {
            Some((failed_at, error)) if *failed_at >= asked_at => return Err(error.again()),
            _ => {}
        }
        // Not within what runs on without its caller: it may take an hour.
        let permit = self.shared.gate.permit(TOKEN_PATH, false, course).await;
        if self.shared.credentials.can_be_presented_again() {
            // Large, and rare.
            let login = Box::pin(self.shared.renew(&mut state, permit, course));
            return course.log_in(login).await;
        }
        let (shared, in_task) = (Arc::clone(&self.shared), course.clone());
        let login = Box::pin(async move { shared.renew(&mut state, permit, &in_task).await });
        course.log_in(uncancelled(login)).await
    }

    /// Waits for a login that is under way, as long as the caller will: it may run
    /// on without whoever began it, until its own time is over.
    async fn state(&self, course: &Course) -> OwnedMutexGuard<State> {
        match Arc::clone(&self.state).try_lock_owned() {
            Ok(state) => state,
            Err(_) => course.wait(Reason::Login, Arc::clone(&self.state).lock_owned()).await,
        }
    }

    /// Notes that the server accepted a token.
    pub(super) fn accepted(&self) {
        // Most requests find it set, and leave the memory to the others' caches.
        if !self.was_accepted.load(Ordering::Relaxed) {
            self.was_accepted.store(true, Ordering::Relaxed);
        }
    }

    /// Gives up a token that the server refused, for this client and for what it takes
    /// from the store. Returns whether the next request has another one.
    ///
    /// If replacements are refused in their turn, the last is kept for a while, or until
    /// its end if the server doesn't say why: otherwise each request would log in.
    pub(super) async fn forget(
        &self,
        authorization: &Authorization,
        why: TokenState,
        course: &Course,
    ) -> bool {
        let mut state = self.state(course).await;
        let State { current: Some(current), refused, replaced_at, replacements, .. } = &mut *state
        else {
            return true;
        };
        // Another request may have met the same refusal, and given the token up or
        // renewed it already.
        if current.generation != authorization.generation || !current.is_usable(&self.shared.clock)
        {
            return true;
        }
        if self.was_accepted.swap(false, Ordering::Relaxed) {
            *replacements = 0;
        }
        let is_early = match why {
            TokenState::Unknown => *replacements > 0,
            _ => {
                *replacements >= MOST_REPLACEMENTS
                    && replaced_at.is_some_and(|at| at.elapsed() < NEXT_REPLACEMENT)
            }
        };
        if is_early {
            return false;
        }
        *replaced_at = Some(Instant::now());
        *replacements += 1;
        // Its refresh token may still be good.
        current.until = Instant::now();
        *refused = Some(current.session.access_token.clone());
        true
    }

    /// What an answer must not repeat: what proves who asks.
    pub(super) fn secrets(&self, authorization: &Authorization) -> Vec<SecretString> {
        let text = authorization.value.to_str().ok();
        let token = text.and_then(|text| text.split_whitespace().last());
        let mut secrets = self.shared.received.all();
        secrets.extend(self.shared.hidden.iter().cloned());
        secrets.extend(token.map(SecretString::from));
        secrets
    }

    /// The session in use, or else the store's.
    pub(super) async fn info(&self, course: &Course) -> Result<Option<SessionInfo>> {
        let state = self.state(course).await;
        let session = match &state.current {
            Some(current) => Some(current.session.clone()),
            None => self.shared.load().await?,
        };
        Ok(session.map(|session| session.info(self.shared.clock.seconds())))
    }

    pub(super) async fn revoke(&self, course: &Course) -> Result<()> {
        let state = self.state(course).await;
        let permit = self.shared.gate.permit(REVOKE_PATH, false, course).await;
        let (shared, in_task) = (Arc::clone(&self.shared), course.clone());
        uncancelled(async move { shared.revoke(state, permit, &in_task).await }).await
    }
}

/// Runs on when its caller is dropped: an exchange that is broken off uses up
/// its code, and a session that is half revoked lives on.
async fn uncancelled<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work.in_current_span())
        .await
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::Network, "the login was broken off")))
}

impl Shared {
    fn hidden(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().map(ExposeSecret::expose_secret)
    }

    async fn renew(
        &self,
        state: &mut State,
        permit: Permit,
        course: &Course,
    ) -> Result<Authorization> {
        match self.renewed(state, permit, course).await {
            Ok(mut current) => {
                state.generation += 1;
                current.generation = state.generation;
                self.received.add(&current.session);
                let authorization = current.authorization();
                state.current = Some(current);
                state.failure = None;
                Ok(authorization)
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.again()));
                Err(error)
            }
        }
    }

    async fn renewed(&self, state: &mut State, permit: Permit, course: &Course) -> Result<Current> {
        let (stored, lock) = match self.usable_or_locked(state, course).await? {
            Stored::Usable(current) => return Ok(current),
            Stored::Locked(stored, lock) => (stored, lock),
        };
        let in_store = stored.as_ref().map(|session| session.access_token.clone());
        let before = newest(state, stored);
        let origin = before.as_ref().and_then(|session| session.origin.clone());
        let session = match self.next_session(state, before, permit, course).await {
            Ok(session) => session
                .begun_by(origin.or_else(|| self.credentials.origin()))
                .with_server_ahead(self.clock.ahead()),
            Err(error) => {
                let is_refused = error.ends_session();
                if is_refused && !self.credentials.can_log_in_again() {
                    // Nobody needs to be refused again.
                    state.current = None;
                    self.with_store(move |store, key| {
                        let removed = store.remove(key);
                        drop(lock);
                        removed
                    })
                    .await?;
                }
                return Err(error);
            }
        };
        let current = Current::new(session, &self.clock)?;
        state.refused = None;
        let token = current.session.to_stored()?;
        let saved = self.with_store(move |store, key| {
            let saved = store.save(key, &token);
            // Not before, even if nobody waits for it any more.
            drop(lock);
            saved
        });
        let saved = saved.await;
        state.unsaved_over = None;
        if let Err(error) = saved {
            state.unsaved_over = in_store;
            tracing::warn!(%error, "the session isn't stored; other processes log in themselves");
        }
        Ok(current)
    }

    /// Waits until another has put a session into the store, or until this one
    /// may log in.
    async fn usable_or_locked(&self, state: &State, course: &Course) -> Result<Stored> {
        match self.look(state).await? {
            Some(found) => Ok(found),
            None => course.wait(Reason::Login, self.look_again(state)).await,
        }
    }

    async fn look_again(&self, state: &State) -> Result<Stored> {
        let begun = Instant::now();
        while begun.elapsed() <= LOCK_LIMIT {
            sleep(LOCK_POLL).await;
            if let Some(found) = self.look(state).await? {
                return Ok(found);
            }
        }
        Err(lock_timeout())
    }

    /// `None` while another has the lock.
    async fn look(&self, state: &State) -> Result<Option<Stored>> {
        if let Some(current) = usable(state, self.load().await?, &self.clock) {
            self.clock.presume(current.session.server_ahead);
            return Ok(Some(Stored::Usable(current)));
        }
        let Some(lock) = self.try_lock().await? else { return Ok(None) };
        let stored = self.load().await?;
        // The other may have saved between the look and the lock.
        Ok(Some(match usable(state, stored.clone(), &self.clock) {
            Some(current) => Stored::Usable(current),
            None => Stored::Locked(stored, lock),
        }))
    }

    async fn lock(&self) -> Result<StoreLock> {
        let begun = Instant::now();
        while begun.elapsed() <= LOCK_LIMIT {
            if let Some(lock) = self.try_lock().await? {
                return Ok(lock);
            }
            sleep(LOCK_POLL).await;
        }
        Err(lock_timeout())
    }

    async fn try_lock(&self) -> Result<Option<StoreLock>> {
        self.with_store(|store, key| store.try_lock(key)).await
    }

    /// By the refresh token, else by a new login.
    async fn next_session(
        &self,
        state: &mut State,
        before: Option<Session>,
        permit: Permit,
        course: &Course,
    ) -> Result<Session> {
        let mut permit = Some(permit);
        let given = self.credentials.given_refresh_token().filter(|_| !state.is_spent);
        let refresh_token = match &before {
            Some(session) => session.live_refresh_token(self.clock.seconds()),
            None => given,
        };
        if let Some(token) = refresh_token {
            match self.refresh(token, self.next_permit(&mut permit, course).await).await {
                Err(error) if error.ends_session() => {
                    if !self.credentials.can_log_in_again() {
                        state.is_spent = true;
                        return Err(error);
                    }
                }
                other => return other,
            }
        }
        let is_first = before.is_none() && !state.is_spent;
        let login = self.credentials.login_form();
        match login.filter(|_| is_first || self.credentials.can_log_in_again()) {
            Some(form) => {
                let permit = self.next_permit(&mut permit, course).await;
                let outcome = self.request(form, Refusal::Login, permit).await;
                // A code that was refused is refused again; one that never
                // arrived isn't used up.
                let is_decided = match &outcome {
                    Ok(_) => true,
                    Err(error) => error.ends_session(),
                };
                state.is_spent |= is_decided;
                outcome
            }
            None => Err(Error::new(ErrorKind::Authentication, self.ended(before.is_some()))),
        }
    }

    /// Why there is no session, and no way to begin one.
    fn ended(&self, was_there: bool) -> String {
        if was_there {
            return "the session has ended and has no refresh token; log in again, and to make a \
                    session last, let the application issue refresh tokens"
                .to_owned();
        }
        match self.credentials.stored_name() {
            Some(name) => format!("there is no session called {name} in the token store; log in"),
            None => "the code or refresh token is used up, and there is no session; log in again"
                .to_owned(),
        }
    }

    async fn next_permit(&self, first: &mut Option<Permit>, course: &Course) -> Permit {
        match first.take() {
            Some(permit) => permit,
            None => self.gate.permit(TOKEN_PATH, false, course).await,
        }
    }

    async fn refresh(&self, token: &SecretString, permit: Permit) -> Result<Session> {
        let form =
            Form::from([("grant_type", "refresh_token"), ("refresh_token", token.expose_secret())]);
        let session = self.request(form, Refusal::Refresh, permit).await?;
        Ok(session.or_refresh_token(token))
    }

    async fn request(
        &self,
        mut form: Form<'_>,
        refusal: Refusal,
        permit: Permit,
    ) -> Result<Session> {
        let ttl = self.credentials.ttl_seconds().map(|seconds| seconds.to_string());
        if let Some(ttl) = &ttl {
            form.push(("access_token_ttl", ttl));
        }
        let asked_at = self.clock.seconds();
        let answer = async {
            let response = self.post(TOKEN_PATH, form, refusal, permit).await?;
            let status = response.status();
            Ok((status, failure::login_body(response).await?))
        };
        let body = self.told(TOKEN_PATH, answer).await?;
        let lifetime_asked_for = self.credentials.ttl_seconds().unwrap_or(USUAL_LIFETIME);
        Session::begun(TokenResponse::read(&body)?, asked_at, lifetime_asked_for)
    }

    /// Makes a request to the login endpoints in a span of its own.
    async fn told<T>(
        &self,
        path: &str,
        answer: impl Future<Output = Result<(StatusCode, T)>>,
    ) -> Result<T> {
        let span = self.peer.login_span(path);
        let outcome = timeout(LOCK_LIMIT, answer)
            .instrument(span.clone())
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Deadline, "the login didn't end")));
        let status = match &outcome {
            Ok((status, _)) => Some(status.as_u16()),
            Err(error) => error.status(),
        };
        attempt::record(&span, status, outcome.as_ref().err().map(Error::kind));
        outcome.map(|(_, value)| value)
    }

    /// A request to the login endpoints that was answered with success.
    async fn post(
        &self,
        path: &str,
        form: Form<'_>,
        refusal: Refusal,
        permit: Permit,
    ) -> Result<reqwest::Response> {
        let assertion = self.credentials.assertion();
        let tokens = form.iter().filter(|(name, _)| name.ends_with("token"));
        let used_once = tokens.map(|(_, value)| *value);
        let used_once = used_once.chain(assertion.as_ref().map(ExposeSecret::expose_secret));
        let received = self.received.all();
        let received = received.iter().map(ExposeSecret::expose_secret);
        let secrets: Vec<_> = self.hidden().chain(received).chain(used_once).collect();
        let request = self.network.http().post(format!("{}{path}", self.server));
        let request = self.credentials.proven(assertion.as_ref(), request, form.clone());
        let request = request.build().map_err(failure::communication)?;
        let response = Exchange::new(self.network.clone(), permit, self.clock.clone(), None)
            .send(request)
            .await
            .map_err(failure::communication)?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(failure::login(response, refusal, &secrets, self.clock.machine()).await)
    }

    async fn revoke(
        &self,
        mut state: OwnedMutexGuard<State>,
        permit: Permit,
        course: &Course,
    ) -> Result<()> {
        let lock = match self.try_lock().await? {
            Some(lock) => lock,
            None => course.wait(Reason::Login, self.lock()).await?,
        };
        let stored = self.load_any().await?;
        // Before the server is asked, so that nobody takes up what is ending.
        self.with_store(move |store, key| {
            let removed = store.remove(key);
            drop(lock);
            removed
        })
        .await?;
        let current = state.current.take().map(|current| current.session);
        let given = self.credentials.given_refresh_token().filter(|_| !state.is_spent);
        state.is_spent = true;
        // Others needn't wait for the answer to begin a new session.
        drop(state);
        let session = stored.or(current);
        // Either token ends the whole session; the refresh token lives longer.
        let held = session.as_ref().map(|session| {
            session.live_refresh_token(self.clock.seconds()).unwrap_or(&session.access_token)
        });
        let Some(token) = held.or(given) else { return Ok(()) };
        let form = Form::from([("token", token.expose_secret())]);
        let answer = async {
            let response = self.post(REVOKE_PATH, form, Refusal::Revoke, permit).await?;
            Ok((response.status(), ()))
        };
        self.told(REVOKE_PATH, answer).await
    }

    /// The store's session, unless something else than these credentials began it.
    async fn load(&self) -> Result<Option<Session>> {
        let origin = self.credentials.origin();
        let is_own = |session: &Session| origin.is_none() || session.origin == origin;
        Ok(self.load_any().await?.filter(is_own))
    }

    async fn load_any(&self) -> Result<Option<Session>> {
        let stored = self.with_store(|store, key| store.load(key)).await?;
        Ok(stored.as_ref().and_then(Session::from_stored))
    }

    /// A store may block, and it may be anybody's.
    async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn TokenStore, &str) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let outcome = if self.store.returns_at_once() {
            work(&*self.store, &self.key)
        } else {
            let (store, key) = (Arc::clone(&self.store), self.key.clone());
            tokio::task::spawn_blocking(move || work(&*store, &key))
                .await
                .unwrap_or_else(|_| Err(io::Error::other("it panicked")))
        };
        outcome.map_err(|error| {
            let reason = format!("the token store can't be used: {error}");
            Error::new(ErrorKind::Settings, reason).with_source(error)
        })
    }
}

/// The session to renew: the store's, unless that is still the one over which the session in
/// use couldn't be saved. Clocks don't say it: another process's may be behind.
fn newest(state: &State, stored: Option<Session>) -> Option<Session> {
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
fn usable(state: &State, stored: Option<Session>, clock: &Clock) -> Option<Current> {
    let is_refused = |session: &Session| {
        state
            .refused
            .as_ref()
            .is_some_and(|refused| refused.expose_secret() == session.access_token.expose_secret())
    };
    let current = Current::new(stored.filter(|session| !is_refused(session))?, clock).ok()?;
    current.is_usable(clock).then_some(current)
}

enum Stored {
    Usable(Current),
    /// What there is to renew, if there is.
    Locked(Option<Session>, StoreLock),
}

fn lock_timeout() -> Error {
    Error::new(
        ErrorKind::Deadline,
        format!(
            "another process has had the token store's lock for {} s; it may have been stopped",
            LOCK_LIMIT.as_secs()
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Of two sessions the one with the later end needn't be the newer: clocks differ.
    fn session(token: &str, expires_at: u64) -> Session {
        let session = json!({"access_token": token, "lifetime": 3600, "expires_at": expires_at});
        serde_json::from_value(session).unwrap()
    }

    #[test]
    fn the_session_to_renew_is_the_one_that_was_saved_last() {
        let clock = Clock::default();
        let in_use = || Some(Current::new(session("own", 9000), &clock).unwrap());
        let stored = || Some(session("other", 10));
        let token = |state: &State, stored| {
            newest(state, stored).map(|it| it.access_token.expose_secret().to_owned())
        };
        let state = |current, over: Option<&str>| State {
            current,
            unsaved_over: over.map(SecretString::from),
            ..State::default()
        };
        let cases = [
            (state(in_use(), None), stored(), Some("other")),
            (state(in_use(), Some("other")), stored(), Some("own")),
            (state(in_use(), Some("before")), stored(), Some("other")),
            (state(in_use(), None), None, Some("own")),
            (state(None, None), stored(), Some("other")),
            (state(None, Some("other")), stored(), Some("other")),
            (state(None, None), None, None),
        ];
        for (at, (state, stored, expected)) in cases.into_iter().enumerate() {
            assert_eq!(token(&state, stored).as_deref(), expected, "case {at}");
        }
    }
}
