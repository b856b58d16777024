use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use xtask::matrix::write_responses;
use xtask::responses::{full, responses};
use xtask::workspace::Workspace;

use crate::support::{catalogue, revision, root};

#[path = "../../src/matrix/check.rs"]
#[allow(dead_code, unreachable_pub)]
pub(crate) mod check;

#[derive(Default)]
struct Seen {
    keys: BTreeSet<String>,
    words: BTreeSet<String>,
    numbers: Vec<String>,
}

impl Seen {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                self.keys.extend(map.keys().cloned());
                map.values().for_each(|value| self.value(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::String(word) => drop(self.words.insert(word.clone())),
            Value::Number(number) => {
                self.numbers.push(number.to_string());
                self.words.insert(number.to_string());
            }
            _ => {}
        }
    }
}

/// The document with nothing but its responses.
fn answers_only(mut document: Value) -> Value {
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            operation["parameters"].take();
            operation["requestBody"].take();
        }
    }
    document
}

#[test]
fn every_property_and_every_word_is_in_a_response() {
    let all = responses(&Workspace::new(root())).unwrap();
    let catalogue = catalogue();
    for known in &catalogue.revision {
        let entry = catalogue.entry(known.api).unwrap();
        let mut seen = Seen::default();
        let of_it = all.iter().filter(|it| it.api == known.api && it.date == known.date);
        of_it.for_each(|response| seen.value(&response.body));
        if entry.generate.is_none() {
            assert!(seen.keys.is_empty(), "{}", known.api);
            continue;
        }
        let document = answers_only(revision(known.api.name(), &known.date));
        let pointers = xtask::coverage::pointers(&document, entry);
        assert!(pointers.len() > 50);
        for pointer in pointers {
            let (place, name) = pointer.rsplit_once('/').unwrap();
            let name = name.replace("~1", "/");
            let seen = if place.ends_with("/enum") { &seen.words } else { &seen.keys };
            assert!(seen.contains(&name), "{} {}: {pointer}", known.api, known.date);
        }
    }
}

#[test]
fn no_number_is_there_twice() {
    for response in responses(&Workspace::new(root())).unwrap() {
        let mut seen = Seen::default();
        seen.value(&response.body);
        let distinct: BTreeSet<_> = seen.numbers.iter().collect();
        assert_eq!(distinct.len(), seen.numbers.len(), "{}", response.file());
    }
}

#[test]
fn maps_lists_choices_and_what_contains_itself() {
    let document = json!({"components": {"schemas": {"Tree": {"properties": {
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "byName": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "either": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        "on": {"type": "string", "format": "date"},
        "word": {"type": "string", "enum": ["A", "B", "C"]},
    }}}}});
    let schema = json!({"$ref": "#/components/schemas/Tree"});
    let response = json!({"content": {"application/json": {"schema": schema}}});
    let bodies = full(&document, &response);
    let mut seen = Seen::default();
    for body in &bodies {
        seen.value(body);
    }
    assert!(["A", "B", "C"].iter().all(|word| seen.words.contains(*word)), "{bodies:?}");
    let children = bodies[0]["children"].as_array().unwrap();
    let either: Vec<_> = children.iter().map(|child| child["either"].is_number()).collect();
    assert_eq!(either, [true, false]);
    let names: Vec<_> = bodies[0]["byName"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["first", "second"]);
    assert!(children.iter().all(|child| child.get("children").is_none()));
}

#[test]
fn files_are_named_by_api_date_and_operation() {
    let folder = tempfile::TempDir::new().unwrap();
    let all = responses(&Workspace::new(root())).unwrap();
    write_responses(&all, folder.path()).unwrap();
    for file in [
        "beta/2021-08-12/aggregatePerformanceReportCalls.json",
        "calls-v1/2025-03-11/analyticsCallsTimelineFetch.json",
        "calls-v1/2025-03-11/analyticsCallsTimelineFetch.2.json",
    ] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<f64>,
}

#[test]
fn the_matrix_sees_what_a_client_does_not_read_by_its_old_name() {
    let mut known = check::Known::default();
    known.learn(&json!({"records": [{"hold": 1, "info": {"name": "Ann"}}]}), "");
    let reading = check::Reading { renames: vec![("holds", "hold")], known: Some(&known) };
    let lost = |sent: Value, kept: Value| {
        let records = |it: Value| json!({"records": [it]});
        reading.lost(&records(sent), &records(kept), "", "")
    };
    let old = || json!({"holds": 2, "info": {"name": "Bob"}});
    let new = || json!({"hold": 2, "info": {"name": "Bob"}});
    assert_eq!(lost(old(), new()), None);
    assert_eq!(lost(new(), new()), None);
    assert_eq!(lost(old(), old()).as_deref(), Some("/records/0/holds is not read as hold"));
    assert_eq!(lost(old(), json!({"hold": 3})).as_deref(), Some("/records/0/holds"));
    assert_eq!(lost(old(), json!({"info": {}})).as_deref(), Some("/records/0/holds"));
    let of_another_type = json!({"holds": "two"});
    assert_eq!(lost(of_another_type.clone(), of_another_type), None, "it is another thing");
    let later = check::Reading { renames: vec![("holds", "hold")], known: None };
    assert_eq!(later.lost(&old(), &old(), "", ""), None, "it is kept");
}

#[test]
fn the_matrix_sees_what_a_client_loses() {
    let lost = |text: &str| {
        let sent = serde_json::from_str(text).unwrap();
        check::lost(&sent, &check::again::<Kept>(text).unwrap(), "")
    };
    assert_eq!(lost(r#"{"total": 1}"#), None);
    assert_eq!(lost(r#"{"total": 1, "new": 2}"#).as_deref(), Some("/new"));
    assert_eq!(lost(r#"{"total": null}"#).as_deref(), Some("/total"));
    assert!(check::again::<Kept>(r#"{"total": "1"}"#).is_err());
    assert_eq!(check::lost(&json!([[1, 2]]), &json!([[1, 3]]), "").as_deref(), Some("/0/1"));
    assert_eq!(check::lost(&json!({}), &json!({"a": 1}), "").as_deref(), Some("/a"));
}
