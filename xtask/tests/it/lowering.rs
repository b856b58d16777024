use serde_json::{Value, json};
use xtask::catalogue::ApiEntry;
use xtask::lower::lower;

fn entry() -> ApiEntry {
    let operation = r#"
        [[operation]]
        id = "go"
        method = "post"
        path = "/go"
        query = { width = "required" }
    "#;
    toml::from_str(operation).unwrap()
}

/// Lowers a document with one operation, whose body is `Ask` and whose answer is `Answer`.
fn lowered(schemas: &Value) -> Value {
    let json_of = |name: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        json!({"application/json": {"schema": schema}})
    };
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "test", "version": "2020-01-01"},
        "paths": {"/go": {"post": {
            "operationId": "go",
            "parameters": [
                {"name": "width", "in": "query", "schema": {"type": "string", "enum": ["Day"]}},
                {"name": "new", "in": "query", "schema": {"type": "string"}},
            ],
            "requestBody": {"content": json_of("Ask"), "required": true},
            "responses": {
                "200": {"description": "", "content": json_of("Answer")},
                "400": {"description": "", "content": json_of("Failure")},
            },
        }}},
        "components": {"schemas": schemas},
    });
    lower(&document, &entry())
}

fn properties(schemas: &Value, name: &str) -> Value {
    lowered(schemas)["components"]["schemas"][name]["properties"].clone()
}

fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}

#[test]
fn errors_and_unnamed_query_parameters_go() {
    let empty = object(&json!({"a": {"type": "boolean"}}));
    let document = lowered(&json!({"Ask": empty, "Answer": empty, "Failure": empty}));
    let operation = &document["paths"]["/go"]["post"];
    let width = json!([
        {"name": "width", "in": "query", "required": true, "schema": {"type": "string"}},
    ]);
    assert_eq!(operation["parameters"], width);
    assert_eq!(operation["responses"].as_object().unwrap().len(), 1);
    assert!(document["components"]["schemas"].get("Failure").is_none());
    let ask = json!({
        "type": "object",
        "properties": {"a": {"type": "boolean"}},
        "additionalProperties": {},
    });
    assert_eq!(document["components"]["schemas"]["Ask"], ask);
}

#[test]
fn each_way_has_its_rules_and_answers_win() {
    let both = object(&json!({"n": {"type": "integer", "minimum": 1}}));
    let members = json!({
        "int": {"type": "integer", "format": "int32", "minimum": 1},
        "float": {"type": "number", "format": "double"},
        "time": {"type": "string", "format": "date-time"},
        "word": {"$ref": "#/components/schemas/Word"},
        "words": {"type": "array", "items": {"$ref": "#/components/schemas/Word"}, "minItems": 1},
        "map": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Word"}},
        "both": {"$ref": "#/components/schemas/Both", "description": "D"},
    });
    let schemas = json!({
        "Ask": object(&members),
        "Answer": object(&members),
        "Both": both,
        "Word": {"type": "string", "enum": ["A"], "description": "W"},
    });
    let word = json!({"type": "string", "description": "W"});
    let number = json!({
        "type": "number",
        "x-rust-type": {"crate": "serde_json", "version": "1.0.0", "path": "serde_json::Number"},
    });
    let reference = json!({"allOf": [{"$ref": "#/components/schemas/Both"}], "description": "D"});
    let ask = json!({
        "int": {"type": "integer", "format": "int64"},
        "float": {"type": "number", "format": "double"},
        "time": {
            "type": "string",
            "format": "date-time",
            "x-rust-type": {"crate": "jiff", "version": "1.0.0", "path": "jiff::Timestamp"},
        },
        "word": word,
        "words": {"type": "array", "items": word},
        "map": {"type": "object", "additionalProperties": word},
        "both": reference,
    });
    let answer = json!({
        "int": number,
        "float": number,
        "time": {"type": "string"},
        "word": word,
        "words": {"type": "array", "items": word, "nullable": true},
        "map": {"type": "object", "additionalProperties": word, "nullable": true},
        "both": reference,
    });
    assert_eq!(properties(&schemas, "Ask"), ask);
    assert_eq!(properties(&schemas, "Answer"), answer);
    assert_eq!(properties(&schemas, "Both"), json!({"n": number}));
}

#[test]
fn choices_and_compositions_of_objects_become_one_object() {
    let schemas = json!({
        "Ask": {"oneOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}]},
        "One": object(&json!({"a": {"type": "boolean"}, "c": {"type": "boolean"}})),
        "Two": {"allOf": [{"$ref": "#/components/schemas/Three"}, object(&json!({"b": {"type": "boolean"}}))]},
        "Three": object(&json!({"c": {"type": "string"}})),
        "Answer": object(&json!({
            "mixed": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "same": {"anyOf": [{"type": "string", "enum": ["A"]}, {"type": "string"}]},
        })),
    });
    let boolean = json!({"type": "boolean"});
    assert_eq!(properties(&schemas, "Ask"), json!({"a": boolean, "b": boolean, "c": boolean}));
    let answer = json!({"mixed": {}, "same": {"type": "string"}});
    assert_eq!(properties(&schemas, "Answer"), answer);
}

#[test]
fn a_part_that_says_nothing_about_values_makes_no_type() {
    let one = json!({"$ref": "#/components/schemas/One"});
    let schemas = json!({
        "Ask": object(&json!({"a": {"allOf": [one, {"deprecated": true}]}})),
        "One": object(&json!({"b": {"type": "boolean"}})),
        "Answer": object(&json!({"c": {"anyOf": [one, {}]}})),
    });
    let document = lowered(&schemas);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Ask"]["properties"]["a"], one);
    assert!(schemas.get("AskItem").is_none(), "{schemas}");
    // A choice that anything can be is more than its other branch.
    assert_ne!(schemas["Answer"]["properties"]["c"], one);
}

#[test]
fn inline_objects_of_one_parent_become_one_type() {
    let schemas = json!({
        "Ask": object(&json!({
            "calls": {"type": "object", "properties": {"how": {"type": "string"}}, "description": "C"},
            "offers": {"type": "object", "properties": {"how": {"type": "string"}, "per": {"type": "string"}}},
            "other": {"type": "object", "properties": {"how": {"type": "boolean"}}},
        })),
        "Answer": object(&json!({"a": {"type": "boolean"}})),
    });
    let document = lowered(&schemas);
    let reference = json!({"$ref": "#/components/schemas/AskItem"});
    let ask = &document["components"]["schemas"]["Ask"]["properties"];
    assert_eq!(ask["calls"], json!({"allOf": [reference], "description": "C"}));
    assert_eq!(ask["offers"], reference);
    assert!(ask["other"].get("properties").is_some());
    let item = json!({"how": {"type": "string"}, "per": {"type": "string"}});
    assert_eq!(document["components"]["schemas"]["AskItem"]["properties"], item);
}

#[test]
fn what_contains_itself_ends() {
    let node = json!({"$ref": "#/components/schemas/Node"});
    let leaf = json!({"$ref": "#/components/schemas/Leaf"});
    let ask = json!({"$ref": "#/components/schemas/Ask"});
    let schemas = json!({
        "Ask": object(&json!({"self": ask, "choice": node})),
        "Answer": object(&json!({"tree": {"$ref": "#/components/schemas/Tree"}})),
        "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "Node": object(&json!({"child": {"oneOf": [node, leaf]}})),
        "Leaf": object(&json!({"end": {"type": "boolean"}})),
    });
    assert_eq!(properties(&schemas, "Ask"), json!({"self": ask, "choice": node}));
    let tree = json!({"tree": {"type": "array", "items": {}, "nullable": true}});
    assert_eq!(properties(&schemas, "Answer"), tree);
    let child = json!({"$ref": "#/components/schemas/NodeItem"});
    assert_eq!(properties(&schemas, "Node"), json!({"child": child}));
    let item = json!({"child": {}, "end": {"type": "boolean"}});
    assert_eq!(properties(&schemas, "NodeItem"), item);
}
