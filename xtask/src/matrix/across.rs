//! Responses of another api that renames lead from or to, as a client reads them: by its operation, and in its types
//! where these changed as well, which no rename says.

use serde_json::{Value, json};

use crate::catalogue::{Api, Catalogue};
use crate::renames::{Kind, Rename, before};
use crate::responses::Response;

/// Each with its name: the reading api, the api and the revision that it is of, and the reading api's operation.
pub(super) fn responses(
    catalogue: &Catalogue,
    renames: &[Rename],
    responses: &[Response],
) -> Vec<(String, Value)> {
    let mut read = Vec::new();
    let operations = renames.iter().filter(|rename| rename.kind == Kind::Operation);
    for Rename { api, revision, old, new, .. } in operations {
        let Some(before) = before(catalogue, *api, revision).filter(|(older, _)| older != api)
        else {
            continue;
        };
        let (older, newer) = ((before.0, before.1.as_str()), (*api, revision.as_str()));
        let names = (old.as_str(), new.as_str());
        for it in responses {
            if (it.api, it.date.as_str(), it.operation.as_str()) == (older.0, older.1, names.0) {
                read.push((file(it, newer.0, names.1), as_list_in_object(&it.body)));
            }
            if (it.api, it.date.as_str(), it.operation.as_str()) == (newer.0, newer.1, names.1) {
                read.push((file(it, older.0, names.0), as_list(&it.body)));
            }
        }
    }
    read
}

fn file(response: &Response, api: Api, operation: &str) -> String {
    let Response { api: own, date, number, .. } = response;
    format!("{api}/{own}@{date}/{operation}.{number}.json")
}

/// The records of phone-v1 were the data.
fn as_list_in_object(body: &Value) -> Value {
    let mut body = body.clone();
    if body["data"].is_array() {
        body["data"] = json!({"records": body["data"].take()});
    }
    body
}

fn as_list(body: &Value) -> Value {
    let mut body = body.clone();
    let records = body["data"]["records"].take();
    if records.is_array() {
        body["data"] = records;
    }
    body
}
