//! Key figures in one call, by code that takes any source: a client, or a double in a test.

use std::{fmt::Write, sync::Arc};

use callperf::{
    Breakdown, CallResponse, Client, Direction, Error, ErrorKind, GroupBy, Kpi, KpiSet, Period,
    Query, Record, Report, RetryPolicy, Source, kpi::KpiRecord, testing::FakeSource,
};

async fn figures<S: Source + Clone>(source: S, query: &Query) -> Result<Report<KpiRecord>, Error> {
    let set = KpiSet::new([Kpi::Offered, Kpi::AnswerRate]).fitting(query.group_by());
    let request = set.request(source, query);
    request.check()?;
    request.all().await
}

async fn calls(source: &dyn Source, query: &Query) -> Result<u64, Error> {
    let query = query.clone().calls(Breakdown::Total).only(Direction::Inbound);
    let report = source.aggregate(&query).await?;
    Ok(report.iter().filter_map(|record| record.calls().total()?.as_u64()).sum())
}

pub async fn run(client: &Client) -> Result<String, Box<dyn std::error::Error>> {
    let week = Query::new(GroupBy::queues(), Period::last_week(), "America/New_York");
    let mut out = String::new();
    let set = KpiSet::new([Kpi::Offered, Kpi::AnswerRate]);
    let request = client.kpis(&set, &week).per_page(50).retry(RetryPolicy::default());
    writeln!(out, "{} requests", request.preview(1)?.len()).unwrap();
    let report = request.all().await?;
    let same = figures(client.clone(), &week).await?;
    assert_eq!(report, same);
    let kept: Report<KpiRecord> = serde_json::from_str(&serde_json::to_string(&report)?)?;
    assert_eq!(kept.records, report.records);
    for queue in &report {
        for kpi in [Kpi::Offered, Kpi::AnswerRate] {
            let figure = queue.get(kpi).map_or("-".to_owned(), |value| format!("{:.3}", value.as_f64()));
            writeln!(out, "{} {kpi}: {figure}", queue.label()).unwrap();
        }
    }
    writeln!(out, "{} calls", calls(client, &week).await?).unwrap();

    let record = Record::fake()
        .key("7001")
        .calls(Breakdown::Total, 50)
        .calls_by(Breakdown::Response, CallResponse::Answered, 40);
    let double = FakeSource::new()
        .with_records_if(|query| *query.group_by() == GroupBy::queues(), [record])
        .with_error_if(
            |request| *request.query.group_by() == GroupBy::sites(),
            || Error::fake(ErrorKind::Permission).status(403),
        );
    let double: Arc<dyn Source> = Arc::new(double);
    for queue in figures(Arc::clone(&double), &week).await? {
        writeln!(out, "double: {} {:?}", queue.label(), queue.get(Kpi::Offered)).unwrap();
    }
    writeln!(out, "double: {} calls", calls(&double, &week).await?).unwrap();
    let sites = week.with_group_by(GroupBy::sites());
    assert_eq!(calls(&double, &sites).await.unwrap_err().status(), Some(403));
    let unknown = sites.with_time_zone("America/Springfield");
    let refused = calls(&double, &unknown).await.unwrap_err();
    assert_eq!((refused.kind(), refused.problems()[0].rule()), (ErrorKind::Query, "time-zone"));
    Ok(out)
}
