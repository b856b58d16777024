//! Requests in the places where programs put them: joined, spawned, kept. What compiles here is
//! the test: no future or stream borrows from the request, the query or the client.

use callperf::{
    Api, Breakdown, Client, Credentials, Direction, GroupBy, Interval, Notice, Page, Pages, Period,
    Query, Record, Records, Request, Series,
};
use futures_util::{
    Stream, TryStreamExt,
    future::{try_join, try_join_all},
};
use serde_json::{Value as Json, json};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate, matchers::path_regex};

use crate::support;

fn queues() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn inbound() -> Query {
    queues().only(Direction::Inbound)
}

/// Two pages with a key each; the first counts fewer records than the second.
struct TwoPages;

impl Respond for TwoPages {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let asked = request.url.query_pairs().find(|(name, _)| name == "page").unwrap().1;
        let page: u64 = asked.parse().unwrap();
        let counters = json!({"allCalls": {"valueType": "Instances", "values": page}});
        let record = json!({"key": format!("key {page}"), "counters": counters});
        ResponseTemplate::new(200).set_body_json(json!({
            "data": {"groupedBy": "Queues", "records": [record]},
            "paging": {"page": page, "perPage": 1, "totalPages": 2, "totalElements": 1 + page},
        }))
    }
}

async fn two_pages() -> (MockServer, Client) {
    let server = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex("analytics"))
        .respond_with(TwoPages)
        .with_priority(1)
        .mount(&server)
        .await;
    let client = support::client(&server, Api::CallsV1);
    (server, client)
}

fn keys<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<&'a str> {
    records.into_iter().map(Record::key).collect()
}

fn notices(notices: &[Notice]) -> Json {
    serde_json::to_value(notices).unwrap()
}

fn owned<F: Future + Send + 'static>(future: F) -> F {
    future
}

fn owned_stream<S: Stream + Send + Unpin + 'static>(stream: S) -> S {
    stream
}

#[tokio::test]
async fn futures_and_streams_outlive_all_that_they_are_made_of() {
    let (_server, client) = two_pages().await;
    let page = owned(client.aggregate(&queues()).page(1));
    let all = owned(client.aggregate(&queues()).all());
    let pages: Pages<Record> = owned_stream(client.aggregate(&queues()).pages());
    let records: Records<Record> = owned_stream(client.aggregate(&queues()).records());
    let series = owned(client.timeline(&queues(), Interval::Day).all());
    let (log_in, session) = (owned(client.log_in()), owned(client.session()));
    let sent = owned(client.send(&format!("/restapi/v1.0/account/{}", "~"), &[("a", "b")], None));
    drop((series, sent, owned(client.revoke())));
    drop(client);

    log_in.await.unwrap();
    assert!(session.await.unwrap().is_some());
    assert_eq!(page.await.unwrap().records.len(), 1);
    assert_eq!(keys(&all.await.unwrap()), ["key 1", "key 2"]);
    assert_eq!(pages.try_collect::<Vec<Page<Record>>>().await.unwrap().len(), 2);
    assert_eq!(records.try_collect::<Vec<Record>>().await.unwrap().len(), 2);
}

#[tokio::test]
async fn requests_are_joined_where_they_are_made() {
    let (_server, client) = two_pages().await;
    let (all, incoming) =
        tokio::try_join!(client.aggregate(&queues()).all(), client.aggregate(&inbound()).all())
            .unwrap();
    assert_eq!([all.records.len(), incoming.records.len()], [2, 2]);
    let (first, second) =
        try_join(client.aggregate(&queues()).page(1), client.aggregate(&queues()).page(2))
            .await
            .unwrap();
    assert_eq!([keys(&first.records), keys(&second.records)], [["key 1"], ["key 2"]]);
}

#[tokio::test]
async fn requests_are_spawned_and_joined_by_the_list() {
    let (_server, client) = two_pages().await;
    let spawned = tokio::spawn(client.aggregate(&queues()).page(2));
    assert_eq!(keys(&spawned.await.unwrap().unwrap().records), ["key 2"]);
    let queries = [queues(), inbound()];
    let reports = try_join_all(queries.iter().map(|query| client.aggregate(query).all()));
    let found: Vec<_> = reports.await.unwrap().iter().map(|report| report.records.len()).collect();
    assert_eq!(found, [2, 2]);
}

#[tokio::test]
async fn pages_records_and_all_say_the_same() {
    let (_server, client) = two_pages().await;
    let period =
        Period::between("2026-11-24T00:00:00Z".parse().unwrap(), support::NOW.parse().unwrap());
    let query = Query::new(GroupBy::queues(), period, "UTC").calls(Breakdown::Total);
    let request: Request<Record> = client.aggregate(&query);
    let report = request.all().await.unwrap();

    let mut pages = request.pages();
    let mut read = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        read.push(page);
    }
    assert_eq!(read.iter().flat_map(|page| keys(&page.records)).collect::<Vec<_>>(), keys(&report));
    // The end that was moved belongs to the first page, what doesn't add up to the second.
    assert_eq!(read.iter().map(|page| page.notices.len()).collect::<Vec<_>>(), [1, 2]);
    let of_pages: Vec<_> = read.iter().flat_map(|page| page.notices.clone()).collect();
    assert_eq!(notices(&of_pages), notices(&report.notices));
    assert_eq!((pages.period(), pages.total()), (Some(report.period), Some(3)));

    let mut records = request.records();
    while records.try_next().await.unwrap().is_some() {}
    assert_eq!(notices(records.notices()), notices(&report.notices));
    assert_eq!(records.period(), Some(report.period));
}

#[tokio::test]
async fn a_report_is_all_or_an_error() {
    let server = support::server(ResponseTemplate::new(403)).await;
    let first = json!({
        "data": {"groupedBy": "Queues", "records": [{"key": "key 1"}]},
        "paging": {"page": 1, "perPage": 1, "totalPages": 2, "totalElements": 2},
    });
    support::first(&server, "analytics", ResponseTemplate::new(200).set_body_json(first), 1).await;
    let client = support::client(&server, Api::CallsV1);
    let error = client.aggregate(&queues()).all().await.unwrap_err();
    assert_eq!((error.status(), support::requests(&server).await.len()), (Some(403), 2));
    let refused = client.aggregate(&queues().calls(Breakdown::Total)).all().await.unwrap_err();
    assert!(refused.is_query(), "{refused}");
}

/// What comes of a report is its records, by value or by reference.
#[tokio::test]
async fn a_report_iterates_over_its_records() {
    let (_server, client) = two_pages().await;
    let report = client.aggregate(&queues()).all().await.unwrap();
    let by_reference: Vec<_> = report.iter().map(|it| it.key().to_owned()).collect();
    let by_value: Vec<_> = report.into_iter().map(|it| it.key().to_owned()).collect();
    assert_eq!((by_reference, by_value.len()), (by_value.clone(), 2));
}

/// Programs of earlier versions name the type.
#[test]
#[expect(deprecated, reason = "what programs of earlier versions name")]
fn the_old_name_is_the_same_type() {
    let credentials = Credentials::jwt("client", "secret", "jwt");
    let client = Client::builder().credentials(credentials).build().unwrap();
    let request: callperf::Call<Series> = client.timeline(&queues(), Interval::Day);
    let request: Request<Series> = request.per_page(7);
    assert_eq!(request.preview(1).unwrap().per_page, 7);
}
