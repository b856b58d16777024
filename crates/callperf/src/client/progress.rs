//! How far a pull is.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::http::hook::Hook;

/// The progress of a pull, after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The pages that were read; each is one request.
    pub pages_read: u64,
    /// The pages that are left.
    pub pages_left: u64,
    /// The records that were read.
    pub records_read: u64,
    /// The records that there are in all, where the answer says so.
    pub records_announced: Option<u64>,
    /// How long the rest takes at least, as the quota allows; the requests
    /// themselves come on top.
    pub earliest_end: Duration,
}

/// The progress of several pulls as one: the sums.
pub(super) struct Together {
    pulls: Mutex<Vec<Option<Progress>>>,
    hook: Hook<Progress>,
    earliest_end: Box<dyn Fn(u64) -> Duration + Send + Sync>,
}

impl Together {
    /// `earliest_end` is how long some more pages take at least.
    pub(super) fn new(
        pulls: usize,
        hook: Hook<Progress>,
        earliest_end: impl Fn(u64) -> Duration + Send + Sync + 'static,
    ) -> Arc<Self> {
        let pulls = Mutex::new(vec![None; pulls]);
        Arc::new(Self { pulls, hook, earliest_end: Box::new(earliest_end) })
    }

    /// The hook of one of the pulls.
    pub(super) fn hook(self: &Arc<Self>, pull: usize) -> Hook<Progress> {
        let together = Arc::clone(self);
        Hook::new(move |progress: &Progress| {
            let sum = together.take(pull, *progress);
            together.hook.call(|| sum);
        })
    }

    fn take(&self, pull: usize, progress: Progress) -> Progress {
        let mut pulls = self.pulls.lock().unwrap_or_else(PoisonError::into_inner);
        pulls[pull] = Some(progress);
        let known = || pulls.iter().flatten();
        // One that has no page yet has at least one left.
        let unknown = pulls.iter().filter(|pull| pull.is_none()).count() as u64;
        let pages_left = known().map(|pull| pull.pages_left).sum::<u64>() + unknown;
        let announced = pulls.iter().map(|pull| pull.as_ref()?.records_announced);
        Progress {
            pages_read: known().map(|pull| pull.pages_read).sum(),
            pages_left,
            records_read: known().map(|pull| pull.records_read).sum(),
            records_announced: announced.sum(),
            earliest_end: (self.earliest_end)(pages_left),
        }
    }
}
