//! The account, its calls, and what they are made or read from.

pub(crate) mod calls;
mod dice;
pub(crate) mod directory;
pub(crate) mod era;
pub(crate) mod files;
pub(crate) mod generate;
pub(crate) mod time;
pub(crate) mod words;
