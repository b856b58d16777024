//! What a revision drops with nothing in its place, adopted: older servers have it, so that the generated client keeps
//! it, and says since when it is gone.

use serde_json::Value;
use xtask::catalogue::Api;
use xtask::coverage::{UNCOVERED, VOCABULARY};
use xtask::renames::RENAMES;

use crate::renames_adopted::{CLIENT, CURRENT, NEXT, adopted, left_to_do, names, schema};
use crate::support::{Copy, revision, root};

const OPTIONS: [&str; 4] = [
    "AggregationResponseOptionsCounters",
    "TimelineResponseOptionsCounters",
    "AggregationResponseOptionsTimers",
    "TimelineResponseOptionsTimers",
];

fn remove(document: &mut Value, object: &str, name: &str) {
    let schema = schema(document, object);
    schema["properties"].as_object_mut().unwrap().remove(name).unwrap();
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|it| it != name);
    }
}

/// A breakdown with its options, and a word.
fn dropped(document: &mut Value) {
    for (object, name) in OPTIONS.into_iter().zip([
        "callsByQueueHours",
        "callsByQueueHours",
        "callsDurationByQueueHours",
        "callsDurationByQueueHours",
    ]) {
        remove(document, object, name);
    }
    for object in ["CallsCounters", "CallsTimers"] {
        remove(document, object, "callsByQueueHours");
    }
    let types = schema(document, "CallType")["enum"].as_array_mut().unwrap();
    types.retain(|word| word != "QueueCallPickup");
}

#[test]
fn what_is_dropped_costs_no_edit() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let client = copy.read(CLIENT);
    let renames = copy.read(RENAMES).matches("[[rename]]").count();
    let mut document = revision("calls-v1", CURRENT);
    dropped(&mut document);
    let said = adopted(&copy, &document);
    assert!(said.ends_with("to do:\n  nothing\n"), "{said}");
    let recorded = copy.read(RENAMES);
    assert_eq!(recorded.matches("[[rename]]").count(), renames + 7);
    assert_eq!(recorded.matches("kind = \"drop\"").count(), 7);
    let after = copy.read(CLIENT);
    assert_eq!(names(&after), names(&client), "the types with all that they hold are there");
    // However deep the generated table is indented.
    let words: Vec<_> = after.split_whitespace().collect();
    let gone = "since: \"2098-01-01\", kind: crate::old_names::Kind::Drop,";
    assert!(words.join(" ").contains(gone), "{NEXT}");
    for name in ["callsByQueueHours", "QueueCallPickup"] {
        assert!(after.contains(&format!("old: &[\"{name}\"]")), "{name}");
    }
    for file in ["openapi/lowered/calls-v1.json", VOCABULARY] {
        assert!(!copy.read(file).contains("ByQueueHours"), "{file} is of the current revision");
    }
}

/// What the code can't do without is left to a person.
#[test]
fn what_every_answer_has_is_missed() {
    for (object, name, is_missed) in [
        ("AggregationResponseRecord", "key", true),
        ("TimelineResponsePoint", "time", true),
        ("AggregationResponseData", "records", true),
        ("AggregationRequest", "grouping", true),
        ("KeyInfo", "extensionNumber", false),
        ("CallsTimers", "callsByQueueHours", false),
    ] {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        // The one of the SDK has words.
        copy.write(VOCABULARY, &std::fs::read_to_string(root().join(VOCABULARY)).unwrap());
        let mut document = revision("calls-v1", CURRENT);
        remove(&mut document, object, name);
        let to_do = left_to_do(&copy, &document);
        let line = format!("crates/callperf/src/wire/calls_v1: `{name}` is gone (");
        assert_eq!(to_do.contains(&line), is_missed, "{object}/{name}: {to_do}");
    }
}

/// What a revision dropped, a later one may give back.
#[test]
fn what_was_dropped_may_come_back() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let client = copy.read(CLIENT);
    let mut document = revision("calls-v1", CURRENT);
    remove(&mut document, "CallFilters", "queueSla");
    let types = schema(&mut document, "CallType")["enum"].as_array_mut().unwrap();
    types.retain(|word| word != "QueueCallPickup");
    adopted(&copy, &document);
    copy.write("back.json", &revision("calls-v1", CURRENT).to_string());
    let later = ["adopt", "back.json", "--api", "calls-v1", "--date", "2099-01-01"];
    let outcome = copy.run(&later);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
    // As the list says: what has a word is taken out, and generated.
    assert!(outcome.stdout.contains("openapi/uncovered.txt: "), "{}", outcome.stdout);
    copy.write(UNCOVERED, "");
    assert_eq!(copy.run(&["generate"]).code, 0);
    let after = copy.read(CLIENT);
    assert!(names(&after) == names(&client), "the types are those of before");
    assert!(!after.contains("kind: crate::old_names::Kind::Drop"), "today's servers have it");
}

/// What is dropped may have been renamed since the names of the Rust code.
#[test]
fn what_was_renamed_before_is_dropped_by_its_last_name() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let client = copy.read(CLIENT);
    let mut document = revision("calls-v1", CURRENT);
    for object in OPTIONS.into_iter().take(2).chain(["CallsCounters"]) {
        let properties = schema(&mut document, object)["properties"].as_object_mut().unwrap();
        let property = properties.remove("callsByEndingParty").unwrap();
        properties.insert("callsByEndingSide".to_owned(), property);
    }
    adopted(&copy, &document);
    for object in OPTIONS.into_iter().take(2).chain(["CallsCounters"]) {
        remove(&mut document, object, "callsByEndingSide");
    }
    copy.write("later.json", &document.to_string());
    let later = ["adopt", "later.json", "--api", "calls-v1", "--date", "2099-01-01"];
    let outcome = copy.run(&later);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
    let after = copy.read(CLIENT);
    assert_eq!(names(&after), names(&client));
    let drop = after.find("Kind::Drop").unwrap();
    let name = after[drop..].find("old: &[\"callsByEndingSide\"]");
    assert!(name.is_some_and(|at| at < 200), "{}", &after[drop..drop + 200]);
    assert!(after.contains("rename = \"callsByEndingSide\""), "older servers are read by it");
}

/// A name that is close came elsewhere, or was taken for another one's.
#[test]
fn what_may_have_moved_or_been_merged_is_not_dropped() {
    fn moved(document: &mut Value) {
        let queues = schema(document, "CallFilters")["properties"]["queues"].clone();
        remove(document, "CallFilters", "queues");
        schema(document, "ExtensionFilters")["properties"]["queueIds"] = queues;
    }
    fn merged(document: &mut Value) {
        let ids = schema(document, "ExtensionFilters")["properties"]["fromIds"].clone();
        remove(document, "ExtensionFilters", "fromIds");
        remove(document, "ExtensionFilters", "toIds");
        schema(document, "ExtensionFilters")["properties"]["ids"] = ids;
    }
    for (name, change) in [("queues", moved as fn(&mut Value)), ("toIds", merged)] {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        let renames = copy.read(RENAMES);
        let mut document = revision("calls-v1", CURRENT);
        change(&mut document);
        let to_do = left_to_do(&copy, &document);
        let line = format!("openapi/renames.toml: `{name}` is gone, and ");
        assert!(to_do.contains(&line), "{to_do}");
        assert_eq!(copy.read(RENAMES), renames, "it was guessed");
    }
}

/// Something of its kind came beside it, or elsewhere by its name: a person decides.
#[test]
fn what_may_have_an_heir_is_not_dropped() {
    for came in ["Deflected", "QueueCallPickup"] {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        let renames = copy.read(RENAMES);
        let mut document = revision("calls-v1", CURRENT);
        let types = schema(&mut document, "CallType")["enum"].as_array_mut().unwrap();
        types.retain(|word| word != "QueueCallPickup");
        let list = if came == "Deflected" { "CallType" } else { "CallResult" };
        schema(&mut document, list)["enum"].as_array_mut().unwrap().push(came.into());
        let to_do = left_to_do(&copy, &document);
        assert!(to_do.contains("QueueCallPickup"), "{to_do}");
        assert_eq!(copy.read(RENAMES), renames, "it was guessed");
    }
}
