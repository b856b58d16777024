//! Last week's queues as a few lines of text, for a mail or a chat:
//!
//!     cargo run -p callperf-cli --example weekly_summary | mail -s "Our queues" team@example.com
//!
//! The environment says who logs in, as for the `callperf` program.

use std::fmt::Write;

use callperf::{
    Client, GroupBy, Period,
    kpi::{Kpi, KpiRecord, KpiSet},
};
use callperf_cli::render::duration;

const KPIS: [Kpi; 4] =
    [Kpi::Offered, Kpi::AnswerRate, Kpi::AbandonmentRateBeforeAnswer, Kpi::AverageSpeedOfAnswer];

#[tokio::main]
async fn main() -> Result<(), callperf::Error> {
    let client = Client::from_env()?;
    print!("{}", summary(&client, "America/New_York").await?);
    Ok(())
}

/// A line per queue, the busiest first.
pub(crate) async fn summary(client: &Client, time_zone: &str) -> Result<String, callperf::Error> {
    let kpis = KpiSet::new(KPIS);
    let mut answers = Vec::new();
    for query in kpis.queries(GroupBy::queues(), Period::last_days(7), time_zone) {
        let mut records = client.aggregate(&query).records();
        let mut answer = Vec::new();
        while let Some(record) = records.try_next().await? {
            answer.push(record);
        }
        answers.push(answer);
    }
    let number = |record: &KpiRecord, kpi| record.get(kpi).map(|value| value.as_f64());
    let mut queues = kpis.try_merge(answers)?;
    queues.sort_by(|one, other| {
        let offered = |record| number(record, Kpi::Offered).unwrap_or(0.0);
        offered(other).total_cmp(&offered(one))
    });
    let mut out = "Our queues in the last seven days:\n".to_owned();
    for queue in &queues {
        let percent = |kpi| match queue.get(kpi).and_then(|value| value.percent()) {
            Some(percent) => format!("{percent:.0} %"),
            None => "an unknown share".to_owned(),
        };
        let offered = number(queue, Kpi::Offered).unwrap_or(0.0);
        let wait = number(queue, Kpi::AverageSpeedOfAnswer);
        let wait = wait.map_or("–".to_owned(), duration);
        writeln!(
            out,
            "- {}: {offered} calls, {} answered (after {wait} on average), {} gave up",
            queue.label(),
            percent(Kpi::AnswerRate),
            percent(Kpi::AbandonmentRateBeforeAnswer),
        )
        .expect("a text can be written to");
    }
    Ok(out)
}
