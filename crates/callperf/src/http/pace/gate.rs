//! Waits for what the ledger decides: one line for all clones of a client.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use reqwest::StatusCode;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    budget::Budget,
    headers::{QuotaHeaders, Remaining},
    ledger::Ledger,
    line::{Hold, Operation},
    rate_limit::RateLimit,
    ticket::Ticket,
};
use crate::http::wait::{WaitLog, WaitReason};

/// Shared by all clones of a client.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// The gate of another line to the same account, which a penalty of the whole
    /// account stops as well.
    beside: OnceLock<Weak<Shared>>,
    remaining: Remaining,
}

struct State {
    ledger: Ledger,
    waiting: BTreeMap<Ticket, Arc<Notify>>,
    /// When the line has to be looked through again.
    wake_at: Option<Instant>,
}

/// A request's place in the line, and then its permission to go. Dropping it
/// gives the place back.
pub(crate) struct Permit {
    gate: Gate,
    operation: Operation,
    ticket: Ticket,
    woken: Arc<Notify>,
}

impl Permit {
    /// From here on the request counts, with or without a response.
    pub(crate) fn is_sent(&self) {
        self.gate.state().ledger.sent(self.ticket, now());
    }

    /// Whether a penalty has begun since the request was let go: it must ask again.
    pub(crate) fn is_stopped(&self) -> bool {
        self.gate.state().ledger.is_stopped(self.ticket, now())
    }

    /// Learns from the head of a response. `penalty` is how long nothing may be
    /// sent.
    pub(crate) fn is_answered(
        &self,
        status: StatusCode,
        quota: &QuotaHeaders,
        penalty: Option<Duration>,
    ) {
        let said = rate_limit(status, quota, penalty, self.gate.0.remaining);
        self.gate.after(|ledger| ledger.answered(self.ticket, &said, now()));
        if let Some(penalty) = penalty.filter(|_| said.is_bare()) {
            self.gate.stop_beside(penalty);
        }
    }

    pub(crate) fn has_to_wait(&self) -> bool {
        self.hold().is_some()
    }

    /// How long a penalty still holds the request back.
    pub(crate) fn penalty(&self) -> Option<Duration> {
        let until = self.gate.state().ledger.blocked_until(&self.operation)?;
        until.checked_duration_since(now())
    }

    /// Waits until the request may go.
    pub(crate) async fn wait(&self, waits: &WaitLog) {
        while let Some((hold, _)) = self.hold() {
            let reason = match hold {
                Hold::Concurrency => WaitReason::Concurrency,
                Hold::Quota => WaitReason::Quota,
            };
            waits.wait(reason, self.changed(hold)).await;
        }
    }

    /// What the request waits for, and when to look again; `None` once it may go.
    fn hold(&self) -> Option<(Hold, Option<Instant>)> {
        let state = self.gate.state();
        Some((state.ledger.hold(self.ticket)?, state.wake_at))
    }

    /// Waits until the request may go, or waits for something else than `hold`.
    async fn changed(&self, hold: Hold) {
        while let Some((_, wake_at)) = self.hold().filter(|(other, _)| *other == hold) {
            match wake_at {
                None => self.woken.notified().await,
                Some(at) => tokio::select! {
                    () = self.woken.notified() => {}
                    () = sleep_until(at) => self.gate.wake(at),
                },
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.after(|ledger| ledger.leave(self.ticket, now()));
    }
}

impl Gate {
    #[cfg(test)]
    pub(crate) fn new(concurrency: usize) -> Self {
        Self::reading(concurrency, Remaining::default())
    }

    /// Of a server that means this by what is left.
    pub(crate) fn reading(concurrency: usize, remaining: Remaining) -> Self {
        Self::of(Ledger::new(concurrency), remaining)
    }

    /// Keeps a documented limit of an operation until a response says another.
    pub(crate) fn presuming(operation: &'static str, limit: u32, window: Duration) -> Self {
        Self::of(Ledger::presuming(operation.into(), limit, window), Remaining::default())
    }

    /// Learns the quota, and holds nothing back for it: nothing is sent.
    pub(crate) fn without_quotas(concurrency: usize) -> Self {
        Self::of(Ledger::without_quotas(concurrency), Remaining::default())
    }

    fn of(ledger: Ledger, remaining: Remaining) -> Self {
        let state = State { ledger, waiting: BTreeMap::new(), wake_at: None };
        Self(Arc::new(Shared { state: Mutex::new(state), beside: OnceLock::new(), remaining }))
    }

    /// Penalties of the whole account stop both gates.
    pub(crate) fn is_beside(&self, other: &Self) {
        for (one, other) in [(self, other), (other, self)] {
            // A gate is beside one other, and the first stays.
            let _ = one.0.beside.set(Arc::downgrade(&other.0));
        }
    }

    /// Waits for the quota and for a place within the concurrency: those who wait
    /// for one group's quota take no place from the others.
    pub(crate) async fn permit(
        &self,
        operation: impl Into<Operation>,
        is_retry: bool,
        waits: &WaitLog,
    ) -> Permit {
        let permit = self.join(operation, is_retry);
        permit.wait(waits).await;
        permit
    }

    /// The permit of a request that needn't wait.
    #[cfg(test)]
    pub(super) fn try_permit(&self, operation: impl Into<Operation>) -> Option<Permit> {
        let permit = self.join(operation, false);
        permit.hold().is_none().then_some(permit)
    }

    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        self.state().ledger.sizes()
    }

    /// Joins the line. The request may go once its [`wait`](Permit::wait) is over.
    pub(crate) fn join(&self, operation: impl Into<Operation>, is_retry: bool) -> Permit {
        let woken = Arc::<Notify>::default();
        let operation = operation.into();
        let ticket = self.after(|ledger| ledger.ask(operation.clone(), is_retry));
        let permit = Permit { gate: self.clone(), operation, ticket, woken };
        let mut state = self.state();
        if state.ledger.hold(ticket).is_some() {
            state.waiting.insert(ticket, Arc::clone(&permit.woken));
        }
        drop(state);
        permit
    }

    /// How long some further requests of an operation take at least, as far as
    /// the quota is known.
    pub(crate) fn earliest_end(&self, operation: &str, requests: u64) -> Duration {
        self.state().ledger.earliest_end(operation, requests, now())
    }

    pub(crate) fn budgets(&self) -> Vec<Budget> {
        self.state().ledger.budgets(now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock panics half-way through a change.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks the line through after an event, and wakes those whom it concerns.
    fn after<T>(&self, event: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut state = self.state();
        let outcome = event(&mut state.ledger);
        state.look_through();
        outcome
    }

    /// Looks the line through at the time, unless another has by then.
    fn wake(&self, at: Instant) {
        let mut state = self.state();
        if state.wake_at == Some(at) {
            state.look_through();
        }
    }

    fn stop_beside(&self, penalty: Duration) {
        if let Some(other) = self.0.beside.get().and_then(Weak::upgrade) {
            Self(other).after(|ledger| ledger.stop_until(now() + penalty));
        }
    }
}

impl State {
    fn look_through(&mut self) {
        let now = now();
        let turnover = self.ledger.admit(now);
        for ticket in turnover.admitted {
            if let Some(woken) = self.waiting.remove(&ticket) {
                woken.notify_one();
            }
        }
        for ticket in turnover.held_otherwise {
            if let Some(woken) = self.waiting.get(&ticket) {
                woken.notify_one();
            }
        }
        let ledger = &self.ledger;
        self.waiting.retain(|ticket, _| ledger.hold(*ticket).is_some());
        let wake_at = ledger.wake_at(now).map(Instant::from_std);
        if wake_at != self.wake_at {
            self.wake_at = wake_at;
            self.waiting.values().for_each(|woken| woken.notify_one());
        }
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

fn rate_limit(
    status: StatusCode,
    quota: &QuotaHeaders,
    penalty: Option<Duration>,
    meant: Remaining,
) -> RateLimit {
    let QuotaHeaders { group, limit, remaining, window } = quota.clone();
    // A refused request needn't count.
    let meant = if penalty.is_some() { Remaining::AfterTheRequest } else { meant };
    RateLimit {
        group,
        limit,
        remaining: remaining.map(|said| meant.after_it(said)),
        window,
        penalty,
        is_success: status.is_success(),
    }
}
