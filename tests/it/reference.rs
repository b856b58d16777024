//! The reference documents as the sandbox serves them, and the page that shows them.

use std::{collections::BTreeSet, fs};

use callperf_sandbox::Sandbox;
use jsonschema::Validator;
use reqwest::{
    Method, Response, StatusCode,
    header::{HeaderMap, ORIGIN},
};
use serde_json::{Value, json};

use crate::{examples::sent, support::workspace};

const NOW: &str = "2026-02-03T15:00:00Z";

/// The committed revisions of the two APIs.
fn revisions() -> Vec<(&'static str, String)> {
    let of_api = |api: &'static str| {
        let files = fs::read_dir(workspace().join("openapi/revisions").join(api)).unwrap();
        let files = files.map(|file| file.unwrap().path());
        files.map(move |file| (api, file.file_stem().unwrap().to_str().unwrap().to_owned()))
    };
    let mut revisions: Vec<_> = ["beta", "calls-v1"].into_iter().flat_map(of_api).collect();
    revisions.sort();
    revisions
}

async fn sandbox() -> Sandbox {
    Sandbox::builder().seed(7).now(NOW.parse().unwrap()).start().await.unwrap()
}

async fn request(sandbox: &Sandbox, method: Method, path: &str, origin: &str) -> Response {
    let url = format!("{}{path}", sandbox.url());
    let request = reqwest::Client::new().request(method, url);
    request.header(ORIGIN, origin).send().await.unwrap()
}

async fn get(sandbox: &Sandbox, path: &str) -> (StatusCode, Value) {
    let response = reqwest::get(format!("{}{path}", sandbox.url())).await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn document(sandbox: &Sandbox, name: &str) -> Value {
    let (status, document) = get(sandbox, &format!("/openapi/{name}.json")).await;
    assert_eq!(status, 200, "{name}");
    document
}

fn errors(validator: &Validator, value: &Value) -> Vec<String> {
    let errors = validator.iter_errors(value);
    errors.map(|error| format!("{error} at {}", error.instance_path())).collect()
}

/// The schema of OpenAPI 3.0 that the OpenAPI Initiative publishes.
fn of_openapi() -> Validator {
    let file = workspace().join("tests/fixtures/openapi-3.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    jsonschema::options().build(&schema).unwrap()
}

/// A schema of a document, with the components that it refers to.
fn of_schema(document: &Value, schema: &Value) -> Validator {
    let mut whole = document.clone();
    whole["$schema"] = json!("http://json-schema.org/draft-04/schema#");
    whole["allOf"] = json!([schema]);
    jsonschema::options().build(&whole).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().map(|(path, item)| (path.clone(), item["post"].clone())).collect()
}

fn followed<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
    reference.map_or(value, |pointer| document.pointer(pointer).unwrap())
}

/// The path of an operation with the examples of its parameters, as a tool makes it.
fn filled(document: &Value, path: &str, operation: &Value) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().unwrap() {
        let parameter = followed(document, parameter);
        let name = parameter["name"].as_str().unwrap();
        let example = &parameter["example"];
        assert!(!example.is_null(), "{name} has no example");
        let value = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else {
            query.push(format!("{name}={value}"));
        }
    }
    format!("{path}?{}", query.join("&"))
}

#[tokio::test]
async fn every_document_is_valid_and_every_description_says_something() {
    let sandbox = sandbox().await;
    let of_openapi = of_openapi();
    for (api, date) in revisions() {
        let document = document(&sandbox, &format!("{api}/{date}")).await;
        assert_eq!(errors(&of_openapi, &document), [""; 0], "{api}@{date}");
        assert_eq!(document["info"]["version"], date.as_str());
        let servers = json!([{"url": sandbox.url(), "description": "This sandbox."}]);
        assert_eq!(document["servers"], servers);
        let flow =
            &document["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"];
        assert_eq!(flow["tokenUrl"], format!("{}/restapi/oauth/token", sandbox.url()));
        for (path, operation) in operations(&document) {
            assert!(operation["tags"][0].is_string(), "{path}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let text = followed(&document, response)["description"].as_str().unwrap();
                assert!(text.len() > 10, "{api}@{date} {path} {status}: {text}");
            }
        }
    }
}

/// What a document says beside the interface is taken out; a property may be called like it, and is no text.
fn interface(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, value| match key.as_str() {
                "description" | "summary" => !value.is_string(),
                "example" | "tags" | "securitySchemes" => false,
                _ => true,
            });
            map.values_mut().for_each(interface);
        }
        Value::Array(items) => items.iter_mut().for_each(interface),
        _ => {}
    }
}

#[tokio::test]
async fn a_document_keeps_the_interface_of_its_revision() {
    let sandbox = sandbox().await;
    for (api, date) in revisions() {
        let file = workspace().join(format!("openapi/revisions/{api}/{date}.json"));
        let mut published: Value =
            serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        // The overlays' only correction.
        if (api, date.as_str()) == ("beta", "2021-08-12") {
            let per_page = "/paths/~1restapi~1v1.0~1account~1{accountId}~1analytics~1performance~1calls~1aggregate\
                            /post/parameters/2/schema/minimum";
            *published.pointer_mut(per_page).unwrap() = json!(1);
        }
        let mut served = document(&sandbox, &format!("{api}/{date}")).await;
        for place in ["paths", "components"] {
            interface(&mut published[place]);
            interface(&mut served[place]);
            assert!(served[place] == published[place], "{api}@{date} {place}");
        }
    }
}

#[tokio::test]
async fn the_example_of_each_revision_is_what_the_sandbox_answers_today() {
    for (api, date) in revisions() {
        let sandbox = Sandbox::builder().seed(7).now(NOW.parse().unwrap());
        let sandbox = sandbox.revision(format!("{api}@{date}")).start().await.unwrap();
        let document = document(&sandbox, api).await;
        assert_eq!(document["info"]["version"], date.as_str(), "it is the one that is spoken");
        for (path, operation) in operations(&document) {
            let case = format!("{api}@{date} {path}");
            let media = &operation["requestBody"]["content"]["application/json"];
            let body = &media["example"];
            assert_eq!(errors(&of_schema(&document, &media["schema"]), body), [""; 0], "{case}");
            assert!(body.to_string().contains("2026-02-02T23:59:59Z"), "{case}: {body}");
            let response = sent(&sandbox, &filled(&document, &path, &operation), body).await;
            assert!(!response.headers().contains_key("x-sandbox-remark"), "{case}");
            assert_eq!(response.status(), 200, "{case}");
            let response: Value = response.json().await.unwrap();
            let media = &operation["responses"]["200"]["content"]["application/json"];
            assert_eq!(media["example"], response, "{case}");
            assert_eq!(
                errors(&of_schema(&document, &media["schema"]), &response),
                [""; 0],
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_document_is_refused_with_all_that_there_are() {
    let sandbox = sandbox().await;
    for path in ["", "/", "/calls-v1", "/phone-v1.json", "/beta/2020-01-01.json", "/beta/x/y.json"]
    {
        let (status, body) = get(&sandbox, &format!("/openapi{path}")).await;
        assert_eq!(
            (status, &body["errorCode"]),
            (StatusCode::NOT_FOUND, &json!("CMN-120")),
            "{path}"
        );
        let message = body["message"].as_str().unwrap();
        for known in ["/openapi/beta.json (2021-08-12)", "/openapi/calls-v1/2022-09-29.json"] {
            assert!(message.contains(known), "{message}");
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn pages_that_may_ask_may_read_a_document() {
    let sandbox = Sandbox::builder().allow_host("editor.example").start().await.unwrap();
    let path = "/openapi/beta.json";
    for origin in ["http://localhost:3000", "https://editor.example"] {
        for method in [Method::GET, Method::OPTIONS] {
            let response = request(&sandbox, method.clone(), path, origin).await;
            let headers = response.headers();
            assert!(response.status().is_success(), "{method} {origin}");
            assert_eq!(text(headers, "access-control-allow-origin"), Some(origin));
            let mut vary = headers.get_all("vary").iter();
            assert!(vary.any(|vary| vary == "Origin"), "{headers:?}");
            let methods = (method == Method::OPTIONS).then_some("GET, HEAD");
            assert_eq!(text(headers, "access-control-allow-methods"), methods);
        }
        // The service itself is for programs.
        let token = request(&sandbox, Method::POST, "/restapi/oauth/token", origin).await;
        assert_eq!(text(token.headers(), "access-control-allow-origin"), None);
    }
    for origin in ["https://evil.example", "null"] {
        let refused = request(&sandbox, Method::GET, path, origin).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert_eq!(text(refused.headers(), "access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn the_page_is_for_itself_alone() {
    let sandbox = sandbox().await;
    let own = sandbox.url().to_owned();
    for (method, path) in [
        (Method::GET, "/reference"),
        (Method::GET, "/reference/settings"),
        (Method::POST, "/reference/token"),
        (Method::GET, "/reference/files/page.js"),
        (Method::GET, "/reference/files/swagger-ui-bundle.js"),
    ] {
        let response = request(&sandbox, method.clone(), path, &own).await;
        assert_eq!(response.status(), 200, "{path}");
        let policy = text(response.headers(), "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(text(response.headers(), "access-control-allow-origin"), None);
        assert_eq!(text(response.headers(), "cross-origin-resource-policy"), Some("same-origin"));
        // On this machine, but another page.
        let other = request(&sandbox, method, path, "http://localhost:3000").await;
        assert_eq!(other.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let missing = request(&sandbox, Method::GET, "/reference/files/index.html", &own).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_gets_a_token_that_outlives_a_login_and_costs_no_quota() {
    let limits = "auth=1/60s/60s".parse().unwrap();
    let sandbox = Sandbox::builder().limits(limits).start().await.unwrap();
    let own = sandbox.url().to_owned();
    for _ in 0..3 {
        let response = request(&sandbox, Method::POST, "/reference/token", &own).await;
        let token: Value = response.json().await.unwrap();
        let url = format!("{own}/restapi/v1.0/dictionary/timezone");
        let ask = || {
            let token = token["access_token"].as_str().unwrap();
            reqwest::Client::new().get(&url).bearer_auth(token).send()
        };
        assert_eq!(ask().await.unwrap().status(), 200);
        sandbox.advance(std::time::Duration::from_hours(23));
        assert_eq!(ask().await.unwrap().status(), 200);
        sandbox.advance(std::time::Duration::from_hours(2));
        assert_eq!(ask().await.unwrap().status(), 401);
    }
    let (_, settings) = get(&sandbox, "/reference/settings").await;
    assert_eq!(settings["clientId"], sandbox.client_id());
    let spoken = settings["documents"].as_array().unwrap().iter();
    let spoken: Vec<_> = spoken
        .filter(|document| document["isSpoken"] == true)
        .map(|document| (document["api"].as_str().unwrap(), document["date"].as_str().unwrap()))
        .collect();
    let mut expected = sandbox.revisions();
    expected.reverse();
    assert_eq!(spoken, expected);
}

/// Names of members, parameters and values.
fn vocabulary(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                words.insert(key.clone());
                if let (true, Some(text)) =
                    (["name", "default"].contains(&key.as_str()), value.as_str())
                {
                    words.insert(text.to_owned());
                }
                if let (true, Some(values)) = (key == "enum", value.as_array()) {
                    words.extend(values.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                vocabulary(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| vocabulary(item, words)),
        _ => {}
    }
}

/// What stands in backticks in the texts of a document.
fn quoted(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| quoted(value, words)),
        Value::Array(items) => items.iter().for_each(|item| quoted(item, words)),
        Value::String(text) => words.extend(text.split('`').skip(1).step_by(2).map(str::to_owned)),
        _ => {}
    }
}

#[tokio::test]
async fn no_text_names_a_word_that_only_another_revision_has() {
    let sandbox = sandbox().await;
    let mut documents = Vec::new();
    for (api, date) in revisions() {
        let document = document(&sandbox, &format!("{api}/{date}")).await;
        let mut words = BTreeSet::new();
        vocabulary(&document, &mut words);
        documents.push((api, date, document, words));
    }
    for (api, date, document, words) in &documents {
        let mut quotes = BTreeSet::new();
        quoted(document, &mut quotes);
        let of_api = documents.iter().filter(|(other, ..)| other == api);
        let others: BTreeSet<&String> = of_api.flat_map(|(.., words)| words).collect();
        let strange: Vec<_> =
            quotes.difference(words).filter(|word| others.contains(word)).collect();
        assert_eq!(strange, Vec::<&String>::new(), "{api} {date}");
    }
}
