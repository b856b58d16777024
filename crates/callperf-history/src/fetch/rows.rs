//! From records and series to rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use callperf::{Breakdown, Point, Record, Series, Value, report::Metric};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    error::{Error, Result},
    model::day,
    plan::{cheapest::By, unit::Unit},
    store::spool::{Key, Row, Spool},
};

pub(super) struct Rows<'a> {
    unit: &'a Unit,
    zone: &'a TimeZone,
    pub(super) spool: Spool,
    pub(super) unheld: BTreeSet<String>,
    /// The most JSON values that a point had, an object counting as 8.
    pub(super) values: u64,
}

/// Beyond it a float may not be the number that was sent.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What the answer got wrong, or else what the disk did.
type Taken = Result<io::Result<()>>;

impl<'a> Rows<'a> {
    pub(super) fn new(unit: &'a Unit, zone: &'a TimeZone, spool: Spool) -> Self {
        Self { unit, zone, spool, unheld: BTreeSet::new(), values: 0 }
    }

    pub(super) fn series(&mut self, series: &Series) -> Taken {
        self.beyond(series.extra().keys());
        let mut days = BTreeMap::<Date, Vec<Row>>::new();
        let mut seen = BTreeSet::new();
        // The points of a response have all the same numbers.
        let values = series.points().first().map_or(0, values_of);
        self.values = self.values.max(values);
        for point in series.points() {
            let day = self.day_of(series.key(), point)?;
            let time = match self.unit.by {
                By::Hours => point.time(),
                By::Days | By::Aggregation => day::start(day, self.zone)?,
            };
            if !seen.insert(time) {
                let interval = if self.unit.by == By::Hours { "hour" } else { "day" };
                return nonsense(series.key(), &format!("the {interval} {time} came twice"));
            }
            self.beyond(point.extra().keys());
            if self.unit.days.binary_search(&day).is_err() {
                continue;
            }
            let metrics = [("calls", point.calls()), ("time_spent", point.time_spent())];
            let rows = self.point(series.key(), time, metrics)?;
            days.entry(day).or_default().extend(rows);
        }
        Ok(self.spool.add(key(series.key(), series.info()), &days))
    }

    pub(super) fn record(&mut self, record: &Record) -> Taken {
        self.beyond(record.extra().keys());
        let day = self.unit.first();
        let time = day::start(day, self.zone)?;
        let rows = self.point(
            record.key(),
            time,
            [("calls", record.calls()), ("time_spent", record.time_spent())],
        )?;
        Ok(self.spool.add(key(record.key(), record.info()), &BTreeMap::from([(day, rows)])))
    }

    /// The local day of a point, which must be one that was asked for.
    fn day_of(&self, key: &str, point: &Point) -> Result<Date> {
        let day = point.time().to_zoned_datetime(self.zone.clone()).date();
        if (self.unit.first()..=self.unit.last()).contains(&day) {
            return Ok(day);
        }
        let (first, last) = (self.unit.first(), self.unit.last());
        nonsense(key, &format!("a point at {}, not from {first} to {last}", point.time()))
    }

    /// The rows of a point, or none where all of its numbers are zero.
    fn point(
        &mut self,
        key: &str,
        time: Timestamp,
        metrics: [(&'static str, &Metric); 2],
    ) -> Result<Vec<Row>> {
        for (_, metric) in metrics {
            self.beyond(metric.extra().keys());
        }
        let numbers = numbers(metrics);
        // Most points are: nothing more is made of them.
        if numbers.iter().all(|number| number.value.as_f64() == 0.0) {
            return Ok(Vec::new());
        }
        numbers.iter().map(|number| self.row(key, time, number)).collect()
    }

    fn row(&mut self, key: &str, time: Timestamp, number: &Number<'_>) -> Result<Row> {
        let Number { metric, breakdown, word, value } = number;
        let float = value.as_f64();
        if !float.is_finite() || float.abs() > EXACT {
            return nonsense(key, &format!("{metric} {breakdown} is {}", value.number()));
        }
        let unit = value.unit().as_str();
        let label = self.spool.label(metric, breakdown.as_str(), word.as_deref(), unit);
        Ok(Row { time: time.as_millisecond(), label, value: float })
    }

    fn beyond<'b>(&mut self, names: impl Iterator<Item = &'b String>) {
        for name in names {
            if !self.unheld.contains(name) {
                self.unheld.insert(name.clone());
            }
        }
    }
}

/// How many JSON values a point has, an object counting as 8.
fn values_of(point: &Point) -> u64 {
    let of_metric = |metric: &Metric| -> usize {
        let numbers = metric.numbers().count() * 10;
        let breakdowns = metric.breakdowns().map(|breakdown| 17 + metric.entries(breakdown).len());
        8 + numbers + breakdowns.sum::<usize>()
    };
    (9 + of_metric(point.calls()) + of_metric(point.time_spent())) as u64
}

/// A number of a point, and which.
struct Number<'a> {
    metric: &'static str,
    breakdown: &'a Breakdown,
    word: Option<String>,
    value: Value,
}

fn numbers<'a>(metrics: [(&'static str, &'a Metric); 2]) -> Vec<Number<'a>> {
    let mut found = Vec::new();
    for (name, metric) in metrics {
        for breakdown in metric.numbers() {
            let value = metric.number(breakdown).cloned();
            found.extend(value.map(|value| Number { metric: name, breakdown, word: None, value }));
        }
        let mut last = None;
        for breakdown in metric.breakdowns() {
            // Its entries are all of one name's, and names may come in parts.
            if last.replace(breakdown) == Some(breakdown) {
                continue;
            }
            let entries = metric.entries(breakdown).into_iter();
            found.extend(entries.map(|(word, value)| Number {
                metric: name,
                breakdown,
                word: Some(word),
                value,
            }));
        }
    }
    found
}

fn key(key: &str, info: Option<&callperf::report::Info>) -> Key {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Key {
        id: key.to_owned(),
        extension: text(info.and_then(callperf::report::Info::extension_number)),
        name: text(info.and_then(callperf::report::Info::name)),
    }
}

fn nonsense<T>(key: &str, what: &str) -> Result<T> {
    Err(Error::Nonsense { key: key.to_owned(), what: what.to_owned() })
}
