//! What holds for any query and any answer.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use callperf::{Api, Breakdown, Client, GroupBy, Interval, Period, Query};
use proptest::prelude::*;
use serde_json::Value as Json;
use wiremock::ResponseTemplate;

use crate::{
    agreement, document::Document, queries, support, survival::reached, vocabulary::shown,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap()
}

/// The two APIs give equal numbers for a set of filters, or the beta refuses it
/// and names the words.
#[test]
fn filters_mean_the_same_on_both_apis_or_are_refused() {
    let runtime = runtime();
    let sandbox = runtime.block_on(agreement::sandbox(11));
    let beta = agreement::client(&sandbox, Api::Beta);
    let today = agreement::client(&sandbox, Api::CallsV1);
    let queue = sandbox.directory().queues()[0].key.clone();
    let number = sandbox.directory().company_numbers()[0].key.clone();
    let groupings = prop::sample::select(vec![
        GroupBy::company(),
        GroupBy::users(),
        GroupBy::queues(),
        GroupBy::sites(),
        GroupBy::members_of_queues().keys([queue.clone()]),
    ]);
    let tally = RefCell::new(BTreeMap::<&str, u32>::new());
    let count = |what| *tally.borrow_mut().entry(what).or_default() += 1;
    let strategy = (groupings, queries::filters(queue, number));
    queries::runner(600)
        .run(&strategy, |(group_by, filters)| {
            let place = format!("{group_by:?} {filters:?}");
            let names: Vec<_> = filters.iter().map(|filter| filter.name().to_owned()).collect();
            let query = filters.into_iter().fold(agreement::everything(group_by), Query::only);
            if today.aggregate(&query).check().is_err() {
                count("not on today's API");
                return Ok(());
            }
            if let Err(error) = beta.aggregate(&query).check() {
                count("refused on the beta");
                for problem in error.problems() {
                    let is_named = names.iter().any(|name| problem.word().contains(name.as_str()));
                    prop_assert!(is_named, "{place}: {problem}");
                }
                return Ok(());
            }
            let one = runtime.block_on(agreement::records(&beta, &query));
            let other = runtime.block_on(agreement::records(&today, &query));
            prop_assert_eq!(one.len(), other.len(), "{}", place);
            count(if one.is_empty() { "equal, and empty" } else { "equal" });
            for (one, other) in one.iter().zip(&other) {
                agreement::compare(one.calls(), other.calls(), &place);
                agreement::compare(one.time_spent(), other.time_spent(), &place);
            }
            Ok(())
        })
        .unwrap();
    let tally = tally.into_inner();
    println!("{tally:?}");
    assert!(tally["equal"] > 0 && tally["refused on the beta"] > 0, "{tally:?}");
}

/// Asks both operations of an API, as far as the rules let the query pass, and
/// gives the requests' bodies.
async fn bodies(
    client: &Client,
    server: &wiremock::MockServer,
    query: &Query,
) -> Vec<(bool, Json)> {
    server.reset().await;
    support::mount(
        server,
        ResponseTemplate::new(200).set_body_json(support::empty_answer(client.api())),
    )
    .await;
    let mut bodies = Vec::new();
    for is_timeline in [false, true] {
        let passed = if is_timeline {
            client.timeline(query, Interval::Day).page(1).await.is_ok()
        } else {
            client.aggregate(query).page(1).await.is_ok()
        };
        if passed {
            let requests = support::requests(server).await;
            let body = serde_json::from_slice(&requests.last().unwrap().body).unwrap();
            bodies.push((is_timeline, body));
        }
    }
    bodies
}

/// What the rules let pass is a request that the document allows.
#[test]
fn a_query_that_passes_the_rules_is_a_valid_request() {
    let runtime = runtime();
    for api in [Api::Beta, Api::CallsV1] {
        let document = Document::current(api.as_str());
        let aggregate = if api == Api::Beta { "aggregate" } else { "aggregation/fetch" };
        let validator = |path_end| {
            let operation = document.operation(path_end);
            document.validator(&document.request(&operation))
        };
        let validators = (
            validator(aggregate),
            validator(if api == Api::Beta { aggregate } else { "timeline/fetch" }),
        );
        let server = runtime.block_on(support::server(ResponseTemplate::new(200)));
        let client = support::client(&server, api);
        let sent = RefCell::new(0);
        queries::runner(1000)
            .run(&queries::query(), |query| {
                for (is_timeline, body) in runtime.block_on(bodies(&client, &server, &query)) {
                    *sent.borrow_mut() += 1;
                    let validator = if is_timeline { &validators.1 } else { &validators.0 };
                    let errors: Vec<_> =
                        validator.iter_errors(&body).map(|error| error.to_string()).collect();
                    prop_assert!(errors.is_empty(), "{errors:?}\n{body:#}");
                }
                Ok(())
            })
            .unwrap();
        assert!(sent.into_inner() > 20, "{api}: enough queries pass the rules to say something");
    }
}

/// A choice that a seed makes, again and again.
fn coin(seed: u64) -> impl FnMut(&str) -> bool {
    let mut state = seed | 1;
    move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        !state.is_multiple_of(3)
    }
}

/// Every value of any answer that the document allows is reached.
#[test]
fn every_value_of_an_answer_is_reachable() {
    let runtime = runtime();
    let operations = [
        (Api::Beta, "aggregate"),
        (Api::CallsV1, "aggregation/fetch"),
        (Api::CallsV1, "timeline/fetch"),
    ];
    for (api, path_end) in operations {
        let document = Document::current(api.as_str());
        let server = runtime.block_on(support::server(ResponseTemplate::new(200)));
        let client = support::client(&server, api);
        let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC")
            .calls(Breakdown::Total)
            .unchecked();
        queries::runner(100)
            .run(&any::<u64>(), |seed| {
                let (answer, marks) = document.marked_answer(path_end, &mut coin(seed));
                let body = ResponseTemplate::new(200).set_body_json(&answer);
                let shown = runtime.block_on(async {
                    server.reset().await;
                    support::mount(&server, body).await;
                    if path_end == "timeline/fetch" {
                        shown(client.timeline(&query, Interval::Hour)).await
                    } else {
                        shown(client.aggregate(&query)).await
                    }
                });
                let mut found = BTreeSet::new();
                reached(&shown, &mut found);
                for mark in marks.into_iter().map(|mark| mark.text) {
                    // An object whose number is missing has nothing to say its unit of.
                    let is_idle_unit = mark.starts_with("mark-") && !found.contains(&mark);
                    prop_assert!(
                        found.contains(&mark) || is_idle_unit && unit_alone(&answer, &mark),
                        "{mark} of {answer:#}\nisn't in {shown:#}"
                    );
                }
                Ok(())
            })
            .unwrap();
    }
}

/// Whether a mark is the unit of a metric whose breakdown is empty.
fn unit_alone(json: &Json, mark: &str) -> bool {
    match json {
        Json::Object(map) => {
            let is_unit = map.get("valueType").is_some_and(|unit| unit == mark);
            let is_empty =
                map.get("values").and_then(Json::as_object).is_some_and(serde_json::Map::is_empty);
            is_unit && is_empty || map.values().any(|value| unit_alone(value, mark))
        }
        Json::Array(items) => items.iter().any(|item| unit_alone(item, mark)),
        _ => false,
    }
}
