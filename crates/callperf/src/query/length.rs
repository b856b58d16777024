//! Lengths of calls and hours of the day.

/// A length of time in whole seconds, with either bound or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    pub(crate) min_seconds: Option<u32>,
    pub(crate) max_seconds: Option<u32>,
}

impl Length {
    /// This many seconds or more.
    #[must_use]
    pub fn at_least(seconds: u32) -> Self {
        Self { min_seconds: Some(seconds), max_seconds: None }
    }

    /// This many seconds or fewer.
    #[must_use]
    pub fn at_most(seconds: u32) -> Self {
        Self { min_seconds: None, max_seconds: Some(seconds) }
    }

    /// From `min` to `max` seconds.
    #[must_use]
    pub fn between(min: u32, max: u32) -> Self {
        Self { min_seconds: Some(min), max_seconds: Some(max) }
    }
}

/// Hours of the day, in the query's time zone.
///
/// The API takes hours and minutes; whether its upper bound includes its
/// minute is documented nowhere, and published samples suggest so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Hours {
    /// From `from` to `to`, both as `hh:mm`, for example `09:00` to `17:59`.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}
