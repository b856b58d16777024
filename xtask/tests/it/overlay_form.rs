//! What may be in `openapi/overlays`: which files, of which form, for which revisions.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::workspace::Workspace;

use crate::support::{Copy, Outcome, package, root};

fn official() -> jsonschema::Validator {
    let schema = package().join("tests/fixtures/overlay-1.0.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn committed_overlays_are_of_the_official_form() {
    let (official, workspace) = (official(), Workspace::new(root()));
    let files = workspace.overlays().unwrap();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let text = workspace.read(&file).unwrap();
        let overlay = xtask::document::parse(&text, Path::new(&file)).unwrap();
        let errors: Vec<_> = official.iter_errors(&overlay).map(|it| it.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{file}");
    }
}

fn overlay() -> Value {
    json!({
        "overlay": "1.0.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "x-api": "beta",
        "x-first-revision": "2021-08-12",
        "actions": [{"target": "$.info", "remove": true, "x-reason": "to see"}],
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut overlay = overlay();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    overlay.pointer_mut(parent).unwrap()[key] = value;
    overlay
}

fn without(pointer: &str) -> Value {
    let mut overlay = overlay();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    overlay.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
    overlay
}

fn refusal(overlay: &Value) -> Option<String> {
    let mut document = json!({"info": {}});
    let applied = xtask::overlay::apply(overlay, &mut document, Api::Beta, "2021-08-12");
    applied.err().map(|problem| problem.to_string())
}

/// What the official schema refuses is refused with its place; what it accepts is applied.
#[test]
fn the_official_form_is_kept() {
    let official = official();
    let twice = json!([overlay()["actions"][0], overlay()["actions"][0]]);
    for (place, overlay) in [
        ("#/overlay: ", with("/overlay", json!("1.0"))),
        ("#/overlay: ", with("/overlay", json!("1.0.0-rc1"))),
        ("#/overlay: ", with("/overlay", json!("1.1.0"))),
        ("#/overlay: ", with("/overlay", json!(1))),
        (": has no `overlay`", without("/overlay")),
        (": has no `info`", without("/info")),
        ("#/info: ", with("/info", json!("Test"))),
        ("#/info: has no `title`", without("/info/title")),
        ("#/info: has no `version`", without("/info/version")),
        ("#/info/version: ", with("/info/version", json!(1))),
        ("#/info/author: ", with("/info/author", json!("a"))),
        ("#/extends: ", with("/extends", json!(["a"]))),
        ("#/extends: ", with("/extends", json!("a document"))),
        (": has no `actions`", without("/actions")),
        ("#/actions: ", with("/actions", json!({}))),
        ("#/actions: has no action", with("/actions", json!([]))),
        ("#/actions/1: is the same as /actions/0", with("/actions", twice)),
        ("#/actions/0: ", with("/actions", json!(["$.info"]))),
        ("#/actions/0: has no `target`", without("/actions/0/target")),
        ("#/actions/0/target: ", with("/actions/0/target", json!(["$.info"]))),
        ("#/actions/0: target info is not a JSONPath", with("/actions/0/target", json!("info"))),
        ("#/actions/0/description: ", with("/actions/0/description", json!(1))),
        ("#/actions/0/remove: ", with("/actions/0/remove", json!("true"))),
        ("#/actions/0/copy: ", with("/actions/0/copy", json!("$.paths"))),
        ("#/components: ", with("/components", json!({}))),
    ] {
        assert!(!official.is_valid(&overlay), "{place}");
        let refusal = refusal(&overlay).unwrap_or_else(|| panic!("{place} is accepted"));
        assert!(refusal.starts_with(place), "{place}: {refusal}");
        assert!(refusal.contains("\n  remedy: "), "{refusal}");
    }
    for overlay in [
        overlay(),
        with("/overlay", json!("1.0.12")),
        with("/extends", json!("https://example.com/specs/platform.yml#/a")),
        with("/extends", json!("../platform.yml")),
        with("/info/x-author", json!("a")),
        with("/actions/0/description", json!("a")),
    ] {
        assert!(official.is_valid(&overlay), "{overlay}");
        assert_eq!(refusal(&overlay), None, "{overlay}");
    }
}

/// They would be passed over in silence, and be a mistyped key of ours more likely than another's.
#[test]
fn unknown_extensions_are_refused() {
    for pointer in ["/x-last-revison", "/actions/0/x-resaon", "/x-renames"] {
        let refusal = refusal(&with(pointer, json!("2021-08-12"))).unwrap();
        assert!(refusal.starts_with(&format!("#{pointer}: ")), "{refusal}");
    }
    let refusal = refusal(&with("/x-renames", json!([]))).unwrap();
    assert!(refusal.contains("openapi/renames.toml"), "{refusal}");
}

#[test]
fn ranges_are_dates_in_their_order() {
    for (place, overlay) in [
        ("#/x-first-revision: ", with("/x-first-revision", json!("August 2021"))),
        ("#/x-first-revision: ", with("/x-first-revision", json!("2021-8-12"))),
        ("#/x-first-revision: ", with("/x-first-revision", json!(20_210_812))),
        ("#/x-last-revision: ", with("/x-last-revision", json!("2022-02-30"))),
        ("#/x-last-revision: ", with("/x-last-revision", json!("2021-08-11"))),
        ("#/actions/0/x-first-revision: ", with("/actions/0/x-first-revision", json!("soon"))),
        ("#/actions/0/x-last-revision: ", with("/actions/0/x-last-revision", json!("2020-01-01"))),
        ("#/actions/0: names no first revision", without("/x-first-revision")),
        ("#/actions/0: names no api", without("/x-api")),
        ("#/x-api: ", with("/x-api", json!("gamma"))),
    ] {
        let refusal = refusal(&overlay).unwrap_or_else(|| panic!("{place} is accepted"));
        assert!(refusal.starts_with(place), "{place}: {refusal}");
        assert!(refusal.contains("\n  remedy: "), "{refusal}");
    }
}

/// `generate` with one more file in the folder.
fn generated(name: &str, text: &str) -> Outcome {
    let copy = Copy::new();
    copy.write(&format!("openapi/overlays/{name}"), text);
    let files = copy.files();
    let outcome = copy.run(&["generate"]);
    assert!(outcome.code == 0 || copy.files() == files, "a file has changed");
    outcome
}

#[test]
fn ranges_hold_a_known_revision() {
    for (first, last) in [("2098-01-01", None), ("2021-07-20", Some("2021-08-11"))] {
        let mut overlay = with("/x-first-revision", json!(first));
        overlay["x-last-revision"] = last.into();
        if last.is_none() {
            overlay.as_object_mut().unwrap().remove("x-last-revision");
        }
        let outcome = generated("99-test.yaml", &overlay.to_string());
        assert_eq!(outcome.code, 3, "{first}: {}", outcome.stderr);
        let place = "openapi/overlays/99-test.yaml#/actions/0: is for the revisions of beta from ";
        assert!(outcome.stderr.starts_with(place), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("the newest is 2021-08-12\n"), "{}", outcome.stderr);
    }
}

/// In the order of their names, with any of the endings.
#[test]
fn yaml_and_json_files_are_applied() {
    let text = |target: &str, from: &str, to: &str| {
        let mut overlay = overlay();
        let target = format!("$.components.schemas.{target}[?@ == '{from}']");
        overlay["actions"] = json!([{"target": target, "update": to, "x-reason": "to see"}]);
        overlay.to_string()
    };
    let words = "Direction.enum";
    let copy = Copy::new();
    for (name, from, to) in [
        ("97-test.json", "Inbound", "One"),
        ("98-test.yml", "One", "Two"),
        ("99-test.YAML", "Two", "Three"),
    ] {
        copy.write(&format!("openapi/overlays/{name}"), &text(words, from, to));
    }
    let outcome = copy.run(&["generate"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let workspace = Workspace::new(copy.path(""));
    let catalogue = xtask::catalogue::Catalogue::load(&workspace).unwrap();
    let corrected =
        xtask::revision::corrected(&workspace, &catalogue, Api::Beta, "2021-08-12").unwrap();
    let words = corrected.0["components"]["schemas"]["Direction"]["enum"].clone();
    assert!(words.as_array().unwrap().contains(&json!("Three")), "{words}");
    assert!(!words.as_array().unwrap().contains(&json!("Inbound")), "{words}");
}

#[test]
fn what_is_no_overlay_is_refused() {
    for name in ["notes.md", "10-beta.yaml.orig", ".DS_Store", "yaml", "99-test.toml"] {
        let outcome = generated(name, "");
        assert_eq!(outcome.code, 3, "{name}: {}", outcome.stderr);
        let place = format!("openapi/overlays/{name}: is not an overlay\n  remedy: ");
        assert!(outcome.stderr.starts_with(&place), "{}", outcome.stderr);
    }
    let outcome = generated("99-folder.yaml/inner.yaml", "");
    assert!(outcome.stderr.contains("99-folder.yaml: is not an overlay"), "{}", outcome.stderr);
    for text in ["", "[]", "overlay"] {
        let outcome = generated("99-test.yaml", text);
        assert_eq!(outcome.code, 3, "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.starts_with("openapi/overlays/99-test.yaml"), "{}", outcome.stderr);
    }
}

#[test]
fn a_json_overlay_is_closed_too() {
    let text = overlay().to_string();
    let closed = xtask::overlay::closed(&text, "99-test.json", 0, "2021-08-12").unwrap();
    let expected = with("/actions/0/x-last-revision", json!("2021-08-12"));
    assert_eq!(serde_json::from_str::<Value>(&closed).unwrap(), expected);
}
