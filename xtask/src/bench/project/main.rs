//! The clients and the server that are measured from outside. A server's address and the
//! credentials come from the environment; what was measured is printed as JSON.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, header};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Router, serve};
use callperf::{Breakdown, Client, Direction, GroupBy, Interval, Period, Query};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = || arguments[1].parse().unwrap();
    let measured = match arguments[0].as_str() {
        "request" => request(number()).await,
        "timeline" => timeline(number().try_into().unwrap()).await,
        "stream" => stream().await,
        "server" => return server(number()).await,
        other => panic!("no such thing to measure: {other}"),
    };
    println!("{measured}");
}

fn client() -> Client {
    Client::from_env().unwrap()
}

/// The milliseconds of each request for the question that the official clients ask, too.
async fn request(times: u64) -> Value {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Total)
        .only(Direction::Inbound);
    let call = client().aggregate(&query);
    let mut took = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let page = call.page(1).await.unwrap();
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        assert!(!page.records.is_empty());
    }
    json!(took)
}

/// The seconds for pages of a timeline by users, one after another as the official clients ask for
/// them, and how often the server had to refuse.
async fn timeline(pages: u32) -> Value {
    let refused = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&refused);
    let client = Client::builder_from_env().unwrap().on_attempt(move |attempt| {
        if attempt.status == Some(429) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let client = client.build().unwrap();
    let begun = Instant::now();
    let call = client.timeline(&query, Interval::Day);
    for page in 1..=pages {
        call.page(page).await.unwrap();
    }
    json!({
        "pages": pages,
        "seconds": begun.elapsed().as_secs_f64(),
        "refused": refused.load(Ordering::Relaxed),
    })
}

/// The peak memory of this process after all records of a server.
async fn stream() -> Value {
    let mut records = client().aggregate(&bench::everything()).per_page(200).records();
    let mut number = 0_u64;
    while let Some(record) = records.try_next().await.unwrap() {
        assert!(record.calls().total().is_some());
        number += 1;
    }
    json!({"records": number, "kilobytes": peak()})
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Answers any number of pages of full records, each record with a key of its own.
struct Answers {
    records: u64,
    /// A record before its key and after it.
    record: [String; 2],
}

async fn server(records: u64) {
    let page: Value = serde_json::from_slice(&std::fs::read("page.json").unwrap()).unwrap();
    let record = page["data"]["records"][0].to_string();
    let key = page["data"]["records"][0]["key"].to_string();
    let (before, after) = record.split_once(&key).unwrap();
    let answers = Answers { records, record: [before.to_owned(), after.to_owned()] };
    let router = Router::new()
        .route("/restapi/oauth/token", post(token))
        .route("/analytics/calls/v1/accounts/~/aggregation/fetch", post(answer))
        .with_state(Arc::new(answers));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("RC_SERVER_URL=http://{}", listener.local_addr().unwrap());
    println!("RC_APP_CLIENT_ID=client\nRC_APP_CLIENT_SECRET=secret\nRC_USER_JWT=jwt");
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    serve(listener, router).await.unwrap();
}

type Answer = ([(HeaderName, &'static str); 1], String);

const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

async fn token() -> Answer {
    let token = json!({
        "access_token": "token", "token_type": "bearer", "expires_in": 3600,
        "scope": "Analytics", "session_id": "session",
    });
    (JSON, token.to_string())
}

async fn answer(State(answers): State<Arc<Answers>>, RawQuery(query): RawQuery) -> Answer {
    let query = query.unwrap_or_default();
    let number = |name: &str| -> u64 {
        let values = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = values.filter(|(key, _)| *key == name).map(|(_, value)| value).next();
        value.unwrap().parse().unwrap()
    };
    let (page, per_page) = (number("page"), number("perPage"));
    let [before, after] = &answers.record;
    let keys = (page - 1) * per_page..(page * per_page).min(answers.records);
    let records: Vec<_> =
        keys.map(|key| format!("{before}\"{}\"{after}", 400_000_000 + key)).collect();
    let paging = json!({
        "page": page, "perPage": per_page, "totalElements": answers.records,
        "totalPages": answers.records.div_ceil(per_page),
    });
    let data = format!("{{\"groupedBy\":\"Users\",\"records\":[{}]}}", records.join(","));
    (JSON, format!("{{\"data\":{data},\"paging\":{paging}}}"))
}
