//! Tables for wikis and chats.

use std::io::{self, Write};

use super::{
    NO_RECORDS, TARGETS, TOTAL_NOTE,
    escape::{escaped, line},
    number::{ABSENT, Change},
    sheet::{Row, Sheet, with_mark},
};

impl Sheet {
    /// Writes the sheet as one table in `GitHub`'s Markdown, names in full.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_markdown(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "**{}**", escaped(&self.title_line()))?;
        if let Some(line) = self.comparison_line() {
            writeln!(out, "\n{}", escaped(&line))?;
        }
        if self.rows.is_empty() {
            return writeln!(out, "\n{NO_RECORDS}");
        }
        let mut heading = vec![String::new()];
        let mut rule = vec![":--".to_owned()];
        if self.interval.is_some() {
            heading.push("time".to_owned());
            rule.push(":--".to_owned());
        }
        for column in &self.columns {
            // A word of the answer may be any text.
            let name = escaped(&column.heading());
            if self.is_compared() {
                heading.extend([name.clone(), format!("{name} ±"), format!("{name} ± %")]);
                rule.extend(["--:".to_owned(), "--:".to_owned(), "--:".to_owned()]);
            } else {
                heading.push(name);
                rule.push("--:".to_owned());
            }
        }
        writeln!(out)?;
        line(out, &heading)?;
        line(out, &rule)?;
        for row in &self.rows {
            line(out, &self.cells(row))?;
        }
        let targets = self.target_lines();
        if !targets.is_empty() {
            writeln!(out, "\n{TARGETS}\n")?;
        }
        for line in targets {
            writeln!(out, "- {}", escaped(&line))?;
        }
        if self.has_total() { writeln!(out, "\n{TOTAL_NOTE}") } else { Ok(()) }
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let mut cells = vec![escaped(row.label())];
        if let Some((_, text)) = &row.time {
            cells.push(escaped(text));
        }
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            let is_marked = cell.target.is_some();
            cells.push(with_mark(cell, column.unit, is_marked));
            if self.is_compared() {
                let change = Change::between(cell.previous.as_ref(), cell.value.as_ref());
                let or_absent = |text: Option<String>| text.unwrap_or_else(|| ABSENT.to_owned());
                cells.push(or_absent(change.map(|change| change.absolute_shown(column.unit))));
                cells.push(or_absent(change.map(|change| change.percent_shown())));
            }
        }
        cells
    }
}
