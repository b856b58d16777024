use std::path::Path;
use std::process::Command;

use crate::support::{Copy, package};

/// As cargo runs it for a package, without saying which workspace is meant.
fn generated_is_fresh(package: &Path) -> bool {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    is_fresh(xtask.env("CARGO_MANIFEST_DIR", package).current_dir("/"))
}

/// As it is run by its own name in a folder.
fn generated_is_fresh_in(folder: &Path) -> bool {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    is_fresh(xtask.env_remove("CARGO_MANIFEST_DIR").current_dir(folder))
}

fn is_fresh(xtask: &mut Command) -> bool {
    xtask.args(["generate", "--check"]);
    match xtask.output().unwrap().status.code() {
        Some(0) => true,
        Some(4) => false,
        other => panic!("{other:?}"),
    }
}

/// A copy whose generated client isn't what its documents give.
fn stale() -> Copy {
    let copy = Copy::new();
    let file = "crates/callperf-raw/src/beta.rs";
    copy.write(file, &copy.read(file).replace("Client", "Customer"));
    copy
}

/// Checkouts that share a target directory share the program, too.
#[test]
fn the_workspace_is_the_one_that_cargo_runs_it_in() {
    let copy = stale();
    assert!(!generated_is_fresh(&copy.path("xtask")));
    assert!(!generated_is_fresh(&copy.path("crates/callperf-raw")));
    assert!(generated_is_fresh(&package()));
    // No workspace of ours is around it: then the one that it was compiled in.
    assert!(generated_is_fresh(Path::new("/")));
}

#[test]
fn the_workspace_is_the_one_that_it_is_run_in() {
    let copy = stale();
    assert!(!generated_is_fresh_in(&copy.path("crates")));
    assert!(generated_is_fresh_in(&package()));
    assert!(generated_is_fresh_in(Path::new("/")));
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
