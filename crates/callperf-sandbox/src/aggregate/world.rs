//! The account and its calls, and working out what a request asks for.

use std::sync::OnceLock;

use crate::aggregate::matching::passes;
use crate::aggregate::period::Cut;
use crate::aggregate::portion::{Portion, Portions};
use crate::aggregate::query::{Metric, Query, Source};
use crate::aggregate::tally::{Number, Tallies};
use crate::assumptions::{AbandonedSla, Assumptions, EmptyBuckets, EmptyRecords, RecordOrder};
use crate::data::calls::Calls;
use crate::data::directory::{Directory, Grouping};
use crate::data::era::Era;
use crate::data::time::LocalClock;

/// All that the sandbox knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) calls: Calls,
    abandoned: AbandonedSla,
    /// By era, from when it is first asked for on.
    portions: [OnceLock<Portions>; 2],
}

/// One page of answers.
#[derive(Debug)]
pub(crate) struct Table {
    /// The keys on the page.
    pub(crate) keys: Vec<u16>,
    pub(crate) total_keys: usize,
    /// A timeline's buckets.
    pub(crate) points: Option<Cut>,
    empty_points: EmptyBuckets,
    tallies: Tallies,
}

impl Table {
    /// A number of a key, by its place on the page. An aggregation has one bucket.
    pub(crate) fn number(
        &self,
        row: usize,
        bucket: usize,
        metric: &Metric,
        source: Source,
    ) -> Number {
        self.tallies.number(row, bucket, metric, source)
    }

    /// The buckets that a key has points for.
    pub(crate) fn points_of(&self, row: usize) -> impl Iterator<Item = usize> {
        let has = move |cut: &Cut, bucket: &usize| {
            cut.has(*bucket, self.empty_points, self.tallies.has_calls(row, *bucket))
        };
        let cut = self.points.as_ref();
        cut.into_iter().flat_map(move |cut| (0..cut.starts.len()).filter(move |b| has(cut, b)))
    }
}

impl World {
    pub(crate) fn new(directory: Directory, calls: Calls, abandoned: AbandonedSla) -> World {
        World { directory, calls, abandoned, portions: Default::default() }
    }

    pub(crate) fn portions(&self, era: Era) -> &Portions {
        let new = || Portions::new(&self.directory, &self.calls, self.abandoned, era);
        self.portions[era as usize].get_or_init(new)
    }

    /// Works out one page.
    pub(crate) fn answer(&self, query: &Query, assumptions: &Assumptions) -> Table {
        let in_period =
            self.calls.started(query.period.first, query.period.last.min(query.period.known));
        let portions = self.portions(query.era).of_calls(query.grouping, &in_period);
        let points = query.points.map(|interval| query.period.cut(interval, assumptions));
        let matches = self.matches(query, portions, points.as_ref());
        let mut keys = self.keys(query, assumptions.empty_records, matches.iter().copied());
        self.sort(&mut keys, query.grouping, assumptions.record_order);
        let total_keys = keys.len();
        let skipped = (query.page.page - 1).saturating_mul(query.page.per_page);
        let keys: Vec<u16> = keys
            .into_iter()
            .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
            .take(usize::try_from(query.page.per_page).unwrap_or(usize::MAX))
            .collect();
        let buckets = points.as_ref().map_or(1, |cut| cut.starts.len());
        let mut tallies = Tallies::new(query, assumptions, keys.len(), buckets);
        self.fill(&mut tallies, query, points.as_ref(), &keys, &matches);
        Table { keys, total_keys, points, empty_points: assumptions.empty_points, tallies }
    }

    /// The portions that pass period, keys and filter, in the order of the calls.
    fn matches<'a>(
        &self,
        query: &Query,
        portions: &'a [Portion],
        points: Option<&Cut>,
    ) -> Vec<&'a Portion> {
        let period = &query.period;
        let mut clock = LocalClock::new(period.zone.clone());
        let is_wanted = query.keys.as_ref().map(|keys| {
            let mut is_wanted = vec![false; self.directory.entries(query.grouping).len()];
            for key in keys {
                is_wanted[usize::from(*key)] = true;
            }
            is_wanted
        });
        let mut bucket = 0;
        portions
            .iter()
            .filter(|portion| {
                is_wanted.as_ref().is_none_or(|wanted| wanted[usize::from(portion.key)])
            })
            .filter(|portion| passes(query, portion, &self.calls, &self.directory))
            .filter(|portion| {
                let start = self.calls.call(portion.call).start;
                period.includes(&mut clock, start)
                    && points.is_none_or(|cut| {
                        bucket = cut.advance(bucket, start);
                        cut.is_there[bucket]
                    })
            })
            .collect()
    }

    fn keys<'a>(
        &self,
        query: &Query,
        empty: EmptyRecords,
        matches: impl Iterator<Item = &'a Portion>,
    ) -> Vec<u16> {
        let entries = self.directory.entries(query.grouping).len();
        let mut comes_back = vec![empty == EmptyRecords::All; entries];
        if empty == EmptyRecords::Named && query.keys_are_named {
            for key in query.keys.iter().flatten() {
                comes_back[usize::from(*key)] = true;
            }
        }
        for portion in matches {
            comes_back[usize::from(portion.key)] = true;
        }
        let candidates = match &query.keys {
            Some(keys) => keys.clone(),
            None => (0..crate::data::directory::index(entries)).collect(),
        };
        let comes_back = |key: &u16| comes_back[usize::from(*key)];
        candidates.into_iter().filter(comes_back).collect()
    }

    fn sort(&self, keys: &mut [u16], grouping: Grouping, order: RecordOrder) {
        let entries = self.directory.entries(grouping);
        keys.sort_by_key(|key| {
            let entry = &entries[usize::from(*key)];
            let name = entry.name.as_deref().filter(|_| order == RecordOrder::Name);
            (name, entry.key.as_str())
        });
    }

    fn fill(
        &self,
        tallies: &mut Tallies,
        query: &Query,
        points: Option<&Cut>,
        keys: &[u16],
        matches: &[&Portion],
    ) {
        let mut row_of = vec![None; self.directory.entries(query.grouping).len()];
        for (row, key) in keys.iter().enumerate() {
            row_of[usize::from(*key)] = Some(row);
        }
        let mut bucket = 0;
        for portion in matches {
            let Some(row) = row_of[usize::from(portion.key)] else {
                continue;
            };
            let start = self.calls.call(portion.call).start;
            bucket = points.map_or(0, |cut| cut.advance(bucket, start));
            tallies.add(row, bucket, start, portion);
        }
        tallies.finish();
    }
}
