//! Pages that are kept as they were sent, and read long after.

use std::sync::{Arc, Mutex};

use callperf::{
    Aggregation, Api, Breakdown, Client, ClientBuilder, Direction, ErrorKind, GroupBy, Interval,
    KeyResolver, Measure, Period, Query, RawPage, Request, ResolvedKeys, Row,
};
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde_json::{Value as Json, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::support;

/// A clock that is set by hand.
#[derive(Clone)]
struct Clock(Arc<Mutex<Timestamp>>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(support::NOW.parse().unwrap())))
    }

    fn three_weeks_pass(&self) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add((21 * 24).hours()).unwrap();
    }

    fn of(&self, builder: ClientBuilder) -> Client {
        let clock = self.clone();
        builder.clock(move || *clock.0.lock().unwrap()).build().unwrap()
    }
}

/// With white space that no JSON printer writes, and more digits than a number in memory has.
const QUEUES: &str = "{ \"data\": {\"groupedBy\": \"Queues\",\n \"records\":[{\"key\":\"1\",\
     \"counters\":{\"allCalls\":{\"valueType\":\"Instances\",\"values\":3.00000000000000000001}}}]},\
     \"paging\":{\"page\":2,\"perPage\":1,\"totalPages\":3,\"totalElements\":3}}";
const BETA: &str = "{\"data\": {\"1\": {\"counters\": {\"totalCalls\": 3}}},\n\"paging\": \
     {\"page\": 2, \"perPage\": 1, \"totalPages\": 3, \"totalElements\": 3}}";

async fn answering(body: &str) -> MockServer {
    support::server(ResponseTemplate::new(200).set_body_raw(body, "application/json")).await
}

fn week() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "Europe/Zurich").calls(Breakdown::Total)
}

/// As it comes back from a file.
fn kept(page: &RawPage) -> RawPage {
    let read = serde_json::from_str(&serde_json::to_string_pretty(page).unwrap()).unwrap();
    assert_eq!(*page, read);
    read
}

fn json<T: Serialize>(value: &T) -> Json {
    serde_json::to_value(value).unwrap()
}

/// The same request, made anew at a later time, reads a kept page as the first one read it.
async fn is_read_as_it_was<T: Row + Serialize>(clock: &Clock, request: impl Fn() -> Request<T>) {
    let first = request();
    let (page, raw) = (first.page(2).await.unwrap(), kept(&first.raw(2).await.unwrap()));
    clock.three_weeks_pass();
    let later = request();
    let read = later.read_raw(&raw).unwrap();
    assert_eq!(json(&read), json(&page));
    assert_eq!((read.period.from(), read.period.to()), (raw.start(), raw.end()));
    assert_ne!(later.read(raw.body()).unwrap().period, page.period, "the period of now");
}

#[tokio::test]
async fn a_page_that_is_read_three_weeks_later_is_about_its_own_period() {
    for (api, body) in [(Api::CallsV1, QUEUES), (Api::Beta, BETA)] {
        let server = answering(body).await;
        let clock = Clock::new();
        let client = clock.of(support::builder(&server, api));
        let raw = client.aggregate(&week()).raw(2).await.unwrap();
        assert_eq!(str::from_utf8(raw.body()).unwrap(), body);
        assert_eq!((raw.api(), raw.page()), (api.as_str(), 2));
        assert_eq!(raw.start().to_string(), "2026-11-16T23:00:00Z");
        assert_eq!(raw.resolved_at().to_string(), support::NOW);
        is_read_as_it_was(&clock, || client.aggregate(&week())).await;
    }
}

/// A day by the day is sent with the day beside it, whose point is left out.
#[tokio::test]
async fn a_timeline_that_was_sent_longer_is_read_as_it_was_sent() {
    let point = |time: &str, calls: u32| json!({"time": time, "counters": {"allCalls": {"valueType": "Instances", "values": calls}}});
    let points = [point("2026-11-22T00:00:00Z", 5), point("2026-11-23T00:00:00Z", 7)];
    let records = json!([{"key": "1", "points": points}]);
    let body = json!({"data": {"groupedBy": "Queues", "records": records}}).to_string();
    let server = answering(&body).await;
    let clock = Clock::new();
    let client = clock.of(support::builder(&server, Api::CallsV1));
    let query = Query::new(GroupBy::queues(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    let page = client.timeline(&query, Interval::Day).page(1).await.unwrap();
    assert_eq!(page.records[0].points().len(), 1, "{page:?}");
    is_read_as_it_was(&clock, || client.timeline(&query, Interval::Day)).await;
}

/// The server's intervals turn out not to suit the longer timeline, which is sent again as asked.
#[tokio::test]
async fn a_timeline_that_was_sent_twice_is_read_as_it_was_sent_at_last() {
    let point = json!({
        "time": "2026-11-22T12:00:00Z",
        "counters": {"allCalls": {"valueType": "Instances", "values": 5}},
    });
    let records = json!([{"key": "1", "points": [point]}]);
    let body = json!({"data": {"groupedBy": "Queues", "records": records}}).to_string();
    let server = answering(&body).await;
    let clock = Clock::new();
    let client = clock.of(support::builder(&server, Api::CallsV1));
    let query = Query::new(GroupBy::queues(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    client.timeline(&query, Interval::Day).page(2).await.unwrap();
    assert_eq!(support::requests(&server).await.len(), 2);
    is_read_as_it_was(&clock, || client.timeline(&query, Interval::Day)).await;
}

#[tokio::test]
async fn a_page_of_another_request_is_refused_with_what_differs() {
    let server = answering(QUEUES).await;
    let client = support::client(&server, Api::CallsV1);
    let raw = kept(&client.aggregate(&week()).raw(1).await.unwrap());
    let with = |group_by, days| {
        Query::new(group_by, Period::last_days(days), "Europe/Zurich").calls(Breakdown::Total)
    };
    let metrics = "the metrics";
    let average = Measure::new(Breakdown::Total, Aggregation::Average).per(Interval::Day);
    let averages = Query::new(GroupBy::queues(), Period::last_days(7), "Europe/Zurich");
    let cases = [
        (with(GroupBy::users(), 7), "the grouping or its keys"),
        (with(GroupBy::queues().keys(["1"]), 7), "the grouping or its keys"),
        (
            with(GroupBy::queues(), 30),
            "the period (2026-11-16T23:00:00Z to 2026-11-23T23:00:00Z then, 2026-10-24T22:00:00Z to \
             2026-11-23T23:00:00Z here)",
        ),
        (week().only(callperf::Filter::queues(["1"])), "the filters, days or hours"),
        (week().only(Direction::Inbound), "the filters of direction, response or result"),
        (week().time_spent(Breakdown::Total), metrics),
        (averages.calls(average), metrics),
    ];
    for (query, differs) in cases {
        let error = client.aggregate(&query).read_raw(&raw).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert!(error.to_string().contains(&format!("what differs: {differs}. ")), "{error}");
    }
    let refused = |error: callperf::Error| error.to_string();
    let of_timeline = client.timeline(&week(), Interval::Day).read_raw(&raw).unwrap_err();
    assert!(refused(of_timeline).contains("the operation (aggregate then, timeline here)"));
    let with_more = client.aggregate(&week()).parameter("x", "1").read_raw(&raw).unwrap_err();
    assert!(refused(with_more).contains("the parameters in the address"));
    let beta = support::client(&server, Api::Beta).aggregate(&week()).read_raw(&raw).unwrap_err();
    assert!(refused(beta).contains("the API (calls-v1 then, beta here)"));
}

#[tokio::test]
async fn the_order_of_the_metrics_makes_no_other_request() {
    let server = answering(QUEUES).await;
    let client = support::client(&server, Api::CallsV1);
    let query = week().calls(Breakdown::Result);
    let other = Query::new(GroupBy::queues(), Period::last_days(7), "Europe/Zurich");
    let other = other.calls(Breakdown::Result).calls(Breakdown::Total);
    let raw = client.aggregate(&query).raw(1).await.unwrap();
    assert_eq!(client.aggregate(&other).read_raw(&raw).unwrap().records.len(), 1);
}

struct Directory;

impl KeyResolver for Directory {
    fn resolve<'a>(&'a self, _: &'a GroupBy, names: &'a [String]) -> ResolvedKeys<'a> {
        let keys = names.iter().map(|name| format!("key of {name}")).collect();
        Box::pin(async move { Ok(keys) })
    }
}

/// The keys of names may be others later, or can't be looked up.
#[tokio::test]
async fn keys_of_names_are_those_of_then() {
    let server = answering(QUEUES).await;
    let builder = || support::builder(&server, Api::CallsV1);
    let named = |name| {
        let group_by = GroupBy::queues().named([name]);
        Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
    };
    let client = builder().key_resolver(Directory).build().unwrap();
    let raw = kept(&client.aggregate(&named("Support")).raw(1).await.unwrap());
    let reader = builder().build().unwrap();
    assert_eq!(reader.aggregate(&named("Support")).read_raw(&raw).unwrap().records.len(), 1);
    let error = reader.aggregate(&named("Sales")).read_raw(&raw).unwrap_err();
    assert!(error.to_string().contains("the names that it is grouped by"), "{error}");
}

#[tokio::test]
async fn what_is_no_page_is_not_kept() {
    let server = answering("<html>a proxy</html>").await;
    let error = support::client(&server, Api::CallsV1).aggregate(&week()).raw(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
}

/// Programs keep them: a later version reads this file.
#[tokio::test]
async fn the_form_of_a_kept_page_stays() {
    let server = answering("{\"data\": {\"groupedBy\": \"Queues\", \"records\": []}}").await;
    let client = support::client(&server, Api::CallsV1);
    let raw = client.aggregate(&week()).raw(1).await.unwrap();
    let expected = json!({
        "format": "callperf-raw-page-1",
        "api": "calls-v1",
        "operation": "aggregate",
        "fingerprint": "e51d3189-3cea6115-5ae1625b-4f53cda1",
        "metrics": ["calls total Sum"],
        "resolved_at": "2026-11-24T12:00:00Z",
        "period": {"from": "2026-11-16T23:00:00Z", "to": "2026-11-23T23:00:00Z"},
        "time_zone": "Europe/Zurich",
        "page": 1,
        "body": "{\"data\": {\"groupedBy\": \"Queues\", \"records\": []}}",
    });
    assert_eq!(json(&raw), expected);
    assert!(!format!("{raw:?}").contains("groupedBy"), "{raw:?}");
    let mut later = expected;
    later["format"] = json!("callperf-raw-page-2");
    let error = serde_json::from_value::<RawPage>(later).unwrap_err();
    assert!(error.to_string().contains("callperf-raw-page-1"), "{error}");
}

#[tokio::test]
async fn a_kept_page_says_what_it_lacks() {
    let server = answering(QUEUES).await;
    let client = support::client(&server, Api::CallsV1);
    let raw = json(&client.aggregate(&week()).raw(2).await.unwrap());
    let read = |change: &dyn Fn(&mut Json)| {
        let mut changed = raw.clone();
        change(&mut changed);
        serde_json::from_value::<RawPage>(changed).map_err(|error| error.to_string())
    };
    assert!(read(&|_| {}).is_ok());
    assert_eq!(
        read(&|page| page["format"] = "callperf-raw-page-2".into()).unwrap_err(),
        "the page is of the form \"callperf-raw-page-2\", which a later version of callperf wrote, and \
         this one reads \"callperf-raw-page-1\"; use that version, or fetch the page again"
    );
    assert_eq!(
        read(&|page| page["format"] = "parquet".into()).unwrap_err(),
        "\"parquet\" isn't the form of a kept page, which is \"callperf-raw-page-1\""
    );
    assert_eq!(
        read(&|page| page["page"] = 0.into()).unwrap_err(),
        "page 0: pages are numbered from 1"
    );
}

#[tokio::test]
async fn another_time_zone_is_named() {
    let server = answering(QUEUES).await;
    let client = support::client(&server, Api::CallsV1);
    let raw = kept(&client.aggregate(&week()).raw(2).await.unwrap());
    let other = Query::new(GroupBy::queues(), Period::last_days(7), "Europe/London")
        .calls(Breakdown::Total);
    let refused = client.aggregate(&other).read_raw(&raw).unwrap_err().to_string();
    let named = "what differs: the time zone (Europe/Zurich then, Europe/London here). Read";
    assert!(refused.contains(named), "{refused}");
    let spelled = Query::new(GroupBy::queues(), Period::last_days(7), "europe/zurich")
        .calls(Breakdown::Total);
    assert!(client.aggregate(&spelled).read_raw(&raw).is_ok());
    let mut older = json(&raw);
    older.as_object_mut().unwrap().remove("time_zone");
    let older: RawPage = serde_json::from_value(older).unwrap();
    assert!(client.aggregate(&week()).read_raw(&older).is_ok());
    let refused = client.aggregate(&other).read_raw(&older).unwrap_err().to_string();
    assert!(refused.contains("the period (2026-11-16T23:00:00Z to "), "{refused}");
}

#[tokio::test]
async fn a_page_with_a_byte_order_mark_is_read() {
    let marked = format!("\u{feff}{QUEUES}");
    let server = answering(&marked).await;
    let client = support::client(&server, Api::CallsV1);
    let request = client.aggregate(&week());
    let plain = request.read(QUEUES.as_bytes()).unwrap();
    assert_eq!(request.read(marked.as_bytes()).unwrap().records, plain.records);
    assert_eq!(request.page(2).await.unwrap().records, plain.records);
    let raw = kept(&request.raw(2).await.unwrap());
    assert_eq!(request.read_raw(&raw).unwrap().records, plain.records);
}

#[tokio::test]
async fn a_page_after_the_last_says_so() {
    let server = answering(QUEUES).await;
    let client = support::client(&server, Api::CallsV1);
    let request = client.aggregate(&week());
    let raw = request.raw(99).await.unwrap();
    for page in [request.page(99).await.unwrap(), request.read_raw(&raw).unwrap()] {
        let notices: Vec<_> = page.notices.iter().map(ToString::to_string).collect();
        assert_eq!(notices, ["page 99: there are 3 pages; request one of those"]);
    }
    assert_eq!(request.page(3).await.unwrap().notices, []);
}
