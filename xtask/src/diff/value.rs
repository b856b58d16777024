//! Values that are the same however they are written: lists of words, and whole numbers.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::node::plain;

/// What an `enum` lists, without null.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    /// Each as a person writes it, with the place of its list.
    pub(super) all: BTreeMap<String, (Value, String)>,
    pub(super) has_null: bool,
}

impl Words {
    pub(super) fn kind(&self) -> &'static str {
        let kind_of = |value: &Value| match value {
            Value::String(_) => "string",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::Bool(_) => "boolean",
            _ => "any",
        };
        let mut kinds = self.all.values().map(|(value, _)| kind_of(value));
        let first = kinds.next().unwrap_or("any");
        if kinds.all(|kind| kind == first) { first } else { "any" }
    }
}

/// The values that each of several lists has; none if there is no list.
pub(super) fn words_of<'l>(
    mut lists: impl Iterator<Item = (&'l Vec<Value>, &'l str)>,
) -> Option<Words> {
    let (first, place) = lists.next()?;
    let mut kept: Vec<Value> = first.iter().map(normal).collect();
    for (list, _) in lists {
        let list: Vec<_> = list.iter().map(normal).collect();
        kept.retain(|value| list.contains(value));
    }
    let has_null = kept.contains(&Value::Null);
    kept.retain(|value| !value.is_null());
    let all = kept.into_iter().map(|value| (written(&value), (value, place.to_owned())));
    Some(Words { all: all.collect(), has_null })
}

/// A word as it is; in quotes if it would pass for a number or the like.
fn written(value: &Value) -> String {
    match value {
        Value::String(word) if serde_json::from_str::<Value>(word).is_ok() => value.to_string(),
        other => plain(other),
    }
}

/// The same value with whole numbers written as such.
pub(super) fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            whole(number).and_then(Number::from_i128).map_or_else(|| value.clone(), Value::Number)
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), normal(value))).collect()
        }
        other => other.clone(),
    }
}

fn whole(number: &Number) -> Option<i128> {
    /// 2^126, so that a float below it is an `i128`.
    const LARGEST: f64 = 85_070_591_730_234_615_865_843_651_857_942_052_864.0;
    let as_float = || number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < LARGEST);
    // Whole and in range, as was just asked.
    #[allow(clippy::cast_possible_truncation)]
    number.as_i128().or_else(|| as_float().map(|it| it as i128))
}

/// Whether one is a multiple of the other, which is only known of whole numbers.
pub(super) fn divides(divisor: &Number, number: &Number) -> bool {
    match (whole(divisor), whole(number)) {
        (Some(divisor), Some(number)) => divisor != 0 && number % divisor == 0,
        _ => false,
    }
}
