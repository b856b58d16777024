//! Records, series and points that no server sent.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde_json::{Map, Number, Value as Json};

use crate::{
    query::{Query, fingerprint::Fingerprint},
    report::{
        Entry, Info, Meaning, Metric, Point, Record, Series, Value, Values, Zone,
        answer_to::AnswerTo, exact,
    },
    words::{
        operation::Operation,
        period::ResolvedPeriod,
        vocabulary::{Aggregation, Breakdown, Interval, Unit},
    },
};

/// The first week of 2026.
pub(super) const FROM: Timestamp = Timestamp::constant(1_767_225_600, 0);
pub(super) const TO: Timestamp = Timestamp::constant(1_767_830_400, 0);

/// The numbers of a record or a point, as they are put in.
#[derive(Clone, Debug)]
struct Numbers {
    calls: Metric,
    time_spent: Metric,
    aggregation: Aggregation,
    interval: Option<Interval>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            calls: Metric::default(),
            time_spent: Metric::default(),
            aggregation: Aggregation::Sum,
            interval: None,
        }
    }
}

impl Numbers {
    fn meaning(&self, unit: Unit) -> Meaning {
        let unit = if self.aggregation == Aggregation::Percent { Unit::Percent } else { unit };
        Meaning {
            unit,
            aggregation: Some(self.aggregation.clone()),
            interval: self.interval.clone(),
        }
    }
}

#[track_caller]
fn number(json: Json) -> Number {
    match json {
        Json::Number(number) => exact(number),
        other => panic!("a metric has numbers, and {other} is none"),
    }
}

#[track_caller]
fn of_one_number(breakdown: Breakdown) -> Breakdown {
    assert!(
        breakdown.words().is_empty(),
        "{breakdown} has a number for each of its words; use calls_by or time_spent_by"
    );
    breakdown
}

#[track_caller]
fn of_words(breakdown: Breakdown) -> Breakdown {
    assert!(
        !breakdown.is_known() || !breakdown.words().is_empty(),
        "{breakdown} is one number, without words; use calls or time_spent"
    );
    breakdown
}

fn wire(breakdown: &Breakdown) -> Cow<'static, str> {
    breakdown.as_str().to_owned().into()
}

fn put_number(metric: &mut Metric, breakdown: Breakdown, value: Value) {
    metric.numbers.retain(|entry| entry.breakdown != breakdown);
    let wire = wire(&breakdown);
    metric.numbers.push(Entry { breakdown, wire, value });
}

fn put_word(metric: &mut Metric, breakdown: Breakdown, meaning: Meaning, word: String, to: Number) {
    let by_word = (breakdown.word_spelled(&word).unwrap_or(Cow::Owned(word)), to);
    let begun = metric.breakdowns.iter_mut().find(|entry| entry.breakdown == breakdown);
    if let Some(entry) = begun {
        entry.value.by_word.retain(|(word, _)| *word != by_word.0);
        entry.value.by_word.push(by_word);
    } else {
        let value = Values { meaning, by_word: vec![by_word] };
        let wire = wire(&breakdown);
        metric.breakdowns.push(Entry { breakdown, wire, value });
    }
}

macro_rules! numbers {
    ($fake:ident) => {
        impl $fake {
            /// A number of calls that isn't broken down, for example
            /// [`Breakdown::Total`].
            ///
            /// # Panics
            /// Where the number is none, or the breakdown is of the other kind: with words, or one
            /// number.
            #[track_caller]
            pub fn calls(mut self, of: impl Into<Breakdown>, number: impl Into<Json>) -> Self {
                let value = Value::new(self::number(number.into()), self.meaning(Unit::Instances));
                put_number(&mut self.numbers.calls, of_one_number(of.into()), value);
                self
            }

            /// A number of calls for a word of a breakdown, both known or not.
            ///
            /// # Panics
            /// Where the number is none, or the breakdown is of the other kind: with words, or one
            /// number.
            #[track_caller]
            pub fn calls_by(
                mut self,
                breakdown: impl Into<Breakdown>,
                word: impl fmt::Display,
                number: impl Into<Json>,
            ) -> Self {
                let (meaning, number) =
                    (self.meaning(Unit::Instances), self::number(number.into()));
                let calls = &mut self.numbers.calls;
                put_word(calls, of_words(breakdown.into()), meaning, word.to_string(), number);
                self
            }

            /// A time spent that isn't broken down, in seconds.
            ///
            /// # Panics
            /// Where the number is none, or the breakdown is of the other kind: with words, or one
            /// number.
            #[track_caller]
            pub fn time_spent(
                mut self,
                of: impl Into<Breakdown>,
                seconds: impl Into<Json>,
            ) -> Self {
                let value = Value::new(self::number(seconds.into()), self.meaning(Unit::Seconds));
                put_number(&mut self.numbers.time_spent, of_one_number(of.into()), value);
                self
            }

            /// A time spent for a word of a breakdown, in seconds.
            ///
            /// # Panics
            /// Where the number is none, or the breakdown is of the other kind: with words, or one
            /// number.
            #[track_caller]
            pub fn time_spent_by(
                mut self,
                breakdown: impl Into<Breakdown>,
                word: impl fmt::Display,
                seconds: impl Into<Json>,
            ) -> Self {
                let (meaning, number) = (self.meaning(Unit::Seconds), self::number(seconds.into()));
                let time_spent = &mut self.numbers.time_spent;
                put_word(time_spent, of_words(breakdown.into()), meaning, word.to_string(), number);
                self
            }

            /// What the numbers after this are: by default sums. A percentage has
            /// the unit percent.
            pub fn aggregation(mut self, aggregation: Aggregation) -> Self {
                self.numbers.aggregation = aggregation;
                self
            }

            /// The stretch of time that the numbers after this are averages, minima
            /// or maxima over.
            pub fn interval(mut self, interval: Interval) -> Self {
                self.numbers.interval = Some(interval);
                self
            }

            /// What this crate has no word for, by wire name.
            pub fn extra(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
                self.extra.insert(name.into(), value.into());
                self
            }

            fn meaning(&self, unit: Unit) -> Meaning {
                self.numbers.meaning(unit)
            }
        }
    };
}

macro_rules! keyed {
    ($fake:ident) => {
        impl $fake {
            /// The key.
            pub fn key(mut self, key: impl Into<String>) -> Self {
                self.key = key.into();
                self
            }

            /// The name of the key.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.info.get_or_insert_default().name = Some(name.into());
                self
            }

            /// The number of the extension.
            pub fn extension_number(mut self, number: impl Into<String>) -> Self {
                self.info.get_or_insert_default().extension_number = Some(number.into());
                self
            }
        }
    };
}

fn answer_to(query: &Query, operation: &Operation) -> AnswerTo {
    AnswerTo(Some(Fingerprint::of(query, operation, &ResolvedPeriod::between(FROM, TO))))
}

/// A [`Record`] in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeRecord {
    key: String,
    info: Option<Info>,
    numbers: Numbers,
    extra: Map<String, Json>,
    fingerprint: AnswerTo,
}

keyed!(FakeRecord);
numbers!(FakeRecord);

impl Record {
    /// Begins a made-up record for tests: of the key `1`, without a number.
    ///
    /// ```
    /// use callperf::{Breakdown, CallResult, Record};
    ///
    /// let record = Record::fake()
    ///     .key("7001")
    ///     .name("Sales")
    ///     .calls(Breakdown::Total, 82)
    ///     .calls_by(Breakdown::Result, CallResult::Abandoned, 9)
    ///     .calls_by(Breakdown::Result, "deflected", 3)
    ///     .time_spent(Breakdown::Total, 1234.5)
    ///     .build();
    /// let by_result = record.calls().by_result();
    /// assert_eq!(by_result.get(CallResult::Abandoned).unwrap().as_u64(), Some(9));
    /// assert_eq!(by_result.get(CallResult::from("deflected")).unwrap().as_u64(), Some(3));
    /// assert_eq!(by_result.get(CallResult::Missed), None);
    /// ```
    pub fn fake() -> FakeRecord {
        FakeRecord {
            key: "1".to_owned(),
            info: None,
            numbers: Numbers::default(),
            extra: Map::new(),
            fingerprint: AnswerTo::default(),
        }
    }
}

impl FakeRecord {
    /// Makes it a record of the response to this query, for
    /// [`KpiSet::try_merge`](crate::KpiSet::try_merge). The query's period is taken to
    /// be the first week of 2026.
    pub fn answering(mut self, query: &Query) -> Self {
        self.fingerprint = answer_to(query, &Operation::Aggregate);
        self
    }

    /// The record.
    #[must_use]
    pub fn build(self) -> Record {
        Record {
            key: self.key,
            info: self.info,
            calls: self.numbers.calls.in_order(),
            time_spent: self.numbers.time_spent.in_order(),
            extra: self.extra,
            fingerprint: self.fingerprint,
        }
    }
}

impl From<FakeRecord> for Record {
    fn from(fake: FakeRecord) -> Self {
        fake.build()
    }
}

/// A [`Point`] in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakePoint {
    time_text: String,
    time: Timestamp,
    numbers: Numbers,
    extra: Map<String, Json>,
}

numbers!(FakePoint);

impl Point {
    /// Begins a made-up point for tests: at the beginning of 2026, without a
    /// number.
    pub fn fake() -> FakePoint {
        FakePoint {
            time_text: FROM.to_string(),
            time: FROM,
            numbers: Numbers::default(),
            extra: Map::new(),
        }
    }
}

impl FakePoint {
    /// When it is, as the API would send it: `2026-11-24T00:00:00-08:00`.
    ///
    /// # Panics
    /// Where the text is no instant.
    #[track_caller]
    pub fn time(mut self, text: impl Into<String>) -> Self {
        self.time_text = text.into();
        self.time = match self.time_text.parse() {
            Ok(time) => time,
            Err(error) => panic!("a point's time is an instant: {error}"),
        };
        self
    }

    /// The point.
    #[must_use]
    pub fn build(self) -> Point {
        Point {
            time_text: self.time_text,
            time: self.time,
            zone: Zone::default(),
            calls: self.numbers.calls.in_order(),
            time_spent: self.numbers.time_spent.in_order(),
            extra: self.extra,
        }
    }
}

impl From<FakePoint> for Point {
    fn from(fake: FakePoint) -> Self {
        fake.build()
    }
}

/// A [`Series`] in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeSeries {
    key: String,
    info: Option<Info>,
    points: Vec<Point>,
    extra: Map<String, Json>,
    fingerprint: AnswerTo,
}

keyed!(FakeSeries);

impl Series {
    /// Begins a made-up series for tests: of the key `1`, without a point.
    ///
    /// ```
    /// use callperf::{Breakdown, Point, Series};
    ///
    /// let monday = Point::fake().time("2026-11-23T00:00:00-08:00").calls(Breakdown::Total, 12);
    /// let series = Series::fake().key("7001").point(monday).build();
    /// assert_eq!(series.points()[0].calls().total().unwrap().as_u64(), Some(12));
    /// ```
    pub fn fake() -> FakeSeries {
        FakeSeries {
            key: "1".to_owned(),
            info: None,
            points: Vec::new(),
            extra: Map::new(),
            fingerprint: AnswerTo::default(),
        }
    }
}

impl FakeSeries {
    /// Makes it a series of the response to this query, for
    /// [`KpiSet::try_merge_series`](crate::KpiSet::try_merge_series). The query's period
    /// is taken to be the first week of 2026.
    pub fn answering(mut self, query: &Query, interval: Interval) -> Self {
        self.fingerprint = answer_to(query, &Operation::Timeline(interval));
        self
    }

    /// One more point.
    pub fn point(mut self, point: impl Into<Point>) -> Self {
        self.points.push(point.into());
        self
    }

    /// What this crate has no word for, by wire name.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// The series.
    #[must_use]
    pub fn build(self) -> Series {
        Series {
            key: self.key,
            info: self.info,
            points: self.points,
            extra: self.extra,
            fingerprint: self.fingerprint,
        }
    }
}

impl From<FakeSeries> for Series {
    fn from(fake: FakeSeries) -> Self {
        fake.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GroupBy, Kpi, KpiSet, Period};

    #[test]
    fn fakes_that_answer_the_queries_of_figures_are_merged() {
        let set = KpiSet::new([Kpi::Offered, Kpi::AverageSpeedOfAnswer]);
        let queries = set.queries(GroupBy::queues(), Period::last_days(7), "UTC");
        let [inbound, answered] = &queries[..] else { panic!("{queries:?}") };
        let record = |query, calls| {
            let fake = Record::fake().answering(query).calls(Breakdown::Total, calls);
            fake.time_spent_by(Breakdown::Segment, "ringing", 20).build()
        };
        let figures = set.try_merge([vec![record(inbound, 5)], vec![record(answered, 4)]]).unwrap();
        let speed = figures[0].get(Kpi::AverageSpeedOfAnswer).unwrap();
        assert_eq!(format!("{:.1}", speed.as_f64()), "5.0");
        assert!(set.try_merge([vec![record(answered, 4)], vec![record(inbound, 5)]]).is_err());
        let series = |query| {
            let point = Point::fake().calls(Breakdown::Total, 5);
            vec![Series::fake().answering(query, Interval::Day).point(point).build()]
        };
        assert_eq!(set.try_merge_series([series(inbound), series(answered)]).unwrap().len(), 1);
    }

    #[test]
    fn numbers_are_in_the_order_of_the_vocabulary_and_once() {
        let record = Record::fake()
            .calls_by("callsByMood", "good", 3)
            .calls_by(Breakdown::Result, "missed", 1)
            .calls_by(Breakdown::Direction, "inbound", 2)
            .calls_by(Breakdown::Result, "missed", 7)
            .calls(Breakdown::Total, 40.0)
            .calls(Breakdown::Total, 41)
            .build();
        let breakdowns: Vec<_> = record.calls().breakdowns().map(Breakdown::as_str).collect();
        assert_eq!(
            breakdowns,
            [Breakdown::Direction.as_str(), Breakdown::Result.as_str(), "callsByMood"]
        );
        assert_eq!(record.calls().total().unwrap().as_u64(), Some(41));
        let missed: Vec<_> = record.calls().by_result().iter().map(|(_, it)| it.as_u64()).collect();
        assert_eq!(missed, [Some(7)]);
    }

    #[test]
    fn a_number_says_what_it_is() {
        let record = Record::fake()
            .aggregation(Aggregation::Average)
            .interval(Interval::Day)
            .time_spent(Breakdown::Total, 12.5)
            .aggregation(Aggregation::Percent)
            .calls(Breakdown::Total, 50)
            .build();
        assert_eq!(
            format!("{:?}", record.time_spent().total().unwrap()),
            "12.5 Seconds Average Day"
        );
        assert_eq!(record.calls().total().unwrap().unit(), &Unit::Percent);
    }
}
