//! What the generator saw, in short: a change of it is read in review.

use serde_json::{Map, Value as Json};

use crate::support;

/// Operations with their parameters, and schemas with their properties.
fn digest(document: &Json) -> Json {
    let operations: Map<_, _> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |op| (path, op)))
        .map(|(path, (method, operation))| {
            let parameters: Vec<_> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect();
            (format!("{method} {path}"), parameters.into())
        })
        .collect();
    let schemas: Map<_, _> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, schema)| {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let names: Vec<_> = properties.map(|(property, _)| property.clone()).collect();
            (name.clone(), names.join(" ").into())
        })
        .collect();
    serde_json::json!({"operations": operations, "schemas": schemas})
}

/// The words of a revision: they are not in the lowered document, which takes any.
fn words(document: &Json) -> Json {
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let words: Map<_, _> = schemas
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), schema.get("enum")?.clone())))
        .collect();
    words.into()
}

fn read(path: &str) -> Json {
    let file = support::workspace().join("openapi").join(path);
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn what_the_generated_clients_are_made_of() {
    for api in ["beta", "calls-v1", "directory"] {
        let revision = support::current_revision(api);
        let mut shown = digest(&read(&format!("lowered/{api}.json")));
        shown["words"] = words(&read(&format!("revisions/{api}/{revision}.json")));
        support::snapshots().bind(|| insta::assert_json_snapshot!(format!("lowered-{api}"), shown));
    }
}
