//! What a call asks for, and when its period was resolved.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::connection::Client;
use crate::{
    http::retry::RetryPolicy,
    plan::{Plan, Request},
    wire::spelling,
    words::error::Result,
};

/// A request with the instant at which its period is resolved: once for all that is done
/// with it, so that its pages belong together. Clones share the instant.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) request: Request,
    pub(super) retry: Option<RetryPolicy>,
    resolved_at: Arc<OnceLock<Timestamp>>,
}

impl Planned {
    pub(super) fn new(request: Request) -> Self {
        Self { request, retry: None, resolved_at: Arc::default() }
    }

    /// The plan as far as it is known: its instant stays open if it is.
    pub(super) fn plan(&self, client: &Client, page: u32) -> Result<Plan> {
        let now = self.resolved_at.get().copied().unwrap_or_else(|| client.now());
        self.plan_at(now, page)
    }

    /// The plan with its instant, from now on.
    pub(super) fn settled(&self, client: &Client, page: u32) -> Result<Plan> {
        self.plan_at(*self.resolved_at.get_or_init(|| client.now()), page)
    }

    fn plan_at(&self, now: Timestamp, page: u32) -> Result<Plan> {
        Plan::new(&self.request, spelling::of(self.request.api), now, page)
    }
}
