//! Which portions of calls a request wants.

use crate::data::words::{Word, Words};

/// All of these must hold; an absent one always does.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Of each set, at least one word.
    pub(crate) words: Vec<Words>,
    /// At least one of them.
    pub(crate) segments: Option<Vec<SegmentFilter>>,
    /// The whole call's length.
    pub(crate) call_duration: Bounds,
    /// The portion's length.
    pub(crate) time_spent: Bounds,
    /// Extensions that the key received the call from.
    pub(crate) from: Option<Vec<u16>>,
    /// Extensions that accepted what the key placed.
    pub(crate) to: Option<Vec<u16>>,
    /// Extensions of queues that the call went through.
    pub(crate) queues: Option<Vec<u16>>,
    /// Direct numbers that were dialled.
    pub(crate) numbers: Option<Vec<u16>>,
}

/// The phase was there, for so long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentFilter {
    pub(crate) segment: Word,
    pub(crate) length: Bounds,
}

/// Seconds, both ends included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

impl Bounds {
    pub(crate) fn hold(self, seconds: impl Into<i64>) -> bool {
        let seconds = seconds.into();
        self.min.is_none_or(|min| min <= seconds) && self.max.is_none_or(|max| seconds <= max)
    }
}
