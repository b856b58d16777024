//! Exclusive bounds, which are numbers in 3.1 and flags in 3.0.

use std::cmp::Ordering;

use serde_json::{Number, Value, json};

use super::keywords::Schema;

/// Of two bounds the tighter one stays.
pub(super) fn numeric(schema: &mut Schema) {
    let bounds = [
        ("minimum", "exclusiveMinimum", Ordering::Greater),
        ("maximum", "exclusiveMaximum", Ordering::Less),
    ];
    for (inclusive, exclusive, tighter) in bounds {
        let Some(Value::Number(bound)) = schema.get(exclusive) else { continue };
        let is_tighter = |other: &Number| compare(other, bound) == tighter;
        let other = schema.get(inclusive).and_then(Value::as_number);
        if other.is_some_and(is_tighter) {
            schema.remove(exclusive);
        } else {
            let bound = Value::Number(bound.clone());
            schema.insert(inclusive.to_owned(), bound);
            schema.insert(exclusive.to_owned(), json!(true));
        }
    }
}

/// By value: a whole number beyond 2^53 is no float.
fn compare(one: &Number, other: &Number) -> Ordering {
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
