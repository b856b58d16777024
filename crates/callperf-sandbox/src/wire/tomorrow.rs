//! A revision with words and fields that the code does not know.

use std::sync::OnceLock;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::calls_v1;
use super::request::Request;
use super::service::Service;
use crate::aggregate::world::World;
use crate::assumptions::Assumptions;
use crate::data::calls::{Calls, Draft};
use crate::data::directory::Directory;
use crate::data::words::{Word, Words};
use crate::wire::failure::Failure;
use crate::wire::revision::{Api, Revision, of_tomorrow};

const MONDAY: i64 = 1_748_872_800;

/// One call, that one user made.
fn world() -> World {
    let directory = Directory::built_in();
    let mut calls = Calls::default();
    let words = Words::of(&[Word::Outbound, Word::Connected, Word::Placed, Word::Completed]);
    let made = Draft {
        extension: 0,
        queue: None,
        peer: None,
        words,
        start: 0,
        end: 0,
        spans: Vec::new(),
        events: Vec::new(),
    };
    calls.push(MONDAY, Word::External, None, Some(Word::EndedByCaller), vec![made]);
    World::new(directory, calls, Assumptions::default().abandoned_sla)
}

/// A service that speaks a revision with words and fields that this crate doesn't implement.
fn tomorrow() -> Service {
    let change = json!({"analyticsCallsAggregationFetch": {
        "request": {
            "responseOptions": {"counters": {"callsByMood": {"aggregationType": "Sum"}}},
            "callFilters": {
                "callResults": {"[]": "Completed Deflected"},
                "moods": {"[]": "Happy"},
            },
        },
        "response": {"data": {"records": {"[]": {"counters": {
            "callsByResult": {"values": {"deflected": ""}},
        }}}}},
    }});
    let [beta, _] = Api::ALL.map(Revision::usual);
    let calls_v1 = of_tomorrow(Api::CallsV1, &change);
    Service { assumptions: Assumptions::default(), beta, calls_v1 }
}

fn ask(filters: &Value, option: &str) -> (Result<Value, Failure>, Vec<String>) {
    let range = json!({"timeFrom": "2025-06-02T00:00:00Z", "timeTo": "2025-06-02T23:59:59Z"});
    let body = json!({
        "grouping": {"groupBy": "Users"},
        "timeSettings": {"timeZone": "UTC", "timeRange": range},
        "callFilters": filters,
        "responseOptions": {"counters": {option: {"aggregationType": "Sum"}}},
    });
    let now = "2025-06-03T00:00:00Z".parse().unwrap();
    let body_as_written = OnceLock::new();
    let request = Request { parameters: Vec::new(), body, body_as_written, now };
    let reply = calls_v1::aggregation(&world(), &tomorrow(), &request);
    (reply.body.map(|body| serde_json::from_slice(&body).unwrap()), reply.remarks)
}

#[test]
fn a_word_of_tomorrow_counts_no_calls_and_filters_them_all() {
    let (answer, _) = ask(&json!({}), "callsByResult");
    let answer = answer.unwrap();
    let values = &answer["data"]["records"][0]["counters"]["callsByResult"]["values"];
    assert_eq!((&values["completed"], &values["deflected"]), (&json!(1.0), &json!(0.0)));
    let (answer, remarks) = ask(&json!({"callResults": ["Deflected"]}), "callsByResult");
    assert_eq!(answer.unwrap()["paging"]["totalElements"], 0);
    assert_eq!(remarks, ["no call here falls under `Deflected` of `callFilters.callResults`"]);
}

#[test]
fn a_field_of_tomorrow_is_not_worked_out_and_says_so() {
    for (filters, option, place) in [
        (json!({}), "callsByMood", "responseOptions.counters.callsByMood"),
        (json!({"moods": ["Happy"]}), "allCalls", "callFilters.moods"),
    ] {
        let failure = ask(&filters, option).0.unwrap_err();
        assert_eq!(failure.status, StatusCode::NOT_IMPLEMENTED);
        assert_eq!(failure.problems[0].error_code, "CMN-202");
        assert!(failure.problems[0].message.ends_with(&format!(": {place}")));
    }
}
