//! One number, and what it is.

use std::fmt;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

use crate::words::{
    number,
    vocabulary::{Aggregation, Interval, Unit},
};

/// One number with its unit, and how it came about.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
pub struct Value {
    #[serde(rename = "value")]
    #[schemars(with = "f64")]
    number: Number,
    #[serde(flatten)]
    meaning: Meaning,
}

/// What the numbers of a breakdown are.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Meaning {
    pub(crate) unit: Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aggregation: Option<Aggregation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interval: Option<Interval>,
}

impl Value {
    pub(crate) fn new(number: Number, meaning: Meaning) -> Self {
        Self { number, meaning }
    }

    /// The number.
    ///
    /// Whole numbers beyond 2⁵³ are rounded; [`Value::as_u64`] isn't.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.number.as_f64().unwrap_or(f64::NAN)
    }

    /// The number, where it is whole and not negative.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.number.as_u64()
    }

    /// The number as it was sent, a whole one without a fraction.
    #[must_use]
    pub fn number(&self) -> &Number {
        &self.number
    }

    /// The duration, where the unit is seconds and the number fits.
    #[must_use]
    pub fn as_duration(&self) -> Option<SignedDuration> {
        if self.meaning.unit != Unit::Seconds {
            return None;
        }
        SignedDuration::try_from_secs_f64(self.as_f64()).ok()
    }

    /// Calls, seconds or percent.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.meaning.unit
    }

    /// How calls became this number; `None` where the query didn't ask for it,
    /// since the answer doesn't say.
    #[must_use]
    pub fn aggregation(&self) -> Option<&Aggregation> {
        self.meaning.aggregation.as_ref()
    }

    /// The stretch of time that an average, minimum or maximum is over.
    #[must_use]
    pub fn interval(&self) -> Option<&Interval> {
        self.meaning.interval.as_ref()
    }
}

/// The number without its unit, formatted as an `f64` is: `{value:.1}` has one
/// decimal, and width, fill, alignment and sign hold. Without a precision it is the
/// number as it was sent.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::format(&self.number, f)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.meaning.unit)?;
        for word in
            [self.aggregation().map(Aggregation::as_str), self.interval().map(Interval::as_str)]
                .into_iter()
                .flatten()
        {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

/// A whole number that was sent as a float (`40.0`) is that whole number.
///
/// Both APIs then give the same number; beyond 2⁵³ a float isn't exact, and is
/// left as it is.
#[expect(clippy::needless_pass_by_value, reason = "callers have no other use for it")]
pub(crate) fn exact(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = number::plain(&number);
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number };
    #[expect(clippy::cast_possible_truncation, reason = "it is compared with what it was")]
    let whole = float as i64;
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whole and within 2^53")]
    let is_whole = float.abs() <= EXACT && whole as f64 == float;
    if is_whole { Number::from(whole) } else { number }
}
