//! What can't work is refused by name before anything is sent, wherever it is said.

use callperf::{
    Api, Breakdown, Client, Credentials, Error, ErrorKind, GroupBy, Interval, Kpi, KpiSet, Notice,
    Period, Query, Record,
    directory::{Kind, NotFound},
    testing::FakeSource,
};
use callperf_sandbox::Sandbox;
use jiff::SignedDuration;

use crate::support::{self, NOW};

fn builder() -> callperf::ClientBuilder {
    Client::builder()
        .server("http://127.0.0.1:1")
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .clock(|| NOW.parse().unwrap())
}

fn query(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn rules(error: &Error) -> Vec<(&'static str, &str)> {
    assert_eq!(error.kind(), ErrorKind::Query);
    error.problems().iter().map(|problem| (problem.rule(), problem.word())).collect()
}

#[tokio::test]
async fn a_name_that_is_not_there_is_a_problem_of_the_query() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let now = sandbox.now();
    let client = support::of_sandbox(&sandbox).clock(move || now).build().unwrap();
    let named = query(GroupBy::queues().named(["Suport"]));
    let error = client.aggregate(&named).all().await.unwrap_err();
    assert_eq!(rules(&error), [("key-name", "name \"Suport\"")]);
    let message = error.to_string();
    assert!(message.starts_with(r#"no queue is named "Suport"; did you mean"#), "{message}");
    assert_eq!(message.lines().count(), 1, "it is said once: {message}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<NotFound>().is_some());
}

#[tokio::test]
async fn names_that_no_directory_has_are_refused_by_each_way_to_ask() {
    let client = builder().build().unwrap();
    for group_by in [GroupBy::departments(), GroupBy::user_groups()] {
        let request = client.aggregate(&query(group_by.named(["Sales"])));
        let refusals = [
            request.check().unwrap_err(),
            request.preview(1).unwrap_err(),
            request.all().await.unwrap_err(),
        ];
        for error in refusals {
            assert_eq!(rules(&error), [("key-name", "names")]);
            assert!(error.to_string().contains("use keys"), "{error}");
        }
    }
    client.aggregate(&query(GroupBy::queues().named(["Support"]))).check().unwrap();
}

#[tokio::test]
async fn a_name_in_the_place_of_a_key_is_refused_with_what_finds_the_key() {
    let directory = builder().build().unwrap().directory();
    let errors = [
        directory.queues_of("Greta").await.map(drop).unwrap_err(),
        directory.members(Kind::Queue, "Support").await.map(drop).unwrap_err(),
        directory.service_level("Support").await.map(drop).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(error.to_string().contains("Directory::find has the key"), "{error}");
    }
}

#[test]
fn settings_that_let_no_request_go_are_refused() {
    for (builder, said) in [
        (builder().concurrency(0), "concurrency is 0"),
        (builder().account(" "), "the account is an empty text"),
        (builder().server("https://platform.ringcentral.com/restapi/v1.0"), "before /restapi"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_parameter_that_the_request_has_already_is_refused() {
    let client = builder().build().unwrap();
    for (api, own) in [(Api::CallsV1, ["page", "perPage"]), (Api::Beta, ["page", "perPage"])] {
        let client = builder().api(api).build().unwrap();
        for name in own {
            let request = client.aggregate(&query(GroupBy::queues())).parameter(name, "2");
            let word = format!("parameter {name}");
            assert_eq!(rules(&request.check().unwrap_err()), [("parameter", &*word)]);
        }
    }
    let timeline = client.timeline(&query(GroupBy::queues()), Interval::Day);
    assert!(timeline.clone().parameter("interval", "Week").check().is_err());
    timeline.parameter("mood", "good").check().unwrap();
}

#[test]
fn a_time_zone_is_quoted_with_the_nearest() {
    let zone = |name: &str| {
        let query = query(GroupBy::queues()).with_time_zone(name);
        let error = builder().build().unwrap().aggregate(&query).check().unwrap_err();
        error.problems()[0].to_string()
    };
    assert_eq!(
        zone("America/New York"),
        r#"time zone "America/New York": no such time zone; did you mean "America/New_York"? [time-zone]"#
    );
    assert!(zone("").starts_with(r#"time zone "": no such time zone; use an IANA name"#));
}

/// The API knows no work time, so that the figure would be absent everywhere without a word.
#[tokio::test]
async fn occupancy_without_staffed_times_is_noticed() {
    let queues = Query::new(GroupBy::queues(), Period::last_days(7), "UTC");
    let source = FakeSource::new()
        .with_records_if(|_| true, Vec::<Record>::new())
        .with_series_if(|_, _| true, Vec::<callperf::Series>::new());
    let set = KpiSet::new([Kpi::Occupancy]);
    let staffed = set.clone().staffed("7001", SignedDuration::from_hours(8));
    let noticed = |notices: &[Notice]| {
        let is_it = |notice: &&Notice| matches!(notice, Notice::Rule(problem) if problem.rule() == "kpi-staffed");
        notices.iter().filter(is_it).count()
    };
    let report = set.request(&source, &queues).all().await.unwrap();
    assert_eq!(noticed(&report.notices), 1);
    let report = staffed.request(&source, &queues).all().await.unwrap();
    assert_eq!(noticed(&report.notices), 0);
    let by_day = staffed.request(&source, &queues).by(Interval::Day).all().await.unwrap();
    assert_eq!(noticed(&by_day.notices), 1, "no interval has it");
}
