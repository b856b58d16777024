//! A long pull with random faults: the same sums as without them, and a memory
//! that doesn't grow.

use std::{
    collections::HashSet,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use callperf::{Api, Breakdown, Client, Credentials, Error, GroupBy, Period, Query, RetryPolicy};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    support::{NOW, SECRETS, TOKEN_PATH},
    theatre::{self, HTML, JSON, PAGE, Play, Step, gzip, http, ok, raw, refusal, send, then},
};

/// How many requests the child makes; `FAULT_REQUESTS=100000` is a large pull's.
const CHILD_REQUESTS: &str = "CALLPERF_TEST_CHILD_REQUESTS";
/// Of a hundred.
const FAULTS: u64 = 10;
/// More than what a heap is larger or smaller by, from one moment to the next.
const SLACK_KIB: u64 = 16 * 1024;

/// A number at random, the same one each time (splitmix64).
fn random(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The total of a page.
fn total(page: u64) -> u64 {
    random(page) % 1_000_000
}

fn answer(page: u64) -> String {
    let counters = json!({"allCalls": {"valueType": "Instances", "values": total(page)}});
    let record = json!({"key": page.to_string(), "counters": counters});
    let paging = json!({"page": page, "perPage": 1, "totalPages": 1, "totalElements": 1});
    json!({"data": {"groupedBy": "Queues", "records": [record]}, "paging": paging}).to_string()
}

fn fault(kind: u64, answer: &str) -> Play {
    let now = "Retry-After: 0";
    let whole = raw(&["HTTP/1.1 200 OK", JSON, "Content-Length: 900"], &answer[..20]);
    let zipped = gzip(answer);
    let cut = &zipped[..zipped.len() / 2];
    match kind % 12 {
        0 => vec![Step::Reset],
        1 => vec![Step::Close],
        2 => then(send(&whole[..20]), Step::Reset),
        3 => then(send(whole), Step::Close),
        4 => vec![Step::Hang],
        5 => http("200 OK", &[JSON, "Content-Encoding: gzip"], cut),
        6 => refusal("408 Request Timeout", "CMN-101", &[now]),
        7 => refusal("429 Too Many Requests", "CMN-301", &[now]),
        8 => refusal("500 Internal Server Error", "CMN-203", &[]),
        9 => http("502 Bad Gateway", &[HTML], PAGE),
        10 => refusal("503 Service Unavailable", "CMN-201", &["Retry-After: 7"]),
        _ => refusal("401 Unauthorized", "OAU-128", &[]),
    }
}

#[derive(Default)]
struct Served {
    requests: u64,
    faults: u64,
    /// The pages whose token was refused: a second time would be for good.
    refused: HashSet<u64>,
}

impl Served {
    fn next(&mut self, path: &str) -> Play {
        if path.starts_with(TOKEN_PATH) {
            let token = json!({"access_token": SECRETS[2], "expires_in": 3600}).to_string();
            return ok(token);
        }
        self.requests += 1;
        let page = path.split("page=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
        let answer = answer(page);
        let dice = random(!self.requests);
        let kind = dice / 100;
        if dice % 100 >= FAULTS || (kind % 12 == 11 && !self.refused.insert(page)) {
            return ok(answer);
        }
        self.faults += 1;
        fault(kind, &answer)
    }
}

/// The memory of this process that is in use, in KiB.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

async fn read(client: &Client, page: u64) -> Result<u64, Error> {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let number = u32::try_from(page).unwrap();
    let page = client.aggregate(&query).per_page(1).page(number).await?;
    Ok(page.records.iter().filter_map(|record| record.calls().total()?.as_u64()).sum())
}

/// What the test below runs in a process of its own. Without a number it does
/// nothing.
///
/// Time is skipped where there is nothing to do but to wait.
#[tokio::test(start_paused = true)]
async fn the_pull() {
    let Ok(requests) = std::env::var(CHILD_REQUESTS) else { return };
    let requests: u64 = requests.parse().unwrap();
    let served = Arc::new(Mutex::new(Served::default()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::clone(&served);
    let script = move |path: &str| script.lock().unwrap().next(path);
    tokio::spawn(theatre::serve(listener, Arc::new(script)));
    let client = Client::builder()
        .server(format!("http://{address}"))
        .credentials(Credentials::jwt("client", SECRETS[0], SECRETS[1]))
        .api(Api::CallsV1)
        .clock(|| NOW.parse().unwrap())
        .concurrency(16)
        .retry(RetryPolicy::default().attempts(100).deadline(Duration::MAX))
        .build()
        .unwrap();
    let (mut sum, mut memories) = (0, Vec::new());
    let quarter = requests / 4;
    for begin in [1, 1 + quarter, 1 + 2 * quarter, 1 + 3 * quarter] {
        let pages = stream::iter(begin..begin + quarter);
        let totals = pages.map(|page| read(&client, page)).buffer_unordered(32);
        sum += totals.try_fold(0, async |sum, total| Ok(sum + total)).await.unwrap();
        memories.push(memory());
    }
    let expected: u64 = (1..=4 * quarter).map(total).sum();
    assert_eq!(sum, expected, "the sums with faults are the sums without");
    let served = served.lock().unwrap();
    println!("{} requests, {} faults, KiB {memories:?}", served.requests, served.faults);
    assert!(served.faults * 100 > served.requests * (FAULTS - 2));
    if let (Some(Some(early)), Some(Some(late))) = (memories.first(), memories.last()) {
        assert!(*late < early + SLACK_KIB, "the memory grows: {memories:?}");
    }
}

#[test]
fn a_long_pull_with_faults_has_the_same_sums_and_a_flat_memory() {
    let requests = std::env::var("FAULT_REQUESTS").unwrap_or_else(|_| "4000".to_owned());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["soak::the_pull", "--exact", "--nocapture"])
        .env(CHILD_REQUESTS, requests)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "{text}");
    let figures = text.lines().find(|line| line.contains("faults, KiB")).unwrap_or_default();
    println!("{figures}");
}
