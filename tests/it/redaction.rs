//! Secrets of any form change nothing of what is decoded, and are in nothing that is
//! shown of it.

use callperf::{
    Api, Breakdown, Client, ClientBuilder, Credentials, Error, ErrorKind, GroupBy, Interval,
    Period, Query,
};
use serde_json::{Value as Json, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{self, first};

/// A part of a word, of a number, of a name, and of the JSON itself.
const ODD_SECRETS: [&str; 6] = ["s", "1", "nes", "\"", "key", "Queues"];

fn builder(server: &MockServer, api: Api, secret: &str) -> ClientBuilder {
    support::builder(server, api).credentials(Credentials::jwt("client", secret, "marked-jwt"))
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

/// A good record, and one whose total is a text.
fn answer(total: &str) -> Json {
    json!({"data": {"groupedBy": "Queues", "records": [
        {"key": "7001", "info": {"name": "Agnes"}, "counters": {"allCalls": {"values": 12}}},
        {"key": "7002", "counters": {"allCalls": {"values": total}}},
    ]}})
}

fn all_of(error: &Error) -> String {
    format!("{error} {error:?} {:?} {:?}", error.api_errors(), error.body_excerpt())
}

async fn server(answer: Json) -> MockServer {
    support::server(ResponseTemplate::new(200).set_body_json(answer)).await
}

#[tokio::test]
async fn what_came_is_decoded_with_any_secret() {
    for secret in ODD_SECRETS {
        let server = server(answer("two")).await;
        let client = builder(&server, Api::CallsV1, secret).build().unwrap();
        let page = client.aggregate(&query()).page(1).await.expect(secret);
        let [record] = &page.records[..] else { panic!("{secret}: {:?}", page.records) };
        assert_eq!((record.key(), record.label()), ("7001", "Agnes"), "{secret}");
        assert_eq!(record.calls().total().unwrap().as_u64(), Some(12), "{secret}");
        let notice = page.notices[0].to_string();
        assert!(notice.starts_with("data.records[1].counters.allCalls.values can't"), "{notice}");
    }
}

#[tokio::test]
async fn a_recording_decodes_what_came_with_any_secret() {
    for secret in ODD_SECRETS {
        let server = server(answer("two")).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cassette.json");
        let client = builder(&server, Api::CallsV1, secret).record_to(&file).build().unwrap();
        let recorded = client.aggregate(&query()).page(1).await.expect(secret);
        let replaying = Client::builder().replay_from(&file).build().unwrap();
        let replayed = replaying.aggregate(&query()).page(1).await.expect(secret);
        for page in [recorded, replayed] {
            let total = page.records[0].calls().total().unwrap().as_u64();
            assert_eq!((page.records.len(), total), (1, Some(12)), "{secret}");
        }
    }
}

#[tokio::test]
async fn a_notice_and_an_error_quote_no_secret() {
    let odd =
        json!({"data": {"marked-token": {"counters": {"totalCalls": "marked-jwt"}}, "2": {}}});
    for (api, answer) in [(Api::CallsV1, answer("marked-token")), (Api::Beta, odd)] {
        let server = server(answer).await;
        for strict in [false, true] {
            let client = builder(&server, api, "marked-secret").strict(strict).build().unwrap();
            let shown = match client.aggregate(&query()).page(1).await {
                Ok(page) => page.notices[0].to_string(),
                Err(error) => all_of(&error),
            };
            assert!(!shown.contains("marked-"), "{api} {strict}: {shown}");
            assert!(shown.contains("[redacted]"), "{api} {strict}: {shown}");
        }
    }
    let points = json!([{"time": "marked-token"}, {"time": "2026-11-20T00:00:00Z"}]);
    let series = json!([{"key": "1", "points": points}]);
    let server = server(json!({"data": {"groupedBy": "Queues", "records": series}})).await;
    let client = builder(&server, Api::CallsV1, "marked-secret").build().unwrap();
    let page = client.timeline(&query(), Interval::Day).page(1).await.unwrap();
    let notice = page.notices[0].to_string();
    assert!(notice.starts_with("data.records[0].points[0].time"), "{notice}");
    assert!(!notice.contains("marked-"), "{notice}");
}

#[tokio::test]
async fn a_refusal_keeps_its_code_with_any_secret() {
    let errors = json!([{"errorCode": "OAU-140", "message": "marked-jwt isn't it"}]);
    let body = json!({"error": "invalid_grant", "errors": errors});
    for secret in ["e", "1", "\"", "OAU", "error"] {
        let server = server(support::empty_answer(Api::CallsV1)).await;
        let refusal = ResponseTemplate::new(400).set_body_json(&body);
        first(&server, "oauth/token", refusal, 1).await;
        let client = builder(&server, Api::CallsV1, secret).build().unwrap();
        let error = client.aggregate(&query()).page(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(error.api_errors()[0].code, "OAU-140", "{secret}");
        assert!(!all_of(&error).contains("marked-jwt"), "{secret}");

        let refusal = ResponseTemplate::new(400).set_body_json(&body);
        first(&server, "analytics", refusal, 1).await;
        let error = client.aggregate(&query()).page(1).await.unwrap_err();
        assert_eq!(error.api_errors()[0].code, "OAU-140", "{secret}");
        assert!(!all_of(&error).contains("marked-jwt"), "{secret}");
    }
}

/// A gateway may repeat any token that it has seen.
#[tokio::test]
async fn tokens_of_the_session_and_of_the_one_before_are_in_no_error() {
    let server = support::server(ResponseTemplate::new(404)).await;
    for number in [1, 2] {
        let token = json!({
            "access_token": format!("marked/access/{number}"), "token_type": "bearer",
            "expires_in": 3600, "refresh_token": format!("marked/refresh/{number}"),
            "refresh_token_expires_in": 3600,
        });
        let token = ResponseTemplate::new(200).set_body_json(token);
        first(&server, "token", token, 1).await;
    }
    let dead = json!({"errors": [{"errorCode": "OAU-128", "message": "old"}]});
    first(&server, "analytics", ResponseTemplate::new(401).set_body_json(dead), 1).await;
    let all = "marked/access/1 marked/access/2 marked/refresh/1 marked/refresh/2";
    first(&server, "analytics", ResponseTemplate::new(403).set_body_string(all), 1).await;
    let client = builder(&server, Api::CallsV1, "marked-secret").build().unwrap();
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert!(!all_of(&error).contains("marked"), "{error:#?}");
    assert!(all_of(&error).contains("[redacted]"), "{error:#?}");
}
