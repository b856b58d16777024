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

/// The last whole number within an end of a range; none beyond 64 bits.
pub(crate) fn whole_end(end: &Number, is_exclusive: bool, is_lower: bool) -> Option<Number> {
    let step = if is_lower { 1 } else { -1 };
    let next = |whole: i128| if is_exclusive { whole + step } else { whole };
    if let Some(whole) = end.as_i128() {
        return Number::from_i128(next(whole));
    }
    let end = float(end);
    let inside = if is_lower { end.ceil() } else { end.floor() };
    // Beyond 2^53 a float may stand for other numbers than it is.
    if inside.abs() > 9_007_199_254_740_992.0 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)]
    let whole = inside as i128;
    // Of a fraction, the whole number beside it is inside in any case.
    Number::from_i128(if end.fract() == 0.0 { next(whole) } else { whole })
}

/// As a person writes it: a whole number with all of its digits.
pub(crate) fn written(number: &Number) -> String {
    /// Beyond this, zeros would be most of it.
    const LONGEST: f64 = 1e25;
    match number.as_f64().filter(|it| number.is_f64() && it.fract() == 0.0 && it.abs() < LONGEST) {
        Some(whole) => format!("{whole:.0}"),
        None => number.to_string(),
    }
}
