//! Delays and hooks of whole requests, by a clock that doesn't wait.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use reqwest::{Request, Response};
use serde_json::json;
use tokio::time::Instant;

use super::{builder::ClientBuilder, connection::Client};
use crate::{
    Breakdown, Credentials, ErrorKind, GroupBy, Period, Query, Retry, RetryPolicy, Wait,
    WaitReason,
    http::{clock::Clock, network::Carrier},
};

const OPERATION: &str = "analyticsCallsAggregationFetch";

/// Grants each login, and answers all else with these statuses, the last one again and again.
struct Statuses {
    left: Mutex<Vec<u16>>,
    /// What is left of the quota after a success.
    remaining: &'static str,
}

impl Statuses {
    fn response(&self, request: &Request) -> Response {
        let response = http::Response::builder();
        if request.url().path().ends_with("/token") {
            let token =
                json!({"access_token": "marked", "token_type": "bearer", "expires_in": 9999});
            return response.body(token.to_string()).unwrap().into();
        }
        let mut statuses = self.left.lock().unwrap();
        let status = if statuses.len() > 1 { statuses.remove(0) } else { statuses[0] };
        let body = json!({"data": {"groupedBy": "Queues", "records": []}});
        let response = response
            .status(status)
            .header("rcrequestid", "request-7")
            .header("x-rate-limit-group", "light")
            .header("x-rate-limit-limit", "3")
            .header("x-rate-limit-remaining", if status == 200 { self.remaining } else { "2" })
            .header("x-rate-limit-window", "60");
        response.body(body.to_string()).unwrap().into()
    }
}

impl Carrier for Statuses {
    fn carry(&self, request: Request) -> BoxFuture<'static, reqwest::Result<Response>> {
        let response = self.response(&request);
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(response)
        })
    }
}

/// Waits by operation and reason; a duration ends one.
type Waits = Vec<(&'static str, WaitReason, Option<Duration>)>;

fn wait(
    reason: WaitReason,
    duration: Option<Duration>,
) -> (&'static str, WaitReason, Option<Duration>) {
    (OPERATION, reason, duration)
}

/// What the hooks were called with.
#[derive(Clone, Default)]
struct Seen {
    retries: Arc<Mutex<Vec<Retry>>>,
    waits: Arc<Mutex<Waits>>,
}

impl Seen {
    fn by(&self, builder: ClientBuilder) -> ClientBuilder {
        let (retries, waits) = (Arc::clone(&self.retries), Arc::clone(&self.waits));
        builder.on_retry(move |retry| retries.lock().unwrap().push(retry.clone())).on_wait(
            move |wait: &Wait| {
                let Wait { operation, reason, duration } = *wait;
                waits.lock().unwrap().push((operation, reason, duration));
            },
        )
    }
}

fn answering(statuses: impl Into<Vec<u16>>, policy: RetryPolicy) -> (Client, Seen) {
    let seen = Seen::default();
    let builder = seen.by(Client::builder().retry(policy));
    (built(builder, statuses, "0"), seen)
}

fn built(builder: ClientBuilder, statuses: impl Into<Vec<u16>>, remaining: &'static str) -> Client {
    let server = Statuses { left: Mutex::new(statuses.into()), remaining };
    let now = || "2026-11-24T12:00:00Z".parse().unwrap();
    let clock = Clock::given(Arc::new(now));
    builder
        .credentials(Credentials::jwt("client", "secret", "jwt"))
        .simulated(Arc::new(server), reqwest::Client::new(), clock, || 1.0)
        .build()
        .unwrap()
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[tokio::test(start_paused = true)]
async fn delays_are_the_policys_and_hooks_see_them() {
    let policy = RetryPolicy::default().first_delay(millis(100)).longest_delay(millis(150));
    let (client, seen) = answering([503, 502, 200], policy);
    let begun = Instant::now();
    client.aggregate(&query()).page(1).await.unwrap();
    // With half of each again, which is the most that chance adds.
    let delays = [millis(150), millis(225)];
    assert_eq!(begun.elapsed().as_millis(), delays.iter().sum::<Duration>().as_millis());

    let retry = |number, status, delay| Retry {
        operation: OPERATION,
        number,
        status: Some(status),
        failure: ErrorKind::Server,
        delay,
        request_id: Some("request-7".to_owned()),
    };
    let retries = seen.retries.lock().unwrap();
    assert_eq!(*retries, [retry(1, 503, delays[0]), retry(2, 502, delays[1])]);
    let waits = seen.waits.lock().unwrap();
    let reason = WaitReason::Retry;
    let expected = delays.map(|delay| [wait(reason, None), wait(reason, Some(delay))]).concat();
    assert_eq!(*waits, expected);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_quota_is_seen_at_its_beginning_and_when_it_is_given_up() {
    let (client, seen) = answering([200], RetryPolicy::default());
    client.aggregate(&query()).page(1).await.unwrap();
    assert_eq!(*seen.waits.lock().unwrap(), []);
    let waiting = client.aggregate(&query()).page(1);
    assert!(tokio::time::timeout(millis(5000), waiting).await.is_err());
    let reason = WaitReason::Quota;
    let expected = [wait(reason, None), wait(reason, Some(millis(5000)))];
    assert_eq!(*seen.waits.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_predicate_stops_what_would_be_retried() {
    let policy = RetryPolicy::default().retry_if(|failure| failure.status() != Some(503));
    let (client, seen) = answering([502, 503, 200], policy);
    let error = client.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 2));
    assert_eq!(seen.retries.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_predicate_makes_a_request_be_sent_twice_that_may_change_something() {
    let (client, seen) = answering([503, 200], RetryPolicy::default().retry_if(|_| true));
    let error = client.send("/restapi/v1.0/any", &[], Some(&json!({}))).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 1));
    assert_eq!(*seen.retries.lock().unwrap(), []);
}

/// Each request but the first waits for its place, and has it as soon as the one before is
/// answered.
#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_at_once_is_not_reported() {
    let seen = Seen::default();
    let client = built(seen.by(Client::builder().concurrency(1)), [200], "2");
    let calls = query();
    let request = client.aggregate(&calls);
    tokio::try_join!(request.page(1), request.page(1), request.page(1)).unwrap();
    assert_eq!(*seen.waits.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_stops_no_request() {
    let builder = Client::builder()
        .on_attempt(|_| panic!("the attempt's hook"))
        .on_retry(|_| panic!("the retry's hook"))
        .on_wait(|_| panic!("the wait's hook"));
    let client = built(builder, [503, 200], "0");
    let progress = Arc::new(Mutex::new(0));
    let calls = Arc::clone(&progress);
    let request = client.aggregate(&query()).on_progress(move |_| {
        *calls.lock().unwrap() += 1;
        panic!("the progress's hook");
    });
    request.all().await.unwrap();
    assert_eq!(*progress.lock().unwrap(), 1, "the hook was called");
    request.all().await.unwrap();
}
