//! The quota over HTTP: a server with a sliding window and a penalty that each
//! further request starts anew. Once it is written here, and once it is the
//! sandbox's, by other code.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use callperf::{Api, Breakdown, ErrorKind, GroupBy, Interval, Period, Query, RetryPolicy};
use callperf_sandbox::{Limit, Limits, Sandbox};
use serde_json::json;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::path_regex};

use crate::support;

const LIMIT: usize = 50;
const WINDOW: Duration = Duration::from_secs(1);
const PENALTY: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Window {
    counted: VecDeque<Instant>,
    penalty_until: Option<Instant>,
    refused: usize,
}

#[derive(Clone, Default)]
struct Limited(Arc<Mutex<Window>>);

impl Respond for Limited {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let mut window = self.0.lock().unwrap();
        let now = Instant::now();
        while window.counted.front().is_some_and(|at| *at + WINDOW <= now) {
            window.counted.pop_front();
        }
        let is_penalty = window.penalty_until.is_some_and(|until| until > now);
        let is_refused = is_penalty || window.counted.len() >= LIMIT;
        let answer = if is_refused {
            window.penalty_until = Some(now + PENALTY);
            window.refused += 1;
            ResponseTemplate::new(429).insert_header("Retry-After", "1")
        } else {
            window.counted.push_back(now);
            ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1))
        };
        answer
            .insert_header("X-Rate-Limit-Group", "light")
            .insert_header("X-Rate-Limit-Limit", LIMIT.to_string())
            .insert_header("X-Rate-Limit-Remaining", (LIMIT - window.counted.len()).to_string())
            .insert_header("X-Rate-Limit-Window", WINDOW.as_secs().to_string())
    }
}

/// A server of this quota, at this path.
async fn limited(path: &str) -> (MockServer, Limited) {
    let limited = Limited::default();
    let server = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex(path))
        .respond_with(limited.clone())
        .with_priority(1)
        .mount(&server)
        .await;
    (server, limited)
}

/// Asks for the pages, all at once as far as the client lets them go.
async fn pull(builder: callperf::ClientBuilder, pages: u32) {
    let client = builder.concurrency(8).retry(RetryPolicy::default()).build().unwrap();
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let mut tasks = tokio::task::JoinSet::new();
    for page in 1..=pages {
        let call = client.timeline(&query, Interval::Hour);
        tasks.spawn(async move { call.page(page).await.map(drop) });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap().unwrap();
    }
}

/// `QUOTA_PAGES=500` asks for as many pages as a large account's timeline has.
fn pages() -> u32 {
    std::env::var("QUOTA_PAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(120)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quota_is_never_crossed() {
    let (server, limited) = limited("timeline/fetch").await;
    pull(support::builder(&server, Api::CallsV1), pages()).await;
    assert_eq!(limited.0.lock().unwrap().refused, 0, "no request was one too many");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandboxes_quota_is_never_crossed() {
    let limits = Limits::off().light(Limit::new(LIMIT.try_into().unwrap(), WINDOW, PENALTY));
    let now = support::NOW.parse().unwrap();
    let sandbox = Sandbox::builder().seed(7).now(now).limits(limits).start().await.unwrap();
    pull(support::of_sandbox(&sandbox).clock(move || now), pages()).await;
    let statuses: Vec<_> = sandbox
        .requests()
        .iter()
        .filter(|request| request.path.ends_with("timeline/fetch"))
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, vec![200; statuses.len()], "no request was one too many");
    assert_eq!(statuses.len(), usize::try_from(pages().min(999)).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_request_keeps_the_quota_as_well() {
    let (server, limited) = limited("account|timeline").await;
    let client = support::builder(&server, Api::CallsV1).concurrency(8).build().unwrap();
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let mut tasks = tokio::task::JoinSet::new();
    // Each of another extension, and all of one group.
    for number in 0..80 {
        let client = client.clone();
        let path = format!("/restapi/v1.0/account/~/extension/{number}");
        tasks.spawn(async move { client.send(&path, &[], Some(&json!({}))).await.map(drop) });
    }
    for page in 1..=40 {
        let call = client.timeline(&query, Interval::Hour);
        tasks.spawn(async move { call.page(page).await.map(drop) });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(limited.0.lock().unwrap().refused, 0, "no request was one too many");
    let groups: Vec<_> = client.budget().into_iter().map(|budget| budget.group).collect();
    assert_eq!(groups, ["light"]);
}

fn limits(group: &str, remaining: u32) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .insert_header("X-Rate-Limit-Group", group)
        .insert_header("X-Rate-Limit-Limit", "50")
        .insert_header("X-Rate-Limit-Remaining", remaining.to_string())
        .insert_header("X-Rate-Limit-Window", "60")
        .set_body_json(json!({}))
}

#[tokio::test]
async fn any_request_is_sent_once_and_not_during_its_groups_penalty() {
    let server = support::server(ResponseTemplate::new(404)).await;
    for (path, answer) in [("sites", limits("light", 9)), ("queues", limits("medium", 9))] {
        let path = format!("account/~/{path}");
        Mock::given(path_regex(path)).respond_with(answer).with_priority(2).mount(&server).await;
    }
    let refused = ResponseTemplate::new(429).insert_header("Retry-After", "60");
    let refused = refused.insert_header("X-Rate-Limit-Group", "light");
    // Only requests that read are retried, and this one may write.
    let policy = RetryPolicy::default().deadline(Duration::from_millis(300));
    let client = support::builder(&server, Api::CallsV1).retry(policy).build().unwrap();
    let send = async |path: &str| {
        let path = format!("/restapi/v1.0/account/~/{path}");
        client.send(&path, &[], Some(&json!({}))).await
    };
    let seen = async || support::requests(&server).await.len();
    send("sites").await.unwrap();
    send("queues").await.unwrap();
    assert_eq!(client.budget().len(), 2);
    Mock::given(path_regex("sites")).respond_with(refused).with_priority(1).mount(&server).await;
    let error = send("sites").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Quota, 1));
    assert_eq!(seen().await, 3);
    for path in ["sites", "sites/7", "devices"] {
        let error = send(path).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0), "{path}");
        assert!(error.to_string().ends_with("the quota doesn't allow another request yet"));
        // At once, and with the time after which it may be sent.
        assert!(error.to_string().contains("the server's penalty lasts "), "{error}");
        assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(50)), "{error}");
    }
    assert_eq!(seen().await, 3, "a path of unknown group could be one of the same");
    send("queues").await.unwrap();
}

/// Another process spends the same quota: what the server says is left counts.
#[tokio::test]
async fn what_others_spend_is_noticed() {
    let server = support::server(ResponseTemplate::new(404)).await;
    for (priority, left) in [(1, 49), (2, 11), (3, 0)] {
        let answer = limits("light", left).set_body_json(support::empty_answer(Api::CallsV1));
        Mock::given(path_regex("analytics"))
            .respond_with(answer)
            .up_to_n_times(1)
            .with_priority(priority)
            .mount(&server)
            .await;
    }
    let policy = RetryPolicy::never().deadline(Duration::from_millis(300));
    let client = support::builder(&server, Api::CallsV1).retry(policy).build().unwrap();
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    for left in [49, 11, 0] {
        client.aggregate(&query).page(1).await.unwrap();
        // The clones know it too, as do other operations of the group.
        assert_eq!(client.clone().budget()[0].remaining, left);
    }
    let error = client.clone().timeline(&query, Interval::Day).page(1).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
    assert_eq!(support::requests(&server).await.len(), 3);
}
