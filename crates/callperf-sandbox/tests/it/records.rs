//! What stands in the records, and that it adds up.

use std::collections::BTreeSet;

use callperf_sandbox::EmptyRecords;
use serde_json::{Value, json};

use crate::client::{
    AGGREGATION, BETA, Client, RESULTS, TIMELINE, TYPES, beta_everything, builder, every_point,
    everything, number, records, sum,
};
use crate::document;

const GROUPINGS: [&str; 10] = [
    "Company",
    "CompanyNumbers",
    "Users",
    "Queues",
    "IVRs",
    "IVAs",
    "SharedLines",
    "UserGroups",
    "Sites",
    "Departments",
];

#[tokio::test]
async fn parts_sum_to_the_total_in_every_grouping() {
    let client = Client::new().await;
    for grouping in GROUPINGS {
        let answer = client.ok(AGGREGATION, &everything(grouping)).await;
        assert_eq!(answer["data"]["groupedBy"], grouping);
        assert!(!records(&answer).is_empty(), "{grouping}");
        for record in records(&answer) {
            for list in ["counters", "timers"] {
                let values = &record[list];
                let total = number(&values["allCalls"]["values"]);
                for exact in [
                    "callsByOrigin",
                    "callsByResponse",
                    "callsByCompanyHours",
                    "callsByEndingParty",
                ] {
                    assert_eq!(sum(&values[exact]), total, "{grouping} {list} {exact}");
                }
                for part in ["callsByResult", "callsByType", "callsByDirection"] {
                    assert!(sum(&values[part]) <= total, "{grouping} {list} {part}");
                }
            }
            let timers = &record["timers"];
            assert_eq!(sum(&timers["callsSegments"]), number(&timers["allCalls"]["values"]));
        }
    }
}

#[tokio::test]
async fn direction_is_whole_except_between_members() {
    let client = Client::new().await;
    let whole = |record: &Value, total: &Value| {
        assert_eq!(sum(&record["counters"]["callsByDirection"]), number(total), "{record}");
    };
    for grouping in ["Users", "Queues", "IVRs", "SharedLines"] {
        let answer = client.ok(AGGREGATION, &everything(grouping)).await;
        for record in records(&answer) {
            whole(record, &record["counters"]["allCalls"]["values"]);
        }
    }
    let answer = client.ok(AGGREGATION, &everything("Company")).await;
    let company = &records(&answer)[0];
    whole(company, &company["counters"]["callsByOrigin"]["values"]["external"]);
    assert!(number(&company["counters"]["callsByOrigin"]["values"]["internal"]) > 0);
}

/// Filter, its values, and whether every portion has one of them.
const FILTERS: &[(&str, &[&str], &str, bool)] = &[
    ("directions", &["Inbound", "Outbound"], "callsByDirection", true),
    ("origins", &["Internal", "External"], "callsByOrigin", true),
    (
        "callResponses",
        &["Answered", "NotAnswered", "Connected", "NotConnected"],
        "callsByResponse",
        true,
    ),
    ("callResults", RESULTS, "callsByResult", false),
    ("callTypes", TYPES, "callsByType", false),
    ("companyHours", &["BusinessHours", "AfterHours"], "callsByCompanyHours", true),
    ("endingParties", &["Caller", "Callee", "System"], "callsByEndingParty", true),
];

#[tokio::test]
async fn a_filter_keeps_what_its_word_counts() {
    let client = Client::new().await;
    let all = client.ok(AGGREGATION, &everything("Users")).await;
    for (filter, words, breakdown, is_whole) in FILTERS {
        let mut parts = 0;
        for word in *words {
            let kept = filtered(&client, "Users", json!({*filter: [word]})).await;
            let (calls, seconds) = totals(&kept);
            let key = format!("{}{}", word[..1].to_lowercase(), &word[1..]);
            assert_eq!(calls, column(&all, "counters", breakdown, &key), "{word}");
            assert_eq!(seconds, column(&all, "timers", breakdown, &key), "{word}");
            parts += calls;
        }
        let any = filtered(&client, "Users", json!({*filter: words})).await;
        assert_eq!(totals(&any).0, parts, "{filter}");
        assert!(!is_whole || totals(&any) == totals(&all), "{filter}");
    }
}

#[tokio::test]
async fn segments_and_actions_filter_by_presence() {
    let client = Client::new().await;
    let all = client.ok(AGGREGATION, &everything("Queues")).await;
    let held = filtered(&client, "Queues", json!({"callSegments": [{"segment": "Hold"}]})).await;
    assert_eq!(totals(&held).0, column(&all, "counters", "callsSegments", "hold"));
    let short = json!({"callSegments": [{"segment": "Hold", "length": {"maxSeconds": 30}}]});
    let long = json!({"callSegments": [{"segment": "Hold", "length": {"minSeconds": 31}}]});
    let (short, long) =
        (filtered(&client, "Queues", short).await, filtered(&client, "Queues", long).await);
    assert!(totals(&short).0 > 0 && totals(&long).0 > 0);
    assert_eq!(totals(&short).0 + totals(&long).0, totals(&held).0);
    let acted = filtered(&client, "Queues", json!({"callActions": ["HoldOn"]})).await;
    assert_eq!(totals(&acted).0, totals(&held).0);
    assert_eq!(
        column(&acted, "counters", "callsActions", "holdOn"),
        column(&all, "counters", "callsActions", "holdOn")
    );
}

#[tokio::test]
async fn lengths_split_the_calls() {
    let client = Client::new().await;
    let all = totals(&client.ok(AGGREGATION, &everything("Users")).await);
    for filter in ["callDuration", "timeSpent"] {
        let short = filtered(&client, "Users", json!({filter: {"maxSeconds": 59}})).await;
        let long = filtered(&client, "Users", json!({filter: {"minSeconds": 60}})).await;
        assert!(totals(&short).0 > 0 && totals(&long).0 > 0, "{filter}");
        assert_eq!(totals(&short).0 + totals(&long).0, all.0, "{filter}");
    }
    let mean = filtered(&client, "Users", json!({"timeSpent": {"minSeconds": 60}})).await;
    assert!(totals(&mean).1 >= 60 * totals(&mean).0);
}

#[tokio::test]
async fn queue_hours_split_the_calls_of_queues_otherwise_than_company_hours() {
    let client = Client::new().await;
    let all = client.ok(AGGREGATION, &everything("Queues")).await;
    let mut parts = 0;
    for (word, key) in [("BusinessHours", "businessHours"), ("AfterHours", "afterHours")] {
        let kept = totals(&filtered(&client, "Queues", json!({"queueHours": [word]})).await);
        let count = |breakdown| column(&all, "counters", breakdown, key);
        assert_eq!(kept.0, count("callsByQueueHours"));
        assert_eq!(kept.1, column(&all, "timers", "callsByQueueHours", key));
        assert_ne!(count("callsByQueueHours"), count("callsByCompanyHours"), "{word}");
        parts += kept.0;
    }
    assert_eq!(parts, totals(&all).0);
}

#[tokio::test]
async fn virtual_agents_have_records_with_their_names() {
    let client = Client::new().await;
    let answer = client.ok(AGGREGATION, &everything("IVAs")).await;
    let names = records(&answer).iter().map(|record| record["info"]["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["Reception Assistant", "After Hours Assistant"]);
    assert_eq!(answer["data"]["groupedBy"], "IVAs");
    let prompts = column(&answer, "timers", "callsSegments", "ivrPrompt");
    assert!(prompts > 0 && prompts == totals(&answer).1, "they do nothing but prompt");
}

#[tokio::test]
async fn queue_sla_splits_the_answered_calls() {
    let client = Client::new().await;
    let all = client.ok(AGGREGATION, &everything("Queues")).await;
    let answered = column(&all, "counters", "callsByResponse", "answered");
    let mut parts = 0;
    for (word, key) in [("InSla", "inSla"), ("OutSla", "outOfSla")] {
        let kept = totals(&filtered(&client, "Queues", json!({"queueSla": [word]})).await).0;
        assert_eq!(kept, column(&all, "counters", "callsByQueueSla", key));
        parts += kept;
    }
    assert_eq!(parts, answered);
}

#[tokio::test]
async fn a_number_s_calls_are_the_company_s_on_that_number() {
    let client = Client::new().await;
    let numbers = client.ok(AGGREGATION, &everything("CompanyNumbers")).await;
    for record in records(&numbers) {
        let key = &record["key"];
        assert!(record.get("info").is_none() && key.as_str().unwrap().starts_with("+1"));
        let company = filtered(&client, "Company", json!({"calledNumbers": [key]})).await;
        assert_eq!(records(&company)[0]["counters"], record["counters"]);
        assert_eq!(records(&company)[0]["timers"], record["timers"]);
    }
}

#[tokio::test]
async fn a_queue_s_calls_are_the_company_s_through_it() {
    let client = Client::new().await;
    let queues = client.ok(AGGREGATION, &everything("Queues")).await;
    for record in records(&queues) {
        let company = filtered(&client, "Company", json!({"queues": [record["key"]]})).await;
        assert_eq!(totals(&company).0, number(&record["counters"]["allCalls"]["values"]));
    }
    let unknown = filtered(&client, "Company", json!({"queues": ["1503999999"]})).await;
    assert_eq!(totals(&unknown), (0, 0));
}

#[tokio::test]
async fn what_is_received_from_one_is_placed_to_the_other() {
    let client = Client::new().await;
    let users = client.sandbox.directory().users();
    let mut found = 0;
    for other in &users[1..] {
        let mut body = everything("Users");
        body["grouping"]["keys"] = json!([users[0].key]);
        body["callFilters"] = json!({
            "extensionFilters": {"toIds": [other.key]},
            "callTypes": ["Outbound"],
        });
        let placed = totals(&client.ok(AGGREGATION, &body).await).0;
        body["grouping"]["keys"] = json!([other.key]);
        body["callFilters"] = json!({
            "extensionFilters": {"fromIds": [users[0].key]},
            "origins": ["Internal"],
            "callTypes": ["Direct"],
        });
        let received = totals(&client.ok(AGGREGATION, &body).await).0;
        // Who accepts a queue's or a parked call wasn't called.
        assert!(placed >= received, "{}", other.key);
        found += received;
    }
    assert!(found > 0);
}

#[tokio::test]
async fn members_are_the_users_of_the_set() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let users = client.ok(AGGREGATION, &everything("Users")).await;
    let queue = &directory.queues()[1].key;
    let sets = [
        ("Department", directory.department_members(&directory.departments()[1].key), {
            directory.departments()[1].key.clone()
        }),
        ("UserGroup", directory.user_group_members(&directory.user_groups()[0].key), {
            directory.user_groups()[0].key.clone()
        }),
        ("Queue", directory.agents(queue), queue.clone()),
        ("Site", directory.site_members(&directory.sites()[1].key), {
            directory.sites()[1].key.clone()
        }),
    ];
    for (kind, members, key) in sets {
        let mut body = everything("Users");
        body["grouping"] = json!({"groupByMembers": kind, "keys": [key]});
        let answer = client.ok(AGGREGATION, &body).await;
        assert_eq!(answer["data"]["groupedBy"], "Users");
        let keys: Vec<_> = members.iter().map(|member| member.key.as_str()).collect();
        let of_members = |record: &&Value| keys.contains(&record["key"].as_str().unwrap());
        let expected: Vec<_> = records(&users).iter().filter(of_members).collect();
        assert_eq!(records(&answer).iter().collect::<Vec<_>>(), expected, "{kind}");
    }
}

#[tokio::test]
async fn opportunities_are_at_least_the_calls_from_queues() {
    let client = Client::new().await;
    let users = client.ok(AGGREGATION, &everything("Users")).await;
    let total: u64 = records(&users)
        .iter()
        .map(|record| {
            let counters = &record["counters"];
            let offered = number(&counters["queueOpportunities"]["values"]);
            assert!(offered >= number(&counters["callsByType"]["values"]["fromQueue"]));
            offered
        })
        .sum();
    assert!(total > 0);
}

/// Where both documents have the word: the beta's list, breakdown and word; the calls API's.
const SAME: &[[&str; 6]] = &[
    ["counters", "totalCalls", "", "counters", "allCalls", ""],
    ["counters", "callsByDirection", "inbound", "counters", "callsByDirection", "inbound"],
    ["counters", "callsByOrigin", "internal", "counters", "callsByOrigin", "internal"],
    ["counters", "callsByResponse", "notAnswered", "counters", "callsByResponse", "notAnswered"],
    ["counters", "callsByResponseType", "inboundDirect", "counters", "callsByType", "direct"],
    ["counters", "callsByResponseType", "queueCalls", "counters", "callsByType", "fromQueue"],
    [
        "counters",
        "callsByResponseType",
        "parkRetrieval",
        "counters",
        "callsByType",
        "parkRetrieval",
    ],
    [
        "counters",
        "callsByResponseType",
        "transferredCalls",
        "counters",
        "callsByType",
        "transferred",
    ],
    ["counters", "callsByResponseType", "missed", "counters", "callsByResult", "missed"],
    ["counters", "callsByResponseType", "accepted", "counters", "callsByResult", "accepted"],
    ["counters", "callsByResult", "completed", "counters", "callsByResult", "completed"],
    ["counters", "callsByResult", "voiceMail", "counters", "callsByResult", "voicemail"],
    ["counters", "callsByResult", "connected", "counters", "callsByResponse", "connected"],
    ["counters", "callsBySegments", "holds", "counters", "callsSegments", "hold"],
    ["counters", "callsBySegments", "vmGreetings", "counters", "callsSegments", "vmGreeting"],
    ["counters", "callsActionsCount", "dtmftTransfer", "counters", "callsActions", "dtmfTransfer"],
    ["counters", "callsActionsCount", "parksOff", "counters", "callsActions", "parkOff"],
    ["timers", "callsDurationSeconds", "", "timers", "allCalls", ""],
    [
        "timers",
        "callsByDirection",
        "outboundCallsSeconds",
        "timers",
        "callsByDirection",
        "outbound",
    ],
    ["timers", "callsByResponse", "answeredCallsSeconds", "timers", "callsByResponse", "answered"],
    ["timers", "callsByResult", "abandonedCallsSeconds", "timers", "callsByResult", "abandoned"],
    ["timers", "callsByResult", "connectedCallsSeconds", "timers", "callsByResponse", "connected"],
    ["timers", "callsByResponseType", "missedCallsSeconds", "timers", "callsByResult", "missed"],
    ["timers", "callSegmentLengthSeconds", "ivrPrompts", "timers", "callsSegments", "ivrPrompt"],
    ["timers", "callSegmentLengthSeconds", "voiceMailing", "timers", "callsSegments", "voicemail"],
    [
        "timers",
        "callsByCompanyHours",
        "afterHoursSeconds",
        "timers",
        "callsByCompanyHours",
        "afterHours",
    ],
];

#[tokio::test]
async fn both_apis_count_the_same_calls() {
    // The last revision whose words are the beta's.
    let client = Client::of(document::of("calls-v1", "2025-03-11")).await;
    let of_today = ["SharedLines", "IVAs"];
    let groupings = GROUPINGS.into_iter().filter(|grouping| !of_today.contains(grouping));
    for grouping in groupings {
        let today = client.ok(AGGREGATION, &everything(grouping)).await;
        let beta = client.ok(BETA, &beta_everything(grouping)).await;
        assert_eq!(beta["data"].as_object().unwrap().len(), records(&today).len());
        for record in records(&today) {
            let old = &beta["data"][record["key"].as_str().unwrap()];
            for [list, name, word, list_now, name_now, word_now] in SAME {
                let value = &old[list][name];
                let value = if word.is_empty() { value } else { &value[word] };
                let value_now = &record[list_now][name_now]["values"];
                let value_now = if word_now.is_empty() { value_now } else { &value_now[word_now] };
                assert!(value.is_u64(), "{name} {word}");
                assert_eq!(number(value), number(value_now), "{grouping} {name} {word}");
            }
        }
    }
}

#[tokio::test]
async fn the_beta_s_lists_hold_words_of_two_kinds() {
    let client = Client::new().await;
    let all = client.ok(BETA, &beta_everything("Users")).await;
    let total = |answer: &Value, pointer: &str| -> u64 {
        let records = answer["data"].as_object().unwrap().values();
        records.map(|record| number(record.pointer(pointer).unwrap())).sum()
    };
    let cases = [
        (json!({"callResult": ["Abandoned", "VoiceMail"]}), {
            ["/counters/callsByResult/abandoned", "/counters/callsByResult/voiceMail"]
        }),
        (json!({"callResponseType": ["InboundDirect", "Missed"]}), {
            ["/counters/callsByResponseType/inboundDirect", "/counters/callsByResponseType/missed"]
        }),
        (json!({"callResult": ["Connected"]}), ["/counters/callsByResult/connected", ""]),
    ];
    for (filter, pointers) in cases {
        let mut body = beta_everything("Users");
        body["additionalFilters"] = filter.clone();
        let kept = client.ok(BETA, &body).await;
        let parts = pointers.iter().filter(|pointer| !pointer.is_empty());
        let expected: u64 = parts.map(|pointer| total(&all, pointer)).sum();
        assert_eq!(total(&kept, "/counters/totalCalls"), expected, "{filter}");
    }
}

#[tokio::test]
async fn the_beta_filters_as_today_s_api_does() {
    let client = Client::new().await;
    let user = &client.sandbox.directory().users()[3].key;
    let number_key = &client.sandbox.directory().company_numbers()[0].key;
    let cases = [
        ("Users", json!({"direction": "Inbound"}), json!({"directions": ["Inbound"]})),
        ("Users", json!({"origin": "Internal"}), json!({"origins": ["Internal"]})),
        ("Sites", json!({"callResponse": "Answered"}), json!({"callResponses": ["Answered"]})),
        ("Company", json!({"companyHours": "AfterHours"}), json!({"companyHours": ["AfterHours"]})),
        ("Queues", json!({"queueSla": "OutSla"}), json!({"queueSla": ["OutSla"]})),
        (
            "Departments",
            json!({"callSegments": [{"callSegment": "VoiceMailing"}, {"callSegment": "Park"}]}),
            json!({"callSegments": [{"segment": "Voicemail"}, {"segment": "Park"}]}),
        ),
        (
            "UserGroups",
            json!({"callActions": [{"callAction": "DTMFTransfer"}, {"callAction": "ParkOn"}]}),
            json!({"callActions": ["DTMFTransfer", "ParkOn"]}),
        ),
        (
            "Users",
            json!({"callDuration": {"minValueSeconds": 60}, "timeSpent": {"maxValueSeconds": 90}}),
            json!({"callDuration": {"minSeconds": 60}, "timeSpent": {"maxSeconds": 90}}),
        ),
        (
            "Users",
            json!({"callerExtensionIds": [user]}),
            json!({"extensionFilters": {"fromIds": [user]}}),
        ),
        (
            "Users",
            json!({"calledExtensionIds": [user]}),
            json!({"extensionFilters": {"toIds": [user]}}),
        ),
        ("Company", json!({"calledNumbers": [number_key]}), json!({"calledNumbers": [number_key]})),
    ];
    for (grouping, old, new) in cases {
        let mut body = beta_everything(grouping);
        body["additionalFilters"] = old.clone();
        let beta = client.ok(BETA, &body).await;
        let today = filtered(&client, grouping, new).await;
        let records_then = beta["data"].as_object().unwrap().values();
        let calls: u64 = records_then.map(|record| number(&record["counters"]["totalCalls"])).sum();
        assert_eq!(calls, totals(&today).0, "{old}");
        assert!(calls > 0, "{old}");
    }
}

#[tokio::test]
async fn pages_cover_every_key_once() {
    let client = Client::new().await;
    let all = client.ok(AGGREGATION, &everything("Users")).await;
    let mut seen = Vec::new();
    for page in 1..=5 {
        let path = format!("{AGGREGATION}?page={page}&perPage=7");
        let answer = client.ok(&path, &everything("Users")).await;
        let expected = json!({"page": page, "perPage": 7, "totalPages": 4, "totalElements": 24});
        assert_eq!(answer["paging"], expected);
        seen.extend(records(&answer).iter().cloned());
    }
    assert_eq!(&seen, records(&all));
    let keys: Vec<_> = seen.iter().map(|record| record["key"].as_str().unwrap()).collect();
    assert!(keys.is_sorted());
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 24);
    let beta = client.ok(&format!("{BETA}?page=4&perPage=7"), &beta_everything("Users")).await;
    assert_eq!(beta["data"].as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let (one, two) = (Client::new().await, Client::new().await);
    let requests = [
        (AGGREGATION.to_owned(), everything("Users")),
        (BETA.to_owned(), beta_everything("Queues")),
        (format!("{TIMELINE}?interval=Day"), every_point("Sites")),
    ];
    for (path, body) in &requests {
        let texts =
            (one.send(path, body.to_string()).await, two.send(path, body.to_string()).await);
        assert_eq!(texts.0, texts.1);
    }
    let other = Client::on(builder().seed(8)).await;
    let (path, body) = &requests[0];
    assert_ne!(other.send(path, body.to_string()).await, one.send(path, body.to_string()).await);
    // Pinned: another machine must come to the same numbers.
    let company = one.ok(AGGREGATION, &everything("Company")).await;
    assert_eq!(totals(&company), PINNED);
}

/// Calls and seconds of May 2025 with seed 7.
const PINNED: (u64, u64) = (3425, 812_423);

#[tokio::test]
async fn keys_that_come_back() {
    let keys = |answer: &Value| -> Vec<String> {
        let keys = records(answer).iter().map(|record| record["key"].as_str().unwrap().to_owned());
        keys.collect()
    };
    for (empty, of_named, of_all) in
        [(EmptyRecords::None, 0, 0), (EmptyRecords::Named, 1, 0), (EmptyRecords::All, 1, 24)]
    {
        let client = Client::on(builder().empty_records(empty)).await;
        let user = client.sandbox.directory().users()[0].key.clone();
        let mut body = everything("Users");
        body["callFilters"] = json!({"timeSpent": {"minSeconds": 1_000_000}});
        let all = client.ok(AGGREGATION, &body).await;
        body["grouping"]["keys"] = json!([user, "1502999999", user]);
        let named = client.ok(AGGREGATION, &body).await;
        assert_eq!((keys(&named).len(), keys(&all).len()), (of_named, of_all), "{empty:?}");
    }
}

#[tokio::test]
async fn only_what_was_asked_for_comes_back() {
    let client = Client::new().await;
    let mut body = everything("Queues");
    body["responseOptions"] = json!({"counters": {"callsByActions": {"aggregationType": "Sum"}}});
    let answer = client.ok(AGGREGATION, &body).await;
    let record = &records(&answer)[0];
    assert!(record.get("timers").is_none());
    let names: Vec<_> = record["counters"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["callsActions"]);
    assert_eq!(record["info"], json!({"extensionNumber": "201", "name": "Sales"}));
}

#[tokio::test]
async fn no_grouping_is_the_company() {
    let client = Client::new().await;
    let mut body = everything("Company");
    let named = client.ok(AGGREGATION, &body).await;
    body.as_object_mut().unwrap().remove("grouping");
    assert_eq!(client.ok(AGGREGATION, &body).await, named);
    assert_eq!(records(&named)[0]["key"], client.sandbox.directory().account_id());
}

#[tokio::test]
async fn days_and_hours_of_the_time_zone_split_the_calls() {
    let client = Client::new().await;
    let all = totals(&client.ok(AGGREGATION, &everything("Company")).await);
    let splits = [
        (
            json!({"includeDays": ["Saturday", "Sunday"]}),
            json!({"includeDays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]}),
        ),
        (
            json!({"includeHours": [{"from": "09:00", "to": "17:59"}]}),
            json!({"includeHours": [{"from": "18:00", "to": "23:59"}, {"from": "00:00", "to": "08:59"}]}),
        ),
        (
            json!({"includeHours": [{"from": "22:00", "to": "07:59"}]}),
            json!({"includeHours": [{"from": "08:00", "to": "21:59"}]}),
        ),
    ];
    for (one, other) in splits {
        let mut parts = (0, 0);
        for settings in [&one, &other] {
            let mut body = everything("Company");
            body["timeSettings"]["advancedTimeSettings"] = settings.clone();
            let part = totals(&client.ok(AGGREGATION, &body).await);
            assert!(part.0 > 0, "{settings}");
            parts = (parts.0 + part.0, parts.1 + part.1);
        }
        assert_eq!(parts, all, "{one}");
    }
    // The company opens from nine to six in New York, and so do the filters.
    let mut body = everything("Company");
    body["timeSettings"]["advancedTimeSettings"] = json!({
        "includeDays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
        "includeHours": [{"from": "09:00", "to": "17:59"}],
    });
    let open = client.ok(AGGREGATION, &body).await;
    assert_eq!(column(&open, "counters", "callsByCompanyHours", "afterHours"), 0);
}

#[tokio::test]
async fn both_ends_of_a_period_are_in_it() {
    let client = Client::new().await;
    let all = |from: &str, to: &str| {
        let mut body = everything("Company");
        body["timeSettings"]["timeRange"] = json!({"timeFrom": from, "timeTo": to});
        body
    };
    let calls = async |from: &str, to: &str| {
        let answer = client.ok(AGGREGATION, &all(from, to)).await;
        totals(&answer).0
    };
    let day = calls("2025-05-06T04:00:00Z", "2025-05-07T03:59:59Z").await;
    // Narrow down to the second of a call.
    let (mut low, mut high) = (0, 86_399);
    let at = |second: i32| {
        let start: jiff::Timestamp = "2025-05-06T04:00:00Z".parse().unwrap();
        (start + jiff::SignedDuration::from_secs(second.into())).to_string()
    };
    while low < high {
        let middle = i32::midpoint(low, high);
        if calls(&at(0), &at(middle)).await >= 1 { high = middle } else { low = middle + 1 }
    }
    assert!(calls(&at(low), &at(low)).await >= 1);
    let before = calls(&at(0), &at(low - 1)).await;
    let after = calls(&at(low), "2025-05-07T03:59:59Z").await;
    assert_eq!((before, before + after), (0, day));
    // A period that has no whole second in it has no calls, and one that ends inside the second has.
    let second = at(low);
    let bare = second.trim_end_matches('Z');
    assert_eq!(calls(&format!("{bare}.001Z"), &format!("{bare}.999Z")).await, 0);
    assert!(calls(&second, &format!("{bare}.5Z")).await >= 1);
}

async fn filtered(client: &Client, grouping: &str, filters: Value) -> Value {
    let mut body = everything(grouping);
    body["callFilters"] = filters;
    client.ok(AGGREGATION, &body).await
}

/// Calls and seconds of all records.
fn totals(answer: &Value) -> (u64, u64) {
    let total = |list: &str| {
        let records = records(answer).iter();
        records.map(|record| number(&record[list]["allCalls"]["values"])).sum()
    };
    (total("counters"), total("timers"))
}

/// One word of a breakdown in all records.
fn column(answer: &Value, list: &str, breakdown: &str, word: &str) -> u64 {
    let values = records(answer).iter().map(|record| &record[list][breakdown]["values"][word]);
    values.map(number).sum()
}
