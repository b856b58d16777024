//! Whether hours add up to days.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
};

use callperf::Grouping;
use jiff::civil::Date;
use parquet::errors::ParquetError;

use crate::{
    model::{breakdowns, table::SeriesName},
    read::sums::{Label, Points, Sums},
    store::folder::Folder,
};

/// Numbers that differ by less are the same: seconds may be fractions, which are added up in
/// another order.
const SAME: f64 = 1e-6;

/// What differs between the hours of a grouping on a day and that day, in words.
pub(crate) fn difference(
    folder: &Folder,
    (hours, days): (&SeriesName, &SeriesName),
    day: Date,
) -> Result<Option<String>, ParquetError> {
    let grouping = days.grouping();
    let by_hour = numbers(folder, hours, &grouping, day)?;
    let by_day = numbers(folder, days, &grouping, day)?;
    let all: BTreeSet<_> = by_hour.keys().chain(by_day.keys()).collect();
    let number = |numbers: &Numbers, place| numbers.get(place).copied().unwrap_or(0.0);
    let differing: Vec<_> = all
        .into_iter()
        .filter(|place| (number(&by_hour, place) - number(&by_day, place)).abs() > SAME)
        .collect();
    let Some(place) = differing.first() else { return Ok(None) };
    let (key, Label { metric, breakdown, word, .. }) = place;
    let word = word.as_deref().map(|word| format!(" {word}")).unwrap_or_default();
    Ok(Some(format!(
        "hours don't add up: {} {day}: {} of the numbers differ; key {key}: {metric} \
         {breakdown}{word} is {} by hours and {} by day",
        days.grouping,
        differing.len(),
        number(&by_hour, place),
        number(&by_day, place)
    )))
}

type Numbers = BTreeMap<(String, Label), f64>;

/// The numbers of a day that aren't zero.
fn numbers(
    folder: &Folder,
    series: &SeriesName,
    grouping: &Grouping,
    day: Date,
) -> Result<Numbers, ParquetError> {
    let measured = breakdowns::of(grouping).flat_map(|breakdown| {
        ["calls", "time_spent"].map(|metric| (metric.to_owned(), breakdown.as_str().to_owned()))
    });
    let mut sums = Sums::new(measured.collect(), BTreeSet::new(), Points::One);
    sums.add(File::open(folder.part(series, day))?)?;
    let labels = &sums.labels;
    let numbers = sums.keys.iter().flat_map(|(key, of_key)| {
        let numbers = of_key.points.values().flatten();
        labels.iter().zip(numbers).map(|(label, number)| ((key.clone(), label.clone()), *number))
    });
    Ok(numbers.filter(|(_, number)| *number != 0.0).collect())
}
