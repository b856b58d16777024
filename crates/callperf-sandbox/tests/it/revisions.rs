//! Every revision of both APIs: nothing newer in responses, newer values refused, newer fields unknown.

use callperf_sandbox::{Assumptions, Sandbox, UnknownFields};
use serde_json::{Value, json};

use crate::client::{
    AGGREGATION, BETA, Client, TIMELINE, beta_everything, builder, every_point, everything, number,
    records,
};
use crate::document;

async fn client(api: &str, date: &str) -> Client {
    Client::of(document::of(api, date)).await
}

/// The message of the one error.
async fn refused(client: &Client, path: &str, body: &Value) -> String {
    let (status, answer) = client.fetch(path, body).await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!((status, errors.len()), (400, 1), "{answer}");
    assert_eq!(errors[0]["errorCode"], "CMN-101");
    errors[0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_committed_revision_is_spoken() {
    for document in document::all() {
        let client = Client::of(document).await;
        assert!(client.sandbox.revisions().contains(&(document.api, document.date.as_str())));
        let answer = client.ok(AGGREGATION, &everything("Queues")).await;
        assert_eq!(records(&answer).len(), 4, "{} {}", document.api, document.date);
        let answer = client.ok(BETA, &beta_everything("Queues")).await;
        assert_eq!(answer["data"].as_object().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn adopting_a_revision_keeps_the_usual_ones() {
    let client = Client::new().await;
    assert_eq!(client.sandbox.revisions(), document::WRITTEN_FOR);
}

#[tokio::test]
async fn an_unknown_revision_is_one_clear_error() {
    let dates = |api: &str| {
        let of_api = document::all().iter().filter(|document| document.api == api);
        of_api.map(|document| document.date.as_str()).collect::<Vec<_>>().join(", ")
    };
    let known = format!("beta {}; calls-v1 {}", dates("beta"), dates("calls-v1"));
    for name in ["2021-08-13", "beta", "beta@2022-09-29", "", "phone-v1@2022-02-23"] {
        let error = Sandbox::builder().revision(name).start().await.unwrap_err();
        assert_eq!(error.to_string(), format!("there is no revision `{name}`: there are {known}"));
    }
}

#[tokio::test]
async fn today_s_api_before_opportunities_and_overflow() {
    let client = client("calls-v1", "2022-09-29").await;
    let (remarks, _, answer) = client.remarks(AGGREGATION, &everything("Users")).await;
    let later = [
        ("callsByEndingParty", "counters", "2025-05-20"),
        ("queueOpportunities", "counters", "2023-03-27"),
        ("callsDurationByEndingParty", "timers", "2025-05-20"),
    ];
    assert_eq!(
        remarks,
        later.map(|(option, list, date)| format!(
            "`{option}` is not a field of `responseOptions.{list}` in revision 2022-09-29; \
             it came with {date}"
        ))
    );
    let counters = &records(&answer)[0]["counters"];
    assert!(counters.get("queueOpportunities").is_none());
    let types: Vec<_> = counters["callsByType"]["values"].as_object().unwrap().keys().collect();
    assert_eq!(types.len(), 5);
    let path = format!("{TIMELINE}?interval=Month");
    let answer = client.ok(&path, &every_point("Users")).await;
    assert!(
        answer["data"]["records"][0]["points"][0]["counters"].get("queueOpportunities").is_none()
    );
    let mut body = everything("Users");
    body["callFilters"] = json!({"callTypes": ["Overflow"]});
    let message = refused(&client, AGGREGATION, &body).await;
    assert!(
        message.ends_with(
            "expected is one of Direct, FromQueue, ParkRetrieval, Transferred, Outbound"
        ),
        "{message}"
    );
}

/// What the revisions before 2025-05-20 call it: word by word, and in what the newer words are.
const OLDER: &[(&str, &str, &[&str])] = &[
    ("callsByResult", "completed", &["completed", "forwarded"]),
    ("callsByResult", "missed", &["missed", "pickedUp", "answeredElsewhere"]),
    ("callsByType", "fromQueue", &["fromQueue", "queueCallPickup"]),
    ("callsByType", "direct", &["direct"]),
];

#[tokio::test]
async fn older_revisions_have_the_same_calls_in_older_words() {
    let (then, now) = (client("calls-v1", "2025-03-11").await, Client::new().await);
    let old = then.ok(AGGREGATION, &everything("Users")).await;
    let new = now.ok(AGGREGATION, &everything("Users")).await;
    assert_eq!(records(&old).len(), records(&new).len());
    let mut newer = 0;
    for (old, new) in records(&old).iter().zip(records(&new)) {
        for list in ["counters", "timers"] {
            assert_eq!(old[list]["allCalls"], new[list]["allCalls"]);
            assert!(old[list].get("callsByEndingParty").is_none());
            for (breakdown, word, words) in OLDER {
                let [old, new] = [old, new].map(|record| &record[list][breakdown]["values"]);
                let sum: u64 = words.iter().map(|word| number(&new[word])).sum();
                assert_eq!(number(&old[word]), sum, "{list} {breakdown} {word}");
                newer += sum - number(&new[word]);
                let is_older = |word: &&&str| **word == words[0] || old.get(**word).is_none();
                assert!(words.iter().all(|word| is_older(&word)), "{old}");
            }
        }
        let [old, new] = [old, new].map(|record| &record["timers"]["callsSegments"]["values"]);
        assert!(old.get("forwarding").is_none());
        assert_eq!(number(&old["ringing"]), number(&new["ringing"]) + number(&new["forwarding"]));
    }
    assert!(newer > 100, "{newer}");
    // There are no virtual agents yet.
    let message = refused(&then, AGGREGATION, &everything("IVAs")).await;
    assert!(message.contains("[grouping.groupBy]"), "{message}");
    let menus = everything("IVRs");
    let old = then.ok(AGGREGATION, &menus).await;
    let new = now.ok(AGGREGATION, &menus).await;
    let calls = |answer: &Value| -> u64 {
        let records = records(answer).iter();
        records.map(|record| number(&record["counters"]["allCalls"]["values"])).sum()
    };
    let assisted = calls(&now.ok(AGGREGATION, &everything("IVAs")).await);
    assert!(assisted > 0);
    assert_eq!(calls(&old), calls(&new) + assisted);
}

#[tokio::test]
async fn queue_hours_came_after_ending_parties() {
    let client = client("calls-v1", "2025-05-20").await;
    let (remarks, status, answer) = client.remarks(AGGREGATION, &everything("Queues")).await;
    assert_eq!(status, 200);
    let counters = &records(&answer)[0]["counters"];
    assert!(counters.get("callsByEndingParty").is_some());
    assert!(counters.get("callsByQueueHours").is_none());
    assert!(
        remarks.iter().all(|remark| remark.ends_with("it came with 2025-09-23")),
        "{remarks:?}"
    );
    assert_eq!(remarks.len(), 2);
}

#[tokio::test]
async fn the_beta_before_pages_actions_and_the_queue_sla() {
    let client = client("beta", "2021-07-19").await;
    let mut body = beta_everything("Queues");
    body["additionalFilters"] = json!({"queueSla": "InSla"});
    let path = format!("{BETA}?perPage=2");
    let (remarks, _, answer) = client.remarks(&path, &body).await;
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["data"]);
    assert_eq!(answer["data"].as_object().unwrap().len(), 4, "all are on the only page");
    assert_eq!(remarks.len(), 4, "{remarks:?}");
    assert_eq!(remarks[0], "`perPage` is not a query parameter");
    assert!(remarks[1].ends_with("it came with 2021-08-12"), "{remarks:?}");
    let record = answer["data"].as_object().unwrap().values().next().unwrap();
    assert!(record["counters"].get("callsByQueueSla").is_none());
    assert!(record["counters"]["callsActionsCount"].get("dtmftTransfer").is_none());
    // A period that ends before it begins wasn't refused then.
    let mut body = beta_everything("Queues");
    body["timeRange"]["timeTo"] = json!("2025-04-01T00:00:00Z");
    assert_eq!(client.ok(BETA, &body).await["data"], json!({}));
    body["grouping"]["ids"] = json!([client.sandbox.directory().queues()[0].key]);
    let answer = client.ok(BETA, &body).await;
    let record = answer["data"].as_object().unwrap().values().next().unwrap();
    assert_eq!(record["counters"]["totalCalls"], 0);
}

/// The first revision's names beside the last one's, with the same numbers.
const RENAMED: &[(&str, &str)] = &[
    ("/counters/callsByResult/ended", "/counters/callsByResult/completed"),
    ("/counters/callsByResponseType/inboundAnswer", "/counters/callsByResponseType/inboundDirect"),
    ("/timers/callsByResult/endedCallsSeconds", "/timers/callsByResult/completedCallsSeconds"),
    (
        "/timers/callsByResponseType/inboundAnswersSeconds",
        "/timers/callsByResponseType/inboundDirectSeconds",
    ),
    ("/counters/totalCalls", "/counters/totalCalls"),
];

#[tokio::test]
async fn the_first_beta_has_the_same_numbers_under_its_own_names() {
    let (first, last) = (client("beta", "2021-06-17").await, Client::new().await);
    let keys = json!([last.sandbox.directory().users()[2].key]);
    let body = |ids: &str, filters: Value| {
        let mut body = beta_everything("Users");
        body["grouping"][ids] = keys.clone();
        body["additionalFilters"] = filters;
        body
    };
    for (then, now) in [
        (json!({}), json!({})),
        (json!({"callResult": {"isEnded": true}}), json!({"callResult": ["Completed"]})),
        (
            json!({"callResult": {"isVoiceMail": true, "isAbandoned": true, "isEnded": false}}),
            json!({"callResult": ["VoiceMail", "Abandoned"]}),
        ),
        (
            json!({"callResponseType": ["InboundAnswers"]}),
            json!({"callResponseType": ["InboundDirect"]}),
        ),
    ] {
        let old = first.ok(BETA, &body("identifiers", then.clone())).await;
        let new = last.ok(BETA, &body("ids", now)).await;
        let [old, new] = [&old, &new].map(|answer| answer["data"].as_object().unwrap());
        assert_eq!(old.len(), 1, "{then}");
        for (record, other) in old.values().zip(new.values()) {
            for (name, renamed) in RENAMED {
                let number = record.pointer(name).unwrap();
                assert_eq!(Some(number), other.pointer(renamed), "{name}");
            }
            assert!(record["counters"].get("callsBySegments").is_none());
            assert!(record["timers"]["callSegmentLengthSeconds"].get("vmGreetings").is_none());
        }
    }
}

#[tokio::test]
async fn the_first_beta_refuses_what_came_later() {
    let client = client("beta", "2021-06-17").await;
    let mut body = beta_everything("Users");
    body["additionalFilters"] = json!({"callResponseType": ["QueueCalls"]});
    let message = refused(&client, BETA, &body).await;
    assert!(
        message.ends_with("expected is one of InboundAnswers, ParkRetrievals, Missed, Accepted")
    );
    body["additionalFilters"] = json!({"callResult": ["Completed"]});
    assert!(refused(&client, BETA, &body).await.ends_with("an object is expected"));
    let mut body = beta_everything("Users");
    body["responseOptions"] =
        json!({"timers": {"totalCallLength": {"aggregationType": "Average"}}});
    assert!(refused(&client, BETA, &body).await.ends_with("only Sum works in this revision"));
    body["grouping"]["groupBy"] = json!("QueueAgents");
    body["responseOptions"]["timers"]["totalCallLength"]["aggregationType"] = json!("Sum");
    let message = refused(&client, BETA, &body).await;
    assert!(message.starts_with("Parameter [grouping.identifiers] "), "{message}");
}

#[tokio::test]
async fn a_value_of_a_later_revision_is_refused_and_named_as_such() {
    let old = client("calls-v1", "2023-03-27").await;
    let mut body = everything("Users");
    body["responseOptions"] = json!({"counters": {"allCalls": {"aggregationType": "Sum"}}});
    body["callFilters"] = json!({"callResults": ["Completed", "Forwarded", "Forwardet"]});
    let (remarks, status, _) = old.remarks(AGGREGATION, &body).await;
    let expected = "`Forwarded` is not a value of `callFilters.callResults[1]` in revision \
                    2023-03-27; it came with 2025-05-20";
    assert_eq!((status, remarks), (400, vec![expected.to_owned()]));
    body["callFilters"] = json!({"callResults": ["Completed"]});
    body["grouping"]["groupBy"] = json!("IVAs");
    let (remarks, status, _) = old.remarks(AGGREGATION, &body).await;
    let expected = "`IVAs` is not a value of `grouping.groupBy` in revision 2023-03-27; it came \
                    with 2025-05-20";
    assert_eq!((status, remarks), (400, vec![expected.to_owned()]));
}

#[tokio::test]
async fn a_field_of_another_time_is_named_as_such() {
    let strict =
        || builder().assumptions(Assumptions::default().unknown_fields(UnknownFields::Refused));
    let first = Client::on(strict().revision("2021-06-17")).await;
    let mut body = beta_everything("Users");
    body["grouping"]["ids"] = json!(["1"]);
    body["responseOptions"] = json!({"counters": {"allCalls": {"aggregationType": "Sum"}}});
    let (_, text) = first.send(BETA, body.to_string()).await;
    assert!(
        text.contains("it is not a field in revision 2021-06-17; it came with 2021-07-19"),
        "{text}"
    );
    let last = Client::on(strict()).await;
    body["grouping"] = json!({"groupBy": "Users", "identifiers": ["1"]});
    let (_, text) = last.send(BETA, body.to_string()).await;
    assert!(text.contains("in revision 2021-08-12; it was last in 2021-06-17"), "{text}");
}

/// The last one isn't taken for the one that was meant.
#[tokio::test]
async fn an_api_is_given_one_revision() {
    let builder = Sandbox::builder().revision("calls-v1@2024-04-02");
    let error = builder.clone().revision("2023-03-27").start().await.unwrap_err().to_string();
    let expected =
        "revision: calls-v1 can speak one, and 2024-04-02 and 2023-03-27 are named; leave one out";
    assert_eq!(error, expected);
    for more in ["2024-04-02", "beta@2021-07-19"] {
        assert!(builder.clone().revision(more).start().await.is_ok(), "{more}");
    }
}
