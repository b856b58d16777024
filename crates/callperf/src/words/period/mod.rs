//! The time that a report is about.

mod buffer;
mod definition;
mod earlier;
mod resolved;
mod schema;
mod so_far;
mod stored;
#[cfg(test)]
mod tests;

pub use self::{
    buffer::END_BUFFER,
    definition::{Period, PeriodKind},
    resolved::ResolvedPeriod,
};
pub(crate) use self::{buffer::latest_end, resolved::to_millis};
