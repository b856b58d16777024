//! The program, a server whose answers are written by the test, and a sandbox.

use std::process::{Command, Output};

use callperf_sandbox::Sandbox;
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

pub(crate) const NOW: &str = "2026-11-24T00:00:00Z";
pub(crate) const ZONE: &str = "America/New_York";

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The exit code, the data, and the rest.
pub(crate) fn said(output: &Output) -> (i32, String, String) {
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// The data of a run that went well.
pub(crate) fn data(output: &Output) -> String {
    let (code, data, errors) = said(output);
    assert_eq!(code, 0, "{errors}");
    data
}

/// Where the program logs in, and with what.
pub(crate) type Settings = [(&'static str, String); 4];

/// Runs the program with these arguments, at [`NOW`].
pub(crate) async fn run<'a>(
    settings: &Settings,
    args: impl IntoIterator<Item = &'a str>,
) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callperf"));
    command.args(args).args(["--now", NOW]).envs(settings.clone());
    // No settings and sessions of the machine's own.
    for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
        command.env(name, concat!(env!("CARGO_TARGET_TMPDIR"), "/none"));
    }
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

pub(crate) fn settings(url: &str, id: &str, secret: &str, jwt: &str) -> Settings {
    [
        ("RC_SERVER_URL", url),
        ("RC_APP_CLIENT_ID", id),
        ("RC_APP_CLIENT_SECRET", secret),
        ("RC_USER_JWT", jwt),
    ]
    .map(|(name, value)| (name, value.to_owned()))
}

/// A sandbox in this process.
pub(crate) struct Served(Sandbox);

impl Served {
    pub(crate) async fn start() -> Self {
        let now = NOW.parse().unwrap();
        Self(Sandbox::builder().seed(7).now(now).start().await.unwrap())
    }

    /// One that speaks this revision, and passes over what it doesn't know.
    pub(crate) async fn of_revision(name: &str) -> Self {
        let now = NOW.parse().unwrap();
        Self(Sandbox::builder().seed(7).now(now).revision(name).start().await.unwrap())
    }

    pub(crate) fn settings(&self) -> Settings {
        let sandbox = &self.0;
        settings(sandbox.url(), sandbox.client_id(), sandbox.client_secret(), sandbox.jwt())
    }

    /// Runs a command line.
    pub(crate) async fn run(&self, line: &str) -> Output {
        run(&self.settings(), line.split_whitespace()).await
    }

    /// Runs a command with an argument that may have blanks.
    pub(crate) async fn run_with(&self, line: &str, more: &[&str]) -> Output {
        run(&self.settings(), line.split_whitespace().chain(more.iter().copied())).await
    }

    pub(crate) async fn json(&self, line: &str) -> Json {
        serde_json::from_str(&data(&self.run(line).await)).unwrap()
    }
}

/// A server that logs in. What else it answers, the test says.
pub(crate) struct Fake(pub(crate) MockServer);

impl Fake {
    pub(crate) async fn start() -> Self {
        let fake = Self(MockServer::start().await);
        let token = json!({
            "access_token": "token", "token_type": "bearer", "expires_in": 3600,
            "scope": "Analytics", "session_id": "session",
        });
        fake.answer("POST", "^/restapi/oauth/token$", 200, token).await;
        fake
    }

    pub(crate) async fn answer(&self, with: &str, at: &str, status: u16, body: Json) {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(method(with)).and(path_regex(at)).respond_with(answer).mount(&self.0).await;
    }

    /// A page of the list of extensions.
    pub(crate) async fn extensions(&self, page: u64, of: u64, records: Json) {
        let body = json!({"records": records, "paging": {"page": page, "totalPages": of}});
        Mock::given(method("GET"))
            .and(path("/restapi/v1.0/account/~/extension"))
            .and(wiremock::matchers::query_param("page", page.to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&self.0)
            .await;
    }

    pub(crate) async fn run(&self, line: &str) -> Output {
        run(&settings(&self.0.uri(), "id", "secret", "jwt"), line.split_whitespace()).await
    }

    /// The bodies of the requests for numbers.
    pub(crate) async fn asked(&self) -> Vec<Json> {
        let requests = self.0.received_requests().await.unwrap();
        let numbers = requests.iter().filter(|it| it.url.path().contains("/analytics/"));
        numbers.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }
}

/// A page of today's answer.
pub(crate) fn page(records: &Json) -> Json {
    let count = records.as_array().unwrap().len();
    json!({
        "data": {"groupedBy": "Users", "records": records},
        "paging": {"page": 1, "perPage": 200, "totalPages": 1, "totalElements": count},
    })
}
