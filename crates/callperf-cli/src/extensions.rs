//! The account's extensions: what their numbers and names stand for.

use std::collections::HashMap;

use callperf::{Client, Error};
use serde_json::Value as Json;

use crate::{Failure, words::Parsed};

/// The list's pages are as large as the service allows.
pub(crate) const PER_PAGE: u32 = 1000;
/// More pages than any account has, in case a server doesn't count.
const MOST_PAGES: u64 = 200;
/// How many names a refusal lists.
const MOST_NAMES: usize = 10;

/// What an extension must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Queue,
    IvrMenu,
    SharedLine,
    Any,
}

/// The types of extensions that no grouping by extensions has.
const OTHER_TYPES: [&str; 6] = [
    "Site",
    "ParkLocation",
    "PagingOnly",
    "ApplicationExtension",
    "DelegatedLinesGroup",
    "ProxyAdmin",
];
/// What call queues were called first.
const QUEUE: &str = "Department";

impl Role {
    fn of(kind: &str) -> Self {
        match kind {
            QUEUE => Self::Queue,
            "IvrMenu" => Self::IvrMenu,
            "SharedLinesGroup" => Self::SharedLine,
            other if OTHER_TYPES.contains(&other) => Self::Any,
            _ => Self::User,
        }
    }

    /// One of them, in words.
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Queue => "queue",
            Self::IvrMenu => "IVR menu",
            Self::SharedLine => "shared line",
            Self::Any => "extension",
        }
    }
}

#[derive(Clone, Debug)]
struct Extension {
    id: String,
    number: Option<String>,
    name: Option<String>,
    /// The API's word for what it is.
    kind: Option<String>,
}

impl Extension {
    fn is(&self, role: Role) -> bool {
        role == Role::Any || self.kind.as_deref().is_none_or(|kind| Role::of(kind) == role)
    }

    fn is_numbered(&self, text: &str) -> bool {
        self.number.as_deref() == Some(text)
    }

    fn is_named(&self, text: &str) -> bool {
        self.name.as_deref().is_some_and(|name| folded(name) == folded(text))
    }

    /// Its name with its key, for a message.
    fn shown(&self) -> String {
        // A name is any text: quoted, it can't steer a terminal.
        self.name.as_ref().map_or_else(|| self.id.clone(), |name| format!("{name:?} ({})", self.id))
    }
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The account's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Extensions(Vec<Extension>);

impl Extensions {
    /// Fetches the platform's list, all pages of it.
    ///
    /// # Errors
    /// What the requests say; the list takes another permission (`ReadAccounts`) than
    /// the reports.
    pub(crate) async fn fetch(client: &Client) -> Result<Self, Error> {
        let mut extensions = Vec::new();
        let per_page = PER_PAGE.to_string();
        for page in 1..=MOST_PAGES {
            let page_text = page.to_string();
            let query = [("page", page_text.as_str()), ("perPage", per_page.as_str())];
            let answer = client.send("/restapi/v1.0/account/~/extension", &query, None).await?;
            let records = answer["records"].as_array().map(Vec::as_slice).unwrap_or_default();
            extensions.extend(records.iter().filter_map(extension));
            let pages = answer["paging"]["totalPages"].as_u64().unwrap_or(page);
            if records.is_empty() || page >= pages {
                break;
            }
        }
        Ok(Self(extensions))
    }

    /// The names by id.
    pub(crate) fn names(&self) -> HashMap<&str, &str> {
        let named = self.0.iter();
        named.filter_map(|it| Some((it.id.as_str(), it.name.as_deref()?))).collect()
    }

    /// The key that a text of this option stands for: a key, an extension's number or
    /// its name, in this order.
    pub(crate) fn key(&self, option: &str, text: &str, role: Role) -> Parsed<String> {
        let of_role = || self.0.iter().filter(|it| it.is(role));
        if of_role().any(|it| it.id == text) {
            return Ok(text.to_owned());
        }
        let numbered: Vec<_> = of_role().filter(|it| it.is_numbered(text)).collect();
        let named: Vec<_> = of_role().filter(|it| it.is_named(text)).collect();
        let (found, how) =
            if numbered.is_empty() { (named, "are named") } else { (numbered, "have the number") };
        match &found[..] {
            [] => Err(Failure::Usage(format!("{option}: {}", self.refusal(text, role)))),
            [one] => Ok(one.id.clone()),
            several => Err(Failure::Usage(format!(
                "{option}: {} {}s {how} {text:?}: {}; give the key of one",
                several.len(),
                role.word(),
                listed(several.iter().map(|it| match &it.number {
                    Some(number) => format!("{} (extension {number})", it.id),
                    None => it.id.clone(),
                }))
            ))),
        }
    }

    fn refusal(&self, text: &str, role: Role) -> String {
        let word = role.word();
        let is_it = |it: &&Extension| it.id == text || it.is_numbered(text) || it.is_named(text);
        if let Some(other) = self.0.iter().find(is_it) {
            let own = Role::of(other.kind.as_deref().unwrap_or_default()).word();
            return format!("{text:?} is the {own} {}, not a {word}", other.shown());
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return format!(
                "no {word} has the key or the extension number {text}; --unchecked sends it as it is"
            );
        }
        let near = self.nearest(text, role);
        if !near.is_empty() {
            let near = near.iter().map(|it| it.shown()).collect::<Vec<_>>().join(" or ");
            return format!("no {word} is named {text:?}; did you mean {near}?");
        }
        let of_role: Vec<_> = self.0.iter().filter(|it| it.is(role) && it.name.is_some()).collect();
        let all = match of_role.len() {
            0 => format!("the account has no {word}"),
            few if few <= MOST_NAMES => {
                format!("there are {}", listed(of_role.iter().map(|it| it.shown())))
            }
            many => format!("the account has {many} {word}s"),
        };
        format!("no {word} is named {text:?}; {all}")
    }

    /// Those with the nearest names, at most three.
    fn nearest(&self, text: &str, role: Role) -> Vec<&Extension> {
        let wanted = folded(text);
        let most = (wanted.chars().count() / 4).max(2);
        let distance = |extension: &Extension| {
            let name = folded(extension.name.as_deref()?);
            let edits = strsim::damerau_levenshtein(&name, &wanted);
            let is_part = wanted.chars().count() > 2 && name.contains(&wanted);
            (edits <= most || is_part).then_some(edits)
        };
        let of_role = self.0.iter().filter(|it| it.is(role));
        let mut near: Vec<_> = of_role.filter_map(|it| Some((distance(it)?, it))).collect();
        near.sort_by_key(|(edits, _)| *edits);
        near.into_iter().map(|(_, extension)| extension).take(3).collect()
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn extension(record: &Json) -> Option<Extension> {
    let id = match &record["id"] {
        Json::String(id) => id.clone(),
        Json::Number(id) => id.to_string(),
        _ => return None,
    };
    let text =
        |name: &str| record[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Extension { id, number: text("extensionNumber"), name: text("name"), kind: text("type") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn extensions() -> Extensions {
        let records = json!([
            {"id": 101, "extensionNumber": "201", "name": "Ada Lindqvist", "type": "User"},
            {"id": "102", "extensionNumber": "101", "name": "Bruno", "type": "DigitalUser"},
            {"id": 150, "extensionNumber": "8001", "name": "Support", "type": "Department"},
            {"id": 151, "extensionNumber": "8002", "name": "Sales, East", "type": "Department"},
            {"id": 152, "extensionNumber": "8003", "name": "sales, east", "type": "Department"},
            {"id": 160, "name": "Main\u{1b}[2J menu", "type": "IvrMenu"},
            {"name": "without an id"},
        ]);
        Extensions(records.as_array().unwrap().iter().filter_map(extension).collect())
    }

    fn key(text: &str, role: Role) -> Result<String, String> {
        extensions().key("--keys", text, role).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_wins_over_a_number_and_a_number_over_a_name() {
        assert_eq!(key("101", Role::User).unwrap(), "101");
        assert_eq!(key("201", Role::User).unwrap(), "101");
        assert_eq!(key("102", Role::User).unwrap(), "102");
        assert_eq!(key(" ada LINDQVIST", Role::User).unwrap(), "101");
        assert_eq!(key("support", Role::Queue).unwrap(), "150");
        assert_eq!(key("8001", Role::Any).unwrap(), "150");
    }

    #[test]
    fn what_is_nobodys_is_refused_with_the_nearest() {
        for (text, role, message) in [
            (
                "Suport",
                Role::Queue,
                "no queue is named \"Suport\"; did you mean \"Support\" (150)?",
            ),
            (
                "Lindqvist",
                Role::User,
                "no user is named \"Lindqvist\"; did you mean \"Ada Lindqvist\" (101)?",
            ),
            (
                "Billing",
                Role::User,
                "no user is named \"Billing\"; there are \"Ada Lindqvist\" (101), \"Bruno\" (102)",
            ),
            (
                "999",
                Role::Queue,
                "no queue has the key or the extension number 999; --unchecked sends it as it is",
            ),
            ("201", Role::Queue, "\"201\" is the user \"Ada Lindqvist\" (101), not a queue"),
            (
                "160",
                Role::Queue,
                "\"160\" is the IVR menu \"Main\\u{1b}[2J menu\" (160), not a queue",
            ),
            (
                "Sales, East",
                Role::Queue,
                "2 queues are named \"Sales, East\": 151 (extension 8002), 152 (extension 8003); give the key of one",
            ),
        ] {
            assert_eq!(key(text, role).unwrap_err(), format!("--keys: {message}"));
        }
    }
}
