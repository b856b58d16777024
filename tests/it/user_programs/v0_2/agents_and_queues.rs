//! How many of the calls that queues presented each user took, and how busy
//! they were. The beta lacks queue opportunities, and the program says so.

use std::fmt::Write;

use callperf::{
    Client, GroupBy, Period,
    kpi::{Kpi, KpiSet},
};
use jiff::SignedDuration;

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let mut out = String::new();
    let wanted = [Kpi::OpportunityConversion, Kpi::Occupancy];
    let (here, lacking): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|kpi| kpi.apis().contains(&client.api()));
    for kpi in lacking {
        writeln!(out, "{} has no {kpi}, which is {}", client.api(), kpi.meaning()).unwrap();
    }
    let kpis = KpiSet::new(here).staffed("1502200017", SignedDuration::from_hours(38));
    let mut answers = Vec::new();
    for query in kpis.queries(GroupBy::users(), Period::last_days(7), "America/New_York") {
        answers.push(client.aggregate(&query).page(1).await?.records);
    }
    let cost = kpis.cost(24, 200);
    writeln!(out, "{} query, {} request", cost.queries, cost.requests).unwrap();
    for record in kpis.merge(answers) {
        for value in record.iter() {
            writeln!(out, "{} {}: {:.1} %", record.label(), value.kpi(), value.as_percent())
                .unwrap();
        }
    }
    Ok(out)
}
