//! One build on both sides of what the current revision renamed: programs say the same of a sandbox of the revision
//! whose names the Rust code has, and of the current one.
//!
//! As committed, these may be one revision; `tests/renames/run` adopts revisions that rename, and runs this again.

use callperf::{
    Breakdown, CallType, Client, Direction, EndingParty, Filter, GroupBy, Hours, Interval, Period,
    Query, QueueHours,
};
use callperf_sandbox::{Assumptions, Sandbox};
use jiff::{Timestamp, civil::Date};
use serde_json::{Value as Json, json};

use crate::{support, user_programs};

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn revisions() -> [Date; 2] {
    support::generated_revisions("calls-v1")
}

async fn sandbox(revision: Date) -> Sandbox {
    // Then a week that is sent longer counts days that weren't asked for.
    let weeks = Assumptions::default().set("week-start", "sunday").unwrap();
    let builder = Sandbox::builder().seed(7).now(now()).assumptions(weeks);
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

#[tokio::test]
async fn a_week_that_the_server_cuts_otherwise_is_read_of_both_revisions() {
    let [old, new] = revisions();
    let (older, newer) = (sandbox(old).await, sandbox(new).await);
    let period = Period::days("2026-10-19".parse().unwrap(), "2026-10-26".parse().unwrap());
    let query = Query::new(GroupBy::users(), period, "America/New_York").calls(Breakdown::Total);
    let read = async |client: Client| {
        client.timeline(&query, Interval::Week).page(1).await.unwrap().records
    };
    let of_older = read(client(&older, Some(old))).await;
    assert!(of_older.iter().all(|series| series.points().len() == 2), "{of_older:?}");
    assert_eq!(read(client(&newer, None)).await, of_older);
}

/// What `tests/renames` has a revision drop.
fn of_queue_hours() -> Query {
    let period = Period::days("2026-11-16".parse().unwrap(), "2026-11-23".parse().unwrap());
    Query::new(GroupBy::queues(), period, "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::QueueHours)
        .time_spent(Breakdown::QueueHours)
        .only([CallType::FromQueue, CallType::QueueCallPickup])
}

#[tokio::test]
async fn what_was_dropped_is_asked_of_an_older_server_and_refused_by_name_for_the_current_one() {
    let [old, new] = revisions();
    let (older, newer) = (sandbox(old).await, sandbox(new).await);
    let query = of_queue_hours();
    let of_older = client(&older, Some(old)).aggregate(&query).page(1).await.unwrap();
    for record in &of_older.records {
        let hours = record.calls().by_queue_hours();
        assert!(hours.get(QueueHours::BusinessHours).is_some(), "{record:?}");
    }
    assert!(!of_older.records.is_empty() && of_older.notices.is_empty(), "{:?}", of_older.notices);
    let renames = support::renames_since_named("calls-v1");
    let dropped: Vec<_> = renames.iter().filter(|it| it["kind"].as_str() == Some("drop")).collect();
    let of_newer = client(&newer, None).aggregate(&query).page(1).await;
    if dropped.is_empty() {
        assert_eq!(of_newer.unwrap().records, of_older.records);
        return;
    }
    let error = of_newer.unwrap_err();
    assert!(error.is_query(), "{error}");
    for name in ["callsByQueueHours", "callsDurationByQueueHours", "QueueCallPickup"] {
        let expected = format!("`{name}` was dropped by calls-v1 {new}; leave it out");
        assert!(error.to_string().contains(&expected), "{error}");
    }
}
