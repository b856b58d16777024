//! An answer that came some other way, read by the query that it answers; and a page after the last.

use std::fmt::Write;

use callperf::{Breakdown, Client, GroupBy, Notice, Period, Query};

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let queues = Query::new(GroupBy::queues(), Period::last_week(), "America/New_York")
        .calls(Breakdown::Total);
    let request = client.aggregate(&queues);
    let raw = request.raw(1).await?;
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(raw.body());
    let mut out = String::new();
    let pages = [request.read(raw.body())?, request.read(&marked)?, request.read_raw(&raw)?];
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0].records, pages[2].records);
    for record in &pages[0].records {
        let total = record.calls().total().map_or("-".to_owned(), ToString::to_string);
        writeln!(out, "{}: {total}", record.label()).unwrap();
    }
    let after = request.page(99).await?;
    let is_said = |notice: &Notice| matches!(notice, Notice::Paging { page: 99, .. });
    writeln!(out, "99 is after the last: {}", after.notices.iter().any(is_said)).unwrap();
    assert!(request.read(b"<html>a proxy</html>").is_err());
    Ok(out)
}
