use serde_json::{Value, json};
use xtask::catalogue::Api;
use xtask::changelog::with_entry;
use xtask::coverage::{UNCOVERED, VOCABULARY};

use crate::support::{Copy, Outcome, revision, root};

const AGGREGATION: &str = "/analytics/calls/v1/accounts/{accountId}/aggregation/fetch";

const CURRENT: &str = "2026-08-13";

fn copy() -> Copy {
    Copy::at(Api::CallsV1, CURRENT)
}

fn current() -> Value {
    revision("calls-v1", CURRENT)
}

fn adopt(copy: &Copy, document: &Value, date: &str) -> Outcome {
    copy.write("new.json", &document.to_string());
    copy.run(&["adopt", "new.json", "--api", "calls-v1", "--date", date])
}

fn adopted(copy: &Copy, document: &Value, date: &str) -> String {
    let outcome = adopt(copy, document, date);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    for check in [&["generate", "--check"][..], &["coverage"]] {
        let outcome = copy.run(check);
        assert_eq!(outcome.code, 0, "{check:?}: {}", outcome.stderr);
    }
    outcome.stdout
}

fn push(document: &mut Value, pointer: &str, value: Value) {
    document.pointer_mut(pointer).unwrap().as_array_mut().unwrap().push(value);
}

fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}

fn two_values_and_a_field(document: &mut Value) {
    push(document, "/components/schemas/CallResult/enum", json!("Deflected"));
    push(document, "/components/schemas/CallAction/enum", json!("Escalate"));
    let by_result = schema(document, "CallsByResultBreakdown");
    by_result["properties"]["deflected"] = json!({"type": "number", "format": "double"});
    push(by_result, "/required", json!("deflected"));
}

fn a_breakdown(document: &mut Value) {
    let options = &mut schema(document, "AggregationResponseOptionsCounters")["properties"];
    options["callsByChannel"] = options["callsByType"].clone();
    let options = &mut schema(document, "TimelineResponseOptionsCounters")["properties"];
    options["callsByChannel"] = json!({"type": "boolean"});
    let reference = json!({"$ref": "#/components/schemas/CallsByChannel"});
    schema(document, "CallsCounters")["properties"]["callsByChannel"] = reference;
    *schema(document, "CallsByChannel") = json!({
        "type": "object",
        "required": ["valueType", "values"],
        "properties": {
            "valueType": {"$ref": "#/components/schemas/ValueType"},
            "values": {"type": "object", "properties": {"app": {"type": "number"}}},
        },
    });
}

fn a_filter_and_a_parameter(document: &mut Value) {
    let channels = json!({"type": "array", "items": {"type": "string", "enum": ["App", "Desk"]}});
    schema(document, "CallFilters")["properties"]["channels"] = channels;
    let locale = json!({"name": "locale", "in": "query", "schema": {"type": "string"}});
    push(&mut document["paths"][AGGREGATION]["post"], "/parameters", locale);
}

#[test]
fn additive_revisions_one_after_the_other() {
    let copy = copy();
    // The one of the SDK has words that say what they are for.
    copy.write(VOCABULARY, &std::fs::read_to_string(root().join(VOCABULARY)).unwrap());
    let mut document = current();

    two_values_and_a_field(&mut document);
    let said = adopted(&copy, &document, "2098-01-01");
    assert!(said.starts_with("3 additive\n"), "{said}");
    for line in [
        "`CallResult`: new value `Deflected`: add one line to crates/callperf/src/words/vocabulary.rs \
         and one to crates/callperf/src/wire/calls_v1/table.rs",
        "`CallAction`: new value `Escalate`: ",
        "`CallsByResultBreakdown/deflected`: new field: ",
        "openapi/uncovered.txt: 3 more lines",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let listed = copy.read(UNCOVERED);
    assert_eq!(listed.lines().count(), 3);
    assert!(listed.contains("calls-v1 /components/schemas/CallResult/enum/Deflected\n"));

    a_breakdown(&mut document);
    let said = adopted(&copy, &document, "2098-01-02");
    for line in [
        "`CallsCounters/callsByChannel`: new breakdown: ",
        "`AggregationResponseOptionsCounters/callsByChannel`: new option: ",
        "`TimelineResponseOptionsCounters/callsByChannel`: new option: ",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    assert!(!said.contains("Deflected"), "{said}");

    a_filter_and_a_parameter(&mut document);
    let said = adopted(&copy, &document, "2098-01-03");
    for line in [
        "`CallFilters/channels`: new filter: ",
        "openapi/revisions.toml: analyticsCallsAggregationFetch: new query parameter `locale`: ",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let client = copy.read("crates/callperf-raw/src/calls_v1.rs");
    // The client's last part has the names that each revision added, for the rules.
    let types = client.split("pub const CHANGES").next().unwrap().to_lowercase();
    for name in ["locale", "channel", "deflected"] {
        assert!(!types.contains(name), "{name} has no word and is generated");
    }

    let changelog = copy.read("CHANGELOG.md");
    let mut last = 0;
    for entry in [
        "- Generated from calls-v1 2098-01-01; since ",
        "  - additive (request): value added: Deflected, ",
        "- Generated from calls-v1 2098-01-02; since 2098-01-01: ",
        "- Generated from calls-v1 2098-01-03; since 2098-01-02: ",
        "### SDK changes",
    ] {
        let place = changelog.find(entry).unwrap_or_else(|| panic!("{entry} in {changelog}"));
        assert!(place > last, "{entry}");
        last = place;
    }
}

#[test]
fn what_gets_a_word_gets_a_field() {
    let copy = copy();
    let mut document = current();
    two_values_and_a_field(&mut document);
    a_breakdown(&mut document);
    adopted(&copy, &document, "2098-01-01");
    let lines = copy.read(UNCOVERED);
    let stay: Vec<_> = lines.lines().filter(|line| !line.ends_with("/deflected")).collect();
    copy.write(UNCOVERED, &(stay.join("\n") + "\n"));
    assert_eq!(copy.run(&["generate", "--check"]).code, 4);
    assert_eq!(copy.run(&["generate"]).code, 0);
    let client = copy.read("crates/callperf-raw/src/calls_v1.rs");
    assert!(client.contains("pub deflected: "));
    assert!(!client.contains("calls_by_channel"));
}

#[test]
fn the_same_interface_leaves_nothing_to_do() {
    let said = adopted(&copy(), &current(), "2098-01-01");
    assert_eq!(said, "no difference\nto do:\n  nothing\n");
}

#[test]
fn what_an_overlay_was_for_and_is_gone_ends_its_range() {
    let copy = copy();
    let overlay = "\
# Kept.
overlay: 1.0.0
info: {title: Test, version: 1.0.0}
x-api: calls-v1
actions:
- target: $.components.schemas.Interval.enum[?@ == 'Month'] # stays
  x-first-revision: '2022-01-01'
  x-reason: >-
    to see
  update: Months
# Stays, for what has another name.
- target: $.components.schemas.CallResult
  x-first-revision: '2022-01-01'
  update:
    description: Ours
- target: $.components.schemas.CallFilters
  x-first-revision: '2022-01-01'
  update:
    properties:
      queues: {description: Goes}
";
    copy.write("openapi/overlays/99-test.yaml", overlay);
    let mut document = current();
    // What became of it can't be decided.
    let filters = schema(&mut document, "CallFilters")["properties"].as_object_mut().unwrap();
    filters.remove("queues");
    filters.insert("squads".to_owned(), json!({"type": "number"}));
    let renamed = schema(&mut document, "CallResult").take();
    *schema(&mut document, "CallOutcome") = renamed;
    let text = document.to_string().replace("schemas/CallResult\"", "schemas/CallOutcome\"");
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["components"]["schemas"].as_object_mut().unwrap().remove("CallResult");

    let outcome = adopt(&copy, &document, "2098-01-01");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let line = format!("  x-last-revision: \"{CURRENT}\"\n");
    let expected = overlay.replace("CallFilters\n", &format!("CallFilters\n{line}"));
    assert_eq!(copy.read("openapi/overlays/99-test.yaml"), expected);
    for line in [
        "openapi/overlays/99-test.yaml#/actions/2: $.components.schemas.CallFilters no longer",
        "openapi/overlays/20-calls-v1-documentation.yaml#/actions/",
        "crates/callperf/src/wire/calls_v1: property removed: queues (/components/schemas/CallFilters/properties/queues)",
        "vocabulary.rs: calls-v1 /components/schemas/CallFilters/properties/queues: the document",
    ] {
        assert!(outcome.stdout.contains(line), "{line} in {}", outcome.stdout);
    }
    assert!(!outcome.stdout.contains("CallResult"), "{}", outcome.stdout);
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
}

#[test]
fn what_was_for_a_known_revision_that_is_not_current_ends_at_the_newest_known() {
    let older = "2025-03-11";
    let outcome = adopt(&Copy::at(Api::CallsV1, older), &revision("calls-v1", older), "2098-01-01");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let action = "openapi/overlays/21-calls-v1-documentation-2025.yaml#/actions/0: ";
    let line = outcome.stdout.lines().find(|line| line.contains(action)).unwrap();
    assert!(line.contains(&format!("its x-last-revision is {CURRENT} now")), "{line}");
}

#[test]
fn going_back_takes_force() {
    let copy = copy();
    let document = copy.read("openapi/revisions/calls-v1/2024-04-02.json");
    let arguments = ["adopt", "new.json", "--api", "calls-v1", "--date", "2024-04-02"];
    copy.write("new.json", &document);
    let files = copy.files();
    let outcome = copy.run(&arguments);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("is of 2024-04-02, and the current "), "{}", outcome.stderr);
    assert!(copy.files() == files);

    let outcome = copy.run(&[&arguments[..], &["--force"]].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("adopted because of --force"), "{}", outcome.stderr);
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
}

/// One message with all the parts, exit 3, and every file as it was.
fn refused(copy: &Copy, arguments: &[&str], parts: &[&str]) {
    let files = copy.files();
    let outcome = copy.run(&[&["adopt", "new.json", "--date", "2098-01-01"], arguments].concat());
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    for part in parts.iter().chain(&["\n  remedy: "]) {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
    assert!(copy.files() == files, "a file has changed");
}

fn refused_document(change: impl FnOnce(&mut Value), parts: &[&str]) {
    let copy = copy();
    let mut document = current();
    change(&mut document);
    copy.write("new.json", &document.to_string());
    refused(&copy, &["--api", "calls-v1"], parts);
}

#[test]
fn bad_documents_change_nothing() {
    let copy = copy();
    copy.write("new.json", &copy.read("openapi/revisions/beta/2021-08-12.json"));
    let what = "is a document of beta, not of calls-v1";
    refused(&copy, &["--api", "calls-v1"], &["new.json#/paths: ", what]);
    refused(&copy, &["--api", "calls-v1", "--force"], &[what]);
    refused(&copy, &["--api", "phone-v1"], &["nothing is generated from phone-v1"]);

    let text = current().to_string();
    copy.write("new.json", &text[..text.len() / 2]);
    refused(&copy, &["--api", "calls-v1"], &["new.json: is not JSON: EOF"]);

    refused_document(|document| document["openapi"] = json!("4.0.0"), &["not 3.0, 3.1 or 3.2"]);
    refused_document(
        |document| {
            let item = document["paths"][AGGREGATION].take();
            document["paths"].as_object_mut().unwrap().remove(AGGREGATION);
            document["paths"]["/analytics/calls/v2/fetch"] = item;
        },
        &["`analyticsCallsAggregationFetch` is not at POST", "at POST /analytics/calls/v2/fetch"],
    );
    refused_document(
        |document| {
            let post = &mut document["paths"][AGGREGATION]["post"];
            push(post, "/parameters", json!({"in": "query", "name": "page", "schema": {}}));
        },
        &["`analyticsCallsAggregationFetch`: has the parameter \"page\" twice in \"query\""],
    );
    refused_document(
        |document| {
            let cycle = json!({"$ref": "#/components/schemas/Origin"});
            *schema(document, "Direction") = cycle;
            *schema(document, "Origin") = json!({"$ref": "#/components/schemas/Direction"});
        },
        &["which is only a reference to itself"],
    );
    refused_document(
        |document| schema(document, "CallResult")["enum"] = json!({"Completed": 1}),
        &["new.json#/components/schemas/CallResult/enum: is not a list"],
    );
    refused_document(
        |document| *schema(document, "CallResult") = json!({"type": "object"}),
        &["new.json#/components/schemas/CallResult: was a list of words, and is an object now"],
    );
    refused_document(
        |document| {
            let post = &mut document["paths"][AGGREGATION]["post"];
            post["responses"]["202"] = json!({"description": "Later"});
        },
        &["operation `analyticsCallsAggregationFetch`: has success responses of several kinds"],
    );
}

/// A document with the current revisions of two apis.
fn whole() -> Value {
    let mut document = current();
    let directory = revision("directory", "2026-08-13");
    for part in ["/paths", "/components/schemas", "/components/parameters", "/components/responses"]
    {
        let members = directory.pointer(part).and_then(Value::as_object).into_iter().flatten();
        for (name, value) in members.map(|(name, value)| (name.clone(), value.clone())) {
            let (parent, key) = part.rsplit_once('/').unwrap();
            document.pointer_mut(parent).unwrap()[key][name] = value;
        }
    }
    document
}

fn adopt_all(copy: &Copy, document: &Value) -> Outcome {
    copy.write("new.json", &document.to_string());
    copy.run(&["adopt", "new.json", "--date", "2098-01-01"])
}

fn new_queue_status(document: &mut Value) {
    push(document, "/components/schemas/ExtensionStatusEnumGroup/enum", json!("Resting"));
}

#[test]
fn a_document_is_adopted_for_every_api_that_it_has() {
    let copy = copy();
    let mut document = whole();
    let outcome = adopt_all(&copy, &document);
    assert_eq!(outcome.stderr, "");
    assert_eq!(outcome.stdout, "calls-v1: nothing is new\ndirectory: nothing is new\n");

    new_queue_status(&mut document);
    let outcome = adopt_all(&copy, &document);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let expected = "calls-v1: nothing is new\ndirectory: 1 additive\nto do:\n  nothing\n";
    assert_eq!(outcome.stdout, expected);
    assert!(copy.path("openapi/revisions/directory/2098-01-01.json").is_file());
    assert!(!copy.path("openapi/revisions/calls-v1/2098-01-01.json").exists());
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
    assert_eq!(copy.run(&["coverage"]).code, 0);
}

#[test]
fn an_api_that_a_document_lacks_a_part_of_is_named_and_stays() {
    let copy = copy();
    let mut document = whole();
    new_queue_status(&mut document);
    two_values_and_a_field(&mut document);
    let sites = "/restapi/v1.0/account/{accountId}/sites";
    document["paths"].as_object_mut().unwrap().remove(sites);
    let outcome = adopt_all(&copy, &document);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let what = format!("operation `listSites` is not at GET {sites}");
    let line =
        format!("directory: not adopted: new.json#/paths/{}: {what}", sites.replace('/', "~1"));
    assert!(outcome.stdout.starts_with(&line), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("\ncalls-v1: 3 additive\nto do:\n"), "{}", outcome.stdout);
    assert!(copy.path("openapi/revisions/calls-v1/2098-01-01.json").is_file());
    assert!(!copy.path("openapi/revisions/directory/2098-01-01.json").exists());
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);

    // Without any api that it has whole, nothing is done.
    document["paths"].as_object_mut().unwrap().remove(AGGREGATION);
    copy.write("new.json", &document.to_string());
    refused(&copy, &[], &[&what, "operation `analyticsCallsAggregationFetch` is not at POST"]);
    copy.write("new.json", r#"{"openapi": "3.0.3", "paths": {}}"#);
    refused(&copy, &[], &["new.json#/paths: has the operations of none of the apis"]);
}

/// The directory has no vocabulary, and its operations have parameters all the same.
#[test]
fn a_new_query_parameter_of_the_directory_is_named() {
    let copy = copy();
    let mut document = whole();
    let locale = json!({"name": "locale", "in": "query", "schema": {"type": "string"}});
    let extensions = "/restapi/v1.0/account/{accountId}/extension";
    push(&mut document["paths"][extensions]["get"], "/parameters", locale);
    let outcome = adopt_all(&copy, &document);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let line = "openapi/revisions.toml: listExtensions: new query parameter `locale`: sent by wire \
                name until it is in `query` there\n";
    assert!(outcome.stdout.contains(line), "{}", outcome.stdout);
}

#[test]
fn a_broken_directory_names_the_code_that_reads_it() {
    let copy = copy();
    let mut document = whole();
    schema(&mut document, "CallQueueInfo")["properties"].as_object_mut().unwrap().remove("name");
    copy.write("new.json", &document.to_string());
    let outcome = copy.run(&["adopt", "new.json", "--api", "directory", "--date", "2098-01-01"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for line in [
        "crates/callperf/src/wire/directory.rs: property removed: name (",
        "31-directory-documentation.yaml#/actions/",
    ] {
        assert!(outcome.stdout.contains(line), "{line} in {}", outcome.stdout);
    }
}

#[test]
fn a_changelog_without_the_place_for_it_changes_nothing() {
    let copy = copy();
    copy.write("CHANGELOG.md", "# Changelog\n");
    copy.write("new.json", &current().to_string());
    refused(&copy, &["--api", "calls-v1"], &["CHANGELOG.md: has no section `## [Unreleased]`"]);
}

#[test]
fn entries_find_their_place() {
    let written = |text: &str| with_entry(text, "- new\n  - more").unwrap();
    assert_eq!(
        written("# C\n\n## [Unreleased]\n\n## [1]\n\n### API changes\n"),
        "# C\n\n## [Unreleased]\n\n### API changes\n\n- new\n  - more\n\n## [1]\n\n### API changes\n"
    );
    assert_eq!(
        written("## [Unreleased]\n\n### API changes\n\n- old\n\n### SDK changes\n\n- x\n"),
        "## [Unreleased]\n\n### API changes\n\n- old\n- new\n  - more\n\n### SDK changes\n\n- x\n"
    );
    assert_eq!(
        written("## [Unreleased]\n"),
        "## [Unreleased]\n\n### API changes\n\n- new\n  - more\n"
    );
}
