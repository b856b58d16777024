//! Every field that the objects of OpenAPI 3.0.3 have, changed both ways in a request and in a
//! response: `tests/diff/fields.txt`. A case there is the object and the field, the older and the
//! newer value, and what `diff` says of it. A value can bring schemas under `+`. Run with `BLESS=1`
//! to have the verdicts written, and read them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use xtask::diff::{Difference, Direction, Renames, diff, rules};

use crate::diff::merge;
use crate::newer::{of_the_operations, through_3_1};
use crate::support::{blessed, package};

const FIXTURE: &str = "tests/diff/fields.txt";

/// The fixed fields of the specification's objects, version 3.0.3.
const FIELDS: &[(&str, &str)] = &[
    (
        "schema",
        "title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength \
         pattern maxItems minItems uniqueItems maxProperties minProperties required enum type allOf \
         oneOf anyOf not items properties additionalProperties description format default nullable \
         discriminator readOnly writeOnly xml externalDocs example deprecated",
    ),
    (
        "parameter",
        "name in description required deprecated allowEmptyValue style explode allowReserved schema \
         example examples content",
    ),
    (
        "header",
        "description required deprecated allowEmptyValue style explode allowReserved schema example \
         examples content",
    ),
    ("response", "description headers content links"),
    ("responses", "default status"),
    ("media type", "schema example examples encoding"),
    ("encoding", "contentType headers style explode allowReserved"),
    ("request body", "description content required"),
    (
        "operation",
        "tags summary description externalDocs operationId parameters requestBody responses \
         callbacks deprecated security servers",
    ),
    (
        "path item",
        "$ref summary description get put post delete options head patch trace servers parameters",
    ),
    ("discriminator", "propertyName mapping"),
    ("xml", "name namespace prefix attribute wrapped"),
    ("reference", "$ref"),
];

/// Fields that change nothing on the wire, wherever they are.
const ANNOTATIONS: &str = "title description externalDocs example examples xml links tags summary";

/// Fields that have no effect on a header, by the specification.
const WITHOUT_EFFECT: [(&str, &str); 2] =
    [("header", "allowEmptyValue"), ("header", "allowReserved")];

struct Case<'t> {
    object: &'t str,
    field: &'t str,
    old: &'t str,
    new: &'t str,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .map(|block| {
            let mut lines = block.lines().map(str::trim);
            let (object, field) = lines.next().unwrap().split_once(": ").unwrap();
            Case { object, field, old: lines.next().unwrap(), new: lines.next().unwrap() }
        })
        .collect()
}

fn base() -> Value {
    json!({
        "openapi": "3.0.3",
        "paths": {"/go": {"post": {"operationId": "go", "responses": {"200": {"description": "A"}}}}},
        "components": {
            "schemas": {
                "Word": {"type": "string"},
                "Nullable": {"type": "string", "nullable": true},
                "Cat": {"type": "object", "properties": {"meow": {"type": "string"}}},
                "Kitten": {"type": "object", "properties": {"meow": {"type": "string"}}},
                "Dog": {"type": "object", "properties": {"bark": {"type": "integer"}}},
                "Cow": {"type": "object", "properties": {"moo": {"type": "boolean"}}},
                "Tree": {"type": "object", "properties": {
                    "name": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                }},
                "Itself": {"allOf": [
                    {"$ref": "#/components/schemas/Itself"},
                    {"properties": {"name": {"type": "string"}}},
                ]},
                "Either": {"oneOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"$ref": "#/components/schemas/Either"}},
                    {"$ref": "#/components/schemas/Either"},
                ]},
            },
            "parameters": {"P": {"name": "p", "in": "query", "schema": {"type": "string"}}},
            "headers": {"P": {"schema": {"type": "string"}}},
            "responses": {"Ok": {"description": "A", "content": {"application/json": {"schema": {"type": "string"}}}}},
            "requestBodies": {"Body": {"content": {"application/json": {"schema": {"type": "string"}}}}},
            "securitySchemes": {
                "OAuth": {"type": "oauth2"},
                "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            },
        },
    })
}

/// Where a value of an object is put into the path: None if it can't be there.
fn placed(object: &str, way: Direction, value: &Value) -> Option<Value> {
    let request = way == Direction::Request;
    let body = |content: Value| json!({"post": {"requestBody": {"content": content}}});
    let response = |response: Value| json!({"post": {"responses": {"200": response}}});
    let content = |content: Value| {
        if request { body(content) } else { response(json!({"content": content})) }
    };
    Some(match object {
        "schema" | "discriminator" | "xml" | "reference" => {
            let schema = json!({"type": "object", "properties": {"p": value}});
            content(json!({"application/json": {"schema": schema}}))
        }
        "media type" | "encoding" => content(value.clone()),
        "header" if request => {
            body(json!({"multipart/form-data": {"encoding": {"part": {"headers": value}}}}))
        }
        "header" => response(json!({"headers": value})),
        "parameter" if request => json!({"post": {"parameters": value}}),
        "request body" if request => json!({"post": {"requestBody": value}}),
        "operation" if request => json!({"post": value}),
        "path item" if request => value.clone(),
        "response" | "responses" if !request => {
            return Some(json!({"post": {"responses": value}}));
        }
        _ => return None,
    })
}

fn document(object: &str, way: Direction, text: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(text).unwrap();
    let mut document = base();
    if let Some(more) = value.as_object_mut().and_then(|value| value.remove("+")) {
        merge(&mut document["components"]["schemas"], &more);
    }
    let patch = placed(object, way, &value)?;
    if object.starts_with("response") {
        document["paths"]["/go"]["post"].as_object_mut().unwrap().remove("responses");
    }
    merge(&mut document["paths"]["/go"], &patch);
    Some(document)
}

fn compared(object: &str, way: Direction, old: &str, new: &str) -> Option<Vec<Difference>> {
    let (old, new) = (document(object, way, old)?, document(object, way, new)?);
    Some(diff(&old, &new, &Renames::default(), true))
}

/// What the cases say that changed.
pub(crate) fn rules_seen() -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    for Case { object, old, new, .. } in cases(&text()) {
        for way in [Direction::Request, Direction::Response] {
            for (old, new) in [(old, new), (new, old)] {
                let differences = compared(object, way, old, new).into_iter().flatten();
                seen.extend(differences.map(|difference| difference.rule.what));
            }
        }
    }
    seen
}

fn verdicts(object: &str, way: Direction, old: &str, new: &str) -> Option<String> {
    Some(lines(&compared(object, way, old, new)?))
}

fn lines(differences: &[Difference]) -> String {
    let lines: BTreeSet<_> =
        differences.iter().map(|it| format!("{} {}", it.verdict, it.what())).collect();
    let lines: Vec<_> = lines.into_iter().collect();
    if lines.is_empty() { "no difference".to_owned() } else { lines.join("; ") }
}

/// The four verdicts of a case, without those that don't apply.
fn judged(case: &Case<'_>) -> Vec<(&'static str, String)> {
    let Case { object, old, new, .. } = case;
    let (request, response) = (Direction::Request, Direction::Response);
    let all = [
        ("request  then", verdicts(object, request, old, new)),
        ("request  back", verdicts(object, request, new, old)),
        ("response then", verdicts(object, response, old, new)),
        ("response back", verdicts(object, response, new, old)),
    ];
    all.into_iter().filter_map(|(way, verdicts)| Some((way, verdicts?))).collect()
}

/// In 3.1 a word that is null is meant even if the type forgets it, and `nullable` is meant even if the words do: these
/// are written as one there.
const NULL_SAID_IN_HALF: [[&str; 2]; 2] = [
    [
        r#"{"type": "string", "enum": ["One", null]}"#,
        r#"{"type": "string", "enum": ["One", null], "nullable": true}"#,
    ],
    [
        r#"{"type": "string", "nullable": true, "enum": ["a", null]}"#,
        r#"{"type": "string", "nullable": true, "enum": ["a"]}"#,
    ],
];

/// Without renamed schemas: what is translated has only the schemas that are reached, so that of two names that both
/// documents know, one can seem to be new.
fn without_renames(mut differences: Vec<Difference>) -> String {
    differences.retain(|difference| *difference.rule != rules::SCHEMA_RENAMED);
    lines(&differences)
}

/// The differences of documents of which one or both went through 3.1 and back.
fn newer_verdicts(older: (&Value, &Value), newer: (&Value, &Value)) -> Vec<String> {
    let pairs = [(older.0, newer.1), (newer.0, older.1), newer];
    let compared = pairs.map(|(old, new)| diff(old, new, &Renames::default(), true));
    compared.into_iter().map(|found| without_renames(of_the_operations(found))).collect()
}

#[test]
fn each_case_is_the_same_in_3_1() {
    let mut wrong = String::new();
    for (i, case) in cases(&text()).iter().enumerate() {
        let Case { object, field, old, new } = case;
        for way in [Direction::Request, Direction::Response] {
            let (Some(old), Some(new)) = (document(object, way, old), document(object, way, new))
            else {
                continue;
            };
            let seed = u64::try_from(i).unwrap();
            let newer = (through_3_1(&old, seed), through_3_1(&new, seed + 1));
            for (older, newer) in
                [((&old, &new), (&newer.0, &newer.1)), ((&new, &old), (&newer.1, &newer.0))]
            {
                let expected = without_renames(diff(older.0, older.1, &Renames::default(), true));
                for found in newer_verdicts(older, newer) {
                    let is_one = NULL_SAID_IN_HALF.contains(&[case.old, case.new]);
                    if found != expected && !(is_one && found == "no difference") {
                        let (old, new) = (case.old, case.new);
                        writeln!(wrong, "{object}: {field} {way}\n  {old}\n  {new}").unwrap();
                        writeln!(wrong, "  3.0: {expected}\n  3.1: {found}").unwrap();
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn text() -> String {
    fs::read_to_string(package().join(FIXTURE)).unwrap()
}

#[test]
fn each_case_has_its_verdicts() {
    let mut judged_text = String::new();
    for case in cases(&text()) {
        let Case { object, field, old, new } = &case;
        writeln!(judged_text, "{object}: {field}\n  {old}\n  {new}").unwrap();
        for (way, verdicts) in judged(&case) {
            writeln!(judged_text, "  {way}: {verdicts}").unwrap();
        }
        judged_text.push('\n');
    }
    blessed(FIXTURE, &judged_text);
}

#[test]
fn each_field_has_a_case() {
    let text = text();
    let known: BTreeSet<_> = cases(&text).iter().map(|case| (case.object, case.field)).collect();
    let fields = FIELDS
        .iter()
        .flat_map(|(object, fields)| fields.split_whitespace().map(move |field| (*object, field)));
    let fields: BTreeSet<_> = fields.collect();
    assert_eq!(fields.difference(&known).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new());
    assert_eq!(known.difference(&fields).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new());
}

fn is_annotation(field: &str) -> bool {
    ANNOTATIONS.split_whitespace().any(|annotation| annotation == field)
}

#[test]
fn only_annotations_are_no_difference() {
    let text = text();
    let mut silent = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for case in cases(&text) {
        let is_annotation =
            case.object == "xml" || ANNOTATIONS.split_whitespace().any(|field| field == case.field);
        for (way, verdicts) in judged(&case) {
            let is_none = verdicts
                .split("; ")
                .all(|verdict| verdict == "no difference" || verdict.starts_with("documentation"));
            let place = (case.object, case.field, way);
            assert!(is_none || !is_annotation, "{place:?}: {verdicts}");
            if is_none {
                silent.insert(place)
            } else {
                seen.insert(place)
            };
        }
    }
    let silent = silent.difference(&seen).filter(|(object, field, way)| {
        let is_annotation = *object == "xml" || is_annotation(field);
        let is_request_only = *object == "encoding" || *field == "encoding";
        let is_out_of_place = is_request_only && way.starts_with("response");
        !(is_annotation || is_out_of_place || WITHOUT_EFFECT.contains(&(*object, *field)))
    });
    let silent: Vec<_> =
        silent.map(|(object, field, way)| format!("{object}: {field}, {way}")).collect();
    assert_eq!(
        silent,
        [
            "operation: operationId, request  back",
            "operation: operationId, request  then",
            "schema: readOnly, response back",
            "schema: readOnly, response then",
            "schema: writeOnly, request  back",
            "schema: writeOnly, request  then",
        ],
        "these say at most what a generated name is, or are about the other way"
    );
}
