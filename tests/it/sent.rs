//! Requests of the caller's own: what comes back, and what a hook is given.

use std::sync::{Arc, Mutex};

use callperf::{Api, Attempt};
use serde_json::{Value as Json, json};
use wiremock::{Mock, ResponseTemplate, matchers::path_regex};

use crate::support;

/// What a response of this kind comes back as, and the statuses that the hook was given.
async fn sent(response: ResponseTemplate) -> (Json, Vec<Option<u16>>) {
    let server = support::server(ResponseTemplate::new(500)).await;
    Mock::given(path_regex("restapi/v1.0/any"))
        .respond_with(response)
        .with_priority(1)
        .mount(&server)
        .await;
    let statuses = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&statuses);
    let client = support::builder(&server, Api::CallsV1)
        .on_attempt(move |attempt: &Attempt| kept.lock().unwrap().push(attempt.status))
        .build()
        .unwrap();
    let value = client.send("/restapi/v1.0/any", &[], Some(&json!({}))).await.unwrap();
    let statuses = statuses.lock().unwrap().clone();
    (value, statuses)
}

#[tokio::test]
async fn an_empty_body_is_null_and_the_status_is_the_servers() {
    let response = ResponseTemplate::new;
    let cases = [
        (response(204), Json::Null, 204),
        (response(200), Json::Null, 200),
        (response(202).set_body_string("\r\n"), Json::Null, 202),
        (response(201).set_body_json(json!({"id": 7})), json!({"id": 7}), 201),
        (response(206).set_body_json(json!([1])), json!([1]), 206),
    ];
    for (response, value, status) in cases {
        assert_eq!(sent(response).await, (value, vec![Some(status)]));
    }
}
