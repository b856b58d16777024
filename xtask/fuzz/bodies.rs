//! What must hold of any bytes. Replayed over the corpora by
//! `xtask/tests/it/fuzz.rs`, and run under a fuzzer by the targets beside this
//! file.

use std::path::Path;

use serde_json::Value;
use xtask::catalogue::{Api, Catalogue};
use xtask::workspace::Workspace;
use xtask::{canon, document, downgrade, lower, overlay, preflight};

fn parse(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    let name = if text.trim_start().starts_with('{') { "fuzz.json" } else { "fuzz.yaml" };
    document::parse(text, Path::new(name)).ok()
}

/// Bytes as a vendor's document: no stage panics, and a revision's canonical form is its own.
pub(crate) fn documents(bytes: &[u8], root: &Path) {
    let Some(document) = parse(bytes) else { return };
    let catalogue =
        Catalogue::load(&Workspace::new(root.into())).expect("the catalogue is in order");
    for api in [Api::Beta, Api::CallsV1] {
        let entry = catalogue.entry(api).expect("the catalogue has the api");
        let operations: Vec<_> = entry.operation.iter().collect();
        let Ok(document) = downgrade::downgrade(document.clone(), &operations) else { continue };
        let Ok(revision) = canon::revision(&document, api, entry, "2030-01-01") else { continue };
        let again = canon::revision(&revision, api, entry, "2030-01-01");
        assert_eq!(document::to_text(&revision), document::to_text(&again.expect("it is one")));
        if preflight::check(&revision, entry).is_ok() {
            let lowered = lower::lower(&revision, entry);
            assert_eq!(lowered, lower::lower(&revision, entry));
        }
    }
}

/// Bytes as an overlay on a revision: it is refused, or does the same each time.
pub(crate) fn overlays(bytes: &[u8], root: &Path) {
    let Some(overlay) = parse(bytes) else { return };
    let text = Workspace::new(root.into())
        .read("openapi/revisions/beta/2021-08-12.json")
        .expect("the revision is committed");
    let revision: Value = serde_json::from_str(&text).expect("a revision is JSON");
    let apply = |mut document: Value| {
        overlay::apply(&overlay, &mut document, Api::Beta, "2021-08-12").map(|()| document)
    };
    match (apply(revision.clone()), apply(revision)) {
        (Ok(one), Ok(other)) => assert_eq!(one, other),
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        (one, other) => panic!("{one:?} and then {other:?}"),
    }
}
