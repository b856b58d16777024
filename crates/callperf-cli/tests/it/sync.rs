//! `callperf sync`: its files hold what the API says, also after failures.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use parquet::{
    file::serialized_reader::SerializedFileReader,
    record::{Row, RowAccessor as _},
};
use serde_json::{Value as Json, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::path_regex};

use crate::support::{Home, Running, Served, files, login_server, outcome};

const NOW: &str = "2026-11-24T12:00:00Z";
const ZONE: &str = "America/New_York";

/// A sandbox, and syncs of it at the same moment.
struct History {
    home: Home,
    served: Served,
}

impl History {
    fn start(seed: u32) -> Self {
        Self::of(&format!("--seed {seed}"))
    }

    fn of(options: &str) -> Self {
        let home = Home::new();
        let served = Served::start(&home, &format!("{options} --now {NOW}"));
        Self { home, served }
    }

    fn command(&self, folder: &Path, args: &str) -> Command {
        let mut command = self.home.command(&format!("sync --now {NOW} {args}"));
        command.arg("--out").arg(folder).envs(self.served.variables.clone());
        command
    }

    fn run(&self, folder: &Path, args: &str) -> Output {
        self.command(folder, args).output().unwrap()
    }

    /// A sync that must succeed.
    fn sync(&self, folder: &Path, args: &str) {
        let (code, _, said) = outcome(&self.run(folder, args));
        assert_eq!(code, 0, "{said}");
    }

    fn check(&self, folder: &Path) -> (i32, String) {
        let (code, data, said) = outcome(&self.run(folder, "--check"));
        (code, data + &said)
    }
}

/// Fails with the names of the files that differ, not with their bytes.
fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
}

fn part(folder: &Path, table: &str, grouping: &str, day: &str) -> PathBuf {
    folder.join(format!("{table}/grouping={grouping}/date={day}/part-0.parquet"))
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let file = to.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

/// The rows of a file, in its order.
fn rows(file: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(fs::File::open(file).unwrap()).unwrap();
    reader.into_iter().map(Result::unwrap).collect()
}

const WORD: usize = 6;

/// A row's key, time, metric, breakdown and word.
fn place(row: &Row) -> (String, i64, String, String, Option<String>) {
    let text = |column: usize| row.get_string(column).unwrap().clone();
    let word = row.get_string(WORD).ok().cloned();
    (text(0), row.get_timestamp_millis(3).unwrap(), text(4), text(5), word)
}

type Sums = BTreeMap<(String, String, String, Option<String>), f64>;

/// Numbers that aren't zero, added up over days.
fn sums(folder: &Path, table: &str, grouping: &str, days: &[String]) -> Sums {
    let mut sums = Sums::new();
    for day in days {
        for row in rows(&part(folder, table, grouping, day)) {
            let (key, _, metric, breakdown, word) = place(&row);
            let value = row.get_double(8).unwrap();
            *sums.entry((key, metric, breakdown, word)).or_default() += value;
        }
    }
    sums.retain(|_, sum| *sum != 0.0);
    sums
}

/// The same of a report in JSON.
fn reported(report: &Json) -> Sums {
    let mut sums = Sums::new();
    for record in report["records"].as_array().unwrap() {
        let key = record["key"].as_str().unwrap();
        for metric in ["calls", "time_spent"] {
            for (breakdown, number) in record[metric].as_object().unwrap() {
                let mut add = |word: Option<&String>, value: &Json| {
                    let place =
                        (key.to_owned(), metric.to_owned(), breakdown.clone(), word.cloned());
                    sums.insert(place, value.as_f64().unwrap());
                };
                match number["values"].as_object() {
                    Some(words) => words.iter().for_each(|(word, value)| add(Some(word), value)),
                    None => add(None, &number["value"]),
                }
            }
        }
    }
    sums.retain(|_, sum| *sum != 0.0);
    sums
}

#[test]
fn the_files_hold_what_reports_say() {
    let home = Home::new();
    // The clock runs: a report asks about now.
    let served = Served::start(&home, "--seed 7");
    let zone = TimeZone::get(ZONE).unwrap();
    let today = Timestamp::now().to_zoned_datetime(zone).date();
    let days: Vec<_> = (1..=9).rev().map(|back| today - jiff::Span::new().days(back)).collect();
    let names: Vec<_> = days.iter().map(Date::to_string).collect();
    let folder = home.path("history");
    let run = |args: &str| {
        let mut command = home.command(args);
        outcome(&command.envs(served.variables.clone()).output().unwrap())
    };
    let (code, _, said) = run(&format!(
        "sync --out {} --from {} --time-zone {ZONE} --days-per-request 4 \
         --hourly company,queues,users --daily company,queues,users,sites",
        folder.display(),
        names[0]
    ));
    assert_eq!(code, 0, "{said}");
    for (grouping, flag, more) in [
        ("Company", "company", ""),
        ("Queues", "queues", ",by-queue-sla,by-queue-hours"),
        ("Users", "users", ""),
        ("Sites", "sites", ""),
    ] {
        let opportunities = if flag == "users" { ",queue-opportunities" } else { "" };
        let all = "all,by-direction,by-origin,by-response,by-type,by-result,by-segment,\
                   by-company-hours,by-ending-party";
        let (code, data, said) = run(&format!(
            "report --group-by {flag} --from {} --to {} --time-zone {ZONE} --format json \
             --calls {all},by-action{more}{opportunities} --time-spent {all}{more}",
            names[0],
            names.last().unwrap()
        ));
        assert_eq!(code, 0, "{said}");
        let expected = reported(&serde_json::from_str(&data).unwrap());
        assert!(expected.len() > 20, "{grouping}: {}", expected.len());
        assert_eq!(sums(&folder, "daily", grouping, &names), expected, "{grouping}");
        if grouping != "Sites" {
            assert_eq!(sums(&folder, "hourly", grouping, &names), expected, "{grouping}");
        }
    }
    assert!(!folder.join("hourly/grouping=Sites").exists());
}

#[test]
fn rows_are_sorted_and_within_their_day() {
    let history = History::start(7);
    let folder = history.home.path("history");
    // With the day of 25 hours.
    history.sync(&folder, &format!("--from 2026-10-30 --time-zone {ZONE} --daily none"));
    let zone = TimeZone::get(ZONE).unwrap();
    let mut all = 0;
    for day in ["2026-10-31", "2026-11-01", "2026-11-02"] {
        for grouping in ["Company", "Queues", "Users"] {
            let rows = rows(&part(&folder, "hourly", grouping, day));
            let places: Vec<_> = rows.iter().map(place).collect();
            assert!(places.is_sorted_by(|one, other| one < other), "{grouping} {day}");
            for (_, time, ..) in &places {
                let time = Timestamp::from_millisecond(*time).unwrap();
                let local = time.to_zoned_datetime(zone.clone());
                assert_eq!(local.date().to_string(), day);
                assert_eq!((local.minute(), local.second()), (0, 0));
            }
            all += rows.len();
        }
    }
    assert!(all > 500, "{all}");
    assert!(!folder.join("daily").exists());
    assert_eq!(history.check(&folder).0, 0);
}

#[test]
fn the_same_history_is_the_same_bytes_however_requests_are_cut() {
    let history = History::start(7);
    let (one, other) = (history.home.path("one"), history.home.path("other"));
    history.sync(&one, "--from 2026-11-10 --hourly queues --daily none --days-per-request 1");
    history.sync(&other, "--from 2026-11-10 --hourly queues --daily none --days-per-request 31");
    // Bit by bit, and in another order.
    let third = history.home.path("third");
    history.sync(&third, "--from 2026-11-20 --hourly queues --daily none");
    history.sync(&third, "--from 2026-11-10 --hourly queues --days-per-request 3");
    assert_same(&one, &other);
    assert_same(&one, &third);
    assert!(files(&one).len() == 15, "14 days and a manifest: {}", files(&one).len());
}

/// A number from 0 to 1 that differs from run to run.
fn random() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    #[expect(clippy::cast_precision_loss, reason = "a few bits are enough")]
    let share = (RandomState::new().hash_one(0) >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

/// `CALLPERF_KILLS=100` for as many.
#[cfg(unix)]
#[test]
fn a_sync_that_is_killed_anywhere_ends_with_the_same_files() {
    let kills = std::env::var("CALLPERF_KILLS").map_or(6, |text| text.parse().unwrap());
    let history = History::start(7);
    let args = "--from 2026-11-16 --days-per-request 2 --hourly company,queues --daily queues,users \
                --directory yes --queue-agents";
    let undisturbed = history.home.path("undisturbed");
    let begun = Instant::now();
    history.sync(&undisturbed, args);
    let whole = begun.elapsed();
    let folder = history.home.path("killed");
    let (mut killed, mut finished) = (0, 0);
    while killed < kills {
        let mut process = Running::start(&mut history.command(&folder, args));
        std::thread::sleep(whole.mul_f64(random() * 0.7));
        let has_ended = process.0.try_wait().unwrap().is_some();
        if has_ended {
            assert_eq!(process.ended().0, Some(0));
            assert_same(&undisturbed, &folder);
            fs::remove_dir_all(&folder).unwrap();
            finished += 1;
        } else {
            process.signal("-KILL");
            drop(process);
            killed += 1;
        }
    }
    history.sync(&folder, args);
    assert_same(&undisturbed, &folder);
    assert_eq!(history.check(&folder).0, 0);
    println!("{killed} killed, {finished} finished in between");
}

#[test]
fn what_a_kill_leaves_behind_is_put_right() {
    let history = History::start(7);
    let args = "--from 2026-11-15 --hourly company,queues --daily company";
    let whole = history.home.path("whole");
    history.sync(&whole, args);
    let cut = history.home.path("cut");
    copy(&whole, &cut);
    // Killed after files got their names and before the manifest did, and while
    // another file and the next manifest were being written.
    let mut manifest: Json =
        serde_json::from_slice(&fs::read(cut.join("manifest.json")).unwrap()).unwrap();
    let queues = &mut manifest["tables"]["hourly"]["Queues"];
    for day in ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"] {
        queues["days"].as_object_mut().unwrap().remove(day).unwrap();
    }
    queues["high_water"] = "2026-11-19".into();
    fs::write(cut.join("manifest.json"), manifest.to_string()).unwrap();
    fs::write(part(&cut, "hourly", "Queues", "2026-11-21"), "half a fi").unwrap();
    let new = part(&cut, "hourly", "Queues", "2026-11-22").with_file_name(".part-0.parquet.new");
    fs::write(new, "half").unwrap();
    fs::write(cut.join(".manifest.json.new"), "{").unwrap();
    history.sync(&cut, "");
    assert_same(&whole, &cut);
    // Killed before there was a manifest at all.
    let early = history.home.path("early");
    fs::create_dir(&early).unwrap();
    fs::write(early.join(".manifest.json.new"), "{").unwrap();
    fs::write(early.join("sync.lock"), "").unwrap();
    history.sync(&early, args);
    assert_same(&whole, &early);
}

/// Links are followed, modes are kept, and what waits under a temporary file's old
/// name isn't written through.
#[cfg(unix)]
#[test]
fn files_are_replaced_as_all_others() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let history = History::start(7);
    let args = "--from 2026-11-22 --hourly none --daily queues";
    let (whole, folder) = (history.home.path("whole"), history.home.path("history"));
    history.sync(&whole, args);
    copy(&whole, &folder);
    let elsewhere = history.home.path("elsewhere.json");
    fs::rename(folder.join("manifest.json"), &elsewhere).unwrap();
    symlink(&elsewhere, folder.join("manifest.json")).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).unwrap();
    let late = part(&folder, "daily", "Queues", "2026-11-23");
    fs::set_permissions(&late, fs::Permissions::from_mode(0o640)).unwrap();
    let victim = history.home.write("victim", "theirs");
    symlink(&victim, folder.join(".manifest.json.new")).unwrap();
    symlink(&victim, late.with_file_name(".part-0.parquet.new")).unwrap();
    history.sync(&folder, "");
    assert_eq!(fs::read_to_string(victim).unwrap(), "theirs");
    assert!(folder.join("manifest.json").is_symlink());
    for file in [&elsewhere, &late] {
        assert_eq!(crate::support::mode(file), 0o640, "{}", file.display());
    }
    assert_same(&whole, &folder);
}

#[test]
fn the_last_two_days_are_fetched_again() {
    let (before, after) = (History::start(7), History::start(8));
    let args = "--from 2026-11-18 --hourly queues --daily queues";
    let (folder, old, new) =
        (before.home.path("history"), before.home.path("old"), before.home.path("new"));
    before.sync(&folder, args);
    copy(&folder, &old);
    // The calls have changed since, all of them.
    after.sync(&folder, "");
    after.sync(&new, args);
    let (folder, old, new) = (files(&folder), files(&old), files(&new));
    for (name, bytes) in &folder {
        let text = name.to_string_lossy();
        let is_late = ["2026-11-22", "2026-11-23"].iter().any(|day| text.contains(day));
        if text.ends_with(".parquet") {
            let expected = if is_late { &new } else { &old };
            assert!(expected[name] == *bytes, "{text}");
        }
    }
    let monday = Path::new("hourly/grouping=Queues/date=2026-11-23/part-0.parquet");
    assert!(old[monday] != new[monday], "the two histories differ");
}

#[test]
fn groupings_are_kept_and_added() {
    let history = History::start(7);
    let folder = history.home.path("history");
    history.sync(&folder, "--from 2026-11-20 --hourly company --daily none");
    history.sync(&folder, "--from 2026-11-21 --daily queues");
    history.sync(&folder, "");
    let (code, all) = history.check(&folder);
    assert_eq!(code, 0, "{all}");
    let lines: Vec<_> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    assert!(lines[0].starts_with("daily Queues: from 2026-11-21 to 2026-11-23, 3 days, "), "{all}");
    assert!(
        lines[1].starts_with("hourly Company: from 2026-11-20 to 2026-11-23, 4 days, "),
        "{all}"
    );
}

#[test]
fn what_is_wrong_in_a_folder_is_reported_and_fetched_again() {
    let history = History::start(7);
    let args = "--from 2026-11-10 --hourly queues --daily none";
    let (whole, folder) = (history.home.path("whole"), history.home.path("history"));
    history.sync(&whole, args);
    copy(&whole, &folder);
    let file = |day: &str| part(&folder, "hourly", "Queues", day);
    // Cut short, changed in place, gone, and one too many.
    let bytes = fs::read(file("2026-11-11")).unwrap();
    fs::write(file("2026-11-11"), &bytes[..bytes.len() / 2]).unwrap();
    let mut bytes = fs::read(file("2026-11-12")).unwrap();
    bytes[10] ^= 1;
    fs::write(file("2026-11-12"), bytes).unwrap();
    fs::remove_file(file("2026-11-13")).unwrap();
    fs::copy(file("2026-11-16"), file("2026-11-16").with_file_name("copy.parquet")).unwrap();
    let (code, all) = history.check(&folder);
    assert_eq!(code, 5, "{all}");
    let problems = [
        "2026-11-11/part-0.parquet: it can't be read",
        "2026-11-12/part-0.parquet: it isn't what was written",
        "2026-11-13/part-0.parquet: No such file",
        "overlap: ",
        "4 problems in ",
    ];
    for problem in problems {
        assert!(all.contains(problem), "{problem}: {all}");
    }
    // A check changes nothing.
    assert_eq!(history.check(&folder).1, all);
    let (code, _, said) = outcome(&history.run(&folder, ""));
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.matches("damaged, and fetched again").count(), 3, "{said}");
    fs::remove_file(file("2026-11-16").with_file_name("copy.parquet")).unwrap();
    assert_same(&whole, &folder);

    // A day that was never fetched is a gap until the next sync.
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let mut manifest: Json = serde_json::from_str(&text).unwrap();
    let days = &mut manifest["tables"]["hourly"]["Queues"]["days"];
    for day in ["2026-11-14", "2026-11-15", "2026-11-18"] {
        days.as_object_mut().unwrap().remove(day);
        fs::remove_file(file(day)).unwrap();
    }
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    let (code, all) = history.check(&folder);
    assert_eq!(code, 5, "{all}");
    assert!(all.contains("gap: hourly Queues: from 2026-11-14 to 2026-11-15, 2 days"), "{all}");
    assert!(all.contains("gap: hourly Queues: from 2026-11-18 to 2026-11-18, 1 day\n"), "{all}");
    history.sync(&folder, "");
    assert_same(&whole, &folder);
}

fn refused(history: &History, folder: &Path, args: &str, code: i32, words: &[&str]) {
    let before = files(folder);
    let (found, data, said) = outcome(&history.run(folder, args));
    assert_eq!((found, data.as_str()), (code, ""), "{args}: {said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(files(folder) == before, "{args}: nothing is changed");
}

#[test]
fn another_folder_than_its_own_is_refused() {
    let history = History::start(7);
    let folder = history.home.path("history");
    history.sync(&folder, "--from 2026-11-22 --hourly none --daily company");
    let manifest = folder.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let with = |from: &str, to: &str| {
        assert!(text.contains(from));
        fs::write(&manifest, text.replace(from, to)).unwrap();
    };
    with("\"account\": \"1500000001\"", "\"account\": \"1\"");
    refused(&history, &folder, "", 2, &["holds the calls of account 1,", "account 1500000001"]);
    with("\"schema\": 1", "\"schema\": 3");
    refused(&history, &folder, "", 2, &["is of schema 3", "writes schema 2"]);
    with("\"schema\": 1", "\"sche");
    refused(&history, &folder, "", 5, &["manifest.json: it is damaged"]);
    refused(&history, &folder, "--check", 5, &["manifest.json: it is damaged"]);
    fs::write(&manifest, &text).unwrap();
    refused(&history, &folder, "--time-zone Europe/Zurich", 2, &["are cut in UTC, not Europe"]);
    history.sync(&folder, "--time-zone UTC");

    let foreign = history.home.path("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "irreplaceable").unwrap();
    refused(&history, &foreign, "", 2, &["thesis.txt", "choose an empty one"]);
    refused(&history, &foreign, "--check", 2, &["nothing was synced there"]);
    // Arguments that can't be are refused before the folder is made.
    let new = history.home.path("new");
    fs::create_dir(&new).unwrap();
    for (args, word) in [
        ("--hourly kews", "--hourly: no such word as `kews`"),
        ("--time-zone Mars/Base", "no such time zone as `Mars/Base`"),
        ("--time-zone America/New_Yrok", "did you mean America/New_York?"),
        ("--api beta", "the beta has no timeline"),
    ] {
        refused(&history, &new, args, 2, &[word]);
    }
}

#[test]
fn impossible_folders_and_days_are_refused() {
    let history = History::start(7);
    let file = history.home.write("file", "mine");
    let (code, _, said) = outcome(&history.run(&file, ""));
    assert_eq!((code, fs::read_to_string(&file).unwrap().as_str()), (2, "mine"), "{said}");
    assert!(said.contains("file is not a folder"), "{said}");

    let folder = history.home.path("history");
    let args = "--hourly company --daily none --days-per-request 31";
    let (code, _, said) = outcome(&history.run(&folder, &format!("{args} --from 2026-11-24")));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--from: 2026-11-24 isn't over yet; the last whole day is 2026-11-23"));
    assert!(!folder.exists(), "nothing is kept of it");
    let (code, _, said) = outcome(&history.run(&folder, &format!("{args} --from 2026-01-01")));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("nothing from before 2026-05-25 any more"), "{said}");
    assert!(part(&folder, "hourly", "Company", "2026-05-25").is_file());
}

/// On a medium that can't be written, for example.
#[test]
fn a_check_writes_nothing() {
    let history = History::start(7);
    let folder = history.home.path("history");
    history.sync(&folder, "--from 2026-11-23 --hourly none --daily company");
    fs::remove_file(folder.join("sync.lock")).unwrap();
    let (code, all) = history.check(&folder);
    assert_eq!(code, 0, "{all}");
    assert!(all.starts_with("daily Company: from 2026-11-23 to 2026-11-23, 1 day, "), "{all}");
    assert!(!folder.join("sync.lock").exists());
}

#[test]
fn two_syncs_at_once_are_refused() {
    let history = History::start(7);
    let folder = history.home.path("history");
    history.sync(&folder, "--from 2026-11-23 --hourly none --daily company");
    let lock = fs::File::open(folder.join("sync.lock")).unwrap();
    lock.lock().unwrap();
    refused(&history, &folder, "", 4, &["another sync is at"]);
    refused(&history, &folder, "--check", 4, &["another sync is at"]);
    drop(lock);
    history.sync(&folder, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_takes_no_more_is_one_clear_message() {
    let history = History::start(7);
    let args = "--from 2026-11-16 --hourly queues,users --daily none --days-per-request 2";
    let (whole, folder) = (history.home.path("whole"), history.home.path("history"));
    history.sync(&whole, args);
    // No file may grow beyond 16 blocks of 512 bytes, as on a full disk.
    let command = history.command(&folder, args);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""]);
    limited.arg(command.get_program()).args(command.get_args());
    limited.env_clear();
    for (name, value) in command.get_envs() {
        limited.env(name, value.unwrap());
    }
    // A coverage profile would be too large as well, and complain.
    limited.env("LLVM_PROFILE_FILE", "/dev/null");
    let (code, _, said) = outcome(&limited.output().unwrap());
    assert_eq!(code, 6, "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("File too large") && said.contains("the next run goes on"), "{said}");
    assert!(!files(&folder).keys().any(|name| name.to_string_lossy().ends_with(".new")));
    history.sync(&folder, args);
    assert_same(&whole, &folder);
    // Where nothing can be made at all.
    let (code, _, said) = outcome(&history.run(Path::new("/proc/history"), ""));
    assert_eq!(code, 6);
    assert!(said.contains("/proc/history: "), "{said}");
}

/// A server that answers with the given timelines.
struct Answering {
    _runtime: tokio::runtime::Runtime,
    server: MockServer,
}

impl Answering {
    fn start(points: Json) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let server = runtime.block_on(async {
            let server = login_server().await;
            let paging = json!({"page": 1, "perPage": 1, "totalPages": 1, "totalElements": 1});
            let company = json!({"data": {"groupedBy": "Company", "records": [
                {"key": "7", "counters": {"allCalls": {"valueType": "Instances", "values": 1}}},
            ]}, "paging": paging});
            let company = ResponseTemplate::new(200).set_body_json(company);
            Mock::given(path_regex("aggregation")).respond_with(company).mount(&server).await;
            let timeline = move |_: &Request| {
                ResponseTemplate::new(200).set_body_json(json!({
                    "data": {"groupedBy": "Queues", "records": [{"key": "1", "points": points}]},
                    "paging": paging,
                }))
            };
            Mock::given(path_regex("timeline")).respond_with(timeline).mount(&server).await;
            server
        });
        Self { _runtime: runtime, server }
    }

    fn run(&self, home: &Home, args: &str) -> (i32, String, String) {
        let mut command = home.command(args);
        command.arg("--out").arg(home.path("history")).env("RC_SERVER_URL", self.server.uri());
        for name in ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
            command.env(name, "x");
        }
        outcome(&command.output().unwrap())
    }

    fn sync(&self, home: &Home) -> (i32, String, PathBuf) {
        let folder = home.path("history");
        drop(fs::remove_dir_all(&folder));
        let args = format!("sync --now {NOW} --from 2026-11-22 --hourly queues --daily none");
        let (code, _, said) = self.run(home, &args);
        (code, said, folder)
    }
}

fn point(time: &str, calls: &Json) -> Json {
    json!({"time": time, "counters": {"allCalls": {"valueType": "Instances", "values": calls}}})
}

#[test]
fn an_answer_that_makes_no_sense_is_kept_in_no_part() {
    let home = Home::new();
    let good = point("2026-11-22T10:00:00Z", &json!(1));
    for (bad, word) in [
        (point("2026-11-24T10:00:00Z", &json!(1)), "not from 2026-11-22 to 2026-11-23"),
        (good.clone(), "came twice"),
        (point("2026-11-22T11:00:00Z", &json!(1e300)), "calls total is 1e+300"),
        (point("2026-11-22T11:00:00Z", &json!("many")), "isn't understood"),
    ] {
        let (code, said, folder) = Answering::start(json!([good, bad])).sync(&home);
        assert_eq!(code, 5, "{said}");
        assert!(said.contains(word), "{word}: {said}");
        assert!(!folder.join("hourly").exists(), "{said}");
    }
}

#[test]
fn what_this_version_has_no_word_for_is_kept_by_its_name() {
    let home = Home::new();
    let point = json!({"time": "2026-11-22T10:00:00Z", "weather": "rain", "counters": {
        "allCalls": {"valueType": "Instances", "values": 3},
        "callsByMood": {"valueType": "Instances", "values": {"happy": 2, "sad": 1}},
        "callsByResult": {"valueType": "Instances", "values": {"deflected": 1}},
    }, "timers": {"allCalls": {"valueType": "Seconds", "values": 17.25}}});
    let (code, said, folder) = Answering::start(json!([point])).sync(&home);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("note: weather of the answers has no place in the files"), "{said}");
    let rows = rows(&part(&folder, "hourly", "Queues", "2026-11-22"));
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let (_, _, metric, breakdown, word) = place(row);
            let value = row.get_double(8).unwrap();
            format!("{metric} {breakdown} {} {value}", word.unwrap_or_default())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "calls by_result deflected 1",
            "calls callsByMood happy 2",
            "calls callsByMood sad 1",
            "calls total  3",
            "time_spent total  17.25",
        ]
    );
}

/// A server of an earlier revision, which refuses the breakdowns that came since: the
/// history has all others, and the server is asked for them in vain once.
#[test]
fn an_older_server_is_synced_without_what_it_refuses() {
    let older = "--seed 7 --revision calls-v1@2025-03-11 --assume unknown-fields=refused";
    let history = History::of(older);
    let folder = history.home.path("history");
    let (code, _, said) =
        outcome(&history.run(&folder, "--from 2026-11-20 --hourly none --daily company,queues"));
    assert_eq!(code, 0, "{said}");
    let notes = said.matches("the server refuses by-ending-party and by-queue-hours").count();
    assert_eq!(notes, 1, "{said}");
    let rows = rows(&part(&folder, "daily", "Queues", "2026-11-20"));
    let breakdowns: BTreeSet<_> = rows.iter().map(|row| place(row).3).collect();
    assert!(breakdowns.contains("by_result") && breakdowns.contains("by_queue_sla"));
    assert!(!breakdowns.contains("by_ending_party") && !breakdowns.contains("by_queue_hours"));
}

/// One that passes over them instead: a run says so, and a check names the days, which are
/// no fewer once the server has them.
#[test]
fn days_without_what_an_older_server_ignores_are_named() {
    let history = History::of("--seed 7 --revision calls-v1@2024-04-02");
    let folder = history.home.path("history");
    let args = "--from 2026-11-18 --hourly company --daily queues";
    let (code, _, said) = outcome(&history.run(&folder, args));
    assert_eq!(code, 0, "{said}");
    let note =
        "note: the server left out by_ending_party, by_queue_hours, though they were requested";
    assert_eq!(said.matches(note).count(), 1, "{said}");
    let (code, all) = history.check(&folder);
    assert_eq!(code, 0, "{all}");
    let days = "from 2026-11-18 to 2026-11-23, 6 days";
    assert_eq!(
        all.lines().filter(|line| line.contains("without")).collect::<Vec<_>>(),
        [
            &format!("  without by_ending_party, by_queue_hours: {days}"),
            &format!("  without by_ending_party: {days}"),
        ],
        "{all}"
    );
    let newer = History::start(7);
    newer.sync(&folder, "");
    let (code, all) = newer.check(&folder);
    assert_eq!(code, 0, "{all}");
    assert!(
        all.contains("without by_ending_party: from 2026-11-18 to 2026-11-21, 4 days"),
        "{all}"
    );
    let whole = newer.home.path("whole");
    newer.sync(&whole, args);
    assert!(!newer.check(&whole).1.contains("without"));
}

#[test]
fn what_the_api_has_forgotten_is_kept_and_its_loss_is_reported() {
    let home = Home::new();
    let server = Answering::start(json!([]));
    let daily = "--hourly none --daily company";
    let begun = server.run(&home, &format!("sync --now {NOW} --from 2026-11-20 {daily}"));
    assert_eq!(begun.0, 0, "{}", begun.2);
    let folder = home.path("history");
    let file = |day: &str| part(&folder, "daily", "Company", day);
    let kept = fs::read(file("2026-11-21")).unwrap();
    fs::remove_file(file("2026-11-20")).unwrap();
    // Half a year later three days are forgotten that were never fetched.
    let later = "sync --now 2027-05-29T12:00:00Z";
    for _ in 0..2 {
        let (code, _, said) = server.run(&home, later);
        assert_eq!(code, 5, "{said}");
        assert!(said.contains("these are gone, and the API no longer remembers them"), "{said}");
        assert!(said.contains("date=2026-11-20/part-0.parquet: No such file"), "{said}");
    }
    assert_eq!(fs::read(file("2026-11-21")).unwrap(), kept);
    assert!(file("2026-11-27").exists() && file("2027-05-28").exists());
    let (code, data, _) = server.run(&home, "sync --check");
    assert_eq!(code, 5);
    assert!(data.contains("gap: daily Company: from 2026-11-24 to 2026-11-26, 3 days"), "{data}");
    assert!(data.contains("damaged: ") && data.contains("date=2026-11-20"), "{data}");
    // Taken out of the manifest, the loss is a gap, which stops nothing.
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let mut manifest: Json = serde_json::from_str(&text).unwrap();
    let days = &mut manifest["tables"]["daily"]["Company"]["days"];
    days.as_object_mut().unwrap().remove("2026-11-20").unwrap();
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    assert_eq!(server.run(&home, later).0, 0);
    // No sync can fill it, and a check goes on.
    let (code, data, _) = server.run(&home, "sync --check --now 2027-05-29T12:00:00Z");
    assert_eq!(code, 0, "{data}");
    let gap =
        "gap: daily Company: from 2026-11-24 to 2026-11-26, 3 days, which the API has forgotten";
    assert!(data.contains(gap), "{data}");
}

#[test]
fn a_row_has_a_schema() {
    let home = Home::new();
    let schema: Json = serde_json::from_str(&outcome(&home.run("schema sync")).1).unwrap();
    let columns =
        ["key", "extension", "name", "time", "metric", "breakdown", "word", "unit", "value"];
    for column in columns {
        assert!(schema["properties"][column]["description"].is_string(), "{column}");
    }
    assert!(schema["description"].as_str().unwrap().contains("schema 1"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_what_is_whole() {
    let history = History::start(7);
    let args = "--from 2026-10-01 --daily none --days-per-request 1";
    let folder = history.home.path("history");
    let mut process = Running::start(&mut history.command(&folder, args));
    let some = part(&folder, "hourly", "Company", "2026-10-02");
    while !some.exists() {
        assert!(process.0.try_wait().unwrap().is_none(), "it isn't done before");
        std::thread::sleep(Duration::from_millis(5));
    }
    process.signal("-INT");
    assert_eq!(process.ended().0, Some(130));
    let (code, all) = history.check(&folder);
    assert!(!all.contains("damaged"), "{code} {all}");
}
