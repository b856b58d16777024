//! How far a sync is: files, which are as many from the beginning to the end, and
//! the time that their requests take.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use callperf::Client;

/// How far a sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Distance {
    /// Files whose rows have come. They are written with the others of their request.
    pub done: u64,
    /// Files whose rows haven't come.
    pub left: u64,
    /// How long the rest takes at least, by the quota.
    pub earliest_end: Duration,
}

/// Receives how far a sync is, page by page.
pub(crate) type OnProgress = Arc<dyn Fn(Distance) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Estimate(Arc<Inner>);

struct Inner {
    on_progress: OnProgress,
    counts: Mutex<Counts>,
}

impl Estimate {
    pub(crate) fn new(files: u64, on_progress: OnProgress) -> Self {
        let counts = Counts { all_files: files, ..Counts::default() };
        Self(Arc::new(Inner { on_progress, counts: Mutex::new(counts) }))
    }

    /// Begins a request for so many files, before others that take so many pages.
    pub(crate) fn begin(&self, files: u64, later_pages: u64) {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.begin(files, later_pages);
    }

    /// Takes in that a page was read.
    pub(crate) fn read(&self, progress: &callperf::Progress, pace: Pace) {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let distance = counts.read(progress.pages_read, progress.pages_left, pace);
        (self.0.on_progress)(distance);
    }
}

/// The slowest quota that the server has reported.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace(Option<(u32, Duration)>);

impl Pace {
    pub(crate) fn new(client: &Client) -> Self {
        let budgets = client.budget().into_iter().filter(|budget| budget.limit > 0);
        let slowest = budgets.max_by_key(|budget| budget.window / budget.limit);
        Self(slowest.map(|budget| (budget.limit, budget.window)))
    }

    fn of(self, requests: u64) -> Duration {
        let Some((limit, window)) = self.0 else { return Duration::ZERO };
        let windows = u32::try_from(requests / u64::from(limit)).unwrap_or(u32::MAX);
        window.saturating_mul(windows)
    }
}

#[derive(Default)]
struct Counts {
    all_files: u64,
    /// Files of the requests before the current one.
    files_before: u64,
    /// Files that were shown as done.
    shown: u64,
    /// Files of the current request.
    files: u64,
    /// Pages of the requests that haven't begun.
    later_pages: u64,
}

impl Counts {
    fn begin(&mut self, files: u64, later_pages: u64) {
        self.files_before += self.files;
        self.files = files;
        self.later_pages = later_pages;
    }

    fn read(&mut self, pages_read: u64, pages_left: u64, pace: Pace) -> Distance {
        let pages = (pages_read + pages_left).max(1);
        let done = self.files_before + self.files * pages_read / pages;
        // A request may turn out to have more pages than it first had.
        self.shown = self.shown.max(done);
        Distance {
            done: self.shown,
            left: self.all_files - self.shown,
            earliest_end: pace.of(pages_left + self.later_pages),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small requests come before a large one, and pages turn out to be more.
    #[test]
    fn the_total_stays_and_what_is_done_only_grows() {
        let reads: [&[(u64, u64)]; 4] =
            [&[(1, 0)], &[(1, 1), (2, 198), (100, 100), (200, 0)], &[(1, 0)], &[(1, 3), (4, 0)]];
        let mut counts = Counts { all_files: 8, ..Counts::default() };
        let mut done = Vec::new();
        for (files, reads) in [1, 4, 1, 2].into_iter().zip(reads) {
            counts.begin(files, 0);
            for (read, left) in reads {
                let distance = counts.read(*read, *left, Pace::default());
                assert_eq!(distance.done + distance.left, 8);
                done.push(distance.done);
            }
        }
        assert_eq!(done, [1, 3, 3, 3, 5, 6, 6, 8]);
    }

    #[test]
    fn the_rest_takes_the_pages_that_are_left_and_those_to_come() {
        let pace = Pace(Some((2, Duration::from_mins(1))));
        let mut counts = Counts { all_files: 3, ..Counts::default() };
        counts.begin(1, 7);
        assert_eq!(counts.read(1, 3, pace).earliest_end, Duration::from_mins(5));
    }

    #[test]
    fn the_pace_is_the_quotas() {
        let pace = Pace(Some((50, Duration::from_mins(1))));
        assert_eq!(pace.of(49), Duration::ZERO);
        assert_eq!(pace.of(250), Duration::from_mins(5));
        assert_eq!(Pace(None).of(250), Duration::ZERO);
    }
}
