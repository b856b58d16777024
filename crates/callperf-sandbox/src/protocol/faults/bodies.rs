//! Answers that are spoilt on their way.

use std::sync::OnceLock;

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::plan::Requests;
use crate::protocol::gzip::gzip;

/// Stands before the name of a member that is to come twice: no name begins with it.
const TWIN: char = '\u{1}';

/// What becomes of a good answer's body. What a fault needs and the answer doesn't have stays as it is.
pub(crate) fn spoilt(
    fault: &Fault,
    kind: Requests,
    headers: &mut HeaderMap,
    body: Vec<u8>,
) -> Vec<u8> {
    let mut set = |name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    match fault {
        Fault::Truncated => body[..body.len() / 2].to_vec(),
        Fault::Doubled => body.repeat(2),
        Fault::Null => b"null".to_vec(),
        Fault::List => b"[]".to_vec(),
        Fault::Object => b"{}".to_vec(),
        Fault::ErrorWith200 => {
            let error = json!({"errorCode": "CMN-203", "message": "Internal Server Error"});
            let mut answer = error.clone();
            answer["errors"] = json!([error]);
            answer.to_string().into()
        }
        Fault::OtherApi => other_api(kind).to_string().into(),
        Fault::TextPlain => {
            set(CONTENT_TYPE, "text/plain; charset=utf-8");
            body
        }
        Fault::NoContentType => {
            headers.remove(CONTENT_TYPE);
            body
        }
        Fault::NotUtf8 => within_first_string(body, &[0xff]),
        Fault::Utf16 => {
            let text = String::from_utf8_lossy(&body).into_owned();
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        Fault::ByteOrderMark => [b"\xef\xbb\xbf", &body[..]].concat(),
        Fault::Brackets => vec![b'['; 100_000],
        Fault::Deep => {
            let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
            with_member(body, "tomorrow", &deep)
        }
        Fault::Big(megabytes) => {
            let padding = format!("\"{}\"", "x".repeat(usize::from(*megabytes) * 1_000_000));
            with_member(body, "padding", &padding)
        }
        Fault::GzipCut => {
            set(CONTENT_ENCODING, "gzip");
            let zipped = gzip(&body);
            zipped[..zipped.len() / 2].to_vec()
        }
        Fault::GzipFalse => {
            set(CONTENT_ENCODING, "gzip");
            body
        }
        Fault::GzipBomb => {
            set(CONTENT_ENCODING, "gzip");
            bomb().to_vec()
        }
        other => {
            let mut answer = serde_json::from_slice(&body).unwrap_or_default();
            if changed(other, &mut answer) { written(&answer) } else { body }
        }
    }
}

/// Small as it is, it takes a while to make.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| gzip(&vec![b' '; 50_000_000]))
}

fn other_api(kind: Requests) -> Value {
    let paging = json!({"page": 1, "perPage": 100, "totalPages": 0, "totalElements": 0});
    match kind {
        Requests::Beta => {
            json!({"data": {"groupedBy": "Users", "records": []}, "paging": paging})
        }
        _ => json!({"data": {}, "paging": paging}),
    }
}

fn within_first_string(mut body: Vec<u8>, what: &[u8]) -> Vec<u8> {
    if let Some(quote) = body.iter().position(|byte| *byte == b'"') {
        body.splice(quote + 1..=quote, what.iter().copied());
    }
    body
}

/// An object with one member more, at its beginning.
fn with_member(mut body: Vec<u8>, name: &str, json: &str) -> Vec<u8> {
    if body.first() == Some(&b'{') {
        let comma = if body.starts_with(b"{}") { "" } else { "," };
        body.splice(1..1, format!("\"{name}\":{json}{comma}").into_bytes());
    }
    body
}

/// Changes what the answer says; whether that can be done.
fn changed(fault: &Fault, answer: &mut Value) -> bool {
    if !answer.is_object() {
        return false;
    }
    match fault {
        Fault::UnknownFields => {
            answer["tomorrow"] = json!({"a": [1, null, "x"]});
            each_list(answer, &mut |list| {
                list.insert("callsByMood".to_owned(), json!({"happy": 1}));
            });
            Records::of(answer).each(|record| record["mood"] = json!("good"));
        }
        Fault::UnknownWords => {
            each_list(answer, &mut |list| {
                let units = list.values_mut().filter_map(|metric| metric.get_mut("valueType"));
                units.for_each(|unit| *unit = json!("Dozens"));
            });
            if let Some(grouped_by) = answer.pointer_mut("/data/groupedBy") {
                *grouped_by = json!("Planets");
            }
        }
        Fault::NullNumbers => each_number(answer, &|_| Value::Null),
        Fault::NanNumbers => each_number(answer, &|_| json!("NaN")),
        Fault::StringNumbers => each_number(answer, &|number| json!(number.to_string())),
        Fault::DuplicateKeys => each_list(answer, &mut add_twins),
        Fault::KeyTwice => Records::of(answer).double_first(),
        Fault::PageEmpty => Records::of(answer).clear(),
        Fault::PageOther => count(answer, "page", 6),
        Fault::PagesGrow => add_pages(answer, 1),
        Fault::PagesShrink => add_pages(answer, -1),
        Fault::TokenNull => return put(answer, "access_token", Value::Null),
        Fault::TokenEmpty => return put(answer, "access_token", json!("")),
        Fault::TokenBroken => return put(answer, "access_token", json!("sandbox\r\nX-Evil: 1")),
        Fault::LifetimeNegative => return put(answer, "expires_in", json!(-1)),
        Fault::LifetimeEndless => return put(answer, "expires_in", json!(u64::MAX)),
        _ => return false,
    }
    true
}

/// Another value for a member that there is.
fn put(answer: &mut Value, name: &str, value: Value) -> bool {
    let member = answer.get_mut(name);
    member.map(|member| *member = value).is_some()
}

/// The records of an answer: a list, or on the beta an object by key.
enum Records<'a> {
    List(&'a mut Vec<Value>),
    ByKey(&'a mut Map<String, Value>),
    None,
}

impl<'a> Records<'a> {
    fn of(answer: &'a mut Value) -> Records<'a> {
        let is_nested = answer.get("data").is_some();
        let holder = if is_nested { answer.get_mut("data") } else { Some(answer) };
        match holder.and_then(Value::as_object_mut) {
            Some(holder) if holder.get("records").is_some_and(Value::is_array) => {
                let list = holder.get_mut("records").and_then(Value::as_array_mut);
                list.map_or(Records::None, Records::List)
            }
            Some(by_key) if is_nested => Records::ByKey(by_key),
            _ => Records::None,
        }
    }

    fn each(self, mut change: impl FnMut(&mut Value)) {
        match self {
            Records::List(list) => list.iter_mut().for_each(change),
            Records::ByKey(by_key) => by_key.values_mut().for_each(&mut change),
            Records::None => {}
        }
    }

    fn clear(self) {
        match self {
            Records::List(list) => list.clear(),
            Records::ByKey(by_key) => by_key.clear(),
            Records::None => {}
        }
    }

    fn double_first(self) {
        match self {
            Records::List(list) => {
                let first = list.first().cloned();
                list.extend(first);
            }
            Records::ByKey(by_key) => {
                let first = by_key.iter().next();
                let twin = first.map(|(key, record)| (format!("{TWIN}{key}"), record.clone()));
                by_key.extend(twin);
            }
            Records::None => {}
        }
    }

    /// Gives every record another key.
    fn rename(self, name: impl Fn(&str) -> String) {
        match self {
            Records::List(list) => {
                for record in list {
                    for key in ["key", "id"] {
                        let old = record.get_mut(key);
                        let renamed = old.as_deref().and_then(Value::as_str).map(&name);
                        if let (Some(old), Some(renamed)) = (old, renamed) {
                            *old = json!(renamed);
                        }
                    }
                }
            }
            Records::ByKey(by_key) => {
                let old = std::mem::take(by_key);
                by_key.extend(old.into_iter().map(|(key, record)| (name(&key), record)));
            }
            Records::None => {}
        }
    }

    /// Puts the last record of the page before in front, for which the last of this one goes if the page was full.
    fn shift(self, before: Records<'_>, per_page: usize) {
        match (self, before) {
            (Records::List(list), Records::List(before)) => {
                list.splice(0..0, before.last().cloned());
                list.truncate(per_page);
            }
            (Records::ByKey(by_key), Records::ByKey(before)) => {
                let last = by_key.keys().next_back().cloned();
                if let Some(last) = last.filter(|_| by_key.len() >= per_page) {
                    by_key.remove(&last);
                }
                let first = before.iter().next_back();
                by_key.extend(first.map(|(key, record)| (key.clone(), record.clone())));
            }
            _ => {}
        }
    }
}

/// The text, in which a twin has its other's name.
pub(crate) fn written(answer: &Value) -> Vec<u8> {
    answer.to_string().replace("\"\\u0001", "\"").into()
}

/// Every `counters` and `timers`, wherever they are.
fn each_list(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_object_mut() {
                    Some(list) if name == "counters" || name == "timers" => change(list),
                    _ => each_list(member, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_list(item, change)),
        _ => {}
    }
}

fn each_number(answer: &mut Value, change: &impl Fn(&serde_json::Number) -> Value) {
    fn within(value: &mut Value, change: &impl Fn(&serde_json::Number) -> Value) {
        match value {
            Value::Number(number) => *value = change(number),
            Value::Object(members) => members.values_mut().for_each(|value| within(value, change)),
            _ => {}
        }
    }
    each_list(answer, &mut |list| list.values_mut().for_each(|value| within(value, change)));
}

fn add_twins(members: &mut Map<String, Value>) {
    let mut twins = Vec::new();
    for (name, member) in members.iter_mut() {
        match member {
            Value::Number(number) => {
                let other = number.as_f64().unwrap_or_default() + 1.0;
                twins.push((format!("{TWIN}{name}"), json!(other)));
            }
            Value::Object(members) => add_twins(members),
            _ => {}
        }
    }
    members.extend(twins);
}

fn count(answer: &mut Value, name: &str, by: i64) {
    if let Some(number) = answer.pointer_mut(&format!("/paging/{name}")) {
        let counted = number.as_i64().unwrap_or_default().saturating_add(by);
        *number = json!(counted.max(0));
    }
}

fn per_page(answer: &Value) -> i64 {
    answer.pointer("/paging/perPage").and_then(Value::as_i64).unwrap_or_default()
}

fn add_pages(answer: &mut Value, pages: i64) {
    let elements = pages.saturating_mul(per_page(answer));
    count(answer, "totalPages", pages);
    count(answer, "totalElements", elements);
}

/// A page as a server would give it whose pages never end: the first page's records under other keys.
pub(crate) fn endless(first: &mut Value, page: u64) {
    let elements = u64::try_from(per_page(first)).unwrap_or_default().saturating_mul(page + 1);
    for (name, value) in [("page", page), ("totalPages", page + 1), ("totalElements", elements)] {
        if let Some(number) = first.pointer_mut(&format!("/paging/{name}")) {
            *number = json!(value);
        }
    }
    Records::of(first).rename(|key| format!("{key}-{page}"));
}

/// A page that begins with the last record of the page before, as when a key came in before it between the two
/// requests.
pub(crate) fn shifted(before: &mut Value, page: &mut Value) {
    count(page, "totalElements", 1);
    let per_page = usize::try_from(per_page(page)).unwrap_or(usize::MAX);
    Records::of(page).shift(Records::of(before), per_page);
}
