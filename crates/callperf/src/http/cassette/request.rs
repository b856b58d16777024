//! Requests as cassettes keep and compare them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// A request without its sender and its server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedRequest {
    /// The operation's name, or method and path.
    pub(crate) operation: String,
    /// It may hold the account's id; it isn't compared.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Json,
}

impl RecordedRequest {
    /// With the names of objects in order, and lists as they are.
    pub(super) fn to_json(&self) -> Json {
        let mut query = BTreeMap::<&str, Vec<&str>>::new();
        for (name, value) in &self.query {
            query.entry(name).or_default().push(value);
        }
        let query = query.into_iter().map(|(name, values)| {
            let value: Json = if let [value] = values[..] { value.into() } else { values.into() };
            (name.to_owned(), value)
        });
        let mut json = Map::new();
        json.insert("operation".to_owned(), self.operation.clone().into());
        json.insert("query".to_owned(), query.collect());
        if !self.body.is_null() {
            json.insert("body".to_owned(), self.body.clone());
        }
        canonical(Json::Object(json))
    }
}

/// Sorts the names of objects: features of `serde_json` change their order.
pub(super) fn canonical(json: Json) -> Json {
    match json {
        Json::Object(map) => {
            let sorted: BTreeMap<_, _> = map.into_iter().collect();
            sorted.into_iter().map(|(name, value)| (name, canonical(value))).collect()
        }
        Json::Array(items) => items.into_iter().map(canonical).collect(),
        other => other,
    }
}

/// What an answer was recorded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Match {
    Body,
    /// The body that an earlier version sent for the same question.
    EarlierBody,
}
