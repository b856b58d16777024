//! Files that use each other in a circle, floors that use what is above them, and crates that are named where they
//! don't belong. All paths are resolved to the file that declares the item. `circles.txt` has the circles that there
//! still are; take one out to see its arrows.
//!
//! Not seen: calls of methods, and which file implements a trait (that needs types); what another crate's macros make;
//! paths that a `macro_rules!` makes from its arguments, or that are resolved where it is called.

mod cfg;
mod graph;
mod modules;
mod naming;
mod paths;
#[cfg(test)]
mod tests;
mod tokens;

use std::{collections::BTreeMap, fmt::Write as _, fs, sync::OnceLock};

use self::graph::{Files, Graph};
use super::{listed, rust_files};
use crate::support::workspace;

/// It declares the modules, and names the items that are public.
const ROOT: &str = "lib.rs";
const CIRCLES: &str = "tests/it/house/circles.txt";

struct Crate {
    name: &'static str,
    folder: &'static str,
    /// Generated: others name what is in them.
    generated: &'static [&'static str],
    /// Sources of programs that this crate writes.
    apart: &'static [&'static str],
}

const CRATES: [Crate; 6] = [
    Crate { name: "callperf", folder: "crates/callperf/src", generated: &[], apart: &[] },
    Crate {
        name: "callperf_history",
        folder: "crates/callperf-history/src",
        generated: &[],
        apart: &[],
    },
    Crate {
        name: "callperf_raw",
        folder: "crates/callperf-raw/src",
        generated: &["beta.rs", "calls_v1.rs", "directory.rs"],
        apart: &[],
    },
    Crate {
        name: "callperf_sandbox",
        folder: "crates/callperf-sandbox/src",
        generated: &[],
        apart: &[],
    },
    Crate { name: "callperf_cli", folder: "crates/callperf-cli/src", generated: &[], apart: &[] },
    Crate {
        name: "xtask",
        folder: "xtask/src",
        generated: &[],
        apart: &[
            "bench/project/decode.rs",
            "bench/project/instructions.rs",
            "bench/project/lib.rs",
            "bench/project/main.rs",
            "matrix/check.rs",
        ],
    },
];

/// The floors of the SDK from the lowest up, by the folders or files of its sources. Those of one floor may name each
/// other where that makes no circle. The root declares the floors, and is none.
const FLOORS: [&[&str]; 10] = [
    &["words"],
    &["query"],
    &["report"],
    &["directory"],
    &["rules"],
    &["plan"],
    &["wire"],
    &["http"],
    &["client"],
    &["kpi", "testing"],
];

/// The same of the history.
const FLOORS_OF_THE_HISTORY: [&[&str]; 5] = [
    &["error", "model", "task"],
    &["store"],
    &["plan"],
    &["fetch"],
    &["history", "adding_up", "check", "explain", "forget", "keep", "read", "sync", "views", "who"],
];

/// The same of the sandbox.
const FLOORS_OF_THE_SANDBOX: [&[&str]; 6] = [
    &["data", "hint", "shown"],
    &["error", "assumptions", "calibration"],
    &["aggregate"],
    &["wire"],
    &["protocol"],
    &["server"],
];

/// Lower floors that a floor may not name, either: only the client joins them.
const APART: [(&str, &[&str]); 1] =
    [("http", &["query", "report", "directory", "rules", "plan", "wire"])];

/// Where alone the SDK may name something of another crate.
struct Only {
    paths: &'static [&'static str],
    within: &'static [&'static str],
}

const ONLY: [Only; 3] = [
    Only { paths: &["callperf_raw"], within: &["wire", "http", "client"] },
    // A caller's own client comes in by one method, which versions don't cover.
    Only { paths: &["progenitor_client", "reqwest"], within: &["http", "client/http_client.rs"] },
    // The other floors do no I/O, and have no clock.
    Only {
        paths: &[
            "async",
            "await",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
            "std::env",
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
            "tokio",
        ],
        within: &["http", "client", "kpi/request.rs", "testing"],
    },
];

/// Each crate's graph, by the crate's folder.
fn graphs() -> &'static BTreeMap<&'static str, Graph> {
    static GRAPHS: OnceLock<BTreeMap<&'static str, Graph>> = OnceLock::new();
    GRAPHS.get_or_init(|| CRATES.iter().map(|one| (one.folder, graph(one))).collect())
}

fn graph(one: &Crate) -> Graph {
    let folder = workspace().join(one.folder);
    let named = rust_files(&folder).into_iter().map(|file| {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(file).unwrap())
    });
    Graph::of(one.name, &named.collect(), one.generated)
}

/// Whether a file is this file or is in this folder, or in the folder beside the file of that name.
fn is_within(file: &str, part: &str) -> bool {
    file.strip_prefix(part)
        .is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
}

fn floor(file: &str, floors: &[&[&str]]) -> Option<usize> {
    floors.iter().position(|floor| floor.iter().any(|part| is_within(file, part)))
}

/// What is against a rule, each with a place.
type Problems = BTreeMap<String, String>;

/// The arrows to a higher floor, and the files that are on none.
fn upward(graph: &Graph, floors: &[&[&str]]) -> Problems {
    let mut problems = Problems::new();
    for file in graph.files.iter().filter(|file| *file != ROOT && floor(file, floors).is_none()) {
        problems.insert(format!("{file} is on no floor"), String::new());
    }
    for ((from, to), witness) in &graph.named.arrows {
        let is_up = to == ROOT || floor(to, floors) > floor(from, floors);
        if from != ROOT && is_up {
            problems.insert(format!("{from} -> {to} goes up"), witness.to_string());
        }
    }
    problems
}

fn across(graph: &Graph, apart: &[(&str, &[&str])]) -> Problems {
    let mut problems = Problems::new();
    for ((from, to), witness) in &graph.named.arrows {
        let others = apart.iter().filter(|(part, _)| is_within(from, part));
        if others.flat_map(|(_, others)| *others).any(|other| is_within(to, other)) {
            problems.insert(format!("{from} -> {to} joins what is apart"), witness.to_string());
        }
    }
    problems
}

fn begins(path: &[String], with: &str) -> bool {
    let mut path = path.iter().filter(|segment| !segment.is_empty());
    with.split("::").all(|segment| path.next().is_some_and(|given| given == segment))
}

fn elsewhere(graph: &Graph, only: &Only) -> Problems {
    let mut problems = Problems::new();
    for (path, witness) in &graph.named.elsewhere {
        let file = &witness.file;
        let limited = only.paths.iter().find(|limited| begins(path, limited));
        let Some(limited) = limited else { continue };
        if !only.within.iter().any(|part| is_within(file, part)) {
            let problem = format!("{file} names {limited}");
            problems.entry(problem).or_insert_with(|| witness.to_string());
        }
    }
    problems
}

/// The circles of a list: a file a line, and an empty line after each circle.
fn circles_of(text: &str) -> Vec<Files> {
    let circles = text.split("\n\n").map(|circle| circle.lines().map(str::to_owned).collect());
    circles.filter(|circle: &Files| !circle.is_empty()).collect()
}

fn list(circles: &[Files]) -> String {
    let lines = |circle: &Files| -> String {
        circle.iter().flat_map(|file| [file.as_str(), "\n"]).collect()
    };
    circles.iter().map(lines).collect::<Vec<_>>().join("\n")
}

/// The circles that no listed one contains, with their arrows.
fn new_circles(before: &[Files], folder: &str, graph: &Graph) -> String {
    let mut problems = String::new();
    for circle in graph.circles() {
        let full = in_folder(folder, &circle);
        if !before.iter().any(|known| full.is_subset(known)) {
            writeln!(problems, "{folder}: a circle of {} files:", circle.len()).unwrap();
            problems.push_str(&graph.inside(&circle));
        }
    }
    problems
}

fn in_folder(folder: &str, files: &Files) -> Files {
    files.iter().map(|file| format!("{folder}/{file}")).collect()
}

/// Run with `BLESS=1` to have the list written where circles are smaller or gone.
#[test]
fn files_use_each_other_in_no_circle() {
    let file = workspace().join(CIRCLES);
    let text = fs::read_to_string(&file).unwrap();
    let before = circles_of(&text);
    let mut problems = String::new();
    let mut now = Vec::new();
    for (folder, graph) in graphs() {
        problems.push_str(&new_circles(&before, folder, graph));
        now.extend(graph.circles().iter().map(|circle| in_folder(folder, circle)));
    }
    assert!(
        problems.is_empty(),
        "{problems}Move what both sides of a circle need into a file below them.\nAll circles now:\n{}",
        list(&now)
    );
    if listed::is_blessed() {
        fs::write(&file, list(&now)).unwrap();
    } else {
        let remedy = "a circle is smaller or gone; run with BLESS=1, or write";
        assert!(text == list(&now), "{CIRCLES}: {remedy}:\n{}", list(&now));
    }
}

#[test]
fn floors_of_the_sdk_name_only_what_they_may() {
    let graph = &graphs()["crates/callperf/src"];
    let mut problems = upward(graph, &FLOORS);
    problems.append(&mut across(graph, &APART));
    for only in &ONLY {
        problems.append(&mut elsewhere(graph, only));
    }
    assert!(problems.is_empty(), "move it to the floor that may, see CONTRIBUTING: {problems:#?}");
}

#[test]
fn floors_of_the_history_name_only_what_they_may() {
    let problems = upward(&graphs()["crates/callperf-history/src"], &FLOORS_OF_THE_HISTORY);
    assert!(problems.is_empty(), "move it to the floor that may, see CONTRIBUTING: {problems:#?}");
}

#[test]
fn floors_of_the_sandbox_name_only_what_they_may() {
    let problems = upward(&graphs()["crates/callperf-sandbox/src"], &FLOORS_OF_THE_SANDBOX);
    assert!(problems.is_empty(), "move it to the floor that may, see CONTRIBUTING: {problems:#?}");
}

/// Otherwise an arrow may be missing.
#[test]
fn all_files_are_read_and_all_paths_resolved() {
    for one in &CRATES {
        let graph = &graphs()[one.folder];
        let apart: Vec<_> = graph.apart.iter().collect();
        assert_eq!(apart, one.apart, "{}: files that no module declares", one.folder);
        let unknown = &graph.named.unknown;
        assert!(unknown.is_empty(), "{}: no item is found for {unknown:#?}", one.folder);
    }
}
