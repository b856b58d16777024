//! How a plan is spelled on each API, and how its response is read.
//!
//! Two pure functions per operation: a plan to the generated request type, and a response to a
//! page. Nothing here knows a client, a token or a socket.

mod beside;
pub(crate) mod beta;
pub(crate) mod calls_v1;
mod decode;
pub(crate) mod directory;
mod filters;
#[cfg(feature = "testing")]
pub(crate) mod identifying;
mod left_out;
mod nulls;
pub(crate) mod operations;
mod salvage;
mod spelled;
pub(crate) mod spelling;

pub(crate) use decode::{Answer, typed};
