use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::shown::{shown, shown_json};

use crate::support::{Copy, Outcome, revision};

#[test]
fn what_a_terminal_obeys_becomes_visible() {
    for (text, expected) in [
        ("\u{1b}]0;x\u{7}", r"\u{1b}]0;x\u{7}"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("\u{7f}\u{9b}31m", r"\u{7f}\u{9b}31m"),
        ("\u{202e}gnp.exe\u{2066}", r"\u{202e}gnp.exe\u{2066}"),
        ("a\u{200b}b\u{feff}\u{2028}", r"a\u{200b}b\u{feff}\u{2028}"),
        ("Zürich → 東京 😀 \\n", "Zürich → 東京 😀 \\n"),
    ] {
        assert_eq!(shown(text), expected);
        assert_eq!(shown(expected), expected);
    }
}

#[test]
fn json_stays_json() {
    let value = serde_json::json!({"a\u{202e}\u{1b}": ["\u{9b}\u{e0001}", "東京\n"]});
    let text = shown_json(&format!("{value:#}"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    assert_eq!(shown(&text.replace('\n', "")), text.replace('\n', ""));
}

/// Nothing that a terminal obeys or hides, in any line.
fn assert_visible(outcome: &Outcome) {
    for line in outcome.stdout.lines().chain(outcome.stderr.lines()) {
        assert_eq!(shown(line), line);
    }
}

const HIDDEN: &str = "\u{202e}gnp\u{200b}\u{feff}";
const VISIBLE: &str = r"\u{202e}gnp\u{200b}\u{feff}";

#[test]
fn names_of_a_document_are_printed_visibly() {
    let date = "2025-03-11";
    let copy = Copy::at(Api::CallsV1, date);
    let mut document = revision("calls-v1", date);
    let schemas = &mut document["components"]["schemas"];
    schemas["CallFilters"]["properties"][HIDDEN] = json!({"type": "string"});
    schemas["CallResult"]["enum"].as_array_mut().unwrap().push(json!(HIDDEN));
    copy.write("new.json", &document.to_string());
    let old = format!("calls-v1@{date}");
    for format in ["text", "markdown"] {
        let outcome = copy.run(&["diff", &old, "new.json", "--format", format]);
        assert_eq!(outcome.code, 1, "{}", outcome.stderr);
        assert!(outcome.stdout.contains(VISIBLE), "{}", outcome.stdout);
        assert_visible(&outcome);
    }
    let outcome = copy.run(&["diff", &old, "new.json", "--format", "json"]);
    assert_visible(&outcome);
    let json: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(json.to_string().contains(HIDDEN), "{json}");
    let outcome = copy.run(&["adopt", "new.json", "--api", "calls-v1", "--date", "2098-01-01"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains(&format!("CallFilters/{VISIBLE}`: ")), "{}", outcome.stdout);
    assert_visible(&outcome);
    let changelog = copy.read("CHANGELOG.md");
    assert!(changelog.contains(VISIBLE) && !changelog.contains(HIDDEN), "{changelog}");
    let outcome = copy.run(&["coverage"]);
    assert!(outcome.stdout.contains(VISIBLE), "{}", outcome.stdout);
    assert_visible(&outcome);
    document["components"]["schemas"]["CallFilters"]["properties"][HIDDEN] =
        json!({"type": "file"});
    copy.write("newer.json", &document.to_string());
    let outcome = copy.run(&["adopt", "newer.json", "--api", "calls-v1", "--date", "2098-01-02"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stdout);
    assert!(outcome.stderr.contains(VISIBLE), "{}", outcome.stderr);
    assert_visible(&outcome);
}

/// They would begin a line, or a command, in each file that lists names.
#[test]
fn names_with_control_characters_are_refused() {
    let copy = Copy::new();
    let at = |document: &mut Value, pointer: &str, value: Value| {
        let mut place = &mut *document;
        for step in pointer.split('/') {
            place = &mut place[step];
        }
        *place = value;
    };
    let schemas = "components/schemas";
    for (pointer, value, place) in [
        (
            format!("{schemas}/Direction/properties"),
            json!({"a\u{1b}]0;x\u{7}": {"type": "string"}}),
            "Direction/properties: ",
        ),
        (format!("{schemas}/Direction/enum"), json!(["a", "b\n  remedy: c"]), "Direction/enum/1: "),
        (format!("{schemas}/Direction/required"), json!(["\u{9b}31m"]), "Direction/required/0: "),
    ] {
        let mut document = revision("beta", "2021-08-12");
        at(&mut document, &pointer, value);
        copy.write("new.json", &document.to_string());
        let outcome = copy.run(&["import", "new.json", "--api", "beta", "--date", "2021-09-01"]);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        let refusal = format!("{place}has a name or a word with a control character\n");
        assert!(outcome.stderr.contains(&refusal), "{}", outcome.stderr);
        assert_visible(&outcome);
    }
    // Prose goes, and a pattern may hold what it looks for.
    let mut document = revision("beta", "2021-08-12");
    document["info"]["title"] = json!("\u{1b}[31mtitle\nand more");
    document["components"]["schemas"]["Direction"]["description"] = json!("one\ntwo");
    document["components"]["schemas"]["Direction"]["pattern"] = json!("\t");
    copy.write("new.json", &document.to_string());
    let outcome = copy.run(&["import", "new.json", "--api", "beta", "--date", "2021-09-01"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_visible(&outcome);
}
