//! What each direct dependency is for stands in a document, and nothing that is gone does.

use std::{collections::BTreeSet, fs};

use super::{Json, metadata};
use crate::support::workspace;

const DOCUMENT: &str = "crates/callperf/docs/dependencies.md";

/// The packages that the rows of a crate's table name.
fn explained(document: &str, package: &str) -> BTreeSet<String> {
    let heading = format!("\n## {package}\n");
    let section = document.split_once(&heading).map_or("", |(_, rest)| rest);
    let rows = section.lines().take_while(|line| !line.starts_with("## "));
    let names = rows.filter_map(|row| row.strip_prefix("| `")?.split_once(" |"));
    names.flat_map(|(names, _)| names.split(['`', ',', ' '])).map(str::to_owned).collect()
}

#[test]
fn each_direct_dependency_has_a_line_that_says_what_it_is_for() {
    let document = fs::read_to_string(workspace().join(DOCUMENT)).unwrap();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if name == "callperf-tests" {
            continue;
        }
        let is_normal = |it: &&Json| it["kind"].is_null();
        let dependencies = package["dependencies"].as_array().unwrap().iter().filter(is_normal);
        let needed: BTreeSet<_> =
            dependencies.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
        let mut explained = explained(&document, name);
        explained.remove("");
        assert_eq!(explained, needed, "{DOCUMENT}: {name}");
    }
}
