//! Whether a failed attempt is made again, and after how long: one pure
//! function.

use std::{fmt, ptr, time::Duration};

use crate::words::error::{Error, ErrorKind};

/// How often, how long and how patiently a request is tried.
///
/// Both operations only read, so trying again can do no harm but to the quota.
///
/// ```
/// use std::time::Duration;
/// use callperf::{ErrorKind, RetryPolicy};
///
/// // A web page that can't wait: soon again, and not at all for the quota.
/// let policy = RetryPolicy::default()
///     .deadline(Duration::from_secs(10))
///     .first_delay(Duration::from_millis(250))
///     .longest_delay(Duration::from_secs(2))
///     .retry_if(|failure| failure.kind() != ErrorKind::Quota);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(crate) attempts: u32,
    pub(crate) deadline: Duration,
    first_delay: Duration,
    longest_delay: Duration,
    retry_if: Option<Predicate>,
}

/// Two are equal if they are the same function.
#[derive(Clone, Copy)]
struct Predicate(fn(&Error) -> bool);

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Predicate {}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

impl Default for RetryPolicy {
    /// Five attempts within ten minutes, 2 seconds apart at first and up to a minute later, as the
    /// vendor advises.
    fn default() -> Self {
        Self {
            attempts: 5,
            deadline: Duration::from_secs(600),
            first_delay: Duration::from_secs(2),
            longest_delay: Duration::from_secs(60),
            retry_if: None,
        }
    }
}

impl RetryPolicy {
    /// One attempt, and no waiting after a failure.
    ///
    /// Before the attempt, the quota is waited for as always, up to the [deadline](Self::deadline). In
    /// a penalty that lasts longer than that, a request fails at once, with the time in
    /// [`Error::retry_after`].
    #[must_use]
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// At most this many attempts; at least one is made.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long one page may take with all its attempts and waits. A wait that
    /// would end later isn't begun: the request fails at once, and [`Error::retry_after`] says how
    /// long it would have been.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The delay after the first attempt, if a fault of the server or the network ended it; by
    /// default 2 seconds, the least that the vendor advises. It doubles with each attempt.
    ///
    /// Up to half of a delay is added at random, so that programs that failed together don't come
    /// back together. What the server asks for counts in place of these delays, and a full quota
    /// is waited for in either case.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// The delay that doubling ends at; by default a minute. A first delay that is longer is cut
    /// to it.
    #[must_use]
    pub fn longest_delay(mut self, delay: Duration) -> Self {
        self.longest_delay = delay;
        self
    }

    /// Repeats an attempt only if `may_retry` is true of its failure.
    ///
    /// It restricts and never extends: what isn't transient ([`Error::is_transient`]) isn't
    /// retried, and neither is [`Client::send`](crate::Client::send), which may change something.
    /// It isn't called when a request is repeated with a new token. A closure may not capture
    /// anything, so that policies can be copied and compared.
    #[must_use]
    pub fn retry_if(mut self, may_retry: fn(&Error) -> bool) -> Self {
        self.retry_if = Some(Predicate(may_retry));
        self
    }

    fn may_retry(&self, failure: &Error) -> bool {
        failure.is_transient()
            && self.retry_if.is_none_or(|Predicate(may_retry)| may_retry(failure))
    }

    /// The delay after so many attempts.
    fn backoff(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        self.first_delay.saturating_mul(doubled).min(self.longest_delay)
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Stop,
    Wait(Duration),
}

/// The vendor's advice for a 429 that doesn't say how long.
pub(crate) const QUOTA_WAIT: Duration = Duration::from_secs(30);

/// `attempt` is the number of attempts made, `elapsed` the time since the first
/// began, `jitter` a number from 0 to 1 that spreads the waits of many clients: up
/// to half as long again as the policy asks for, and never less.
///
/// What the server asks for (`Retry-After`) is above everything but the
/// deadline.
pub(crate) fn decide(
    policy: RetryPolicy,
    attempt: u32,
    failure: &Error,
    elapsed: Duration,
    jitter: f64,
) -> Decision {
    if attempt >= policy.attempts || !policy.may_retry(failure) {
        return Decision::Stop;
    }
    let wait = match (failure.retry_after(), failure.kind()) {
        (Some(asked), _) => asked,
        (None, ErrorKind::Quota) => QUOTA_WAIT,
        (None, _) => spread(policy.backoff(attempt), jitter),
    };
    if elapsed.saturating_add(wait) > policy.deadline {
        return Decision::Stop;
    }
    Decision::Wait(wait)
}

fn spread(delay: Duration, jitter: f64) -> Duration {
    delay.saturating_add((delay / 2).mul_f64(jitter.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind, retry_after: Option<u64>) -> Error {
        Error::new(kind, "").with_retry_after(retry_after.map(Duration::from_secs))
    }

    #[test]
    fn each_failure_is_tried_again_or_not() {
        use ErrorKind::{
            Answer, Authentication, Deadline, Network, Permission, Quota, Refused, Server,
        };
        let seconds = |wait| Decision::Wait(Duration::from_secs(wait));
        // Attempts made, kind, Retry-After, elapsed seconds: decision without jitter.
        let cases = [
            (1, Network, None, 0, seconds(2)),
            (2, Network, None, 0, seconds(4)),
            (3, Server, None, 0, seconds(8)),
            (4, Server, None, 0, seconds(16)),
            (5, Server, None, 0, Decision::Stop),
            (1, Deadline, None, 0, seconds(2)),
            (1, Server, Some(7), 0, seconds(7)),
            (1, Server, Some(0), 0, seconds(0)),
            (1, Quota, Some(60), 0, seconds(60)),
            (1, Quota, None, 0, seconds(30)),
            (4, Quota, None, 0, seconds(30)),
            (5, Quota, Some(1), 0, Decision::Stop),
            (1, Quota, Some(60), 541, Decision::Stop),
            (1, Quota, Some(60), 540, seconds(60)),
            (1, Quota, Some(u64::MAX), 0, Decision::Stop),
            (1, Refused, None, 0, Decision::Stop),
            (1, Refused, Some(1), 0, Decision::Stop),
            (1, Authentication, None, 0, Decision::Stop),
            (1, Permission, None, 0, Decision::Stop),
            (1, Answer, None, 0, Decision::Stop),
        ];
        for (attempt, kind, retry_after, elapsed, expected) in cases {
            let decision = decide(
                RetryPolicy::default(),
                attempt,
                &failure(kind, retry_after),
                Duration::from_secs(elapsed),
                0.0,
            );
            assert_eq!(decision, expected, "{attempt} {kind:?} {retry_after:?} {elapsed}");
        }
    }

    #[test]
    fn a_policy_of_ones_own_is_kept() {
        let decide = |policy, attempt, elapsed| {
            let elapsed = Duration::from_secs(elapsed);
            decide(policy, attempt, &failure(ErrorKind::Quota, Some(1)), elapsed, 1.0)
        };
        let again = Decision::Wait(Duration::from_secs(1));
        assert_eq!(decide(RetryPolicy::never(), 1, 0), Decision::Stop);
        let seven = RetryPolicy::default().attempts(7);
        assert_eq!(decide(seven, 6, 0), again);
        assert_eq!(decide(seven, 7, 0), Decision::Stop);
        assert_eq!(RetryPolicy::default().attempts(0), RetryPolicy::never());
        let short = RetryPolicy::default().deadline(Duration::from_secs(9));
        assert_eq!(decide(short, 1, 8), again);
        assert_eq!(decide(short, 1, 9), Decision::Stop);
    }

    #[test]
    fn jitter_spreads_the_waits_from_what_the_vendor_asks_for_upward() {
        let wait = |attempt, jitter| {
            let failure = failure(ErrorKind::Server, None);
            decide(RetryPolicy::default(), attempt, &failure, Duration::ZERO, jitter)
        };
        let seconds = |wait| Decision::Wait(Duration::from_secs(wait));
        assert_eq!([wait(1, 0.0), wait(1, 1.0)], [seconds(2), seconds(3)]);
        assert_eq!([wait(3, 0.0), wait(3, 0.5), wait(3, 1.0)], [8, 10, 12].map(seconds));
    }

    #[test]
    fn waits_are_bounded() {
        let backoff = |attempts| RetryPolicy::default().backoff(attempts).as_secs();
        assert_eq!([backoff(1), backoff(6), backoff(u32::MAX)], [2, 60, 60]);
    }

    #[test]
    fn delays_of_ones_own_double_up_to_the_longest() {
        let millis = Duration::from_millis;
        let policy = RetryPolicy::default().first_delay(millis(300)).longest_delay(millis(1000));
        let delays = |policy: RetryPolicy| [1, 2, 3, 9].map(|attempts| policy.backoff(attempts));
        assert_eq!(delays(policy), [300, 600, 1000, 1000].map(millis));
        assert_eq!(delays(policy.longest_delay(millis(100))), [millis(100); 4]);
        assert_eq!(delays(policy.first_delay(Duration::ZERO)), [Duration::ZERO; 4]);
        let endless = policy.first_delay(Duration::MAX).longest_delay(Duration::MAX);
        let failure = failure(ErrorKind::Server, None);
        assert_eq!(decide(endless, 1, &failure, Duration::ZERO, 0.0), Decision::Stop);
    }

    #[test]
    fn a_predicate_restricts_what_is_retried_and_never_extends_it() {
        let decide = |policy, kind, retry_after| {
            decide(policy, 1, &failure(kind, retry_after), Duration::ZERO, 0.0) != Decision::Stop
        };
        let all = RetryPolicy::default().retry_if(|_| true);
        let no_quota = all.retry_if(|failure| failure.kind() != ErrorKind::Quota);
        for kind in [ErrorKind::Refused, ErrorKind::Permission, ErrorKind::Answer] {
            assert!(!decide(all, kind, None), "{kind:?}");
        }
        assert!(
            decide(all, ErrorKind::Quota, Some(1)) && decide(no_quota, ErrorKind::Server, None)
        );
        assert!(!decide(no_quota, ErrorKind::Quota, Some(1)));
        assert_eq!(no_quota, no_quota.attempts(5));
        assert_ne!(all, no_quota);
    }
}
