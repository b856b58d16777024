//! From the API's answers to rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use callperf::{
    Breakdown, Client, GroupBy, Interval, Notice, Period, Point, Query, Record, Series, Value,
    report::Metric,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Pace, breakdowns,
    estimate::Estimate,
    folder::{Folder, unwritten},
    plan::{Table, Unit},
    spool::{Key, Row, Spool},
};
use crate::{Failure, recent};

/// The rows of a unit, and the names of what has no place in them.
pub(super) struct Pulled {
    pub(super) spool: Spool,
    pub(super) unheld: BTreeSet<String>,
    /// The breakdowns that no record had, though they were requested.
    pub(super) absent: BTreeSet<String>,
    /// Whether the server refused the breakdowns that came lately.
    pub(super) refuses_recent: bool,
}

/// Fetches a unit. What isn't understood fails it: a file that is less than the
/// answer would be taken for the whole.
///
/// Of a server that refuses the breakdowns that came lately, `asks_recent` says that it is
/// known not to: then the others are fetched.
pub(super) async fn pull(
    client: &Client,
    unit: &Unit,
    zone: &TimeZone,
    folder: &Folder,
    estimate: &Estimate,
    asks_recent: bool,
) -> Result<Pulled, Failure> {
    let after = unit.last.tomorrow().map_err(|error| Failure::Usage(error.to_string()))?;
    let fetch_by = |breakdowns: Vec<Breakdown>| {
        let query = query(unit, after, zone, breakdowns);
        Box::pin(fetch(client, query, unit, zone, folder, estimate))
    };
    let grouping = unit.grouping();
    let older = || breakdowns::of(&grouping).filter(|it| !recent::BREAKDOWNS.contains(it));
    if !asks_recent {
        return fetch_by(older().collect()).await;
    }
    match fetch_by(breakdowns::of(&grouping).collect()).await {
        Err(Failure::Api(error)) if recent::is_refused(&error) => {
            let pulled = fetch_by(older().collect()).await?;
            Ok(Pulled { refuses_recent: true, ..pulled })
        }
        outcome => outcome,
    }
}

async fn fetch(
    client: &Client,
    query: Query,
    unit: &Unit,
    zone: &TimeZone,
    folder: &Folder,
    estimate: &Estimate,
) -> Result<Pulled, Failure> {
    let failed = |error| unwritten(folder.path(), &error);
    let spool = Spool::new(folder.path()).map_err(failed)?;
    let mut rows = Rows { unit, zone, spool, unheld: BTreeSet::new() };
    let hook = {
        let (client, estimate) = (client.clone(), estimate.clone());
        move |progress: &callperf::Progress| estimate.read(progress, Pace::new(&client))
    };
    // A page is taken in far faster than the next one comes, so that reading ahead
    // would double the memory and win next to nothing.
    let absent = match unit.table {
        Table::Hourly => {
            let mut all = client.timeline(&query, Interval::Hour).on_progress(hook).records();
            while let Some(series) = all.try_next().await? {
                rows.series(&series)?.map_err(failed)?;
            }
            absent(all.notices())
        }
        Table::Daily => {
            let mut all = client.aggregate(&query).on_progress(hook).records();
            while let Some(record) = all.try_next().await? {
                rows.record(&record)?.map_err(failed)?;
            }
            absent(all.notices())
        }
    };
    Ok(Pulled { spool: rows.spool, unheld: rows.unheld, absent, refuses_recent: false })
}

fn absent(notices: &[Notice]) -> BTreeSet<String> {
    let absent = notices.iter().filter_map(|notice| match notice {
        Notice::NotInResponse { what } => what.rsplit(' ').next(),
        _ => None,
    });
    absent.map(str::to_owned).collect()
}

/// Every number that can be added up.
fn query(unit: &Unit, after: Date, zone: &TimeZone, breakdowns: Vec<Breakdown>) -> Query {
    let period = Period::days(unit.first, after);
    let group_by = GroupBy::from(unit.grouping());
    let mut query = Query::new(group_by, period, zone.iana_name().unwrap_or("UTC"));
    for breakdown in breakdowns {
        query = query.calls(breakdown.clone());
        if !matches!(breakdown, Breakdown::Action | Breakdown::QueueOpportunities) {
            query = query.time_spent(breakdown.clone());
        }
    }
    query
}

/// The start of a local day.
pub(super) fn day_start(day: Date, zone: &TimeZone) -> Result<Timestamp, Failure> {
    day.to_zoned_datetime(zone.clone())
        .and_then(|midnight| midnight.start_of_day())
        .map(|start| start.timestamp())
        .map_err(|error| Failure::Usage(format!("{day}: {error}")))
}

struct Rows<'a> {
    unit: &'a Unit,
    zone: &'a TimeZone,
    spool: Spool,
    unheld: BTreeSet<String>,
}

/// Beyond it a float may not be the number that was sent.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What the answer got wrong, or else what the disk did.
type Taken = Result<io::Result<()>, Failure>;

impl Rows<'_> {
    fn series(&mut self, series: &Series) -> Taken {
        self.beyond(series.extra().keys());
        let mut days = BTreeMap::<Date, Vec<Row>>::new();
        let mut seen = BTreeSet::new();
        for point in series.points() {
            let day = self.day_of(series.key(), point)?;
            if !seen.insert(point.time()) {
                return nonsense(series.key(), &format!("the hour {} came twice", point.time()));
            }
            self.beyond(point.extra().keys());
            let rows = self.point(
                series.key(),
                point.time(),
                [("calls", point.calls()), ("time_spent", point.time_spent())],
            )?;
            days.entry(day).or_default().extend(rows);
        }
        Ok(self.spool.add(key(series.key(), series.info()), &days))
    }

    fn record(&mut self, record: &Record) -> Taken {
        self.beyond(record.extra().keys());
        let day = self.unit.first;
        let time = day_start(day, self.zone)?;
        let rows = self.point(
            record.key(),
            time,
            [("calls", record.calls()), ("time_spent", record.time_spent())],
        )?;
        Ok(self.spool.add(key(record.key(), record.info()), &BTreeMap::from([(day, rows)])))
    }

    /// The local day of a point, which must be one that was asked for.
    fn day_of(&self, key: &str, point: &Point) -> Result<Date, Failure> {
        let day = point.time().to_zoned_datetime(self.zone.clone()).date();
        if (self.unit.first..=self.unit.last).contains(&day) {
            return Ok(day);
        }
        let (first, last) = (self.unit.first, self.unit.last);
        nonsense(key, &format!("a point at {}, not from {first} to {last}", point.time()))
    }

    /// The rows of a point, or none where all of its numbers are zero.
    fn point(
        &mut self,
        key: &str,
        time: Timestamp,
        metrics: [(&'static str, &Metric); 2],
    ) -> Result<Vec<Row>, Failure> {
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

    fn row(&mut self, key: &str, time: Timestamp, number: &Number<'_>) -> Result<Row, Failure> {
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

fn nonsense<T>(key: &str, what: &str) -> Result<T, Failure> {
    Err(Failure::Data(format!(
        "the answer makes no sense: key {key}: {what}; nothing of it is kept"
    )))
}
