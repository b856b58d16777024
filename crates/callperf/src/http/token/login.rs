//! Logins and renewals: one for all who share a store.

use std::{io, sync::Arc, time::Duration};

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::OwnedMutexGuard,
    time::{Instant, sleep, timeout},
};
use tracing::Instrument;

use super::{
    received::Received,
    state::{Authorization, Current, State, newest, usable},
};
use crate::{
    http::{
        attempt::{self, Peer},
        clock::Clock,
        credentials::{Credentials, Form},
        exchange::Exchange,
        failure::{self, Refusal},
        network::Network,
        pace::{Gate, Permit},
        session::Session,
        store::{StoreLock, TokenStore},
        token_response::TokenResponse,
        wait::{WaitLog, WaitReason},
    },
    words::error::{Error, ErrorKind, Result},
};

pub(super) const TOKEN_PATH: &str = "/restapi/oauth/token";
pub(super) const REVOKE_PATH: &str = "/restapi/oauth/revoke";

/// How long a token lives if neither the response nor the request says: an hour, in
/// seconds, which is the vendor's default.
const USUAL_LIFETIME: u64 = 3600;

/// How often a store's lock is asked for while another has it.
const LOCK_POLL: Duration = Duration::from_millis(25);
/// How long another may take to log in; it has timeouts of its own, but it may
/// have been stopped. No login of this process takes longer, either: the HTTP
/// client may be a caller's, and without timeouts.
const LOCK_LIMIT: Duration = Duration::from_secs(120);

pub(super) struct Shared {
    pub(super) credentials: Credentials,
    /// What an error must not repeat, in whichever encoding a response has it.
    pub(super) hidden: Vec<SecretString>,
    pub(super) network: Network,
    pub(super) server: String,
    pub(super) peer: Peer,
    pub(super) clock: Clock,
    /// The login endpoints have a quota of their own.
    pub(super) gate: Gate,
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) key: String,
    pub(super) received: Received,
}

impl Shared {
    fn hidden(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().map(ExposeSecret::expose_secret)
    }

    /// `None` if a penalty has begun while another had the store: the permit is void, and to
    /// wait for the next one here would keep the store from the others.
    pub(super) async fn renew(
        &self,
        state: &mut State,
        permit: Permit,
        waits: &WaitLog,
    ) -> Result<Option<Authorization>> {
        match self.renewed(state, permit, waits).await {
            Ok(None) => Ok(None),
            Ok(Some(mut current)) => {
                state.generation += 1;
                current.generation = state.generation;
                self.received.add(&current.session);
                let authorization = current.authorization();
                state.current = Some(current);
                state.failure = None;
                Ok(Some(authorization))
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.again()));
                Err(error)
            }
        }
    }

    async fn renewed(
        &self,
        state: &mut State,
        permit: Permit,
        waits: &WaitLog,
    ) -> Result<Option<Current>> {
        let (stored, lock) = match self.usable_or_locked(state, waits).await? {
            Stored::Usable(current) => return Ok(Some(current)),
            Stored::Locked(..) if permit.is_stopped() => return Ok(None),
            Stored::Locked(stored, lock) => (stored, lock),
        };
        let in_store = stored.as_ref().map(|session| session.access_token.clone());
        let before = newest(state, stored);
        let origin = before.as_ref().and_then(|session| session.origin.clone());
        let session = match self.next_session(state, before, permit, waits).await {
            Ok(session) => session
                .begun_by(origin.or_else(|| self.credentials.origin()))
                .with_server_ahead(self.clock.ahead()),
            Err(error) => {
                let is_refused = error.ends_session();
                if is_refused && !self.credentials.can_log_in_again() {
                    // It would be refused again.
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
            // Not before, even if no request waits for it any more.
            drop(lock);
            saved
        });
        let saved = saved.await;
        state.unsaved_over = None;
        if let Err(error) = saved {
            state.unsaved_over = in_store;
            tracing::warn!(%error, "the session isn't stored; other processes log in themselves");
        }
        Ok(Some(current))
    }

    /// Waits until another has put a session into the store, or until this one
    /// may log in.
    async fn usable_or_locked(&self, state: &State, waits: &WaitLog) -> Result<Stored> {
        match self.look(state).await? {
            Some(found) => Ok(found),
            None => waits.wait(WaitReason::Login, self.look_again(state)).await,
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
        waits: &WaitLog,
    ) -> Result<Session> {
        let mut permit = Some(permit);
        let given = self.credentials.given_refresh_token().filter(|_| !state.is_spent);
        let refresh_token = match &before {
            Some(session) => session.live_refresh_token(self.clock.seconds()),
            None => given,
        };
        if let Some(token) = refresh_token {
            match self.refresh(token, self.next_permit(&mut permit, waits).await).await {
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
                let permit = self.next_permit(&mut permit, waits).await;
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

    async fn next_permit(&self, first: &mut Option<Permit>, waits: &WaitLog) -> Permit {
        match first.take() {
            Some(permit) => permit,
            None => self.gate.permit(TOKEN_PATH, false, waits).await,
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
        let body = self.in_span(TOKEN_PATH, answer).await?;
        let lifetime_asked_for = self.credentials.ttl_seconds().unwrap_or(USUAL_LIFETIME);
        Session::begun(TokenResponse::read(&body)?, asked_at, lifetime_asked_for)
    }

    /// Makes a request to the login endpoints in a span of its own.
    async fn in_span<T>(
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

    /// `None` for the same reason as in [`renew`](Self::renew).
    pub(super) async fn revoke(
        &self,
        mut state: OwnedMutexGuard<State>,
        permit: Permit,
        waits: &WaitLog,
    ) -> Result<Option<()>> {
        let lock = match self.try_lock().await? {
            Some(lock) => lock,
            None => waits.wait(WaitReason::Login, self.lock()).await?,
        };
        if permit.is_stopped() {
            return Ok(None);
        }
        let stored = self.load_any().await?;
        // Before the revocation, so that no other client takes up a session that ends.
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
        let Some(token) = held.or(given) else { return Ok(Some(())) };
        let form = Form::from([("token", token.expose_secret())]);
        let answer = async {
            let response = self.post(REVOKE_PATH, form, Refusal::Revoke, permit).await?;
            Ok((response.status(), ()))
        };
        self.in_span(REVOKE_PATH, answer).await.map(Some)
    }

    /// The store's session, unless something else than these credentials began it.
    pub(super) async fn load(&self) -> Result<Option<Session>> {
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
