//! The double of a client, and errors that no server sent.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Mutex,
    time::Duration,
};

use callperf::{
    Api, Breakdown, CallResponse, Direction, Error, ErrorKind, GroupBy, Interval, Kpi, KpiSet,
    Notice, Period, Point, Query, Record, Report, Series, Source, Sourced, testing::FakeSource,
};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::support;

fn query(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn record(key: &str, calls: u32) -> Record {
    Record::fake().key(key).calls(Breakdown::Total, calls).build()
}

#[tokio::test]
async fn each_query_has_its_answer() {
    let monday = Point::fake().time("2026-01-05T00:00:00Z").calls(Breakdown::Total, 5);
    let (queues, users) = (query(GroupBy::queues()), query(GroupBy::users()));
    let notice = Notice::UnknownWord { place: "filter".to_owned(), word: "Sad".to_owned() };
    let source = FakeSource::new()
        .with_records(&queues, [record("7001", 82), record("7002", 9)])
        .with_records_if(|query| query.group_by() == &GroupBy::users(), [record("101", 3)])
        .with_series(&queues, Interval::Day, [Series::fake().key("7001").point(monday)])
        .with_series_if(|_, interval| *interval == Interval::Week, Vec::<Series>::new())
        .with_notice(notice.clone());

    let report = source.aggregate(&queues).await.unwrap();
    assert_eq!(report.records, [record("7001", 82), record("7002", 9)]);
    assert_eq!(report.notices, [notice]);
    assert_eq!(report.period.start().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(report.period.end().to_string(), "2026-01-08T00:00:00Z");
    assert_eq!(source.aggregate(&users).await.unwrap().records, [record("101", 3)]);
    let days = source.timeline(&queues, Interval::Day).await.unwrap();
    let points = days.records[0].points();
    assert_eq!((points.len(), points[0].zoned().time_zone().iana_name()), (1, Some("UTC")));
    assert_eq!(source.timeline(&queues, Interval::Week).await.unwrap().records, []);

    let asked = source.requests();
    let intervals: Vec<_> = asked.iter().map(|request| request.interval.clone()).collect();
    assert_eq!(intervals, [None, None, Some(Interval::Day), Some(Interval::Week)]);
    assert_eq!([&asked[0].query, &asked[1].query], [&queues, &users]);
}

#[tokio::test]
async fn an_unexpected_query_is_named() {
    let queues = query(GroupBy::queues());
    let source = FakeSource::new().with_records(&queues, [record("7001", 82)]);
    for (other, interval) in [
        (queues.clone(), Some(Interval::Day)),
        (queues.clone().only(Direction::Inbound), None),
        (query(GroupBy::users()), None),
    ] {
        let error = match interval.clone() {
            Some(interval) => source.timeline(&other, interval).await.unwrap_err(),
            None => source.aggregate(&other).await.unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::NotRecorded);
        let json = serde_json::to_string(&other).unwrap();
        assert!(error.to_string().contains(&json), "{error}");
        assert_eq!(error.to_string().contains("the timeline by Day of"), interval.is_some());
    }
    assert_eq!(source.requests().len(), 3);
}

#[tokio::test]
async fn nothing_is_asked_before_a_future_is_polled() {
    let queues = query(GroupBy::queues());
    let source = FakeSource::new().with_records(&queues, [record("7001", 82)]);
    let later = source.aggregate(&queues);
    assert_eq!(source.requests(), []);
    later.await.unwrap();
    assert_eq!(source.requests().len(), 1);
}

/// By its own clock, so that a test means the same on every day.
#[tokio::test]
async fn a_relative_period_is_the_days_that_it_is_at_the_source() {
    let days = |first: &str, last: &str| {
        let period = Period::between_days(first.parse().unwrap(), last.parse().unwrap());
        Query::new(GroupBy::queues(), period, "UTC").calls(Breakdown::Total)
    };
    let source = FakeSource::new()
        .with_records(&days("2026-01-01", "2026-01-07"), [record("first week", 1)])
        .with_records(&days("2026-11-17", "2026-11-23"), [record("in November", 1)]);
    let relative = query(GroupBy::queues());
    let found = source.aggregate(&relative).await.unwrap();
    assert_eq!(found.records, [record("first week", 1)]);
    let later = source.now(support::NOW.parse().unwrap());
    let found = later.aggregate(&relative).await.unwrap();
    assert_eq!(found.records, [record("in November", 1)]);
}

#[tokio::test]
async fn key_figures_are_computed_of_a_double() {
    let is_of_answered = |query: &Query| query.filters().contains(&CallResponse::Answered.into());
    let all = Record::fake().key("7001").calls(Breakdown::Total, 50).calls_by(
        Breakdown::Response,
        CallResponse::Answered,
        40,
    );
    let answered = Record::fake().key("7001").calls(Breakdown::Total, 40).time_spent_by(
        Breakdown::Segment,
        "ringing",
        400,
    );
    let source = FakeSource::new()
        .with_records_if(is_of_answered, [answered])
        .with_records_if(|query| !query.filters().is_empty(), [all]);
    let set = KpiSet::new([Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
    let queues = Query::new(GroupBy::queues(), Period::today().previous(), "UTC");
    let report = set.request(&source, &queues).all().await.unwrap();
    let figure = |kpi| report.records[0].get(kpi).map(|value| value.as_f64());
    assert_eq!(figure(Kpi::AnswerRate), Some(0.8));
    assert_eq!(figure(Kpi::AverageSpeedOfAnswer), Some(10.0));
    let scopes: Vec<_> = source.requests().iter().map(|it| it.query.filters().len()).collect();
    assert_eq!(scopes, [1, 2]);
    assert_eq!(report.period.start().to_string(), "2026-01-07T00:00:00Z");

    let point = Point::fake().calls(Breakdown::Total, 12);
    let source =
        FakeSource::new().with_series_if(|_, _| true, [Series::fake().key("7001").point(point)]);
    let by_day = KpiSet::new([Kpi::Offered]).request(&source, &queues).by(Interval::Day);
    let series = by_day.all().await.unwrap();
    let offered = series.records[0].points()[0].get(Kpi::Offered);
    assert_eq!(offered.map(|it| it.as_f64()), Some(12.0));
}

#[tokio::test]
async fn an_error_comes_before_records() {
    let queues = query(GroupBy::queues());
    let source = FakeSource::new().with_records(&queues, [record("7001", 82)]).with_error_if(
        |request| request.interval.is_none(),
        || Error::fake(ErrorKind::Quota).status(429).retry_after(Duration::from_secs(30)),
    );
    for _ in 0..2 {
        let error = source.aggregate(&queues).await.unwrap_err();
        assert!(error.is_quota() && error.is_transient());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    }
    let unknown = Query::new(GroupBy::queues(), Period::today(), "America/Los Angeles");
    let error = source.timeline(&unknown, Interval::Day).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
}

/// A source that keeps what came once.
#[derive(Default)]
struct Cache(Mutex<HashMap<Query, String>>);

impl Cache {
    fn put(&self, query: &Query, report: &Report<Record>) {
        let text = serde_json::to_string(report).unwrap();
        self.0.lock().unwrap().insert(query.clone(), text);
    }
}

impl Source for Cache {
    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
        let report = serde_json::from_str(&self.0.lock().unwrap()[query]).unwrap();
        Box::pin(async move { Ok(report) })
    }

    fn timeline(&self, _: &Query, _: Interval) -> Sourced<Report<Series>> {
        let period = Period::today().at(support::NOW.parse().unwrap(), &TimeZone::UTC).unwrap();
        Box::pin(async move { Ok(Report::new(Vec::new(), period)) })
    }
}

/// Stored records know which query they answer.
#[tokio::test]
async fn a_cache_is_a_source_of_key_figures() {
    let record = Record::fake().key("7001").calls(Breakdown::Total, 50);
    let notice = Notice::UnknownWord { place: "filter".to_owned(), word: "Sad".to_owned() };
    let source = FakeSource::new().with_records_if(|_| true, [record]).with_notice(notice.clone());
    let set = KpiSet::new([Kpi::Offered, Kpi::AverageSpeedOfAnswer]);
    let queues = Query::new(GroupBy::queues(), Period::today(), "UTC");
    let expected = set.request(&source, &queues).all().await.unwrap();
    assert!(matches!(expected.notices[0], Notice::EndTrimmed { .. }), "{expected:?}");
    assert!(expected.notices[1..].contains(&notice), "{expected:?}");

    let cache = Cache::default();
    for request in source.requests() {
        let report = source.aggregate(&request.query).await.unwrap();
        cache.put(&request.query, &report);
        assert_eq!(cache.aggregate(&request.query).await.unwrap(), report);
    }
    assert_eq!(set.request(&cache, &queues).all().await.unwrap(), expected);
    let by_day = KpiSet::new([Kpi::Offered]).request(&cache, &queues).by(Interval::Day);
    assert_eq!(by_day.all().await.unwrap().records, []);
}

const KINDS: [ErrorKind; 11] = [
    ErrorKind::Query,
    ErrorKind::Settings,
    ErrorKind::Authentication,
    ErrorKind::Permission,
    ErrorKind::Quota,
    ErrorKind::Refused,
    ErrorKind::Answer,
    ErrorKind::Network,
    ErrorKind::Deadline,
    ErrorKind::Server,
    ErrorKind::NotRecorded,
];

#[test]
fn an_error_of_every_kind_can_be_made() {
    let kinds = KINDS.map(|kind| Error::fake(kind).build());
    let texts: BTreeSet<_> = kinds.iter().map(Error::to_string).collect();
    assert_eq!(texts.len(), KINDS.len());
    for (error, kind) in kinds.iter().zip(KINDS) {
        assert_eq!((error.kind(), error.status(), error.attempts()), (kind, None, 0));
    }
}

#[test]
fn a_made_error_has_what_it_was_given() {
    let error: Error = Error::fake(ErrorKind::Refused)
        .message("the API refused the request")
        .status(400)
        .attempts(2)
        .request_id("a request")
        .api_error("CMN-101", "Parameter is invalid")
        .parameter("timeFrom")
        .api_error("CMN-102", "Resource is not found")
        .body("x".repeat(5000))
        .source("the cause")
        .into();
    assert_eq!((error.status(), error.attempts()), (Some(400), 2));
    assert_eq!(error.request_id(), Some("a request"));
    let [first, second] = error.api_errors() else { panic!("{error}") };
    assert_eq!((first.code.as_str(), first.parameter.as_deref()), ("CMN-101", Some("timeFrom")));
    assert_eq!((second.code.as_str(), second.parameter.as_deref()), ("CMN-102", None));
    assert_eq!(json!(first.fields)["parameterName"], "timeFrom");
    assert_eq!(error.body_excerpt().map(str::len), Some(300));
    let text = format!("{error:?}");
    assert!(text.starts_with("the API refused the request (HTTP 400)\n  CMN-101: "), "{text}");
    assert!(text.contains("Caused by:\n    the cause"), "{text}");
}

/// A double of the beta has the beta's words.
#[test]
fn a_double_says_its_api() {
    let source: &dyn Source = &FakeSource::new().with_api(Api::Beta);
    assert_eq!(source.api(), Api::Beta);
}

/// What a client refuses would pass a test otherwise, and fail in production.
#[tokio::test]
async fn a_query_that_a_client_refuses_is_refused_by_the_double() {
    let queues = || query(GroupBy::queues());
    let bare = |period: Period, zone: &str| Query::new(GroupBy::queues(), period, zone);
    let week = Period::last_days(7);
    for api in [Api::Beta, Api::CallsV1] {
        let client = callperf::Client::builder()
            .credentials(callperf::Credentials::jwt("id", "secret", "jwt"))
            .api(api)
            .clock(|| "2026-01-08T12:00:00Z".parse().unwrap())
            .build()
            .unwrap();
        let source = FakeSource::new()
            .with_api(api)
            .with_records_if(|_| true, [record("7001", 82)])
            .with_series_if(|_, _| true, Vec::<Series>::new());
        for query in [
            queues(),
            bare(week.clone(), "UTC"),
            bare(week.clone(), "Mars/Olympus").calls(Breakdown::Total),
            bare(Period::month(2026, 13), "UTC").calls(Breakdown::Total),
            bare(Period::last_days(200), "UTC").calls(Breakdown::Total),
            queues().calls(Breakdown::Total),
            queues().only(Direction::Inbound).only(Direction::Outbound),
            query(GroupBy::queues().keys([""; 0])),
            queues().calls(Breakdown::QueueOpportunities),
            query(GroupBy::company()).only(callperf::Filter::from_extensions(["7"])),
        ] {
            let expected = client.aggregate(&query).check();
            let found = source.aggregate(&query).await;
            match (expected, found) {
                (Ok(notices), Ok(report)) => assert_eq!(report.notices, notices),
                (Err(expected), Err(found)) => {
                    assert_eq!(found.kind(), ErrorKind::Query);
                    assert_eq!(found.problems(), expected.problems());
                }
                (expected, found) => panic!("{query:?}: {expected:?}, but {found:?}"),
            }
            let expected =
                client.timeline(&query, Interval::Day).check().map_err(|it| it.to_string());
            let found = source.timeline(&query, Interval::Day).await;
            let found = found.map(|report| report.notices).map_err(|it| it.to_string());
            assert_eq!(found, expected, "{query:?}");
        }
    }
}

#[tokio::test]
async fn names_are_keys_to_the_double() {
    let named = query(GroupBy::queues().named(["Support"]));
    let source = FakeSource::new().with_records(&named, [record("7001", 82)]);
    assert_eq!(source.aggregate(&named).await.unwrap().records, [record("7001", 82)]);
}
