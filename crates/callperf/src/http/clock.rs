//! What the time is: by this machine's clock, and at the server.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap};

/// A server that is further away than this has a wrong clock or a wrong `Date` header, and no
/// period is resolved by it.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24);

/// A clock that was wrong by more at an earlier login may have been set since.
const FURTHEST_PRESUMED: SignedDuration = SignedDuration::from_mins(90);

type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The one clock of a client. Clones are of the same clock.
#[derive(Clone)]
pub(crate) struct Clock(Arc<Inner>);

struct Inner {
    machine: Now,
    /// Whether the server's clock counts for periods: a caller's own clock is right.
    is_corrected: bool,
    ahead: Mutex<Ahead>,
}

/// How far the server's clock is ahead of this machine's.
#[derive(Clone, Copy, Default)]
struct Ahead {
    /// By the last response.
    last: Option<SignedDuration>,
    /// By the last response that can be right.
    plausible: Option<SignedDuration>,
}

impl Default for Clock {
    /// The system's.
    fn default() -> Self {
        Self::new(Arc::new(Timestamp::now), true)
    }
}

impl Clock {
    /// A caller's clock, which is taken for the server's as well.
    pub(crate) fn given(now: Now) -> Self {
        Self::new(now, false)
    }

    /// A machine's clock that may be wrong.
    #[cfg(test)]
    pub(crate) fn of_machine(now: Now) -> Self {
        Self::new(now, true)
    }

    fn new(machine: Now, is_corrected: bool) -> Self {
        Self(Arc::new(Inner { machine, is_corrected, ahead: Mutex::default() }))
    }

    /// The time by this machine's clock.
    pub(crate) fn machine(&self) -> Timestamp {
        (self.0.machine)()
    }

    /// The time by this machine's clock in seconds since 1970, for what other processes read.
    pub(super) fn seconds(&self) -> u64 {
        self.machine().as_second().try_into().unwrap_or(0)
    }

    /// The time at the server, as far as it is known: by its clock after the first response
    /// with a `Date`.
    pub(crate) fn server(&self) -> Timestamp {
        let machine = self.machine();
        let by = self.known().plausible.filter(|_| self.0.is_corrected);
        by.and_then(|by| machine.checked_add(by).ok()).unwrap_or(machine)
    }

    /// Learns from the headers of a response: a login's, which comes first, or another.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        let Some(by) = ahead(headers, self.machine()) else { return };
        let mut known = self.known();
        known.last = Some(by);
        if by.abs() <= FURTHEST {
            known.plausible = Some(by);
        }
    }

    /// Takes what an earlier login on this machine found, until a response says it anew.
    pub(super) fn presume(&self, seconds: Option<i64>) {
        let by = seconds.map(SignedDuration::from_secs).filter(|by| by.abs() <= FURTHEST_PRESUMED);
        let mut known = self.known();
        known.plausible = known.plausible.or(by);
    }

    /// How far the server's clock is ahead of this machine's, by the last response.
    pub(crate) fn ahead(&self) -> Option<SignedDuration> {
        self.known().last
    }

    fn known(&self) -> MutexGuard<'_, Ahead> {
        self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A date of a header, in each form that RFC 9110 has recipients accept, or with an offset.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let by_the_rfc = httpdate::parse_http_date(text.trim()).ok();
    let by_the_rfc = by_the_rfc.and_then(|date| Timestamp::try_from(date).ok());
    by_the_rfc.or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok())
}

/// In whole seconds, which is all that the header has.
fn ahead(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(DATE)?.to_str().ok()?;
    Some(SignedDuration::from_secs(date(text)?.as_second() - now.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_tells_the_clock() {
        let now = "2026-11-24T12:00:00.9Z".parse().unwrap();
        let seconds = |text: &'static str| {
            let headers = HeaderMap::from_iter([(DATE, text.parse().unwrap())]);
            ahead(&headers, now).map(|ahead| ahead.as_secs())
        };
        assert_eq!(seconds("Tue, 24 Nov 2026 12:00:00 GMT"), Some(0));
        assert_eq!(seconds("Tue, 24 Nov 2026 13:00:05 GMT"), Some(3605));
        assert_eq!(seconds("Tue, 24 Nov 2026 11:59:00 GMT"), Some(-60));
        assert_eq!(seconds("Tuesday, 24-Nov-26 12:00:05 GMT"), Some(5));
        assert_eq!(seconds("Tue Nov 24 12:00:06 2026"), Some(6));
        assert_eq!(seconds("Tue, 24 Nov 2026 14:00:00 +0200"), Some(0));
        assert_eq!(seconds("noon"), None);
        assert_eq!(ahead(&HeaderMap::new(), now), None);
    }

    fn headers(date: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, date.parse().unwrap())])
    }

    #[test]
    fn periods_go_by_the_server_and_a_callers_clock_is_right() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let later = headers("Tue, 24 Nov 2026 13:00:00 GMT");
        let wrong = Clock::of_machine(Arc::new(move || now));
        assert_eq!(wrong.server(), now, "nothing is known yet");
        wrong.learn(&later);
        assert_eq!(wrong.server(), now + SignedDuration::from_hours(1));
        assert_eq!(wrong.machine(), now);
        let given = Clock::given(Arc::new(move || now));
        given.learn(&later);
        assert_eq!(given.server(), now);
        assert_eq!(given.ahead(), Some(SignedDuration::from_hours(1)));
    }

    #[test]
    fn the_last_response_counts_and_an_earlier_login_until_then() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let clock = Clock::of_machine(Arc::new(move || now));
        let minutes = || clock.server().duration_since(now).as_mins();
        clock.presume(Some(60));
        assert_eq!((minutes(), clock.ahead()), (1, None));
        clock.learn(&headers("Tue, 24 Nov 2026 12:02:00 GMT"));
        clock.presume(Some(60));
        assert_eq!(minutes(), 2);
        clock.learn(&headers("Tue, 24 Nov 2026 12:03:00 GMT"));
        assert_eq!(minutes(), 3);
    }

    #[test]
    fn a_date_of_another_day_moves_no_period() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let clock = Clock::of_machine(Arc::new(move || now));
        clock.learn(&headers("Tue, 24 Nov 2026 12:03:00 GMT"));
        clock.learn(&headers("Thu, 01 Jan 1970 00:00:00 GMT"));
        assert_eq!(clock.server(), now + SignedDuration::from_mins(3));
        assert!(clock.ahead().unwrap() < SignedDuration::from_hours(-24), "it is reported");
    }
}
