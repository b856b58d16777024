//! The program as its users run it: output, exit codes, and what goes where.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value as Json;

use crate::{
    snapshot::snapshot,
    support::{Running, served, text},
};

const NOW: &str = "2026-11-24T00:00:00Z";

fn callperf(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callperf"));
    command.args(args.split_whitespace());
    for name in ["RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
        command.env_remove(name);
    }
    command
}

fn run(args: &str) -> Output {
    callperf(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json(output: &Output) -> Json {
    serde_json::from_str(&stdout(output)).unwrap()
}

fn demo(args: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let output = run(&format!("demo --seed 7 --now {NOW} {args} --out {}", page.display()));
    assert_eq!(output.status.success(), page.exists(), "{}", text(&output.stderr));
    output
}

/// `callperf sandbox` in a process of its own, and the variables that it printed.
struct Served {
    _process: Running,
    variables: Vec<(String, String)>,
}

impl Served {
    /// The calls end today, and the clock runs: the reports ask about now.
    fn start() -> Self {
        Self::with("sandbox --seed 7 --limits off")
    }

    fn with(args: &str) -> Self {
        let (process, variables) = served(&mut callperf(args));
        Self { _process: process, variables }
    }

    fn run(&self, args: &str) -> Output {
        callperf(args).envs(self.variables.iter().cloned()).output().unwrap()
    }
}

#[test]
fn the_demo_shows_tables_and_how_they_were_made() {
    snapshot("demo-calls-v1", &stdout(&demo("")));
    snapshot("demo-beta", &stdout(&demo("--api beta")));
}

#[test]
fn the_demo_as_csv() {
    snapshot("demo-csv", &stdout(&demo("--format csv")));
}

/// Every number under a `values` or `value`, by its path.
fn numbers(json: &Json, path: &str, found: &mut Vec<(String, String)>) {
    match json {
        Json::Object(map) => {
            for (name, value) in map {
                numbers(value, &format!("{path}/{name}"), found);
            }
        }
        Json::Array(items) => {
            for item in items {
                let place = item["key"].as_str().unwrap_or("?");
                numbers(item, &format!("{path}/{place}"), found);
            }
        }
        Json::Number(number) => found.push((path.to_owned(), number.to_string())),
        _ => {}
    }
}

/// Words of results and segments that the beta lacks.
const LACKING: [&str; 7] =
    ["unknown", "setup", "transferred", "pickedUp", "forwarded", "answeredElsewhere", "forwarding"];

/// The same, but for calls that the beta takes for missed and today's API for picked up or
/// answered elsewhere.
#[test]
fn the_demo_gives_the_same_numbers_on_both_apis() {
    let records = |api: &str, report: usize| {
        let shown = json(&demo(&format!("--format json --api {api}")));
        let mut found = Vec::new();
        numbers(&shown[report]["answer"]["records"], "", &mut found);
        found
    };
    for report in [0, 1, 2] {
        let (beta, today) = (records("beta", report), records("calls-v1", report));
        assert!(beta.len() > 20, "{}", beta.len());
        for entry in beta.iter().filter(|(path, _)| !path.contains("missed_rate")) {
            assert!(today.contains(entry), "{entry:?}");
        }
        let only_today: Vec<_> = today
            .iter()
            .filter(|(path, _)| !beta.iter().any(|(other, _)| other == path))
            .map(|(path, _)| path.rsplit('/').next().unwrap())
            .collect();
        let absent_words = only_today.iter().all(|word| LACKING.contains(word));
        assert!(absent_words, "the beta lacks these words and no other: {only_today:?}");
    }
}

#[test]
fn the_beta_demo_says_that_it_has_no_timeline() {
    let output = demo("--api beta");
    assert!(text(&output.stderr).contains("the beta has no timeline"));
    assert!(!text(&output.stdout).contains("timeline"));
}

#[test]
fn reports_follow_their_schema() {
    let served = Served::start();
    for (command, schema, args) in [
        ("report", "report", ""),
        ("report", "report", "--api beta"),
        ("timeline", "timeline", "--interval week"),
    ] {
        let schema = json(&run(&format!("schema {schema}")));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let report = json(&served.run(&format!(
            "{command} --group-by users --last 30d --time-zone Europe/Zurich --format json {args} \
             --calls all,by-direction,by-origin,by-response,by-type,by-result,by-segment,by-action \
             --time-spent all,by-segment"
        )));
        let errors: Vec<_> =
            validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{command} {args}: {errors:?}");
        assert!(!report["records"].as_array().unwrap().is_empty());
        let wrong = serde_json::json!({"records": [{"key": 7}]});
        assert!(!validator.is_valid(&wrong), "the schema can refuse");
    }
}

#[test]
fn a_stored_query_follows_its_schema() {
    let schema = json(&run("schema query"));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let query = callperf::Query::new(
        callperf::GroupBy::queues().named(["Support"]),
        callperf::Period::last_week(),
        "Europe/Zurich",
    )
    .calls(callperf::Breakdown::Result)
    .only(callperf::Direction::Inbound);
    let mut stored = serde_json::to_value(query).unwrap();
    assert!(validator.is_valid(&stored), "{stored}");
    stored["zone"] = "UTC".into();
    assert!(!validator.is_valid(&stored), "{stored}");
}

#[test]
fn keys_filters_and_dates_narrow_a_report() {
    let served = Served::start();
    let all = json(&served.run("report --group-by queues --last 30d --calls all --format json"));
    let records = all["records"].as_array().unwrap();
    let key = records[0]["key"].as_str().unwrap();
    let one = json(&served.run(&format!(
        "report --group-by queues --keys {key} --last 30d --calls all --format json"
    )));
    assert_eq!(one["records"].as_array().unwrap().len(), 1);
    assert_eq!(one["records"][0], records[0]);
    let abandoned = json(&served.run(&format!(
        "report --group-by queues --keys {key} --last 30d --calls all,by-result --format json \
         --where direction=inbound,result=abandoned"
    )));
    let calls = &abandoned["records"][0]["calls"];
    assert_eq!(calls["total"]["value"], calls["by_result"]["values"]["abandoned"]);
}

#[test]
fn exit_codes_say_what_went_wrong() {
    let served = Served::start();
    let code = |output: Output| output.status.code().unwrap();
    assert_eq!(code(served.run("report --group-by queues --last 7d --calls all")), 0);
    assert_eq!(code(run("report --group-by queues --last 7d --calls all")), 2, "no credentials");
    assert_eq!(code(served.run("report --group-by kews --last 7d --calls all")), 2);
    assert_eq!(code(served.run("report --group-by queues --last 7d")), 2, "no metric");
    assert_eq!(code(served.run("report --no-such-flag")), 2);
    assert_eq!(
        code(served.run("timeline --api beta --group-by users --last 7d --calls all")),
        2,
        "refused before anything is sent"
    );
    let with = |name: &str, value: &str| {
        let mut command = callperf("report --group-by queues --last 7d --calls all --attempts 1");
        command.envs(served.variables.iter().cloned()).env(name, value);
        command.output().unwrap()
    };
    assert_eq!(code(with("RC_USER_JWT", "wrong")), 3);
    assert_eq!(code(with("RC_SERVER_URL", "http://127.0.0.1:1")), 6, "nothing listens there");
    assert_eq!(code(with("RC_SERVER_URL", "http://example.com")), 2, "plain http to another");
    assert_eq!(
        code(served.run("report --group-by queues --last 7d --calls all:average --unchecked")),
        5,
        "an average of calls needs an interval, and the sandbox says so"
    );
}

#[test]
fn the_sandbox_speaks_a_revision_and_takes_assumptions() {
    let served =
        Served::with("sandbox --seed 7 --revision beta@2021-06-17 --assume aggregation-per-page=2");
    let report = "report --group-by queues --last 7d --format csv --calls all";
    assert_eq!(stdout(&served.run(report)).lines().count(), 5, "a header and four queues");
    // The first revision of the beta doesn't have the breakdown, so nothing comes of it.
    let output = served.run(&format!("{report},by-segment --api beta"));
    assert!(!stdout(&output).contains("live-talk"), "{}", stdout(&output));
    let said = |args: &str| {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args}");
        text(&output.stderr)
    };
    assert!(said("sandbox --revision 2022-01-01").contains("calls-v1 2022-09-29, "));
    assert!(said("sandbox --assume week-begin=monday").contains("week-start"));
    assert!(said("sandbox --assume week-start=mon").contains("monday, tuesday"));
}

#[test]
fn the_sandbox_writes_an_environment_for_postman() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let served = Served::with(&format!("sandbox --seed 7 --port 0 --postman {}", file.display()));
    let environment: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(environment["_postman_variable_scope"], "environment");
    assert_eq!(environment["id"].as_str().unwrap().len(), 36);
    let values = environment["values"].as_array().unwrap();
    assert!(values.iter().all(|value| value["enabled"] == true));
    let value = |key: &str| {
        let value = values.iter().find(|value| value["key"] == key).unwrap();
        (value["value"].as_str().unwrap().to_owned(), value["type"].as_str().unwrap())
    };
    for (name, printed) in &served.variables {
        let is_secret = name.ends_with("SECRET") || name.ends_with("JWT");
        let kind = if is_secret { "secret" } else { "default" };
        assert_eq!(value(name), (printed.clone(), kind));
    }
    assert_eq!(value("baseUrl").0, served.variables[0].1);
    assert!(value("bearerToken").0.starts_with("sandbox-access-token-"));
    assert_eq!(value("bearerToken").1, "secret");

    for (place, code, reason) in [
        (folder.path().to_owned(), 2, "is a folder, not a file"),
        (
            folder.path().join("none/sandbox.json"),
            2,
            "none doesn't exist; make the folder, or name another",
        ),
    ] {
        let output = run(&format!("sandbox --postman {}", place.display()));
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(code), ""));
        let said = text(&output.stderr);
        assert!(said.contains("--postman") && said.contains(reason), "{said}");
    }
}

#[test]
fn a_wrong_word_gets_the_nearest_one() {
    let served = Served::start();
    let said = |args: &str| text(&served.run(args).stderr);
    let report = "report --group-by queues --last 7d --calls";
    assert_eq!(
        said("report --group-by queus --last 7d --calls all"),
        "callperf: --group-by: no such word as `queus`; did you mean queues?\n"
    );
    assert!(said(&format!("{report} by-rezult")).contains("did you mean by-result?"));
    assert!(said(&format!("{report} all --where result=abandonded")).contains("abandoned?"));
    assert!(
        said(&format!("{report} all --where resul=abandoned")).contains("did you mean result?")
    );
    assert!(said(&format!("{report} all --time-zone Mars/Base")).contains("no such time zone"));
}

#[test]
fn credentials_come_from_a_file_as_well() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    let lines: Vec<_> =
        served.variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    std::fs::write(&file, lines.concat()).unwrap();
    let with = |file: &Path| {
        let mut command = callperf("report --group-by queues --last 7d --calls all --credentials");
        command.arg(file).output().unwrap()
    };
    assert!(stdout(&with(&file)).contains("Sales"));
    std::fs::write(&file, "RC_APP_CLIENT_ID=only\n").unwrap();
    let output = with(&file);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("RC_APP_CLIENT_SECRET"), "{}", text(&output.stderr));
    assert_eq!(with(&folder.path().join("none")).status.code(), Some(2));
}

#[test]
fn no_secret_is_printed_when_something_fails() {
    let mut command = callperf("report --group-by queues --last 7d --calls all --attempts 1");
    let output = command
        .env("RC_SERVER_URL", "http://127.0.0.1:1")
        .env("RC_APP_CLIENT_ID", "id")
        .env("RC_APP_CLIENT_SECRET", "marked-secret")
        .env("RC_USER_JWT", "marked-jwt")
        .output()
        .unwrap();
    let said = text(&output.stderr) + &text(&output.stdout);
    assert!(!said.contains("marked-"), "{said}");
}

#[test]
fn words_are_listed_with_what_they_mean() {
    snapshot("words", &stdout(&run("words")));
    let beta = stdout(&run("words --api beta"));
    assert!(!beta.contains("shared-lines") && beta.contains("members-of-queues"));
}

#[test]
fn every_listed_word_is_taken() {
    let served = Served::start();
    let listed = stdout(&run("words"));
    let mut flag = String::new();
    let mut tried = 0;
    for line in listed.lines() {
        if let Some(word) = line.strip_prefix("  ").and_then(|rest| rest.split_whitespace().next())
        {
            let base = "report --last 1d --time-zone UTC";
            let command = match flag.as_str() {
                "--kpis" => format!("{base} --group-by users --kpis {word}"),
                "--group-by" => format!("{base} --calls all --group-by {word} --keys 900000201"),
                "--calls" | "--time-spent" => format!("{base} --group-by users {flag} {word}"),
                "aggregations" => format!("{base} --group-by users --time-spent all:{word}"),
                "intervals" => format!("{base} --group-by users --calls all:max/{word}"),
                "--days" => format!("{base} --group-by users --calls all --days {word}"),
                filter if filter.starts_with("--where") => {
                    let name = filter.trim_start_matches("--where ").trim_end_matches("=…");
                    format!("{base} --group-by queues --calls all --where {name}={word}")
                }
                _ => continue,
            };
            let output = served.run(&format!("{command} --unchecked"));
            let said = text(&output.stderr);
            assert!(!said.contains("no such word"), "{command}: {said}");
            tried += 1;
        } else {
            flag = line.split("  ").next().unwrap_or_default().to_owned();
        }
    }
    assert!(tried > 105, "{tried}");
}

#[test]
fn help_teaches() {
    let help = stdout(&run("report --help"));
    assert!(help.contains("Usage: callperf report PRESET [QUEUE] PERIOD"));
    assert!(help.contains("callperf man --out DIR"));
    // The examples are in the manual.
    let folder = tempfile::tempdir().unwrap();
    run(&format!("man --out {}", folder.path().display()));
    let manual = std::fs::read_to_string(folder.path().join("callperf-report.1")).unwrap();
    let manual = manual.replace("\\-", "-");
    assert!(manual.contains("callperf report --group-by queues --last 7d"));
    assert!(manual.contains("callperf report queues --last-week --compare"));
    assert!(stdout(&run("--help")).contains("Exit codes: 0 ok, 2 usage"));
}

#[test]
fn calls_go_out_to_files_and_come_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).display().to_string();
    let made_up = format!("--seed 7 --now {NOW} --days 10 --users 40 --profile contact-centre");
    for format in ["csv", "parquet"] {
        let out = out(format);
        let dump = run(&format!("sandbox dump {made_up} --format {format} --out {out}"));
        assert_eq!(stdout(&dump), "");
        assert!(text(&dump.stderr).contains("calls are in"), "{}", text(&dump.stderr));
        // Made-up calls and those of the files give the same numbers.
        let page = folder.path().join("page.html");
        let demo = |data: &str| {
            let args = format!("demo {data} --format csv --out {}", page.display());
            (stdout(&run(&args)), std::fs::read_to_string(&page).unwrap())
        };
        assert!(demo(&format!("--data {out}")) == demo(&made_up), "{format}");
        let again = run(&format!("sandbox dump {made_up} --format {format} --out {out}"));
        assert_eq!(again.status.code(), Some(2));
        assert!(text(&again.stderr).contains("there already"), "{}", text(&again.stderr));
    }
    let calls = folder.path().join("csv/calls.csv");
    // Calls that don't say who ended them, as those of older files.
    let text_of_calls = std::fs::read_to_string(&calls).unwrap();
    let without_endings = ["caller", "callee", "system"]
        .iter()
        .fold(text_of_calls.clone(), |text, word| text.replace(&format!(",{word}\n"), ",\n"));
    std::fs::write(&calls, without_endings).unwrap();
    let page = folder.path().join("page.html");
    let older = run(&format!("demo --data {} --out {}", out("csv"), page.display()));
    let note = "note: no call of these data says who ended it";
    assert!(text(&older.stderr).contains(note), "{}", text(&older.stderr));
    std::fs::write(&calls, text_of_calls).unwrap();
    let changed = std::fs::read_to_string(&calls).unwrap().replacen("external", "somewhere", 1);
    std::fs::write(&calls, changed).unwrap();
    let refused = run(&format!("sandbox --data {}", out("csv")));
    assert_eq!(refused.status.code(), Some(2));
    let message = text(&refused.stderr);
    let place = ["calls.csv, line ", "column origin: `somewhere` is not one of"];
    assert!(place.iter().all(|place| message.contains(place)), "{message}");
    for args in ["--data x --users 40", "--users 3", "--days 400", "dump", "dump --port 1 --out x"]
    {
        assert_eq!(run(&format!("sandbox {args}")).status.code(), Some(2), "{args}");
    }
}
