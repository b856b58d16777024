//! The tests are the one binary in `it/`. This library holds the programs of the README and of the
//! document about testing, which are compiled as its doc tests.
#![doc = include_str!("../README.md")]

#[doc = include_str!("../crates/callperf/docs/testing.md")]
pub mod testing {}
