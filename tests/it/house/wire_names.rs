//! A name of the wire stands once, in the generated client. The SDK says the constants that have its fields'
//! identifiers, so that another name needs no edit.

use std::{collections::BTreeSet, fs};

use proc_macro2::{TokenStream, TokenTree};

use super::rust_files;
use crate::support::workspace;

/// The texts of literals in what isn't a test.
fn texts(source: &str) -> Vec<String> {
    fn collect(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => collect(group.stream(), found),
                TokenTree::Literal(literal) => {
                    let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                    found.extend(text.ok().map(|text| text.value()));
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
    let (source, _) = source.split_once("#[cfg(test)]\nmod tests {").unwrap_or((source, ""));
    let mut found = Vec::new();
    collect(source.parse().unwrap(), &mut found);
    found
}

/// The values of the constants in a generated file.
fn names(source: &str) -> impl Iterator<Item = String> {
    // A table of renames takes several lines, and is no name.
    let is_name = |line: &&str| line.trim_start().starts_with("pub const ") && line.ends_with(';');
    let constants = source.lines().filter(is_name);
    constants.flat_map(texts)
}

#[test]
fn the_floor_of_the_wire_says_no_name_of_the_wire() {
    let read = |file: &str| fs::read_to_string(workspace().join(file)).unwrap();
    let names: BTreeSet<_> = ["beta", "calls_v1"]
        .iter()
        .flat_map(|module| {
            names(&read(&format!("crates/callperf-raw/src/{module}.rs"))).collect::<Vec<_>>()
        })
        .collect();
    assert!(names.len() > 150, "{}", names.len());
    for file in rust_files(&workspace().join("crates/callperf/src/wire")) {
        let said = texts(&fs::read_to_string(&file).unwrap());
        let said: Vec<_> = said.into_iter().filter(|text| names.contains(text)).collect();
        let file = file.display();
        assert!(said.is_empty(), "{file}: say the constant in callperf_raw instead: {said:?}");
    }
}

#[test]
fn literals_are_found_in_macros_and_not_in_tests() {
    let source = "const A: &str = \"a\";\ntable! { B = \"b\" => { c(\"c\"), 'd', 1 } }\n";
    let tests = "#[cfg(test)]\nmod tests { const E: &str = \"e\"; }";
    assert_eq!(texts(&[source, tests].concat()), ["a", "b", "c"]);
}
