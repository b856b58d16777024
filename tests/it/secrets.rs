//! Everything that the client logs, at the finest level, holds no secret; nor does
//! what a program can show of it.

use std::{
    any::Any,
    error::Error as _,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, Once, OnceLock},
    time::Duration,
};

use callperf::{
    Api, Breakdown, Client, Credentials, Error, FileTokenStore, GroupBy, Interval,
    MemoryTokenStore, Period, Pkce, Query, RetryPolicy, StoredToken, TokenStore as _,
};
use serde_json::json;
use tracing::Dispatch;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::path_regex};

use crate::support::{self, TOKEN_PATH, first};

/// All secrets of the tests begin with this, and nothing else does.
const MARK: &str = "marked-";
/// The Basic authorization of the tests' application.
pub(crate) const BASIC: &str = "Y2xpZW50Om1hcmtlZC1zZWNyZXQ=";
const VERIFIER: &str = "marked-verifier-of-43-characters-or-more-0123456789";

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Captured {
    /// Captures all that is logged while it is the default.
    pub(crate) fn new() -> (Self, Dispatch) {
        static LOG: Once = Once::new();
        // What libraries say through `log` is heard, too.
        LOG.call_once(|| tracing_log::LogTracer::init().unwrap());
        hear_on_each_thread();
        let captured = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(captured.clone())
            .finish();
        (captured, Dispatch::new(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// As long as there is one subscriber only, a span that another test's thread meets
/// first is switched off for all.
pub(crate) fn hear_on_each_thread() {
    static OTHER: OnceLock<Dispatch> = OnceLock::new();
    OTHER.get_or_init(|| Dispatch::new(tracing::subscriber::NoSubscriber::default()));
}

/// A runtime of one thread, all of which is heard: the threads that it keeps for
/// what blocks, too.
pub(crate) fn heard_runtime(dispatch: &Dispatch) -> tokio::runtime::Runtime {
    let dispatch = dispatch.clone();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_start(move || {
            // For as long as the thread lives.
            std::mem::forget(tracing::dispatcher::set_default(&dispatch));
        })
        .build()
        .unwrap()
}

/// The first line that holds a secret.
pub(crate) fn leak(text: &str) -> Option<&str> {
    text.lines().find(|line| line.contains(MARK) || line.contains(BASIC))
}

/// All that an error tells, however it is asked.
pub(crate) fn all_shown(error: &Error) -> String {
    let mut parts = vec![
        format!("{error} {error:?} {error:#?} {:?}", error.api_errors()),
        error.body_excerpt().unwrap_or_default().to_owned(),
        error.request_id().unwrap_or_default().to_owned(),
    ];
    let mut cause = error.source();
    while let Some(current) = cause {
        parts.push(format!("{current} {current:?}"));
        cause = current.source();
    }
    parts.join("\n")
}

/// What a program panics with that doesn't expect the error.
fn panic_of(error: Error) -> String {
    let program = |outcome: Result<(), Error>| outcome.unwrap();
    let unexpecting = AssertUnwindSafe(move || program(Err(error)));
    let unexpected: Box<dyn Any + Send> = catch_unwind(unexpecting).unwrap_err();
    unexpected.downcast_ref::<String>().cloned().unwrap_or_default()
}

struct Flow {
    name: &'static str,
    credentials: Credentials,
    /// The secrets that it sends.
    sends: &'static [&'static str],
}

fn flows() -> Vec<Flow> {
    let flow = |name, credentials, sends| Flow { name, credentials, sends };
    let jwt = || Credentials::jwt("client", "marked-secret", "marked-jwt");
    let uri = "http://localhost:1/";
    let code = || Credentials::authorization_code("client", "marked-code", uri);
    let pkce = Pkce::from_verifier(VERIFIER).unwrap();
    let refresh = || Credentials::refresh_token("client", "marked-refresh-0");
    let password = || Credentials::password("client", "name", "101", "marked-password");
    vec![
        flow("JWT", jwt(), &["marked-jwt", BASIC]),
        flow("code and PKCE", code().pkce(&pkce), &["marked-code", VERIFIER]),
        flow("code and secret", code().client_secret("marked-secret"), &["marked-code", BASIC]),
        flow(
            "code, PKCE and secret",
            code().pkce(&pkce).client_secret("marked-secret"),
            &["marked-code", VERIFIER, BASIC],
        ),
        flow("refresh token by client id alone", refresh(), &["marked-refresh-0"]),
        flow(
            "refresh token and secret",
            refresh().client_secret("marked-secret"),
            &["marked-refresh-0", BASIC],
        ),
        flow(
            "password and secret",
            password().client_secret("marked-secret"),
            &["marked-password", BASIC],
        ),
        flow("password by client id alone", password(), &["marked-password"]),
        flow(
            "JWT and assertion",
            jwt()
                .client_assertion(|| "marked-assertion".to_owned())
                .access_token_ttl(Duration::from_secs(600)),
            &["marked-jwt", "marked-assertion"],
        ),
    ]
}

fn token(number: u32, expires_in: u64) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "access_token": format!("marked-access-{number}"), "token_type": "bearer",
        "expires_in": expires_in, "refresh_token": format!("marked-refresh-{number}"),
        "refresh_token_expires_in": 604_800, "scope": "Analytics", "session_id": "session",
    }))
}

fn query() -> Query {
    Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total)
}

/// A program that logs all that it has.
async fn log_everything(client: &Client) {
    let note = |what: &str, outcome: Result<(), Error>| {
        tracing::info!(?client, ?outcome, "{what}");
        if let Err(error) = outcome {
            let (causes, panic) = (all_shown(&error), panic_of(error));
            tracing::error!(causes, panic, "{what}");
        }
    };
    let call = client.aggregate(&query());
    tracing::info!(?call, "a call");
    note("a page", call.page(1).await.map(drop));
    let mut records = client.timeline(&query(), Interval::Day).read_ahead().records();
    tracing::info!(?records, "a pull");
    note("a record", records.try_next().await.map(drop));
    let body = json!({"any": "body"});
    note("a request", client.send("/restapi/v1.0/any", &[], Some(&body)).await.map(drop));
}

/// Goes through the life of a session: begun, renewed, refused, renewed, stored,
/// taken up by another, revoked; with answers that fail and repeat what was sent.
async fn live(flow: &Flow, server: &MockServer, folder: &std::path::Path) {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    Mock::given(path_regex("analytics|any"))
        .respond_with(answer)
        .with_priority(9)
        .mount(server)
        .await;
    // The first token is old at once, and another one is called too old.
    for (number, lifetime) in [(1, 0), (2, 3600), (3, 3600), (4, 3600)] {
        Mock::given(path_regex("oauth/token"))
            .respond_with(token(number, lifetime))
            .up_to_n_times(1)
            .with_priority(u8::try_from(number + 1).unwrap())
            .mount(server)
            .await;
    }
    let file = folder.join(format!("{}.json", flow.name));
    let client = || {
        let builder = support::builder(server, Api::CallsV1)
            .credentials(flow.credentials.clone())
            .token_store(FileTokenStore::new(&file))
            .retry(RetryPolicy::default().attempts(2).deadline(Duration::from_secs(20)));
        tracing::info!(?builder, credentials = ?flow.credentials, "what a program begins with");
        builder.build().unwrap()
    };
    let one = client();
    log_everything(&one).await;
    let expired =
        json!({"errors": [{"errorCode": "OAU-128", "message": "marked-access-2 is old"}]});
    first(server, "analytics", ResponseTemplate::new(401).set_body_json(expired), 1).await;
    log_everything(&one).await;
    let other = client();
    log_everything(&other).await;
    other.revoke().await.unwrap_err();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(MARK), "{}: {text}", flow.name);
    // A server that repeats all that it got, at the end of its life.
    server.reset().await;
    let echo = |request: &Request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let header = format!("{:?}", request.headers.get("authorization"));
        ResponseTemplate::new(400).set_body_json(json!({
            "error": "invalid_grant", "error_description": body,
            "errors": [{"errorCode": "OAU-1", "message": format!("{header} {body}")}],
        }))
    };
    Mock::given(path_regex("oauth")).respond_with(echo).mount(server).await;
    log_everything(&client()).await;
}

#[test]
fn no_secret_is_logged_at_any_level_in_any_flow() {
    let folder = tempfile::tempdir().unwrap();
    for flow in flows() {
        let (captured, dispatch) = Captured::new();
        let _guard = tracing::dispatcher::set_default(&dispatch);
        heard_runtime(&dispatch).block_on(async {
            let server = MockServer::start().await;
            live(&flow, &server, folder.path()).await;
        });
        let text = captured.text();
        assert_eq!(leak(&text), None, "{}", flow.name);
        for heard in ["callperf.request", "callperf.attempt", "callperf.login", "reqwest::connect"]
        {
            assert!(text.contains(heard), "{}: {heard} isn't heard", flow.name);
        }
    }
}

/// What [`live`] sends, so that there is something to leak.
#[tokio::test]
async fn each_flow_sends_its_secrets_to_the_server_alone() {
    for flow in flows() {
        let server = MockServer::start().await;
        first(&server, "oauth/token", token(1, 3600), 1).await;
        let builder = support::builder(&server, Api::CallsV1);
        let client = builder.credentials(flow.credentials).build().unwrap();
        client.aggregate(&query()).page(1).await.unwrap_err();
        let all = server.received_requests().await.unwrap();
        let login = all.iter().find(|request| request.url.path() == TOKEN_PATH).unwrap();
        let header = login.headers.get("authorization").map(|value| value.to_str().unwrap());
        let body = String::from_utf8_lossy(&login.body);
        for secret in flow.sends {
            let is_sent = body.contains(secret) || header.is_some_and(|it| it.contains(secret));
            assert!(is_sent, "{}: {secret}", flow.name);
        }
        let question = all.iter().find(|request| request.url.path() != TOKEN_PATH).unwrap();
        assert_eq!(question.headers["authorization"], "Bearer marked-access-1");
    }
}

#[test]
fn no_secret_is_in_what_a_program_can_show() {
    let token = StoredToken::new("marked-token");
    let memory = MemoryTokenStore::new();
    memory.save("key", &token).unwrap();
    let lock = memory.try_lock("key").unwrap();
    let pkce = Pkce::from_verifier(VERIFIER).unwrap();
    let mut shown = vec![format!("{token:?} {memory:?} {lock:?} {pkce:?} {pkce:#?}")];
    for Flow { credentials, .. } in flows() {
        let builder = Client::builder().credentials(credentials.clone());
        shown.push(format!("{credentials:?} {credentials:#?} {builder:?} {builder:#?}"));
        let client = builder.build().unwrap();
        shown.push(format!("{client:?} {client:#?} {:?}", client.aggregate(&query())));
    }
    let refused = [
        Client::builder()
            .server("http://user:marked-password@127.0.0.1/")
            .credentials(Credentials::jwt("client", "marked-secret", "marked-jwt")),
        Client::builder().proxy("http://user:marked-password@[").credentials(Credentials::jwt(
            "client",
            "marked-secret",
            "marked-jwt",
        )),
        Client::builder()
            .credentials(Credentials::jwt("client", "marked-secret", "marked-jwt").pkce(&pkce)),
    ];
    let addresses = [
        "https://user:#marked-password@127.0.0.1/",
        "https://user:1#marked-password@127.0.0.1/",
        "https://user/marked-password@127.0.0.1/",
        "https://user:marked-password",
        "marked-password@127.0.0.1",
        "https://127.0.0.1/?marked-password",
    ];
    let jwt = || Credentials::jwt("client", "marked-secret", "marked-jwt");
    let servers = addresses.map(|it| Client::builder().server(it).credentials(jwt()));
    let proxies = addresses[..4].iter().map(|it| Client::builder().proxy(*it).credentials(jwt()));
    for builder in refused.into_iter().chain(servers).chain(proxies) {
        shown.push(format!("{builder:?}"));
        let error = builder.build().unwrap_err();
        shown.push(all_shown(&error));
        shown.push(panic_of(error));
    }
    let text = shown.join("\n");
    assert_eq!(leak(&text), None);
}
