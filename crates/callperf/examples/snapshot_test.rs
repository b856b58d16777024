// A test that needs neither an account nor a network: answers are recorded once, with pseudonyms,
// and replayed ever after. Run it in this folder:
//
//     cargo run --example snapshot_test --features testing
//
// To record anew, set RECORD=1, INSTA_UPDATE=always and the variables of `quick_start`.

use callperf::{Breakdown, Client, Direction, Error, GroupBy, Period, Query, testing};

const CASSETTE: &str = "cassettes/week.json";

/// What the program under test asks for.
fn queues() -> Query {
    Query::new(GroupBy::queues(), Period::last_week(), "America/New_York")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .only(Direction::Inbound)
}

/// In a crate's tests, this is `#[tokio::test] async fn the_queue_report_stays_as_it_is()`.
#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = match std::env::var_os("RECORD") {
        Some(_) => Client::builder_from_env()?.record_to(CASSETTE).build()?,
        None => Client::builder().replay_from(CASSETTE).build()?,
    };
    let report = client.aggregate(&queues()).all().await?;
    testing::assert_snapshot("queues-of-a-week", &report);
    println!("{} queues are as they were", report.records.len());
    Ok(())
}
