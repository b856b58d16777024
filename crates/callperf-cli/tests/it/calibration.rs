//! A calibration file: who follows it, and how it is refused.

use std::{fs, process::Command, thread, time::Duration};

use crate::snapshot::snapshot;
use crate::support::{Home, Running, Served, outcome, text};

const WEEKS: &str = "schema = 1\nserver = 'https://platform.ringcentral.com'\napi = 'calls-v1'\n\
                     [settled.week-start]\nvalue = 'wednesday'\n[end]\n";

/// The first day of each week of a sandbox's timeline.
fn weeks(home: &Home, served: &Served, args: &str) -> Vec<String> {
    let line = format!(
        "timeline --interval week --group-by company --from 2025-05-05 --to 2025-05-25 --calls all \
         --time-zone UTC --format csv --now 2025-06-02T00:00:00Z {args}"
    );
    let output = home.command(&line).envs(served.variables.iter().cloned()).output().unwrap();
    let (code, data, said) = outcome(&output);
    assert_eq!(code, 0, "{said}");
    let days = data.lines().skip(1).filter_map(|row| {
        let at = row.find("2025-")?;
        row.get(at..at + 10).map(str::to_owned)
    });
    days.collect()
}

#[test]
fn the_sandbox_follows_a_calibration_and_an_assumption_counts_before_it() {
    let home = Home::new();
    let file = home.write("calibration.toml", WEEKS).display().to_string();
    let now = "--now 2025-06-02T00:00:00Z --days 60";
    let served = Served::start(&home, &format!("{now} --calibration {file}"));
    let expected = ["2025-04-30", "2025-05-07", "2025-05-14", "2025-05-21"];
    assert_eq!(weeks(&home, &served, ""), expected);
    let served =
        Served::start(&home, &format!("{now} --calibration {file} --assume week-start=monday"));
    assert_eq!(weeks(&home, &served, ""), ["2025-05-05", "2025-05-12", "2025-05-19"]);
}

#[test]
fn a_calibration_that_cant_be_followed_is_refused_with_its_line() {
    let home = Home::new();
    let file = home.write("bad.toml", &WEEKS.replace("week-start", "week-strat"));
    for (line, expected) in
        [("sandbox --port 0", "--calibration: "), ("report queues --last 7d", "calibration: ")]
    {
        let line = format!("{line} --calibration {}", file.display());
        let mut command = home.command(&line);
        for name in ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
            command.env(name, "x");
        }
        let (code, _, said) = outcome(&command.output().unwrap());
        assert_eq!(code, 2, "{said}");
        let expected =
            format!("{expected}{}: line 4: there is no assumption `week-strat`", file.display());
        assert!(said.contains(&expected), "{said}");
        assert!(said.contains("did you mean `week-start`?"), "{said}");
    }
    let missing = home.run("sandbox --calibration nowhere.toml");
    assert_eq!(missing.status.code(), Some(2), "{}", text(&missing.stderr));
}

#[test]
fn a_calibration_of_another_server_is_followed_with_a_warning() {
    let home = Home::new();
    let file = home.write("calibration.toml", WEEKS).display().to_string();
    let served = Served::start(&home, "--now 2025-06-02T00:00:00Z --days 60");
    let line = format!(
        "report company --from 2025-05-05 --to 2025-05-06 --time-zone UTC --calls all \
         --now 2025-06-02T00:00:00Z --calibration {file}"
    );
    let output = home.command(&line).envs(served.variables.iter().cloned()).output().unwrap();
    let (code, _, said) = outcome(&output);
    assert_eq!(code, 0, "{said}");
    let warning = "the calibration is of another server, https://platform.ringcentral.com";
    assert_eq!(said.matches(warning).count(), 1, "{said}");
    assert_eq!(said.matches("calibrat").count(), 2, "it is said once: {said}");
    assert!(said.contains("; it is followed all the same; "), "{said}");
    // It may be why the numbers are others than expected.
    let mut quiet = home.command(&format!("{line} --quiet"));
    let (code, _, said) = outcome(&quiet.envs(served.variables.iter().cloned()).output().unwrap());
    assert_eq!((code, said.matches(warning).count()), (0, 1), "{said}");
}

/// Both in the same words, whichever reads it first.
#[test]
fn a_part_of_a_file_and_other_encodings_are_refused_alike() {
    let home = Home::new();
    let part = home.write("part.toml", &WEEKS.replace("[end]\n", ""));
    let utf16 = home.path("utf16.toml");
    let wide: Vec<u8> = WEEKS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&utf16, [&[0xff, 0xfe], &wide[..]].concat()).unwrap();
    for (file, expected) in [
        (part, "line 5: the file ends without its `[end]`, so a part of it may be missing"),
        (utf16, "the file is UTF-16; save it as UTF-8"),
    ] {
        for line in ["sandbox --port 0", "report queues --last 7d"] {
            let mut command = home.command(&format!("{line} --calibration {}", file.display()));
            for name in ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
                command.env(name, "x");
            }
            let (code, _, said) = outcome(&command.output().unwrap());
            assert_eq!(code, 2, "{said}");
            assert!(said.contains(expected), "{line}: {said}");
        }
    }
}

/// What a calibration changes in a request shows in what a preview would send.
#[test]
fn a_profile_names_its_calibration() {
    let home = Home::new();
    home.write(
        "config/callperf/config.toml",
        "[profiles.one]\nclient_id = 'x'\nclient_secret_env = 'S'\njwt_env = 'J'\n\
         calibration = 'bad.toml'\n",
    );
    home.write("config/callperf/bad.toml", "schema = 7\n");
    let mut command = home.command("report queues --last 7d");
    let (code, _, said) = outcome(&command.env("S", "x").env("J", "x").output().unwrap());
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("config/callperf/bad.toml: line 1: this is version 7"), "{said}");
}

/// The first run writes the file that the profile names, and a later one replaces what can't be read.
#[test]
fn calibrate_follows_no_calibration() {
    let home = Home::new();
    let served = Served::start(&home, "--now 2026-06-02T00:00:00Z --days 27 --limits off");
    let address = served.variable("RC_SERVER_URL");
    let id = served.variable("RC_APP_CLIENT_ID");
    let config = format!(
        "[profiles.one]\nserver = '{address}'\nclient_id = '{id}'\n\
         client_secret_env = 'RC_APP_CLIENT_SECRET'\njwt_env = 'RC_USER_JWT'\n\
         calibration = 'calibration.toml'\n"
    );
    home.write("config.toml", &config);
    let named = "--config config.toml --profile one --budget 4";
    let (code, _, said) = calibrate(&home, &served, named);
    assert_eq!(code, 4, "{said}");
    home.write("calibration.toml", "schema = 7\n");
    let (code, _, said) = calibrate(&home, &served, &format!("{named} --out new.toml"));
    assert_eq!(code, 4, "{said}");
    assert!(home.path("new.toml").exists());
    let (code, _, said) = calibrate(&home, &served, "--calibration new.toml");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--calibration: `calibrate` follows none"), "{said}");
}

/// Both outputs in one file, as a script in the background may have them.
#[cfg(unix)]
#[test]
fn a_shell_can_read_all_that_the_sandbox_prints() {
    let home = Home::new();
    let log = home.path("sandbox.env");
    let file = fs::File::create(&log).unwrap();
    let mut command = home.command("sandbox --control --limits off --days 2");
    command.stdout(file.try_clone().unwrap()).stderr(file);
    let process = Running(command.spawn().unwrap());
    while !fs::read_to_string(&log).unwrap().contains("serves until") {
        thread::sleep(Duration::from_millis(10));
    }
    let script = format!("set -e; . {}; echo \"$RC_SERVER_URL\"", log.display());
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert!(text(&output.stdout).starts_with("http://127.0.0.1:"));
    drop(process);
}

/// Without a login, and so without a server that could be asked.
#[test]
fn explain_prints_all_requests_and_sends_none() {
    let home = Home::new();
    let explained = |args: &str| {
        let line = format!("calibrate --explain --now 2026-06-02T00:00:00Z {args}");
        let mut command = home.command(&line);
        let (code, data, said) = outcome(&command.current_dir(home.path("")).output().unwrap());
        assert_eq!((code, said.as_str()), (0, ""));
        data
    };
    snapshot("calibrate-explain", &explained("--with-refusals"));
    assert!(!explained("").contains("tomorrow"), "it may be refused");
    assert!(!home.path("calibration.toml").exists());
}

fn calibrate(home: &Home, served: &Served, args: &str) -> (i32, String, String) {
    let line = format!("calibrate --now 2026-06-02T00:00:00Z {args}");
    let mut command = home.command(&line);
    command.envs(served.variables.iter().cloned()).current_dir(home.path(""));
    outcome(&command.output().unwrap())
}

#[test]
fn a_calibration_is_printed_and_written_and_a_sandbox_follows_it() {
    let home = Home::new();
    let sandbox = "--now 2026-06-02T00:00:00Z --days 27 --seed 7 --limits off";
    let assumed =
        "--assume week-start=sunday --assume empty-points=none --assume hours-end=excluded";
    let served = Served::start(&home, &format!("{sandbox} {assumed}"));
    let (code, report, said) = calibrate(&home, &served, "");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("the file is calibration.toml"), "{said}");
    for line in ["week-start = sunday, otherwise than assumed", "record-order = key\n"] {
        assert!(report.contains(line), "{report}");
    }
    assert!(report.contains("0 requests were refused (4xx)."), "{report}");
    drop(served);
    // The same from a sandbox that follows the file.
    let file = home.path("calibration.toml");
    let served = Served::start(&home, &format!("{sandbox} --calibration {}", file.display()));
    let (code, again, said) = calibrate(&home, &served, "--out again.toml");
    assert_eq!(code, 0, "{said}");
    assert_eq!(again, report);
    let without_server = |name: &str| {
        let text = fs::read_to_string(home.path(name)).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("server"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(without_server("again.toml"), without_server("calibration.toml"));
}

#[test]
fn what_cant_be_calibrated_is_refused_before_anything_is_sent() {
    let home = Home::new();
    let served = Served::start(&home, "--now 2026-06-02T00:00:00Z --days 2");
    let (code, _, said) = calibrate(&home, &served, "--api beta");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("only calls-v1 can be calibrated"), "{said}");
    home.write("notes.toml", "mine = true\n");
    let (code, _, said) = calibrate(&home, &served, "--out notes.toml");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("isn't a calibration; name another file"), "{said}");
    assert_eq!(fs::read_to_string(home.path("notes.toml")).unwrap(), "mine = true\n");
    let (code, _, said) = calibrate(&home, &served, "--out none/calibration.toml");
    assert_eq!(code, 2, "{said}");
}

#[test]
fn a_login_without_permission_is_a_login_error_and_writes_no_file() {
    let home = Home::new();
    let faults = home.write("faults", "permission\n");
    let served = Served::start(
        &home,
        &format!("--now 2026-06-02T00:00:00Z --days 2 --faults {}", faults.display()),
    );
    let (code, report, said) = calibrate(&home, &served, "");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("because the API refuses to answer this login"), "{said}");
    assert!(said.contains("CMN-401") && said.contains("isn't written"), "{said}");
    assert!(report.starts_with("0 assumptions are settled"), "{report}");
    assert_eq!(report.matches("HTTP 403").count(), 1, "{report}");
    assert!(!home.path("calibration.toml").exists());
}

/// As an earlier run against the same server would have written it.
fn earlier(served: &Served, settled: &str) -> String {
    let address = served.variable("RC_SERVER_URL");
    format!(
        "schema = 1\nserver = '{address}'\napi = 'calls-v1'\nmade = '2026-01-02T03:04:05Z'\n{settled}[end]\n"
    )
}

#[test]
fn a_run_without_a_result_leaves_the_file_of_an_earlier_one_as_it_is() {
    let home = Home::new();
    let faults = home.write("faults", "permission\n");
    let served = Served::start(
        &home,
        &format!("--now 2026-06-02T00:00:00Z --days 2 --faults {}", faults.display()),
    );
    let earlier = earlier(&served, "[settled.week-start]\nvalue = 'wednesday'\n");
    let file = home.write("calibration.toml", &earlier);
    let (code, report, said) = calibrate(&home, &served, "");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("is kept as it was, because this run settled nothing"), "{said}");
    assert!(report.contains("week-start = wednesday\n      found on 2026-01-02"), "{report}");
    assert_eq!(fs::read_to_string(&file).unwrap(), earlier);
}

#[test]
fn what_an_earlier_run_settled_and_this_one_doesnt_is_kept_with_its_day() {
    let home = Home::new();
    let served = Served::start(
        &home,
        "--now 2026-06-02T00:00:00Z --days 27 --seed 7 --limits off --assume week-start=sunday",
    );
    // No invented queue counts abandoned calls, and weeks are settled anew.
    let settled = "[settled.abandoned-sla]\nvalue = 'by-wait'\nevidence = '3 and 0'\n\
                   [settled.week-start]\nvalue = 'wednesday'\n[unsettled.latency]\nreason = 'x'\n\
                   [findings.clock-skew]\nvalue = '2 seconds'\n";
    let file = home.write("calibration.toml", &earlier(&served, settled));
    let (code, report, said) = calibrate(&home, &served, "");
    assert_eq!(code, 0, "{said}");
    let kept = "Found by an earlier run and kept\n  abandoned-sla = by-wait\n      found on 2026-01-02: 3 and 0\n";
    assert!(report.contains(kept), "{report}");
    assert!(report.contains("an earlier run found wednesday, on 2026-01-02\n"), "{report}");
    let text = fs::read_to_string(&file).unwrap();
    for part in [
        "[settled.abandoned-sla]\nvalue = 'by-wait'\nevidence = '3 and 0'\nmade = \"2026-01-02T03:04:05Z\"\n",
        "[settled.week-start]\nvalue = \"sunday\"\n",
        "[findings.clock-skew]\nvalue = '2 seconds'\n",
        "[settled.point-times]\nvalue = \"local\"\n",
    ] {
        assert_eq!(text.matches(part).count(), 1, "{part}: {text}");
    }
    // The file that has both is kept in the same way, and followed.
    let (code, ..) = calibrate(&home, &served, "");
    assert_eq!((code, fs::read_to_string(&file).unwrap()), (0, text));
    let served = Served::start(&home, &format!("--days 2 --calibration {}", file.display()));
    assert!(served.variable("RC_SERVER_URL").starts_with("http://127.0.0.1:"));
}

#[test]
fn a_file_that_would_be_lost_is_refused_before_anything_is_sent() {
    let home = Home::new();
    let served = Served::start(&home, "--now 2026-06-02T00:00:00Z --days 2");
    let own = earlier(&served, "[settled.week-start]\nvalue = 'sunday'\n");
    for (text, expected) in [
        (
            WEEKS.to_owned(),
            "is of https://platform.ringcentral.com, and this run is of http://127.0.0.1:",
        ),
        (own.replace("schema = 1", "schema = 2"), "line 1: this is version 2 of the file"),
        (own.replace("week-start", "week-begin"), "there is no assumption `week-begin`"),
        (own.replace("[end]\n", ""), "ends without its `[end]`"),
    ] {
        let file = home.write("calibration.toml", &text);
        let (code, report, said) = calibrate(&home, &served, "");
        assert_eq!((code, report.as_str()), (2, ""), "{said}");
        assert!(said.contains(expected) && said.contains("name another file"), "{said}");
        assert_eq!(fs::read_to_string(file).unwrap(), text);
    }
}

/// Each refusal counts against an application.
#[test]
fn a_server_that_refuses_all_reports_is_asked_three_times() {
    let home = Home::new();
    let faults = home.write("faults", "status:404 on=reports times=99\n");
    let served = Served::start(
        &home,
        &format!("--now 2026-06-02T00:00:00Z --days 2 --faults {}", faults.display()),
    );
    let (code, report, said) = calibrate(&home, &served, "--with-refusals");
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("because the API refused all reports"), "{said}");
    assert!(said.contains("404"), "{said}");
    assert!(report.contains("\n3 requests were refused (4xx)."), "{report}");
}

#[test]
fn a_server_that_says_nothing_is_a_failure() {
    let home = Home::new();
    let served = Served::start(&home, "--now 2026-06-02T00:00:00Z --days 2");
    let mut variables = served.variables.clone();
    drop(served);
    let address = variables.iter_mut().find(|(name, _)| name == "RC_SERVER_URL").unwrap();
    address.1 = "http://127.0.0.1:1".to_owned();
    let mut command = home.command("calibrate --attempts 1 --out");
    command.arg(home.path("calibration.toml")).envs(variables.clone());
    let output = command.output().unwrap();
    let (code, _, said) = outcome(&output);
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("because no request was answered"), "{said}");
    assert!(!home.path("calibration.toml").exists(), "it would be in the way of the right server");
    let mut command = home.command("calibrate --attempts 1 --json-errors");
    let output = command.current_dir(home.path("")).envs(variables).output().unwrap();
    let (_, _, said) = outcome(&output);
    let error: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&error["kind"], &error["exit_code"]), (&"network".into(), &6.into()), "{said}");
}

#[test]
fn a_failure_that_passes_costs_an_attempt_and_nothing_else() {
    let home = Home::new();
    let faults = home.write("faults", "status:500 on=reports times=1\n");
    let served = Served::start(
        &home,
        &format!("--now 2026-06-02T00:00:00Z --days 27 --limits off --faults {}", faults.display()),
    );
    let (code, report, said) = calibrate(&home, &served, "");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("attempt 1 failed (HTTP 500); the next one begins in 2.0 s"), "{said}");
    assert!(report.contains("point-times = local"), "{report}");
}

#[test]
fn arguments_that_settle_nothing_are_refused_before_anything_is_sent() {
    let home = Home::new();
    let served = Served::start(&home, "--now 2026-06-02T00:00:00Z --days 2");
    for (args, expected) in [
        ("--budget 0", "0 is not in 1.."),
        ("--out -", "--out: `-` isn't a file, and the report is on standard output"),
    ] {
        let (code, report, said) = calibrate(&home, &served, args);
        assert_eq!((code, report.as_str()), (2, ""), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    // Another server than one of this machine has the time of this machine.
    let mut command = home.command("calibrate --now 2020-01-02T00:00:00Z");
    command.envs(served.variables.iter().cloned()).env("RC_SERVER_URL", "https://api.invalid");
    let (code, report, said) = outcome(&command.output().unwrap());
    assert_eq!((code, report.as_str()), (2, ""), "{said}");
    assert!(
        said.contains("its requests begin on 2019-12-06, and reports reach back 184 days"),
        "{said}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_file_on_standard_output_is_there_once_and_alone() {
    let home = Home::new();
    let served = Served::start(&home, "--now 2026-06-02T00:00:00Z --days 27 --limits off");
    let (code, file, said) = calibrate(&home, &served, "--out /dev/stdout");
    assert_eq!(code, 0, "{said}");
    let calibration: callperf::rules::Calibration = file.parse().unwrap();
    assert_eq!(calibration.settled("point-times"), Some("local"));
    assert!(said.contains("point-times = local"), "{said}");
    // What can't be written is reported all the same.
    let (code, report, said) = calibrate(&home, &served, "--out /dev/full");
    assert_eq!(code, 6, "{said}");
    assert!(report.contains("point-times = local"), "{report}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_valid_file() {
    let home = Home::new();
    let faults = home.write("faults", "latency:60s on=timelines after=1 times=99\n");
    let served = Served::start(
        &home,
        &format!("--now 2026-06-02T00:00:00Z --days 27 --limits off --faults {}", faults.display()),
    );
    let mut command = home.command("calibrate --now 2026-06-02T00:00:00Z");
    command.envs(served.variables.iter().cloned()).current_dir(home.path(""));
    let process = Running::start(&mut command);
    let file = home.path("calibration.toml");
    let settled =
        || fs::read_to_string(&file).unwrap_or_default().contains("[settled.point-times]");
    while !settled() {
        thread::sleep(Duration::from_millis(10));
    }
    // Meanwhile no other run writes it.
    let (code, _, said) = calibrate(&home, &served, "");
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("another `callperf calibrate` writes calibration.toml"), "{said}");
    process.signal("-INT");
    assert_eq!(process.ended(), (Some(130), String::new()));
    assert!(!home.path(".calibration.toml.lock").exists());
    let served = Served::start(&home, &format!("--days 2 --calibration {}", file.display()));
    assert!(served.variable("RC_SERVER_URL").starts_with("http://127.0.0.1:"));
}
