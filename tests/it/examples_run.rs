//! The SDK's example programs, each with an account at the sandbox, as its user runs it: in a
//! process of its own, with the credentials in the environment.
//!
//! `RECORD_EXAMPLE=1 cargo test -p callperf-tests --test it cassette_can_be_recorded` records the cassette of
//! `snapshot_test` anew, and writes its snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use callperf::{Breakdown, Direction, GroupBy, Period, Query, RawPage};
use callperf_sandbox::{Fault, Faults, Place, Rule, Sandbox};
use reqwest::{StatusCode, redirect};
use serde_json::Value as Json;

use crate::support::{self, child, is_child, workspace};

macro_rules! programs {
    ($($name:ident)*) => {
        $(mod $name {
            include!(concat!("../../crates/callperf/examples/", stringify!($name), ".rs"));

            pub(super) fn run() {
                main().unwrap();
            }
        })*

        const PROGRAMS: &[(&str, fn())] = &[$((stringify!($name), $name::run)),*];
    };
}

programs! {
    blocking
    heat_map
    new_words
    nightly_job
    queue_agents
    queue_report
    quick_start
    saved_queries
    snapshot_test
    web_login
    web_report
}

const PROGRAM: &str = "CALLPERF_TEST_PROGRAM";
const BEGINS: &str = "-- the program begins";
const ENDS: &str = "-- the program ends";

fn examples() -> PathBuf {
    workspace().join("crates/callperf/examples")
}

#[test]
fn every_example_is_run_here_and_listed() {
    let files = fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap().path());
    let is_program = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    let found: BTreeSet<_> = files
        .filter(is_program)
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, PROGRAMS.iter().map(|(name, _)| (*name).to_owned()).collect());
    let list = fs::read_to_string(examples().join("README.md")).unwrap();
    for name in found {
        assert!(list.contains(&format!("\n| `{name}` | ")), "{name}");
    }
}

#[test]
fn the_readme_begins_with_the_quick_start() {
    let program = fs::read_to_string(examples().join("quick_start.rs")).unwrap();
    let code = &program[program.find("use callperf").unwrap()..];
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(readme.contains(&format!("```rust,no_run\n{code}```\n")));
}

#[test]
fn child_runs_a_program() {
    if is_child() {
        let name = std::env::var(PROGRAM).unwrap();
        let (_, run) = PROGRAMS.iter().find(|(program, _)| *program == name).unwrap();
        println!("\n{BEGINS}");
        run();
        println!("{ENDS}");
    }
}

fn alone(name: &str) -> Command {
    let mut program = child("examples_run::child_runs_a_program");
    program.env(PROGRAM, name).env("INSTA_UPDATE", "no").env_remove("INSTA_FORCE_PASS");
    for variable in ["RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
        program.env_remove(variable);
    }
    program
}

fn program(name: &str, sandbox: &Sandbox) -> Command {
    let mut program = alone(name);
    program
        .env("RC_SERVER_URL", sandbox.url())
        .env("RC_APP_CLIENT_ID", sandbox.client_id())
        .env("RC_APP_CLIENT_SECRET", sandbox.client_secret())
        .env("RC_USER_JWT", sandbox.jwt());
    program
}

/// What a program prints, line by line.
fn output(program: &mut Command) -> Vec<String> {
    let output = program.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{errors}");
    let lines = printed.lines().skip_while(|line| *line != BEGINS).skip(1);
    lines.take_while(|line| *line != ENDS).map(str::to_owned).collect()
}

async fn sandbox() -> Sandbox {
    Sandbox::builder().seed(7).start().await.unwrap()
}

fn queues(sandbox: &Sandbox) -> BTreeSet<String> {
    sandbox.directory().queues().iter().filter_map(|queue| queue.name.clone()).collect()
}

fn reports(sandbox: &Sandbox) -> usize {
    let is_report = |path: &str| path.contains("/analytics/");
    sandbox.requests().iter().filter(|request| is_report(&request.path)).count()
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{text} isn't a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_of_a_queue_are_found_by_its_name() {
    let sandbox = sandbox().await;
    let returns = &sandbox.directory().queues()[3];
    let lines = output(program("queue_agents", &sandbox).env("QUEUE", "returns"));
    let names: BTreeSet<_> = lines.iter().map(|line| line[..24].trim().to_owned()).collect();
    let agents = sandbox.directory().agents(&returns.key);
    assert_eq!(names, agents.iter().filter_map(|agent| agent.name.clone()).collect());
    let answered = lines.iter().map(|line| number(line[24..].trim()));
    assert!(answered.sum::<u64>() > 0, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_says_how_calls_to_queues_ended() {
    let sandbox = sandbox().await;
    let lines = output(&mut program("quick_start", &sandbox));
    let mut calls = 0;
    for line in &lines {
        let (queue, numbers) = line.split_once(": ").unwrap();
        assert!(queues(&sandbox).contains(queue), "{line}");
        let (all, abandoned) = numbers.split_once(" calls, ").unwrap();
        let abandoned = number(abandoned.strip_suffix(" abandoned").unwrap());
        assert!(abandoned <= number(all), "{line}");
        calls += number(all);
    }
    assert!(calls > 0, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_report_compares_weeks() {
    let sandbox = sandbox().await;
    let lines = output(&mut program("queue_report", &sandbox));
    assert_eq!(lines[0].split_whitespace().next(), Some("offered"));
    assert_eq!(lines.len(), 1 + queues(&sandbox).len());
    for line in &lines[1..] {
        let columns: Vec<_> = line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
        let [queue, offered, shares @ ..] = &columns[..] else { panic!("{line}") };
        assert!(queues(&sandbox).contains(*queue), "{line}");
        assert!(number(offered) > 0, "{line}");
        assert_eq!(shares.len(), 3, "{line}");
        for share in shares {
            let share: f64 = share.strip_suffix(" %").unwrap().parse().unwrap();
            assert!((0.0..=100.0).contains(&share), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heat_map_has_all_calls_of_the_four_weeks() {
    let sandbox = sandbox().await;
    let lines = output(&mut program("heat_map", &sandbox));
    assert_eq!(lines.len(), 8, "{lines:#?}");
    let days: Vec<_> = lines[..7].iter().map(|line| &line[..4]).collect();
    assert_eq!(days, ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "]);
    let rows: Vec<_> = lines[..7].iter().map(|line| line[4..].rsplit_once(' ').unwrap()).collect();
    assert!(rows.iter().all(|(shades, _)| shades.chars().count() == 48), "{lines:#?}");
    assert!(rows.iter().any(|(shades, _)| shades.contains("██")), "{lines:#?}");

    let client = support::of_sandbox(&sandbox).build().unwrap();
    let query = Query::new(GroupBy::company(), Period::last_weeks(4), "America/New_York")
        .calls(Breakdown::Total)
        .only(Direction::Inbound);
    let company = client.aggregate(&query).all().await.unwrap();
    let total = company.records[0].calls().total().unwrap().as_u64().unwrap();
    assert_eq!(rows.iter().map(|(_, calls)| number(calls)).sum::<u64>(), total);
}

/// A program that is killed when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The files of a folder and the periods of their pages.
fn kept(folder: &std::path::Path) -> BTreeMap<String, Vec<String>> {
    let Ok(files) = fs::read_dir(folder) else { return BTreeMap::new() };
    let files = files.map(|entry| entry.unwrap().path());
    let is_whole = |file: &PathBuf| file.extension().is_some_and(|it| it == "json");
    let pages = |file: PathBuf| {
        let pages: Vec<RawPage> = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let days = pages.iter().map(|page| page.start().strftime("%F").to_string());
        (file.file_stem().unwrap().to_str().unwrap().to_owned(), days.collect())
    };
    files.filter(is_whole).map(pages).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nightly_job_that_is_killed_goes_on() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let nightly = folder.path().join("nightly");
    sandbox.set_faults(Rule::new(Fault::Stall(Place::Start)).after(3).always());
    let mut job = program("nightly_job", &sandbox);
    job.current_dir(&folder);
    let mut running = Running(job.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while kept(&nightly).len() < 3 {
        assert_eq!(running.0.try_wait().unwrap(), None, "it ended by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(running);
    let of_the_first = kept(&nightly);
    assert_eq!(of_the_first.len(), 3);

    sandbox.set_faults(Faults::none());
    let before = reports(&sandbox);
    let lines = output(program("nightly_job", &sandbox).current_dir(&folder));
    assert_eq!(lines.len(), 11, "{lines:?}");
    assert_eq!(reports(&sandbox) - before, 11);
    let all = kept(&nightly);
    assert_eq!(all.len(), 14);
    assert_eq!(fs::read_dir(&nightly).unwrap().count(), 14);
    assert!(of_the_first.keys().all(|day| all.contains_key(day)));
    // Midnight in New York is the same date in UTC.
    assert!(all.iter().all(|(day, pages)| *pages == [day.clone()]), "{all:?}");
}

/// A web service, and its address.
fn serving(name: &str, sandbox: &Sandbox) -> (Running, String) {
    let mut service = program(name, sandbox);
    service.env("PORT", "0").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(service.spawn().unwrap());
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.into_iter().find(|line| line.starts_with("http://")).unwrap();
    (running, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_service_keeps_a_query_s_report() {
    let sandbox = sandbox().await;
    let (_running, address) = serving("web_report", &sandbox);
    let mut answers = Vec::new();
    for _ in 0..3 {
        let answer: Json = reqwest::get(&address).await.unwrap().json().await.unwrap();
        answers.push(answer);
    }
    assert_eq!(answers[0]["records"].as_array().unwrap().len(), queues(&sandbox).len());
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(reports(&sandbox), 1);
    reqwest::get(address.replace("days=7", "days=8")).await.unwrap();
    assert_eq!(reports(&sandbox), 2);
    let refused = reqwest::get(address.replace("days=7", "days=1000")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(reports(&sandbox), 2);
}

/// Where an answer sends the browser.
fn location(answer: &reqwest::Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_to_the_web_application() {
    let sandbox = sandbox().await;
    let (_running, address) = serving("web_login", &sandbox);
    let browser = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let begun = browser.get(&address).send().await.unwrap();
    let cookie = begun.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    // As a person who is logged in at the sandbox and has consented.
    let consented = format!("{}&prompt=none", location(&begun));
    let callback = location(&browser.get(consented).send().await.unwrap());
    assert!(callback.starts_with(&address), "{callback}");

    let elsewhere = browser.get(&callback).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::BAD_REQUEST);
    let back = browser.get(&callback).header("cookie", cookie).send().await.unwrap();
    assert_eq!(location(&back), "/");
    let page = browser.get(&address).header("cookie", cookie).send().await.unwrap();
    let page = page.text().await.unwrap();
    let names: BTreeSet<_> =
        page.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(names, queues(&sandbox));
}

#[test]
fn the_snapshot_holds_without_an_account() {
    let mut program = alone("snapshot_test");
    program.env_remove("RECORD").current_dir(examples());
    let lines = output(&mut program);
    assert_eq!(lines, ["4 queues are as they were"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snapshot_s_cassette_can_be_recorded() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let mut program = program("snapshot_test", &sandbox);
    program.env("RECORD", "1").current_dir(&folder);
    if std::env::var_os("RECORD_EXAMPLE").is_some() {
        output(program.env("INSTA_UPDATE", "always").current_dir(examples()));
        return;
    }
    // The numbers are those of another week.
    output(program.env("INSTA_FORCE_PASS", "1"));
    let cassette = fs::read_to_string(folder.path().join("cassettes/week.json")).unwrap();
    for secret in [sandbox.client_secret(), sandbox.jwt(), "Support"] {
        assert!(!cassette.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_blocks_prints_its_line() {
    let sandbox = sandbox().await;
    let lines = output(&mut program("blocking", &sandbox));
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(number(line.strip_suffix(" calls last week").unwrap()) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_are_new_are_sent_and_read() {
    let sandbox = sandbox().await;
    sandbox.set_faults(Rule::new("unknown-fields".parse().unwrap()).always());
    let lines = output(&mut program("new_words", &sandbox));
    let unknown = "note: calls: \"callsByMood\" is unknown to this version; it is sent as it is";
    assert_eq!(lines[0], unknown);
    let of_queue =
        |queue: &String| [format!("{queue}: 1 happy"), format!("{queue}: mood is \"good\"")];
    let expected: BTreeSet<_> = queues(&sandbox).iter().flat_map(of_queue).collect();
    assert_eq!(lines[1..].iter().cloned().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_queries_are_run_by_name() {
    let sandbox = sandbox().await;
    let lines = output(program("saved_queries", &sandbox).current_dir(examples()));
    let mut saved = BTreeMap::<&str, u64>::new();
    for line in &lines {
        let (query, rest) = line.split_once(": ").unwrap();
        let (_, calls) = rest.rsplit_once(' ').unwrap();
        *saved.entry(query).or_default() += number(calls);
    }
    let names: Vec<_> = saved.keys().copied().collect();
    assert_eq!(names, ["abandoned-by-queue", "long-calls-of-users"]);
    assert!(saved.values().all(|calls| *calls > 0), "{lines:?}");
}
