//! The commands of `docs/week.md` print what stands there.
//!
//! `UPDATE_WEEK=1` writes what they print into the document; read it before you commit it.

#![cfg(unix)]

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::support::{Home, Served, company::NOW, text};

const A_YEAR_AGO: &str = "2025-11-24T12:00:00Z";

/// The lines of the document's blocks of a language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = document.split(&*fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A home with the document's configuration, a history of a year ago, and a `callperf` on its path
/// whose clock is the sandbox's.
struct Desk {
    home: Home,
    served: Served,
}

impl Desk {
    fn new(document: &str) -> Self {
        let home = Home::new();
        home.write("config/callperf/config.toml", &blocks(document, "toml")[0]);
        let earlier = Served::start(&home, &format!("--seed 7 --limits off --now {A_YEAR_AGO}"));
        let sync = format!(
            "sync --quiet --now {A_YEAR_AGO} --from 2025-10-01 --time-zone America/New_York \
             --hourly none --daily none --figures queues --out {}",
            home.path("history").display()
        );
        let synced = home.command(&sync).envs(earlier.variables.clone()).output().unwrap();
        assert!(synced.status.success(), "{}", text(&synced.stderr));
        let program = env!("CARGO_BIN_EXE_callperf");
        let script = format!(
            "#!/bin/sh\ncase $1 in report|timeline|run) exec '{program}' \"$@\" --now {NOW};; esac\n\
             exec '{program}' \"$@\"\n"
        );
        let callperf = home.write("bin/callperf", &script);
        fs::set_permissions(&callperf, fs::Permissions::from_mode(0o755)).unwrap();
        let served = Served::start(&home, &format!("--seed 7 --limits off --now {NOW}"));
        Self { home, served }
    }

    fn shell(&self, line: &str) -> Output {
        let folder = self.home.path("bin");
        let mut command = Command::new("sh");
        // The environment of the home's own commands.
        for (name, value) in self.home.command("").get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.args(["-c", line]).current_dir(self.home.path("."));
        command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
        command.envs(self.served.variables.clone()).output().unwrap()
    }

    /// What a terminal shows of the commands of a block.
    fn shown(&self, block: &str) -> String {
        let mut out = String::new();
        for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let output = self.shell(line);
            write!(out, "$ {line}\n{}{}", text(&output.stdout), text(&output.stderr)).unwrap();
            match output.status.code() {
                Some(0) => {}
                code => writeln!(out, "[exit code {}]", code.unwrap()).unwrap(),
            }
        }
        out
    }
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/week.md")
}

#[test]
fn the_week_prints_what_its_document_says() {
    let written = fs::read_to_string(document()).unwrap();
    let desk = Desk::new(&written);
    let mut printed = written.clone();
    for block in blocks(&written, "console") {
        printed = printed.replacen(&block, &desk.shown(&block), 1);
    }
    if std::env::var_os("UPDATE_WEEK").is_some() {
        fs::write(document(), &printed).unwrap();
        return;
    }
    for (one, other) in written.lines().zip(printed.lines()) {
        assert_eq!(one, other, "UPDATE_WEEK=1 writes the document anew");
    }
    assert_eq!(written.lines().count(), printed.lines().count());
}

#[test]
fn the_line_for_cron_runs_the_report_and_never_two_at_once() {
    let written = fs::read_to_string(document()).unwrap();
    let desk = Desk::new(&written);
    let cron = blocks(&written, "cron");
    let (when, line) = cron[0].trim().split_once("  ").unwrap();
    assert_eq!(when.split(' ').count(), 5);
    let output = desk.shell(line);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "", "cron would send a mail");
    assert!(desk.home.path("monday.xlsx").is_file());
    fs::remove_file(desk.home.path("monday.xlsx")).unwrap();
    let output = desk.shell(&format!("flock monday.lock sh -c '{line}'"));
    assert_eq!(output.status.code(), Some(1), "another run has the lock");
    assert!(!desk.home.path("monday.xlsx").exists());
}
