//! The company's directory, as it is shown.

use std::io::{self, Write};

use callperf::{
    Notice,
    directory::{Entry, Listing, ServiceLevel},
};
use schemars::JsonSchema;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::{
    csv,
    escape::{escaped, line, plain},
};
use crate::console::say_once;

/// Entries of the directory, with what a reader should know.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Company {
    pub(crate) entries: Vec<CompanyEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notices: Vec<String>,
}

/// An entry, and who belongs to it if that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CompanyEntry {
    #[serde(flatten)]
    pub(crate) entry: Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<Vec<Entry>>,
}

/// The fields of an entry, by their names in CSV.
const FIELDS: [(&str, Field); 11] = [
    ("key", |entry| entry.key.clone()),
    ("name", |entry| entry.name.clone().unwrap_or_default()),
    ("extension_number", |entry| entry.extension_number.clone().unwrap_or_default()),
    ("kind", |entry| entry.kind.to_string()),
    ("status", |entry| text(entry.status.as_ref())),
    ("site", |entry| entry.site.as_ref().and_then(|site| site.name.clone()).unwrap_or_default()),
    ("department", |entry| entry.department.clone().unwrap_or_default()),
    ("goal_percent", |entry| level(entry, |level| level.goal_percent.map(|it| it.to_string()))),
    ("threshold_seconds", |entry| {
        level(entry, |level| level.threshold_seconds.map(|it| it.to_string()))
    }),
    ("counts_abandoned", |entry| {
        level(entry, |level| level.counts_abandoned.map(|it| it.to_string()))
    }),
    ("abandoned_threshold_seconds", |entry| {
        level(entry, |level| level.abandoned_threshold_seconds.map(|it| it.to_string()))
    }),
];

type Field = fn(&Entry) -> String;

fn text(item: Option<&impl ToString>) -> String {
    item.map(ToString::to_string).unwrap_or_default()
}

fn level(entry: &Entry, field: impl Fn(&ServiceLevel) -> Option<String>) -> String {
    entry.service_level.as_ref().and_then(field).unwrap_or_default()
}

/// A row: what the entry belongs to, and the entry.
type Row<'a> = (Option<&'a Entry>, &'a Entry);

impl Company {
    pub(crate) fn new(listing: &Listing) -> Self {
        let mut company = Self { entries: Vec::new(), notices: Vec::new() };
        company.say(&listing.notices);
        company
    }

    pub(crate) fn say(&mut self, notices: &[Notice]) {
        for notice in notices {
            say_once(&mut self.notices, notice.to_string());
        }
    }

    /// An entry without members has a row when members are asked for, too.
    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for CompanyEntry { entry, members } in &self.entries {
            match members {
                None => rows.push((None, entry)),
                Some(members) => rows.extend(members.iter().map(|one| (Some(entry), one))),
            }
        }
        rows
    }

    fn has_members(&self) -> bool {
        self.entries.iter().any(|entry| entry.members.is_some())
    }

    /// The headings, and the cells of each row.
    fn cells(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let of = if self.has_members() { &["of_key", "of_name"][..] } else { &[] };
        let names = of.iter().copied().chain(FIELDS.map(|(name, _)| name));
        let row = |(of, entry): Row<'_>| {
            let of = of.map(|of| [of.key.clone(), of.name.clone().unwrap_or_default()]);
            let own = FIELDS.map(|(_, field)| field(entry));
            of.into_iter().flatten().chain(own).collect()
        };
        (names.map(str::to_owned).collect(), self.rows().into_iter().map(row).collect())
    }

    /// The same without columns that are empty in each row, for people.
    fn filled_cells(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let (names, rows) = self.cells();
        let is_filled = |column: usize| rows.iter().any(|row| !row[column].is_empty());
        let columns: Vec<_> = (0..names.len()).filter(|column| is_filled(*column)).collect();
        let of =
            |cells: &Vec<String>| columns.iter().map(|column| cells[*column].clone()).collect();
        let headings = columns.iter().map(|column| names[*column].replace('_', " ")).collect();
        (headings, rows.iter().map(of).collect())
    }

    pub(crate) fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        if self.rows().is_empty() {
            return writeln!(out, "{NO_ENTRIES}");
        }
        let (headings, rows) = self.filled_cells();
        let rows: Vec<Vec<_>> = [headings]
            .into_iter()
            .chain(rows)
            .map(|row| row.iter().map(|cell| plain(cell)).collect())
            .collect();
        let widths: Vec<_> = (0..rows[0].len())
            .map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or_default())
            .collect();
        for row in &rows {
            let cells = row.iter().zip(&widths);
            let padded =
                cells.map(|(cell, width)| cell.clone() + &" ".repeat(width - cell.width()));
            writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }

    pub(crate) fn write_markdown(&self, out: &mut impl Write) -> io::Result<()> {
        if self.rows().is_empty() {
            return writeln!(out, "{NO_ENTRIES}");
        }
        let (headings, rows) = self.filled_cells();
        line(out, &headings)?;
        line(out, &headings.iter().map(|_| ":--".to_owned()).collect::<Vec<_>>())?;
        for row in rows {
            let cells: Vec<_> = row.iter().map(|cell| escaped(cell)).collect();
            line(out, &cells)?;
        }
        Ok(())
    }

    pub(crate) fn write_ndjson(&self, out: &mut impl Write) -> io::Result<()> {
        for entry in &self.entries {
            serde_json::to_writer(&mut *out, entry)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(crate) fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let (names, rows) = self.cells();
        csv::write_texts(out, &names, &rows)
    }
}

const NO_ENTRIES: &str = "No entries.";
