//! The hours of yesterday as people saw them on the clock. The beta has no timelines.

use std::fmt::Write;

use callperf::{Breakdown, Client, GroupBy, Interval, Page, Period, Query, Series};

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let query = Query::new(GroupBy::company(), Period::yesterday(), "America/New_York")
        .calls(Breakdown::Total);
    let mut out = String::new();
    let page = match client.timeline(&query, Interval::Hour).page(1).await {
        Ok(page) => page,
        Err(error) => {
            for problem in error.problems() {
                writeln!(out, "not possible: {}", problem.word()).unwrap();
            }
            return Ok(out);
        }
    };
    let page: Page<Series> = serde_json::from_str(&serde_json::to_string(&page)?)?;
    for series in &page.records {
        for point in series.points() {
            let hour = point.zoned().strftime("%a %H:%M").to_string();
            let calls = point.calls().total().map_or("-".to_owned(), ToString::to_string);
            writeln!(out, "{hour}: {calls}").unwrap();
        }
    }
    Ok(out)
}
