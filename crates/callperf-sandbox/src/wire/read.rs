//! Reading a request body so that everything wrong with it is found at once.

use jiff::Timestamp;
use serde_json::Value;

use crate::errors::Problem;
use crate::filter::Bounds;
use crate::words::{Word, Words};

/// What has been found wrong so far: one problem per parameter.
#[derive(Debug, Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(super) fn invalid(&mut self, name: &str, value: Option<&str>, why: &str) {
        self.add("CMN-101", name, value, why);
    }

    fn add(&mut self, code: &'static str, name: &str, value: Option<&str>, why: &str) {
        self.push(Problem {
            error_code: code,
            message: format!("Parameter [{name}] value is invalid: {why}"),
            parameter_name: Some(name.to_owned()),
            parameter_value: value.map(str::to_owned),
        });
    }

    fn push(&mut self, problem: Problem) {
        let is_known = |known: &Problem| known.parameter_name == problem.parameter_name;
        if !self.0.iter().any(is_known) {
            self.0.push(problem);
        }
    }
}

/// A place in the body, whether or not something is there. A null is nothing.
#[derive(Debug)]
pub(super) struct Field<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    pub(super) fn root(body: &'a Value) -> Field<'a> {
        Field { path: String::new(), value: Some(body) }
    }

    pub(super) fn child(&self, name: &str) -> Field<'a> {
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let value = self.value.and_then(|value| value.get(name));
        Field { path, value: value.filter(|value| !value.is_null()) }
    }

    pub(super) fn is_present(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn required(self, problems: &mut Problems) -> Field<'a> {
        if self.value.is_none() {
            self.refuse(problems, "it is required");
        }
        self
    }

    /// Anything but an object is refused.
    pub(super) fn object(self, problems: &mut Problems) -> Field<'a> {
        if self.value.is_some_and(|value| !value.is_object()) {
            self.refuse(problems, "an object is expected");
            return Field { value: None, ..self };
        }
        self
    }

    pub(super) fn refuse(&self, problems: &mut Problems, why: &str) {
        self.refuse_with(problems, "CMN-101", why);
    }

    pub(super) fn refuse_with(&self, problems: &mut Problems, code: &'static str, why: &str) {
        let value = match self.value {
            Some(Value::String(text)) => Some(text.clone()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            _ => None,
        };
        let path = if self.path.is_empty() { "body" } else { &self.path };
        problems.add(code, path, value.as_deref(), why);
    }

    /// Refuses with words that the service is known to use.
    pub(super) fn refuse_as(&self, problems: &mut Problems, message: &str) {
        problems.push(Problem {
            parameter_name: Some(self.path.clone()),
            ..Problem::new("CMN-101", message)
        });
    }

    pub(super) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.value?.as_str();
        if text.is_none() {
            self.refuse(problems, "a string is expected");
        }
        text
    }

    pub(super) fn truth(&self, problems: &mut Problems) -> bool {
        match self.value {
            None => false,
            Some(Value::Bool(truth)) => *truth,
            Some(_) => {
                self.refuse(problems, "true or false is expected");
                false
            }
        }
    }

    pub(super) fn integer(&self, problems: &mut Problems) -> Option<i64> {
        let integer = self.value?.as_i64();
        if integer.is_none() {
            self.refuse(problems, "a whole number is expected");
        }
        integer
    }

    pub(super) fn bounds(self, problems: &mut Problems, min: &str, max: &str) -> Bounds {
        let bounds = self.object(problems);
        Bounds {
            min: bounds.child(min).integer(problems),
            max: bounds.child(max).integer(problems),
        }
    }

    pub(super) fn items(&self, problems: &mut Problems) -> Vec<Field<'a>> {
        let Some(value) = self.value else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.refuse(problems, "a list is expected");
            return Vec::new();
        };
        let item = |(i, value)| Field { path: format!("{}[{i}]", self.path), value: Some(value) };
        items.iter().enumerate().map(item).collect()
    }

    pub(super) fn texts(&self, problems: &mut Problems) -> Vec<&'a str> {
        let items = self.items(problems);
        items.iter().filter_map(|item| item.text(problems)).collect()
    }

    /// One of the names.
    pub(super) fn one_of<T: Copy>(
        &self,
        problems: &mut Problems,
        names: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(problems)?;
        let found = names.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            self.refuse(problems, &format!("expected is one of {}", names.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// A list of names; an empty one asks for nothing in particular.
    pub(super) fn words(&self, problems: &mut Problems, names: &[(&str, Word)]) -> Option<Words> {
        let items = self.items(problems);
        let words = items.iter().filter_map(|item| item.one_of(problems, names));
        let words: Words = words.collect();
        (words != Words::NONE).then_some(words)
    }

    /// An instant with its offset, as RFC 3339 has it and no looser.
    pub(super) fn instant(&self, problems: &mut Problems) -> Option<Timestamp> {
        let text = self.text(problems)?;
        let instant = text.parse().ok().filter(|_| is_rfc_3339(text));
        if instant.is_none() {
            self.refuse(problems, "a date and time with an offset is expected, as RFC 3339 has it");
        }
        instant
    }

    /// The minute of the day that `hh:mm` says.
    pub(super) fn minute_of_day(&self, problems: &mut Problems) -> Option<u16> {
        let text = self.text(problems)?;
        let minute = minute_of_day(text);
        if minute.is_none() {
            self.refuse(problems, "a time from 00:00 to 23:59 is expected");
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
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for bad in ["24:00", "9:00", "09:60", "0900", "+9:00", "09:00:00"] {
            assert_eq!(minute_of_day(bad), None, "{bad}");
        }
    }
}
