//! A document is about one period.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
};

use callperf::{Client, Credentials, Period};
use callperf_cli::render::{Dashboard, DashboardOptions};
use serde_json::json;

use super::support::{Fake, NOW, Served, ZONE, data, page, said};

/// A clock on which a minute passes with each look at it, as over a wait for the quota.
fn hurrying_client(fake: &Fake) -> Client {
    let start = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    let looks = AtomicI64::new(0);
    let clock = move || {
        let seconds = start + 60 * looks.fetch_add(1, Ordering::Relaxed);
        jiff::Timestamp::from_second(seconds).unwrap()
    };
    Client::builder()
        .server(fake.0.uri())
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .clock(clock)
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_queries_of_a_page_are_about_the_same_instants() {
    let fake = Fake::start().await;
    fake.answer("POST", "/fetch$", 200, page(&json!([]))).await;
    let (from, to) = ("2026-11-20T05:00:00Z", "2026-12-01T05:00:00Z");
    let period = Period::between(from.parse().unwrap(), to.parse().unwrap());
    let options = DashboardOptions::new(period, ZONE).now(NOW.parse().unwrap());
    let dashboard = Dashboard::fetch(&hurrying_client(&fake), &options).await.unwrap();

    let asked = fake.asked().await;
    assert!(asked.len() > 7, "{}", asked.len());
    let ranges: BTreeSet<_> =
        asked.iter().map(|body| body["timeSettings"]["timeRange"].to_string()).collect();
    assert_eq!(ranges.len(), 3, "the page's period, the one before, and all days: {ranges:?}");
    let ends: BTreeSet<_> =
        asked.iter().map(|body| body["timeSettings"]["timeRange"]["timeTo"].to_string()).collect();
    assert_eq!(ends.len(), 2, "all days end with the period: {ends:?}");
    let notices = dashboard.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].starts_with("the period ends at Mon 2026-11-23 ")
            && notices[0].contains(", not Tue 2026-12-01 00:00 (America/New_York)"),
        "{notices:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_end_is_said_once_in_the_reports_zone() {
    let served = Served::start().await;
    for question in ["report queues --totals", "timeline company --interval day"] {
        let line = format!("{question} --month 2026-11 --compare --time-zone {ZONE}");
        let (code, _, notes) = said(&served.run(&line).await);
        assert_eq!(code, 0, "{notes}");
        let ends: Vec<_> = notes.lines().filter(|line| line.contains("the period ends")).collect();
        assert_eq!(
            ends,
            ["callperf: note: the period ends at Mon 2026-11-23 18:58, not Tue 2026-12-01 00:00 \
              (America/New_York): the latest calls may be missing"]
        );
    }
    let line = format!("report queues --month 2026-11 --time-zone {ZONE} --explain");
    assert_eq!(data(&served.run(&line).await).matches("note: the period ends at").count(), 1);
}
