//! A client that follows a calibration.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use callperf::{
    Breakdown, Client, Credentials, ErrorKind, GroupBy, Interval, Kpi, KpiSet, Period, Query,
};
use callperf_sandbox::Sandbox;
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
        writeln!(out, "schema = 1\nserver = 'https://platform.ringcentral.com'").unwrap();
        for (name, value) in settled {
            writeln!(out, "[settled.{name}]\nvalue = '{value}'\nevidence = 'x'").unwrap();
        }
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
    let of = |settled: &[(&str, &str)]| {
        let File { folder: _folder, file } = File::new(settled);
        builder().calibration(file).build().unwrap()
    };
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
        (file.clone(), "line 3: there is no assumption `week-begin`"),
        (file.with_file_name("none.toml"), "`callperf calibrate` writes such a file"),
    ] {
        let error = builder().calibration(&file).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        let expected = format!("calibration: {}", file.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(error.to_string().contains(place), "{error}");
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
    assert!(other.contains("WARN") && other.contains("another server"), "{other}");
}
