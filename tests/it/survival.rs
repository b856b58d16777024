//! An answer changed as servers change theirs: no panic, no wrong number, and
//! the rest of the page is kept. And the answers of every committed revision.

use std::collections::{BTreeMap, BTreeSet};

use callperf::{Api, Breakdown, Client, ErrorKind, GroupBy, Interval, Notice, Period, Query};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::{document::Document, queries, support, vocabulary::shown};

/// A real answer of an operation.
#[derive(Clone, Copy, Debug)]
struct Source {
    api: Api,
    answer: &'static str,
    is_timeline: bool,
}

const SOURCES: [Source; 3] = [
    Source { api: Api::Beta, answer: "queue_report", is_timeline: false },
    Source { api: Api::CallsV1, answer: "queue_report", is_timeline: false },
    Source { api: Api::CallsV1, answer: "daily_calls", is_timeline: true },
];

/// What a server may do to one place of its answer.
#[derive(Clone, Debug)]
enum Change {
    Remove,
    Add,
    Put(Json),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::Remove),
        2 => Just(Change::Add),
        8 => prop::sample::select(vec![
            json!(null),
            json!(7),
            json!(7.0),
            json!(7.5),
            json!(-1),
            json!("7"),
            json!("Deflected"),
            json!(true),
            json!({}),
            json!({"value": 7}),
            json!([]),
            json!([7]),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e300),
        ]).prop_map(Change::Put),
    ]
}

/// The pointers of every place in an answer.
fn places(json: &Json, pointer: &str, found: &mut Vec<String>) {
    if !pointer.is_empty() {
        found.push(pointer.to_owned());
    }
    match json {
        Json::Object(map) => {
            map.iter().for_each(|(name, value)| places(value, &format!("{pointer}/{name}"), found));
        }
        Json::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(at, value)| places(value, &format!("{pointer}/{at}"), found));
        }
        _ => {}
    }
}

fn applied(answer: &Json, pointer: &str, change: &Change) -> Json {
    let mut changed = answer.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match change {
        Change::Put(value) => *changed.pointer_mut(pointer).unwrap() = value.clone(),
        Change::Remove => match changed.pointer_mut(parent).unwrap() {
            Json::Object(map) => drop(map.remove(name)),
            Json::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => unreachable!("a place has a parent"),
        },
        Change::Add => {
            if let Json::Object(map) = changed.pointer_mut(parent).unwrap() {
                map.insert("ofTomorrow".to_owned(), json!({"valueType": "Instances", "values": 3}));
            }
        }
    }
    changed
}

/// What the crate makes of an answer: the records by key, without what it has
/// no word for, and what it left out.
#[derive(Debug)]
struct Read {
    records: BTreeMap<String, BTreeMap<String, String>>,
    unreadable: usize,
}

fn numbers(json: &Json, path: &str, found: &mut BTreeMap<String, String>) {
    match json {
        Json::Object(map) => {
            for (name, value) in map.iter().filter(|(name, _)| *name != "extra") {
                numbers(value, &format!("{path}/{name}"), found);
            }
        }
        Json::Array(items) => {
            for item in items {
                let name = item["time"].as_str().unwrap_or("?");
                numbers(item, &format!("{path}/{name}"), found);
            }
        }
        Json::Number(number) => {
            found.insert(path.to_owned(), number.to_string());
        }
        _ => {}
    }
}

async fn read(
    server: &MockServer,
    client: &Client,
    source: Source,
    answer: String,
) -> Result<Read, callperf::Error> {
    server.reset().await;
    support::mount(server, ResponseTemplate::new(200).set_body_raw(answer, "application/json"))
        .await;
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .calls(Breakdown::Type)
        .calls(Breakdown::Response)
        .time_spent(Breakdown::Total)
        .time_spent(Breakdown::Segment);
    let (records, notices) = if source.is_timeline {
        let page = client.timeline(&query, Interval::Day).page(1).await?;
        (serde_json::to_value(page.records).unwrap(), page.notices)
    } else {
        let page = client.aggregate(&query).page(1).await?;
        (serde_json::to_value(page.records).unwrap(), page.notices)
    };
    let by_key = records.as_array().unwrap().iter().map(|record| {
        let mut found = BTreeMap::new();
        numbers(record, "", &mut found);
        (record["key"].as_str().unwrap().to_owned(), found)
    });
    let unreadable =
        notices.iter().filter(|notice| matches!(notice, Notice::Unreadable { .. })).count();
    Ok(Read { records: by_key.collect(), unreadable })
}

/// The key of the record that a place is in, if it is in one.
fn record_of(source: Source, answer: &Json, pointer: &str) -> Option<String> {
    let parts: Vec<_> = pointer.split('/').skip(1).collect();
    match (source.api, &parts[..]) {
        (Api::Beta, ["data", key, ..]) => Some((*key).to_owned()),
        (Api::CallsV1, ["data", "records", at, ..]) => {
            let key = &answer["data"]["records"][at.parse::<usize>().unwrap()]["key"];
            Some(key.as_str().unwrap().to_owned())
        }
        _ => None,
    }
}

#[test]
fn an_answer_that_changes_gives_no_wrong_number() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for source in SOURCES {
        let file = format!("user_programs/v0_1/{}/{}.json", source.api, source.answer);
        let answer = support::fixture(&file);
        let mut all = Vec::new();
        places(&answer, "", &mut all);
        let server = runtime.block_on(support::server(ResponseTemplate::new(200)));
        let client = support::client(&server, source.api);
        let read =
            |answer: &Json| runtime.block_on(read(&server, &client, source, answer.to_string()));
        let baseline = read(&answer).unwrap();
        queries::runner(500)
            .run(&(prop::sample::select(all), change()), |(pointer, change)| {
                let changed = applied(&answer, &pointer, &change);
                let touched = record_of(source, &answer, &pointer);
                let place = format!("{source:?} {pointer} {change:?}");
                let read = match read(&changed) {
                    Ok(read) => read,
                    Err(error) => {
                        prop_assert_eq!(error.kind(), ErrorKind::Answer, "{}: {}", place, error);
                        // No record fails its page, not even if it is alone on it.
                        prop_assert!(touched.is_none(), "{place}: {error}");
                        return Ok(());
                    }
                };
                for (key, numbers) in &baseline.records {
                    if touched.as_ref() == Some(key) {
                        continue;
                    }
                    let kept = read.records.get(key);
                    // Without its list or its data there is no record to keep.
                    let gone = touched.is_none() && read.records.is_empty();
                    prop_assert!(kept == Some(numbers) || gone, "{place}: {key}: {kept:?}");
                }
                let Some(key) = touched else { return Ok(()) };
                let Some(numbers) = read.records.get(&key) else {
                    let renamed = pointer.ends_with("/key");
                    let removed = matches!(change, Change::Remove);
                    prop_assert!(renamed || removed || read.unreadable == 1, "{place}: lost");
                    return Ok(());
                };
                let put = match &change {
                    Change::Put(Json::Number(number)) => Some(whole(number)),
                    _ => None,
                };
                for (path, number) in numbers {
                    let expected = baseline.records[&key].get(path);
                    let is_new =
                        path.contains("ofTomorrow") || path.contains("/value/") || number == "7";
                    prop_assert!(
                        expected == Some(number) || Some(number) == put.as_ref() || is_new,
                        "{place}: {path} is {number}, was {expected:?}"
                    );
                }
                Ok(())
            })
            .unwrap();
    }
}

/// A whole float is shown as the whole number.
fn whole(number: &serde_json::Number) -> String {
    number.to_string().trim_end_matches(".0").to_owned()
}

#[tokio::test]
async fn the_order_of_keys_changes_nothing() {
    for source in SOURCES {
        let answer =
            support::fixture(&format!("user_programs/v0_1/{}/{}.json", source.api, source.answer));
        let server = support::server(ResponseTemplate::new(200)).await;
        let client = support::client(&server, source.api);
        let one = read(&server, &client, source, answer.to_string()).await.unwrap();
        let other = read(&server, &client, source, reversed(&answer)).await.unwrap();
        assert_eq!(one.records, other.records);
    }
}

fn reversed(json: &Json) -> String {
    match json {
        Json::Object(map) => {
            let entries = map.iter().rev();
            let texts = entries.map(|(name, value)| format!("{}:{}", json!(name), reversed(value)));
            format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[tokio::test]
async fn an_empty_page_is_empty_and_a_page_that_lost_its_records_is_an_error() {
    for api in [Api::Beta, Api::CallsV1] {
        let source = Source { api, answer: "queue_report", is_timeline: false };
        let server = support::server(ResponseTemplate::new(200)).await;
        let client = support::client(&server, api);
        let mut answer = support::empty_answer(api);
        let empty = read(&server, &client, source, answer.to_string()).await.unwrap();
        assert!(empty.records.is_empty());
        answer["paging"]["totalElements"] = 4.into();
        let error = read(&server, &client, source, answer.to_string()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer);
    }
}

/// All that is reached of an answer: texts and numbers, what has no word too.
pub(crate) fn reached(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            found.extend(map.keys().cloned());
            map.values().for_each(|value| reached(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| reached(item, found)),
        Json::Null => {}
        Json::String(text) => drop(found.insert(text.clone())),
        other => drop(found.insert(other.to_string())),
    }
}

/// Today's crate reads the answers of every committed revision, and every value
/// is reachable.
#[tokio::test]
async fn every_revisions_answers_are_read_whole() {
    let operations = [
        (Api::Beta, "aggregate"),
        (Api::CallsV1, "aggregation/fetch"),
        (Api::CallsV1, "timeline/fetch"),
    ];
    let mut read = 0;
    for (api, path_end) in operations {
        let folder = support::workspace().join("openapi/revisions").join(api.as_str());
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let date = name.trim_end_matches(".json");
            let document = Document::of(api.as_str(), date);
            let (answer, marks) = document.marked_answer(path_end, &mut |_| true);
            let server = support::server(ResponseTemplate::new(200).set_body_json(answer)).await;
            let client = support::client(&server, api);
            let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").unchecked();
            let shown = if path_end == "timeline/fetch" {
                shown(client.timeline(&query, Interval::Hour)).await
            } else {
                shown(client.aggregate(&query)).await
            };
            let mut found = BTreeSet::new();
            reached(&shown, &mut found);
            let texts = marks.into_iter().map(|mark| mark.text);
            let missing: Vec<_> = texts.filter(|text| !found.contains(text)).collect();
            assert!(missing.is_empty(), "{api} {date} {path_end}: {missing:?} of {shown:#}");
            read += 1;
        }
    }
    assert!(read >= 15, "{read} answers");
}
