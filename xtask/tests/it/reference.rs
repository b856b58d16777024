use serde_json::{Value, json};
use xtask::catalogue::{self, Api};
use xtask::reference;
use xtask::workspace::CATALOGUE;

use crate::support::Copy;

const EXAMPLE: &str = "openapi/examples/beta/aggregatePerformanceReportCalls.json";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_document_keeps_what_lowering_drops() {
    let copy = Copy::new();
    let document = json(&copy.read(&reference::file(Api::CallsV1)));
    assert_eq!(document["openapi"], "3.0.3");
    let schemas = &document["components"]["schemas"];
    assert!(schemas["AggregationRequest"]["required"].is_array());
    assert!(schemas["GroupingOptions"]["enum"].is_array());
    let path = "/analytics/calls/v1/accounts/{accountId}/timeline/fetch";
    let operation = &document["paths"][path]["post"];
    for status in ["200", "400", "401", "403", "500"] {
        assert!(operation["responses"][status].is_object(), "{status}");
    }
    let bounded = operation["parameters"].as_array().unwrap().iter();
    assert!(bounded.clone().any(|parameter| parameter["schema"]["maximum"] == 20));
    assert!(bounded.clone().any(|parameter| parameter["example"] == "Day"));
}

#[test]
fn a_stale_document_is_found() {
    let copy = Copy::new();
    for file in [reference::file(Api::Beta), reference::others_file()] {
        let text = copy.read(&file);
        copy.write(
            &file,
            &text.replacen("2021-07-19", "2021-07-20", 1).replacen("beta", "betta", 1),
        );
        let stale = copy.run(&["generate", "--check"]);
        assert_eq!(stale.code, 4, "{file}");
        assert!(stale.stderr.contains(&file), "{}", stale.stderr);
        copy.write(&file, &text);
    }
}

#[test]
fn an_operation_needs_an_example() {
    let copy = Copy::new();
    let files = copy.files();
    let text = copy.read(EXAMPLE);
    for wrong in [None, Some("{}"), Some(r#"{"parameters": {}, "request": {}, "response": null}"#)]
    {
        match wrong {
            None => std::fs::remove_file(copy.path(EXAMPLE)).unwrap(),
            Some(wrong) => copy.write(EXAMPLE, wrong),
        }
        let outcome = copy.run(&["generate"]);
        assert_eq!(outcome.code, 3, "{wrong:?}");
        let said = &outcome.stderr;
        assert!(said.contains(EXAMPLE) && said.contains("UPDATE_EXAMPLES=1"), "{said}");
        copy.write(EXAMPLE, &text);
        assert!(copy.files() == files);
    }
}

#[test]
fn the_frame_is_checked() {
    let copy = Copy::new();
    let file = "openapi/reference.yaml";
    let text = copy.read(file);
    for (from, to, expected) in [
        ("  default: A", "  \"418\": A", "lacks `default`"),
        ("  beta:\n", "  phone-v1:\n", "has no words for beta"),
        ("servers:\n", "server:\n", "unknown field `server`"),
    ] {
        assert!(text.contains(from), "{from}");
        copy.write(file, &text.replacen(from, to, 1));
        let outcome = copy.run(&["generate", "--check"]);
        assert_eq!(outcome.code, 3, "{expected}");
        let said = &outcome.stderr;
        assert!(said.contains(file) && said.contains(expected), "{said}");
    }
}

/// A text holds for the same place in the revisions before and after the current one.
#[test]
fn other_revisions_have_the_texts_of_the_current_one() {
    let copy = Copy::new();
    let newest = json(&copy.read(&reference::file(Api::CallsV1)));
    let others = json(&copy.read(&reference::others_file()));
    let older = &others["calls-v1"]["2022-09-29"];
    assert_eq!(older["info"], json!({"version": "2022-09-29"}), "its title is the same");
    assert_eq!(older["components"]["schemas"].get("Origin"), None, "it is as documented");
    assert!(newest["components"]["schemas"]["Origin"]["description"].is_string());

    let before = copy.read(CATALOGUE);
    let entries = catalogue::with_current(&before, Api::CallsV1, "2025-03-11").unwrap();
    copy.write(CATALOGUE, &entries);
    copy.write("openapi/uncovered.txt", "");
    let outcome = copy.run(&["generate"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let current = json(&copy.read(&reference::file(Api::CallsV1)));
    assert_eq!(current["info"]["version"], "2025-03-11");
    let others = json(&copy.read(&reference::others_file()));
    assert!(others["calls-v1"]["2026-08-13"].is_object(), "a later revision is there as well");
}
