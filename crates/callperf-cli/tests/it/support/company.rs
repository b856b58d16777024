//! A sandbox, and commands at its moment.

use std::path::Path;

use serde_json::Value as Json;

use super::{Home, Served, ask, get, outcome};

pub(crate) const NOW: &str = "2026-11-24T12:00:00Z";

/// A sandbox whose requests can be counted, and commands at the same moment.
pub(crate) struct Company {
    pub(crate) home: Home,
    pub(crate) served: Served,
}

impl Company {
    pub(crate) fn of(options: &str) -> Self {
        let home = Home::new();
        let served =
            Served::start(&home, &format!("--seed 7 --limits off --control {options} --now {NOW}"));
        Self { home, served }
    }

    /// A command that must succeed; what it printed.
    pub(crate) fn run(&self, args: &str, folder: Option<&Path>) -> String {
        let mut command = self.home.command(args);
        if let Some(folder) = folder {
            command.arg("--out").arg(folder);
        }
        let (code, data, said) =
            outcome(&command.envs(self.served.variables.clone()).output().unwrap());
        assert_eq!(code, 0, "{args}: {said}");
        data
    }

    pub(crate) fn sync(&self, folder: &Path, args: &str) {
        self.run(&format!("sync --quiet --now {NOW} {args}"), Some(folder));
    }

    /// The paths of the reports' requests since the last time.
    pub(crate) fn requests(&self) -> Vec<String> {
        let address = format!("{}/sandbox/requests", self.served.variable("RC_SERVER_URL"));
        let (status, _, body) = get(&address);
        assert_eq!(status, 200, "{body}");
        ask("DELETE", &address, "");
        let all: Vec<Json> = serde_json::from_str(&body).unwrap();
        let paths = all.iter().map(|request| request["path"].as_str().unwrap().to_owned());
        paths.filter(|path| path.ends_with("/fetch")).collect()
    }
}

/// What a report prints of the API, and of the history.
pub(crate) fn both(company: &Company, folder: &Path, args: &str) -> (String, String) {
    let zone = "--time-zone America/New_York --format csv --quiet";
    let args = format!("{args} {zone} --now {NOW}");
    let sent = company.run(&args, None);
    let before = company.requests().len();
    assert!(before > 0, "{args}");
    let stored = company.run(&format!("{args} --history {}", folder.display()), None);
    assert_eq!(company.requests(), Vec::<String>::new(), "{args}");
    (sent, stored)
}
