//! What a server of an earlier revision calls otherwise is read like what it is called today.

use callperf::{Api, Breakdown, GroupBy, Notice, Page, Period, Query, Record};
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

use crate::support;

async fn read(api: Api, answer: &Json) -> Page<Record> {
    let server = support::server(ResponseTemplate::new(200).set_body_json(answer)).await;
    support::client(&server, api).aggregate(&query()).page(1).await.unwrap()
}

fn query() -> Query {
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").unchecked();
    let asked = [Breakdown::Segment, Breakdown::Action, Breakdown::Result, Breakdown::Type];
    asked.into_iter().fold(query, Query::calls)
}

fn of_today(record: &Json) -> Json {
    json!({
        "data": {"groupedBy": "Users", "records": [record]},
        "paging": {"page": 1, "perPage": 100, "totalPages": 1, "totalElements": 1},
    })
}

/// The breakdowns of phone-v1 2022-04-28 have the words of calls-v1 2022-09-29, in the plural.
#[tokio::test]
async fn breakdown_words_of_phone_v1_are_those_of_today() {
    let instances = |values: Json| json!({"valueType": "Instances", "values": values});
    let record = |key: &str, segments: Json, actions: Json| {
        let counters =
            json!({"callsSegments": instances(segments), "callsActions": instances(actions)});
        json!({"key": "7", key: {"extensionNumber": "101", "name": "Ann"}, "counters": counters})
    };
    let old = record(
        "keyInfo",
        json!({"ringing": 1, "holds": 2, "parks": 3, "transfers": 4, "ivrPrompts": 5, "vmGreetings": 6}),
        json!({"parksOn": 7, "parksOff": 8, "holdsOn": 9, "holdsOff": 10, "warmTransfer": 11}),
    );
    let new = record(
        "info",
        json!({"ringing": 1, "hold": 2, "park": 3, "transfer": 4, "ivrPrompt": 5, "vmGreeting": 6}),
        json!({"parkOn": 7, "parkOff": 8, "holdOn": 9, "holdOff": 10, "warmTransfer": 11}),
    );
    let old = read(Api::CallsV1, &of_today(&old)).await;
    let new = read(Api::CallsV1, &of_today(&new)).await;
    assert_eq!(old.records, new.records);
    let record = &old.records[0];
    assert_eq!(record.info().unwrap().name(), Some("Ann"));
    assert_eq!(record.calls().get(&Breakdown::Segment, "hold").unwrap().as_u64(), Some(2));
    assert_eq!(record.calls().get(&Breakdown::Action, "holdOff").unwrap().as_u64(), Some(10));
    assert_eq!(old.notices, new.notices);
}

/// The response words of the beta's revisions.
#[tokio::test]
async fn the_beta_is_read_by_the_names_of_june() {
    let answer = |result: &str, length: &str, kind: &str, kind_length: &str| {
        json!({"data": {"7": {
            "counters": {"callsByResult": {result: 3}, "callsByResponseType": {kind: 5}},
            "timers": {"callsByResult": {length: 30}, "callsByResponseType": {kind_length: 50}},
        }}, "paging": {"page": 1, "perPage": 100, "totalPages": 1, "totalElements": 1}})
    };
    let june = answer("ended", "endedCallsSeconds", "inboundAnswer", "inboundAnswersSeconds");
    let august =
        answer("completed", "completedCallsSeconds", "inboundDirect", "inboundDirectSeconds");
    let (june, august) = (read(Api::Beta, &june).await, read(Api::Beta, &august).await);
    assert_eq!(june.records, august.records);
    let calls = june.records[0].calls();
    assert_eq!(calls.get(&Breakdown::Result, "completed").unwrap().as_u64(), Some(3));
    assert_eq!(calls.get(&Breakdown::Type, "direct").unwrap().as_u64(), Some(5));
}

#[tokio::test]
async fn of_two_names_the_current_one_counts() {
    let record = |old: u32, new: u32| {
        let values = json!({"holds": old, "hold": new});
        let segments = json!({"valueType": "Instances", "values": values});
        of_today(&json!({"key": "7", "counters": {"callsSegments": segments}}))
    };
    let agreeing = read(Api::CallsV1, &record(2, 2)).await;
    let differing = read(Api::CallsV1, &record(1, 2)).await;
    let segments = |page: &Page<Record>| json!(page.records[0])["calls"]["by_segment"].clone();
    assert_eq!(segments(&agreeing)["values"], json!({"hold": 2}));
    assert_eq!(segments(&differing)["values"], json!({"hold": 2, "holds": 1}));
    let two_names = |page: &Page<Record>| -> Vec<Notice> {
        let is_it = |notice: &&Notice| matches!(notice, Notice::TwoNames { .. });
        page.notices.iter().filter(is_it).cloned().collect()
    };
    assert!(two_names(&agreeing).is_empty());
    let notice = Notice::TwoNames { old: "holds".to_owned(), new: "hold".to_owned() };
    assert_eq!(two_names(&differing), std::slice::from_ref(&notice));

    let answer = ResponseTemplate::new(200).set_body_json(record(1, 2));
    let server = support::server(answer).await;
    let report = support::client(&server, Api::CallsV1).aggregate(&query()).all().await.unwrap();
    assert_eq!(report.notices.iter().filter(|it| **it == notice).count(), 1);
}

/// A page of which a part can't be read is read part by part, by the same names.
#[tokio::test]
async fn a_page_that_is_read_in_parts_is_read_by_old_names_too() {
    let segments = json!({"valueType": "Instances", "values": {"holds": 2}});
    let counters = json!({"callsSegments": segments});
    let record = json!({"key": "7", "keyInfo": {"name": "Ann"}, "timers": 7, "counters": counters});
    let mut answer = of_today(&record);
    let page = read(Api::CallsV1, &answer).await;
    assert_eq!(page.records[0].info().unwrap().name(), Some("Ann"));
    answer["data"]["records"][0]["timers"].take();
    assert_eq!(read(Api::CallsV1, &answer).await.records, page.records);
}
