//! Lists of faults: all of them, and those that a client survives.

use std::time::Duration;

use jiff::SignedDuration;

use super::fault::{Fault, Latency, Place};
use super::text::PLAIN;

impl Fault {
    /// One of each, with an argument where it takes one: for tables of tests.
    #[must_use]
    pub fn all() -> Vec<Fault> {
        let places = [Place::Start, Place::Head, Place::Headers, Place::Body];
        let statuses = [400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 500, 501, 503, 504, 520];
        let slow = Duration::from_millis(20);
        let mut all: Vec<_> = statuses.map(Fault::Status).into();
        all.extend([200, 403, 429, 500, 502, 504].map(Fault::Html));
        all.extend([200, 204, 206, 304, 401, 503].map(Fault::Empty));
        all.extend([301, 302, 303, 307, 308].map(Fault::Redirect));
        let later = ["0", "soon", "-5", "18446744073709551615", "+60s", "-60s"];
        all.extend(later.map(|value| Fault::RetryAfter(429, value.to_owned())));
        all.extend(later.map(|value| Fault::RetryAfter(503, value.to_owned())));
        all.extend(PLAIN.iter().map(|(_, fault)| fault.clone()));
        all.extend(places.map(Fault::Reset));
        all.extend(places.map(Fault::Close));
        all.extend(places.map(Fault::Stall));
        all.extend([Fault::SlowHead(slow), Fault::SlowBody(slow), Fault::Big(50)]);
        all.extend([
            Fault::Latency(Latency::Fixed(5 * slow)),
            Fault::Latency(Latency::Uniform(slow, 5 * slow)),
            Fault::Latency(Latency::LogNormal { median: 4 * slow, sigma: 0.5 }),
            Fault::Skew(SignedDuration::from_hours(1)),
            Fault::Skew(SignedDuration::from_hours(-1)),
        ]);
        all
    }

    /// Those that no client takes for a good answer, and that are over when it asks again: what
    /// [`Faults::random`](crate::Faults::random) draws from. None of them takes long, or changes numbers behind the client's back.
    #[must_use]
    pub fn passing() -> Vec<Fault> {
        let places = [Place::Start, Place::Head, Place::Headers, Place::Body];
        let mut faults: Vec<_> = [408, 500, 503, 504].map(Fault::Status).into();
        faults.extend([200, 502].map(Fault::Html));
        faults.extend([429, 500, 502, 503].map(|status| Fault::RetryAfter(status, "0".to_owned())));
        faults.extend(places.map(Fault::Reset));
        faults.extend(places.map(Fault::Close));
        faults.extend([
            Fault::Empty(200),
            Fault::ExpireToken,
            Fault::EndSession,
            Fault::Truncated,
            Fault::Doubled,
            Fault::Null,
            Fault::List,
            Fault::Object,
            Fault::ErrorWith200,
            Fault::OtherApi,
            Fault::NotUtf8,
            Fault::Utf16,
            Fault::Brackets,
            Fault::Deep,
            Fault::GzipCut,
            Fault::GzipFalse,
            Fault::NanNumbers,
            Fault::StringNumbers,
            Fault::NotHttp,
        ]);
        faults
    }
}
