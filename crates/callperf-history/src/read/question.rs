//! Whether a history can answer a query exactly, and from which files.

use std::collections::BTreeSet;

use callperf::{Aggregation, Breakdown, Grouping, Interval, Query, period::ResolvedPeriod};
use jiff::{
    Timestamp, ZonedDateTime,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use super::{
    narrowing::{self, Chosen, Refusal},
    points,
    sums::{Measured, Points, Sums},
};
use crate::model::{
    breakdowns, day,
    manifest::{Manifest, Series},
    scope::Scope,
    table::{SeriesName, Table, table_of},
};

/// What a query asks of a history.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) series: SeriesName,
    /// The days whose files are read.
    pub(crate) days: Vec<Date>,
    /// The start of each point; none for one point.
    pub(crate) starts: Vec<Timestamp>,
    /// The hours that count, if not all of the days'.
    hours: Option<Vec<Timestamp>>,
    measured: BTreeSet<Measured>,
    chosen: BTreeSet<String>,
}

impl Question {
    /// # Errors
    /// What the history hasn't kept, by its name.
    pub(crate) fn of(
        query: &Query,
        interval: Option<&Interval>,
        period: &ResolvedPeriod,
        manifest: &Manifest,
        (zone, week_start): (&TimeZone, Weekday),
    ) -> Result<Self, Refusal> {
        let group_by = query.group_by();
        let Some(grouping) = group_by.grouping() else {
            return Err(
                "members of groups aren't kept; group by users, and name the queue by a filter"
                    .to_owned(),
            );
        };
        if !group_by.chosen_names().is_empty() {
            return Err("names can't be looked up in it; name the keys".to_owned());
        }
        let chosen = Chosen::of(query.days(), query.hours())?;
        let (queue, filters) = narrowing::queue(query.filters())?;
        let scope = narrowing::scope(&filters)?;
        let span = Span::of(period, zone);
        let table = table((scope, grouping), (interval, week_start), &chosen, &span, manifest)?;
        let series = series(queue, scope, grouping, table)?;
        let kept = kept(&series, manifest)?;
        if period.trimmed_from().is_some() {
            let ending = ending(span.start.date(), manifest);
            return Err(format!("the period isn't over yet{ending}"));
        }
        let all_days = span.days()?;
        let days: Vec<_> =
            all_days.iter().filter(|day| chosen.has_day(day.weekday())).copied().collect();
        are_kept(&series, kept, &days)?;
        let hours = (table == Table::Hourly)
            .then(|| points::hours((period.start(), period.end()), zone, &chosen));
        let starts = match (interval, &hours) {
            (None, _) => Vec::new(),
            (Some(Interval::Hour), hours) => hours.clone().unwrap_or_default(),
            (Some(Interval::Day), _) => points::starts(&days, (&Interval::Day, week_start), zone)?,
            (Some(interval), _) => points::starts(&all_days, (interval, week_start), zone)?,
        };
        let measured = measured(query, grouping)?;
        let chosen = group_by.chosen_keys().iter().cloned().collect();
        Ok(Self { series, days, starts, hours, measured, chosen })
    }

    pub(crate) fn sums(&self) -> Sums {
        let in_milliseconds = |times: &[Timestamp]| -> Vec<i64> {
            times.iter().map(|time| time.as_millisecond()).collect()
        };
        let points = match self.starts[..] {
            [] => Points::One,
            _ => Points::From(in_milliseconds(&self.starts)),
        };
        let hours = self.hours.as_deref().map(|it| in_milliseconds(it).into_iter().collect());
        Sums::new(self.measured.clone(), self.chosen.clone(), points).at(hours)
    }
}

/// A period in local time.
struct Span {
    start: ZonedDateTime,
    end: ZonedDateTime,
    has_whole_days: bool,
    has_whole_hours: bool,
}

impl Span {
    fn of(period: &ResolvedPeriod, zone: &TimeZone) -> Self {
        let local = |instant: Timestamp| instant.to_zoned_datetime(zone.clone());
        let (start, end) = (local(period.start()), local(period.end()));
        let is_midnight = |local: &ZonedDateTime| {
            day::start(local.date(), zone).is_ok_and(|start| start == local.timestamp())
        };
        let is_hour = |local: &ZonedDateTime| {
            (local.minute(), local.second(), local.subsec_nanosecond()) == (0, 0, 0)
        };
        Self {
            has_whole_days: is_midnight(&start) && is_midnight(&end),
            has_whole_hours: is_hour(&start) && is_hour(&end),
            start,
            end,
        }
    }

    fn days(&self) -> Result<Vec<Date>, Refusal> {
        let last_instant = self.end.timestamp().checked_sub(jiff::Span::new().milliseconds(1));
        let last_instant = last_instant.map_err(|error| error.to_string())?;
        let last = last_instant.to_zoned_datetime(self.end.time_zone().clone()).date();
        Ok(day::days(self.start.date(), last).collect())
    }
}

/// The series that has the calls, those through a queue among them.
pub(super) fn series(
    queue: Option<String>,
    scope: Scope,
    grouping: &Grouping,
    table: Table,
) -> Result<SeriesName, Refusal> {
    match queue {
        Some(queue) => agents(queue, scope, grouping),
        None => Ok(SeriesName { scope, ..SeriesName::new(table, grouping.as_str()) }),
    }
}

/// The calls of a queue's agents that came through it.
fn agents(queue: String, scope: Scope, grouping: &Grouping) -> Result<SeriesName, Refusal> {
    if *grouping != Grouping::Users {
        return Err("calls through a queue are kept by user; group by users".to_owned());
    }
    if scope == Scope::All {
        let what = "of all directions through a queue aren't kept; inbound ones are";
        return Err(format!("calls {what}: filter by direction=inbound, too"));
    }
    Ok(SeriesName::agents(scope, queue))
}

/// The table that answers.
fn table(
    (scope, grouping): (Scope, &Grouping),
    (interval, week_start): (Option<&Interval>, Weekday),
    chosen: &Chosen,
    span: &Span,
    manifest: &Manifest,
) -> Result<Table, Refusal> {
    if let Some(interval) = interval.filter(|interval| **interval != Interval::Hour) {
        points::first_day(interval, week_start, span.start.date())?;
    }
    let by_hour = interval == Some(&Interval::Hour);
    let has_parts_of_days = !span.has_whole_days && span.has_whole_hours;
    let reads_hours = by_hour || chosen.has_hours() || has_parts_of_days;
    let Some(table) = table_of(scope, reads_hours) else {
        let hours = if by_hour { "hour" } else { "hours of the day" };
        return Err(if by_hour || chosen.has_hours() {
            format!(
                "key figures and filters are kept by day, not by {hours}; of hours there are the \
                 numbers of all calls (--group-by {} --calls all)",
                spoken(grouping.as_str())
            )
        } else {
            parts_of_days(span, manifest)
        });
    };
    let is_whole = if reads_hours { span.has_whole_hours } else { span.has_whole_days };
    if is_whole { Ok(table) } else { Err(parts_of_days(span, manifest)) }
}

fn parts_of_days(span: &Span, manifest: &Manifest) -> Refusal {
    let zone = &manifest.time_zone;
    let ending = ending(span.start.date(), manifest);
    format!("whole days of {zone} are kept, and the period has parts of days{ending}")
}

/// The last whole day, and the period up to it. Both ends are named, because a month or today has no
/// end that could be moved.
fn ending(first: Date, manifest: &Manifest) -> String {
    let last = manifest.series().filter_map(|(_, series)| series.high_water).max();
    let last = last.map(|last| {
        let first = first.min(last);
        format!("; the last whole day that is kept is {last}: ask --from {first} --to {last}")
    });
    last.unwrap_or_default()
}

/// The measures, by the names in files.
fn measured(query: &Query, grouping: &Grouping) -> Result<BTreeSet<Measured>, Refusal> {
    let kept: Vec<Breakdown> = breakdowns::of(grouping).collect();
    let mut measured = BTreeSet::new();
    let all = [("calls", query.call_measures()), ("time_spent", query.time_spent_measures())];
    for (metric, measures) in all {
        for measure in measures {
            let breakdown = measure.breakdown();
            let name = breakdown.as_str();
            if *measure.aggregation() != Aggregation::Sum || measure.interval().is_some() {
                let aggregation = measure.aggregation();
                return Err(format!(
                    "{metric} {name}: only sums are kept, not {aggregation}; ask for the sum"
                ));
            }
            let is_kept =
                kept.contains(breakdown) && (metric == "calls" || breakdowns::has_time(breakdown));
            if !is_kept {
                return Err(format!("{metric} {name} isn't kept for {}", grouping.as_str()));
            }
            measured.insert((metric.to_owned(), name.to_owned()));
        }
    }
    Ok(measured)
}

fn kept<'a>(series: &SeriesName, manifest: &'a Manifest) -> Result<&'a Series, Refusal> {
    let remedy = keeping(series);
    manifest.get(series).ok_or_else(|| match &series.queue {
        Some(queue) => {
            format!("calls through the queue {queue} aren't kept by user; `{remedy}` keeps them")
        }
        None => format!("{series} isn't kept; `{remedy}` keeps it"),
    })
}

/// Refuses days that aren't there.
fn are_kept(series: &SeriesName, kept: &Series, days: &[Date]) -> Result<(), Refusal> {
    let missing: Vec<_> = days.iter().filter(|day| !kept.days.contains_key(*day)).collect();
    match (missing.first(), missing.last()) {
        (Some(first), Some(last)) => Err(format!(
            "{series} lacks {} of the {} days, from {first} to {last}; choose days that are kept",
            missing.len(),
            days.len()
        )),
        _ => Ok(()),
    }
}

/// The option that keeps a series.
fn keeping(series: &SeriesName) -> String {
    if series.table == Table::Agents {
        return "callperf sync --queue-agents".to_owned();
    }
    let short = match series.scope {
        Scope::AbandonedWithin(seconds) => format!(" --short-abandons {seconds}s"),
        _ => String::new(),
    };
    format!("callperf sync --{} {}{short}", series.table, spoken(&series.grouping))
}

/// The name of a grouping as options have it: `company-numbers`, `ivrs`.
fn spoken(grouping: &str) -> String {
    let is_abbreviation = grouping.chars().take(2).all(char::is_uppercase);
    let mut spoken = String::new();
    for letter in grouping.chars() {
        if letter.is_uppercase() && !spoken.is_empty() && !is_abbreviation {
            spoken.push('-');
        }
        spoken.extend(letter.to_lowercase());
    }
    spoken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_as_they_are_written() {
        let keeping = |grouping| keeping(&SeriesName::new(Table::Daily, grouping));
        assert_eq!(keeping("CompanyNumbers"), "callperf sync --daily company-numbers");
        assert_eq!(keeping("IVRs"), "callperf sync --daily ivrs");
        assert_eq!(keeping("Users"), "callperf sync --daily users");
    }
}
