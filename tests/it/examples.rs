//! The worked examples in `openapi/examples`: each response is what the sandbox answers to the request.
//!
//! `UPDATE_EXAMPLES=1 cargo test -p callperf-tests --test it examples` writes the responses; `cargo xtask generate`
//! then puts them into the reference documents.

use std::{fs, path::PathBuf};

use callperf_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use crate::support::{current_revision, workspace};

/// When the examples were worked: the end of their period.
const NOW: &str = "2026-11-23T00:00:00Z";
const APIS: [&str; 2] = ["beta", "calls-v1"];

fn examples(api: &str) -> Vec<(String, PathBuf)> {
    let folder = workspace().join("openapi/examples").join(api);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut examples: Vec<_> =
        files.map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), file)).collect();
    examples.sort();
    examples
}

fn read(file: PathBuf) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The path of an operation with the example's parameters in it.
fn path(document: &Value, operation: &str, parameters: &Map<String, Value>) -> String {
    let paths = document["paths"].as_object().unwrap();
    let is_of = |item: &Value| item["post"]["operationId"] == operation;
    let (template, _) = paths.iter().find(|(_, item)| is_of(item)).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut path = template.clone();
    let mut query = Vec::new();
    for (name, value) in parameters {
        let place = format!("{{{name}}}");
        if path.contains(&place) {
            path = path.replace(&place, &text(value));
        } else {
            query.push(format!("{name}={}", text(value)));
        }
    }
    format!("{path}?{}", query.join("&"))
}

pub(crate) async fn sent(sandbox: &Sandbox, path: &str, body: &Value) -> reqwest::Response {
    let url = format!("{}{path}", sandbox.url());
    let request = reqwest::Client::new().post(url).bearer_auth(sandbox.access_token());
    request.json(body).send().await.unwrap()
}

/// Whether a response has all that another one has: a revision that the sandbox isn't written for may have more.
fn has_all_of(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => other
            .iter()
            .all(|(name, value)| one.get(name).is_some_and(|one| has_all_of(one, value))),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, it)| has_all_of(one, it))
        }
        (one, other) => one == other,
    }
}

#[tokio::test]
async fn the_sandbox_gives_the_responses_of_the_examples() {
    let usual = Sandbox::builder().start().await.unwrap().revisions();
    for api in APIS {
        let date = current_revision(api);
        let document = read(workspace().join(format!("openapi/revisions/{api}/{date}.json")));
        let (_, written_for) = usual.iter().find(|(name, _)| *name == api).unwrap();
        let sandbox = Sandbox::builder().seed(7).now(NOW.parse().unwrap());
        let sandbox = sandbox.revision(format!("{api}@{date}")).start().await.unwrap();
        for (operation, file) in examples(api) {
            let mut example = read(file.clone());
            let path = path(&document, &operation, example["parameters"].as_object().unwrap());
            let response = sent(&sandbox, &path, &example["request"]).await;
            assert_eq!(response.status(), 200, "{operation}");
            assert!(!response.headers().contains_key("x-sandbox-remark"), "{operation}");
            let response: Value = response.json().await.unwrap();
            if std::env::var_os("UPDATE_EXAMPLES").is_some() {
                example["response"] = response.clone();
                fs::write(&file, format!("{example:#}\n")).unwrap();
            }
            let is_same = response == example["response"]
                || date.as_str() > *written_for && has_all_of(&response, &example["response"]);
            let remedy =
                "UPDATE_EXAMPLES=1 cargo test -p callperf-tests --test it examples, then generate";
            assert!(is_same, "{} isn't what the sandbox answers: {remedy}", file.display());
        }
    }
}

#[test]
fn a_response_may_have_more_than_the_example_but_not_less_or_other() {
    let example = json!({"records": [{"key": "1", "calls": {"all": 2}}]});
    let more = json!({"records": [{"key": "1", "calls": {"all": 2, "new": 0}}]});
    let other = json!({"records": [{"key": "1", "calls": {"all": 3}}]});
    let longer = json!({"records": [{"key": "1", "calls": {"all": 2}}, {}]});
    assert!(has_all_of(&more, &example));
    assert!(!has_all_of(&example, &more));
    assert!(!has_all_of(&other, &example));
    assert!(!has_all_of(&longer, &example));
}
