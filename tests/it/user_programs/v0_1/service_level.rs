//! Service level by hand: answered within the limit, of all that were answered.

use std::fmt::Write;

use callperf::{Breakdown, Client, GroupBy, Period, Query, QueueSla};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::QueueSla);
    let mut out = String::new();
    let mut records = client.aggregate(&query).records();
    while let Some(record) = records.try_next().await? {
        let by_sla = record.calls().by_queue_sla();
        let level = match (by_sla.get(QueueSla::InSla), by_sla.get(QueueSla::OutOfSla)) {
            (Some(inside), Some(outside)) if inside.as_f64() + outside.as_f64() > 0.0 => {
                let share = inside.as_f64() / (inside.as_f64() + outside.as_f64());
                format!("{:.1} %", 100.0 * share)
            }
            _ => "unknown".to_owned(),
        };
        writeln!(out, "{}: {level}", record.key()).unwrap();
    }
    Ok(out)
}
