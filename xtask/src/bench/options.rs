//! What to measure, and how.

use std::path::PathBuf;

/// What to measure, and how.
#[derive(Debug)]
pub struct Bench {
    /// The rows, by name; all of them where it is empty.
    pub names: Vec<String>,
    /// How often each competitor has its turn.
    pub rounds: usize,
    /// The vendor's whole document.
    pub platform: Option<PathBuf>,
    /// Whether to build and test everything after adopting it.
    pub rebuild: bool,
}
