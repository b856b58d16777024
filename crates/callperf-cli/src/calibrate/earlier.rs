//! What an earlier run found out about the same API.

use std::{io, path::Path};

use callperf::rules::Calibration;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::{Failure, target, text::read_text};

/// The parts of a calibration file that a run without such a result keeps.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    settled: Table,
    findings: Table,
}

impl Earlier {
    /// Reads the file that is there. Refuses a target that can't be written, and a file that would
    /// be lost: what isn't a calibration, can't be read as one, or is of another server.
    pub(crate) fn read(file: &Path, server: &str) -> Result<Self, Failure> {
        target::check("--out", file)?;
        // A pipe or a device has nothing that could be lost, and reading it could take for ever.
        if !file.is_file() {
            return Ok(Self::default());
        }
        match read_text(file) {
            Ok(text) if text.is_empty() => Ok(Self::default()),
            Ok(text) => Self::of(&text, server).map_err(|problem| {
                Failure::Usage(format!("--out: {} {problem}; name another file", file.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::file(file, &error)),
        }
    }

    fn of(text: &str, server: &str) -> Result<Self, String> {
        if !text.lines().any(|line| line.starts_with("schema =")) {
            return Err("isn't a calibration".to_owned());
        }
        let unreadable = |error: &str| format!("can't be read as a calibration ({error})");
        let calibration: Calibration =
            text.parse().map_err(|error: callperf::Error| unreadable(&error.to_string()))?;
        if !calibration.is_of(server) {
            let other = callperf::shown::address(calibration.server().unwrap_or_default());
            return Err(format!("is of {other}, and this run is of {server}"));
        }
        let document: DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| unreadable(error.message()))?;
        let made = document.get("made").and_then(Item::as_str).unwrap_or_default();
        let kept = |name: &str| {
            let mut table =
                document.get(name).and_then(Item::as_table).cloned().unwrap_or_default();
            for (_, entry) in table.iter_mut() {
                if let Some(entry) =
                    entry.as_table_mut().filter(|entry| !entry.contains_key("made"))
                {
                    entry["made"] = value(made);
                }
            }
            table
        };
        Ok(Self { settled: kept("settled"), findings: kept("findings") })
    }

    pub(super) fn settled(&self, name: &str) -> Option<&Table> {
        self.settled.get(name)?.as_table()
    }

    /// What was found besides. Without a value it says only why there is none.
    pub(super) fn findings(&self) -> impl Iterator<Item = (&str, &Table)> {
        let all = self.findings.iter().filter_map(|(name, entry)| Some((name, entry.as_table()?)));
        all.filter(|(_, entry)| entry.contains_key("value"))
    }

    pub(crate) fn has_settled(&self) -> bool {
        !self.settled.is_empty()
    }

    /// The assumptions that were settled.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.settled.iter().map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "schema = 1\nserver = 'https://example.com'\napi = 'calls-v1'\n\
                        made = '2026-01-02T00:00:00Z'\n[settled.week-start]\nvalue = 'sunday'\n\
                        [settled.hours-end]\nvalue = 'included'\nmade = '2025-01-02T00:00:00Z'\n\
                        [findings.sla-sum]\nvalue = 'answered'\n[findings.newest-call]\n\
                        reason = 'x'\n[end]\n";

    #[test]
    fn what_is_kept_says_when_it_was_found() {
        let earlier = Earlier::of(FILE, "https://EXAMPLE.com/").unwrap();
        let made = |name: &str| earlier.settled(name).and_then(|it| it.get("made")?.as_str());
        assert_eq!(made("week-start"), Some("2026-01-02T00:00:00Z"));
        assert_eq!(made("hours-end"), Some("2025-01-02T00:00:00Z"));
        assert_eq!(made("latency"), None);
        let names: Vec<_> = earlier.findings().map(|(name, _)| name).collect();
        assert_eq!(names, ["sla-sum"]);
    }

    #[test]
    fn a_file_that_would_be_lost_is_refused() {
        for (file, expected) in [
            ("mine = true\n".to_owned(), "isn't a calibration"),
            (FILE.replace("schema = 1", "schema = 2"), "this is version 2 of the file"),
            (FILE.replace("week-start", "week-begin"), "there is no assumption `week-begin`"),
            (FILE.replace("[end]", ""), "the file ends without its `[end]`"),
            (
                FILE.replace("example", "other"),
                "is of https://other.com, and this run is of https://example.com",
            ),
        ] {
            let problem = Earlier::of(&file, "https://example.com").unwrap_err();
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
