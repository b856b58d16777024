//! Calibrations of sandboxes: what they find is what the sandbox assumes, or nothing.

mod document;
mod matrix;
mod runs;
mod seeds;
mod support;
mod trouble;
