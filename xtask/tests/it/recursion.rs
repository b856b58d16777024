//! Schemas that contain themselves, through every stage.

use std::fmt::Write as _;

use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::coverage::pointers;
use xtask::diff::{Direction, Renames, diff};
use xtask::generate::client;
use xtask::lower::lower;
use xtask::matrix::types;
use xtask::responses::full;

use crate::responses::check;
use crate::support::{Copy, Outcome, blessed, revision};

#[path = "../fixtures/contains_itself.rs"]
#[allow(warnings, clippy::all, clippy::pedantic)]
#[rustfmt::skip]
mod contains_itself;

const CURRENT: &str = "2026-08-13";
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
    assert_eq!(body["sentlist"], json!([[], []]));
    assert_eq!(body["sentmap"], json!({"first": {}, "second": {}}));
}

/// The same document with something added to one of the schemas, and where.
fn with_more(name: &str) -> (Value, String) {
    let mut document = small();
    let schema = &mut document["components"]["schemas"][name];
    let more = json!({"type": "boolean"});
    let place = match schema {
        it if it["properties"].is_object() => {
            it["properties"]["more"] = more;
            "/properties/more"
        }
        it if it["allOf"].as_array().is_some_and(|parts| parts.len() == 2) => {
            it["allOf"][1]["properties"]["more"] = more;
            "/allOf/1/properties/more"
        }
        it if it["allOf"].is_array() => {
            it["allOf"].as_array_mut().unwrap().push(json!({"properties": {"more": more}}));
            "/allOf/1/properties/more"
        }
        it if it["oneOf"].is_array() => {
            it["oneOf"].as_array_mut().unwrap().push(json!({"properties": {"more": more}}));
            "/oneOf/2/properties/more"
        }
        it => {
            let key = if it["type"] == "array" { "items" } else { "additionalProperties" };
            it[key] = json!({"oneOf": [it[key], {"properties": {"more": more}}]});
            if key == "items" {
                "/items/oneOf/1/properties/more"
            } else {
                "/additionalProperties/oneOf/1/properties/more"
            }
        }
    };
    (document, format!("/components/schemas/{name}{place}"))
}

fn names() -> Vec<String> {
    let schemas = ["Asked", "Sent"].map(schemas);
    schemas.iter().flat_map(|it| it.as_object().unwrap().keys().cloned()).collect()
}

#[test]
fn a_change_inside_them_is_a_difference() {
    let document = small();
    for name in names() {
        let (changed, place) = with_more(&name);
        // What is only itself says nothing, and so has no properties to begin with.
        let (added, removed, place) = if name.ends_with("Only") {
            let (holder, name) = (name.replace("Only", "Holder"), name.to_lowercase());
            let place = format!("/components/schemas/{holder}/properties/{name}");
            ("one type instead of any", "any type instead of one", place)
        } else {
            ("property added", "property removed", place)
        };
        for (old, new, rule) in [(&document, &changed, added), (&changed, &document, removed)] {
            let differences = diff(old, new, &Renames::default(), true);
            let way =
                if name.starts_with("Asked") { Direction::Request } else { Direction::Response };
            assert!(
                differences.iter().any(|it| it.rule.what == rule && it.pointer == place),
                "{name}: {differences:#?}"
            );
            assert!(differences.iter().all(|it| it.direction == way), "{name}: {differences:#?}");
        }
    }
}

#[test]
fn what_is_inside_them_is_covered() {
    let entry =
        toml::from_str("[[operation]]\nid = \"go\"\nmethod = \"post\"\npath = \"/go\"").unwrap();
    let known = pointers(&small(), &entry);
    for name in names() {
        let (changed, place) = with_more(&name);
        let places = pointers(&changed, &entry);
        let new: Vec<_> = places.difference(&known).collect();
        assert_eq!(new, [&place], "{name}");
    }
}

/// What the matrix does, with the types that are compiled here.
#[test]
fn the_types_read_full_responses_of_a_later_document() {
    let response = |document: &Value| document["paths"]["/go"]["post"]["responses"]["200"].clone();
    let mut documents: Vec<_> = names()
        .iter()
        .filter(|name| name.starts_with("Sent"))
        .map(|name| with_more(name).0)
        .collect();
    documents.push(small());
    for document in documents {
        for body in full(&document, &response(&document)) {
            let kept =
                check::again::<contains_itself::types::SentHolder>(&body.to_string()).unwrap();
            assert_eq!(check::lost(&body, &kept, ""), None);
            let child = &body["senttree"]["children"][0];
            assert!(child["name"].is_string() && child.get("children").is_none(), "{body}");
        }
    }
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
    refused(&laughs, "bomb: is not YAML: repetition limit exceeded");
    refused(&"[".repeat(100_000), "bomb: is not JSON: recursion limit exceeded");
    refused(&format!("x: {}", "[".repeat(1000)), "bomb: is not YAML: recursion limit exceeded");
}
