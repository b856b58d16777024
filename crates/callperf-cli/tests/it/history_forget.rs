//! `callperf history forget`, and what a run of `sync` changed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value as Json;

use crate::support::{
    Running,
    company::{Company, NOW},
    files, outcome,
};

const REPORT: &str =
    "report --group-by users --last 3d --calls all,by-result --format json --quiet";

/// The records of a report from a history, by key.
fn records(company: &Company, folder: &Path) -> BTreeMap<String, Json> {
    let args = format!("{REPORT} --now {NOW} --history {}", folder.display());
    let report: Json = serde_json::from_str(&company.run(&args, None)).unwrap();
    let records = report["records"].as_array().unwrap().iter();
    records.map(|it| (it["key"].as_str().unwrap().to_owned(), it.clone())).collect()
}

fn synced(options: &str) -> (Company, PathBuf) {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, options);
    (company, folder)
}

fn forget(company: &Company, folder: &Path, keys: &str) -> (i32, String, String) {
    let args = format!("history forget {} {keys}", folder.display());
    outcome(&company.home.command(&args).output().unwrap())
}

#[test]
fn a_person_is_erased_and_stays_so() {
    let kept = "--from 2026-11-21 --hourly users --daily queues --figures users";
    let (company, folder) = synced(kept);
    let before = records(&company, &folder);
    let others = |folder: &Path| {
        let queues = files(folder).into_iter();
        queues.filter(|(name, _)| name.to_string_lossy().contains("Queues")).collect::<Vec<_>>()
    };
    let queues = others(&folder);
    let (key, record) = before.first_key_value().unwrap();
    let name = record["info"]["name"].as_str().unwrap();
    let holds = |text: &str| {
        let all = files(&folder);
        let has = |bytes: &Vec<u8>| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        all.values().filter(|bytes| has(bytes)).count()
    };
    assert!(holds(name) > 0 && holds(key) > 0);
    let untouched = files(&folder);
    let (code, would, _) = forget(&company, &folder, &format!("{key} --dry-run"));
    let would = would.strip_prefix("would ").unwrap().replace("; nothing was changed\n", "");
    assert!(code == 0 && files(&folder) == untouched, "{would}");
    let (code, said, _) = forget(&company, &folder, &format!("{key} 999"));
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with(&would.replacen("erase", "erased", 1)), "{said}{would}");
    assert!(said.starts_with(&format!("erased {key}: ")), "{said}");
    assert_eq!((holds(name), holds(key)), (0, 0));
    assert_eq!(others(&folder), queues);
    let mut expected = before.clone();
    expected.remove(key);
    assert_eq!(records(&company, &folder), expected);
    company.run("sync --check", Some(&folder));
    // The last two days are fetched again, with the person's calls in them.
    company.requests();
    company.sync(&folder, "");
    assert!(!company.requests().is_empty());
    assert_eq!(records(&company, &folder), expected);
    assert_eq!((holds(name), holds(key)), (0, 0));
    let (code, _, said) = forget(&company, &folder, "999");
    assert!(code == 2 && said.contains("has no rows of 999"), "{said}");
}

#[test]
fn a_file_that_is_damaged_is_not_taken_for_whole() {
    let (company, folder) = synced("--from 2026-11-21 --hourly none --daily users");
    let key = records(&company, &folder).into_keys().next().unwrap();
    let part = |day: &str| folder.join(format!("daily/grouping=Users/date={day}/part-0.parquet"));
    fs::copy(part("2026-11-23"), part("2026-11-21")).unwrap();
    let before = files(&folder);
    let (code, _, said) = forget(&company, &folder, &key);
    assert!(code == 5 && said.contains("date=2026-11-21/part-0.parquet: it is damaged"), "{said}");
    assert!(files(&folder) == before, "nothing is changed");
}

#[test]
fn an_erasure_that_is_killed_is_finished_later() {
    let (company, folder) = synced("--from 2026-11-19 --hourly none --daily users");
    let key = records(&company, &folder).into_keys().next().unwrap();
    let untouched = files(&folder);
    let put_back = || {
        for (name, bytes) in &untouched {
            fs::write(folder.join(name), bytes).unwrap();
        }
    };
    assert_eq!(forget(&company, &folder, &key).0, 0);
    let whole = files(&folder);
    assert!(whole != untouched);
    for kill in 0..8 {
        put_back();
        let args = format!("history forget {} {key}", folder.display());
        let mut process = Running::start(&mut company.home.command(&args));
        std::thread::sleep(Duration::from_millis(kill * 15));
        drop(process.0.kill());
        drop(process.0.wait());
        if kill % 3 == 1 {
            // A sync finishes what has begun, and erases nothing by itself.
            company.sync(&folder, "");
        }
        let (code, _, said) = forget(&company, &folder, &key);
        assert!(code == 0 || said.contains("has no rows of"), "{said}");
        let now = files(&folder);
        assert!(now.keys().eq(whole.keys()), "{kill}");
        for (name, bytes) in &whole {
            assert!(now[name] == *bytes, "{kill}: {} differs", name.display());
        }
    }
}

#[test]
fn the_partitions_that_a_run_changed_are_listed() {
    let (company, folder) = synced("--from 2026-11-21 --hourly none --daily queues");
    let changed = || company.run("sync --changed", Some(&folder));
    let lines = |series: &str| {
        let days = ["2026-11-21", "2026-11-22", "2026-11-23"];
        days.map(|day| format!("{series}/date={day}\n")).concat()
    };
    assert_eq!(changed(), lines("daily/grouping=Queues"));
    company.sync(&folder, "--daily company");
    assert_eq!(changed(), lines("daily/grouping=Company"), "the last two days are the same");
    company.sync(&folder, "");
    assert_eq!(changed(), "");
    // A run that is refused changes nothing, and an erasure does.
    company.sync(&folder, "--daily users");
    assert_eq!(changed(), lines("daily/grouping=Users"));
    let mut refused =
        company.home.command(&format!("sync --quiet --now {NOW} --time-zone Asia/Tokyo"));
    refused.arg("--out").arg(&folder).envs(company.served.variables.clone());
    let (code, _, said) = outcome(&refused.output().unwrap());
    assert!(code == 2 && said.contains("Asia/Tokyo"), "{said}");
    assert_eq!(changed(), lines("daily/grouping=Users"));
    let key = records(&company, &folder).into_keys().next().unwrap();
    company.sync(&folder, "");
    assert_eq!(changed(), "");
    assert_eq!(forget(&company, &folder, &key).0, 0);
    let erased = changed();
    assert!(erased.starts_with("daily/grouping=Users/date=2026-11-21\n"), "{erased}");
    let missing = company.home.path("missing");
    let mut command = company.home.command("sync --changed --out");
    let (code, _, said) = outcome(&command.arg(missing).output().unwrap());
    assert!(code == 2 && said.contains("nothing was synced there"), "{said}");
}

#[test]
fn the_company_is_not_erased_by_its_key() {
    let (company, folder) = synced("--from 2026-11-21 --hourly none --daily company,users");
    let args = format!(
        "report --group-by company --calls all --from 2026-11-21 --to 2026-11-23 --format json --history {}",
        folder.display()
    );
    let report = company.run(&format!("{args} --now {NOW}"), None);
    let json: Json = serde_json::from_str(&report).unwrap();
    let key = json["records"][0]["key"].as_str().unwrap();
    let (code, _, said) = forget(&company, &folder, key);
    let refusal = format!("{key} is the key of the whole company, whose rows are its totals");
    assert!(code == 2 && said.contains(&refusal), "{said}");
    assert_eq!(company.run(&format!("{args} --now {NOW}"), None), report);
}
