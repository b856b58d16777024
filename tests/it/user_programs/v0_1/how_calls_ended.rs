//! How calls ended, in the program's own words, with a fallback for results
//! that it doesn't know.

use std::fmt::Write;

use callperf::{Breakdown, CallResult, Client, GroupBy, Period, Query};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let query = Query::new(GroupBy::company(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Result);
    let page = client.aggregate(&query).page(1).await?;
    let mut out = String::new();
    for record in &page.records {
        for (result, value) in record.calls().by_result().iter() {
            let name = match &result {
                CallResult::Completed => "went well",
                CallResult::Abandoned => "gave up",
                CallResult::Voicemail => "left a message",
                CallResult::Missed => "nobody there",
                other => other.as_str(),
            };
            writeln!(out, "{name}: {value} {}", value.unit()).unwrap();
        }
    }
    Ok(out)
}
