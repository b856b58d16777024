//! What a history consists of: tables, series of days, and the manifest that lists them.

pub(crate) mod breakdowns;
pub(crate) mod day;
pub(crate) mod directory;
pub(crate) mod file;
pub(crate) mod layout;
pub(crate) mod manifest;
#[cfg(feature = "object-store")]
pub(crate) mod merge;
pub(crate) mod row;
pub(crate) mod scope;
pub(crate) mod synced;
pub(crate) mod table;
pub(crate) mod zone;
