//! Attempts made again, and tokens renewed, over HTTP.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use callperf::{
    Api, Attempt, Breakdown, Client, Credentials, ErrorKind, GroupBy, Period, Pkce, Progress,
    Query, RetryPolicy,
};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path_regex, query_param},
};

use crate::support::{self, TOKEN_PATH};

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

/// A server that fails some times before it answers.
async fn failing(api: Api, failure: ResponseTemplate, times: u64) -> MockServer {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(api));
    let server = support::server(answer).await;
    Mock::given(path_regex("analytics"))
        .respond_with(failure)
        .up_to_n_times(times)
        .with_priority(1)
        .mount(&server)
        .await;
    server
}

async fn logins(server: &MockServer) -> usize {
    let all = server.received_requests().await.unwrap();
    all.iter().filter(|request| request.url.path() == TOKEN_PATH).count()
}

fn now(failure: ResponseTemplate) -> ResponseTemplate {
    failure.insert_header("Retry-After", "0")
}

#[tokio::test]
async fn what_may_help_is_tried_again() {
    for api in [Api::Beta, Api::CallsV1] {
        for status in [429, 500, 502, 503, 504] {
            let server = failing(api, now(ResponseTemplate::new(status)), 2).await;
            let policy = RetryPolicy::default();
            let client = support::builder(&server, api).retry(policy).build().unwrap();
            client.aggregate(&query()).page(1).await.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(support::requests(&server).await.len(), 3, "{api} {status}");
            assert_eq!(logins(&server).await, 1);
        }
    }
}

#[tokio::test]
async fn what_cannot_help_is_not() {
    for status in [400, 403, 404, 405, 501] {
        let server = failing(Api::CallsV1, now(ResponseTemplate::new(status)), 9).await;
        let policy = RetryPolicy::default();
        let client = support::builder(&server, Api::CallsV1).retry(policy).build().unwrap();
        let error = client.aggregate(&query()).page(1).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert_eq!(support::requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn attempts_are_counted_and_end() {
    let server = failing(Api::CallsV1, now(ResponseTemplate::new(503)), 99).await;
    let policy = RetryPolicy::default().attempts(3);
    let client = support::builder(&server, Api::CallsV1).retry(policy).build().unwrap();
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 3));
    assert!(error.to_string().contains("after 3 attempts"), "{error}");
    assert_eq!(support::requests(&server).await.len(), 3);
}

#[tokio::test]
async fn a_penalty_is_waited_out_by_all_clones() {
    let failure = ResponseTemplate::new(429)
        .insert_header("Retry-After", "1")
        .insert_header("X-Rate-Limit-Group", "light")
        .insert_header("X-Rate-Limit-Limit", "50")
        .insert_header("X-Rate-Limit-Remaining", "50")
        .insert_header("X-Rate-Limit-Window", "60");
    let server = failing(Api::CallsV1, failure, 1).await;
    let policy = RetryPolicy::default();
    let client = support::builder(&server, Api::CallsV1).retry(policy).build().unwrap();
    let clone = client.clone();
    let begun = Instant::now();
    let (one, other) = (client.aggregate(&query()), clone.aggregate(&query()));
    let (one, other) = tokio::join!(one.page(1), other.page(1));
    one.unwrap();
    other.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    // The second request was held back while the first learned the quota.
    assert_eq!(support::requests(&server).await.len(), 3);
    assert_eq!(client.budget()[0].limit, 50);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let failure = ResponseTemplate::new(429).insert_header("Retry-After", "60");
    let server = failing(Api::CallsV1, failure, 9).await;
    let policy = RetryPolicy::default().deadline(Duration::from_secs(5));
    let client = support::builder(&server, Api::CallsV1).retry(policy).build().unwrap();
    let begun = Instant::now();
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Quota, 1));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn each_attempt_is_reported() {
    let server = failing(Api::CallsV1, now(ResponseTemplate::new(503)), 2).await;
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&attempts);
    let client = support::builder(&server, Api::CallsV1)
        .on_attempt(move |attempt: &Attempt| kept.lock().unwrap().push(attempt.clone()))
        .build()
        .unwrap();
    client.aggregate(&query()).retry(RetryPolicy::default()).page(1).await.unwrap();
    let attempts: Vec<_> = attempts
        .lock()
        .unwrap()
        .iter()
        .map(|attempt| (attempt.operation, attempt.number, attempt.status, attempt.failure))
        .collect();
    let operation = "analyticsCallsAggregationFetch";
    let failed = Some(ErrorKind::Server);
    assert_eq!(
        attempts,
        [
            (operation, 1, Some(503), failed),
            (operation, 2, Some(503), failed),
            (operation, 3, Some(200), None),
        ]
    );
}

#[tokio::test]
async fn a_pull_says_how_far_it_is() {
    let page = |number: u64| {
        let paging = json!({"page": number, "perPage": 1, "totalPages": 3, "totalElements": 3});
        let key = format!("key {number}");
        let body =
            json!({"data": {"groupedBy": "Users", "records": [{"key": key}]}, "paging": paging});
        ResponseTemplate::new(200)
            .insert_header("X-Rate-Limit-Group", "light")
            .insert_header("X-Rate-Limit-Limit", "50")
            .insert_header("X-Rate-Limit-Remaining", (50 - number).to_string())
            .insert_header("X-Rate-Limit-Window", "60")
            .set_body_json(body)
    };
    let server = support::server(ResponseTemplate::new(404)).await;
    for number in 1..=3 {
        Mock::given(query_param("page", number.to_string()))
            .respond_with(page(number))
            .with_priority(1)
            .mount(&server)
            .await;
    }
    let reports = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&reports);
    let client = support::client(&server, Api::CallsV1);
    let call = client
        .aggregate(&query())
        .per_page(1)
        .on_progress(move |progress: &Progress| kept.lock().unwrap().push(*progress));
    let mut records = call.records();
    while records.try_next().await.unwrap().is_some() {}
    let reports: Vec<_> = reports
        .lock()
        .unwrap()
        .iter()
        .map(|it| (it.pages_read, it.pages_left, it.records_read, it.earliest_end.as_secs()))
        .collect();
    assert_eq!(reports, [(1, 2, 1, 0), (2, 1, 2, 0), (3, 0, 3, 0)]);
}

#[tokio::test]
async fn a_pull_says_when_the_quota_lets_it_end() {
    let paging = json!({"page": 1, "perPage": 1, "totalPages": 5, "totalElements": 5});
    let records = json!([{"key": "key"}]);
    let body = json!({"data": {"groupedBy": "Users", "records": records}, "paging": paging});
    let page = ResponseTemplate::new(200)
        .insert_header("X-Rate-Limit-Group", "light")
        .insert_header("X-Rate-Limit-Limit", "2")
        .insert_header("X-Rate-Limit-Remaining", "1")
        .insert_header("X-Rate-Limit-Window", "60")
        .set_body_json(body);
    let server = support::server(page).await;
    let ends = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&ends);
    let client = support::client(&server, Api::CallsV1);
    let call = client
        .aggregate(&query())
        .per_page(1)
        .on_progress(move |progress: &Progress| kept.lock().unwrap().push(progress.earliest_end));
    call.records().try_next().await.unwrap();
    // One of the four that are left goes at once, two in the next window, and the last after it.
    let two_windows = Duration::from_mins(2);
    let end = ends.lock().unwrap()[0];
    assert!(end > two_windows / 2 && end < two_windows + Duration::from_secs(1), "{end:?}");
}

fn refused(code: &str) -> ResponseTemplate {
    let body = json!({"errors": [{"errorCode": code, "message": "no"}]});
    ResponseTemplate::new(401).set_body_json(body)
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_request_replayed_once() {
    let server = failing(Api::CallsV1, refused("OAU-128"), 1).await;
    support::client(&server, Api::CallsV1).aggregate(&query()).page(1).await.unwrap();
    assert_eq!((logins(&server).await, support::requests(&server).await.len()), (2, 2));

    let server = failing(Api::CallsV1, refused("OAU-128"), 9).await;
    let client = support::client(&server, Api::CallsV1);
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!((logins(&server).await, support::requests(&server).await.len()), (2, 2));

    for code in ["OAU-129", "OAU-149", "TokenInvalid", "AGW-401"] {
        let server = failing(Api::CallsV1, refused(code), 1).await;
        support::client(&server, Api::CallsV1).aggregate(&query()).page(1).await.unwrap();
        let seen = (logins(&server).await, support::requests(&server).await.len());
        assert_eq!(seen, (2, 2), "{code}");
    }
}

/// The logins of two calls to a server that refuses all requests so, those of three, and those of
/// two more when it has accepted the token and refuses the next request alone.
async fn logins_of_refused_calls(body: Json, is_sent: bool) -> [usize; 3] {
    let server = failing(Api::CallsV1, ResponseTemplate::new(401).set_body_json(&body), 99).await;
    let client = support::client(&server, Api::CallsV1);
    let call = async || -> Result<(), callperf::Error> {
        if is_sent {
            return client.send("/analytics/any", &[], None).await.map(drop);
        }
        client.aggregate(&query()).page(1).await.map(drop)
    };
    let mut counts = [0; 3];
    for _ in 0..2 {
        assert_eq!(call().await.unwrap_err().status(), Some(401), "{body}");
    }
    counts[0] = logins(&server).await;
    call().await.unwrap_err();
    counts[1] = logins(&server).await;
    server.reset().await;
    support::mount(&server, ResponseTemplate::new(404)).await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(404))
        .with_priority(9)
        .mount(&server)
        .await;
    assert_eq!(call().await.unwrap_err().status(), Some(404), "{body}");
    let refusal = ResponseTemplate::new(401).set_body_json(&body);
    support::first(&server, "analytics", refusal, 1).await;
    for _ in 0..2 {
        call().await.unwrap_err();
    }
    counts[2] = logins(&server).await;
    counts
}

#[tokio::test]
async fn only_a_dead_token_is_replaced_and_twice_in_a_row_at_most_without_being_accepted() {
    let listed = |top: &str, code: &str| json!({"errorCode": top, "errors": [{"errorCode": code}]});
    for is_sent in [false, true] {
        for alive in [listed("CMN-405", "CMN-405"), listed("CMN-401", "CMN-408")] {
            assert_eq!(logins_of_refused_calls(alive, is_sent).await, [1, 1, 0]);
        }
        for dead in [listed("TokenInvalid", "OAU-149"), listed("AGW-402", "Other")] {
            let counts = logins_of_refused_calls(dead.clone(), is_sent).await;
            // A page is tried again with the new token, and what is sent isn't.
            let of_two_calls = if is_sent { 2 } else { 3 };
            assert_eq!(counts, [of_two_calls, 3, 1], "{dead} {is_sent}");
        }
        // Without a code it may be about something else.
        assert_eq!(logins_of_refused_calls(json!({}), is_sent).await, [2, 2, 1]);
    }
}

/// A code is good once, so its login goes on without its caller, until its own
/// timeout. Other requests that need it wait until their own deadline, and say for what.
#[tokio::test]
async fn a_login_that_hangs_holds_no_request_beyond_its_own_deadline() {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    let hanging = ResponseTemplate::new(200).set_delay(Duration::from_secs(50));
    Mock::given(path_regex("token")).respond_with(hanging).with_priority(1).mount(&server).await;
    let pkce = Pkce::new().unwrap();
    let code = Credentials::authorization_code("client", "code", "http://localhost:1/").pkce(&pkce);
    let client = |deadline| {
        let policy = RetryPolicy::never().deadline(deadline);
        support::builder(&server, Api::CallsV1).credentials(code.clone()).retry(policy)
    };
    let client: Client = client(Duration::from_millis(300)).build().unwrap();
    let begun = Instant::now();
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 1));
    assert!(error.to_string().contains("the login hasn't ended"), "{error}");
    let patient = RetryPolicy::never().deadline(Duration::from_millis(600));
    let others = [
        client.aggregate(&query()).page(1).await.unwrap_err(),
        client.clone().aggregate(&query()).retry(patient).page(1).await.unwrap_err(),
        client.send("/restapi/v1.0/account/~", &[], None).await.unwrap_err(),
        client.revoke().await.unwrap_err(),
    ];
    for error in others {
        assert_eq!(error.kind(), ErrorKind::Deadline);
        let reason = "a login that another request began hasn't ended";
        assert!(error.to_string().contains(reason), "{error}");
    }
    // Long before the login's own timeout, which is a minute.
    assert!(begun.elapsed() < Duration::from_secs(40));
    assert_eq!((logins(&server).await, support::requests(&server).await.len()), (1, 0));
}
