//! The two APIs against each other, on the sandbox's calls: the same program
//! gives the same numbers wherever both have the word.

use callperf::{
    Aggregation, Api, Breakdown, CallResponse, CallResult, CallType, Client, Direction, Filter,
    GroupBy, Interval, Measure, Origin, Period, Query, Record, Series, Unit, Value, report::Metric,
};
use callperf_sandbox::Sandbox;
use jiff::Timestamp;

use crate::support;

pub(crate) const NOW: &str = "2026-11-24T00:00:00Z";

/// One whose APIs have the same words: today's has others since 2025 for some of the calls.
pub(crate) async fn sandbox(seed: u64) -> Sandbox {
    let builder = Sandbox::builder().seed(seed).now(now());
    builder.revision("calls-v1@2025-03-11").start().await.unwrap()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// One that speaks of the sandbox's revision.
pub(crate) fn client(sandbox: &Sandbox, api: Api) -> Client {
    let revisions = sandbox.revisions();
    let (_, date) = revisions.iter().find(|(name, _)| *name == api.as_str()).unwrap();
    let builder = support::of_sandbox(sandbox).api(api).clock(now);
    builder.revision(date.parse().unwrap()).build().unwrap()
}

pub(crate) async fn records(client: &Client, query: &Query) -> Vec<Record> {
    let mut stream = client.aggregate(query).records();
    let mut records = Vec::new();
    while let Some(record) = stream.try_next().await.unwrap() {
        records.push(record);
    }
    records.sort_by(|one, other| one.key().cmp(other.key()));
    records
}

async fn series(client: &Client, query: &Query, interval: Interval) -> Vec<Series> {
    let mut stream = client.timeline(query, interval).records();
    let mut all = Vec::new();
    while let Some(series) = stream.try_next().await.unwrap() {
        all.push(series);
    }
    all
}

const BREAKDOWNS: [Breakdown; 8] = [
    Breakdown::Total,
    Breakdown::Direction,
    Breakdown::Origin,
    Breakdown::Response,
    Breakdown::Type,
    Breakdown::Result,
    Breakdown::Segment,
    Breakdown::CompanyHours,
];

pub(crate) fn everything(group_by: GroupBy) -> Query {
    let query = Query::new(group_by, Period::last_days(14), "America/New_York");
    let query = BREAKDOWNS.iter().cloned().fold(query, Query::calls);
    BREAKDOWNS.iter().cloned().fold(query, Query::time_spent).calls(Breakdown::Action)
}

/// The words that the beta has; today's API has them all and more.
pub(crate) fn compare(beta: &Metric, today: &Metric, place: &str) {
    assert_eq!(beta.total(), today.total(), "{place}");
    let (mine, theirs): (Vec<_>, Vec<_>) =
        (beta.breakdowns().collect(), today.breakdowns().collect());
    assert_eq!(mine, theirs, "{place}");
    for breakdown in mine {
        for (word, value) in beta.entries(breakdown) {
            assert_eq!(Some(value), today.get(breakdown, &word), "{place}: {breakdown} {word}");
        }
    }
}

#[tokio::test]
async fn both_apis_give_the_same_numbers_for_every_grouping() {
    let sandbox = sandbox(7).await;
    let (beta, today) = (client(&sandbox, Api::Beta), client(&sandbox, Api::CallsV1));
    let groupings = [
        GroupBy::company(),
        GroupBy::users(),
        GroupBy::queues(),
        GroupBy::ivrs(),
        GroupBy::sites(),
        GroupBy::departments(),
        GroupBy::user_groups(),
        GroupBy::company_numbers(),
    ];
    for group_by in groupings {
        let query = everything(group_by.clone());
        let (one, other) = (records(&beta, &query).await, records(&today, &query).await);
        assert!(!one.is_empty(), "{group_by:?}");
        assert_eq!(one.len(), other.len(), "{group_by:?}");
        for (one, other) in one.iter().zip(&other) {
            let place = format!("{group_by:?} {}", one.key());
            assert_eq!(one.key(), other.key());
            compare(one.calls(), other.calls(), &place);
            compare(one.time_spent(), other.time_spent(), &place);
        }
    }
}

/// Every number of a metric, with a place that says which.
fn values(metric: &Metric) -> Vec<(String, Value)> {
    let totals = metric.numbers().filter_map(|breakdown| {
        let value = metric.number(breakdown)?.clone();
        Some((breakdown.to_string(), value))
    });
    let words = metric.breakdowns().flat_map(|breakdown| {
        let entries = metric.entries(breakdown).into_iter();
        entries.map(move |(word, value)| (format!("{breakdown} {word}"), value))
    });
    totals.chain(words).collect()
}

fn of_key<'a>(records: &'a [Record], key: &str) -> &'a Record {
    records.iter().find(|record| record.key() == key).unwrap()
}

/// For comparing to the last digit.
fn bits(number: f64) -> u64 {
    number.to_bits()
}

/// A query for the last fortnight that asks for every breakdown of time in one way.
fn times(group_by: GroupBy, aggregation: &Aggregation) -> Query {
    let query = Query::new(group_by, Period::last_days(14), "America/New_York");
    BREAKDOWNS.iter().fold(query, |query, breakdown| {
        query.time_spent(Measure::new(breakdown.clone(), aggregation.clone()))
    })
}

#[tokio::test]
async fn both_apis_spread_time_over_the_same_calls() {
    let sandbox = sandbox(7).await;
    let (beta, today) = (client(&sandbox, Api::Beta), client(&sandbox, Api::CallsV1));
    let mut compared = 0;
    for group_by in [GroupBy::company(), GroupBy::users(), GroupBy::queues()] {
        for aggregation in [Aggregation::Average, Aggregation::Min, Aggregation::Max] {
            let query = times(group_by.clone(), &aggregation);
            let (one, other) = (records(&beta, &query).await, records(&today, &query).await);
            assert_eq!(one.len(), other.len());
            for (one, other) in one.iter().zip(&other) {
                let exact = values(other.time_spent());
                for (place, value) in values(one.time_spent()) {
                    let (_, exact) = exact.iter().find(|(other, _)| *other == place).unwrap();
                    // The beta's numbers are whole.
                    let rounded = (exact.as_f64() + 0.5).floor();
                    assert_eq!(
                        bits(value.as_f64()),
                        bits(rounded),
                        "{group_by:?} {aggregation} {place}"
                    );
                    assert_eq!(value.aggregation(), Some(&aggregation));
                    assert_eq!((value.unit(), exact.unit()), (&Unit::Seconds, &Unit::Seconds));
                    compared += usize::from(exact.as_f64() > 0.0);
                }
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

#[tokio::test]
async fn averages_and_shares_come_of_the_sums() {
    let sandbox = sandbox(7).await;
    let client = client(&sandbox, Api::CallsV1);
    let sums = records(&client, &everything(GroupBy::users())).await;
    // Fourteen whole days: so many days take part, and the same number of calls is in them.
    let period = Period::last_days(14);
    let per_day = Measure::new(Breakdown::Result, Aggregation::Average).per(Interval::Day);
    let query = Query::new(GroupBy::users(), period, "America/New_York")
        .calls(per_day)
        .calls(Measure::new(Breakdown::Response, Aggregation::Percent))
        .time_spent(Measure::new(Breakdown::Total, Aggregation::Average));
    let found = records(&client, &query).await;
    assert_eq!(found.len(), sums.len());
    for record in &found {
        let sums = of_key(&sums, record.key());
        for (word, average) in record.calls().by_result().iter() {
            let sum = sums.calls().by_result().get(word.clone()).unwrap();
            assert_eq!(bits(average.as_f64()), bits(sum.as_f64() / 14.0), "{word}");
            assert_eq!(average.interval(), Some(&Interval::Day));
        }
        let share = record.calls().by_response().get(CallResponse::Answered).unwrap();
        let answered = sums.calls().by_response().get(CallResponse::Answered).unwrap();
        let inbound = sums.calls().by_direction().get(Direction::Inbound).unwrap();
        let expected = 100.0 * answered.as_f64() / inbound.as_f64();
        assert_eq!(bits(share.as_f64()), bits(expected));
        assert_eq!(share.unit(), &Unit::Percent);
        let length = record.time_spent().total().unwrap();
        let (calls, seconds) = (sums.calls().total().unwrap(), sums.time_spent().total().unwrap());
        assert_eq!(bits(length.as_f64()), bits(seconds.as_f64() / calls.as_f64()));
    }
}

#[tokio::test]
async fn a_filter_means_the_same_on_both_apis() {
    let sandbox = sandbox(7).await;
    let (beta, today) = (client(&sandbox, Api::Beta), client(&sandbox, Api::CallsV1));
    let filters: Vec<Vec<Filter>> = vec![
        vec![Direction::Inbound.into(), Origin::External.into()],
        vec![CallResponse::NotAnswered.into()],
        vec![CallResponse::Connected.into()],
        vec![[CallResult::Abandoned, CallResult::Voicemail].into()],
        vec![CallResult::Missed.into()],
        vec![[CallResult::Missed, CallResult::Accepted].into()],
        vec![[CallType::Direct, CallType::FromQueue].into(), CallResult::Completed.into()],
    ];
    for filters in filters {
        let place = format!("{filters:?}");
        let query = filters.into_iter().fold(everything(GroupBy::users()), Query::only);
        let (one, other) = (records(&beta, &query).await, records(&today, &query).await);
        assert!(!one.is_empty(), "{place}: the filter lets something pass");
        assert_eq!(one.len(), other.len(), "{place}");
        for (one, other) in one.iter().zip(&other) {
            compare(one.calls(), other.calls(), &place);
            compare(one.time_spent(), other.time_spent(), &place);
        }
    }
}

#[tokio::test]
async fn a_timelines_points_add_up_to_the_aggregate() {
    let sandbox = sandbox(3).await;
    let client = client(&sandbox, Api::CallsV1);
    // Holds the day on which the clocks go back.
    let period = Period::days("2026-10-26".parse().unwrap(), "2026-11-09".parse().unwrap());
    let query = Query::new(GroupBy::users(), period, "America/New_York")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Total);
    let sum = |series: &Series, of: fn(&callperf::Point) -> &Metric| -> u64 {
        let totals = series.points().iter().filter_map(|point| of(point).total()?.as_u64());
        totals.sum()
    };
    let whole = records(&client, &query).await;
    for interval in [Interval::Hour, Interval::Day, Interval::Week, Interval::Month] {
        let all = series(&client, &query, interval.clone()).await;
        assert_eq!(all.len(), whole.len());
        for record in &whole {
            let series = all.iter().find(|series| series.key() == record.key()).unwrap();
            let calls = record.calls().total().unwrap().as_u64();
            let seconds = record.time_spent().total().unwrap().as_u64();
            assert_eq!(Some(sum(series, callperf::Point::calls)), calls, "{interval}");
            assert_eq!(Some(sum(series, callperf::Point::time_spent)), seconds, "{interval}");
        }
    }
}

#[tokio::test]
async fn pages_of_any_size_hold_the_same_records() {
    let sandbox = sandbox(3).await;
    for api in [Api::Beta, Api::CallsV1] {
        let client = client(&sandbox, api);
        let query = everything(GroupBy::users());
        let whole = records(&client, &query).await;
        for size in [1, 7, 200] {
            let mut stream = client.aggregate(&query).per_page(size).records();
            let mut paged = Vec::new();
            while let Some(record) = stream.try_next().await.unwrap() {
                paged.push(record);
            }
            paged.sort_by(|one, other| one.key().cmp(other.key()));
            assert_eq!(paged, whole, "{api} {size}");
        }
    }
}
