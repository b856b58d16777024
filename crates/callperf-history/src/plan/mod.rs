//! Which days are to be fetched, and in which requests.

pub(crate) mod cheapest;
pub(crate) mod knowledge;
pub(crate) mod unit;

use std::collections::BTreeSet;

use jiff::civil::Date;

use self::{
    cheapest::{By, cheapest},
    knowledge::Knowledge,
    unit::Unit,
};
use crate::{
    model::{
        day,
        manifest::{Manifest, Series},
        table::{SeriesName, Table},
    },
    store::writing::Store,
};

/// How many of the last days that were fetched are fetched again.
const LATE_DAYS: usize = 2;

/// What there is to do.
pub(crate) struct Plan {
    /// The oldest days first: they are forgotten first.
    pub(crate) units: Vec<Unit>,
    /// Days that are added up from their hours, after all units.
    pub(crate) from_hours: Vec<(SeriesName, Vec<Date>)>,
    /// What is wrong with files that are fetched again.
    pub(crate) damaged: Vec<String>,
    /// What is wrong with files of days that the API has forgotten.
    pub(crate) lost: Vec<String>,
}

/// The plan for a history, of which the API has the days from `oldest` to `last`.
pub(crate) fn plan(
    manifest: &Manifest,
    store: &Store,
    oldest: Date,
    last: Date,
    knowledge: &Knowledge,
    adds_up_hours: bool,
) -> Plan {
    let mut plan =
        Plan { units: Vec::new(), from_hours: Vec::new(), damaged: Vec::new(), lost: Vec::new() };
    for (name, series) in manifest.series() {
        let mut sound = BTreeSet::new();
        for (day, listed) in &series.days {
            if *day < oldest {
                // Nothing can be done about it, and there may be years of them.
                plan.lost.extend(store.flaw(&name, *day, listed));
                continue;
            }
            match store.wrong(&name, *day, listed) {
                None => drop(sound.insert(*day)),
                Some(what) => plan.damaged.push(what),
            }
        }
        let mut missing = missing(series, oldest, last, |day| sound.contains(day));
        let hours = manifest.get(&SeriesName::new(Table::Hourly, &name.grouping));
        if let Some(hours) = hours.filter(|_| adds_up_hours && name.table == Table::Daily) {
            let added = missing.split_off(missing.partition_point(|day| *day < hours.first));
            if !added.is_empty() {
                plan.from_hours.push((name.clone(), added));
            }
        }
        plan.units.extend(units(&name, missing, knowledge));
    }
    plan.units
        .sort_by(|one, other| (one.first(), &one.series).cmp(&(other.first(), &other.series)));
    plan
}

fn units(series: &SeriesName, days: Vec<Date>, knowledge: &Knowledge) -> Vec<Unit> {
    let unit = |by, days| Unit { series: series.clone(), by, days };
    if days.is_empty() {
        return Vec::new();
    }
    if series.table == Table::Hourly {
        // Cut when it is requested, by the size of the pages seen.
        return vec![unit(By::Hours, days)];
    }
    let steps = cheapest(&days, knowledge.offer(series));
    steps.into_iter().map(|step| unit(step.by, step.days)).collect()
}

fn missing(
    series: &Series,
    oldest: Date,
    last: Date,
    is_there: impl Fn(&Date) -> bool,
) -> Vec<Date> {
    let late: BTreeSet<_> = series.days.keys().rev().take(LATE_DAYS).copied().collect();
    day::days(series.first.max(oldest), last)
        .filter(|day| late.contains(day) || !is_there(day))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::Day;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn series(first: &str, listed: &[&str]) -> Series {
        let days: std::collections::BTreeMap<_, _> =
            listed.iter().map(|day| (date(day), Day::default())).collect();
        Series { first: date(first), high_water: days.keys().copied().max(), days }
    }

    fn shown(days: &[Date]) -> Vec<String> {
        days.iter().map(|day| day.strftime("%m-%d").to_string()).collect()
    }

    #[test]
    fn what_is_not_there_and_what_may_be_late_is_fetched() {
        let kept = series("2026-05-20", &["2026-05-21", "2026-05-23", "2026-05-24", "2026-05-25"]);
        let is_there = |day: &Date| kept.days.contains_key(day) && *day != date("2026-05-23");
        let (oldest, last) = (date("2026-05-21"), date("2026-05-27"));
        let missing = missing(&kept, oldest, last, is_there);
        // A gap, a damaged file, the last two days again, the new ones.
        assert_eq!(shown(&missing), ["05-22", "05-23", "05-24", "05-25", "05-26", "05-27"]);
        let nothing = series("2026-05-26", &[]);
        assert_eq!(shown(&super::missing(&nothing, oldest, last, |_| false)), ["05-26", "05-27"]);
    }
}
