//! Logging in, paths, and what every response has in common.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use callperf_sandbox::{Error, Sandbox};
use serde_json::Value;

use crate::client::{AGGREGATION, BETA, Client, JWT_BEARER, TIMELINE, TOKEN, builder, everything};

#[tokio::test]
async fn logging_in() {
    let client = Client::new().await;
    let sandbox = &client.sandbox;
    let (id, secret, jwt) = (sandbox.client_id(), sandbox.client_secret(), sandbox.jwt());
    let grant = ("grant_type", JWT_BEARER);
    let assertion = ("assertion", jwt);
    // Client authentication, form, status, error, code.
    let cases = [
        (Some((id, secret)), vec![grant, assertion], 200, "", ""),
        (None, vec![grant, assertion, ("client_id", id)], 200, "", ""),
        (
            Some((id, secret)),
            vec![grant, assertion, ("brand_id", "1210"), ("scope", "x")],
            200,
            "",
            "",
        ),
        (Some((id, secret)), vec![grant, assertion, ("access_token_ttl", "600")], 200, "", ""),
        (Some((id, "wrong")), vec![grant, assertion], 401, "invalid_client", "OAU-146"),
        (Some(("wrong", secret)), vec![grant, assertion], 401, "invalid_client", "OAU-146"),
        (
            Some((id, "")),
            vec![grant, assertion, ("client_id", id)],
            401,
            "invalid_client",
            "OAU-146",
        ),
        (None, vec![grant, assertion, ("client_id", "wrong")], 401, "invalid_client", "OAU-146"),
        (None, vec![grant, assertion], 401, "invalid_client", "OAU-123"),
        (Some((id, secret)), vec![grant, ("assertion", "x.y.z")], 400, "invalid_grant", "OAU-213"),
        (Some((id, secret)), vec![grant], 400, "invalid_request", "CMN-101"),
        (Some((id, secret)), vec![assertion], 400, "invalid_request", "CMN-101"),
        (
            Some((id, secret)),
            vec![("grant_type", "refresh_token"), ("refresh_token", "x")],
            400,
            "invalid_grant",
            "OAU-213",
        ),
        (
            Some((id, secret)),
            vec![grant, assertion, ("access_token_ttl", "86400")],
            400,
            "invalid_request",
            "CMN-101",
        ),
    ];
    for (basic, form, status, error, code) in cases {
        let mut request = client.http.post(format!("{}{TOKEN}", sandbox.url())).form(&form);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{form:?}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body: Value = response.json().await.unwrap();
        if status == 200 {
            assert_eq!(body["token_type"], "bearer");
            assert_eq!(body["owner_id"], sandbox.directory().users()[0].key);
            for name in ["access_token", "scope", "session_id", "endpoint_id"] {
                assert!(body[name].is_string(), "{name}");
            }
            let lifetime = if form.contains(&("access_token_ttl", "600")) { 600 } else { 3600 };
            assert_eq!(body["expires_in"], lifetime);
        } else {
            assert_eq!(body["error"], error, "{form:?}");
            assert_eq!(body["errors"][0]["errorCode"], code, "{form:?}");
            assert_eq!(body["error_description"], body["errors"][0]["message"]);
        }
    }
}

#[tokio::test]
async fn a_login_must_be_a_form() {
    let client = Client::new().await;
    let url = format!("{}{TOKEN}", client.sandbox.url());
    let response = client.http.post(url).body("{}").send().await.unwrap();
    assert_eq!(response.status(), 415);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "invalid_request");
}

#[tokio::test]
async fn every_report_wants_a_bearer_token() {
    let client = Client::new().await;
    let token = &client.token;
    let cases = [
        (None, 401, "AGW-402"),
        (Some("Bearer".to_owned()), 401, "AGW-402"),
        (Some(format!("Basic {token}")), 401, "AGW-402"),
        (Some("Bearer unknown".to_owned()), 401, "OAU-129"),
        (Some(format!("Bearer {token}")), 200, ""),
        (Some(format!("bearer {token}")), 200, ""),
        (Some(format!("BEARER {token}")), 200, ""),
    ];
    for path in [AGGREGATION, &format!("{TIMELINE}?interval=Day"), BETA] {
        for (header, status, code) in &cases {
            let url = format!("{}{path}", client.sandbox.url());
            // A wrong body isn't looked at before the token.
            let mut request = client.http.post(url).body("{");
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let response = request.send().await.unwrap();
            let (expected, code) = if *status == 200 { (400, "CMN-103") } else { (*status, *code) };
            assert_eq!(response.status(), expected, "{path} {header:?}");
            assert_eq!(response.headers().contains_key("www-authenticate"), *status == 401);
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["errorCode"], code, "{path} {header:?}");
        }
    }
}

const OF_2021: &str = "/analytics/phone/performance/v1/accounts/~/calls/aggregate";

#[tokio::test]
async fn paths_and_methods() {
    let client = Client::new().await;
    let own = client.sandbox.directory().account_id();
    let body = everything("Company");
    let own_path = AGGREGATION.replace('~', own);
    client.ok(&own_path, &body).await;
    for (path, status, code) in [
        (AGGREGATION.replace('~', "42"), 400, "CMN-102"),
        (BETA.replace('~', "42"), 400, "CMN-102"),
        ("/analytics/calls/v2/accounts/~/aggregation/fetch".to_owned(), 404, "CMN-120"),
        ("/".to_owned(), 404, "CMN-120"),
    ] {
        let (seen, refusal) = client.fetch(&path, &body).await;
        let seen = (seen, refusal["errors"][0]["errorCode"].as_str());
        assert_eq!(seen, (status, Some(code)), "{path}");
    }
    for (path, message) in [
        (AGGREGATION.replace("v1", "v2"), format!("Invalid URI; did you mean {AGGREGATION}?")),
        (
            "/restapi/v1.0/account/~/callqueues".to_owned(),
            "Invalid URI; did you mean /restapi/v1.0/account/~/call-queues?".to_owned(),
        ),
        ("/analytics".to_owned(), "Invalid URI".to_owned()),
    ] {
        let (_, refusal) = client.fetch(&path, &body).await;
        assert_eq!(refusal["message"].as_str(), Some(&*message), "{path}");
    }
    let (_, refusal) = client.fetch(OF_2021, &body).await;
    assert!(refusal["message"].as_str().unwrap().contains("2021-11 to 2022-08"), "{refusal}");
    // A slash at the end is as if it weren't there.
    client.ok(&format!("{AGGREGATION}/"), &body).await;
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE] {
        let url = format!("{}{AGGREGATION}", client.sandbox.url());
        let response = client.http.request(method, url).send().await.unwrap();
        assert_eq!(response.status(), 405);
        let body: Value = response.json().await.unwrap();
        assert!(body["errors"][0]["message"].is_string());
    }
}

#[tokio::test]
async fn bodies_that_are_no_request() {
    let client = Client::new().await;
    for body in ["", "{", "\u{0}", "{\"grouping\":}", "nul"] {
        let (status, text) = client.send(AGGREGATION, body.to_owned()).await;
        assert!(status == 400 && text.contains("CMN-103"), "{body}: {text}");
        assert!(text.contains("can't be parsed: ") && text.contains("at line 1"), "{body}: {text}");
    }
    for body in ["null", "[]", "7", "\"text\""] {
        let (status, text) = client.send(BETA, body.to_owned()).await;
        assert!(status == 400 && text.contains("CMN-101"), "{body}: {text}");
    }
    let (status, text) = client.send(AGGREGATION, " ".repeat(3_000_000)).await;
    assert!(status == 413 && text.contains("errorCode"), "{text}");
    // Deeper than any parser follows.
    let (status, _) = client.send(AGGREGATION, "[".repeat(100_000)).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn only_json_is_read_as_json() {
    let client = Client::new().await;
    let body = everything("Company").to_string();
    let url = format!("{}{AGGREGATION}", client.sandbox.url());
    for (media_type, status) in [
        (Some("application/json"), 200),
        (Some("Application/JSON; charset=UTF-8"), 200),
        (None, 200),
        (Some("text/plain"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("application/xml"), 415),
        (Some(""), 415),
    ] {
        let mut request = client.http.post(&url).bearer_auth(&client.token).body(body.clone());
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{media_type:?}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["errors"][0]["errorCode"] == "CMN-104", status == 415);
    }
}

#[tokio::test]
async fn broken_text_is_refused_wherever_it_is() {
    let client = Client::new().await;
    let good = everything("Company").to_string();
    let mut broken = good.clone().into_bytes();
    let place = good.find("Company").unwrap();
    broken[place] = 0xff;
    let url = |path: &str| format!("{}{path}", client.sandbox.url());
    let post = |path: &str, body: Vec<u8>| {
        client.http.post(url(path)).bearer_auth(&client.token).body(body).send()
    };
    for (path, body, status, code) in [
        (AGGREGATION.to_owned(), broken, 400, "CMN-103"),
        (AGGREGATION.replace('~', "%ff"), good.clone().into(), 400, "CMN-102"),
        (format!("{AGGREGATION}?page=%ff"), good.clone().into(), 400, "CMN-101"),
        (format!("{AGGREGATION}?page=1&&=&%"), good.clone().into(), 200, ""),
        ("/%ff".to_owned(), good.clone().into(), 404, "CMN-120"),
    ] {
        let response = post(&path, body).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["errorCode"].as_str().unwrap_or_default(), code, "{path}");
    }
    let form = "grant_type=%ff&client_id=%00&=&&%";
    let login =
        client.http.post(url(TOKEN)).header("content-type", "application/x-www-form-urlencoded");
    let response = login.body(form).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let header = reqwest::header::HeaderValue::from_bytes(b"Bearer \xff").unwrap();
    let response = client.http.post(url(AGGREGATION)).header("authorization", header).send();
    let answer: Value = response.await.unwrap().json().await.unwrap();
    assert_eq!(answer["errorCode"], "AGW-402");
}

/// What comes back of bytes that are sent as they are, before the connection ends.
async fn raw(client: &Client, bytes: &[u8]) -> String {
    let address = client.sandbox.url().strip_prefix("http://").unwrap().to_owned();
    let bytes = bytes.to_vec();
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&bytes).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn what_is_not_http_is_refused_in_words() {
    let client = Client::new().await;
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(70_000));
    let headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    for (bytes, status, words) in [
        ("GARBAGE\r\n\r\n", 400, "isn't HTTP/1.1"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", 400, "without TLS"),
        ("GET / HTTP/3.0\r\nhost: x\r\n\r\n", 400, "isn't HTTP/1.1"),
        (&*long, 414, "the address is too long"),
        (&*headers, 431, "the headers are too many"),
    ] {
        let answer = raw(&client, bytes.as_bytes()).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "{head}");
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["errors"][0]["errorCode"], "CMN-104");
        assert!(body["message"].as_str().unwrap().contains(words), "{body}");
    }
    // The next connection is none the worse.
    client.ok(AGGREGATION, &everything("Company")).await;
}

#[tokio::test]
async fn answers_are_compressed_for_clients_that_accept_it() {
    let client = Client::new().await;
    let plain = client.ok(AGGREGATION, &everything("Users")).await;
    let url = format!("{}{AGGREGATION}", client.sandbox.url());
    let http = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let ask = |body: Value| {
        let request = http.post(&url).bearer_auth(&client.token).json(&body);
        request.header("accept-encoding", "gzip").send()
    };
    let response = ask(everything("Users")).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.headers()["vary"], "Accept-Encoding");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let zipped = response.bytes().await.unwrap();
    assert_eq!(zipped.len(), length);
    let mut text = String::new();
    flate2::read::GzDecoder::new(&zipped[..]).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), plain);
    assert!(length < text.len() / 4, "{length} of {}", text.len());
    // A small one isn't worth it.
    let response = ask(Value::Null).await.unwrap();
    assert_eq!(response.headers().get("content-encoding"), None);
}

#[tokio::test]
async fn a_request_can_be_looked_up() {
    let client = Client::new().await;
    let (status, _) = client.fetch(&format!("{AGGREGATION}?perPage=0"), &everything("Users")).await;
    assert_eq!(status, 400);
    let seen = client.sandbox.requests();
    assert_eq!((seen.len(), seen[0].path.as_str()), (2, TOKEN));
    assert_eq!((seen[0].status, &seen[0].body, &seen[0].query), (200, &None, &None));
    let refused = &seen[1];
    assert_eq!((refused.number, refused.status, refused.method.as_str()), (2, 400, "POST"));
    assert_eq!(refused.query.as_deref(), Some("perPage=0"));
    assert!(refused.body.as_ref().unwrap().contains("\"groupBy\":\"Users\""));
    assert!(refused.refused[0].starts_with("CMN-101: Parameter [perPage] value is invalid"));
    let all = format!("{seen:?}");
    for secret in [client.sandbox.jwt(), client.sandbox.client_secret(), &client.token] {
        assert!(!all.contains(secret));
    }
}

#[tokio::test]
async fn a_login_that_misses_its_path_is_kept_without_its_secrets() {
    let client = Client::new().await;
    let sandbox = &client.sandbox;
    let (secret, jwt) = (sandbox.client_secret(), sandbox.jwt());
    let form = [("grant_type", JWT_BEARER), ("assertion", jwt), ("client_secret", secret)];
    let paths = ["//restapi/oauth/token", "/restapi/oauth/tokens", "/oauth/token", AGGREGATION];
    for path in paths {
        let request = client.http.post(format!("{}{path}", sandbox.url()));
        request.query(&form).bearer_auth(&client.token).form(&form).send().await.unwrap();
    }
    let seen = sandbox.requests();
    let seen = &seen[1..];
    let seen_paths: Vec<_> = seen.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(seen_paths, paths);
    let all = format!("{seen:?}");
    for secret in [secret, jwt, &client.token] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test]
async fn responses_carry_an_id_and_promise_no_limits() {
    let client = Client::new().await;
    let mut ids = Vec::new();
    for path in [TOKEN, AGGREGATION, "/nowhere"] {
        let url = format!("{}{path}", client.sandbox.url());
        let response = client.http.post(url).send().await.unwrap();
        let headers = response.headers();
        ids.push(headers["rcrequestid"].to_str().unwrap().to_owned());
        assert!(headers["content-type"].to_str().unwrap().starts_with("application/json"));
        assert_eq!(
            (&headers["content-language"], &headers["routingkey"]),
            (&"en".parse().unwrap(), &"SANDBOX".parse().unwrap())
        );
        assert!(headers.keys().all(|name| !name.as_str().starts_with("x-rate-limit")));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = builder().start().await.unwrap();
    let error = builder().port(first.port()).start().await.unwrap_err();
    assert!(matches!(error, Error::PortTaken { port } if port == first.port()));
    assert!(error.to_string().contains(&first.port().to_string()), "{error}");
}

#[tokio::test]
async fn dropping_it_stops_it() {
    let client = Client::new().await;
    client.ok(AGGREGATION, &everything("Company")).await;
    let Client { sandbox, .. } = client;
    let port = sandbox.port();
    drop(sandbox);
    let stopped = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap();
}

#[tokio::test]
async fn waiting_serves_until_it_is_dropped() {
    let client = Client::new().await;
    let (url, port) = (client.sandbox.url().to_owned(), client.sandbox.port());
    let waiting = tokio::spawn(client.sandbox.wait());
    let response = client.http.post(format!("{url}{AGGREGATION}")).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(!waiting.is_finished());
    waiting.abort();
    let stopped = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap();
}

#[tokio::test]
async fn secrets_are_not_in_debug() {
    let sandbox = builder().start().await.unwrap();
    let text = format!("{sandbox:?}");
    assert!(text.contains(sandbox.url()) && text.contains(sandbox.client_id()));
    assert!(!text.contains(sandbox.client_secret()) && !text.contains(sandbox.jwt()));
}

#[tokio::test]
async fn times_without_calls_before_them_are_refused() {
    for now in [jiff::Timestamp::MIN, jiff::Timestamp::MAX] {
        let error = Sandbox::builder().now(now).start().await.unwrap_err();
        assert!(matches!(error, Error::TimeOutOfRange { .. }), "{error}");
    }
}

#[tokio::test]
async fn by_default_it_lives_in_the_present() {
    let client = Client::on(Sandbox::builder()).await;
    let now = jiff::Timestamp::now();
    let mut body = everything("Company");
    let range = &mut body["timeSettings"]["timeRange"];
    range["timeFrom"] = (now - jiff::SignedDuration::from_hours(7 * 24)).to_string().into();
    range["timeTo"] = now.to_string().into();
    let answer = client.ok(AGGREGATION, &body).await;
    assert!(answer["data"]["records"][0]["counters"]["allCalls"]["values"].as_f64() > Some(100.0));
    let (status, refusal) = client.fetch(AGGREGATION, &everything("Company")).await;
    assert_eq!(status, 400, "{refusal}");
}
