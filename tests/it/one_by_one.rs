//! Timelines whose series are decoded one after the other say what they say as a whole.

use callperf::{
    Api, Breakdown, Error, ErrorKind, GroupBy, Interval, Notice, Period, Query, Records, Series,
};
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

use crate::support::{self, assuming};

const NOW: &str = "2026-11-10T17:00:00Z";

/// All series of a pull, and its notices.
async fn all(mut records: Records<Series>) -> Result<(Vec<Series>, Vec<Notice>), Error> {
    let mut series = Vec::new();
    while let Some(one) = records.try_next().await? {
        series.push(one);
    }
    Ok((series, records.notices().to_vec()))
}

fn days(first: &str, end: &str) -> Period {
    Period::days(first.parse().unwrap(), end.parse().unwrap())
}

#[tokio::test]
async fn a_sandboxes_series_are_the_same() {
    let sandbox = assuming(NOW, &[]).await;
    let now = sandbox.now();
    let client = support::of_sandbox(&sandbox).clock(move || now).build().unwrap();
    let queries = [
        (Query::new(GroupBy::users(), days("2026-11-02", "2026-11-09"), "UTC"), Interval::Day),
        (Query::new(GroupBy::queues(), days("2026-11-02", "2026-11-04"), "UTC"), Interval::Hour),
        // Sent longer than it was asked for.
        (Query::new(GroupBy::users(), days("2026-11-02", "2026-11-03"), "UTC"), Interval::Day),
        (
            Query::new(GroupBy::queues().keys(["7"]), days("2026-11-02", "2026-11-09"), "UTC"),
            Interval::Day,
        ),
    ];
    for (query, interval) in queries {
        let query = query.calls(Breakdown::Total).calls(Breakdown::Result);
        let query = query.time_spent(Breakdown::Segment);
        let request = client.timeline(&query, interval).per_page(5);
        let whole = all(request.records()).await.unwrap();
        assert!(!whole.0.is_empty() || !whole.1.is_empty(), "{query:?}");
        assert_eq!(all(request.one_by_one().records()).await.unwrap(), whole, "{query:?}");
    }
}

fn series(key: &str, calls: &Json) -> Json {
    let point = |day: u32| {
        json!({
            "time": format!("2026-11-0{day}T00:00:00Z"),
            "counters": {"allCalls": {"valueType": "Instances", "values": calls}},
        })
    };
    json!({"key": key, "info": {"name": format!("Queue é{key}")}, "points": [point(2), point(3)]})
}

fn page(records: &[Json]) -> Json {
    json!({
        "paging": {"page": 1, "perPage": 20, "totalPages": 1, "totalElements": records.len()},
        "data": {"groupedBy": "Queues", "records": records, "mood": "good"},
        "more": [1],
    })
}

/// What a client makes of a page, as a whole and one series after the other.
async fn both(
    body: &Json,
    strict: bool,
    values: u64,
) -> [Result<(Vec<Series>, Vec<Notice>), Error>; 2] {
    let server = support::server(ResponseTemplate::new(200).set_body_json(body)).await;
    let client = support::builder(&server, Api::CallsV1)
        .strict(strict)
        .max_json_values(values)
        .clock(|| NOW.parse().unwrap())
        .build()
        .unwrap();
    let query = Query::new(GroupBy::queues(), days("2026-11-02", "2026-11-04"), "UTC");
    let query = query.calls(Breakdown::Total);
    let request = client.timeline(&query, Interval::Day);
    let whole = all(request.clone().records()).await;
    [whole, all(request.one_by_one().records()).await]
}

const MANY: u64 = 1_000_000;

#[tokio::test]
async fn what_is_wrong_is_said_of_the_same_place() {
    let good = |key: &str| series(key, &json!(3));
    let odd = [
        page(&[good("1"), good("2"), good("1")]),
        page(&[good("1"), series("2", &json!("three")), good("3")]),
        page(&[good("1"), json!({"points": []}), good("3")]),
        page(&[good("1"), json!({"key": 7, "points": []}), good("3")]),
        page(&[]),
        json!({"data": {"groupedBy": "Queues"}}),
        json!({"data": {"records": [good("1")]}}),
        json!({"errors": [{"errorCode": "CMN-102", "message": "gone"}]}),
        json!([1, 2]),
    ];
    for body in odd {
        let [whole, one_by_one] = both(&body, false, MANY).await;
        let shown = |outcome: Result<(Vec<Series>, Vec<Notice>), Error>| {
            outcome.map_err(|error| error.to_string())
        };
        assert_eq!(shown(one_by_one), shown(whole), "{body}");
        let [whole, one_by_one] = both(&body, true, MANY).await;
        assert_eq!(shown(one_by_one), shown(whole), "strict: {body}");
    }
}

/// Twenty small series are a large page.
#[tokio::test]
async fn values_are_bounded_by_series() {
    let records: Vec<_> = (1..=20).map(|key| series(&key.to_string(), &json!(3))).collect();
    let [whole, one_by_one] = both(&page(&records), true, 100).await;
    assert_eq!(whole.unwrap_err().kind(), ErrorKind::Answer);
    assert_eq!(one_by_one.unwrap().0.len(), 20);
    let [_, too_large] = both(&page(&records), true, 20).await;
    let error = too_large.unwrap_err().to_string();
    assert!(error.contains("more than 20 JSON values"), "{error}");
}

#[tokio::test]
async fn a_request_has_its_own_bound_of_bytes() {
    let body = page(&[series("1", &json!(3))]);
    let server = support::server(ResponseTemplate::new(200).set_body_json(&body)).await;
    let client = support::builder(&server, Api::CallsV1)
        .max_body_bytes(50)
        .clock(|| NOW.parse().unwrap())
        .build()
        .unwrap();
    let query = Query::new(GroupBy::queues(), days("2026-11-02", "2026-11-04"), "UTC");
    let request = client.timeline(&query.calls(Breakdown::Total), Interval::Day);
    assert!(request.page(1).await.unwrap_err().to_string().contains("larger than 50 bytes"));
    let larger = request.clone().max_body_bytes(10_000);
    assert_eq!(larger.page(1).await.unwrap().records.len(), 1);
    assert_eq!(all(larger.one_by_one().records()).await.unwrap().0.len(), 1);
}

/// A body that is taken and not read is taken of a success only.
#[tokio::test]
async fn a_refusal_has_its_reasons() {
    let refusal = json!({"errors": [{"errorCode": "ANL-101", "message": "not that"}]});
    let server = support::server(ResponseTemplate::new(400).set_body_json(&refusal)).await;
    let client = support::builder(&server, Api::CallsV1).clock(|| NOW.parse().unwrap()).build();
    let query = Query::new(GroupBy::queues(), days("2026-11-02", "2026-11-04"), "UTC");
    let request = client.unwrap().timeline(&query.calls(Breakdown::Total), Interval::Day);
    let error = all(request.one_by_one().records()).await.unwrap_err();
    assert_eq!(error.api_errors()[0].code, "ANL-101");
}
