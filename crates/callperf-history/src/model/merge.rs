//! What two runs did to one manifest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    directory::DirectoryDays,
    file::Day,
    manifest::{Manifest, Series, set},
    table::Table,
};

type Tables = BTreeMap<Table, BTreeMap<String, Series>>;

/// Merges what a run did since `base` with what another one did since.
///
/// # Errors
/// What the other run did that this one has to know of before it goes on.
pub(crate) fn merge(
    base: Option<&Manifest>,
    mine: &Manifest,
    theirs: &Manifest,
) -> Result<Manifest, &'static str> {
    let nothing = Manifest::new(None, mine.time_zone.clone());
    let base = base.unwrap_or(&nothing);
    refuse(base, mine, theirs)?;
    let mut merged = theirs.clone();
    merged.schema = mine.schema.max(theirs.schema);
    merged.account = mine.account.clone().or_else(|| theirs.account.clone());
    merged.forget_alike(base, mine);
    merged.tables = tables(&base.tables, &mine.tables, &theirs.tables);
    merged.directory = directory(base, mine, theirs)?;
    merged.removing = set(&base.removing, &mine.removing, &theirs.removing);
    let named: BTreeSet<_> = merged.files().collect();
    merged.removing.retain(|name| !named.contains(name));
    Ok(merged)
}

fn refuse(base: &Manifest, mine: &Manifest, theirs: &Manifest) -> Result<(), &'static str> {
    if mine.time_zone != theirs.time_zone {
        return Err("began the history in another time zone");
    }
    if matches!((&mine.account, &theirs.account), (Some(own), Some(other)) if own != other) {
        return Err("began the history of another account");
    }
    // Files of one may have the keys that the other erases.
    if theirs.erases_since(base) && differ(&base.tables, &mine.tables) {
        return Err("erased keys");
    }
    if mine.erases_since(base) && differ(&base.tables, &theirs.tables) {
        return Err("wrote days while keys are erased");
    }
    Ok(())
}

fn differ(base: &Tables, other: &Tables) -> bool {
    base != other
}

fn tables(base: &Tables, mine: &Tables, theirs: &Tables) -> Tables {
    let nothing = BTreeMap::new();
    let mut merged = Tables::new();
    let all: BTreeSet<_> = mine.keys().chain(theirs.keys()).copied().collect();
    for table in all {
        let of = |tables: &'_ Tables| tables.get(&table).cloned();
        let (was, own, other) = (of(base), of(mine), of(theirs));
        let (was, own, other) = (
            was.as_ref().unwrap_or(&nothing),
            own.as_ref().unwrap_or(&nothing),
            other.as_ref().unwrap_or(&nothing),
        );
        merged.insert(table, all_series(was, own, other));
    }
    merged
}

type AllSeries = BTreeMap<String, Series>;

fn all_series(base: &AllSeries, mine: &AllSeries, theirs: &AllSeries) -> AllSeries {
    let names: BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
    let merged = names.into_iter().filter_map(|name| {
        let series = match (base.get(name), mine.get(name), theirs.get(name)) {
            (was, Some(own), Some(other)) => series(was, own, other),
            // One that a run has ended stays ended.
            (Some(_), ..) | (None, None, None) => return None,
            (None, Some(one), None) | (None, None, Some(one)) => one.clone(),
        };
        Some((name.clone(), series))
    });
    merged.collect()
}

fn series(base: Option<&Series>, mine: &Series, theirs: &Series) -> Series {
    let nothing = BTreeMap::new();
    let was = base.map_or(&nothing, |base| &base.days);
    Series {
        first: mine.first.min(theirs.first),
        high_water: mine.high_water.max(theirs.high_water),
        days: days(was, &mine.days, &theirs.days),
    }
}

type Days = BTreeMap<Date, Day>;

/// The days of the other run, and over them those that this one wrote: either file has the whole day.
fn days(base: &Days, mine: &Days, theirs: &Days) -> Days {
    let mut merged = theirs.clone();
    let changed = mine.iter().filter(|(day, entry)| base.get(*day) != Some(*entry));
    merged.extend(changed.map(|(day, entry)| (*day, entry.clone())));
    merged
}

/// A day's file has what became other since the days before it, so that both runs must have seen the
/// same days.
fn directory(
    base: &Manifest,
    mine: &Manifest,
    theirs: &Manifest,
) -> Result<Option<DirectoryDays>, &'static str> {
    let (own, other) = match (&mine.directory, &theirs.directory) {
        (Some(own), Some(other)) => (own, other),
        (one, another) => return Ok(one.clone().or_else(|| another.clone())),
    };
    let nothing = DirectoryDays::default();
    let was = base.directory.as_ref().unwrap_or(&nothing);
    let (own_days, other_days) = (changed(&was.days, &own.days), changed(&was.days, &other.days));
    if !own_days.is_empty() && !other_days.is_empty() && own_days != other_days {
        return Err("wrote the directory of another day");
    }
    Ok(Some(DirectoryDays { days: days(&was.days, &own.days, &other.days), changing: None }))
}

fn changed(base: &Days, days: &Days) -> BTreeSet<Date> {
    days.iter().filter(|(day, entry)| base.get(*day) != Some(*entry)).map(|(day, _)| *day).collect()
}
