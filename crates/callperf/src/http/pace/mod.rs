//! How fast requests may go: what the server says of its quota, and what was
//! sent.
//!
//! The server counts requests per user, application and *group* of operations
//! in a sliding window, and answers one too many with a penalty that each
//! further request starts anew. So the pace is kept, not corrected: a
//! [`ledger`] decides, and a [`gate`] waits.

mod budget;
mod gate;
mod group;
mod headers;
mod ledger;
mod line;
mod membership;
mod rate_limit;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod ticket;

pub use self::{budget::Budget, headers::QuotaHeaders};
pub(crate) use self::{
    gate::{Gate, Permit},
    headers::Remaining,
    line::Operation,
};
