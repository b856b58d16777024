//! Reports, timelines and pages as people and programs get them.
//!
//! Transcripts are snapshots, as in `cli.rs`: the sandbox runs in the test with a
//! port of its own, which a file of commands (trycmd's way) couldn't name.

use std::{
    collections::BTreeMap,
    io::{Read, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Output},
};

use callperf_sandbox::{Assumptions, Sandbox, TimelineRange, UnknownFields};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use crate::support::text;

const NOW: &str = "2026-11-24T00:00:00Z";
const ZONE: &str = "America/New_York";

/// A sandbox in this process, and the program in others.
struct Served {
    sandbox: Sandbox,
}

impl Served {
    async fn start() -> Self {
        let now = NOW.parse().unwrap();
        Self { sandbox: Sandbox::builder().seed(7).now(now).start().await.unwrap() }
    }

    /// One that speaks the revision before the breakdowns of 2025.
    async fn older(fields: UnknownFields) -> Self {
        let builder = Sandbox::builder().seed(7).now(NOW.parse().unwrap());
        let builder = builder.revision("calls-v1@2025-03-11");
        let builder = builder.assumptions(Assumptions::default().unknown_fields(fields));
        Self { sandbox: builder.start().await.unwrap() }
    }

    /// Runs a command line, at the sandbox's time.
    async fn run(&self, line: &str) -> Output {
        let settings = [
            ("RC_SERVER_URL", self.sandbox.url()),
            ("RC_APP_CLIENT_ID", self.sandbox.client_id()),
            ("RC_APP_CLIENT_SECRET", self.sandbox.client_secret()),
            ("RC_USER_JWT", self.sandbox.jwt()),
        ];
        run(line, &settings).await
    }

    async fn json(&self, line: &str) -> Json {
        let output = self.run(line).await;
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

async fn run(line: &str, settings: &[(&'static str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callperf"));
    command.args(line.split_whitespace()).args(["--now", NOW]);
    for name in ["RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
        command.env_remove(name);
    }
    // No settings or sessions of the machine's user.
    for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
        command.env(name, concat!(env!("CARGO_TARGET_TMPDIR"), "/no-user"));
    }
    command.envs(settings.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn settings() -> insta::Settings {
    let mut settings = crate::snapshot::settings();
    settings.add_filter(r"http://127\.0\.0\.1:\d+", "[server]");
    settings
}

/// What a terminal shows of some commands.
async fn transcript(served: &Served, lines: &[&str]) -> String {
    let mut out = String::new();
    for line in lines {
        let output = served.run(line).await;
        out.extend([
            format!("$ callperf {line}\n"),
            text(&output.stdout),
            text(&output.stderr),
            match output.status.code() {
                Some(0) => "\n".to_owned(),
                code => format!("exit code {}\n\n", code.unwrap()),
            },
        ]);
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_as_tables() {
    let served = Served::start().await;
    let last_week = format!("--last-week --time-zone {ZONE}");
    let lines = [
        format!("report queues {last_week}"),
        format!("report queues {last_week} --compare --totals"),
        format!("report queues {last_week} --compare --width 200"),
        format!("report agents {last_week} --sort answered --top 3"),
        format!("report agents {last_week} --sort voicemail-rate:asc --top 3 --width 200"),
        format!("report company --month 2026-10 --time-zone {ZONE}"),
        format!("report ivr {last_week}"),
        format!("report sites {last_week} --totals"),
        format!("report --group-by users {last_week} --kpis occupancy --staffed 1502200017=40"),
        format!(
            "report --group-by queues {last_week} --kpis abandonment-rate:20s,longest-wait,\
             average-time-to-abandon --totals"
        ),
        format!("timeline queues --last 2d --time-zone {ZONE} --compare"),
        format!("timeline company --last-week --time-zone {ZONE}"),
    ];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let shown = transcript(&served, &lines).await;
    for line in shown.lines().filter(|line| !line.starts_with('$')) {
        let room = if line.chars().count() > 80 { 200 } else { 80 };
        assert!(line.chars().count() <= room, "{line}");
    }
    settings().bind(|| insta::assert_snapshot!("reports-table", shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_is_wider_than_its_room() {
    let served = Served::start().await;
    for width in [60, 80, 120, 200] {
        for question in ["agents --compare", "queues --compare --totals", "ivr", "company"] {
            let line = format!("report {question} --last-week --time-zone {ZONE} --width {width}");
            let shown = text(&served.run(&line).await.stdout);
            // The heading has period and zone in full, at any width.
            for row in shown.lines().skip(2) {
                assert!(row.chars().count() <= width, "{line}: {row}");
            }
            assert!(shown.lines().count() > 4, "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_for_programs() {
    let served = Served::start().await;
    let last_week = format!("--last-week --time-zone {ZONE}");
    let mut shown = String::new();
    for format in ["markdown", "csv", "ndjson"] {
        let lines = [
            format!("report queues {last_week} --compare --totals --format {format}"),
            format!(
                "timeline --group-by queues {last_week} --interval week --calls all \
                     --kpis answer-rate --format {format}"
            ),
        ];
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        shown.push_str(&transcript(&served, &lines).await);
    }
    settings().bind(|| insta::assert_snapshot!("reports-for-programs", shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn explaining_sends_nothing() {
    let line = format!(
        "report queues --last-week --time-zone {ZONE} --compare --totals --keys 900000201 \
         --calls by-result --explain"
    );
    // Without credentials, and so without a login.
    let output = run(&line, &[("RC_SERVER_URL", "http://127.0.0.1:1")]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    settings().bind(|| insta::assert_snapshot!("explain", text(&output.stdout)));
    let output = run("timeline agents --last 7d --explain --format json", &[]).await;
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["plan"]["queries"], 2);
    assert_eq!(json["plan"].get("requests"), None, "how many users there are isn't known");
    assert_eq!(json["requests"].as_array().unwrap().len(), 2);
    let url = json["requests"][0]["url"].as_str().unwrap();
    assert!(url.contains("/timeline/fetch?interval=Day&page=1&perPage=20"), "{url}");
    let names: Vec<_> = json["numbers"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert!(names.contains(&&json!("answer rate")) && names.contains(&&json!("calls outbound")));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_and_periods_get_one_clear_message() {
    let served = Served::start().await;
    let shown = transcript(
        &served,
        &[
            "report queus --last 7d",
            "report zebra --last 7d",
            "report queues",
            "report queues --group-by users --last 7d",
            "report --group-by queues --last 7d --kpis answer-rat",
            "report --group-by queues --last 7d --kpis abandonment-rate-without-short",
            "report --group-by queues --last 7d --kpis abandonment-rate:soon",
            "report --group-by queues --last 7d --kpis answer-rate:20s",
            "report --group-by queues --last 7d --kpis abandonment-rate:20s,abandonment-rate:30s",
            "report --group-by queues --last 7d --kpis abandonment-rate:20s --where time-spent=60..",
            "report queues --last 7d --sort answr-rate",
            "report queues --last 7d --sort answer-rate:up",
            "report queues --last 7d --top 3",
            "report queues --last 7d --where direction=outbound",
            "report queues --last 7d --where direction=inbound,response=answered",
            "report --group-by users --last 7d --kpis occupancy --where direction=inbound",
            "report agents --last 7d --kpis service-level-of-offered",
            "report agents --last 7d --kpis opportunity-conversion --api beta",
            "report queues --last 7d --staffed 900000101=lots",
            "report queues --last 7d --time-zone America/New_Yrok",
            "report queues --last 7d --time-zone Mars/Base",
            "report queues --last-week --month 2026-10",
            "report queues --month 2026-13",
            "report queues --to 2026-10-01",
            "report queues --from 2026-01-01 --to 2026-06-30 --time-zone Europe/Zurich",
            "report queues --from 2026-01-01 --to 2026-01-31 --time-zone Europe/Zurich",
            "report queues --last 7d --format parquet",
            "report queues --last 7d --out /no/such/folder/report.csv --format csv",
            "timeline queues --last 7d --api beta",
            "timeline --group-by queues --last 7d --kpis longest-wait",
        ],
    )
    .await;
    settings().bind(|| insta::assert_snapshot!("wrong-words", shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_or_added_up_is_said() {
    let served = Served::start().await;
    let said = |output: Output| {
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let long = format!("report queues --last 100d --time-zone {ZONE} --compare");
    let note = said(served.run(&long).await);
    assert!(note.contains("no comparison: the period before begins at 2026-05-07"), "{note}");
    assert!(note.contains("older than the 184 days"), "{note}");
    let json = served.json(&format!("{long} --format json")).await;
    assert_eq!(json.get("previous_period"), None);
    assert_eq!(json["records"][0].get("previous"), None);
    let keys = format!("report queues --last 7d --keys {} --totals", queue(&served));
    let note = said(served.run(&keys).await);
    assert!(note.contains("no total: the rows are of some keys only"), "{note}");
    let note = said(served.run("report company --last 7d --totals").await);
    assert!(note.contains("no total: the report is of the whole company already"), "{note}");
}

fn queue(served: &Served) -> String {
    served.sandbox.directory().queues()[0].key.clone()
}

/// The total is what the company's own report says, not what the rows add up to.
#[tokio::test(flavor = "multi_thread")]
async fn the_total_is_asked_for_by_itself() {
    let served = Served::start().await;
    let period = format!("--last-week --time-zone {ZONE} --format json");
    let queues = served.json(&format!("report queues --totals {period}")).await;
    let company = served.json(&format!("report company {period}")).await;
    let offered = |record: &Json| record["kpis"]["offered"]["value"].as_u64().unwrap();
    assert_eq!(offered(&queues["total"]), offered(&company["records"][0]));
    let sum: u64 = queues["records"].as_array().unwrap().iter().map(offered).sum();
    assert_ne!(sum, offered(&queues["total"]));
    assert_eq!(queues["total"]["kpis"].get("service_level_of_answered"), None);
}

/// What is compared with is what a report of that period says.
#[tokio::test(flavor = "multi_thread")]
async fn the_period_before_is_a_report_of_its_own() {
    let served = Served::start().await;
    let compared = served
        .json(&format!("report queues --last-week --compare --time-zone {ZONE} --format json"))
        .await;
    let before = served
        .json(&format!(
            "report queues --from 2026-11-09 --to 2026-11-15 --time-zone {ZONE} --format json"
        ))
        .await;
    assert_eq!(compared["previous_period"], before["period"]);
    let records = compared["records"].as_array().unwrap();
    assert_eq!(records.len(), 4);
    for (record, earlier) in records.iter().zip(before["records"].as_array().unwrap()) {
        assert_eq!(record["previous"]["kpis"], earlier["kpis"]);
        assert_ne!(record["kpis"], earlier["kpis"]);
    }
    let days = served
        .json(&format!("timeline company --last 2d --compare --time-zone {ZONE} --format json"))
        .await;
    let points = days["records"][0]["points"].as_array().unwrap();
    let earlier = served
        .json(&format!(
            "timeline company --from 2026-11-19 --to 2026-11-20 --time-zone {ZONE} --format json"
        ))
        .await;
    let earlier = earlier["records"][0]["points"].as_array().unwrap();
    assert_eq!((points.len(), earlier.len()), (2, 2));
    for (point, earlier) in points.iter().zip(earlier) {
        assert_eq!(point["previous"]["kpis"], earlier["kpis"]);
    }
}

/// Weeks and months are compared in their order, where there are as many.
#[tokio::test(flavor = "multi_thread")]
async fn weeks_and_months_are_compared_in_their_order() {
    let served = Served::start().await;
    let points = async |line: &str| {
        let asked = format!("timeline company --time-zone {ZONE} --format json {line}");
        let answer = served.json(&asked).await;
        answer["records"][0]["points"].as_array().unwrap().clone()
    };
    for (period, before) in [
        ("--interval week --last 14d", "--interval week --from 2026-10-26 --to 2026-11-08"),
        (
            "--interval month --from 2026-09-01 --to 2026-10-31",
            "--interval month --from 2026-07-01 --to 2026-08-31",
        ),
        ("--interval month --month 2026-10", "--interval month --month 2026-09"),
    ] {
        let now = points(&format!("{period} --compare")).await;
        let before = points(before).await;
        assert_eq!(now.len(), before.len());
        for (point, earlier) in now.iter().zip(before) {
            assert_eq!(point["previous"]["kpis"], earlier["kpis"], "{period}");
        }
    }
    // The 30 days before these are of two months: nothing looks like a comparison.
    let cut = "timeline company --interval month --from 2026-10-02 --to 2026-10-31 --compare";
    let october = served.json(&format!("{cut} --format json")).await;
    assert_eq!(october["records"][0]["points"][0].get("previous"), None);
    assert_eq!(october.get("previous_period"), None);
    let notice = "no comparison: the period touches 1 month, and the one before 2 months";
    assert!(october["notices"].as_array().unwrap().contains(&json!(notice)), "{october}");
    assert!(!text(&served.run(cut).await.stdout).contains('±'));
}

/// Some servers refuse a timeline that isn't longer than its interval.
#[tokio::test(flavor = "multi_thread")]
async fn timelines_of_one_interval_say_the_same_on_a_strict_server() {
    let lenient = Served::start().await;
    let assumptions = Assumptions::default().timeline_range(TimelineRange::LongerThanInterval);
    let now = NOW.parse().unwrap();
    let strict = Sandbox::builder().seed(7).now(now).assumptions(assumptions);
    let strict = Served { sandbox: strict.start().await.unwrap() };
    for line in [
        "timeline queues --interval day --last 1d",
        "timeline agents --interval day --last 1d --compare",
        "timeline queues --interval week --last-week --totals",
        "timeline sites --interval month --month 2026-10",
    ] {
        let line = format!("{line} --time-zone {ZONE} --format json");
        let said = strict.json(&line).await;
        assert_eq!(said, lenient.json(&line).await, "{line}");
        assert_eq!(said.get("notices"), None, "{line}");
        let records = said["records"].as_array().unwrap();
        assert!(records.len() > 1, "{line}");
        for record in records {
            assert_eq!(record["points"].as_array().unwrap().len(), 1, "{line}");
        }
    }
    // From a Tuesday on, which may be the start of nothing but a day.
    let line = format!(
        "timeline queues --interval week --from 2026-11-10 --to 2026-11-12 --time-zone {ZONE}"
    );
    let notice = "the period isn't longer than a week, so the server may refuse the timeline \
                  (ANL-305); begin the period at the start of a week in its time zone, or make it \
                  longer";
    for format in ["table", "csv", "markdown", "json", "ndjson"] {
        let output = lenient.run(&format!("{line} --format {format}")).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        let note = format!("callperf: note: {notice}\n");
        assert_eq!(text(&output.stderr).matches(&note).count(), 1, "{format}");
    }
    assert_eq!(lenient.json(&format!("{line} --format json")).await["notices"], json!([notice]));
    let refused = strict.run(&line).await;
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("ANL-305"), "{}", text(&refused.stderr));
}

/// Every document follows the schema that the program prints.
#[tokio::test(flavor = "multi_thread")]
async fn documents_of_figures_follow_their_schema() {
    let served = Served::start().await;
    for (command, line) in [
        ("report", "report queues --compare --totals"),
        ("report", "report agents"),
        ("report", "report queues --api beta --compare"),
        ("timeline", "timeline queues --compare --totals"),
    ] {
        // `schema` takes no time.
        let schema = schema_of(command);
        let schema: Json = serde_json::from_slice(&schema.stdout).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document = served.json(&format!("{line} --last 7d --format json")).await;
        let errors: Vec<_> =
            validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
        let mut wrong = document.clone();
        wrong["records"][0]["kpis"] = json!({"answer_rate": "high"});
        let is_point = command == "timeline";
        if is_point {
            wrong["records"][0]["points"][0]["kpis"] = json!({"answer_rate": "high"});
        }
        assert!(!validator.is_valid(&wrong), "{line}: the schema can refuse");
    }
}

fn schema_of(command: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callperf")).args(["schema", command]).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_holds_what_json_holds() {
    let served = Served::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues.parquet");
    let line = format!("report queues --last-week --time-zone {ZONE} --compare --totals");
    let output = served.run(&format!("{line} --format parquet --out {}", file.display())).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json = served.json(&format!("{line} --format json")).await;
    let reader = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
    let metadata: BTreeMap<_, _> = reader
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect();
    assert_eq!(metadata["callperf.time_zone"], ZONE);
    assert_eq!(metadata["callperf.from"], json["period"]["from"].as_str().unwrap());
    assert!(metadata["callperf.column.kpis_answer_rate"].starts_with("share of 1; the share of"));
    let mut records = json["records"].as_array().unwrap().clone();
    records.push(json["total"].clone());
    let rows: Vec<_> = reader.into_iter().map(Result::unwrap).collect();
    assert_eq!(rows.len(), records.len());
    let mut compared = 0;
    for (row, record) in rows.iter().zip(&records) {
        let fields: BTreeMap<_, _> = row.get_column_iter().collect();
        let field = |name: &str| fields[&name.to_owned()].clone();
        assert_eq!(field("key"), Field::Str(record["key"].as_str().unwrap().to_owned()));
        assert_eq!(field("name"), Field::Str(record["info"]["name"].as_str().unwrap().to_owned()));
        assert_eq!(field("total"), Field::Bool(record == &json["total"]));
        for name in ["offered", "answer_rate", "service_level_of_answered"] {
            let wanted = |numbers: &Json| match numbers["kpis"][name]["value"].as_f64() {
                Some(number) => Field::Double(number),
                None => Field::Null,
            };
            assert_eq!(field(&format!("kpis_{name}")), wanted(record), "{name}");
            let previous = field(&format!("kpis_{name}_previous"));
            assert_eq!(previous, wanted(&record["previous"]), "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 15);

    let file = folder.path().join("days.parquet");
    let line = format!("timeline company --last 2d --time-zone {ZONE}");
    served.run(&format!("{line} --format parquet --out {}", file.display())).await;
    let reader = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
    let times: Vec<_> = reader
        .into_iter()
        .map(|row| row.unwrap().get_column_iter().nth(3).unwrap().1.clone())
        .collect();
    let local_midnights = ["2026-11-21T05:00:00Z", "2026-11-22T05:00:00Z"];
    let expected = local_midnights.map(|text| {
        Field::TimestampMillis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    });
    assert_eq!(times, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_order_and_absent_ones_last() {
    let served = Served::start().await;
    let sorted = |by: &'static str| {
        let served = &served;
        async move {
            let line = format!(
                "report --group-by users --last-week --time-zone {ZONE} --calls all \
                 --kpis opportunity-conversion --sort {by} --format json"
            );
            served.json(&line).await["records"].as_array().unwrap().clone()
        }
    };
    let conversion = |record: &Json| record["kpis"]["opportunity_conversion"]["value"].as_f64();
    let all = sorted("calls").await;
    let calls: Vec<_> =
        all.iter().map(|it| it["calls"]["total"]["value"].as_u64().unwrap()).collect();
    assert!(calls.is_sorted_by(|one, other| one >= other) && calls.len() == 24, "{calls:?}");
    for (by, sign) in [("opportunity-conversion", -1.0), ("opportunity-conversion:asc", 1.0)] {
        let found: Vec<_> = sorted(by).await.iter().map(conversion).collect();
        let present: Vec<_> = found.iter().flatten().map(|number| sign * number).collect();
        assert!(present.is_sorted() && present.len() < found.len(), "{found:?}");
        assert!(found[..present.len()].iter().all(Option::is_some), "{found:?}");
    }
    let names = |records: &[Json]| {
        let name = |record: &Json| record["info"]["name"].as_str().unwrap().to_owned();
        records.iter().map(name).collect::<Vec<_>>()
    };
    assert!(names(&sorted("name").await).is_sorted());
    assert!(names(&sorted("name:desc").await).is_sorted_by(|one, other| one >= other));
}

/// A server that logs in, and answers reports and the list of extensions.
async fn fake(report: Json, extensions: Option<Json>) -> MockServer {
    let server = MockServer::start().await;
    let token = json!({
        "access_token": "token", "token_type": "bearer", "expires_in": 3600,
        "scope": "Analytics", "session_id": "session",
    });
    let answer = |json| ResponseTemplate::new(200).set_body_json(json);
    Mock::given(method("POST"))
        .and(path("/restapi/oauth/token"))
        .respond_with(answer(token))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path_regex("/analytics/"))
        .respond_with(answer(report))
        .mount(&server)
        .await;
    if let Some(extensions) = extensions {
        Mock::given(method("GET"))
            .and(path("/restapi/v1.0/account/~/extension"))
            .respond_with(answer(extensions))
            .mount(&server)
            .await;
    }
    server
}

async fn against(server: &MockServer, line: &str) -> Output {
    let url = server.uri();
    let settings = [
        ("RC_SERVER_URL", url.as_str()),
        ("RC_APP_CLIENT_ID", "id"),
        ("RC_APP_CLIENT_SECRET", "secret"),
        ("RC_USER_JWT", "jwt"),
    ];
    run(line, &settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_looked_up_on_the_beta() {
    let counters = |calls: u32| json!({"counters": {"totalCalls": calls}});
    let report = json!({"data": {"101": counters(5), "102": counters(0), "103": counters(7)}});
    let extensions = json!({
        "records": [{"id": 101, "name": "Ada Lindqvist"}, {"id": "103", "name": "Bruno Okafor"}],
        "paging": {"page": 1, "totalPages": 1},
    });
    let line = "report --group-by users --last 7d --calls all --api beta --format csv \
         --time-zone America/New_York";
    let server = fake(report.clone(), Some(extensions)).await;
    let output = against(&server, line).await;
    assert_eq!(
        text(&output.stdout),
        "key,name,extension_number,calls.total\n\
         101,Ada Lindqvist,,5\n102,,,0\n103,Bruno Okafor,,7\n"
    );
    assert_eq!(text(&output.stderr), "");
    let server = fake(report, None).await;
    let output = against(&server, line).await;
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("\n101,,,5\n"));
    assert!(
        text(&output.stderr).contains("note: keys stand for names"),
        "{}",
        text(&output.stderr)
    );
}

/// Today's answer for two users with names that could do harm.
fn with_names(names: [&str; 2]) -> Json {
    let records: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            json!({
                "key": at.to_string(), "info": {"name": name},
                "counters": {"allCalls": {"valueType": "Instances", "values": 1200.0 + f64::from(u8::try_from(at).unwrap())}},
            })
        })
        .collect();
    json!({
        "data": {"groupedBy": "Users", "records": records},
        "paging": {"page": 1, "perPage": 200, "totalPages": 1, "totalElements": 2},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_are_cut_and_stand_in_full_below() {
    let names = ["International Sales and Customer Care, Northern Region", "a\u{1b}[2Jb|c*"];
    let server = fake(with_names(names), None).await;
    let line = "report --group-by users --last 7d --calls all";
    let mut shown = text(&against(&server, line).await.stdout);
    shown.push_str(&text(&against(&server, &format!("{line} --format markdown")).await.stdout));
    settings().bind(|| insta::assert_snapshot!("long-names", shown));
}

/// The page of some calls: its structure, without style and script.
fn redacted(page: &str) -> String {
    let cut = |page: &str, from: &str, to: &str| {
        let (head, rest) = page.split_once(from).unwrap();
        let (_, tail) = rest.split_once(to).unwrap();
        format!("{head}{from}[cut]{to}{tail}")
    };
    let page = cut(page, "<style>", "</style>");
    let page = cut(&page, "<script>", "</script>");
    let page = cut(&page, "id=\"block\">", "</script>");
    let page = cut(&page, "id=\"users-block\">", "</script>");
    let page = cut(&page, "style-src &#x27;sha256-", "&#x27;");
    let page = cut(&page, "script-src &#x27;sha256-", "&#x27;");
    page.replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_is_one_page() {
    let served = Served::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let line = format!("dashboard --last-week --time-zone {ZONE} --out {}", file.display());
    let output = served.run(&line).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(&file).unwrap();
    settings().bind(|| insta::assert_snapshot!("dashboard", redacted(&page)));
    assert_loads_nothing(&page);
    // One that is there is replaced.
    assert!(served.run(&line).await.status.success());
}

/// No address, no style or handler in an attribute: the policy would refuse them.
fn assert_loads_nothing(page: &str) {
    for foreign in ["http://", "https://", "src=", "style=\"", " onclick", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign} is in the page");
    }
    assert_eq!(page.matches("href=\"").count(), page.matches("href=\"#").count() + 1);
    assert!(page.contains("href=\"data:,\""));
    assert!(page.contains("content=\"default-src &#x27;none&#x27;;"), "{}", &page[..600]);
}

/// A server of an earlier revision, which ignores or refuses what came since.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_server_gives_what_it_has() {
    for (fields, note) in [
        (UnknownFields::Ignored, "note: calls by_ending_party: asked for, not in the response"),
        (UnknownFields::Refused, "note: the server refuses by-ending-party, which"),
    ] {
        let served = Served::older(fields).await;
        let report = served.run("report ivr --last 7d --format csv --compare").await;
        let (csv, notes) = (text(&report.stdout), text(&report.stderr));
        assert!(report.status.success() && notes.contains(note), "{notes}");
        let columns = csv.lines().next().unwrap();
        assert!(columns.contains("calls.by_result.abandoned"), "{columns}");
        assert!(!columns.contains("by_ending_party"), "{columns}");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.html");
        let page = served.run(&format!("dashboard --last 7d --out {}", file.display())).await;
        let notes = text(&page.stderr);
        assert!(page.status.success() && notes.contains(note), "{notes}");
        let page = std::fs::read_to_string(&file).unwrap();
        assert!(page.contains("How calls ended") && !page.contains("Who ended the calls"));
        assert!(!page.contains("<rect class=\"r6\"") && page.contains("<rect class=\"r9\""));
    }
}

/// What a preset asks unasked, and is asked for as well, is asked for once.
#[tokio::test(flavor = "multi_thread")]
async fn a_preset_may_be_asked_for_what_it_has() {
    let served = Served::start().await;
    let line = "report ivr --last 7d --calls by-ending-party:percent --explain --format json";
    let explained = served.json(line).await;
    let requests = explained["requests"].as_array().unwrap().iter();
    let options =
        requests.map(|it| &it["body"]["responseOptions"]["counters"]["callsByEndingParty"]);
    let asked: Vec<_> = options.filter(|it| !it.is_null()).collect();
    assert_eq!(asked, [&json!({"aggregationType": "Percent"})]);
    let beta = served.run("report ivr --last 7d --api beta").await;
    assert!(beta.status.success(), "{}", text(&beta.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_cannot_become_markup() {
    let evil = "</title><script>alert(1)</script>";
    let server = fake(with_names([evil, "\" onmouseover=\"x"]), None).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let output = against(&server, &format!("dashboard --last 7d --out {}", file.display())).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(!page.contains(evil) && !page.contains("\" onmouseover"));
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_beta_has_a_page_without_time() {
    let served = Served::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let line = format!("dashboard --api beta --last 7d --out {}", file.display());
    let output = served.run(&line).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the beta has no timeline"));
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.contains("answer rate") && !page.contains("Busy hours</h2>"));
    assert!(!page.contains("opportunity conversion"));
}

#[test]
fn the_demo_leaves_another_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callperf-demo.html");
    let demo = |folder: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callperf"));
        command.current_dir(folder).args(["demo", "--seed", "7", "--now", NOW]).output().unwrap()
    };
    std::fs::write(&file, "my own notes").unwrap();
    let output = demo(folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("name another file with --out"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "my own notes");
    std::fs::remove_file(&file).unwrap();
    for _ in 0..2 {
        let output = demo(folder.path());
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("the page is in callperf-demo.html"));
    }
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<!DOCTYPE html>"));
}

/// Asks the sandbox without the SDK, over a bare connection.
fn post(sandbox: &Sandbox, path: &str, head: &str, body: &str) -> Json {
    let address = sandbox.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{head}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
    serde_json::from_str(body).unwrap()
}

/// The figures of the demo, computed from what the server answers to anybody.
#[tokio::test(flavor = "multi_thread")]
async fn the_demos_figures_are_those_of_the_raw_answers() {
    let served = Served::start().await;
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let line = format!("demo --seed 7 --format json --out {}", page.display());
    let demo: Json = serde_json::from_slice(&run(&line, &[]).await.stdout).unwrap();
    let report = &demo[0];
    assert_eq!(report["command"], format!("callperf report queues --last 7d --time-zone {ZONE}"));

    let by_hand = tokio::task::spawn_blocking(move || {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let sandbox = &served.sandbox;
        let basic = STANDARD.encode(format!("{}:{}", sandbox.client_id(), sandbox.client_secret()));
        let form = "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic ";
        let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
        let login = format!("{grant}{}", sandbox.jwt());
        let token = post(sandbox, "/restapi/oauth/token", &format!("{form}{basic}"), &login);
        let token = token["access_token"].as_str().unwrap();
        let ask = |filters: Json| -> BTreeMap<String, Json> {
            let sum = json!({"aggregationType": "Sum"});
            let counters = ["allCalls", "callsByResponse", "callsByResult", "callsByQueueSla"];
            let counters: serde_json::Map<_, _> =
                counters.iter().map(|name| ((*name).to_owned(), sum.clone())).collect();
            let body = json!({
                "grouping": {"groupBy": "Queues"},
                "timeSettings": {"timeZone": ZONE, "timeRange": {
                    "timeFrom": "2026-11-16T05:00:00Z", "timeTo": "2026-11-23T04:59:59.999Z",
                }},
                "callFilters": filters,
                "responseOptions": {"counters": counters, "timers": {"callsSegmentsDuration": sum}},
            });
            let head = format!("Content-Type: application/json\r\nAuthorization: Bearer {token}");
            let path = "/analytics/calls/v1/accounts/~/aggregation/fetch";
            let answer = post(sandbox, path, &head, &body.to_string());
            let records = answer["data"]["records"].as_array().unwrap().clone();
            let key = |record: &Json| record["key"].as_str().unwrap().to_owned();
            records.into_iter().map(|record| (key(&record), record)).collect()
        };
        let inbound = ask(json!({"directions": ["Inbound"]}));
        let answered = json!({"directions": ["Inbound"], "callResponses": ["Answered"]});
        (inbound, ask(answered))
    });
    let (inbound, answered) = by_hand.await.unwrap();
    let records = report["answer"]["records"].as_array().unwrap();
    assert_eq!(records.len(), inbound.len());
    for record in records {
        let key = record["key"].as_str().unwrap();
        let of = |records: &BTreeMap<String, Json>, path: &str| {
            records[key].pointer(path).and_then(Json::as_f64).unwrap()
        };
        let count = |path: &str| of(&inbound, &format!("/counters/{path}"));
        let time = |path: &str| of(&inbound, &format!("/timers/callsSegments/values/{path}"));
        let offered = count("allCalls/values");
        let picked_up = count("callsByResponse/values/answered");
        let (inside, outside) =
            (count("callsByQueueSla/values/inSla"), count("callsByQueueSla/values/outOfSla"));
        let ringing = of(&answered, "/timers/callsSegments/values/ringing");
        let expected = [
            ("offered", offered),
            ("answer_rate", picked_up / offered),
            ("abandonment_rate", count("callsByResult/values/abandoned") / offered),
            ("voicemail_rate", count("callsByResult/values/voicemail") / offered),
            ("service_level_of_answered", inside / (inside + outside)),
            ("average_speed_of_answer", ringing / of(&answered, "/counters/allCalls/values")),
            ("average_handle_time", (time("liveTalk") + time("hold")) / picked_up),
        ];
        assert_eq!(record["kpis"].as_object().unwrap().len(), expected.len());
        for (name, number) in expected {
            assert_eq!(record["kpis"][name]["value"].as_f64(), Some(number), "{key}: {name}");
        }
    }
}

/// A key that has a row isn't missing, though one of the row's queries may lack it.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_a_row_is_reported() {
    let served = Served::start().await;
    let said = async |line: &str| {
        let output = served.run(&format!("{line} --last 7d --time-zone {ZONE}")).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let line = format!("report queues --last 7d --time-zone {ZONE} --format json");
    let json = served.json(&line).await;
    let key = json["records"][0]["key"].as_str().unwrap();
    let note = said(&format!("report queues --compare --keys {key},900000299 --unchecked")).await;
    assert!(note.contains("no record for key 900000299\n"), "{note}");
    let note = said(&format!("report queues --compare --keys {key}")).await;
    assert!(!note.contains("no record"), "{note}");
    let note =
        said("timeline --group-by queues --calls all --keys 900000299,900000298 --unchecked").await;
    assert!(note.contains("no record for keys 900000298, 900000299"), "{note}");
    let note = said("report --group-by queues --calls all,wire:callsByMood").await;
    assert!(note.contains("\"callsByMood\" is unknown to this version"), "{note}");
    assert!(note.contains("calls callsByMood: asked for, not in the response"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_queues_say_which_calls_count() {
    let served = Served::start().await;
    let said = async |line: &str| {
        let output = served.run(&format!("{line} --last 7d --time-zone {ZONE} --calls all")).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let queue = &served.sandbox.directory().queues()[0].key;
    let agents = format!("report --group-by members-of-queues --keys {queue}");
    let note = said(&agents).await;
    assert!(note.contains("; --where queue=ID counts those alone"), "{note}");
    let note = said(&format!("{agents} --where queue={queue}")).await;
    assert!(!note.contains("counts those alone"), "{note}");
}
