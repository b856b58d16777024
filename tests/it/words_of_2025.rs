//! What came to today's API in 2025: by its word, and by its name as programs of earlier
//! versions asked for it and read it.

use callperf::{
    Api, Breakdown, CallResult, CallSegment, CallType, Client, Credentials, EndingParty, ErrorKind,
    Filter, GroupBy, Grouping, Notice, Page, Period, Query, QueueHours, Record, Unit,
    report::Metric,
};
use callperf_sandbox::Sandbox;
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

use crate::{
    agreement,
    support::{self, NOW, fixture},
};

fn base() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
}

async fn asked(query: &Query, answer: Json) -> (Json, Page<Record>) {
    let server = support::server(ResponseTemplate::new(200).set_body_json(answer)).await;
    // In the names that they had.
    let builder = support::builder(&server, Api::CallsV1).revision("2025-09-23".parse().unwrap());
    let page = builder.build().unwrap().aggregate(query).page(1).await.unwrap();
    (support::seen(&support::requests(&server).await[0])["body"].clone(), page)
}

fn number(metric: &Metric, breakdown: &str, word: &str) -> Option<f64> {
    metric.get(&Breakdown::from(breakdown), word).map(|value| value.as_f64())
}

#[tokio::test]
async fn each_word_is_read_in_its_place() {
    let query = base()
        .calls(Breakdown::Result)
        .calls(Breakdown::Type)
        .calls(Breakdown::EndingParty)
        .calls(Breakdown::QueueHours)
        .time_spent(Breakdown::Segment)
        .time_spent(Breakdown::EndingParty)
        .time_spent(Breakdown::QueueHours);
    let (_, page) = asked(&query, fixture("calls-v1/words-of-2025.json")).await;
    assert_eq!(page.notices, []);
    let (calls, time_spent) = (page.records[0].calls(), page.records[0].time_spent());
    let whole = |value: Option<callperf::Value>| value.and_then(|value| value.as_u64());
    let results =
        [CallResult::Transferred, CallResult::PickedUp, CallResult::Forwarded, CallResult::Unknown];
    assert_eq!(results.map(|it| whole(calls.by_result().get(it))), [3, 4, 5, 7].map(Some));
    assert_eq!(whole(calls.by_result().get(CallResult::AnsweredElsewhere)), Some(6));
    assert_eq!(whole(calls.by_type().get(CallType::QueueCallPickup)), Some(8));
    let parties = [EndingParty::Caller, EndingParty::Callee, EndingParty::System];
    let by_party =
        |metric: &Metric| parties.clone().map(|it| whole(metric.by_ending_party().get(it)));
    assert_eq!(by_party(calls), [11, 12, 13].map(Some));
    assert_eq!(by_party(time_spent), [110, 120, 130].map(Some));
    let hours = [QueueHours::BusinessHours, QueueHours::AfterHours];
    let by_hours = |metric: &Metric| hours.clone().map(|it| whole(metric.by_queue_hours().get(it)));
    assert_eq!(by_hours(calls), [21, 22].map(Some));
    assert_eq!(by_hours(time_spent), [210, 220].map(Some));
    let forwarding = time_spent.by_segment().get(CallSegment::Forwarding).unwrap();
    assert_eq!((forwarding.as_u64(), forwarding.unit()), (Some(31), &Unit::Seconds));
    let shown = serde_json::to_value(&page.records[0]).unwrap();
    assert_eq!(shown["calls"]["by_ending_party"]["values"]["caller"], json!(11));
    assert_eq!(shown["time_spent"]["by_queue_hours"]["values"]["afterHours"], json!(220));
}

/// A program that spoke of them by their names before the crate had words for them.
#[tokio::test]
async fn a_program_that_asks_by_name_goes_on() {
    let query = Query::new(GroupBy::from(Grouping::from("IVAs")), Period::last_days(7), "UTC")
        .calls(Breakdown::from("callsByEndingParty"))
        .time_spent(Breakdown::from("callsDurationByEndingParty"))
        .only(CallResult::from("Forwarded"))
        .only(Filter::wire("endingParties", json!(["Caller"])));
    let (sent, page) = asked(&query, fixture("calls-v1/words-of-2025.json")).await;
    assert_eq!(sent["grouping"], json!({"groupBy": "IVAs"}));
    let sum = json!({"aggregationType": "Sum"});
    assert_eq!(sent["responseOptions"]["counters"], json!({"callsByEndingParty": sum}));
    assert_eq!(sent["responseOptions"]["timers"], json!({"callsDurationByEndingParty": sum}));
    let filters = json!({"callResults": ["Forwarded"], "endingParties": ["Caller"]});
    assert_eq!(sent["callFilters"], filters);
    let (calls, time_spent) = (page.records[0].calls(), page.records[0].time_spent());
    assert_eq!(number(calls, "callsByEndingParty", "caller"), Some(11.0));
    assert_eq!(number(time_spent, "callsByEndingParty", "system"), Some(130.0));
    assert_eq!(number(calls, "callsByResult", "answeredElsewhere"), Some(6.0));
    let forwarded = calls.by_result().get(CallResult::from("forwarded")).unwrap();
    assert_eq!(forwarded.as_u64(), Some(5));
}

#[tokio::test]
async fn a_filter_by_word_and_by_name_is_given_twice() {
    let query = base()
        .calls(Breakdown::Total)
        .only(QueueHours::AfterHours)
        .only(Filter::wire("queueHours", json!(["AfterHours"])));
    assert_eq!(rules_broken(Api::CallsV1, &query), ["filter-twice"]);
}

/// A server that speaks an older revision, and passes over what it doesn't know.
#[tokio::test]
async fn an_older_server_leaves_them_absent_and_a_notice_says_so() {
    let query = base().calls(Breakdown::Total).calls(Breakdown::EndingParty);
    let answer = json!({"data": {"groupedBy": "Queues", "records": [
        {"key": "1", "counters": {"allCalls": {"valueType": "Instances", "values": 3}}},
    ]}});
    let (_, page) = asked(&query, answer).await;
    assert!(page.records[0].calls().by_ending_party().is_absent());
    let [Notice::NotInResponse { what }] = &page.notices[..] else { panic!("{:?}", page.notices) };
    assert_eq!(what, "calls by_ending_party");
}

/// The same for filters: the numbers aren't what they are taken for.
#[tokio::test]
async fn a_filter_that_a_server_ignores_is_noticed_by_its_proof() {
    let record = |counters: Json| json!({"data": {"groupedBy": "Queues", "records": [{"key": "1", "counters": counters}]}});
    let all = |values: u64| json!({"valueType": "Instances", "values": values});
    let by_hours = |business: u64, after: u64| {
        let values = json!({"businessHours": business, "afterHours": after});
        record(json!({
            "allCalls": all(business + after),
            "callsByQueueHours": {"valueType": "Instances", "values": values},
        }))
    };
    let none = record(json!({"allCalls": all(3)}));
    let zero = record(json!({"allCalls": all(0)}));
    let late = Filter::from(QueueHours::AfterHours);
    let wire = Filter::wire("queueHours", json!(["AfterHours"]));
    let missing = Some("no record has calls by_queue_hours");
    let other = Some("calls by_queue_hours has \"businessHours\", which doesn't pass the filter");
    for (filter, answer, expected) in [
        (&late, &none, missing),
        (&wire, &none, missing),
        (&late, &by_hours(2, 1), other),
        // Which of its words pass isn't known.
        (&wire, &by_hours(2, 1), None),
        (&late, &by_hours(0, 1), None),
        (&late, &zero, None),
    ] {
        assert_eq!(filter.proof(), Some(Breakdown::QueueHours));
        let query = base().calls(Breakdown::Total).calls(Breakdown::QueueHours);
        let (_, page) = asked(&query.only(filter.clone()), answer.clone()).await;
        let reason = page.notices.iter().find_map(|notice| match notice {
            Notice::FilterIgnored { reason, .. } => Some(reason.as_str()),
            _ => None,
        });
        assert_eq!(reason, expected, "{filter:?} {answer}");
    }
    // Without the proof nothing can be seen.
    let (_, page) = asked(&base().calls(Breakdown::Total).only(late), none).await;
    assert_eq!(page.notices, []);
}

/// The sandbox's calls: each ended by one party and within or after its queue's hours.
#[tokio::test]
async fn the_sandbox_has_calls_of_each_word() {
    let builder = Sandbox::builder().seed(7).now(agreement::NOW.parse().unwrap());
    let sandbox = builder.start().await.unwrap();
    let client = agreement::client(&sandbox, Api::CallsV1);
    let last =
        |group_by| Query::new(group_by, Period::last_days(28), "UTC").calls(Breakdown::Total);
    let sum = |record: &Record, breakdown: &Breakdown| -> u64 {
        record.calls().entries(breakdown).iter().map(|(_, value)| value.as_u64().unwrap()).sum()
    };
    let total = |record: &Record| record.calls().total().unwrap().as_u64().unwrap();

    let query = last(GroupBy::company()).calls(Breakdown::EndingParty).calls(Breakdown::Result);
    let company = &agreement::records(&client, &query).await[0];
    assert_eq!(sum(company, &Breakdown::EndingParty), total(company));
    for result in [CallResult::Transferred, CallResult::Forwarded] {
        assert!(company.calls().by_result().get(&result).unwrap().as_f64() > 0.0, "{result}");
    }
    let by_system = company.calls().by_ending_party().get(EndingParty::System).unwrap();
    let query = last(GroupBy::company()).only(EndingParty::System);
    assert_eq!(total(&agreement::records(&client, &query).await[0]), by_system.as_u64().unwrap());

    let query = last(GroupBy::queues()).calls(Breakdown::QueueHours);
    for queue in agreement::records(&client, &query).await {
        assert_eq!(sum(&queue, &Breakdown::QueueHours), total(&queue), "{}", queue.label());
    }
    assert!(!agreement::records(&client, &last(GroupBy::ivas())).await.is_empty());
}

fn rules_broken(api: Api, query: &Query) -> Vec<&'static str> {
    let client = Client::builder()
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .api(api)
        .clock(|| NOW.parse().unwrap())
        .build()
        .unwrap();
    let Err(error) = client.aggregate(query).check() else { return Vec::new() };
    assert_eq!(error.kind(), ErrorKind::Query);
    error.problems().iter().map(callperf::rules::Problem::rule).collect()
}

#[test]
fn the_beta_refuses_each_by_name() {
    let total = || base().calls(Breakdown::Total);
    let results = [
        CallResult::Transferred,
        CallResult::PickedUp,
        CallResult::Forwarded,
        CallResult::AnsweredElsewhere,
    ];
    let words = results
        .map(Filter::from)
        .into_iter()
        .chain([CallType::QueueCallPickup.into(), CallSegment::Forwarding.into()]);
    let of_beta = |query: Query| rules_broken(Api::Beta, &query.unchecked());
    for filter in words {
        assert_eq!(of_beta(total().only(filter.clone())), ["filter-word"], "{filter:?}");
    }
    assert_eq!(of_beta(total().only(EndingParty::Caller)), ["filter"]);
    assert_eq!(of_beta(total().only(QueueHours::AfterHours)), ["filter"]);
    for breakdown in [Breakdown::EndingParty, Breakdown::QueueHours] {
        assert_eq!(of_beta(base().calls(breakdown.clone())), ["metric"]);
        assert_eq!(of_beta(base().time_spent(breakdown)), ["metric"]);
    }
    let ivas = Query::new(GroupBy::ivas(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    assert_eq!(of_beta(ivas), ["grouping"]);
}

/// The vendor's document says it of the filter of queue hours alone, and names the groupings
/// of the extension filters, IVAs not among them.
#[test]
fn they_have_the_restrictions_that_the_document_states() {
    let of = |group_by: GroupBy| Query::new(group_by, Period::last_days(7), "UTC");
    let broken = |query: Query| rules_broken(Api::CallsV1, &query);
    let after_hours = |group_by| of(group_by).calls(Breakdown::Total).only(QueueHours::AfterHours);
    assert!(broken(after_hours(GroupBy::queues())).is_empty());
    for group_by in [GroupBy::company(), GroupBy::users(), GroupBy::members_of_queues()] {
        assert_eq!(broken(after_hours(group_by)), ["queue-hours-grouping"]);
    }
    assert!(broken(of(GroupBy::company()).calls(Breakdown::QueueHours)).is_empty());
    assert!(broken(of(GroupBy::ivas()).calls(Breakdown::EndingParty)).is_empty());
    let from = Filter::from_extensions(["7"]);
    let of_ivas = of(GroupBy::ivas()).calls(Breakdown::Total).only(from);
    assert_eq!(broken(of_ivas), ["extension-filters"]);
}
