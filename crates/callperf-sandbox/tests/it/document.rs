//! The committed revisions, as the tests read them: what a response must be, and what a request can be.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

/// One revision of one API.
pub(crate) struct Document {
    pub(crate) api: &'static str,
    pub(crate) date: String,
    json: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Every committed revision of the two APIs, the oldest of each first.
pub(crate) fn all() -> &'static [Document] {
    static ALL: OnceLock<Vec<Document>> = OnceLock::new();
    ALL.get_or_init(|| ["beta", "calls-v1"].into_iter().flat_map(of_api).collect())
}

/// The revisions that the tests are written for; later ones don't make the tests wrong.
pub(crate) const WRITTEN_FOR: [(&str, &str); 2] =
    [("beta", "2021-08-12"), ("calls-v1", "2026-08-13")];

pub(crate) fn written_for(api: &str) -> &'static Document {
    let (api, date) = WRITTEN_FOR.iter().find(|(other, _)| *other == api).unwrap();
    of(api, date)
}

pub(crate) fn of(api: &str, date: &str) -> &'static Document {
    all().iter().find(|document| document.api == api && document.date == date).unwrap()
}

/// The folder of this package. Cargo says which one it runs: with a shared target directory, it need not be the one
/// that this was compiled in.
pub(crate) fn package() -> PathBuf {
    let compiled = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(compiled, PathBuf::from)
}

fn of_api(api: &'static str) -> Vec<Document> {
    let folder = package().join("../../openapi/revisions").join(api);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: PathBuf| Document {
        api,
        date: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        json: serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap(),
        validators: Mutex::default(),
    };
    files.into_iter().map(read).collect()
}

/// Fails unless every revision of the directory allows a response, and has every field of it.
pub(crate) fn check_directory(path: &str, value: &Value) {
    static ALL: OnceLock<Vec<Document>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let mut all = of_api("directory");
        all.iter_mut().for_each(correct);
        all
    });
    assert!(all.len() > 1);
    for document in all {
        let (template, schema) = document.got(path);
        let errors = document.errors(template, schema, value);
        assert!(errors.is_empty(), "{} {path}: {errors:#?}\n{value}", document.date);
    }
}

/// As the overlays do: the id of an extension's site is no address.
fn correct(directory: &mut Document) {
    let id = "/components/schemas/ProvisioningSiteInfo/properties/id";
    let id = directory.json.pointer_mut(id).and_then(Value::as_object_mut);
    assert_eq!(id.unwrap().remove("format"), Some(json!("uri")));
    let schemas = directory.json["components"]["schemas"].as_object().unwrap();
    let composed = schemas.iter().filter(|(_, schema)| schema.get("allOf").is_some());
    let whole = composed.map(|(name, schema)| {
        (name.clone(), json!({"type": "object", "properties": directory.properties(schema)}))
    });
    let whole: Vec<_> = whole.collect();
    for (name, schema) in whole {
        directory.json["components"]["schemas"][name] = schema;
    }
}

impl Document {
    /// The properties of an object with those of its parts, which would be closed each for itself.
    fn properties(&self, schema: &Value) -> serde_json::Map<String, Value> {
        let schema = self.followed(schema);
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let own = schema["properties"].as_object().cloned().unwrap_or_default();
        parts.flat_map(|part| self.properties(part)).chain(own).collect()
    }

    /// The path of the operation that gets a path, and the schema of its response.
    fn got(&self, path: &str) -> (&str, &Value) {
        let path = path.split('?').next().unwrap().trim_end_matches('/');
        let is_of = |template: &str| {
            let (template, path) = (template.split('/'), path.split('/'));
            template.clone().count() == path.clone().count()
                && template.zip(path).all(|(step, is)| step.starts_with('{') || step == is)
        };
        let mut paths = self.json["paths"].as_object().unwrap().iter();
        let found = paths.find(|(template, _)| is_of(template));
        let (template, item) = found.unwrap_or_else(|| panic!("no operation gets {path}"));
        (template, &item["get"]["responses"]["200"]["content"]["application/json"]["schema"])
    }

    /// Fails unless the revision allows the response and has every field of it.
    pub(crate) fn check_response(&self, path: &str, status: u16, value: &Value) {
        let (template, operation) = self.operation(path);
        let responses = operation["responses"].as_object().unwrap();
        // Failures that aren't in the document have the shape of those that are.
        let name = status.to_string();
        let name = if responses.contains_key(&name) { name } else { "400".to_owned() };
        let response = self.followed(&responses[&name]);
        let schema = &response["content"]["application/json"]["schema"];
        let errors = self.errors(&format!("{template} {name}"), schema, value);
        assert!(
            errors.is_empty(),
            "{} {} {path} {status}: {errors:#?}\n{value}",
            self.api,
            self.date
        );
    }

    /// What the revision doesn't allow in a request.
    pub(crate) fn request_errors(&self, path: &str, body: &Value) -> Vec<String> {
        let (template, operation) = self.operation(path);
        self.errors(template, Document::body(operation), body)
    }

    /// The schema of a request.
    pub(crate) fn request(&self, path: &str) -> &Value {
        Document::body(self.operation(path).1)
    }

    fn body(operation: &Value) -> &Value {
        &operation["requestBody"]["content"]["application/json"]["schema"]
    }

    fn operation(&self, path: &str) -> (&str, &Value) {
        let end = path.split('?').next().unwrap().rsplit('/').take(2).collect::<Vec<_>>();
        let end = format!("{}/{}", end[1], end[0]);
        let paths = self.json["paths"].as_object().unwrap();
        let of_path = paths.iter().find(|(template, _)| template.ends_with(&end));
        // What there is no operation for fails as one does.
        let (template, item) = of_path.or_else(|| paths.iter().next()).unwrap();
        (template, &item["post"])
    }

    /// What a reference stands for, or the value itself.
    pub(crate) fn followed<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            value = self.json.pointer(reference.trim_start_matches('#')).unwrap();
        }
        value
    }

    fn errors(&self, name: &str, schema: &Value, value: &Value) -> Vec<String> {
        let validator = Arc::clone(
            self.validators
                .lock()
                .unwrap()
                .entry(name.to_owned())
                .or_insert_with(|| Arc::new(self.validator(schema))),
        );
        let errors = validator.iter_errors(value);
        errors.map(|error| format!("{error} at {}", error.instance_path())).collect()
    }

    fn validator(&self, schema: &Value) -> Validator {
        let mut document = self.json.clone();
        close_objects(&mut document["components"]["schemas"]);
        document["$schema"] = json!("http://json-schema.org/draft-04/schema#");
        document["allOf"] = json!([schema]);
        jsonschema::options().build(&document).unwrap()
    }
}

/// A field that the document doesn't have is an error here, except in errors, which may bring more.
fn close_objects(schemas: &mut Value) {
    for (name, schema) in schemas.as_object_mut().unwrap() {
        let errors = ["Error", "Invalid", "BadRequest", "Unauthorized", "Forbidden"];
        if !errors.iter().any(|error| name.contains(error)) {
            close(schema);
        }
    }
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.get("properties").is_some_and(Value::is_object) && !map.contains_key("allOf") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
