// A program that isn't async: a runtime on this thread, and one call that waits.

use callperf::{Breakdown, Client, GroupBy, Period, Query};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let query = Query::new(GroupBy::company(), Period::last_week(), "UTC").calls(Breakdown::Total);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(client.aggregate(&query).all())?;

    for company in &report {
        if let Some(calls) = company.calls().total() {
            println!("{calls} calls last week");
        }
    }
    Ok(())
}
