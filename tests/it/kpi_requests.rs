//! Key figures in one call: the same as those of the set's queries, about the same calls, and
//! refused by name before anything is sent.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use callperf::{
    Api, Breakdown, CallResponse, CallResult, Client, CompanyHours, DayOfWeek, Direction, Error,
    ErrorKind, Filter, GroupBy, Hours, Interval, KeyResolver, Kpi, KpiSet, Length, Notice, Period,
    Query, QueueHours, QueueSla, Record, Report, ResolvedKeys, RetryPolicy, Series, Source,
    Sourced,
    kpi::{KpiRecord, KpiSeries},
    testing::FakeSource,
};
use callperf_sandbox::Sandbox;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::{agreement, support};

const ZONE: &str = "America/New_York";

fn set(kpis: &[Kpi]) -> KpiSet {
    KpiSet::new(kpis.iter().copied()).short_abandons(Duration::from_secs(20))
}

/// Every figure that the API has for a grouping, with or without an interval.
fn fitting(api: Api, group_by: &GroupBy, is_timeline: bool) -> KpiSet {
    let fits = |kpi: &Kpi| {
        kpi.fits(group_by) && kpi.apis().contains(&api) && (kpi.fits_timelines() || !is_timeline)
    };
    set(&Kpi::KNOWN.iter().copied().filter(fits).collect::<Vec<_>>())
}

fn query(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(14), ZONE)
}

/// With all that a query may say beside the figures.
fn narrowed(group_by: GroupBy) -> Query {
    query(group_by)
        .only(CompanyHours::BusinessHours)
        .only(Filter::call_duration(Length::at_most(1200)))
        .on_days([DayOfWeek::Monday, DayOfWeek::Tuesday, DayOfWeek::Friday])
        .in_hours([Hours::new("09:00", "15:59")])
}

/// The set's own queries with what else the query says: what programs did by hand.
fn by_hand(set: &KpiSet, query: &Query) -> Vec<Query> {
    let group_by = query.group_by().clone();
    let queries = set.queries(group_by, query.period().clone(), query.time_zone());
    let narrowed = queries.into_iter().map(|own| {
        let own = query.filters().iter().cloned().fold(own, Query::only);
        match query.days() {
            [] => own,
            days => own.on_days(days.to_vec()).in_hours(query.hours().to_vec()),
        }
    });
    narrowed.collect()
}

#[tokio::test]
async fn one_call_gives_the_records_of_the_queries() {
    let sandbox = agreement::sandbox(7).await;
    for api in [Api::Beta, Api::CallsV1] {
        let client = agreement::client(&sandbox, api);
        for group_by in [GroupBy::company(), GroupBy::users(), GroupBy::queues()] {
            let set = fitting(api, &group_by, false);
            let wide = query(group_by.clone());
            let narrow = narrowed(group_by);
            let queries = if api == Api::Beta { vec![wide] } else { vec![wide, narrow] };
            for query in queries {
                let mut answers = Vec::new();
                for query in by_hand(&set, &query) {
                    answers.push(client.aggregate(&query).all().await.unwrap());
                }
                let period = answers[0].period;
                let records = answers.into_iter().map(|answer| answer.records);
                let expected: Vec<KpiRecord> = set.try_merge(records).unwrap();
                let report = client.kpis(&set, &query).all().await.unwrap();
                assert!(!expected.is_empty(), "{query:?}");
                assert_eq!(report.records, expected, "{api} {query:?}");
                assert_eq!(report.period, period);
            }
        }
    }
}

#[tokio::test]
async fn one_call_gives_the_series_of_the_queries() {
    let sandbox = agreement::sandbox(7).await;
    let client = agreement::client(&sandbox, Api::CallsV1);
    for query in [query(GroupBy::queues()), narrowed(GroupBy::queues())] {
        let set = fitting(Api::CallsV1, query.group_by(), true);
        let mut answers = Vec::new();
        for query in by_hand(&set, &query) {
            answers.push(client.timeline(&query, Interval::Day).all().await.unwrap().records);
        }
        let expected: Vec<KpiSeries> = set.try_merge_series(answers).unwrap();
        let report = client.kpis(&set, &query).by(Interval::Day).all().await.unwrap();
        assert!(expected.iter().all(|series| !series.points().is_empty()));
        assert_eq!(report.records, expected, "{query:?}");
    }
}

async fn empty_server() -> MockServer {
    let empty = support::empty_answer(Api::CallsV1);
    support::server(ResponseTemplate::new(200).set_body_json(empty)).await
}

fn bodies(requests: &[wiremock::Request]) -> Vec<Json> {
    requests.iter().map(|it| serde_json::from_slice(&it.body).unwrap()).collect()
}

/// Three queries, the period of which ends now.
const THREE_QUERIES: [Kpi; 3] =
    [Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer, Kpi::AbandonmentRateBeforeAnswer];

/// A clock that is a second later whenever it is read.
fn ticking() -> impl Fn() -> Timestamp + Send + Sync + 'static {
    let seconds = AtomicI64::new(0);
    move || {
        let now: Timestamp = support::NOW.parse().unwrap();
        now + SignedDuration::from_secs(seconds.fetch_add(1, Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_period_that_ends_now_is_resolved_once_for_all_queries() {
    let server = empty_server().await;
    let client = support::builder(&server, Api::CallsV1).clock(ticking()).build().unwrap();
    let query = Query::new(GroupBy::queues(), Period::today(), "UTC");
    let report = client.kpis(&set(&THREE_QUERIES), &query).all().await.unwrap();

    let sent = bodies(&support::requests(&server).await);
    assert_eq!(sent.len(), 3);
    let ranges: Vec<_> = sent.iter().map(|body| &body["timeSettings"]["timeRange"]).collect();
    assert!(ranges.iter().all(|range| range.is_object() && *range == ranges[0]), "{ranges:?}");
    let trimmed = report.period.trimmed_from().unwrap();
    // The one that was moved is said once, and not by each query.
    let moved: Vec<_> = report
        .notices
        .iter()
        .filter(|notice| matches!(notice, Notice::EndTrimmed { .. }))
        .collect();
    assert_eq!(moved, [&Notice::EndTrimmed { asked: trimmed, sent: report.period.end() }]);

    let series = client.kpis(&set(&THREE_QUERIES), &query).by(Interval::Hour);
    series.all().await.unwrap();
    let sent = bodies(&support::requests(&server).await);
    let ranges: Vec<_> = sent[3..].iter().map(|body| &body["timeSettings"]["timeRange"]).collect();
    assert!(ranges.len() == 3 && ranges.iter().all(|range| *range == ranges[0]), "{ranges:?}");
}

/// Knows how often it was asked.
#[derive(Clone, Default)]
struct Directory(Arc<AtomicUsize>);

impl KeyResolver for Directory {
    fn resolve<'a>(&'a self, _: &'a GroupBy, names: &'a [String]) -> ResolvedKeys<'a> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Ok(vec!["1503200033".to_owned(); names.len()]) })
    }
}

#[tokio::test]
async fn names_are_looked_up_once_for_all_queries() {
    let server = empty_server().await;
    let directory = Directory::default();
    let builder = support::builder(&server, Api::CallsV1).key_resolver(directory.clone());
    let client = builder.build().unwrap();
    let query = query(GroupBy::queues().named(["Support"]));
    client.kpis(&set(&THREE_QUERIES), &query).all().await.unwrap();
    let sent = bodies(&support::requests(&server).await);
    let keys: Vec<_> = sent.iter().map(|body| &body["grouping"]["keys"]).collect();
    assert_eq!(keys, [&json!(["1503200033"]); 3]);
    assert_eq!(directory.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_error_of_one_query_is_the_error_of_the_call() {
    let server = empty_server().await;
    support::first(&server, "aggregation", ResponseTemplate::new(403), 1).await;
    let client = support::client(&server, Api::CallsV1);
    let query = query(GroupBy::queues());
    let error = client.kpis(&set(&THREE_QUERIES), &query).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
}

/// Rules and words of what is refused.
fn refused(error: &Error) -> Vec<(&'static str, &str)> {
    assert_eq!(error.kind(), ErrorKind::Query, "{error}");
    error.problems().iter().map(|problem| (problem.rule(), problem.word())).collect()
}

#[tokio::test]
async fn what_key_figures_cannot_have_is_refused_by_name() {
    let queues = || query(GroupBy::queues());
    let offered = || set(&[Kpi::Offered]);
    let length = || Filter::time_spent(Length::at_least(5));
    let short = || set(&[Kpi::AbandonmentRateWithoutShort]);
    let of_queues = || set(&[Kpi::Offered, Kpi::ServiceLevelOfOffered]);
    let cases = [
        (set(&[]), queues(), vec![("kpi-set", "figures")]),
        (
            KpiSet::new([Kpi::AbandonmentRateWithoutShort]),
            queues(),
            vec![("kpi-short-abandons", "figure abandonment_rate_without_short")],
        ),
        (
            offered(),
            queues().calls(Breakdown::Total).time_spent(Breakdown::Segment),
            vec![("kpi-measure", "calls total"), ("kpi-measure", "time_spent by_segment")],
        ),
        (
            offered(),
            queues().only(Direction::Inbound).only(CallResponse::Answered),
            vec![("kpi-filter", "filter direction"), ("kpi-filter", "filter response")],
        ),
        (
            set(&[Kpi::Occupancy]),
            queues().only(CallResult::Abandoned),
            vec![("kpi-filter", "filter result")],
        ),
        (short(), queues().only(length()), vec![("kpi-filter", "filter time-spent")]),
        // Of the calls in the SLA, all are in it.
        (of_queues(), queues().only(QueueSla::InSla), vec![("kpi-filter", "filter queue-sla")]),
        (
            of_queues(),
            queues().only(Filter::wire("queueSla", json!(["InSla"]))),
            vec![("kpi-filter", "filter queueSla")],
        ),
        (
            offered(),
            queues().only(Filter::wire("callResponses", json!(["Answered"]))).unchecked(),
            vec![("kpi-filter", "filter callResponses")],
        ),
        (offered(), queues().only(length()), vec![]),
        (
            of_queues(),
            query(GroupBy::users()),
            vec![("kpi-grouping", "figure service_level_of_offered")],
        ),
        (of_queues(), query(GroupBy::users()).unchecked(), vec![]),
        (of_queues().fitting(&GroupBy::users()), query(GroupBy::users()), vec![]),
    ];
    for (set, query, expected) in cases {
        let source = FakeSource::new().with_records_if(|_| true, Vec::<Record>::new());
        let outcome = set.request(&source, &query).all().await;
        let checked = set.request(&source, &query).check();
        if expected.is_empty() {
            outcome.unwrap();
            checked.unwrap();
            assert!(!source.requests().is_empty(), "{query:?}");
        } else {
            assert_eq!(refused(&outcome.unwrap_err()), expected, "{query:?}");
            assert_eq!(refused(&checked.unwrap_err()), expected, "{query:?}");
            assert_eq!(source.requests(), [], "{query:?}");
        }
    }
}

#[tokio::test]
async fn what_the_api_or_a_timeline_lacks_is_refused_by_name() {
    let figures = set(&[Kpi::Offered, Kpi::LongestWait, Kpi::OpportunityConversion]);
    let users = query(GroupBy::users());
    let wait = "figure longest_wait";
    let beta = FakeSource::new().with_api(Api::Beta);
    let error = figures.request(&beta, &users).all().await.unwrap_err();
    let conversion = ("kpi-api", "figure opportunity_conversion");
    assert_eq!(refused(&error), [("kpi-api", wait), conversion]);

    let today = FakeSource::new();
    let by_day = figures.request(&today, &users).by(Interval::Day);
    let error = by_day.all().await.unwrap_err();
    assert_eq!(refused(&error), [("kpi-timeline", wait)]);
    assert_eq!(refused(&by_day.check().unwrap_err()), [("kpi-timeline", wait)]);
    assert_eq!((beta.requests(), today.requests()), (vec![], vec![]));
}

/// The second query alone has two filters of one name.
#[tokio::test]
async fn if_the_rules_refuse_one_query_none_is_sent() {
    let server = empty_server().await;
    let client = support::client(&server, Api::CallsV1);
    let wire = Filter::wire("timeSpent", json!({"minSeconds": 5}));
    let query = query(GroupBy::queues()).only(wire);
    let figures = set(&[Kpi::Offered, Kpi::AbandonmentRateWithoutShort]);
    let error = client.kpis(&figures, &query).all().await.unwrap_err();
    assert!(refused(&error).iter().all(|(rule, _)| *rule == "filter-twice"), "{error}");
    assert_eq!(support::requests(&server).await.len(), 0);
}

/// A source that confuses its answers.
#[derive(Clone)]
struct Confused(FakeSource);

impl Source for Confused {
    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
        self.0.aggregate(query)
    }

    fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>> {
        self.0.timeline(query, interval)
    }

    fn aggregates(&self, queries: &[Query]) -> Sourced<Vec<Report<Record>>> {
        let reversed: Vec<_> = queries.iter().rev().cloned().collect();
        self.0.aggregates(&reversed)
    }
}

#[tokio::test]
async fn answers_of_a_source_that_confuses_them_are_refused() {
    let record = Record::fake().calls(Breakdown::Total, 1);
    let source = FakeSource::new().with_records_if(|_| true, [record]);
    let figures = set(&[Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
    let query = query(GroupBy::queues());
    figures.request(&source, &query).all().await.unwrap();
    let error = figures.request(Confused(source), &query).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    assert!(error.to_string().contains("answer 1 is that of query 2"), "{error}");
}

fn owned<F: Future + Send + 'static>(future: F) -> F {
    future
}

/// What compiles here is the test, as in `composition`.
#[tokio::test]
async fn futures_of_key_figures_own_what_they_need() {
    let server = empty_server().await;
    let client = support::client(&server, Api::CallsV1);
    let record = owned(client.kpis(&set(&[Kpi::Offered]), &query(GroupBy::queues())).all());
    let series = client.kpis(&set(&[Kpi::Offered]), &query(GroupBy::queues())).by(Interval::Day);
    let series = tokio::spawn(owned(series.all()));
    let shared: Arc<dyn Source> = Arc::new(client.clone());
    let of_shared = set(&[Kpi::Offered]).request(shared, &query(GroupBy::queues()));
    let of_shared = tokio::spawn(of_shared.all());
    let (one, other) = tokio::try_join!(
        client.kpis(&set(&[Kpi::Offered]), &query(GroupBy::queues())).all(),
        client.kpis(&set(&[Kpi::Answered]), &query(GroupBy::users())).all(),
    )
    .unwrap();
    drop(client);
    assert_eq!((one.records.len(), other.records.len()), (0, 0));
    assert_eq!(record.await.unwrap().records, []);
    assert_eq!(series.await.unwrap().unwrap().records, []);
    assert_eq!(of_shared.await.unwrap().unwrap().records, []);
}

/// A program's own function, for a client and for a double.
async fn offered(source: &dyn Source, queues: &Query) -> Result<Option<f64>, Error> {
    let report = set(&[Kpi::Offered]).request(source, queues).all().await?;
    Ok(report.records.first().and_then(|queue| queue.get(Kpi::Offered)).map(|it| it.as_f64()))
}

#[tokio::test]
async fn a_client_and_a_double_are_asked_by_the_same_function() {
    let server = empty_server().await;
    let client: Client = support::client(&server, Api::CallsV1);
    let queues = query(GroupBy::queues());
    assert_eq!(offered(&client, &queues).await.unwrap(), None);
    let record = Record::fake().calls(Breakdown::Total, 82);
    let source = FakeSource::new().with_records_if(|_| true, [record]);
    assert_eq!(offered(&source, &queues).await.unwrap(), Some(82.0));
}

/// Figures of all calls aren't those of the calls that were asked for.
#[tokio::test]
async fn a_filter_that_the_server_ignores_is_noticed() {
    let ignored = |report: Report<KpiRecord>| {
        let is_it = |notice: &Notice| matches!(notice, Notice::FilterIgnored { .. });
        report.notices.iter().filter(|notice| is_it(notice)).count()
    };
    let late = query(GroupBy::queues()).only(QueueHours::AfterHours);
    let set = set(&[Kpi::Offered, Kpi::AverageSpeedOfAnswer]);
    for (revision, expected) in [("2024-04-02", 1), ("2026-08-13", 0)] {
        let builder = Sandbox::builder().seed(7).now(agreement::NOW.parse().unwrap());
        let sandbox = builder.revision(revision).start().await.unwrap();
        // One that doesn't know how old its server is: else it refuses the filter.
        let builder = support::of_sandbox(&sandbox).clock(|| agreement::NOW.parse().unwrap());
        let client = builder.build().unwrap();
        let report = client.kpis(&set, &late).all().await.unwrap();
        assert!(!report.records.is_empty());
        assert_eq!(ignored(report), expected, "{revision}");
    }
}

#[tokio::test]
async fn the_points_of_figures_know_their_local_time() {
    let sandbox = agreement::sandbox(7).await;
    let client = agreement::client(&sandbox, Api::CallsV1);
    let set = KpiSet::new([Kpi::Offered]);
    let request = client.kpis(&set, &query(GroupBy::company())).by(Interval::Day);
    let report = request.all().await.unwrap();
    let text = serde_json::to_string(&report).unwrap();
    let again: Report<KpiSeries> = serde_json::from_str(&text).unwrap();
    for report in [report, again] {
        for point in report.records[0].points() {
            let local = point.zoned();
            assert_eq!(local.timestamp(), point.time());
            assert_eq!((local.time_zone().iana_name(), local.hour()), (Some(ZONE), 0));
        }
    }
}

#[tokio::test]
async fn the_requests_of_figures_have_settings_a_preview_and_one_progress() {
    let sandbox = agreement::sandbox(7).await;
    let client = agreement::client(&sandbox, Api::CallsV1);
    let set = KpiSet::new([Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
    let users = query(GroupBy::users());
    let plain = client.kpis(&set, &users).all().await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    let request = client
        .kpis(&set, &users)
        .per_page(7)
        .retry(RetryPolicy::never())
        .on_progress(move |progress| hook.lock().unwrap().push(*progress));
    let previews = request.preview(2).unwrap();
    assert_eq!(previews.len(), by_hand(&set, &users).len());
    assert!(previews.len() > 1 && previews.iter().all(|it| it.per_page == 7), "{previews:?}");
    assert!(previews.iter().all(|it| it.period == previews[0].period));
    assert_eq!(request.all().await.unwrap().records, plain.records);

    let seen = seen.lock().unwrap();
    let pages: Vec<_> = seen.iter().map(|progress| progress.pages_read).collect();
    assert_eq!(pages, (1..=pages.len() as u64).collect::<Vec<_>>());
    assert!(pages.len() > previews.len(), "{pages:?}");
    let last = seen.last().unwrap();
    assert_eq!((last.pages_left, Some(last.records_read)), (0, last.records_announced));

    let by_day = request.by(Interval::Day);
    let too_many = by_day.clone().per_page(21).preview(1).unwrap_err();
    assert_eq!(too_many.problems()[0].rule(), "per-page");
    assert!(by_day.preview(1).unwrap()[0].path.contains("timeline"));
    let no_figures = client.kpis(&KpiSet::new([]), &users);
    assert_eq!(no_figures.preview(1).unwrap_err().problems()[0].rule(), "kpi-set");
}
