//! Pages that are kept as they were sent, and read when the period of then is long over.

use std::fmt::Write;

use callperf::{Breakdown, Client, ErrorKind, GroupBy, Period, Query, RawPage};

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let queues = Query::new(GroupBy::queues(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Total);
    let request = client.aggregate(&queues);
    let file = serde_json::to_string(&request.raw(1).await?)?;

    let kept: RawPage = serde_json::from_str(&file)?;
    let mut out = String::new();
    writeln!(out, "{} page {}: {} to {}", kept.api(), kept.page(), kept.start(), kept.end())
        .unwrap();
    writeln!(out, "resolved at {}, {} bytes", kept.resolved_at(), kept.body().len()).unwrap();
    let page = client.aggregate(&queues).read_raw(&kept)?;
    assert_eq!((page.period.start(), page.period.end()), (kept.start(), kept.end()));
    for record in &page.records {
        let total = record.calls().total().and_then(callperf::Value::as_u64);
        writeln!(out, "{}: {total:?}", record.label()).unwrap();
    }
    let others = Query::new(GroupBy::users(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Total);
    let refused = client.aggregate(&others).read_raw(&kept).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Answer);
    Ok(out)
}
