//! Calibrations of sandboxes: what they find is what the sandbox assumes, or nothing.

mod matrix;
mod seeds;
mod support;
mod trouble;
