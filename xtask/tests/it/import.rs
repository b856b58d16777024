use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use xtask::catalogue::Api;

use crate::support::{Copy, catalogue, revision, root};

#[test]
fn every_revision_is_committed_as_it_would_be_imported() {
    for known in catalogue().revision {
        let file = format!("openapi/revisions/{}/{}.json", known.api, known.date);
        let text = fs::read_to_string(root().join(&file)).unwrap();
        assert_eq!(xtask::workspace::sha256(&text), known.sha256, "{file}");
        let document = serde_json::from_str(&text).unwrap();
        let catalogue = catalogue();
        let entry = catalogue.entry(known.api).unwrap();
        let again = xtask::canon::revision(&document, known.api, entry, &known.date).unwrap();
        assert_eq!(xtask::document::to_text(&again), text, "{file}");
    }
}

#[test]
fn every_committed_revision_is_in_the_catalogue() {
    let folders = fs::read_dir(root().join("openapi/revisions")).unwrap();
    let files = folders.map(|folder| fs::read_dir(folder.unwrap().path()).unwrap().count());
    assert_eq!(files.sum::<usize>(), catalogue().revision.len());
}

#[test]
fn a_revision_is_openapi_without_prose() {
    for known in catalogue().revision {
        let document = revision(known.api.name(), &known.date);
        assert_eq!(texts(&document, ""), Vec::<String>::new());
        serde_json::from_value::<openapiv3::OpenAPI>(document).unwrap();
    }
}

/// Texts that people read; a schema's property may be called `description`.
fn texts(value: &Value, key: &str) -> Vec<String> {
    let prose = ["description", "summary", "title", "example", "examples", "externalDocs"];
    match value {
        Value::Object(map) => (map.iter())
            .filter(|(name, _)| *name != "info")
            .flat_map(|(name, value)| texts(value, name))
            .collect(),
        Value::Array(items) => items.iter().flat_map(|item| texts(item, "")).collect(),
        Value::String(text) if prose.contains(&key) && !text.is_empty() => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// What waits under the name that a temporary file once had.
#[cfg(unix)]
#[test]
fn a_link_beside_a_file_is_not_written_through() {
    let copy = Copy::new();
    copy.write("document.yaml", SMALL);
    copy.write("victim", "theirs");
    std::os::unix::fs::symlink(
        copy.path("victim"),
        copy.path(&format!("{}.new", xtask::workspace::CATALOGUE)),
    )
    .unwrap();
    let outcome = copy.run(&["import", "document.yaml", "--api", "beta", "--date", "2021-09-01"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(copy.read("victim"), "theirs");
}

/// Windows editors put one before a file that they save.
#[test]
fn a_byte_order_mark_is_no_part_of_a_document() {
    let copy = Copy::new();
    let mark = |file: &str| copy.write(file, &format!("\u{feff}{}", copy.read(file)));
    copy.write("document.json", &revision("beta", "2021-08-12").to_string());
    copy.write("document.yaml", SMALL);
    mark("document.json");
    mark("document.yaml");
    mark(xtask::workspace::CATALOGUE);
    let overlays = fs::read_dir(copy.path("openapi/overlays")).unwrap();
    for overlay in overlays {
        let path = overlay.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().unwrap().to_string_lossy();
            mark(&format!("openapi/overlays/{name}"));
        }
    }
    let outcome = copy.run(&["generate", "--check"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for (file, date) in [("document.json", "2021-08-12"), ("document.yaml", "2021-09-01")] {
        let outcome = copy.run(&["import", file, "--api", "beta", "--date", date]);
        assert_eq!(outcome.code, 0, "{file}: {}", outcome.stderr);
    }
}

/// Words that YAML 1.1 takes for booleans, keys that look like keywords, a status without quotes,
/// an extension at the root, and things that belong to other operations.
const SMALL: &str = r"
openapi: 3.0.1
info: {title: Small, version: 2}
x-throttling-group: Light
x-team: reports
paths:
  /restapi/v1.0/account/{accountId}/analytics/performance/calls/aggregate:
    get: {operationId: other, responses: {}}
    post:
      operationId: aggregatePerformanceReportCalls
      summary: prose
      tags: [prose]
      x-app-permission: Analytics
      responses:
        200:
          description: prose
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Answer'}
              examples: {prose: {value: {}}}
        x-prose: {}
components:
  schemas:
    Answer:
      title: prose
      required: [title, description]
      properties:
        title: {type: string, description: prose, enum: [On, Off, n, Yes, 'null']}
        description: {type: integer, default: 0, example: 5}
        x-data: {$ref: '#/components/schemas/Answer', description: prose}
    Unused: {$ref: '#/components/schemas/Nowhere'}
";

#[test]
fn the_interface_stays_and_the_prose_goes() {
    let copy = Copy::new();
    copy.write("small.yml", SMALL);
    let outcome = copy.run(&["import", "small.yml", "--api", "beta", "--date", "2021-08-20"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let text = copy.read("openapi/revisions/beta/2021-08-20.json");
    let path = "/restapi/v1.0/account/{accountId}/analytics/performance/calls/aggregate";
    let answer = json!({"$ref": "#/components/schemas/Answer"});
    let expected = json!({
        "openapi": "3.0.3",
        "info": {"title": "beta", "version": "2021-08-20"},
        "paths": {path: {"post": {
            "operationId": "aggregatePerformanceReportCalls",
            "responses": {"200": {
                "description": "",
                "content": {"application/json": {"schema": answer}},
            }},
            "x-app-permission": "Analytics",
            "x-throttling-group": "Light",
        }}},
        "components": {"schemas": {"Answer": {
            "required": ["title", "description"],
            "properties": {
                "title": {"type": "string", "enum": ["On", "Off", "n", "Yes", "null"]},
                "description": {"type": "integer", "default": 0},
                "x-data": answer,
            },
        }}},
    });
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
}

/// 3.0 has a text beside a reference only where an `allOf` holds the reference.
#[test]
fn a_text_beside_a_reference_makes_no_other_revision() {
    let catalogue = catalogue();
    let entry = catalogue.entry(Api::Beta).unwrap();
    let imported = |outer: &Value| {
        let mut document = xtask::document::parse(SMALL, Path::new("small.yml")).unwrap();
        document["components"]["schemas"]["Answer"]["properties"]["x-data"] = outer.clone();
        xtask::canon::revision(&document, Api::Beta, entry, "2021-08-20").unwrap()
    };
    let answer = json!({"$ref": "#/components/schemas/Answer"});
    let alone = imported(&answer);
    assert_eq!(imported(&json!({"allOf": [answer], "description": "prose"})), alone);
    for other in [
        json!({"allOf": [answer], "nullable": true}),
        json!({"allOf": [answer, answer]}),
        json!({"oneOf": [answer]}),
    ] {
        let revision = imported(&other);
        let kept = &revision["components"]["schemas"]["Answer"]["properties"]["x-data"];
        assert_eq!(*kept, other);
    }
}

#[test]
fn a_version_needs_no_patch_and_no_quotes() {
    let catalogue = catalogue();
    let entry = catalogue.entry(Api::Beta).unwrap();
    let imported = |version: &str| {
        let text = SMALL.replace("openapi: 3.0.1", &format!("openapi: {version}"));
        let document = xtask::document::parse(&text, Path::new("small.yml")).unwrap();
        let operations: Vec<_> = entry.operation.iter().collect();
        let document = xtask::downgrade::downgrade(document, &operations).unwrap();
        xtask::canon::revision(&document, Api::Beta, entry, "2021-08-20").unwrap()
    };
    let expected = imported("3.0.1");
    for version in ["3.0.4", "3.0", "'3.0'", "3.1", "'3.1'", "3.1.2", "3.2.0"] {
        assert_eq!(imported(version), expected, "{version}");
    }
}

/// By a reference or by the name alone, as OpenAPI 3.0 allows both.
#[test]
fn what_a_discriminator_names_is_kept() {
    let copy = Copy::new();
    let mut document = xtask::document::parse(SMALL, Path::new("small.yml")).unwrap();
    let schemas = &mut document["components"]["schemas"];
    schemas["Answer"]["discriminator"] = json!({
        "propertyName": "title",
        "mapping": {"On": "Name", "Off": "#/components/schemas/Reference", "n": "elsewhere.json"},
    });
    schemas["Name"] = json!({"type": "string"});
    schemas["Reference"] = json!({"type": "integer"});
    schemas["Unused"] = json!({"type": "boolean"});
    copy.write("small.json", &document.to_string());
    let outcome = copy.run(&["import", "small.json", "--api", "beta", "--date", "2021-08-20"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let text = copy.read("openapi/revisions/beta/2021-08-20.json");
    let kept: Value = serde_json::from_str(&text).unwrap();
    let names: Vec<_> = kept["components"]["schemas"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Answer", "Name", "Reference"]);
}

#[test]
fn a_revision_finds_its_place_in_the_catalogue_and_comments_stay() {
    let copy = Copy::new();
    copy.write("small.yml", SMALL);
    let before = copy.read("openapi/revisions.toml");
    let import = ["import", "small.yml", "--api", "beta", "--date", "2021-07-01"];
    assert!(copy.run(&import).stdout.contains("is new"));
    let after = copy.read("openapi/revisions.toml");
    let text = copy.read("openapi/revisions/beta/2021-07-01.json");
    let entry = format!(
        "[[revision]]\napi = \"beta\"\ndate = \"2021-07-01\"\ndocument = \"Small, version 2\"\nsha256 = \"{}\"\n\n",
        xtask::workspace::sha256(&text)
    );
    assert_eq!(after.replacen(&entry, "", 1), before);
    assert!(after.find(&entry) < after.find("date = \"2021-07-19\""));

    let files = copy.files();
    assert!(copy.run(&import).stdout.contains("already there, unchanged"));
    assert!(copy.files() == files);
}
