//! The fuzz bodies over their corpora.

use std::fs;
use std::path::Path;

use crate::support::root;

#[path = "../../fuzz/bodies.rs"]
mod bodies;

fn replay(corpus: &str, body: fn(&[u8], &Path)) -> usize {
    let folder = root().join("xtask/fuzz/corpus").join(corpus);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|file| {
            println!("{}", file.display());
            body(&fs::read(&file).unwrap(), &root());
        })
        .count()
}

#[test]
fn no_document_breaks_what_must_hold() {
    assert!(replay("documents", bodies::documents) >= 8, "the corpus is there");
}

#[test]
fn no_overlay_breaks_what_must_hold() {
    assert!(replay("overlays", bodies::overlays) >= 8, "the corpus is there");
}
