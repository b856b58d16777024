//! A report as rows and columns, which all formats but JSON are written from.

use callperf::{Breakdown, Kpi, Unit as ApiUnit, Value, report::Metric};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Number;

use super::{
    document::{Entry, Heading, Numbers, Report, SeriesEntry, Timeline},
    number::{Unit, shown},
};
use crate::{model::targets::Verdict, words::spoken};

/// A report or a timeline as rows and columns.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What was asked.
    pub heading: Heading,
    /// What a row is, and the interval of a timeline: `queues`, `queues by day`.
    pub title: String,
    /// The interval of a timeline.
    pub interval: Option<callperf::Interval>,
    /// The columns of numbers.
    pub columns: Vec<Column>,
    /// The rows: those of a series one after the other.
    pub rows: Vec<Row>,
}

/// One number of every row: which, and how it is headed.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    which: Which,
    /// Its unit.
    pub unit: Unit,
}

/// A row of numbers.
#[derive(Clone, Debug)]
pub struct Row {
    /// The key.
    pub key: String,
    /// Its name, where one is known.
    pub name: Option<String>,
    /// The extension's number, where the API says it.
    pub extension_number: Option<String>,
    /// The interval's instant, in a timeline.
    pub time: Option<(Timestamp, String)>,
    /// Whether it is the whole company, asked for beside the others.
    pub is_total: bool,
    /// A number per column, and the one of the period before.
    pub cells: Vec<Cell>,
}

/// A number, and the one of the period before; absent is not zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// The number.
    pub value: Option<Number>,
    /// The number of the period before.
    pub previous: Option<Number>,
    /// What the number should be, and whether it is.
    pub target: Option<Verdict>,
}

/// A number's place among all that a report can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Kpi(Kpi),
    Metric { metric: MetricName, breakdown: Breakdown, word: Option<String> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricName {
    Calls,
    TimeSpent,
}

impl MetricName {
    pub(crate) fn as_str(self) -> &'static str {
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

    fn of(self, numbers: &Numbers) -> &Metric {
        match self {
            Self::Calls => &numbers.calls,
            Self::TimeSpent => &numbers.time_spent,
        }
    }
}

impl Which {
    /// The path in the JSON, which is the name in a CSV heading.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Kpi(kpi) => format!("kpis.{kpi}"),
            Self::Metric { metric, breakdown, word } => {
                let base = format!("{}.{breakdown}", metric.as_str());
                word.as_ref().map_or_else(|| base.clone(), |word| format!("{base}.{word}"))
            }
        }
    }

    /// A short heading, in words.
    pub(crate) fn heading(&self) -> String {
        match self {
            Self::Kpi(kpi) => in_words(kpi.as_str()),
            Self::Metric { word: Some(word), .. } => in_words(word),
            Self::Metric { metric, breakdown: Breakdown::Total, .. } => {
                metric.title().to_lowercase()
            }
            Self::Metric { breakdown, .. } => in_words(breakdown.as_str()),
        }
    }

    /// What the number says.
    pub(crate) fn meaning(&self) -> String {
        match self {
            Self::Kpi(kpi) => kpi.meaning().to_owned(),
            Self::Metric { metric, breakdown, word } => {
                let what = match (metric, breakdown) {
                    (MetricName::Calls, Breakdown::Action) => "how often",
                    (MetricName::Calls, Breakdown::QueueOpportunities) => "",
                    (MetricName::Calls, _) => "calls",
                    (MetricName::TimeSpent, Breakdown::Segment) => "seconds in this phase",
                    (MetricName::TimeSpent, _) => "seconds of the calls",
                };
                let of = match word {
                    Some(word) => meaning_of(breakdown, word),
                    None => breakdown.meaning(),
                };
                [what, of]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(": ")
            }
        }
    }

    /// The number, for putting rows in order.
    pub(crate) fn number(&self, numbers: &Numbers) -> Option<f64> {
        self.read(numbers).and_then(|(number, _)| number.as_f64())
    }

    pub(crate) fn read(&self, numbers: &Numbers) -> Option<(Number, Unit)> {
        match self {
            Self::Kpi(kpi) => {
                let value = numbers.kpis.iter().find(|value| value.kpi() == *kpi)?;
                Some((exact(value.as_f64())?, kpi_unit(*kpi)))
            }
            Self::Metric { metric, breakdown, word } => {
                let metric = metric.of(numbers);
                let value = match word {
                    Some(word) => metric.get(breakdown, word)?,
                    None => metric.number(breakdown)?.clone(),
                };
                Some((value.number().clone(), unit_of(&value)))
            }
        }
    }
}

/// A whole number without a fraction.
fn exact(float: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() == 0.0 && float.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        let whole = float as i64;
        return Some(whole.into());
    }
    Number::from_f64(float)
}

pub(crate) fn kpi_unit(kpi: Kpi) -> Unit {
    match kpi.unit() {
        callperf::kpi::KpiUnit::Seconds => Unit::Seconds,
        callperf::kpi::KpiUnit::Share => Unit::Share,
        _ => Unit::Calls,
    }
}

/// A number as people read it, with a mark for its target: ✓ met, ✗ missed. In a column that has
/// marks, a number without one keeps their room.
pub(crate) fn with_mark(cell: &Cell, unit: Unit, is_marked: bool) -> String {
    let text = shown(cell.value.as_ref(), unit);
    match cell.target.and_then(|verdict| verdict.met) {
        Some(true) => format!("{text} ✓"),
        Some(false) => format!("{text} ✗"),
        None if is_marked => format!("{text}  "),
        None => text,
    }
}

/// A figure's number as people read it.
pub(crate) fn shown_goal(kpi: Kpi, number: f64) -> String {
    shown(exact(number).as_ref(), kpi_unit(kpi))
}

fn unit_of(value: &Value) -> Unit {
    match value.unit() {
        ApiUnit::Seconds => Unit::Seconds,
        ApiUnit::Percent => Unit::Percent,
        _ => Unit::Calls,
    }
}

impl Column {
    /// The path of the number in the JSON, for example `calls.by_result.missed`.
    #[must_use]
    pub fn path(&self) -> String {
        self.which.path()
    }

    /// A short heading, for example `missed`.
    #[must_use]
    pub fn heading(&self) -> String {
        self.which.heading()
    }

    /// What the number says, in a sentence.
    #[must_use]
    pub fn meaning(&self) -> String {
        self.which.meaning()
    }

    /// The title of the table that it stands in; `None` for numbers that stand
    /// alone.
    pub(crate) fn block(&self) -> Option<String> {
        match &self.which {
            Which::Kpi(_) => Some("Key figures".to_owned()),
            Which::Metric { metric, breakdown, word: Some(_) } => {
                Some(format!("{} {}", metric.title(), in_words(breakdown.as_str())))
            }
            Which::Metric { .. } => None,
        }
    }

    pub(crate) fn which(&self) -> &Which {
        &self.which
    }

    pub(crate) fn is_all_calls(&self) -> bool {
        let all =
            Which::Metric { metric: MetricName::Calls, breakdown: Breakdown::Total, word: None };
        self.which == all || self.which == Which::Kpi(Kpi::Offered)
    }
}

impl Row {
    /// The key's name, or the key where none is known.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.key)
    }
}

/// A word of the vocabulary as people write it.
pub(crate) fn in_words(word: &str) -> String {
    let parts = spoken(word);
    let written = parts.split('-').map(|part| match part {
        "ivr" | "vm" | "sla" | "dtmf" => part.to_uppercase(),
        part => part.to_owned(),
    });
    written.collect::<Vec<_>>().join(" ")
}

/// The figures that were asked for, and every number that any of the rows has: calls before time spent, numbers before breakdowns,
/// words in the order of the vocabulary.
fn columns(kpis: &[Kpi], rows: &[&Numbers]) -> Vec<Column> {
    let of_kpi = |kpi: &Kpi| Column { which: Which::Kpi(*kpi), unit: kpi_unit(*kpi) };
    let mut columns: Vec<_> = kpis.iter().map(of_kpi).collect();
    for metric in [MetricName::Calls, MetricName::TimeSpent] {
        let mut found: Vec<Which> = Vec::new();
        for numbers in rows {
            let here = metric.of(numbers);
            let alone = here.numbers().map(|breakdown| (breakdown, None));
            let words = here.breakdowns().flat_map(|breakdown| {
                here.entries(breakdown).into_iter().map(move |(word, _)| (breakdown, Some(word)))
            });
            for (breakdown, word) in alone.chain(words) {
                let which = Which::Metric { metric, breakdown: breakdown.clone(), word };
                if !found.contains(&which) {
                    found.push(which);
                }
            }
        }
        found.sort_by_key(rank);
        columns.extend(found.into_iter().map(|which| {
            let unit = rows.iter().find_map(|numbers| which.read(numbers));
            Column { which, unit: unit.map_or(Unit::Calls, |(_, unit)| unit) }
        }));
    }
    columns
}

fn rank(which: &Which) -> (bool, usize, usize) {
    let Which::Metric { breakdown, word, .. } = which else { return (false, 0, 0) };
    let place = |words: &[&str], word: &str| {
        words.iter().position(|known| *known == word).unwrap_or(words.len())
    };
    let breakdowns: Vec<_> = Breakdown::KNOWN.iter().map(Breakdown::as_str).collect();
    let at = word.as_deref().map_or(0, |word| place(&words_of(breakdown), word));
    (word.is_some(), place(&breakdowns, breakdown.as_str()), at)
}

pub(crate) fn words_of(breakdown: &Breakdown) -> Vec<&'static str> {
    breakdown.words().into_iter().map(|(word, _)| word).collect()
}

fn meaning_of(breakdown: &Breakdown, word: &str) -> &'static str {
    breakdown.words().into_iter().find(|(name, _)| *name == word).map_or("", |(_, meaning)| meaning)
}

impl From<&Report> for Sheet {
    fn from(report: &Report) -> Self {
        let all = || report.entries.iter().chain(&report.total);
        let numbers: Vec<_> = all().map(|entry| &entry.numbers).collect();
        let columns = columns(&report.kpis, &numbers);
        let row = |entry: &Entry, is_total| Row {
            key: entry.key.clone(),
            name: entry.known_name().map(str::to_owned),
            extension_number: entry.extension_number().map(str::to_owned),
            time: None,
            is_total,
            cells: cells(&columns, &entry.numbers, entry.previous.as_ref(), &entry.targets),
        };
        let entries = report.entries.iter().map(|entry| row(entry, false));
        let rows = entries.chain(report.total.iter().map(|entry| row(entry, true))).collect();
        Self {
            heading: report.heading.clone(),
            title: report.heading.group_by.clone(),
            interval: None,
            columns,
            rows,
        }
    }
}

impl From<&Timeline> for Sheet {
    fn from(timeline: &Timeline) -> Self {
        let all = || timeline.entries.iter().chain(&timeline.total);
        let numbers: Vec<_> =
            all().flat_map(|entry| &entry.points).map(|point| &point.numbers).collect();
        let columns = columns(&timeline.kpis, &numbers);
        let rows = |entry: &SeriesEntry, is_total: bool| -> Vec<Row> {
            let row = |point: &super::document::PointEntry| Row {
                key: entry.key.clone(),
                name: entry.known_name().map(str::to_owned),
                extension_number: entry.extension_number().map(str::to_owned),
                time: Some((point.time, point.time_text.clone())),
                is_total,
                cells: cells(&columns, &point.numbers, point.previous.as_ref(), &point.targets),
            };
            entry.points.iter().map(row).collect()
        };
        let totals = timeline.total.iter().flat_map(|entry| rows(entry, true));
        let rows = timeline.entries.iter().flat_map(|entry| rows(entry, false)).chain(totals);
        let rows = rows.collect();
        let interval = &timeline.interval;
        Self {
            heading: timeline.heading.clone(),
            title: format!("{} by {}", timeline.heading.group_by, spoken(interval.as_str())),
            interval: Some(interval.clone()),
            columns,
            rows,
        }
    }
}

fn cells(
    columns: &[Column],
    numbers: &Numbers,
    previous: Option<&Numbers>,
    targets: &[Verdict],
) -> Vec<Cell> {
    let target = |which: &Which| {
        let Which::Kpi(kpi) = which else { return None };
        targets.iter().find(|verdict| verdict.target.figure == *kpi).copied()
    };
    let cell = |column: &Column| Cell {
        value: column.which.read(numbers).map(|(number, _)| number),
        previous: previous.and_then(|it| column.which.read(it)).map(|(number, _)| number),
        target: target(&column.which),
    };
    columns.iter().map(cell).collect()
}

impl Sheet {
    /// Whether numbers of the period before are beside these.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.heading.previous_period.is_some()
    }

    /// Whether any row's number in this column has a target.
    pub(crate) fn has_target(&self, column: usize) -> bool {
        self.rows.iter().any(|row| row.cells[column].target.is_some())
    }

    /// The columns in which any row's number has a target, by their places.
    pub(crate) fn columns_with_targets(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| self.has_target(*at)).collect()
    }

    /// What stands in the columns with targets, a line for each: most rows' goal, then the rows
    /// with another one.
    pub(crate) fn target_lines(&self) -> Vec<String> {
        let held = self.columns_with_targets().into_iter();
        held.map(|at| self.targets_of(at, &self.columns[at])).collect()
    }

    fn targets_of(&self, at: usize, column: &Column) -> String {
        let mut goals: Vec<(String, Vec<&str>)> = Vec::new();
        for row in &self.rows {
            let Some(Verdict { target, .. }) = &row.cells[at].target else { continue };
            let goal = format!("{} {}", target.side(), shown_goal(target.figure, target.goal));
            let goal = match target.threshold_seconds {
                Some(seconds) => format!("{goal} within {seconds} s"),
                None => goal,
            };
            let place = goals.iter().position(|(other, _)| *other == goal);
            let place = place.unwrap_or_else(|| {
                goals.push((goal, Vec::new()));
                goals.len() - 1
            });
            if !goals[place].1.contains(&row.label()) {
                goals[place].1.push(row.label());
            }
        }
        // A stable sort: of those with as many rows, the first comes first.
        goals.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        let is_single = goals.len() == 1;
        let parts = goals.iter().enumerate().map(|(at, (goal, rows))| match at {
            0 if is_single || rows.len() > 1 => goal.clone(),
            _ => format!("{goal} ({})", rows.join(", ")),
        });
        format!("{}: {}", column.heading(), parts.collect::<Vec<_>>().join("; "))
    }

    pub(crate) fn has_total(&self) -> bool {
        self.rows.iter().any(|row| row.is_total)
    }

    /// The document's zone; UTC for a name that this machine doesn't know, which
    /// the query has been refused for.
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.heading.period.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// What was asked, in a line: what a row is, the period with its zone, the API, and what
    /// narrows the numbers.
    #[must_use]
    pub fn title_line(&self) -> String {
        let asked = format!("{}, {}, {}", self.title, self.period_line(), self.heading.api);
        match &self.heading.filters[..] {
            [] => asked,
            filters => format!("{asked}, only {}", filters.join(", ")),
        }
    }

    /// The period with its zone, in a line.
    #[must_use]
    pub fn period_line(&self) -> String {
        let period = &self.heading.period;
        let zone = self.zone();
        let (from, to) = (local(period.from, &zone), local(period.to, &zone));
        format!("{from} to {to} ({})", period.time_zone)
    }

    /// The period that it is compared with, in a line.
    #[must_use]
    pub fn comparison_line(&self) -> Option<String> {
        let previous = self.heading.previous_period.as_ref()?;
        let zone = self.zone();
        Some(format!(
            "compared with {} to {}",
            local(previous.from, &zone),
            local(previous.to, &zone)
        ))
    }
}

fn local(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned_datetime(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
}
