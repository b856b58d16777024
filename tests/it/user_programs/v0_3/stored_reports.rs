//! Reports whose queries are kept as JSON, each fetched once and then taken from a cache.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    time::Duration,
};

use callperf::{
    Breakdown, CallResult, Client, Direction, Filter, GroupBy, Hours, Length, Notice, Page, Period,
    Query, Record,
    jiff::civil::{date, time},
};

const STORED: &str = r#"{
    "abandoned": {
        "group_by": {"each": "Queues"},
        "period": {"last_weeks": 1},
        "time_zone": "America/New_York",
        "calls": ["total", "by_result"],
        "filters": {"direction": ["inbound"], "result": ["abandoned", "deflected"]}
    },
    "again": {
        "group_by": {"each": "Queues"},
        "period": "last_week",
        "time_zone": "America/New_York",
        "calls": ["total", "by_result"],
        "filters": {"direction": ["inbound"], "result": ["abandoned", "deflected"]}
    }
}"#;

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = String::new();
    let stored: BTreeMap<String, Query> = serde_json::from_str(STORED)?;
    let written = Query::new(GroupBy::queues(), Period::last_week(), "America/New_York")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .only(Direction::Inbound)
        .only([CallResult::Abandoned, CallResult::from("deflected")]);
    let mut cache: HashMap<Query, String> = HashMap::new();
    for (name, query) in &stored {
        assert_eq!(*query, written);
        if !cache.contains_key(query) {
            let page = client.aggregate(query).page(1).await?;
            cache.insert(query.clone(), serde_json::to_string(&page)?);
            writeln!(out, "{name} is fetched").unwrap();
        }
        let page: Page<Record> = serde_json::from_str(&cache[query])?;
        writeln!(out, "{name} has {} records", page.records.len()).unwrap();
        for notice in &page.notices {
            if let Notice::UnknownWord { place, word } = notice {
                writeln!(out, "{place}: {word}, nearest {:?}", notice.nearest()).unwrap();
            }
        }
    }
    for (filter, measure) in written.filters().iter().zip(written.call_measures()) {
        writeln!(out, "{}, {}", filter.name(), measure.breakdown()).unwrap();
    }
    let evenings = Query::new(GroupBy::users(), Period::month(2026, 10), written.time_zone())
        .calls(Breakdown::Total)
        .only(Filter::call_duration(Length::from(Duration::from_secs(20)..)))
        .in_hours([Hours::between(time(18, 0, 0, 0), time(21, 59, 0, 0))]);
    let kept = serde_json::to_string(&evenings)?;
    assert_eq!(serde_json::from_str::<Query>(&kept)?, evenings);
    for (stored, period) in [
        (r#""today""#, Period::today()),
        (r#"{"month": "2026-10"}"#, Period::month(2026, 11).previous()),
        (r#"{"last_months": 2}"#, Period::last_months(2)),
        (
            r#"{"first_day": "2026-10-26", "last_day": "2026-11-01"}"#,
            Period::between_days(date(2026, 11, 2), date(2026, 11, 8)).previous(),
        ),
    ] {
        assert_eq!(serde_json::from_str::<Period>(stored)?, period);
    }
    let refused = STORED.replace("\"filters\"", "\"filter\"");
    let refused = serde_json::from_str::<BTreeMap<String, Query>>(&refused).unwrap_err();
    assert!(refused.to_string().contains("`filters`"));
    Ok(out)
}
