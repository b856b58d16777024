//! What goes over the wire for a query, on each API.

use callperf::{
    Aggregation, Api, Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType,
    CompanyHours, DayOfWeek, Direction, EndingParty, Filter, GroupBy, Grouping, Hours, Interval,
    Length, Measure, Origin, Period, Query, QueueHours, QueueSla, SegmentFilter,
};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{self, SECRETS, TOKEN_PATH};

async fn aggregate_request(api: Api, query: &Query) -> serde_json::Value {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(api));
    let server = support::server(answer).await;
    support::client(&server, api).aggregate(query).page(1).await.unwrap();
    support::seen(&support::requests(&server).await[0])
}

async fn timeline_request(query: &Query, interval: Interval) -> serde_json::Value {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    support::client(&server, Api::CallsV1).timeline(query, interval).page(1).await.unwrap();
    support::seen(&support::requests(&server).await[0])
}

/// The query of the crate's first example.
fn queue_report() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "America/Los_Angeles")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Segment)
        .only(Direction::Inbound)
}

#[tokio::test]
async fn the_same_query_on_both_apis() {
    let settings = support::snapshots();
    for api in [Api::Beta, Api::CallsV1] {
        let request = aggregate_request(api, &queue_report()).await;
        settings.bind(|| insta::assert_json_snapshot!(format!("queue-report-{api}"), request));
    }
}

#[tokio::test]
async fn a_time_zone_goes_out_by_its_own_name() {
    let query = Query::new(GroupBy::users(), Period::last_days(1), "america/new_york")
        .calls(Breakdown::Total);
    let request = aggregate_request(Api::CallsV1, &query).await;
    assert_eq!(request["body"]["timeSettings"]["timeZone"], "America/New_York");
}

#[tokio::test]
async fn what_has_no_word_goes_by_its_name() {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    let client = support::client(&server, Api::CallsV1);
    let query = Query::new(Grouping::from("Regions").into(), Period::last_days(1), "UTC")
        .calls(Breakdown::Total)
        .only(CallResult::from("Deflected"));
    client.aggregate(&query).parameter("detail", "a b").page(1).await.unwrap();
    let path = "/restapi/v1.0/account/~/call-queues";
    client.send(path, &[("perPage", "7")], Some(&json!({"a": 1}))).await.unwrap();
    let sent: Vec<_> = support::requests(&server).await.iter().map(support::seen).collect();
    assert_eq!(sent[0]["query"], "page=1&perPage=200&detail=a+b");
    assert_eq!(sent[0]["body"]["grouping"], json!({"groupBy": "Regions"}));
    assert_eq!(sent[0]["body"]["callFilters"], json!({"callResults": ["Deflected"]}));
    assert_eq!(sent[1]["path"], path);
    assert_eq!(sent[1]["query"], "perPage=7");
    assert_eq!(sent[1]["body"], json!({"a": 1}));
    assert_eq!(sent[1]["headers"]["authorization"], "Bearer [redacted]");
}

#[tokio::test]
async fn a_timeline_asks_with_booleans_and_its_interval_in_the_query() {
    let request = timeline_request(&queue_report(), Interval::Hour).await;
    support::snapshots().bind(|| insta::assert_json_snapshot!("queue-timeline-calls-v1", request));
}

/// A server may refuse a timeline whose time range isn't longer than its interval.
#[tokio::test]
async fn a_timeline_of_one_interval_goes_out_with_one_beside_it() {
    use Interval::{Day, Hour, Month, Week};
    let days = |from: &str, to: &str| Period::days(from.parse().unwrap(), to.parse().unwrap());
    let between =
        |from: &str, to: &str| Period::between(from.parse().unwrap(), to.parse().unwrap());
    let (new_york, kolkata, sydney) = ("America/New_York", "Asia/Kolkata", "Australia/Sydney");
    let cases = [
        ("an hour", Hour, "UTC", between("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")),
        ("an hour at a half", Hour, kolkata, {
            between("2026-11-23T04:30:00Z", "2026-11-23T05:30:00Z")
        }),
        ("a day", Day, new_york, days("2026-11-19", "2026-11-20")),
        ("yesterday", Day, new_york, Period::last_days(1)),
        ("today so far", Day, new_york, days("2026-11-24", "2026-11-25")),
        ("25 hours", Day, new_york, days("2026-11-01", "2026-11-02")),
        ("23 hours", Day, sydney, days("2026-10-04", "2026-10-05")),
        ("an evening", Day, "UTC", between("2026-11-19T17:00:00Z", "2026-11-20T00:00:00Z")),
        ("half an hour of a day", Day, "UTC", {
            between("2026-11-19T23:30:00Z", "2026-11-20T00:00:00Z")
        }),
        ("a week", Week, new_york, days("2026-11-02", "2026-11-09")),
        ("last week", Week, new_york, days("2026-11-16", "2026-11-23")),
        ("a week from Sunday on", Week, new_york, days("2026-11-01", "2026-11-08")),
        ("a month", Month, new_york, days("2026-08-01", "2026-09-01")),
        ("last month", Month, new_york, days("2026-10-01", "2026-11-01")),
        // These go out as they are.
        ("a week from Wednesday on", Week, new_york, days("2026-11-04", "2026-11-11")),
        ("half an hour", Hour, "UTC", between("2026-11-23T10:15:00Z", "2026-11-23T10:45:00Z")),
        ("two days", Day, new_york, days("2026-11-18", "2026-11-20")),
        ("fortnights", Interval::from("Fortnight"), "UTC", days("2026-11-18", "2026-11-19")),
    ];
    let mut sent = Vec::new();
    for (what, interval, zone, period) in cases {
        let query = Query::new(GroupBy::queues(), period, zone).calls(Breakdown::Total);
        let request = timeline_request(&query, interval.clone()).await;
        let range = &request["body"]["timeSettings"]["timeRange"];
        sent.push(format!(
            "{what}, {interval}, {zone}: {} to {}",
            range["timeFrom"].as_str().unwrap(),
            range["timeTo"].as_str().unwrap(),
        ));
    }
    support::snapshots()
        .bind(|| insta::assert_snapshot!("timelines-of-one-interval", sent.join("\n")));
}

fn every_breakdown(mut query: Query, calls: &[Breakdown], time_spent: &[Breakdown]) -> Query {
    for breakdown in calls {
        query = query.calls(breakdown.clone());
    }
    for breakdown in time_spent {
        query = query.time_spent(breakdown.clone());
    }
    query
}

const SHARED: [Breakdown; 9] = [
    Breakdown::Total,
    Breakdown::Direction,
    Breakdown::Origin,
    Breakdown::Response,
    Breakdown::Type,
    Breakdown::Result,
    Breakdown::Segment,
    Breakdown::CompanyHours,
    Breakdown::QueueSla,
];

/// What today's API has and the beta lacks.
const LATER: [Breakdown; 2] = [Breakdown::EndingParty, Breakdown::QueueHours];

#[tokio::test]
async fn every_filter_and_breakdown_of_todays_api() {
    let query = Query::new(
        GroupBy::queues().keys(["101", "102"]),
        Period::days("2026-11-01".parse().unwrap(), "2026-11-08".parse().unwrap()),
        "Europe/Zurich",
    )
    .calls(Breakdown::Action)
    .calls(Measure::new(Breakdown::from("callsByMood"), Aggregation::Max).per(Interval::Day))
    .time_spent(Breakdown::from("callsDurationByMood"))
    .only(Direction::KNOWN.to_vec())
    .only(Origin::KNOWN.to_vec())
    .only(CallResponse::KNOWN.to_vec())
    .only(CallResult::KNOWN.to_vec())
    .only(CallType::KNOWN.to_vec())
    .only(vec![
        SegmentFilter::new(CallSegment::Hold).lasting(Length::between(10, 60)),
        SegmentFilter::new(CallSegment::VmGreeting).lasting(Length::at_least(5)),
        CallSegment::IvrPrompt.into(),
    ])
    .only(CallAction::KNOWN.to_vec())
    .only(CompanyHours::KNOWN.to_vec())
    .only(QueueSla::KNOWN.to_vec())
    .only(EndingParty::KNOWN.to_vec())
    .only(QueueHours::KNOWN.to_vec())
    .only(Filter::call_duration(Length::at_most(3600)))
    .only(Filter::time_spent(Length::at_least(1)))
    .only(Filter::from_extensions(["201"]))
    .only(Filter::called_numbers(["+12125550100"]))
    .only(Filter::queues(["101"]))
    .only(Filter::wire("moods", json!(["Happy"])))
    .on_days([DayOfWeek::Monday, DayOfWeek::Friday])
    .in_hours([Hours::new("09:00", "17:59")]);
    let query = every_breakdown(query, &SHARED, &SHARED);
    let query = every_breakdown(query, &LATER, &LATER);
    let request = aggregate_request(Api::CallsV1, &query).await;
    support::snapshots().bind(|| insta::assert_json_snapshot!("every-word-calls-v1", request));
}

#[tokio::test]
async fn every_filter_and_breakdown_of_the_beta() {
    let query = Query::new(
        GroupBy::queues().keys(["101", "102"]),
        Period::days("2026-11-01".parse().unwrap(), "2026-11-08".parse().unwrap()),
        "Europe/Zurich",
    )
    .calls(Breakdown::Action)
    .calls(Breakdown::from("callsByMood"))
    .time_spent(Breakdown::from("callLengthByMood"))
    .only(Direction::Inbound)
    .only(Origin::External)
    .only(CallResponse::Answered)
    .only([CallResult::Completed, CallResult::Abandoned, CallResult::Voicemail])
    .only([CallType::Direct, CallType::FromQueue, CallType::ParkRetrieval, CallType::Transferred])
    .only(
        CallSegment::KNOWN
            .iter()
            .filter(|s| !matches!(s, CallSegment::Setup | CallSegment::Forwarding))
            .cloned()
            .collect::<Vec<_>>(),
    )
    .only(CallAction::KNOWN.to_vec())
    .only(CompanyHours::AfterHours)
    .only(QueueSla::OutOfSla)
    .only(Filter::call_duration(Length::at_most(3600)))
    .only(Filter::time_spent(Length::between(1, 600)))
    .only(Filter::from_extensions(["201"]))
    .only(Filter::to_extensions(["202"]))
    .only(Filter::called_numbers(["+12125550100"]))
    .only(Filter::wire("mood", json!("Happy")));
    let query = every_breakdown(query, &SHARED, &SHARED);
    let request = aggregate_request(Api::Beta, &query).await;
    support::snapshots().bind(|| insta::assert_json_snapshot!("every-word-beta", request));
}

#[tokio::test]
async fn every_grouping_by_its_name_on_each_api() {
    let groupings = [
        GroupBy::company(),
        GroupBy::company_numbers(),
        GroupBy::users(),
        GroupBy::queues(),
        GroupBy::ivrs(),
        GroupBy::ivas(),
        GroupBy::shared_lines(),
        GroupBy::user_groups(),
        GroupBy::sites(),
        GroupBy::departments(),
        GroupBy::members_of_departments().keys(["7"]),
        GroupBy::members_of_user_groups().keys(["7"]),
        GroupBy::members_of_queues().keys(["7"]),
        GroupBy::members_of_sites().keys(["7"]),
    ];
    let mut sent = Vec::new();
    for group_by in groupings {
        let query =
            Query::new(group_by, Period::last_days(1), "UTC").calls(Breakdown::Total).unchecked();
        let calls_v1 = aggregate_request(Api::CallsV1, &query).await["body"]["grouping"].clone();
        let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::Beta));
        let server = support::server(answer).await;
        let beta = match support::client(&server, Api::Beta).aggregate(&query).page(1).await {
            Ok(_) => {
                support::seen(&support::requests(&server).await[0])["body"]["grouping"].clone()
            }
            Err(error) => json!(error.problems()[0].to_string()),
        };
        sent.push(json!({"calls-v1": calls_v1, "beta": beta}));
    }
    support::snapshots().bind(|| insta::assert_json_snapshot!("groupings", sent));
}

#[tokio::test]
async fn a_login_presents_the_jwt_once_and_no_secret_is_seen() {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    let client = support::client(&server, Api::CallsV1);
    let call = client.aggregate(&queue_report());
    let (one, other) = tokio::join!(call.page(1), call.page(1));
    one.unwrap();
    other.unwrap();
    let all = server.received_requests().await.unwrap();
    let logins: Vec<_> = all.iter().filter(|request| request.url.path() == TOKEN_PATH).collect();
    assert_eq!(logins.len(), 1, "two requests at once share one login");
    let form = String::from_utf8(logins[0].body.clone()).unwrap();
    assert_eq!(
        form,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=marked-jwt"
    );
    assert!(logins[0].headers["authorization"].to_str().unwrap().starts_with("Basic "));
    let bearer = &support::requests(&server).await[0].headers["authorization"];
    assert_eq!(bearer, "Bearer marked-token");
    let debug = format!("{client:?} {call:?} {:?}", support::builder(&server, Api::Beta));
    assert!(SECRETS.iter().all(|secret| !debug.contains(secret)), "{debug}");
}

#[tokio::test]
async fn pages_are_turned_until_the_last() {
    let page = |number: u64, key: &str| {
        json!({
            "data": {"groupedBy": "Users", "records": [{"key": key}]},
            "paging": {"page": number, "perPage": 1, "totalPages": 3, "totalElements": 3},
        })
    };
    let server = support::server(ResponseTemplate::new(404)).await;
    for (number, key) in [(1, "a"), (2, "b"), (3, "c")] {
        wiremock::Mock::given(wiremock::matchers::query_param("page", number.to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(page(number, key)))
            .with_priority(2)
            .mount(&server)
            .await;
    }
    let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    let mut records =
        support::client(&server, Api::CallsV1).aggregate(&query).per_page(1).records();
    let mut keys = Vec::new();
    while let Some(record) = records.try_next().await.unwrap() {
        keys.push(record.key().to_owned());
    }
    assert_eq!(keys, ["a", "b", "c"]);
    assert_eq!(records.total(), Some(3));
    assert_eq!(support::requests(&server).await.len(), 3);
}
