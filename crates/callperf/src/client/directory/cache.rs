//! What was fetched of the directory, for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex as AsyncMutex, time::Instant};

use crate::{
    directory::{Kind, Listing},
    words::error::Result,
};

/// A list of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Extensions,
    Sites,
    Menus,
    Members(Kind, String),
    QueuesOf(String),
}

/// A list and when it was fetched. Who fetches it holds the lock, so that others wait for it.
type Slot = Arc<AsyncMutex<Option<(Instant, Arc<Listing>)>>>;

/// The lists of a client and its clones.
#[derive(Default)]
pub(in crate::client) struct Cache(Mutex<HashMap<Part, Slot>>);

impl Cache {
    /// A list that isn't older than this, or else a new one. One with notices isn't kept.
    pub(super) async fn listing<R>(
        &self,
        part: Part,
        max_age: Duration,
        fetch: impl FnOnce() -> R,
    ) -> Result<Arc<Listing>>
    where
        R: Future<Output = Result<Listing>>,
    {
        let begun = Instant::now();
        let slot = self.slot(part);
        let mut kept = slot.lock().await;
        // One that another has fetched since this was asked for is new enough.
        let is_young = |at: Instant| at >= begun || at.elapsed() < max_age;
        if let Some((_, listing)) = kept.as_ref().filter(|(at, _)| is_young(*at)) {
            return Ok(Arc::clone(listing));
        }
        *kept = None;
        let listing = Arc::new(fetch().await?);
        if listing.notices.is_empty() {
            *kept = Some((Instant::now(), Arc::clone(&listing)));
        }
        Ok(listing)
    }

    fn slot(&self, part: Part) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(part).or_default())
    }
}
