//! Logging in, staying logged in, and sharing it: over HTTP, with a server that
//! counts.

use std::{
    collections::BTreeMap,
    error::Error as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use callperf::{
    Api, Breakdown, Client, Credentials, Error, ErrorKind, FileTokenStore, GroupBy,
    MemoryTokenStore, Period, Pkce, Query, RetryPolicy, StoreLock, StoredToken, TokenStore,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, method, path, path_regex},
};

use crate::support::{self, TOKEN_PATH, first};

const REVOKE_PATH: &str = "/restapi/oauth/revoke";
/// All secrets here begin with this, and nothing else does.
const MARK: &str = "marked-";
const VERIFIER: &str = "marked-verifier-of-43-characters-or-more-0123456789";

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

async fn ask(client: &Client) -> Result<(), Error> {
    client.aggregate(&query()).page(1).await.map(drop)
}

fn jwt() -> Credentials {
    Credentials::jwt("client", "marked-secret", "marked-jwt")
}

fn code() -> Credentials {
    let pkce = Pkce::from_verifier(VERIFIER).unwrap();
    Credentials::authorization_code("client", "marked-code", "http://localhost:1/").pkce(&pkce)
}

fn client(server: &MockServer, credentials: Credentials) -> Client {
    shared(server, credentials, MemoryTokenStore::new())
}

fn shared(
    server: &MockServer,
    credentials: Credentials,
    store: impl TokenStore + 'static,
) -> Client {
    let builder = support::builder(server, Api::CallsV1).credentials(credentials);
    builder.token_store(store).build().unwrap()
}

/// A token response; the access token is `marked-access-N`.
fn token(number: u32, expires_in: u64, refresh_token: Option<&str>) -> ResponseTemplate {
    let mut body = json!({
        "access_token": format!("marked-access-{number}"), "token_type": "bearer",
        "expires_in": expires_in, "scope": "Analytics", "session_id": "session",
    });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
        body["refresh_token_expires_in"] = 604_800.into();
    }
    ResponseTemplate::new(200).set_body_json(body)
}

fn refused(status: u16, error: &str, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({
        "error": error, "error_description": "no",
        "errors": [{"errorCode": code, "message": "no"}],
    }))
}

/// A server that answers every report, and each grant as given.
async fn server(grants: impl IntoIterator<Item = (&str, ResponseTemplate)>) -> MockServer {
    let server = MockServer::start().await;
    let mut seen = BTreeMap::<&str, u8>::new();
    for (grant, answer) in grants {
        // The answers of one grant in turn; the last one stays.
        let priority = seen.entry(grant).and_modify(|number| *number += 1).or_insert(2);
        Mock::given(path(TOKEN_PATH))
            .and(body_string_contains(format!("grant_type={grant}")))
            .respond_with(answer)
            .with_priority(*priority)
            .mount(&server)
            .await;
    }
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    Mock::given(path_regex("analytics")).respond_with(answer).with_priority(9).mount(&server).await;
    server
}

const JWT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";

fn form(request: &Request) -> BTreeMap<String, String> {
    let address = format!("http://form/?{}", String::from_utf8(request.body.clone()).unwrap());
    let address = reqwest::Url::parse(&address).unwrap();
    address.query_pairs().into_owned().collect()
}

async fn sent(server: &MockServer, to: &str) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| request.url.path() == to).collect()
}

/// The grants that were asked for, in turn.
async fn grants(server: &MockServer) -> Vec<String> {
    let all = sent(server, TOKEN_PATH).await;
    all.iter().map(|request| form(request)["grant_type"].replace(':', " ")).collect()
}

/// The token that each question came with.
async fn used(server: &MockServer) -> Vec<String> {
    let all = server.received_requests().await.unwrap();
    all.iter()
        .filter(|request| request.url.path().contains("analytics"))
        .map(|request| request.headers["authorization"].to_str().unwrap().to_owned())
        .collect()
}

/// A request to the login endpoints with the secrets replaced.
fn seen(request: &Request) -> Json {
    let mut shown = support::seen(request);
    let fields = form(request).into_iter().map(|(name, value)| {
        let is_secret = value.starts_with(MARK);
        (name, if is_secret { "[redacted]".to_owned() } else { value })
    });
    shown["body"] = fields.collect::<BTreeMap<_, _>>().into_iter().collect();
    shown
}

/// An error with its causes; fails where a secret is in any of it.
fn checked_text(error: &Error) -> String {
    let mut parts = vec![format!("{error}\n{error:?}\n{:?}", error.body_excerpt())];
    let mut cause = error.source();
    while let Some(current) = cause {
        parts.push(format!("{current}\n{current:?}"));
        cause = current.source();
    }
    let text = parts.join("\n");
    assert!(!text.contains(MARK), "{text}");
    format!("{:?}: {error}", error.kind())
}

#[tokio::test]
async fn each_flow_sends_what_is_documented() {
    let flows = [
        ("jwt", jwt()),
        ("code with PKCE", code()),
        ("code with a secret", {
            let uri = "https://example.com/back?a=b";
            Credentials::authorization_code("client", "marked-code", uri)
                .client_secret("marked-secret")
        }),
        ("code with both", code().client_secret("marked-secret")),
        ("refresh token", Credentials::refresh_token("client", "marked-refresh-0")),
        ("refresh token with a secret", {
            Credentials::refresh_token("client", "marked-refresh-0").client_secret("marked-secret")
        }),
        ("password", {
            Credentials::password("client", "+16505550100", "101", "marked-password")
                .client_secret("marked-secret")
        }),
        ("password without an extension", {
            Credentials::password("client", "a@example.com", "", "marked-password")
                .client_secret("marked-secret")
        }),
        ("assertion and lifetime", {
            jwt()
                .client_assertion(|| "marked-assertion".to_owned())
                .access_token_ttl(Duration::from_mins(10))
        }),
    ];
    let mut shown = Vec::new();
    for (name, credentials) in flows {
        assert!(!format!("{credentials:?}").contains(MARK));
        let server = server([("", token(1, 3600, Some("marked-refresh-1")))]).await;
        let client = client(&server, credentials);
        ask(&client).await.unwrap();
        client.revoke().await.unwrap_err();
        let mut requests = Vec::new();
        for place in [TOKEN_PATH, REVOKE_PATH] {
            requests.extend(sent(&server, place).await.iter().map(seen));
        }
        assert_eq!(requests.len(), 2);
        assert_eq!(used(&server).await, ["Bearer marked-access-1"]);
        shown.push(json!({"flow": name, "requests": requests}));
    }
    let text = serde_json::to_string_pretty(&shown).unwrap();
    assert!(!text.contains(MARK));
    support::snapshots().bind(|| insta::assert_snapshot!("login-flows", text));
}

#[tokio::test]
async fn a_session_goes_on_by_its_refresh_token() {
    let server = server([
        (JWT, token(1, 0, Some("marked-refresh-1"))),
        ("refresh_token&refresh_token=marked-refresh-1", token(2, 0, Some("marked-refresh-2"))),
        ("refresh_token&refresh_token=marked-refresh-2", token(3, 3600, Some("marked-refresh-3"))),
    ])
    .await;
    let client = client(&server, jwt());
    for _ in 0..4 {
        ask(&client).await.unwrap();
    }
    let tokens = sent(&server, TOKEN_PATH).await;
    let refreshed: Vec<_> =
        tokens.iter().map(|request| form(request).remove("refresh_token")).collect();
    let expected = [None, Some("marked-refresh-1"), Some("marked-refresh-2")];
    assert_eq!(refreshed, expected.map(|token| token.map(str::to_owned)));
    let last = "Bearer marked-access-3";
    assert_eq!(used(&server).await[2..], [last, last]);
}

#[tokio::test]
async fn a_refused_refresh_token_falls_back_to_a_login() {
    let gone = refused(400, "invalid_grant", "OAU-210");
    for credentials in [jwt(), Credentials::password("client", "name", "1", "marked-password")] {
        let server =
            server([("refresh_token", gone.clone()), ("", token(1, 0, Some("marked-refresh-1")))])
                .await;
        let client = client(&server, credentials);
        ask(&client).await.unwrap();
        ask(&client).await.unwrap();
        let grants = grants(&server).await;
        assert_eq!(grants.len(), 3, "{grants:?}");
        assert_eq!((&grants[0], grants[1].as_str()), (&grants[2], "refresh_token"));
    }
}

#[tokio::test]
async fn a_refused_application_is_not_tried_another_way() {
    let server = server([
        (JWT, token(1, 0, Some("marked-refresh-1"))),
        ("refresh_token", refused(401, "invalid_client", "OAU-146")),
    ])
    .await;
    let client = client(&server, jwt());
    ask(&client).await.unwrap();
    let error = ask(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 2);
}

#[tokio::test]
async fn a_code_is_used_once() {
    let mut texts = Vec::new();
    // Refresh tokens are off by default.
    let server_without = server([("authorization_code", token(1, 0, None))]).await;
    let client_without = client(&server_without, code());
    ask(&client_without).await.unwrap();
    for _ in 0..2 {
        let error = ask(&client_without).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Authentication, None));
        texts.push(checked_text(&error));
    }
    assert_eq!(grants(&server_without).await, ["authorization_code"]);

    let server_with = server([
        ("authorization_code", token(1, 0, Some("marked-refresh-1"))),
        ("refresh_token", token(2, 0, Some("marked-refresh-2"))),
    ])
    .await;
    let client_with = client(&server_with, code());
    ask(&client_with).await.unwrap();
    ask(&client_with).await.unwrap();
    server_with.reset().await;
    first(&server_with, "token", refused(400, "invalid_grant", "OAU-213"), 9).await;
    for _ in 0..2 {
        texts.push(checked_text(&ask(&client_with).await.unwrap_err()));
    }
    // What was refused once isn't tried again.
    assert_eq!(grants(&server_with).await, ["refresh_token"]);

    let server_refusing = server([("", refused(403, "invalid_grant", "OAU-108"))]).await;
    let client_refused = client(&server_refusing, code());
    for _ in 0..2 {
        texts.push(checked_text(&ask(&client_refused).await.unwrap_err()));
    }
    assert_eq!(grants(&server_refusing).await, ["authorization_code"]);
    support::snapshots().bind(|| insta::assert_snapshot!("login-again", texts.join("\n\n")));
}

#[tokio::test]
async fn a_code_that_never_arrived_is_sent_again() {
    let server = server([("authorization_code", token(1, 3600, None))]).await;
    first(&server, "token", ResponseTemplate::new(503), 1).await;
    let client = client(&server, code());
    assert_eq!(ask(&client).await.unwrap_err().kind(), ErrorKind::Server);
    ask(&client).await.unwrap();
}

#[tokio::test]
async fn each_code_says_what_to_do() {
    let refusals = [
        ("invalid_request", "OAU-101"),
        ("invalid_client", "OAU-123"),
        ("invalid_client", "OAU-146"),
        ("invalid_grant", "OAU-140"),
        ("invalid_grant", "OAU-168"),
        ("invalid_grant", "OAU-210"),
        ("invalid_grant", "OAU-213"),
        ("unauthorized_client", "OAU-251"),
    ];
    let mut texts = Vec::new();
    for (word, code) in refusals {
        let server = server([("", refused(400, word, code))]).await;
        let error = ask(&client(&server, jwt())).await.unwrap_err();
        assert_eq!(error.api_errors()[0].code, code);
        texts.push(checked_text(&error));
    }
    for code in ["OAU-128", "OAU-129", "OAU-149", "AGW-402"] {
        let server = server([("", token(1, 3600, None))]).await;
        first(&server, "analytics", refused(401, "invalid_token", code), 9).await;
        texts.push(checked_text(&ask(&client(&server, jwt())).await.unwrap_err()));
    }
    support::snapshots().bind(|| insta::assert_snapshot!("login-advice", texts.join("\n\n")));
}

#[tokio::test]
async fn a_server_that_repeats_secrets_puts_none_into_an_error() {
    let all = "marked-secret marked-code marked-assertion marked-password marked-refresh-0";
    let all = format!("{all} marked-jwt {VERIFIER}");
    let everyone = [
        jwt(),
        code(),
        jwt().client_assertion(|| "marked-assertion".to_owned()),
        Credentials::password("client", "name", "", "marked-password"),
        Credentials::refresh_token("client", "marked-refresh-0"),
    ];
    for credentials in everyone {
        for status in [400, 401, 403, 500, 302] {
            let server = MockServer::start().await;
            let echo = move |request: &Request| {
                let fields = form(request);
                ResponseTemplate::new(status).set_body_json(json!({
                    "error": "invalid_grant", "error_description": fields,
                    "errors": [{"errorCode": "OAU-1", "message": format!("{fields:?}")}],
                }))
            };
            Mock::given(method("POST")).respond_with(echo).mount(&server).await;
            checked_text(&ask(&client(&server, credentials.clone())).await.unwrap_err());
        }
        let server = server([("", ResponseTemplate::new(502).set_body_string(&*all))]).await;
        let error = ask(&client(&server, credentials)).await.unwrap_err();
        assert!(error.body_excerpt().unwrap().contains("[redacted]"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_share_one_login() {
    let slow = token(1, 3600, None).set_delay(Duration::from_millis(200));
    let server = server([(JWT, slow)]).await;
    let client = support::builder(&server, Api::CallsV1).concurrency(100).build().unwrap();
    let tasks = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send("/analytics/any", &[], None).await })
    });
    for outcome in join_all(tasks).await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_share_one_failure() {
    let slow = ResponseTemplate::new(429).insert_header("Retry-After", "60");
    let server = server([(JWT, slow.set_delay(Duration::from_millis(300)))]).await;
    let client = client(&server, jwt());
    let tasks = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send("/analytics/any", &[], None).await })
    });
    for outcome in join_all(tasks).await {
        let error = outcome.unwrap().unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    }
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
    // A login inside the penalty would start it anew.
    tokio::time::timeout(Duration::from_millis(300), ask(&client)).await.unwrap_err();
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
}

#[tokio::test]
async fn a_login_goes_on_when_its_request_is_given_up() {
    let slow = token(1, 3600, None).set_delay(Duration::from_millis(300));
    let server = server([("authorization_code", slow)]).await;
    let client = client(&server, code());
    let patience = Duration::from_millis(100);
    tokio::time::timeout(patience, ask(&client)).await.unwrap_err();
    ask(&client).await.unwrap();
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
}

const CHILD_SERVER: &str = "CALLPERF_TEST_CHILD_SERVER";
const CHILD_STORE: &str = "CALLPERF_TEST_CHILD_STORE";

/// What the processes of the next test do. Without them it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_processes() {
    let (Ok(server), Ok(store)) = (std::env::var(CHILD_SERVER), std::env::var(CHILD_STORE)) else {
        return;
    };
    let client = Client::builder()
        .server(server)
        .credentials(jwt())
        .token_store(FileTokenStore::new(store))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let tasks = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send("/analytics/any", &[], None).await })
    });
    for outcome in join_all(tasks).await {
        outcome.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_one_login() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([(JWT, token(1, 0, None))]).await;
    // What the processes find is an expired token.
    ask(&shared(&server, jwt(), FileTokenStore::new(&file))).await.unwrap();
    server.reset().await;
    let slow = token(2, 3600, None).set_delay(Duration::from_millis(500));
    first(&server, "token", slow, 99).await;
    first(&server, "analytics", ResponseTemplate::new(200).set_body_json(json!({})), 999).await;
    let children: Vec<_> = (0..4)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["logins::one_of_several_processes", "--exact", "--nocapture"])
                .env(CHILD_SERVER, server.uri())
                .env(CHILD_STORE, &file)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let waiting = tokio::task::spawn_blocking(|| {
        children.into_iter().map(|child| child.wait_with_output().unwrap()).collect::<Vec<_>>()
    });
    for output in waiting.await.unwrap() {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("1 passed"), "{text}");
    }
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
    assert_eq!(used(&server).await, vec!["Bearer marked-access-2"; 400]);
}

#[tokio::test]
async fn a_later_client_goes_on_with_a_stored_session() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([
        ("authorization_code", token(1, 0, Some("marked-refresh-1"))),
        ("refresh_token", token(2, 3600, Some("marked-refresh-2"))),
    ])
    .await;
    for _ in 0..3 {
        ask(&shared(&server, code(), FileTokenStore::new(&file))).await.unwrap();
    }
    assert_eq!(grants(&server).await, ["authorization_code", "refresh_token"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Neither the code nor the application's secret is in it.
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("marked-access-2") && !text.contains("marked-code"), "{text}");
}

#[tokio::test]
async fn a_named_session_goes_on_in_later_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([
        ("authorization_code", token(1, 0, Some("marked-refresh-1"))),
        ("refresh_token&refresh_token=marked-refresh-1", token(2, 0, Some("marked-refresh-2"))),
        ("refresh_token&refresh_token=marked-refresh-2", token(3, 3600, Some("marked-refresh-3"))),
    ])
    .await;
    let named = code().session_name("reports");
    ask(&shared(&server, named, FileTokenStore::new(&file))).await.unwrap();
    for _ in 0..3 {
        let stored = Credentials::stored("client", "reports");
        ask(&shared(&server, stored, FileTokenStore::new(&file))).await.unwrap();
    }
    assert_eq!(
        grants(&server).await,
        ["authorization_code", "refresh_token", "refresh_token"],
        "the last two runs found a token that is good"
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("client name=reports") && !text.contains("marked-code"), "{text}");
}

#[tokio::test]
async fn without_a_named_session_requests_fail() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([("authorization_code", token(1, 0, None))]).await;
    let stored = |name: &str| {
        let credentials = Credentials::stored("client", name);
        shared(&server, credentials, FileTokenStore::new(&file))
    };
    let never = stored("reports");
    assert_eq!(never.session().await.unwrap(), None);
    let mut texts = vec![checked_text(&ask(&never).await.unwrap_err())];
    never.revoke().await.unwrap();
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 0);
    assert_eq!(sent(&server, REVOKE_PATH).await.len(), 0);

    let named = code().session_name("reports");
    ask(&shared(&server, named, FileTokenStore::new(&file))).await.unwrap();
    assert_eq!(ask(&stored("other")).await.unwrap_err().kind(), ErrorKind::Authentication);
    // It has no refresh token.
    let error = stored("reports").log_in().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Authentication, None));
    texts.push(checked_text(&error));
    assert_eq!(grants(&server).await, ["authorization_code"]);
    support::snapshots().bind(|| insta::assert_snapshot!("login-stored", texts.join("\n\n")));
}

#[tokio::test]
async fn a_new_login_replaces_a_named_session() {
    let store = MemoryTokenStore::new();
    let server = server([
        (&*format!("{JWT}&assertion=marked-jwt-1"), token(1, 3600, Some("marked-refresh-1"))),
        (&*format!("{JWT}&assertion=marked-jwt-2"), token(2, 3600, None)),
        ("authorization_code", token(3, 3600, None)),
    ])
    .await;
    let one = |jwt: &str| Credentials::jwt("client", "marked-secret", jwt).session_name("reports");
    // The credentials that began the session share it; others replace it.
    for credentials in [one("marked-jwt-1"), one("marked-jwt-1"), one("marked-jwt-2")] {
        ask(&shared(&server, credentials, store.clone())).await.unwrap();
    }
    let named = code().session_name("reports");
    ask(&shared(&server, named, store.clone())).await.unwrap();
    let stored = Credentials::stored("client", "reports");
    ask(&shared(&server, stored, store.clone())).await.unwrap();
    let used = used(&server).await;
    let numbers: Vec<_> = used.iter().map(|token| token.rsplit('-').next().unwrap()).collect();
    assert_eq!(numbers, ["1", "1", "2", "3", "3"]);
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 3);
}

#[tokio::test]
async fn a_named_session_is_revoked_by_its_name() {
    let store = MemoryTokenStore::new();
    let server = server([("", token(1, 3600, Some("marked-refresh-1")))]).await;
    first(&server, "revoke", ResponseTemplate::new(200), 9).await;
    let named = || code().session_name("reports");
    ask(&shared(&server, named(), store.clone())).await.unwrap();
    let stored = Credentials::stored("client", "reports").client_secret("marked-secret");
    shared(&server, stored.clone(), store.clone()).revoke().await.unwrap();
    let revoked = sent(&server, REVOKE_PATH).await;
    assert_eq!(form(&revoked[0])["token"], "marked-refresh-1");
    assert!(revoked[0].headers["authorization"].to_str().unwrap().starts_with("Basic "));
    let error = ask(&shared(&server, stored, store)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[tokio::test]
async fn session_info_comes_without_tokens() {
    let server = server([(JWT, token(1, 3600, Some("marked-refresh-1")))]).await;
    let store = MemoryTokenStore::new();
    let (one, other) =
        (shared(&server, jwt(), store.clone()), shared(&server, jwt(), store.clone()));
    assert_eq!(one.session().await.unwrap(), None);
    assert_eq!(one.clock_skew(), None);
    one.log_in().await.unwrap();
    for client in [one, other] {
        let session = client.session().await.unwrap().unwrap();
        assert!((3400..=3540).contains(&session.usable_for.as_secs()), "{session:?}");
        assert!(session.is_renewable && session.renewable_for.unwrap().as_secs() <= 604_800);
        assert_eq!(
            (session.owner_id.as_deref(), &*session.scope),
            (None, &["Analytics".into()][..])
        );
        assert!(!format!("{session:?}").contains(MARK));
        ask(&client).await.unwrap();
        // The server's clock is known from its responses, and is this machine's.
        let real = Timestamp::now().duration_since(support::NOW.parse().unwrap());
        assert!((client.clock_skew().unwrap() - real).as_secs().abs() < 600);
    }
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
}

#[tokio::test]
async fn sessions_that_have_ended_leave_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let login = |number: u32, expires_in, refresh: Option<&str>| {
        (format!("{JWT}&assertion=marked-jwt-{number}"), token(number, expires_in, refresh))
    };
    let grants = [
        login(1, 0, None),
        login(2, 0, Some("marked-refresh-2")),
        login(3, 3600, None),
        login(4, 0, None),
    ];
    let server =
        server(grants.iter().map(|(grant, answer)| (grant.as_str(), answer.clone()))).await;
    for number in 1..=4 {
        let credentials =
            Credentials::jwt("client", "marked-secret", format!("marked-jwt-{number}"));
        ask(&shared(&server, credentials, FileTokenStore::new(&file))).await.unwrap();
    }
    let text = fs::read_to_string(&file).unwrap();
    let kept: Vec<_> =
        (1..=4).filter(|number| text.contains(&format!("marked-access-{number}"))).collect();
    // One can be renewed, one is good, one has just begun.
    assert_eq!(kept, [2, 3, 4], "{text}");
    // What isn't understood may be another version's.
    let mut content: Json = serde_json::from_str(&text).unwrap();
    content["callperf_sessions"]["tomorrow"] = "{\"of\": \"tomorrow\"}".into();
    fs::write(&file, content.to_string()).unwrap();
    let credentials = Credentials::jwt("client", "marked-secret", "marked-jwt-1");
    ask(&shared(&server, credentials, FileTokenStore::new(&file))).await.unwrap();
    assert!(fs::read_to_string(&file).unwrap().contains("tomorrow"));
}

#[tokio::test]
async fn a_damaged_file_costs_a_login_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([(JWT, token(1, 3600, None))]).await;
    fs::write(&file, "").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut logins = 0;
    for damage in ["", "{", "[]", "\u{0}\u{1}", "{\"callperf_sessions\": {\"a\": 7}}"] {
        fs::write(&file, damage).unwrap();
        for _ in 0..2 {
            ask(&shared(&server, jwt(), FileTokenStore::new(&file))).await.unwrap();
        }
        logins += 1;
        assert_eq!(sent(&server, TOKEN_PATH).await.len(), logins, "{damage:?}");
    }
    // A sound file with a session that isn't understood.
    let text = fs::read_to_string(&file).unwrap().replace("access_token", "of_tomorrow");
    fs::write(&file, text).unwrap();
    ask(&shared(&server, jwt(), FileTokenStore::new(&file))).await.unwrap();
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), logins + 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let server = server([(JWT, token(1, 3600, None))]).await;
    let error = ask(&shared(&server, jwt(), FileTokenStore::new(folder.path()))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Settings);
    checked_text(&error);
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 0);
}

#[tokio::test]
async fn accounts_in_one_file_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([
        (&*format!("{JWT}&assertion=marked-jwt-1"), token(1, 3600, None)),
        (&*format!("{JWT}&assertion=marked-jwt-2"), token(2, 3600, None)),
    ])
    .await;
    for _ in 0..2 {
        for jwt in ["marked-jwt-1", "marked-jwt-2"] {
            let credentials = Credentials::jwt("client", "marked-secret", jwt);
            ask(&shared(&server, credentials, FileTokenStore::new(&file))).await.unwrap();
        }
    }
    let (one, two) = ("Bearer marked-access-1", "Bearer marked-access-2");
    assert_eq!(used(&server).await, [one, two, one, two]);
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_not_taken_from_the_store_again() {
    let store = MemoryTokenStore::new();
    let server = server([(JWT, token(1, 3600, None))]).await;
    let (one, other) = (shared(&server, jwt(), store.clone()), shared(&server, jwt(), store));
    ask(&one).await.unwrap();
    ask(&other).await.unwrap();
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);

    server.reset().await;
    Mock::given(path(TOKEN_PATH)).respond_with(token(2, 3600, None)).mount(&server).await;
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    Mock::given(path_regex("analytics")).respond_with(answer).mount(&server).await;
    let expired = refused(401, "invalid_token", "OAU-128");
    first(&server, "analytics", expired.clone(), 1).await;
    ask(&one).await.unwrap();
    // The other meets the same refusal and finds the new token in the store.
    first(&server, "analytics", expired, 1).await;
    ask(&other).await.unwrap();
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
    let (old, new) = ("Bearer marked-access-1", "Bearer marked-access-2");
    assert_eq!(used(&server).await, [old, new, old, new]);
}

#[tokio::test]
async fn requests_that_meet_one_refusal_renew_once() {
    let server = server([(JWT, token(1, 3600, None)), (JWT, token(2, 3600, None))]).await;
    let client = support::builder(&server, Api::CallsV1).build().unwrap();
    ask(&client).await.unwrap();
    server.reset().await;
    let renewed = token(2, 3600, None).set_delay(Duration::from_millis(50));
    Mock::given(path(TOKEN_PATH)).respond_with(renewed).mount(&server).await;
    let answer = |request: &Request| {
        if request.headers["authorization"] == "Bearer marked-access-2" {
            let body = support::empty_answer(Api::CallsV1);
            ResponseTemplate::new(200).set_body_json(body)
        } else {
            refused(401, "invalid_token", "OAU-128")
        }
    };
    Mock::given(path_regex("analytics")).respond_with(answer).mount(&server).await;
    for outcome in join_all((0..4).map(|_| ask(&client))).await {
        outcome.unwrap();
    }
    assert_eq!(sent(&server, TOKEN_PATH).await.len(), 1);
}

#[tokio::test]
async fn revoking_ends_the_session_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.json");
    let server = server([("", token(1, 3600, Some("marked-refresh-1")))]).await;
    first(&server, "revoke", ResponseTemplate::new(200), 1).await;
    let one = shared(&server, jwt(), FileTokenStore::new(&file));
    one.revoke().await.unwrap();
    assert_eq!(sent(&server, REVOKE_PATH).await.len(), 0, "there was nothing to revoke");
    ask(&one).await.unwrap();
    // Another process's client has no token of its own yet.
    shared(&server, jwt(), FileTokenStore::new(&file)).revoke().await.unwrap();
    assert!(!fs::read_to_string(&file).unwrap().contains(MARK));
    assert_eq!(form(&sent(&server, REVOKE_PATH).await[0])["token"], "marked-refresh-1");

    first(&server, "revoke", refused(400, "invalid_request", "OAU-213"), 9).await;
    let other = shared(&server, jwt(), FileTokenStore::new(&file));
    ask(&other).await.unwrap();
    let error = other.revoke().await.unwrap_err();
    assert_eq!(sent(&server, REVOKE_PATH).await.len(), 2, "made once");
    let text = checked_text(&error);
    support::snapshots().bind(|| insta::assert_snapshot!("login-revoke", text));
    // A JWT begins a new session; a refresh token doesn't come back.
    ask(&other).await.unwrap();
    let credentials = Credentials::refresh_token("client", "marked-refresh-0");
    let third = client(&server, credentials);
    third.revoke().await.unwrap_err();
    let revoked = sent(&server, REVOKE_PATH).await;
    assert_eq!(form(&revoked[2])["token"], "marked-refresh-0");
    assert_eq!(ask(&third).await.unwrap_err().kind(), ErrorKind::Authentication);
}

/// A user's own store, which fails.
struct Failing {
    inner: MemoryTokenStore,
    on_load: bool,
}

fn broken<T>() -> std::io::Result<T> {
    Err(std::io::Error::other("the keyring is locked"))
}

impl TokenStore for Failing {
    fn load(&self, key: &str) -> std::io::Result<Option<StoredToken>> {
        assert!(!key.contains(MARK), "{key}");
        if self.on_load { broken() } else { self.inner.load(key) }
    }

    fn save(&self, _key: &str, token: &StoredToken) -> std::io::Result<()> {
        assert!(!format!("{token:?}").contains(MARK));
        broken()
    }

    fn remove(&self, key: &str) -> std::io::Result<()> {
        self.inner.remove(key)
    }

    fn try_lock(&self, key: &str) -> std::io::Result<Option<StoreLock>> {
        self.inner.try_lock(key)
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_stored_is_used_all_the_same() {
    let server = server([
        ("authorization_code", token(1, 0, Some("marked-refresh-1"))),
        ("refresh_token", token(2, 3600, Some("marked-refresh-2"))),
    ])
    .await;
    let store = Failing { inner: MemoryTokenStore::new(), on_load: false };
    let one = shared(&server, code(), store);
    for _ in 0..3 {
        ask(&one).await.unwrap();
    }
    assert_eq!(grants(&server).await, ["authorization_code", "refresh_token"]);

    let store = Failing { inner: MemoryTokenStore::new(), on_load: true };
    let error = ask(&shared(&server, code(), store)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Settings);
    assert!(checked_text(&error).contains("the keyring is locked"));
}

#[test]
fn a_stores_path_is_not_a_secret() {
    let store = FileTokenStore::new(Path::new("sessions.json"));
    assert!(format!("{store:?}").contains("sessions.json"));
}
