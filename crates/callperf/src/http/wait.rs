//! What a request waits for: reported to a hook and to `tracing`, and in the error of a request
//! whose time runs out.

use std::{
    fmt,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use super::hook::Hook;
use crate::words::error::{Error, ErrorKind, Result};

/// A longer wait is reported at INFO while it goes on.
const NOTABLE: Duration = Duration::from_secs(1);

/// Why nothing is sent at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// As many requests are under way as the concurrency allows.
    Concurrency,
    /// The server's quota, or its penalty; also the first response of an operation, which says what
    /// its quota is: until then, the operation's requests are sent one by one.
    Quota,
    /// The time before another attempt.
    Retry,
    /// A login that another request, or another process, is making.
    Login,
}

/// A request that waits, or has waited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// The operation, as in [`Attempt::operation`](crate::Attempt::operation); `log_in`, `session`
    /// or `revoke` for the methods of [`Client`](crate::Client) of these names.
    pub operation: &'static str,
    /// What it waits for.
    pub reason: WaitReason,
    /// How long it waited; `None` when the wait is found to be a noticeable one.
    pub duration: Option<Duration>,
}

impl Wait {
    /// From here on a wait is reported: 20 milliseconds. Most waits for a place within the
    /// concurrency are shorter.
    pub const NOTICEABLE: Duration = Duration::from_millis(20);
}

impl WaitReason {
    /// The reason's name, as spans have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::Quota => "quota",
            Self::Retry => "retry",
            Self::Login => "login",
        }
    }

    fn is_between_attempts(self) -> bool {
        match self {
            Self::Concurrency | Self::Quota | Self::Retry => true,
            Self::Login => false,
        }
    }
}

/// What is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Answer,
    OwnLogin,
    Wait(WaitReason),
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "the server hasn't answered",
            Self::OwnLogin => "the login hasn't ended",
            Self::Wait(WaitReason::Login) => "a login that another request began hasn't ended",
            Self::Wait(WaitReason::Concurrency) => {
                "as many other requests are under way as the concurrency allows"
            }
            Self::Wait(WaitReason::Quota) => "the quota doesn't allow another request yet",
            Self::Wait(WaitReason::Retry) => "it isn't time for another attempt yet",
        })
    }
}

/// Records what a request waits for, with all its attempts, for spans and timeout errors. Clones are of
/// the same request.
#[derive(Clone, Default)]
pub(crate) struct WaitLog(Arc<Inner>);

#[derive(Default)]
struct Inner {
    operation: &'static str,
    on_wait: Hook<Wait>,
    /// The attempts that are over.
    attempts: AtomicU32,
    stage: Mutex<Stage>,
    /// When its time runs out.
    ends_at: OnceLock<Instant>,
}

impl WaitLog {
    /// Of a request for this operation.
    pub(crate) fn new(operation: &'static str, on_wait: Hook<Wait>) -> Self {
        Self(Arc::new(Inner { operation, on_wait, ..Inner::default() }))
    }

    /// So many attempts are over.
    pub(crate) fn attempted(&self, attempts: u32) {
        self.0.attempts.store(attempts, Ordering::Relaxed);
    }

    /// Waits, in a span that has the reason and the seconds.
    pub(crate) async fn wait<T>(&self, reason: WaitReason, wait: impl Future<Output = T>) -> T {
        let _stage = self.enter(Stage::Wait(reason));
        let span = tracing::info_span!(
            "callperf.wait",
            callperf.wait.reason = reason.as_str(),
            callperf.wait.seconds = tracing::field::Empty,
        );
        let mut ending = Ending {
            log: &self.0,
            reason,
            span: span.clone(),
            begun: Instant::now(),
            is_reported: false,
        };
        // Waits are rare, and would make the future of every request larger.
        let wait = Box::pin(wait);
        reported(wait, &mut ending).instrument(span).await
    }

    /// Logs in, for this request and those that wait for it.
    pub(crate) async fn log_in<T>(&self, login: impl Future<Output = T>) -> T {
        let _stage = self.enter(Stage::OwnLogin);
        login.await
    }

    /// The outcome of the request, or what it was about when the time ran out.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        request: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if let Some(ends_at) = Instant::now().checked_add(limit) {
            // The first limit counts.
            let _ = self.0.ends_at.set(ends_at);
        }
        // Not dropped before its stage is read, which it would leave.
        let mut request = pin!(request);
        timeout(limit, request.as_mut()).await.unwrap_or_else(|_| {
            let stage = *self.stage();
            let message = format!("there was no answer within {limit:?}, waits included: {stage}");
            let is_between = matches!(stage, Stage::Wait(reason) if reason.is_between_attempts());
            let attempts = self.0.attempts.load(Ordering::Relaxed) + u32::from(!is_between);
            Err(Error::new(ErrorKind::Deadline, message).with_attempts(attempts))
        })
    }

    /// Refuses a wait for the quota that would end after the time of the request has run out.
    ///
    /// # Errors
    /// [`ErrorKind::Deadline`] with the time after which the request may be made.
    pub(crate) fn has_time_for(&self, penalty: Duration) -> Result<()> {
        let left =
            self.0.ends_at.get().map(|ends_at| ends_at.saturating_duration_since(Instant::now()));
        let Some(left) = left.filter(|left| *left < penalty) else { return Ok(()) };
        let seconds = penalty.as_secs_f64().ceil();
        let message = format!(
            "the server's penalty lasts {seconds} seconds more, and the request may take {left:.1?}: \
             {}",
            Stage::Wait(WaitReason::Quota)
        );
        Err(Error::new(ErrorKind::Deadline, message).with_retry_after(Some(penalty)))
    }

    fn enter(&self, stage: Stage) -> Entered<'_> {
        let before = std::mem::replace(&mut *self.stage(), stage);
        Entered { waits: self, before }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn report(&self, reason: WaitReason, duration: Option<Duration>) {
        self.on_wait.call(|| Wait { operation: self.operation, reason, duration });
    }
}

/// Reports a wait that is noticeable, and once more when it goes on for longer than a second.
async fn reported<T>(mut wait: Pin<Box<impl Future<Output = T>>>, ending: &mut Ending<'_>) -> T {
    if let Ok(outcome) = timeout(Wait::NOTICEABLE, wait.as_mut()).await {
        return outcome;
    }
    let reason = ending.reason;
    ending.is_reported = true;
    ending.log.report(reason, None);
    if let Ok(outcome) = timeout(NOTABLE.saturating_sub(Wait::NOTICEABLE), wait.as_mut()).await {
        return outcome;
    }
    let stage = Stage::Wait(reason);
    tracing::info!(callperf.wait.reason = reason.as_str(), "a request waits: {stage}");
    wait.await
}

/// Goes back to the stage before.
struct Entered<'c> {
    waits: &'c WaitLog,
    before: Stage,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.waits.stage() = self.before;
    }
}

/// Reports how long a wait took, also if it was given up.
struct Ending<'l> {
    log: &'l Inner,
    reason: WaitReason,
    span: Span,
    begun: Instant,
    /// Whether its beginning was reported.
    is_reported: bool,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let waited = self.begun.elapsed();
        self.span.record("callperf.wait.seconds", waited.as_secs_f64());
        // A hook that panics in a panic would end the process.
        if self.is_reported && !std::thread::panicking() {
            self.log.report(self.reason, Some(waited));
        }
    }
}
