//! The tests are the one binary in `it/`. This library holds the README's
//! programs, which are compiled as its doc tests.
#![doc = include_str!("../README.md")]
