//! `callperf sync` at the fewest requests, and what reads its history.

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use crate::support::{Home, Served, get, outcome};

const NOW: &str = "2026-11-24T12:00:00Z";

/// A sandbox whose requests can be counted, and commands at the same moment.
struct Company {
    home: Home,
    served: Served,
}

impl Company {
    fn of(options: &str) -> Self {
        let home = Home::new();
        let served = Served::start(&home, &format!("--seed 7 --control {options} --now {NOW}"));
        Self { home, served }
    }

    /// A command that must succeed; what it printed.
    fn run(&self, args: &str, folder: Option<&Path>) -> String {
        let mut command = self.home.command(args);
        if let Some(folder) = folder {
            command.arg("--out").arg(folder);
        }
        let (code, data, said) =
            outcome(&command.envs(self.served.variables.clone()).output().unwrap());
        assert_eq!(code, 0, "{args}: {said}");
        data
    }

    fn sync(&self, folder: &Path, args: &str) {
        self.run(&format!("sync --quiet --now {NOW} {args}"), Some(folder));
    }

    /// The paths of the reports' requests since the last time.
    fn requests(&self) -> Vec<String> {
        let address = format!("{}/sandbox/requests", self.served.variable("RC_SERVER_URL"));
        let (status, _, body) = get(&address);
        assert_eq!(status, 200, "{body}");
        support::ask("DELETE", &address, "");
        let all: Vec<Json> = serde_json::from_str(&body).unwrap();
        let paths = all.iter().map(|request| request["path"].as_str().unwrap().to_owned());
        paths.filter(|path| path.ends_with("/fetch")).collect()
    }
}

/// Every file of a folder but the lock, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("sync.lock") {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn kinds(requests: &[String]) -> (usize, usize) {
    let timelines = requests.iter().filter(|path| path.contains("timeline")).count();
    (requests.len() - timelines, timelines)
}

/// With P pages of 20 keys over all groupings: P for days, 3 P for figures, and one for the account.
#[test]
fn days_and_figures_take_a_request_for_twenty_keys() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(
        &folder,
        "--from 2026-10-01 --hourly none --figures company,queues,users,sites --daily none",
    );
    let pages = 1 + 1 + 2 + 1;
    assert_eq!(kinds(&company.requests()), (1, 4 * pages));
    let days = 31 + 23;
    assert_eq!(files(&folder).len(), 4 * 4 * days + 1);
    // A night later nothing is new, and the last two days are fetched again.
    company.sync(&folder, "");
    assert_eq!(kinds(&company.requests()).1, 4 * 3, "users by two aggregations instead");
}

/// Day timelines give the same files as aggregations.
#[test]
fn a_day_is_the_same_bytes_by_either_request() {
    let company = Company::of("--users 60");
    let (whole, again) = (company.home.path("whole"), company.home.path("again"));
    let kept = "--hourly none --daily users --figures users --time-zone America/New_York";
    company.sync(&whole, &format!("--from 2026-11-18 {kept}"));
    // Calls that were abandoned had only two pages of users.
    assert_eq!(kinds(&company.requests()), (1, 3 + 3 + 3 + 2));
    company.sync(&again, &format!("--from 2026-11-22 {kept}"));
    company.requests();
    for day in ["2026-11-21", "2026-11-20", "2026-11-19", "2026-11-18"] {
        // With the last two days three, of three pages of twenty keys or one of two hundred.
        company.sync(&again, &format!("--from {day} --hourly none --daily users --figures users"));
        assert_eq!(kinds(&company.requests()), (1 + 4 * 3, 0));
    }
    let (one, other) = (files(&whole), files(&again));
    assert!(one.keys().eq(other.keys()));
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
}
