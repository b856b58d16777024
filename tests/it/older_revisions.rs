//! Clients of servers of an earlier revision: they send its names, and refuse what it lacks.

use callperf::{
    Aggregation, Api, Breakdown, CallResult, CallSegment, CallType, Client, Credentials,
    EndingParty, ErrorKind, Filter, GroupBy, Interval, Kpi, KpiSet, Measure, Notice, Period, Query,
    QueueHours, QueueSla,
};
use callperf_sandbox::Sandbox;
use serde_json::json;

use crate::{agreement, support};

fn client(api: Api, revision: &str) -> callperf::Result<Client> {
    Client::builder()
        .server("http://127.0.0.1:1")
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .api(api)
        .clock(|| support::NOW.parse().unwrap())
        .revision(revision.parse().unwrap())
        .build()
}

fn of(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn refused((api, revision): (Api, &str), query: &Query) -> Vec<String> {
    let client = client(api, revision).unwrap();
    let outcomes = [
        Some(client.aggregate(query).check()),
        (api == Api::CallsV1).then(|| client.timeline(query, Interval::Day).check()),
    ];
    let [aggregate, timeline] = outcomes.map(|outcome| {
        outcome.map(|outcome| match outcome {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    let aggregate = aggregate.unwrap();
    assert_eq!(timeline.unwrap_or_else(|| aggregate.clone()), aggregate, "{query:?}");
    aggregate
}

#[test]
fn a_date_that_is_no_revision_is_refused_with_those_that_are() {
    for (api, date) in [
        (Api::CallsV1, "2022-09-28"),
        (Api::CallsV1, "2021-08-12"),
        (Api::CallsV1, "2199-01-01"),
        (Api::Beta, "2022-09-29"),
    ] {
        let error = client(api, date).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        let message = error.to_string();
        let known = if api == Api::Beta {
            "2021-06-17, 2021-07-19, 2021-08-12"
        } else {
            "2022-09-29, 2023-03-27"
        };
        assert!(message.contains(&format!("{api} has no revision {date}")), "{message}");
        assert!(message.contains(known), "{message}");
    }
    for (api, date) in [(Api::CallsV1, "2022-09-29"), (Api::Beta, "2021-08-12")] {
        assert!(client(api, date).is_ok());
    }
}

#[test]
fn what_a_revision_lacks_is_refused_with_the_one_that_brought_it() {
    let queues = || of(GroupBy::queues());
    let wire = Filter::wire("endingParties", json!(["Caller"]));
    for (query, word, name, since) in [
        (of(GroupBy::ivas()), "IVAs", "IVAs", "2025-05-20"),
        (
            queues().calls(Breakdown::EndingParty),
            "calls by_ending_party",
            "callsByEndingParty",
            "2025-05-20",
        ),
        (
            queues().time_spent(Breakdown::QueueHours),
            "time_spent by_queue_hours",
            "callsDurationByQueueHours",
            "2025-09-23",
        ),
        (
            queues().calls(Breakdown::from("callsByQueueHours")),
            "calls callsByQueueHours",
            "callsByQueueHours",
            "2025-09-23",
        ),
        (
            of(GroupBy::users()).calls(Breakdown::QueueOpportunities),
            "calls queue_opportunities",
            "queueOpportunities",
            "2023-03-27",
        ),
        (
            queues().only(EndingParty::Caller),
            "filter ending_parties",
            "endingParties",
            "2025-05-20",
        ),
        (queues().only(wire), "filter endingParties", "endingParties", "2025-05-20"),
        (queues().only(QueueHours::AfterHours), "filter queue_hours", "queueHours", "2025-09-23"),
        (
            queues().only([CallResult::Missed, CallResult::PickedUp]),
            "filter result",
            "PickedUp",
            "2025-05-20",
        ),
        (queues().only(CallType::Overflow), "filter type", "Overflow", "2023-03-27"),
        (queues().only(CallSegment::Forwarding), "filter segment", "Forwarding", "2025-05-20"),
    ] {
        let said = refused((Api::CallsV1, "2022-09-29"), &query);
        let [problem] = &said[..] else { panic!("{query:?}: {said:?}") };
        let expected = format!(
            "`{name}` came with calls-v1 {since}, and 2022-09-29, the server's revision, lacks it"
        );
        assert!(problem.contains(&expected) && problem.ends_with("[later]"), "{problem}");
        let word = word.split(' ').next().unwrap();
        assert!(problem.starts_with(word), "{word}: {problem}");
        assert_eq!(refused((Api::CallsV1, since), &query), [""; 0]);
        // Who knows better sends it.
        assert_eq!(refused((Api::CallsV1, "2022-09-29"), &query.unchecked()), [""; 0]);
    }
    let sla = of(GroupBy::queues()).only(QueueSla::InSla);
    assert_eq!(refused((Api::CallsV1, "2022-09-29"), &sla), [""; 0]);
    let said = refused((Api::Beta, "2021-07-19"), &sla);
    assert!(
        said.len() == 1 && said[0].contains("`queueSla` came with beta 2021-08-12"),
        "{said:?}"
    );
}

#[test]
fn words_that_came_later_make_numbers_that_are_not_comparable() {
    let query = of(GroupBy::users())
        .calls(Breakdown::Result)
        .time_spent(Measure::new(Breakdown::Type, Aggregation::Sum))
        .calls(Breakdown::Direction);
    let noticed = |revision: &str| -> Vec<String> {
        let notices = client(Api::CallsV1, revision).unwrap().aggregate(&query).check().unwrap();
        notices.iter().map(ToString::to_string).collect()
    };
    let of_2022 = noticed("2022-09-29");
    assert_eq!(
        of_2022,
        [
            "calls by_result: not comparable with calls-v1 2025-05-20 and later, which have \
             `Transferred`, `PickedUp`, `Forwarded`, `AnsweredElsewhere`: 2022-09-29, the \
             server's revision, has other words for these calls [words-later]",
            "time_spent by_type: not comparable with calls-v1 2025-05-20 and later, which have \
             `Overflow`, `QueueCallPickup`: 2022-09-29, the server's revision, has other words \
             for these calls [words-later]",
        ]
    );
    assert_eq!(noticed("2025-05-20"), [""; 0]);
}

/// What counts as missed in 2022 has words of its own since.
#[tokio::test]
async fn a_figure_of_an_older_server_says_that_it_is_not_comparable() {
    let set = KpiSet::new([Kpi::MissedRate]);
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC");
    let mut said = Vec::new();
    for revision in ["2022-09-29", "2025-05-20"] {
        let builder = Sandbox::builder().seed(7).now(agreement::NOW.parse().unwrap());
        let sandbox = builder.revision(revision).start().await.unwrap();
        let client = agreement::client(&sandbox, Api::CallsV1);
        let report = client.kpis(&set, &query).all().await.unwrap();
        assert!(!report.records.is_empty());
        let is_it = |notice: &Notice| matches!(notice, Notice::Rule(problem) if problem.rule() == "words-later");
        said.push(report.notices.iter().any(is_it));
    }
    assert_eq!(said, [true, false]);
}

/// The names that the Rust code has came in July.
#[tokio::test]
async fn the_beta_of_june_is_asked_in_its_own_names() {
    for (revision, keys, word) in
        [("2021-06-17", "identifiers", "InboundAnswers"), ("2021-07-19", "ids", "InboundDirect")]
    {
        let query = of(GroupBy::users().keys(["1503200007"])).only(CallType::Direct);
        let preview = client(Api::Beta, revision).unwrap().aggregate(&query).preview(1).unwrap();
        let body = preview.body;
        assert_eq!(
            body["grouping"],
            json!({"groupBy": "Users", keys: ["1503200007"]}),
            "{revision}"
        );
        assert_eq!(body["additionalFilters"], json!({"callResponseType": [word]}), "{revision}");
    }
}
