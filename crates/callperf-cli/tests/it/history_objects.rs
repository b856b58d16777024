//! A history in an object store: the same as in a folder, and nothing lost however the store fails.

use std::{
    collections::BTreeMap,
    io::Read as _,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::Value as Json;

use crate::support::{
    Running,
    company::{Company, NOW},
    files,
    objects::{Fault, ObjectServer, SECRET},
    outcome,
};

const PLACE: &str = "s3://calls/company";
const KEPT: &str =
    "--from 2026-11-19 --hourly none --daily users,queues --figures queues,users --directory no";

const DAYS: &str =
    "--from 2026-11-19 --to 2026-11-23 --time-zone UTC --quiet --now 2026-11-24T12:00:00Z";

struct Stored {
    company: Company,
    server: ObjectServer,
}

impl Stored {
    fn new() -> Self {
        Self { company: Company::of("--users 24"), server: ObjectServer::start() }
    }

    fn command(&self, args: &str) -> Command {
        let mut command = self.company.home.command(args);
        command.envs(self.company.served.variables.clone()).envs(self.server.variables());
        command
    }

    fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command that must succeed printed.
    fn succeed(&self, args: &str) -> String {
        let (code, data, said) = outcome(&self.run(args));
        assert_eq!(code, 0, "{args}: {said}");
        data
    }

    fn sync(&self) -> Output {
        self.run(&format!("sync --quiet --now {NOW} {KEPT} --out {PLACE}"))
    }

    /// The failure of a command, in which there is no secret.
    fn failure(output: &Output) -> (i32, String) {
        let (code, data, said) = outcome(output);
        for text in [&data, &said] {
            assert!(!text.contains(SECRET) && !text.contains("AKIAEXAMPLE"), "{text}");
        }
        (code, said)
    }

    fn manifest(&self) -> Json {
        let objects = self.server.objects();
        serde_json::from_slice(&objects["calls/company/manifest.json"]).unwrap()
    }

    /// What each day holds by its digest, and whether every object that is listed is there.
    fn listed(&self) -> BTreeMap<String, String> {
        let (objects, mut listed) = (self.server.objects(), BTreeMap::new());
        let files = self.succeed(&format!("history files {PLACE}"));
        for file in serde_json::from_str::<Vec<Json>>(&files).unwrap() {
            let path = file["path"].as_str().unwrap().strip_prefix("s3://").unwrap();
            let bytes = objects.get(path).unwrap_or_else(|| panic!("{path} isn't there"));
            assert_eq!(bytes.len() as u64, file["bytes"], "{path}");
            let (partition, _) = path.rsplit_once('/').unwrap();
            let before = listed.insert(partition.to_owned(), file["sha256"].to_string());
            assert_eq!(before, None, "{partition} is listed twice");
        }
        listed
    }

    fn data_objects(&self) -> usize {
        self.server.objects().keys().filter(|name| name.ends_with(".parquet")).count()
    }
}

#[test]
fn a_history_in_a_store_is_the_one_in_a_folder() {
    let stored = Stored::new();
    let folder = stored.company.home.path("history");
    stored.company.sync(&folder, KEPT);
    let (code, _, said) = outcome(&stored.sync());
    assert_eq!(code, 0, "{said}");
    let report = |place: &str| {
        stored.succeed(&format!("report queues {DAYS} --format csv --history {place}"))
    };
    assert_eq!(report(PLACE), report(folder.to_str().unwrap()));
    // The same bytes, by other names.
    let digests = |manifest: Json| {
        let mut digests = Vec::new();
        for (table, series) in manifest["tables"].as_object().unwrap() {
            for (name, series) in series.as_object().unwrap() {
                for (day, entry) in series["days"].as_object().unwrap() {
                    digests.push(format!("{table} {name} {day} {}", entry["sha256"]));
                }
            }
        }
        digests
    };
    let of_folder = files(&folder);
    let of_folder = of_folder.iter().find(|(name, _)| name.ends_with("manifest.json")).unwrap().1;
    assert_eq!(digests(stored.manifest()), digests(serde_json::from_slice(of_folder).unwrap()));
    let (_, data, said) = outcome(&stored.run(&format!("sync --check --out {PLACE} --now {NOW}")));
    assert!(data.contains("daily Users: from 2026-11-19 to 2026-11-23, 5 days"), "{data}{said}");
}

/// Late days whose calls stayed the same keep their objects; nothing else is left behind.
#[test]
fn a_sync_that_brings_nothing_new_writes_no_object() {
    let stored = Stored::new();
    assert!(stored.sync().status.success());
    let before = stored.server.objects();
    stored.server.decide(|_, _, _| Fault::None);
    assert!(stored.sync().status.success());
    let written = stored.server.requests();
    let is_data = |it: &&String| it.starts_with("PUT") && it.ends_with(".parquet");
    let written: Vec<_> = written.iter().filter(is_data).collect();
    assert!(written.is_empty(), "{written:?}");
    assert!(stored.server.objects().keys().eq(before.keys()));
}

#[test]
fn keys_that_are_erased_are_in_no_object() {
    let stored = Stored::new();
    assert!(stored.sync().status.success());
    let before = stored.listed();
    let report = format!("report agents {DAYS} --format csv --history {PLACE}");
    let users = stored.succeed(&report);
    let key = users.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    stored.succeed(&format!("history forget {PLACE} {key}"));
    assert!(!stored.succeed(&report).contains(&key));
    let after = stored.listed();
    assert!(before.keys().eq(after.keys()));
    // Those with the key are gone already.
    assert_eq!(stored.data_objects(), after.len());
    assert!(stored.sync().status.success());
    assert!(!stored.succeed(&report).contains(&key));
}

/// A process that ends at any request to the store, before or after it was done.
#[test]
fn a_sync_that_is_killed_at_any_request_loses_nothing() {
    let kills = std::env::var("CALLPERF_KILLS").map_or(10, |text| text.parse().unwrap());
    let whole = Stored::new();
    assert!(whole.sync().status.success());
    let expected = whole.listed();
    let (stored, mut killed, mut runs) = (Stored::new(), 0, 0);
    while killed < kills {
        let kill = runs;
        runs += 1;
        // A new prefix now and then: a first run has other steps than later ones.
        if kill % 4 == 0 {
            stored.server.clear();
        }
        let process = Arc::new(AtomicU32::new(0));
        let (id, at) = (Arc::clone(&process), 1 + kill * 7 % 60);
        stored.server.decide(move |_, _, number| {
            if number < at || id.load(Ordering::SeqCst) == 0 {
                return Fault::None;
            }
            let id = id.swap(0, Ordering::SeqCst).to_string();
            Command::new("kill").args(["-KILL", &id]).status().unwrap();
            if kill % 2 == 0 { Fault::Lost } else { Fault::Refused(503, "SlowDown") }
        });
        let args = format!("sync --quiet --now {NOW} {KEPT} --out {PLACE}");
        let running = Running::start(&mut stored.command(&args));
        process.store(running.0.id(), Ordering::SeqCst);
        killed += usize::from(running.ended().0.is_none());
        stored.server.decide(|_, _, _| Fault::None);
        let (code, _, said) = outcome(&stored.sync());
        assert_eq!(code, 0, "{kill}: {said}");
        let found = stored.listed();
        let digests =
            |listed: &BTreeMap<String, String>| listed.values().cloned().collect::<Vec<_>>();
        assert!(found.keys().eq(expected.keys()), "{kill}");
        assert_eq!(digests(&found), digests(&expected), "{kill}");
    }
    // The next run collects what the last killed one left.
    assert!(stored.sync().status.success());
    assert_eq!(stored.data_objects(), expected.len());
}

/// Two processes at one prefix: both end well, and the history has what each wrote.
#[test]
fn two_syncs_at_the_same_time_lose_nothing() {
    let whole = Stored::new();
    assert!(whole.sync().status.success());
    let stored = Stored::new();
    stored.server.decide(|_, _, _| Fault::Slow(Duration::from_millis(5)));
    let args = format!("sync --quiet --now {NOW} {KEPT} --out {PLACE}");
    let runs = [0, 1].map(|_| Running::start(&mut stored.command(&args)));
    for mut run in runs {
        let mut said = String::new();
        run.errors().read_to_string(&mut said).unwrap();
        assert_eq!(run.ended().0, Some(0), "{said}");
    }
    let (found, expected) = (stored.listed(), whole.listed());
    assert_eq!(found, expected);
}

#[test]
fn a_store_that_fails_is_named_and_loses_nothing() {
    let stored = Stored::new();
    assert!(stored.sync().status.success());
    let before = stored.listed();
    let report = format!("report queues {DAYS} --history {PLACE}");
    let is_manifest = |name: &str| name.ends_with("manifest.json");
    // Denied.
    stored.server.decide(move |_, _, _| Fault::Refused(403, "AccessDenied"));
    for output in [stored.sync(), stored.run(&report)] {
        let (code, said) = Stored::failure(&output);
        assert_eq!(code, 6, "{said}");
        let named = "s3://calls/company/manifest.json: the store says 403 Forbidden (AccessDenied)";
        assert!(said.contains(named) && said.contains("credentials"), "{said}");
    }
    // A clock that is wrong is said to be so.
    stored.server.decide(|_, _, _| Fault::Refused(403, "RequestTimeTooSkewed"));
    let (_, said) = Stored::failure(&stored.sync());
    assert!(said.contains("RequestTimeTooSkewed") && said.contains("clock"), "{said}");
    // Cut off.
    stored.server.decide(|method, name, _| {
        let is_data = name.ends_with(".parquet") && method == "GET";
        if is_data { Fault::Cut } else { Fault::None }
    });
    let (code, said) = Stored::failure(&stored.run(&report));
    assert_ne!(code, 0);
    assert!(said.contains("scope=inbound/grouping=Queues/date=2026-11-19/part-"), "{said}");
    // Throttled now and then: tried again.
    stored.server.decide(|_, _, number| {
        if number % 3 == 0 { Fault::Refused(503, "SlowDown") } else { Fault::None }
    });
    let (code, said) = Stored::failure(&stored.sync());
    assert_eq!(code, 0, "{said}");
    // Responses that are lost: a manifest that was put is found to be its own.
    stored.server.decide(move |method, name, number| {
        let is_lost = method == "PUT" && is_manifest(name) && number % 2 == 0;
        if is_lost { Fault::Lost } else { Fault::None }
    });
    let (code, said) = Stored::failure(&stored.sync());
    assert_eq!(code, 0, "{said}");
    stored.server.decide(|_, _, _| Fault::None);
    assert_eq!(stored.listed(), before);
}

/// A data object that is gone or cut off is seen by its length, and fetched again.
#[test]
fn an_object_that_is_damaged_is_fetched_again() {
    let stored = Stored::new();
    assert!(stored.sync().status.success());
    let before = stored.listed();
    let damaged = "daily/grouping=Queues/date=2026-11-19/";
    let name = stored.server.objects().into_keys().find(|name| name.contains(damaged)).unwrap();
    stored.server.put(&name, "cut off");
    let check = stored.run(&format!("sync --check --out {PLACE} --now {NOW}"));
    let (code, data, _) = outcome(&check);
    assert_eq!(code, 5, "{data}");
    assert!(data.contains(&format!("damaged: s3://{name}: ")), "{data}");
    let (code, _, said) = outcome(&stored.sync());
    assert_eq!(code, 0, "{said}");
    assert_eq!(stored.listed(), before);
}

#[test]
fn a_store_without_conditional_put_is_refused_at_the_first_write() {
    let stored = Stored::new();
    stored.server.ignore_conditions();
    let (code, said) = Stored::failure(&stored.sync());
    assert_ne!(code, 0);
    assert!(said.contains("s3://calls/company: ") && said.contains("conditional put"), "{said}");
    assert!(!stored.server.objects().keys().any(|name| name.ends_with("manifest.json")));
    assert_eq!(stored.data_objects(), 0);
}

#[test]
fn locations_that_cannot_be_used_are_refused_before_anything_is_sent() {
    let stored = Stored::new();
    stored.server.put("calls/company/others.csv", "1,2");
    for (place, said) in [
        (PLACE, "s3://calls/company holds others.csv and no manifest.json"),
        ("s3://", "names no bucket"),
        ("s3://user:pass@calls/company", "credentials"),
        ("s3://calls/company?x=1", "no `?`"),
        ("ftp://calls/company", "s3://BUCKET/PREFIX"),
        ("https://calls.s3.amazonaws.com/company", "s3://BUCKET/PREFIX"),
    ] {
        let output = stored.run(&format!("sync --quiet --now {NOW} {KEPT} --out {place}"));
        let (code, text) = Stored::failure(&output);
        assert_eq!(code, 2, "{place}: {text}");
        assert!(text.contains(said) && !text.contains("pass@"), "{place}: {text}");
    }
    assert!(!stored.company.home.path("s3:").exists());
    let missing = stored.run(&format!("report queues {DAYS} --history s3://calls/nothing"));
    let (code, text) = Stored::failure(&missing);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("s3://calls/nothing holds no manifest.json"), "{text}");
}
