//! The rate-limit headers of a response.

use std::time::Duration;

/// What a response says of the quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RateLimit {
    pub(super) group: Option<String>,
    pub(super) limit: Option<u32>,
    pub(super) remaining: Option<u32>,
    pub(super) window: Option<Duration>,
    /// How long nothing may be sent.
    pub(super) penalty: Option<Duration>,
    pub(super) is_success: bool,
}

impl RateLimit {
    /// Whether the response has no rate-limit header at all: a gateway's, or one
    /// about the whole account.
    pub(super) fn is_bare(&self) -> bool {
        let Self { group, limit, remaining, window, .. } = self;
        group.is_none() && limit.is_none() && remaining.is_none() && window.is_none()
    }
}
