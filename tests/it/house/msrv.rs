//! The oldest toolchain that is promised is the one that the dependencies need.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value as Json;

use crate::support;

const PUBLISHED: [&str; 4] = ["callperf", "callperf-cli", "callperf-raw", "callperf-sandbox"];

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(support::workspace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The packages of this platform: no other platform's need be on this machine.
fn metadata() -> Json {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--locked", "--offline", "--format-version", "1"];
    cargo(&[&arguments[..], &["--filter-platform", host]].concat()).parse().unwrap()
}

fn by_id(list: &Json) -> BTreeMap<&str, &Json> {
    list.as_array().unwrap().iter().map(|item| (item["id"].as_str().unwrap(), item)).collect()
}

/// What a package needs to be built by its users.
fn needed(node: &Json) -> impl Iterator<Item = &str> {
    let is_needed = |dependency: &&Json| {
        dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev")
    };
    let dependencies = node["deps"].as_array().unwrap().iter().filter(is_needed);
    dependencies.map(|dependency| dependency["pkg"].as_str().unwrap())
}

fn product_packages<'a>(metadata: &'a Json, packages: &BTreeMap<&'a str, &Json>) -> Vec<&'a str> {
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let is_published = |id: &&str| PUBLISHED.iter().any(|name| packages[*id]["name"] == *name);
    let members = metadata["workspace_members"].as_array().unwrap();
    let mut open: Vec<_> =
        members.iter().map(|id| id.as_str().unwrap()).filter(is_published).collect();
    assert_eq!(open.len(), PUBLISHED.len());
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(needed(nodes[id]));
        }
    }
    seen.into_iter().filter(|id| !members.iter().any(|member| member == id)).collect()
}

fn version(text: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.resize(3, 0);
    parts
}

#[test]
fn the_oldest_toolchain_is_the_one_that_dependencies_need() {
    let metadata = metadata();
    let packages = by_id(&metadata["packages"]);
    let declared = product_packages(&metadata, &packages).into_iter().filter_map(|id| {
        let package = packages[id];
        Some((version(package["rust_version"].as_str()?), package["name"].as_str()?))
    });
    let (needed, by) = declared.max().unwrap();
    let manifest: toml::Table =
        std::fs::read_to_string(support::workspace().join("Cargo.toml")).unwrap().parse().unwrap();
    let ours = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert_eq!(version(ours), needed, "{by} needs it: set rust-version to it");
    let readme = std::fs::read_to_string(support::workspace().join("README.md")).unwrap();
    assert!(readme.contains(&format!(" Rust {ours} or later.")));
}
