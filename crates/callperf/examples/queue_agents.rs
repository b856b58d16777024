// Who takes the calls of a queue, by the queue's name, and how many each answered last week.

use callperf::{
    Breakdown, CallResponse, Client, Error, Filter, GroupBy, Period, Query, directory::Kind,
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let name = std::env::var("QUEUE").unwrap_or_else(|_| "Support".to_owned());
    let client = Client::from_env()?;
    let directory = client.directory();
    // The key, the extension number, or the name in any case would do.
    let queue = directory.find(Kind::Queue, &name).await?;
    let agents = directory.members(Kind::Queue, &queue.key).await?;
    let query = Query::new(
        GroupBy::members_of_queues().named([&queue.key]),
        Period::last_week(),
        "America/New_York",
    )
    .calls(Breakdown::Response)
    .only(Filter::queues([&queue.key]));
    let report = client.aggregate(&query).all().await?;
    for agent in &agents {
        let record = report.records.iter().find(|record| record.key() == agent.key);
        let by_response = record.map(|record| record.calls().by_response());
        let answered = by_response.and_then(|calls| calls.get(CallResponse::Answered)?.as_u64());
        // No record is an agent who had no call of the queue.
        println!("{:24}{:>6}", agent.label(), answered.unwrap_or(0));
    }
    Ok(())
}
