// Runs the queries of `reports.toml` in this folder; `callperf schema query` describes them.

use std::{collections::BTreeMap, error::Error, fs};

use callperf::{Client, Query};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let saved: BTreeMap<String, Query> = toml::from_str(&fs::read_to_string("reports.toml")?)?;
    let client = Client::from_env()?;
    for (name, query) in &saved {
        for record in &client.aggregate(query).all().await? {
            let calls = record.calls().total().map_or("–".to_owned(), ToString::to_string);
            println!("{name}: {} {calls}", record.label());
        }
    }
    Ok(())
}
