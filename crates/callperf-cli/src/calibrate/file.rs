//! The calibration file.

use std::{
    io,
    path::{Path, PathBuf},
};

use callperf::rules::ASSUMPTIONS;
use callperf_history::files::Target as Place;
use toml_edit::{DocumentMut, Item, Table, value};

use super::{
    earlier::{ASKED, Earlier},
    period::{Setup, instant},
    report::Outcomes,
    verdict::{Finding, Unsettled, Verdict},
};
use crate::{Failure, target};

/// The version that this program, the SDK and the sandbox of the same version read.
const SCHEMA: i64 = 1;

const HEAD: &str = "\
# What `callperf calibrate` found out about an API. It has no names, keys and phone numbers in it.
# Use it with --calibration FILE, or `calibration` in a profile. How to hand it in, and what each
# field means: docs/calibrations.md of callperf-cli.
";

/// An earlier run's results say in `made` when they were found.
const OF_THE_LAST_RUN: &str = "\n# Of the last run alone:\n";

/// The file's text. What an earlier run found out and this one doesn't is kept.
pub(crate) fn written(
    outcomes: &Outcomes,
    setup: &Setup,
    server: &str,
    earlier: &Earlier,
) -> String {
    let mut document = DocumentMut::new();
    document["schema"] = value(SCHEMA);
    document["server"] = value(server);
    document["api"] = value("calls-v1");
    document["made"] = value(instant(setup.now.as_second(), 0));
    document["from"] = value(instant(setup.from, 0));
    document["to"] = value(instant(setup.to(), 0));
    document["requests"] = value(i64::from(outcomes.requests));
    document["refusals"] = value(i64::from(outcomes.refusals));
    for assumption in ASSUMPTIONS {
        let name = assumption.name;
        let Some(verdict) = outcomes.verdicts.get(name) else { continue };
        if let Some(kept) = earlier.kept(name, verdict) {
            put(&mut document, kept.table, name, kept.entry.clone());
            continue;
        }
        let (table, mut fields) = fields(verdict);
        let changed = earlier.changed(name, verdict);
        fields.extend(changed.iter().map(|(field, text)| (*field, text.as_str())));
        put(&mut document, table, name, entry(&fields));
    }
    if let Some(mut key) = document.key_mut("made") {
        key.leaf_decor_mut().set_prefix(OF_THE_LAST_RUN);
    }
    for (name, entry) in earlier.findings().filter(|(name, _)| !outcomes.has_found(name)) {
        put(&mut document, "findings", name, entry.clone());
    }
    let kept = |name: &str| earlier.findings().any(|(other, _)| other == name);
    for (name, found) in &outcomes.findings {
        if found.is_err() && kept(name) {
            continue;
        }
        let fields = match found {
            Ok(Finding { value, evidence }) => {
                vec![("value", value.as_str()), ("evidence", evidence.as_str())]
            }
            Err(Unsettled { reason, needs, .. }) => {
                vec![("reason", reason.as_str()), ("needs", needs.as_str())]
            }
        };
        put(&mut document, "findings", name, entry(&fields));
    }
    // The last, so that a file that was cut off lacks it.
    document["end"] = Item::Table(Table::new());
    format!("{HEAD}\n{document}")
}

fn fields(verdict: &Verdict) -> (&'static str, Vec<(&'static str, &str)>) {
    match verdict {
        Verdict::Settled { value, evidence } => {
            ("settled", vec![("value", value), ("evidence", evidence)])
        }
        Verdict::Contradicted { evidence, response } => {
            ("contradicted", vec![("evidence", evidence), ("response", response)])
        }
        Verdict::Unsettled(Unsettled { reason, needs, is_observed }) => {
            let mut fields = vec![("reason", reason.as_str()), ("needs", needs.as_str())];
            if *is_observed {
                fields.push(ASKED);
            }
            ("unsettled", fields)
        }
    }
}

fn entry(fields: &[(&str, &str)]) -> Table {
    let mut entry = Table::new();
    for (field, text) in fields {
        entry[*field] = value(*text);
    }
    entry
}

fn put(document: &mut DocumentMut, table: &str, name: &str, mut entry: Table) {
    let tables = document.entry(table).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    // One that is taken over has the place that it had in its own file.
    entry.set_position(None);
    tables[name] = Item::Table(entry);
}

/// Where the file goes.
pub(crate) struct Target {
    file: PathBuf,
    /// Whether it is replaced as a whole, so that it can be written again and again.
    is_regular: bool,
    is_written: bool,
}

impl Target {
    pub(crate) fn new(file: &Path) -> Self {
        let is_regular = matches!(Place::of(file), Ok(Place::Regular(_)));
        Self { file: file.to_owned(), is_regular, is_written: false }
    }

    /// Whether it is standard output, which the report goes to otherwise.
    pub(crate) fn is_standard_output(&self) -> bool {
        matches!(Place::of(&self.file), Ok(Place::Descriptor(1)))
    }

    /// Writes what is known so far. A pipe and a device get it once, in the end.
    pub(crate) fn keep(&mut self, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.is_regular { self.save(&text()) } else { Ok(()) }
    }

    /// Writes what is known in the end.
    pub(crate) fn finish(&mut self, text: &str) -> Result<(), Failure> {
        self.save(text)
    }

    /// A file without any result would only be in the way of a later run. A pipe's reader waits.
    pub(crate) fn needs_a_result(&self) -> bool {
        self.is_regular
    }

    pub(crate) fn is_written(&self) -> bool {
        self.is_written
    }

    fn save(&mut self, text: &str) -> Result<(), Failure> {
        target::write(&self.file, text.as_bytes()).map_err(|error| match error.kind() {
            // As if the reader of standard output had gone.
            io::ErrorKind::BrokenPipe => Failure::Output(error),
            _ => Failure::file(&self.file, &error),
        })?;
        self.is_written = true;
        Ok(())
    }
}
