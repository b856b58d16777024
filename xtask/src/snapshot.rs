//! The snapshot of a lowered document that the workspace's tests compare with: written here, so
//! that adopting a revision leaves them green and the change is read in review.

use serde_json::{Map, Value, json};

use crate::catalogue::Api;

pub fn file(api: Api) -> String {
    format!("tests/snapshots/lowered-{api}.snap")
}

/// insta's form. The words are those of the revision: the lowered document takes any.
pub fn text(lowered: &Value, revision: &Value) -> String {
    let digest = json!({
        "operations": operations(lowered),
        "schemas": schemas(lowered),
        "words": words(revision),
    });
    format!("---\nsource: tests/it/lowered.rs\n---\n{digest:#}\n")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// In the order of the committed file, whose keys are sorted.
fn sorted(mut map: Map<String, Value>) -> Value {
    map.sort_keys();
    Value::Object(map)
}

fn operations(lowered: &Value) -> Value {
    let operations = members(&lowered["paths"])
        .flat_map(|(path, item)| members(item).map(move |(method, it)| (path, method, it)));
    let names = |operation: &Value| -> Value {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters.map(|parameter| parameter["name"].clone()).collect()
    };
    sorted(operations.map(|(path, method, it)| (format!("{method} {path}"), names(it))).collect())
}

fn schemas(lowered: &Value) -> Value {
    let names = |schema: &Value| {
        let mut names: Vec<_> = members(&schema["properties"]).map(|(name, _)| name).collect();
        names.sort();
        names.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    let schemas = members(&lowered["components"]["schemas"]);
    sorted(schemas.map(|(name, schema)| (name.clone(), json!(names(schema)))).collect())
}

fn words(revision: &Value) -> Value {
    let schemas = members(&revision["components"]["schemas"]);
    schemas.filter_map(|(name, schema)| Some((name.clone(), schema.get("enum")?.clone()))).collect()
}
