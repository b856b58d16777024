//! The quota, as a client sees it.

use std::time::Duration;

use callperf_sandbox::{App, Limit, Limits};
use reqwest::Response;
use serde_json::Value;

use crate::client::{AGGREGATION, BETA, Client, JWT_BEARER, TIMELINE, TOKEN, builder, everything};

/// Group, limit, remaining, window and Retry-After, as far as they are there.
fn quota(response: &Response) -> [Option<&str>; 5] {
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
    [
        header("x-rate-limit-group"),
        header("x-rate-limit-limit"),
        header("x-rate-limit-remaining"),
        header("x-rate-limit-window"),
        header("retry-after"),
    ]
}

async fn ask(client: &Client, path: &str, body: &Value) -> Response {
    let url = format!("{}{path}", client.sandbox.url());
    client.http.post(url).bearer_auth(&client.token).json(body).send().await.unwrap()
}

async fn log_in(client: &Client, app: &str) -> Response {
    let form =
        [("grant_type", JWT_BEARER), ("assertion", client.sandbox.jwt()), ("client_id", app)];
    let url = format!("{}{TOKEN}", client.sandbox.url());
    client.http.post(url).form(&form).send().await.unwrap()
}

#[tokio::test]
async fn every_answer_tells_the_quota_and_one_too_many_the_penalty() {
    let client = Client::on(builder().limits(Limits::documented())).await;
    let body = everything("Company");
    // All reports are in one group, and refused ones count.
    for (remaining, (path, body, status)) in (47..50).rev().zip([
        (AGGREGATION, &body, 200),
        (TIMELINE, &body, 400),
        (BETA, &Value::Null, 400),
    ]) {
        let response = ask(&client, path, body).await;
        assert_eq!(response.status(), status, "{path}");
        let remaining = remaining.to_string();
        let expected = [Some("light"), Some("50"), Some(remaining.as_str()), Some("60"), None];
        assert_eq!(quota(&response), expected, "{path}");
    }
    for _ in 0..47 {
        assert_eq!(ask(&client, BETA, &Value::Null).await.status(), 400);
    }
    for _ in 0..2 {
        client.sandbox.advance(Duration::from_secs(59));
        let refused = ask(&client, AGGREGATION, &body).await;
        assert_eq!(refused.status(), 429);
        let expected = [Some("light"), Some("50"), Some("0"), Some("60"), Some("60")];
        let seen = quota(&refused);
        assert_eq!(
            (seen[0], seen[1], seen[3], seen[4]),
            (expected[0], expected[1], expected[3], expected[4])
        );
        let error: Value = refused.json().await.unwrap();
        assert_eq!(
            (&error["errorCode"], &error["errors"][0]["errorCode"]),
            (&"CMN-301".into(), &"CMN-301".into())
        );
        assert_eq!(error["message"], "Request rate exceeded");
    }
    client.sandbox.advance(Duration::from_secs(61));
    assert_eq!(ask(&client, AGGREGATION, &body).await.status(), 200);
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_path_spend_nothing() {
    let client = Client::on(builder().limits(Limits::documented())).await;
    for path in [AGGREGATION, "/nowhere"] {
        let url = format!("{}{path}", client.sandbox.url());
        let response = client.http.post(url).bearer_auth("x").send().await.unwrap();
        assert_eq!(quota(&response), [None; 5], "{path}");
    }
    let response = ask(&client, AGGREGATION, &everything("Company")).await;
    assert_eq!(quota(&response)[2], Some("49"));
}

#[tokio::test]
async fn logins_are_counted_by_app_whether_or_not_they_succeed() {
    let limits =
        Limits::off().auth(Limit::new(2, Duration::from_secs(10), Duration::from_secs(20)));
    let apps = builder().app(App::public("one").limits(limits)).app(App::public("other"));
    let client = Client::on(apps).await;
    let first = log_in(&client, "one").await;
    assert_eq!(quota(&first), [Some("auth"), Some("2"), Some("1"), Some("10"), None]);
    let form = [("grant_type", "magic"), ("client_id", "one")];
    let url = format!("{}{TOKEN}", client.sandbox.url());
    let second = client.http.post(url).form(&form).send().await.unwrap();
    assert_eq!((second.status().as_u16(), quota(&second)[2]), (400, Some("0")));
    let third = log_in(&client, "one").await;
    assert_eq!((third.status().as_u16(), quota(&third)[4]), (429, Some("20")));
    assert_eq!(log_in(&client, "other").await.status(), 200);
    client.sandbox.reset();
    assert_eq!(log_in(&client, "one").await.status(), 200);
}

#[tokio::test]
async fn limits_can_be_scaled_and_changed() {
    let client = Client::on(builder().limits(Limits::scaled(Duration::from_secs(1)))).await;
    let response = ask(&client, BETA, &Value::Null).await;
    assert_eq!(quota(&response), [Some("light"), Some("50"), Some("49"), Some("1"), None]);
    client.sandbox.set_limits(Limits::off());
    assert_eq!(quota(&ask(&client, BETA, &Value::Null).await), [None; 5]);
}
