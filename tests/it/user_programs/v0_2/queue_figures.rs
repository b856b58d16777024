//! A manager's figures of each queue: two queries, put together by key.

use std::fmt::Write;

use callperf::{
    Client, GroupBy, Period, Record,
    kpi::{Kpi, KpiSet, KpiUnit},
};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let kpis = KpiSet::new([
        Kpi::Offered,
        Kpi::AnswerRate,
        Kpi::AbandonmentRate,
        Kpi::ServiceLevelOfAnswered,
        Kpi::AverageSpeedOfAnswer,
        Kpi::AverageHandleTime,
    ]);
    let mut answers = Vec::new();
    for query in kpis.queries(GroupBy::queues(), Period::last_days(7), "America/New_York") {
        let mut records = client.aggregate(&query).records();
        let mut answer: Vec<Record> = Vec::new();
        while let Some(record) = records.try_next().await? {
            answer.push(record);
        }
        answers.push(answer);
    }
    let mut out = String::new();
    for record in kpis.merge(answers) {
        write!(out, "{}:", record.label()).unwrap();
        for kpi in kpis.kpis() {
            match record.get(*kpi) {
                None => write!(out, " {kpi} unknown;").unwrap(),
                Some(value) if value.unit() == KpiUnit::Share => {
                    write!(out, " {kpi} {:.1} %;", value.as_percent()).unwrap();
                }
                Some(value) => match value.as_duration() {
                    Some(time) => write!(out, " {kpi} {} s;", time.as_secs()).unwrap(),
                    None => write!(out, " {kpi} {};", value.as_f64()).unwrap(),
                },
            }
        }
        out.push('\n');
    }
    Ok(out)
}
