//! What identifies an account, its people and its numbers, and what takes its
//! place in a cassette.
//!
//! An identifier becomes a pseudonym that is derived from it: the same one
//! everywhere, so that a request which names it still finds its answer, and no
//! table of both is kept. It has a fixed number of digits, the last of which check
//! the others: so a pseudonym is known as one, and stays as it is.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    identifying::{Identifying, Kind},
    request::RecordedRequest,
};
use crate::http::address::is_name_in_path;

/// Of a digest. They tell thousands of identifiers apart; that two have the same
/// pseudonym is noticed when a cassette is recorded.
const DIGITS: usize = 9;
const CHECK_DIGITS: usize = 3;

/// How many digits cassettes of version 1 can have: as few as they needed.
const DIGITS_OF_VERSION_1: std::ops::RangeInclusive<usize> = 5..=18;

/// Shorter texts stand for too many other things.
const SHORTEST_IN_TEXT: usize = 5;

/// A number of so many digits in a text is an identifier or a telephone number, also if
/// no field has it.
const SHORTEST_NUMBER_IN_TEXT: usize = 7;

const REDACTED: &str = "[redacted]";

/// Texts as they are, and what takes their place; or the other way round.
pub(super) type Pseudonyms = BTreeMap<String, String>;

/// What was replaced. Identifiers are replaced in other texts, too; a name may be
/// any word there.
#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) ids: Pseudonyms,
    pub(super) names: Pseudonyms,
}

/// Makes pseudonyms.
#[derive(Clone, Copy)]
pub(super) struct Scrubber {
    form: Form,
    keeps_names: bool,
    identifying: Identifying,
}

#[derive(Clone, Copy)]
enum Form {
    /// So many digits of a digest: a cassette's of version 1.
    Cut(usize),
    /// A fixed number of digits, and others that check them.
    Checked,
}

impl Scrubber {
    pub(super) fn new(keeps_names: bool, identifying: Identifying) -> Self {
        Self { form: Form::Checked, keeps_names, identifying }
    }

    pub(super) fn of_version_1(digits: usize, identifying: Identifying) -> Self {
        let (fewest, most) = (*DIGITS_OF_VERSION_1.start(), *DIGITS_OF_VERSION_1.end());
        let form = Form::Cut(digits.clamp(fewest, most));
        Self { form, keeps_names: false, identifying }
    }

    fn digits_of(self, text: &str) -> String {
        match self.form {
            Form::Cut(digits) => digest("callperf cassette ", text, digits),
            Form::Checked => {
                let digits = digest("callperf cassette ", text, DIGITS);
                let check = digest("callperf check ", &digits, CHECK_DIGITS);
                digits + &check
            }
        }
    }

    /// Whether a text is what [`Self::id`] or a name becomes. Of other texts of this
    /// form one in a thousand seems to be.
    fn is_pseudonym(self, text: &str) -> bool {
        let Form::Checked = self.form else { return false };
        let Some(at) = text.len().checked_sub(DIGITS + CHECK_DIGITS) else { return false };
        let Some((form, number)) = text.split_at_checked(at) else { return false };
        let is_field =
            |field: &str| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_form = form == "9" || form == "+999" || form.strip_suffix('-').is_some_and(is_field);
        is_form
            && number.split_at_checked(DIGITS).is_some_and(|(digits, check)| {
                digits.bytes().all(|byte| byte.is_ascii_digit())
                    && digest("callperf check ", digits, CHECK_DIGITS) == check
            })
    }

    /// Of the same form: digits for digits, a number of no country for a number.
    fn id(self, text: &str) -> String {
        if self.is_pseudonym(text) {
            return text.to_owned();
        }
        let digits = self.digits_of(text);
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.strip_prefix('+') {
            Some(number) if is_digits(number) => format!("+999{digits}"),
            _ if is_digits(text) => format!("9{digits}"),
            _ => format!("id-{digits}"),
        }
    }

    /// What a text becomes as an identifier, and as a name in the field that names are looked up
    /// in.
    pub(super) fn pseudonyms(self, text: &str) -> [String; 2] {
        [self.id(text), self.name("name", text)]
    }

    fn name(self, field: &str, text: &str) -> String {
        format!("{field}-{}", self.digits_of(text))
    }

    /// Scrubs a request, and gives what it replaced.
    pub(super) fn request(self, asked: &mut RecordedRequest) -> Known {
        let mut known = Known::default();
        let path = self.path(&asked.path, &mut known);
        if let Some((method, _)) = asked.operation.split_once(' ') {
            asked.operation = format!("{method} {path}");
        }
        for (name, value) in &mut asked.query {
            let mut json = Json::from(std::mem::take(value));
            self.scrub_field(&mut json, name, &mut known);
            json.as_str().unwrap_or_default().clone_into(value);
        }
        self.scrub(&mut asked.body, "", &mut known);
        replace_in_texts(&mut asked.body, &known.ids);
        known
    }

    /// Scrubs the answer to a request of an operation.
    pub(super) fn answer(self, body: &mut Json, operation: &str, known: &mut Known) {
        self.scrub(body, operation, known);
        replace_in_texts(body, &known.ids);
        self.scrub_texts(body, "", known);
    }

    /// Texts may name identifiers that no field has.
    fn scrub_texts(self, json: &mut Json, field: &str, known: &mut Known) {
        match json {
            Json::Object(map) => {
                for (name, value) in map {
                    self.scrub_texts(value, name, known);
                }
            }
            Json::Array(items) => {
                for item in items {
                    self.scrub_texts(item, field, known);
                }
            }
            Json::String(_)
                if self.keeps_names && self.identifying.kind(field) == Some(Kind::Name) => {}
            Json::String(text) => {
                *text = with_words(text, |word| {
                    let number = word.strip_prefix('+').unwrap_or(word);
                    let is_id = number.len() >= SHORTEST_NUMBER_IN_TEXT
                        && number.bytes().all(|byte| byte.is_ascii_digit());
                    is_id.then(|| self.remember(word, known))
                });
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// The parts of a path that are no names are identifiers.
    fn path(self, path: &str, known: &mut Known) -> String {
        let parts = path.split('/').map(|part| {
            let is_name = part == "~" || is_name_in_path(part);
            if is_name { part.to_owned() } else { self.remember(part, known) }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn remember(self, id: &str, known: &mut Known) -> String {
        let pseudonym = self.id(id);
        if pseudonym != id {
            known.ids.insert(id.to_owned(), pseudonym.clone());
        }
        pseudonym
    }

    fn scrub(self, json: &mut Json, operation: &str, known: &mut Known) {
        let (by_key, data) = self.identifying.by_key;
        if operation == by_key
            && let Some(Json::Object(records)) = json.get_mut(data)
        {
            let entries = std::mem::take(records).into_iter();
            *records = entries.map(|(key, record)| (self.remember(&key, known), record)).collect();
        }
        self.scrub_field(json, "", known);
    }

    fn scrub_field(self, json: &mut Json, field: &str, known: &mut Known) {
        match (json, self.identifying.kind(field)) {
            (Json::Object(map), _) => {
                for (name, value) in map {
                    self.scrub_field(value, name, known);
                }
            }
            (Json::Array(items), _) => {
                for item in items {
                    self.scrub_field(item, field, known);
                }
            }
            (Json::Null | Json::Bool(_), _) | (_, None) => {}
            (json, Some(Kind::Secret)) => *json = REDACTED.into(),
            (Json::String(text), _) if text.is_empty() => {}
            (Json::String(_), Some(Kind::Name)) if self.keeps_names => {}
            (Json::String(text), Some(Kind::Name)) if self.is_pseudonym(text) || is_zone(text) => {}
            (Json::String(text), Some(Kind::Name)) => {
                let pseudonym = self.name(field, text);
                known.names.insert(std::mem::replace(text, pseudonym.clone()), pseudonym);
            }
            (Json::String(text), Some(Kind::Id)) => *text = self.remember(text, known),
            (Json::Number(number), Some(Kind::Id)) if number.is_u64() => {
                let pseudonym = self.remember(&number.to_string(), known);
                if let Ok(whole) = pseudonym.parse::<u64>() {
                    *number = whole.into();
                }
            }
            (Json::Number(_), Some(_)) => {}
        }
    }
}

/// A time zone is many companies', and a program may ask with it. The names without a slash are
/// also people's.
fn is_zone(text: &str) -> bool {
    text == "UTC" || text.contains('/') && jiff::tz::TimeZone::get(text).is_ok()
}

/// The last so many digits of a text's digest.
fn digest(purpose: &str, text: &str, digits: usize) -> String {
    let mut hasher = hmac_sha256::Hash::new();
    hasher.update(purpose);
    hasher.update(text);
    let number =
        hasher.finalize()[..8].iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:0digits$}", number % 10_u64.pow(u32::try_from(digits).unwrap_or(1)))
}

/// Puts the identifiers of a cassette's request back into its answer.
pub(super) fn restore(body: &mut Json, known: &Pseudonyms) {
    let originals = known.iter().map(|(id, pseudonym)| (pseudonym.clone(), id.clone()));
    let originals: Pseudonyms = originals.collect();
    restore_all(body, &originals);
}

/// Replaces texts, names and numbers by what they stand for.
pub(super) fn restore_all(json: &mut Json, originals: &Pseudonyms) {
    match json {
        Json::Object(map) => {
            let entries = std::mem::take(map).into_iter();
            *map = entries
                .map(|(name, mut value)| {
                    restore_all(&mut value, originals);
                    (originals.get(&name).cloned().unwrap_or(name), value)
                })
                .collect();
        }
        Json::Array(items) => items.iter_mut().for_each(|item| restore_all(item, originals)),
        Json::String(text) => *text = replaced(text, originals),
        Json::Number(number) => {
            let original = originals.get(&number.to_string());
            if let Some(whole) = original.and_then(|text| text.parse::<u64>().ok()) {
                *number = whole.into();
            }
        }
        Json::Null | Json::Bool(_) => {}
    }
}

/// Identifiers turn up in addresses and in messages, too.
fn replace_in_texts(json: &mut Json, known: &Pseudonyms) {
    match json {
        Json::Object(map) => map.values_mut().for_each(|value| replace_in_texts(value, known)),
        Json::Array(items) => items.iter_mut().for_each(|item| replace_in_texts(item, known)),
        Json::String(text) => *text = replaced(text, known),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A text with each whole word replaced that is known.
pub(super) fn replaced(text: &str, known: &Pseudonyms) -> String {
    let long = |word: &str| word.len() >= SHORTEST_IN_TEXT;
    with_words(text, |word| known.get(word).filter(|_| long(word)).cloned())
}

/// A text with other words in the place of those that have one.
fn with_words(text: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || "+-_".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_of_word) {
        let (between, from) = rest.split_at(begin);
        let (word, after) = from.split_at(from.find(|c| !is_of_word(c)).unwrap_or(from.len()));
        out.push_str(between);
        out.push_str(&other(word).unwrap_or_else(|| word.to_owned()));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(operation: &str, body: Json) -> RecordedRequest {
        let path = operation.split_once(' ').map_or("/accounts/880011/fetch", |(_, path)| path);
        let (operation, path) = (operation.to_owned(), path.to_owned());
        RecordedRequest { operation, path, query: Vec::new(), body }
    }

    const IDENTIFYING: Identifying = Identifying {
        ids: &["key", "keys", "queues"],
        names: &["label"],
        by_key: ("byKey", "data"),
    };
    const FIVE: Scrubber =
        Scrubber { form: Form::Cut(5), keeps_names: false, identifying: IDENTIFYING };
    const NEW: Scrubber =
        Scrubber { form: Form::Checked, keeps_names: false, identifying: IDENTIFYING };

    #[test]
    fn an_identifier_has_one_pseudonym_of_its_form() {
        assert_eq!(FIVE.id("62264425"), FIVE.id("62264425"));
        assert_ne!(FIVE.id("62264425"), FIVE.id("62264426"));
        for (id, form) in [("62264425", "9"), ("+16505550100", "+999"), ("main-site", "id-")] {
            let pseudonym = FIVE.id(id);
            assert!(pseudonym.starts_with(form), "{pseudonym}");
            assert_eq!(pseudonym.len(), form.len() + 5, "{pseudonym}");
        }
    }

    #[test]
    fn a_pseudonym_has_a_fixed_length_and_stays_as_it_is() {
        for id in ["7", "62264425", "400131426008", "+16505550100", "main-site", "é"] {
            let pseudonym = NEW.id(id);
            let form = pseudonym.trim_end_matches(|c: char| c.is_ascii_digit());
            assert!(["", "+", "id-"].contains(&form), "{pseudonym}");
            let digits = pseudonym.len() - form.len();
            assert!([12, 13, 15].contains(&digits), "{pseudonym}");
            assert_eq!(NEW.id(&pseudonym), pseudonym);
            assert!(!NEW.is_pseudonym(id));
        }
        let mut distinct: Vec<_> = (0..3000).map(|id| NEW.id(&format!("622{id:05}"))).collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 3000);
        let mut body = json!({"name": "Al", "contactName": "Alexandrina", "email": null});
        NEW.answer(&mut body, "any", &mut Known::default());
        let once = body.clone();
        assert_eq!(body["name"].as_str().unwrap().len(), "name-".len() + 12);
        NEW.answer(&mut body, "any", &mut Known::default());
        assert_eq!(body, once);
    }

    #[test]
    fn a_text_names_no_number_that_no_field_has() {
        let mut body = json!({
            "message": "user 7770001234 (+16505550123) of account 4440005555, 12 of 2026-11-24T10:00:00Z",
            "mobilePhone": "+1 (650) 555-0123",
        });
        NEW.answer(&mut body, "any", &mut Known::default());
        let (user, number, account) =
            (NEW.id("7770001234"), NEW.id("+16505550123"), NEW.id("4440005555"));
        let phone = NEW.id("+1 (650) 555-0123");
        assert_eq!(
            body,
            json!({
                "message": format!(
                    "user {user} ({number}) of account {account}, 12 of 2026-11-24T10:00:00Z"
                ),
                "mobilePhone": phone,
            })
        );
    }

    #[test]
    fn a_time_zone_is_no_name_of_a_place() {
        let mut known = Known::default();
        let mut body = json!({"name": "America/New_York", "more": [{"name": "Israel"}]});
        NEW.answer(&mut body, "", &mut known);
        assert_eq!(body["name"], "America/New_York");
        assert!(body["more"][0]["name"].as_str().unwrap().starts_with("name-"), "{body}");
    }

    #[test]
    fn names_can_be_kept() {
        let sent = json!({"name": "Sales", "label": "S", "id": "62264425", "token": "s3cret"});
        let mut body = sent.clone();
        let keeps_names = Scrubber::new(true, IDENTIFYING);
        keeps_names.answer(&mut body, "any", &mut Known::default());
        let id = NEW.id("62264425");
        assert_eq!(body, json!({"name": "Sales", "label": "S", "id": id, "token": REDACTED}));
        let mut body = sent;
        NEW.answer(&mut body, "any", &mut Known::default());
        assert!(body["label"].as_str().unwrap().starts_with("label-"), "{body}");
    }

    #[test]
    fn what_identifies_goes_and_what_is_asked_stays() {
        let mut request = asked(
            "analyticsCallsAggregationFetch",
            json!({
                "grouping": {"groupBy": "Queues", "keys": ["62264425", "62264426"]},
                "timeSettings": {"timeZone": "UTC"},
                "callFilters": {
                    "extensionFilters": {"fromIds": ["62264425"], "toIds": []},
                    "queues": ["62264426"], "calledNumbers": ["+16505550100"],
                    "directions": ["Inbound"],
                },
            }),
        );
        let known = FIVE.request(&mut request);
        assert_eq!(known.ids.len(), 4, "with the account's");
        let (one, other, number) =
            (FIVE.id("62264425"), FIVE.id("62264426"), FIVE.id("+16505550100"));
        assert_eq!(
            request.body,
            json!({
                "grouping": {"groupBy": "Queues", "keys": [one, other]},
                "timeSettings": {"timeZone": "UTC"},
                "callFilters": {
                    "extensionFilters": {"fromIds": [one], "toIds": []},
                    "queues": [other], "calledNumbers": [number], "directions": ["Inbound"],
                },
            })
        );
    }

    #[test]
    fn an_answer_is_scrubbed_and_what_was_asked_comes_back() {
        let sent = json!({"data": {"records": [
            {"key": "62264425", "info": {"name": "Sales", "extensionNumber": "101"}, "calls": 40.0},
            {"key": "62264499", "info": {"name": "Jane Doe"}, "at": "/extension/62264499/x"},
        ]}, "errors": [{"errorCode": "CMN-101", "message": "62264425 isn't a queue",
            "parameterName": "keys", "parameterValue": "62264425", "permissionName": "Analytics"}]});
        let mut known = FIVE.request(&mut asked("any", json!({"keys": ["62264425"]})));
        let named = known.ids.clone();
        let mut body = sent.clone();
        FIVE.answer(&mut body, "any", &mut known);
        let text = body.to_string();
        for gone in ["62264425", "62264499", "Sales", "Jane", "\"101\""] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        for stays in ["40.0", "CMN-101", "\"keys\"", "Analytics", "isn't a queue"] {
            assert!(text.contains(stays), "{stays}: {text}");
        }
        restore(&mut body, &named);
        assert_eq!(body["data"]["records"][0]["key"], "62264425");
        assert_eq!(body["errors"], sent["errors"]);
        assert_eq!(body["data"]["records"][1]["key"], FIVE.id("62264499"));
    }

    #[test]
    fn the_betas_keys_are_identifiers() {
        let mut known = Known::default();
        let mut body = json!({"data": {"62264425": {"counters": {"totalCalls": 40}}}});
        FIVE.answer(&mut body, IDENTIFYING.by_key.0, &mut known);
        let pseudonym = FIVE.id("62264425");
        assert_eq!(body, json!({"data": {pseudonym: {"counters": {"totalCalls": 40}}}}));
        restore(&mut body, &known.ids);
        assert_eq!(body["data"]["62264425"]["counters"]["totalCalls"], 40);
    }

    #[test]
    fn any_request_has_identifiers_in_its_path_and_secrets_nowhere() {
        let mut request = asked(
            "POST /restapi/v1.0/account/~/extension/62264425/call-log",
            json!({"password": "s3cret", "accessToken": "s3cret", "uri": "/extension/62264425"}),
        );
        request.query = vec![("access_token".to_owned(), "s3cret".to_owned())];
        FIVE.request(&mut request);
        let id = FIVE.id("62264425");
        assert_eq!(
            request.operation,
            format!("POST /restapi/v1.0/account/~/extension/{id}/call-log")
        );
        assert_eq!(request.query, [("access_token".to_owned(), REDACTED.to_owned())]);
        let uri = format!("/extension/{id}");
        assert_eq!(
            request.body,
            json!({"password": REDACTED, "accessToken": REDACTED, "uri": uri})
        );
    }
}
