//! What comes back: records, series of points, and values that know what they are.
//!
//! A value that wasn't asked for, or wasn't sent, is `None`, never zero. What
//! this crate has no word for is kept under its wire name.
//!
//! All of it is written and read by serde, so that answers can be cached: what is read is equal
//! to what was written, unknown words and numbers to the last digit included.

pub(crate) mod answer;
pub(crate) mod answer_to;
mod by_word;
mod metric;
mod notice;
mod page;
mod record;
pub(crate) mod row;
mod stored;
#[cfg(test)]
mod stored_tests;
#[cfg(test)]
mod tests;
mod value;
pub(crate) mod zone;

pub(crate) use self::row::{AnyPage, Row};
pub use self::{
    by_word::By,
    metric::Metric,
    notice::Notice,
    page::Page,
    record::{Info, Point, Record, Series},
    value::Value,
};
pub(crate) use self::{
    by_word::Values,
    metric::Entry,
    record::keyed,
    value::{Meaning, exact},
    zone::Zone,
};
