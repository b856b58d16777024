//! Names of extensions, where the API sends keys alone: the beta does.

use std::collections::HashMap;

use callperf::{Client, Error};
use serde_json::Value as Json;

/// The list's pages are as large as the service allows.
const PER_PAGE: &str = "1000";
/// More pages than any account has, in case a server doesn't count.
const MOST_PAGES: u64 = 200;

/// The names of the account's extensions by id, from the platform's list of them.
///
/// # Errors
/// What the requests say; the list takes another permission (`ReadAccounts`) than
/// the reports.
pub(crate) async fn look_up(client: &Client) -> Result<HashMap<String, String>, Error> {
    let mut names = HashMap::new();
    for page in 1..=MOST_PAGES {
        let page_text = page.to_string();
        let query = [("page", page_text.as_str()), ("perPage", PER_PAGE)];
        let answer = client.send("/restapi/v1.0/account/~/extension", &query, None).await?;
        let records = answer["records"].as_array().map(Vec::as_slice).unwrap_or_default();
        names.extend(records.iter().filter_map(named));
        let pages = answer["paging"]["totalPages"].as_u64().unwrap_or(page);
        if records.is_empty() || page >= pages {
            break;
        }
    }
    Ok(names)
}

/// An extension's id, a number or a text, and its name.
fn named(record: &Json) -> Option<(String, String)> {
    let id = match &record["id"] {
        Json::String(id) => id.clone(),
        Json::Number(id) => id.to_string(),
        _ => return None,
    };
    let name = record["name"].as_str().filter(|name| !name.is_empty())?;
    Some((id, name.to_owned()))
}
