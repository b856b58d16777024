use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xtask::diff::{Difference, Format, Renames, rules};

use crate::diff_fields;
use crate::newer::upgrade::upgraded;
use crate::support::{Copy, catalogue, package, revision, root};

fn folder() -> PathBuf {
    package().join("tests/diff")
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// RFC 7396: null takes away.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (key, value) in patch {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut target[key], value);
        }
    }
}

fn case(folder: &Path) -> Vec<Difference> {
    let base = json(&folder.with_file_name("base.json"));
    let mut patched = base.clone();
    merge(&mut patched, &json(&folder.join("patch.json")));
    let renames = folder.join("renames.json");
    let renames = if renames.exists() {
        Renames::listed(&json(&renames)).unwrap()
    } else {
        Renames::default()
    };
    xtask::diff::diff(&base, &patched, &renames, true)
}

/// A case is a folder with a `patch.json`; run with `BLESS=1` to have its `expected.txt` written,
/// and read it.
#[test]
fn cases() {
    let mut rules_seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let differences = case(&folder);
        rules_seen.extend(differences.iter().map(|difference| difference.rule.what));
        let text = xtask::diff::format(("base", "patched"), &differences, Format::Text);
        let expected = folder.join("expected.txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &text).unwrap();
        }
        if fs::read_to_string(&expected).ok().as_ref() != Some(&text) {
            wrong.push(format!("{}:\n{text}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    rules_seen.extend(diff_fields::rules_seen());
    let all: BTreeSet<_> = rules::ALL.iter().map(|rule| rule.what).collect();
    let without_case: Vec<_> = all.difference(&rules_seen).collect();
    assert!(without_case.is_empty(), "no case for {without_case:?}");
}

#[test]
fn the_table_in_the_readme_is_that_of_the_program() {
    let readme = fs::read_to_string(root().join("openapi/README.md")).unwrap();
    let (_, table) =
        readme.split_once("| what | in a request | in a response |\n|---|---|---|\n").unwrap();
    let written: Vec<_> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let rules = rules::ALL.iter();
    let rules: Vec<_> =
        rules.map(|it| format!("| {} | {} | {} |", it.what, it.request, it.response)).collect();
    assert_eq!(written, rules, "openapi/README.md");
}

fn compared(old: &str, new: &str) -> String {
    let outcome = Copy::new().run(&["diff", old, new]);
    assert_eq!(outcome.stderr, "");
    format!("exit {}\n{}", outcome.code, outcome.stdout)
}

/// The last one that facts are known about from elsewhere; what comes later needs no snapshot.
const LAST: &str = "2025-03-11";

#[test]
fn the_published_revisions() {
    let mut pairs = Vec::new();
    let mut revisions = catalogue().revision;
    revisions.retain(|revision| revision.date.as_str() <= LAST);
    for pair in revisions.windows(2).filter(|pair| pair[0].api == pair[1].api) {
        let name = |i: usize| format!("{}@{}", pair[i].api, pair[i].date);
        pairs.push((name(0), name(1)));
    }
    pairs.push(("beta@2021-08-12".into(), "phone-v1@2022-02-23".into()));
    pairs.push(("phone-v1@2022-04-28".into(), "calls-v1@2022-09-29".into()));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path(package().join("tests/snapshots"));
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (old, new) in &pairs {
            insta::assert_snapshot!(format!("{old}..{new}"), compared(old, new));
        }
    });
}

#[test]
fn what_contains_itself_is_compared_once() {
    let document = serde_json::json!({
        "paths": {"/": {"get": {"operationId": "tree", "responses": {"200": {"content": {"json": {
            "schema": {"$ref": "#/components/schemas/Tree"},
        }}}}}}},
        "components": {"schemas": {
            "Tree": {"oneOf": [
                {"properties": {"left": {"$ref": "#/components/schemas/Tree"}}},
                {"$ref": "#/components/schemas/Tree"},
                {"properties": {"forest": {"$ref": "#/components/schemas/Forest"}}},
            ]},
            "Forest": {"type": "array", "items": {"$ref": "#/components/schemas/Forest"}},
        }},
    });
    let differences = xtask::diff::diff(&document, &document, &Renames::default(), true);
    assert_eq!(differences, []);
}

#[test]
fn formats_and_exit_codes() {
    let copy = Copy::new();
    let run = |arguments: &[&str]| copy.run(&[&["diff"], arguments].concat());
    let (old, new) = ("calls-v1@2022-09-29", "calls-v1@2023-03-27");
    let outcome = run(&[old, new, "--format", "json"]);
    assert_eq!(outcome.code, 1);
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let overflow = serde_json::json!({
        "operations": ["analyticsCallsAggregationFetch", "analyticsCallsTimelineFetch"],
        "pointer": "/components/schemas/CallType/enum/Overflow",
        "direction": "request",
        "verdict": "additive",
        "what": "value added",
        "old": null,
        "new": "Overflow",
        "note": null,
    });
    assert!(document["differences"].as_array().unwrap().contains(&overflow));
    let outcome = run(&[old, new, "--format", "markdown"]);
    let row = "| additive | request | value added: Overflow | \
               `/components/schemas/CallType/enum/Overflow` |";
    assert!(outcome.stdout.contains(row), "{}", outcome.stdout);

    assert_eq!(run(&["calls-v1@2023-08-22", "calls-v1@2025-03-11"]).code, 0);
    assert_eq!(run(&["beta@2021-06-17", "beta@2021-07-19"]).code, 2);
    for wrong in [&["beta@2021-06-17"][..], &["beta@2021-06-18", old], &["none.json", old]] {
        assert_eq!(run(wrong).code, 3);
    }
}

#[test]
fn vendor_documents_are_compared_with_their_texts() {
    let copy = Copy::new();
    let mut document = revision("calls-v1", "2025-03-11");
    copy.write("old.json", &document.to_string());
    document["components"]["schemas"]["CallType"]["description"] = "Kinds of calls".into();
    document["paths"]["/elsewhere"] = serde_json::json!({"get": {"operationId": "elsewhere"}});
    copy.write("new.json", &document.to_string());
    let outcome = copy.run(&["diff", "old.json", "new.json"]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stdout.starts_with("old.json → new.json: 1 documentation\n"));
    assert!(outcome.stdout.contains("/components/schemas/CallType/description"));
    let outcome = copy.run(&["diff", "calls-v1@2025-03-11", "new.json"]);
    assert!(outcome.stdout.contains("no difference"), "{}", outcome.stdout);

    copy.write("other.json", r#"{"openapi": "3.0.3", "paths": {}}"#);
    let outcome = copy.run(&["diff", "old.json", "other.json"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("other.json#/paths: has the operations of none of the apis"));
}

const TIMELINE: &str = "/analytics/calls/v1/accounts/{accountId}/timeline/fetch";

/// What `diff` says of a document that was changed so, and of the same in 3.1.
fn changed(change: impl Fn(&mut Value)) -> (i32, String) {
    let copy = Copy::new();
    let old = revision("calls-v1", "2025-03-11");
    let mut new = old.clone();
    change(&mut new);
    copy.write("old.json", &old.to_string());
    copy.write("new.json", &new.to_string());
    let (there, back) = (["diff", "old.json", "new.json"], ["diff", "new.json", "old.json"]);
    let (outcome, reverse) = (copy.run(&there), copy.run(&back));
    assert_eq!((outcome.stderr.as_str(), reverse.stderr.as_str()), ("", ""));
    copy.write("new.json", &upgraded(&new, 3).to_string());
    assert_eq!(copy.run(&there).stdout, outcome.stdout);
    assert_eq!(copy.run(&back).stdout, reverse.stdout);
    copy.write("old.json", &upgraded(&old, 4).to_string());
    assert_eq!(copy.run(&there).stdout, outcome.stdout);
    (outcome.code, outcome.stdout + &reverse.stdout)
}

#[test]
fn an_operation_that_a_document_lacks_was_removed() {
    let (code, text) =
        changed(|document| drop(document["paths"].as_object_mut().unwrap().remove(TIMELINE)));
    assert_eq!(code, 2);
    assert!(text.contains(&format!("operation removed: POST {TIMELINE}")), "{text}");
    assert!(text.contains(&format!("operation added: POST {TIMELINE}")), "{text}");
}

#[test]
fn an_operation_that_moved_is_compared_where_it_is() {
    let (code, text) = changed(|document| {
        let mut item = document["paths"].as_object_mut().unwrap().remove(TIMELINE).unwrap();
        item["post"]["responses"]["200"]["headers"] =
            serde_json::json!({"Age": {"schema": {"type": "integer", "nullable": true}}});
        document["paths"]["/timeline/{accountId}"] = item;
    });
    assert_eq!(code, 2);
    let moved = format!("method or path changed: POST {TIMELINE} → POST /timeline/{{accountId}}");
    assert!(text.contains(&moved), "{text}");
    assert!(text.contains("header added: Age"), "{text}");
    assert!(!text.contains("operation removed"), "{text}");
}

#[test]
fn an_operation_by_another_id_is_the_one_at_its_place() {
    let (code, text) = changed(|document| {
        document["paths"][TIMELINE]["post"]["operationId"] = "fetchTimeline".into();
    });
    assert_eq!(code, 0);
    let renamed = "operationId changed: analyticsCallsTimelineFetch → fetchTimeline";
    assert!(text.contains(renamed), "{text}");
}

#[test]
fn of_a_document_with_several_apis_the_one_of_the_other_is_compared() {
    let copy = Copy::new();
    let mut document = revision("calls-v1", "2025-03-11");
    let beta = revision("beta", "2021-08-12");
    for (path, item) in beta["paths"].as_object().unwrap() {
        document["paths"][path] = item.clone();
    }
    for (section, all) in beta["components"].as_object().unwrap() {
        for (name, value) in all.as_object().unwrap() {
            let known = document["components"][section].as_object_mut().unwrap();
            known.entry(name).or_insert_with(|| value.clone());
        }
    }
    document["paths"].as_object_mut().unwrap().remove(TIMELINE);
    copy.write("both.json", &document.to_string());
    for [old, new] in [["calls-v1@2025-03-11", "both.json"], ["both.json", "calls-v1@2025-03-11"]] {
        let outcome = copy.run(&["diff", old, new]);
        let what = if old == "both.json" { "operation added" } else { "operation removed" };
        assert!(outcome.stdout.contains(&format!("{what}: POST {TIMELINE}")), "{}", outcome.stdout);
    }
}

#[test]
fn an_api_that_is_not_known_is_named_with_those_that_are() {
    let outcome = Copy::new().run(&["diff", "nope@2025-03-11", "calls-v1@2025-03-11"]);
    let expected = "nope@2025-03-11: `nope` is not an api\n  remedy: the apis are beta, phone-v1, calls-v1, directory\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (3, expected));
}
