//! Snapshots of what comes back.

use std::{
    env,
    panic::Location,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use insta::{
    _macro_support::{SerializationFormat, serialize_value},
    Settings,
    internals::{Content, ContentPath},
    rounded_redaction,
};
use serde::Serialize;

use crate::query::fingerprint::Fingerprint;

/// Where a record has its key, and a notice those that it is about.
const KEYS: [&str; 2] = [".**.key", ".**.keys[]"];
const EXTENSION_NUMBER: &str = ".**.extension_number";
/// Where a page, a point or a notice has an instant.
const TIMES: [&str; 6] = [
    ".**.time",
    ".**.period.from",
    ".**.period.to",
    ".**.period.trimmed_from",
    ".**.asked",
    ".**.sent",
];
/// Where a metric has a number.
const NUMBERS: [&str; 2] = [".**.value", ".**.values.*"];
const DECIMALS: usize = 3;
/// What a record has beside its data: which query it answers.
const FINGERPRINT: &str = "fingerprint";

/// [insta](https://insta.rs)'s settings for pages and records, on top of those that
/// are bound at the moment.
///
/// What is another on each run, or says nothing to a reader, is replaced: keys and
/// extension numbers by `[key 1]` and `[extension_number 1]`, instants by
/// `[time 1]`, the same one by the same number within one snapshot's settings; the
/// request id in an error's text. The fingerprint of a record's query and the
/// time zone of a series are left out.
/// Numbers with a fraction are rounded to three
/// digits after the point, others are as they were sent.
///
/// Add redactions of your own to them, and bind them around insta's macros:
///
/// ```
/// use callperf::{Page, Record};
///
/// let mut settings = callperf::testing::settings();
/// settings.add_redaction(".records[].info.name", "[name]");
/// settings.bind(|| {
///     let page = Page::fake().record(Record::fake().name("Sales").build()).build();
///     # let _ = page;
///     // insta::assert_json_snapshot!(page);
/// });
/// ```
#[must_use]
pub fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_sort_maps(true);
    settings.set_omit_expression(true);
    let key = std::sync::Arc::new(numbered("key"));
    for selector in KEYS {
        let key = std::sync::Arc::clone(&key);
        settings.add_dynamic_redaction(selector, move |value, path| key(value, path));
    }
    settings.add_dynamic_redaction(EXTENSION_NUMBER, numbered("extension_number"));
    let time = std::sync::Arc::new(numbered("time"));
    for selector in TIMES {
        let time = std::sync::Arc::clone(&time);
        settings.add_dynamic_redaction(selector, move |value, path| time(value, path));
    }
    for selector in NUMBERS {
        settings.add_redaction(selector, rounded_redaction(DECIMALS));
    }
    settings.add_dynamic_redaction(".", |value, _| without_later_fields(value));
    settings.add_filter(r"request id [^\s\\\x22]+", "request id [request id]");
    settings
}

/// Compares a page, a record or anything else that serialises with its snapshot, as
/// JSON with [`settings`]: one line in a test, and no macro.
///
/// The snapshot is `NAME.snap` in a folder `snapshots` beside the test's file, or in
/// the folder of the settings that are bound. `INSTA_UPDATE=always cargo test` writes
/// it, `cargo insta review` asks.
///
/// ```no_run
/// # use callperf::{Page, Record, testing};
/// let page = Page::fake().record(Record::fake().key("7001").build()).build();
/// testing::assert_snapshot("one-queue", &page);
/// ```
///
/// # Panics
/// Where the snapshot is another, or there is none.
#[track_caller]
pub fn assert_snapshot(name: &str, value: &impl Serialize) {
    let caller = Location::caller();
    let mut settings = settings();
    settings.set_prepend_module_to_snapshot(false);
    if settings.snapshot_path() == Path::new("snapshots") {
        settings.set_snapshot_path(beside(caller.file()));
    }
    let outcome = settings.bind(|| {
        let content = serialize_value(value, SerializationFormat::Json);
        let workspace = workspace_of(caller.file()).unwrap_or_else(package);
        // What insta's macro expands to. The macro itself would name this file as the source.
        insta::_macro_support::assert_snapshot(
            (name, content.as_str()).into(),
            &workspace,
            "assert_snapshot",
            module_path!(),
            caller.file(),
            caller.line(),
            "value",
        )
    });
    if let Err(error) = outcome {
        panic!("the snapshot {name} can't be compared: {error}");
    }
}

/// The folder of the package under test.
fn package() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

/// The folder that the name of a file of the package under test is relative to.
fn workspace_of(file: &str) -> Option<PathBuf> {
    package().ancestors().find(|folder| folder.join(file).exists()).map(Path::to_owned)
}

/// The folder of snapshots for a file of the package under test.
fn beside(file: &str) -> PathBuf {
    let source = workspace_of(file).map(|workspace| workspace.join(file));
    let folder = source.as_deref().and_then(Path::parent).map(Path::to_owned);
    folder.unwrap_or_else(package).join("snapshots")
}

/// Gives each text a number in the order in which it comes.
fn numbered(what: &str) -> impl Fn(Content, ContentPath<'_>) -> Content + Send + Sync + use<> {
    let (what, seen) = (what.to_owned(), Mutex::new(Vec::<String>::new()));
    move |value, _| {
        let Some(text) = value.as_str() else { return value };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let at = seen.iter().position(|one| one == text).unwrap_or_else(|| {
            seen.push(text.to_owned());
            seen.len() - 1
        });
        format!("[{what} {}]", at + 1).into()
    }
}

/// Snapshots that were written before records had a fingerprint, and series a time zone, stay as
/// they are.
fn without_later_fields(mut value: Content) -> Content {
    value.walk(&mut |part| {
        match part {
            Content::Struct(_, fields) => {
                fields.retain(|(name, value)| *name != FINGERPRINT || !is_fingerprint(value));
                if fields.iter().any(|(name, _)| *name == "points") {
                    fields.retain(|(name, _)| *name != "time_zone");
                }
            }
            Content::Map(entries) => {
                let is_its = |name: &Content| name.as_str() == Some(FINGERPRINT);
                entries.retain(|(name, value)| !is_its(name) || !is_fingerprint(value));
            }
            _ => {}
        }
        true
    });
    value
}

fn is_fingerprint(value: &Content) -> bool {
    value.as_str().is_some_and(|text| text.parse::<Fingerprint>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_lies_beside_its_test() {
        let folder = beside(file!());
        assert!(folder.ends_with("src/testing/snapshots"), "{}", folder.display());
        assert!(beside("no/such/file.rs").ends_with("callperf/snapshots"));
    }
}
