//! What must hold of any bytes. Replayed over the corpus by `tests/it/fuzz.rs`,
//! and run under a fuzzer by the targets beside this file.

use std::sync::LazyLock;

use callperf::{
    Api, Breakdown, Client, Credentials, GroupBy, Interval, Notice, Period, Query, Row,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

fn client(api: Api, strict: bool) -> Client {
    Client::builder()
        .credentials(Credentials::jwt("client", "", ""))
        .api(api)
        .strict(strict)
        .clock(|| Timestamp::UNIX_EPOCH)
        .build()
        .expect("the settings are in order")
}

/// Every metric that the API has. A query that is refused would leave every
/// answer unread.
fn query(client: &Client) -> Query {
    let keep_known = |query: Query, more: Query| {
        if client.aggregate(&more).check().is_ok() { more } else { query }
    };
    let nothing = Query::new(GroupBy::users(), Period::last_days(7), "UTC").unchecked();
    let query = Breakdown::KNOWN.iter().fold(nothing, |query, one| {
        let query = keep_known(query.clone(), query.calls(one.clone()));
        keep_known(query.clone(), query.time_spent(one.clone()))
    });
    client.aggregate(&query).check().expect("the query can be asked");
    query
}

/// What reads the answers of an API; made once.
struct Reader {
    lenient: Client,
    strict: Client,
    query: Query,
}

static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| {
    let reader = |api: &Api| {
        let (lenient, strict) = (client(*api, false), client(*api, true));
        Reader { query: query(&lenient), lenient, strict }
    };
    Api::KNOWN.iter().map(reader).collect()
});

/// Bytes as an answer of both APIs: reading them never panics; what is read holds
/// no number that wasn't sent, is the same each time, and is no other if one is strict;
/// what is left out has a notice, and strictness refuses it.
pub(crate) fn answers(bytes: &[u8]) {
    for Reader { lenient, strict, query } in &*READERS {
        let read = |client: &Client| client.aggregate(query).read(bytes);
        check(bytes, || read(lenient), || read(strict));
        if lenient.api() == Api::CallsV1 {
            let read = |client: &Client| client.timeline(query, Interval::Day).read(bytes);
            check(bytes, || read(lenient), || read(strict));
        }
    }
}

type Outcome<T> = Result<callperf::Page<T>, callperf::Error>;

fn check<T: Row + Serialize>(
    bytes: &[u8],
    lenient: impl Fn() -> Outcome<T>,
    strict: impl Fn() -> Outcome<T>,
) {
    let Ok(page) = lenient() else {
        assert!(strict().is_err(), "strictness refuses more, not less");
        return;
    };
    let records = serde_json::to_string(&page.records).expect("records are JSON");
    let again = lenient().expect("it was read before").records;
    assert_eq!(records, serde_json::to_string(&again).expect("records are JSON"));
    let is_whole = !page.notices.iter().any(|one| matches!(one, Notice::Unreadable { .. }));
    let strict = strict();
    assert!(strict.is_ok() == is_whole, "strictness refuses what isn't read whole, and no more");
    if let Ok(page) = strict {
        assert_eq!(records, serde_json::to_string(&page.records).expect("records are JSON"));
    }
    only_what_was_sent(bytes, &records);
}

/// Where a name stands twice in an object, only one of its values is kept by the
/// JSON value here; such bytes show nothing.
fn only_what_was_sent(bytes: &[u8], records: &str) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let sent: Json = serde_json::from_slice(bytes).expect("what was read is JSON");
    let read: Json = serde_json::from_str(records).expect("records are JSON");
    let text = String::from_utf8_lossy(bytes);
    let (mut known, mut found) = (Vec::new(), Vec::new());
    numbers(&sent, &mut known);
    numbers(&read, &mut found);
    for number in found {
        let is_sent = known.iter().any(|one| is_equal(one, &number)) || text.contains(&number);
        assert!(is_sent, "{number} was not sent");
    }
}

fn numbers(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::Number(number) => found.push(number.to_string()),
        Json::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        Json::Object(map) => map.values().for_each(|value| numbers(value, found)),
        _ => {}
    }
}

/// `40.0` and `40` are one number.
fn is_equal(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other || number(one) == number(other)
}
