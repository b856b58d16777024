//! The one way of every request: a token, a place within the quota, an attempt, and
//! another where that may help.

use std::{sync::Arc, time::Duration};

use callperf_raw::{BodyCopy, Bounds, Error as RawError, ResponseValue, Session};
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use tokio::time::{Instant, sleep};
use tracing::Instrument;

use super::{
    address::checked_server,
    attempt::{self, Attempt, Peer, Retry},
    clock::Clock,
    credentials::Credentials,
    exchange::Exchange,
    failure,
    hook::Hook,
    network::Network,
    pace::{self, Budget, Gate, Permit},
    proxy,
    retry::{self, Decision, RetryPolicy},
    session::SessionInfo,
    settings::{self, Settings},
    tape::{EarlierBody, Tape, Taped},
    token::{Authorization, Tokens},
    wait::{Wait, WaitLog, WaitReason},
};
use crate::words::{
    error::{Error, ErrorKind, Result},
    redactor::{Redactor, exposed},
    token_state::TokenState,
};

/// A successful response: a value, or a body of another shape.
type Answer<T> = std::result::Result<T, Vec<u8>>;

/// What an operation of the generated client returns.
pub(super) type Outcome<T> = std::result::Result<ResponseValue<T>, RawError<()>>;

/// What [`Transport::send`] is called where operations have names.
pub(super) const SEND: &str = "send";

/// How a request of the generated client is sent.
pub(crate) struct Sending<'a> {
    /// The operation's name: what spans and attempts show, and the quota is kept for.
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    /// Parameters in the address that the generated operation doesn't have.
    pub(crate) parameters: &'a [(String, String)],
    /// Other than the client's.
    pub(crate) retry: Option<RetryPolicy>,
    /// The body that an earlier version sent for the same question, if it was another one:
    /// a cassette may have its answer.
    pub(crate) earlier_body: EarlierBody<'a>,
    /// Where the bytes of the response are wanted, too.
    pub(crate) copy: Option<&'a BodyCopy>,
    /// Where the bytes of a successful response are wanted, and not read.
    pub(crate) taken: Option<&'a BodyCopy>,
    /// How many bytes a response may have, other than the client's bound.
    pub(crate) max_body: Option<u64>,
}

/// A request on its way, with all its attempts.
pub(super) struct Journey<'a> {
    pub(super) operation: &'static str,
    /// What the quota is kept for.
    pub(super) counted: pace::Operation,
    pub(super) method: &'a str,
    /// The path without ids, for the span.
    pub(super) route: &'a str,
    pub(super) parameters: &'a [(String, String)],
    pub(super) policy: RetryPolicy,
    pub(super) earlier_body: EarlierBody<'a>,
    pub(super) copy: Option<&'a BodyCopy>,
    pub(super) taken: Option<&'a BodyCopy>,
    pub(super) max_body: Option<u64>,
    /// Whether a second attempt can do no harm.
    pub(super) is_repeatable: bool,
}

/// A successful answer, and how many attempts it took.
pub(crate) struct Received<T> {
    /// A value, or the body if it has another shape.
    pub(crate) answer: Answer<T>,
    pub(crate) attempts: u32,
    /// Whether it is the answer to [`Sending::earlier_body`].
    pub(crate) is_to_earlier_body: bool,
    /// For what is shown of the answer.
    pub(crate) redactor: Redactor,
}

pub(crate) struct Transport {
    pub(super) network: Network,
    pub(super) server: String,
    /// Without user name and password.
    proxy: Option<String>,
    peer: Peer,
    tokens: Tokens,
    headers: HeaderMap,
    bounds: Bounds,
    gate: Gate,
    pub(super) retry: RetryPolicy,
    on_attempt: Hook<Attempt>,
    on_retry: Hook<Retry>,
    on_wait: Hook<Wait>,
    clock: Clock,
    tape: Option<Arc<Tape>>,
}

impl Transport {
    pub(crate) fn new(credentials: Credentials, settings: Settings) -> Result<Self> {
        let server = checked_server(&settings.server)?;
        settings.check()?;
        let peer = Peer::of(&server);
        let headers = settings::identification(settings.application.as_deref())?;
        let proxy = settings::used_proxy(&settings, &server)?;
        let http = match &settings.http {
            Some(http) => http.clone(),
            None => settings::http_client(&settings, &headers, proxy.as_ref())?,
        };
        let network = Network::new(http, settings.random);
        #[cfg(test)]
        let network = match settings.simulated {
            Some(carrier) => network.simulated(carrier),
            None => network,
        };
        let clock = settings.clock;
        let is_replayed = settings.tape.as_ref().is_some_and(|tape| tape.is_played());
        let gate = if is_replayed {
            Gate::without_quotas(settings.concurrency)
        } else {
            Gate::reading(settings.concurrency, settings.remaining)
        };
        let tokens = Tokens::new(
            credentials,
            network.clone(),
            server.clone(),
            peer.clone(),
            clock.clone(),
            settings.token_store,
        )?;
        gate.is_beside(tokens.gate());
        Ok(Self {
            tokens,
            gate,
            network,
            server,
            proxy: proxy.as_ref().map(proxy::without_user),
            peer,
            headers,
            bounds: settings.bounds,
            retry: settings.retry,
            on_attempt: settings.on_attempt,
            on_retry: settings.on_retry,
            on_wait: settings.on_wait,
            clock,
            tape: settings.tape,
        })
    }

    pub(crate) fn earliest_end(&self, operation: &str, requests: u64) -> Duration {
        self.gate.earliest_end(operation, requests)
    }

    pub(crate) fn budgets(&self) -> Vec<Budget> {
        self.gate.budgets()
    }

    /// Runs an operation of the generated client within the quota, again where that may help,
    /// until the policy's deadline. `request` makes the call, once for each attempt.
    pub(crate) async fn run<T, F, R>(&self, sending: Sending<'_>, request: F) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = Outcome<T>>,
    {
        let Sending { operation, method, parameters, retry, earlier_body, .. } = sending;
        let journey = Journey {
            operation,
            counted: operation.into(),
            method,
            route: "",
            parameters,
            policy: retry.unwrap_or(self.retry),
            earlier_body,
            copy: sending.copy,
            taken: sending.taken,
            max_body: sending.max_body,
            is_repeatable: true,
        };
        self.travel(journey, request).await
    }

    /// The one way of every request.
    pub(super) async fn travel<T, F, R>(
        &self,
        journey: Journey<'_>,
        request: F,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = Outcome<T>>,
    {
        let span = self.peer.request_span(journey.operation, journey.method, journey.route);
        let waits = self.wait_log(journey.operation);
        let attempts = self.attempts(&journey, request, &waits);
        waits.within(journey.policy.deadline, attempts).instrument(span).await
    }

    async fn attempts<T, F, R>(
        &self,
        journey: &Journey<'_>,
        request: F,
        waits: &WaitLog,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = Outcome<T>>,
    {
        let begun = Instant::now();
        // What a replay doesn't wait.
        let mut skipped = Duration::ZERO;
        let mut has_renewed = false;
        let mut number = 0;
        loop {
            number += 1;
            let failure = match self.paced(journey, number, waits, &request).await {
                Ok(received) => return Ok(received),
                Err(failure) if !journey.is_repeatable => return Err(failure),
                Err(failure) => failure,
            };
            if failure.token_state() == TokenState::Dead && !has_renewed {
                has_renewed = true;
                continue;
            }
            let elapsed = begun.elapsed().saturating_add(skipped);
            let jitter = self.network.random();
            let decision = retry::decide(journey.policy, number, &failure, elapsed, jitter);
            let Decision::Wait(wait) = decision else { return Err(failure) };
            let retry = Retry::after(journey.operation, number, &failure, wait);
            retry.trace();
            self.on_retry.call(|| retry);
            if self.is_replayed() {
                skipped = skipped.saturating_add(wait);
            } else {
                waits.wait(WaitReason::Retry, sleep(wait)).await;
            }
        }
    }

    /// Makes an attempt when the quota allows, in a span of its own, and reports it.
    async fn paced<T, F, R>(
        &self,
        journey: &Journey<'_>,
        number: u32,
        waits: &WaitLog,
        request: &F,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = Outcome<T>>,
    {
        let operation = journey.operation;
        let begun = Instant::now();
        let allowed = self.allowed(journey, number > 1, waits).await;
        let allowed = match allowed {
            Err(failure) if is_not_begun(&failure) => {
                return Err(failure.with_attempts(number - 1));
            }
            allowed => allowed,
        };
        let begun = if allowed.is_ok() { Instant::now() } else { begun };
        let span = attempt::attempt_span(number);
        let mut head = Arc::default();
        let outcome = match allowed {
            Ok((exchange, authorization)) => {
                head = exchange.head();
                let attempt =
                    self.attempt(exchange, authorization, journey, number, request, waits);
                Box::pin(attempt).instrument(span.clone()).await
            }
            Err(failure) => Err(failure),
        };
        let outcome = outcome.map_err(|failure| failure.with_attempts(number));
        let duration = begun.elapsed();
        waits.attempted(number);
        let attempt = match &outcome {
            Ok(_) => Attempt::succeeded(operation, number, duration, head.get()),
            Err(failure) => Attempt::failed(operation, number, duration, failure, head.get()),
        };
        attempt::record(&span, attempt.status, attempt.failure);
        self.on_attempt.call(|| attempt);
        outcome
    }

    /// A place within the quota, and a token.
    async fn allowed(
        &self,
        journey: &Journey<'_>,
        mut is_retry: bool,
        waits: &WaitLog,
    ) -> Result<(Exchange, Option<Authorization>)> {
        loop {
            // First, because the pace lets the first requests of an operation go one
            // by one: all who wait for a login share its failure.
            let mut authorization = self.authorization(waits).await?;
            let permit = self.gate.join(journey.counted.clone(), is_retry);
            if permit.has_to_wait() {
                permit.penalty().map_or(Ok(()), |penalty| waits.has_time_for(penalty))?;
                permit.wait(waits).await;
                // The token may have grown old meanwhile, and a penalty may begin during
                // the login.
                authorization = self.authorization(waits).await?;
            }
            if !permit.is_stopped() {
                let exchange = self.exchange(journey.operation, permit, authorization.as_ref());
                return Ok((exchange, authorization));
            }
            // It has had its turn.
            is_retry = true;
        }
    }

    fn exchange(
        &self,
        operation: &'static str,
        permit: Permit,
        authorization: Option<&Authorization>,
    ) -> Exchange {
        let taped = self.tape.as_ref().map(|tape| {
            let operation = Some(operation).filter(|operation| *operation != SEND);
            let secrets = self.secrets(authorization);
            let secrets = exposed(&secrets);
            Taped::new(Arc::clone(tape), operation, &secrets, self.bounds, self.clock.clone())
        });
        Exchange::new(self.network.clone(), permit, self.clock.clone(), taped)
    }

    /// The token; a replay needs none.
    async fn authorization(&self, waits: &WaitLog) -> Result<Option<Authorization>> {
        if self.is_replayed() {
            return Ok(None);
        }
        self.tokens.authorization(waits).await.map(Some)
    }

    fn secrets(&self, authorization: Option<&Authorization>) -> Vec<SecretString> {
        authorization.map(|one| self.tokens.secrets(one)).unwrap_or_default()
    }

    /// Sees what a failure says about its token. It stays in the failure that the
    /// token is dead only if another one comes in its place.
    async fn judged(
        &self,
        failure: Error,
        authorization: Option<&Authorization>,
        waits: &WaitLog,
    ) -> Error {
        let Some(authorization) = authorization else { return failure };
        match failure.token_state() {
            TokenState::Live => {
                // A server that fails or is busy may not have looked at the token.
                if failure.status().is_some_and(|status| status < 500 && status != 429) {
                    self.tokens.accepted();
                }
                failure
            }
            state if self.tokens.forget(authorization, state, waits).await => failure,
            _ => failure.with_token_state(TokenState::Live),
        }
    }

    fn is_replayed(&self) -> bool {
        self.tape.as_ref().is_some_and(|tape| tape.is_played())
    }

    async fn attempt<T, F, R>(
        &self,
        exchange: Exchange,
        authorization: Option<Authorization>,
        journey: &Journey<'_>,
        number: u32,
        request: &F,
        waits: &WaitLog,
    ) -> Result<Received<T>>
    where
        F: Fn(Session) -> R,
        R: Future<Output = Outcome<T>>,
    {
        let session = Session::new(journey.max_body.unwrap_or(self.bounds.bytes))
            .with_max_values(self.bounds.values)
            .with_headers(self.headers.clone())
            .with_query(journey.parameters.to_vec())
            .with_exchange(Arc::new(exchange.clone()));
        let session = match &authorization {
            Some(authorization) => session.with_authorization(authorization.value.clone()),
            None => session,
        };
        let session = match journey.copy {
            Some(copy) => session.with_copy(copy.clone()),
            None => session,
        };
        let session = match journey.taken {
            Some(taken) => session.with_taken_body(taken.clone()),
            None => session,
        };
        exchange.may_play(journey.earlier_body);
        let outcome = request(session).await;
        if let Some(failure) = exchange.tape_failure() {
            return Err(failure);
        }
        let secrets = self.secrets(authorization.as_ref());
        let received = |answer, redactor| Received {
            answer,
            attempts: number,
            is_to_earlier_body: exchange.has_played_earlier_body(),
            redactor,
        };
        match outcome {
            Ok(response) => {
                self.tokens.accepted();
                Ok(received(Ok(response.into_inner()), Redactor::from(secrets)))
            }
            Err(RawError::InvalidResponsePayload(body, _)) => {
                self.tokens.accepted();
                Ok(received(Err(body.into()), Redactor::from(secrets)))
            }
            Err(error) => {
                let failure =
                    failure::of_raw(error, &exposed(&secrets), self.clock.machine()).await;
                Err(self.judged(failure, authorization.as_ref(), waits).await)
            }
        }
    }

    /// What a cassette has in the place of a text of the caller's, if there is one.
    pub(crate) fn pseudonyms(&self, text: &str) -> Vec<String> {
        self.tape.as_ref().map(|tape| tape.pseudonyms(text)).unwrap_or_default()
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// How many JSON values a response may have.
    pub(crate) fn max_values(&self) -> u64 {
        self.bounds.values
    }

    pub(crate) fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.network.http().clone()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    fn wait_log(&self, operation: &'static str) -> WaitLog {
        WaitLog::new(operation, self.on_wait.clone())
    }

    pub(crate) async fn log_in(&self) -> Result<()> {
        let waits = self.wait_log("log_in");
        waits.within(self.retry.deadline, self.authorization(&waits)).await.map(drop)
    }

    pub(crate) async fn session(&self) -> Result<Option<SessionInfo>> {
        let waits = self.wait_log("session");
        waits.within(self.retry.deadline, self.tokens.info(&waits)).await
    }

    pub(crate) async fn revoke(&self) -> Result<()> {
        if self.is_replayed() {
            return Ok(());
        }
        let waits = self.wait_log("revoke");
        waits.within(self.retry.deadline, self.tokens.revoke(&waits)).await
    }
}

/// Whether a wait would have ended too late, so that no attempt was begun.
fn is_not_begun(failure: &Error) -> bool {
    failure.kind() == ErrorKind::Deadline && failure.retry_after().is_some()
}
