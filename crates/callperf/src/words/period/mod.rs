//! The time that a report is about.

mod definition;
mod resolved;
mod schema;
mod stored;
#[cfg(test)]
mod tests;

pub(crate) use self::resolved::{latest_end, to_millis};
pub use self::{
    definition::{Period, PeriodKind},
    resolved::{END_BUFFER, ResolvedPeriod},
};
