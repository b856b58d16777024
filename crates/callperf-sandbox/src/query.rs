//! What a request asks for, and working it out.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::calls::Calls;
use crate::directory::{Directory, Grouping};
use crate::filter::Filter;
use crate::portion::{Portion, Portions};
use crate::time::LocalClock;
use crate::words::Word;

/// All that the sandbox knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) calls: Calls,
    pub(crate) portions: Portions,
}

/// Which keys come back although none of their calls match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyRecords {
    /// None: a service that counts calls knows nobody that has none.
    None,
    /// Those that the request names, so that "no calls" can be told from "no such key".
    #[default]
    Named,
    /// Everybody in the grouping.
    All,
}

/// A request that was understood.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) grouping: Grouping,
    /// Only these, in rising order.
    pub(crate) keys: Option<Vec<u16>>,
    /// Whether the request named the keys themselves, and not sets that they belong to.
    pub(crate) keys_are_named: bool,
    pub(crate) period: Period,
    pub(crate) filter: Filter,
    pub(crate) metrics: Vec<Metric>,
    /// The starts of the buckets; one for an aggregation.
    pub(crate) buckets: Vec<i64>,
    pub(crate) page: PageRequest,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PageRequest {
    pub(crate) page: u64,
    pub(crate) per_page: u64,
}

/// When calls must have started.
#[derive(Debug)]
pub(crate) struct Period {
    /// Whole seconds, both included: calls start on whole seconds.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) zone: TimeZone,
    pub(crate) days: Vec<Weekday>,
    /// Minutes of the local day, both included.
    pub(crate) hours: Vec<(u16, u16)>,
}

impl Period {
    fn includes(&self, clock: &mut LocalClock, second: i64) -> bool {
        if self.days.is_empty() && self.hours.is_empty() {
            return true;
        }
        let (day, minute) = clock.weekday_and_minute(second);
        let in_hours = |(from, to): &(u16, u16)| {
            if from <= to {
                (*from..=*to).contains(&minute)
            } else {
                minute >= *from || minute <= *to
            }
        };
        (self.days.is_empty() || self.days.contains(&day))
            && (self.hours.is_empty() || self.hours.iter().any(in_hours))
    }
}

/// One thing to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    /// What the response calls it.
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Calls,
    Seconds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Total,
    Words(&'static [(&'static str, Word)]),
    Opportunities,
}

impl Metric {
    pub(crate) fn width(self) -> usize {
        match self.of {
            Of::Words(words) => words.len(),
            Of::Total | Of::Opportunities => 1,
        }
    }

    pub(crate) fn is_sla(self) -> bool {
        matches!(self.of, Of::Words(words) if words.iter().any(|(_, word)| *word == Word::InSla))
    }

    fn add(self, portion: &Portion, cells: &mut [u64]) {
        match self.of {
            Of::Total => cells[0] += self.amount(portion),
            Of::Opportunities => cells[0] += u64::from(portion.opportunities),
            Of::Words(words) => {
                for (cell, (_, word)) in cells.iter_mut().zip(words) {
                    if portion.words.has(*word) {
                        *cell += self.amount_of(portion, *word);
                    }
                }
            }
        }
    }

    fn amount(self, portion: &Portion) -> u64 {
        match self.unit {
            Unit::Calls => 1,
            Unit::Seconds => portion.length().into(),
        }
    }

    fn amount_of(self, portion: &Portion, word: Word) -> u64 {
        match (word.segment(), word.action(), self.unit) {
            (Some(segment), _, Unit::Seconds) => portion.seconds[segment].into(),
            (_, Some(action), _) => portion.actions[action].into(),
            _ => self.amount(portion),
        }
    }
}

/// One page of answers.
#[derive(Debug)]
pub(crate) struct Table {
    /// The keys on the page.
    pub(crate) keys: Vec<u16>,
    pub(crate) total_keys: usize,
    width: usize,
    buckets: usize,
    cells: Vec<u64>,
}

impl Table {
    /// The sums of a key (by its place on the page) in a bucket, metric after metric.
    pub(crate) fn sums(&self, row: usize, bucket: usize) -> &[u64] {
        let start = (row * self.buckets + bucket) * self.width;
        &self.cells[start..start + self.width]
    }
}

impl World {
    /// Works out one page.
    pub(crate) fn answer(&self, query: &Query, empty: EmptyRecords) -> Table {
        let matches = self.matches(query);
        let keys = self.keys(query, empty, &matches);
        let total_keys = keys.len();
        let skipped = (query.page.page - 1).saturating_mul(query.page.per_page);
        let keys: Vec<u16> = keys
            .into_iter()
            .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
            .take(usize::try_from(query.page.per_page).unwrap_or(usize::MAX))
            .collect();
        let width = query.metrics.iter().map(|metric| metric.width()).sum();
        let buckets = query.buckets.len();
        let mut table = Table {
            cells: vec![0; keys.len() * buckets * width],
            keys,
            total_keys,
            width,
            buckets,
        };
        self.fill(&mut table, query, &matches);
        table
    }

    /// The portions that pass period, keys and filter, in the order of the calls.
    fn matches(&self, query: &Query) -> Vec<&Portion> {
        let period = &query.period;
        let mut clock = LocalClock::new(period.zone.clone());
        let in_period = self.calls.started(period.first, period.last);
        let portions = self.portions.of_calls(query.grouping, &in_period).iter();
        portions
            .filter(|portion| match &query.keys {
                Some(keys) => keys.binary_search(&portion.key).is_ok(),
                None => true,
            })
            .filter(|portion| query.filter.passes(self, query.grouping, portion))
            .filter(|portion| {
                let start = self.calls.call(portion.call).start;
                period.includes(&mut clock, start)
            })
            .collect()
    }

    fn keys(&self, query: &Query, empty: EmptyRecords, matches: &[&Portion]) -> Vec<u16> {
        let entries = self.directory.entries(query.grouping).len();
        let mut comes_back = vec![empty == EmptyRecords::All; entries];
        if empty == EmptyRecords::Named && query.keys_are_named {
            let named = query.keys.iter().flatten();
            named.for_each(|key| comes_back[usize::from(*key)] = true);
        }
        for portion in matches {
            comes_back[usize::from(portion.key)] = true;
        }
        let candidates = match &query.keys {
            Some(keys) => keys.clone(),
            None => (0..crate::directory::index(entries)).collect(),
        };
        let comes_back = |key: &u16| comes_back[usize::from(*key)];
        candidates.into_iter().filter(comes_back).collect()
    }

    fn fill(&self, table: &mut Table, query: &Query, matches: &[&Portion]) {
        let mut bucket = 0;
        for portion in matches {
            let Ok(row) = table.keys.binary_search(&portion.key) else {
                continue;
            };
            let start = self.calls.call(portion.call).start;
            while query.buckets.get(bucket + 1).is_some_and(|next| *next <= start) {
                bucket += 1;
            }
            let mut offset = (row * table.buckets + bucket) * table.width;
            for metric in &query.metrics {
                let end = offset + metric.width();
                metric.add(portion, &mut table.cells[offset..end]);
                offset = end;
            }
        }
    }
}
