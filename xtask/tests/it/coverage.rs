use serde_json::{Value, json};
use xtask::coverage::{UNCOVERED, VOCABULARY};

use crate::support::{Copy, catalogue, full_vocabulary};

const OPTION: &str = "/components/schemas/AggregationResponseOptionsCounters/properties/allCalls";

/// A copy whose vocabulary has been changed.
fn copy(change: impl FnOnce(&mut Value)) -> Copy {
    let copy = Copy::new();
    let mut vocabulary = full_vocabulary(&catalogue());
    change(&mut vocabulary);
    copy.write(VOCABULARY, &vocabulary.to_string());
    copy
}

fn without(pointer: &str) -> Copy {
    copy(|vocabulary| {
        vocabulary["calls-v1"].as_object_mut().unwrap().remove(pointer).unwrap();
    })
}

#[test]
fn pointers_are_those_of_the_components() {
    let vocabulary = full_vocabulary(&catalogue());
    let fetch = "/paths/~1analytics~1calls~1v1~1accounts~1{accountId}~1timeline~1fetch/post";
    let places = [
        format!("{OPTION}/properties/aggregationType"),
        format!("{fetch}/parameters/accountId"),
        format!("{fetch}/parameters/interval"),
        "/components/schemas/Interval/enum/Hour".to_owned(),
        "/components/schemas/CallResult/enum/Abandoned".to_owned(),
        "/components/schemas/DirectGrouping/properties/keys".to_owned(),
    ];
    for place in &places {
        assert!(vocabulary["calls-v1"].get(place).is_some(), "{place}");
    }
    let words = vocabulary["calls-v1"].as_object().unwrap();
    assert!(!words.keys().any(|place| place.contains("Error")), "error responses are left out");
}

#[test]
fn inline_schemas_continue_the_pointer() {
    let document = json!({
        "paths": {"/analytics/calls/v1/accounts/{accountId}/aggregation/fetch": {
            "parameters": [{"name": "a/b", "schema": {"enum": ["x/y", null, 1]}}],
            "post": {
                "requestBody": {"$ref": "#/components/requestBodies/Body"},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {
                        "oneOf": [{"properties": {"a": {"$ref": "#/components/schemas/Tree"}}}],
                    }}}},
                    "400": {"content": {"application/json": {"schema": {
                        "properties": {"error": {"type": "string"}},
                    }}}},
                },
            },
        }},
        "components": {
            "requestBodies": {"Body": {"content": {"application/json": {"schema": {
                "items": {"properties": {"b": {
                    "additionalProperties": {"properties": {"c": {"type": "string"}}},
                }}},
            }}}}},
            "schemas": {"Tree": {"properties": {
                "children": {"items": {"$ref": "#/components/schemas/Tree"}},
            }}},
        },
    });
    let catalogue = catalogue();
    let entry = &catalogue.api[&xtask::catalogue::Api::CallsV1];
    let found = xtask::coverage::pointers(&document, entry);
    let post = "/paths/~1analytics~1calls~1v1~1accounts~1{accountId}~1aggregation~1fetch/post";
    let body = "requestBody/content/application~1json/schema/items/properties/b";
    let expected = [
        "/components/schemas/Tree/properties/children".to_owned(),
        format!("{post}/parameters/a~1b"),
        format!("{post}/parameters/a~1b/schema/enum/1"),
        format!("{post}/parameters/a~1b/schema/enum/x~1y"),
        format!("{post}/{body}"),
        format!("{post}/{body}/additionalProperties/properties/c"),
        format!("{post}/responses/200/content/application~1json/schema/oneOf/0/properties/a"),
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn nothing_missing_is_nothing_printed() {
    let outcome = Copy::new().run(&["coverage"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""), "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with("0 listed"), "{}", outcome.stderr);
}

#[test]
fn what_has_no_word_is_stale_until_it_is_listed() {
    let copy = without(OPTION);
    let line = format!("calls-v1 {OPTION}\n");
    let outcome = copy.run(&["coverage"]);
    assert_eq!((outcome.code, &outcome.stdout), (4, &line));
    assert!(outcome.stderr.contains(&format!("{OPTION}: has no word")), "{}", outcome.stderr);
    assert_eq!(copy.run(&["coverage", "--api", "beta"]).code, 0);

    copy.write(UNCOVERED, &line);
    let outcome = copy.run(&["coverage", "--api", "calls-v1"]);
    assert_eq!((outcome.code, &outcome.stdout), (0, &line));
    assert!(outcome.stderr.starts_with("1 listed"), "{}", outcome.stderr);
}

#[test]
fn words_and_lines_for_nothing_are_errors() {
    let copy = copy(|vocabulary| vocabulary["beta"]["/nowhere"] = json!("a word"));
    copy.write(UNCOVERED, &format!("calls-v1 {OPTION}\n"));
    let outcome = copy.run(&["coverage"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (4, ""));
    for line in [
        "beta /nowhere: is not in the document".to_owned(),
        format!("calls-v1 {OPTION}: is covered or gone"),
    ] {
        assert!(outcome.stderr.contains(&line), "{}", outcome.stderr);
    }
}

/// The directory's names are those of the generated types.
#[test]
fn an_api_without_a_vocabulary_has_no_words_and_lacks_none() {
    let place = "/components/schemas/CallQueueInfo/properties/name";
    let outcome = Copy::new().run(&["coverage", "--api", "directory"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""), "{}", outcome.stderr);

    let copy = copy(|vocabulary| vocabulary["directory"][place] = json!("a word"));
    let outcome = copy.run(&["coverage"]);
    assert_eq!(outcome.code, 4);
    let line = format!("directory {place}: has a word, and its api has none");
    assert!(outcome.stderr.contains(&line), "{}", outcome.stderr);

    let copy = Copy::new();
    copy.write(UNCOVERED, &format!("directory {place}\n"));
    let outcome = copy.run(&["coverage"]);
    assert_eq!(outcome.code, 4);
    let line = format!("directory {place}: is covered or gone");
    assert!(outcome.stderr.contains(&line), "{}", outcome.stderr);
}

#[test]
fn files_that_cannot_be_understood() {
    let copy = Copy::new();
    copy.write(UNCOVERED, "something\n");
    let outcome = copy.run(&["coverage"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("uncovered.txt: line 1 is `something`"), "{}", outcome.stderr);

    copy.write(VOCABULARY, "[]");
    assert!(copy.run(&["coverage"]).stderr.contains("is not a vocabulary"));
    std::fs::remove_file(copy.path(VOCABULARY)).unwrap();
    let outcome = copy.run(&["coverage"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("vocabulary.json: cannot be read"), "{}", outcome.stderr);
}
