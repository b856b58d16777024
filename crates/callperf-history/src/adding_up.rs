//! Whether hours add up to days.

use std::collections::{BTreeMap, BTreeSet};

use callperf::Grouping;
use jiff::civil::Date;
use parquet::errors::ParquetError;

use crate::{
    model::{breakdowns, file::Day, layout, table::SeriesName},
    read::sums::{Label, Points, Sums},
    store::place::Place,
};

/// Numbers that differ by less are the same: seconds may be fractions, which are added up in
/// another order.
const SAME: f64 = 1e-6;

/// What differs between the hours of a grouping on a day and that day, in words.
pub(crate) fn difference(
    place: &Place,
    (hours, by_hour): (&SeriesName, &Day),
    (days, by_day): (&SeriesName, &Day),
    day: Date,
) -> Result<Option<String>, ParquetError> {
    let grouping = days.grouping();
    let by_hour = numbers(place, (hours, by_hour), &grouping, day)?;
    let by_day = numbers(place, (days, by_day), &grouping, day)?;
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
    place: &Place,
    (series, listed): (&SeriesName, &Day),
    grouping: &Grouping,
    day: Date,
) -> Result<Numbers, ParquetError> {
    let measured = breakdowns::of(grouping).flat_map(|breakdown| {
        ["calls", "time_spent"].map(|metric| (metric.to_owned(), breakdown.as_str().to_owned()))
    });
    let mut sums = Sums::new(measured.collect(), BTreeSet::new(), Points::One);
    sums.add(place.source(&layout::part(series, day, listed), listed)?)?;
    let labels = &sums.labels;
    let numbers = sums.keys.iter().flat_map(|(key, of_key)| {
        let numbers = of_key.points.values().flatten();
        labels.iter().zip(numbers).map(|(label, number)| ((key.clone(), label.clone()), *number))
    });
    Ok(numbers.filter(|(_, number)| *number != 0.0).collect())
}
