//! Calls per day; where the API has no timeline, the program says so.

use std::fmt::Write;

use callperf::{Breakdown, Client, GroupBy, Interval, Period, Query};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let query = Query::new(GroupBy::company(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Total)
        .time_spent(Breakdown::Total);
    let mut out = String::new();
    let mut all = client.timeline(&query, Interval::Day).records();
    loop {
        match all.try_next().await {
            Ok(Some(series)) => {
                for point in series.points() {
                    let calls = point.calls().total().map_or(0.0, callperf::Value::as_f64);
                    let seconds = point.time_spent().total().map_or(0.0, callperf::Value::as_f64);
                    writeln!(out, "{} {calls} calls, {seconds} s", point.time_text()).unwrap();
                }
            }
            Ok(None) => return Ok(out),
            Err(error) if error.is_query() => {
                for problem in error.problems() {
                    writeln!(out, "not possible: {}", problem.word()).unwrap();
                }
                return Ok(out);
            }
            Err(error) => return Err(error),
        }
    }
}
