//! Schemas that contain themselves, through every stage.

use std::fmt::Write as _;

use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::generate::client;
use xtask::lower::lower;
use xtask::matrix::types;
use xtask::responses::full;

use crate::support::{Copy, Outcome, blessed, revision};

#[path = "../fixtures/contains_itself.rs"]
#[allow(warnings, clippy::all, clippy::pedantic)]
#[rustfmt::skip]
mod contains_itself;

const CURRENT: &str = "2025-03-11";
const FIXTURE: &str = "tests/fixtures/contains_itself.rs";

fn of(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}

/// Every way in which a schema contains itself, named with a prefix.
fn schemas(prefix: &str) -> Value {
    let of = |name: &str| of(&format!("{prefix}{name}"));
    let text = json!({"type": "string"});
    let list = |items: Value| json!({"type": "array", "items": items});
    let map = |values: Value| json!({"type": "object", "additionalProperties": values});
    let schemas = json!({
        "Tree": object(&json!({"name": text, "children": list(of("Tree"))})),
        "Chain": object(&json!({"name": text, "next": of("Chain")})),
        "Index": object(&json!({"name": text, "entries": map(of("Index"))})),
        "List": list(of("List")),
        "Map": map(of("Map")),
        "Left": object(&json!({"rights": list(of("Right")), "right": of("Right")})),
        "Right": object(&json!({"left": of("Left")})),
        "Choice": {"oneOf": [text, list(of("Choice"))]},
        "Either": {"oneOf": [of("Tree"), of("Either")]},
        "Composed": {"allOf": [of("Tree"), object(&json!({"inner": of("Composed")}))]},
        "Itself": {"allOf": [of("Itself"), object(&json!({"word": text}))]},
        "Only": {"allOf": [of("Only")]},
    });
    let schemas = schemas.as_object().unwrap().iter();
    schemas.map(|(name, schema)| (format!("{prefix}{name}"), schema.clone())).collect()
}

/// A property of each.
fn holder(prefix: &str) -> Value {
    let schemas = schemas(prefix);
    let names = schemas.as_object().unwrap().keys();
    object(&names.map(|name| (name.to_lowercase(), of(name))).collect())
}

/// The current document, with all of them in a request and in a response.
fn document() -> Value {
    let mut document = revision("calls-v1", CURRENT);
    let components = document["components"]["schemas"].as_object_mut().unwrap();
    for (prefix, around) in [("Asked", "CallFilters"), ("Sent", "CallsCounters")] {
        components.extend(schemas(prefix).as_object().unwrap().clone());
        components.insert(format!("{prefix}Holder"), holder(prefix));
        components[around]["properties"]["holder"] = of(&format!("{prefix}Holder"));
    }
    document
}

fn adopt(copy: &Copy, document: &Value, date: &str) -> Outcome {
    copy.write("new.json", &document.to_string());
    copy.run(&["adopt", "new.json", "--api", "calls-v1", "--date", date])
}

#[test]
fn a_document_with_them_is_adopted_and_generated() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = document();
    let outcome = adopt(&copy, &document, "2098-01-01");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    assert!(outcome.stdout.starts_with("2 additive\n"), "{}", outcome.stdout);
    for check in [&["generate", "--check"][..], &["coverage"], &["responses", "--out", "full"]] {
        let outcome = copy.run(check);
        assert_eq!(outcome.code, 0, "{check:?}: {}", outcome.stderr);
    }
    // A change inside them is seen once.
    for prefix in ["Asked", "Sent"] {
        let tree = &mut document["components"]["schemas"][format!("{prefix}Tree")];
        tree["properties"]["depth"] = json!({"type": "integer"});
    }
    let outcome = adopt(&copy, &document, "2098-01-02");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let changelog = copy.read("CHANGELOG.md");
    assert!(changelog.contains("/components/schemas/SentTree/properties/depth"), "{changelog}");
}

/// Both ways, each body with one property for each schema.
fn small() -> Value {
    let body = |name: &str| json!({"application/json": {"schema": of(name)}});
    let mut schemas_ = schemas("Asked");
    schemas_.as_object_mut().unwrap().extend(schemas("Sent").as_object().unwrap().clone());
    schemas_["AskedHolder"] = holder("Asked");
    schemas_["SentHolder"] = holder("Sent");
    json!({
        "openapi": "3.0.3",
        "info": {"title": "test", "version": "2020-01-01"},
        "paths": {"/go": {"post": {
            "operationId": "go",
            "requestBody": {"content": body("AskedHolder"), "required": true},
            "responses": {"200": {"description": "", "content": body("SentHolder")}},
        }}},
        "components": {"schemas": schemas_},
    })
}

/// Run with `BLESS=1` to have the fixture written, and read it.
#[test]
fn the_generated_types_are_those_that_are_compiled_here() {
    let entry = "[[operation]]\nid = \"go\"\nmethod = \"post\"\npath = \"/go\"";
    let lowered = lower(&small(), &toml::from_str(entry).unwrap());
    let code = types(&client(&lowered).unwrap()).unwrap();
    blessed(FIXTURE, &format!("// @generated by the tests of xtask: BLESS=1 writes it.\n\n{code}"));
}

#[test]
fn the_types_hold_what_contains_itself() {
    use contains_itself::types::{AskedHolder, SentHolder};
    let tree = json!({"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]});
    let body = |prefix: &str| {
        let body = json!({
            "tree": tree,
            "chain": {"name": "a", "next": {"name": "b", "next": {"name": "c"}}},
            "index": {"entries": {"x": {"entries": {"y": {"name": "c"}}}}},
            "list": [[], [[[]]]],
            "map": {"a": {"b": {}}},
            "left": {"right": {"left": {"rights": [{"left": {}}]}}},
            "choice": [["word"]],
            "composed": {"name": "a", "inner": {"inner": {"children": [tree]}}},
        });
        let fields = body.as_object().unwrap().iter();
        fields.map(|(name, value)| (format!("{prefix}{name}"), value.clone())).collect::<Value>()
    };
    let (asked, sent) = (body("asked"), body("sent"));
    let read: AskedHolder = serde_json::from_value(asked.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), asked);
    let read: SentHolder = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), sent);
    let tree = read.senttree.unwrap();
    let child = &tree.children.as_ref().unwrap()[0];
    assert_eq!(child.children.as_ref().unwrap()[0].name.as_deref(), Some("c"));
}

#[test]
fn full_responses_end() {
    let document = small();
    let bodies = full(&document, &document["paths"]["/go"]["post"]["responses"]["200"]);
    let body = &bodies[0];
    assert!(body["senttree"]["name"].is_string(), "{body}");
    assert!(body["sentleft"].is_object(), "{body}");
    assert_eq!((&body["sentlist"], &body["sentmap"]), (&json!([]), &json!({})));
}

/// What expands without end, or nearly, is refused before it does.
#[test]
fn bombs_are_refused() {
    let copy = Copy::new();
    let import = ["import", "bomb", "--api", "beta", "--date", "2021-09-01"];
    let refused = |text: &str, part: &str| {
        copy.write("bomb", text);
        let outcome = copy.run(&import);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    };
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let before = format!("*a{}", level - 1);
        let ten = vec![before; 10].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{ten}]").unwrap();
    }
    refused(&laughs, "bomb#: is not YAML: repetition limit exceeded");
    refused(&"[".repeat(100_000), "bomb#: is not JSON: recursion limit exceeded");
    refused(&format!("x: {}", "[".repeat(1000)), "bomb#: is not YAML: recursion limit exceeded");
}
