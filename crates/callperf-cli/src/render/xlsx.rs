//! Workbooks for spreadsheets.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use callperf::Interval;
use jiff::{ZonedDateTime, tz::TimeZone};
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError, column_number_to_name,
};
use serde_json::Number;

use super::{
    number::{Change, Unit},
    sheet::{Column, Row, Sheet},
};
use crate::model::targets::Direction;

/// What a sheet of a workbook holds, its heading included.
const MOST_ROWS: usize = 1_048_576;
const MOST_COLUMNS: usize = 16_384;
/// What a cell holds.
const MOST_CHARACTERS: usize = 32_767;
/// On paper.
const READABLE_COLUMNS: u16 = 16;
const DAY: f64 = 86_400.0;

type Done = Result<(), XlsxError>;

impl Sheet {
    /// Says why a workbook can't hold the sheet, if it can't.
    pub(crate) fn exceeds_workbook(&self) -> Option<String> {
        let (rows, columns) = (self.rows.len() + 1, 5 * self.columns.len() + 5);
        if rows > MOST_ROWS {
            return Some(format!(
                "there are {} rows, and a sheet of a workbook holds {}; ask for a shorter period or \
                 fewer keys, or write --format csv or parquet",
                self.rows.len(),
                MOST_ROWS - 1
            ));
        }
        (columns > MOST_COLUMNS).then(|| {
            "a sheet of a workbook doesn't hold so many columns; write --format csv or parquet"
                .to_owned()
        })
    }

    /// Writes the sheet as a workbook: a sheet for each table that a terminal shows, and one with
    /// what was asked and what each number means.
    ///
    /// Durations, percentages, dates and times are numbers that a spreadsheet computes with: a
    /// duration is a part of a day, and a time is the one on the clock of the report's zone. An
    /// absent number is an empty cell. Names are texts, also those that begin like a formula. A figure that is
    /// held against a target has the goal beside it, and a conditional format that compares the two.
    ///
    /// # Errors
    /// What the writer says, and more rows or columns than a sheet holds.
    pub fn write_xlsx(&self, out: &mut impl Write) -> io::Result<()> {
        if let Some(reason) = self.exceeds_workbook() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let content = self.workbook().map_err(io::Error::other)?;
        out.write_all(&content)
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_title(cut(&self.title_line())));
        let formats = Formats::new();
        let mut names = BTreeSet::from([DEFINITIONS.to_lowercase()]);
        for block in self.blocks() {
            let sheet = workbook.add_worksheet();
            sheet.set_name(sheet_name(&super::table::block_title(&block), &mut names))?;
            self.write_block(sheet, &block, &formats)?;
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name(DEFINITIONS)?;
        self.write_definitions(sheet, &formats)?;
        workbook.save_to_buffer()
    }

    fn write_block(
        &self,
        sheet: &mut Worksheet,
        block: &[(usize, &Column)],
        formats: &Formats,
    ) -> Done {
        let mut pen = Pen { sheet, formats, column: 0 };
        let texts = |of: fn(&Row) -> Option<&str>| self.rows.iter().map(of).collect::<Vec<_>>();
        pen.texts("name", &texts(|row| Some(row.label())), 28.0)?;
        if let Some(interval) = &self.interval {
            pen.times(&self.rows, interval, &self.zone(), &self.heading.period.time_zone)?;
        }
        for (at, column) in block {
            self.write_column(&mut pen, *at, column)?;
        }
        if self.has_total() {
            let whole = |row: &Row| row.is_total.then_some("whole company");
            pen.texts("row", &self.rows.iter().map(whole).collect::<Vec<_>>(), 14.0)?;
        }
        pen.texts("extension", &texts(|row| row.extension_number.as_deref()), 10.0)?;
        pen.texts("key", &texts(|row| Some(&row.key)), 14.0)?;
        let last = pen.column - 1;
        sheet.set_freeze_panes(1, 1)?;
        sheet.autofilter(0, 0, row_number(self.rows.len()), last)?;
        // Room for four lines: not every program makes it by itself.
        sheet.set_row_height(0, 60.0)?;
        sheet.set_landscape();
        // More columns on one page couldn't be read: they go on to others, each with the names.
        if last < READABLE_COLUMNS {
            sheet.set_print_fit_to_pages(1, 0);
        }
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_repeat_columns(0, 0)?;
        Ok(())
    }

    /// A column of numbers, with those that it is compared with, and its targets.
    fn write_column(&self, pen: &mut Pen<'_>, at: usize, column: &Column) -> Done {
        let heading = column.heading();
        let cells: Vec<_> = self.rows.iter().map(|row| &row.cells[at]).collect();
        let of_number = |number: Option<&Number>| {
            number.and_then(Number::as_f64).map(|number| in_cell(number, column.unit))
        };
        let values: Vec<_> = cells.iter().map(|cell| of_number(cell.value.as_ref())).collect();
        let place = pen.column;
        pen.numbers(&heading, &values, Look::of(column.unit, &values))?;
        if self.is_compared() {
            let before: Vec<_> =
                cells.iter().map(|cell| of_number(cell.previous.as_ref())).collect();
            let changes: Vec<_> = cells
                .iter()
                .map(|cell| Change::between(cell.previous.as_ref(), cell.value.as_ref()))
                .collect();
            pen.numbers(&format!("{heading}, before"), &before, Look::of(column.unit, &before))?;
            let (unit, look) = change_of(column.unit);
            let absolute: Vec<_> =
                changes.iter().map(|it| it.map(|it| as_change(it.absolute, column.unit))).collect();
            pen.numbers(&format!("{heading}, change{unit}"), &absolute, look)?;
            let percent: Vec<_> = changes
                .iter()
                .map(|it| it.and_then(|it| it.percent).map(|it| it / 100.0))
                .collect();
            pen.numbers(&format!("{heading}, change in %"), &percent, Look::ShareChange)?;
        }
        if self.has_target(at) {
            let goal = |cell: &&super::sheet::Cell| {
                cell.target.map(|verdict| in_cell(verdict.target.goal, column.unit))
            };
            let goals: Vec<_> = cells.iter().map(goal).collect();
            pen.numbers(&format!("{heading}, target"), &goals, Look::of(column.unit, &goals))?;
            let side = |cell: &&super::sheet::Cell| cell.target.map(|it| it.target.direction);
            pen.compare_with_targets(place, &cells.iter().map(side).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn write_definitions(&self, sheet: &mut Worksheet, formats: &Formats) -> Done {
        let mut lines = vec![self.title_line()];
        lines.extend(self.comparison_line());
        lines.extend(self.target_lines().into_iter().map(|line| format!("target: {line}")));
        lines.extend(self.heading.notices.iter().map(|notice| format!("note: {notice}")));
        if self.has_total() {
            lines.push(super::TOTAL_NOTE.to_owned());
        }
        let mut row = 0;
        for line in &lines {
            sheet.write_string(row, 0, cut(line))?;
            row += 1;
        }
        row += 1;
        let headings = ["number", "unit", "what it says", "name in JSON and CSV"];
        for (column, heading) in (0..).zip(headings) {
            sheet.write_string_with_format(row, column, heading, &formats.heading)?;
        }
        for column in &self.columns {
            row += 1;
            let unit = match column.unit {
                Unit::Calls => "calls",
                Unit::Seconds => "time, as hours:minutes:seconds",
                Unit::Share | Unit::Percent => "percentage",
            };
            let texts = [column.heading(), unit.to_owned(), column.meaning(), column.path()];
            for (place, text) in (0..).zip(texts) {
                sheet.write_string(row, place, cut(&text))?;
            }
        }
        for (column, width) in (0..).zip([30.0, 28.0, 90.0, 40.0]) {
            sheet.set_column_width(column, width)?;
        }
        sheet.set_landscape().set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

const DEFINITIONS: &str = "Definitions";

/// The looks of cells.
struct Formats {
    heading: Format,
    met: Format,
    missed: Format,
}

impl Formats {
    fn new() -> Self {
        let colored = |fill: u32, text: u32| {
            Format::new().set_background_color(Color::RGB(fill)).set_font_color(Color::RGB(text))
        };
        Self {
            heading: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_border_bottom(FormatBorder::Thin),
            met: colored(0x00E2_EFDA, 0x0037_5623),
            missed: colored(0x00FC_E4E4, 0x009C_0006),
        }
    }
}

/// How a number looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Whole,
    Decimal,
    Duration,
    Share,
    Change,
    ShareChange,
}

impl Look {
    fn of(unit: Unit, numbers: &[Option<f64>]) -> Self {
        match unit {
            Unit::Seconds => Self::Duration,
            Unit::Share | Unit::Percent => Self::Share,
            Unit::Calls if numbers.iter().flatten().all(|number| number.fract() == 0.0) => {
                Self::Whole
            }
            Unit::Calls => Self::Decimal,
        }
    }

    fn format(self) -> Format {
        Format::new().set_num_format(match self {
            Self::Whole => "#,##0",
            Self::Decimal => "#,##0.0",
            // Hours beyond a day are hours.
            Self::Duration => "[h]:mm:ss",
            Self::Share => "0.0%",
            Self::Change => "+#,##0;-#,##0;0",
            Self::ShareChange => "+0.0%;-0.0%;0.0%",
        })
    }
}

/// A number as a cell holds it.
fn in_cell(number: f64, unit: Unit) -> f64 {
    match unit {
        Unit::Seconds => number / DAY,
        Unit::Percent => number / 100.0,
        Unit::Share | Unit::Calls => number,
    }
}

/// Spreadsheets show no negative durations, so that changes of them are seconds.
fn as_change(number: f64, unit: Unit) -> f64 {
    if unit == Unit::Percent { number / 100.0 } else { number }
}

fn change_of(unit: Unit) -> (&'static str, Look) {
    match unit {
        Unit::Calls => ("", Look::Change),
        Unit::Seconds => (" in seconds", Look::Change),
        Unit::Share | Unit::Percent => (" in points", Look::ShareChange),
    }
}

/// What writes a sheet, column by column.
struct Pen<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a Formats,
    column: u16,
}

impl Pen<'_> {
    fn heading(&mut self, text: &str, width: f64) -> Done {
        let format = &self.formats.heading;
        self.sheet.write_string_with_format(0, self.column, cut(text), format)?;
        self.sheet.set_column_width(self.column, width)?;
        Ok(())
    }

    fn texts(&mut self, heading: &str, texts: &[Option<&str>], width: f64) -> Done {
        self.heading(heading, width)?;
        for (at, text) in texts.iter().enumerate() {
            if let Some(text) = text {
                self.sheet.write_string(row_number(at + 1), self.column, cut(text))?;
            }
        }
        self.column += 1;
        Ok(())
    }

    fn numbers(&mut self, heading: &str, numbers: &[Option<f64>], look: Look) -> Done {
        self.heading(heading, 13.0)?;
        let format = look.format();
        for (at, number) in numbers.iter().enumerate() {
            if let Some(number) = number {
                let row = row_number(at + 1);
                self.sheet.write_number_with_format(row, self.column, *number, &format)?;
            }
        }
        self.column += 1;
        Ok(())
    }

    /// The local times of a timeline's rows.
    fn times(&mut self, rows: &[Row], interval: &Interval, zone: &TimeZone, name: &str) -> Done {
        self.heading(&format!("time ({name})"), 18.0)?;
        let format = Format::new().set_align(FormatAlign::Left).set_num_format(match interval {
            Interval::Hour => "yyyy-mm-dd hh:mm",
            Interval::Month => "yyyy-mm",
            _ => "yyyy-mm-dd",
        });
        for (at, row) in rows.iter().enumerate() {
            let Some((time, text)) = &row.time else { continue };
            let at = row_number(at + 1);
            match excel_time(&time.to_zoned_datetime(zone.clone())) {
                Some(time) => {
                    self.sheet.write_datetime_with_format(at, self.column, &time, &format)?;
                }
                // Spreadsheets begin in 1900.
                None => {
                    self.sheet.write_string(at, self.column, cut(text))?;
                }
            }
        }
        self.column += 1;
        Ok(())
    }

    /// Compares the numbers of a column with the targets that were written last.
    fn compare_with_targets(&mut self, numbers: u16, sides: &[Option<Direction>]) -> Done {
        let mut start = 0;
        for run in sides.chunk_by(|one, other| one == other) {
            let (first, last) = (row_number(start + 1), row_number(start + run.len()));
            start += run.len();
            let Some(side) = run[0] else { continue };
            let (number, target) = (cell(numbers, first), cell(self.column - 1, first));
            let (met, missed) = match side {
                Direction::AtLeast => (">=", "<"),
                Direction::AtMost => ("<=", ">"),
            };
            for (sign, format) in [(met, &self.formats.met), (missed, &self.formats.missed)] {
                let rule = format!("=AND(ISNUMBER({number}),{number}{sign}{target})");
                let rule = ConditionalFormatFormula::new().set_rule(&*rule).set_format(format);
                self.sheet.add_conditional_format(first, numbers, last, numbers, &rule)?;
            }
        }
        Ok(())
    }
}

/// A cell's name, whose column stays where a rule is applied to other rows: `$C2`.
fn cell(column: u16, row: u32) -> String {
    format!("${}{}", column_number_to_name(column), row + 1)
}

/// There are no more rows than that ([`Sheet::exceeds_workbook`]).
fn row_number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn excel_time(time: &ZonedDateTime) -> Option<ExcelDateTime> {
    let part = |number: i8| u8::try_from(number).ok();
    let year = u16::try_from(time.year()).ok()?;
    let date = ExcelDateTime::from_ymd(year, part(time.month())?, part(time.day())?).ok()?;
    date.and_hms(part(time.hour())?.into(), part(time.minute())?, part(time.second())?).ok()
}

/// A text that fits a cell.
fn cut(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}

/// A name that a sheet can have and no other has: 31 characters, and some not among them.
fn sheet_name(title: &str, taken: &mut BTreeSet<String>) -> String {
    const MOST: usize = 31;
    let plain = |c: char| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c };
    let title: String = title.chars().map(plain).collect();
    let title = if title.trim().is_empty() { "Numbers" } else { title.trim() };
    for number in 1.. {
        let end = if number == 1 { String::new() } else { format!(" {number}") };
        let begin: String = title.chars().take(MOST - end.len()).collect();
        let name = begin + &end;
        if taken.insert(name.to_lowercase()) {
            return name;
        }
    }
    unreachable!("some number is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_the_names_that_spreadsheets_give_them() {
        assert_eq!(
            [0, 25, 26, 701, 702].map(|at| cell(at, 1)),
            ["$A2", "$Z2", "$AA2", "$ZZ2", "$AAA2"]
        );
    }

    #[test]
    fn sheets_have_names_that_differ_and_fit() {
        let mut taken = BTreeSet::new();
        let long = "Time spent by something that is called [this]";
        let names = [long, long, "a/b", "", "A B"].map(|title| sheet_name(title, &mut taken));
        assert_eq!(
            names,
            [
                "Time spent by something that is",
                "Time spent by something that  2",
                "a b",
                "Numbers",
                "A B 2"
            ]
        );
    }

    #[test]
    fn more_rows_than_a_sheet_holds_are_refused() {
        use crate::render::{Heading, Report, Span};
        let instant = "2026-11-24T00:00:00Z".parse().unwrap();
        let period = Span { from: instant, to: instant, time_zone: "UTC".to_owned() };
        let report = Report::new(Heading::new(callperf::Api::CallsV1, "users", period), &[]);
        let mut sheet = Sheet::from(&report);
        assert_eq!(sheet.exceeds_workbook(), None);
        let row = Row {
            key: "1".to_owned(),
            name: None,
            extension_number: None,
            time: None,
            is_total: false,
            cells: Vec::new(),
        };
        sheet.rows = vec![row; MOST_ROWS];
        let reason = sheet.exceeds_workbook().unwrap();
        assert!(
            reason.starts_with("there are 1048576 rows, and a sheet of a workbook holds 1048575")
        );
        assert_eq!(sheet.write_xlsx(&mut Vec::new()).unwrap_err().to_string(), reason);
    }
}
