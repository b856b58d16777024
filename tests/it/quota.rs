//! The quota over HTTP: a server with a sliding window and a penalty that each
//! further request starts anew. Once it is written here, and once it is the
//! sandbox's, by other code.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use callperf::{Api, Breakdown, Credentials, GroupBy, Interval, Period, Query, RetryPolicy};
use callperf_sandbox::{Limit, Limits, Sandbox};
use wiremock::{Mock, Request, Respond, ResponseTemplate, matchers::path_regex};

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

/// Asks for the pages, all at once as far as the client lets them go.
async fn pull(builder: callperf::ClientBuilder, pages: u32) {
    let client = builder.concurrency(8).retry(RetryPolicy::default()).build().unwrap();
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for page in 1..=pages {
        let call = client.timeline(&query, Interval::Hour);
        tasks.spawn(async move { call.page(page).await.map(drop) });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap().unwrap();
    }
    let bound = WINDOW * pages.div_ceil(u32::try_from(LIMIT).unwrap());
    let ratio = begun.elapsed().as_secs_f64() / bound.as_secs_f64();
    println!("{pages} pages, {ratio:.3} of the windows that they fill");
}

/// `QUOTA_PAGES=500` asks for as many pages as a large account's timeline has.
fn pages() -> u32 {
    std::env::var("QUOTA_PAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(120)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quota_is_never_crossed() {
    let limited = Limited::default();
    let server = support::server(ResponseTemplate::new(404)).await;
    Mock::given(path_regex("timeline/fetch"))
        .respond_with(limited.clone())
        .with_priority(1)
        .mount(&server)
        .await;
    pull(support::builder(&server, Api::CallsV1), pages()).await;
    assert_eq!(limited.0.lock().unwrap().refused, 0, "no request was one too many");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandboxes_quota_is_never_crossed() {
    let limits = Limits::off().light(Limit::new(LIMIT.try_into().unwrap(), WINDOW, PENALTY));
    let now = support::NOW.parse().unwrap();
    let sandbox = Sandbox::builder().seed(7).now(now).limits(limits).start().await.unwrap();
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let builder = callperf::Client::builder()
        .server(sandbox.url())
        .credentials(Credentials::jwt(id, secret, sandbox.jwt()))
        .clock(move || now);
    pull(builder, pages()).await;
    let statuses: Vec<_> = sandbox
        .requests()
        .iter()
        .filter(|request| request.path.ends_with("timeline/fetch"))
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, vec![200; statuses.len()], "no request was one too many");
    assert_eq!(statuses.len(), usize::try_from(pages().min(999)).unwrap());
}
