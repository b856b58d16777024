//! Answers that are recorded once and replayed for ever after.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use callperf::{
    Api, Breakdown, CallResult, Client, ClientBuilder, Credentials, Error, ErrorKind, Filter,
    GroupBy, Interval, Page, Period, Point, Progress, Query, Record, RetryPolicy, Series, testing,
};
use callperf_sandbox::Sandbox;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{self, method, path_regex, query_param},
};

use crate::support::{self, SECRETS, first};

/// A folder for a cassette, and its file.
fn cassette() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cassettes/week.json");
    (folder, file)
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Segment)
}

/// A client that would fail where it went by the network or needed a login.
fn replaying(file: &Path) -> ClientBuilder {
    Client::builder().server("http://127.0.0.1:9").replay_from(file)
}

fn replay(file: &Path) -> Client {
    replaying(file).build().unwrap()
}

async fn sandbox() -> (Sandbox, Timestamp) {
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    (Sandbox::builder().seed(7).now(now).start().await.unwrap(), now)
}

fn of_sandbox(sandbox: &Sandbox, api: Api) -> ClientBuilder {
    support::of_sandbox(sandbox).api(api)
}

/// All numbers of a pull, in an order that doesn't depend on the keys.
async fn numbers(client: &Client, per_page: u32) -> Vec<String> {
    let mut records = client.aggregate(&query()).per_page(per_page).read_ahead().records();
    let mut all = Vec::new();
    while let Some(record) = records.try_next().await.unwrap() {
        all.push(format!("{:?} {:?}", record.calls(), record.time_spent()));
    }
    all.sort();
    all
}

#[tokio::test]
async fn what_was_recorded_is_replayed_without_a_server() {
    for api in [Api::Beta, Api::CallsV1] {
        let (_folder, file) = cassette();
        let (sandbox, now) = sandbox().await;
        let client = of_sandbox(&sandbox, api).clock(move || now).record_to(&file).build().unwrap();
        let recorded = numbers(&client, 2).await;
        assert!(recorded.len() > 2, "{api}: several pages");
        drop(sandbox);
        assert_eq!(
            numbers(&replaying(&file).api(api).build().unwrap(), 2).await,
            recorded,
            "{api}"
        );
    }
}

/// Before a request is sent whose answer couldn't be kept.
#[test]
fn a_cassette_that_cannot_be_written_is_refused_at_once() {
    let (folder, file) = cassette();
    for place in [folder.path().to_owned(), file.parent().unwrap().to_owned()] {
        fs::create_dir_all(&place).unwrap();
        let error = Client::builder()
            .server("http://127.0.0.1:9")
            .credentials(Credentials::jwt("id", "secret", "jwt"))
            .record_to(&place)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(error.to_string().contains("can't be written"), "{error}");
    }
}

#[tokio::test]
async fn a_cassette_may_have_been_saved_by_any_editor() {
    let (_folder, file) = cassette();
    let (sandbox, now) = sandbox().await;
    let client = of_sandbox(&sandbox, Api::CallsV1).clock(move || now).record_to(&file);
    let recorded = numbers(&client.build().unwrap(), 2).await;
    let text = fs::read_to_string(&file).unwrap();
    let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    fs::write(&file, &marked).unwrap();
    assert_eq!(numbers(&replay(&file), 2).await, recorded);
    let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&file, utf16).unwrap();
    let error = replaying(&file).build().unwrap_err();
    assert!(error.to_string().ends_with("is UTF-16; save it as UTF-8"), "{error}");
}

#[tokio::test]
async fn a_timeline_is_replayed_with_its_pages_and_its_progress() {
    let (_folder, file) = cassette();
    let (sandbox, now) = sandbox().await;
    let recording = of_sandbox(&sandbox, Api::CallsV1).clock(move || now).record_to(&file);
    let pull = async |client: Client| {
        let reports = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&reports);
        let call = client.timeline(&query(), Interval::Day).per_page(1).on_progress(
            move |it: &Progress| kept.lock().unwrap().push((it.pages_read, it.pages_left)),
        );
        let mut records = call.records();
        let mut all = Vec::new();
        while let Some(series) = records.try_next().await.unwrap() {
            let points =
                series.points().iter().map(|point| format!("{:?}", (point.time(), point.calls())));
            all.push(points.collect::<Vec<_>>());
        }
        let reports = reports.lock().unwrap().clone();
        (all, reports)
    };
    let recorded = pull(recording.build().unwrap()).await;
    drop(sandbox);
    let replayed = pull(replay(&file)).await;
    assert_eq!(replayed, recorded);
    assert!(replayed.1.len() > 1, "several pages");
}

/// A period that depends on the clock, years later.
#[tokio::test]
async fn a_relative_period_is_the_one_that_was_recorded() {
    let (_folder, file) = cassette();
    let (sandbox, now) = sandbox().await;
    let recording = of_sandbox(&sandbox, Api::CallsV1).clock(move || now).record_to(&file);
    let recorded = recording.build().unwrap().aggregate(&query()).page(1).await.unwrap();
    let replayed = replay(&file).aggregate(&query()).page(1).await.unwrap();
    assert_eq!(replayed.period, recorded.period);
    // A client with another clock asks for the period by that clock.
    let later = replaying(&file).clock(|| "2026-07-01T00:00:00Z".parse().unwrap()).build().unwrap();
    let error = later.aggregate(&query()).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRecorded);
    assert!(error.to_string().contains("/body/timeSettings/timeRange/timeFrom"), "{error}");
}

/// Without a clock of its own, a recording stands still.
#[tokio::test]
async fn the_clock_stands_still_while_it_is_recorded() {
    let (_folder, file) = cassette();
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    let credentials = Credentials::jwt("client", SECRETS[0], SECRETS[1]);
    let builder = Client::builder().server(server.uri()).credentials(credentials);
    let client = builder.record_to(&file).build().unwrap();
    let up_to_now = |at: Timestamp| {
        let day = jiff::SignedDuration::from_hours(24);
        Query::new(GroupBy::queues(), Period::between(at - day, at), "UTC").calls(Breakdown::Total)
    };
    let now = Timestamp::now();
    let first = client.aggregate(&up_to_now(now)).page(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let second = client.aggregate(&up_to_now(now)).page(1).await.unwrap();
    assert_eq!(first.period, second.period, "the end is trimmed to the same second");
    let client = replay(&file);
    for _ in 0..2 {
        client.aggregate(&up_to_now(now)).page(1).await.unwrap();
    }
}

/// Records with a client of these tests' server, without waiting for anything.
fn recording(server: &MockServer, file: &Path) -> Client {
    support::builder(server, Api::CallsV1).record_to(file).build().unwrap()
}

async fn total(client: &Client) -> Result<Option<u64>, Error> {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let page = client.aggregate(&query).page(1).await?;
    Ok(page.records.first().and_then(|record| record.calls().total()?.as_u64()))
}

fn answer(total: u64) -> ResponseTemplate {
    let counters = json!({"allCalls": {"valueType": "Instances", "values": total}});
    let paging = json!({"page": 1, "perPage": 200, "totalPages": 1, "totalElements": 1});
    let records = json!([{"key": "62264425", "counters": counters}]);
    let body = json!({"data": {"groupedBy": "Queues", "records": records}, "paging": paging});
    ResponseTemplate::new(200)
        .insert_header("X-Rate-Limit-Group", "light")
        .insert_header("X-Rate-Limit-Limit", "2")
        .insert_header("X-Rate-Limit-Remaining", "0")
        .insert_header("X-Rate-Limit-Window", "1")
        .set_body_json(body)
}

#[tokio::test]
async fn answers_to_one_request_come_in_their_order_and_failures_with_them() {
    let (_folder, file) = cassette();
    let server = support::server(answer(3)).await;
    first(&server, "analytics", answer(1), 1).await;
    first(&server, "analytics", ResponseTemplate::new(503), 1).await;
    let refused = ResponseTemplate::new(429).insert_header("Retry-After", "60");
    first(&server, "analytics", refused, 1).await;
    let recorder = recording(&server, &file);
    assert_eq!(total(&recorder).await.unwrap(), Some(1));
    assert_eq!(total(&recorder).await.unwrap_err().status(), Some(503));
    let quota = total(&recorder).await.unwrap_err();
    assert_eq!((quota.status(), quota.retry_after()), (Some(429), Some(Duration::from_mins(1))));
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches("\"status\"").count(), 3);

    // One attempt each: as it was.
    let client = replaying(&file).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(total(&client).await.unwrap(), Some(1));
    assert_eq!(total(&client.clone()).await.unwrap_err().status(), Some(503));
    assert_eq!(total(&client).await.unwrap_err().retry_after(), Some(Duration::from_mins(1)));
    let error = total(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotRecorded, 1));
    assert!(error.to_string().contains("was recorded 3 times with this request"), "{error}");
}

#[tokio::test]
async fn a_replay_waits_for_nothing_and_decides_as_if_it_had() {
    let (_folder, file) = cassette();
    let server = support::server(answer(3)).await;
    let refused = ResponseTemplate::new(429).insert_header("Retry-After", "60");
    first(&server, "analytics", refused, 1).await;
    total(&recording(&server, &file)).await.unwrap_err();
    let text = fs::read_to_string(&file).unwrap();
    // What the server would have answered after the wait.
    let later = answer_in_cassette(&text, 7);
    fs::write(&file, later).unwrap();

    let begun = Instant::now();
    let client = replaying(&file).build().unwrap();
    assert_eq!(total(&client).await.unwrap(), Some(7));
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(client.budget()[0].limit, 2);
    let hurried = RetryPolicy::default().deadline(Duration::from_secs(59));
    let client = replaying(&file).retry(hurried).build().unwrap();
    assert_eq!(total(&client).await.unwrap_err().kind(), ErrorKind::Quota, "it would be too late");
}

/// A cassette with one more answer to its last request.
fn answer_in_cassette(text: &str, total: u64) -> String {
    let mut json: Json = serde_json::from_str(text).unwrap();
    let exchanges = json["exchanges"].as_array_mut().unwrap();
    let mut good = exchanges.last().unwrap().clone();
    let records = json!([{"key": "7", "counters": {"allCalls": {"values": total}}}]);
    good["response"] = json!({
        "status": 200,
        "headers": {
            "x-rate-limit-group": "light", "x-rate-limit-limit": "2",
            "x-rate-limit-remaining": "0", "x-rate-limit-window": "60",
        },
        "body": {"json": {"data": {"groupedBy": "Queues", "records": records}}},
    });
    exchanges.push(good);
    json.to_string()
}

#[tokio::test]
async fn a_request_that_was_not_recorded_says_which_field_differs() {
    let (_folder, file) = cassette();
    let server = support::server(answer(1)).await;
    let recorder = recording(&server, &file);
    let asked = || {
        Query::new(GroupBy::queues().keys(["62264425", "62264426"]), Period::last_days(7), "UTC")
            .calls(Breakdown::Total)
            .only(CallResult::Abandoned)
    };
    recorder.aggregate(&asked()).page(1).await.unwrap();
    recorder.timeline(&query(), Interval::Day).page(1).await.unwrap();
    recorder
        .send("/restapi/v1.0/account/~/extension/62264425", &[], Some(&json!({})))
        .await
        .unwrap();

    let client = replaying(&file).build().unwrap();
    client.aggregate(&asked()).page(1).await.unwrap();
    let other =
        Query::new(GroupBy::queues().keys(["62264425"]), Period::last_days(6), "Asia/Tokyo")
            .calls(Breakdown::Total)
            .only(CallResult::Abandoned)
            .only(Filter::CallDuration(callperf::Length::at_least(5)));
    let mut messages = Vec::new();
    for error in [
        client.aggregate(&asked()).page(2).await.unwrap_err(),
        client.aggregate(&asked()).parameter("view", "x/y").page(1).await.unwrap_err(),
        client.aggregate(&other).page(1).await.unwrap_err(),
        client.aggregate(&asked()).page(1).await.unwrap_err(),
        client.timeline(&query(), Interval::Hour).page(1).await.unwrap_err(),
        client.send("/restapi/v1.0/account/~/extension/62264499", &[], None).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotRecorded, 1));
        messages.push(error.to_string().replace(&*file.to_string_lossy(), "[cassette]"));
    }
    support::snapshots().bind(|| insta::assert_snapshot!("not-recorded", messages.join("\n\n")));
}

/// A program that asks for keys gets its answers, and finds its keys in them.
#[tokio::test]
async fn what_was_asked_for_by_its_key_is_found_by_its_key() {
    let (_folder, file) = cassette();
    let server = support::server(answer(42)).await;
    let by_key = |key: &str| {
        Query::new(GroupBy::queues().keys([key]), Period::last_days(7), "UTC")
            .calls(Breakdown::Total)
    };
    let recorder = recording(&server, &file);
    recorder.aggregate(&by_key("62264425")).page(1).await.unwrap();
    assert!(!fs::read_to_string(&file).unwrap().contains("62264425"));
    let client = replay(&file);
    let error = client.aggregate(&by_key("62264426")).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRecorded, "another key has no answer");
    let page = client.aggregate(&by_key("62264425")).page(1).await.unwrap();
    assert_eq!(page.records[0].key(), "62264425");
    assert_eq!(page.records[0].calls().total().unwrap().as_u64(), Some(42));
}

/// An answer that says all that shouldn't be shared.
fn indiscreet() -> ResponseTemplate {
    let counters = json!({"allCalls": {"valueType": "Instances", "values": 40.5}});
    let info = json!({"name": "Jane Doe", "extensionNumber": "1017", "email": "jane@example.com"});
    let records = json!([
        {"key": "62264425", "info": info, "counters": counters},
        {"key": "+16505550100", "uri": "https://example.com/account/880011/extension/62264425"},
    ]);
    let paging = json!({"page": 1, "perPage": 200, "totalPages": 1, "totalElements": 2});
    ResponseTemplate::new(200)
        .insert_header("Set-Cookie", "session=marked-cookie")
        .insert_header("Authorization", "Bearer marked-token")
        .insert_header("RCRequestId", "6b5f0c9e-request")
        .insert_header("X-Rate-Limit-Group", "light")
        .insert_header("X-Rate-Limit-Limit", "50")
        .insert_header("X-Rate-Limit-Remaining", "49")
        .insert_header("X-Rate-Limit-Window", "60")
        .set_body_json(json!({
            "data": {"groupedBy": "Users", "records": records}, "paging": paging,
            "accountId": "880011", "note": "as asked by marked-token", "refreshToken": "hidden-one",
        }))
}

const PRIVATE: [&str; 12] = [
    "marked-",
    "Y2xpZW50Om1hcmtlZC1zZWNyZXQ=",
    "62264425",
    "6505550100",
    "880011",
    "1017",
    "Jane",
    "Doe",
    "example.com\"",
    "hidden-one",
    "6b5f0c9e",
    "127.0.0.1",
];

#[tokio::test]
async fn a_cassette_has_no_secret_and_no_identity() {
    let (_folder, file) = cassette();
    let server = support::server(indiscreet()).await;
    let builder = support::builder(&server, Api::CallsV1).account("880011").record_to(&file);
    let client = builder.build().unwrap();
    let asked = Query::new(GroupBy::users(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .only(Filter::FromExtensions(vec!["62264425".to_owned()]))
        .only(Filter::CalledNumbers(vec!["+16505550100".to_owned()]));
    client.aggregate(&asked).page(1).await.unwrap();
    let errors = json!([{"errorCode": "CMN-101", "message": "62264425 isn't one, says marked-token",
        "parameterName": "keys", "parameterValue": "62264425", "about": "account 880011"}]);
    let refused = ResponseTemplate::new(400).set_body_json(json!({"errors": errors}));
    first(&server, "analytics", refused, 1).await;
    client.aggregate(&asked).page(1).await.unwrap_err();
    let echo =
        ResponseTemplate::new(200).set_body_string("<p>marked-jwt of 62264425, marked-token</p>");
    first(&server, "analytics", echo, 1).await;
    client.aggregate(&asked).page(1).await.unwrap_err();
    let path = "/restapi/v1.0/account/880011/extension/62264425";
    let body = json!({"password": "hidden-one", "firstName": "Jane"});
    client.send(path, &[("access_token", "hidden-one")], Some(&body)).await.unwrap();

    let text = fs::read_to_string(&file).unwrap();
    for private in PRIVATE {
        assert!(!text.contains(private), "{private}: {text}");
    }
    for kept in ["40.5", "CMN-101", "\"groupedBy\": \"Users\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    support::snapshots().bind(|| insta::assert_snapshot!("cassette", text));
    // And it plays.
    let client = replaying(&file).retry(RetryPolicy::never()).build().unwrap();
    let page = client.aggregate(&asked).page(1).await.unwrap();
    assert_eq!(page.records[0].key(), "62264425");
    assert_eq!(page.records[0].calls().total().unwrap().to_string(), "40.5");
    let error = client.aggregate(&asked).page(1).await.unwrap_err();
    assert_eq!(error.api_errors()[0].code, "CMN-101");
    let error = client.aggregate(&asked).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    client.send(path, &[("access_token", "another")], Some(&body)).await.unwrap();
}

#[tokio::test]
async fn the_same_answers_make_the_same_file_in_whichever_order_they_come() {
    let (sandbox, now) = sandbox().await;
    let mut files = Vec::new();
    let pages = [1, 2, 3, 4];
    for order in [pages, [4, 2, 3, 1]] {
        let (_folder, file) = cassette();
        let recording = of_sandbox(&sandbox, Api::CallsV1).clock(move || now).record_to(&file);
        let client = recording.build().unwrap();
        for page in order {
            client.aggregate(&query()).per_page(2).page(page).await.unwrap();
        }
        let text = fs::read_to_string(&file).unwrap();
        // How much of a quota is left is the server's affair.
        let steady = text.lines().filter(|line| !line.contains("x-rate-limit-remaining"));
        files.push(steady.collect::<Vec<_>>().join("\n"));
        assert!(!file.with_extension("json.new").exists());
    }
    assert_eq!(files[0], files[1]);
}

#[tokio::test]
async fn odd_answers_fail_in_a_replay_as_they_did() {
    let bodies: [&[u8]; 6] = [
        b"<html>log in</html>",
        b"",
        b"{\"data\"",
        b"\xff\xfe\x00",
        br#"{"data": {"groupedBy": "Queues", "records": [{"key": "7", "key": "8"}]}}"#,
        br#"{"data": {"groupedBy": "Queues", "records": [{"key": "7", "counters": {"allCalls": {"values": 1e400}}}]}}"#,
    ];
    for body in bodies {
        let (_folder, file) = cassette();
        let odd = ResponseTemplate::new(200).set_body_bytes(body);
        let server = support::server(odd).await;
        let recorded = total(&recording(&server, &file)).await.map_err(|it| it.to_string());
        let replayed = total(&replay(&file)).await.map_err(|it| it.to_string());
        assert_eq!(replayed, recorded, "{}", String::from_utf8_lossy(body));
        assert!(!matches!(recorded, Ok(Some(_))), "no number: {recorded:?}");
    }
}

#[tokio::test]
async fn a_token_that_grows_old_is_no_matter_in_a_replay() {
    let (_folder, file) = cassette();
    let server = support::server(answer(5)).await;
    let expired = json!({"errors": [{"errorCode": "OAU-128", "message": "Access token expired"}]});
    first(&server, "analytics", ResponseTemplate::new(401).set_body_json(expired), 1).await;
    let recorder = recording(&server, &file);
    assert_eq!(total(&recorder).await.unwrap(), Some(5));
    recorder.revoke().await.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches("\"status\"").count(), 2, "neither login nor end: {text}");
    let client = replay(&file);
    assert_eq!(total(&client).await.unwrap(), Some(5));
    client.revoke().await.unwrap();
    client.log_in().await.unwrap();
}

#[tokio::test]
async fn two_clients_play_from_the_beginning_each() {
    let (_folder, file) = cassette();
    let server = support::server(answer(5)).await;
    total(&recording(&server, &file)).await.unwrap();
    for _ in 0..2 {
        let client = replay(&file);
        assert_eq!(total(&client).await.unwrap(), Some(5));
        total(&client.clone()).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_file_that_is_no_cassette_is_refused_by_name() {
    let (folder, file) = cassette();
    let client = |text: &str| {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        replaying(&file).build().unwrap_err()
    };
    let newer = r#"{"cassette": 3, "clock": "2026-01-01T00:00:00Z"}"#;
    let damaged = r#"{"cassette": 1, "clock": "2026-01-01T00:00:00Z", "pseudonym_digits": 5,
        "exchanges": [{"request": {}, "response": {"status": "good"}}]}"#;
    let mut errors = vec![replaying(&folder.path().join("none.json")).build().unwrap_err()];
    errors.extend(["", "[1, 2]", "{}", newer, damaged].map(client));
    let both = replaying(&file).record_to(&file).build().unwrap_err();
    errors.push(both);
    let shown = errors.iter().map(|error| {
        assert_eq!(error.kind(), ErrorKind::Settings);
        error.to_string().replace(&*folder.path().to_string_lossy(), "[folder]")
    });
    let shown = shown.collect::<Vec<_>>().join("\n");
    support::snapshots().bind(|| insta::assert_snapshot!("no-cassette", shown));
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_fails_and_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = support::server(answer(5)).await;
    // A folder takes the place of the file.
    let place = folder.path().join("week.json");
    let recorder = recording(&server, &place);
    fs::create_dir(&place).unwrap();
    let error = total(&recorder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Settings);
    assert!(error.to_string().contains("can't be written"), "{error}");

    let (_folder, file) = cassette();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "old").unwrap();
    let recorder = recording(&server, &file);
    assert_eq!(fs::read_to_string(&file).unwrap(), "old", "nothing was answered yet");
    total(&recorder).await.unwrap();
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
}

/// What the README shows: the snapshot is written while recording, and compared with
/// the replay.
#[tokio::test]
async fn one_line_makes_a_snapshot_of_an_answer() {
    let (_folder, file) = cassette();
    let (sandbox, now) = sandbox().await;
    let recording = of_sandbox(&sandbox, Api::CallsV1).clock(move || now).record_to(&file);
    let snapshot = async |client: Client| {
        let page = client.aggregate(&query()).page(1).await.unwrap();
        support::snapshots().bind(|| testing::assert_snapshot("one-line-replayed", &page));
    };
    snapshot(recording.build().unwrap()).await;
    snapshot(replay(&file)).await;
}

#[test]
fn one_line_makes_a_snapshot_of_a_made_up_page() {
    let (from, to) = ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
    let page = Page::fake()
        .record(
            Record::fake()
                .key("62264425")
                .name("Sales")
                .extension_number("101")
                .calls(Breakdown::Total, 82)
                .calls_by(Breakdown::Result, CallResult::Abandoned, 9)
                .calls_by(Breakdown::Result, "deflected", 3)
                .calls_by("callsByMood", "good", 1)
                .time_spent(Breakdown::Total, 1_234.567_89)
                .extra("mood", "good")
                .build(),
        )
        .record(Record::fake().key("62264426").build())
        .grouped_by("Queues")
        .period(from.parse().unwrap(), to.parse().unwrap())
        .notice(callperf::Notice::EndTrimmed {
            asked: to.parse().unwrap(),
            sent: from.parse().unwrap(),
        })
        .build();
    let monday = Point::fake().time("2026-11-23T00:00:00-08:00").calls(Breakdown::Total, 12);
    let tuesday = Point::fake().time("2026-11-24T00:00:00-08:00").calls(Breakdown::Total, 0);
    let series = Series::fake().key("62264425").point(monday).point(tuesday).build();
    support::snapshots().bind(|| {
        testing::assert_snapshot("one-line-fake-page", &page);
        testing::assert_snapshot("one-line-fake-series", &series);
    });
}

#[test]
fn what_is_redacted_is_the_same_each_time() {
    let shown = |key: &str, text: &str| {
        let record = Record::fake().key(key).calls(Breakdown::Total, 1).build();
        let mut settings = testing::settings();
        settings.set_snapshot_path(support::package().join("snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| {
            insta::assert_json_snapshot!("redacted", json!({"record": record, "error": text}));
        });
    };
    shown("7001", "failed\n  request id 6b5f0c9e");
    shown("7002", "failed\n  request id 1a2b3c4d");
}

#[test]
fn a_program_on_fakes_needs_no_server() {
    fn busiest(pages: &[Page<Record>]) -> Option<&str> {
        let records = pages.iter().flat_map(|page| &page.records);
        let calls = |record: &&Record| record.calls().total().and_then(callperf::Value::as_u64);
        records.max_by_key(calls).map(Record::label)
    }
    let queue = |name: &str, calls: u64| {
        Record::fake().key(name).name(name).calls(Breakdown::Total, calls).build()
    };
    let first = Page::fake().record(queue("Sales", 82)).page(1, 2).total_records(2).build();
    let second = Page::fake().record(queue("Support", 106)).page(2, 2).total_records(2).build();
    assert_eq!(busiest(&[first, second]), Some("Support"));
}

/// Many requests at a time, as a pull of many pages makes them.
#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_same_time_are_kept_and_replayed() {
    let (_folder, file) = cassette();
    let server = support::server(ResponseTemplate::new(404)).await;
    for page in 1..=20 {
        Mock::given(method("POST"))
            .and(query_param("page", page.to_string()))
            .respond_with(answer(page).insert_header("X-Rate-Limit-Limit", "1000"))
            .with_priority(1)
            .mount(&server)
            .await;
    }
    let pull = async |client: Client| {
        let sum = Arc::new(AtomicU32::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for page in 1..=20 {
            let (call, sum) = (client.aggregate(&query()), Arc::clone(&sum));
            tasks.spawn(async move {
                let page = call.page(page).await.unwrap();
                let total = page.records[0].calls().total().unwrap().as_u64().unwrap();
                sum.fetch_add(u32::try_from(total).unwrap(), Ordering::Relaxed);
            });
        }
        while let Some(outcome) = tasks.join_next().await {
            outcome.unwrap();
        }
        sum.load(Ordering::Relaxed)
    };
    let client = support::builder(&server, Api::CallsV1).concurrency(8).record_to(&file);
    assert_eq!(pull(client.build().unwrap()).await, 210);
    assert_eq!(pull(replaying(&file).concurrency(8).build().unwrap()).await, 210);
}

/// Two queues by the names that only their account should know.
fn queues() -> ResponseTemplate {
    let sales = json!({"id": 62_264_425, "name": "Sales of Jane Doe", "extensionNumber": "1017"});
    let support =
        json!({"id": "400131426008", "name": "Al", "contact": {"phoneNumber": "+16505550100"}});
    ResponseTemplate::new(200).set_body_json(json!({"records": [sales, support]}))
}

/// Answers what is about the first queue by its real key, and nothing else.
async fn server_of_queues() -> MockServer {
    let server = support::server(ResponseTemplate::new(404)).await;
    let by_key = matchers::body_partial_json(json!({"grouping": {"keys": ["62264425"]}}));
    let answers = [
        (Mock::given(path_regex("call-queues$")), queues()),
        (Mock::given(path_regex("call-queues/62264425/members$")), queues()),
        (Mock::given(path_regex("extension$")).and(query_param("queueId", "62264425")), queues()),
        (Mock::given(path_regex("aggregation")).and(by_key), answer(42)),
    ];
    for (mock, answer) in answers {
        mock.respond_with(answer).with_priority(1).mount(&server).await;
    }
    server
}

/// Lists the queues, and asks on with a key that came back: all that it is given.
async fn ask_on(client: &Client) -> String {
    let queues = "/restapi/v1.0/account/~/call-queues";
    let list = client.send(queues, &[], None).await.unwrap();
    let key = list["records"][0]["id"].to_string();
    let members = client.send(&format!("{queues}/{key}/members"), &[], None).await.unwrap();
    let asked = [("queueId", key.as_str())];
    let extensions = client.send("/restapi/v1.0/account/~/extension", &asked, None).await.unwrap();
    let query = Query::new(GroupBy::queues().keys([&key]), Period::last_days(7), "UTC")
        .calls(Breakdown::Total);
    let page = client.aggregate(&query).page(1).await.unwrap();
    assert_eq!(page.records[0].key(), key);
    assert_eq!(page.records[0].calls().total().unwrap().as_u64(), Some(42));
    // A key that the program has from elsewhere.
    let own = Query::new(GroupBy::queues().keys(["62264425"]), Period::last_days(6), "UTC")
        .calls(Breakdown::Total);
    let own = client.aggregate(&own).page(1).await.unwrap();
    assert_eq!(own.records[0].key(), "62264425");
    let refused = client.send("/restapi/v1.0/no/such", &[], None).await.unwrap_err();
    format!("{list}\n{members}\n{extensions}\n{}\n{}\n{refused}", json!(page), json!(own))
}

#[tokio::test]
async fn a_recording_returns_what_the_replay_will() {
    let (_folder, file) = cassette();
    let server = server_of_queues().await;
    let recorded = ask_on(&recording(&server, &file)).await;
    let client = replaying(&file).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(ask_on(&client).await, recorded);
    for text in [recorded.as_str(), &fs::read_to_string(&file).unwrap()] {
        for private in ["Jane", "\"Al\"", "1017", "400131426008", "6505550100"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }
}

/// A caller who asks by a pseudonym names no identifier, and the server's message does.
#[tokio::test]
async fn a_message_names_no_identifier_and_no_server() {
    let (_folder, file) = cassette();
    let server = server_of_queues().await;
    let client = recording(&server, &file);
    let list = "/restapi/v1.0/account/~/call-queues";
    let queues = client.send(list, &[], None).await.unwrap();
    let key = queues["records"][1]["id"].as_str().unwrap();
    let message = format!(
        "400131426008 of account 4440005555 (+16505550199) isn't a queue, see {}/queues/400131426008",
        server.uri()
    );
    let refusal = json!({"errors": [
        {"errorCode": "CMN-101", "message": message, "parameterValue": "400131426008"},
    ]});
    let refusal = ResponseTemplate::new(400).set_body_json(refusal);
    support::first(&server, "analytics", refusal, 1).await;
    let by_key = Query::new(GroupBy::queues().keys([key]), Period::last_days(7), "UTC")
        .calls(Breakdown::Total);
    let error = client.aggregate(&by_key).page(1).await.unwrap_err();
    let shown = format!("{error} {:?}", error.api_errors());
    assert!(shown.contains(key), "{shown}");
    let replay = replaying(&file).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(replay.send(list, &[], None).await.unwrap(), queues);
    let replayed = replay.aggregate(&by_key).page(1).await.unwrap_err();
    assert_eq!(format!("{replayed} {:?}", replayed.api_errors()), shown);
    for text in [shown, fs::read_to_string(&file).unwrap()] {
        for private in ["400131426008", "4440005555", "6505550199", "127.0.0.1"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }
}

#[tokio::test]
async fn names_are_kept_on_purpose_and_nothing_else_is() {
    let (_folder, file) = cassette();
    let server = server_of_queues().await;
    let keeping = support::builder(&server, Api::CallsV1).record_to(&file).keep_names();
    let recorded = ask_on(&keeping.build().unwrap()).await;
    let client = replaying(&file).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(ask_on(&client).await, recorded);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"names\": \"kept\"") && text.contains("Sales of Jane Doe"), "{text}");
    for private in ["1017", "400131426008", "6505550100"] {
        assert!(!text.contains(private), "{private}: {text}");
    }
    let error = replaying(&file).keep_names().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Settings);
}

/// The cassette was recorded before such timelines were sent longer than they are asked for,
/// on a server whose weeks begin on Sunday.
#[tokio::test]
async fn a_cassette_of_timelines_of_one_interval_is_replayed_as_it_was() {
    let file = support::workspace().join("tests/fixtures/cassettes/timelines-of-one-interval.json");
    let client = replaying(&file).strict(true).build().unwrap();
    let week = Period::days("2026-05-25".parse().unwrap(), "2026-06-01".parse().unwrap());
    let [from, to] = ["2026-06-02T14:00:00Z", "2026-06-02T15:00:00Z"].map(|at| at.parse().unwrap());
    let cases = [
        (Period::last_days(1), Interval::Day, "25, 19, 6, 11 from 2026-06-02T00:00:00-04:00"),
        (week, Interval::Week, {
            "81, 116, 58, 55 from 2026-05-24T00:00:00-04:00; \
             1, 4, 0, 0 from 2026-05-31T00:00:00-04:00"
        }),
        (Period::between(from, to), Interval::Hour, "3, 3, 2 from 2026-06-02T10:00:00-04:00"),
    ];
    for (period, interval, expected) in cases {
        let query =
            Query::new(GroupBy::queues(), period, "America/New_York").calls(Breakdown::Total);
        let call = client.timeline(&query, interval);
        let page = call.page(1).await.unwrap();
        assert_eq!((by_time(&page), page.notices), (expected.to_owned(), vec![]));
        let error = call.page(1).await.unwrap_err();
        assert!(error.to_string().contains("was recorded once with this request"), "{error}");
        // Compared with what was sent then.
        let error = call.page(2).await.unwrap_err().to_string();
        assert!(error.contains("/query/page: recorded \"1\", asked \"2\""), "{error}");
        assert!(!error.contains("timeRange"), "{error}");
    }
}

/// The calls of each key at each time.
fn by_time(page: &Page<Series>) -> String {
    let mut times = std::collections::BTreeMap::<_, Vec<String>>::new();
    for point in page.records.iter().flat_map(Series::points) {
        let calls = point.calls().total().unwrap().to_string();
        times.entry(point.time_text()).or_default().push(calls);
    }
    let shown = times.iter().map(|(time, calls)| format!("{} from {time}", calls.join(", ")));
    shown.collect::<Vec<_>>().join("; ")
}

/// What is recorded now was sent longer, and is replayed as it was given.
#[tokio::test]
async fn a_timeline_of_one_interval_is_recorded_as_it_was_sent() {
    let (_folder, file) = cassette();
    let (sandbox, now) = sandbox().await;
    let query = Query::new(GroupBy::queues(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    let recording = of_sandbox(&sandbox, Api::CallsV1).clock(move || now).record_to(&file);
    let recorded =
        recording.build().unwrap().timeline(&query, Interval::Day).page(1).await.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"timeFrom\": \"2026-05-30T00:00:00Z\""), "{text}");
    let replayed = replay(&file).timeline(&query, Interval::Day).page(1).await.unwrap();
    assert_eq!(replayed, recorded);
    assert!(!by_time(&replayed).contains("2026-05-30"));
}

/// The cassette was recorded by version 0.1, with what its callers asked.
#[tokio::test]
async fn a_cassette_of_0_1_is_replayed_as_it_was() {
    let file = support::workspace().join("tests/fixtures/cassettes/v0_1.json");
    let client = replaying(&file).account("880011").retry(RetryPolicy::never()).build().unwrap();
    let asked = Query::new(GroupBy::users(), Period::last_days(7), "UTC")
        .calls(Breakdown::Total)
        .only(Filter::FromExtensions(vec!["62264425".to_owned()]))
        .only(Filter::CalledNumbers(vec!["+16505550100".to_owned()]));
    let page = client.aggregate(&asked).page(1).await.unwrap();
    let shown: Vec<_> = page.records.iter().map(|one| (one.key(), one.label())).collect();
    assert_eq!(shown, [("62264425", "name-47717"), ("+16505550100", "+16505550100")]);
    assert_eq!(page.records[0].calls().total().unwrap().to_string(), "40.5");
    let error = client.aggregate(&asked).page(1).await.unwrap_err();
    assert!(error.to_string().contains("62264425 isn't one"), "{error}");
}
