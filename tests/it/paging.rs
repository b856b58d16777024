//! Pages that don't go together: nothing is counted twice, and nothing is lost
//! without a word.

use std::sync::Mutex;

use callperf::{Api, Breakdown, Client, ErrorKind, GroupBy, Period, Query};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::path_regex};

use crate::support;

/// Page by page: the keys, and the paging block with what is odd about it.
type Pages = fn(u64) -> (Vec<&'static str>, Json);

struct Server(Api, Pages);

impl Respond for Server {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let asked = request.url.query_pairs().find(|(name, _)| name == "page").unwrap().1;
        let (keys, paging) = self.1(asked.parse().unwrap());
        let data: Json = if self.0 == Api::Beta {
            let record = json!({"counters": {"totalCalls": 1}});
            keys.into_iter().map(|key| (key.to_owned(), record.clone())).collect()
        } else {
            let counters = json!({"allCalls": {"valueType": "Instances", "values": 1}});
            let record = |key| json!({"key": key, "counters": counters});
            let records: Vec<_> = keys.into_iter().map(record).collect();
            json!({"groupedBy": "Users", "records": records})
        };
        ResponseTemplate::new(200).set_body_json(json!({"data": data, "paging": paging}))
    }
}

fn paging(page: u64, pages: u64, records: u64) -> Json {
    json!({"page": page, "perPage": 2, "totalPages": pages, "totalElements": records})
}

/// The keys that come, the notices, and how it ends.
async fn pull(
    api: Api,
    pages: Pages,
    strict: bool,
) -> (Vec<String>, Vec<String>, Option<ErrorKind>) {
    let server: MockServer = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex("analytics"))
        .respond_with(Server(api, pages))
        .with_priority(1)
        .mount(&server)
        .await;
    let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    let client = support::builder(&server, api).strict(strict).build().unwrap();
    let mut records = client.aggregate(&query).per_page(2).records();
    let mut keys = Vec::new();
    let end = loop {
        match records.try_next().await {
            Ok(Some(record)) => keys.push(record.key().to_owned()),
            Ok(None) => break None,
            Err(error) => break Some(error.kind()),
        }
    };
    assert!(records.try_next().await.unwrap().is_none(), "an end is an end");
    (keys, records.notices().iter().map(ToString::to_string).collect(), end)
}

fn as_announced(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["a", "b"], vec!["c", "d"], vec!["e"]];
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(page, 3, 5))
}

/// `b` moved to the second page, because a key came in before it.
fn a_key_twice(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["a", "b"], vec!["b", "c"]];
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(page, 2, 2 + page))
}

/// Only the last one came before.
fn keys_that_are_one_number(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["07", "7"], vec!["+7", "18446744073709551616"], vec!["7"]];
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(page, 3, 5))
}

fn an_empty_page(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["a", "b"], vec![], vec!["c"]];
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(page, 3, 3))
}

fn fewer_than_announced(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["a", "b"], vec!["c"]];
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(page, 2, 4))
}

fn another_page_than_asked(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["a", "b"], vec!["c"]];
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(1, 2, 3))
}

fn pages_appear(page: u64) -> (Vec<&'static str>, Json) {
    let keys = [vec!["a", "b"], vec!["c", "d"], vec!["e"]];
    let pages = if page == 1 { 2 } else { 3 };
    (keys[usize::try_from(page).unwrap() - 1].clone(), paging(page, pages, pages * 2 - pages / 3))
}

fn the_same_page_for_ever(page: u64) -> (Vec<&'static str>, Json) {
    (vec!["a", "b"], paging(page, 100, 200))
}

fn no_end(page: u64) -> (Vec<&'static str>, Json) {
    let key: &'static str = Box::leak(format!("key {page}").into_boxed_str());
    (vec![key], paging(page, page + 1, 2 * page))
}

#[tokio::test]
async fn inconsistent_pages_bring_notices() {
    // What the server does, the keys that come, and whether there are notices.
    let one_number: &[_] = &["07", "7", "+7", "18446744073709551616"];
    let cases: [(&str, Pages, &[&str], bool); 7] = [
        ("as announced", as_announced, &["a", "b", "c", "d", "e"], false),
        ("a key twice", a_key_twice, &["a", "b", "c"], true),
        ("keys that are one number", keys_that_are_one_number, one_number, true),
        ("an empty page", an_empty_page, &["a", "b", "c"], true),
        ("fewer than announced", fewer_than_announced, &["a", "b", "c"], true),
        ("another page than asked", another_page_than_asked, &["a", "b", "c"], true),
        ("pages appear", pages_appear, &["a", "b", "c", "d", "e"], true),
    ];
    let mut shown = Vec::new();
    for (name, pages, expected, has_notices) in cases {
        for api in [Api::Beta, Api::CallsV1] {
            let (keys, notices, end) = pull(api, pages, false).await;
            assert_eq!(keys, expected, "{name} {api}");
            assert_eq!(end, None, "{name} {api}");
            assert_eq!(!notices.is_empty(), has_notices, "{name} {api}: {notices:?}");
            let (_, _, end) = pull(api, pages, true).await;
            assert_eq!(end, has_notices.then_some(ErrorKind::Answer), "{name} {api}, strictly");
            if api == Api::CallsV1 {
                shown.push(format!("{name}\n{}", notices.join("\n")));
            }
        }
    }
    support::snapshots().bind(|| insta::assert_snapshot!("paging", shown.join("\n\n")));
}

#[tokio::test]
async fn reading_ahead_gives_the_same_records_and_is_a_page_ahead() {
    let server: MockServer = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex("analytics"))
        .respond_with(Server(Api::CallsV1, as_announced))
        .with_priority(1)
        .mount(&server)
        .await;
    let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    let client = support::client(&server, Api::CallsV1);
    let mut records = client.aggregate(&query).per_page(2).read_ahead().records();
    let mut keys = vec![records.try_next().await.unwrap().unwrap().key().to_owned()];
    while support::requests(&server).await.len() < 2 {
        tokio::task::yield_now().await;
    }
    while let Some(record) = records.try_next().await.unwrap() {
        keys.push(record.key().to_owned());
    }
    assert_eq!(keys, ["a", "b", "c", "d", "e"]);
    assert_eq!(support::requests(&server).await.len(), 3);
}

#[tokio::test]
async fn a_server_that_does_not_end_is_left() {
    for api in [Api::Beta, Api::CallsV1] {
        let (keys, _, end) = pull(api, the_same_page_for_ever, false).await;
        assert_eq!((keys.len(), end), (2, Some(ErrorKind::Answer)), "{api}");
        let (keys, _, end) = pull(api, no_end, false).await;
        assert_eq!(end, Some(ErrorKind::Answer), "{api}");
        assert!(keys.len() < 20, "{api}: {}", keys.len());
    }
}

/// A client whose clock goes on by `step` each time that it is read.
fn on_the_move(server: &MockServer, from: &str, step: SignedDuration) -> Client {
    let now = Mutex::new(from.parse::<Timestamp>().unwrap());
    let clock = move || {
        let mut now = now.lock().unwrap();
        *now += step;
        *now
    };
    support::builder(server, Api::CallsV1).clock(clock).build().unwrap()
}

/// The bounds of the period that each request to the API asked about.
async fn bounds(server: &MockServer) -> Vec<Json> {
    let bodies = support::requests(server).await.into_iter().filter_map(|request| {
        let body: Json = serde_json::from_slice(&request.body).ok()?;
        Some(body["timeSettings"]["timeRange"].clone())
    });
    bodies.collect()
}

#[tokio::test]
async fn pages_and_the_preview_of_a_call_are_about_one_period_across_midnight() {
    let server = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex("analytics"))
        .respond_with(Server(Api::CallsV1, as_announced))
        .with_priority(1)
        .mount(&server)
        .await;
    let client = on_the_move(&server, "2026-11-24T20:00:00Z", SignedDuration::from_hours(3));
    let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    let call = client.aggregate(&query).per_page(2);
    let preview = call.preview(1).unwrap();
    let first = call.page(1).await.unwrap();
    let second = call.clone().page(2).await.unwrap();
    assert_eq!([first.period, second.period], [preview.period; 2]);
    let previewed = preview.body["timeSettings"]["timeRange"].clone();
    assert_eq!(bounds(&server).await, [previewed.clone(), previewed]);
    let next_day = client.aggregate(&query).preview(1).unwrap();
    assert_ne!(next_day.period, preview.period, "a new call is about its own day");
}
