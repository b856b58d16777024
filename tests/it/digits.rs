//! Numbers are what was sent, to the last digit. `tests/digits/run` compiles this file with the
//! features `arbitrary_precision` and `preserve_order` of `serde_json`, which any crate in a
//! user's tree may turn on: it names callperf and `serde_json` alone.

use callperf::{
    Breakdown, Client, Credentials, Filter, GroupBy, Notice, Page, Period, Query, Record,
};
use serde_json::{Value as Json, json};

const ANSWER: &str = r#"{
    "paging": {"page": 1, "perPage": 200, "totalPages": 1, "totalElements": 2},
    "data": {"groupedBy": "Queues", "records": [
        {"key": "1", "info": {"name": "Support", "zeta": 1.50, "alpha": [1, 2.0]},
         "counters": {
            "allCalls": {"valueType": "Instances", "values": 40.0},
            "callsByResult": {"valueType": "Percent", "values": {
                "completed": 12.50, "abandoned": 9007199254740993, "missed": -0, "voicemail": 1e2,
                "unknown": 0.1, "deflected": 18446744073709551616, "barred": 1E300}}},
         "timers": {"allCalls": {"valueType": "Seconds", "values": 294.2900000000001}}},
        SECOND
    ]}
}"#;

const GOOD: &str =
    r#"{"key": "2", "counters": {"allCalls": {"valueType": "Instances", "values": 7}}}"#;
/// The page is read record by record then.
const BAD: &str = r#"{"key": {"no": "key"}, "counters": 7}"#;

/// The numbers of the first record, sorted as they are written.
const NUMBERS: &str = concat!(
    r#"{"total":{"value":40,"unit":"Instances","aggregation":"Sum"},"#,
    r#""by_result":{"unit":"Percent","aggregation":"Sum","values":{"abandoned":9007199254740993,"#,
    r#""barred":1e+300,"completed":12.5,"deflected":1.8446744073709552e+19,"missed":0,"#,
    r#""unknown":0.1,"voicemail":100}}}"#
);

fn client() -> Client {
    let credentials = Credentials::jwt("id", "secret", "jwt");
    Client::builder().credentials(credentials).no_proxy().build().unwrap()
}

fn query() -> Query {
    let value = json!({"zeta": [1, 2.5, 1e300], "alpha": {"b": u64::MAX, "a": -1}});
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Total)
        .only(Filter::wire("callMoods", value))
}

fn page(second: &str) -> Page<Record> {
    client().aggregate(&query()).read(ANSWER.replace("SECOND", second).as_bytes()).unwrap()
}

fn first_numbers_are_right(page: &Page<Record>) {
    let record = &page.records[0];
    assert_eq!(serde_json::to_string(record.calls()).unwrap(), NUMBERS);
    let completed = record.calls().get(&Breakdown::Result, "completed").unwrap();
    assert_eq!((completed.to_string(), format!("{completed:.1}")), ("12.5".into(), "12.5".into()));
    let beyond = record.calls().get(&Breakdown::Result, "abandoned").unwrap();
    assert_eq!(beyond.as_u64(), Some(9_007_199_254_740_993));
    let large = record.calls().get(&Breakdown::Result, "deflected").unwrap();
    assert_eq!(format!("{large:.0}"), "18446744073709551616");
    let spent = record.time_spent().total().unwrap();
    assert_eq!(spent.to_string(), "294.2900000000001");
    assert_eq!(record.info().unwrap().extra()["zeta"].as_f64(), Some(1.5));
}

#[test]
fn numbers_are_what_was_sent() {
    let page = page(GOOD);
    first_numbers_are_right(&page);
    assert_eq!((page.records.len(), page.total_records), (2, Some(2)));
}

#[test]
fn numbers_beside_a_record_that_cannot_be_read_are_what_was_sent() {
    let page = page(BAD);
    first_numbers_are_right(&page);
    assert!(page.notices.iter().any(|notice| matches!(notice, Notice::Unreadable { .. })));
}

#[test]
fn pages_and_queries_come_back() {
    for second in [GOOD, BAD] {
        let page = page(second);
        let text = serde_json::to_string(&page).unwrap();
        assert_eq!(serde_json::from_str::<Page<Record>>(&text).unwrap(), page);
        let json = serde_json::to_value(&page).unwrap();
        assert_eq!(serde_json::from_value::<Page<Record>>(json).unwrap(), page);
    }
    let notice = r#"{"notice":"paging","page":7,"reason":"r"}"#;
    let paging: Notice = serde_json::from_str(notice).unwrap();
    assert_eq!(paging, Notice::Paging { page: 7, reason: "r".to_owned() });
    let text = serde_json::to_string(&query()).unwrap();
    assert_eq!(serde_json::from_str::<Query>(&text).unwrap(), query());
    assert_eq!(
        serde_json::from_value::<Query>(serde_json::to_value(query()).unwrap()).unwrap(),
        query()
    );
}

/// Records that were kept are compared with later ones.
#[test]
fn a_record_answers_the_same_query_in_any_build() {
    let fingerprint = |query: &Query| {
        let period = Period::between(
            "2026-11-01T00:00:00Z".parse().unwrap(),
            "2026-11-02T00:00:00Z".parse().unwrap(),
        );
        let mut stored = serde_json::to_value(query).unwrap();
        stored["period"] = serde_json::to_value(period).unwrap();
        let query: Query = serde_json::from_value(stored).unwrap();
        let page: Page<Record> =
            client().aggregate(&query).read(ANSWER.replace("SECOND", GOOD).as_bytes()).unwrap();
        let json: Json = serde_json::to_value(&page.records[0]).unwrap();
        json["fingerprint"].as_str().unwrap().to_owned()
    };
    let sorted = json!({"alpha": {"a": -1, "b": u64::MAX}, "zeta": [1, 2.5, 1e300]});
    let other = Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .only(Filter::wire("callMoods", sorted));
    assert_eq!(fingerprint(&query()), fingerprint(&other));
    assert_eq!(fingerprint(&query()), "e51d3189-1a948353-6240176f-4f53cda1");
}
