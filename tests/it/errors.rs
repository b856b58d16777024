//! What a failure says, and that it says no secret.

use std::{error::Error as _, time::Duration};

use callperf::{
    Api, Breakdown, Client, Credentials, Error, ErrorKind, GroupBy, Period, Query, RetryPolicy,
};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{self, SECRETS, TOKEN_PATH};

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

async fn failure_of(api: Api, answer: ResponseTemplate) -> Error {
    let server = support::server(answer).await;
    support::client(&server, api).aggregate(&query()).page(1).await.unwrap_err()
}

/// The text of an error with its causes; fails where a secret is in any of it.
fn checked_text(error: &Error) -> String {
    let mut parts = vec![format!("{error:?}")];
    let mut cause = error.source();
    while let Some(current) = cause {
        parts.push(format!("{current}\n{current:?}"));
        cause = current.source();
    }
    let text = parts.join("\n");
    assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
    format!("{:?}: {error}", error.kind())
}

fn vendor_error(code: &str, message: &str, parameter: Option<&str>) -> Json {
    let mut entry = json!({"errorCode": code, "message": message});
    if let Some(parameter) = parameter {
        entry["parameterName"] = parameter.into();
    }
    json!({"errorCode": code, "message": message, "errors": [entry]})
}

#[tokio::test]
async fn each_failure_says_what_it_is() {
    let id = ("RCRequestId", "6b5f0c9e");
    let answers = [
        ("400", ResponseTemplate::new(400).set_body_json(vendor_error(
            "CMN-101",
            "Parameter [page] value is invalid.",
            Some("page"),
        ))),
        ("401", ResponseTemplate::new(401).set_body_json(vendor_error(
            "OAU-129",
            "Access token corrupted",
            None,
        ))),
        ("403", ResponseTemplate::new(403).set_body_json(vendor_error(
            "CMN-401",
            "In order to call this API endpoint, application needs to have [Analytics] permission",
            None,
        ))),
        ("404", ResponseTemplate::new(404).set_body_string("not here")),
        ("429", ResponseTemplate::new(429)
            .insert_header("Retry-After", "60")
            .set_body_json(vendor_error("CMN-301", "Request rate exceeded", None))),
        ("500", ResponseTemplate::new(500).set_body_json(json!({"errors": []}))),
        ("501", ResponseTemplate::new(501).set_body_json(vendor_error("CMN-202", "Not done", None))),
        ("502", ResponseTemplate::new(502).set_body_string("<html>Bad gateway</html>")),
        ("301", ResponseTemplate::new(301).insert_header("Location", "https://example.com/")),
    ];
    let mut texts = Vec::new();
    for (name, answer) in answers {
        let error = failure_of(Api::CallsV1, answer.insert_header(id.0, id.1)).await;
        texts.push(format!("{name}\n{}", checked_text(&error)));
    }
    support::snapshots().bind(|| insta::assert_snapshot!("failures", texts.join("\n\n")));
}

#[tokio::test]
async fn a_quota_error_says_how_long_to_wait() {
    let answer = ResponseTemplate::new(429).insert_header("Retry-After", "42");
    let error = failure_of(Api::Beta, answer).await;
    assert!(error.is_quota() && error.is_transient());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(42)));
}

async fn login_failure(answer: ResponseTemplate) -> Error {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path(TOKEN_PATH)).respond_with(answer).mount(&server).await;
    support::client(&server, Api::CallsV1).aggregate(&query()).page(1).await.unwrap_err()
}

#[tokio::test]
async fn a_refused_login_keeps_its_code() {
    let answers = [
        ResponseTemplate::new(400).set_body_json(json!({
            "error": "invalid_grant", "error_description": "Token expired",
            "errors": [{"errorCode": "OAU-210", "message": "Token expired"}],
        })),
        ResponseTemplate::new(401).set_body_json(json!({
            "error": "invalid_client", "error_description": "Client authentication is required",
        })),
        ResponseTemplate::new(429).insert_header("Retry-After", "60"),
        ResponseTemplate::new(503),
        ResponseTemplate::new(200).set_body_string("marked-token"),
        ResponseTemplate::new(200).set_body_json(json!({"access_token": "a\nb", "expires_in": 1})),
    ];
    let mut texts = Vec::new();
    for answer in answers {
        texts.push(checked_text(&login_failure(answer).await));
    }
    support::snapshots().bind(|| insta::assert_snapshot!("login-failures", texts.join("\n\n")));
}

#[tokio::test]
async fn a_login_response_may_be_written_otherwise() {
    let responses = [
        json!({"access_token": "token", "expires_in": "3600"}),
        json!({"access_token": "token", "expires_in": 3599.9}),
        json!({"access_token": "token"}),
        json!({"access_token": "token", "expires_in": null, "owner_id": 101}),
    ];
    for response in responses {
        let server = support::server(ResponseTemplate::new(500)).await;
        let login = ResponseTemplate::new(200).set_body_json(&response);
        support::first(&server, TOKEN_PATH, login, 9).await;
        let client = support::client(&server, Api::CallsV1);
        client.log_in().await.unwrap();
        client.log_in().await.unwrap();
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{response}");
        let usable = client.session().await.unwrap().unwrap().usable_for;
        assert!(usable > Duration::from_mins(58), "{response}");
    }
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_used_again() {
    let server = support::server(ResponseTemplate::new(401)).await;
    let client = support::client(&server, Api::CallsV1);
    for _ in 0..2 {
        client.aggregate(&query()).page(1).await.unwrap_err();
    }
    let all = server.received_requests().await.unwrap();
    assert_eq!(all.iter().filter(|request| request.url.path() == TOKEN_PATH).count(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_network_failure() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let client = Client::builder()
        .server(format!("http://{address}"))
        .credentials(Credentials::jwt("client", SECRETS[0], SECRETS[1]))
        .clock(|| support::NOW.parse().unwrap())
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    checked_text(&error);
}

#[tokio::test]
async fn a_slow_server_runs_out_of_its_time() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    let server = support::server(slow).await;
    let builder = support::builder(&server, Api::CallsV1).timeout(Duration::from_millis(300));
    let error = builder.build().unwrap().aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let large = ResponseTemplate::new(200).set_body_string("x".repeat(5000));
    let server = support::server(large).await;
    let builder = support::builder(&server, Api::CallsV1).max_body_bytes(4000);
    let error = builder.build().unwrap().aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    assert!(error.to_string().contains("larger than 4000 bytes"), "{error}");
    assert!(error.to_string().contains("ClientBuilder::max_body_bytes"), "{error}");
}

/// A small body that takes a lot of memory: the first of these objects would be a
/// record of two kilobytes, and so would each of the others.
#[tokio::test]
async fn a_response_with_too_many_values_is_not_decoded() {
    let objects = vec!["{}"; 400_000].join(",");
    let body = format!(r#"{{"data": {{"groupedBy": "Queues", "records": [{objects}]}}}}"#);
    assert!(body.len() < 2 << 20);
    let many = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    let server = support::server(many).await;
    let client = support::client(&server, Api::CallsV1);
    let page = client.aggregate(&query()).page(1).await.map(drop);
    let sent = client.send("/restapi/v1.0/any", &[], Some(&serde_json::json!({}))).await.map(drop);
    for outcome in [page, sent] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        for said in ["more than 3000000 JSON values", "ClientBuilder::max_json_values"] {
            assert!(error.to_string().contains(said), "{error}");
        }
    }
    let few = support::builder(&server, Api::CallsV1).max_json_values(10_000_000).build().unwrap();
    let page = few.aggregate(&query()).page(1).await.unwrap();
    assert!(page.records.is_empty(), "none of them has a key");
}

/// A gateway may send the API's error with the status of a success.
#[tokio::test]
async fn an_error_with_the_status_of_a_success_keeps_its_reason() {
    let error = json!({"errorCode": "CMN-301", "message": "Request rate exceeded"});
    let answer = ResponseTemplate::new(200).set_body_json(error);
    let error = failure_of(Api::CallsV1, answer).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Answer, Some(200)));
    assert_eq!(error.api_errors()[0].to_string(), "CMN-301: Request rate exceeded");
}
