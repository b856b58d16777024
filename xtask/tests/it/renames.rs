//! `openapi/renames.toml`, as it is committed and with something wrong.

use std::fs;

use xtask::diff::{Renames, source};
use xtask::workspace::Workspace;

use crate::support::{Copy, catalogue, package, root};

/// The last revision that the fixture knows of; what is renamed later has no part in it.
const LAST: &str = "2025-03-11";

/// The renames that stood in an overlay once, and what `diff` made of them.
#[test]
fn every_rename_there_was_still_counts() {
    let fixture = fs::read_to_string(package().join("tests/fixtures/renames.json")).unwrap();
    let fixture = serde_json::from_str(&fixture).unwrap();
    let workspace = Workspace::new(root());
    let mut revisions = catalogue().revision;
    revisions.retain(|revision| revision.date.as_str() <= LAST);
    let sources: Vec<_> = (revisions.iter())
        .map(|it| source(&workspace, &format!("{}@{}", it.api, it.date)).unwrap())
        .collect();
    for old in &sources {
        for new in &sources {
            let (after, until) = (old.date.as_deref(), new.date.as_deref());
            let before = Renames::listed(&fixture).unwrap().between(after, until);
            let now = Renames::load(&workspace, after, until).unwrap();
            let diff = |renames| xtask::diff::diff(&old.document, &new.document, renames, false);
            assert_eq!(diff(&now), diff(&before), "{} → {}", old.label, new.label);
        }
    }
    let beta = &sources[0];
    let difference = |renames: &Renames| {
        xtask::diff::diff(&beta.document, &sources[1].document, renames, false).len()
    };
    let with = Renames::load(&workspace, None, None).unwrap();
    assert_ne!(difference(&with), difference(&Renames::default()), "the renames have no effect");
}

const RENAME: &str = r#"
[[rename]]
kind = "property"
old = "a"
new = "b"
api = "beta"
revision = "2021-07-19"
evidence = "a test"
"#;

#[test]
fn a_list_with_something_wrong_is_refused() {
    let changed = |from: &str, to: &str| RENAME.replace(from, to);
    for (text, parts) in [
        (changed("kind = ", "kin = "), [": is not a list of renames", "unknown field `kin`"]),
        (changed("property", "propriety"), [": ", "unknown variant `propriety`"]),
        (changed("beta", "gamma"), [": ", "unknown variant `gamma`"]),
        (changed("evidence = \"a test\"", ""), [": ", "missing field `evidence`"]),
        (changed("a test", " "), ["#/rename/0/evidence: is empty", "how it is known"]),
        (changed("\"a\"", "\"\""), ["#/rename/0/old: is empty", "old name"]),
        (changed("\"b\"", "\"a\""), ["#/rename/0/new: renames `a` to itself", "the new name"]),
        (
            changed("2021-07-19", "2021-07-20"),
            ["#/rename/0/revision: beta has no revision of 2021-07-20", "openapi/revisions.toml"],
        ),
        (
            [RENAME, &changed("\"b\"", "\"c\"")].concat(),
            ["#/rename/1: `a` is renamed twice in beta 2021-07-19", "leave one"],
        ),
        ("renames = []".to_owned(), [": ", "unknown field `renames`"]),
        ("rename".to_owned(), [": is not a list of renames", "TOML parse error at line 1"]),
    ] {
        let copy = Copy::new();
        copy.write("openapi/renames.toml", &text);
        let outcome = copy.run(&["diff", "beta@2021-06-17", "beta@2021-07-19"]);
        assert_eq!(outcome.code, 3, "{text}");
        assert!(outcome.stderr.starts_with("openapi/renames.toml"), "{}", outcome.stderr);
        for part in parts.iter().chain(&["\n  remedy: "]) {
            assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
        }
    }
}

/// The same name can have become another in another way, or in another api.
#[test]
fn one_name_may_be_renamed_in_different_ways() {
    let copy = Copy::new();
    let others = [
        RENAME.replace("property", "value"),
        RENAME.replace("property", "move"),
        RENAME.replace("2021-07-19", "2021-08-12"),
    ];
    copy.write("openapi/renames.toml", &[RENAME, &others.concat()].concat());
    let outcome = copy.run(&["diff", "beta@2021-06-17", "beta@2021-07-19"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, ""));
}
