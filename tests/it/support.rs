//! What several tests need: a server that records requests, and settings for
//! snapshots.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use callperf::{Api, Client, ClientBuilder, Credentials, RetryPolicy};
use callperf_sandbox::{Assumptions, Sandbox};
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, path_regex},
};

pub(crate) const TOKEN_PATH: &str = "/restapi/oauth/token";
pub(crate) const NOW: &str = "2026-11-24T12:00:00Z";

/// Secrets that must never be seen outside a request.
pub(crate) const SECRETS: [&str; 3] = ["marked-secret", "marked-jwt", "marked-token"];

/// The folder of this package. Cargo says which one it runs: with a shared target directory, it need not be the one
/// that this was compiled in.
pub(crate) fn package() -> PathBuf {
    let compiled = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(compiled, PathBuf::from)
}

pub(crate) fn workspace() -> PathBuf {
    package().join("..")
}

/// The date of the revision that an API's client is generated from.
pub(crate) fn current_revision(api: &str) -> String {
    let text = std::fs::read_to_string(workspace().join("openapi/revisions.toml")).unwrap();
    let catalogue: toml::Table = text.parse().unwrap();
    catalogue["api"][api]["generate"]["revision"].as_str().unwrap().to_owned()
}

pub(crate) fn fixture(name: &str) -> Json {
    let file = package().join("fixtures").join(name);
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap()
}

/// Snapshots lie beside the tests' sources, not in them.
pub(crate) fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(package().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// A server that logs everybody in and gives one answer to everything else.
pub(crate) async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    mount(&server, answer).await;
    server
}

/// Lets a server log everybody in and give one answer to everything else.
pub(crate) async fn mount(server: &MockServer, answer: ResponseTemplate) {
    let token = json!({
        "access_token": SECRETS[2], "token_type": "bearer", "expires_in": 3600,
        "scope": "Analytics", "session_id": "session",
    });
    Mock::given(method("POST"))
        .and(path(TOKEN_PATH))
        .respond_with(ResponseTemplate::new(200).set_body_json(token))
        .mount(server)
        .await;
    Mock::given(method("POST")).respond_with(answer).with_priority(9).mount(server).await;
}

/// Makes an answer the first one of a place, for a number of requests.
pub(crate) async fn first(server: &MockServer, place: &str, answer: ResponseTemplate, times: u64) {
    Mock::given(path_regex(place))
        .respond_with(answer)
        .up_to_n_times(times)
        .with_priority(1)
        .mount(server)
        .await;
}

pub(crate) fn builder(server: &MockServer, api: Api) -> ClientBuilder {
    Client::builder()
        .server(server.uri())
        .credentials(Credentials::jwt("client", SECRETS[0], SECRETS[1]))
        .api(api)
        .clock(|| NOW.parse().unwrap())
        .retry(RetryPolicy::never())
}

/// For a sandbox's account.
pub(crate) fn of_sandbox(sandbox: &Sandbox) -> ClientBuilder {
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    Client::builder().server(sandbox.url()).credentials(Credentials::jwt(id, secret, sandbox.jwt()))
}

/// A sandbox that assumes otherwise than by default: names of assumptions, and their options.
pub(crate) async fn assuming(now: &str, options: &[(&str, &str)]) -> Sandbox {
    let all = options
        .iter()
        .fold(Assumptions::default(), |all, (name, option)| all.set(name, option).unwrap());
    let builder = Sandbox::builder().seed(7).now(now.parse().unwrap()).assumptions(all);
    builder.start().await.unwrap()
}

fn toml_file(file: &str) -> toml::Value {
    toml::from_str(&std::fs::read_to_string(workspace().join(file)).unwrap()).unwrap()
}

/// The revision whose names the Rust code of an API has, and the one that its client is generated from.
pub(crate) fn generated_revisions(api: &str) -> [Date; 2] {
    let catalogue = toml_file("openapi/revisions.toml");
    let target = &catalogue["api"][api]["generate"];
    ["names", "revision"].map(|key| target[key].as_str().unwrap().parse().unwrap())
}

/// What an API renamed or dropped since the names that the Rust code has.
pub(crate) fn renames_since_named(api: &str) -> Vec<toml::Value> {
    let [named, _] = generated_revisions(api);
    let renames = toml_file("openapi/renames.toml");
    let later = renames["rename"].as_array().unwrap().iter().filter(|it| {
        let date: Date = it["revision"].as_str().unwrap().parse().unwrap();
        it["api"].as_str() == Some(api) && date > named
    });
    later.cloned().collect()
}

/// The names of today that are others in the Rust code, with those there.
pub(crate) fn renamed_since_named(api: &str) -> BTreeMap<String, String> {
    let renames = renames_since_named(api);
    let names =
        renames.iter().filter_map(|it| Some((it.get("new")?.as_str()?, it["old"].as_str()?)));
    names.map(|(new, old)| (new.to_owned(), old.to_owned())).collect()
}

pub(crate) fn client(server: &MockServer, api: Api) -> Client {
    builder(server, api).build().unwrap()
}

const IS_CHILD: &str = "CALLPERF_TEST_IS_CHILD";

/// A process that runs one test, for what is a process's own: its environment, its output.
pub(crate) fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(IS_CHILD, "1");
    command
}

/// Whether this is such a process. Tests for it do nothing elsewhere.
pub(crate) fn is_child() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

/// An answer without records, in an API's shape.
pub(crate) fn empty_answer(api: Api) -> Json {
    let paging = json!({"page": 1, "perPage": 100, "totalPages": 1, "totalElements": 0});
    match api {
        Api::Beta => json!({"data": {}, "paging": paging}),
        _ => json!({"data": {"groupedBy": "Queues", "records": []}, "paging": paging}),
    }
}

/// A request as a snapshot shows it: what is the same on every machine.
pub(crate) fn seen(request: &Request) -> Json {
    let header = |name: &str| {
        let value = request.headers.get(name)?.to_str().ok()?;
        let scheme = value.split_whitespace().next().unwrap_or_default();
        Some(if name == "authorization" {
            format!("{scheme} [redacted]")
        } else {
            value.replace(env!("CARGO_PKG_VERSION"), "[version]")
        })
    };
    let names = ["accept", "authorization", "content-type", "api-version", "x-user-agent"];
    let headers: serde_json::Map<_, _> = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), header(name)?.into())))
        .collect();
    json!({
        "method": request.method.as_str(),
        "path": request.url.path(),
        "query": request.url.query(),
        "headers": headers,
        "body": serde_json::from_slice::<Json>(&request.body).unwrap_or(Json::Null),
    })
}

/// The requests that a server got, less the logins.
pub(crate) async fn requests(server: &MockServer) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| request.url.path() != TOKEN_PATH).collect()
}
