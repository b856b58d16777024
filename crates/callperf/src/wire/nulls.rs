//! Nulls where numbers are expected.
//!
//! A number that was sent as null isn't one that wasn't sent: a reader of the report has to know.
//! The generated types don't tell the two apart, so that a response with a null is read by
//! [`salvage`](super::salvage).

use callperf_raw::calls_v1::types::AllCalls;
use serde_json::{Map, Value as Json};

use crate::{query::Measure, words::vocabulary::Breakdown};

pub(super) const REASON: &str = "null, not a number";

/// Takes the nulls out of what was sent for a metric, and notes the path of each. What is left
/// without a number is left out as a whole.
pub(super) fn take_out(
    metrics: &mut Map<String, Json>,
    measures: &[Measure],
    note: &mut impl FnMut(&str),
) {
    metrics.retain(|wire, value| match Expected::of(wire, measures) {
        Expected::Number if value.is_null() => {
            note(wire);
            false
        }
        Expected::Number | Expected::Words => is_left(value, wire, note),
        Expected::Nothing => true,
    });
}

/// What stands where a null is.
enum Expected {
    /// Numbers that the query asks for.
    Number,
    /// Words of a breakdown that another one may have asked for, as on the beta. The breakdown
    /// itself may be null because it wasn't.
    Words,
    /// Something that wasn't asked for.
    Nothing,
}

impl Expected {
    fn of(wire: &str, measures: &[Measure]) -> Self {
        let breakdown = Breakdown::from(wire);
        if measures.iter().any(|measure| measure.breakdown == breakdown) {
            Self::Number
        } else if breakdown.is_known() {
            Self::Words
        } else {
            Self::Nothing
        }
    }
}

/// Whether a metric has anything left without its nulls.
fn is_left(metric: &mut Json, path: &str, note: &mut impl FnMut(&str)) -> bool {
    !remove(metric, path, note) || has_number(metric)
}

/// Whether there was one.
fn remove(metric: &mut Json, path: &str, note: &mut impl FnMut(&str)) -> bool {
    let Json::Object(parts) = metric else { return false };
    let mut found = false;
    parts.retain(|name, part| {
        let path = format!("{path}.{name}");
        let is_null = part.is_null() && name != AllCalls::value_type;
        if is_null {
            note(&path);
        }
        found |= is_null || remove(part, &path, note);
        !is_null
    });
    found
}

fn has_number(metric: &Json) -> bool {
    match metric {
        Json::Number(_) => true,
        Json::Object(parts) => parts.values().any(has_number),
        _ => false,
    }
}
