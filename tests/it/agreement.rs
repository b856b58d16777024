//! The two APIs against each other, on the sandbox's calls: the same program
//! gives the same numbers wherever both have the word.

use callperf::{
    Api, Breakdown, CallResponse, CallResult, CallType, Client, Credentials, Direction, Filter,
    GroupBy, Interval, Origin, Period, Query, Record, Series, report::Metric,
};
use callperf_sandbox::Sandbox;
use jiff::Timestamp;

pub(crate) const NOW: &str = "2026-11-24T00:00:00Z";

pub(crate) async fn sandbox(seed: u64) -> Sandbox {
    Sandbox::builder().seed(seed).now(now()).start().await.unwrap()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn client(sandbox: &Sandbox, api: Api) -> Client {
    Client::builder()
        .server(sandbox.url())
        .credentials(Credentials::jwt(sandbox.client_id(), sandbox.client_secret(), sandbox.jwt()))
        .api(api)
        .clock(now)
        .build()
        .unwrap()
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
