//! One build on both sides of what the current revision renamed: programs say the same of a sandbox of the revision
//! whose names the Rust code has, and of the current one.
//!
//! As committed, these may be one revision; `tests/renames/run` adopts revisions that rename, and runs this again.

use std::fs;

use callperf::{
    Breakdown, CallType, Client, Direction, EndingParty, Filter, GroupBy, Hours, Interval, Period,
    Query,
};
use callperf_sandbox::Sandbox;
use jiff::{Timestamp, civil::Date};
use serde_json::{Value as Json, json};

use crate::{support, user_programs};

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

/// Whose names the Rust code has, and what the client is generated from.
fn revisions() -> [Date; 2] {
    let text = fs::read_to_string(support::workspace().join("openapi/revisions.toml")).unwrap();
    let catalogue: toml::Value = toml::from_str(&text).unwrap();
    let target = &catalogue["api"]["calls-v1"]["generate"];
    ["names", "revision"].map(|key| target[key].as_str().unwrap().parse().unwrap())
}

async fn sandbox(revision: Date) -> Sandbox {
    let builder = Sandbox::builder().seed(7).now(now());
    builder.revision(format!("calls-v1@{revision}")).start().await.unwrap()
}

/// Which sends what is the current revision's, unless the server speaks an older one.
fn client(sandbox: &Sandbox, older: Option<Date>) -> Client {
    let builder = support::of_sandbox(sandbox).clock(now);
    let builder = match older {
        Some(date) => builder.revision(date),
        None => builder,
    };
    builder.build().unwrap()
}

#[tokio::test]
async fn frozen_programs_say_the_same_of_both_revisions() {
    let [old, new] = revisions();
    let (older, newer) = (sandbox(old).await, sandbox(new).await);
    let said = user_programs::said_by_all(&client(&older, Some(old))).await;
    assert_eq!(user_programs::said_by_all(&client(&newer, None)).await, said);
}

/// A breakdown, a grouping and hours that are renamed or moved in `tests/renames`, and others.
fn query() -> Query {
    let query = Query::new(GroupBy::shared_lines(), Period::last_days(7), "America/New_York")
        .only(Filter::from([EndingParty::Caller, EndingParty::Callee, EndingParty::System]))
        .only(Direction::Inbound)
        .only(CallType::Direct)
        .in_hours([Hours::new("08:00", "18:59")])
        .unchecked();
    let asked = [
        Breakdown::Total,
        Breakdown::EndingParty,
        Breakdown::Result,
        Breakdown::Segment,
        Breakdown::Type,
    ];
    asked
        .into_iter()
        .fold(query, |query, breakdown| query.calls(breakdown.clone()).time_spent(breakdown))
}

async fn read(client: &Client) -> Json {
    let records = client.aggregate(&query()).page(1).await.unwrap();
    let series = client.timeline(&query(), Interval::Day).page(1).await.unwrap();
    assert!(!records.records.is_empty() && !series.records.is_empty());
    json!([records, series])
}

#[tokio::test]
async fn every_word_is_read_of_both_revisions() {
    let [old, new] = revisions();
    let (older, newer) = (sandbox(old).await, sandbox(new).await);
    let of_older = read(&client(&older, Some(old))).await;
    let counted = &of_older[0]["records"][0]["calls"]["by_ending_party"]["values"];
    assert!(counted.as_object().is_some_and(|words| words.len() == 3), "{counted}");
    assert_eq!(of_older[0]["grouped_by"], "SharedLines");
    assert_eq!(read(&client(&newer, None)).await, of_older);
}
