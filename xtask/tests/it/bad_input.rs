use serde_json::{Value, json};

use crate::support::{Copy, revision};

const PATH: &str = "/restapi/v1.0/account/{accountId}/analytics/performance/calls/aggregate";
const ESCAPED: &str =
    "/paths/~1restapi~1v1.0~1account~1{accountId}~1analytics~1performance~1calls~1aggregate";

/// Runs a command that has to be refused: exit 3, a message with all the parts, and every file as
/// it was.
fn refused(copy: &Copy, arguments: &[&str], parts: &[&str]) {
    let files = copy.files();
    let outcome = copy.run(arguments);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    for part in parts.iter().chain(&["\n  remedy: "]) {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
    assert!(copy.files() == files, "a file has changed");
}

fn refused_import(file: &str, text: &str, parts: &[&str]) {
    let copy = Copy::new();
    copy.write(file, text);
    let import = ["import", file, "--api", "beta", "--date", "2021-09-01"];
    refused(&copy, &import, &[&[file], parts].concat());
}

#[test]
fn what_cannot_be_read() {
    let document = revision("beta", "2021-08-12").to_string();
    refused_import("cut.json", &document[..document.len() / 2], &["is not JSON: EOF"]);
    refused_import("bad.yml", "openapi: [3.0.3\npaths: {", &["is not YAML: "]);
    refused_import("key.yml", "openapi: 3.0.3\n? [a, b]\n: c", &["a key that is no string"]);
    refused_import(
        "old.json",
        r#"{"swagger": "2.0"}"#,
        &["#/swagger: is Swagger 2.0", "3.0, 3.1 or 3.2"],
    );
    refused_import(
        "yaml.json",
        "openapi: 3.0.3\npaths: {}\n",
        &["yaml.json: is YAML, and its name says that it is JSON\n  remedy: name it *.yaml"],
    );
    refused_import("list.json", "[]", &["is not an OpenAPI document"]);
    refused_import("text.txt", "hello", &["is not an OpenAPI document"]);
    let copy = Copy::new();
    let import = ["import", "none.json", "--api", "beta", "--date", "2021-09-01"];
    refused(&copy, &import, &["none.json: cannot be read"]);
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(copy.path("none.json"), utf16).unwrap();
    refused(&copy, &import, &["none.json: is UTF-16, not UTF-8\n  remedy: save it as UTF-8"]);
}

/// The current document of the beta, with one thing wrong.
fn refused_document(change: impl FnOnce(&mut Value), parts: &[&str]) {
    let mut document = revision("beta", "2021-08-12");
    change(&mut document);
    refused_import("document.json", &document.to_string(), parts);
}

#[test]
fn documents_that_are_not_the_apis() {
    refused_document(
        |document| document["openapi"] = json!("4.0.0"),
        &["#/openapi: is OpenAPI 4.0.0, not 3.0, 3.1 or 3.2"],
    );
    refused_document(
        |document| document["paths"] = json!({"/else": {"get": {"operationId": "else"}}}),
        &[ESCAPED, "`aggregatePerformanceReportCalls` is not at POST", "nothing in the document"],
    );
    refused_document(
        |document| {
            let item = document["paths"][PATH].take();
            document["paths"] = json!({"/performance/v2/calls": item});
        },
        &[
            ESCAPED,
            "looks like it: `aggregatePerformanceReportCalls` at POST /performance/v2/calls",
        ],
    );
    refused_document(
        |document| document["paths"][PATH]["post"]["operationId"] = json!("aggregate"),
        &[ESCAPED, "looks like it: `aggregate` at POST /restapi"],
    );
    let copy = Copy::new();
    let file = "openapi/revisions/beta/2021-08-12.json";
    let import = ["import", file, "--api", "calls-v1", "--date", "2026-01-01"];
    refused(&copy, &import, &[file, "`analyticsCallsAggregationFetch` is not at POST"]);
}

#[test]
fn references_that_lead_nowhere() {
    let schemas = "/components/schemas";
    refused_document(
        |document| drop(document["components"]["schemas"]["Direction"].take()),
        &[
            &format!("#{schemas}/PerformanceCallsFilters/properties/direction/$ref: "),
            "`#/components/schemas/Direction`, which the document does not have",
        ],
    );
    refused_document(
        |document| {
            document["components"]["schemas"]["Direction"] =
                json!({"$ref": "#/components/schemas/Origin"});
            document["components"]["schemas"]["Origin"] =
                json!({"$ref": "#/components/schemas/Direction"});
        },
        &[&format!("#{schemas}/"), "which is only a reference to itself"],
    );
    refused_document(
        |document| {
            document["components"]["schemas"]["Direction"] = json!({"$ref": "common.json#/x"});
        },
        &[&format!("#{schemas}/Direction/$ref: "), "`common.json#/x`, which is not a component"],
    );
}

#[test]
fn each_api_has_a_module_of_its_own() {
    for (module, what) in [
        ("calls_v1", "two apis have the module `calls_v1`"),
        ("../../x", "`../../x` is no name of a Rust module"),
        ("fn", "`fn` is no name of a Rust module"),
    ] {
        let copy = Copy::new();
        let catalogue = copy.read("openapi/revisions.toml");
        let catalogue = catalogue.replace("module = \"beta\"", &format!("module = \"{module}\""));
        copy.write("openapi/revisions.toml", &catalogue);
        refused(&copy, &["generate"], &["openapi/revisions.toml: ", what]);
    }
}

#[test]
fn a_date_is_taken_once() {
    let copy = Copy::new();
    let mut document = revision("beta", "2021-08-12");
    document["components"]["schemas"]["Direction"]["enum"] = json!(["Inbound"]);
    copy.write("document.json", &document.to_string());
    let import = ["import", "document.json", "--api", "beta", "--date", "2021-08-12"];
    refused(
        &copy,
        &import,
        &[
            "document.json: has another interface than the revision of beta that is there for \
             2021-08-12, openapi/revisions/beta/2021-08-12.json",
            "`cargo xtask diff beta@2021-08-12 FILE`",
            "published on another day",
            "isn't committed",
        ],
    );
}

#[test]
fn usage_is_another_matter() {
    let copy = Copy::new();
    for date in [
        "yesterday",
        "2021-13-01",
        "2021-1-1",
        "2021-9-01",
        "2026-02-30",
        "2025-02-29",
        "2026-04-31",
        "0000-01-01",
        "2026-00-01",
        "2026-01-00",
        "+026-01-01",
        "20260101",
        " 2026-01-01",
        "2026-01-01\n",
        "2026-01-01T00:00:00",
        "12026-01-01",
        "",
    ] {
        let outcome = copy.run(&["import", "x.json", "--api", "beta", "--date", date]);
        assert_eq!(outcome.code, 2, "{date}: {}", outcome.stderr);
    }
    // A leap day is one; what is wrong then is the file.
    let outcome = copy.run(&["import", "x.json", "--api", "beta", "--date", "2024-02-29"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
}

/// `generate` with one more overlay for the beta, made of these actions.
fn refused_actions(actions: &Value, parts: &[&str]) {
    let copy = Copy::new();
    let overlay = json!({
        "overlay": "1.0.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "x-api": "beta",
        "x-first-revision": "2021-08-12",
        "actions": actions,
    });
    copy.write("openapi/overlays/99-test.yaml", &overlay.to_string());
    refused(&copy, &["generate"], parts);
}

#[test]
fn what_progenitor_cannot_take() {
    let post = format!("$.paths['{PATH}'].post");
    let revision = format!("openapi/revisions/beta/2021-08-12.json#{ESCAPED}/post");
    let operation = "operation `aggregatePerformanceReportCalls`: ";
    let cases = [
        (
            json!({"target": format!("{post}.requestBody.content"), "update": {"text/plain": {}}}),
            "/requestBody/content: ",
            "request body has 2 media types",
        ),
        (
            json!({"target": format!("{post}.responses['200'].content"), "update": {"text/csv": {}}}),
            "/responses/200/content: ",
            "success response has 2 media types",
        ),
        (
            json!({"target": format!("{post}.responses['200'].content['application/json'].schema"), "remove": true}),
            "/responses/200/content/application~1json: ",
            "success response has no schema",
        ),
        (
            json!({"target": format!("{post}.responses['200']"), "remove": true}),
            "/responses: ",
            "has no success response",
        ),
        (
            json!({"target": format!("{post}.responses"), "update": {"206": {"description": ""}}}),
            "/responses: ",
            "success responses of several kinds",
        ),
        (
            json!({"target": format!("{post}.parameters"), "update": {"name": "sid", "in": "cookie", "schema": {"type": "string"}}}),
            "/parameters/3: ",
            "\"sid\" is a cookie parameter",
        ),
        (
            json!({"target": format!("{post}.parameters"), "update": {"name": "x-a", "in": "header", "schema": {"type": "string"}}}),
            "/parameters/3: ",
            "\"x-a\" is a header parameter",
        ),
        (
            json!({"target": format!("{post}.parameters[0]"), "remove": true}),
            "/parameters: ",
            "its path names {\"accountId\"}",
        ),
        (
            json!({"target": format!("{post}.operationId"), "remove": true}),
            ": ",
            "has lost its operationId",
        ),
        (
            json!({"target": format!("{post}.parameters[?@.name=='page']"), "remove": true}),
            "/parameters: ",
            "has no query parameter `page`; it has `perPage`",
        ),
    ];
    for (mut action, place, what) in cases {
        action["x-reason"] = json!("to see");
        refused_actions(&json!([action]), &[&format!("{revision}{place}"), operation, what]);
    }
    let target = "$.components.schemas.Direction.type";
    let action = json!({"target": target, "update": "file", "x-reason": "to see"});
    refused_actions(&json!([action]), &["#/components/schemas/Direction/type: ", "\"file\""]);
}

#[test]
fn overlays_that_have_nothing_to_do() {
    let at = "openapi/overlays/99-test.yaml#/actions/0: ";
    let reason = "to see";
    let target = "$.components.schemas.Unknown";
    let action = json!({"target": target, "update": {"a": 1}, "x-reason": reason});
    refused_actions(&json!([action]), &[at, target, "matches nothing"]);
    let target = "$.components.schemas.Direction";
    let action = json!({"target": target, "update": {"type": "string"}, "x-reason": reason});
    refused_actions(&json!([action]), &[at, target, "is not changed"]);
    let action = json!({"target": target, "update": {"type": "object"}});
    refused_actions(&json!([action]), &[at, target, "without a reason"]);
    let action = json!({"target": target, "x-reason": reason});
    refused_actions(&json!([action]), &[at, target, "has not one thing to be done"]);
    let action = json!({"target": "$.[", "update": {"description": "A"}});
    refused_actions(&json!([action]), &[at, "is not a JSONPath"]);
    let action = json!({"target": target, "updat": {}});
    refused_actions(&json!([action]), &["99-test.yaml#/actions/0/updat: ", "is not a key"]);
}

#[test]
fn a_revision_that_was_touched() {
    let copy = Copy::new();
    let file = "openapi/revisions/beta/2021-08-12.json";
    copy.write(file, &copy.read(file).replace("Inbound", "Onbound"));
    refused(&copy, &["generate"], &[file, "has sha256 ", "openapi/revisions.toml says"]);
    refused(&copy, &["generate", "--check"], &[file, "has sha256 "]);
}

#[test]
fn a_date_in_the_future_is_doubted() {
    let document = revision("beta", "2021-08-12").to_string();
    let doubted = |command: &str, date: &str| {
        let copy = Copy::new();
        copy.write("document.json", &document);
        let today = ["--today", "2030-05-04", "document.json"];
        copy.run(&[&[command], &today[..], &["--api", "beta", "--date", date]].concat())
    };
    for command in ["import", "adopt"] {
        let outcome = doubted(command, "2030-05-05");
        let expected = "warning: 2030-05-05 is later than today, 2030-05-04: a document can't have been \
                        published then; check --date\n";
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, expected), "{command}");
        let outcome = doubted(command, "2030-05-04");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{command}");
    }
}
