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
old = "identifiers"
new = "ids"
api = "beta"
revision = "2021-07-19"
evidence = "a test"
"#;

const DROP: &str = r#"
[[rename]]
kind = "drop"
old = "OutboundSeconds"
api = "beta"
revision = "2021-07-19"
evidence = "a test"
"#;

/// Each with the line and what to do.
#[test]
fn a_list_with_something_wrong_is_refused() {
    let changed = |from: &str, to: &str| RENAME.replace(from, to);
    let and = |from: &str, to: &str| [RENAME, &changed(from, to)].concat();
    let back = RENAME.replace("ids", "x").replace("identifiers", "ids").replace('x', "identifiers");
    let at = |pointer: &str| changed("evidence", &format!("at = \"{pointer}\"\nevidence"));
    for (text, parts) in [
        (changed("kind = ", "kin = "), [": is not a list of renames", "unknown field `kin`"]),
        (changed("property", "propriety"), [": ", "unknown variant `propriety`"]),
        (changed("beta", "gamma"), [": ", "unknown variant `gamma`"]),
        (changed("evidence = \"a test\"", ""), [": ", "missing field `evidence`"]),
        (changed("a test", " "), ["#/rename/0/evidence: is empty (line 8)", "how it is known"]),
        (changed("identifiers", ""), ["#/rename/0/old: is empty (line 4)", "old name"]),
        (
            changed("identifiers", "ids"),
            ["#/rename/0/new: renames `ids` to itself (line 5)", "the new name"],
        ),
        (
            changed("2021-07-19", "2021-07-20"),
            [
                "#/rename/0/revision: beta has no revision of 2021-07-20 (line 7)",
                "openapi/revisions.toml",
            ],
        ),
        (
            and("ids", "keys"),
            [
                "#/rename/1: `identifiers` is renamed twice in beta 2021-07-19 (line 10)",
                "keep one of the two",
            ],
        ),
        ("renames = []".to_owned(), [": ", "unknown field `renames`"]),
        ("rename".to_owned(), [": is not a list of renames", "TOML parse error at line 1"]),
        // What neither revision has.
        (
            changed("\"ids\"", "\"idz\""),
            ["#/rename/0/new: beta 2021-07-19 has no property `idz` (line 5)", "take it out"],
        ),
        (
            changed("identifiers", "identifierz"),
            [
                "#/rename/0/old: beta 2021-06-17, the revision before, has no property \
                 `identifierz` (line 4)",
                "take it out",
            ],
        ),
        (
            at("/components/schemas/Nothing"),
            [
                "/at: beta 2021-07-19 has nothing at `/components/schemas/Nothing` (line 8)",
                "write the JSON pointer",
            ],
        ),
        (
            changed("property", "value").replace("evidence", "at = \"/x\"\nevidence"),
            ["#/rename/0/at: beta 2021-07-19 has nothing at `/x` (line 8)", "the JSON pointer"],
        ),
        (
            changed("property", "schema").replace("evidence", "at = \"/x\"\nevidence"),
            ["#/rename/0/at: doesn't apply to renames of kind `schema` (line 8)", "take it out"],
        ),
        (RENAME.replace("new = \"ids\"\n", ""), ["#/rename/0/new: is empty (line 2)", "new name"]),
        (
            [RENAME, &back].concat(),
            [
                "#/rename/1/new: goes in a circle: identifiers → ids → identifiers (line 13)",
                "take it out, or write the revision that gave the name back",
            ],
        ),
        // Two that were in one schema.
        (
            [&changed("identifiers", "groupBy"), RENAME].concat(),
            ["#/rename/1/old: `groupBy` and `identifiers` both became `ids` (line 12)", "leave"],
        ),
        (
            changed("property", "move").replace("identifiers", "/identifiers"),
            ["#/rename/0/old: `/identifiers` begins with a slash (line 4)", "take it off"],
        ),
        (
            changed("identifiers", "/restapi/v1.0/account"),
            ["#/rename/0/old: `/restapi/v1.0/account` is a path, not a name (line 4)", "paths of"],
        ),
    ] {
        is_refused(&text, parts);
    }
}

/// Both names are still there.
#[test]
fn a_rename_that_replaced_nothing_is_refused() {
    let changed = |from: &str, to: &str| RENAME.replace(from, to);
    for (text, parts) in [
        (
            changed("identifiers", "groupBy"),
            [
                "#/rename/0/new: no property `ids` took the place of a property `groupBy` (line 5)",
                "take it out",
            ],
        ),
        (
            changed("property", "move").replace("identifiers", "groupBy"),
            ["#/rename/0/new: no property `ids` took the place of a property `groupBy`", "line 5"],
        ),
        (
            changed("property", "value").replace("identifiers", "Users").replace("ids", "Queues"),
            ["#/rename/0/new: no value `Queues` took the place of a value `Users`", "take it out"],
        ),
        (
            changed("property", "schema")
                .replace("identifiers", "CallDurationByResponse")
                .replace("\"ids\"", "\"CallDurationByResponseType\""),
            ["#/rename/0/new: no schema ", "took the place of a schema"],
        ),
    ] {
        is_refused(&text, parts);
    }
}

#[test]
fn a_drop_of_what_is_there_or_never_was_is_refused() {
    for (text, parts) in [
        (
            DROP.replace("OutboundSeconds", "ids"),
            [
                "#/rename/0/old: beta 2021-06-17, the revision before, has no `ids` (line 4)",
                "the revision that dropped it",
            ],
        ),
        (
            DROP.replace("OutboundSeconds", "groupBy").replace(
                "evidence",
                "at = \"/components/schemas/PerformanceCallsGrouping\"\nevidence",
            ),
            [
                "#/rename/0/old: beta 2021-07-19 still has `groupBy` at \
                 /components/schemas/PerformanceCallsGrouping (line 4)",
                "take it out",
            ],
        ),
        (
            RENAME.replace("property", "drop"),
            [
                "#/rename/0/new: `identifiers` is dropped, and has the new name `ids` (line 5)",
                "take the new name out",
            ],
        ),
    ] {
        is_refused(&text, parts);
    }
}

fn is_refused(text: &str, parts: [&str; 2]) {
    let copy = Copy::new();
    copy.write("openapi/renames.toml", text);
    let outcome = copy.run(&["diff", "beta@2021-06-17", "beta@2021-07-19"]);
    assert_eq!(outcome.code, 3, "{text}");
    assert!(outcome.stderr.starts_with("openapi/renames.toml"), "{}", outcome.stderr);
    for part in parts.iter().chain(&["\n  remedy: "]) {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
}

/// The same name can have become another in another way, or in another revision.
#[test]
fn one_name_may_be_renamed_in_different_ways() {
    let copy = Copy::new();
    let others = [
        RENAME
            .replace("property", "value")
            .replace("identifiers", "InboundAnswers")
            .replace("\"ids\"", "\"InboundDirect\""),
        RENAME.replace("property", "move"),
        RENAME.replace("\"identifiers\"", "\"ended\"").replace("\"ids\"", "\"completed\""),
    ];
    copy.write("openapi/renames.toml", &[RENAME, &others.concat()].concat());
    let outcome = copy.run(&["diff", "beta@2021-06-17", "beta@2021-07-19"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, ""));
}
