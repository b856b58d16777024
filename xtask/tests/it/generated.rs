use serde_json::Value;

use crate::support::{Copy, root};

#[test]
fn check_says_what_is_stale_and_writes_nothing() {
    let copy = Copy::new();
    let fresh = copy.run(&["generate", "--check"]);
    assert_eq!((fresh.code, fresh.stderr.as_str()), (0, ""));

    let file = "crates/callperf-raw/src/beta.rs";
    copy.write(file, &copy.read(file).replace("Client", "Customer"));
    let touched = copy.files();
    let stale = copy.run(&["generate", "--check"]);
    assert_eq!(stale.code, 4);
    assert!(stale.stderr.contains(file), "{}", stale.stderr);
    assert!(!stale.stderr.contains("calls_v1.rs"), "{}", stale.stderr);
    assert!(stale.stderr.contains("cargo xtask generate"), "{}", stale.stderr);
    assert!(copy.files() == touched);

    assert_eq!(copy.run(&["generate"]).code, 0);
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_others_alone() {
    let copy = Copy::new();
    copy.write("crates/callperf-raw/src/beta.rs", "// old\n");
    let last = copy.path("crates/callperf-raw/src/calls_v1.rs");
    std::fs::remove_file(&last).unwrap();
    std::fs::create_dir(&last).unwrap();
    let files = copy.files();
    let outcome = copy.run(&["generate"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("calls_v1.rs#: cannot be written"), "{}", outcome.stderr);
    assert!(copy.files() == files);
}

#[test]
fn the_banner_names_the_progenitor_that_is_locked() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let entry = format!("name = \"progenitor\"\nversion = \"{}\"\n", xtask::generate::PROGENITOR);
    assert!(lock.contains(&entry));
}

#[test]
fn nothing_generated_is_closed() {
    for (api, module) in [("beta", "beta"), ("calls-v1", "calls_v1")] {
        let code = format!("crates/callperf-raw/src/{module}.rs");
        let code = std::fs::read_to_string(root().join(code)).unwrap();
        assert!(!code.contains("enum "), "{module}");
        assert!(!code.contains("deny_unknown_fields"), "{module}");
        assert!(code.lines().count() < 3000, "{module}");
        let lowered = std::fs::read_to_string(root().join(format!("openapi/lowered/{api}.json")));
        let lowered: Value = serde_json::from_str(&lowered.unwrap()).unwrap();
        for schema in lowered["components"]["schemas"].as_object().unwrap().values() {
            assert_open(schema);
        }
    }
}

const ALLOWED: [&str; 10] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "description",
    "format",
    "items",
    "nullable",
    "properties",
    "type",
    "x-rust-type",
];

fn assert_open(schema: &Value) {
    let map = schema.as_object().unwrap();
    for key in map.keys() {
        assert!(ALLOWED.contains(&key.as_str()), "{key} in {schema}");
    }
    let properties = map.get("properties").and_then(Value::as_object);
    if properties.is_some() {
        assert_eq!(map["additionalProperties"], serde_json::json!({}));
    }
    let nested = properties.into_iter().flat_map(|p| p.values());
    let nested = nested.chain(map.get("items")).chain(map.get("additionalProperties"));
    nested.for_each(assert_open);
}
