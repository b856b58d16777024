//! The `doctor --drift` command: whether the API has names that this program doesn't
//! know.

use std::io::{self, Write};

use callperf::{
    Aggregation, Breakdown, Client, ErrorKind, GroupBy, Interval, Measure, Page, Period, Query,
    shown, vocabulary::Grouping,
};

use crate::{
    Failure,
    drift::{Drift, Rows},
    words::spoken,
};

/// How breakdowns become one number, beside the sum that each grouping is asked for.
const OTHER_AGGREGATIONS: [Aggregation; 4] =
    [Aggregation::Average, Aggregation::Min, Aggregation::Max, Aggregation::Percent];

pub(super) async fn run(client: &Client) -> Result<(), Failure> {
    let mut drift = Drift::default();
    for request in requests(client) {
        request.send(client, &mut drift).await?;
    }
    let found = drift.count();
    if found == 0 {
        return Ok(());
    }
    report(&drift, client, &mut io::stdout().lock())?;
    Err(Failure::Drift(format!(
        "{found} {} of the API {} from what this version knows; the report holds no number, key or \
         name of yours and can go into an issue",
        if found == 1 { "name" } else { "names" },
        if found == 1 { "differs" } else { "differ" },
    )))
}

fn report(drift: &Drift, client: &Client, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "callperf {}, {}", env!("CARGO_PKG_VERSION"), client.api())?;
    for (title, lines) in drift.sections() {
        writeln!(out, "\n{title}:")?;
        for line in lines {
            writeln!(out, "- {}", shown::text(&line))?;
        }
    }
    Ok(())
}

/// One request for everything that a grouping can be asked for.
struct Request {
    name: String,
    query: Query,
    /// What was asked for, as the SDK calls it.
    measures: Vec<String>,
    interval: Option<Interval>,
}

impl Request {
    async fn send(self, client: &Client, drift: &mut Drift) -> Result<(), Failure> {
        match &self.interval {
            None => {
                let outcome = client.aggregate(&self.query).page(1).await;
                self.look_at(outcome, drift)
            }
            Some(interval) => {
                let outcome = client.timeline(&self.query, interval.clone()).page(1).await;
                self.look_at(outcome, drift)
            }
        }
    }

    fn look_at<T: Rows>(
        &self,
        outcome: callperf::Result<Page<T>>,
        drift: &mut Drift,
    ) -> Result<(), Failure> {
        match outcome {
            Ok(page) => drift.add(&self.name, &self.measures, &page),
            Err(error) if error.kind() == ErrorKind::Refused && !is_of_the_period(&error) => {
                drift.refuse(&self.name, &error);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Whether a refusal is about when the calls were, and not about a name: the server's clock may
/// stand elsewhere.
fn is_of_the_period(error: &callperf::Error) -> bool {
    let mut parameters = error.api_errors().iter().filter_map(|one| one.parameter.as_deref());
    parameters.any(|parameter| parameter.contains("time") && !parameter.contains("timers"))
}

/// Every breakdown by every grouping, every aggregation and every interval. They fit into
/// one minute of the documented quota.
fn requests(client: &Client) -> Vec<Request> {
    let groupings = || Grouping::KNOWN.iter();
    let sums = groupings().map(|grouping| request(client, grouping, &Aggregation::Sum, None));
    let others = OTHER_AGGREGATIONS
        .iter()
        .map(|aggregation| request(client, &Grouping::Company, aggregation, None));
    let days = groupings()
        .map(|grouping| request(client, grouping, &Aggregation::Sum, Some(Interval::Day)));
    let intervals =
        Interval::KNOWN.iter().filter(|interval| **interval != Interval::Day).map(|interval| {
            request(client, &Grouping::Company, &Aggregation::Sum, Some(interval.clone()))
        });
    sums.chain(others).chain(days).chain(intervals).flatten().collect()
}

/// `None` if the API has no such request.
fn request(
    client: &Client,
    grouping: &Grouping,
    aggregation: &Aggregation,
    interval: Option<Interval>,
) -> Option<Request> {
    let days = match interval {
        Some(Interval::Month) => 90,
        Some(Interval::Week) => 28,
        Some(Interval::Hour) => 2,
        _ => 7,
    };
    let group = spoken(grouping.as_str());
    let name = match (&interval, aggregation) {
        (Some(interval), _) => format!("timeline by {group}, per {}", spoken(interval.as_str())),
        (None, Aggregation::Sum) => format!("aggregation by {group}"),
        (None, other) => format!("aggregation by {group}, {}", spoken(other.as_str())),
    };
    let mut query = Query::new(GroupBy::from(grouping.clone()), Period::last_days(days), "UTC");
    let mut measures = Vec::new();
    let is_allowed = |query: &Query| match &interval {
        None => client.aggregate(query).check().is_ok(),
        Some(interval) => client.timeline(query, interval.clone()).check().is_ok(),
    };
    for (metric, add) in METRICS {
        for breakdown in Breakdown::KNOWN.iter().filter(|one| is_of(one, grouping)) {
            let measure = Measure::new(breakdown.clone(), aggregation.clone());
            // Averages of calls are over an interval, those of time needn't be.
            let ways = [measure.clone(), measure.per(Interval::Day)].into_iter();
            let with = |measure| add(query.clone(), measure);
            if let Some(more) = ways.map(with).find(is_allowed) {
                query = more;
                measures.push(format!("{metric} {}", breakdown.as_str()));
            }
        }
    }
    (!measures.is_empty()).then_some(Request { name, query, measures, interval })
}

/// The rules don't say that the breakdown by queue hours is for queues alone, since no
/// document does; it is assumed (`queue-hours-of-queues`).
fn is_of(breakdown: &Breakdown, grouping: &Grouping) -> bool {
    *breakdown != Breakdown::QueueHours || *grouping == Grouping::Queues
}

/// The name of a metric, and how a query asks for it.
type Metric = (&'static str, fn(Query, Measure) -> Query);

const METRICS: [Metric; 2] = [("calls", Query::calls), ("time_spent", Query::time_spent)];
