//! Parameters in paths and queries, and operations by their ids.

use serde_json::{Value, json};
use xtask::catalogue::ApiEntry;
use xtask::lower::lower;
use xtask::preflight;

use crate::support::{Copy, revision};

fn entry(query: &str) -> ApiEntry {
    let operation = format!(
        "[[operation]]\nid = \"list\"\nmethod = \"get\"\npath = \"/list/{{id}}\"\nquery = {{ {query} }}\n"
    );
    toml::from_str(&operation).unwrap()
}

/// One GET with this parameter, whose response refers to every schema that a parameter does.
fn document(parameter: &Value) -> Value {
    let of = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let answer = json!({"$ref": "#/components/schemas/Answer"});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "test", "version": "2020-01-01"},
        "paths": {"/list/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "get": {
                "operationId": "list",
                "parameters": [parameter],
                "responses": {"200": {
                    "description": "", "content": {"application/json": {"schema": answer}},
                }},
            },
        }},
        "components": {"schemas": {
            "Answer": {"type": "object", "properties": {"status": of("Statuses"), "wait": of("Seconds")}},
            "Status": {"type": "string", "enum": ["On", "Off"]},
            "Statuses": {"type": "array", "items": of("Status")},
            "Seconds": {"type": "integer", "enum": [5, 10]},
        }},
    })
}

fn query(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "schema": schema})
}

fn lowered(parameter: &Value) -> Value {
    let entry = entry("status = \"optional\"");
    let document = document(parameter);
    preflight::check(&document, &entry).unwrap();
    let lowered = lower(&document, &entry);
    let parameters = lowered["paths"]["/list/{id}"]["get"]["parameters"].as_array().unwrap();
    parameters.iter().find(|it| it["name"] == "status").unwrap()["schema"].clone()
}

/// What a response holds may be null and keeps its digits; what is sent is one value, or a list.
#[test]
fn a_parameter_is_sent_even_if_a_response_holds_the_same() {
    let words = json!({"type": "array", "items": {"type": "string"}});
    let integer = json!({"type": "integer", "format": "int64"});
    for (name, expected) in [("Statuses", words.clone()), ("Seconds", integer)] {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        assert_eq!(lowered(&query("status", &schema)), expected, "{name}");
    }
    let items = json!({"$ref": "#/components/schemas/Status"});
    let mut status = query("status", &json!({"type": "array", "items": items}));
    status["explode"] = json!(true);
    status["style"] = json!("form");
    assert_eq!(lowered(&status), words);
}

fn refused(parameter: &Value, entry: &ApiEntry, parts: &[&str]) {
    let error = preflight::check(&document(parameter), entry).unwrap_err().to_string();
    for part in parts.iter().chain(&["operation `list`: ", "\n  remedy: "]) {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
}

#[test]
fn what_no_argument_can_hold_is_refused() {
    let argument = entry("filter = \"optional\"");
    let words = json!({"type": "array", "items": {"type": "string"}});
    let mut joined = query("filter", &words);
    joined["explode"] = json!(false);
    let what = "parameter \"filter\" is a list in one text";
    refused(&joined, &argument, &["/get/parameters/0/explode: ", what]);
    // Of parameters that the function doesn't have, none is refused.
    preflight::check(&document(&joined), &entry("")).unwrap();

    let lists = json!({"type": "array", "items": words});
    let either = json!({"oneOf": [{"type": "string"}, {"type": "integer"}]});
    for schema in [json!({"type": "object"}), lists, either, json!({})] {
        let what = "parameter \"filter\" is no text, number or boolean, nor a list of them";
        let place = "/get/parameters/0/schema: ";
        refused(&query("filter", &schema), &argument, &[place, what]);
    }
    let in_path = json!({"name": "id", "in": "path", "required": true, "schema": words});
    refused(&in_path, &entry(""), &["parameter \"id\" is no text"]);
    let either = json!({"oneOf": [{"type": "string", "enum": ["A"]}, {"type": "string"}]});
    preflight::check(&document(&query("filter", &either)), &argument).unwrap();
}

const MENUS: &str = "/restapi/v1.0/account/{accountId}/ivr-menus";

/// The vendor wrote `readIVRMenuList` until 2025: a revision keeps the id that it was published with.
#[test]
fn an_operation_is_known_by_its_earlier_ids() {
    let copy = Copy::new();
    let mut document = revision("directory", "2025-03-11");
    assert_eq!(document["paths"][MENUS]["get"]["operationId"], "readIVRMenuList");
    assert_eq!(
        revision("directory", "2026-08-13")["paths"][MENUS]["get"]["operationId"],
        "readIvrMenuList"
    );
    for (version, code) in [("3.0.3", 0), ("3.1.0", 0)] {
        document["openapi"] = json!(version);
        copy.write("new.json", &document.to_string());
        let outcome =
            copy.run(&["import", "new.json", "--api", "directory", "--date", "2025-03-11"]);
        assert_eq!(outcome.code, code, "{version}: {}", outcome.stderr);
        assert!(outcome.stdout.contains("unchanged"), "{version}: {}", outcome.stdout);
    }
    document["paths"][MENUS]["get"]["operationId"] = json!("ReadIVRMenuList");
    copy.write("new.json", &document.to_string());
    let outcome = copy.run(&["import", "new.json", "--api", "directory", "--date", "2025-03-12"]);
    assert_eq!(outcome.code, 3);
    let what = "operation `readIvrMenuList` is not at GET";
    assert!(outcome.stderr.contains(what), "{}", outcome.stderr);
}
