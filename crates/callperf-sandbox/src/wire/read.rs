//! Reading a request body so that everything wrong with it is found at once.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::aggregate::filter::Bounds;
use crate::data::words::{Word, Words};
use crate::wire::failure::{Failure, Problem};
use crate::wire::renames::Renames;
use crate::wire::revision::{Shape, joined};

/// What was found in a request.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is wrong: one problem per parameter.
    pub(super) problems: Vec<Problem>,
    /// The parameters that have one.
    named: HashSet<Option<String>>,
    /// What isn't wrong, but perhaps not meant either: in words, for a person.
    pub(super) remarks: Vec<String>,
    /// What the document has and this crate isn't written for.
    pub(super) not_yet: Vec<String>,
    /// What the request calls otherwise than the fields that are read.
    renames: Option<&'static Renames>,
}

/// More than anybody reads.
const MOST_REMARKS: usize = 20;
const MOST_LETTERS: usize = 500;

impl Findings {
    pub(super) fn of(renames: &'static Renames) -> Findings {
        Findings { renames: Some(renames), ..Findings::default() }
    }

    pub(super) fn invalid(&mut self, name: &str, value: Option<&str>, why: &str) {
        self.add("CMN-101", name, value, why);
    }

    pub(super) fn add(&mut self, code: &'static str, name: &str, value: Option<&str>, why: &str) {
        self.push(Problem {
            error_code: code,
            message: format!("Parameter [{name}] value is invalid: {why}"),
            parameter_name: Some(name.to_owned()),
            parameter_value: value.map(str::to_owned),
        });
    }

    fn push(&mut self, problem: Problem) {
        if self.named.insert(problem.parameter_name.clone()) {
            self.problems.push(problem);
        }
    }

    pub(super) fn remark(&mut self, mut remark: String) {
        if let Some((end, _)) = remark.char_indices().nth(MOST_LETTERS) {
            remark.truncate(end);
            remark.push('…');
        }
        if self.has_room() && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// Whether another remark would be kept.
    pub(super) fn has_room(&self) -> bool {
        self.remarks.len() < MOST_REMARKS
    }

    pub(super) fn is_fine(&self) -> bool {
        self.problems.is_empty() && self.not_yet.is_empty()
    }

    /// Why there is no answer. What is wrong comes before what isn't written.
    pub(super) fn failure(&mut self) -> Failure {
        if self.problems.is_empty() {
            Failure::not_yet(&self.not_yet.join(", "))
        } else {
            Failure::invalid(std::mem::take(&mut self.problems))
        }
    }
}

/// A place in the body, whether or not something is there. A null is nothing, and so is what the document lacks.
#[derive(Debug)]
pub(super) struct Field<'a> {
    path: String,
    value: Option<&'a Value>,
    shape: Shape<'static>,
}

impl<'a> Field<'a> {
    pub(super) fn root(body: &'a Value, shape: Shape<'static>) -> Field<'a> {
        Field { path: String::new(), value: Some(body), shape }
    }

    pub(super) fn child(&self, name: &str) -> Field<'a> {
        let shape = self.shape.field(name);
        let value = shape.and(self.value).and_then(|value| value.get(name));
        Field {
            path: joined(&self.path, name),
            value: value.filter(|value| !value.is_null()),
            shape: shape.unwrap_or(Shape::NONE),
        }
    }

    /// The first of these that the document has.
    pub(super) fn either(&self, names: [&str; 2]) -> Field<'a> {
        let [first, second] = names;
        self.child(if self.shape.field(first).is_some() { first } else { second })
    }

    /// A field even if the document lacks it: a rule may forbid by name what was never there.
    pub(super) fn beyond(&self, name: &str) -> Field<'a> {
        let value = self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null());
        Field { path: joined(&self.path, name), value, shape: Shape::NONE }
    }

    pub(super) fn is_list(&self) -> bool {
        self.shape.element().is_some()
    }

    /// As the request has it, which may call it otherwise.
    pub(super) fn path_as_sent(&self, findings: &Findings) -> String {
        let path = |renames: &Renames| renames.request_path(&self.path);
        findings.renames.map_or_else(|| self.path.clone(), path)
    }

    /// A word of this place, likewise.
    fn word_as_sent(&self, findings: &Findings, word: &str) -> String {
        let word_of = |renames: &Renames| renames.request_word(&self.path, word);
        findings.renames.map_or_else(|| word.to_owned(), word_of)
    }

    pub(super) fn is_present(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn required(self, findings: &mut Findings) -> Field<'a> {
        if self.value.is_none() {
            self.refuse(findings, "it is required");
        }
        self
    }

    /// Anything but an object is refused.
    pub(super) fn object(self, findings: &mut Findings) -> Field<'a> {
        if self.value.is_some_and(|value| !value.is_object()) {
            self.refuse(findings, "an object is expected");
            return Field { value: None, ..self };
        }
        self
    }

    pub(super) fn refuse(&self, findings: &mut Findings, why: &str) {
        self.refuse_with(findings, "CMN-101", why);
    }

    pub(super) fn refuse_with(&self, findings: &mut Findings, code: &'static str, why: &str) {
        let value = match self.value {
            Some(Value::String(text)) => Some(self.word_as_sent(findings, text)),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            _ => None,
        };
        let path =
            if self.path.is_empty() { "body".to_owned() } else { self.path_as_sent(findings) };
        findings.add(code, &path, value.as_deref(), why);
    }

    /// Refuses with words that the service is known to use.
    pub(super) fn refuse_as(&self, findings: &mut Findings, message: &str) {
        findings.push(Problem {
            parameter_name: Some(self.path_as_sent(findings)),
            ..Problem::new("CMN-101", message)
        });
    }

    pub(super) fn text(&self, findings: &mut Findings) -> Option<&'a str> {
        let text = self.value?.as_str();
        if text.is_none() {
            self.refuse(findings, "a string is expected");
        }
        text
    }

    pub(super) fn truth(&self, findings: &mut Findings) -> bool {
        match self.value {
            None => false,
            Some(Value::Bool(truth)) => *truth,
            Some(_) => {
                self.refuse(findings, "true or false is expected");
                false
            }
        }
    }

    pub(super) fn integer(&self, findings: &mut Findings) -> Option<i64> {
        let integer = self.value?.as_i64();
        if integer.is_none() {
            self.refuse(findings, "a whole number is expected");
        }
        integer
    }

    pub(super) fn bounds(self, findings: &mut Findings, min: &str, max: &str) -> Bounds {
        let bounds = self.object(findings);
        Bounds {
            min: bounds.child(min).integer(findings),
            max: bounds.child(max).integer(findings),
        }
    }

    pub(super) fn items(&self, findings: &mut Findings) -> Vec<Field<'a>> {
        let Some(value) = self.value else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.refuse(findings, "a list is expected");
            return Vec::new();
        };
        let shape = self.shape.element().unwrap_or(Shape::NONE);
        let item =
            |(i, value)| Field { path: format!("{}[{i}]", self.path), value: Some(value), shape };
        items.iter().enumerate().map(item).collect()
    }

    pub(super) fn texts(&self, findings: &mut Findings) -> Vec<&'a str> {
        let items = self.items(findings);
        items.iter().filter_map(|item| item.text(findings)).collect()
    }

    /// A word that the document has.
    fn word(&self, findings: &mut Findings) -> Option<&'a str> {
        let text = self.text(findings)?;
        if !self.shape.words().any(|word| word == text) {
            let words: Vec<_> =
                self.shape.words().map(|word| self.word_as_sent(findings, word)).collect();
            self.refuse(findings, &format!("expected is one of {}", words.join(", ")));
            return None;
        }
        Some(text)
    }

    /// One of the names, each of which the document may or may not have.
    pub(super) fn one_of<T: Copy>(
        &self,
        findings: &mut Findings,
        names: &[(&str, T)],
    ) -> Option<T> {
        let word = self.word(findings)?;
        let found = names.iter().find(|(name, _)| *name == word);
        if found.is_none() {
            let (word, path) = (self.word_as_sent(findings, word), self.path_as_sent(findings));
            findings.not_yet.push(format!("{word} of {path}"));
        }
        found.map(|(_, value)| *value)
    }

    /// A list of names; an empty one asks for nothing in particular. No call falls under a word that the document
    /// has and the names lack.
    pub(super) fn words(&self, findings: &mut Findings, names: &[(&str, Word)]) -> Option<Words> {
        let items = self.items(findings);
        let words = items.iter().filter_map(|item| {
            let word = item.word(findings)?;
            let found = names.iter().find(|(name, _)| *name == word);
            if found.is_none() {
                let (word, path) = (self.word_as_sent(findings, word), self.path_as_sent(findings));
                findings.remark(format!("no call here falls under `{word}` of `{path}`"));
            }
            found.map(|(_, word)| *word)
        });
        let words: Words = words.collect();
        (!items.is_empty()).then_some(words)
    }

    /// An instant with its offset, as RFC 3339 has it and no looser.
    pub(super) fn instant(&self, findings: &mut Findings) -> Option<Timestamp> {
        let text = self.text(findings)?;
        let instant = text.parse().ok().filter(|_| is_rfc_3339(text));
        if instant.is_none() {
            self.refuse(findings, "a date and time with an offset is expected, as RFC 3339 has it");
        }
        instant
    }

    /// The minute of the day that `hh:mm` says. A day has 1,440, of which the last is 23:59; only where an end isn't
    /// included, 24:00 is one.
    pub(super) fn minute_of_day(&self, findings: &mut Findings, last: u16) -> Option<u16> {
        let text = self.text(findings)?;
        let minute = minute_of_day(text).filter(|minute| *minute <= last);
        if minute.is_none() {
            let (hour, minute) = (last / 60, last % 60);
            let why = format!("a time from 00:00 to {hour:02}:{minute:02} is expected");
            self.refuse(findings, &why);
        }
        minute
    }
}

fn is_rfc_3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |place: usize, of: &[u8]| bytes.get(place).is_some_and(|byte| of.contains(byte));
    let has_seconds = at(10, b"Tt") && at(13, b":") && at(16, b":");
    let allowed = |byte: &u8| byte.is_ascii_digit() || b"TtZz:.+-".contains(byte);
    has_seconds && at(4, b"-") && at(7, b"-") && bytes.iter().all(allowed)
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !(is_two_digits(hour) && is_two_digits(minute)) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use serde_json::json;

    use super::*;

    /// Fields are read in the names of the code, and parameters have one of their own.
    #[test]
    fn a_problem_of_a_field_has_the_names_that_were_sent() {
        static RENAMES: OnceLock<Renames> = OnceLock::new();
        let mut findings = Findings::of(RENAMES.get_or_init(|| Renames::made_up("2099-01-01")));
        let body = json!({"mood": "Missed", "results": ["Missed"]});
        let field = |path: &str, value| Field {
            path: path.to_owned(),
            value: Some(value),
            shape: Shape::NONE,
        };
        field("mood", &body["mood"]).refuse(&mut findings, "it is odd");
        field("results[0]", &body["results"][0]).refuse(&mut findings, "it is odd");
        findings.invalid("mood", Some("Missed"), "it is a parameter");
        let found: Vec<_> = findings.problems.iter().collect();
        let named = |at: usize| {
            let problem: &Problem = found[at];
            (problem.parameter_name.as_deref().unwrap(), problem.parameter_value.as_deref())
        };
        assert_eq!(named(0), ("temper", Some("Missed")));
        assert_eq!(found[0].message, "Parameter [temper] value is invalid: it is odd");
        assert_eq!(named(1), ("results[0]", Some("Unanswered")));
        assert_eq!(named(2), ("mood", Some("Missed")));
    }

    #[test]
    fn instants_have_an_offset_and_seconds() {
        for good in ["2025-06-01T00:00:00Z", "2025-06-01T00:00:00.5+05:30", "2025-06-01t00:00:00z"]
        {
            assert!(is_rfc_3339(good) && good.parse::<Timestamp>().is_ok(), "{good}");
        }
        for bad in ["2025-06-01", "2025-06-01T00:00Z", "2025-06-01 00:00:00Z", "20250601T000000Z"] {
            assert!(!is_rfc_3339(bad), "{bad}");
        }
        assert!("2025-06-01T00:00:00".parse::<Timestamp>().is_err());
    }

    #[test]
    fn minutes_of_the_day() {
        assert_eq!(minute_of_day("23:59"), Some(1439));
        assert_eq!(minute_of_day("24:00"), Some(1440));
        for bad in ["9:00", "09:60", "0900", "+9:00", "09:00:00"] {
            assert_eq!(minute_of_day(bad), None, "{bad}");
        }
    }
}
