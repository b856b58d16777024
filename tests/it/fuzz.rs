//! The fuzz body of answers over its corpus: what documents show, what went
//! wrong once, and the faults of the fault table.

use std::fs;

use crate::support;

#[path = "../../crates/callperf/fuzz/bodies.rs"]
mod bodies;

#[test]
fn no_answer_breaks_what_must_hold() {
    let corpus = support::workspace().join("crates/callperf/fuzz/corpus/answers");
    let files = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path());
    let mut replayed = 0;
    for file in files {
        println!("{}", file.display());
        bodies::answers(&fs::read(&file).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 12, "the corpus is there");
}
