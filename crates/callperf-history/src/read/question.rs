//! Whether a history can answer a query exactly, and from which files.

use std::{collections::BTreeSet, path::PathBuf};

use callperf::{Aggregation, Breakdown, Filter, Grouping, Interval, Query, period::ResolvedPeriod};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::sums::{Measured, Points, Sums};
use crate::{
    model::{
        breakdowns, day,
        manifest::Manifest,
        scope::Scope,
        table::{SeriesName, Table},
    },
    store::folder,
};

/// What a query asks of a history.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) series: SeriesName,
    pub(crate) days: Vec<Date>,
    pub(crate) points: Points,
    measured: BTreeSet<Measured>,
    chosen: BTreeSet<String>,
}

/// Why a query can't be answered, in words.
pub(crate) type Refusal = String;

impl Question {
    /// # Errors
    /// What the history hasn't kept, by its name.
    pub(crate) fn of(
        query: &Query,
        interval: Option<&Interval>,
        period: &ResolvedPeriod,
        manifest: &Manifest,
        zone: &TimeZone,
    ) -> Result<Self, Refusal> {
        let group_by = query.group_by();
        let Some(grouping) = group_by.grouping() else {
            return Err("members of groups aren't kept; ask by users".to_owned());
        };
        if !group_by.chosen_names().is_empty() {
            return Err("names can't be looked up in it; name the keys".to_owned());
        }
        if !query.days().is_empty() || !query.hours().is_empty() {
            return Err("a choice of weekdays or hours isn't kept; leave it out".to_owned());
        }
        let scope = scope(query.filters())?;
        let (table, points) = match (interval, scope) {
            (None, Scope::All) => (Table::Daily, Points::One),
            (None, _) => (Table::Figures, Points::One),
            (Some(Interval::Day), Scope::All) => (Table::Daily, Points::Times),
            (Some(Interval::Day), _) => (Table::Figures, Points::Times),
            (Some(Interval::Hour), Scope::All) => (Table::Hourly, Points::Times),
            (Some(Interval::Hour), _) => {
                return Err("key figures and filters are kept by day, not by hour".to_owned());
            }
            (Some(other), _) => {
                return Err(format!("intervals of a {other} aren't kept; ask by the day"));
            }
        };
        let series = SeriesName { table, scope, grouping: grouping.as_str().to_owned() };
        let days = days(&series, period, manifest, zone)?;
        let chosen = group_by.chosen_keys().iter().cloned().collect();
        let measured = measured(query, grouping)?;
        Ok(Self { series, days, points, measured, chosen })
    }

    pub(crate) fn files(&self, folder: &std::path::Path) -> Vec<PathBuf> {
        self.days.iter().map(|day| folder::part(folder, &self.series, *day)).collect()
    }

    pub(crate) fn sums(&self) -> Sums {
        Sums::new(self.measured.clone(), self.chosen.clone(), self.points)
    }

    /// The start of each point; none for one point.
    pub(crate) fn times(
        &self,
        period: &ResolvedPeriod,
        zone: &TimeZone,
    ) -> crate::Result<Vec<Timestamp>> {
        if self.points == Points::One {
            return Ok(Vec::new());
        }
        if self.series.table != Table::Hourly {
            return self.days.iter().map(|day| day::start(*day, zone)).collect();
        }
        let mut times = Vec::new();
        let mut time = period.start();
        while time < period.end() {
            times.push(time);
            let local = time.to_zoned_datetime(zone.clone());
            let next = local.checked_add(jiff::Span::new().hours(1));
            time = next.map_err(|error| crate::Error::calendar(&error))?.timestamp();
        }
        Ok(times)
    }
}

/// The scope whose queries have these filters.
fn scope(filters: &[Filter]) -> Result<Scope, Refusal> {
    if let Some(scope) = Scope::of_filters(filters) {
        return Ok(scope);
    }
    let names: Vec<_> = filters.iter().map(Filter::name).collect();
    Err(format!(
        "calls filtered by {} aren't kept; without a filter, inbound calls, and inbound calls that \
         were answered are",
        names.join(" and ")
    ))
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

/// The days of a period, all of which have to be there.
fn days(
    series: &SeriesName,
    period: &ResolvedPeriod,
    manifest: &Manifest,
    zone: &TimeZone,
) -> Result<Vec<Date>, Refusal> {
    let Some(kept) = manifest.get(series) else {
        return Err(format!("{series} isn't kept; `{}` keeps it", keeping(series)));
    };
    let local = |instant: Timestamp| instant.to_zoned_datetime(zone.clone());
    let is_midnight =
        |instant| day::start(local(instant).date(), zone).is_ok_and(|start| start == instant);
    if period.trimmed_from().is_some() {
        return Err("the period isn't over yet".to_owned());
    }
    if !is_midnight(period.start()) || !is_midnight(period.end()) {
        let zone = &manifest.time_zone;
        return Err(format!("whole days of {zone} are kept, and the period has parts of days"));
    }
    let (first, end) = (local(period.start()).date(), local(period.end()).date());
    let last = end.yesterday().map_err(|error| error.to_string())?;
    let days: Vec<_> = day::days(first, last).collect();
    let missing: Vec<_> = days.iter().filter(|day| !kept.days.contains_key(*day)).collect();
    match (missing.first(), missing.last()) {
        (Some(first), Some(last)) => Err(format!(
            "{series} lacks {} of the {} days, from {first} to {last}; choose days that are kept",
            missing.len(),
            days.len()
        )),
        _ => Ok(days),
    }
}

/// The option that keeps a series.
fn keeping(series: &SeriesName) -> String {
    let grouping = series.grouping.to_lowercase();
    format!("callperf sync --{} {grouping}", series.table)
}
