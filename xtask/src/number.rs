//! Numbers of JSON by their value, however they are written.

use std::cmp::Ordering;

use serde_json::Number;

/// By value: a whole number beyond 2^53 is no float.
pub(crate) fn compare(one: &Number, other: &Number) -> Ordering {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(one), None) => with_float(one, float(other)),
        (None, Some(other)) => with_float(other, float(one)).reverse(),
        (None, None) => float(one).partial_cmp(&float(other)).unwrap_or(Ordering::Equal),
    }
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

fn with_float(whole: i128, float: f64) -> Ordering {
    // A float's whole part is exact, and saturates far beyond the whole numbers of JSON.
    #[allow(clippy::cast_possible_truncation)]
    let floor = float.floor() as i128;
    let fraction = if float > float.floor() { Ordering::Less } else { Ordering::Equal };
    whole.cmp(&floor).then(fraction)
}
