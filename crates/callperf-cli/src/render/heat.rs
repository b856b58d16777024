//! A table of weekdays and hours for a terminal.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use comfy_table::{CellAlignment, Table};
use jiff::{civil::Weekday, tz::TimeZone};
use serde_json::Number;

use super::{
    document::{SeriesEntry, Timeline},
    escape::plain,
    number::{ABSENT, Unit, shown},
    sheet::{Sheet, Which},
    table::RULED,
};
use crate::fill::filled;

const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];
const NOTE: &str = "Sums over the period, which has so many days of each weekday. The shades ░▒▓█ \
                    are the upper fifths of the most.";
/// From few to many, by fifths of the most.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// One number by weekday and hour, added up.
struct Cells {
    sums: HashMap<(Weekday, i8), f64>,
    /// The largest of them.
    most: f64,
    unit: Unit,
}

impl Cells {
    fn of(series: &SeriesEntry, which: &Which, zone: &TimeZone) -> Self {
        let mut cells = Self { sums: HashMap::new(), most: 0.0, unit: Unit::Calls };
        for point in &series.points {
            let Some((number, unit)) = which.read(&point.numbers) else { continue };
            let time = point.time.to_zoned_datetime(zone.clone());
            cells.unit = unit;
            *cells.sums.entry((time.weekday(), time.hour())).or_default() +=
                number.as_f64().unwrap_or_default();
        }
        cells.most = cells.sums.values().copied().fold(0.0, f64::max);
        cells
    }

    fn shown(&self, sum: Option<f64>) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "a sum of whole numbers")]
        let number = sum.map(|sum| match self.unit {
            Unit::Seconds => Number::from_f64(sum),
            _ => Some(Number::from(sum.round() as i64)),
        });
        shown(number.flatten().as_ref(), self.unit)
    }

    fn shade(&self, sum: f64) -> char {
        if self.most <= 0.0 || sum <= 0.0 {
            return SHADES[0];
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 5")]
        let fifth = (sum / self.most * 5.0).ceil() as usize;
        SHADES[fifth.clamp(1, 5) - 1]
    }

    fn row(&self, hour: i8) -> Vec<String> {
        let cell = |(_, day): &(&str, Weekday)| match self.sums.get(&(*day, hour)) {
            Some(sum) => format!("{} {}", self.shown(Some(*sum)), self.shade(*sum)),
            None => format!("{ABSENT}  "),
        };
        std::iter::once(format!("{hour:02}:00")).chain(DAYS.iter().map(cell)).collect()
    }

    /// What the hours of each day add up to.
    fn totals(&self) -> Vec<String> {
        let total = |(_, day): &(&str, Weekday)| {
            let hours: Vec<_> =
                (0..24).filter_map(|hour| self.sums.get(&(*day, hour)).copied()).collect();
            let sum = (!hours.is_empty()).then(|| hours.iter().sum());
            format!("{}  ", self.shown(sum))
        };
        std::iter::once("all".to_owned()).chain(DAYS.iter().map(total)).collect()
    }
}

impl Timeline {
    /// Writes a table of weekdays and hours for each series: one number, added up over the period.
    pub(crate) fn write_heat(
        &self,
        out: &mut impl Write,
        which: &Which,
        width: usize,
    ) -> io::Result<()> {
        // Its heading and zone, without a row for each hour.
        let (heading, interval) = (self.heading.clone(), self.interval.clone());
        let (kpis, entries) = (self.kpis.clone(), Vec::new());
        let sheet = Sheet::from(&Self { heading, interval, kpis, entries, total: None });
        let zone = sheet.zone();
        writeln!(out, "{}", filled(&plain(&sheet.title_line()), width))?;
        if self.entries.is_empty() {
            return writeln!(out, "\n{}", super::NO_RECORDS);
        }
        for series in self.entries.iter().chain(&self.total) {
            let cells = Cells::of(series, which, &zone);
            let mut table = Table::new();
            table.load_style(RULED);
            let heading = DAYS.iter().map(|(name, _)| format!("{name}  "));
            table.set_header(std::iter::once(String::new()).chain(heading));
            (0..24).for_each(|hour| {
                table.add_row(cells.row(hour));
            });
            table.add_row(cells.totals());
            table.add_row(self.days(&zone));
            for column in table.column_iter_mut().skip(1) {
                column.set_cell_alignment(CellAlignment::Right);
                column.set_padding((2, 0));
            }
            if let Some(label) = table.column_mut(0) {
                label.set_padding((0, 0));
            }
            let title = format!("{}: {}", plain(series.label()), plain(&which.heading()));
            let lines = table.trim_fmt();
            writeln!(out, "\n{title}\n{lines}")?;
        }
        writeln!(out, "\n{}", filled(NOTE, width))
    }

    /// How many days of each weekday the period touches.
    fn days(&self, zone: &TimeZone) -> Vec<String> {
        let local = |instant: jiff::Timestamp| instant.to_zoned_datetime(zone.clone());
        let last = self.heading.period.to - jiff::SignedDuration::from_millis(1);
        let (first, last) = (local(self.heading.period.from).date(), local(last).date());
        let dates = first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last);
        let mut counts: HashMap<Weekday, u32> = HashMap::new();
        dates.for_each(|date| *counts.entry(date.weekday()).or_default() += 1);
        let count = |(_, day): &(&str, Weekday)| {
            format!("{}  ", counts.get(day).copied().unwrap_or_default())
        };
        std::iter::once("days".to_owned()).chain(DAYS.iter().map(count)).collect()
    }
}
