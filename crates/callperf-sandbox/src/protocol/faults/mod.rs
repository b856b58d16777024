//! What can go wrong on demand.

mod all;
pub(crate) mod answers;
pub(crate) mod bodies;
mod fault;
pub(crate) mod line;
mod marks;
mod plan;
mod text;

pub use fault::{Fault, Latency, Place};
pub(crate) use marks::{Met, Skew};
pub(crate) use plan::Plan;
pub use plan::{Faults, Requests, Rule};
pub use text::FaultError;
