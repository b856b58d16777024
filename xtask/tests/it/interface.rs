use serde_json::{Value, json};
use xtask::interface::{patch, shape, shapes};

#[test]
fn a_patch_holds_what_changed_and_nothing_else() {
    let before = json!({"a": {"x": "", "y": "One Two"}, "b": {"[]": "Old"}, "c": ""});
    let after = json!({"a": {"x": "", "y": "One Two Three"}, "b": "", "d": {"e": ""}});
    let expected = json!({"a": {"y": "One Two Three"}, "b": "", "c": null, "d": {"e": ""}});
    assert_eq!(patch(&before, &after), expected);
    assert_eq!(patch(&after, &after), json!({}));
}

#[test]
fn shapes_follow_references_and_choices() {
    let document = json!({"components": {"schemas": {
        "Word": {"type": "string", "enum": ["One", null, "Two"], "nullable": true},
        "Left": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Word"}}},
        "Right": {"type": "object", "properties": {"right": {"type": "number"}}},
    }}});
    let schema = json!({"type": "object", "properties": {
        "list": {"type": "array", "items": {"$ref": "#/components/schemas/Word"}},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "either": {"oneOf": [
            {"$ref": "#/components/schemas/Left"}, {"$ref": "#/components/schemas/Right"},
        ]},
    }});
    let expected = json!({
        "list": {"[]": "One Two"},
        "map": {"*": ""},
        "either": {"left": "One Two", "right": ""},
    });
    assert_eq!(shape(&document, &schema), expected);
}

#[test]
fn a_schema_inside_itself_can_be_anything() {
    let of = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let document = json!({"components": {"schemas": {
        "Tree": {"type": "object", "properties": {
            "name": {"type": "string"}, "children": {"type": "array", "items": of("Tree")},
        }},
        "List": {"type": "array", "items": of("List")},
        "Map": {"type": "object", "additionalProperties": of("Map")},
        "Left": {"type": "object", "properties": {"right": of("Right")}},
        "Right": {"type": "object", "properties": {"left": of("Left"), "word": {"enum": ["One"]}}},
    }}});
    for (name, expected) in [
        ("Tree", json!({"name": "", "children": {"[]": ""}})),
        ("List", json!({"[]": ""})),
        ("Map", json!({"*": ""})),
        ("Left", json!({"right": {"left": "", "word": "One"}})),
    ] {
        assert_eq!(shape(&document, &of(name)), expected, "{name}");
    }
}

#[test]
fn schemas_that_multiply_are_refused_with_their_place() {
    let names: Vec<_> = (0..12).map(|number| format!("S{number}")).collect();
    let fields: Value = (names.iter())
        .map(|name| (name.clone(), json!({"$ref": format!("#/components/schemas/{name}")})))
        .collect();
    let schema = json!({"type": "object", "properties": fields});
    let schemas: Value = names.iter().map(|name| (name.clone(), schema.clone())).collect();
    let body = json!({"content": {"application/json": {"schema": fields["S0"]}}});
    let document = json!({
        "paths": {"/go": {"post": {"requestBody": body}}},
        "components": {"schemas": schemas},
    });
    let operation = toml::from_str("id = \"go\"\nmethod = \"post\"\npath = \"/go\"").unwrap();
    let problem = shapes(&document, &operation).unwrap_err();
    assert_eq!(problem.pointer, "/paths/~1go/post");
    assert!(problem.what.contains("more than 100000 places"), "{problem}");
}
