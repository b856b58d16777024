//! What callers see of a group's quota.

use std::time::Duration;

/// What is left of the quota of one group of operations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// The group's name, as the server says it; names may change.
    pub group: String,
    /// How many requests the server allows in a window.
    pub limit: u32,
    /// The length of the window.
    pub window: Duration,
    /// How many requests can be sent now.
    pub remaining: u32,
    /// How long nothing may be sent.
    pub wait: Duration,
}
