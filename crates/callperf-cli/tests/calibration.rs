//! A calibration file: who follows it, and how it is refused.

mod support;

use std::{fs, process::Command, thread, time::Duration};

use support::{Home, Running, Served, outcome, text};

const WEEKS: &str = "schema = 1\nserver = 'https://platform.ringcentral.com'\n\
                     [settled.week-start]\nvalue = 'wednesday'\n";

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
    let file = home.write("bad.toml", "schema = 1\n[settled.week-begin]\nvalue = 'monday'\n");
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
            format!("{expected}{}: line 2: there is no assumption `week-begin`", file.display());
        assert!(said.contains(&expected), "{said}");
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
    assert!(said.contains("the calibration is of https://platform.ringcentral.com"), "{said}");
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
