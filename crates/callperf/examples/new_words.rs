// What the API has gained and this version has no word for, by the names on the wire.

use callperf::{Breakdown, CallResult, Client, Error, GroupBy, Period, Query};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    // A number that is new, by the name of its option in the request.
    let mood = Breakdown::from("callsByMood");
    let query = Query::new(GroupBy::queues(), Period::last_week(), "America/New_York")
        .calls(Breakdown::Result)
        .calls(mood.clone());
    let report = client.aggregate(&query).all().await?;
    // What was sent without being known, and what didn't come back.
    for notice in &report.notices {
        println!("note: {notice}");
    }
    for queue in &report {
        let calls = queue.calls();
        // A word that is new in a known breakdown, as the response has it.
        if let Some(deflected) = calls.by_result().get(CallResult::from("deflected")) {
            println!("{}: {deflected} deflected", queue.label());
        }
        for (word, value) in calls.entries(&mood) {
            println!("{}: {value} {word}", queue.label());
        }
        // Fields that are new, as they were sent.
        for (name, value) in queue.extra() {
            println!("{}: {name} is {value}", queue.label());
        }
    }
    Ok(())
}
