//! Two weeks side by side, and the same request as pages, in a task and as a stream of records.

use std::fmt::Write;

use callperf::{Breakdown, Client, Direction, GroupBy, Period, Query, Record, Report, Request};

fn queues(week: Period) -> Query {
    Query::new(GroupBy::queues(), week, "America/New_York")
        .calls(Breakdown::Total)
        .only(Direction::Inbound)
}

fn calls(report: &Report<Record>) -> u64 {
    let totals = report.iter().filter_map(|record| record.calls().total()?.as_u64());
    totals.sum()
}

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let week = Period::last_week();
    let before = queues(week.previous());
    let (now, before) =
        tokio::try_join!(client.aggregate(&queues(week)).all(), client.aggregate(&before).all())?;
    let mut out = String::new();
    for report in [&now, &before] {
        let (start, end) = (report.period.start(), report.period.end());
        let notices = report.notices.len();
        writeln!(out, "{start} to {end}: {} calls, {notices} notices", calls(report)).unwrap();
    }
    let request: Request<Record> = client.aggregate(&queues(Period::yesterday())).per_page(50);
    let mut pages = request.pages();
    while let Some(page) = pages.try_next().await? {
        writeln!(out, "{} records of {:?}", page.records.len(), pages.total()).unwrap();
    }
    let page = tokio::spawn(request.page(1)).await??;
    let mut records = request.records();
    while let Some(record) = records.try_next().await? {
        assert!(page.records.contains(&record));
        writeln!(out, "{} {}", record.key(), record.label()).unwrap();
    }
    for record in now {
        let total = record.calls().total().map_or("-".to_owned(), ToString::to_string);
        writeln!(out, "{}: {total}", record.label()).unwrap();
    }
    Ok(out)
}
