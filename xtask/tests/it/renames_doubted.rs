//! Names that may have become others: what `diff` says of them, and what `adopt` leaves to a person.

use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::coverage::VOCABULARY;
use xtask::renames::RENAMES;

use crate::renames_adopted::{CURRENT, left_to_do, rename, schema};
use crate::support::{Copy, revision, root};

type Change = fn(&mut Value);

fn compared(change: Change) -> String {
    let copy = Copy::new();
    let old = revision("calls-v1", CURRENT);
    let mut new = old.clone();
    change(&mut new);
    copy.write("old.json", &old.to_string());
    copy.write("new.json", &new.to_string());
    copy.run(&["diff", "old.json", "new.json"]).stdout
}

/// What is recorded and what is left, of a document that is adopted.
fn adopted(change: Change) -> (String, String) {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    // The one of the SDK has words that say what they are for.
    copy.write(VOCABULARY, &std::fs::read_to_string(root().join(VOCABULARY)).unwrap());
    let before = copy.read(RENAMES);
    let mut document = revision("calls-v1", CURRENT);
    change(&mut document);
    let to_do = left_to_do(&copy, &document);
    (copy.read(RENAMES)[before.len()..].to_owned(), to_do)
}

fn word(document: &mut Value, list: &str, old: &str, new: &str) {
    for word in schema(document, list)["enum"].as_array_mut().unwrap() {
        if word == old {
            *word = new.into();
        }
    }
}

/// A word and the field that counts it.
fn one_word_that_became_two(document: &mut Value) {
    word(document, "CallResult", "AnsweredElsewhere", "AnsweredAnywhere");
    rename(document, "CallsByResultBreakdown", "answeredElsewhere", "answeredAround");
}

fn one_word_that_became_two_of_which_one_is_unsure(document: &mut Value) {
    word(document, "CallResult", "PickedUp", "PickedOff");
    rename(document, "CallsByResultBreakdown", "pickedUp", "hungUp");
}

#[test]
fn one_word_that_has_two_new_names_is_not_renamed() {
    for (change, names, candidates) in [
        (
            one_word_that_became_two as Change,
            ["AnsweredElsewhere", "answeredElsewhere"],
            "`AnsweredAnywhere`, `answeredAround`",
        ),
        (
            one_word_that_became_two_of_which_one_is_unsure,
            ["PickedUp", "pickedUp"],
            "`PickedOff`, `hungUp`",
        ),
    ] {
        let (recorded, to_do) = adopted(change);
        assert_eq!(recorded, "", "it was guessed");
        for name in names {
            let line = format!("{RENAMES}: `{name}` is gone, and {candidates} came (");
            assert!(to_do.contains(&line), "{line} in {to_do}");
        }
    }
    let text = compared(one_word_that_became_two);
    for line in [
        "value renamed: AnsweredElsewhere → AnsweredAnywhere (perhaps: ",
        "property renamed: answeredElsewhere → answeredAround (perhaps: ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// One word in two spellings that stays one is renamed.
#[test]
fn one_word_that_has_one_new_name_is_renamed() {
    let (recorded, to_do) = adopted(|document| {
        word(document, "CallResult", "AnsweredElsewhere", "AnsweredAnywhere");
        rename(document, "CallsByResultBreakdown", "answeredElsewhere", "answeredAnywhere");
    });
    assert_eq!(recorded.matches("[[rename]]").count(), 2, "{recorded}");
    assert_eq!(to_do, "  nothing\n");
}

fn ends(document: &mut Value, from: &str, to: &str) {
    rename(document, "TimeRange", "timeFrom", from);
    rename(document, "TimeRange", "timeTo", to);
}

/// Each end of a range stays that end, in the changelog as well.
#[test]
fn both_ends_of_a_range_are_not_paired_crosswise() {
    let cases: [(Change, [&str; 2]); 4] = [
        (|it| ends(it, "timeStart", "timeEnd"), ["timeStart (perhaps", "timeEnd (perhaps"]),
        (|it| ends(it, "fromTime", "toTime"), ["fromTime (perhaps", "toTime (perhaps"]),
        (|it| ends(it, "timeMinimum", "timeMaximum"), ["timeMinimum (perhaps", "timeMaximum (p"]),
        (|it| ends(it, "from", "to"), ["from (by name and shape)", "to (by name and shape)"]),
    ];
    for (change, [from, to]) in cases {
        let text = compared(change);
        for line in [format!("timeFrom → {from}"), format!("timeTo → {to}")] {
            assert!(text.contains(&line), "{line} in {text}");
        }
    }
    let (recorded, to_do) = adopted(|it| ends(it, "timeStart", "timeEnd"));
    assert_eq!(recorded, "", "it was guessed");
    assert!(to_do.contains("`timeFrom` is gone, and `timeEnd`, `timeStart` came ("), "{to_do}");
}

/// A start that is gone didn't become an end.
#[test]
fn one_end_did_not_become_the_other_one() {
    let text = compared(|document| rename(document, "TimeRange", "timeFrom", "timeEnd"));
    let line = "timeFrom → timeEnd (perhaps: by name and shape, but for a word of another meaning)";
    assert!(text.contains(line), "{text}");
}

fn another_type(document: &mut Value) {
    rename(document, "KeyInfo", "extensionNumber", "extensionNumbers");
    schema(document, "KeyInfo")["properties"]["extensionNumbers"] =
        json!({"type": "array", "items": {"type": "string"}});
}

#[test]
fn a_name_of_another_type_is_no_rename_by_shape() {
    let text = compared(another_type);
    for line in [
        "property renamed: extensionNumber → extensionNumbers (perhaps: by name, but of another type)",
        "type changed: string → array of string",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let (recorded, to_do) = adopted(another_type);
    assert_eq!(recorded, "", "it was guessed");
    assert!(to_do.contains("`extensionNumber` is gone, and `extensionNumbers` came"), "{to_do}");
}

fn a_move_of_another_type(document: &mut Value) {
    let info = &mut schema(document, "KeyInfo")["properties"];
    info.as_object_mut().unwrap().remove("extensionNumber");
    for record in ["AggregationResponseRecord", "TimelineResponseRecord"] {
        schema(document, record)["properties"]["extensionNumber"] =
            json!({"type": "array", "items": {"type": "string"}});
    }
}

#[test]
fn a_move_to_another_type_is_said_to_be_one() {
    let text = compared(a_move_of_another_type);
    assert!(text.contains("(perhaps: by name, but of another type)"), "{text}");
    let (recorded, to_do) = adopted(a_move_of_another_type);
    assert!(!recorded.contains("kind = \"move\""), "{recorded}");
    assert!(to_do.contains("property moved: "), "{to_do}");
}

/// Of a request's filters, two may well be of one type, as its options are.
#[test]
fn a_new_filter_is_called_one() {
    let (_, to_do) = adopted(|document| {
        let texts = json!({"type": "array", "items": {"type": "string"}});
        schema(document, "CallFilters")["properties"]["carriers"] = texts.clone();
        schema(document, "CallFilters")["properties"]["devices"] = texts.clone();
        schema(document, "ExtensionFilters")["properties"]["viaIds"] = texts;
        schema(document, "TimeSettings")["properties"]["fiscalYear"] = json!({"type": "boolean"});
        for options in ["AggregationResponseOptionsCounters", "TimelineResponseOptionsTimers"] {
            schema(document, options)["properties"]["callsByCarrier"] = json!({"type": "string"});
        }
    });
    let filter = "new filter: make it one of `Filter` in crates/callperf/src/query/filter.rs; ";
    let option = "new option: name its breakdown in crates/callperf/src/words/vocabulary.rs; ";
    let part = "new part of a request: write it in crates/callperf/src/wire/calls_v1/request.rs";
    for (name, what) in [
        ("CallFilters/carriers", filter),
        ("CallFilters/devices", filter),
        ("ExtensionFilters/viaIds", filter),
        ("TimeSettings/fiscalYear", part),
        ("AggregationResponseOptionsCounters/callsByCarrier", option),
        ("TimelineResponseOptionsTimers/callsByCarrier", option),
    ] {
        let line = format!("  `{name}`: {what}");
        assert!(to_do.contains(&line), "{line} in {to_do}");
    }
}

fn a_copy(document: &mut Value) {
    let info = schema(document, "KeyInfo").clone();
    *schema(document, "RecordInfo") = info;
    schema(document, "TimelineResponseRecord")["properties"]["info"] =
        json!({"$ref": "#/components/schemas/RecordInfo"});
}

/// Nothing changes on the wire, and the generated type of one place does.
#[test]
fn a_component_that_was_copied_is_said() {
    let text = compared(a_copy);
    assert!(text.contains("1 documentation\n"), "{text}");
    let line =
        "another schema in its place: KeyInfo → RecordInfo\n    /components/schemas/RecordInfo";
    assert!(text.contains(line), "{text}");
    let (recorded, to_do) = adopted(a_copy);
    assert_eq!(recorded, "");
    let line = "crates/callperf/src/wire/calls_v1: another schema in its place: KeyInfo → RecordInfo \
                (/components/schemas/RecordInfo): give `RecordInfo` the words that `KeyInfo` has, take its \
                lines out of openapi/uncovered.txt, and generate";
    assert!(to_do.contains(line), "{to_do}");
}

/// Two copies that became one.
#[test]
fn a_component_in_the_place_of_another_is_said() {
    let copy = Copy::new();
    let old = revision("calls-v1", CURRENT);
    let mut new = old.clone();
    a_copy(&mut new);
    copy.write("old.json", &old.to_string());
    copy.write("new.json", &new.to_string());
    let text = copy.run(&["diff", "new.json", "old.json"]).stdout;
    assert!(text.contains("another schema in its place: RecordInfo → KeyInfo"), "{text}");
}

const RENAME: &str = r#"
[[rename]]
kind = "property"
old = "maxSeconds"
new = "longest"
api = "calls-v1"
revision = "2098-01-01"
at = "/components/schemas/CallDurationFilter"
evidence = "a test"
"#;

/// The code would read one as the other.
#[test]
fn a_rename_to_another_type_is_refused() {
    let text = json!({"type": "string"});
    let object = json!({"type": "object", "properties": {"seconds": {"type": "number"}}});
    let list = json!({"type": "array", "items": {"type": "integer"}});
    for (is, type_of, is_refused) in [
        (text, "string", true),
        (object, "object", true),
        (list, "array", true),
        (json!({"type": "boolean"}), "boolean", true),
        (json!({"type": "number"}), "number", false),
    ] {
        let copy = Copy::at(Api::CallsV1, CURRENT);
        let mut document = revision("calls-v1", CURRENT);
        let properties = &mut schema(&mut document, "CallDurationFilter")["properties"];
        properties.as_object_mut().unwrap().remove("maxSeconds");
        properties["longest"] = is;
        left_to_do(&copy, &document);
        let renames = copy.read(RENAMES);
        copy.write(RENAMES, &(renames.clone() + RENAME));
        let outcome = copy.run(&["generate"]);
        assert_eq!(outcome.code, if is_refused { 3 } else { 0 }, "{}", outcome.stderr);
        if is_refused {
            let what = format!("`maxSeconds` is of type number, and `longest` of type {type_of}");
            let line = renames.lines().count() + 5;
            let entry = renames.matches("\n[[rename]]").count();
            let expected =
                format!("{RENAMES}#/rename/{entry}/new: {what} (line {line})\n  remedy: ");
            assert!(outcome.stderr.starts_with(&expected), "{expected}: {}", outcome.stderr);
        }
    }
}

#[test]
fn a_move_to_another_type_is_refused() {
    let copy = Copy::at(Api::CallsV1, CURRENT);
    let mut document = revision("calls-v1", CURRENT);
    a_move_of_another_type(&mut document);
    left_to_do(&copy, &document);
    let entry = RENAME
        .replace("\"property\"", "\"move\"")
        .replace("maxSeconds", "info/extensionNumber")
        .replace("longest", "extensionNumber")
        .replace("CallDurationFilter", "TimelineResponseRecord");
    copy.write(RENAMES, &(copy.read(RENAMES) + &entry));
    let outcome = copy.run(&["generate"]);
    let what =
        "`info/extensionNumber` is of type string, and `extensionNumber` of type array (line ";
    assert!(outcome.stderr.contains(what), "{}", outcome.stderr);
}

/// It has no past, and another api's is none of its.
#[test]
fn a_rename_of_an_apis_first_revision_is_refused() {
    for (api, date, kind, names) in [
        ("directory", "2025-03-11", "property", "old = \"counters\"\nnew = \"email\""),
        ("directory", "2025-03-11", "drop", "old = \"counters\""),
        ("beta", "2021-06-17", "property", "old = \"nothing\"\nnew = \"identifiers\""),
    ] {
        let copy = Copy::new();
        let entry = format!(
            "[[rename]]\nkind = \"{kind}\"\n{names}\napi = \"{api}\"\nrevision = \"{date}\"\n\
             evidence = \"a test\"\n"
        );
        copy.write(RENAMES, &entry);
        let outcome = copy.run(&["generate", "--check"]);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        let what = format!(
            "{RENAMES}#/rename/0/revision: {date} is the first revision of {api}: nothing "
        );
        assert!(outcome.stderr.starts_with(&what), "{what}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("\n  remedy: write the date of the revision that brought"));
    }
}
