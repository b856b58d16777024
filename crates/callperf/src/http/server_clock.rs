//! How far the server's clock is from this machine's.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap};

/// As the last answer's `Date` header tells.
#[derive(Default)]
pub(super) struct ServerClock(Mutex<Option<SignedDuration>>);

impl ServerClock {
    pub(super) fn learn(&self, headers: &HeaderMap) {
        let Some(ahead) = ahead(headers, Timestamp::now()) else { return };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
    }

    pub(super) fn ahead(&self) -> Option<SignedDuration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In whole seconds, which is all that the header has.
fn ahead(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(SignedDuration::from_secs(date.as_second() - now.as_second()))
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
        assert_eq!(seconds("noon"), None);
        assert_eq!(ahead(&HeaderMap::new(), now), None);
    }
}
