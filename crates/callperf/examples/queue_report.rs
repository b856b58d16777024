// Each queue's calls and service level, last week and the week before.

use callperf::{Client, Error, GroupBy, Kpi, KpiSet, Period, kpi::KpiRecord};
use futures_util::future::try_join_all;

async fn figures(client: &Client, set: &KpiSet, week: Period) -> Result<Vec<KpiRecord>, Error> {
    let queries = set.queries(GroupBy::queues(), week, "America/New_York");
    let reports = try_join_all(queries.iter().map(|query| client.aggregate(query).all())).await?;
    set.try_merge(reports.into_iter().map(|report| report.records))
}

fn percent(queue: &KpiRecord, kpi: Kpi) -> String {
    queue.get(kpi).map_or("–".to_owned(), |value| format!("{:.1} %", value.as_percent()))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    let level = Kpi::ServiceLevelOfAnswered;
    let set = KpiSet::new([Kpi::Offered, Kpi::AbandonmentRate, level]);
    let week = Period::last_week();
    let before = figures(&client, &set, week.previous()).await?;
    let now = figures(&client, &set, week).await?;
    println!("{:20}{:>8}{:>12}{:>16}{:>16}", "", "offered", "abandoned", "service level", "before");
    for queue in &now {
        let earlier = before.iter().find(|earlier| earlier.key() == queue.key());
        let earlier = earlier.map_or("–".to_owned(), |earlier| percent(earlier, level));
        let offered = queue.get(Kpi::Offered).map_or(0.0, |value| value.as_f64());
        let abandoned = percent(queue, Kpi::AbandonmentRate);
        let (name, now) = (queue.label(), percent(queue, level));
        println!("{name:20}{offered:>8}{abandoned:>12}{now:>16}{earlier:>16}");
    }
    Ok(())
}
