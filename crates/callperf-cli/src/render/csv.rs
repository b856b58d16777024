//! CSV for spreadsheets: a column per number.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{number::Change, sheet::Sheet};

impl Sheet {
    /// Writes the sheet as CSV, each number as it was sent and headed by its path
    /// in the JSON. A number that is absent is an empty field; a share is a share
    /// of one.
    ///
    /// Where numbers are compared, `.previous`, `.change` and `.change_percent`
    /// follow each. Where the whole company is among the rows, the column `total`
    /// tells it apart.
    ///
    /// A name is what other people have typed, and a spreadsheet takes a text that
    /// begins with `=`, `+`, `-` or `@`, or with a tab or the end of a line, for a
    /// formula and runs it. Such a text gets a `'` before it, which spreadsheets take
    /// for the mark of a text (OWASP, "CSV injection"). Numbers are left as they are,
    /// phone numbers such as `+16505550100` among them. The other formats have each
    /// name to the letter.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(self.field_names()).map_err(of_the_writer)?;
        for row in &self.rows {
            let texts = [Some(&row.key), row.name.as_ref(), row.extension_number.as_ref()];
            let mut fields: Vec<_> =
                texts.map(|text| text.map_or_else(String::new, |text| plain(text).into())).into();
            if self.interval.is_some() {
                fields.push(row.time.as_ref().map(|(_, text)| text.clone()).unwrap_or_default());
            }
            if self.has_total() {
                fields.push(row.is_total.to_string());
            }
            for cell in &row.cells {
                let text = |number: Option<String>| number.unwrap_or_default();
                fields.push(text(cell.value.as_ref().map(ToString::to_string)));
                if self.is_compared() {
                    let change = Change::between(cell.previous.as_ref(), cell.value.as_ref());
                    fields.push(text(cell.previous.as_ref().map(ToString::to_string)));
                    fields.push(text(change.map(|change| change.absolute.to_string())));
                    let percent = change.and_then(|change| change.percent);
                    fields.push(text(percent.map(|percent| percent.to_string())));
                }
            }
            writer.write_record(fields).map_err(of_the_writer)?;
        }
        writer.flush()
    }

    fn field_names(&self) -> Vec<String> {
        let mut names = vec!["key".to_owned(), "name".to_owned(), "extension_number".to_owned()];
        names.extend(self.interval.is_some().then(|| "time".to_owned()));
        names.extend(self.has_total().then(|| "total".to_owned()));
        for path in self.columns.iter().map(super::sheet::Column::path) {
            if self.is_compared() {
                let more =
                    ["previous", "change", "change_percent"].map(|it| format!("{path}.{it}"));
                names.push(path);
                names.extend(more);
            } else {
                names.push(path);
            }
        }
        names
    }
}

/// The writer's own error, by whose kind a reader that has gone is known.
fn of_the_writer(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A text that a spreadsheet takes for a text.
fn plain(text: &str) -> Cow<'_, str> {
    let mut characters = text.chars();
    let is_formula = match characters.next() {
        // Signs, and those of full width.
        Some(
            '=' | '@' | '\t' | '\r' | '\n' | '\0' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}'
            | '\u{ff20}',
        ) => true,
        // A number is what it says.
        Some('+' | '-') => !characters.as_str().bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    if is_formula { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use callperf::Api;
    use serde_json::Number;

    use super::*;
    use crate::render::{Cell, Entry, Heading, Report, Span};

    fn written(sheet: &Sheet) -> String {
        let mut out = Vec::new();
        sheet.write_csv(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// A row for each name, of a report that says nothing else.
    fn report(names: &[&str]) -> Report {
        let instant = "2026-11-24T00:00:00Z".parse().unwrap();
        let period = Span { from: instant, to: instant, time_zone: "UTC".to_owned() };
        let mut report = Report::new(Heading::new(Api::CallsV1, "users", period), &[]);
        report.entries = names
            .iter()
            .map(|name| Entry {
                key: "1".to_owned(),
                name: Some((*name).to_owned()),
                ..Entry::default()
            })
            .collect();
        report
    }

    #[test]
    fn a_name_is_no_formula() {
        for name in [
            "=1+1",
            "\u{ff1d}1",
            "+Ada",
            "-2+3+cmd|' /C calc'!A0",
            "@SUM(A1)",
            "=1",
            "+1 650",
            "-1.5",
        ] {
            assert_eq!(plain(name), format!("'{name}"));
        }
        for name in ["", "Ada =1", "Ünïcode", "'=1", "101", "*1", "+16505550100", "-7"] {
            assert_eq!(plain(name), name);
        }
        let names = ["=A1", "\tA1", "=HYPERLINK(\"http://x\",\"y\")", "Ada"];
        assert_eq!(
            written(&Sheet::from(&report(&names))),
            "key,name,extension_number\n1,'=A1,\n1,'\tA1,\n1,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",\n1,Ada,\n"
        );
    }

    #[test]
    fn a_number_below_zero_stays_one() {
        let number = |text: &str| Some(serde_json::from_str::<Number>(text).unwrap());
        let mut report = report(&["Ada"]);
        report.kpis = vec![callperf::Kpi::AverageHandleTime];
        report.heading.previous_period = Some(report.heading.period.clone());
        let mut sheet = Sheet::from(&report);
        sheet.rows[0].cells = vec![Cell { value: number("-1.5"), previous: number("2") }];
        let line = written(&sheet).lines().last().unwrap().to_owned();
        assert_eq!(line, "1,Ada,,-1.5,2,-3.5,-175");
    }
}
