//! What 3.1 and 3.2 have and 3.0 has no words for.

use serde_json::{Map, Value};

use super::keywords::Schema;
use super::kind::{Kind, METHODS};
use crate::document::child;
use crate::error::Problem;

fn refused(at: &str, what: &str, remedy: &str) -> Problem {
    let remedy = format!("{remedy}, in a copy of the document");
    Problem::new(at, format!("has {what}, which OpenAPI 3.0 can't express"), remedy)
}

type Means = fn(&Schema, &Value) -> bool;

/// Keywords of schemas, whether they say anything beside the others, and what can be written instead.
static KEYWORDS: [(&str, Means, &str); 12] = [
    ("$dynamicRef", |_, _| true, "refer to the schema by `$ref`"),
    ("$recursiveRef", |_, _| true, "refer to the schema by `$ref`"),
    ("$schema", |_, dialect| !is_known(dialect), "remove it if the keywords mean the same"),
    ("contains", is_contained, "remove it, or write `items`"),
    ("dependentRequired", |_, it| !is_empty(it), "remove it, or write `anyOf` of `required`"),
    ("dependentSchemas", |_, it| !is_empty(it), "remove it, or write `anyOf`"),
    ("if", |schema, _| ["then", "else"].iter().any(|key| schema.contains_key(*key)), {
        "write `anyOf` for the two cases"
    }),
    ("items", |_, it| it.is_array(), "write `prefixItems`"),
    ("patternProperties", |_, it| !is_empty(it), "write `additionalProperties`"),
    ("propertyNames", |_, it| !is_any_name(it), "remove it, or list the names in `properties`"),
    (
        "unevaluatedItems",
        |schema, it| is_left_over(schema, it, "items"),
        "write `items`, or remove it",
    ),
    (
        "unevaluatedProperties",
        |schema, it| is_left_over(schema, it, "additionalProperties"),
        "write `additionalProperties`, or remove it",
    ),
];

/// The problems of one schema, but for the schemas in it.
pub(super) fn keywords(schema: &Schema, at: &str) -> Vec<Problem> {
    let mut problems: Vec<_> = (KEYWORDS.iter())
        .filter(|(key, means, _)| schema.get(*key).is_some_and(|value| means(schema, value)))
        .map(|(key, _, remedy)| refused(&child(at, key), &format!("`{key}`"), remedy))
        .collect();
    if schema.get("discriminator").is_some_and(|it| it.get("defaultMapping").is_some()) {
        let at = child(&child(at, "discriminator"), "defaultMapping");
        problems.push(refused(&at, "`defaultMapping`", "remove it"));
    }
    if let (Some(Value::Array(words)), Some(word)) = (schema.get("enum"), schema.get("const"))
        && !words.contains(word)
    {
        let remedy = "correct one of them in a copy of the document";
        problems.push(Problem::new(child(at, "const"), "is not one of `enum`", remedy));
    }
    let is_list_of_types =
        |list: &Vec<Value>| !list.is_empty() && list.iter().all(Value::is_string);
    if schema.get("type").and_then(Value::as_array).is_some_and(|list| !is_list_of_types(list)) {
        let remedy = "list names of types in a copy of the document";
        problems.push(Problem::new(child(at, "type"), "is not a list of types", remedy));
    }
    problems
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_none_or(Map::is_empty)
}

fn is_contained(schema: &Schema, _: &Value) -> bool {
    schema.get("minContains").and_then(Value::as_u64) != Some(0)
        || schema.contains_key("maxContains")
}

fn is_any_name(names: &Value) -> bool {
    match names {
        Value::Object(map) => map.iter().all(|(key, value)| key == "type" && value == "string"),
        other => *other == true,
    }
}

/// Where other schemas apply as well, what they leave over is not known here.
fn is_left_over(schema: &Schema, value: &Value, settled_by: &str) -> bool {
    let others = ["$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"];
    let says_nothing = *value == true || value.as_object().is_some_and(Map::is_empty);
    !says_nothing
        && !schema.contains_key(settled_by)
        && others.iter().any(|key| schema.contains_key(*key))
}

/// What 3.2 adds to other objects.
pub(super) fn newer(kind: Kind, object: &Map<String, Value>, at: &str) -> Vec<Problem> {
    let keys: &[&str] = match kind {
        Kind::MediaType => &["itemSchema", "itemEncoding", "prefixEncoding"],
        Kind::Encoding => &["encoding", "itemEncoding", "prefixEncoding"],
        _ => &[],
    };
    let keys = keys.iter().filter(|key| object.contains_key(**key));
    let mut problems: Vec<_> =
        keys.map(|key| refused(&child(at, key), &format!("`{key}`"), "remove it")).collect();
    let values = [("in", "querystring"), ("style", "cookie")];
    for (key, value) in values.iter().filter(|_| kind == Kind::Parameter) {
        if object.get(*key).is_some_and(|it| it == value) {
            let what = format!("`{key}: {value}`");
            problems.push(refused(&child(at, key), &what, "describe each parameter by itself"));
        }
    }
    problems
}

pub(super) fn method(method: &str, at: &str) -> Option<Problem> {
    let is_new = !METHODS.contains(&method);
    is_new.then(|| refused(at, &format!("the method {}", method.to_uppercase()), "use another"))
}

/// Under another dialect the same keywords can mean other things.
pub(super) fn dialect(document: &Value) -> Option<Problem> {
    let dialect = document.get("jsonSchemaDialect").filter(|dialect| !is_known(dialect))?;
    let what = format!("{dialect}");
    Some(refused("/jsonSchemaDialect", &what, "remove it if the keywords mean the same"))
}

fn is_known(dialect: &Value) -> bool {
    let known =
        ["https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3."];
    dialect.as_str().is_some_and(|dialect| known.iter().any(|known| dialect.starts_with(known)))
}
