//! The rules by which 3.1 and 3.2 become 3.0: a case for each in `tests/downgrade`.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use xtask::catalogue::Operation;
use xtask::downgrade::downgrade;
use xtask::error::Error;

use crate::support::{package, root};

/// Where the schema of a case stands.
const SCHEMA: &str = "/paths/~1go/post/responses/200/content/application~1json/schema";

fn cases() -> Vec<Value> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(package().join("tests/downgrade")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let all = xtask::document::parse(&text, &path).unwrap();
        cases.extend(all.as_array().unwrap().iter().cloned());
    }
    cases
}

fn operation(id: &str, method: &str) -> Operation {
    toml::from_str(&format!("id = \"{id}\"\nmethod = \"{method}\"\npath = \"/go\"")).unwrap()
}

fn document(case: &Value) -> Value {
    if let Some(document) = case.get("document") {
        return document.clone();
    }
    let content = json!({"application/json": {"schema": case["schema"]}});
    json!({
        "openapi": "3.1.1",
        "info": {},
        "paths": {"/go": {"post": {
            "operationId": "go",
            "responses": {"200": {"description": "", "content": content}},
        }}},
        "components": {"schemas": case.get("components").unwrap_or(&json!({}))},
    })
}

/// What a case becomes, or what is said against it by place.
fn outcome(document: Value, operation: &Operation) -> Result<Value, BTreeMap<String, String>> {
    downgrade(document, &[operation]).map_err(|error| match error {
        Error::Input(problems) => {
            assert!(problems.iter().all(|problem| !problem.remedy.is_empty()));
            problems.into_iter().map(|problem| (problem.pointer, problem.what)).collect()
        }
        other => panic!("{other}"),
    })
}

fn is_as_expected(case: &Value, translated: &Value) -> bool {
    if case.get("document").is_some() {
        return *translated == case["becomes"];
    }
    let schemas = translated["components"].get("schemas").cloned().unwrap_or(json!({}));
    let expected = case.get("with").cloned().unwrap_or(json!({}));
    translated.pointer(SCHEMA) == case.get("becomes") && schemas == expected
}

fn refusals(case: &Value) -> BTreeMap<String, String> {
    let place = |at: &str| match (at.strip_prefix('#'), case.get("document")) {
        (Some(place), _) => place.to_owned(),
        (None, Some(_)) => at.to_owned(),
        (None, None) => format!("{SCHEMA}{at}"),
    };
    let refused = case["refused"].as_object().into_iter().flatten();
    refused.map(|(at, what)| (place(at), what.as_str().unwrap().to_owned())).collect()
}

#[test]
fn each_rule_does_as_its_cases_say() {
    let mut wrong = Vec::new();
    for case in cases() {
        let expected = refusals(&case);
        let is_right = match outcome(document(&case), &operation("go", "post")) {
            Ok(translated) => case.get("refused").is_none() && is_as_expected(&case, &translated),
            Err(problems) => {
                problems.keys().eq(expected.keys())
                    && problems.iter().all(|(at, what)| what.starts_with(&expected[at]))
            }
        };
        if !is_right {
            let got = outcome(document(&case), &operation("go", "post"));
            let got = got.unwrap_or_else(|problems| json!(problems));
            wrong.push(format!("{}\n{got:#}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Documents of 3.1 have the words of 3.0 by mistake, and mean the same.
#[test]
fn what_is_said_in_the_words_of_3_0_stays() {
    for case in cases() {
        let Ok(translated) = outcome(document(&case), &operation("go", "post")) else { continue };
        let mut newer = translated.clone();
        newer["openapi"] = json!("3.1.0");
        let again = outcome(newer, &operation("go", "post"));
        assert_eq!(again, Ok(translated), "{}", case["name"]);
    }
}

#[test]
fn a_document_of_3_0_is_not_touched() {
    let document = json!({
        "openapi": "3.0.1",
        "paths": {"/go": {"post": {"operationId": "go", "x-any": {"type": ["string", "null"]}}}},
        "components": {"schemas": {"A": {"$ref": "#/b", "const": 1, "patternProperties": {"a": {}}}}},
        "webhooks": {},
    });
    assert_eq!(outcome(document.clone(), &operation("go", "post")), Ok(document));
}

#[test]
fn methods_of_3_2_are_refused_where_they_are_wanted() {
    let go = json!({"operationId": "go"});
    let document = |item: Value| json!({"openapi": "3.2.0", "paths": {"/go": item}});
    let refused = |item: Value, method: &str| {
        let problems = outcome(document(item), &operation("go", method)).unwrap_err();
        problems.into_iter().collect::<Vec<_>>()
    };
    let what = |method: &str| format!("has the method {method}, which OpenAPI 3.0 can't express");
    let query = refused(json!({"query": go}), "query");
    assert_eq!(query, [("/paths/~1go/query".to_owned(), what("QUERY"))]);
    let copy = refused(json!({"additionalOperations": {"COPY": go}}), "copy");
    let place = "/paths/~1go/additionalOperations/COPY".to_owned();
    assert_eq!(copy, [(place, what("COPY"))]);
    let other = json!({"query": {"operationId": "other"}});
    assert_eq!(
        outcome(document(other.clone()), &operation("go", "query")).unwrap()["paths"]["/go"],
        other
    );
}

/// The words in backquotes in the first column of the table of rules.
#[test]
fn the_table_in_the_readme_has_a_case_for_each_keyword() {
    let readme = fs::read_to_string(root().join("openapi/README.md")).unwrap();
    let (_, table) = readme.split_once("| in 3.1 or 3.2 | in 3.0 |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let keywords: Vec<_> = rows
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .flat_map(|code| code.split(": "))
        .collect();
    assert!(keywords.len() > 40, "{keywords:?}");
    let cases = Value::Array(cases()).to_string();
    let without: Vec<_> = keywords.iter().filter(|key| !cases.contains(**key)).collect();
    assert!(without.is_empty(), "no case for {without:?}");
}
