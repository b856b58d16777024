//! Texts as documents: read as they are meant, or refused with one message.

use std::path::Path;

use serde_json::{Value, json};
use xtask::document::parse;

use crate::support::{Copy, revision};

fn read(file: &str, text: &str) -> Result<Value, String> {
    parse(text, Path::new(file)).map_err(|error| error.to_string())
}

fn refused(file: &str, text: &str, parts: &[&str]) {
    let error = read(file, text).expect_err(text);
    for part in parts.iter().chain(&["\n  remedy: "]) {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
    assert_eq!(error.lines().count(), 2, "{error}");
}

const MERGED: &str = "
base: &base {type: string, enum: [a], x: {y: 1}}
more: &more {type: integer, minimum: 0}
one: {<<: *base, enum: [b]}
after: {enum: [b], <<: *base}
several: {<<: [*more, *base]}
chain: {<<: &chained {<<: *base, type: object}}
";

#[test]
fn merge_keys_are_applied() {
    let value = read("a.yaml", MERGED).unwrap();
    let one = json!({"type": "string", "enum": ["b"], "x": {"y": 1}});
    assert_eq!(value["one"], one);
    assert_eq!(value["after"], one);
    let several = json!({"type": "integer", "minimum": 0, "enum": ["a"], "x": {"y": 1}});
    assert_eq!(value["several"], several);
    assert_eq!(value["chain"], json!({"type": "object", "enum": ["a"], "x": {"y": 1}}));
    // JSON knows of no such thing.
    let text = r#"{"<<": {"a": 1}}"#;
    assert_eq!(read("a.json", text).unwrap(), json!({"<<": {"a": 1}}));
}

#[test]
fn merge_keys_of_something_else_are_refused() {
    let what = "merges what is not a mapping";
    refused("a.yaml", "a:\n  b:\n    <<: text", &["a.yaml#/a/b/<<: ", what, ", line "]);
    refused("a.yaml", "a: {<<: [{b: 1}, 2]}", &["a.yaml#/a/<<: ", what]);
    refused("a.yaml", "a: {<<: {b: 1}, <<: {c: 1}}", &["#/a/<<: the name `<<` is there twice"]);
}

#[test]
fn a_name_is_there_once() {
    let twice = "is there twice, line ";
    refused("a.json", "{\"a\": 1,\n \"b\": 2,\n \"a\": 1}", &["a.json#/a: ", twice, "line 3\n"]);
    let deep = "{\"a\": [{}, {\"b/c\": {\"d\": 1, \"d\": 2}}]}";
    refused("a.json", deep, &["a.json#/a/1/b~1c/d: the name `d` ", twice]);
    refused("a.json", r#"{"é": 1, "\u00e9": 2}"#, &["a.json#/é: ", twice]);
    refused("a.yaml", "a:\n  b: 1\n  c: 2\n  b: 1\n", &["a.yaml#/a/b: ", twice, "line 4\n"]);
    // One is a number, and both are the same status.
    refused("a.yaml", "a:\n  200: x\n  '200': y\n", &["a.yaml#/a/200: ", twice, "line 3\n"]);
    refused("a.yaml", "a: {true: 1, 'true': 2}", &["a.yaml#/a/true: ", twice]);
    refused("a.yml", deep, &["a.yml#/a/1/b~1c/d: ", twice]);
}

#[test]
fn numbers_are_those_of_json() {
    refused("a.json", r#"{"a": 1e400}"#, &["is not JSON: number out of range"]);
    for number in [".inf", "-.inf", ".nan"] {
        refused("a.yaml", &format!("a: [0, {number}]"), &["a.yaml#/a/1: ", "which JSON lacks"]);
    }
    // No float of 64 bits, so a word like any other.
    assert_eq!(read("a.yaml", "a: 1e400").unwrap(), json!({"a": "1e400"}));
    let large = "18446744073709551616";
    for file in ["a.json", "a.yaml"] {
        let value = read(file, &format!(r#"{{"a": {large}, "b": 9007199254740993}}"#)).unwrap();
        assert_eq!(value["a"], json!(18_446_744_073_709_551_616.0));
        assert_eq!(value["b"], json!(9_007_199_254_740_993_u64));
        // A word, as what is no number: it would be another one.
        let value =
            read(file, r#"{"c": "-1\\", "a": [18446744073709551617, -9223372036854775809, 1e3]}"#);
        assert_eq!(
            value.unwrap()["a"],
            json!(["18446744073709551617", "-9223372036854775809", 1000.0])
        );
    }
}

#[test]
fn a_file_is_one_whole_document() {
    for (file, text) in [("a.json", ""), ("a.yaml", ""), ("a.yaml", " \r\n\t\n"), ("a", "\n")] {
        refused(file, text, &[": is empty", "complete"]);
    }
    refused("a.yaml", "# nothing but a comment\n", &["a.yaml: is "]);
    refused("a.json", r#"{"a": 1} {"b": 2}"#, &["is not JSON: trailing characters"]);
    refused("a.json", r#"{"a": 1}]"#, &["is not JSON: trailing characters"]);
    refused("a.json", "{\"a\": 1, // one\n \"b\": 2}", &["is not JSON: ", "line 1"]);
    refused("a.json", "// comment\n{\"a\": 1}", &["is not JSON: "]);
    refused("a.json", "/* comment */ {\"a\": 1}", &["is not JSON: "]);
    refused("a.yaml", "a: 1\n---\nb: 2\n", &["a.yaml: has more than one YAML document"]);
    refused("a.yaml", "a: 1\n---\nb: [\n", &["a.yaml: is not YAML"]);
    refused("a.yaml", "a: 1\n]\n", &["a.yaml: is not YAML"]);
    assert_eq!(read("a.yaml", "---\na: 1\n...\n").unwrap(), json!({"a": 1}));
    assert_eq!(read("a.yaml", "a: 1\r\nb: |\r\n  x\r\n  y\r\n").unwrap()["b"], "x\ny\n");
    assert_eq!(read("a.json", "{\r\n \"a\": 1\r\n}\r\n").unwrap(), json!({"a": 1}));
    assert_eq!(read("a.yaml", "a: !thing {b: !!str 1}").unwrap(), json!({"a": {"b": "1"}}));
    refused("a.yaml", "a: {? [b] : c}", &["a.yaml#/a: has a key that is no string"]);
    refused("a.yaml", "a: {? {b: c} : d}", &["a.yaml#/a: has a key that is no string"]);
    refused("a.yaml", "a: {~: d}", &["a.yaml#/a: has a key that is no string"]);
}

#[test]
fn what_has_no_end_is_refused() {
    refused("a.yaml", "a: &a [*a]", &["is not YAML: "]);
    refused("a.yaml", "a: &a {b: {<<: *a}}", &["is not YAML: "]);
    refused("a.yaml", "a: *nowhere", &["is not YAML: "]);
    let lines = (1..12).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{aliases}]\n")
    });
    let bomb: String = std::iter::once("a0: &a0 [x, x, x]\n".to_owned()).chain(lines).collect();
    refused("a.yaml", &bomb, &["a.yaml: "]);
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(3000), "*a, ".repeat(3000));
    refused("a.yaml", &wide, &["a.yaml#/b/", "holds more than 2000000 values"]);
    refused("a.json", &format!("[{}1]", "1,".repeat(2_000_000)), &["more than 2000000 values"]);
    for (file, open, close) in
        [("a.json", "[", "]"), ("a.json", "{\"a\":", "}"), ("a.yaml", "[", "]")]
    {
        for depth in [200, 100_000] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            refused(file, &text, &["recursion limit exceeded"]);
        }
    }
    refused("a.yaml", &"- ".repeat(10_000), &["a.yaml: "]);
}

/// From a file to the exit code, with every file as it was.
#[test]
fn nothing_is_written_then() {
    let document = revision("beta", "2021-08-12").to_string();
    let copy = Copy::new();
    let import = ["import", "document.json", "--api", "beta", "--date", "2021-09-01"];
    for (bytes, what) in [
        (format!("{document} x").into_bytes(), "is not JSON: trailing characters"),
        (document.replacen('{', "{\"openapi\": \"3.0.3\", ", 1).into_bytes(), "#/openapi: "),
        (Vec::new(), "is empty"),
        (b"\xef\xbb\xbf".to_vec(), "is empty"),
        (document.encode_utf16().flat_map(u16::to_be_bytes).collect(), "is UTF-16"),
        ([b"\xfe\xff", document.as_bytes()].concat(), "UTF-16"),
        ([document.as_bytes(), b"\xff"].concat(), "is not UTF-8"),
        (
            vec![b' '; 50 * 1024 * 1024 + 1],
            "document.json: is larger than 50 MiB\n  remedy: check that it is the right file",
        ),
    ] {
        std::fs::write(copy.path("document.json"), bytes).unwrap();
        let files = copy.files();
        let outcome = copy.run(&import);
        assert_eq!(outcome.code, 3, "{what}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(what), "{}", outcome.stderr);
        assert!(copy.files() == files, "a file has changed");
    }
    let lines = document.replace(',', ",\r\n");
    std::fs::write(copy.path("document.json"), format!("\u{feff}{lines}\r\n")).unwrap();
    let outcome = copy.run(&import);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
}

/// A schema that is merged into another is in the revision.
#[test]
fn a_merged_schema_is_imported() {
    let text = "
openapi: 3.0.3
info: {title: Small, version: 2}
paths:
  /restapi/v1.0/account/{accountId}/analytics/performance/calls/aggregate:
    post:
      operationId: aggregatePerformanceReportCalls
      responses: {200: {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}}}}
components:
  schemas:
    Base: &base {type: object, properties: {a: {type: string}}}
    Answer: {<<: *base, nullable: true}
";
    let copy = Copy::new();
    copy.write("small.yml", text);
    let outcome = copy.run(&["import", "small.yml", "--api", "beta", "--date", "2021-08-20"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let revision = copy.read("openapi/revisions/beta/2021-08-20.json");
    let revision: Value = serde_json::from_str(&revision).unwrap();
    let expected =
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "nullable": true});
    assert_eq!(revision["components"]["schemas"]["Answer"], expected);
}

/// In what is imported, and nowhere else.
#[test]
fn a_bound_that_would_be_rounded_is_refused() {
    let document = revision("beta", "2021-08-12").to_string();
    let place = "\"Direction\":{";
    assert_eq!(document.matches(place).count(), 1);
    let with = |keyword: &str| document.replace(place, &format!("{place}{keyword},"));
    let copy = Copy::new();
    let import = ["import", "document.json", "--api", "beta", "--date", "2021-09-01"];
    for number in ["18446744073709551617", "0.10000000000000000001", "123456789.0123456789"] {
        copy.write("document.json", &with(&format!("\"maximum\":{number}")));
        let outcome = copy.run(&import);
        let expected = format!(
            "document.json#/components/schemas/Direction/maximum: is `{number}`, not a number that \
             64 bits hold\n  remedy: write such a number in a copy of the document\n"
        );
        assert_eq!((outcome.code, outcome.stderr), (3, expected));
    }
    for keyword in [
        "\"maximum\":18446744073709551616",
        "\"maximum\":1.7976931348623157e308",
        "\"maximum\":0.30000000000000004",
        "\"maximum\":18446744073709551615",
        "\"example\":18446744073709551617",
        "\"x-range\":{\"maximum\":18446744073709551617}",
    ] {
        copy.write("document.json", &with(keyword));
        let outcome = copy.run(&import);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{keyword}");
        std::fs::remove_file(copy.path("openapi/revisions/beta/2021-09-01.json")).unwrap();
        copy.write(
            "openapi/revisions.toml",
            &std::fs::read_to_string(crate::support::root().join("openapi/revisions.toml"))
                .unwrap(),
        );
    }
}
