//! The two metrics.

/// One of the two metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricName {
    Calls,
    TimeSpent,
}

impl MetricName {
    /// The metric's name in this crate's JSON and messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::TimeSpent => "time_spent",
        }
    }
}
