//! Numbers that a server sent as null: a reader knows of each, and a strict client refuses them.

use callperf::{
    Api, Breakdown, CallResult, Client, Credentials, Error, ErrorKind, GroupBy, Interval, Notice,
    Page, Period, Query, Record, Series,
};
use serde_json::{Value as Json, json};

use crate::support::{self, NOW};

fn client(api: Api, strict: bool) -> Client {
    Client::builder()
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .api(api)
        .clock(|| NOW.parse().unwrap())
        .strict(strict)
        .build()
        .unwrap()
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
}

fn read(api: Api, query: &Query, records: &Json, strict: bool) -> Result<Page<Record>, Error> {
    let data = match api {
        Api::Beta => records.clone(),
        _ => json!({"groupedBy": "Queues", "records": records}),
    };
    let answer = json!({"data": data}).to_string();
    client(api, strict).aggregate(query).read(answer.as_bytes())
}

fn paths(notices: &[Notice]) -> Vec<&str> {
    notices
        .iter()
        .map(|notice| match notice {
            Notice::Unreadable { path, reason } if reason == "null, not a number" => path.as_str(),
            other => panic!("{other}"),
        })
        .collect()
}

#[test]
fn a_number_that_is_null_is_noticed_and_the_others_are_kept() {
    let today = json!([
        {"key": "1", "counters": {
            "allCalls": {"valueType": "Instances", "values": 11},
            "callsByResult": {"valueType": "Instances", "values": {"completed": 5, "missed": null}},
        }},
        {"key": "2", "counters": {
            "allCalls": {"valueType": "Instances", "values": null},
            "callsByResult": {"valueType": "Instances", "values": {"completed": 5}},
        }},
        {"key": "3", "counters": {
            "allCalls": {"valueType": "Instances", "values": 7},
            "callsByResult": null,
        }},
    ]);
    let beta = json!({
        "1": {"counters": {"totalCalls": 11, "callsByResult": {"completed": 5, "missed": null}}},
        "2": {"counters": {"totalCalls": null, "callsByResult": {"completed": 5}}},
        "3": {"counters": {"totalCalls": 7, "callsByResult": null}},
    });
    let of_today = [
        "data.records[0].counters.callsByResult.values.missed",
        "data.records[1].counters.allCalls.values",
        "data.records[2].counters.callsByResult",
    ];
    let of_beta = [
        "data.1.counters.callsByResult.missed",
        "data.2.counters.totalCalls",
        "data.3.counters.callsByResult",
    ];
    for (api, records, places) in [(Api::CallsV1, today, of_today), (Api::Beta, beta, of_beta)] {
        let page = read(api, &query(), &records, false).unwrap();
        assert_eq!(paths(&page.notices), places, "{api}");
        let calls = |at: usize| page.records[at].calls();
        let total = |at: usize| calls(at).total().and_then(callperf::Value::as_u64);
        let completed = |at: usize| calls(at).by_result().get(CallResult::Completed).is_some();
        assert_eq!([total(0), total(1), total(2)], [Some(11), None, Some(7)]);
        assert_eq!([completed(0), completed(1), completed(2)], [true, true, false]);
        let error = read(api, &query(), &records, true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert!(error.to_string().contains(places[0]), "{error}");
    }
}

/// Some servers write null for all that they have nothing to say about.
#[test]
fn a_null_that_stands_for_no_number_is_as_good_as_absent() {
    let records = json!([{"key": "1", "info": {"name": "Nullmeyer", "extensionNumber": null},
        "counters": {
            "allCalls": {"valueType": null, "values": 11},
            "callsByResult": {"values": {"completed": 5}},
            "callsByDirection": null, "callsByMood": null, "callsByWeather": {"values": null},
        },
        "timers": null, "trend": null,
    }]);
    let page = read(Api::CallsV1, &query(), &records, true).unwrap();
    assert_eq!(page.notices, []);
    assert_eq!(page.records[0].label(), "Nullmeyer");
    assert_eq!(page.records[0].calls().total().unwrap().as_u64(), Some(11));
}

#[test]
fn what_is_unknown_and_was_asked_for_is_noticed_too() {
    let records = json!([{"key": "1", "counters": {
        "allCalls": {"values": 11}, "callsByResult": {"values": {"deflected": null}},
        "callsByMood": {"values": {"good": null, "bad": 2}},
    }}]);
    let mood = Breakdown::from("callsByMood");
    let page = read(Api::CallsV1, &query().calls(mood.clone()), &records, false).unwrap();
    let counters = "data.records[0].counters";
    let places = [
        format!("{counters}.callsByResult.values.deflected"),
        format!("{counters}.callsByMood.values.good"),
    ];
    let is_loss = |notice: &&Notice| matches!(notice, Notice::Unreadable { .. });
    let losses: Vec<_> = page.notices.iter().filter(is_loss).cloned().collect();
    let mut found = paths(&losses);
    found.sort_unstable_by_key(|path| !path.contains("deflected"));
    assert_eq!(found, places);
    assert_eq!(page.records[0].calls().get(&mood, "bad").unwrap().as_u64(), Some(2));
}

#[test]
fn a_number_of_a_point_is_noticed_too() {
    let point = |day: u32, calls: Json| {
        let counters = json!({"allCalls": {"values": calls}, "callsByResult": {"values": {}}});
        json!({"time": format!("2026-11-{day}T00:00:00Z"), "counters": counters})
    };
    let points = json!([point(20, json!(3)), point(21, Json::Null)]);
    let records = json!([{"key": "1", "points": points}]);
    let answer = json!({"data": {"groupedBy": "Queues", "records": records}}).to_string();
    let timeline = |strict: bool| -> Result<Page<Series>, Error> {
        client(Api::CallsV1, strict).timeline(&query(), Interval::Day).read(answer.as_bytes())
    };
    let page = timeline(false).unwrap();
    assert_eq!(paths(&page.notices), ["data.records[0].points[1].counters.allCalls.values"]);
    assert_eq!(page.records[0].points().len(), 2);
    assert!(timeline(true).is_err());
}

/// As it comes from a server, and not only from bytes.
#[tokio::test]
async fn a_null_in_a_fetched_page_is_noticed() {
    let records = json!([{"key": "1", "counters": {"allCalls": {"values": null},
        "callsByResult": {"values": {"missed": 4}}}}]);
    let answer = json!({"data": {"groupedBy": "Queues", "records": records}});
    let answer = wiremock::ResponseTemplate::new(200).set_body_json(answer);
    let server = support::server(answer).await;
    let report = support::client(&server, Api::CallsV1).aggregate(&query()).all().await.unwrap();
    assert_eq!(paths(&report.notices), ["data.records[0].counters.allCalls.values"]);
    let strict = support::builder(&server, Api::CallsV1).strict(true).build().unwrap();
    assert_eq!(strict.aggregate(&query()).all().await.unwrap_err().kind(), ErrorKind::Answer);
}
