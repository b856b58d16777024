//! Every way to log in, and how sessions go on and end.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callperf_sandbox::{App, Builder, Sandbox};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::client::{AGGREGATION, JWT_BEARER, TOKEN, builder, everything};

const VERIFIER: &str = "pIUgx4tiqFpaOUz0HMc_QbIyQlL901w8mRmkrmhEJ_E";
/// The SHA-256 of the verifier, by the vendor's documentation.
const CHALLENGE: &str = "_drLS7o5FwkfUiBhlq2hwJnK_SC6yE7sKOde5O1fdzk";
const BACK: &str = "http://127.0.0.1:4711/back";

struct Browser {
    sandbox: Sandbox,
    http: reqwest::Client,
}

type Pairs<'a> = [(&'a str, &'a str)];

/// What came of a login.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("{name}: {}", self.body))
    }

    /// Status, RFC 6749's word and the service's code.
    fn refusal(&self) -> (u16, &str, &str) {
        let code = self.body["errors"][0]["errorCode"].as_str().unwrap();
        (self.status, self.text("error"), code)
    }
}

impl Browser {
    async fn on(builder: Builder) -> Browser {
        let http = reqwest::Client::builder();
        let http = http.no_proxy().redirect(Policy::none()).build().unwrap();
        Browser { sandbox: builder.start().await.unwrap(), http }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], app: Option<(&str, &str)>) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.sandbox.url())).form(form);
        if let Some((id, secret)) = app {
            request = request.basic_auth(id, Some(secret));
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    fn own(&self) -> (&str, &str) {
        (self.sandbox.client_id(), self.sandbox.client_secret())
    }

    async fn log_in(&self) -> Answer {
        let form = [("grant_type", JWT_BEARER), ("assertion", self.sandbox.jwt())];
        let answer = self.post(TOKEN, &form, Some(self.own())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    async fn refresh(&self, token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post(TOKEN, &form, Some(self.own())).await
    }

    async fn revoke(&self, token: &str) -> Answer {
        self.post("/restapi/oauth/revoke", &[("token", token)], Some(self.own())).await
    }

    /// The status of a report, and the code of its refusal.
    async fn ask(&self, token: &str) -> (u16, String) {
        let url = format!("{}{AGGREGATION}", self.sandbox.url());
        let request = self.http.post(url).bearer_auth(token).json(&everything("Company"));
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        (status, body["errorCode"].as_str().unwrap_or_default().to_owned())
    }

    /// The status of the authorization endpoint's answer and where it leads, or what it says.
    async fn authorize(&self, query: &[(&str, &str)]) -> (u16, String) {
        let url = format!("{}/restapi/oauth/authorize", self.sandbox.url());
        let response = self.http.get(url).query(query).send().await.unwrap();
        let location = response.headers().get("location");
        let location = location.map(|location| location.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        (status, location.unwrap_or(response.text().await.unwrap()))
    }

    /// A code for the app, given without a browser.
    async fn code(&self, app: &str, more: &[(&str, &str)]) -> String {
        let query = [("response_type", "code"), ("client_id", app), ("prompt", "none")];
        let (status, location) = self.authorize(&[&query[..], more].concat()).await;
        assert_eq!(status, 302, "{location}");
        parameter(&location, "code").unwrap_or_else(|| panic!("{location}"))
    }

    async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let form = [("grant_type", "authorization_code"), ("code", code)];
        self.post(TOKEN, &[&form[..], more].concat(), None).await
    }
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(location).unwrap();
    url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn the_page_shows_an_address_as_it_is() {
    let app =
        App::confidential("x", "y").redirect_uri("https://good.example/\u{202e}moc.live\u{200b}");
    let browser = Browser::on(builder().app(app)).await;
    let query = [("response_type", "code"), ("client_id", "x"), ("state", "\u{202e}")];
    let (status, page) = browser.authorize(&query).await;
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains(r"<b>https://good.example/\u&#123;202e}moc.live\u&#123;200b}</b>"),
        "{page}"
    );
    // What is only handed on stays as it came.
    assert!(page.contains("name=\"state\" value=\"\u{202e}\""), "{page}");
}

/// Browsers send the page's own origin with its form.
#[tokio::test]
async fn the_page_decides_and_no_other_page_does() {
    let browser = Browser::on(builder()).await;
    let own = browser.sandbox.url();
    let form = [
        ("response_type", "code"),
        ("client_id", browser.sandbox.client_id()),
        ("redirect_uri", BACK),
        ("decision", "allow"),
    ];
    let url = format!("{own}/restapi/oauth/authorize/decision");
    for (origin, status) in [(own, 302), ("http://evil.example", 403), ("null", 403)] {
        let request = browser.http.post(&url).header("origin", origin).form(&form);
        assert_eq!(request.send().await.unwrap().status(), status, "{origin}");
    }
}

#[tokio::test]
async fn a_code_is_given_by_the_page_and_used_once() {
    let browser = Browser::on(builder()).await;
    let id = browser.sandbox.client_id();
    let query = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", BACK),
        ("state", "a b&c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let (status, page) = browser.authorize(&query).await;
    assert_eq!(status, 200);
    let user = &browser.sandbox.directory().users()[2];
    for shown in [id, "Analytics", BACK, user.name.as_deref().unwrap(), "a b&amp;c"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let decide = |decision| {
        let form = [&query[..], &[("user", user.key.as_str()), ("decision", decision)]].concat();
        let url = format!("{}/restapi/oauth/authorize/decision", browser.sandbox.url());
        browser.http.post(url).form(&form).send()
    };
    let denied = decide("deny").await.unwrap();
    let location = denied.headers()["location"].to_str().unwrap();
    assert_eq!(parameter(location, "error").as_deref(), Some("access_denied"));
    let allowed = decide("allow").await.unwrap();
    assert_eq!(allowed.status(), 302);
    let location = allowed.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(&format!("{BACK}?")), "{location}");
    assert_eq!(parameter(location, "state").as_deref(), Some("a b&c"));
    assert_eq!(parameter(location, "expires_in").as_deref(), Some("60"));
    let code = parameter(location, "code").unwrap();
    let proof = [("redirect_uri", BACK), ("code_verifier", VERIFIER), ("client_id", id)];
    let answer = browser.exchange(&code, &proof).await;
    assert_eq!((answer.status, answer.text("owner_id")), (200, user.key.as_str()));
    assert_eq!(browser.ask(answer.text("access_token")).await.0, 200);
    let again = browser.exchange(&code, &proof).await;
    assert_eq!(again.refusal(), (400, "invalid_grant", "OAU-106"));
}

#[tokio::test]
async fn only_the_client_that_began_the_login_can_use_its_code() {
    let others = builder().app(App::public("desktop").redirect_uri("http://127.0.0.1/back"));
    let browser = Browser::on(others).await;
    let id = browser.sandbox.client_id();
    let plain = [("redirect_uri", BACK), ("code_challenge", VERIFIER)];
    let s256 =
        [("redirect_uri", BACK), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let bare = [("redirect_uri", BACK)];
    let (mine, theirs) = (("client_id", id), ("client_id", "desktop"));
    let (back, verifier) = (("redirect_uri", BACK), ("code_verifier", VERIFIER));
    // How the login began, how it ends, and what comes of it.
    let cases: [(&Pairs<'_>, Vec<_>, _); 10] = [
        (&plain, vec![mine, back, verifier], (200, "", "")),
        (&s256, vec![mine, back, verifier], (200, "", "")),
        (&bare, vec![mine, back], (200, "", "")),
        (&bare, vec![mine], (400, "invalid_grant", "OAU-109")),
        (
            &bare,
            vec![mine, ("redirect_uri", "http://127.0.0.1:1/")],
            (400, "invalid_grant", "OAU-109"),
        ),
        (&bare, vec![mine, back, verifier], (400, "invalid_grant", "CMN-101")),
        (&s256, vec![mine, back], (400, "invalid_request", "CMN-101")),
        (&s256, vec![mine, back, ("code_verifier", CHALLENGE)], (400, "invalid_grant", "CMN-101")),
        (&plain, vec![theirs, back, verifier], (400, "invalid_grant", "OAU-110")),
        (&plain, vec![back, verifier], (401, "invalid_client", "OAU-123")),
    ];
    for (began, ends, expected) in cases {
        let code = browser.code(id, began).await;
        let answer = browser.exchange(&code, &ends).await;
        if expected.0 == 200 {
            assert_eq!(answer.status, 200, "{answer:?}");
        } else {
            assert_eq!(answer.refusal(), expected, "{began:?} {ends:?}");
        }
    }
    let code = browser.code(id, &bare).await;
    browser.sandbox.advance(seconds(61));
    let late = browser.exchange(&code, &[mine, back]).await;
    assert_eq!(late.refusal(), (400, "invalid_grant", "OAU-108"));
    // With the secret, as a server does.
    let code = browser.code(id, &bare).await;
    let form = [("grant_type", "authorization_code"), ("code", &code), back];
    assert_eq!(browser.post(TOKEN, &form, Some(browser.own())).await.status, 200);
}

#[tokio::test]
async fn errors_of_a_login_are_sent_to_the_app_once_it_is_known() {
    let apps = builder()
        .app(App::public("public").redirect_uri("https://example.com/back?app=1"))
        .app(App::public("bare"));
    let browser = Browser::on(apps).await;
    let id = browser.sandbox.client_id();
    let shown_here = [
        (vec![], "invalid_request", "CMN-101"),
        (vec![("client_id", "unknown")], "invalid_client", "OAU-120"),
        (vec![("client_id", "bare"), ("redirect_uri", BACK)], "invalid_client", "OAU-113"),
        (vec![("client_id", id)], "invalid_request", "CMN-101"),
        (
            vec![("client_id", id), ("redirect_uri", "https://example.com/")],
            "invalid_grant",
            "OAU-109",
        ),
        (
            vec![("client_id", id), ("client_id", id), ("redirect_uri", BACK)],
            "invalid_request",
            "OAU-111",
        ),
    ];
    for (query, error, code) in shown_here {
        let (status, text) = browser.authorize(&query).await;
        let body: Value = serde_json::from_str(&text).unwrap();
        let refusal = Answer { status, body };
        assert_eq!(refusal.refusal(), (400, error, code), "{query:?}");
    }
    let public = ("client_id", "public");
    let (code, challenge) = (("response_type", "code"), ("code_challenge", CHALLENGE));
    let sent_back = [
        (vec![public], "invalid_request"),
        (vec![public, ("response_type", "token"), challenge], "unsupported_response_type"),
        (vec![public, code], "invalid_request"),
        (vec![public, code, ("code_challenge", "short")], "invalid_request"),
        (vec![public, code, challenge, ("code_challenge_method", "S512")], "invalid_request"),
        (vec![public, code, ("code_challenge_method", "S256")], "invalid_request"),
        (vec![public, code, challenge, ("prompt", "dance")], "invalid_request"),
    ];
    for (query, error) in sent_back {
        let (status, location) = browser.authorize(&query).await;
        assert_eq!(status, 302, "{location}");
        assert!(location.starts_with("https://example.com/back?app=1&"), "{location}");
        assert_eq!(parameter(&location, "error").as_deref(), Some(error), "{query:?}");
    }
    // A form is as good as a query string.
    let url = format!("{}/restapi/oauth/authorize", browser.sandbox.url());
    let form = [public, code, challenge, ("prompt", "none")];
    let response = browser.http.post(url).form(&form).send().await.unwrap();
    assert!(response.headers()["location"].to_str().unwrap().contains("code=sandbox-code-"));
}

#[tokio::test]
async fn nothing_from_outside_becomes_markup() {
    let browser = Browser::on(builder()).await;
    let evil = r#""><script>alert(1)</script>{{users}}"#;
    let query = [
        ("response_type", "code"),
        ("client_id", browser.sandbox.client_id()),
        ("redirect_uri", BACK),
        ("state", evil),
        ("scope", evil),
    ];
    let (status, page) = browser.authorize(&query).await;
    assert_eq!((status, page.contains("<script")), (200, false), "{page}");
    assert_eq!(page.matches("<option").count(), browser.sandbox.directory().users().len());
}

#[tokio::test]
async fn refresh_tokens_are_given_only_if_the_app_is_set_up_for_them() {
    let browser = Browser::on(builder()).await;
    let answer = browser.log_in().await;
    assert!(answer.body.get("refresh_token").is_none(), "{}", answer.body);
    let browser = Browser::on(builder().refresh_tokens(true)).await;
    let answer = browser.log_in().await;
    assert_eq!(answer.body["refresh_token_expires_in"], 604_800);
    let form = [
        ("grant_type", JWT_BEARER),
        ("assertion", browser.sandbox.jwt()),
        ("refresh_token_ttl", "60"),
    ];
    let answer = browser.post(TOKEN, &form, Some(browser.own())).await;
    assert_eq!(answer.body["refresh_token_expires_in"], 60);
    browser.sandbox.advance(seconds(61));
    let late = browser.refresh(answer.text("refresh_token")).await;
    assert_eq!(late.refusal(), (400, "invalid_grant", "OAU-210"));
    for ttl in ["0", "2592001", "-1", "week"] {
        let form = [&form[..2], &[("refresh_token_ttl", ttl)]].concat();
        let refused = browser.post(TOKEN, &form, Some(browser.own())).await;
        assert_eq!(refused.refusal(), (400, "invalid_request", "CMN-101"), "{ttl}");
    }
}

#[tokio::test]
async fn logins_do_not_end_the_session_of_a_tool() {
    let browser = Browser::on(builder()).await;
    let token = browser.sandbox.access_token();
    let first = browser.log_in().await;
    for _ in 0..4 {
        assert!(!browser.sandbox.access_token().is_empty());
        browser.log_in().await;
    }
    assert_eq!(browser.ask(first.text("access_token")).await.0, 200);
    browser.log_in().await;
    assert_eq!(browser.ask(first.text("access_token")).await.0, 401);
    assert_eq!(browser.ask(&token).await.0, 200);
}

#[tokio::test]
async fn a_refresh_token_is_used_once_with_some_grace() {
    let browser = Browser::on(builder().refresh_tokens(true)).await;
    let first = browser.log_in().await;
    let old = first.text("refresh_token");
    assert_eq!(browser.ask(first.text("access_token")).await.0, 200);
    let second = browser.refresh(old).await;
    assert_eq!(second.text("session_id"), first.text("session_id"));
    assert_ne!(second.text("refresh_token"), old);
    // The old access token dies at once.
    assert_eq!(browser.ask(first.text("access_token")).await, (401, "OAU-213".to_owned()));
    // As long as the new one isn't used, the old refresh token brings the same once more …
    browser.sandbox.advance(seconds(59 * 60));
    let again = browser.refresh(old).await;
    assert_eq!(again.text("access_token"), second.text("access_token"));
    assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
    assert!(again.body["expires_in"].as_u64().unwrap() <= 60);
    // … and for ten seconds after it was.
    assert_eq!(browser.ask(second.text("access_token")).await.0, 200);
    browser.sandbox.advance(seconds(9));
    assert_eq!(browser.refresh(old).await.text("access_token"), second.text("access_token"));
    browser.sandbox.advance(seconds(2));
    assert_eq!(browser.refresh(old).await.refusal(), (400, "invalid_grant", "OAU-213"));
    let third = browser.refresh(second.text("refresh_token")).await;
    assert_eq!(browser.ask(third.text("access_token")).await.0, 200);
    // Two generations back there is no grace.
    assert_eq!(browser.refresh(old).await.refusal(), (400, "invalid_grant", "OAU-213"));
}

#[tokio::test]
async fn an_old_refresh_token_ends_after_an_hour_in_any_case() {
    let browser = Browser::on(builder().refresh_tokens(true)).await;
    let first = browser.log_in().await;
    let old = first.text("refresh_token");
    assert_eq!(browser.refresh(old).await.status, 200);
    browser.sandbox.advance(seconds(60 * 60 + 1));
    assert_eq!(browser.refresh(old).await.refusal(), (400, "invalid_grant", "OAU-213"));
}

#[tokio::test]
async fn another_app_can_do_nothing_with_a_session() {
    let apps = builder().refresh_tokens(true).app(App::confidential("other", "secret"));
    let browser = Browser::on(apps).await;
    let mine = browser.log_in().await;
    let other = Some(("other", "secret"));
    let form = [("grant_type", "refresh_token"), ("refresh_token", mine.text("refresh_token"))];
    let refused = browser.post(TOKEN, &form, other).await;
    assert_eq!(refused.refusal(), (400, "invalid_grant", "OAU-213"));
    let form = [("token", mine.text("access_token"))];
    let refused = browser.post("/restapi/oauth/revoke", &form, other).await;
    assert_eq!(refused.refusal(), (400, "invalid_grant", "OAU-121"));
    assert_eq!(browser.ask(mine.text("access_token")).await.0, 200);
}

#[tokio::test]
async fn tokens_grow_old() {
    let browser = Browser::on(builder()).await;
    let answer = browser.log_in().await;
    browser.sandbox.advance(seconds(3599));
    assert_eq!(browser.ask(answer.text("access_token")).await.0, 200);
    browser.sandbox.advance(seconds(2));
    assert_eq!(browser.ask(answer.text("access_token")).await, (401, "OAU-128".to_owned()));
}

#[tokio::test]
async fn a_sixth_login_ends_the_oldest_session() {
    let browser = Browser::on(builder().app(App::public("other"))).await;
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(browser.log_in().await);
    }
    // Another app's sessions are its own.
    let assertion = ("assertion", browser.sandbox.jwt());
    let form = [("grant_type", JWT_BEARER), assertion, ("client_id", "other")];
    assert_eq!(browser.post(TOKEN, &form, None).await.status, 200);
    for session in &sessions {
        assert_eq!(browser.ask(session.text("access_token")).await.0, 200);
    }
    sessions.push(browser.log_in().await);
    let oldest = sessions[0].text("access_token");
    assert_eq!(browser.ask(oldest).await, (401, "OAU-213".to_owned()));
    for session in &sessions[1..] {
        assert_eq!(browser.ask(session.text("access_token")).await.0, 200);
    }
}

#[tokio::test]
async fn revoking_any_token_ends_the_session() {
    let browser = Browser::on(builder().refresh_tokens(true)).await;
    for name in ["access_token", "refresh_token"] {
        let session = browser.log_in().await;
        let revoked = browser.revoke(session.text(name)).await;
        assert_eq!((revoked.status, &revoked.body), (200, &Value::Null));
        let access = session.text("access_token");
        assert_eq!(browser.ask(access).await, (401, "OAU-213".to_owned()));
        assert_eq!(browser.refresh(session.text("refresh_token")).await.status, 400);
    }
    // An unknown token isn't an error.
    assert_eq!(browser.revoke("unknown").await.status, 200);
    let session = browser.log_in().await;
    let token = session.text("access_token");
    let in_query = format!("/restapi/oauth/revoke?token={token}");
    let differing = browser.post(&in_query, &[("token", "x")], Some(browser.own())).await;
    assert_eq!(differing.refusal(), (400, "invalid_request", "OAU-150"));
    let nothing = browser.post("/restapi/oauth/revoke", &[], Some(browser.own())).await;
    assert_eq!(nothing.refusal(), (400, "invalid_request", "CMN-101"));
    let anonymous = browser.post(&in_query, &[], None).await;
    assert_eq!(anonymous.refusal(), (401, "invalid_client", "OAU-123"));
    let client_id = ("client_id", browser.sandbox.client_id());
    assert_eq!(browser.post(&in_query, &[client_id], None).await.status, 200);
    assert_eq!(browser.ask(token).await.0, 401);
}

#[tokio::test]
async fn passwords_are_for_users_by_number_and_extension() {
    let browser = Browser::on(builder()).await;
    let sandbox = &browser.sandbox;
    let (name, password) = (sandbox.username(), sandbox.password());
    let users = sandbox.directory().users();
    let second = users[1].extension_number.as_deref().unwrap();
    let joined = format!("{name}*{second}");
    let wrong = (400, "invalid_grant", "OAU-140");
    let cases = [
        (vec![("username", name), ("password", password)], Ok(&users[0])),
        (vec![("username", name), ("extension", ""), ("password", password)], Ok(&users[0])),
        (vec![("username", name), ("extension", second), ("password", password)], Ok(&users[1])),
        (vec![("username", joined.as_str()), ("password", password)], Ok(&users[1])),
        (vec![("username", name), ("extension", "999"), ("password", password)], Err(wrong)),
        (vec![("username", "+15550000000"), ("password", password)], Err(wrong)),
        (vec![("username", name), ("password", "guess")], Err(wrong)),
        (vec![("username", name)], Err((400, "invalid_request", "CMN-101"))),
    ];
    for (fields, expected) in cases {
        let form = [&[("grant_type", "password")], &fields[..]].concat();
        let answer = browser.post(TOKEN, &form, Some(browser.own())).await;
        match expected {
            Ok(user) => assert_eq!(answer.text("owner_id"), user.key, "{fields:?}"),
            Err(refusal) => assert_eq!(answer.refusal(), refusal, "{fields:?}"),
        }
    }
}

#[tokio::test]
async fn grants_that_are_not_for_it_and_grants_that_are_none() {
    let browser = Browser::on(builder()).await;
    for (grant, error, code) in [
        ("client_credentials", "unauthorized_client", "OAU-251"),
        ("otp", "unauthorized_client", "OAU-251"),
        ("magic", "unsupported_grant_type", "CMN-101"),
    ] {
        let answer = browser.post(TOKEN, &[("grant_type", grant)], Some(browser.own())).await;
        assert_eq!(answer.refusal(), (400, error, code));
    }
    let form = [("grant_type", "partner_jwt"), ("assertion", browser.sandbox.jwt())];
    assert_eq!(browser.post(TOKEN, &form, Some(browser.own())).await.status, 200);
    let form = [form[0], form[1], form[1]];
    let twice = browser.post(TOKEN, &form, Some(browser.own())).await;
    assert_eq!(twice.refusal(), (400, "invalid_request", "OAU-111"));
}

/// A JWT with this head and these claims.
fn assertion(head: &Value, claims: &Value, secret: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(head), part(claims));
    let signature = hmac_sha256::HMAC::mac(&signed, secret);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn an_app_can_prove_itself_by_an_assertion() {
    let apps = builder().app(App::confidential("server", "secret")).app(App::public("desktop"));
    let browser = Browser::on(apps).await;
    let soon = jiff::Timestamp::now().as_second() + 60;
    let audience = format!("{}{TOKEN}", browser.sandbox.url());
    let claims = |app: &str, aud: Value, exp: i64| json!({"iss": app, "sub": app, "aud": aud, "exp": exp, "jti": "1"});
    let hs256 = json!({"alg": "HS256", "typ": "JWT"});
    let good = claims("server", json!(audience), soon);
    let mut other_subject = good.clone();
    other_subject["sub"] = json!("desktop");
    let platform = claims("server", json!(["https://platform.ringcentral.com"]), soon);
    let cases = [
        (assertion(&hs256, &good, "secret"), true),
        (assertion(&hs256, &platform, "secret"), true),
        (assertion(&hs256, &good, "guess"), false),
        (assertion(&json!({"alg": "none"}), &good, "secret"), false),
        (assertion(&json!({"alg": "RS256"}), &good, "secret"), false),
        (assertion(&hs256, &claims("server", json!(audience), soon - 120), "secret"), false),
        (assertion(&hs256, &claims("server", json!("unknown"), soon), "secret"), false),
        (assertion(&hs256, &claims("unknown", json!(audience), soon), "secret"), false),
        (assertion(&hs256, &claims("desktop", json!(audience), soon), ""), false),
        (assertion(&hs256, &other_subject, "secret"), false),
        (assertion(&hs256, &json!({"iss": "server"}), "secret"), false),
        ("a.b.c".to_owned(), false),
        ("nonsense".to_owned(), false),
    ];
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let login = [("grant_type", JWT_BEARER), ("assertion", browser.sandbox.jwt())];
    for (jwt, is_good) in cases {
        let proof = [("client_assertion_type", kind), ("client_assertion", jwt.as_str())];
        let answer = browser.post(TOKEN, &[login, proof].concat(), None).await;
        if is_good {
            assert_eq!(answer.status, 200, "{jwt}: {answer:?}");
        } else {
            assert_eq!(answer.refusal(), (401, "invalid_client", "OAU-146"), "{jwt}");
        }
    }
    let untyped = [("client_assertion", "a.b.c")];
    let answer = browser.post(TOKEN, &[&login[..], &untyped].concat(), None).await;
    assert_eq!(answer.refusal(), (400, "invalid_request", "CMN-101"));
    // An app with a secret must use it; one without can't.
    let by_id = |id| [&login[..], &[("client_id", id)]].concat();
    let refused = browser.post(TOKEN, &by_id("server"), None).await;
    assert_eq!(refused.refusal(), (401, "invalid_client", "OAU-123"));
    assert_eq!(browser.post(TOKEN, &by_id("desktop"), None).await.status, 200);
    assert_eq!(browser.post(TOKEN, &login, Some(("server", "secret"))).await.status, 200);
    let wrong = browser.post(TOKEN, &login, Some(("desktop", "secret"))).await;
    assert_eq!(wrong.refusal(), (401, "invalid_client", "OAU-146"));
}

#[tokio::test]
async fn an_app_without_the_permission_gets_no_report() {
    let app = App::confidential("accounts", "secret").permissions(["ReadAccounts"]);
    let browser = Browser::on(builder().app(app)).await;
    let login = [("grant_type", JWT_BEARER), ("assertion", browser.sandbox.jwt())];
    let answer = browser.post(TOKEN, &login, Some(("accounts", "secret"))).await;
    assert_eq!(answer.text("scope"), "ReadAccounts");
    assert_eq!(browser.ask(answer.text("access_token")).await, (403, "CMN-401".to_owned()));
    // So does a login that asks for less than the app may do.
    let narrow = [&login[..], &[("scope", "ReadAccounts")]].concat();
    let answer = browser.post(TOKEN, &narrow, Some(browser.own())).await;
    assert_eq!(browser.ask(answer.text("access_token")).await, (403, "CMN-401".to_owned()));
}

#[tokio::test]
async fn a_reset_ends_all_sessions() {
    let browser = Browser::on(builder()).await;
    let before = browser.log_in().await;
    let code = browser.code(browser.sandbox.client_id(), &[("redirect_uri", BACK)]).await;
    browser.sandbox.reset();
    assert_eq!(browser.ask(before.text("access_token")).await, (401, "OAU-213".to_owned()));
    let proof = [("client_id", browser.sandbox.client_id()), ("redirect_uri", BACK)];
    assert_eq!(browser.exchange(&code, &proof).await.refusal().2, "OAU-106");
    let after = browser.log_in().await;
    assert_ne!(after.text("access_token"), before.text("access_token"));
}

#[tokio::test]
async fn a_token_may_be_in_the_query_string() {
    let browser = Browser::on(builder()).await;
    let session = browser.log_in().await;
    let ask = |token: &str| {
        let url = format!("{}{AGGREGATION}", browser.sandbox.url());
        let request = browser.http.post(url).query(&[("access_token", token)]);
        request.json(&everything("Company")).send()
    };
    assert_eq!(ask(session.text("access_token")).await.unwrap().status(), 200);
    assert_eq!(ask("unknown").await.unwrap().status(), 401);
}
