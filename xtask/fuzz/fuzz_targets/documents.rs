#![no_main]
#![allow(dead_code, reason = "each target runs one of the bodies")]

use std::path::Path;

#[path = "../bodies.rs"]
mod bodies;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::documents(bytes, Path::new(ROOT)));
