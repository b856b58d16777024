//! The directory in a history: who the keys are, on the days on which that changed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use crate::support::{Home, Served, ask, files, get, outcome};

const DAYS: [&str; 3] = ["2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z"];

/// A company that changes, and its history.
struct Changing {
    home: Home,
    data: PathBuf,
    folder: PathBuf,
}

impl Changing {
    fn new() -> Self {
        let home = Home::new();
        let (data, folder) = (home.path("calls"), home.path("history"));
        let args = format!("sandbox dump --seed 7 --users 24 --days 5 --now {} --out", DAYS[2]);
        let dumped = home.command(&args).arg(&data).output().unwrap();
        assert_eq!(outcome(&dumped).0, 0, "{}", outcome(&dumped).2);
        Self { home, data, folder }
    }

    fn edit(&self, file: &str, before: &str, after: &str) {
        let place = self.data.join(file);
        let text = fs::read_to_string(&place).unwrap();
        assert!(text.contains(before), "{text}");
        fs::write(place, text.replacen(before, after, 1)).unwrap();
    }

    /// A command at a time, with a sandbox of the company as it is. Returns the requests, too.
    fn at(&self, now: &str, args: &str) -> (i32, String, Vec<String>) {
        let options = format!("--limits off --control --now {now} --data {}", self.data.display());
        let served = Served::start(&self.home, &options);
        let mut command = self.home.command(&format!("{args} --now {now}"));
        let output = command.envs(served.variables.clone()).output().unwrap();
        let address = format!("{}/sandbox/requests", served.variable("RC_SERVER_URL"));
        let all: Vec<Json> = serde_json::from_str(&get(&address).2).unwrap();
        ask("DELETE", &address, "");
        let paths = all.iter().map(|request| request["path"].as_str().unwrap().to_owned());
        let (code, data, said) = outcome(&output);
        (code, data + &said, paths.collect())
    }

    fn sync(&self, now: &str, args: &str) -> Vec<String> {
        let (code, said, requests) =
            self.at(now, &format!("sync --out {} {args}", self.folder.display()));
        assert_eq!(code, 0, "{said}");
        requests.into_iter().filter(|path| path.contains("/restapi/v1.0/account/")).collect()
    }

    /// A command that sends nothing.
    fn alone(&self, args: &str) -> (i32, String, String) {
        outcome(&self.home.command(args).output().unwrap())
    }

    fn days(&self) -> Vec<String> {
        let names = files(&self.folder).into_keys();
        let names = names.filter_map(|name| {
            let day = name.strip_prefix("directory").ok()?.parent()?.to_str()?.to_owned();
            Some(day.strip_prefix("date=")?.to_owned())
        });
        names.collect()
    }

    fn holds(&self, text: &str) -> usize {
        let has = |bytes: &Vec<u8>| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        files(&self.folder).values().filter(|bytes| has(bytes)).count()
    }

    fn place(&self) -> std::path::Display<'_> {
        self.folder.display()
    }
}

const KEPT: &str = "--from 2026-11-20 --hourly none --daily users,queues --directory yes";

fn rows(folder: &Path, day: &str) -> u64 {
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Json = serde_json::from_str(&manifest).unwrap();
    manifest["directory"]["days"][day]["rows"].as_u64().unwrap()
}

#[test]
fn the_directory_is_kept_on_the_days_on_which_it_changed() {
    let company = Changing::new();
    // Extensions, sites, and the members of four queues.
    assert_eq!(company.sync(DAYS[0], KEPT).len(), 1 + 1 + 4);
    assert_eq!(company.days(), ["2026-11-22"]);
    assert!(rows(&company.folder, "2026-11-22") > 24 + 4);
    let first = files(&company.folder.join("directory"));
    company.sync(DAYS[1], "");
    assert!(files(&company.folder.join("directory")) == first, "nothing changed");
    // A queue is renamed, and a user leaves another one.
    company.edit("extensions.csv", ",Support,", ",Help desk,");
    company.edit("memberships.csv", "1502200203,1503200048\n", "");
    company.sync(DAYS[2], "");
    assert_eq!(company.days(), ["2026-11-22", "2026-11-24"]);
    assert_eq!(rows(&company.folder, "2026-11-24"), 2);
    let (_, changed, _) = company.alone(&format!("sync --changed --out {}", company.place()));
    assert!(changed.contains("directory/date=2026-11-24\n"), "{changed}");
    // The same day again gives the same file.
    let second = files(&company.folder.join("directory"));
    company.sync(DAYS[2], "");
    assert!(files(&company.folder.join("directory")) == second);
    // And if the day's change is taken back, the file says so.
    company.edit("extensions.csv", ",Help desk,", ",Support,");
    company.sync(DAYS[2], "");
    assert_eq!(rows(&company.folder, "2026-11-24"), 1);
    company.edit("extensions.csv", ",Support,", ",Help desk,");
    company.sync(DAYS[2], "");
    assert!(files(&company.folder.join("directory")) == second);
    let check = format!("sync --check --out {} --now {}", company.place(), DAYS[2]);
    let (code, said, _) = company.alone(&check);
    let line = "directory: from 2026-11-22 to 2026-11-24, changed on 2 days";
    assert!(code == 0 && said.contains(line), "{said}");
    // A key is found by the newest name, in days on which it had another.
    let report = format!(
        "report --group-by queues --calls all --keys {{}} --from 2026-11-21 --to 2026-11-21 --now {} \
         --format csv --quiet --history {}",
        DAYS[2],
        company.place()
    );
    let (code, data, said) = company.alone(&report.replace("{}", "help-desk"));
    assert!(code == 2 && said.contains("Help desk"), "{data}{said}");
    let mut command = company.home.command(&report.replace("--keys {} ", ""));
    let (code, data, said) = outcome(&command.args(["--keys", "Help desk"]).output().unwrap());
    assert!(code == 0 && data.contains("1503200048"), "{data}{said}");
    let views = company.alone(&format!("history views {}", company.place())).1;
    assert!(views.contains("callperf_directory") && views.contains("callperf_members"), "{views}");
    // A file that isn't what was written is named, and a file beside it, too.
    let place = company.folder.join("directory/date=2026-11-22/part-0.parquet");
    fs::copy(&place, place.with_file_name("part-1.parquet")).unwrap();
    fs::write(&place, "other").unwrap();
    let (code, said, _) = company.alone(&check);
    assert!(code == 5 && said.contains("damaged: ") && said.contains("overlap: "), "{said}");
}

#[test]
fn a_server_that_lets_nothing_be_read_is_no_reason_to_fail() {
    let company = Changing::new();
    let refused = format!("sync --out {} {KEPT}", company.place());
    let faults = company.home.path("faults");
    fs::write(&faults, "permission on=lists\n").unwrap();
    let options = format!(
        "--limits off --now {} --data {} --faults {}",
        DAYS[0],
        company.data.display(),
        faults.display()
    );
    let served = Served::start(&company.home, &options);
    let mut command = company.home.command(&format!("{refused} --now {}", DAYS[0]));
    let (code, _, said) = outcome(&command.envs(served.variables.clone()).output().unwrap());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("the directory is left out: "), "{said}");
    assert_eq!(company.days(), Vec::<String>::new());
    // A folder that never had one asks for none.
    fs::remove_dir_all(&company.folder).unwrap();
    assert!(company.sync(DAYS[0], "--from 2026-11-21 --hourly none --daily users").is_empty());
    let kept = format!("{KEPT} --directory no");
    fs::remove_dir_all(&company.folder).unwrap();
    assert!(company.sync(DAYS[0], &kept.replace("--directory yes", "")).is_empty());
}

#[test]
fn a_person_is_erased_by_name_from_the_directory_too() {
    let company = Changing::new();
    company.edit("extensions.csv", ",Bruno Okafor,", ",Carmen Vidal,");
    company.sync(DAYS[0], KEPT);
    company.edit("extensions.csv", ",Ada Lindqvist,", ",Ada Berg,");
    company.sync(DAYS[2], "");
    let forget = |who: &[&str]| {
        let mut command = company.home.command(&format!("history forget {}", company.place()));
        outcome(&command.args(who).output().unwrap())
    };
    let before = files(&company.folder);
    // Two of a name, and none of it.
    let (code, _, said) = forget(&["carmen vidal"]);
    assert!(code == 2 && said.contains("1502200048") && said.contains("1502200079"), "{said}");
    let (code, _, said) = forget(&["Ada Lindquist"]);
    assert!(code == 2 && said.contains("has no rows of Ada Lindquist"), "{said}");
    assert!(files(&company.folder) == before, "nothing is changed");
    // By a name that she had.
    assert!(company.holds("Ada Lindqvist") > 0 && company.holds("Ada Berg") > 0);
    let (code, data, said) = forget(&["Ada Lindqvist"]);
    assert!(code == 0 && data.starts_with("erased 1502200017: "), "{data}{said}");
    let is_gone =
        || ["Ada Lindqvist", "Ada Berg", "1502200017"].iter().all(|text| company.holds(text) == 0);
    assert!(is_gone());
    company.sync(DAYS[2], "");
    assert!(is_gone(), "it isn't fetched again");
    let (code, _, said) =
        company.alone(&format!("sync --check --out {} --now {}", company.place(), DAYS[2]));
    assert_eq!(code, 0, "{said}");
    // Again it does nothing; a number stands for its key.
    let whole = files(&company.folder);
    let (code, _, said) = forget(&["1502200017"]);
    assert!(code == 0 && said.contains("1502200017 was erased before"), "{said}");
    assert!(files(&company.folder) == whole);
    let (code, data, said) = forget(&["102"]);
    assert!(code == 0 && data.starts_with("erased 1502200048: "), "{data}{said}");
    assert_eq!(company.holds("1502200048"), 0);
}

/// What today's file has can be fetched again, and what earlier ones have can't.
#[test]
fn a_damaged_file_of_today_is_written_again() {
    let company = Changing::new();
    company.sync(DAYS[0], KEPT);
    company.edit("extensions.csv", ",Support,", ",Help desk,");
    company.sync(DAYS[1], "");
    let place = company.folder.join("directory/date=2026-11-23/part-0.parquet");
    let whole = fs::read(&place).unwrap();
    let sync = |more: &str| company.at(DAYS[1], &format!("sync --out {}{more}", company.place()));
    let damages: [fn(&Path); 2] =
        [|place| fs::write(place, "other").unwrap(), |place| fs::remove_file(place).unwrap()];
    for damage in damages {
        damage(&place);
        let (code, said, _) = sync(" --directory no");
        assert!(code == 5 && said.contains("directory/date=2026-11-23"), "{said}");
        let (code, said, _) = sync("");
        assert!(code == 0 && said.contains("damaged, and fetched again: "), "{said}");
        assert!(fs::read(&place).unwrap() == whole);
    }
    fs::write(company.folder.join("directory/date=2026-11-22/part-0.parquet"), "other").unwrap();
    let (code, said, _) = sync("");
    assert!(code == 5 && said.contains("directory/date=2026-11-22"), "{said}");
}

#[test]
fn an_erasure_that_was_killed_is_finished_by_name() {
    let company = Changing::new();
    company.sync(DAYS[0], KEPT);
    let forget = |who: &str| {
        let mut command = company.home.command(&format!("history forget {}", company.place()));
        outcome(&command.arg(who).output().unwrap())
    };
    let (code, _, said) = forget("Ada Lindquist");
    assert!(code == 2 && said.contains("did you mean \"Ada Lindqvist\""), "{said}");
    let place = company.folder.join("directory/date=2026-11-22/part-0.parquet");
    let untouched = fs::read(&place).unwrap();
    assert_eq!(forget("Ada Lindqvist").0, 0);
    let whole = files(&company.folder);
    let manifest = company.folder.join("manifest.json");
    let kept = fs::read_to_string(&manifest).unwrap();
    let mut begun: Json = serde_json::from_str(&kept).unwrap();
    begun["forgetting"] = serde_json::json!(["1502200017"]);
    // Before the first file took its place, and after the last one did.
    for file in [Some(&untouched), None] {
        fs::write(&manifest, begun.to_string()).unwrap();
        if let Some(bytes) = file {
            fs::write(&place, bytes).unwrap();
        }
        let (code, _, said) = forget("Ada Lindqvist");
        assert!(code == 0 && said.contains("1502200017: an earlier run began"), "{said}");
        assert!(said.contains("no rows of Ada Lindqvist"), "{said}");
        assert!(files(&company.folder) == whole);
    }
    let (code, _, said) = forget("Ada Lindqvist");
    assert!(code == 2 && said.contains("has no rows of Ada Lindqvist"), "{said}");
}

/// The dump has the account's id, so that another account can be had of the sandbox.
#[test]
fn another_accounts_history_is_not_gone_on_with_and_is_named() {
    let company = Changing::new();
    company.sync(DAYS[0], KEPT);
    company.edit("account.csv", "1500000001", "1500000002");
    let (code, said, _) = company.at(DAYS[1], &format!("sync --out {}", company.place()));
    let refusal = "holds the calls of account 1500000001, and this is account 1500000002";
    assert!(code == 2 && said.contains(refusal), "{said}");
    let report = format!(
        "report --group-by queues --calls all --last 1d --history {} --now {}",
        company.place(),
        DAYS[0]
    );
    let (code, _, said) = company.alone(&report);
    assert!(code == 0 && said.contains("of the account 1500000001"), "{said}");
}
