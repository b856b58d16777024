//! The example programs, on the sandbox's calls.

#[path = "../../examples/copy_export.rs"]
#[expect(dead_code, reason = "its main isn't run here")]
mod copy_export;
#[path = "../../examples/weekly_summary.rs"]
#[expect(dead_code, reason = "its main isn't run here")]
mod weekly_summary;

use callperf::{Client, Credentials};
use callperf_sandbox::Sandbox;

async fn sandbox() -> (Sandbox, Client) {
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let sandbox = Sandbox::builder().seed(7).now(now).start().await.unwrap();
    let client = Client::builder()
        .server(sandbox.url())
        .credentials(Credentials::jwt(sandbox.client_id(), sandbox.client_secret(), sandbox.jwt()))
        .clock(move || now)
        .build()
        .unwrap();
    (sandbox, client)
}

#[tokio::test]
async fn the_week_as_text() {
    let (_sandbox, client) = sandbox().await;
    let text = weekly_summary::summary(&client, "America/New_York").await.unwrap();
    crate::snapshot::snapshot("weekly-summary", &text);
}

#[tokio::test]
async fn rows_for_a_warehouse() {
    let (_sandbox, client) = sandbox().await;
    let mut out = Vec::new();
    copy_export::export(&client, "America/New_York", &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    // Two queues had calls on that Sunday; 24 hours, ten results.
    assert_eq!(text.lines().count(), 2 * 24 * 10);
    assert!(text.lines().all(|line| line.split('\t').count() == 5));
    let first = text.lines().next().unwrap();
    assert_eq!(first, "1503200048\tSupport\t2026-11-22T00:00:00-05:00\tabandoned\t0");
    let calls: u64 =
        text.lines().map(|line| line.rsplit('\t').next().unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(calls, 3);
}

#[test]
fn a_warehouse_gets_each_name_to_the_letter() {
    let field = |name| copy_export::field(Some(name));
    assert_eq!(field("=1+1"), "=1+1");
    assert_eq!(field("\tEscapes \\ and\r\nlines"), r"\tEscapes \\ and\r\nlines");
    assert_eq!(copy_export::field(None), r"\N");
}
