//! The double of a client says what a client would say about the same records.

use callperf::{
    Breakdown, EndingParty, GroupBy, Kpi, KpiSet, Notice, Period, Query, Record, Report, Source,
    testing::FakeSource,
};

fn queues() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
}

fn total(key: &str, calls: u32) -> Record {
    Record::fake().key(key).calls(Breakdown::Total, calls).build()
}

#[tokio::test]
async fn what_is_not_in_the_records_is_noticed() {
    let query = Query::new(GroupBy::queues().keys(["7001", "7002"]), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result);
    let records = [total("7001", 82), total("7001", 9)];
    let source = FakeSource::new().with_records(&query, records);
    let report: Report<Record> = source.aggregate(&query).await.unwrap();
    assert_eq!(report.records, [total("7001", 82)]);
    let [paging, numbers, keys] = &report.notices[..] else { panic!("{:?}", report.notices) };
    assert!(matches!(paging, Notice::Paging { page: 1, .. }), "{paging}");
    assert_eq!(*numbers, Notice::NotInResponse { what: "calls by_result".to_owned() });
    assert_eq!(*keys, Notice::MissingKeys { keys: vec!["7002".to_owned()] });
}

/// Key figures ask for the proof of such a filter, which a test has no reason to know.
#[tokio::test]
async fn a_query_with_the_proof_of_its_filter_is_the_same_query() {
    let set = KpiSet::new([Kpi::Offered]);
    let by_caller = |query: Query| query.only(EndingParty::Caller);
    let own = set.queries(GroupBy::queues(), Period::last_days(7), "UTC").remove(0);
    let source = FakeSource::new().with_records(&by_caller(own), [total("7001", 5)]);
    let report = set.request(&source, &by_caller(queues())).all().await.unwrap();
    assert_eq!(report.records[0].get(Kpi::Offered).unwrap().to_string(), "5");
}
