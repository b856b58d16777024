//! The repository's own rules: who may name whom, and what is where.

mod listed;
mod locked;
mod long;
mod words;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value as Json;

use crate::support;

fn metadata() -> Json {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(support::workspace())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each member with its dependencies of any kind.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let name = |package: &Json| package["name"].as_str().unwrap().to_owned();
    metadata()["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let names = package["dependencies"].as_array().unwrap().iter().map(name);
            (name(package), names.collect())
        })
        .collect()
}

#[test]
fn crates_depend_on_whom_they_may() {
    let dependencies = dependencies();
    let forbidden: [(&str, &[&str]); 5] = [
        // It must run when they do not compile.
        ("xtask", &["callperf", "callperf-raw", "callperf-sandbox", "callperf-cli"]),
        ("callperf-raw", &["callperf", "callperf-sandbox", "callperf-cli"]),
        // A misreading of the wire must not be on both sides.
        ("callperf-sandbox", &["callperf", "callperf-raw", "callperf-cli"]),
        ("callperf", &["callperf-sandbox", "callperf-cli"]),
        // It uses the SDK as anybody would.
        ("callperf-cli", &["callperf-raw", "progenitor-client", "reqwest"]),
    ];
    for (member, others) in forbidden {
        for other in others {
            let names = &dependencies[member];
            assert!(!names.iter().any(|name| name == other), "{member} depends on {other}");
        }
    }
}

/// In this binary a dependency of the tests would ask for it, and in a user's program nobody.
#[test]
fn the_last_digit_is_asked_for() {
    let metadata = metadata();
    let is = |name: &'static str| move |one: &&Json| one["name"] == name;
    let callperf = metadata["packages"].as_array().unwrap().iter().find(is("callperf")).unwrap();
    let json = callperf["dependencies"].as_array().unwrap().iter().find(is("serde_json")).unwrap();
    assert_eq!(json["features"], serde_json::json!(["float_roundtrip"]));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The lines of a file that aren't comments and name one of these.
fn naming(file: &Path, names: &[&str]) -> Vec<String> {
    fs::read_to_string(file)
        .unwrap()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter(|line| names.iter().any(|name| line.contains(name)))
        .map(|line| format!("{}: {line}", file.display()))
        .collect()
}

#[test]
fn http_is_named_where_it_belongs() {
    let sources = support::workspace().join("crates/callperf/src");
    let named: Vec<_> = rust_files(&sources)
        .into_iter()
        .filter(|file| {
            let inside = file.strip_prefix(&sources).unwrap();
            !["wire", "http", "client"].iter().any(|floor| inside.starts_with(floor))
        })
        .flat_map(|file| naming(&file, &["callperf_raw", "progenitor_client", "reqwest"]))
        .collect();
    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn pure_modules_do_no_io() {
    let sources = support::workspace().join("crates/callperf/src");
    let io = ["tokio", "std::fs", "std::net", "std::env", "std::io", "Timestamp::now", "async fn"];
    let modules = ["query", "report", "rules", "plan"];
    let words = ["words/vocabulary.rs", "words/period.rs"];
    let figures = ["kpi"];
    let folders = modules.into_iter().chain(figures).flat_map(|it| rust_files(&sources.join(it)));
    for file in folders.chain(words.into_iter().map(|word| sources.join(word))) {
        let found = naming(&file, &io);
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn versions_are_pinned_once() {
    let folders = ["crates/callperf-raw", "crates/callperf", "crates/callperf-sandbox"]
        .into_iter()
        .chain(["crates/callperf-cli", "xtask", "tests"]);
    for folder in folders {
        let file = support::workspace().join(folder).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = manifest.get(kind).and_then(toml::Value::as_table);
            for (name, dependency) in dependencies.into_iter().flatten() {
                let inherited = dependency.get("workspace").and_then(toml::Value::as_bool);
                assert_eq!(inherited, Some(true), "{folder}: {name} has a version of its own");
            }
        }
    }
}

#[test]
fn the_raw_crate_is_pinned_exactly() {
    let file = support::workspace().join("Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(file).unwrap().parse().unwrap();
    let workspace = &manifest["workspace"];
    let version = workspace["package"]["version"].as_str().unwrap();
    let pinned = workspace["dependencies"]["callperf-raw"]["version"].as_str().unwrap();
    assert_eq!(pinned, format!("={version}"));
}

#[test]
fn generated_files_say_so() {
    for module in ["beta", "calls_v1"] {
        let file = format!("crates/callperf-raw/src/{module}.rs");
        let text = fs::read_to_string(support::workspace().join(file)).unwrap();
        assert!(text.starts_with("// @generated by `cargo xtask generate`"), "{module}");
    }
}

/// Every text under a key that holds prose, but for properties of that name.
fn prose(json: &Json, in_properties: bool, found: &mut Vec<String>) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                let is_prose = ["description", "summary", "title"].contains(&key.as_str());
                match value.as_str() {
                    Some(text) if is_prose && !in_properties => found.push(text.to_owned()),
                    _ => prose(value, key == "properties", found),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| prose(item, false, found)),
        _ => {}
    }
}

#[test]
fn revisions_hold_no_vendor_prose() {
    for api in ["beta", "phone-v1", "calls-v1"] {
        let folder = support::workspace().join("openapi/revisions").join(api);
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let json: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            let mut texts = Vec::new();
            prose(&json, false, &mut texts);
            texts.retain(|text| !text.is_empty());
            assert_eq!(texts, [api], "{}: the title of `info` and nothing else", file.display());
        }
    }
}
