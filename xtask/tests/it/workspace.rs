use std::path::Path;
use std::process::Command;

use crate::support::{Copy, package};

/// As cargo runs it for a package, without saying which workspace is meant.
fn generated_is_fresh(package: &Path) -> bool {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.env("CARGO_MANIFEST_DIR", package).args(["generate", "--check"]);
    match xtask.output().unwrap().status.code() {
        Some(0) => true,
        Some(4) => false,
        other => panic!("{other:?}"),
    }
}

/// Checkouts that share a target directory share the program, too.
#[test]
fn the_workspace_is_the_one_that_cargo_runs_it_in() {
    let copy = Copy::new();
    let file = "crates/callperf-raw/src/beta.rs";
    copy.write(file, &copy.read(file).replace("Client", "Customer"));
    assert!(!generated_is_fresh(&copy.path("xtask")));
    assert!(!generated_is_fresh(&copy.path("crates/callperf-raw")));
    assert!(generated_is_fresh(&package()));
    // No workspace of ours is around it: then the one that it was compiled in.
    assert!(generated_is_fresh(Path::new("/")));
}

#[test]
fn a_folder_that_is_no_workspace_is_named() {
    let copy = Copy::new();
    let folder = copy.path("crates");
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = xtask.arg("--workspace").arg(&folder).arg("generate").output().unwrap();
    let expected = format!(
        "{}: has no openapi/revisions.toml\n  remedy: run it in a workspace of callperf, or name one \
         with `--workspace`\n",
        folder.display()
    );
    assert_eq!(
        (output.status.code(), String::from_utf8(output.stderr).unwrap()),
        (Some(3), expected)
    );
}
