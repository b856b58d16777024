//! What a query is asked as.

use super::vocabulary::Interval;

/// What is asked of an API: one record per key, or a series per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Aggregate,
    Timeline(Interval),
}
