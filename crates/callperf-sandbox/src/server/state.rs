//! All that requests are answered from.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::aggregate::world::World;
use crate::protocol::clock::Clock;
use crate::protocol::faults::Plan;
use crate::protocol::hosts::AllowedHosts;
use crate::protocol::limits::Limiter;
use crate::protocol::log::Log;
use crate::protocol::oauth::Sessions;
use crate::wire::Service;

/// All that requests are answered from.
pub(crate) struct Server {
    /// Its own address.
    pub(crate) url: String,
    pub(crate) world: Arc<World>,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: Limiter,
    pub(crate) faults: Mutex<Plan>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) service: Service,
    pub(crate) log: Arc<Log>,
    pub(crate) hosts: Arc<AllowedHosts>,
    /// The keys of extensions that aren't in use.
    pub(crate) disabled: Mutex<BTreeSet<String>>,
}

impl Server {
    pub(crate) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn disabled(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.disabled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
