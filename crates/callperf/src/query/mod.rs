//! What to ask: a grouping, a period, metrics and filters.

mod definition;
mod filter;
pub(crate) mod fingerprint;
mod group_by;
mod length;
mod measure;
mod schema;
mod stored;
#[cfg(test)]
mod tests;

pub(crate) use self::group_by::Dimension;
pub use self::{
    definition::Query,
    filter::{Filter, SegmentFilter},
    group_by::GroupBy,
    length::{Hours, Length},
    measure::Measure,
};
