//! CSV for spreadsheets: a column per number.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{
    number::{Change, Unit, exact_text},
    sheet::{Column, Sheet, Which},
};

impl Sheet {
    /// Writes the sheet as CSV, each number as it was sent and headed by its path
    /// in the JSON. A number that is absent is an empty field; a share is a share
    /// of one.
    ///
    /// Where numbers are compared, `.previous`, `.change` and `.change_percent`
    /// follow each. Figures that are held against targets have `.target` and `.met` after all
    /// numbers. Where the whole company is among the rows, the column `total`
    /// tells it apart.
    ///
    /// A name is what other people have typed, and a spreadsheet runs a cell that
    /// begins with `=`, `+`, `-` or `@` as a formula. A cell begins with the text, and,
    /// in a spreadsheet that separates columns by something else than a comma, again
    /// after each `;`, tab, `,`, `|` and end of a line within it. So each such sign
    /// there gets a `'` before it, which spreadsheets take for the mark of a text
    /// (OWASP, "CSV injection"); blanks and quotation marks before the sign don't hide
    /// it. Numbers are left as they are, phone numbers such as `+16505550100` among
    /// them. The other formats have each name to the letter.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        self.write_csv_as(out, CsvStyle::default())
    }

    /// The same in a style.
    pub(crate) fn write_csv_as(&self, mut out: impl Write, style: CsvStyle) -> io::Result<()> {
        if style.bom {
            out.write_all(BYTE_ORDER_MARK)?;
        }
        let names = if style.readable { self.readable_names() } else { self.field_names() };
        let mut writer = csv::Writer::from_writer(out);
        let (has_total, held) = (self.has_total(), self.columns_with_targets());
        writer.write_record(names).map_err(of_the_writer)?;
        for row in &self.rows {
            let texts = [Some(&row.key), row.name.as_ref(), row.extension_number.as_ref()];
            let mut fields: Vec<_> =
                texts.map(|text| text.map_or_else(String::new, |text| plain(text).into())).into();
            if self.interval.is_some() {
                let time = row.time.as_ref().map(|(_, text)| plain(text).into());
                fields.push(time.unwrap_or_default());
            }
            if has_total {
                fields.push(row.is_total.to_string());
            }
            for cell in &row.cells {
                let text = |number: Option<String>| number.unwrap_or_default();
                fields.push(text(cell.value.as_ref().map(ToString::to_string)));
                if self.is_compared() {
                    let change = Change::between(cell.previous.as_ref(), cell.value.as_ref());
                    fields.push(text(cell.previous.as_ref().map(ToString::to_string)));
                    fields.push(text(change.map(|change| exact_text(change.absolute))));
                    fields.push(text(change.and_then(|change| change.percent).map(exact_text)));
                }
            }
            for cell in held.iter().map(|at| &row.cells[*at]) {
                let goal = cell.target.map(|verdict| exact_text(verdict.target.goal));
                let met = cell.target.and_then(|verdict| verdict.met).map(|met| met.to_string());
                fields.extend([goal.unwrap_or_default(), met.unwrap_or_default()]);
            }
            writer.write_record(fields).map_err(of_the_writer)?;
        }
        writer.flush()
    }

    /// The headings in words, each with its unit.
    fn readable_names(&self) -> Vec<String> {
        let mut names = vec!["key".to_owned(), "name".to_owned(), "extension".to_owned()];
        let zone = &self.heading.period.time_zone;
        names.extend(self.interval.is_some().then(|| format!("time ({zone})")));
        names.extend(self.has_total().then(|| "whole company".to_owned()));
        let words: Vec<_> = self.columns.iter().map(in_full).collect();
        for (column, (name, unit)) in self.columns.iter().zip(&words) {
            names.push(format!("{name}{unit}"));
            if self.is_compared() {
                let change = if column.unit == Unit::Calls { "" } else { unit };
                names.push(format!("{name}, before{unit}"));
                names.push(format!("{name}, change{change}"));
                names.push(format!("{name}, change in %"));
            }
        }
        for (name, unit) in self.columns_with_targets().into_iter().map(|at| &words[at]) {
            names.extend([format!("{name}, target{unit}"), format!("{name}, target met")]);
        }
        names.iter().map(|name| plain(name).into_owned()).collect()
    }

    fn field_names(&self) -> Vec<String> {
        let mut names = vec!["key".to_owned(), "name".to_owned(), "extension_number".to_owned()];
        names.extend(self.interval.is_some().then(|| "time".to_owned()));
        names.extend(self.has_total().then(|| "total".to_owned()));
        for path in self.columns.iter().map(Column::path) {
            // A word of the answer may be any text.
            let path = plain(&path).into_owned();
            if self.is_compared() {
                let more =
                    ["previous", "change", "change_percent"].map(|it| format!("{path}.{it}"));
                names.push(path);
                names.extend(more);
            } else {
                names.push(path);
            }
        }
        for column in self.columns_with_targets().into_iter().map(|at| &self.columns[at]) {
            names.extend(["target", "met"].map(|it| format!("{}.{it}", column.path())));
        }
        names
    }
}

/// How CSV is written beyond its numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CsvStyle {
    /// Headings are words, for people.
    pub(crate) readable: bool,
    /// A byte order mark comes first, by which Excel knows UTF-8.
    pub(crate) bom: bool,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A column in words that no other column has, and its unit.
fn in_full(column: &Column) -> (String, &'static str) {
    let heading = column.heading();
    let is_figure = matches!(column.which(), Which::Kpi(_));
    let name = match column.block().filter(|_| !is_figure) {
        Some(block) => format!("{block}: {heading}"),
        None => heading,
    };
    let unit = match column.unit {
        Unit::Calls => "",
        Unit::Seconds => " (seconds)",
        Unit::Share => " (share of 1)",
        Unit::Percent => " (%)",
    };
    (name, unit)
}

/// Writes texts as CSV, those that a spreadsheet would run as formulas made plain.
pub(super) fn write_texts(
    out: impl Write,
    names: &[String],
    rows: &[Vec<String>],
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(names).map_err(of_the_writer)?;
    for row in rows {
        let fields = row.iter().map(|text| plain(text).into_owned());
        writer.write_record(fields).map_err(of_the_writer)?;
    }
    writer.flush()
}

/// The writer's own error, by whose kind a reader that has gone is known.
fn of_the_writer(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A text that a spreadsheet takes for a text, wherever it has a cell begin.
fn plain(text: &str) -> Cow<'_, str> {
    // A tab or an end of a line is dropped from the beginning, and what follows is
    // taken for the beginning (OWASP).
    let first = text.starts_with(['\0', '\t', '\r', '\n']).then_some(0);
    let others = cells(text).filter_map(|(at, cell)| Some(at + formula(cell)?));
    let starts: Vec<_> = first.into_iter().chain(others).collect();
    if starts.is_empty() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + starts.len());
    let mut done = 0;
    for start in starts {
        out.extend([&text[done..start], "'"]);
        done = start;
    }
    out.push_str(&text[done..]);
    out.into()
}

/// The cells that some spreadsheet makes of a text, each with its place. A separator
/// is the last character of its cell.
fn cells(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let separates =
        |c: char| matches!(c, ';' | ',' | '|' | '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut at = 0;
    text.split_inclusive(separates).map(move |cell| {
        let start = at;
        at += cell.len();
        (start, cell)
    })
}

/// Where a cell begins to be a formula, if it is one.
fn formula(cell: &str) -> Option<usize> {
    let skipped = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\u{feff}');
    let begun = cell.trim_start_matches(skipped);
    let mut characters = begun.chars();
    let is_formula = match characters.next()? {
        // Signs, and those of full width.
        '=' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}' => true,
        // A number is what it says.
        '+' | '-' => {
            let rest =
                characters.as_str().trim_end_matches([';', ',', '|', '"', ' ', '\t', '\n', '\r']);
            !rest.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    is_formula.then(|| cell.len() - begun.len())
}

#[cfg(test)]
mod tests {
    use callperf::Api;
    use serde_json::Number;

    use super::*;
    use crate::render::{Cell, Entry, Heading, Report, Span, entries};

    fn read(answer: &serde_json::Value) -> Vec<callperf::Record> {
        use callperf::{Breakdown, Client, Credentials, GroupBy, Period, Query};
        let client = Client::builder().credentials(Credentials::jwt("", "", "")).build().unwrap();
        let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC");
        let call = client.aggregate(&query.calls(Breakdown::Direction));
        call.read(answer.to_string().as_bytes()).unwrap().records
    }

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
        let harmless = [
            "",
            "Ada =1",
            "Ünïcode",
            "'=1",
            "101",
            "*1",
            "+16505550100",
            "-7",
            "Sales, EMEA; Support",
            "+16505550100; +16505550101",
            "a=b;c=d",
            "Lund, Ada-Maria",
            "12-13, 14+15",
        ];
        for name in harmless {
            assert_eq!(plain(name), name);
        }
        let names = ["=A1", "\tA1", "=HYPERLINK(\"http://x\",\"y\")", "Ada"];
        assert_eq!(
            written(&Sheet::from(&report(&names))),
            "key,name,extension_number\n1,'=A1,\n1,'\tA1,\n1,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",\n1,Ada,\n"
        );
    }

    #[test]
    fn no_part_of_a_name_is_a_formula() {
        for (name, guarded) in [
            ("x;=1+1;", "x;'=1+1;"),
            ("x; =1+1", "x; '=1+1"),
            ("x\t=1+1", "x\t'=1+1"),
            ("x,@SUM(A1)|-cmd", "x,'@SUM(A1)|'-cmd"),
            ("x\n+cmd\r\n=1", "x\n'+cmd\r\n'=1"),
            ("x;\"=1+1\"", "x;\"'=1+1\""),
            ("x;\u{ff1d}1", "x;'\u{ff1d}1"),
            ("x\u{2028}=1", "x\u{2028}'=1"),
            (" =1+1", " '=1+1"),
            ("\u{feff}=1", "\u{feff}'=1"),
            ("\u{a0}-a", "\u{a0}'-a"),
            ("=1;=2", "'=1;'=2"),
            ("+1650;+1651a", "+1650;'+1651a"),
        ] {
            assert_eq!(plain(name), guarded);
            assert_eq!(plain(guarded), guarded, "a guarded text stays");
        }
    }

    #[test]
    fn a_word_of_the_answer_is_no_formula_in_the_heading() {
        let mut report = report(&["Ada"]);
        let answer = serde_json::json!({
            "data": {"groupedBy": "Users", "records": [{
                "key": "1",
                "counters": {"callsByDirection": {
                    "valueType": "Instances", "values": {"x;=1+1": 7.0},
                }},
            }]},
            "paging": {"page": 1, "perPage": 200, "totalPages": 1, "totalElements": 1},
        });
        report.entries = entries(&read(&answer), &[]);
        let written = written(&Sheet::from(&report));
        let heading = written.lines().next().unwrap();
        assert_eq!(heading, "key,name,extension_number,calls.by_direction.x;'=1+1");
    }

    #[test]
    fn a_number_below_zero_stays_one() {
        let number = |text: &str| Some(serde_json::from_str::<Number>(text).unwrap());
        let mut report = report(&["Ada"]);
        report.kpis = vec![callperf::Kpi::AverageHandleTime];
        report.heading.previous_period = Some(report.heading.period.clone());
        let mut sheet = Sheet::from(&report);
        sheet.rows[0].cells =
            vec![Cell { value: number("-1.5"), previous: number("2"), target: None }];
        let line = written(&sheet).lines().last().unwrap().to_owned();
        assert_eq!(line, "1,Ada,,-1.5,2,-3.5,-175");
    }
}
