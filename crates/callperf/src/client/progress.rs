//! How far a pull is.

use std::{fmt, sync::Arc, time::Duration};

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

pub(super) type ProgressHook = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Who is told of the progress.
#[derive(Clone, Default)]
pub(super) struct OnProgress(pub(super) Option<ProgressHook>);

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnProgress").field(&self.0.is_some()).finish()
    }
}
