//! What an earlier run found out about the same API.

use std::{fmt, io, path::Path};

use callperf::rules::Calibration;
use toml_edit::{DocumentMut, Item, Table, value};

use super::verdict::{Unsettled, Verdict};
use crate::{Failure, target, text::read_text};

/// The parts of a calibration file that a run without a better result keeps.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    settled: Table,
    contradicted: Table,
    unsettled: Table,
    findings: Table,
}

/// A result of an earlier run that says more than this one's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept<'a> {
    /// The table of the file that it is in.
    pub(super) table: &'static str,
    pub(super) entry: &'a Table,
}

/// Says of an unsettled one that responses are its reason.
pub(super) const ASKED: (&str, &str) = ("asked", "yes");

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

    pub(super) fn of(text: &str, server: &str) -> Result<Self, String> {
        if !text.lines().any(|line| line.starts_with("schema =")) {
            return Err("isn't a calibration".to_owned());
        }
        let unreadable = |error: &str| format!("can't be read as a calibration ({error})");
        let calibration: Calibration =
            text.parse().map_err(|error: callperf::Error| unreadable(&error.to_string()))?;
        let document: DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| unreadable(error.message()))?;
        let made = document.get("made").and_then(Item::as_str).unwrap_or_default();
        let table = |name: &str| dated(&document, name, made);
        let earlier = Self {
            settled: table("settled"),
            contradicted: table("contradicted"),
            unsettled: table("unsettled"),
            findings: table("findings"),
        };
        if calibration.is_of(server) {
            return Ok(earlier);
        }
        // One that has only what is open was made by mistake, such as of a server that isn't there.
        if earlier.has_results() {
            let other = callperf::shown::address(calibration.server().unwrap_or_default());
            return Err(format!("is of {other}, and this run is of {server}"));
        }
        Ok(Self::default())
    }

    fn has_results(&self) -> bool {
        !self.settled.is_empty()
            || !self.contradicted.is_empty()
            || self.findings().next().is_some()
    }

    /// The earlier result, if it says more than this run's.
    pub(super) fn kept(&self, name: &str, verdict: &Verdict) -> Option<Kept<'_>> {
        let Verdict::Unsettled(Unsettled { is_observed, .. }) = verdict else { return None };
        let reason = || {
            let reason = entry(&self.unsettled, name).filter(|_| !is_observed)?;
            Some(reason).filter(|entry| text(entry, ASKED.0) == Some(ASKED.1))
        };
        let found = |table, entry| Kept { table, entry };
        let settled = entry(&self.settled, name).map(|entry| found("settled", entry));
        let contradicted = || Some(found("contradicted", entry(&self.contradicted, name)?));
        settled.or_else(contradicted).or_else(|| Some(found("unsettled", reason()?)))
    }

    /// What an earlier run found otherwise: its value, evidence and day, for the file's entry.
    pub(super) fn changed(&self, name: &str, verdict: &Verdict) -> Vec<(&'static str, String)> {
        let now = match verdict {
            Verdict::Settled { value, .. } => value.as_str(),
            Verdict::Contradicted { .. } => CONTRADICTED,
            Verdict::Unsettled(_) => return Vec::new(),
        };
        let settled = entry(&self.settled, name).map(|entry| (value_of(entry), entry));
        let contradicted = || {
            let entry = entry(&self.contradicted, name)?;
            Some((CONTRADICTED.to_owned(), entry))
        };
        let Some((before, entry)) = settled.or_else(contradicted) else { return Vec::new() };
        let text_of = |field: &str| text(entry, field).map(str::to_owned);
        if before == now {
            // It says what was before it.
            let fields = [EARLIER, EARLIER_EVIDENCE, EARLIER_MADE].into_iter();
            return fields.filter_map(|field| Some((field, text_of(field)?))).collect();
        }
        let fields = [
            (EARLIER, Some(before)),
            (EARLIER_EVIDENCE, text_of("evidence")),
            (EARLIER_MADE, text_of("made")),
        ];
        fields.into_iter().filter_map(|(field, text)| Some((field, text?))).collect()
    }

    /// The same, for a person.
    pub(super) fn change(&self, name: &str, verdict: &Verdict) -> Option<String> {
        let changed = self.changed(name, verdict);
        let text = |field: &str| changed.iter().find(|(name, _)| *name == field).map(|it| &it.1);
        let before = text(EARLIER)?;
        let before = if before == CONTRADICTED { "what no choice fits" } else { before };
        Some(format!(
            "an earlier run found {before}, on {}",
            day(text(EARLIER_MADE).map(|it| &**it))
        ))
    }

    /// What was found besides. Without a value it says only why there is none.
    pub(super) fn findings(&self) -> impl Iterator<Item = (&str, &Table)> {
        let all = self.findings.iter().filter_map(|(name, entry)| Some((name, entry.as_table()?)));
        all.filter(|(_, entry)| entry.contains_key("value"))
    }
}

const CONTRADICTED: &str = "contradicted";
const EARLIER: &str = "earlier";
const EARLIER_EVIDENCE: &str = "earlier-evidence";
const EARLIER_MADE: &str = "earlier-made";

/// The entries of a table, each with the time at which it was made.
fn dated(document: &DocumentMut, name: &str, made: &str) -> Table {
    let mut table = document.get(name).and_then(Item::as_table).cloned().unwrap_or_default();
    for (_, entry) in table.iter_mut() {
        if let Some(entry) = entry.as_table_mut().filter(|entry| !entry.contains_key("made")) {
            entry["made"] = value(made);
        }
    }
    table
}

fn entry<'a>(table: &'a Table, name: &str) -> Option<&'a Table> {
    table.get(name)?.as_table()
}

fn text<'a>(entry: &'a Table, field: &str) -> Option<&'a str> {
    entry.get(field)?.as_str()
}

/// A word, or a number.
fn value_of(entry: &Table) -> String {
    let number = || entry.get("value").and_then(Item::as_integer).map(|number| number.to_string());
    text(entry, "value").map(str::to_owned).or_else(number).unwrap_or_default()
}

fn day(made: Option<&str>) -> &str {
    made.and_then(|made| made.get(..10)).unwrap_or("an unknown day")
}

impl Kept<'_> {
    /// The name with its value, or with what was found in place of one.
    pub(super) fn title(&self, name: &str) -> String {
        match self.table {
            "settled" => format!("{name} = {}", value_of(self.entry)),
            "contradicted" => format!("{name}: no choice that is known fits"),
            _ => format!("{name} is open"),
        }
    }

    /// When it was found, and by what.
    pub(super) fn found(&self) -> String {
        let text = |field| text(self.entry, field);
        let mut found = format!("found on {}", day(text("made")));
        if let Some(evidence) = text("evidence").or_else(|| text("reason")) {
            let _ = fmt::Write::write_fmt(&mut found, format_args!(": {evidence}"));
        }
        found
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
        let open = Verdict::Unsettled(Unsettled::new("x", "x"));
        let made =
            |name: &str| earlier.kept(name, &open).and_then(|it| it.entry.get("made")?.as_str());
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
