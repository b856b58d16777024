//! A machine whose clock is wrong: what it asks for, and what the server's clock says.

use std::sync::Arc;

use callperf::{Breakdown, Client, Credentials, GroupBy, MemoryTokenStore, Period, Query};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::support;

/// A server whose clock is this much ahead, and what the time is there.
async fn server(ahead: SignedDuration) -> (MockServer, Timestamp) {
    let now = Timestamp::now() + ahead;
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap();
    let token = json!({"access_token": "a", "token_type": "bearer", "expires_in": 3600});
    let answer = json!({"data": {"groupedBy": "Users", "records": []}});
    let dated = |body| ResponseTemplate::new(200).set_body_json(body).insert_header("date", &*date);
    let server = support::server(dated(answer)).await;
    Mock::given(method("POST"))
        .and(path("/restapi/oauth/token"))
        .respond_with(dated(token))
        .with_priority(1)
        .mount(&server)
        .await;
    (server, now)
}

fn client(server: &MockServer) -> Client {
    sharing(server, &MemoryTokenStore::new())
}

fn sharing(server: &MockServer, store: &MemoryTokenStore) -> Client {
    let credentials = Credentials::jwt("client", "secret", "jwt");
    let builder = Client::builder().server(server.uri()).credentials(credentials);
    builder.token_store(store.clone()).build().unwrap()
}

/// The ends of the periods that were asked about, on the wire.
async fn ends(server: &MockServer) -> Vec<Timestamp> {
    let requests = support::requests(server).await;
    let bodies = requests.iter().filter_map(|it| serde_json::from_slice::<Json>(&it.body).ok());
    bodies
        .map(|body| body["timeSettings"]["timeRange"]["timeTo"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Until an hour from now, which is moved to two minutes before now.
fn until_now() -> Query {
    let now = Timestamp::now();
    let period =
        Period::between(now - SignedDuration::from_hours(3), now + SignedDuration::from_hours(1));
    Query::new(GroupBy::users(), period, "UTC").calls(Breakdown::Total)
}

#[tokio::test]
async fn a_machine_that_is_ahead_asks_for_nothing_in_the_servers_future() {
    let (server, now) = server(SignedDuration::from_mins(-3)).await;
    let client = client(&server);
    let page = client.aggregate(&until_now()).page(1).await.unwrap();
    let mut records = client.aggregate(&until_now()).records();
    while records.try_next().await.unwrap().is_some() {}
    let ends = ends(&server).await;
    assert_eq!(ends.len(), 2);
    assert!(ends.iter().all(|end| *end < now), "{ends:?} at {now}");
    assert!(page.period.to() < now && records.period().unwrap().to() < now);
    assert_eq!(page.notices.len(), 1, "its end was moved: {:?}", page.notices);
}

#[tokio::test]
async fn a_machine_that_is_behind_asks_for_what_the_server_has() {
    let (server, now) = server(SignedDuration::from_mins(50)).await;
    let page = client(&server).aggregate(&until_now()).page(1).await.unwrap();
    assert!(page.period.to() > now - SignedDuration::from_mins(3), "{:?}", page.period);
}

#[tokio::test]
async fn the_first_of_many_requests_at_once_learns_the_time_by_its_login() {
    let (server, now) = server(SignedDuration::from_mins(-3)).await;
    let client = client(&server);
    let query = Arc::new(until_now());
    let pages = (0..3).map(|_| {
        let (client, query) = (client.clone(), Arc::clone(&query));
        tokio::spawn(async move { client.aggregate(&query).page(1).await.unwrap().period.to() })
    });
    for page in pages.collect::<Vec<_>>() {
        assert!(page.await.unwrap() < now);
    }
}

/// As commands are that run one after the other.
#[tokio::test]
async fn a_client_that_goes_on_with_a_session_knows_the_time_of_its_login() {
    let (server, now) = server(SignedDuration::from_mins(-3)).await;
    let store = MemoryTokenStore::new();
    sharing(&server, &store).log_in().await.unwrap();
    let page = sharing(&server, &store).aggregate(&until_now()).page(1).await.unwrap();
    assert!(page.period.to() < now);
}
