// Each queue's calls and service level, last week and the week before.

use callperf::{Client, Error, GroupBy, Kpi, KpiSet, Period, Query, kpi::KpiRecord};

fn shown(queue: Option<&KpiRecord>, kpi: Kpi) -> String {
    let value = queue.and_then(|queue| queue.get(kpi));
    // A figure that isn't known is absent, not zero.
    value.map_or("–".to_owned(), |value| match value.percent() {
        Some(percent) => format!("{percent:.1} %"),
        None => value.as_f64().to_string(),
    })
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    let level = Kpi::ServiceLevelOfAnswered;
    let set = KpiSet::new([Kpi::Offered, Kpi::AbandonmentRate, level]);
    let figures =
        |week| client.kpis(&set, &Query::new(GroupBy::queues(), week, "America/New_York")).all();
    // Whole weeks. Of one that isn't over, compare Period::week_so_far() with its previous().
    let week = Period::last_week();
    let (now, before) = tokio::try_join!(figures(week.clone()), figures(week.previous()))?;
    println!("{:20}{:>8}{:>12}{:>16}{:>16}", "", "offered", "abandoned", "service level", "before");
    for queue in &now {
        let earlier = before.iter().find(|earlier| earlier.key() == queue.key());
        let [offered, abandoned, now] =
            [Kpi::Offered, Kpi::AbandonmentRate, level].map(|kpi| shown(Some(queue), kpi));
        let (name, before) = (queue.label(), shown(earlier, level));
        println!("{name:20}{offered:>8}{abandoned:>12}{now:>16}{before:>16}");
    }
    Ok(())
}
