//! A weekly report on queues, as a user of `callperf` writes it.

use std::fmt::Write;

use callperf::{
    Breakdown, CallResult, Client, Direction, Error, GroupBy, Page, Period, Query, Record,
};

pub fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .only(Direction::Inbound)
}

pub async fn page(client: &Client) -> Result<Page<Record>, Error> {
    client.aggregate(&query()).page(1).await
}

pub fn text(page: &Page<Record>) -> String {
    let mut text = String::new();
    for record in &page.records {
        let calls = record.calls();
        let total = calls.total().and_then(|it| it.as_u64()).unwrap_or_default();
        let abandoned = calls.by_result().get(CallResult::Abandoned).and_then(|it| it.as_u64());
        writeln!(
            text,
            "{}: {total} calls, {} abandoned",
            record.label(),
            abandoned.unwrap_or_default()
        )
        .unwrap();
    }
    text
}
