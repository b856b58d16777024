//! `MIGRATION.md` against what the crate sends and reads, as `vocabulary.json`
//! has it, and against the document of the API in between.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::support;

/// The names of each word, per API.
type Names = BTreeMap<String, BTreeSet<String>>;

/// Objects that hold options of every kind: a word is found inside them.
const CONTAINERS: [&str; 12] = [
    "additionalFilters",
    "advancedTimeSettings",
    "aggregationInterval",
    "aggregationType",
    "callFilters",
    "counters",
    "groupBy",
    "grouping",
    "includeDays",
    "Sum",
    "timers",
    "values",
];

/// Words that no program has to change: the beta had nothing like them.
const NEW: [&str; 5] = ["on ", "per ", "unit ", "what ", "every "];

fn text(file: &str) -> String {
    std::fs::read_to_string(support::workspace().join(file)).unwrap()
}

fn vocabulary(api: &str) -> Names {
    let json: Json = serde_json::from_str(&text("crates/callperf/vocabulary.json")).unwrap();
    let mut names = Names::new();
    for (pointer, words) in json[api].as_object().unwrap() {
        let name = pointer.rsplit('/').next().unwrap();
        for word in words.as_str().unwrap().split(", ") {
            let of_word = names.entry(word.to_owned()).or_default();
            if !CONTAINERS.contains(&name) {
                of_word.insert(name.to_owned());
            }
        }
    }
    names
}

/// The names of properties and values that a document has.
fn names_in(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            let properties = map.get("properties").and_then(Json::as_object);
            found.extend(properties.into_iter().flat_map(|map| map.keys().cloned()));
            let values = map.get("enum").and_then(Json::as_array);
            let texts = values.into_iter().flatten().filter_map(Json::as_str);
            found.extend(texts.map(str::to_owned));
            map.values().for_each(|value| names_in(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        _ => {}
    }
}

struct Row {
    words: BTreeSet<String>,
    beta: BTreeSet<String>,
    phone_v1: BTreeSet<String>,
    calls_v1: BTreeSet<String>,
}

/// What stands in backticks.
fn coded(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rows() -> Vec<Row> {
    let text = text("MIGRATION.md");
    let (_, tables) = text.split_once("## Old name, new name").unwrap();
    let lines = tables.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(coded).collect();
            let [words, beta, phone_v1, calls_v1] = cells.try_into().expect("four cells");
            Row { words, beta, phone_v1, calls_v1 }
        })
        .collect()
}

/// Where today's name of a total is: above the number, which has none.
fn is_total(word: &str) -> bool {
    last_part(word) == "total"
}

fn last_part(word: &str) -> &str {
    word.rsplit('.').next().unwrap_or(word)
}

#[test]
fn every_name_is_what_the_crate_sends_or_reads() {
    let (beta, calls_v1) = (vocabulary("beta"), vocabulary("calls-v1"));
    let none = BTreeSet::new();
    let renames = support::renamed_since_named("calls-v1");
    for row in rows() {
        for word in &row.words {
            assert_eq!(&row.beta, beta.get(word).unwrap_or(&none), "{word} on the beta");
            if !is_total(word) {
                let today = calls_v1.get(word).unwrap_or(&none);
                // The guide has the names that the code has.
                let today = today.iter().map(|name| renames.get(name).unwrap_or(name).clone());
                assert_eq!(row.calls_v1, today.collect(), "{word} today");
            }
        }
    }
}

#[test]
fn the_api_in_between_has_its_names() {
    let document = text("openapi/revisions/phone-v1/2022-04-28.json");
    let mut known = BTreeSet::new();
    names_in(&serde_json::from_str(&document).unwrap(), &mut known);
    for row in rows() {
        let unknown: Vec<_> = row.phone_v1.difference(&known).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

#[test]
fn no_changed_name_is_left_out() {
    let listed: BTreeSet<_> = rows().into_iter().flat_map(|row| row.words).collect();
    let (beta, calls_v1) = (vocabulary("beta"), vocabulary("calls-v1"));
    let is_changed = |word: &&String| beta.get(*word) != calls_v1.get(*word);
    let is_new = |word: &str| {
        let later = ["grouped_by", "key", "time", "in hours", "aggregation Percent"];
        NEW.iter().any(|start| word.starts_with(start))
            || last_part(word) == "unit"
            || word == "calls.queue_opportunities"
            || later.contains(&word)
    };
    let missing: Vec<_> = beta
        .keys()
        .chain(calls_v1.keys())
        .filter(is_changed)
        .filter(|word| !is_new(word) && !listed.contains(*word))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
