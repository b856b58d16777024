//! The calibration file.

use std::{io, path::Path};

use callperf::rules::{ASSUMPTIONS, Calibration};
use toml_edit::{DocumentMut, Item, Table, value};

use super::{
    period::{Setup, instant},
    report::Outcomes,
    verdict::{Finding, Unsettled, Verdict},
};
use crate::{Failure, target, text::read_text};

/// The version that this program, the SDK and the sandbox of the same version read.
const SCHEMA: i64 = 1;

const HEAD: &str = "\
# What `callperf calibrate` found out about an API. It has no names, keys and phone numbers in it.
# Use it with --calibration FILE, or `calibration` in a profile. CONTRIBUTING.md says how to hand
# it in.
";

/// The file's text.
pub(crate) fn written(outcomes: &Outcomes, setup: &Setup, server: &str) -> String {
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
        if let Some(verdict) = outcomes.verdicts.get(assumption.name) {
            let (table, fields) = fields(verdict);
            put(&mut document, table, assumption.name, &fields);
        }
    }
    for (name, found) in &outcomes.findings {
        let fields = match found {
            Ok(Finding { value, evidence }) => vec![("value", value), ("evidence", evidence)],
            Err(Unsettled { reason, needs }) => vec![("reason", reason), ("needs", needs)],
        };
        put(&mut document, "findings", name, &fields);
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

fn put(document: &mut DocumentMut, table: &str, name: &str, fields: &[(&str, &String)]) {
    let tables = document.entry(table).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let mut entry = Table::new();
    for (field, text) in fields {
        entry[*field] = value(text.as_str());
    }
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

fn is_calibration(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("schema ="))
}

/// How many assumptions the file that is there has settled. Refuses a target that can't be
/// written, and a file that isn't a calibration.
pub(crate) fn check(file: &Path) -> Result<usize, Failure> {
    target::check("--out", file)?;
    // A pipe or a device has nothing that could be lost, and reading it could take for ever.
    if !file.is_file() {
        return Ok(0);
    }
    match read_text(file) {
        Ok(text) if text.is_empty() || is_calibration(&text) => {
            // What can't be followed any more settles nothing.
            Ok(text.parse::<Calibration>().map_or(0, |it| it.all_settled().count()))
        }
        Ok(_) => Err(Failure::Usage(format!(
            "--out: {} is there and isn't a calibration; name another file",
            file.display()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Failure::file(file, &error)),
    }
}
