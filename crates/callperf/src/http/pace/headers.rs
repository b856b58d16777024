//! What a response says of the quota, as it says it.

use std::time::Duration;

use reqwest::header::HeaderMap;

/// The rate-limit headers of a response, as they came: what the server counts, of all programs that
/// share the quota. [`Client::budget`](crate::Client::budget) has what that means for this client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaHeaders {
    /// The group of operations that the request counted in.
    pub group: Option<String>,
    /// How many requests of the group may be sent in a window.
    pub limit: Option<u32>,
    /// How many are left of them. No document says whether the request itself counts.
    pub remaining: Option<u32>,
    /// The length of the window.
    pub window: Option<Duration>,
}

impl QuotaHeaders {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let number = |name: &str| text(name)?.trim().parse::<u32>().ok();
        let window = number("x-rate-limit-window");
        Self {
            group: text("x-rate-limit-group").map(str::to_owned),
            limit: number("x-rate-limit-limit"),
            remaining: number("x-rate-limit-remaining"),
            window: window.map(|seconds| Duration::from_secs(seconds.into())),
        }
    }
}

/// Which requests a server's remaining quota leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remaining {
    /// What is left after the request that the response is to. Assumed.
    #[default]
    AfterTheRequest,
    /// What was left before it, so that it takes one of them.
    BeforeTheRequest,
}

impl Remaining {
    /// How many requests are left after one that was counted.
    pub(super) fn after_it(self, said: u32) -> u32 {
        match self {
            Self::AfterTheRequest => said,
            Self::BeforeTheRequest => said.saturating_sub(1),
        }
    }
}
