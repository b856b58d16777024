//! `cargo xtask matrix`: a client of every committed revision reads the full responses of every
//! other revision of its api, and of the one that the api grew out of.

mod across;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::catalogue::{Api, ApiEntry, Catalogue, Operation, Revision};
use crate::document::reference;
use crate::error::{Error, Problem, Result};
use crate::generate::client_of;
use crate::identifiers;
use crate::lower::successes;
use crate::renames::{self, Kind, Rename};
use crate::responses::{Response, responses_of};
use crate::workspace::{Workspace, revision_file};

/// What a client made of a response.
#[derive(Debug, Deserialize)]
struct Cell {
    api: String,
    client: String,
    response: String,
    file: String,
    decodes: bool,
    problem: Option<String>,
}

/// Writes every full response below a folder.
pub fn write_responses(responses: &[Response], folder: &Path) -> Result<()> {
    for response in responses {
        write(&folder.join(response.file()), &format!("{:#}\n", response.body))?;
    }
    Ok(())
}

/// Builds the clients below a target directory, and returns the tables.
pub fn matrix(workspace: &Workspace, target: &Path) -> Result<String> {
    let folder = target.join("matrix");
    let catalogue = Catalogue::load(workspace)?;
    let renames = renames::load(workspace)?;
    let responses = responses_of(workspace, |_| true)?;
    write_responses(&responses, &folder.join("responses"))?;
    write_clients(workspace, &catalogue, &renames, &folder)?;
    let own = responses.iter().map(|it| (it.file(), it.body.clone()));
    let across = across::responses(&catalogue, &renames, &responses);
    let lines = own.chain(across).map(|(file, body)| format!("{file} {body}\n"));
    write(&folder.join("responses.txt"), &lines.collect::<String>())?;
    write(&folder.join("renames.txt"), &names(&catalogue, &renames))?;
    let cells = run(&folder)?;
    let problems: Vec<_> = (cells.iter())
        .filter_map(|cell| Some((cell, cell.problem.as_ref()?)))
        .map(|(Cell { client, file, .. }, problem)| {
            format!("client of {client}, {file}: {problem}")
        })
        .collect();
    let tables = tables(&cells);
    if problems.is_empty() {
        Ok(tables)
    } else {
        Err(Error::Mismatch([vec![tables], problems].concat()))
    }
}

/// A line for each name that a response can have: the apis that it is about, the revision, the old name, the new one.
fn names(catalogue: &Catalogue, renames: &[Rename]) -> String {
    let has_words = |(_, entry): &(&Api, &ApiEntry)| entry.vocabulary;
    // These grew out of each other.
    let family: Vec<_> = catalogue.api.iter().filter(has_words).map(|(api, _)| *api).collect();
    let is_name = |it: &&Rename| [Kind::Property, Kind::Value].contains(&it.kind);
    let lines = renames.iter().filter(is_name).map(|Rename { api, revision, old, new, .. }| {
        let apis = if family.contains(api) { &family[..] } else { std::slice::from_ref(api) };
        let apis: Vec<_> = apis.iter().map(|api| api.name()).collect();
        format!("{} {revision} {old} {new}\n", apis.join(","))
    });
    lines.collect()
}

/// All clients are modules of one crate: one build, and the types need serde only.
fn write_clients(
    workspace: &Workspace,
    catalogue: &Catalogue,
    renames: &[Rename],
    folder: &Path,
) -> Result<()> {
    let mut modules = String::from("#![allow(warnings)]\n\nmod check;\nmod old_names;\n");
    let mut clients = String::new();
    for revision in &catalogue.revision {
        let entry = catalogue.entry(revision.api)?;
        let module = format!("{}_{}", revision.api, revision.date).replace('-', "_");
        let file = revision_file(revision.api, &revision.date);
        let of = (revision.api, revision.date.as_str());
        let (lowered, code) = client_of(workspace, catalogue, of, renames)?;
        let types = types(&code).map_err(|problem| problem.in_file(&file))?;
        write(&folder.join(format!("src/{module}.rs")), &types)?;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(modules, "mod {module};");
        for operation in &entry.operation {
            let name = response_type(&lowered, operation).map_err(|p| p.in_file(&file))?;
            let has_old_names = types.contains(&format!("OldNames for {name} "));
            let read = if has_old_names { "old_names::again" } else { "check::again" };
            let _ = writeln!(clients, "{}", line(revision, operation, &module, &name, read));
        }
    }
    let main = format!(
        "{modules}\nfn main() {{\n    let responses = std::fs::read_to_string(\"responses.txt\")\
         .unwrap();\n    let renames = std::fs::read_to_string(\"renames.txt\").unwrap();\n    \
         check::run(&[\n{clients}    ], &responses, &renames);\n}}\n"
    );
    write(&folder.join("src/main.rs"), &main)?;
    write(&folder.join("src/check.rs"), include_str!("check.rs"))?;
    let old_names = workspace.read(OLD_NAMES)? + AGAIN;
    write(&folder.join("src/old_names.rs"), &old_names)?;
    write(&folder.join("Cargo.toml"), MANIFEST)?;
    write(&folder.join("Cargo.lock"), &workspace.read("Cargo.lock")?)
}

/// What the code that is generated for old names uses.
const OLD_NAMES: &str = "crates/callperf-raw/src/old_names.rs";

/// Reading as a client does that knows old names.
const AGAIN: &str = "
pub fn again<T: DeserializeOwned + serde::Serialize + OldNames>(text: &str) -> Result<Value, String> {
    let mut read: T = serde_json::from_str(text).map_err(|e| e.to_string())?;
    read.take_old_names(&mut Vec::new());
    serde_json::to_value(read).map_err(|e| e.to_string())
}
";

const MANIFEST: &str = r#"[package]
name = "matrix"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
jiff = { version = "1", default-features = false, features = ["serde", "std"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"

[profile.dev]
debug = false
"#;

fn line(
    revision: &Revision,
    operation: &Operation,
    module: &str,
    name: &str,
    read: &str,
) -> String {
    let Revision { api, date, .. } = revision;
    let id = &operation.id;
    format!(
        "        check::Client {{ api: \"{api}\", date: \"{date}\", operation: \"{id}\", \
         read: {read}::<{module}::types::{name}> }},"
    )
}

/// The generated types, without the client that uses them.
pub fn types(code: &str) -> Result<String, Problem> {
    let problem = |what: String| Problem::new("", what, "see src/generate.rs");
    let mut file = syn::parse_file(code).map_err(|e| problem(format!("is not Rust: {e}")))?;
    file.items.retain(|item| matches!(item, syn::Item::Mod(module) if module.ident == "types"));
    Ok(prettyplease::unparse(&file))
}

fn response_type(lowered: &Value, operation: &Operation) -> Result<String, Problem> {
    let responses = &lowered["paths"][&operation.path][&operation.method]["responses"];
    let mut contents = successes(responses).filter_map(|(_, it)| it["content"].as_object());
    let schema = contents.find_map(|content| content.values().next()).map(|it| &it["schema"]);
    let component =
        schema.and_then(|schema| reference(schema).or_else(|| reference(&schema["allOf"][0])));
    component.map(|component| identifiers::type_name(&component.name)).ok_or_else(|| {
        let what = format!("operation `{}` answers with no type of its own", operation.id);
        Problem::new("", what, "give the response's schema a name by an overlay")
    })
}

fn run(folder: &Path) -> Result<Vec<Cell>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(folder)
        .args(["run", "--quiet", "--offline", "--target-dir", "target"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| problem(folder, &format!("cannot run cargo: {e}")))?;
    if !output.status.success() {
        return Err(problem(folder, "the clients do not build, as said above").into());
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let cells: Result<_, _> = lines.lines().map(serde_json::from_str).collect();
    cells.map_err(|e| problem(folder, &format!("the clients say what is not JSON: {e}")).into())
}

fn problem(folder: &Path, what: &str) -> Problem {
    let remedy = "see the generated crate there";
    Problem::new("", what, remedy).in_file(&folder.display().to_string())
}

/// A row for each client, a column for each server.
fn tables(cells: &[Cell]) -> String {
    let mut tables: BTreeMap<&str, BTreeMap<(&str, &str), &'static str>> = BTreeMap::new();
    for cell in cells {
        let table = tables.entry(&cell.api).or_default();
        let state = table.entry((&cell.client, &cell.response)).or_insert("full");
        match (cell.decodes, &cell.problem) {
            (false, _) => *state = "fails",
            (true, Some(_)) if *state == "full" => *state = "loses",
            _ => {}
        }
    }
    tables.iter().map(|(api, table)| render(api, table)).collect()
}

fn render(api: &str, table: &BTreeMap<(&str, &str), &'static str>) -> String {
    let mut text = format!("{api}: client of (row) reads response of (column)\n{:12}", "");
    let clients: BTreeSet<_> = table.keys().map(|(client, _)| *client).collect();
    let responses: BTreeSet<_> = table.keys().map(|(_, response)| *response).collect();
    let width = |response: &str| (response.len() + 2).max(12);
    for response in &responses {
        let _ = write!(text, "{response:width$}", width = width(response));
    }
    for client in clients {
        let _ = write!(text, "\n{client:12}");
        for response in &responses {
            let state = table.get(&(client, *response)).unwrap_or(&"-");
            let _ = write!(text, "{state:width$}", width = width(response));
        }
    }
    text + "\n\n"
}

pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let unwritable = |e| Problem::unwritable(path, &e);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    Ok(std::fs::write(path, text).map_err(unwritable)?)
}

/// Where cargo builds.
pub fn target(workspace: &Workspace) -> PathBuf {
    let configured = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = configured.unwrap_or_else(|| workspace.path("target"));
    std::path::absolute(&target).unwrap_or(target)
}
