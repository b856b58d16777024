//! Adding up: one pass over the portions, and the numbers that come of it.
//!
//! All metrics come of a few whole numbers per record: how many calls and how many seconds fall under a word, and for
//! minima and maxima the least and the most. Only those that a request needs are kept, in flat lists.
//! Calls come in the order in which they started, so an interval is over for good when a later one begins, and only
//! one per record is open at a time.

use crate::aggregate::period::Cut;
use crate::aggregate::portion::Portion;
use crate::aggregate::query::{Aggregation, Metric, Query, Source, Spread, Unit};
use crate::assumptions::{Assumptions, EmptyBuckets, ResultShares};
use crate::data::time::Interval;
use crate::data::words::{FIRST_ACTION, FIRST_SEGMENT, WORDS, Word, Words};

/// What comes out, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Whole(u64),
    Ratio {
        of: u64,
        by: u64,
    },
    /// A share of nothing, or the average, minimum or maximum of nothing.
    Undefined,
}

impl Number {
    fn ratio(of: u64, by: u64) -> Number {
        if by == 0 { Number::Undefined } else { Number::Ratio { of, by } }
    }
}

/// Which numbers are kept of a record, and where each stands in its row.
#[derive(Debug)]
struct Layout {
    width: usize,
    /// By unit.
    totals: [Option<usize>; 2],
    opportunities: Option<usize>,
    /// By unit, and by the words' places.
    words: [[usize; WORDS]; 2],
    counted: Words,
    acted: Words,
    timed: Words,
    phases: Words,
}

impl Layout {
    fn new() -> Layout {
        Layout {
            width: 0,
            totals: [None; 2],
            opportunities: None,
            words: [[usize::MAX; WORDS]; 2],
            counted: Words::NONE,
            acted: Words::NONE,
            timed: Words::NONE,
            phases: Words::NONE,
        }
    }

    /// Sees to it that a number is kept.
    fn keep(&mut self, unit: Unit, source: Source) {
        if self.place(unit, source).is_some() {
            return;
        }
        let place = self.width;
        match source {
            Source::Total => self.totals[unit as usize] = Some(place),
            Source::Opportunities => self.opportunities = Some(place),
            Source::Word(word) => {
                self.words[unit as usize][word.place()] = place;
                self.kind(unit, word).insert(word);
            }
            Source::Nothing => return,
        }
        self.width += 1;
    }

    fn kind(&mut self, unit: Unit, word: Word) -> &mut Words {
        match unit {
            Unit::Calls if word.action().is_some() => &mut self.acted,
            Unit::Calls => &mut self.counted,
            Unit::Seconds if word.segment().is_some() => &mut self.phases,
            Unit::Seconds => &mut self.timed,
        }
    }

    fn place(&self, unit: Unit, source: Source) -> Option<usize> {
        match source {
            Source::Total => self.totals[unit as usize],
            Source::Opportunities => self.opportunities,
            Source::Word(word) => {
                Some(self.words[unit as usize][word.place()]).filter(|place| *place != usize::MAX)
            }
            Source::Nothing => None,
        }
    }

    /// Every number of a portion that is kept, with its place.
    #[inline]
    fn each(&self, portion: &Portion, mut add: impl FnMut(usize, u64)) {
        let [calls, seconds] = &self.words;
        let length = u64::from(portion.length());
        if let Some(place) = self.totals[Unit::Calls as usize] {
            add(place, 1);
        }
        if let Some(place) = self.totals[Unit::Seconds as usize] {
            add(place, length);
        }
        if let Some(place) = self.opportunities {
            add(place, portion.opportunities.into());
        }
        for word in portion.words.only(self.counted).places() {
            add(calls[word], 1);
        }
        for word in portion.words.only(self.acted).places() {
            add(calls[word], portion.actions[word - FIRST_ACTION].into());
        }
        for word in portion.words.only(self.timed).places() {
            add(seconds[word], length);
        }
        for word in portion.words.only(self.phases).places() {
            add(seconds[word], portion.seconds[word - FIRST_SEGMENT].into());
        }
    }
}

/// All that is kept of a page of records.
#[derive(Debug)]
pub(crate) struct Tallies {
    /// The buckets of a timeline, or 1.
    buckets: usize,
    sums: Layout,
    /// Record after record, bucket after bucket.
    cells: Vec<u64>,
    extremes: Extremes,
    series: Vec<Series>,
    result_shares: ResultShares,
}

impl Tallies {
    pub(crate) fn new(
        query: &Query,
        assumptions: &Assumptions,
        rows: usize,
        buckets: usize,
    ) -> Tallies {
        let mut tallies = Tallies {
            buckets,
            sums: Layout::new(),
            cells: Vec::new(),
            extremes: Extremes::new(),
            series: Vec::new(),
            result_shares: assumptions.result_shares,
        };
        // Tells whether there was any call.
        tallies.sums.keep(Unit::Calls, Source::Total);
        for metric in &query.metrics {
            for source in metric.sources() {
                tallies.keep(query, assumptions, metric, source);
            }
        }
        tallies.cells = vec![0; rows * buckets * tallies.sums.width];
        tallies.extremes.make_room(rows);
        tallies.series.iter_mut().for_each(|series| series.make_room(rows));
        tallies
    }

    fn keep(&mut self, query: &Query, assumptions: &Assumptions, metric: &Metric, source: Source) {
        let unit = metric.unit;
        match metric.aggregation {
            Aggregation::Sum => self.sums.keep(unit, source),
            Aggregation::Percent => {
                self.sums.keep(unit, source);
                self.sums.keep(unit, denominator(source, self.result_shares));
            }
            Aggregation::PerCall(spread) => {
                self.sums.keep(Unit::Calls, source);
                match spread {
                    Spread::Average => self.sums.keep(unit, source),
                    Spread::Min | Spread::Max => self.extremes.layout.keep(unit, source),
                }
            }
            Aggregation::Per(interval, _) => {
                self.series(query, assumptions, interval).layout.keep(unit, source);
            }
        }
    }

    fn series(
        &mut self,
        query: &Query,
        assumptions: &Assumptions,
        interval: Interval,
    ) -> &mut Series {
        let known = self.series.iter().position(|series| series.interval == interval);
        let place = known.unwrap_or_else(|| {
            self.series.push(Series::new(query, assumptions, interval));
            self.series.len() - 1
        });
        &mut self.series[place]
    }

    /// Adds a portion to a record; the calls come in the order in which they started.
    pub(crate) fn add(&mut self, row: usize, bucket: usize, start: i64, portion: &Portion) {
        let width = self.sums.width;
        let begin = (row * self.buckets + bucket) * width;
        let cells = &mut self.cells[begin..begin + width];
        self.sums.each(portion, |place, amount| cells[place] += amount);
        self.extremes.add(row, portion);
        for series in &mut self.series {
            series.add(row, start, portion);
        }
    }

    pub(crate) fn finish(&mut self) {
        self.series.iter_mut().for_each(Series::finish);
    }

    pub(crate) fn has_calls(&self, row: usize, bucket: usize) -> bool {
        self.sum(row, bucket, Unit::Calls, Source::Total) > 0
    }

    fn sum(&self, row: usize, bucket: usize, unit: Unit, source: Source) -> u64 {
        let begin = (row * self.buckets + bucket) * self.sums.width;
        self.sums.place(unit, source).map_or(0, |place| self.cells[begin + place])
    }

    pub(crate) fn number(
        &self,
        row: usize,
        bucket: usize,
        metric: &Metric,
        source: Source,
    ) -> Number {
        let unit = metric.unit;
        let sum = |unit, source| self.sum(row, bucket, unit, source);
        match metric.aggregation {
            Aggregation::Sum => Number::Whole(sum(unit, source)),
            Aggregation::Percent => {
                let whole = sum(unit, denominator(source, self.result_shares));
                Number::ratio(100 * sum(unit, source), whole)
            }
            Aggregation::PerCall(_) if sum(Unit::Calls, source) == 0 => Number::Undefined,
            Aggregation::PerCall(Spread::Average) => {
                Number::ratio(sum(unit, source), sum(Unit::Calls, source))
            }
            Aggregation::PerCall(spread) => {
                Number::Whole(self.extremes.number(row, spread, unit, source))
            }
            Aggregation::Per(interval, spread) => {
                let series = self.series.iter().find(|series| series.interval == interval);
                series.map_or(Number::Undefined, |it| it.number(row, spread, unit, source))
            }
        }
    }
}

/// What a share is a share of, in calls as in seconds.
fn denominator(source: Source, result_shares: ResultShares) -> Source {
    let Source::Word(word) = source else {
        return Source::Total;
    };
    match word {
        Word::Answered | Word::NotAnswered => Source::Word(Word::Inbound),
        Word::Connected | Word::NotConnected => Source::Word(Word::Outbound),
        Word::Completed => Source::Word(Word::Answered),
        Word::PassedOn | Word::Forwarded if result_shares == ResultShares::Answered => {
            Source::Word(Word::Answered)
        }
        Word::Abandoned
        | Word::LeftVoicemail
        | Word::Missed
        | Word::Accepted
        | Word::Unknown
        | Word::PassedOn
        | Word::PickedUp
        | Word::Forwarded
        | Word::AnsweredElsewhere
        | Word::VmGreeting
        | Word::Voicemail => Source::Word(Word::NotAnswered),
        _ if word.segment().is_some() || word.action().is_some() => Source::Word(Word::Answered),
        _ => Source::Total,
    }
}

/// The least and the most seconds of a call.
#[derive(Debug)]
struct Extremes {
    layout: Layout,
    least: Vec<u64>,
    most: Vec<u64>,
}

impl Extremes {
    fn new() -> Extremes {
        Extremes { layout: Layout::new(), least: Vec::new(), most: Vec::new() }
    }

    fn make_room(&mut self, rows: usize) {
        self.least = vec![u64::MAX; rows * self.layout.width];
        self.most = vec![0; rows * self.layout.width];
    }

    fn add(&mut self, row: usize, portion: &Portion) {
        let width = self.layout.width;
        if width == 0 {
            return;
        }
        let cells = row * width..(row + 1) * width;
        let (least, most) = (&mut self.least[cells.clone()], &mut self.most[cells]);
        self.layout.each(portion, |place, amount| {
            least[place] = least[place].min(amount);
            most[place] = most[place].max(amount);
        });
    }

    /// Means something for what some call had only.
    fn number(&self, row: usize, spread: Spread, unit: Unit, source: Source) -> u64 {
        let list = if spread == Spread::Min { &self.least } else { &self.most };
        let place = self.layout.place(unit, source);
        place.map_or(0, |place| list[row * self.layout.width + place])
    }
}

/// The sums of one hour, day, week or month after the other, of which the least, the most and the sum are kept.
#[derive(Debug)]
struct Series {
    interval: Interval,
    cut: Cut,
    layout: Layout,
    /// How many intervals there are for a record that had no call; none if only those with calls are there.
    intervals: u64,
    /// The interval that has come.
    now: usize,
    /// By record: the interval that is open.
    open: Vec<Option<usize>>,
    /// By record: how many intervals had calls.
    filled: Vec<u64>,
    current: Vec<u64>,
    least: Vec<u64>,
    most: Vec<u64>,
    sums: Vec<u64>,
}

impl Series {
    fn new(query: &Query, assumptions: &Assumptions, interval: Interval) -> Series {
        let cut = query.period.cut(interval, assumptions);
        let empty = assumptions.empty_intervals;
        let is_there = |bucket: &usize| cut.has(*bucket, empty, false);
        let intervals = (0..cut.starts.len()).filter(is_there).count() as u64;
        debug_assert!(empty != EmptyBuckets::None || intervals == 0, "none of them had a call");
        Series {
            interval,
            cut,
            layout: Layout::new(),
            intervals,
            now: 0,
            open: Vec::new(),
            filled: Vec::new(),
            current: Vec::new(),
            least: Vec::new(),
            most: Vec::new(),
            sums: Vec::new(),
        }
    }

    fn make_room(&mut self, rows: usize) {
        self.open = vec![None; rows];
        self.filled = vec![0; rows];
        let cells = rows * self.layout.width;
        self.current = vec![0; cells];
        self.least = vec![u64::MAX; cells];
        self.most = vec![0; cells];
        self.sums = vec![0; cells];
    }

    fn add(&mut self, row: usize, start: i64, portion: &Portion) {
        self.now = self.cut.advance(self.now, start);
        if !self.cut.is_there[self.now] {
            return;
        }
        if self.open[row] != Some(self.now) {
            self.close(row);
            self.open[row] = Some(self.now);
        }
        let width = self.layout.width;
        let current = &mut self.current[row * width..(row + 1) * width];
        self.layout.each(portion, |place, amount| current[place] += amount);
    }

    fn close(&mut self, row: usize) {
        if self.open[row].take().is_none() {
            return;
        }
        self.filled[row] += 1;
        let width = self.layout.width;
        for cell in row * width..(row + 1) * width {
            let sum = std::mem::take(&mut self.current[cell]);
            self.sums[cell] += sum;
            self.least[cell] = self.least[cell].min(sum);
            self.most[cell] = self.most[cell].max(sum);
        }
    }

    fn finish(&mut self) {
        (0..self.open.len()).for_each(|row| self.close(row));
    }

    fn number(&self, row: usize, spread: Spread, unit: Unit, source: Source) -> Number {
        let intervals = self.intervals.max(self.filled[row]);
        let Some(place) = self.layout.place(unit, source).filter(|_| intervals > 0) else {
            return Number::Undefined;
        };
        let cell = row * self.layout.width + place;
        match spread {
            Spread::Average => Number::ratio(self.sums[cell], intervals),
            Spread::Min if intervals > self.filled[row] => Number::Whole(0),
            Spread::Min => Number::Whole(self.least[cell]),
            Spread::Max => Number::Whole(self.most[cell]),
        }
    }
}
