//! A client that follows a calibration.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use callperf::{
    Breakdown, Client, Credentials, ErrorKind, GroupBy, Hours, Interval, Kpi, KpiSet, Period,
    Query,
    rules::{ASSUMPTIONS, Calibration, Choices},
};
use callperf_sandbox::{Assumptions, Limits, Sandbox};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support;

const NOW: &str = "2026-11-10T17:00:00Z";

struct File {
    folder: TempDir,
    file: PathBuf,
}

impl File {
    fn new(settled: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("calibration.toml");
        let mut out = fs::File::create(&file).unwrap();
        let head = "schema = 1\nserver = 'https://platform.ringcentral.com'\napi = 'calls-v1'";
        writeln!(out, "{head}").unwrap();
        for (name, value) in settled {
            writeln!(out, "[settled.{name}]\nvalue = '{value}'\nevidence = 'x'").unwrap();
        }
        writeln!(out, "[end]").unwrap();
        Self { folder, file }
    }
}

fn builder() -> callperf::ClientBuilder {
    let now = NOW.parse().unwrap();
    Client::builder().credentials(Credentials::jwt("i", "s", "j")).clock(move || now)
}

fn one_day() -> Query {
    Query::new(GroupBy::company(), Period::yesterday(), "UTC").calls(Breakdown::Total)
}

/// The bounds of a day's timeline as they are sent.
fn sent(client: &Client) -> [String; 2] {
    let body = client.timeline(&one_day(), Interval::Day).preview(1).unwrap().body;
    let bound = |name: &str| {
        let bound: &Json = &body["timeSettings"]["timeRange"][name];
        bound.as_str().unwrap().to_owned()
    };
    [bound("timeFrom"), bound("timeTo")]
}

#[test]
fn requests_follow_what_is_settled() {
    let longer = ["2026-11-08T00:00:00Z", "2026-11-09T23:59:59.999Z"];
    assert_eq!(sent(&of(&[])), longer);
    assert_eq!(sent(&of(&[("timeline-range", "longer-than-interval")])), longer);
    let any = [("timeline-range", "any")];
    assert_eq!(sent(&of(&any)), ["2026-11-09T00:00:00Z", "2026-11-09T23:59:59.999Z"]);
    let seconds = [any[0], ("milliseconds", "dropped")];
    assert_eq!(sent(&of(&seconds)), ["2026-11-09T00:00:00Z", "2026-11-09T23:59:59Z"]);
    let client = of(&seconds);
    let settled: Vec<_> = client.calibration().unwrap().all_settled().collect();
    assert_eq!(settled, [("milliseconds", "dropped"), ("timeline-range", "any")]);
    // What is set counts before what is settled.
    let File { folder: _folder, file } = File::new(&seconds);
    let offset = jiff::SignedDuration::from_millis(5);
    let client = builder().end_offset(offset).calibration(file).build().unwrap();
    assert_eq!(sent(&client)[1], "2026-11-09T23:59:59.995Z");
    assert!(builder().build().unwrap().calibration().is_none());
}

#[test]
fn a_file_that_cant_be_followed_is_a_setting_with_its_place() {
    let File { folder: _folder, file } = File::new(&[("week-begin", "monday")]);
    for (file, place) in [
        (file.clone(), "line 4: there is no assumption `week-begin`"),
        (file.with_file_name("none.toml"), "`callperf calibrate` writes such a file"),
    ] {
        let error = builder().calibration(&file).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        let expected = format!("calibration: {}", file.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(error.to_string().contains(place), "{error}");
    }
}

/// Of a query that each assumption could change: weeks, hours over midnight, one interval.
fn previews(client: &Client) -> Vec<Json> {
    let total = |period| {
        let query = Query::new(GroupBy::company(), period, "UTC").calls(Breakdown::Total);
        query.in_hours([Hours::new("22:00", "05:59"), Hours::new("09:00", "23:59")])
    };
    let weeks = total(Period::last_weeks(2));
    let preview = |request: callperf::Request<callperf::Series>| request.preview(1).unwrap().body;
    vec![
        client.aggregate(&weeks).preview(1).unwrap().body,
        client.aggregate(&total(Period::week_so_far())).preview(1).unwrap().body,
        preview(client.timeline(&weeks, Interval::Week)),
        preview(client.timeline(&one_day(), Interval::Day)),
    ]
}

fn of(settled: &[(&str, &str)]) -> Client {
    let File { folder: _folder, file } = File::new(settled);
    builder().calibration(file).build().unwrap()
}

/// What `Assumption::is_followed` says is what requests show, but for those that no request does.
#[test]
fn what_is_said_to_be_followed_is_and_nothing_else() {
    const OF_RESPONSES: [&str; 3] = ["empty-records", "partial-buckets", "rate-limit-remaining"];
    let usual = previews(&of(&[]));
    for assumption in ASSUMPTIONS {
        let choices = match assumption.choices {
            Choices::Words(words) => words.to_vec(),
            _ => vec!["7"],
        };
        let changes =
            choices.iter().any(|value| previews(&of(&[(assumption.name, value)])) != usual);
        let expected = assumption.is_followed() && !OF_RESPONSES.contains(&assumption.name);
        assert_eq!(changes, expected, "{}", assumption.name);
    }
}

#[test]
fn weeks_start_on_the_apis_day_unless_they_are_set() {
    let client = of(&[("week-start", "sunday")]);
    let from = |period: Period| {
        let query = Query::new(GroupBy::company(), period, "UTC").calls(Breakdown::Total);
        let body = client.aggregate(&query).preview(1).unwrap().body;
        body["timeSettings"]["timeRange"]["timeFrom"].as_str().unwrap().to_owned()
    };
    let monday = jiff::civil::Weekday::Monday;
    // Tuesday, 10 November 2026.
    assert_eq!(from(Period::last_week()), "2026-11-01T00:00:00Z");
    assert_eq!(from(Period::last_week().previous()), "2026-10-25T00:00:00Z");
    assert_eq!(from(Period::week_so_far()), "2026-11-08T00:00:00Z");
    assert_eq!(from(Period::last_week().weeks_start_on(monday)), "2026-11-02T00:00:00Z");
    // Also after it was stored.
    let set = Period::last_week().weeks_start_on(monday);
    let stored = serde_json::to_value(&set).unwrap();
    assert_eq!(stored, serde_json::json!({"last_weeks": 1, "week_start": "Monday"}));
    assert_eq!(serde_json::from_value::<Period>(stored).unwrap(), set);
    assert_eq!(serde_json::to_value(Period::last_week()).unwrap(), "last_week");
}

/// Settled or not, a query asks for the same minutes of a server that takes hours otherwise.
#[tokio::test]
async fn hours_mean_the_same_of_a_server_that_takes_them_otherwise() {
    let now = NOW.parse().unwrap();
    let query = Query::new(GroupBy::company(), Period::last_days(14), "UTC")
        .calls(Breakdown::Total)
        .in_hours([Hours::new("22:00", "05:59"), Hours::new("09:00", "11:59")]);
    let mut counts = Vec::new();
    for (end, overnight) in
        [("included", "wrapped"), ("excluded", "refused"), ("included", "empty")]
    {
        let assumptions = Assumptions::default().set("hours-end", end).unwrap();
        let assumptions = assumptions.set("overnight-hours", overnight).unwrap();
        let sandbox = Sandbox::builder().seed(7).now(now).days(20).assumptions(assumptions);
        let sandbox = sandbox.start().await.unwrap();
        let File { folder: _folder, file } =
            File::new(&[("hours-end", end), ("overnight-hours", overnight)]);
        let client = support::of_sandbox(&sandbox).clock(move || now).calibration(file);
        let records = client.build().unwrap().aggregate(&query).all().await.unwrap();
        let calls = records.iter().next().unwrap().calls().total().map(callperf::Value::as_f64);
        counts.push(calls);
    }
    assert!(counts[0].is_some_and(|calls| calls > 0.0), "{counts:?}");
    assert_eq!(counts[1..], [counts[0]; 2]);
}

#[test]
fn files_in_other_encodings_and_of_another_api_are_refused_by_name() {
    let File { folder, file } = File::new(&[("week-start", "sunday")]);
    let text = fs::read_to_string(&file).unwrap();
    let with = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        builder().calibration(file).build()
    };
    with("bom.toml", format!("\u{feff}{text}").as_bytes()).unwrap();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = with("utf16.toml", &utf16).unwrap_err().to_string();
    assert!(refused.ends_with("the file is UTF-16; save it as UTF-8"), "{refused}");
    let refused = with("latin.toml", b"# \xfcber\n").unwrap_err().to_string();
    assert!(refused.ends_with("the file isn't UTF-8; save it as UTF-8"), "{refused}");
    let refused = builder().api(callperf::Api::Beta).calibration(&file).build().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Settings);
    assert!(
        refused.to_string().contains("it is of calls-v1, and the client speaks beta"),
        "{refused}"
    );
}

/// A program sees on each attempt what the server says of the quota. The pace reads it as it was settled.
#[tokio::test]
async fn attempts_have_the_quota_as_the_server_says_it_and_the_pace_follows_what_it_means() {
    let now = NOW.parse().unwrap();
    let assumptions = Assumptions::default().set("rate-limit-remaining", "before").unwrap();
    let sandbox = Sandbox::builder().now(now).days(3).assumptions(assumptions);
    let sandbox = sandbox.limits(Limits::documented()).start().await.unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let builder = || {
        let hook = Arc::clone(&said);
        support::of_sandbox(&sandbox).clock(move || now).on_attempt(move |attempt| {
            hook.lock().unwrap().push(attempt.quota.as_ref().unwrap().remaining);
        })
    };
    let File { folder: _folder, file } = File::new(&[("rate-limit-remaining", "before")]);
    // Each is another program on the same account: what the others have sent is known by the header alone.
    let mut left = Vec::new();
    for client in [builder(), builder(), builder().calibration(file)] {
        let client = client.build().unwrap();
        client.aggregate(&one_day()).page(1).await.unwrap();
        left.push(client.budget()[0].remaining);
    }
    assert_eq!(*said.lock().unwrap(), [Some(50), Some(49), Some(48)]);
    assert_eq!(left, [49, 49, 47]);
}

/// What was handed in, or made by an earlier version, is read for good.
#[test]
fn each_calibration_among_the_fixtures_is_read_by_both_readers() {
    let folder = support::workspace().join("tests/fixtures/calibrations");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|it| it == "toml")).collect();
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let by_the_sdk: Calibration = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert!(by_the_sdk.all_settled().count() > 0, "{}", file.display());
        text.parse::<callperf_sandbox::Calibration>().unwrap_or_else(|error| panic!("{error}"));
    }
}

#[tokio::test]
async fn key_figures_of_keys_that_are_left_out_are_zero_once_it_is_settled_which_are() {
    let now = NOW.parse().unwrap();
    let sandbox = Sandbox::builder().seed(7).now(now).days(20).start().await.unwrap();
    // No call is given up within a second, so that no queue comes back that had one.
    let query = Query::new(GroupBy::queues(), Period::yesterday(), "UTC");
    let rate = Kpi::AbandonmentRateWithoutShort;
    let set = KpiSet::new([rate]).short_abandons(std::time::Duration::from_secs(1));
    let absent = async |client: Client| {
        let report = client.kpis(&set, &query).all().await.unwrap();
        report.iter().filter(|record| record.get(rate).is_none()).count()
    };
    let builder = || support::of_sandbox(&sandbox).clock(move || now);
    let by_default = absent(builder().build().unwrap()).await;
    let File { folder: _folder, file } = File::new(&[("empty-records", "named")]);
    let settled = absent(builder().calibration(file).build().unwrap()).await;
    assert!(by_default > 0 && settled == 0, "{settled} and {by_default} of them are absent");
}

#[tokio::test]
async fn a_cassette_carries_what_was_settled() {
    let now = NOW.parse().unwrap();
    let sandbox = Sandbox::builder().seed(7).now(now).days(20).start().await.unwrap();
    let File { folder, file } = File::new(&[("timeline-range", "any")]);
    let cassette = folder.path().join("day.json");
    let recording = support::of_sandbox(&sandbox).clock(move || now);
    let recording = recording.calibration(&file).record_to(&cassette).build().unwrap();
    let recorded = recording.timeline(&one_day(), Interval::Day).page(1).await.unwrap();
    let json: Json = serde_json::from_slice(&fs::read(&cassette).unwrap()).unwrap();
    assert_eq!(json["calibration"], serde_json::json!({"timeline-range": "any"}));
    let replaying = Client::builder().server("http://127.0.0.1:9").replay_from(&cassette);
    let client = replaying.build().unwrap();
    assert_eq!(client.calibration().unwrap().settled("timeline-range"), Some("any"));
    let replayed = client.timeline(&one_day(), Interval::Day).page(1).await.unwrap();
    assert_eq!(replayed, recorded);
    // A cassette without one says nothing of it.
    let cassette = folder.path().join("plain.json");
    let recording = support::of_sandbox(&sandbox).clock(move || now).record_to(&cassette);
    recording.build().unwrap().aggregate(&one_day()).page(1).await.unwrap();
    let json: Json = serde_json::from_slice(&fs::read(&cassette).unwrap()).unwrap();
    assert_eq!(json.get("calibration"), None);
}

/// What a subscriber wrote.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_calibration_of_another_server_is_warned_of() {
    let File { folder: _folder, file } = File::new(&[("timeline-range", "any")]);
    let said = |server: &str| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, || {
            builder().server(server).calibration(&file).build().unwrap();
        });
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    };
    assert_eq!(said("https://platform.ringcentral.com/"), "");
    let other = said("https://platform.devtest.example");
    assert!(
        other.contains("WARN") && other.contains("of another server, https://platform.ring"),
        "{other}"
    );
}
