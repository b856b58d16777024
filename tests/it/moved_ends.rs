//! Answers about a period that hasn't ended: those that were cut off at different instants don't
//! belong together.

use std::{collections::HashMap, sync::Mutex};

use callperf::{
    Api, Client, Error, ErrorKind, GroupBy, Interval, Kpi, KpiSet, Period, Query, Record, Report,
    Series, Source, Sourced,
};
use callperf_sandbox::Sandbox;
use jiff::Timestamp;

use crate::support;

const ZONE: &str = "America/New_York";
const EARLY: &str = "2026-11-03T15:00:00Z";
const LATE: &str = "2026-11-27T15:00:00Z";

async fn sandbox() -> Sandbox {
    Sandbox::builder().seed(7).now(LATE.parse().unwrap()).start().await.unwrap()
}

fn client(sandbox: &Sandbox, now: &str) -> Client {
    let now: Timestamp = now.parse().unwrap();
    support::of_sandbox(sandbox).api(Api::CallsV1).clock(move || now).build().unwrap()
}

fn set() -> KpiSet {
    KpiSet::new([Kpi::Offered, Kpi::AbandonmentRate, Kpi::AverageSpeedOfAnswer])
}

/// The records of each query of the set: of the first at one instant, of the others at another.
async fn at_two_instants(
    period: &Period,
    first: &str,
    others: &str,
) -> Result<Vec<callperf::kpi::KpiRecord>, Error> {
    let sandbox = sandbox().await;
    let mut answers = Vec::new();
    for (at, query) in set().queries(GroupBy::queues(), period.clone(), ZONE).iter().enumerate() {
        let client = client(&sandbox, if at == 0 { first } else { others });
        answers.push(client.aggregate(query).all().await?.records);
    }
    assert!(answers.len() > 1);
    set().try_merge(answers)
}

#[tokio::test]
async fn answers_that_were_cut_off_at_different_instants_are_not_merged() {
    let november = Period::month(2026, 11);
    let error = at_two_instants(&november, EARLY, LATE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    let message = error.to_string();
    assert!(message.contains("differ in the end of the period, which had not come"), "{message}");
    assert!(message.contains("one absolute period"), "{message}");
    at_two_instants(&november, LATE, LATE).await.unwrap();
    // What has ended is the same whenever it is requested.
    at_two_instants(&Period::month(2026, 10), EARLY, LATE).await.unwrap();
}

#[tokio::test]
async fn series_that_were_cut_off_at_different_instants_are_not_merged() {
    let sandbox = sandbox().await;
    let set = KpiSet::new([Kpi::Offered, Kpi::AverageSpeedOfAnswer]);
    let queries = set.queries(GroupBy::queues(), Period::month(2026, 11), ZONE);
    let mut answers = Vec::new();
    for (query, now) in queries.iter().zip([EARLY, LATE]) {
        let client = client(&sandbox, now);
        answers.push(client.timeline(query, Interval::Day).all().await.unwrap().records);
    }
    let error = set.try_merge_series(answers).unwrap_err();
    assert!(error.to_string().contains("which had not come"), "{error}");
}

/// A cache that keeps what came, as a service does, and forgets some of it.
#[derive(Default)]
struct Cache {
    kept: Mutex<HashMap<Query, String>>,
    clients: Vec<Client>,
}

impl Source for Cache {
    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
        if let Some(report) = self.kept.lock().unwrap().get(query) {
            let report = serde_json::from_str(report).unwrap();
            return Box::pin(async move { Ok(report) });
        }
        Source::aggregate(&self.clients[0], query)
    }

    fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>> {
        Source::timeline(&self.clients[0], query, interval)
    }
}

#[tokio::test]
async fn a_cache_that_kept_one_of_several_answers_is_no_source_of_figures() {
    let sandbox = sandbox().await;
    let november = Query::new(GroupBy::queues(), Period::month(2026, 11), ZONE);
    // One with records, and one without: that has no fingerprint, but a period.
    for group_by in [GroupBy::queues(), GroupBy::queues().keys(["1"])] {
        let query = november.clone().with_group_by(group_by);
        let cache = Cache { clients: vec![client(&sandbox, LATE)], ..Cache::default() };
        set().request(&cache, &query).all().await.unwrap();
        let first = &set().queries(query.group_by().clone(), query.period().clone(), ZONE)[0];
        let report = client(&sandbox, EARLY).aggregate(first).all().await.unwrap();
        let text = serde_json::to_string(&report).unwrap();
        cache.kept.lock().unwrap().insert(first.clone(), text);
        let error = set().request(&cache, &query).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert!(error.to_string().contains("about different periods"), "{error}");
    }
}
