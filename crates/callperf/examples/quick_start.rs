// How last week's inbound calls to each queue ended.
//
// Set RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT. Without an account, run
// `callperf sandbox`, which prints them with RC_SERVER_URL.

use callperf::{Breakdown, CallResult, Client, Direction, Error, GroupBy, Period, Query};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    let query = Query::new(GroupBy::queues(), Period::last_week(), "America/Los_Angeles")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .only(Direction::Inbound);
    for queue in client.aggregate(&query).all().await? {
        let calls = queue.calls();
        // A number that wasn't requested or sent is absent, not zero.
        if let (Some(all), Some(abandoned)) =
            (calls.total(), calls.by_result().get(CallResult::Abandoned))
        {
            println!("{}: {all} calls, {abandoned} abandoned", queue.label());
        }
    }
    Ok(())
}
