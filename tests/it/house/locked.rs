//! What is installed for the gate and the tests is locked, by hashes where there can be some.

use std::fs;

use serde_json::Value as Json;

use crate::support::workspace;

fn read(file: &str) -> String {
    fs::read_to_string(workspace().join(file)).unwrap()
}

#[test]
fn python_packages_have_hashes_and_are_wheels() {
    for folder in [".ci", "tests/oracle", "tests/contract", "tests/peers"] {
        let text = read(&format!("{folder}/requirements.txt"));
        assert!(text.contains("--only-binary :all:\n"), "{folder}");
        assert!(!text.contains("//"), "{folder} names a registry");
        let lines: Vec<_> = text.lines().collect();
        let packages = lines.windows(2).filter(|pair| pair[0].contains("=="));
        for pair in packages.clone() {
            assert!(pair[1].trim_start().starts_with("--hash=sha256:"), "{folder}: {}", pair[0]);
        }
        let wanted = read(&format!("{folder}/requirements.in"));
        for wanted in wanted.lines().filter(|line| line.contains("==")) {
            let is_locked = packages.clone().any(|pair| pair[0].trim_end_matches(" \\") == wanted);
            assert!(is_locked, "{folder}: {wanted} is not in requirements.txt");
        }
    }
}

#[test]
fn node_packages_are_locked_without_a_registry() {
    for folder in ["xtask/browser", "tests/peers"] {
        let json = |file: &str| -> Json { read(&format!("{folder}/{file}")).parse().unwrap() };
        let (wanted, lock) = (json("package.json"), json("package-lock.json"));
        let packages = lock["packages"].as_object().unwrap();
        assert_eq!(packages[""]["dependencies"], wanted["dependencies"], "{folder}");
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].is_string(), "{folder}: {name} has no hash");
            assert_eq!(package.get("resolved"), None, "{folder}: {name} names a registry");
        }
    }
}

#[test]
fn what_installs_or_builds_goes_by_what_is_locked() {
    let building = ["build", "clippy", "doc", "hack", "publish", "run", "test"];
    let building = building.map(|command| format!("cargo {command} "));
    for script in [
        ".ci/Dockerfile",
        ".ci/keep-up",
        ".ci/release",
        ".ci/run",
        ".ci/tools",
        ".ci/workflows",
        ".github/workflows/ci.yml",
        ".github/workflows/keep-up.yml",
        ".github/workflows/release.yml",
        "tests/contract/run",
        "tests/history/run",
        "tests/history/scale",
        "tests/keep-up/run",
        "tests/oracle/run",
        "tests/peers/compare",
        "tests/peers/install",
        "tests/peers/run",
        "tests/regeneration/run",
        "tests/release/run",
    ] {
        for line in read(script).lines().filter(|line| !line.trim_start().starts_with('#')) {
            let has = |part: &str| line.contains(part);
            if building.iter().any(|command| has(command)) {
                assert!(has("--locked"), "{script}: {line}");
            }
            if has("npm ") && !has("apt-get") && !has("command -v") && !has("missing") {
                assert!(has("npm ci ") && has("--ignore-scripts"), "{script}: {line}");
            }
            if has("pip\" install") || has("pip install") {
                assert!(has("--require-hashes"), "{script}: {line}");
            }
        }
    }
    assert!(read("README.md").contains("\ncargo test --workspace --locked\n"));
    assert!(read(".ci/run").contains("\ngate tests cargo test --workspace --locked\n"));
    assert!(read(".cargo/config.toml").contains("run --quiet --locked "));
}
