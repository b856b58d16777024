//! Tables for a terminal.

use std::io::{self, Write};

use callperf::Interval;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{
    NO_RECORDS, TARGETS, TOTAL_NOTE,
    escape::plain,
    number::{ABSENT, Change},
    sheet::{Column, Row, Sheet, with_mark},
};
use crate::fill::filled;

/// Between two columns.
const GAP: u16 = 2;

impl Sheet {
    /// Writes the sheet as tables no wider than `width` characters, as far as a
    /// name and one number fit.
    ///
    /// Names that are too long are cut; they stand in full below.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_table(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        writeln!(out, "{}", filled(&plain(&self.title_line()), width))?;
        if let Some(line) = self.comparison_line() {
            writeln!(out, "{}", filled(&line, width))?;
        }
        if self.rows.is_empty() {
            return writeln!(out, "\n{NO_RECORDS}");
        }
        match &self.interval {
            Some(interval) => self.write_series(out, interval, width)?,
            None => self.write_rows(out, width)?,
        }
        self.write_targets(out, width)?;
        if self.has_total() { writeln!(out, "\n{}", filled(TOTAL_NOTE, width)) } else { Ok(()) }
    }

    fn write_targets(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        let lines = self.target_lines();
        if !lines.is_empty() {
            writeln!(out, "\n{TARGETS}")?;
        }
        for line in lines {
            writeln!(out, "{}", filled(&plain(&line), width))?;
        }
        Ok(())
    }

    fn write_rows(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        let names: Vec<_> = self.rows.iter().map(|row| plain(row.label())).collect();
        let labels = cut_all(&names, width / 3);
        let rows: Vec<_> = self.rows.iter().collect();
        for block in self.blocks() {
            let title = block_title(&block);
            for table in self.tabulate(&block, &labels, &rows, width) {
                write_titled(out, &title, &table)?;
            }
        }
        let cut: Vec<_> = names.iter().zip(&labels).filter(|(name, label)| name != label).collect();
        if !cut.is_empty() {
            writeln!(out, "\nNames in full")?;
        }
        for (name, label) in cut {
            writeln!(out, "{label}  {name}")?;
        }
        Ok(())
    }

    fn write_series(
        &self,
        out: &mut impl Write,
        interval: &Interval,
        width: usize,
    ) -> io::Result<()> {
        let zone = self.zone();
        for series in self.rows.chunk_by(|a, b| a.key == b.key && a.is_total == b.is_total) {
            let times: Vec<_> = series.iter().map(|row| time_label(row, interval, &zone)).collect();
            let rows: Vec<_> = series.iter().collect();
            for block in self.blocks() {
                let mut tables = self.tabulate(&block, &times, &rows, width);
                if let [table] = &mut *tables {
                    self.add_bars(table, &rows, width);
                }
                let title = format!("{}: {}", plain(series[0].label()), block_title(&block));
                for table in &tables {
                    write_titled(out, &title, table)?;
                }
            }
        }
        Ok(())
    }

    /// The places of the columns that stand in one table: a table per breakdown;
    /// the numbers that stand alone come in the first one that isn't of figures.
    pub(super) fn blocks(&self) -> Vec<Vec<(usize, &Column)>> {
        let columns = || self.columns.iter().enumerate();
        let alone: Vec<_> = columns().filter(|(_, column)| column.block().is_none()).collect();
        let titled: Vec<_> = columns().filter(|(_, column)| column.block().is_some()).collect();
        let mut blocks: Vec<Vec<_>> =
            titled.chunk_by(|a, b| a.1.block() == b.1.block()).map(<[_]>::to_vec).collect();
        let is_of_figures = |block: &Vec<(usize, &Column)>| block[0].1.path().starts_with("kpis.");
        let first = blocks.iter().position(|block| !is_of_figures(block));
        match first {
            _ if alone.is_empty() => {}
            Some(first) => {
                blocks[first].splice(0..0, alone);
            }
            None => blocks.push(alone),
        }
        blocks
    }

    /// A table of its rows' numbers, cut into several where it is too wide.
    fn tabulate(
        &self,
        block: &[(usize, &Column)],
        labels: &[String],
        rows: &[&Row],
        width: usize,
    ) -> Vec<Table> {
        let groups: Vec<_> =
            block.iter().map(|(at, column)| group(*at, column, rows, self.is_compared())).collect();
        let room = width.saturating_sub(widest(labels));
        parts(&groups, room).into_iter().map(|part| table(labels, part)).collect()
    }

    /// Draws the numbers of calls beside a table, where there is room.
    fn add_bars(&self, table: &mut Table, rows: &[&Row], width: usize) {
        const SHORTEST: usize = 10;
        const LONGEST: usize = 30;
        let Some(calls) = self.columns.iter().rposition(Column::is_all_calls) else { return };
        let numbers: Vec<_> = rows
            .iter()
            .map(|row| row.cells[calls].value.as_ref().and_then(serde_json::Number::as_u64))
            .collect();
        let used = table.lines().map(|line| line.width()).max().unwrap_or(0);
        let room = width.saturating_sub(used + usize::from(GAP)).min(LONGEST);
        let Some(most) = numbers.iter().flatten().max().filter(|most| **most > 0) else { return };
        if room < SHORTEST {
            return;
        }
        for (row, number) in table.row_iter_mut().zip(&numbers) {
            row.add_cell(bar(number.unwrap_or(0), *most, room).into());
        }
        table.discover_columns();
        if let Some(bars) = table.column_iter_mut().last() {
            bars.set_padding((GAP, 0));
        }
    }
}

/// Texts no wider than `room`, the cut ones with an ellipsis at the end.
fn cut_all(texts: &[String], room: usize) -> Vec<String> {
    texts.iter().map(|text| cut(text, room.max(12))).collect()
}

fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

fn time_label(row: &Row, interval: &Interval, zone: &TimeZone) -> String {
    let Some((time, _)) = &row.time else { return String::new() };
    let form = match interval {
        Interval::Hour => "%a %Y-%m-%d %H:%M %:z",
        Interval::Month => "%Y-%m",
        _ => "%a %Y-%m-%d",
    };
    time.to_zoned_datetime(zone.clone()).strftime(form).to_string()
}

/// What a table is about: its breakdown, or just the metrics.
pub(super) fn block_title(block: &[(usize, &Column)]) -> String {
    let title = block.iter().find_map(|(_, column)| column.block());
    title.map_or_else(|| "Totals".to_owned(), |title| plain(&title))
}

fn write_titled(out: &mut impl Write, title: &str, table: &Table) -> io::Result<()> {
    writeln!(out, "\n{title}\n{}", table.trim_fmt())
}

/// A column, with those of its changes, which stay together.
struct Group(Vec<Physical>);

struct Physical {
    heading: String,
    values: Vec<String>,
}

fn group(at: usize, column: &Column, rows: &[&Row], compared: bool) -> Group {
    let is_marked = rows.iter().any(|row| row.cells[at].target.is_some());
    let values = |show: &dyn Fn(&super::sheet::Cell) -> String| -> Vec<String> {
        rows.iter().map(|row| show(&row.cells[at])).collect()
    };
    let number = Physical {
        heading: wrapped(&plain(&column.heading())),
        values: values(&|cell| with_mark(cell, column.unit, is_marked)),
    };
    if !compared {
        return Group(vec![number]);
    }
    let change =
        |cell: &super::sheet::Cell| Change::between(cell.previous.as_ref(), cell.value.as_ref());
    let or_absent = |text: Option<String>| text.unwrap_or_else(|| ABSENT.to_owned());
    let absolute = Physical {
        heading: "±".to_owned(),
        values: values(&|cell| {
            or_absent(change(cell).map(|change| change.absolute_shown(column.unit)))
        }),
    };
    let percent = Physical {
        heading: "± %".to_owned(),
        values: values(&|cell| or_absent(change(cell).map(|change| change.percent_shown()))),
    };
    Group(vec![number, absolute, percent])
}

fn widest<S: AsRef<str>>(texts: &[S]) -> usize {
    texts.iter().map(|text| text.as_ref().width()).max().unwrap_or(0)
}

impl Physical {
    fn width(&self) -> usize {
        let lines: Vec<_> = self.heading.lines().collect();
        widest(&self.values).max(widest(&lines)) + usize::from(GAP)
    }
}

impl Group {
    fn width(&self) -> usize {
        self.0.iter().map(Physical::width).sum()
    }
}

/// As many groups of columns at a time as fit, but at least one.
fn parts(groups: &[Group], room: usize) -> Vec<&[Group]> {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < groups.len() {
        let mut used = 0;
        let fitting = groups[start..]
            .iter()
            .take_while(|group| {
                used += group.width();
                used <= room
            })
            .count();
        let end = start + fitting.max(1);
        parts.push(&groups[start..end]);
        start = end;
    }
    parts
}

/// A line under the heading, and no other.
pub(super) const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─'));

fn table(labels: &[String], groups: &[Group]) -> Table {
    let columns: Vec<_> = groups.iter().flat_map(|group| &group.0).collect();
    let mut table = Table::new();
    table.load_style(RULED);
    let heading = std::iter::once(String::new()).chain(columns.iter().map(|c| c.heading.clone()));
    table.set_header(heading);
    for (at, label) in labels.iter().enumerate() {
        let values = columns.iter().map(|column| column.values[at].clone());
        table.add_row(std::iter::once(label.clone()).chain(values));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_padding((GAP, 0));
    }
    if let Some(label) = table.column_mut(0) {
        label.set_padding((0, 0));
    }
    table
}

/// A heading on lines of about the width of its numbers.
fn wrapped(heading: &str) -> String {
    filled(heading, 8)
}

/// A bar of eighths of a character: `room` characters for the most.
fn bar(number: u64, most: u64, room: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(number) * 8 * (room as u128) / u128::from(most.max(1));
    let (whole, rest) = (eighths / 8, eighths % 8);
    // Both fit: a bar is never longer than its room.
    let whole = usize::try_from(whole).unwrap_or(room).min(room);
    let rest = usize::try_from(rest).map_or("", |rest| EIGHTHS[rest]);
    "█".repeat(whole) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 4), "██");
        assert_eq!(bar(1, 32, 4), "▏");
    }

    #[test]
    fn a_wide_table_is_cut_and_no_number_is_broken() {
        let group =
            |value: &str| Group(vec![Physical { heading: "x".into(), values: vec![value.into()] }]);
        let groups = ["12345678", "12345678", "12345678901234567890"].map(group);
        let sizes: Vec<_> = parts(&groups, 20).iter().map(|part| part.len()).collect();
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    fn a_long_name_is_cut_by_its_width() {
        assert_eq!(cut("International Sales", 12), "Internation…");
        assert_eq!(cut("Sales and Support", 7), "Sales…");
        assert_eq!(cut("営業部門の窓口", 7), "営業部…");
        assert_eq!(cut("short", 12), "short");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }

    #[test]
    fn a_heading_is_wrapped_between_words() {
        assert_eq!(wrapped("calls"), "calls");
        assert_eq!(wrapped("IVR prompt"), "IVR\nprompt");
        assert_eq!(wrapped("service level of answered"), "service\nlevel of\nanswered");
    }
}
