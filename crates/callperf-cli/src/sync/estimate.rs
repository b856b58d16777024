//! How far a sync is: files, which are as many from the beginning to the end, and
//! the time that their requests take.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Pace,
    plan::{Table, Unit},
};
use crate::console::{Distance, Meter};

#[derive(Clone)]
pub(super) struct Estimate(Arc<Inner>);

struct Inner {
    meter: Meter,
    counts: Mutex<Counts>,
}

impl Estimate {
    pub(super) fn new(units: &[Unit]) -> Self {
        let counts = Mutex::new(Counts::new(units));
        Self(Arc::new(Inner { meter: Meter::counting("sync", "files"), counts }))
    }

    pub(super) fn begin(&self, unit: &Unit) {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner).begin(unit);
    }

    /// A page of the unit was read.
    pub(super) fn read(&self, progress: &callperf::Progress, pace: Pace) {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let distance = counts.read(progress.pages_read, progress.pages_left, pace);
        self.0.meter.show(distance);
    }
}

type Kind = (Table, String);

#[derive(Default)]
struct Counts {
    all_files: u64,
    /// Files of the units before the current one.
    files_before: u64,
    /// Files that were shown as done.
    shown: u64,
    current: Option<(Kind, u64)>,
    /// Units of each kind that haven't begun.
    left: BTreeMap<Kind, u64>,
    /// Units of each kind that are read, and their pages.
    read: BTreeMap<Kind, (u64, u64)>,
    /// Pages of the current unit, as last reported.
    pages: u64,
}

impl Counts {
    fn new(units: &[Unit]) -> Self {
        let mut counts = Self::default();
        for unit in units {
            counts.all_files += files(unit);
            *counts.left.entry(unit.kind()).or_default() += 1;
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
        if let Some(left) = self.left.get_mut(&unit.kind()) {
            *left = left.saturating_sub(1);
        }
        self.pages = 0;
        self.current = Some((unit.kind(), files(unit)));
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
        let pages_of = |kind: &Kind| {
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

    fn unit(table: Table, grouping: &str, first: &str, last: &str) -> Unit {
        let grouping = grouping.to_owned();
        Unit { table, grouping, first: first.parse().unwrap(), last: last.parse().unwrap() }
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
}
