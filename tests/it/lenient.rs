//! What a lenient client keeps of a response of which a part can't be read, and what
//! it says about the rest.

use callperf::{
    Api, Breakdown, CallResult, Error, ErrorKind, GroupBy, Interval, Notice, Period, Query, Series,
};
use serde_json::{Value as Json, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::path_regex};

use crate::support;

/// Gives each page by its number.
struct Pages(Vec<Json>);

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (_, page) = request.url.query_pairs().find(|(name, _)| name == "page").unwrap();
        let at: usize = page.parse().unwrap();
        ResponseTemplate::new(200).set_body_json(self.0[(at - 1).min(self.0.len() - 1)].clone())
    }
}

async fn serve(pages: Vec<Json>) -> MockServer {
    let server = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex("analytics"))
        .respond_with(Pages(pages))
        .with_priority(1)
        .mount(&server)
        .await;
    server
}

/// A record of a total, which is good if it is a number.
fn record(api: Api, key: &str, total: &Json) -> Json {
    match api {
        Api::Beta => json!({key: {"counters": {"totalCalls": total}}}),
        _ => json!([{"key": key, "counters": {"allCalls": {"values": total}}}]),
    }
}

fn page(api: Api, records: &Json, number: u64, pages: u64) -> Json {
    let size = records.as_array().map_or(1, Vec::len) as u64;
    let paging = json!({
        "page": number, "perPage": size, "totalPages": pages, "totalElements": size * pages,
    });
    match api {
        Api::Beta => json!({"data": records, "paging": paging}),
        _ => json!({"data": {"groupedBy": "Queues", "records": records}, "paging": paging}),
    }
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
}

/// The keys of a pull, and its notices.
type Pull = (Vec<String>, Vec<Notice>);

async fn pull(server: &MockServer, api: Api, strict: bool) -> Result<Pull, Error> {
    let client = support::builder(server, api).strict(strict).build().unwrap();
    let mut records = client.aggregate(&query()).per_page(1).records();
    let mut keys = Vec::new();
    while let Some(record) = records.try_next().await? {
        keys.push(record.key().to_owned());
    }
    Ok((keys, records.notices().to_vec()))
}

/// The paths of what was left out.
fn paths(notices: &[Notice]) -> Vec<&str> {
    let unreadable = notices.iter().filter_map(|notice| match notice {
        Notice::Unreadable { path, .. } => Some(path.as_str()),
        _ => None,
    });
    unreadable.collect()
}

const APIS: [(Api, &str); 2] = [
    (Api::Beta, "data.2.counters.totalCalls"),
    (Api::CallsV1, "data.records[0].counters.allCalls.values"),
];

#[tokio::test]
async fn a_bad_record_that_is_alone_on_its_page_does_not_sink_the_pull() {
    for (api, place) in APIS {
        let totals = [json!(1), json!("two"), json!(3)];
        let numbered = totals.iter().zip(1..);
        let pages =
            numbered.map(|(total, at)| page(api, &record(api, &at.to_string(), total), at, 3));
        let server = serve(pages.collect()).await;
        let (keys, notices) = pull(&server, api, false).await.unwrap();
        assert_eq!(keys, ["1", "3"], "{api}");
        assert_eq!(notices.len(), 1, "{api}: {notices:?}");
        assert_eq!(paths(&notices), [place]);
        let error = pull(&server, api, true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[tokio::test]
async fn whether_anything_can_be_read_is_judged_over_the_pull() {
    for (api, place) in APIS {
        let bad = page(api, &record(api, "2", &json!("two")), 1, 2);
        let server = serve(vec![bad]).await;
        let client = support::client(&server, api);
        let page = client.aggregate(&query()).page(1).await.unwrap();
        assert!(page.records.is_empty());
        assert_eq!(paths(&page.notices), [place]);
        let error = pull(&server, api, false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert!(error.to_string().contains(place), "{error}");
        assert_eq!(support::requests(&server).await.len(), 1 + 2, "both pages were tried");
    }
}

fn of_keys(api: Api, keys: &[&str], number: u64, pages: u64) -> Json {
    let records = keys.iter().map(|key| record(api, key, &json!(1)));
    let all = match api {
        Api::Beta => records.flat_map(|one| one.as_object().cloned().unwrap()).collect::<Json>(),
        _ => records.flat_map(|one| one.as_array().cloned().unwrap()).collect::<Json>(),
    };
    page(api, &all, number, pages)
}

#[tokio::test]
async fn a_page_on_which_every_key_came_before_does_not_end_the_pull() {
    for (api, _) in APIS {
        let pages = [["a", "b"], ["a", "b"], ["c", "d"]];
        let numbered = pages.iter().zip(1..);
        let server = serve(numbered.map(|(keys, at)| of_keys(api, keys, at, 3)).collect()).await;
        let (keys, notices) = pull(&server, api, false).await.unwrap();
        assert_eq!(keys, ["a", "b", "c", "d"], "{api}");
        let shown: Vec<_> = notices.iter().map(ToString::to_string).collect();
        assert!(shown.contains(&"page 2: all of its 2 keys came before".to_owned()), "{shown:?}");
        let error = pull(&server, api, true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
    }
}

/// Of a server that ignores the page's number, no sum comes without a word.
#[tokio::test]
async fn a_pull_from_a_server_that_repeats_one_page_ends_with_a_word() {
    for (api, _) in APIS {
        let server = serve(vec![of_keys(api, &["a", "b"], 1, 3)]).await;
        let (keys, notices) = pull(&server, api, false).await.unwrap();
        assert_eq!(keys, ["a", "b"], "{api}");
        let shown: Vec<_> = notices.iter().map(ToString::to_string).collect();
        assert!(shown.iter().any(|notice| notice.contains("and 2 came")), "{shown:?}");

        let server = serve(vec![of_keys(api, &["a", "b"], 1, 1_000_000)]).await;
        let error = pull(&server, api, false).await.unwrap_err();
        assert!(error.to_string().contains("5 pages in a row had no new key"), "{error}");
        assert_eq!(support::requests(&server).await.len(), 6, "{api}");
    }
}

#[tokio::test]
async fn an_unreadable_metric_is_left_out_of_its_record_as_a_whole() {
    let results = json!({"values": {"completed": 5, "abandoned": "six"}});
    let today = json!([{"key": "1", "info": {"name": "Sales"}, "counters": {
        "allCalls": {"values": 11}, "callsByResult": results, "callsByMood": {"good": 1},
    }}]);
    let old = json!({"1": {"counters": {
        "totalCalls": 11, "callsByResult": {"completed": 5, "abandoned": "six"},
    }}});
    let cases = [
        (Api::CallsV1, today, "data.records[0].counters.callsByResult.values.abandoned"),
        (Api::Beta, old, "data.1.counters.callsByResult.abandoned"),
    ];
    for (api, records, place) in cases {
        let server = serve(vec![page(api, &records, 1, 1)]).await;
        let page = support::client(&server, api).aggregate(&query()).page(1).await.unwrap();
        let calls = page.records[0].calls();
        assert_eq!(calls.total().unwrap().as_u64(), Some(11), "{api}");
        assert_eq!(
            calls.by_result().get(CallResult::Completed),
            None,
            "half would be taken for all"
        );
        assert!(!calls.breakdowns().any(|one| *one == Breakdown::Result));
        assert_eq!(paths(&page.notices), [place]);
    }
}

fn point(time: &Json, total: &Json) -> Json {
    json!({"time": time, "counters": {"allCalls": {"values": total}}})
}

async fn timeline(points: [Json; 4], strict: bool) -> Result<callperf::Page<Series>, Error> {
    let good = json!({"key": "2", "points": [point(&json!("2026-11-20T00:00:00Z"), &json!(9))]});
    let records = json!([{"key": "1", "points": points}, good]);
    let server = serve(vec![page(Api::CallsV1, &records, 1, 1)]).await;
    let client = support::builder(&server, Api::CallsV1).strict(strict).build().unwrap();
    client.timeline(&query(), Interval::Day).page(1).await
}

/// The totals of the first series, and what was left out.
fn read(page: &callperf::Page<Series>) -> (Vec<u64>, Vec<&str>) {
    let points = page.records[0].points().iter();
    let totals = points.map(|point| point.calls().total().unwrap().as_u64().unwrap());
    (totals.collect(), paths(&page.notices))
}

#[tokio::test]
async fn an_unreadable_point_is_left_out_of_its_series_alone() {
    let time = |day: u32| json!(format!("2026-11-{day:02}T00:00:00Z"));
    let (one, two, four) = (json!(1), json!(2), json!(4));
    // The first is JSON of the right shape, the second isn't.
    let soon = [
        point(&time(20), &one),
        point(&json!("soon"), &two),
        point(&time(22), &json!(3)),
        json!({"counters": {}}),
    ];
    let page = timeline(soon, false).await.unwrap();
    let places = ["data.records[0].points[1].time", "data.records[0].points[3].time"];
    assert_eq!(read(&page), (vec![1, 3], places.to_vec()));

    let mixed = [
        point(&time(20), &json!("one")),
        point(&time(21), &two),
        point(&json!("soon"), &json!(3)),
        point(&time(23), &four),
    ];
    let page = timeline(mixed.clone(), false).await.unwrap();
    let bad_total = "data.records[0].points[0].counters.allCalls.values";
    assert_eq!(read(&page), (vec![2, 4], vec![bad_total, "data.records[0].points[2].time"]));
    assert_eq!(page.records.len(), 2);
    let error = timeline(mixed, true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);

    let none = [(); 4].map(|()| point(&time(20), &json!("one")));
    let page = timeline(none, false).await.unwrap();
    assert_eq!(page.records[0].key(), "2", "a series of which no point can be read");
    assert_eq!(page.notices.len(), 4);
}
