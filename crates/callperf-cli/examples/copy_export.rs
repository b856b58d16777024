//! Yesterday's calls by queue, hour and result, in the format that a warehouse's
//! `COPY … FROM` reads: tab-separated text, `\N` for what is absent.
//!
//!     cargo run -p callperf-cli --example copy_export |
//!         psql -c "COPY calls (queue, name, hour, result, calls) FROM STDIN"
//!
//! for a table of
//!
//!     CREATE TABLE calls (queue text, name text, hour timestamptz, result text, calls double precision);
//!
//! The environment says who logs in, as for the `callperf` program.

use std::io::{self, Write};

use callperf::{Breakdown, Client, GroupBy, Interval, Period, Query};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    export(&client, "America/New_York", &mut io::stdout().lock()).await
}

/// A row per queue, hour and result; series are written as they come.
pub(crate) async fn export(
    client: &Client,
    time_zone: &str,
    out: &mut impl Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let query =
        Query::new(GroupBy::queues(), Period::last_days(1), time_zone).calls(Breakdown::Result);
    let mut queues = client.timeline(&query, Interval::Hour).records();
    while let Some(queue) = queues.try_next().await? {
        let name = queue.info().and_then(|info| info.name());
        for point in queue.points() {
            for (result, calls) in point.calls().by_result().iter() {
                let calls = calls.to_string();
                let fields = [
                    Some(queue.key()),
                    name,
                    Some(point.time_text()),
                    Some(result.as_str()),
                    Some(&calls),
                ];
                writeln!(out, "{}", fields.map(field).join("\t"))?;
            }
        }
    }
    Ok(())
}

/// A field as `COPY` takes it: to the letter, since nothing there runs a formula.
pub(crate) fn field(text: Option<&str>) -> String {
    let Some(text) = text else { return r"\N".to_owned() };
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str(r"\\"),
            '\t' => out.push_str(r"\t"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            c => out.push(c),
        }
    }
    out
}
