//! How long callers waited and talked. The beta has no longest wait, and the program says so.

use std::{fmt::Write, time::Duration};

use callperf::{
    Client, GroupBy, Period,
    kpi::{Kpi, KpiSet, KpiUnit},
};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let wanted = [
        Kpi::AverageTalkTime,
        Kpi::AverageHoldTime,
        Kpi::AverageTimeToAbandon,
        Kpi::LongestWait,
        Kpi::AbandonmentRateWithoutShort,
    ];
    let mut out = String::new();
    let (here, lacking): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|kpi| kpi.apis().contains(&client.api()));
    for kpi in lacking {
        writeln!(out, "{} has no {kpi}", client.api()).unwrap();
    }
    let queues = GroupBy::queues();
    let kpis = KpiSet::new(here).fitting(&queues).short_abandons(Duration::from_secs(20));
    let mut answers = Vec::new();
    for query in kpis.queries(queues, Period::last_week(), "America/New_York") {
        answers.push(client.aggregate(&query).all().await?.records);
    }
    for record in kpis.try_merge(answers)? {
        for value in record.iter() {
            let shown = match value.unit() {
                KpiUnit::Share => format!("{:.1} %", value.as_percent()),
                _ => format!("{:.1}", value.as_f64()),
            };
            writeln!(out, "{} {}: {shown}", record.label(), value.kpi()).unwrap();
        }
    }
    for kpi in kpis.kpis().iter().filter(|kpi| !kpi.fits_timelines()) {
        writeln!(out, "not in a timeline: {kpi}").unwrap();
    }
    Ok(out)
}
