//! Averages, minima, maxima and percentages, each worked out a second time from what else the sandbox answers: the
//! points of a timeline, sums, and what a filter lets pass.

use std::collections::BTreeMap;

use callperf_sandbox::{
    Assumptions, BetaAverages, EmptyBuckets, EmptyRecords, PartialBuckets, UndefinedValues,
};
use jiff::civil::Weekday;
use serde_json::{Value, json};

use crate::client::{
    AGGREGATION, BETA, Client, TIMELINE, beta_everything, builder, every_point, everything, number,
    records,
};

/// The same body with another aggregation of everything that is asked for; queue opportunities are summed only.
pub(crate) fn aggregated(mut body: Value, kind: &str, interval: Option<&str>) -> Value {
    for list in ["counters", "timers"] {
        let options = body["responseOptions"].get_mut(list).and_then(Value::as_object_mut);
        let Some(options) = options else {
            continue;
        };
        options.remove("queueOpportunities");
        for option in options.values_mut() {
            *option = json!({"aggregationType": kind});
            if let Some(interval) = interval {
                option["aggregationInterval"] = json!(interval);
            }
        }
    }
    body
}

/// Every number below counters and timers, by its path.
pub(crate) fn numbers(holder: &Value) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for list in ["counters", "timers"] {
        for (name, metric) in holder[list].as_object().into_iter().flatten() {
            match &metric["values"] {
                Value::Object(words) => {
                    for (word, value) in words {
                        found.insert(format!("{list}/{name}/{word}"), value.as_f64().unwrap());
                    }
                }
                value => {
                    found.insert(format!("{list}/{name}/"), value.as_f64().unwrap());
                }
            }
        }
    }
    found
}

fn of_key<'a>(answer: &'a Value, key: &Value) -> &'a Value {
    records(answer).iter().find(|record| record["key"] == *key).unwrap()
}

/// What the points of a timeline say.
fn expected(points: &[Value], kind: &str, path: &str) -> f64 {
    let values: Vec<f64> = points.iter().map(|point| numbers(point)[path]).collect();
    let least = values.iter().copied().reduce(f64::min);
    let most = values.iter().copied().reduce(f64::max);
    match (kind, least, most) {
        ("Min", Some(least), _) => least,
        ("Max", _, Some(most)) => most,
        #[allow(clippy::cast_precision_loss, reason = "there are few points")]
        ("Average", Some(_), _) => values.iter().sum::<f64>() / values.len() as f64,
        _ => 0.0,
    }
}

/// Compares the aggregations by an interval with the points of the same one.
async fn compare(client: &Client, grouping: &str, interval: &str, settings: &Value) -> usize {
    let mut body = every_point(grouping);
    body["timeSettings"] = settings.clone();
    body["responseOptions"]["counters"].as_object_mut().unwrap().remove("queueOpportunities");
    let mut compared = 0;
    let mut page = 1;
    loop {
        let path = format!("{TIMELINE}?interval={interval}&page={page}");
        let timeline = client.ok(&path, &body).await;
        for kind in ["Average", "Min", "Max"] {
            let mut body = aggregated(everything(grouping), kind, Some(interval));
            body["timeSettings"] = settings.clone();
            let aggregation = client.ok(AGGREGATION, &body).await;
            for series in records(&timeline) {
                let record = of_key(&aggregation, &series["key"]);
                let points = series["points"].as_array().unwrap();
                for (path, value) in numbers(record) {
                    let wanted = expected(points, kind, &path);
                    assert!(
                        value.to_bits() == wanted.to_bits(),
                        "{grouping} {interval} {kind} {path}: {value} instead of {wanted}"
                    );
                    compared += 1;
                }
            }
        }
        if page >= timeline["paging"]["totalPages"].as_u64().unwrap() {
            return compared;
        }
        page += 1;
    }
}

fn settings(zone: &str, from: &str, to: &str) -> Value {
    json!({"timeZone": zone, "timeRange": {"timeFrom": from, "timeTo": to}})
}

#[tokio::test]
async fn spreads_by_interval_are_those_of_the_points() {
    let client = Client::new().await;
    // Holds the day on which the clocks of New York go forward, and cuts the first and the last interval.
    let month = settings("America/New_York", "2025-03-05T15:20:00Z", "2025-04-02T15:20:00Z");
    let days = settings("America/New_York", "2025-03-08T00:20:00Z", "2025-03-10T15:20:00Z");
    // Whose clocks move by half an hour.
    let howe = settings("Australia/Lord_Howe", "2025-04-04T00:00:00Z", "2025-04-07T00:00:00Z");
    let mut compared = 0;
    for (grouping, interval, settings) in [
        ("Company", "Hour", &days),
        ("Company", "Hour", &howe),
        ("Queues", "Day", &month),
        ("Users", "Week", &howe),
        ("Departments", "Month", &month),
        ("CompanyNumbers", "Week", &month),
    ] {
        compared += compare(&client, grouping, interval, settings).await;
    }
    assert!(compared > 4000, "{compared}");
}

#[tokio::test]
async fn what_is_assumed_of_buckets_holds_for_points_and_intervals() {
    let mut workdays = settings("America/New_York", "2025-05-02T16:00:00Z", "2025-05-14T16:00:00Z");
    workdays["advancedTimeSettings"] = json!({
        "includeDays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
        "includeHours": [{"from": "09:30", "to": "17:29"}],
    });
    let plain = settings("Asia/Kolkata", "2025-05-02T16:00:00Z", "2025-05-14T16:00:00Z");
    for (empty, partial) in [
        (EmptyBuckets::None, PartialBuckets::Cut),
        (EmptyBuckets::Included, PartialBuckets::Omitted),
        (EmptyBuckets::All, PartialBuckets::Omitted),
        (EmptyBuckets::None, PartialBuckets::Omitted),
        (EmptyBuckets::Included, PartialBuckets::Cut),
    ] {
        let assumptions = Assumptions::default()
            .empty_points(empty)
            .empty_intervals(empty)
            .partial_buckets(partial)
            .empty_records(EmptyRecords::All)
            .week_start(Weekday::Sunday);
        let client = Client::on(builder().assumptions(assumptions)).await;
        for settings in [&workdays, &plain] {
            compare(&client, "Queues", "Week", settings).await;
            compare(&client, "SharedLines", "Day", settings).await;
            compare(&client, "UserGroups", "Month", settings).await;
        }
        let mut hours = workdays.clone();
        hours["timeRange"] =
            json!({"timeFrom": "2025-05-05T16:10:00Z", "timeTo": "2025-05-06T16:10:00Z"});
        compare(&client, "Company", "Hour", &hours).await;
    }
}

/// How many points a queue has, and the average by the same interval of its calls.
async fn points_and_average(
    assumptions: Assumptions,
    interval: &str,
    settings: &Value,
) -> (u32, f64, f64) {
    let client = Client::on(builder().assumptions(assumptions)).await;
    let mut body = every_point("Queues");
    body["timeSettings"] = settings.clone();
    let timeline = client.ok(&format!("{TIMELINE}?interval={interval}"), &body).await;
    let mut body = aggregated(everything("Queues"), "Average", Some(interval));
    body["timeSettings"] = settings.clone();
    let average = client.ok(AGGREGATION, &body).await;
    let mut body = everything("Queues");
    body["timeSettings"] = settings.clone();
    let sum = client.ok(AGGREGATION, &body).await;
    let first = |answer: &Value| answer["data"]["records"][0].clone();
    let total = |answer| numbers(&first(answer))["counters/allCalls/"];
    let points = first(&timeline)["points"].as_array().unwrap().len();
    (u32::try_from(points).unwrap(), total(&average), total(&sum))
}

#[tokio::test]
async fn how_many_buckets_there_are() {
    let mut settings =
        settings("America/New_York", "2025-05-01T00:00:00-04:00", "2025-05-31T11:59:59-04:00");
    let all = Assumptions::default().empty_points(EmptyBuckets::All);
    let included = Assumptions::default().empty_points(EmptyBuckets::Included);
    let whole = included.clone().partial_buckets(PartialBuckets::Omitted);
    // May 2025 has 31 days, of which the last is cut; 22 of them are workdays.
    for (assumptions, interval, points) in [
        (all.clone().empty_intervals(EmptyBuckets::All), "Day", 31),
        (all.clone(), "Week", 5),
        (all.clone().week_start(Weekday::Friday), "Week", 6),
    ] {
        let (found, average, sum) = points_and_average(assumptions, interval, &settings).await;
        assert_eq!(found, points);
        assert!((average * f64::from(points) - sum).abs() < 1e-6, "{average} {sum}");
    }
    let month = settings.clone();
    let until = |end: &str| {
        let mut settings = month.clone();
        settings["timeRange"]["timeTo"] = json!(end);
        settings
    };
    for (end, points) in [
        ("2025-05-31T11:59:59-04:00", 30),
        ("2025-05-31T23:59:58-04:00", 30),
        ("2025-05-31T23:59:59-04:00", 31),
        ("2025-05-31T23:59:59.999-04:00", 31),
    ] {
        let (found, ..) = points_and_average(whole.clone(), "Day", &until(end)).await;
        assert_eq!(found, points, "{end}");
    }
    settings["advancedTimeSettings"] =
        json!({"includeDays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]});
    let (found, average, sum) = points_and_average(all.clone(), "Day", &settings).await;
    assert_eq!(found, 31, "the points are those of the period");
    assert!((average * 22.0 - sum).abs() < 1e-6, "the days are those that are included");
    let (found, ..) = points_and_average(included.clone(), "Day", &settings).await;
    assert_eq!(found, 22);
    settings["advancedTimeSettings"] = json!({"includeHours": [{"from": "09:00", "to": "12:29"}]});
    let (found, ..) = points_and_average(included, "Hour", &settings).await;
    assert_eq!(found, 31 * 4 - 1, "the last hour would begin after the period");
    let mut early = until("2025-05-31T08:59:59-04:00");
    early["advancedTimeSettings"] = json!({"includeHours": [{"from": "09:00", "to": "12:29"}]});
    let (found, average, sum) = points_and_average(all, "Day", &early).await;
    assert_eq!(found, 31);
    assert!((average * 30.0 - sum).abs() < 1e-6, "the last day ends before its hours begin");
}

#[tokio::test]
async fn an_average_by_call_is_the_sum_by_the_number_of_calls() {
    let client = Client::new().await;
    for grouping in ["Company", "Users", "Queues", "IVRs", "Sites"] {
        let sums = client.ok(AGGREGATION, &everything(grouping)).await;
        let mut body = aggregated(everything(grouping), "Average", None);
        body["responseOptions"].as_object_mut().unwrap().remove("counters");
        let averages = client.ok(AGGREGATION, &body).await;
        let mut compared = 0;
        for record in records(&averages) {
            let sums = numbers(of_key(&sums, &record["key"]));
            for (path, average) in numbers(record) {
                let calls = sums[&path.replace("timers", "counters")];
                let wanted = if calls == 0.0 { 0.0 } else { sums[&path] / calls };
                assert_eq!(average.to_bits(), wanted.to_bits(), "{grouping} {path}");
                compared += u32::from(calls > 0.0);
            }
        }
        assert!(compared >= 10, "{grouping}: {compared}");
    }
}

/// A word of a timer, and the filter that lets its calls pass with a length of at most so many seconds.
type Bounded = (&'static str, fn(u64) -> Value);

#[tokio::test]
async fn the_least_and_the_most_are_where_a_filter_begins_and_ends_to_let_calls_pass() {
    let client = Client::new().await;
    let cases: &[Bounded] = &[
        ("timers/allCalls/", |most| json!({"timeSpent": {"maxSeconds": most}})),
        (
            "timers/callsByDirection/outbound",
            |most| json!({"timeSpent": {"maxSeconds": most}, "directions": ["Outbound"]}),
        ),
        (
            "timers/callsByResult/voicemail",
            |most| json!({"timeSpent": {"maxSeconds": most}, "callResults": ["Voicemail"]}),
        ),
        (
            "timers/callsByType/fromQueue",
            |most| json!({"timeSpent": {"maxSeconds": most}, "callTypes": ["FromQueue"]}),
        ),
        (
            "timers/callsSegments/hold",
            |most| json!({"callSegments": [{"segment": "Hold", "length": {"maxSeconds": most}}]}),
        ),
        (
            "timers/callsSegments/ringing",
            |most| json!({"callSegments": [{"segment": "Ringing", "length": {"maxSeconds": most}}]}),
        ),
    ];
    let spread = async |kind: &str| {
        let mut body = aggregated(everything("Company"), kind, None);
        body["responseOptions"].as_object_mut().unwrap().remove("counters");
        numbers(&records(&client.ok(AGGREGATION, &body).await)[0])
    };
    let (least, most) = (spread("Min").await, spread("Max").await);
    for (path, filter) in cases {
        let passing = async |seconds: u64| {
            let mut body = everything("Company");
            body["callFilters"] = filter(seconds);
            let answer = client.ok(AGGREGATION, &body).await;
            number(&records(&answer)[0]["counters"]["allCalls"]["values"])
        };
        let whole = |value: f64| number(&json!(value));
        let (least, most) = (whole(least[*path]), whole(most[*path]));
        assert!(0 < least && least < most, "{path}");
        assert_eq!(passing(least - 1).await, 0, "{path}");
        assert!(passing(least).await > 0, "{path}");
        assert!(passing(most - 1).await < passing(most).await, "{path}");
        assert_eq!(passing(most).await, passing(1_000_000).await, "{path}");
    }
}

/// What a word's share is a share of, from the documentation: breakdown, words, denominator.
pub(crate) const DENOMINATORS: &[(&str, &[&str], &str)] = &[
    ("allCalls", &[""], "allCalls/"),
    ("callsByDirection", &["inbound", "outbound"], "allCalls/"),
    ("callsByOrigin", &["internal", "external"], "allCalls/"),
    ("callsByCompanyHours", &["businessHours", "afterHours"], "allCalls/"),
    ("callsByQueueSla", &["inSla", "outOfSla"], "allCalls/"),
    ("callsByQueueHours", &["businessHours", "afterHours"], "allCalls/"),
    ("callsByEndingParty", &["caller", "callee", "system"], "allCalls/"),
    (
        "callsByType",
        &[
            "direct",
            "fromQueue",
            "parkRetrieval",
            "transferred",
            "outbound",
            "overflow",
            "queueCallPickup",
        ],
        "allCalls/",
    ),
    ("callsByResponse", &["answered", "notAnswered"], "callsByDirection/inbound"),
    ("callsByResponse", &["connected", "notConnected"], "callsByDirection/outbound"),
    (
        "callsActions",
        &[
            "parkOn",
            "parkOff",
            "holdOn",
            "holdOff",
            "blindTransfer",
            "warmTransfer",
            "dtmfTransfer",
        ],
        "callsByResponse/answered",
    ),
    ("callsByResult", &["completed"], "callsByResponse/answered"),
    (
        "callsByResult",
        &[
            "abandoned",
            "voicemail",
            "missed",
            "accepted",
            "unknown",
            "transferred",
            "pickedUp",
            "forwarded",
            "answeredElsewhere",
        ],
        "callsByResponse/notAnswered",
    ),
    ("callsSegments", &["voicemail", "vmGreeting"], "callsByResponse/notAnswered"),
    (
        "callsSegments",
        &["ringing", "liveTalk", "hold", "park", "transfer", "ivrPrompt", "setup", "forwarding"],
        "callsByResponse/answered",
    ),
];

#[tokio::test]
async fn a_percentage_is_a_share_of_what_is_documented() {
    let client = Client::new().await;
    for grouping in ["Company", "Queues", "Users", "CompanyNumbers"] {
        let sums = client.ok(AGGREGATION, &everything(grouping)).await;
        let body = aggregated(everything(grouping), "Percent", None);
        let shares = client.ok(AGGREGATION, &body).await;
        let mut compared = 0;
        for record in records(&shares) {
            let sums = numbers(of_key(&sums, &record["key"]));
            let mut shares = numbers(record);
            for list in ["counters", "timers"] {
                for (breakdown, words, denominator) in DENOMINATORS {
                    for word in *words {
                        let path = format!("{list}/{breakdown}/{word}");
                        let Some(share) = shares.remove(&path) else {
                            continue;
                        };
                        let by = sums[&format!("{list}/{denominator}")];
                        let wanted = if by == 0.0 { 0.0 } else { 100.0 * sums[&path] / by };
                        assert_eq!(share.to_bits(), wanted.to_bits(), "{grouping} {path}");
                        compared += u32::from(by > 0.0);
                    }
                }
            }
            assert!(shares.is_empty(), "not compared: {shares:?}");
        }
        assert!(compared > 50, "{grouping}: {compared}");
    }
}

#[tokio::test]
async fn a_value_tells_its_unit() {
    let client = Client::new().await;
    for (kind, interval, units) in [
        ("Sum", None, ["Instances", "Seconds"]),
        ("Percent", None, ["Percent", "Percent"]),
        ("Average", Some("Week"), ["Instances", "Seconds"]),
        ("Min", Some("Day"), ["Instances", "Seconds"]),
        ("Max", Some("Month"), ["Instances", "Seconds"]),
    ] {
        let answer =
            client.ok(AGGREGATION, &aggregated(everything("Queues"), kind, interval)).await;
        let record = &records(&answer)[0];
        for (list, unit) in ["counters", "timers"].into_iter().zip(units) {
            let metrics = record[list].as_object().unwrap();
            assert!(metrics.len() > 8);
            assert!(metrics.values().all(|metric| metric["valueType"] == unit), "{kind} {list}");
        }
    }
}

#[tokio::test]
async fn one_request_may_mix_aggregations() {
    let client = Client::new().await;
    let mixed = [
        ("counters", "allCalls", "Average", Some("Hour"), "allCalls"),
        ("counters", "callsByResult", "Percent", None, "callsByResult"),
        ("counters", "callsByActions", "Max", Some("Day"), "callsActions"),
        ("counters", "callsSegments", "Sum", None, "callsSegments"),
        ("timers", "allCallsDuration", "Min", None, "allCalls"),
        ("timers", "callsSegmentsDuration", "Average", None, "callsSegments"),
        ("timers", "callsDurationByType", "Max", Some("Week"), "callsByType"),
    ];
    let mut body = everything("Queues");
    body["responseOptions"] = json!({"counters": {}, "timers": {}});
    for (list, option, kind, interval, _) in mixed {
        body["responseOptions"][list][option] = json!({"aggregationType": kind});
        if let Some(interval) = interval {
            body["responseOptions"][list][option]["aggregationInterval"] = json!(interval);
        }
    }
    let answer = client.ok(AGGREGATION, &body).await;
    for (list, option, kind, interval, name) in mixed {
        let mut alone = everything("Queues");
        alone["responseOptions"] = json!({list: {option: body["responseOptions"][list][option]}});
        let alone = client.ok(AGGREGATION, &alone).await;
        for record in records(&answer) {
            let expected = &of_key(&alone, &record["key"])[list][name];
            assert_eq!(&record[list][name], expected, "{kind} {interval:?} of {option}");
        }
    }
}

#[tokio::test]
async fn what_is_undefined_is_zero_or_absent() {
    let no_calls = json!({"timeSpent": {"minSeconds": 1_000_000}});
    for (undefined, is_there) in [(UndefinedValues::Zero, true), (UndefinedValues::Absent, false)] {
        let assumptions = Assumptions::default()
            .undefined_values(undefined)
            .empty_intervals(EmptyBuckets::None)
            .empty_records(EmptyRecords::All);
        let client = Client::on(builder().assumptions(assumptions)).await;
        for (kind, interval) in [("Percent", None), ("Min", Some("Day")), ("Average", Some("Hour"))]
        {
            let mut body = aggregated(everything("Users"), kind, interval);
            body["callFilters"] = no_calls.clone();
            // The document requires every word, so an answer without them doesn't go with it.
            let (status, text) = client.send(AGGREGATION, body.to_string()).await;
            assert_eq!(status, 200);
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(records(&answer).len(), 24);
            let record = &records(&answer)[0];
            let numbers = numbers(record);
            assert_eq!(numbers.contains_key("counters/allCalls/"), is_there, "{kind}");
            assert_eq!(numbers.contains_key("timers/callsByResult/missed"), is_there, "{kind}");
            assert!(numbers.values().all(|value| *value == 0.0));
            let breakdown = &record["counters"]["callsByType"]["values"];
            assert_eq!(breakdown.as_object().unwrap().is_empty(), !is_there, "{kind}");
        }
    }
}

/// The beta's timers with the same numbers on today's API, as far as both have them.
const TIMERS: &[(&str, &str)] = &[
    ("callsDurationSeconds", "allCalls/"),
    ("callsByDirection/inboundCallsSeconds", "callsByDirection/inbound"),
    ("callsByOrigin/externalCallsSeconds", "callsByOrigin/external"),
    ("callsByResponse/answeredCallsSeconds", "callsByResponse/answered"),
    ("callsByResult/voiceMailCallsSeconds", "callsByResult/voicemail"),
    ("callsByResult/connectedCallsSeconds", "callsByResponse/connected"),
    ("callsByResponseType/queueCallsSeconds", "callsByType/fromQueue"),
    ("callsByResponseType/missedCallsSeconds", "callsByResult/missed"),
    ("callSegmentLengthSeconds/holds", "callsSegments/hold"),
    ("callSegmentLengthSeconds/ivrPrompts", "callsSegments/ivrPrompt"),
    ("callsByCompanyHours/afterHoursSeconds", "callsByCompanyHours/afterHours"),
];

#[tokio::test]
async fn the_beta_s_timers_are_today_s_in_whole_seconds() {
    let rounded: fn(f64) -> f64 = |value| (value + 0.5).floor();
    let rounding = [(BetaAverages::Rounded, rounded), (BetaAverages::Truncated, f64::floor)];
    for (averages, whole) in rounding {
        let assumptions = Assumptions::default().beta_averages(averages);
        let client = Client::on(builder().assumptions(assumptions).revision("2025-03-11")).await;
        let mut broken = 0;
        for grouping in ["Company", "Users", "Queues"] {
            for kind in ["Average", "Min", "Max"] {
                let mut body = aggregated(beta_everything(grouping), kind, None);
                body["responseOptions"].as_object_mut().unwrap().remove("counters");
                let beta = client.ok(BETA, &body).await;
                let mut body = aggregated(everything(grouping), kind, None);
                body["responseOptions"].as_object_mut().unwrap().remove("counters");
                let today = client.ok(AGGREGATION, &body).await;
                for record in records(&today) {
                    let numbers = numbers(record);
                    let old = &beta["data"][record["key"].as_str().unwrap()]["timers"];
                    for (pointer, path) in TIMERS {
                        let value = old.pointer(&format!("/{pointer}")).unwrap();
                        let exact = numbers[&format!("timers/{path}")];
                        assert_eq!(value, &json!(number(&json!(whole(exact)))), "{kind} {path}");
                        broken += u32::from(exact.fract() > 0.5);
                    }
                }
            }
        }
        assert!(broken > 20, "some averages are nearer to the next second");
    }
}
