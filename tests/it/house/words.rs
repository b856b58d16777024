//! Words that our English does without. `words.txt` has the files that still have them, and may only shrink.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::support::workspace;

const AVOIDED: [&str; 10] = [
    "whoever", "whatever", "nobody", "somebody", "mend", "mends", "mended", "mending", "told",
    "hitherto",
];
const LIST: &str = "tests/it/house/words.txt";
/// Sources, help, documents, overlays and page templates.
const FOLDERS: [&str; 4] = ["crates", "openapi", "tests", "xtask"];
const KINDS: [&str; 4] = ["rs", "md", "yaml", "html"];
const EXEMPT: [&str; 7] = [
    // Frozen.
    "tests/it/user_programs/",
    // Made from others: from the overlays, or by tests.
    "crates/callperf-raw/src/",
    "xtask/tests/fixtures/",
    // Others' words.
    "openapi/revisions/",
    "/corpus/",
    "/target/",
    "tests/it/house/words.rs",
];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The files that are looked at, by their names in the workspace. The changelog is history.
fn files() -> BTreeMap<String, PathBuf> {
    let root = workspace();
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), &mut files);
    }
    let documents = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
    files.extend(documents.filter(|path| path.is_file() && !path.ends_with("CHANGELOG.md")));
    let named = files.into_iter().filter_map(|path| {
        let kind = path.extension()?.to_str()?;
        let name = path.strip_prefix(&root).ok()?.to_str()?.to_owned();
        let is_exempt = EXEMPT.iter().any(|part| name.contains(part));
        (KINDS.contains(&kind) && !is_exempt).then_some((name, path))
    });
    named.collect()
}

/// The avoided words of a text, each with its line.
fn avoided(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let words = line.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase);
        let words = words.filter(|word| AVOIDED.contains(&word.as_str()));
        found.extend(words.map(|word| (number + 1, word)));
    }
    found
}

fn listed(text: &str) -> BTreeMap<String, usize> {
    let lines = text.lines().filter_map(|line| line.trim().split_once(' '));
    lines.map(|(count, name)| (name.to_owned(), count.parse().unwrap())).collect()
}

#[test]
fn words_are_found_in_any_case_and_in_names() {
    let text = "Nobody's\nuntold fn told_of(x)\namend, mended; Somebody_else whatever\n";
    let found: Vec<_> =
        avoided(text).into_iter().map(|(line, word)| format!("{line} {word}")).collect();
    assert_eq!(found, ["1 nobody", "2 told", "3 mended", "3 somebody", "3 whatever"]);
}

/// Run with `BLESS=1` to have the list written, and see in the diff that no number grows.
#[test]
fn avoided_words_only_get_fewer() {
    let list = workspace().join(LIST);
    let (mut now, mut problems) = (String::new(), String::new());
    let before = listed(&fs::read_to_string(&list).unwrap());
    let files = files();
    for (name, path) in &files {
        let found = avoided(&fs::read_to_string(path).unwrap());
        let most = before.get(name).copied().unwrap_or_default();
        if found.len() > most {
            writeln!(
                problems,
                "{name} has {} avoided words, and {LIST} allows {most}:",
                found.len()
            )
            .unwrap();
            for (line, word) in &found {
                writeln!(problems, "  {name}:{line}: {word}").unwrap();
            }
        } else if found.len() < most {
            writeln!(problems, "{name}: lower {most} to {} in {LIST}", found.len()).unwrap();
        }
        if !found.is_empty() {
            writeln!(now, "{} {name}", found.len()).unwrap();
        }
    }
    for gone in before.keys().filter(|name| !files.contains_key(*name)) {
        writeln!(problems, "{gone}: take its line out of {LIST}").unwrap();
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&list, &now).unwrap();
    } else {
        assert!(problems.is_empty(), "{problems}\nthe list as it would be now:\n{now}");
    }
}
