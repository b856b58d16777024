//! Revisions that rename, each adopted: what `diff` recognises is recorded, nothing is left to do, and the Rust names
//! of the generated client stay.

use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::coverage::{UNCOVERED, VOCABULARY};
use xtask::renames::RENAMES;

use crate::support::{Copy, revision};

pub(crate) const CURRENT: &str = "2026-08-13";
pub(crate) const NEXT: &str = "2098-01-01";
pub(crate) const CLIENT: &str = "crates/callperf-raw/src/calls_v1.rs";

type Change = fn(&mut Value);

pub(crate) fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}

pub(crate) fn rename(document: &mut Value, object: &str, old: &str, new: &str) {
    let schema = schema(document, object);
    let property = schema["properties"].as_object_mut().unwrap().remove(old).unwrap();
    schema["properties"][new] = property;
    for name in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if *name == old {
            *name = json!(new);
        }
    }
}

/// An option and what it is in the response.
fn an_option(document: &mut Value) {
    for object in
        ["AggregationResponseOptionsCounters", "TimelineResponseOptionsCounters", "CallsCounters"]
    {
        rename(document, object, "callsByEndingParty", "callsByEndingSide");
    }
}

/// One that requests and responses have.
fn a_value(document: &mut Value) {
    for word in schema(document, "GroupingOptions")["enum"].as_array_mut().unwrap() {
        if word == "SharedLines" {
            *word = json!("SharedLine");
        }
    }
}

/// A list of a request, and a name of a response, each one level up.
fn moves_of_both_ways(document: &mut Value) {
    let settings = schema(document, "AdvancedTimeSettings");
    let hours = settings["properties"].as_object_mut().unwrap().remove("includeHours").unwrap();
    schema(document, "TimeSettings")["properties"]["includeHours"] = hours;
    let info = schema(document, "KeyInfo");
    let name = info["properties"].as_object_mut().unwrap().remove("name").unwrap();
    for record in ["AggregationResponseRecord", "TimelineResponseRecord"] {
        schema(document, record)["properties"]["name"] = name.clone();
    }
}

/// One level up, for both operations.
fn a_move(document: &mut Value) {
    let settings = schema(document, "TimeSettings");
    let zone = settings["properties"].as_object_mut().unwrap().remove("timeZone").unwrap();
    settings["required"].as_array_mut().unwrap().retain(|name| name != "timeZone");
    for request in ["AggregationRequest", "TimelineRequest"] {
        schema(document, request)["properties"]["timeZone"] = zone.clone();
    }
}

fn all_at_once(document: &mut Value) {
    an_option(document);
    a_value(document);
    a_move(document);
}

pub(crate) fn adopted(copy: &Copy, document: &Value) -> String {
    copy.write("new.json", &document.to_string());
    let outcome = copy.run(&["adopt", "new.json", "--api", "calls-v1", "--date", NEXT]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    for check in [&["generate", "--check"][..], &["coverage"]] {
        let outcome = copy.run(check);
        assert_eq!(outcome.code, 0, "{check:?}: {}", outcome.stderr);
    }
    outcome.stdout
}

/// What is left to a person after a document is adopted.
pub(crate) fn left_to_do(copy: &Copy, document: &Value) -> String {
    copy.write("new.json", &document.to_string());
    let outcome = copy.run(&["adopt", "new.json", "--api", "calls-v1", "--date", NEXT]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let (_, to_do) = outcome.stdout.split_once("to do:\n").unwrap();
    to_do.to_owned()
}

/// The public names of the generated types, which hand-written code says.
pub(crate) fn names(client: &str) -> Vec<String> {
    let is_name = |line: &&str| line.starts_with("pub struct ") || line.starts_with("pub ");
    let lines = client.lines().map(str::trim).filter(is_name);
    let names = lines.map(|line| line.split([':', '{', '(', '=']).take(2).collect::<String>());
    names.filter(|line| !line.contains("fn ")).collect()
}

#[test]
fn a_rename_costs_no_edit() {
    let cases: [(Change, usize, &[&str]); 5] = [
        (an_option, 3, &["rename = \"callsByEndingSide\""]),
        (a_value, 1, &["&[\"SharedLine\"]"]),
        (
            a_move,
            2,
            &["kind: crate::old_names::Kind::Move", "old: &[\"timeSettings\", \"timeZone\"]"],
        ),
        (moves_of_both_ways, 3, &["crate::old_names::moved(&mut it.extra, \"name\")"]),
        (all_at_once, 6, &["rename = \"callsByEndingSide\"", "&[\"SharedLine\"]", "Kind::Move"]),
    ];
    for (change, recorded, parts) in cases {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        let [client, words] = [CLIENT, VOCABULARY].map(|file| copy.read(file));
        let renames = copy.read(RENAMES).matches("[[rename]]").count();
        let mut document = revision("calls-v1", CURRENT);
        change(&mut document);
        let said = adopted(&copy, &document);
        assert!(said.ends_with("to do:\n  nothing\n"), "{said}");
        assert_eq!(copy.read(RENAMES).matches("[[rename]]").count(), renames + recorded);
        assert_eq!(copy.read(UNCOVERED), "", "a word is missing");
        assert_ne!(copy.read(VOCABULARY), words, "the words are in their old places");
        let after = copy.read(CLIENT);
        assert_eq!(names(&after), names(&client));
        for part in parts {
            assert!(after.contains(part), "{part}");
        }
    }
}

/// Overlays say the names of their first revisions, and the texts stay.
#[test]
fn a_text_follows_what_it_is_about() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let text = |copy: &Copy, pointer: &str| {
        let lowered: Value =
            serde_json::from_str(&copy.read("openapi/lowered/calls-v1.json")).unwrap();
        lowered.pointer(pointer).and_then(|it| it["description"].as_str()).map(str::to_owned)
    };
    let before = text(&copy, "/components/schemas/CallsCounters/properties/callsByEndingParty");
    let zone = text(&copy, "/components/schemas/TimeSettings/properties/timeZone");
    let mut document = revision("calls-v1", CURRENT);
    all_at_once(&mut document);
    adopted(&copy, &document);
    let after = text(&copy, "/components/schemas/CallsCounters/properties/callsByEndingSide");
    assert!(before.is_some() && zone.is_some());
    assert_eq!(after, before);
    for request in ["AggregationRequest", "TimelineRequest"] {
        let moved = text(&copy, &format!("/components/schemas/{request}/properties/timeZone"));
        assert_eq!(moved, zone, "{request}");
    }
}

/// `SharedLines` is said of the groupings that filters apply to.
#[test]
fn a_text_says_the_names_of_its_revision() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let lowered = "openapi/lowered/calls-v1.json";
    assert!(copy.read(lowered).contains("`SharedLines`"));
    let mut document = revision("calls-v1", CURRENT);
    a_value(&mut document);
    adopted(&copy, &document);
    let after = copy.read(lowered);
    assert!(after.contains("`SharedLine`") && !after.contains("`SharedLines`"));
}

/// It isn't on the wire, and the Rust type is called by it.
#[test]
fn a_component_keeps_its_rust_type() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let client = copy.read(CLIENT);
    let document = revision("calls-v1", CURRENT).to_string();
    let document = document.replace("/KeyInfo\"", "/RecordInfo\"");
    let document = document.replace("\"KeyInfo\":", "\"RecordInfo\":");
    let said = adopted(&copy, &serde_json::from_str(&document).unwrap());
    assert!(said.ends_with("to do:\n  nothing\n"), "{said}");
    assert!(
        copy.read(RENAMES).contains("kind = \"schema\"\nold = \"KeyInfo\"\nnew = \"RecordInfo\"")
    );
    assert!(copy.read("openapi/lowered/calls-v1.json").contains("\"RecordInfo\": {"));
    assert_eq!(names(&copy.read(CLIENT)), names(&client));
}

fn one_that_became_two(document: &mut Value) {
    let info = &mut schema(document, "KeyInfo")["properties"];
    let name = info.as_object_mut().unwrap().remove("name").unwrap();
    info["displayName"] = name.clone();
    info["fullName"] = name;
}

/// Seconds that became minutes under a name that is as close.
fn another_unit(document: &mut Value) {
    rename(document, "CallDurationFilter", "maxSeconds", "maxMinutes");
}

fn another_end(document: &mut Value) {
    rename(document, "CallFilters", "calledNumbers", "callingNumbers");
}

fn another_type(document: &mut Value) {
    let info = &mut schema(document, "KeyInfo")["properties"];
    info.as_object_mut().unwrap().remove("extensionNumber");
    info["extensionNumbers"] = json!({"type": "number", "format": "double"});
}

/// Two candidates, one that became two, and another type.
#[test]
fn what_cannot_be_decided_is_left_to_a_person_with_its_candidates() {
    let cases: [(Change, &str); 4] = [
        (another_unit, "`maxSeconds` is gone, and `maxMinutes` came ("),
        (another_end, "`calledNumbers` is gone, and `callingNumbers` came ("),
        (one_that_became_two, "`name` is gone, and `displayName`, `fullName` came ("),
        (another_type, "`extensionNumber` is gone, and `extensionNumbers` came ("),
    ];
    for (change, line) in cases {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        let renames = copy.read(RENAMES);
        let mut document = revision("calls-v1", CURRENT);
        change(&mut document);
        let to_do = left_to_do(&copy, &document);
        let expected = format!("  openapi/renames.toml: {line}");
        assert!(to_do.starts_with(&expected), "what is to be decided comes first: {to_do}");
        assert!(to_do.contains("UPDATE_VOCABULARY=1"), "{to_do}");
        assert!(to_do.contains("(unless it was renamed: see above)"), "{to_do}");
        let rest = to_do.lines().skip(1).filter(|line| line.contains("ame`"));
        for line in rest {
            assert!(line.ends_with("(unless it was renamed: see above)"), "{line}");
        }
        assert_eq!(copy.read(RENAMES), renames, "it was guessed");
    }
}

/// The changelog of a version states what is known.
#[test]
fn one_of_two_names_is_not_stated_as_the_new_one() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    one_that_became_two(&mut document);
    left_to_do(&copy, &document);
    let changelog = copy.read("CHANGELOG.md");
    let line = changelog.lines().find(|line| line.contains("property renamed: name → ")).unwrap();
    assert!(line.contains("(perhaps: others are as close by name and shape)"), "{line}");
}

/// Of a list of words that are alike, each is known by its own letters.
#[test]
fn words_that_change_their_capitals_are_renamed_as_a_list() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    let days = schema(&mut document, "DayOfWeek")["enum"].as_array_mut().unwrap();
    assert_eq!(days.len(), 7);
    for day in days {
        *day = day.as_str().unwrap().to_uppercase().into();
    }
    let before = copy.read(RENAMES).matches("kind = \"value\"").count();
    let said = adopted(&copy, &document);
    assert!(said.ends_with("to do:\n  nothing\n"), "{said}");
    assert_eq!(copy.read(RENAMES).matches("kind = \"value\"").count(), before + 7);
}

/// What a later revision takes back, older and newer servers are read by.
#[test]
fn a_rename_may_be_taken_back() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let client = copy.read(CLIENT);
    let mut document = revision("calls-v1", CURRENT);
    an_option(&mut document);
    adopted(&copy, &document);
    let renames = copy.read(RENAMES).matches("[[rename]]").count();
    copy.write("back.json", &revision("calls-v1", CURRENT).to_string());
    let later = ["adopt", "back.json", "--api", "calls-v1", "--date", "2099-01-01"];
    let outcome = copy.run(&later);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("to do:\n  nothing\n"), "{}", outcome.stdout);
    assert!(copy.read(RENAMES).matches("[[rename]]").count() > renames);
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
    let after = copy.read(CLIENT);
    assert_eq!(names(&after), names(&client));
    assert!(!after.contains("rename = \"callsByEndingSide\""), "today's name is the first one");
    assert!(after.contains("\"callsByEndingSide\""), "the one between is an old one");
}

/// As a person would leave the list who took a line out that another one needs.
#[test]
fn a_rename_without_a_place_is_named_with_its_line() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    an_option(&mut document);
    adopted(&copy, &document);
    let text = copy.read(RENAMES);
    let entry = text[..text.find("callsByEndingSide").unwrap()].rfind("[[rename]]").unwrap();
    let line = text[..entry].lines().count() + 1;
    let index = text[..entry].matches("\n[[rename]]").count();
    copy.write("back.json", &revision("calls-v1", CURRENT).to_string());
    copy.run(&["adopt", "back.json", "--api", "calls-v1", "--date", "2099-01-01"]);
    copy.write(RENAMES, &text);
    let outcome = copy.run(&["generate", "--check"]);
    let expected = format!("openapi/renames.toml#/rename/{index}: renames the property `callsBy");
    assert!(outcome.stderr.starts_with(&expected), "{expected}: {}", outcome.stderr);
    assert!(outcome.stderr.contains(&format!("(line {line})")), "{line}: {}", outcome.stderr);
}

/// No rename can be recorded of it, so that the code has to follow.
#[test]
fn a_value_that_another_list_has_now_is_left_to_a_person() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let renames = copy.read(RENAMES);
    let mut document = revision("calls-v1", CURRENT);
    let types = schema(&mut document, "CallType")["enum"].as_array_mut().unwrap();
    types.retain(|word| word != "Overflow");
    let results = schema(&mut document, "CallResult")["enum"].as_array_mut().unwrap();
    results.push(json!("Overflow"));
    let to_do = left_to_do(&copy, &document);
    assert!(to_do.contains("value moved"), "{to_do}");
    assert_eq!(copy.read(RENAMES), renames, "it was guessed");
}
