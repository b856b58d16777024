//! How long a file of the SDK is. `long.txt` has those that are too long, and may only shrink.

use std::{collections::BTreeSet, fs};

use super::{listed, rust_files};
use crate::support::workspace;

const MOST: usize = 500;
/// How a line among the first comments of a long file begins that has a reason for it.
const REASON: &str = "Long because ";

fn has_reason(text: &str) -> bool {
    let comments = text.lines().take_while(|line| line.starts_with("//"));
    comments
        .map(|line| line.trim_start_matches(['/', '!']).trim_start())
        .any(|line| line.strip_prefix(REASON).is_some_and(|reason| !reason.trim().is_empty()))
}

fn is_too_long(text: &str) -> bool {
    text.lines().count() > MOST && !has_reason(text)
}

/// Tests in a file or in a file of their own count, too: they are read as well.
#[test]
fn files_of_the_sdk_are_short_or_say_why_not() {
    let root = workspace();
    let files = rust_files(&root.join("crates/callperf/src"));
    let long: BTreeSet<_> = files
        .into_iter()
        .filter(|file| is_too_long(&fs::read_to_string(file).unwrap()))
        .map(|file| file.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    let remedy = format!(
        "over {MOST} lines; take them apart, or begin a line of the comment at their top with `{REASON}`"
    );
    listed::only_shrinks("tests/it/house/long.txt", &long, &remedy);
}

#[test]
fn a_long_file_needs_a_reason_at_its_top() {
    let lines = |count: usize| "\n".repeat(count);
    for (text, expected) in [
        (lines(500), false),
        (lines(501), true),
        (format!("//! A table.\n//!\n//! Long because it is one table.\n{}", lines(500)), false),
        (format!("// Long because it is one table.\n{}", lines(500)), false),
        (format!("//! Long because \n{}", lines(500)), true),
        (format!("//! A table.\nuse a;\n// Long because it is late.\n{}", lines(500)), true),
    ] {
        assert_eq!(is_too_long(&text), expected, "{}", text.trim_end());
    }
}
