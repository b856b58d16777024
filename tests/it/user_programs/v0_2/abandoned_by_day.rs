//! Who gave up waiting, day by day, and what the requests looked like.

use std::fmt::Write;

use callperf::{
    Client, GroupBy, Interval, Period,
    kpi::{Kpi, KpiSet},
};

pub async fn run(client: &Client) -> Result<String, callperf::Error> {
    let kpis = KpiSet::new([Kpi::Offered, Kpi::AbandonmentRateBeforeAnswer]).missing_is_zero();
    let mut out = String::new();
    writeln!(out, "{}", Kpi::AbandonmentRateBeforeAnswer.formula()).unwrap();
    let mut answers = Vec::new();
    for query in kpis.queries(GroupBy::company(), Period::last_days(3), "America/New_York") {
        let call = client.timeline(&query, Interval::Day);
        match call.preview(1) {
            Ok(preview) => writeln!(out, "{} {}", preview.method, preview.path).unwrap(),
            Err(error) => {
                for problem in error.problems() {
                    writeln!(out, "not possible: {}", problem.word()).unwrap();
                }
                return Ok(out);
            }
        }
        answers.push(call.page(1).await?.records);
    }
    for series in kpis.merge_series(answers) {
        for point in series.points() {
            let offered = point.get(Kpi::Offered).map_or(0.0, |value| value.as_f64());
            let gave_up = point.get(Kpi::AbandonmentRateBeforeAnswer);
            let gave_up = gave_up.map_or(f64::NAN, |value| value.as_percent());
            let day = point.time_text();
            writeln!(out, "{} {day}: {gave_up:.1} % of {offered}", series.label()).unwrap();
        }
    }
    Ok(out)
}
