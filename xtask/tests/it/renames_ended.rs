//! A rename whose old name a later revision gives to something else, or whose new name is gone: adopted, it ends there.

use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::renames::RENAMES;

use crate::renames_adopted::{CLIENT, CURRENT, adopted, left_to_do, names, rename, schema};
use crate::support::{Copy, revision};

const LATER: &str = "2099-01-01";

type Change = fn(&mut Value);

fn a_property(document: &mut Value) {
    rename(document, "KeyInfo", "name", "displayName");
}

fn a_property_again(document: &mut Value) {
    schema(document, "KeyInfo")["properties"]["name"] = json!({"type": "boolean"});
}

fn an_option(document: &mut Value) {
    rename(document, "CallFilters", "queues", "queueIds");
}

fn an_option_again(document: &mut Value) {
    schema(document, "CallFilters")["properties"]["queues"] = json!({"type": "boolean"});
}

fn a_value(document: &mut Value) {
    for word in schema(document, "GroupingOptions")["enum"].as_array_mut().unwrap() {
        if word == "SharedLines" {
            *word = json!("SharedLine");
        }
    }
}

fn a_value_again(document: &mut Value) {
    schema(document, "GroupingOptions")["enum"].as_array_mut().unwrap().push("SharedLines".into());
}

fn a_move(document: &mut Value) {
    let settings = schema(document, "AdvancedTimeSettings");
    let hours = settings["properties"].as_object_mut().unwrap().remove("includeHours").unwrap();
    schema(document, "TimeSettings")["properties"]["includeHours"] = hours;
}

fn a_move_again(document: &mut Value) {
    let settings = schema(document, "AdvancedTimeSettings");
    settings["properties"]["includeHours"] = json!({"type": "boolean"});
}

fn a_component(document: &mut Value) {
    let text = document.to_string().replace("/KeyInfo\"", "/RecordInfo\"");
    let text = text.replace("\"KeyInfo\":", "\"RecordInfo\":");
    *document = serde_json::from_str(&text).unwrap();
}

fn a_component_again(document: &mut Value) {
    *schema(document, "KeyInfo") =
        json!({"type": "object", "properties": {"kind": {"type": "string"}}});
    schema(document, "AggregationResponse")["properties"]["keyInfo"] =
        json!({"$ref": "#/components/schemas/KeyInfo"});
}

fn adopt_later(copy: &Copy, document: &Value) -> String {
    copy.write("later.json", &document.to_string());
    let outcome = copy.run(&["adopt", "later.json", "--api", "calls-v1", "--date", LATER]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    outcome.stdout
}

/// The name is another thing's from now on, so that an older server's can't be read as what it was.
#[test]
fn a_rename_ends_where_its_old_name_is_something_elses() {
    let cases: [(Change, Change, &str); 5] = [
        (a_property, a_property_again, "`name`, which is `displayName` since 2098-01-01"),
        (an_option, an_option_again, "`queues`, which is `queueIds` since"),
        (a_value, a_value_again, "`SharedLines`, which is `SharedLine` since"),
        (a_move, a_move_again, "`advancedTimeSettings/includeHours`, which is `includeHours`"),
        (a_component, a_component_again, "`KeyInfo`, which is `RecordInfo` since"),
    ];
    for (change, again, line) in cases {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        let mut document = revision("calls-v1", CURRENT);
        change(&mut document);
        left_to_do(&copy, &document);
        again(&mut document);
        let said = adopt_later(&copy, &document);
        let (_, to_do) = said.split_once("to do:\n").unwrap();
        let start = format!("  {RENAMES}: {LATER} has {line}");
        assert!(to_do.starts_with(&start), "{start}: {to_do}");
        assert_eq!(copy.read(RENAMES).matches("until = \"2099-01-01\"").count(), 1);
    }
}

/// Both have a Rust name of their own then, and the new one is for servers that have it.
#[test]
fn an_ended_rename_is_read_and_sent_no_longer() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let client = copy.read(CLIENT);
    let mut document = revision("calls-v1", CURRENT);
    an_option(&mut document);
    adopted(&copy, &document);
    assert_eq!(names(&copy.read(CLIENT)), names(&client));
    an_option_again(&mut document);
    adopt_later(&copy, &document);
    for check in [&["generate", "--check"][..], &["coverage"]] {
        let outcome = copy.run(check);
        assert_eq!(outcome.code, 0, "{check:?}: {}", outcome.stderr);
    }
    let after = copy.read(CLIENT);
    assert!(after.contains("pub queue_ids:"), "the Rust names follow the document");
    assert!(!after.contains("old: &[\"queues\"]"), "the old name would be sent");
    let words: Vec<_> = after.split_whitespace().collect();
    let words = words.join(" ");
    for (since, name) in [("2098-01-01", "queueIds"), (LATER, "queues")] {
        let added = format!("name: \"{name}\"");
        let of_it = words.match_indices(&added).map(|(at, _)| &words[at - 80..at]);
        let of_it: Vec<_> = of_it.collect();
        assert!(!of_it.is_empty(), "{name} seems to have been there before");
        assert!(of_it.iter().all(|it| it.contains(since)), "{name}: {of_it:?}");
    }
}

/// What it was renamed to can't be decided.
#[test]
fn a_rename_ends_where_its_new_name_is_gone() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    a_property(&mut document);
    left_to_do(&copy, &document);
    let info = &mut schema(&mut document, "KeyInfo")["properties"];
    let name = info.as_object_mut().unwrap().remove("displayName").unwrap();
    info["displayText"] = name.clone();
    info["displayTitle"] = name;
    let said = adopt_later(&copy, &document);
    for line in [
        "`displayName` is gone, and `displayText`, `displayTitle` came (",
        "openapi/renames.toml: 2099-01-01 has no `displayName`, which was `name` before 2098-01-01",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
}

/// As a person leaves the list who takes the end out.
#[test]
fn a_rename_that_must_end_is_refused_with_the_way_out() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    a_property(&mut document);
    left_to_do(&copy, &document);
    a_property_again(&mut document);
    adopt_later(&copy, &document);
    let text = copy.read(RENAMES);
    copy.write(RENAMES, &text.replace("until = \"2099-01-01\"\n", ""));
    let outcome = copy.run(&["generate", "--check"]);
    assert_eq!(outcome.code, 3);
    for part in [
        "renames the property `name` to `displayName` in 2098-01-01, and a later document has both (line ",
        "\n  remedy: add `until = \"…\"` with the first revision that has both, from which on `name` is ",
    ] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    for (until, what, remedy) in [
        ("2099-01-02", "calls-v1 has no revision of 2099-01-02 (line ", "the first revision"),
        ("2098-01-01", "2098-01-01 is not later than 2098-01-01", "the first revision"),
    ] {
        copy.write(RENAMES, &text.replace(LATER, until));
        let outcome = copy.run(&["generate", "--check"]);
        assert_eq!(outcome.code, 3);
        assert!(outcome.stderr.contains("/until: "), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(what), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(remedy), "{}", outcome.stderr);
    }
}

/// It would cost the Rust names for nothing.
#[test]
fn an_end_of_a_rename_that_holds_is_refused() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    a_property(&mut document);
    left_to_do(&copy, &document);
    schema(&mut document, "KeyInfo")["properties"]["kind"] = json!({"type": "string"});
    adopt_later(&copy, &document);
    let text = copy.read(RENAMES);
    copy.write(RENAMES, &(text + "until = \"2099-01-01\"\n"));
    let outcome = copy.run(&["generate", "--check"]);
    assert_eq!(outcome.code, 3);
    let what =
        "/until: calls-v1 2099-01-01 still has `displayName`, and no `name` beside it (line ";
    assert!(outcome.stderr.contains(what), "{}", outcome.stderr);
}
