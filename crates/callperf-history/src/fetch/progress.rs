//! How far a sync is: files, which are as many from the beginning to the end, and
//! the time that their requests take.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use callperf::Client;

use crate::{model::table::SeriesName, plan::Unit};

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
    pub(crate) fn new(units: &[Unit], on_progress: OnProgress) -> Self {
        Self(Arc::new(Inner { on_progress, counts: Mutex::new(Counts::new(units)) }))
    }

    pub(crate) fn begin(&self, unit: &Unit) {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner).begin(unit);
    }

    /// Takes in that a page of the unit was read.
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
    /// Files of the units before the current one.
    files_before: u64,
    /// Files that were shown as done.
    shown: u64,
    current: Option<(SeriesName, u64)>,
    /// Units of each kind that haven't begun.
    left: BTreeMap<SeriesName, u64>,
    /// Units of each kind that are read, and their pages.
    read: BTreeMap<SeriesName, (u64, u64)>,
    /// Pages of the current unit, as last reported.
    pages: u64,
}

impl Counts {
    fn new(units: &[Unit]) -> Self {
        let mut counts = Self::default();
        for unit in units {
            counts.all_files += files(unit);
            *counts.left.entry(unit.series.clone()).or_default() += 1;
        }
        counts
    }

    fn begin(&mut self, unit: &Unit) {
        if let Some((kind, files)) = self.current.take() {
            self.files_before += files;
            let (units, pages) = self.read.entry(kind).or_default();
            *units += 1;
            *pages += self.pages;
        }
        if let Some(left) = self.left.get_mut(&unit.series) {
            *left = left.saturating_sub(1);
        }
        self.pages = 0;
        self.current = Some((unit.series.clone(), files(unit)));
    }

    fn read(&mut self, pages_read: u64, pages_left: u64, pace: Pace) -> Distance {
        self.pages = pages_read + pages_left;
        let files = self.current.as_ref().map_or(0, |(_, files)| *files);
        let done = self.files_before + files * pages_read / self.pages.max(1);
        // A unit may turn out to have more pages than it first had.
        self.shown = self.shown.max(done);
        Distance {
            done: self.shown,
            left: self.all_files - self.shown,
            earliest_end: pace.of(pages_left + self.later_pages()),
        }
    }

    /// Pages of units that haven't begun: as many as those of their kind had on
    /// average, the current one included; one if none was read.
    fn later_pages(&self) -> u64 {
        let pages_of = |kind: &SeriesName| {
            let (mut units, mut pages) = self.read.get(kind).copied().unwrap_or_default();
            if self.current.as_ref().is_some_and(|(current, _)| current == kind) {
                (units, pages) = (units + 1, pages + self.pages);
            }
            if units == 0 { (1, 1) } else { (units, pages) }
        };
        let each = self.left.iter().map(|(kind, left)| {
            let (units, pages) = pages_of(kind);
            (left * pages).div_ceil(units)
        });
        each.sum()
    }
}

/// A day of a unit is a file.
fn files(unit: &Unit) -> u64 {
    unit.days().count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::Table;

    fn unit(table: Table, grouping: &str, first: &str, last: &str) -> Unit {
        let series = SeriesName::new(table, grouping);
        Unit { series, first: first.parse().unwrap(), last: last.parse().unwrap() }
    }

    /// Small requests come before a large one, and pages turn out to be more.
    #[test]
    fn the_total_stays_and_what_is_done_only_grows() {
        let units = [
            unit(Table::Daily, "Company", "2026-11-01", "2026-11-01"),
            unit(Table::Hourly, "Users", "2026-11-01", "2026-11-04"),
            unit(Table::Daily, "Company", "2026-11-02", "2026-11-02"),
            unit(Table::Hourly, "Users", "2026-11-05", "2026-11-06"),
        ];
        let reads: [&[(u64, u64)]; 4] =
            [&[(1, 0)], &[(1, 1), (2, 198), (100, 100), (200, 0)], &[(1, 0)], &[(1, 3), (4, 0)]];
        let mut counts = Counts::new(&units);
        let mut done = Vec::new();
        for (unit, reads) in units.iter().zip(reads) {
            counts.begin(unit);
            for (read, left) in reads {
                let distance = counts.read(*read, *left, Pace::default());
                assert_eq!(distance.done + distance.left, 8);
                done.push(distance.done);
            }
        }
        assert_eq!(done, [1, 3, 3, 3, 5, 6, 6, 8]);
    }

    #[test]
    fn units_to_come_have_as_many_pages_as_their_kind_had() {
        let day = |day: &str| unit(Table::Daily, "Users", day, day);
        let units = [day("2026-11-01"), day("2026-11-02"), day("2026-11-03"), day("2026-11-04")];
        let mut counts = Counts::new(&units);
        counts.begin(&units[0]);
        counts.read(1, 3, Pace::default());
        assert_eq!(counts.later_pages(), 12);
        counts.begin(&units[1]);
        counts.read(1, 0, Pace::default());
        // A Sunday with one page doesn't make a page of each day to come.
        assert_eq!(counts.later_pages(), 5);
    }

    #[test]
    fn the_pace_is_the_quotas() {
        let pace = Pace(Some((50, Duration::from_mins(1))));
        assert_eq!(pace.of(49), Duration::ZERO);
        assert_eq!(pace.of(250), Duration::from_mins(5));
        assert_eq!(Pace(None).of(250), Duration::ZERO);
    }
}
