//! A weekly queue report: how many calls came in, how many were abandoned, how
//! long people talked.

use std::fmt::Write;

use callperf::{Breakdown, CallResult, CallSegment, Client, Direction, GroupBy, Period, Query};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Segment)
        .only(Direction::Inbound);
    let mut out = String::new();
    let mut records = client.aggregate(&query).records();
    while let Some(record) = records.try_next().await? {
        let total = record.calls().total().and_then(callperf::Value::as_u64);
        let abandoned = record.calls().by_result().get(CallResult::Abandoned);
        let talk = record.time_spent().by_segment().get(CallSegment::LiveTalk);
        let talk = talk.and_then(|value| value.as_duration());
        writeln!(
            out,
            "{}: {total:?} calls, {abandoned:?} abandoned, {} minutes of talk",
            record.label(),
            talk.map_or(0, |talk| talk.as_mins()),
        )
        .unwrap();
    }
    Ok(out)
}
