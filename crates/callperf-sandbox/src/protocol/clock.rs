//! What time it is in the sandbox.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Two clocks: one has the date that the rules on time go by, the other only the time that has passed, for tokens and
/// quotas. Both can be moved forward, so that no test has to wait an hour.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    hands: Mutex<Hands>,
}

#[derive(Clone, Copy, Debug)]
struct Hands {
    /// Where the date stands still, if it does.
    frozen: Option<Timestamp>,
    advanced: Duration,
}

impl Clock {
    pub(crate) fn new(frozen: Option<Timestamp>) -> Clock {
        let hands = Hands { frozen, advanced: Duration::ZERO };
        Clock { started: Instant::now(), hands: Mutex::new(hands) }
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The date. Past the end of the calendar it stands still.
    pub(crate) fn now(&self) -> Timestamp {
        let hands = *self.hands();
        let base = hands.frozen.unwrap_or_else(Timestamp::now);
        base.checked_add(hands.advanced).unwrap_or(Timestamp::MAX)
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed().saturating_add(self.hands().advanced)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.advanced = hands.advanced.saturating_add(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_can_be_moved() {
        let start: Timestamp = "2025-06-02T00:00:00Z".parse().unwrap();
        let clock = Clock::new(Some(start));
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_hours(2));
        assert_eq!(clock.now().to_string(), "2025-06-02T02:00:00Z");
        assert!(clock.elapsed() >= Duration::from_hours(2));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
