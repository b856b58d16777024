//! `fetch` from a server on this machine, and from files.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::newer::upgrade::upgraded;
use crate::support::{Copy, Outcome, catalogue, revision};

/// Answers each connection by its request's first line, and closes it.
fn server(answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<_> =
                lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            answer(&mut stream, head.first().map_or("", String::as_str));
        }
    });
    address
}

/// One response to all requests. A client that has seen enough may be gone before its end.
fn serving(response: impl Into<Vec<u8>>) -> String {
    let response = response.into();
    server(move |stream, _| drop(stream.write_all(&response)))
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn newest() -> (String, Value) {
    let revisions = catalogue().revision;
    let dates = revisions.iter().filter(|it| it.api.name() == "calls-v1").map(|it| &it.date);
    let date = dates.max().unwrap().clone();
    let mut document = revision("calls-v1", &date);
    document["info"] = json!({"title": "The vendor's", "version": "1"});
    document["x-prose"] = json!("A sentence.");
    (date, document)
}

fn changed() -> Value {
    let (_, mut document) = newest();
    document["components"]["schemas"]["CallType"]["enum"]
        .as_array_mut()
        .unwrap()
        .push("New".into());
    document
}

fn fetched(body: &[u8]) -> (Copy, Outcome) {
    let copy = Copy::new();
    let from = format!("{}/specs/platform.yml", serving(response("200 OK", body)));
    let outcome = copy.run_with(&["fetch", &from], &[]);
    (copy, outcome)
}

#[test]
fn a_document_without_news_is_fresh() {
    let (date, document) = newest();
    let text = document.to_string();
    for (body, file) in [
        (text.clone(), "document.json"),
        (format!("\u{feff}{text}"), "document.json"),
        (format!("# YAML\n{text}"), "document.yml"),
    ] {
        let (copy, outcome) = fetched(body.as_bytes());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        let place = copy.path("target").join("fetch").join(file);
        let line = format!("  calls-v1: fresh; the newest revision is {date}\n");
        assert_eq!(outcome.stdout, format!("fresh {}\n{line}", place.display()));
        assert_eq!(std::fs::read(place).unwrap(), body.as_bytes());
    }
}

#[test]
fn a_document_of_3_1_is_compared_like_one_of_3_0() {
    for (document, first_word) in [(newest().1, "fresh "), (changed(), "changed ")] {
        let newer = upgraded(&document, 7);
        let (_, outcome) = fetched(newer.to_string().as_bytes());
        assert_eq!(outcome.stderr, "");
        assert!(outcome.stdout.starts_with(first_word), "{}", outcome.stdout);
    }
}

#[test]
fn a_document_with_news_is_changed() {
    let (date, _) = newest();
    let text = changed().to_string();
    let copy = Copy::new();
    let from = serving(response("200 OK", text.as_bytes()));
    let outcome = copy.run_with(&["fetch", &from, "--out", "a/new.json", "--format", "json"], &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (5, ""));
    let expected = json!({
        "state": "changed",
        "from": from,
        "file": "a/new.json",
        "apis": [{"api": "calls-v1", "state": "changed", "newest": date}],
    });
    assert_eq!(serde_json::from_str::<Value>(&outcome.stdout).unwrap(), expected);
    assert_eq!(copy.read("a/new.json"), text);
    let outcome = copy.run(&["adopt", "a/new.json", "--api", "calls-v1", "--date", "2098-01-01"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    // Now it is known.
    let outcome = copy.run_with(&["fetch", &from], &[]);
    assert_eq!((outcome.code, &outcome.stdout[..6]), (0, "fresh "), "{}", outcome.stderr);
}

#[test]
fn a_file_is_taken_like_an_address() {
    let copy = Copy::new();
    copy.write("new.json", &changed().to_string());
    let outcome = copy.run_with(&["fetch", "new.json"], &[]);
    assert_eq!((outcome.code, &outcome.stdout[..8]), (5, "changed "), "{}", outcome.stderr);
    copy.write("beta.json", &revision("beta", "2021-08-12").to_string());
    let outcome = copy.run_with(&["fetch", "beta.json", "--out", "beta.json"], &[]);
    assert_eq!(
        outcome.stdout,
        "fresh beta.json\n  beta: fresh; the newest revision is 2021-08-12\n"
    );
}

/// One message with these parts, this code, and every file as it was.
fn refused(from: &str, options: &[&str], code: i32, parts: &[&str]) {
    let copy = Copy::new();
    copy.write("out.json", "before");
    let files = copy.files();
    let arguments = [&["fetch", from, "--out", "out.json"], options].concat();
    let outcome = copy.run_with(&arguments, &[]);
    assert_eq!(outcome.code, code, "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with(from), "{}", outcome.stderr);
    for part in parts.iter().chain(&["\n  remedy: "]) {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
    assert_eq!(outcome.stdout, "");
    assert!(copy.files() == files, "a file has changed");
}

#[test]
fn an_answer_that_is_no_document_is_refused() {
    let text = newest().1.to_string();
    let html = "<!DOCTYPE html><html><body>Moved</body></html>";
    for (answer, what) in [
        (response("200 OK", b""), "is empty"),
        (response("200 OK\r\nContent-Type: text/html", text.as_bytes()), "is HTML"),
        (response("200 OK", html.as_bytes()), "is HTML or XML"),
        (response("404 Not Found", text.as_bytes()), "the status 404"),
        (response("304 Not Modified", b""), "the status 304"),
        (response("206 Partial Content", text.as_bytes()), "the status 206"),
        (response("503 Service Unavailable", b""), "the status 503"),
        (response("200 OK", br#"{"swagger": "2.0"}"#), "is Swagger 2.0"),
        (response("200 OK", b"hello"), "is not JSON: "),
        (response("200 OK", br#"{"openapi": "3.0.3", "paths": {}}"#), "of none of the apis"),
        (response("200 OK", b"{}"), "is not an OpenAPI document"),
        (response("200 OK", &text.as_bytes()[..5000]), "is not JSON: EOF"),
        (response("200 OK", b"\xff\xfea\0"), "UTF-16"),
        (response("200 OK\r\nContent-Encoding: gzip", b"\x1f\x8b"), "is encoded as gzip"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".to_vec(),
            "says how long it is in several ways that differ",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nopenapi: 3.0.3".to_vec(), "does not say how long it is"),
    ] {
        refused(&serving(answer), &[], 3, &[what]);
    }
}

#[test]
fn a_truncated_answer_is_refused() {
    let text = newest().1.to_string();
    let cut = response("200 OK", text.as_bytes());
    refused(&serving(&cut[..cut.len() - 1]), &[], 3, &["broke off after "]);
    // Whole as YAML, so only its length says that something is missing.
    let lines = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nopenapi: 3.0.3\n";
    refused(&serving(*lines), &[], 3, &["broke off after 15 bytes"]);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    refused(&serving(format!("{head}{chunk}")), &[], 3, &["broke off after "]);
    refused(&serving(format!("{head}{chunk}nonsense\r\n")), &[], 3, &["broke off after "]);
    let copy = Copy::new();
    let from = serving(format!("{head}{chunk}0\r\n\r\n"));
    assert_eq!(copy.run_with(&["fetch", &from], &[]).code, 0);
}

#[test]
fn an_oversized_answer_is_refused() {
    let declared = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nopenapi: 3.0.3\n";
    refused(&serving(*declared), &[], 3, &["is larger than 50 MiB"]);
    let endless = server(|stream, _| {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunk = [b"100000\r\n", vec![b' '; 0x10_0000].as_slice(), b"\r\n"].concat();
        let mut written = stream.write_all(head);
        while written.is_ok() {
            written = stream.write_all(&chunk);
        }
    });
    refused(&endless, &[], 3, &["is larger than 50 MiB"]);
}

#[test]
fn a_slow_answer_is_given_up() {
    let slow = server(|stream, _| {
        let mut written = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while written.is_ok() {
            std::thread::sleep(Duration::from_millis(20));
            written = stream.write_all(b" ");
        }
    });
    refused(&slow, &["--timeout", "0.3"], 6, &["did not arrive within 0.3 s"]);
    let copy = Copy::new();
    for timeout in ["0", "-1", "soon", "inf", "NaN"] {
        let timeout = format!("--timeout={timeout}");
        assert_eq!(copy.run_with(&["fetch", &slow, &timeout], &[]).code, 2);
    }
}

#[test]
fn redirects_are_followed_to_known_hosts_only() {
    let text = newest().1.to_string();
    let redirecting = |location: &'static str| {
        let document = response("200 OK", text.as_bytes());
        server(move |stream, line| {
            let moved = format!("302 Found\r\nLocation: {location}");
            let is_moved = line.starts_with("GET /new ");
            let answer = if is_moved { document.clone() } else { response(&moved, b"") };
            drop(stream.write_all(&answer));
        })
    };
    let copy = Copy::new();
    let outcome = copy.run_with(&["fetch", &redirecting("/new")], &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    for (location, what) in [
        ("https://elsewhere.example/new?token=x", "to https://elsewhere.example, which is not"),
        ("http://netstorage.ringcentral.com/new", "to http://netstorage.ringcentral.com, which"),
        ("http://localhost:1/new", "to http://localhost:1, which is not followed"),
        ("https://user:password@127.0.0.1/new", "to https://127.0.0.1, which is not followed"),
        ("https://elsewhere.example:8443/", "to https://elsewhere.example:8443, which is not"),
        ("https://elsewhere.example:443/", "to https://elsewhere.example, which is not"),
        ("file:///etc/passwd", "to file://, which is not followed"),
        ("/again", "redirects more than 5 times"),
        ("http://", "redirects to no address"),
    ] {
        refused(&redirecting(location), &[], 3, &[what]);
    }
    refused(&serving(response("302 Found", b"")), &[], 3, &["redirects to no address"]);
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn without_a_network_the_address_is_named() {
    for scheme in ["http", "https"] {
        let from = format!("{scheme}://127.0.0.1:{}/platform.yml", closed_port());
        refused(&from, &[], 6, &[&from, "check the network"]);
    }
    let silent = server(|_, _| ());
    refused(&silent, &[], 6, &["check the network"]);
}

#[test]
fn other_addresses_are_refused() {
    for from in ["none.yml", "openapi"] {
        refused(from, &[], 3, &["cannot be read"]);
    }
    for (from, what) in [
        ("http://elsewhere.example/platform.yml", "is not https"),
        ("ftp://127.0.0.1/platform.yml", "is not https"),
        ("https://", "is not an address"),
    ] {
        let outcome = Copy::new().run_with(&["fetch", from], &[]);
        assert_eq!(outcome.code, 3);
        assert!(outcome.stderr.starts_with(&format!("the address: {what}")), "{}", outcome.stderr);
    }
    let outcome = Copy::new().run_with(&["fetch", "https://name:secret@127.0.0.1/"], &[]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("has a user name or a password"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
}

/// A server that says what it was asked first, as a proxy that refuses.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&seen);
    let address = server(move |stream, line| {
        lines.lock().unwrap().push(line.to_owned());
        drop(stream.write_all(&response("403 Forbidden", b"")));
    });
    (address, seen)
}

#[test]
fn a_proxy_is_used_if_the_environment_names_it_for_https() {
    let copy = Copy::new();
    let from = "https://platform.invalid/platform.yml";
    let asked = |from: &str, variables: &[(&str, &str)]| {
        let (address, seen) = proxy();
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| (*name, value.replace("PROXY", &address)))
            .collect();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let outcome = copy.run_with(&["fetch", from, "--timeout", "20"], &variables);
        let seen = seen.lock().unwrap().clone();
        (outcome, seen)
    };
    let connect = ["CONNECT platform.invalid:443 HTTP/1.1".to_owned()];
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (outcome, seen) = asked(from, &[(variable, "PROXY")]);
        assert_eq!((outcome.code, seen.as_slice()), (6, &connect[..]), "{}", outcome.stderr);
    }
    let (outcome, seen) = asked(from, &[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", ".invalid")]);
    assert_eq!((outcome.code, seen.len()), (6, 0), "{}", outcome.stderr);
    let (outcome, seen) = asked(from, &[("HTTP_PROXY", "PROXY")]);
    assert_eq!((outcome.code, seen.len()), (6, 0), "{}", outcome.stderr);
    let here = serving(response("200 OK", newest().1.to_string().as_bytes()));
    let (outcome, seen) = asked(&here, &[("ALL_PROXY", "PROXY"), ("HTTP_PROXY", "PROXY")]);
    assert_eq!((outcome.code, seen.len()), (0, 0), "{}", outcome.stderr);
    for value in ["socks5://name:secret@127.0.0.1:1", "http://name:secret@"] {
        let (outcome, _) = asked(from, &[("HTTPS_PROXY", value)]);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("HTTPS_PROXY is not the address"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
    }
}

/// What is new is brought all the same.
#[test]
fn an_api_that_the_source_lacks_is_named_beside_what_is_new() {
    let copy = Copy::new();
    let entries = copy.read("openapi/revisions.toml");
    let url = catalogue().source.unwrap().url;
    let serve = |document: &Value| {
        let address = serving(response("200 OK", document.to_string().as_bytes()));
        copy.write("openapi/revisions.toml", &entries.replace(&url, &address));
    };
    serve(&changed());
    let outcome = copy.run_with(&["fetch", "--out", "new.json"], &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (5, ""));
    let (date, _) = newest();
    let lines = [
        "changed new.json\n".to_owned(),
        format!("  calls-v1: changed; the newest revision is {date}\n"),
        "  directory: lacking; the newest revision is 2026-08-13\n    operation `readAccountInfo` is not at GET".to_owned(),
    ];
    for line in lines {
        assert!(outcome.stdout.contains(&line), "{line} in {}", outcome.stdout);
    }
    let outcome = copy.run_with(&["fetch", "--format", "json"], &[]);
    let said: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(said["apis"][1]["state"], "lacking");

    serve(&newest().1);
    let outcome = copy.run_with(&["fetch", "--out", "none.json"], &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""));
    assert!(outcome.stderr.contains("operation `listSites` is not at GET"), "{}", outcome.stderr);
    assert!(!copy.path("none.json").exists());
}

/// The catalogue says which apis its document must have.
#[test]
fn the_source_has_the_apis_that_it_promises() {
    let copy = Copy::new();
    let (_, mut document) = newest();
    document["paths"].as_object_mut().unwrap().retain(|path, _| !path.contains("timeline"));
    document["paths"]["/restapi/v1.0/account/{accountId}/analytics/performance/calls/aggregate"] =
        revision("beta", "2021-08-12")["paths"]
            ["/restapi/v1.0/account/{accountId}/analytics/performance/calls/aggregate"]
            .clone();
    let beta = revision("beta", "2021-08-12");
    for (name, schema) in beta["components"]["schemas"].as_object().unwrap() {
        document["components"]["schemas"][name] = schema.clone();
    }
    let address = serving(response("200 OK", document.to_string().as_bytes()));
    let entries = copy.read("openapi/revisions.toml");
    let url = catalogue().source.unwrap().url;
    copy.write("openapi/revisions.toml", &entries.replace(&url, &address));
    let outcome = copy.run_with(&["fetch"], &[]);
    assert_eq!(outcome.code, 3, "{}", outcome.stdout);
    assert!(
        outcome.stderr.contains("`analyticsCallsTimelineFetch` is not at"),
        "{}",
        outcome.stderr
    );
    assert!(!copy.path("target").exists());
}
