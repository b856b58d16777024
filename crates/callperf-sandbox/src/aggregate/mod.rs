//! Working out what a request asks for.

pub(crate) mod filter;
mod matching;
pub(crate) mod period;
pub(crate) mod portion;
pub(crate) mod query;
pub(crate) mod tally;
pub(crate) mod world;
