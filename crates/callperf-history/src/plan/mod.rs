//! Which days are to be fetched, and in which requests.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    model::{
        day,
        manifest::{Manifest, Series},
        table::{SeriesName, Table},
    },
    store::folder::Folder,
};

/// What one request asks for, page by page: days that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) series: SeriesName,
    pub(crate) first: Date,
    pub(crate) last: Date,
}

impl Unit {
    pub(crate) fn days(&self) -> impl Iterator<Item = Date> + use<> {
        day::days(self.first, self.last)
    }
}

/// How many of the last days that were fetched are fetched again.
const LATE_DAYS: usize = 2;

/// What there is to do.
pub(crate) struct Plan {
    /// The oldest days first: they are forgotten first.
    pub(crate) units: Vec<Unit>,
    /// What is wrong with files that are fetched again.
    pub(crate) damaged: Vec<String>,
    /// What is wrong with files of days that the API has forgotten.
    pub(crate) lost: Vec<String>,
}

pub(crate) fn plan(
    manifest: &Manifest,
    folder: &Folder,
    oldest: Date,
    last: Date,
    days_per_request: u32,
) -> Plan {
    let mut plan = Plan { units: Vec::new(), damaged: Vec::new(), lost: Vec::new() };
    for (name, series) in manifest.series() {
        let mut sound = BTreeSet::new();
        for (day, listed) in &series.days {
            if *day < oldest {
                // Nothing can be done about it, and there may be years of them.
                plan.lost.extend(folder.flaw(&name, *day, listed));
                continue;
            }
            match folder.damage(&name, *day, listed) {
                None => drop(sound.insert(*day)),
                Some(what) => plan.damaged.push(what),
            }
        }
        let most = if name.table == Table::Daily { 1 } else { days_per_request.max(1) as usize };
        let missing = missing(series, oldest, last, |day| sound.contains(day));
        for days in runs(&missing, most) {
            let (Some(first), Some(last)) = (days.first(), days.last()) else { continue };
            plan.units.push(Unit { series: name.clone(), first: *first, last: *last });
        }
    }
    plan.units.sort_by(|one, other| (one.first, &one.series).cmp(&(other.first, &other.series)));
    plan
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

/// Days that follow each other, at most so many together.
fn runs(days: &[Date], most: usize) -> Vec<&[Date]> {
    day::runs(days).flat_map(|run| run.chunks(most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::manifest::Day;

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

    #[test]
    fn days_that_follow_each_other_go_together() {
        let days = ["2026-05-30", "2026-05-31", "2026-06-01", "2026-06-03"].map(date);
        let runs: Vec<_> = runs(&days, 2).into_iter().map(shown).collect();
        assert_eq!(runs, [vec!["05-30", "05-31"], vec!["06-01"], vec!["06-03"]]);
    }
}
