//! What is refused, and how.

use serde_json::{Value, json};

use crate::client::{
    AGGREGATION, BETA, Client, TIMELINE, beta_everything, every_point, everything,
};

/// A change to a body: where, and what to put there (null takes it away).
type Change = (&'static str, Value);

fn changed(mut body: Value, changes: Vec<Change>) -> Value {
    for (pointer, value) in changes {
        let mut place = &mut body;
        for name in pointer.split('/').skip(1) {
            if place.is_null() {
                *place = json!({});
            }
            place = &mut place[name];
        }
        *place = value;
    }
    body
}

/// The codes and parameters of a refusal.
fn problems(refusal: &Value) -> Vec<(&str, &str)> {
    let errors = refusal["errors"].as_array().unwrap();
    assert_eq!(refusal["errorCode"], errors[0]["errorCode"]);
    assert_eq!(refusal["message"], errors[0]["message"]);
    let problem = |error| {
        let error: &Value = error;
        (error["errorCode"].as_str().unwrap(), error["parameterName"].as_str().unwrap_or(""))
    };
    errors.iter().map(problem).collect()
}

async fn refused(client: &Client, path: &str, body: &Value, expected: &[(&str, &str)]) {
    let (status, refusal) = client.fetch(path, body).await;
    assert_eq!(status, 400, "{expected:?}\n{refusal}");
    assert_eq!(problems(&refusal), expected, "{body}");
}

async fn each_is_refused(cases: Vec<(&str, Change, (&str, &str))>) {
    let client = Client::new().await;
    for (grouping, change, expected) in cases {
        let body = changed(everything(grouping), vec![change]);
        refused(&client, AGGREGATION, &body, &[expected]).await;
    }
}

const FROM: &str = "timeSettings.timeRange.timeFrom";
const TO: &str = "timeSettings.timeRange.timeTo";

#[tokio::test]
async fn times_are_checked() {
    each_is_refused(vec![
        ("Users", ("/timeSettings", json!(null)), ("CMN-101", "timeSettings")),
        ("Users", ("/timeSettings", json!(7)), ("CMN-101", "timeSettings")),
        ("Users", ("/timeSettings/timeZone", json!(null)), ("CMN-101", "timeSettings.timeZone")),
        ("Users", ("/timeSettings/timeZone", json!("Mars")), ("CMN-101", "timeSettings.timeZone")),
        ("Users", ("/timeSettings/timeZone", json!("")), ("CMN-101", "timeSettings.timeZone")),
        ("Users", ("/timeSettings/timeRange", json!(null)), ("CMN-101", "timeSettings.timeRange")),
        ("Users", ("/timeSettings/timeRange/timeFrom", json!(null)), ("CMN-101", FROM)),
        ("Users", ("/timeSettings/timeRange/timeFrom", json!("2025-05-01")), ("CMN-101", FROM)),
        ("Users", ("/timeSettings/timeRange/timeFrom", json!(1_746_000_000)), ("CMN-101", FROM)),
        (
            "Users",
            ("/timeSettings/timeRange/timeTo", json!("2025-05-01T00:00:00")),
            ("CMN-101", TO),
        ),
        (
            "Users",
            ("/timeSettings/timeRange/timeTo", json!("2025-04-30T23:59:59Z")),
            ("CMN-101", TO),
        ),
        (
            "Users",
            ("/timeSettings/timeRange/timeTo", json!("2025-06-02T00:00:01Z")),
            ("ANL-302", TO),
        ),
        (
            "Users",
            ("/timeSettings/timeRange/timeFrom", json!("2024-11-29T23:59:59.999Z")),
            ("CMN-101", FROM),
        ),
        (
            "Users",
            ("/timeSettings/advancedTimeSettings/includeDays", json!(["Mon"])),
            ("CMN-101", "timeSettings.advancedTimeSettings.includeDays[0]"),
        ),
        (
            "Users",
            ("/timeSettings/advancedTimeSettings/includeHours", json!([{"from": "09:00"}])),
            ("CMN-101", "timeSettings.advancedTimeSettings.includeHours[0].to"),
        ),
        (
            "Users",
            (
                "/timeSettings/advancedTimeSettings/includeHours",
                json!([{"from": "09:00", "to": "24:00"}]),
            ),
            ("CMN-101", "timeSettings.advancedTimeSettings.includeHours[0].to"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn groupings_and_options_are_checked() {
    each_is_refused(vec![
        ("Users", ("/responseOptions", json!(null)), ("CMN-101", "responseOptions")),
        ("Users", ("/responseOptions", json!([])), ("CMN-101", "responseOptions")),
        ("Users", ("/grouping", json!("Users")), ("CMN-101", "grouping")),
        ("Users", ("/grouping", json!({})), ("CMN-101", "grouping.groupBy")),
        ("Users", ("/grouping/groupBy", json!("users")), ("CMN-101", "grouping.groupBy")),
        ("Users", ("/grouping/groupByMembers", json!("Queue")), ("CMN-101", "grouping")),
        ("Users", ("/grouping", json!({"groupByMembers": "Queues"})), {
            ("CMN-101", "grouping.groupByMembers")
        }),
        ("Users", ("/grouping/keys", json!("1502200017")), ("CMN-101", "grouping.keys")),
        ("Users", ("/grouping/keys", json!([101])), ("CMN-101", "grouping.keys[0]")),
        ("Company", ("/grouping/keys", json!(["1500000001"])), ("CMN-101", "grouping.keys")),
    ])
    .await;
}

#[tokio::test]
async fn filters_are_checked() {
    each_is_refused(vec![
        (
            "Users",
            ("/callFilters/directions", json!(["In"])),
            ("CMN-101", "callFilters.directions[0]"),
        ),
        (
            "Users",
            ("/callFilters/directions", json!("Inbound")),
            ("CMN-101", "callFilters.directions"),
        ),
        ("Users", ("/callFilters/origins", json!([null])), ("CMN-101", "callFilters.origins[0]")),
        (
            "Users",
            ("/callFilters/callResponses", json!([1])),
            ("CMN-101", "callFilters.callResponses[0]"),
        ),
        ("Users", ("/callFilters/callResults", json!(["VoiceMail"])), {
            ("CMN-101", "callFilters.callResults[0]")
        }),
        ("Users", ("/callFilters/callTypes", json!(["Direct", "Queue"])), {
            ("CMN-101", "callFilters.callTypes[1]")
        }),
        ("Users", ("/callFilters/callActions", json!(["DtmfTransfer"])), {
            ("CMN-101", "callFilters.callActions[0]")
        }),
        ("Users", ("/callFilters/companyHours", json!(["Lunch"])), {
            ("CMN-101", "callFilters.companyHours[0]")
        }),
        (
            "Queues",
            ("/callFilters/queueSla", json!(["OutOfSla"])),
            ("CMN-101", "callFilters.queueSla[0]"),
        ),
        ("Users", ("/callFilters/queueSla", json!(["InSla"])), ("CMN-101", "callFilters.queueSla")),
        (
            "Users",
            ("/callFilters/queueHours", json!(["AfterHours"])),
            ("CMN-101", "callFilters.queueHours"),
        ),
        (
            "Queues",
            ("/callFilters/endingParties", json!(["Third"])),
            ("CMN-101", "callFilters.endingParties[0]"),
        ),
        ("Users", ("/callFilters/callSegments", json!([{}])), {
            ("CMN-101", "callFilters.callSegments[0].segment")
        }),
        (
            "Users",
            ("/callFilters/callSegments", json!(["Hold"])),
            ("CMN-101", "callFilters.callSegments[0]"),
        ),
        (
            "Users",
            (
                "/callFilters/callSegments",
                json!([{"segment": "Hold", "length": {"minSeconds": "1"}}]),
            ),
            ("CMN-101", "callFilters.callSegments[0].length.minSeconds"),
        ),
        ("Users", ("/callFilters/callDuration", json!({"minSeconds": 1.5})), {
            ("CMN-101", "callFilters.callDuration.minSeconds")
        }),
        ("Users", ("/callFilters/timeSpent", json!(5)), ("CMN-101", "callFilters.timeSpent")),
        ("Users", ("/callFilters/queues", json!([1])), ("CMN-101", "callFilters.queues[0]")),
        (
            "Users",
            ("/callFilters/calledNumbers", json!({})),
            ("CMN-101", "callFilters.calledNumbers"),
        ),
        ("Sites", ("/callFilters/extensionFilters/fromIds", json!(["1"])), {
            ("CMN-101", "callFilters.extensionFilters.fromIds")
        }),
        ("Queues", ("/callFilters/extensionFilters/toIds", json!(["1"])), {
            ("CMN-101", "callFilters.extensionFilters.toIds")
        }),
    ])
    .await;
}

#[tokio::test]
async fn options_follow_the_rules_on_aggregation() {
    let client = Client::new().await;
    let cases = [
        ("Users", "counters.allCalls", json!({}), "aggregationType"),
        ("Users", "counters.allCalls", json!(true), ""),
        ("Users", "counters.allCalls", json!({"aggregationType": "Mean"}), "aggregationType"),
        (
            "Users",
            "counters.allCalls",
            json!({"aggregationType": "Sum", "aggregationInterval": "Day"}),
            "aggregationInterval",
        ),
        (
            "Users",
            "timers.allCallsDuration",
            json!({"aggregationType": "Percent", "aggregationInterval": "Day"}),
            "aggregationInterval",
        ),
        (
            "Users",
            "counters.callsByType",
            json!({"aggregationType": "Average"}),
            "aggregationInterval",
        ),
        (
            "Users",
            "counters.callsByType",
            json!({"aggregationType": "Max", "aggregationInterval": "Year"}),
            "aggregationInterval",
        ),
        (
            "Users",
            "counters.queueOpportunities",
            json!({"aggregationType": "Percent"}),
            "aggregationType",
        ),
        (
            "Users",
            "counters.queueOpportunities",
            json!({"aggregationType": "Sum", "aggregationInterval": "Day"}),
            "aggregationInterval",
        ),
        ("Queues", "counters.queueOpportunities", json!({"aggregationType": "Sum"}), ""),
        ("Users", "counters.callsByQueueSla", json!({"aggregationType": "Sum"}), ""),
        ("Users", "timers.callsDurationByQueueSla", json!({"aggregationType": "Sum"}), ""),
        ("Users", "counters.callsByQueueHours", json!({"aggregationType": "Sum"}), ""),
        ("Company", "timers.callsDurationByQueueHours", json!({"aggregationType": "Sum"}), ""),
    ];
    for (grouping, option, value, inside) in cases {
        let mut body = everything(grouping);
        let pointer = option.replace('.', "/");
        let (list, name) = pointer.split_once('/').unwrap();
        body["responseOptions"][list][name] = value;
        let mut parameter = format!("responseOptions.{option}");
        if !inside.is_empty() {
            parameter = format!("{parameter}.{inside}");
        }
        refused(&client, AGGREGATION, &body, &[("CMN-101", &parameter)]).await;
    }
}

#[tokio::test]
async fn pages_and_intervals_are_checked() {
    let client = Client::new().await;
    let aggregation =
        ["page=0", "page=-1", "page=x", "page=", "perPage=0", "perPage=201", "page=1.5"];
    for query in aggregation {
        let name = query.split_once('=').unwrap().0;
        let path = format!("{AGGREGATION}?{query}");
        refused(&client, &path, &everything("Users"), &[("CMN-101", name)]).await;
    }
    client.ok(&format!("{AGGREGATION}?perPage=200&page=1"), &everything("Users")).await;
    let timeline = [
        ("", "interval"),
        ("interval=day", "interval"),
        ("interval=Year", "interval"),
        ("interval=Day&perPage=21", "perPage"),
        ("interval=Day&page=0", "page"),
    ];
    for (query, name) in timeline {
        let path = format!("{TIMELINE}?{query}");
        refused(&client, &path, &every_point("Users"), &[("CMN-101", name)]).await;
    }
    let answer = client.ok(&format!("{TIMELINE}?interval=Month"), &every_point("Users")).await;
    assert_eq!(answer["paging"]["perPage"], 20);
    for query in ["page=0", "perPage=0", "perPage=-3"] {
        let name = query.split_once('=').unwrap().0;
        let path = format!("{BETA}?{query}");
        refused(&client, &path, &beta_everything("Users"), &[("CMN-101", name)]).await;
    }
    let answer = client.ok(BETA, &beta_everything("Users")).await;
    assert_eq!(answer["paging"]["perPage"], 100);
}

#[tokio::test]
async fn a_timeline_takes_truths() {
    let client = Client::new().await;
    let path = format!("{TIMELINE}?interval=Day");
    let mut body = every_point("Users");
    body["responseOptions"]["counters"]["allCalls"] = json!({"aggregationType": "Sum"});
    body["responseOptions"]["timers"]["callsDurationByQueueSla"] = json!(true);
    let expected = [
        ("CMN-101", "responseOptions.counters.allCalls"),
        ("CMN-101", "responseOptions.timers.callsDurationByQueueSla"),
    ];
    refused(&client, &path, &body, &expected).await;
}

#[tokio::test]
async fn one_refusal_lists_all_errors() {
    let client = Client::new().await;
    let body = changed(
        everything("Users"),
        vec![
            ("/timeSettings/timeZone", json!("Nowhere")),
            ("/timeSettings/timeRange/timeTo", json!("2030-01-01T00:00:00Z")),
            ("/callFilters/directions", json!(["Sideways", "Inbound"])),
            ("/responseOptions/counters/allCalls", json!({"aggregationType": "Median"})),
        ],
    );
    let path = format!("{AGGREGATION}?page=0&perPage=1000");
    let (status, refusal) = client.fetch(&path, &body).await;
    assert_eq!(status, 400);
    let mut problems = problems(&refusal);
    problems.sort_unstable();
    let expected = [
        ("ANL-302", TO),
        ("CMN-101", "callFilters.directions[0]"),
        ("CMN-101", "page"),
        ("CMN-101", "perPage"),
        ("CMN-101", "responseOptions.counters.allCalls.aggregationType"),
        ("CMN-101", "timeSettings.timeZone"),
    ];
    assert_eq!(problems, expected);
    let page = refusal["errors"].as_array().unwrap().iter().find(|e| e["parameterName"] == "page");
    assert_eq!(page.unwrap()["parameterValue"], "0");
}

#[tokio::test]
async fn the_beta_names_the_bad_parameter() {
    let client = Client::new().await;
    let from = "timeRange.timeFrom";
    let to = "timeRange.timeTo";
    let cases: Vec<(&str, Change, (&str, &str))> = vec![
        ("Users", ("/timeRange", json!(null)), ("CMN-101", "timeRange")),
        ("Users", ("/timeRange/timeFrom", json!("yesterday")), ("CMN-101", from)),
        ("Users", ("/timeRange/timeFrom", json!("2024-11-01T00:00:00Z")), ("CMN-101", from)),
        ("Users", ("/timeRange/timeTo", json!("2025-04-01T00:00:00Z")), ("CMN-101", to)),
        ("Users", ("/timeRange/timeTo", json!("2025-07-01T00:00:00Z")), ("ANL-302", to)),
        ("Users", ("/responseOptions", json!(null)), ("CMN-101", "responseOptions")),
        ("Users", ("/grouping", json!({})), ("CMN-101", "grouping.groupBy")),
        ("Users", ("/grouping/groupBy", json!("Company")), ("CMN-101", "grouping.groupBy")),
        ("Users", ("/grouping/groupBy", json!("SharedLines")), ("CMN-101", "grouping.groupBy")),
        ("Users", ("/grouping/groupBy", json!("QueueAgents")), ("CMN-101", "grouping.ids")),
        ("DepartmentMembers", ("/grouping/ids", json!([])), ("CMN-101", "grouping.ids")),
        ("Users", ("/additionalFilters/direction", json!(["Inbound"])), {
            ("CMN-101", "additionalFilters.direction")
        }),
        ("Users", ("/additionalFilters/callResponse", json!("Connected")), {
            ("CMN-101", "additionalFilters.callResponse")
        }),
        ("Users", ("/additionalFilters/callResult", json!(["Missed"])), {
            ("CMN-101", "additionalFilters.callResult[0]")
        }),
        ("Users", ("/additionalFilters/callSegments", json!([{"callSegment": "Setup"}])), {
            ("CMN-101", "additionalFilters.callSegments[0].callSegment")
        }),
        ("Users", ("/additionalFilters/callActions", json!([{}])), {
            ("CMN-101", "additionalFilters.callActions[0].callAction")
        }),
        ("Users", ("/additionalFilters/callDuration", json!({"minValueSeconds": "9"})), {
            ("CMN-101", "additionalFilters.callDuration.minValueSeconds")
        }),
        ("Users", ("/additionalFilters/queueSla", json!("InSla")), {
            ("CMN-101", "additionalFilters.queueSla")
        }),
        ("Users", ("/responseOptions/counters/allCalls/aggregationType", json!("Average")), {
            ("CMN-101", "responseOptions.counters.allCalls.aggregationType")
        }),
        ("Users", ("/responseOptions/timers/totalCallLength/aggregationType", json!("Percent")), {
            ("CMN-101", "responseOptions.timers.totalCallLength.aggregationType")
        }),
        ("Users", ("/responseOptions/timers/totalCallLength", json!({})), {
            ("CMN-101", "responseOptions.timers.totalCallLength.aggregationType")
        }),
    ];
    for (grouping, change, expected) in cases {
        let body = changed(beta_everything(grouping), vec![change]);
        refused(&client, BETA, &body, &[expected]).await;
    }
    let mut body = beta_everything("QueueAgents");
    body["grouping"]["ids"] = json!([client.sandbox.directory().queues()[0].key]);
    assert_eq!(client.ok(BETA, &body).await["paging"]["totalElements"], 6);
}

#[tokio::test]
async fn company_keys_are_refused_in_the_service_s_words() {
    let client = Client::new().await;
    let body = changed(everything("Company"), vec![("/grouping/keys", json!(["1"]))]);
    let (_, refusal) = client.fetch(AGGREGATION, &body).await;
    assert_eq!(refusal["message"], "Grouping by 'Company' cannot contain group identifiers");
    let body = changed(everything("Company"), vec![("/grouping/keys", json!([]))]);
    client.ok(AGGREGATION, &body).await;
}

#[tokio::test]
async fn what_the_documents_lack_is_ignored() {
    let client = Client::new().await;
    let plain = client.ok(AGGREGATION, &everything("Users")).await;
    let body = changed(
        everything("Users"),
        vec![
            ("/surprise", json!(1)),
            ("/callFilters/mood", json!(["Happy"])),
            ("/callFilters/callTypes", json!(null)),
            ("/responseOptions/counters/callsByMood", json!({"aggregationType": "Sum"})),
            ("/timeSettings/advancedTimeSettings", json!({"includeDays": [], "includeHours": []})),
        ],
    );
    assert_eq!(client.ok(&format!("{AGGREGATION}?api-version=1"), &body).await, plain);
}
