//! What comes back: the published examples, tomorrow's answers, and bad ones.

use std::collections::BTreeMap;

use callperf::{
    Aggregation, Api, Breakdown, CallResponse, CallResult, Direction, ErrorKind, Filter, GroupBy,
    Interval, Notice, Page, Period, Query, QueueSla, Record, Unit, report::Metric,
};
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

use crate::{
    agreement,
    support::{self, fixture},
};

async fn answered_with(
    api: Api,
    query: &Query,
    answer: ResponseTemplate,
) -> Result<Page<Record>, callperf::Error> {
    let server = support::server(answer).await;
    support::client(&server, api).aggregate(query).page(1).await
}

async fn page(api: Api, query: &Query, answer: Json) -> Page<Record> {
    let answer = ResponseTemplate::new(200).set_body_json(answer);
    answered_with(api, query, answer).await.unwrap()
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
}

/// The whole number of a word, as the published examples have.
fn whole(metric: &Metric, breakdown: &Breakdown, word: &str) -> Option<u64> {
    metric.get(breakdown, word).and_then(|value| value.as_u64())
}

#[tokio::test]
async fn the_betas_example_with_grouping() {
    let query =
        query().calls(Breakdown::Direction).calls(Breakdown::Result).calls(Breakdown::Response);
    let page = page(Api::Beta, &query, fixture("beta/by-direction-and-result.json")).await;
    assert_eq!((page.page, page.per_page), (Some(1), Some(2)));
    assert_eq!((page.total_pages, page.total_records), (Some(150), Some(299)));
    let keys: Vec<_> = page.records.iter().map(Record::key).collect();
    assert_eq!(keys, ["8997317575", "9997317575"], "a map has no order: sorted by key");
    let calls = page.records[1].calls();
    let number = |value: Option<callperf::Value>| value.and_then(|value| value.as_u64());
    assert_eq!(number(calls.by_direction().get(Direction::Inbound)), Some(60));
    assert_eq!(number(calls.by_direction().get(Direction::Outbound)), Some(90));
    assert_eq!(number(calls.by_result().get(CallResult::Completed)), Some(10));
    assert_eq!(number(calls.by_result().get(CallResult::Abandoned)), Some(20));
    assert_eq!(number(calls.by_result().get(CallResult::Voicemail)), Some(40));
    assert_eq!(number(calls.by_response().get(CallResponse::Connected)), Some(50));
    let other = page.records[0].calls();
    assert_eq!(number(other.by_result().get(CallResult::Completed)), Some(0), "a zero is sent");
    assert_eq!(number(other.by_result().get(CallResult::Missed)), None, "absent is no zero");
    assert_eq!(number(other.by_response().get(CallResponse::Answered)), None);
    assert!(page.records[0].time_spent().is_absent());
}

#[tokio::test]
async fn the_betas_example_without_grouping() {
    let query = query().time_spent(Breakdown::Total).time_spent(Breakdown::Direction);
    let page = page(Api::Beta, &query, fixture("beta/ungrouped.json")).await;
    let record = &page.records[0];
    assert_eq!(record.label(), "8557317575", "the beta sends no names");
    let time_spent = record.time_spent();
    let total = time_spent.total().unwrap();
    assert_eq!(total.as_u64(), Some(1000));
    assert_eq!((total.unit(), total.aggregation()), (&Unit::Seconds, Some(&Aggregation::Sum)));
    assert_eq!(whole(time_spent, &Breakdown::Direction, "inbound"), Some(700));
    assert_eq!(whole(time_spent, &Breakdown::Direction, "outbound"), Some(300));
}

#[tokio::test]
async fn the_betas_example_of_queue_sla_has_no_paging() {
    let query = query()
        .calls(Breakdown::Total)
        .calls(Breakdown::QueueSla)
        .time_spent(Breakdown::Total)
        .time_spent(Breakdown::QueueSla);
    let answer = fixture("beta/queue-sla.json");
    let page = page(Api::Beta, &query, answer.clone()).await;
    assert_eq!(page.total_pages, None);
    let record = &page.records[0];
    assert_eq!(record.calls().total().and_then(callperf::Value::as_u64), Some(40));
    assert_eq!(whole(record.calls(), &Breakdown::QueueSla, "inSla"), Some(2));
    let out = record.calls().by_queue_sla().get(QueueSla::OutOfSla).unwrap();
    assert_eq!(out.as_u64(), Some(1));
    assert_eq!(whole(record.time_spent(), &Breakdown::QueueSla, "inSla"), Some(25));
    assert_eq!(whole(record.time_spent(), &Breakdown::QueueSla, "outOfSla"), Some(36));
    let server = support::server(ResponseTemplate::new(200).set_body_json(answer)).await;
    let mut records = support::client(&server, Api::Beta).aggregate(&query).records();
    assert!(records.try_next().await.unwrap().is_some());
    assert!(records.try_next().await.unwrap().is_none(), "without paging there is one page");
}

#[tokio::test]
async fn what_the_crate_has_no_word_for_is_kept() {
    let query = query()
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .calls(Breakdown::from("callsByMood"))
        .time_spent(Breakdown::Total);
    let page = page(Api::CallsV1, &query, fixture("calls-v1/tomorrow.json")).await;
    let shown = json!({"records": page.records, "of the page": page.extra});
    support::snapshots().bind(|| insta::assert_json_snapshot!("tomorrow-calls-v1", shown));
    let calls = page.records[0].calls();
    assert_eq!(calls.total().unwrap().to_string(), "9007199254740993", "not rounded");
    let deflected = calls.by_result().get(CallResult::from("deflected")).unwrap();
    assert_eq!(deflected.as_u64(), Some(4));
    assert_eq!(calls.by_result().get(CallResult::Missed), None, "null is absent");
    let happy = calls.get(&Breakdown::from("callsByMood"), "happy").unwrap();
    assert_eq!(format!("{happy:?}"), "62.5 Percent Sum");
    let busiest = calls.number(&Breakdown::from("busiestHour")).unwrap();
    assert_eq!((busiest.as_u64(), busiest.aggregation()), (Some(12), None));
}

#[tokio::test]
async fn a_timeline_keeps_the_offsets_of_its_points() {
    let query = query().calls(Breakdown::Total).time_spent(Breakdown::Total);
    let answer = ResponseTemplate::new(200).set_body_json(fixture("calls-v1/timeline.json"));
    let server = support::server(answer).await;
    let client = support::client(&server, Api::CallsV1);
    let page = client.timeline(&query, Interval::Day).page(1).await.unwrap();
    support::snapshots().bind(|| insta::assert_json_snapshot!("timeline-calls-v1", page.records));
    let points = page.records[0].points();
    let hours = points[1].time().duration_since(points[0].time()).as_hours();
    assert_eq!(hours, 25, "the day on which the clocks go back");
}

#[tokio::test]
async fn a_breakdown_that_was_not_asked_for_stays_absent_on_the_beta() {
    let answer = json!({"data": {"7": {"counters": {
        "callsByResult": {"completed": 1, "abandoned": 2, "voiceMail": 3, "connected": 4},
        "callsByResponseType": {"inboundDirect": 5, "missed": 6, "accepted": 7},
    }}}});
    let by_result = page(Api::Beta, &query().calls(Breakdown::Result), answer.clone()).await;
    let calls = by_result.records[0].calls();
    let words: Vec<_> = calls.by_result().iter().map(|(word, _)| word.to_string()).collect();
    assert_eq!(words, ["abandoned", "accepted", "completed", "missed", "voicemail"]);
    assert!(calls.by_type().is_absent() && calls.by_response().is_absent());
    let by_type = page(Api::Beta, &query().calls(Breakdown::Type), answer).await;
    let calls = by_type.records[0].calls();
    assert_eq!(whole(calls, &Breakdown::Type, "direct"), Some(5));
    assert_eq!(
        whole(calls, &Breakdown::Response, "connected"),
        Some(4),
        "an option that the query lacks is kept whole"
    );
}

/// One record that can't be understood between two that can, for each API.
fn with_a_bad_record(api: Api) -> Json {
    match api {
        Api::Beta => json!({"data": {
            "1": {"counters": {"totalCalls": 1}},
            "2": {"counters": {"totalCalls": "two"}},
            "3": {"counters": {"totalCalls": 3}},
        }}),
        _ => json!({"data": {"groupedBy": "Queues", "records": [
            {"key": "1", "counters": {"allCalls": {"valueType": "Instances", "values": 1}}},
            {"key": "2", "counters": {"allCalls": {"valueType": "Instances", "values": "two"}}},
            {"key": "3", "counters": {"allCalls": {"valueType": "Instances", "values": 3}}},
        ]}}),
    }
}

#[tokio::test]
async fn a_bad_record_does_not_sink_its_neighbours() {
    let query = query().calls(Breakdown::Total);
    for (api, place) in [
        (Api::Beta, "data.2.counters.totalCalls"),
        (Api::CallsV1, "data.records[1].counters.allCalls.values"),
    ] {
        let good = page(api, &query, with_a_bad_record(api)).await;
        let totals: Vec<_> = good
            .records
            .iter()
            .map(|record| (record.key(), record.calls().total().unwrap().as_u64().unwrap()))
            .collect();
        assert_eq!(totals, [("1", 1), ("3", 3)]);
        let [Notice::Unreadable { path, .. }] = &good.notices[..] else {
            panic!("{:?}", good.notices)
        };
        assert_eq!(path, place);

        let answer = ResponseTemplate::new(200).set_body_json(with_a_bad_record(api));
        let server = support::server(answer).await;
        let strict = support::builder(&server, api).strict(true).build().unwrap();
        let error = strict.aggregate(&query).page(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error_and_no_empty_report() {
    let query = query().calls(Breakdown::Total);
    let beta = fixture("beta/by-direction-and-result.json");
    let today = fixture("calls-v1/tomorrow.json");
    let cases = [
        (Api::Beta, ResponseTemplate::new(200).set_body_json(today)),
        (Api::CallsV1, ResponseTemplate::new(200).set_body_json(beta)),
        (Api::Beta, ResponseTemplate::new(200).set_body_json(json!({}))),
        (Api::CallsV1, ResponseTemplate::new(200).set_body_json(json!({}))),
        (Api::Beta, ResponseTemplate::new(200).set_body_json(json!([]))),
        (Api::CallsV1, ResponseTemplate::new(200).set_body_json(json!(null))),
        (Api::CallsV1, ResponseTemplate::new(200).set_body_json(json!({"data": {"records": {}}}))),
        (Api::Beta, ResponseTemplate::new(200).set_body_string("<html>hello</html>")),
        (Api::CallsV1, ResponseTemplate::new(200).set_body_string("{\"data\": {\"rec")),
        (Api::CallsV1, ResponseTemplate::new(200)),
        (Api::Beta, ResponseTemplate::new(204)),
    ];
    for (case, (api, answer)) in cases.into_iter().enumerate() {
        let error = answered_with(api, &query, answer).await.expect_err(&case.to_string());
        assert_eq!(error.kind(), ErrorKind::Answer, "case {case}: {error}");
    }
}

/// Words as callers write them: as requests spell them, as responses do, in any case.
#[tokio::test]
async fn words_of_callers_are_known_in_every_spelling() {
    let counters = json!({"callsByResult": {"valueType": "Instances", "values": {
        "abandoned": 3, "Abandoned": 4, "deflected": 5, "Deflected": 6,
    }}});
    let answer = json!({"data": {"groupedBy": "queues", "records": [
        {"key": "7", "counters": counters},
    ]}});
    let query = query().calls(Breakdown::from("callsByResult")).only(CallResult::from("MISSED"));
    assert_eq!(query, self::query().calls(Breakdown::Result).only(CallResult::Missed));
    let page = page(Api::CallsV1, &query, answer).await;
    let calls = page.records[0].calls();
    for spelling in ["by_result", "callsByResult", "CallsDurationByResult", "by-result"] {
        let breakdown = Breakdown::from(spelling);
        for word in ["abandoned", "ABANDONED", "abandonedCallsSeconds"] {
            assert_eq!(calls.get(&breakdown, word).unwrap().as_u64(), Some(3), "{spelling} {word}");
        }
    }
    assert_eq!(calls.by_result().get(CallResult::from("Abandoned")).unwrap().as_u64(), Some(3));
    // The response has other words, too, and they stay what they are.
    assert_eq!(calls.get(&Breakdown::Result, "Abandoned").unwrap().as_u64(), Some(4));
    let came: Vec<_> = calls.by_result().iter().map(|(word, _)| word).collect();
    let texts: Vec<_> = came.iter().map(CallResult::as_str).collect();
    assert_eq!(texts, ["Abandoned", "Deflected", "abandoned", "deflected"]);
    assert_eq!(came.iter().filter(|word| word.is_known()).count(), 1);
    assert_eq!(page.grouped_by.unwrap().as_str(), "queues");
}

/// A name that an API has for something else, or had: it is found by that name.
#[tokio::test]
async fn a_metric_under_an_unexpected_name_is_found_by_it() {
    let answer = json!({"data": {"groupedBy": "Queues", "records": [{"key": "7", "counters": {
        "callsByActions": {"valueType": "Instances", "values": {"holdOn": 3}},
        "totalCalls": 9,
    }}]}});
    let page = page(Api::CallsV1, &query().calls(Breakdown::Action), answer).await;
    let calls = page.records[0].calls();
    assert_eq!(calls.get(&Breakdown::from("callsByActions"), "holdOn").unwrap().as_u64(), Some(3));
    assert_eq!(calls.number(&Breakdown::from("totalCalls")).unwrap().as_u64(), Some(9));
    // By the API's own names nothing came.
    assert!(calls.by_action().is_absent() && calls.total().is_none());
}

fn texts(notices: &[Notice]) -> Vec<String> {
    notices.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_is_unknown_or_does_not_come_is_reported() {
    let record = |key: &str| json!({"key": key, "counters": {"callsByResult": {"values": {"abandoned": 3}}}});
    let answer =
        json!({"data": {"groupedBy": "Queues", "records": [record("201"), record("203")]}});
    let query =
        Query::new(GroupBy::queues().keys(["203", "202", "201"]), Period::last_days(7), "UTC")
            .calls(Breakdown::Result)
            .calls(Breakdown::from("callsByMood"))
            .time_spent(Breakdown::Total)
            .only([CallResult::from("Deflected"), CallResult::Missed]);
    let unknown = [
        r#"calls: "callsByMood" is unknown to this version; it is sent as it is"#,
        r#"filter result: "Deflected" is unknown to this version; it is sent as it is"#,
    ];
    let missing = [
        r#"calls by_result "Deflected": asked for, not in the response"#,
        "calls callsByMood: asked for, not in the response",
        "time_spent total: asked for, not in the response",
        "no record for key 202; a key is an id, not a name or an extension number",
    ];
    let all: Vec<_> = unknown.iter().chain(&missing).copied().collect();
    let server = support::server(ResponseTemplate::new(200).set_body_json(&answer)).await;
    let client = support::client(&server, Api::CallsV1);
    let call = client.aggregate(&query);
    assert_eq!(texts(&call.check().unwrap()), unknown);
    assert_eq!(texts(&call.preview(1).unwrap().notices), unknown);
    assert_eq!(texts(&call.page(1).await.unwrap().notices), all);
    assert_eq!(texts(&call.read(answer.to_string().as_bytes()).unwrap().notices), all);
    let mut records = call.records();
    while records.try_next().await.unwrap().is_some() {}
    assert_eq!(texts(records.notices()), all);
}

/// Nothing is reported of keys before the last page, of the keys that members belong to, of
/// a key that may be the unreadable record's, and of numbers where there is no record.
#[tokio::test]
async fn what_cannot_be_judged_is_not_reported() {
    let of = |group_by: GroupBy| {
        Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
    };
    let total = json!({"allCalls": {"values": 3}});
    let one = json!({"groupedBy": "Users", "records": [{"key": "1", "counters": total}]});
    let paged = json!({"data": one, "paging": {"page": 1, "totalPages": 2, "totalElements": 2}});
    let some = |keys: [&str; 2]| of(GroupBy::users().keys(keys));
    let page_of = async |query: &Query, answer| page(Api::CallsV1, query, answer).await;
    assert_eq!(texts(&page_of(&some(["1", "2"]), paged).await.notices), [""; 0]);
    let members = of(GroupBy::members_of_sites().keys(["7"]));
    assert_eq!(texts(&page_of(&members, json!({"data": one})).await.notices), [""; 0]);
    let bad = json!({"data": {"groupedBy": "Users", "records": [
        {"key": "1", "counters": total}, {"key": "2", "counters": "none"},
    ]}});
    let notices = page_of(&some(["1", "2"]), bad).await.notices;
    assert!(matches!(notices[..], [Notice::Unreadable { .. }]), "{notices:?}");
    let nothing = json!({"data": {"groupedBy": "Users", "records": []}});
    assert_eq!(
        texts(&page_of(&some(["2", "1"]), nothing).await.notices),
        ["no record for keys 1, 2; a key is an id, not a name or an extension number"]
    );
}

/// The keys choose the agents, and only the filter chooses the calls.
#[tokio::test]
async fn agents_count_with_all_their_calls_and_a_notice_says_so() {
    let sandbox = agreement::sandbox(7).await;
    let client = agreement::client(&sandbox, Api::CallsV1);
    let queue = sandbox.directory().queues()[0].key.clone();
    let of = |group_by: GroupBy| {
        Query::new(group_by, Period::last_days(14), "America/New_York").calls(Breakdown::Total)
    };
    let agents = of(GroupBy::members_of_queues().keys([&queue]));
    let of_the_queue = agents.clone().only(Filter::queues([&queue]));
    let notices = |query: &Query| client.aggregate(query).check().unwrap();
    assert_eq!(notices(&agents), [Notice::AllCallsOfAgents]);
    assert_eq!(
        Notice::AllCallsOfAgents.to_string(),
        "all calls of the agents are counted, not only those of the queues; Filter::queues \
         (--where queue=ID) counts those alone"
    );
    let by_wire_name = agents.clone().only(Filter::wire("queues", json!([&queue])));
    let others = [
        of_the_queue.clone(),
        by_wire_name,
        of(GroupBy::members_of_queues()),
        of(GroupBy::members_of_sites().keys(["7"])),
        of(GroupBy::queues().keys([&queue])),
    ];
    for query in &others {
        assert_eq!(notices(query), [], "{query:?}");
    }
    let total = |record: &Record| record.calls().total().unwrap().as_u64().unwrap();
    let all = agreement::records(&client, &agents).await;
    let part = agreement::records(&client, &of_the_queue).await;
    let all: BTreeMap<_, _> = all.iter().map(|record| (record.key(), total(record))).collect();
    assert!(!part.is_empty());
    assert!(part.iter().all(|record| total(record) < all[record.key()]), "{all:?} {part:?}");
}

/// A server may send another offset than the one of the query's time zone.
#[tokio::test]
async fn a_point_knows_its_local_time() {
    let credentials = callperf::Credentials::jwt("client", "secret", "jwt");
    let client = callperf::Client::builder().credentials(credentials).build().unwrap();
    let zone = "America/Los_Angeles";
    let query = Query::new(GroupBy::queues(), Period::last_days(7), zone).calls(Breakdown::Total);
    let times = ["2026-11-01T07:00:00Z", "2026-11-02T09:00:00.000+01:00"];
    let points = times.map(|time| json!({"time": time, "counters": {}}));
    let records = json!([{"key": "1", "points": points}]);
    let answer = json!({"data": {"groupedBy": "Queues", "records": records}}).to_string();
    let page = client.timeline(&query, Interval::Day).read(answer.as_bytes()).unwrap();
    let local = page.records[0].points().iter().map(|point| point.zoned().to_string());
    // Clocks are put back between them.
    let midnights = ["2026-11-01T00:00:00-07:00", "2026-11-02T00:00:00-08:00"];
    assert_eq!(local.collect::<Vec<_>>(), midnights.map(|it| format!("{it}[{zone}]")));

    // Read again from a file, with a page, a report or alone.
    let here = page.records[0].points()[1].zoned();
    let text = serde_json::to_string(&page).unwrap();
    let again: callperf::Page<callperf::Series> = serde_json::from_str(&text).unwrap();
    assert_eq!(again.records[0].points()[1].zoned(), here);
    assert_eq!(again.records[0].points()[1].zoned().time_zone(), here.time_zone());
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    let report = callperf::Report::new(page.records, page.period);
    let text = serde_json::to_string(&report).unwrap();
    let again: callperf::Report<callperf::Series> = serde_json::from_str(&text).unwrap();
    assert_eq!(again.records[0].points()[1].zoned().time_zone(), here.time_zone());
    // As it was written by earlier versions.
    let earlier = text.replace(r#","time_zone":"America/Los_Angeles""#, "");
    assert_ne!(earlier, text);
    let again: callperf::Report<callperf::Series> = serde_json::from_str(&earlier).unwrap();
    assert_eq!(
        again.records[0].points()[1].zoned().to_string(),
        "2026-11-02T09:00:00+01:00[+01:00]"
    );

    let fake = callperf::Point::fake().time(times[1]).build();
    assert_eq!(fake.zoned().to_string(), "2026-11-02T09:00:00+01:00[+01:00]");
}
