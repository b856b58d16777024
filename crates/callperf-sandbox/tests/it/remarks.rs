//! Remarks on requests that are probably mistakes.

use callperf_sandbox::{Assumptions, UnknownFields};
use serde_json::{Value, json};

use crate::client::{
    AGGREGATION, BETA, Client, TIMELINE, beta_everything, builder, every_point, everything, records,
};

/// Puts a value somewhere in a body.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let mut place = &mut body;
    for name in pointer.split('/').skip(1) {
        place = &mut place[name];
    }
    *place = value;
    body
}

#[tokio::test]
async fn a_field_that_the_document_lacks_does_nothing_and_is_explained() {
    let client = Client::new().await;
    let sum = json!({"aggregationType": "Sum"});
    let cases = [
        (
            "/grouping/groupByMember",
            json!("Queue"),
            "`groupByMember` is not a field of `grouping`; did you mean `groupByMembers`?",
        ),
        (
            "/responseOptions/counters/queueOpportunites",
            sum.clone(),
            "`queueOpportunites` is not a field of `responseOptions.counters`; \
             did you mean `queueOpportunities`?",
        ),
        (
            "/responseOptions/counters/CallsByActions",
            sum.clone(),
            "`CallsByActions` is not a field of `responseOptions.counters`; \
             did you mean `callsByActions`?",
        ),
        (
            "/responseOptions/timers/allCalls",
            sum.clone(),
            "`allCalls` is not a field of `responseOptions.timers`; did you mean `allCallsDuration`?",
        ),
        (
            "/responseOptions/timers/callsByDirection",
            sum.clone(),
            "`callsByDirection` is not a field of `responseOptions.timers`; \
             did you mean `callsDurationByDirection`?",
        ),
        (
            "/callFilters/callFilters",
            json!({"extensionFilters": {"fromIds": ["1"]}}),
            "`callFilters` is not a field of `callFilters`; what it holds belongs one level up",
        ),
        (
            "/callFilters/fromIds",
            json!(["1"]),
            "`fromIds` is not a field of `callFilters`; it belongs into `callFilters.extensionFilters`",
        ),
        (
            "/timezone",
            json!("UTC"),
            "`timezone` is not a field of the body; it belongs into `timeSettings`",
        ),
        ("/perPage", json!(10), "`perPage` is not a field of the body; it is a query parameter"),
        (
            "/additionalFilters",
            json!({"direction": "Inbound"}),
            "`additionalFilters` is not a field of the body; it is one of beta",
        ),
        (
            "/timeSettings/mood",
            json!(1),
            "`mood` is not a field of `timeSettings`; there are `advancedTimeSettings`, `timeRange`, \
             `timeZone`",
        ),
    ];
    let plain = client.ok(AGGREGATION, &everything("Users")).await;
    for (pointer, value, remark) in cases {
        let body = with(everything("Users"), pointer, value);
        let (remarks, status, answer) = client.remarks(AGGREGATION, &body).await;
        assert_eq!((status, remarks), (200, vec![remark.to_owned()]), "{pointer}");
        assert_eq!(answer, plain, "{pointer} does nothing");
    }
    let (remarks, ..) = client.remarks(AGGREGATION, &everything("Users")).await;
    assert_eq!(remarks, [""; 0]);
    let body = with(every_point("Users"), "/interval", json!("Day"));
    let (remarks, ..) = client.remarks(&format!("{TIMELINE}?interval=Day"), &body).await;
    assert_eq!(remarks, ["`interval` is not a field of the body; it is a query parameter"]);
    let body = with(beta_everything("Users"), "/grouping/keys", json!(["1"]));
    let (remarks, ..) = client.remarks(BETA, &body).await;
    assert_eq!(remarks, ["`keys` is not a field of `grouping`; it is one of calls-v1"]);
}

#[tokio::test]
async fn a_refused_request_is_explained_as_well() {
    let client = Client::new().await;
    let body = with(everything("Users"), "/grouping", json!({"groupByMember": "Queue"}));
    let (remarks, status, answer) = client.remarks(AGGREGATION, &body).await;
    assert_eq!((status, &answer["errors"][0]["parameterName"]), (400, &json!("grouping.groupBy")));
    assert_eq!(
        remarks,
        ["`groupByMember` is not a field of `grouping`; did you mean `groupByMembers`?"]
    );
}

#[tokio::test]
async fn unknown_keys_and_ids_bring_remarks() {
    let client = Client::new().await;
    let body = with(everything("Users"), "/grouping/keys", json!(["101", "1502999999"]));
    let (remarks, _, answer) = client.remarks(AGGREGATION, &body).await;
    assert!(records(&answer).is_empty());
    let user = &client.sandbox.directory().users()[0].key;
    let expected = [
        format!(
            "`101` isn't a key of this grouping; it is the extension number of the key `{user}`"
        ),
        "`1502999999` isn't a key of this grouping".to_owned(),
    ];
    assert_eq!(remarks, expected);
    let filters = json!({"queues": ["1503999999"], "calledNumbers": ["+1"]});
    let body = with(everything("Users"), "/callFilters", filters);
    let (remarks, ..) = client.remarks(AGGREGATION, &body).await;
    let expected = [
        "`1503999999` of `callFilters.queues` is unknown",
        "`+1` of `callFilters.calledNumbers` is unknown",
    ];
    assert_eq!(remarks, expected);
}

#[tokio::test]
async fn what_is_left_out_or_misspelt_in_the_query_brings_remarks() {
    let client = Client::new().await;
    let mut body = everything("Company");
    body.as_object_mut().unwrap().remove("grouping");
    body["responseOptions"] = json!({"counters": {}});
    let path = format!("{AGGREGATION}?per_page=3&access_token=x");
    let (remarks, status, _) = client.remarks(&path, &body).await;
    assert_eq!(status, 200);
    let expected = [
        "`per_page` is not a query parameter; did you mean `perPage`?",
        "the document requires `grouping`; without it the company is counted",
        "nothing is asked for: `responseOptions` has no option",
    ];
    assert_eq!(remarks, expected);
}

#[tokio::test]
async fn remarks_are_few_and_fit_into_a_header() {
    let refusing = Assumptions::default().unknown_fields(UnknownFields::Refused);
    let client = Client::on(builder().assumptions(refusing)).await;
    let mut body = everything("Users");
    for i in 0..5000 {
        body["callFilters"][format!("field {i}")] = json!(1);
    }
    let (remarks, status, answer) = client.remarks(AGGREGATION, &body).await;
    assert_eq!((status, remarks.len()), (400, 20));
    assert_eq!(answer["errors"].as_array().unwrap().len(), 5000);
    let mut body = everything("Users");
    body["überraschung\r\n".repeat(1000)] = json!(1);
    let (remarks, ..) = client.remarks(AGGREGATION, &body).await;
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].starts_with("`\\u{fc}berraschung\\u{d}\\u{a}"), "{remarks:?}");
    assert!(remarks[0].len() < 3000);
}
