//! What the rules say, before anything is sent.

use std::collections::BTreeMap;

use callperf::{
    Aggregation, Api, Breakdown, CallResponse, CallResult, CallSegment, CallType, Client,
    Credentials, DayOfWeek, Direction, EndingParty, ErrorKind, Filter, GroupBy, Hours, Interval,
    Kpi, KpiSet, Length, Measure, Notice, Period, Query, QueueHours, QueueSla, SegmentFilter,
    rules::{Evidence, Problem},
};

use jiff::Timestamp;

use crate::support::{self, NOW};

/// No test here sends anything: nothing listens on the port.
fn client(api: Api) -> Client {
    Client::builder()
        .server("http://127.0.0.1:1")
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .api(api)
        .clock(|| NOW.parse().unwrap())
        .build()
        .unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn problems(api: Api, query: &Query) -> Vec<String> {
    match client(api).aggregate(query).check() {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Query);
            error.problems().iter().map(ToString::to_string).collect()
        }
    }
}

fn total(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn between(from: &str, to: &str) -> Query {
    Query::new(GroupBy::users(), Period::between(at(from), at(to)), "UTC").calls(Breakdown::Total)
}

/// The rules that a query breaks, as refusals or as notices.
fn broken(outcome: callperf::Result<Vec<Notice>>) -> Vec<Problem> {
    match outcome {
        Ok(notices) => notices
            .into_iter()
            .filter_map(|notice| match notice {
                Notice::Rule(problem) => Some(problem),
                Notice::UnknownWord { .. } => None,
                other => panic!("{other}"),
            })
            .collect(),
        Err(error) => error.problems().to_vec(),
    }
}

/// A query that breaks as many rules as one query can.
fn wrong_in_every_way() -> Query {
    Query::new(
        GroupBy::company().keys(["1"]),
        Period::between(at("2026-01-02T00:00:00Z"), at("2026-01-01T00:00:00Z")),
        "UTC",
    )
    .calls(Breakdown::Total)
    .calls(Breakdown::Total)
    .calls(Measure::new(Breakdown::Result, Aggregation::Average))
    .calls(Measure::new(Breakdown::Origin, Aggregation::Percent).per(Interval::Day))
    .calls(Measure::new(Breakdown::QueueOpportunities, Aggregation::Sum))
    .calls(Breakdown::QueueSla)
    .time_spent(Breakdown::Action)
    .time_spent(Measure::new(Breakdown::Total, Aggregation::Sum).per(Interval::Hour))
    .only(QueueSla::InSla)
    .only(Filter::from_extensions(["7"]))
    .only(Filter::to_extensions(["8"]))
    .only(Filter::call_duration(Length::between(9, 1)))
    .only(Vec::<CallResult>::new())
    .only(Direction::Inbound)
    .only(Direction::Outbound)
    .in_hours([Hours::new("9:00", "24:00")])
}

#[test]
fn one_error_lists_every_problem() {
    let shown: Vec<_> = [Api::Beta, Api::CallsV1]
        .map(|api| format!("{api}\n{}", problems(api, &wrong_in_every_way()).join("\n")))
        .into();
    support::snapshots().bind(|| insta::assert_snapshot!("every-problem", shown.join("\n\n")));
}

/// Queries that break every rule of an API between them.
fn breaking(api: Api) -> Vec<Query> {
    let base = || total(GroupBy::users());
    let mut queries = vec![
        wrong_in_every_way(),
        Query::new(GroupBy::users(), Period::last_days(1), "UTC"),
        Query::new(GroupBy::users(), Period::last_days(1), "Mars/Olympus").calls(Breakdown::Total),
        Query::new(GroupBy::users(), Period::last_days(u32::MAX), "UTC").calls(Breakdown::Total),
        between("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"),
        base().only(CallResult::Unknown),
        base().only(QueueHours::AfterHours),
        base().calls(Breakdown::from("allCalls")),
        base()
            .only(Filter::call_duration(Length::at_least(1)))
            .only(Filter::wire("callDuration", serde_json::json!({}))),
        total(GroupBy::users().keys([""; 0])).on_days([]).in_hours([]),
        total(GroupBy::users().named(["Zoë"])),
        base().only(Filter::from_extensions(["Ada"])),
        base().only(Filter::to_extensions(["202"])),
        base().only(Filter::called_numbers(["(212) 555-0101"])),
    ];
    if api == Api::Beta {
        queries.extend(not_on_the_beta());
    }
    queries
}

#[tokio::test]
async fn every_rule_of_the_table_is_shown() {
    let mut shown = Vec::new();
    for api in [Api::Beta, Api::CallsV1] {
        let mut found: BTreeMap<&str, String> = BTreeMap::new();
        for query in breaking(api) {
            let aggregate = client(api).aggregate(&query);
            let no_page = aggregate.clone().per_page(0).check();
            let timeline = client(api).timeline(&query, Interval::Day).check();
            let page_0 = aggregate.page(0).await.map(|page| page.notices);
            let read = aggregate.read(b"{}").map(|page| page.notices);
            for outcome in [aggregate.check(), no_page, page_0, timeline, read] {
                for problem in broken(outcome) {
                    found.entry(problem.rule()).or_insert_with(|| problem.to_string());
                }
            }
        }
        // What a revision dropped is shown by `both_revisions`, and no committed one has dropped anything; what one
        // lacks by `older_revisions`.
        let elsewhere = ["dropped", "later", "words-later"];
        let rules = callperf::rules::table().filter(|rule| !elsewhere.contains(&rule.name));
        for rule in rules.filter(|rule| rule.apis.contains(&api)) {
            let message = found.get(rule.name).unwrap_or_else(|| panic!("{api}: {}", rule.name));
            shown.push(format!("{api} {:?}: {message}", rule.evidence));
        }
    }
    support::snapshots().bind(|| insta::assert_snapshot!("every-rule", shown.join("\n")));
}

fn not_on_the_beta() -> Vec<Query> {
    let base = || total(GroupBy::users());
    vec![
        base().only([CallResult::Abandoned, CallResult::Missed]),
        base().only(CallResult::Missed).only(CallType::Direct),
        base().only(CallResult::Completed).only(CallResponse::Connected),
        base().only([CallResponse::Answered, CallResponse::Connected]),
        base().only([Direction::Inbound, Direction::Outbound]),
        base().only(CallResponse::NotConnected),
        base().only(CallResult::Unknown),
        base().only([CallType::Outbound, CallType::Overflow]),
        base().only(CallSegment::Setup),
        base().only(SegmentFilter::new(CallSegment::Hold).lasting(Length::at_least(30))),
        base().only(Filter::queues(["7"])),
        base().only(EndingParty::Caller),
        base().on_days([DayOfWeek::Monday]),
        total(GroupBy::shared_lines()),
        total(GroupBy::members_of_queues()),
        base().calls(Measure::new(Breakdown::Result, Aggregation::Max)),
        base()
            .time_spent(Measure::new(Breakdown::Result, Aggregation::Max))
            .time_spent(Breakdown::Type),
        base().time_spent(Measure::new(Breakdown::Total, Aggregation::Percent)),
    ]
}

#[test]
fn what_the_beta_cannot_say_is_refused_by_name() {
    let shown: Vec<_> =
        not_on_the_beta().iter().map(|query| problems(Api::Beta, query).join("\n")).collect();
    assert!(shown.iter().all(|problem| !problem.is_empty()), "{shown:#?}");
    support::snapshots().bind(|| insta::assert_snapshot!("not-on-the-beta", shown.join("\n\n")));
}

#[test]
fn the_beta_has_no_timeline() {
    let call = client(Api::Beta).timeline(&total(GroupBy::users()), Interval::Day);
    let error = call.check().unwrap_err();
    insta::assert_snapshot!(error, @r"
    the query can't be asked
      timeline: the beta has no timeline; use Api::CallsV1, or one aggregate per interval [operation]
    ");
}

#[test]
fn a_problem_has_its_parts() {
    let query = total(GroupBy::company().keys(["1"]));
    let error = client(Api::CallsV1).aggregate(&query).check().unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!((problem.rule(), problem.word()), ("company-keys", "keys"));
    assert_eq!(problem.evidence(), Evidence::Documentation);
    assert!(problem.remedy().ends_with("leave them out"), "{}", problem.remedy());
}

#[test]
fn a_timeline_has_no_aggregation() {
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC")
        .calls(Measure::new(Breakdown::Total, Aggregation::Average).per(Interval::Day));
    let error = client(Api::CallsV1).timeline(&query, Interval::Hour).check().unwrap_err();
    assert_eq!(error.problems().len(), 1);
    assert_eq!(error.problems()[0].rule(), "timeline-aggregation");
}

#[test]
fn periods_have_limits_and_zones_have_names() {
    let from = |text| between(text, "2026-11-01T00:00:00Z");
    // 184 days before 2026-11-24 12:00 is 2026-05-24 12:00, the same as 6 months before.
    assert_eq!(problems(Api::CallsV1, &from("2026-05-24T12:00:00Z")), Vec::<String>::new());
    assert_eq!(problems(Api::CallsV1, &from("2026-05-24T11:59:59Z")).len(), 1);
    assert_eq!(problems(Api::Beta, &from("2026-05-24T12:00:00Z")), Vec::<String>::new());
    assert_eq!(problems(Api::Beta, &from("2026-05-24T11:59:59Z")).len(), 1);
    let nowhere =
        Query::new(GroupBy::users(), Period::last_days(1), "Mars/Olympus").calls(Breakdown::Total);
    assert!(problems(Api::CallsV1, &nowhere)[0].contains("no such time zone"));
    let unasked = Query::new(GroupBy::users(), Period::last_days(1), "UTC");
    assert!(problems(Api::CallsV1, &unasked)[0].contains("[metrics]"));
}

#[test]
fn a_page_holds_as_many_records_as_the_document_says() {
    let query = total(GroupBy::users());
    let aggregate = |size| client(Api::CallsV1).aggregate(&query).per_page(size).check().is_ok();
    assert_eq!([0, 1, 200, 201].map(aggregate), [false, true, true, false]);
    let timeline =
        |size| client(Api::CallsV1).timeline(&query, Interval::Day).per_page(size).check().is_ok();
    assert_eq!([0, 1, 20, 21].map(timeline), [false, true, true, false]);
    let beta = |size| client(Api::Beta).aggregate(&query).per_page(size).check().is_ok();
    assert_eq!([0, 1, 5000].map(beta), [false, true, true]);
}

#[test]
fn unchecked_queries_pass_a_lifted_rule() {
    let old = between("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z");
    assert_eq!(problems(Api::CallsV1, &old).len(), 1);
    let notices = client(Api::CallsV1).aggregate(&old.unchecked()).check().unwrap();
    assert_eq!(notices.len(), 1, "what was overridden is a notice: {notices:?}");
    let twice = total(GroupBy::users()).calls(Breakdown::Total).unchecked();
    assert_eq!(problems(Api::CallsV1, &twice).len(), 1, "what can't be sent is still refused");
}

#[test]
fn a_period_in_the_future_is_refused_with_the_time_from_which_it_works() {
    let future = between("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z");
    for api in [Api::Beta, Api::CallsV1] {
        let broken = broken(client(api).aggregate(&future).check());
        assert_eq!(
            broken.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["period 2026-11-25T00:00:00Z to 2026-11-26T00:00:00Z: lies in the future: it is \
              2026-11-24T12:00:00Z; use an earlier period, or send it at 2026-11-25T00:02:01Z or \
              later [period-future]"]
        );
        let notices = client(api).aggregate(&future.clone().unchecked()).check().unwrap();
        assert!(notices[0].to_string().contains("[period-future]"), "{notices:?}");
    }
}

#[test]
fn today_is_refused_until_a_minute_of_it_can_be_had() {
    let today =
        Query::new(GroupBy::users(), Period::today(), "Europe/Zurich").calls(Breakdown::Total);
    let at = |now: &str| {
        let now: Timestamp = now.parse().unwrap();
        let client = Client::builder()
            .server("http://127.0.0.1:9")
            .credentials(Credentials::jwt("id", "secret", "jwt"))
            .clock(move || now)
            .build()
            .unwrap();
        client.aggregate(&today).check()
    };
    for (now, shown) in [
        ("2026-11-23T23:00:00Z", "2026-11-23T23:00:00Z"),
        ("2026-11-23T23:02:00.9Z", "2026-11-23T23:02:00Z"),
    ] {
        let broken = broken(at(now));
        let [problem] = &broken[..] else { panic!("{broken:?}") };
        assert_eq!(problem.rule(), "period-future");
        assert_eq!(problem.word(), "period today (2026-11-24 in Europe/Zurich)");
        assert_eq!(
            problem.remedy(),
            format!(
                "has no complete minute yet: it is {shown}, and the API has calls up to two minutes \
                 ago; send it at 2026-11-23T23:02:01Z or later"
            )
        );
    }
    let notices = at("2026-11-23T23:02:01Z").unwrap();
    assert!(matches!(notices[..], [Notice::EndTrimmed { .. }]), "{notices:?}");
}

/// A list that is computed and comes out empty isn't a wish for everything.
#[test]
fn an_empty_list_is_refused_by_name() {
    let none = [""; 0];
    let refused = |query: Query| {
        let broken = broken(client(Api::CallsV1).aggregate(&query.unchecked()).check());
        broken.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        refused(total(GroupBy::users().keys(none))),
        ["keys: the list is empty; name at least one key, or ask for all of them with all_keys() \
          [keys-empty]"]
    );
    assert_eq!(
        refused(total(GroupBy::users().keys(["1", " "]))),
        ["keys: one of them is an empty text; leave it out [keys-empty]"]
    );
    let fine = [
        GroupBy::users().keys(none).keys(["1"]),
        GroupBy::users().keys(["1"]).keys(none),
        GroupBy::users().keys(none).all_keys(),
    ];
    for group_by in fine {
        assert_eq!(refused(total(group_by)), [""; 0]);
    }
    let users = || total(GroupBy::users());
    let rules = |query: Query| {
        let broken = broken(client(Api::CallsV1).aggregate(&query.unchecked()).check());
        broken.iter().map(Problem::rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(users().on_days([])), ["days-empty"]);
    assert_eq!(rules(users().on_days([DayOfWeek::Monday]).on_days([])), [""; 0]);
    assert_eq!(rules(users().in_hours([])), ["hours-empty"]);
    for ids in [&[][..], &[""]] {
        let filters = [
            Filter::queues(ids.iter().copied()),
            Filter::from_extensions(ids.iter().copied()),
            Filter::to_extensions(ids.iter().copied()),
            Filter::called_numbers(ids.iter().copied()),
        ];
        for filter in filters {
            assert_eq!(rules(users().only(filter)), ["filter-empty"]);
        }
    }
    assert_eq!(rules(users().only(Filter::call_duration(Length::default()))), ["filter-empty"]);
    let empty_queries = KpiSet::new([Kpi::Offered]).queries(
        GroupBy::queues().keys(none),
        Period::last_days(7),
        "UTC",
    );
    assert_eq!(empty_queries.into_iter().map(rules).collect::<Vec<_>>(), [["keys-empty"]]);
}

/// On either side of what each rule says.
#[test]
fn rules_forbid_what_they_say_and_no_more() {
    let users = || total(GroupBy::users());
    let opportunities = |group_by, aggregation| {
        Query::new(group_by, Period::last_days(7), "UTC")
            .calls(Measure::new(Breakdown::QueueOpportunities, aggregation))
    };
    let length = || Filter::call_duration(Length::at_least(1));
    let wire = |name| Filter::wire(name, serde_json::json!({}));
    let ringing = |min, max| {
        let length = Length::between(min, max);
        users().only(SegmentFilter::new(CallSegment::Ringing).lasting(length))
    };
    let from_7 = |group_by| total(group_by).only(Filter::from_extensions(["1503200007"]));
    let to_7 = |group_by| total(group_by).only(Filter::to_extensions(["1503200007"]));
    let cases = [
        (users().calls(Breakdown::Result).calls(Breakdown::from("callsByMood")), None),
        (users().calls(Breakdown::from("allCalls")), Some("metric-twice")),
        (
            Query::new(GroupBy::users(), Period::last_days(7), "UTC")
                .calls(Breakdown::from("allCalls"))
                .calls(Breakdown::Total),
            Some("metric-twice"),
        ),
        (users().only(length()).only(wire("mood")), None),
        (users().only(length()).only(Filter::time_spent(Length::at_least(1))), None),
        (users().only(length()).only(wire("callDuration")), Some("filter-twice")),
        (users().only(wire("callDuration")).only(length()), Some("filter-twice")),
        (between("2026-11-24T11:59:00Z", NOW), None),
        (between("2026-11-24T11:59:00Z", "2026-11-24T12:00:01Z"), Some("period-future")),
        (total(GroupBy::company()), None),
        (total(GroupBy::users().keys(["1"])), None),
        (total(GroupBy::company().keys(["1"])), Some("company-keys")),
        (opportunities(GroupBy::users(), Aggregation::Sum), None),
        (opportunities(GroupBy::members_of_queues(), Aggregation::Sum), None),
        (opportunities(GroupBy::users(), Aggregation::Percent), Some("queue-opportunities")),
        (opportunities(GroupBy::queues(), Aggregation::Sum), Some("queue-opportunities")),
        (from_7(GroupBy::users()), None),
        (from_7(GroupBy::members_of_sites()), None),
        (from_7(GroupBy::ivrs()), None),
        (from_7(GroupBy::queues()), None),
        (from_7(GroupBy::company()), Some("extension-filters")),
        (to_7(GroupBy::shared_lines()), None),
        (to_7(GroupBy::queues()), Some("extension-filters")),
        (ringing(1, 1), None),
        (ringing(2, 1), Some("length-order")),
        (users().in_hours([Hours::new("00:00", "23:59")]), None),
        (users().in_hours([Hours::new("00:00", "23:60")]), Some("hours")),
        (users().in_hours([Hours::new("00:00", "24:00")]), Some("hours")),
    ];
    for (query, rule) in cases {
        let broken = broken(client(Api::CallsV1).aggregate(&query).check());
        let rules: Vec<_> = broken.iter().map(Problem::rule).collect();
        assert_eq!(rules, rule.into_iter().collect::<Vec<_>>(), "{query:?}");
    }
}

#[test]
fn a_period_that_holds_no_time_is_refused_with_what_is_wrong_with_it() {
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let of = |period: Period| {
        let query = Query::new(GroupBy::users(), period, "UTC").calls(Breakdown::Total);
        problems(Api::CallsV1, &query)
    };
    let reversed = Period::between_days(day("2026-10-14"), day("2026-10-01"));
    let empty = Period::days(day("2026-10-14"), day("2026-10-14"));
    for (period, said) in [
        (
            reversed.previous(),
            "period 2026-10-26 to 2026-10-13: the last day is before the first; swap them",
        ),
        (reversed, "period 2026-10-14 to 2026-10-01: the last day is before the first; swap them"),
        (
            empty,
            "period 2026-10-14 up to 2026-10-14, which isn't included: holds no day; end it later",
        ),
        (Period::last_days(0), "period of the last 0 days: holds no time; use 1 day or more"),
        (
            Period::last_days(0).previous(),
            "period of the last 0 days: holds no time; use 1 day or more",
        ),
        (Period::last_weeks(0), "period of the last 0 weeks: holds no time; use 1 week or more"),
        (Period::last_months(0), "period of the last 0 months: holds no time; use 1 month or more"),
        (
            Period::between(at("2026-11-02T00:00:00Z"), at("2026-11-01T00:00:00Z")),
            "period 2026-11-02T00:00:00Z to 2026-11-01T00:00:00Z: the end is before the start; \
             swap them",
        ),
        (
            Period::between(at("2026-11-02T00:00:00Z"), at("2026-11-02T00:00:00Z")),
            "period 2026-11-02T00:00:00Z to 2026-11-02T00:00:00Z: holds no time; the end isn't \
             included, so it must be later than the start",
        ),
    ] {
        assert_eq!(of(period), [format!("{said} [period-order]")]);
    }
    let last = day("9999-12-31");
    for (period, said) in [
        (
            Period::between_days(last, last),
            "period: 9999-12-31 is the last day of the calendar; use an earlier period",
        ),
        (
            Period::month(9999, 12).previous(),
            "period 9999-11-01T00:00:00Z to 9999-12-01T00:00:00Z: lies in the future",
        ),
        (
            Period::last_days(u32::MAX),
            "period: the last 4294967295 days begin before the calendar does; use fewer",
        ),
        (
            Period::last_weeks(u32::MAX).previous(),
            "period: the last 4294967295 weeks, 4294967295 weeks earlier, begin before the calendar does; use fewer",
        ),
        (
            Period::last_months(u32::MAX),
            "period: the last 4294967295 months begin before the calendar does; use fewer",
        ),
        (Period::month(2026, 13), "period: 2026-13 is not a month; months are 1 to 12"),
        (Period::month(2026, 13).previous(), "period: 2026-13 is not a month; months are 1 to 12"),
    ] {
        let problems = of(period);
        assert!(problems.len() == 1 && problems[0].starts_with(said), "{problems:?}");
    }
}
