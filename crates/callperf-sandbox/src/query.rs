//! What a request asks for, and working it out.

use std::sync::OnceLock;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::assumptions::{
    AbandonedSla, Assumptions, EmptyBuckets, EmptyRecords, PartialBuckets, RecordOrder,
};
use crate::calls::Calls;
use crate::directory::{Directory, Grouping};
use crate::era::Era;
use crate::filter::Filter;
use crate::portion::{Portion, Portions};
use crate::tally::{Number, Tallies};
use crate::time::{Buckets, Interval, LocalClock};
use crate::words::Word;

/// All that the sandbox knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) calls: Calls,
    abandoned: AbandonedSla,
    /// By era, from when it is first asked for on.
    portions: [OnceLock<Portions>; 2],
}

/// A request that was understood.
#[derive(Debug)]
pub(crate) struct Query {
    /// Whose words it has.
    pub(crate) era: Era,
    pub(crate) grouping: Grouping,
    /// Only these.
    pub(crate) keys: Option<Vec<u16>>,
    /// Whether the request named the keys themselves, and not sets that they belong to.
    pub(crate) keys_are_named: bool,
    pub(crate) period: Period,
    pub(crate) filter: Filter,
    pub(crate) metrics: Vec<Metric>,
    /// How wide a timeline's points are; an aggregation has none.
    pub(crate) points: Option<Interval>,
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
    /// The second in which it begins.
    pub(crate) floor: i64,
    /// The first second that lies in it entirely: calls start on whole seconds.
    pub(crate) first: i64,
    /// The second in which it ends, which is in it.
    pub(crate) last: i64,
    /// The last second of which calls are counted yet.
    pub(crate) known: i64,
    pub(crate) zone: TimeZone,
    /// None means all.
    pub(crate) days: Vec<Weekday>,
    /// Minutes of the local day; none means all.
    pub(crate) hours: Vec<std::ops::Range<u16>>,
}

impl Period {
    fn is_whole(&self) -> bool {
        self.days.is_empty() && self.hours.is_empty()
    }

    fn includes(&self, clock: &mut LocalClock, second: i64) -> bool {
        if self.is_whole() {
            return true;
        }
        let (day, minute) = clock.weekday_and_minute(second);
        (self.days.is_empty() || self.days.contains(&day))
            && (self.hours.is_empty() || self.hours.iter().any(|hours| hours.contains(&minute)))
    }

    /// Whether a call could have begun in these seconds. Days and hours begin and end on whole minutes of any zone,
    /// so that a look at every sixtieth second and the last one misses none.
    fn touches(&self, clock: &mut LocalClock, seconds: &std::ops::Range<i64>) -> bool {
        let (first, last) = (seconds.start.max(self.first), (seconds.end - 1).min(self.last));
        let looks = (first..=last).step_by(60).chain((first <= last).then_some(last));
        looks.into_iter().any(|second| self.includes(clock, second))
    }

    pub(crate) fn cut(&self, interval: Interval, assumptions: &Assumptions) -> Cut {
        let week_start = assumptions.week_start;
        let buckets = Buckets::new(interval, week_start, &self.zone, self.floor, self.last);
        let all = 0..buckets.starts.len();
        let is_there = |bucket| {
            let seconds = buckets.seconds(bucket);
            let is_whole = self.first <= seconds.start && seconds.end - 1 <= self.last;
            is_whole || assumptions.partial_buckets == PartialBuckets::Cut
        };
        let mut clock = LocalClock::new(self.zone.clone());
        let is_included =
            all.clone().map(|bucket| self.touches(&mut clock, &buckets.seconds(bucket))).collect();
        Cut { is_there: all.map(is_there).collect(), is_included, starts: buckets.starts }
    }
}

/// A period in hours, days, weeks or months.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) starts: Vec<i64>,
    /// Which are there at all.
    pub(crate) is_there: Vec<bool>,
    /// In which a call could have begun.
    is_included: Vec<bool>,
}

impl Cut {
    /// The bucket of a second, given one that isn't after it.
    pub(crate) fn advance(&self, bucket: usize, second: i64) -> usize {
        let later = self.starts[bucket + 1..].iter();
        bucket + later.take_while(|start| **start <= second).count()
    }

    /// Whether a bucket is there, with calls or without.
    pub(crate) fn has(&self, bucket: usize, empty: EmptyBuckets, has_calls: bool) -> bool {
        let is_kept = match empty {
            EmptyBuckets::None => has_calls,
            EmptyBuckets::Included => self.is_included[bucket],
            EmptyBuckets::All => true,
        };
        self.is_there[bucket] && is_kept
    }
}

/// One thing that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Metric {
    /// What the response calls it.
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) of: Of,
    pub(crate) aggregation: Aggregation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Calls,
    Seconds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Total,
    /// A breakdown's words by their names in the response; no call falls under those that this crate doesn't know.
    Words(Vec<(&'static str, Option<Word>)>),
    Opportunities,
}

/// What is made of the calls of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregation {
    Sum,
    Percent,
    /// Over the calls, each with its seconds.
    PerCall(Spread),
    /// Over the hours, days, weeks or months, each with its sum.
    Per(Interval, Spread),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    Average,
    Min,
    Max,
}

/// What of a record's calls a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Total,
    Opportunities,
    Word(Word),
    Nothing,
}

impl Metric {
    pub(crate) fn is_sla(&self) -> bool {
        self.has(Word::InSla)
    }

    pub(crate) fn is_queue_hours(&self) -> bool {
        self.has(Word::QueueBusinessHours)
    }

    fn has(&self, sought: Word) -> bool {
        let is_it = |(_, word): &(&str, Option<Word>)| *word == Some(sought);
        matches!(&self.of, Of::Words(words) if words.iter().any(is_it))
    }

    pub(crate) fn sources(&self) -> Vec<Source> {
        match &self.of {
            Of::Total => vec![Source::Total],
            Of::Opportunities => vec![Source::Opportunities],
            Of::Words(words) => {
                words.iter().filter_map(|(_, word)| word.map(Source::Word)).collect()
            }
        }
    }
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
            .filter(|portion| query.filter.passes(self, query, portion))
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
            None => (0..crate::directory::index(entries)).collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_second_of_a_bucket_is_in_it() {
        let cut = Cut {
            starts: vec![0, 3600, 5400, 7200],
            is_there: vec![true; 4],
            is_included: vec![true; 4],
        };
        for (second, bucket) in
            [(0, 0), (3599, 0), (3600, 1), (5399, 1), (5400, 2), (7200, 3), (9999, 3)]
        {
            assert_eq!(cut.advance(0, second), bucket, "{second}");
            assert_eq!(cut.advance(bucket, second), bucket, "{second}");
        }
    }
}
