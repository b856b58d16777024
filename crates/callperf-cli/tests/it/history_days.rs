//! Which days and groupings `callperf sync` keeps, as a folder and its options say.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{
    Served,
    company::{Company, NOW},
    files, outcome,
};

fn day(folder: &Path, series: &str, day: &str) -> PathBuf {
    folder.join(format!("{series}/date={day}/part-0.parquet"))
}

/// The exit code and the messages of a sync.
fn synced(company: &Company, folder: &Path, args: &str) -> (i32, String) {
    let mut command = company.home.command(&format!("sync {args} --out"));
    command.arg(folder).envs(company.served.variables.clone());
    let (code, _, said) = outcome(&command.output().unwrap());
    (code, said)
}

#[test]
fn a_folder_begins_earlier_if_it_is_said() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly queues --daily queues");
    company.sync(&folder, "--from 2026-11-18");
    for series in ["daily/grouping=Queues", "hourly/grouping=Queues"] {
        assert!(day(&folder, series, "2026-11-18").is_file(), "{series}");
    }
    // A later day takes nothing away.
    company.sync(&folder, "--from 2026-11-22");
    assert!(day(&folder, "daily/grouping=Queues", "2026-11-18").is_file());
    company.sync(&folder, "--daily ivrs");
    let days = fs::read_dir(folder.join("daily/grouping=IVRs")).unwrap().count();
    assert_eq!(days, 6, "as the folder, from 2026-11-18 on");
}

#[test]
fn taking_a_folder_forward_adds_figures_of_what_it_has() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly none --daily queues");
    company.sync(&folder, "--migrate");
    assert!(day(&folder, "figures/scope=answered/grouping=Queues", "2026-11-20").is_file());
    assert!(!day(&folder, "figures/scope=answered/grouping=Queues", "2026-11-19").exists());
    assert!(!folder.join("daily/grouping=Sites").exists(), "it has a choice of its own");
    let missing = company.home.path("missing");
    let (code, said) = synced(&company, &missing, &format!("--migrate --now {NOW}"));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("nothing was synced there") && !missing.exists(), "{said}");
}

#[test]
fn nothing_to_keep_is_refused() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    for (args, reason) in [
        ("--hourly none --daily none --figures none", "nothing is to be kept; name a grouping"),
        ("--hourly none --daily none", "nothing is to be kept; name a grouping"),
        ("--daily queues,none", "--daily: none stands alone"),
    ] {
        let (code, said) = synced(&company, &folder, &format!("{args} --now {NOW}"));
        assert!(code == 2 && said.contains(reason), "{args}: {said}");
        assert!(!folder.exists(), "{args}");
    }
    assert_eq!(company.requests(), Vec::<String>::new());
}

#[test]
fn a_first_run_that_fails_leaves_nothing_behind() {
    let company = Company::of("--users 24");
    let (new, empty) = (company.home.path("new"), company.home.path("empty"));
    fs::create_dir(&empty).unwrap();
    for folder in [&new, &empty] {
        let mut command = company.home.command(&format!("sync --now {NOW} --out"));
        command.arg(folder).envs(company.served.variables.clone());
        command.env("RC_USER_JWT", "of.another.user");
        let (code, _, said) = outcome(&command.output().unwrap());
        assert_eq!(code, 3, "{said}");
    }
    assert!(!new.exists());
    assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
}

#[test]
fn a_clock_that_is_behind_is_noticed() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly none --daily queues");
    let before = files(&folder);
    let earlier = Served::start(&company.home, "--seed 7 --users 24 --now 2026-11-22T12:00:00Z");
    let mut command = company.home.command("sync --now 2026-11-22T12:00:00Z --out");
    let (code, _, said) =
        outcome(&command.arg(&folder).envs(earlier.variables.clone()).output().unwrap());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("days up to 2026-11-23") && said.contains("2026-11-21"), "{said}");
    assert!(said.contains("up to 2026-11-23: 4 files"), "{said}");
    assert!(files(&folder) == before);
}
