//! Settings of the connection, as they take effect.

use callperf::{Api, Breakdown, Client, Credentials, ErrorKind, GroupBy, Period, Query};
use wiremock::ResponseTemplate;

use crate::{
    agreement,
    support::{self, NOW, SECRETS, TOKEN_PATH},
};

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn builder() -> callperf::ClientBuilder {
    Client::builder()
        .credentials(Credentials::jwt("client", SECRETS[0], SECRETS[1]))
        .clock(|| NOW.parse().unwrap())
}

/// Nothing listens at the server's address; the proxy answers in its place.
#[tokio::test]
async fn a_proxy_gets_all_requests() {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let proxy = support::server(answer).await;
    let client = builder().server("http://localhost:1").proxy(proxy.uri()).build().unwrap();
    client.aggregate(&query()).page(1).await.unwrap();
    let seen = proxy.received_requests().await.unwrap();
    let paths: Vec<_> = seen.iter().map(|request| request.url.path()).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert_eq!(paths[0], TOKEN_PATH);
    assert_eq!(seen[1].headers["host"], "localhost:1");
}

#[tokio::test]
async fn what_is_no_certificate_or_proxy_is_refused_before_anything_is_sent() {
    let not_pem = builder().root_certificate("-----BEGIN CERTIFICATE-----\nnope");
    for refused in [not_pem, builder().proxy("http://[")] {
        assert_eq!(refused.build().unwrap_err().kind(), ErrorKind::Settings);
    }
}

#[tokio::test]
async fn the_application_says_who_it_is_before_the_sdk() {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    let client = support::builder(&server, Api::CallsV1).application("my-app/1.2").build().unwrap();
    client.aggregate(&query()).page(1).await.unwrap();
    client.send("/restapi/v1.0/any", &[], Some(&serde_json::json!({}))).await.unwrap();
    let expected = format!("my-app/1.2 callperf/{}", env!("CARGO_PKG_VERSION"));
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 3);
    for request in seen {
        for name in ["user-agent", "x-user-agent"] {
            assert_eq!(request.headers[name], expected.as_str(), "{} {name}", request.url);
        }
    }
}

/// Nothing listens at the server's address; the client's own proxy, which is the sandbox, answers.
#[tokio::test]
async fn a_client_of_the_callers_own_sends_everything() {
    let sandbox = agreement::sandbox(7).await;
    let own = reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(sandbox.url()).unwrap())
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let credentials = Credentials::jwt(sandbox.client_id(), sandbox.client_secret(), sandbox.jwt());
    let client = Client::builder()
        .server("http://localhost:1")
        .credentials(credentials)
        .clock(|| agreement::NOW.parse().unwrap())
        .application("my-app/1.2")
        .http_client(own)
        .build()
        .unwrap();
    let usual = agreement::client(&sandbox, Api::CallsV1);
    let records = agreement::records(&client, &query()).await;
    assert!(!records.is_empty());
    assert_eq!(records, agreement::records(&usual, &query()).await);
}
