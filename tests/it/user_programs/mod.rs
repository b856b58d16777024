//! Programs as users write them, frozen when a version is released: they are
//! never edited again, compile with every later version, and say the same about
//! the same answers. A version with new public API adds a folder beside these.

#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_1/daily_calls.rs"]
mod daily_calls;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_1/how_calls_ended.rs"]
mod how_calls_ended;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_1/queue_report.rs"]
mod queue_report;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_1/service_level.rs"]
mod service_level;

#[rustfmt::skip]
#[allow(unreachable_pub, deprecated, reason = "frozen as a user writes it")]
#[path = "v0_2/abandoned_by_day.rs"]
mod abandoned_by_day;
#[rustfmt::skip]
#[allow(unreachable_pub, deprecated, reason = "frozen as a user writes it")]
#[path = "v0_2/agents_and_queues.rs"]
mod agents_and_queues;
#[rustfmt::skip]
#[allow(unreachable_pub, deprecated, reason = "frozen as a user writes it")]
#[path = "v0_2/queue_figures.rs"]
mod queue_figures;

#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/calls_by_hour.rs"]
mod calls_by_hour;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/figures_of_any_source.rs"]
mod figures_of_any_source;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/joined_reports.rs"]
mod joined_reports;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/kept_pages.rs"]
mod kept_pages;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/read_answers.rs"]
mod read_answers;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/saved_queries.rs"]
mod saved_queries;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/stored_reports.rs"]
mod stored_reports;
#[rustfmt::skip]
#[allow(unreachable_pub, deprecated, reason = "frozen as a user writes it")]
#[path = "v0_3/waiting_callers.rs"]
mod waiting_callers;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "frozen as a user writes it")]
#[path = "v0_3/watched.rs"]
mod watched;

use std::{collections::BTreeMap, fs};

use callperf::{Api, Client};
use wiremock::{Mock, ResponseTemplate, matchers::path_regex};

use crate::support;

async fn server(version: &str, api: Api, program: &str) -> wiremock::MockServer {
    let answer = support::fixture(&format!("user_programs/{version}/{api}/{program}.json"));
    support::server(ResponseTemplate::new(200).set_body_json(answer)).await
}

/// A server that gives the answer of a program to all its requests.
async fn answering(version: &str, api: Api, program: &str) -> (wiremock::MockServer, Client) {
    let server = server(version, api, program).await;
    let client = support::client(&server, api);
    (server, client)
}

#[tokio::test]
async fn programs_of_0_1_say_what_they_always_said() {
    for api in [Api::Beta, Api::CallsV1] {
        let mut said = Vec::new();
        let (_server, client) = answering("v0_1", api, "queue_report").await;
        said.push(queue_report::run(&client).await.unwrap());
        let (_server, client) = answering("v0_1", api, "daily_calls").await;
        said.push(daily_calls::run(&client).await.unwrap());
        let (_server, client) = answering("v0_1", api, "how_calls_ended").await;
        said.push(how_calls_ended::run(&client).await.unwrap());
        let (_server, client) = answering("v0_1", api, "service_level").await;
        said.push(service_level::run(&client).await.unwrap());
        let name = format!("user-programs-v0_1-{api}");
        support::snapshots().bind(|| insta::assert_snapshot!(name, said.join("\n")));
    }
}

/// What all programs say of what a server has; `watched` makes clients of its own.
pub(crate) async fn said_by_all(client: &Client) -> Vec<String> {
    fn said<E: ToString>(outcome: Result<String, E>) -> String {
        outcome.unwrap_or_else(|error| error.to_string())
    }
    vec![
        said(queue_report::run(client).await),
        said(daily_calls::run(client).await),
        said(how_calls_ended::run(client).await),
        said(service_level::run(client).await),
        said(queue_figures::run(client).await),
        said(agents_and_queues::run(client).await),
        said(abandoned_by_day::run(client).await),
        said(joined_reports::run(client).await),
        said(stored_reports::run(client).await),
        said(kept_pages::run(client).await),
        said(calls_by_hour::run(client).await),
        said(waiting_callers::run(client).await),
    ]
}

/// A server that gives the answers of a program one after the other.
async fn answering_in_turn(
    version: &str,
    api: Api,
    program: &str,
) -> (wiremock::MockServer, Client) {
    let server = support::server(ResponseTemplate::new(404)).await;
    for turn in 1.. {
        let name = format!("user_programs/{version}/{api}/{program}-{turn}.json");
        if !support::workspace().join("tests/fixtures").join(&name).exists() {
            break;
        }
        Mock::given(path_regex("analytics"))
            .respond_with(ResponseTemplate::new(200).set_body_json(support::fixture(&name)))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    let client = support::client(&server, api);
    (server, client)
}

#[tokio::test]
async fn programs_of_0_2_say_what_they_always_said() {
    for api in [Api::Beta, Api::CallsV1] {
        let mut said = Vec::new();
        let (_server, client) = answering_in_turn("v0_2", api, "queue_figures").await;
        said.push(queue_figures::run(&client).await.unwrap());
        let (_server, client) = answering_in_turn("v0_2", api, "agents_and_queues").await;
        said.push(agents_and_queues::run(&client).await.unwrap());
        let (_server, client) = answering_in_turn("v0_2", api, "abandoned_by_day").await;
        said.push(abandoned_by_day::run(&client).await.unwrap());
        let name = format!("user-programs-v0_2-{api}");
        support::snapshots().bind(|| insta::assert_snapshot!(name, said.join("\n")));
    }
}

#[tokio::test]
async fn programs_of_0_3_say_what_they_always_said() {
    for api in [Api::Beta, Api::CallsV1] {
        let mut said = Vec::new();
        let (_server, client) = answering("v0_3", api, "joined_reports").await;
        said.push(joined_reports::run(&client).await.unwrap());
        let (_server, client) = answering("v0_3", api, "stored_reports").await;
        said.push(stored_reports::run(&client).await.unwrap());
        let (_server, client) = answering("v0_3", api, "kept_pages").await;
        said.push(kept_pages::run(&client).await.unwrap());
        let (_server, client) = answering("v0_3", api, "calls_by_hour").await;
        said.push(calls_by_hour::run(&client).await.unwrap());
        let (_server, client) = answering_in_turn("v0_3", api, "waiting_callers").await;
        said.push(waiting_callers::run(&client).await.unwrap());
        let (_server, client) = answering("v0_3", api, "saved_queries").await;
        said.push(saved_queries::run(&client).await.unwrap());
        let (_server, client) = answering("v0_3", api, "figures_of_any_source").await;
        said.push(figures_of_any_source::run(&client).await.unwrap());
        let (_server, client) = answering("v0_3", api, "read_answers").await;
        said.push(read_answers::run(&client).await.unwrap());
        let server = server("v0_3", api, "watched").await;
        support::first(&server, "analytics", ResponseTemplate::new(503), 1).await;
        said.push(watched::run(support::builder(&server, api)).await.unwrap());
        let name = format!("user-programs-v0_3-{api}");
        support::snapshots().bind(|| insta::assert_snapshot!(name, said.join("\n")));
    }
}

/// Every file of a frozen folder, and of its answers, with its digest.
fn digests(version: &str) -> BTreeMap<String, String> {
    let root = support::workspace().join("tests");
    let folders = [
        format!("it/user_programs/{version}"),
        format!("fixtures/user_programs/{version}/beta"),
        format!("fixtures/user_programs/{version}/calls-v1"),
    ];
    let mut digests = BTreeMap::new();
    for folder in folders {
        for entry in fs::read_dir(root.join(&folder)).unwrap() {
            let file = entry.unwrap().path();
            let name = format!("{folder}/{}", file.file_name().unwrap().display());
            let digest = hmac_sha256::Hash::hash(&fs::read(&file).unwrap());
            let hex: Vec<_> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            digests.insert(name, hex.concat());
        }
    }
    digests
}

#[test]
fn programs_of_0_1_are_never_edited() {
    support::snapshots()
        .bind(|| insta::assert_json_snapshot!("user-programs-v0_1", digests("v0_1")));
}

#[test]
fn programs_of_0_2_are_never_edited() {
    support::snapshots()
        .bind(|| insta::assert_json_snapshot!("user-programs-v0_2", digests("v0_2")));
}

#[test]
fn programs_of_0_3_are_never_edited() {
    support::snapshots()
        .bind(|| insta::assert_json_snapshot!("user-programs-v0_3", digests("v0_3")));
}
