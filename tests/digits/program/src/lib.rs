//! A program whose tree has features of `serde_json` that callperf doesn't ask for.
