//! Reports from a file of queries, each of this week and the one before. A misspelt word is refused
//! with the one that may be meant.

use std::{collections::BTreeMap, fmt::Write};

use callperf::{Client, GroupBy, Query, Record, Report, rules::Problem};

const FILE: &str = r#"
[missed]
group_by = { each = "Queues", keys = ["7001", "7002"] }
period = "last_week"
time_zone = "America/New_York"
calls = ["total", { breakdown = "by_result", aggregation = "Sum" }]
days = ["Monday", "Friday"]
hours = [{ from = "09:00", to = "17:59" }]

[missed.filters]
direction = ["inbound"]
segment = ["hold", { segment = "ringing", lasting = { min_seconds = 20 } }]
wire = { callMoods = ["Sad"] }

[talk]
group_by = "Queues"
period = { first_day = 2026-10-26, last_day = 2026-11-01 }
time_zone = "America/New_York"
calls = ["total", { breakdown = { wire = "callsByMoods" } }]
filters = { result = ["deflected", { wire = "abandonned" }] }
"#;

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let saved: BTreeMap<String, Query> = toml::from_str(FILE)?;
    let mut out = String::new();
    for (name, query) in &saved {
        assert_eq!(toml::from_str::<Query>(&toml::to_string(query)?)?, *query);
        assert_eq!(serde_json::from_str::<Query>(&serde_json::to_string(query)?)?, *query);
        let before = query.clone().with_period(query.period().previous());
        for query in [query.clone(), before] {
            let report: Report<Record> = match client.aggregate(&query).all().await {
                Ok(report) => report,
                Err(error) => {
                    let rules: Vec<_> = error.problems().iter().map(Problem::rule).collect();
                    writeln!(out, "{name} is refused: {}", rules.join(", ")).unwrap();
                    continue;
                }
            };
            let start = report.period.start();
            writeln!(out, "{name} from {start}: {} queues", report.records.len()).unwrap();
        }
    }
    let users = saved["missed"].clone().with_group_by(GroupBy::users());
    writeln!(out, "{} of {:?}", users.filters().len(), users.group_by().grouping()).unwrap();
    for (word, wrong, near) in [
        ("inbound", "incomming", "inbound"),
        ("Friday", "Fri", "Friday"),
        ("\"Sum\"", "\"avg\"", "Average"),
        ("direction", "directions", "direction"),
    ] {
        let refused = toml::from_str::<BTreeMap<String, Query>>(&FILE.replace(word, wrong));
        assert!(refused.unwrap_err().to_string().contains(near));
    }
    Ok(out)
}
