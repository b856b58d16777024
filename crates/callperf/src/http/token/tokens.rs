//! The token of each request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};
use tracing::Instrument;

use super::{
    login::{REVOKE_PATH, Shared, TOKEN_PATH},
    received::Received,
    state::{Authorization, State},
};
use crate::{
    http::{
        attempt::Peer,
        clock::Clock,
        credentials::Credentials,
        network::Network,
        pace::Gate,
        session::SessionInfo,
        store::TokenStore,
        wait::{WaitLog, WaitReason},
    },
    words::{
        error::{Error, ErrorKind, Result},
        token_state::TokenState,
    },
};

/// The documented quota of the login endpoints, until a response says another: a gateway
/// that fails doesn't say one, and the server may suspend an application that crosses it.
const LOGINS: u32 = 5;
const LOGIN_WINDOW: Duration = Duration::from_secs(60);

/// How often in a row a refused token is replaced at once, if no token is accepted in
/// between: with the first login that is three of the five that a minute allows.
const MOST_REPLACEMENTS: u32 = 2;
/// The next replacement after those comes no sooner.
const NEXT_REPLACEMENT: Duration = Duration::from_secs(60);

pub(crate) struct Tokens {
    shared: Arc<Shared>,
    /// Held during a login, so that waiting requests share its token: the token
    /// endpoint allows five requests a minute.
    state: Arc<Mutex<State>>,
    /// Whether the server has accepted a token since one was last refused.
    was_accepted: AtomicBool,
}

impl Tokens {
    pub(crate) fn new(
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
                gate: Gate::presuming(TOKEN_PATH, LOGINS, LOGIN_WINDOW),
                store,
                key,
                received: Received::default(),
            }),
            state: Arc::default(),
            was_accepted: AtomicBool::new(false),
        })
    }

    /// The gate of the login endpoints.
    pub(crate) fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    pub(crate) async fn authorization(&self, waits: &WaitLog) -> Result<Authorization> {
        let asked_at = Instant::now();
        loop {
            if let Some(authorization) = self.usable_or_renewed(asked_at, waits).await? {
                return Ok(authorization);
            }
        }
    }

    /// `None` if a penalty has begun before the login could be sent.
    async fn usable_or_renewed(
        &self,
        asked_at: Instant,
        waits: &WaitLog,
    ) -> Result<Option<Authorization>> {
        let mut state = self.state(waits).await;
        if let Some(current) =
            state.current.as_ref().filter(|current| current.is_usable(&self.shared.clock))
        {
            return Ok(Some(current.authorization()));
        }
        match &state.failure {
            Some((failed_at, error)) if *failed_at >= asked_at => return Err(error.again()),
            _ => {}
        }
        // Not within what runs on without its caller: it may take an hour.
        let permit = self.shared.gate.permit(TOKEN_PATH, false, waits).await;
        if self.shared.credentials.can_be_presented_again() {
            // Large, and rare.
            let login = Box::pin(self.shared.renew(&mut state, permit, waits));
            return waits.log_in(login).await;
        }
        let (shared, in_task) = (Arc::clone(&self.shared), waits.clone());
        let login = Box::pin(async move { shared.renew(&mut state, permit, &in_task).await });
        waits.log_in(uncancelled(login)).await
    }

    /// Waits for a login that is under way, as long as the caller will: it may run
    /// on without the request that began it, until its own timeout.
    async fn state(&self, waits: &WaitLog) -> OwnedMutexGuard<State> {
        match Arc::clone(&self.state).try_lock_owned() {
            Ok(state) => state,
            Err(_) => waits.wait(WaitReason::Login, Arc::clone(&self.state).lock_owned()).await,
        }
    }

    /// Notes that the server accepted a token.
    pub(crate) fn accepted(&self) {
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
    pub(crate) async fn forget(
        &self,
        authorization: &Authorization,
        why: TokenState,
        waits: &WaitLog,
    ) -> bool {
        let mut state = self.state(waits).await;
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
    pub(crate) fn secrets(&self, authorization: &Authorization) -> Vec<SecretString> {
        let text = authorization.value.to_str().ok();
        let token = text.and_then(|text| text.split_whitespace().last());
        let mut secrets = self.shared.received.all();
        secrets.extend(self.shared.hidden.iter().cloned());
        secrets.extend(token.map(SecretString::from));
        secrets
    }

    /// The session in use, or else the store's.
    pub(crate) async fn info(&self, waits: &WaitLog) -> Result<Option<SessionInfo>> {
        let state = self.state(waits).await;
        let session = match &state.current {
            Some(current) => Some(current.session.clone()),
            None => self.shared.load().await?,
        };
        Ok(session.map(|session| session.info(self.shared.clock.seconds())))
    }

    pub(crate) async fn revoke(&self, waits: &WaitLog) -> Result<()> {
        loop {
            let state = self.state(waits).await;
            let permit = self.shared.gate.permit(REVOKE_PATH, false, waits).await;
            let (shared, in_task) = (Arc::clone(&self.shared), waits.clone());
            let revoked = uncancelled(async move { shared.revoke(state, permit, &in_task).await });
            if revoked.await?.is_some() {
                return Ok(());
            }
        }
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
