//! How the program behaves beside its data: completions, manual pages, what it
//! says, and how it ends.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value as Json, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

use crate::support::{Home, Running, Served, login_server, outcome};

/// Shortly after midnight, a period of whole days would end before its last day does.
const NOON: &str = "--now 2026-11-24T12:00:00Z";
const REPORT: &str = "report --now 2026-11-24T12:00:00Z --group-by queues --last 7d --calls all";

#[test]
fn an_address_that_may_hold_a_password_isnt_printed() {
    let home = Home::new();
    let addresses = [
        "https://user:marked@127.0.0.1:1",
        "https://user:ma#marked@127.0.0.1:1",
        "https://user:1#marked@127.0.0.1:1",
        "https://user:marked",
        "marked://user@127.0.0.1:1",
        "https://127.0.0.1:1/?marked",
    ];
    for address in addresses {
        for args in
            ["status", "status --json", "doctor", "report queues", "report queues --explain"]
        {
            let mut command = home.command(args);
            command.envs([
                ("RC_SERVER_URL", address),
                ("RC_APP_CLIENT_ID", "id"),
                ("RC_APP_CLIENT_SECRET", "secret"),
                ("RC_USER_JWT", "jwt"),
            ]);
            let (_, data, said) = outcome(&command.output().unwrap());
            assert!(!format!("{data}{said}").contains("marked"), "{args}: {data}{said}");
        }
        let args = format!("login --profile a --client-id id --server {address} --wait 1");
        let (_, data, said) = outcome(&home.run(&args));
        assert!(!format!("{data}{said}").contains("marked"), "{data}{said}");
        let config =
            format!("[profiles.b]\nclient_id = 'id'\nproxy_env = 'P'\nserver = '{address}'");
        home.write("config/callperf/config.toml", &config);
        for args in ["status --profile b", "doctor --profile b"] {
            let (_, data, said) = outcome(&home.command(args).env("P", address).output().unwrap());
            assert!(!format!("{data}{said}").contains("marked"), "{args}: {data}{said}");
        }
        std::fs::remove_file(home.config()).unwrap();
    }
}

/// A server whose every text would steer a terminal.
async fn hostile_server() -> MockServer {
    let hostile = "\u{1b}]0;title\u{7}\u{1b}[2J\r\nfaked: line\u{9b}1m\u{202e}\u{200b}";
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_json(json!({
        "access_token": "token", "expires_in": 3600, "owner_id": hostile, "scope": hostile,
    }));
    Mock::given(path_regex("token")).respond_with(token).mount(&server).await;
    let refusal = json!({"errors": [
        {"errorCode": hostile, "message": hostile, "parameterName": hostile},
    ]});
    let bodies = [refusal.to_string(), format!("<html>{hostile}</html>")];
    for body in bodies {
        let refusal = ResponseTemplate::new(400).set_body_string(body);
        let refusal = refusal.insert_header("RCRequestId", "id\t1");
        let mock = Mock::given(path_regex("analytics")).respond_with(refusal);
        mock.up_to_n_times(2).mount(&server).await;
    }
    server
}

#[test]
fn what_a_server_sends_cant_steer_the_terminal() {
    let home = Home::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(hostile_server());
    // Two of the list of errors, two of the page.
    for args in [REPORT, "doctor", REPORT, "doctor"] {
        let mut command = home.command(args);
        command.envs([
            ("RC_SERVER_URL", server.uri().as_str()),
            ("RC_APP_CLIENT_ID", "id"),
            ("RC_APP_CLIENT_SECRET", "secret"),
            ("RC_USER_JWT", "jwt"),
        ]);
        let (code, data, said) = outcome(&command.output().unwrap());
        assert_eq!(code, 5, "{said}");
        let all = data + &said;
        assert!(all.contains("\\u{1b}]0;title"), "{all:?}");
        let steers = |c: char| c != '\n' && callperf::shown::steers(c);
        assert!(!all.contains(steers) && !all.contains("\nfaked"), "{all:?}");
    }
}

#[test]
fn each_shell_gets_completions_of_every_command() {
    let home = Home::new();
    let commands = ["report", "timeline", "login", "logout", "status", "doctor", "sandbox", "man"];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, said) = outcome(&home.run(&format!("completions {shell}")));
        assert_eq!((code, said.as_str()), (0, ""));
        for command in commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("--json-errors") || script.contains("json-errors"), "{shell}");
    }
    assert_eq!(outcome(&home.run("completions tcsh")).0, 2);
}

#[test]
fn manual_pages_are_written_to_a_folder() {
    let home = Home::new();
    let folder = home.path("new/man");
    let (code, _, said) = outcome(&home.run(&format!("man --out {}", folder.display())));
    assert_eq!(code, 0, "{said}");
    for (name, words) in [
        ("callperf.1", "Exit codes"),
        ("callperf-report.1", "group\\-by"),
        ("callperf-login.1", "redirect"),
    ] {
        let page = fs::read_to_string(folder.join(name)).unwrap();
        assert!(page.contains(".TH") && page.contains(words), "{name}");
    }
    let file = home.write("a-file", "");
    let (code, _, said) = outcome(&home.run(&format!("man --out {}", file.display())));
    assert_eq!(code, 6);
    assert!(said.contains("a-file: "), "{said}");
}

#[test]
fn an_error_is_one_json_object_for_programs() {
    let home = Home::new();
    let error = |args: &str| -> (i32, Json) {
        let (code, data, said) = outcome(&home.run(args));
        assert_eq!(data, "");
        (code, serde_json::from_str(&said).unwrap_or_else(|_| panic!("{args}: {said}")))
    };
    for args in [
        "report --json-errors --no-such-flag",
        "report --json-errors --group-by kews --last 7d --calls all",
        "--json-errors report --group-by queues --last 7d --calls all",
    ] {
        let (code, error) = error(args);
        assert_eq!((code, &error["kind"]), (2, &"usage".into()), "{error}");
        assert!(!error["message"].as_str().unwrap().contains('\u{1b}'), "{error}");
        assert!(error["next_step"].is_string() && error["status"].is_null(), "{error}");
    }
    let served = Served::start(&home, &format!("--seed 7 {NOON}"));
    let mut wrong = home.command(&format!("{REPORT} --attempts 1 --json-errors"));
    let output = wrong.envs(served.variables.clone()).env("RC_USER_JWT", "marked-jwt").output();
    let (code, _, said) = outcome(&output.unwrap());
    let error: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(code, 3);
    assert_eq!(error["exit_code"], 3);
    assert_eq!((&error["kind"], &error["status"]), (&"authentication".into(), &400.into()));
    assert!(error["request_id"].as_str().unwrap().starts_with("00000000"), "{error}");
    assert_eq!(error["api_codes"], json!(["OAU-213"]));
    assert!(!said.contains("marked-"), "{said}");
    // Success has nothing to say.
    let mut good = home.command(&format!("{REPORT} --json-errors"));
    let (code, data, said) = outcome(&good.envs(served.variables.clone()).output().unwrap());
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(data.contains("Sales"));
    // Help isn't an error.
    let (code, data, said) = outcome(&home.run("report --json-errors --help"));
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(data.contains("Usage:"));
}

#[test]
fn the_quiet_hear_errors_only() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let run = |args: &str| {
        let output = home.command(args).envs(served.variables.clone()).output().unwrap();
        outcome(&output)
    };
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    let trimmed =
        &format!("report --group-by queues --from {yesterday} --to 2099-01-01 --calls all");
    let (_, _, said) = run(trimmed);
    assert!(said.contains("callperf: note: the period ends at"), "{said}");
    let (_, _, quiet) = run(&format!("{trimmed} --quiet"));
    assert!(!quiet.contains("note:"), "{quiet}");
    let (code, _, said) = run("report -q --group-by queus --last 1d --calls all");
    assert_eq!(code, 2);
    assert!(said.contains("did you mean queues?"), "{said}");
}

#[test]
fn no_command_says_anything_to_the_quiet() {
    let home = Home::new();
    let served = Served::start(&home, &format!("--seed 7 --limits off {NOON}"));
    // The doctor compares clocks.
    let of_today = Served::start(&home, "--seed 7 --limits off");
    let place = |name: &str| home.path(name).display().to_string();
    let (page, history) = (place("page.html"), place("history"));
    let (id, url) = (served.variable("RC_APP_CLIENT_ID"), served.variable("RC_SERVER_URL"));
    for args in [
        REPORT.to_owned(),
        format!("timeline queues --last 7d {NOON}"),
        format!("{REPORT} --out {}", place("report.csv")),
        format!("dashboard --last 7d {NOON} --out {page}"),
        format!("sync --hourly none --daily queues --from 2026-11-21 {NOON} --out {history}"),
        format!("sync --check --out {history}"),
        format!("demo --out {page}"),
        format!("demo --api beta --out {page}"),
        format!("demo --format json --out {page}"),
        format!("sandbox dump --days 7 --out {}", place("calls")),
        format!("man --out {}", place("man")),
        "words".to_owned(),
        "schema sync".to_owned(),
        "completions zsh".to_owned(),
        "status".to_owned(),
        "doctor".to_owned(),
        format!("login --jwt --client-id {id} --server {url}"),
        "logout --profile default".to_owned(),
        "logout --profile default".to_owned(),
    ] {
        let mut command = home.command(&format!("{args} --quiet"));
        let sandbox = if args == "doctor" { &of_today } else { &served };
        let output = command.envs(sandbox.variables.clone()).output().unwrap();
        let (code, _, said) = outcome(&output);
        assert_eq!((code, said.as_str()), (0, ""), "{args}");
    }
}

/// A run whose output no one reads, as after `| head -1`.
fn unread(mut command: std::process::Command) -> (i32, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let (code, _, said) = outcome(&command.stdout(writer).output().unwrap());
    (code, said)
}

#[test]
fn a_reader_that_stops_is_no_fault_in_any_format() {
    let home = Home::new();
    let served = Served::start(&home, &format!("--seed 7 --limits off {NOON}"));
    let page = home.path("page.html");
    let page = page.display();
    let history = home.path("history");
    fs::create_dir(&history).unwrap();
    let manifest = r#"{"format": "callperf-sync", "schema": 1, "account": null, "time_zone": "UTC",
        "tables": {"daily": {"Queues":
            {"first": "2026-11-01", "high_water": null, "days": {}}}}}"#;
    fs::write(history.join("manifest.json"), manifest).unwrap();
    let mut commands = vec![
        "--help".to_owned(),
        "--version".to_owned(),
        "words".to_owned(),
        "schema report".to_owned(),
        "completions bash".to_owned(),
        "status".to_owned(),
        "doctor".to_owned(),
        "sandbox --seed 7".to_owned(),
        format!("dashboard --last 7d {NOON} --out /dev/stdout --quiet"),
        format!("sync --check --out {}", history.display()),
        format!("{REPORT} --explain"),
        format!("{REPORT} --explain --format json"),
        format!("demo --quiet --out {page}"),
        format!("demo --quiet --out {page} --format json"),
    ];
    for format in ["table", "json", "ndjson", "csv", "markdown"] {
        commands.push(format!("{REPORT} --format {format}"));
        commands.push(format!("{REPORT} --format {format} --out /dev/stdout"));
        commands.push(format!(
            "timeline {NOON} --group-by queues --last 7d --calls all --format {format}"
        ));
    }
    commands.push(format!("{REPORT} --format parquet --out /dev/stdout"));
    for args in commands {
        let mut command = home.command(&args);
        command.envs(served.variables.clone());
        assert_eq!(unread(command), (0, String::new()), "{args}");
    }
}

/// As where a job's errors go to a program that has ended.
#[test]
fn what_is_said_to_no_one_stops_nothing() {
    let home = Home::new();
    let page = home.path("page.html");
    let page = page.display();
    for (args, expected) in [
        (format!("demo --api beta --out {page}"), 0),
        (format!("dashboard --last 7d --out {page}"), 2),
        (format!("{REPORT} --json-errors"), 2),
        ("report --no-such-flag".to_owned(), 2),
        (format!("sandbox dump --days 7 --out {}", home.path("calls").display()), 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(&args).stderr(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(expected), "{args}");
    }
}

#[test]
fn a_demo_in_json_leaves_no_page() {
    let home = Home::new();
    let here = home.path("here");
    fs::create_dir(&here).unwrap();
    let page = here.join("callperf-demo.html");
    let demo = |args: &str| home.command(&format!("demo {args}")).current_dir(&here).output();
    let (code, data, said) = outcome(&demo("--format json").unwrap());
    assert_eq!(code, 0, "{said}");
    assert!(serde_json::from_str::<Json>(&data).unwrap().is_array());
    assert!(!said.contains("page"), "{said}");
    assert_eq!(fs::read_dir(&here).unwrap().count(), 0);
    assert_eq!(outcome(&demo("--format json --out own.html").unwrap()).0, 0);
    assert!(here.join("own.html").exists() && !page.exists());
    assert_eq!(outcome(&demo("").unwrap()).0, 0);
    assert!(page.exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_report_prints_nothing_as_if_it_were_whole() {
    let home = Home::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let server = login_server().await;
        let page = |page: u32| {
            let record = json!({"key": page.to_string(), "counters": {}});
            ResponseTemplate::new(200).set_body_json(json!({
                "data": {"groupedBy": "Queues", "records": [record]},
                "paging": {"page": page, "perPage": 1, "totalPages": 2, "totalElements": 2},
            }))
        };
        let slow = page(2).set_delay(Duration::from_mins(1));
        Mock::given(path_regex("analytics"))
            .respond_with(page(1))
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&server)
            .await;
        Mock::given(path_regex("analytics")).respond_with(slow).mount(&server).await;
        server
    });
    let mut command = home.command(REPORT);
    command.env("RC_SERVER_URL", server.uri());
    for name in ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
        command.env(name, "x");
    }
    let mut process = Running::start(&mut command);
    let questions = || runtime.block_on(server.received_requests()).unwrap().len();
    while questions() < 3 {
        std::thread::sleep(Duration::from_millis(10));
    }
    process.signal("-INT");
    let mut said = String::new();
    process.errors().read_to_string(&mut said).unwrap();
    assert_eq!(process.ended(), (Some(130), String::new()));
    assert!(said.starts_with("callperf: interrupted"), "{said}");
}

/// The lines that the sandbox prints before it serves.
fn wait_until_it_serves(process: &mut Running) {
    let out = BufReader::new(process.0.stdout.take().unwrap());
    assert_eq!(out.lines().take(4).map_while(Result::ok).count(), 4);
}

#[test]
fn signals_end_the_sandbox_quietly() {
    let home = Home::new();
    for signal in ["-TERM", "-INT"] {
        let mut process = Running::start(&mut home.command("sandbox --limits off"));
        wait_until_it_serves(&mut process);
        process.signal(signal);
        let mut said = String::new();
        process.errors().read_to_string(&mut said).unwrap();
        assert_eq!(process.0.wait().unwrap().code(), Some(0), "{signal}");
        let notes = said.lines().filter(|line| line.starts_with("# callperf: the "));
        assert_eq!((notes.count(), said.lines().count()), (2, 2), "{signal}: {said}");
    }
}

/// A container's first process gets only the signals that it handles.
#[test]
fn sigterm_ends_the_sandbox_as_process_1() {
    let unshare = |command: &mut Command| {
        let program = command.get_program().to_owned();
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--kill-child"]).arg(program).args(args);
        unshare.stdin(Stdio::null());
        unshare
    };
    let can_unshare = unshare(&mut Command::new("true")).output();
    if !can_unshare.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "skipped: sigterm_ends_the_sandbox_as_process_1 needs unshare and the right to use it"
        );
        return;
    }
    let home = Home::new();
    let mut command = unshare(&mut home.command("sandbox --limits off"));
    let mut process = Running::start(&mut command);
    wait_until_it_serves(&mut process);
    let unshared = process.0.id();
    let children = fs::read_to_string(format!("/proc/{unshared}/task/{unshared}/children"));
    let sandbox = children.unwrap().trim().to_owned();
    assert!(Command::new("kill").args(["-TERM", &sandbox]).status().unwrap().success());
    // Without a handler the kernel drops the signal.
    let ended = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        process.0.try_wait().unwrap()
    });
    assert_eq!(ended.expect("it goes on").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_a_fault() {
    let home = Home::new();
    for args in ["--help", "--version"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (code, _, said) = outcome(&home.command(args).stdout(full).output().unwrap());
        assert_eq!(code, 6, "{said}");
    }
}

#[test]
fn a_demo_is_no_parquet_file() {
    let home = Home::new();
    let out = home.path("demo.parquet");
    let line = format!("demo --format parquet --out {}", out.display());
    let (code, data, said) = outcome(&home.run(&line));
    assert_eq!((code, data.as_str()), (2, ""), "{said}");
    assert!(said.contains("a Parquet file holds one report"), "{said}");
    assert!(!out.exists());
}
