//! What is shown of a response, without the secrets that it may repeat.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json};

use super::{
    error::{ApiError, EXCERPT_BYTES},
    redact::{beginning_without, without},
};

#[cfg(feature = "testing")]
const REDACTED: &str = "[redacted]";

/// A shorter secret may be a part of any word, so that in JSON only whole words are
/// taken for it.
#[cfg(feature = "testing")]
const SHORTEST_WITHIN_WORDS: usize = 8;

/// The error codes of RFC 6749, §5.2.
const OAUTH_CODES: [&str; 6] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// Secrets as a function takes them that looks for them.
pub(crate) fn exposed(secrets: &[SecretString]) -> Vec<&str> {
    secrets.iter().map(ExposeSecret::expose_secret).collect()
}

/// Removes secrets from what is shown. What is decoded is what came: a secret may be
/// a part of any name, and of the JSON itself.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<SecretString>);

impl From<Vec<SecretString>> for Redactor {
    fn from(secrets: Vec<SecretString>) -> Self {
        Self(secrets)
    }
}

impl Redactor {
    pub(crate) fn new(secrets: &[&str]) -> Self {
        Self(secrets.iter().map(|secret| (*secret).into()).collect())
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty())
    }

    pub(crate) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let secrets: Vec<_> = self.secrets().collect();
        without(bytes, &secrets)
    }

    /// As much of a body as an error quotes.
    pub(crate) fn excerpt(&self, bytes: &[u8]) -> Vec<u8> {
        let secrets: Vec<_> = self.secrets().collect();
        beginning_without(bytes, &secrets, EXCERPT_BYTES)
    }

    pub(crate) fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    fn shown_map(&self, map: Map<String, Json>) -> Map<String, Json> {
        map.into_iter().map(|(name, value)| (self.text(&name), self.shown_json(value))).collect()
    }

    /// JSON that is shown, and that nothing has to understand.
    fn shown_json(&self, value: Json) -> Json {
        match value {
            Json::String(text) => self.text(&text).into(),
            Json::Array(items) => items.into_iter().map(|item| self.shown_json(item)).collect(),
            Json::Object(map) => Json::Object(self.shown_map(map)),
            other => {
                let text = other.to_string();
                let shown = self.text(&text);
                if shown == text { other } else { shown.into() }
            }
        }
    }

    /// The errors that a server sent. A code that has the form of one stays, because
    /// it decides what is done.
    pub(crate) fn errors(&self, errors: Vec<ApiError>) -> Vec<ApiError> {
        let shown = |error: ApiError| {
            let is_code = is_code(&error.code);
            let code = if is_code { error.code } else { self.text(&error.code) };
            let mut fields = self.shown_map(error.fields);
            if let Some(field) = fields.get_mut("errorCode") {
                *field = code.as_str().into();
            }
            ApiError {
                code,
                message: self.text(&error.message),
                parameter: error.parameter.map(|parameter| self.text(&parameter)),
                fields,
            }
        };
        errors.into_iter().map(shown).collect()
    }
}

/// What a recording keeps stays readable.
#[cfg(feature = "testing")]
impl Redactor {
    /// Removes the secrets from the texts and the names in JSON, which stays JSON.
    pub(crate) fn json(&self, json: &mut Json) {
        match json {
            Json::Object(map) => *map = self.map(std::mem::take(map)),
            Json::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Json::String(text) => *text = self.words(text),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn map(&self, map: Map<String, Json>) -> Map<String, Json> {
        let entries = map.into_iter().map(|(name, mut value)| {
            self.json(&mut value);
            (self.name(&name), value)
        });
        entries.collect()
    }

    /// A field's name is a short secret only by chance.
    fn name(&self, name: &str) -> String {
        let long: Vec<_> =
            self.secrets().filter(|secret| secret.len() >= SHORTEST_WITHIN_WORDS).collect();
        String::from_utf8_lossy(&without(name.as_bytes(), &long)).into_owned()
    }

    fn words(&self, text: &str) -> String {
        let short = self.secrets().filter(|secret| secret.len() < SHORTEST_WITHIN_WORDS);
        short.fold(self.name(text), |text, secret| without_word(&text, secret))
    }
}

fn is_code(code: &str) -> bool {
    let numbered = code.split_once('-').is_some_and(|(group, number)| {
        (2..=4).contains(&group.len())
            && group.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=4).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    numbered || OAUTH_CODES.contains(&code)
}

#[cfg(feature = "testing")]
fn without_word(text: &str, secret: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, _) in text.match_indices(secret) {
        let end = at + secret.len();
        let is_within = text[..at].ends_with(char::is_alphanumeric)
            || text[end..].starts_with(char::is_alphanumeric);
        if !is_within {
            out.push_str(&text[rest..at]);
            out.push_str(REDACTED);
            rest = end;
        }
    }
    out + &text[rest..]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[cfg(feature = "testing")]
    #[test]
    fn a_short_secret_is_no_part_of_a_word() {
        let redactor = Redactor::new(&["s", "1", "marked-secret", ""]);
        let mut json = json!({
            "records": [1, "s", "Agnes", "of s, 1 and 12", "xmarked-secretx"], "s": null,
        });
        redactor.json(&mut json);
        let expected = json!({
            "records": [
                1, "[redacted]", "Agnes", "of [redacted], [redacted] and 12", "x[redacted]x",
            ],
            "s": null,
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn a_code_stays_a_code() {
        let body = json!({"errors": [
            {"errorCode": "OAU-128", "message": "1 is old"},
            {"errorCode": "marked-secret", "message": "no"},
        ]});
        let redactor = Redactor::new(&["1", "marked-secret"]);
        let errors = redactor.errors(ApiError::list(&body));
        let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["OAU-128: [redacted] is old", "[redacted]: no"]);
        assert_eq!(errors[0].fields["errorCode"], "OAU-128");
        assert!(!format!("{errors:?}").contains("marked"));
    }
}
