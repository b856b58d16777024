//! Timelines that aren't longer than their interval, on servers that refuse them and on servers
//! that don't: they are sent longer, and say what they were asked for.

use std::collections::BTreeMap;

use callperf::{
    Breakdown, Client, ClientBuilder, Credentials, DayOfWeek, ErrorKind, GroupBy, Interval, Notice,
    Period, Query, report::Point,
};
use callperf_sandbox::Sandbox;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::support::{self, assuming};

const NOW: &str = "2026-11-10T17:00:00Z";
const NEW_YORK: &str = "America/New_York";
const RANGES: [&str; 2] = ["any", "longer-than-interval"];

fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let now = sandbox.now();
    support::of_sandbox(sandbox).clock(move || now)
}

/// The points of each key, with the calls that each counts.
type Shown = BTreeMap<String, Vec<(Timestamp, u64)>>;

async fn by_the_client(client: &Client, query: &Query, interval: &Interval) -> Shown {
    let mut records = client.timeline(query, interval.clone()).per_page(7).records();
    let mut shown = Shown::new();
    while let Some(series) = records.try_next().await.unwrap() {
        let point =
            |point: &Point| (point.time(), point.calls().total().unwrap().as_u64().unwrap());
        shown.insert(series.key().to_owned(), series.points().iter().map(point).collect());
    }
    let is_cut = |notice: &&Notice| matches!(notice, Notice::PartialIntervals { .. });
    assert_eq!(records.notices().iter().find(|it| !is_cut(it)), None, "{query:?}");
    shown
}

/// The response to the request that the query is, of any length.
async fn by_the_server(client: &Client, query: &Query, interval: &Interval) -> Shown {
    let preview = client.timeline(query, interval.clone()).preview(1).unwrap();
    let last = preview.period.to() - SignedDuration::from_millis(1);
    let mut body = preview.body;
    body["timeSettings"]["timeRange"] =
        json!({"timeFrom": preview.period.from().to_string(), "timeTo": last.to_string()});
    let mut shown = Shown::new();
    for page in 1_u64.. {
        let number = page.to_string();
        let address = [("interval", interval.as_str()), ("page", &number), ("perPage", "20")];
        let answer = client.send(&preview.path, &address, Some(&body)).await.unwrap();
        for record in answer["data"]["records"].as_array().unwrap() {
            let points = record["points"].as_array().unwrap();
            let key = record["key"].as_str().unwrap().to_owned();
            shown.insert(key, points.iter().map(sent_point).collect());
        }
        if page >= answer["paging"]["totalPages"].as_u64().unwrap() {
            break;
        }
    }
    shown
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of calls")]
fn sent_point(point: &Json) -> (Timestamp, u64) {
    let calls = &point["counters"]["allCalls"]["values"];
    (point["time"].as_str().unwrap().parse().unwrap(), calls.as_f64().unwrap() as u64)
}

fn between(from: &str, to: &str) -> Period {
    Period::between(from.parse().unwrap(), to.parse().unwrap())
}

fn days(from: &str, to: &str) -> Period {
    Period::days(from.parse().unwrap(), to.parse().unwrap())
}

fn users(period: Period, zone: &str) -> Query {
    Query::new(GroupBy::users(), period, zone).calls(Breakdown::Total)
}

/// Around the end of summer time, seen at [`NOW`].
fn in_autumn() -> Vec<(Query, Interval)> {
    use Interval::{Day, Hour, Month, Week};
    [
        // The day of 25 hours, the one before it, yesterday, today so far, and an evening.
        (Day, NEW_YORK, days("2026-11-01", "2026-11-02")),
        (Day, NEW_YORK, days("2026-10-31", "2026-11-01")),
        (Day, NEW_YORK, Period::last_days(1)),
        (Day, NEW_YORK, between("2026-11-10T05:00:00Z", "2026-11-10T16:58:00Z")),
        (Day, NEW_YORK, between("2026-11-05T17:00:00Z", "2026-11-06T05:00:00Z")),
        // The week of 169 hours, last week, and last month.
        (Week, NEW_YORK, days("2026-10-26", "2026-11-02")),
        (Week, NEW_YORK, days("2026-11-02", "2026-11-09")),
        (Month, NEW_YORK, days("2026-10-01", "2026-11-01")),
        // An hour, also one that doesn't begin with one of UTC, and the one that comes twice.
        (Hour, NEW_YORK, between("2026-11-09T15:00:00Z", "2026-11-09T16:00:00Z")),
        (Hour, "Asia/Kolkata", between("2026-11-09T14:30:00Z", "2026-11-09T15:30:00Z")),
        (Hour, NEW_YORK, between("2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z")),
    ]
    .map(|(interval, zone, period)| (users(period, zone), interval))
    .into()
}

/// Compares what a query says on servers of either kind with what its own request says.
async fn compare(now: &str, assumptions: &[(&str, &str)], queries: &[(Query, Interval)]) {
    let mut sandboxes = Vec::new();
    for range in RANGES {
        let all: Vec<_> = assumptions.iter().copied().chain([("timeline-range", range)]).collect();
        sandboxes.push(assuming(now, &all).await);
    }
    let clients: Vec<_> = sandboxes.iter().map(|one| builder(one).build().unwrap()).collect();
    for (query, interval) in queries {
        let expected = by_the_server(&clients[0], query, interval).await;
        for (client, range) in clients.iter().zip(RANGES) {
            let shown = by_the_client(client, query, interval).await;
            assert_eq!(shown, expected, "{range} {assumptions:?} {interval}: {query:?}");
        }
    }
}

#[tokio::test]
async fn a_timeline_says_the_same_on_a_strict_server() {
    compare(NOW, &[], &in_autumn()).await;
}

#[tokio::test]
async fn a_day_of_23_hours_and_half_an_hour_are_sent_longer_too() {
    let half_hours = |from, to| users(between(from, to), "Australia/Lord_Howe");
    let queries = [
        (users(days("2026-03-08", "2026-03-09"), NEW_YORK), Interval::Day),
        (users(days("2026-03-07", "2026-03-08"), NEW_YORK), Interval::Day),
        (users(days("2026-02-01", "2026-03-01"), NEW_YORK), Interval::Month),
        (half_hours("2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"), Interval::Hour),
        (half_hours("2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"), Interval::Hour),
    ];
    compare("2026-04-08T16:00:00Z", &[], &queries).await;
}

#[tokio::test]
async fn a_cut_interval_that_is_omitted_takes_none_with_it() {
    for points in ["all", "none"] {
        let assumptions = [("partial-buckets", "omitted"), ("empty-points", points)];
        compare(NOW, &assumptions, &in_autumn()).await;
    }
}

/// Who has calls beside the period alone isn't there, as if it hadn't been sent.
#[tokio::test]
async fn keys_without_calls_are_those_of_the_period() {
    for assumptions in [
        [("empty-points", "none"), ("empty-records", "named")],
        [("empty-points", "included"), ("empty-records", "none")],
        [("empty-points", "all"), ("point-times", "utc")],
    ] {
        compare(NOW, &assumptions, &in_autumn()).await;
    }
}

/// As a page shows that has a key without any.
#[tokio::test]
async fn keys_without_calls_are_there_if_the_server_lists_such_keys() {
    let morning = between("2026-11-09T13:00:00Z", "2026-11-09T14:00:00Z");
    let hour = Query::new(GroupBy::queues(), morning, NEW_YORK).calls(Breakdown::Total);
    for points in ["all", "none"] {
        let assumptions = [("empty-records", "all"), ("empty-points", points)];
        compare(NOW, &assumptions, &[(hour.clone(), Interval::Hour)]).await;
    }
}

#[tokio::test]
async fn keys_that_are_named_and_the_company_are_there_without_calls() {
    let all = assuming(NOW, &[]).await;
    let keys: Vec<_> = all.directory().users().iter().map(|user| user.key.clone()).collect();
    let period = || between("2026-11-01T08:00:00Z", "2026-11-01T09:00:00Z");
    let named = Query::new(GroupBy::users().keys(keys), period(), NEW_YORK);
    let company = Query::new(GroupBy::company(), period(), NEW_YORK);
    let queries = [named, company].map(|query| (query.calls(Breakdown::Total), Interval::Hour));
    for points in ["all", "none"] {
        compare(NOW, &[("empty-points", points)], &queries).await;
    }
}

#[tokio::test]
async fn days_that_were_not_chosen_stay_out() {
    let weekdays =
        [DayOfWeek::Monday, DayOfWeek::Tuesday, DayOfWeek::Wednesday, DayOfWeek::Thursday];
    let monday = users(days("2026-11-02", "2026-11-03"), NEW_YORK);
    let week = users(days("2026-11-02", "2026-11-09"), NEW_YORK);
    let queries = [(monday, Interval::Day), (week, Interval::Week)]
        .map(|(query, interval)| (query.on_days(weekdays.clone()), interval));
    compare(NOW, &[], &queries).await;
}

/// What is asked for and what is sent.
#[tokio::test]
async fn the_period_stays_what_was_asked_for() {
    let strict = assuming(NOW, &[("timeline-range", "longer-than-interval")]).await;
    let client = builder(&strict).strict(true).build().unwrap();
    let call = client.timeline(&users(days("2026-11-01", "2026-11-02"), NEW_YORK), Interval::Day);
    let (from, to) = ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
    let page = call.page(1).await.unwrap();
    assert_eq!(
        (page.period.from().to_string(), page.period.to().to_string()),
        (from.into(), to.into())
    );
    let preview = call.preview(1).unwrap();
    assert_eq!(preview.period, page.period);
    let sent = json!({"timeFrom": from, "timeTo": "2026-11-03T04:59:59.999Z"});
    assert_eq!(preview.body["timeSettings"]["timeRange"], sent);
    let seen = strict.requests().pop().unwrap();
    let body: Json = serde_json::from_str(&seen.body.unwrap()).unwrap();
    assert_eq!((seen.status, body), (200, preview.body));
    // A record is of the period, and not of what was sent: those of two days are of another one.
    let two_days =
        client.timeline(&users(days("2026-11-01", "2026-11-03"), NEW_YORK), Interval::Day);
    assert_eq!(two_days.preview(1).unwrap().body, call.preview(1).unwrap().body);
    let others = two_days.page(1).await.unwrap();
    assert_ne!(others.period, page.period);
    let fingerprint = |page: &callperf::Page<callperf::Series>| {
        serde_json::to_value(&page.records[0]).unwrap()["fingerprint"].clone()
    };
    assert_ne!(fingerprint(&others), fingerprint(&page));
}

#[tokio::test]
async fn what_cannot_be_sent_longer_is_sent_as_it_is_and_a_notice_says_so() {
    let query = users(between("2026-11-05T15:15:00Z", "2026-11-05T15:45:00Z"), NEW_YORK);
    let notice = |notices: &[Notice]| {
        let [notice @ Notice::ShorterThanInterval { interval: Interval::Hour, .. }] = notices
        else {
            panic!("{notices:?}");
        };
        notice.to_string()
    };
    for range in RANGES {
        let sandbox = assuming(NOW, &[("timeline-range", range)]).await;
        let client = builder(&sandbox).build().unwrap();
        let call = client.timeline(&query, Interval::Hour);
        let said = notice(&call.check().unwrap());
        assert_eq!(
            said,
            "the period isn't longer than an hour, so the server may refuse the timeline (ANL-305); \
             begin the period at the start of an hour in its time zone, or make it longer"
        );
        assert_eq!(notice(&call.preview(1).unwrap().notices), said);
        let page = call.page(1).await;
        if range == "any" {
            assert_eq!(notice(&page.unwrap().notices), said);
            assert!(by_the_server(&client, &query, &Interval::Hour).await.len() > 1);
            continue;
        }
        let error = page.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("ANL-305"), "{error}");
    }
}

/// Sent longer, a week there would hold a day that was asked for and six that weren't.
#[tokio::test]
async fn a_server_whose_weeks_begin_elsewhere_is_asked_again_for_what_was_asked_for() {
    let weeks = [("sunday", "2026-10-19", "2026-10-26"), ("monday", "2026-10-18", "2026-10-25")];
    for (start, from, to) in weeks {
        let sandbox = assuming(NOW, &[("week-start", start)]).await;
        let client = builder(&sandbox).strict(true).build().unwrap();
        let query = users(days(from, to), NEW_YORK);
        let by_week = by_the_client(&client, &query, &Interval::Week).await;
        assert!(!by_week.is_empty());
        assert_eq!(by_week, by_the_server(&client, &query, &Interval::Week).await);
        let call = client.timeline(&query, Interval::Week);
        let mut records = call.per_page(3).records();
        let mut calls = 0;
        while let Some(series) = records.try_next().await.unwrap() {
            calls += series.points().iter().map(of_point).sum::<u64>();
        }
        let aggregate = client.aggregate(&query).page(1).await.unwrap();
        let all = aggregate.records.iter().filter_map(|it| it.calls().total()?.as_u64());
        assert_eq!(calls, all.sum::<u64>(), "{start}");
    }
    // And where such weeks are too short, the refusal is passed on.
    let strict = [("week-start", "sunday"), ("timeline-range", "longer-than-interval")];
    let sandbox = assuming(NOW, &strict).await;
    let query = users(days("2026-10-19", "2026-10-26"), NEW_YORK);
    let client = builder(&sandbox).build().unwrap();
    let error = client.timeline(&query, Interval::Week).page(1).await.unwrap_err();
    assert!(error.to_string().contains("ANL-305"), "{error}");
}

fn of_point(point: &Point) -> u64 {
    point.calls().total().and_then(callperf::Value::as_u64).unwrap_or_default()
}

/// It wasn't asked for, so that nothing is missing.
#[tokio::test]
async fn what_cannot_be_read_beside_the_period_is_no_loss() {
    let point = |time: &str, calls: Json| {
        let calls = json!({"valueType": "Instances", "values": calls});
        json!({"time": time, "counters": {"allCalls": calls}})
    };
    let (asked, beside) = ("2026-11-02T05:00:00Z", "2026-11-03T05:00:00Z");
    let read = |points: Json, strict: bool| {
        let records = json!([{"key": "1", "points": points}]);
        let answer = json!({"data": {"groupedBy": "Users", "records": records}}).to_string();
        let builder = Client::builder().credentials(Credentials::jwt("id", "secret", "jwt"));
        let client = builder.clock(|| NOW.parse().unwrap()).strict(strict).build().unwrap();
        let query = users(days("2026-11-02", "2026-11-03"), NEW_YORK);
        client.timeline(&query, Interval::Day).read(answer.as_bytes())
    };
    let page = read(json!([point(asked, json!(7)), point(beside, json!("many"))]), true).unwrap();
    let [only] = page.records[0].points() else { panic!("{page:?}") };
    assert_eq!((only.time_text(), page.notices.len()), (asked, 0));
    let bad = || json!([point(asked, json!("many")), point(beside, json!(7))]);
    assert!(read(bad(), true).unwrap_err().to_string().contains("points[0].counters.allCalls"));
    let page = read(bad(), false).unwrap();
    assert!(matches!(&page.notices[..], [Notice::Unreadable { .. }]), "{:?}", page.notices);
    assert!(page.records.is_empty(), "{page:?}");
}

/// A week that begins on the day on which the server's do.
#[tokio::test]
async fn a_week_from_sunday_on_is_one_where_weeks_begin_on_sunday() {
    let sunday = users(days("2026-10-25", "2026-11-01"), NEW_YORK);
    compare(NOW, &[("week-start", "sunday")], &[(sunday, Interval::Week)]).await;
}

/// An answer that was kept before timelines were sent longer.
#[tokio::test]
async fn an_answer_to_the_shorter_request_is_read_as_it_is() {
    let body = support::fixture("cassettes/timelines-of-one-interval.json");
    let day = &body["exchanges"][1];
    assert_eq!(day["request"]["query"]["interval"], "Day");
    let answer = day["response"]["body"]["json"].to_string();
    let now: Timestamp = body["clock"].as_str().unwrap().parse().unwrap();
    let builder = Client::builder().credentials(Credentials::jwt("id", "secret", "jwt"));
    let client = builder.clock(move || now).build().unwrap();
    let query = Query::new(GroupBy::queues(), Period::last_days(1), NEW_YORK);
    let call = client.timeline(&query.calls(Breakdown::Total), Interval::Day);
    let page = call.read(answer.as_bytes()).unwrap();
    let calls = |series: &callperf::Series| {
        let [point] = series.points() else { panic!("{series:?}") };
        point.calls().total().unwrap().as_u64().unwrap()
    };
    assert_eq!(page.records.iter().map(calls).collect::<Vec<_>>(), [25, 19, 6, 11]);
    assert_eq!(page.notices, []);
}
