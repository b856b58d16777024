//! The documents as they are generated: the current one of each API, and what makes the others of it.

use std::sync::OnceLock;

use serde_json::Value;

use crate::wire::patch::patch;

/// Each API with the document of its current revision.
pub(super) const APIS: [(&str, &str); 2] =
    [("calls-v1", include_str!("calls-v1.json")), ("beta", include_str!("beta.json"))];
/// Merge patches of these by API and date.
const OTHERS: &str = include_str!("others.json");

/// What a flow of a login names, and the path that the sandbox has for it.
pub(super) const TOKEN_URLS: [(&str, &str); 3] = [
    ("authorizationUrl", "/restapi/oauth/authorize"),
    ("tokenUrl", "/restapi/oauth/token"),
    ("refreshUrl", "/restapi/oauth/token"),
];

/// The reference document of one revision.
pub(super) struct Document {
    pub(super) api: &'static str,
    pub(super) date: String,
    pub(super) json: Value,
}

impl Document {
    pub(super) fn of(api: &str, date: &str) -> Option<Document> {
        let (api, text) = APIS.into_iter().find(|(name, _)| *name == api)?;
        let mut json = parsed(text);
        if json["info"]["version"] != date {
            patch(&mut json, others()[api].get(date)?);
        }
        Some(Document { api, date: date.to_owned(), json })
    }
}

/// The dates of an API's revisions, the newest first.
pub(super) fn dates(api: &str) -> impl Iterator<Item = String> {
    let current = APIS.into_iter().find(|(name, _)| *name == api);
    let current = current.map(|(_, text)| parsed(text)["info"]["version"].clone());
    let current = current.and_then(|date| date.as_str().map(str::to_owned));
    let others = others()[api].as_object().into_iter().flatten();
    let mut dates: Vec<_> = others.map(|(date, _)| date.clone()).chain(current).collect();
    dates.sort_unstable_by(|one, other| other.cmp(one));
    dates.into_iter()
}

fn others() -> &'static Value {
    static PARSED: OnceLock<Value> = OnceLock::new();
    PARSED.get_or_init(|| parsed(OTHERS))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("it is written by xtask")
}
