//! What a sync has done.

use std::collections::BTreeSet;

use jiff::civil::Date;

/// What a sync has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// The last day that is kept.
    pub last: Date,
    /// How many files the history has.
    pub files: u64,
    /// How many rows they have.
    pub rows: u64,
    /// Parts of the responses that have no place in the files.
    pub not_kept: BTreeSet<String>,
    /// Breakdowns that the server left out, though they were requested.
    pub left_out: BTreeSet<String>,
}
