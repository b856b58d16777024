//! Whether a failed attempt is made again, and after how long: one pure
//! function.

use std::time::Duration;

use crate::words::error::{Error, ErrorKind};

/// How often, how long and how patiently a request is tried.
///
/// Both operations only read, so trying again can do no harm but to the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(crate) attempts: u32,
    pub(crate) deadline: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts (the vendor's advice) within ten minutes.
    fn default() -> Self {
        Self { attempts: 5, deadline: Duration::from_mins(10) }
    }
}

impl RetryPolicy {
    /// One attempt, and no waiting after a failure.
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
    /// would end later isn't begun.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Stop,
    Wait(Duration),
}

/// The vendor's shortest wait after a fault of the server or the network; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The vendor's advice for a 429 that doesn't say how long.
pub(crate) const QUOTA_WAIT: Duration = Duration::from_secs(30);

/// `attempt` is the number of attempts made, `elapsed` the time since the first
/// began, `jitter` a number from 0 to 1 that spreads the waits of many clients: up
/// to half as long again as the vendor asks for, and never less.
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
    if attempt >= policy.attempts || !failure.is_transient() {
        return Decision::Stop;
    }
    let wait = match (failure.retry_after(), failure.kind()) {
        (Some(asked), _) => asked,
        (None, ErrorKind::Quota) => QUOTA_WAIT,
        (None, _) => backoff(attempt).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 2.0),
    };
    if elapsed.saturating_add(wait) > policy.deadline {
        return Decision::Stop;
    }
    Decision::Wait(wait)
}

fn backoff(attempt: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT)
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
        assert_eq!(backoff(1), Duration::from_secs(2));
        assert_eq!(backoff(6), LONGEST_WAIT);
        assert_eq!(backoff(u32::MAX), LONGEST_WAIT);
    }
}
