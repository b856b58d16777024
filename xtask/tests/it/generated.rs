use serde_json::{Value, json};
use xtask::names;

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
    assert!(outcome.stderr.contains("calls_v1.rs: cannot be written"), "{}", outcome.stderr);
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
    let clients = [("beta", "beta"), ("calls-v1", "calls_v1"), ("directory", "directory")];
    for (api, module) in clients {
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

const CODE: &str = r#"
pub mod types {
    pub struct Record {
        #[serde(rename = "callsByResult", skip_serializing_if = "Option::is_none")]
        pub calls_by_result: Option<u32>,
        #[serde(default)]
        pub r#in: Vec<String>,
        pub key: String,
        #[serde(rename = "type")]
        pub type_: String,
        #[serde(flatten)]
        pub extra: Map,
    }
    pub struct Error(String);
}
impl Client {
    pub fn new(per_page: &str) -> Self {}
    pub async fn fetch_by_v2(&self, account_id: &str, per_page: Option<i64>, body: &str) {}
}
"#;

#[test]
fn names_of_the_wire_are_constants_by_identifier() {
    let parameters =
        json!([{"name": "accountId", "in": "path"}, {"name": "perPage", "in": "query"}]);
    let operation = json!({"operationId": "fetchByV2", "parameters": parameters});
    let mut file = syn::parse_file(CODE).unwrap();
    names::add(&mut file, &json!({"paths": {"/v2/{accountId}": {"post": operation}}}), &[]);
    let code = prettyplease::unparse(&file);
    let constants = code.lines().map(str::trim);
    let constants: Vec<_> = constants
        .filter(|line| line.starts_with("pub const") || line.starts_with("pub mod"))
        .collect();
    assert_eq!(
        constants,
        [
            "pub mod types {",
            r#"pub const calls_by_result: &'static str = "callsByResult";"#,
            r#"pub const r#in: &'static str = "in";"#,
            r#"pub const key: &'static str = "key";"#,
            r#"pub const type_: &'static str = "type";"#,
            "pub mod operations {",
            "pub mod fetch_by_v2 {",
            r#"pub const ID: &str = "fetchByV2";"#,
            r#"pub const PATH: &str = "/v2/{accountId}";"#,
            r#"pub const account_id: &str = "accountId";"#,
            r#"pub const per_page: &str = "perPage";"#,
        ]
    );
    assert_eq!(code.matches("impl Record {").count(), 1);
    assert!(!code.contains("impl Error"), "{code}");
}
