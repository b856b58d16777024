//! Exclusive bounds, which are numbers in 3.1 and flags in 3.0.

use std::cmp::Ordering;

use serde_json::{Number, Value, json};

use super::keywords::Schema;
use crate::number::compare;

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
