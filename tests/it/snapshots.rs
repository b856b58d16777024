//! What a snapshot of the feature `testing` says when it fails.

use callperf::testing;

use crate::support::{child, is_child};

#[test]
fn child_compares_with_a_snapshot_that_isnt_there() {
    if is_child() {
        testing::assert_snapshot("that-isnt-there", &7);
    }
}

#[test]
fn a_snapshot_that_fails_names_the_file_of_its_test() {
    let mut child = child("snapshots::child_compares_with_a_snapshot_that_isnt_there");
    let child = child.env("INSTA_UPDATE", "no").env_remove("INSTA_FORCE_PASS");
    let output = child.env("INSTA_OUTPUT", "diff").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(!output.status.success(), "{said}");
    let source = said.lines().find(|line| line.starts_with("Source: "));
    assert_eq!(source, Some("Source: tests/it/snapshots.rs:10"), "{said}");
}
