//! How reports are shown: tables for people, CSV for spreadsheets.

use std::io::{self, Write};

use callperf::{
    Breakdown, Interval, Point, Record, Series, Unit, Value, report::Metric, vocabulary::Word,
};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use jiff::tz::TimeZone;

use crate::{
    document::{Heading, Report, Timeline},
    words::spoken,
};

/// What stands for a value that wasn't sent: not a zero.
const ABSENT: &str = "–";

/// One number of a metric: which, and how it is headed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    metric: Which,
    breakdown: Breakdown,
    word: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Calls,
    TimeSpent,
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::TimeSpent => "time_spent",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Calls => "Calls",
            Self::TimeSpent => "Time spent",
        }
    }
}

/// The two metrics of a record or of a point.
trait Metrics {
    fn metric(&self, which: Which) -> &Metric;
}

macro_rules! metrics {
    ($($type:ty),+) => {$(
        impl Metrics for $type {
            fn metric(&self, which: Which) -> &Metric {
                match which {
                    Which::Calls => self.calls(),
                    Which::TimeSpent => self.time_spent(),
                }
            }
        }
    )+};
}

metrics!(Record, Point);

impl Column {
    fn value(&self, row: &impl Metrics) -> Option<Value> {
        let metric = row.metric(self.metric);
        match &self.word {
            Some(word) => metric.get(&self.breakdown, word),
            None => metric.number(&self.breakdown).cloned(),
        }
    }

    /// The name in a CSV heading: the path in the JSON.
    fn path(&self) -> String {
        let base = format!("{}.{}", self.metric.name(), self.breakdown);
        self.word.as_ref().map_or_else(|| base.clone(), |word| format!("{base}.{word}"))
    }

    fn heading(&self) -> String {
        match (&self.word, &self.breakdown, self.metric) {
            (Some(word), _, _) => in_words(word),
            (None, Breakdown::Total, Which::Calls) => "calls".to_owned(),
            (None, Breakdown::Total, Which::TimeSpent) => "time spent".to_owned(),
            (None, breakdown, _) => in_words(breakdown.as_str()),
        }
    }
}

/// A word of the vocabulary as people write it.
fn in_words(word: &str) -> String {
    let parts = spoken(word);
    let written = parts.split('-').map(|part| match part {
        "ivr" | "vm" | "sla" | "dtmf" => part.to_uppercase(),
        part => part.to_owned(),
    });
    written.collect::<Vec<_>>().join(" ")
}

/// Every number that any of the rows has: calls before time spent, numbers
/// before breakdowns, words in the order of the vocabulary.
fn columns<'a, R: Metrics + 'a>(rows: &(impl Iterator<Item = &'a R> + Clone)) -> Vec<Column> {
    let mut columns = Vec::new();
    for metric in [Which::Calls, Which::TimeSpent] {
        let mut found: Vec<Column> = Vec::new();
        for row in rows.clone() {
            let here = row.metric(metric);
            let numbers = here.numbers().map(|breakdown| (breakdown, None));
            let words = here.breakdowns().flat_map(|breakdown| {
                here.entries(breakdown).into_iter().map(move |(word, _)| (breakdown, Some(word)))
            });
            for (breakdown, word) in numbers.chain(words) {
                let column = Column { metric, breakdown: breakdown.clone(), word };
                if !found.contains(&column) {
                    found.push(column);
                }
            }
        }
        found.sort_by_key(rank);
        columns.append(&mut found);
    }
    columns
}

fn rank(column: &Column) -> (bool, usize, usize) {
    let place = |words: &[&str], word: &str| {
        words.iter().position(|known| *known == word).unwrap_or(words.len())
    };
    let breakdowns: Vec<_> = Breakdown::KNOWN.iter().map(Breakdown::as_str).collect();
    let word = column.word.as_deref().map_or(0, |word| place(&words_of(&column.breakdown), word));
    (column.word.is_some(), place(&breakdowns, column.breakdown.as_str()), word)
}

fn words_of(breakdown: &Breakdown) -> Vec<&'static str> {
    use callperf::vocabulary as words;
    fn known<W: Word>() -> Vec<&'static str> {
        W::KNOWN.iter().map(Word::as_str).collect()
    }
    match breakdown {
        Breakdown::Direction => known::<words::Direction>(),
        Breakdown::Origin => known::<words::Origin>(),
        Breakdown::Response => known::<words::CallResponse>(),
        Breakdown::Type => known::<words::CallType>(),
        Breakdown::Result => known::<words::CallResult>(),
        Breakdown::Segment => known::<words::CallSegment>(),
        Breakdown::Action => known::<words::CallAction>(),
        Breakdown::CompanyHours => known::<words::CompanyHours>(),
        Breakdown::QueueSla => known::<words::QueueSla>(),
        _ => Vec::new(),
    }
}

pub(crate) fn report_table(out: &mut impl Write, report: &Report, width: usize) -> io::Result<()> {
    let zone = zone(&report.heading);
    writeln!(out, "{}", title(&report.heading, &zone, &report.heading.group_by))?;
    if report.records.is_empty() {
        return writeln!(out, "\nNo records: nobody of this grouping had such calls.");
    }
    let columns = columns(&report.records.iter());
    for block in blocks(&columns) {
        let rows: Vec<_> = report.records.iter().map(|record| (record.label(), record)).collect();
        write_block(out, &block_title(&block), &tabulate(&block, &rows, width))?;
    }
    Ok(())
}

pub(crate) fn timeline_table(
    out: &mut impl Write,
    timeline: &Timeline,
    width: usize,
) -> io::Result<()> {
    let zone = zone(&timeline.heading);
    let what = format!("{} by {}", timeline.heading.group_by, spoken(timeline.interval.as_str()));
    writeln!(out, "{}", title(&timeline.heading, &zone, &what))?;
    if timeline.records.is_empty() {
        return writeln!(out, "\nNo records: nobody of this grouping had such calls.");
    }
    for series in &timeline.records {
        let columns = columns(&series.points().iter());
        let times: Vec<_> = series
            .points()
            .iter()
            .map(|point| point_label(point, &timeline.interval, &zone))
            .collect();
        for block in blocks(&columns) {
            let rows: Vec<_> = times.iter().map(String::as_str).zip(series.points()).collect();
            let mut tables = tabulate(&block, &rows, width);
            if let [table] = &mut *tables {
                add_bars(table, &rows, width);
            }
            let title = format!("{}: {}", series.label(), block_title(&block));
            write_block(out, &title, &tables)?;
        }
    }
    Ok(())
}

/// The document's zone; UTC for a name that this machine doesn't know, which
/// the query has been refused for.
fn zone(heading: &Heading) -> TimeZone {
    TimeZone::get(&heading.period.time_zone).unwrap_or(TimeZone::UTC)
}

fn title(heading: &Heading, zone: &TimeZone, what: &str) -> String {
    let local = |instant: jiff::Timestamp| {
        instant.to_zoned_datetime(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
    };
    let period = &heading.period;
    format!(
        "{what}, {} to {} ({}), {}",
        local(period.from),
        local(period.to),
        period.time_zone,
        heading.api
    )
}

fn point_label(point: &Point, interval: &Interval, zone: &TimeZone) -> String {
    let local = point.time().to_zoned_datetime(zone.clone());
    let form = match interval {
        Interval::Hour => "%a %Y-%m-%d %H:%M %:z",
        Interval::Month => "%Y-%m",
        _ => "%a %Y-%m-%d",
    };
    local.strftime(form).to_string()
}

/// One table per metric and breakdown; the numbers that stand alone come in
/// the first one.
fn blocks(columns: &[Column]) -> Vec<Vec<&Column>> {
    let (alone, by_word): (Vec<_>, Vec<_>) =
        columns.iter().partition(|column| column.word.is_none());
    let mut blocks = vec![alone];
    let tables = by_word
        .chunk_by(|one, other| one.metric == other.metric && one.breakdown == other.breakdown);
    for (at, table) in tables.enumerate() {
        if at == 0 {
            blocks[0].extend(table);
        } else {
            blocks.push(table.to_vec());
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// What a table is about: its breakdown, or just the metrics.
fn block_title(block: &[&Column]) -> String {
    match block.iter().find(|column| column.word.is_some()) {
        Some(column) => {
            format!("{} {}", column.metric.title(), in_words(column.breakdown.as_str()))
        }
        None => "Totals".to_owned(),
    }
}

fn write_block(out: &mut impl Write, title: &str, tables: &[Table]) -> io::Result<()> {
    for table in tables {
        writeln!(out, "\n{title}\n{}", table.trim_fmt())?;
    }
    Ok(())
}

/// A table of its rows' numbers, cut into several where it is too wide.
fn tabulate<R: Metrics>(block: &[&Column], rows: &[(&str, &R)], width: usize) -> Vec<Table> {
    let labels: Vec<_> = rows.iter().map(|(label, _)| *label).collect();
    let cells: Vec<Cells> = block
        .iter()
        .map(|column| Cells {
            heading: wrapped(&column.heading()),
            values: rows.iter().map(|(_, row)| shown(column.value(*row).as_ref())).collect(),
        })
        .collect();
    let room = width.saturating_sub(widest(&labels));
    parts(&cells, room).into_iter().map(|part| table(&labels, part)).collect()
}

/// Draws the numbers of calls beside a table, where there is room.
fn add_bars<R: Metrics>(table: &mut Table, rows: &[(&str, &R)], width: usize) {
    const SHORTEST: usize = 10;
    const LONGEST: usize = 30;
    let calls = Column { metric: Which::Calls, breakdown: Breakdown::Total, word: None };
    let numbers: Vec<_> =
        rows.iter().map(|(_, row)| calls.value(*row).and_then(|value| value.as_u64())).collect();
    let used = table.lines().map(|line| line.chars().count()).max().unwrap_or(0);
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

struct Cells {
    heading: String,
    values: Vec<String>,
}

/// Between two columns.
const GAP: u16 = 2;

fn widest<S: AsRef<str>>(texts: &[S]) -> usize {
    texts.iter().map(|text| text.as_ref().chars().count()).max().unwrap_or(0)
}

impl Cells {
    fn width(&self) -> usize {
        let lines: Vec<_> = self.heading.lines().collect();
        widest(&self.values).max(widest(&lines)) + usize::from(GAP)
    }
}

/// As many columns at a time as fit, but at least one.
fn parts(cells: &[Cells], room: usize) -> Vec<&[Cells]> {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < cells.len() {
        let mut used = 0;
        let fitting = cells[start..]
            .iter()
            .take_while(|column| {
                used += column.width();
                used <= room
            })
            .count();
        let end = start + fitting.max(1);
        parts.push(&cells[start..end]);
        start = end;
    }
    parts
}

/// A line under the heading, and no other.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

fn table(labels: &[&str], cells: &[Cells]) -> Table {
    let mut table = Table::new();
    table.load_style(RULED);
    let heading = std::iter::once(String::new()).chain(cells.iter().map(|c| c.heading.clone()));
    table.set_header(heading);
    for (at, label) in labels.iter().enumerate() {
        let values = cells.iter().map(|column| column.values[at].clone());
        table.add_row(std::iter::once((*label).to_owned()).chain(values));
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

/// A heading of two words on two lines.
fn wrapped(heading: &str) -> String {
    heading.replacen(' ', "\n", 1)
}

/// A value as people read it: 1,234 calls, 1:02:03 hours, 12.5 %.
fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return ABSENT.to_owned() };
    match value.unit() {
        Unit::Seconds => duration(value.as_f64()),
        Unit::Percent => format!("{:.1} %", value.as_f64()),
        _ => value.as_u64().map_or_else(|| format!("{:.1}", value.as_f64()), thousands),
    }
}

fn duration(seconds: f64) -> String {
    // Not a duration that anybody could read; as it was sent.
    if !(0.0..1e12).contains(&seconds) {
        return format!("{seconds} s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let whole = seconds.round() as u64;
    format!("{}:{:02}:{:02}", thousands(whole / 3600), whole / 60 % 60, whole % 60)
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(crate) fn report_csv(out: impl Write, report: &Report) -> io::Result<()> {
    let columns = columns(&report.records.iter());
    let rows = report.records.iter().map(|record| {
        let info = record.info();
        let head = vec![
            record.key().to_owned(),
            text(info.and_then(|info| info.name())),
            text(info.and_then(|info| info.extension_number())),
        ];
        (head, record)
    });
    csv(out, &["key", "name", "extension_number"], &columns, rows)
}

pub(crate) fn timeline_csv(out: impl Write, timeline: &Timeline) -> io::Result<()> {
    let columns = columns(&timeline.records.iter().flat_map(Series::points));
    let rows = timeline.records.iter().flat_map(|series| {
        series.points().iter().map(|point| {
            let info = series.info();
            let head = vec![
                series.key().to_owned(),
                text(info.and_then(|info| info.name())),
                text(info.and_then(|info| info.extension_number())),
                point.time_text().to_owned(),
            ];
            (head, point)
        })
    });
    csv(out, &["key", "name", "extension_number", "time"], &columns, rows)
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// A value that wasn't sent is an empty field.
fn csv<'a, R: Metrics + 'a>(
    out: impl Write,
    head: &[&str],
    columns: &[Column],
    rows: impl Iterator<Item = (Vec<String>, &'a R)>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let paths = columns.iter().map(Column::path);
    writer.write_record(head.iter().map(|name| (*name).to_owned()).chain(paths))?;
    for (head, row) in rows {
        let values = columns
            .iter()
            .map(|column| column.value(row).map(|value| value.to_string()).unwrap_or_default());
        writer.write_record(head.into_iter().chain(values))?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 12_345, 1_234_567].map(thousands),
            ["0", "999", "1,000", "12,345", "1,234,567"]
        );
    }

    #[test]
    fn durations_are_hours_minutes_seconds() {
        assert_eq!(duration(0.0), "0:00:00");
        assert_eq!(duration(3_723.4), "1:02:03");
        assert_eq!(duration(59.6), "0:01:00");
        assert_eq!(duration(36_000_000.0), "10,000:00:00");
        assert_eq!(duration(-5.0), "-5 s");
    }

    #[test]
    fn a_value_that_was_not_sent_is_no_zero() {
        assert_eq!(shown(None), "–");
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 4), "██");
        assert_eq!(bar(1, 32, 4), "▏");
    }

    #[test]
    fn a_wide_table_is_cut_and_no_number_is_broken() {
        let column = |value: &str| Cells { heading: "x".into(), values: vec![value.into()] };
        let cells = ["12345678", "12345678", "12345678901234567890"].map(column);
        let sizes: Vec<_> = parts(&cells, 20).iter().map(|part| part.len()).collect();
        assert_eq!(sizes, [2, 1]);
    }
}
