//! Documents of 3.1 through the stages, against the same of 3.0.

mod draw;
pub(crate) mod upgrade;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use xtask::catalogue::{Api, ApiEntry, Operation};
use xtask::diff::{Difference, Renames, diff};
use xtask::downgrade::downgrade;
use xtask::{canon, document};

use crate::support::{Copy, catalogue, package, revision};
use draw::Draw;
use upgrade::{upgraded, with_more_texts};

const SEEDS: std::ops::Range<u64> = 0..4;

#[test]
fn every_revision_comes_back_from_3_1_as_it_was() {
    let catalogue = catalogue();
    for known in &catalogue.revision {
        let entry = catalogue.entry(known.api).unwrap();
        let older = revision(known.api.name(), &known.date);
        for seed in SEEDS {
            let newer = with_more_texts(&older, seed);
            let operations: Vec<_> = entry.operation.iter().collect();
            let translated = downgrade(newer, &operations).unwrap();
            let again = canon::revision(&translated, known.api, entry, &known.date).unwrap();
            let sha256 = xtask::workspace::sha256(&document::to_text(&again));
            assert_eq!(sha256, known.sha256, "{} {} {seed}", known.api, known.date);
        }
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Some(id) = operation["operationId"].as_str() {
                let (id, method, path) = (json!(id), json!(method), json!(path));
                let entry = format!("id = {id}\nmethod = {method}\npath = {path}");
                operations.push(toml::from_str(&entry).unwrap());
            }
        }
    }
    operations
}

/// There and back again, for all operations.
pub(crate) fn through_3_1(document: &Value, seed: u64) -> Value {
    let operations = operations(document);
    let newer = upgraded(document, seed);
    downgrade(newer, &operations.iter().collect::<Vec<_>>()).unwrap()
}

fn json_file(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every case of `diff`: the document before it, and after it.
fn changed_documents() -> Vec<(String, Value, Value)> {
    let folder = package().join("tests/diff");
    let base = json_file(&folder.join("base.json"));
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let patch = entry.unwrap().path().join("patch.json");
        if patch.exists() {
            let mut changed = base.clone();
            crate::diff::merge(&mut changed, &json_file(&patch));
            cases.push((patch.display().to_string(), base.clone(), changed));
        }
    }
    assert!(cases.len() > 50);
    cases
}

fn with_texts(old: &Value, new: &Value) -> Vec<Difference> {
    diff(old, new, &Renames::default(), true)
}

/// What the converter has beside what is compared.
pub(crate) fn of_the_operations(mut differences: Vec<Difference>) -> Vec<Difference> {
    differences.retain(|difference| difference.operations != ["odd"]);
    differences
}

#[test]
fn a_document_and_the_same_of_3_1_have_no_difference() {
    for (name, _, document) in changed_documents() {
        for seed in SEEDS {
            let newer = through_3_1(&document, seed);
            for (old, new) in [(&document, &newer), (&newer, &document)] {
                let found = of_the_operations(with_texts(old, new));
                assert_eq!(found, [], "{name} {seed}");
            }
        }
    }
}

#[test]
fn a_change_is_the_same_change_in_3_1() {
    for (name, before, after) in changed_documents() {
        let expected = with_texts(&before, &after);
        for seed in SEEDS {
            let (old, new) = (through_3_1(&before, seed), through_3_1(&after, seed + 1));
            for (old, new) in [(&before, &new), (&old, &new)] {
                let found = of_the_operations(with_texts(old, new));
                assert_eq!(found, expected, "{name} {seed}");
            }
        }
    }
}

/// A document of 3.0 with everything that the interface keeps of schemas.
fn drawn(seed: u64) -> Value {
    let mut draw = Draw::new(seed);
    let schemas: Value =
        ["A", "B", "C", "D"].into_iter().map(|name| (name, draw.schema(3))).collect();
    let content = json!({"application/json": {"schema": draw.schema(4)}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Drawn", "version": "1"},
        "paths": {"/go": {"post": {
            "operationId": "go",
            "responses": {"200": {"description": "", "content": content}},
        }}},
        "components": {"schemas": schemas},
    })
}

/// Otherwise the tests here would compare 3.0 with 3.0.
#[test]
fn drawn_documents_are_spelled_in_every_way() {
    let newer: Vec<_> = (0..200).map(|seed| upgraded(&drawn(seed), seed).to_string()).collect();
    for spelling in [
        r#""anyOf":[{"type":"#,
        r#",{"type":"null"}]"#,
        r#""type":["string","null"]"#,
        r#""type":["null","array"]"#,
        r#""nullable":true"#,
        r#""enum":["a","b","null",null]"#,
        r#""const":"a""#,
        r#""oneOf":[{"const":"a","#,
        r#""exclusiveMinimum":9007199254740993"#,
        r#""exclusiveMaximum":0.1"#,
        r#""examples":["a","#,
        r#"","default":{}}"#,
        r#""contentEncoding":"base64""#,
        r#""contentMediaType":"application/octet-stream""#,
        r#""items":true"#,
        r#""items":false"#,
        r#""$defs":{"B":"#,
        r##"{"$ref":"#/components/pathItems/"##,
    ] {
        let has = newer.iter().any(|document| document.contains(spelling));
        assert!(has, "no document has {spelling}");
    }
}

#[test]
fn drawn_schemas_come_back_as_they_were() {
    let entry = "[[operation]]\nid = \"go\"\nmethod = \"post\"\npath = \"/go\"";
    let entry: ApiEntry = toml::from_str(entry).unwrap();
    for seed in 0..1000 {
        let older = drawn(seed);
        let Ok(expected) = canon::revision(&older, Api::Beta, &entry, "2030-01-01") else {
            // A reference to itself, which is refused in both.
            continue;
        };
        let newer = through_3_1(&older, seed);
        let found = canon::revision(&newer, Api::Beta, &entry, "2030-01-01").unwrap();
        assert_eq!(found, expected, "{seed}: {:#}", upgraded(&older, seed));
    }
}

const CURRENT: &str = "2026-08-13";

/// YAML, as far as it is needed for what JSON has.
fn yaml(document: &Value) -> String {
    let document: yaml_serde::Value = serde_json::from_value(document.clone()).unwrap();
    yaml_serde::to_string(&document).unwrap()
}

#[test]
fn a_document_of_3_1_is_adopted() {
    let mut document = revision("calls-v1", CURRENT);
    let words = &mut document["components"]["schemas"]["CallResult"]["enum"];
    words.as_array_mut().unwrap().push(json!("Deflected"));
    let newer = upgraded(&document, 3);
    let adopted = |file: &str, text: &str| {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        copy.write(file, text);
        let outcome = copy.run(&["adopt", file, "--api", "calls-v1", "--date", "2098-01-01"]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
        assert_eq!(copy.run(&["generate", "--check"]).code, 0);
        let revision = copy.read("openapi/revisions/calls-v1/2098-01-01.json");
        (outcome.stdout, copy.read("CHANGELOG.md"), revision)
    };
    let expected = adopted("older.json", &document.to_string());
    assert!(expected.1.contains("value added: Deflected"), "{}", expected.1);
    assert_eq!(adopted("newer.json", &newer.to_string()), expected);
    assert_eq!(adopted("newer.yml", &yaml(&newer)), expected);
}

#[test]
fn what_3_0_cannot_express_changes_nothing() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    document["openapi"] = json!("3.1.0");
    document["components"]["schemas"]["CallFilters"]["patternProperties"] = json!({"^x": true});
    copy.write("new.json", &document.to_string());
    copy.write("old.json", &revision("calls-v1", CURRENT).to_string());
    let files = copy.files();
    let date = ["--api", "calls-v1", "--date", "2098-01-01"];
    for command in [
        &[&["adopt", "new.json"], &date[..]].concat(),
        &[&["import", "new.json"], &date[..]].concat(),
        &vec!["diff", "old.json", "new.json"],
    ] {
        let outcome = copy.run(command);
        let expected = "new.json#/components/schemas/CallFilters/patternProperties: has \
                        `patternProperties`, which OpenAPI 3.0 can't express\n  remedy: write \
                        `additionalProperties`, in a copy of the document\n";
        assert_eq!((outcome.code, outcome.stderr.as_str()), (3, expected), "{command:?}");
    }
    assert!(copy.files() == files, "a file has changed");
}

#[test]
fn the_program_compares_documents_of_both_versions() {
    let copy = Copy::new();
    let older = revision("calls-v1", CURRENT);
    copy.write("older.json", &older.to_string());
    copy.write("newer.yml", &yaml(&upgraded(&older, 5)));
    for command in [["diff", "older.json", "newer.yml"], ["diff", "newer.yml", "older.json"]] {
        let outcome = copy.run(&command);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        assert!(outcome.stdout.contains("no difference"), "{}", outcome.stdout);
    }
}
