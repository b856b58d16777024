//! What goes wrong on demand does, and nothing else.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use callperf_sandbox::{Fault, Faults, Limits, Requests, Rule};
use serde_json::{Value, json};

use crate::client::{
    AGGREGATION, BETA, Client, JWT_BEARER, TIMELINE, TOKEN, beta_everything, builder, everything,
    number,
};

/// What a plain HTTP client makes of an answer.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// The status, the content type and the body, decoded.
    Answer(u16, String, Vec<u8>),
    /// No answer, or no whole one.
    Broken,
    TimedOut,
}

impl Outcome {
    fn json(&self) -> Value {
        match self {
            Outcome::Answer(_, _, body) => serde_json::from_slice(body).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn status(&self) -> u16 {
        match self {
            Outcome::Answer(status, ..) => *status,
            other => panic!("{other:?}"),
        }
    }
}

fn question() -> Value {
    let mut body = everything("Queues");
    body["responseOptions"] = json!({"counters": {"allCalls": {"aggregationType": "Sum"}}});
    body
}

fn impatient() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.timeout(Duration::from_millis(400)).gzip(true).build().unwrap()
}

/// Asks a question once, with a fault.
async fn ask(client: &Client, http: &reqwest::Client, fault: &str) -> Outcome {
    ask_page(client, http, fault, AGGREGATION, &question()).await
}

async fn ask_page(
    client: &Client,
    http: &reqwest::Client,
    fault: &str,
    path: &str,
    body: &Value,
) -> Outcome {
    let url = format!("{}{path}", client.sandbox.url());
    let mut request = http.post(url).bearer_auth(&client.token).json(body);
    if !fault.is_empty() {
        request = request.header("x-sandbox-fault", fault);
    }
    let outcome = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type");
        let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
        Ok::<_, reqwest::Error>(Outcome::Answer(status, kind, response.bytes().await?.into()))
    };
    match outcome.await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => Outcome::TimedOut,
        Err(_) => Outcome::Broken,
    }
}

async fn log_in(client: &Client) -> String {
    let form = [("grant_type", JWT_BEARER), ("assertion", client.sandbox.jwt())];
    let url = format!("{}{TOKEN}", client.sandbox.url());
    let request = client.http.post(url).form(&form);
    let (id, secret) = (client.sandbox.client_id(), client.sandbox.client_secret());
    let answer: Value =
        request.basic_auth(id, Some(secret)).send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Whether a fault did what its name says to the good answer.
fn check(fault: &Fault, outcome: &Outcome, good: &Outcome) {
    match fault {
        Fault::Stall(_) | Fault::SlowHead(_) | Fault::SlowBody(_) => {
            assert_eq!(*outcome, Outcome::TimedOut, "{fault}");
        }
        Fault::Reset(_) | Fault::Close(_) | Fault::NotHttp | Fault::GzipCut | Fault::GzipFalse => {
            assert_eq!(*outcome, Outcome::Broken, "{fault}");
        }
        Fault::Status(status) | Fault::RetryAfter(status, _) => {
            assert_eq!(outcome.status(), *status, "{fault}");
            assert!(outcome.json()["errors"][0]["errorCode"].is_string(), "{fault}");
        }
        Fault::Html(status) => {
            let Outcome::Answer(seen, kind, body) = outcome else { panic!("{outcome:?}") };
            assert_eq!((*seen, kind.as_str()), (*status, "text/html; charset=utf-8"));
            assert!(body.starts_with(b"<!doctype html>"));
        }
        Fault::Empty(status) | Fault::Redirect(status) => {
            let empty = Outcome::Answer(*status, String::new(), Vec::new());
            assert_eq!(*outcome, empty, "{fault}");
        }
        Fault::ExpireToken | Fault::EndSession => assert_eq!(outcome.status(), 401, "{fault}"),
        // It comes late, there is one page, or it isn't a login.
        Fault::PageRepeated
        | Fault::PagesShift
        | Fault::Latency(_)
        | Fault::Skew(_)
        | Fault::TokenNull
        | Fault::TokenEmpty
        | Fault::TokenBroken
        | Fault::LifetimeNegative
        | Fault::LifetimeEndless => assert_eq!(outcome, good, "{fault}"),
        _ => assert_ne!(outcome, good, "{fault}"),
    }
}

#[tokio::test]
async fn every_fault_does_what_it_says_and_is_over_then() {
    let mut client = Client::new().await;
    let http = impatient();
    let good = ask(&client, &http, "").await;
    assert_eq!(good.status(), 200);
    for fault in Fault::all() {
        let name = fault.to_string();
        // Whose clock goes slow thinks that the question is about the future.
        let is_refused = name == "skew:-1h";
        let outcome = ask(&client, &http, &name).await;
        if !is_refused {
            check(&fault, &outcome, &good);
        }
        if matches!(fault, Fault::ExpireToken | Fault::EndSession) {
            client.token = log_in(&client).await;
        }
        assert_eq!(ask(&client, &http, "").await, good, "after {name}");
        let seen = client.sandbox.requests();
        let met: Vec<_> = seen.iter().rev().take(3).flat_map(|seen| &seen.faults).collect();
        assert_eq!(met, [&name]);
    }
}

/// The bytes that come back over a plain connection, and whether it ended with a reset.
fn raw(client: &Client, fault: &str) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(("127.0.0.1", client.sandbox.port())).unwrap();
    let body = question().to_string();
    let request = format!(
        "POST {AGGREGATION} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {}\r\nX-Sandbox-Fault: {fault}\r\n\r\n{body}",
        client.token,
        body.len(),
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (mut read, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return (read, false),
            Ok(length) => read.extend_from_slice(&chunk[..length]),
            Err(error) => return (read, error.kind() == ErrorKind::ConnectionReset),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_break_off_where_the_fault_says() {
    let client = Client::new().await;
    let (whole, _) = raw(&client, "latency:0s");
    let head = whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let half = head + (whole.len() - head) / 2;
    let end = whole.len();
    for (place, length) in [("start", 0), ("head", 20), ("headers", head), ("body", half)] {
        let (read, is_reset) = raw(&client, &format!("close:{place}"));
        assert_eq!((read.len(), is_reset), (length, false), "{place}");
        // The answer's id and date may be others'.
        assert_eq!(read[head.min(length)..], whole[head.min(length)..length], "{place}");
        let (read, is_reset) = raw(&client, &format!("reset:{place}"));
        assert!(is_reset && read.len() <= length, "{place}");
    }
    let (read, _) = raw(&client, "not-http");
    assert!(read.starts_with(b"SSH-2.0-"), "{read:?}");
    let begun = Instant::now();
    let (read, _) = raw(&client, "slow-body:1ms");
    assert_eq!(read.len(), end);
    assert!(begun.elapsed() >= Duration::from_millis((end - head) as u64));
}

#[tokio::test]
async fn quota_headers_lie_as_the_fault_says() {
    let client = Client::on(builder().limits(Limits::scaled(Duration::from_secs(2)))).await;
    let headers = async |fault: &str| {
        let url = format!("{}{AGGREGATION}", client.sandbox.url());
        let request = client.http.post(url).header("x-sandbox-fault", fault);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 429);
        ["x-rate-limit-remaining", "x-rate-limit-window", "retry-after"].map(|name| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        })
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(headers("quota").await, [some("0"), some("2"), some("2")]);
    assert_eq!(headers("quota-lying").await, [some("50"), some("2"), some("2")]);
    assert_eq!(headers("quota-silent").await, [some("0"), some("2"), None]);
    assert_eq!(headers("quota-bare").await, [None, None, None]);
    assert_eq!(headers("retry-after:429=soon").await, [None, None, some("soon")]);
    let date = headers("retry-after:429=+60s").await[2].clone().unwrap();
    assert!(date.ends_with(" GMT"), "{date}");
}

fn keys(answer: &Value) -> Vec<String> {
    let data = &answer["data"];
    match data["records"].as_array() {
        Some(records) => {
            records.iter().map(|record| record["key"].as_str().unwrap().to_owned()).collect()
        }
        None => data.as_object().unwrap().keys().cloned().collect(),
    }
}

#[tokio::test]
async fn pages_shift_in_every_way() {
    let client = Client::new().await;
    let today = (format!("{AGGREGATION}?perPage=2"), question());
    let mut body = beta_everything("Queues");
    body["responseOptions"]["timers"] = json!({});
    for (path, body) in [today, (format!("{BETA}?perPage=2"), body)] {
        let page = async |fault: &str, page: u32| {
            let path = format!("{path}&page={page}");
            ask_page(&client, &client.http, fault, &path, &body).await.json()
        };
        let (one, two) = (page("", 1).await, page("", 2).await);
        assert_eq!((keys(&one).len(), keys(&two).len()), (2, 2));
        let all = [keys(&one), keys(&two)].concat();
        assert_eq!(page("page-repeated", 2).await["data"], one["data"]);
        assert_eq!(page("page-other", 2).await["paging"]["page"], 8);
        assert_eq!(keys(&page("page-empty", 2).await), Vec::<String>::new());
        assert_eq!(page("pages-grow", 1).await["paging"]["totalPages"], 3);
        assert_eq!(page("pages-shrink", 1).await["paging"]["totalPages"], 1);
        assert_eq!(keys(&page("pages-shift", 1).await), all[..2]);
        assert_eq!(keys(&page("pages-shift", 2).await), all[1..3]);
        let endless = page("pages-endless", 40).await;
        assert_eq!(
            (&endless["paging"]["page"], &endless["paging"]["totalPages"]),
            (&json!(40), &json!(41))
        );
        assert_eq!(keys(&endless), [format!("{}-40", all[0]), format!("{}-40", all[1])]);
        // What JSON allows, though no parser keeps both of an object's members.
        let url = format!("{}{path}&page=1", client.sandbox.url());
        let request = client.http.post(url).bearer_auth(&client.token).json(&body);
        let twice = request.header("x-sandbox-fault", "key-twice").send().await.unwrap();
        let twice = twice.text().await.unwrap();
        assert_eq!(twice.matches(&format!("\"{}\"", all[0])).count(), 2, "{twice}");
    }
}

#[tokio::test]
async fn numbers_are_spoilt_and_nothing_else() {
    let client = Client::new().await;
    for (path, body, total) in [
        (AGGREGATION, question(), "/data/records/0/counters/allCalls/values"),
        (BETA, beta_everything("Queues"), "/data/1503200017/counters/totalCalls"),
    ] {
        let value = async |fault: &str| {
            let answer = ask_page(&client, &client.http, fault, path, &body).await.json();
            assert!(answer["paging"]["page"].is_u64(), "{fault}");
            answer.pointer(total).cloned().unwrap_or_default()
        };
        let good = number(&value("").await);
        assert!(good > 0);
        assert_eq!(value("null-numbers").await, Value::Null);
        assert_eq!(value("nan-numbers").await, "NaN");
        let text = value("string-numbers").await;
        assert_eq!(text.as_str().unwrap().trim_end_matches(".0"), good.to_string());
        assert_eq!(number(&value("unknown-fields").await), good);
    }
    let outcome = ask(&client, &client.http, "duplicate-keys").await;
    let Outcome::Answer(200, _, text) = outcome else { panic!("{outcome:?}") };
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.matches("\"values\"").count(), 8, "{text}");
}

#[tokio::test]
async fn a_script_is_met_in_its_order_and_forgotten_by_a_reset() {
    let script = "quota\npass times=2\nhtml:502 times=always on=timelines\nstatus:503 on=logins";
    let faults: Faults = script.parse().unwrap();
    let client = Client::on(builder()).await;
    client.sandbox.set_faults(faults.clone());
    assert_eq!(client.sandbox.faults(), faults);
    let status =
        async |path: &str| ask_page(&client, &client.http, "", path, &question()).await.status();
    let timeline = format!("{TIMELINE}?interval=Day");
    assert_eq!(status(AGGREGATION).await, 429);
    assert_eq!(status(&timeline).await, 400);
    assert_eq!(status(AGGREGATION).await, 200);
    assert_eq!(status(&timeline).await, 502);
    assert_eq!(status(AGGREGATION).await, 200);
    let form = [("grant_type", "magic")];
    let url = format!("{}{TOKEN}", client.sandbox.url());
    let login = client.http.post(url).form(&form).send().await.unwrap();
    assert_eq!(login.status(), 503);
    client.sandbox.reset();
    assert_eq!(client.sandbox.faults(), Faults::none());
    assert_eq!(client.sandbox.requests(), []);
}

#[tokio::test]
async fn logins_go_wrong_as_well() {
    let client = Client::new().await;
    let (id, secret) = (client.sandbox.client_id(), client.sandbox.client_secret());
    let log_in = async |fault: &str| {
        let form = [("grant_type", JWT_BEARER), ("assertion", client.sandbox.jwt())];
        let url = format!("{}{TOKEN}", client.sandbox.url());
        let request = client.http.post(url).form(&form).basic_auth(id, Some(secret));
        let answer = request.header("x-sandbox-fault", fault).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    for (fault, status, error, code) in [
        ("invalid-grant", 400, "invalid_grant", "OAU-210"),
        ("second-factor", 400, "invalid_grant", "OAU-168"),
        ("invalid-client", 401, "invalid_client", "OAU-146"),
    ] {
        let (seen, body) = log_in(fault).await;
        assert_eq!(
            (seen, &body["error"], &body["errors"][0]["errorCode"]),
            (status, &json!(error), &json!(code))
        );
    }
    assert_eq!(log_in("token-null").await.1["access_token"], Value::Null);
    assert_eq!(log_in("token-empty").await.1["access_token"], "");
    assert_eq!(log_in("token-broken").await.1["access_token"], "sandbox\r\nX-Evil: 1");
    assert_eq!(log_in("lifetime-negative").await.1["expires_in"], -1);
    assert_eq!(log_in("lifetime-endless").await.1["expires_in"], json!(u64::MAX));
    assert_eq!(log_in("status:503").await.0, 503);
}

#[tokio::test]
async fn a_wrong_clock_is_seen_and_felt() {
    let client = Client::on(builder()).await;
    let mut body = question();
    let range = &mut body["timeSettings"]["timeRange"];
    range["timeTo"] = json!("2025-06-02T00:00:00Z");
    let ask = async |fault: &str| {
        let url = format!("{}{AGGREGATION}", client.sandbox.url());
        let request = client.http.post(url).bearer_auth(&client.token).json(&body);
        let answer = request.header("x-sandbox-fault", fault).send().await.unwrap();
        let date = answer.headers()["date"].to_str().unwrap().to_owned();
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&date).unwrap();
        let ahead = date.duration_since(jiff::Timestamp::now());
        (answer.status().as_u16(), ahead.as_secs_f64() / 3600.0)
    };
    let (status, ahead) = ask("skew:+1h").await;
    assert!(status == 200 && (0.9..1.1).contains(&ahead), "{status} {ahead}");
    let (status, ahead) = ask("skew:-1h").await;
    assert!(status == 400 && (-1.1..-0.9).contains(&ahead), "{status} {ahead}");
}

#[tokio::test]
async fn rules_can_be_made_without_a_script() {
    let rule = Rule::new(Fault::Unauthorized).on(Requests::Any).after(1).times(2);
    let client = Client::new().await;
    client.sandbox.set_faults(rule);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(ask(&client, &client.http, "").await.status());
    }
    assert_eq!(statuses, [200, 401, 401, 200]);
}

#[tokio::test]
async fn an_unknown_fault_is_refused_in_the_vendors_shape() {
    let client = Client::new().await;
    for (header, message) in [
        ("quotas", "did you mean `quota`?"),
        ("quota,html:502", "one fault at a time"),
        ("latency", "latency:100ms"),
    ] {
        let answer = ask(&client, &client.http, header).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.json()["errorCode"], "CMN-407");
        assert!(answer.json()["message"].as_str().unwrap().contains(message), "{header}");
    }
    assert_eq!(ask(&client, &client.http, "latency:1ms, status:418").await.status(), 418);
}
