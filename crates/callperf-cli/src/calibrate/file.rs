//! The calibration file.

use std::{io, path::Path};

use callperf::rules::ASSUMPTIONS;
use toml_edit::{DocumentMut, Item, Table, value};

use super::{
    earlier::Earlier,
    period::{Setup, instant},
    report::Outcomes,
    verdict::{Finding, Unsettled, Verdict},
};
use crate::{Failure, target};

/// The version that this program, the SDK and the sandbox of the same version read.
const SCHEMA: i64 = 1;

const HEAD: &str = "\
# What `callperf calibrate` found out about an API. It has no names, keys and phone numbers in it.
# Use it with --calibration FILE, or `calibration` in a profile. CONTRIBUTING.md says how to hand
# it in.
";

/// The file's text. What this run leaves open and an earlier one had settled stays settled.
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
        if let Some(entry) = earlier.settled(name).filter(|_| outcomes.is_open(name)) {
            put(&mut document, "settled", name, entry.clone());
        } else if let Some(verdict) = outcomes.verdicts.get(name) {
            let (table, fields) = fields(verdict);
            put(&mut document, table, name, entry(&fields));
        }
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
            Ok(Finding { value, evidence }) => vec![("value", value), ("evidence", evidence)],
            Err(Unsettled { reason, needs }) => vec![("reason", reason), ("needs", needs)],
        };
        put(&mut document, "findings", name, entry(&fields));
    }
    // The last, so that a file that was cut off lacks it.
    document["end"] = Item::Table(Table::new());
    format!("{HEAD}\n{document}")
}

fn fields(verdict: &Verdict) -> (&'static str, Vec<(&'static str, &String)>) {
    match verdict {
        Verdict::Settled { value, evidence } => {
            ("settled", vec![("value", value), ("evidence", evidence)])
        }
        Verdict::Contradicted { evidence, response } => {
            ("contradicted", vec![("evidence", evidence), ("response", response)])
        }
        Verdict::Unsettled(Unsettled { reason, needs }) => {
            ("unsettled", vec![("reason", reason), ("needs", needs)])
        }
    }
}

fn entry(fields: &[(&str, &String)]) -> Table {
    let mut entry = Table::new();
    for (field, text) in fields {
        entry[*field] = value(text.as_str());
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

/// Replaces the file as a whole.
pub(crate) fn save(file: &Path, text: &str) -> Result<(), Failure> {
    target::write(file, text.as_bytes()).map_err(|error| match error.kind() {
        // As if the reader of standard output had gone.
        io::ErrorKind::BrokenPipe => Failure::Output(error),
        _ => Failure::file(file, &error),
    })
}
