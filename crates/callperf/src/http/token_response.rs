//! A successful response of the login endpoint, as servers write it (RFC 6749, 5.1).

use secrecy::SecretString;
use serde_json::{Map, Value as Json};

use crate::words::error::{Error, ErrorKind, Result};

pub(super) struct TokenResponse {
    pub(super) access_token: SecretString,
    /// RFC 6749 only recommends it.
    pub(super) expires_in: Option<u64>,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) refresh_token_expires_in: Option<u64>,
    pub(super) owner_id: Option<String>,
    pub(super) scope: Option<String>,
}

impl TokenResponse {
    /// Numbers may be text and the owner's id a number. No value is in an error, as it may be a
    /// token.
    ///
    /// # Errors
    /// [`ErrorKind::Answer`] naming the field that can't be taken.
    pub(super) fn read(body: &[u8]) -> Result<Self> {
        let body = serde_json::from_slice(body).map_err(|_| refused("isn't JSON"))?;
        let Json::Object(fields) = body else {
            return Err(refused(&format!("is {}, not an object", kind(&body))));
        };
        let access_token = text(&fields, "access_token")?;
        Ok(Self {
            access_token: access_token.ok_or_else(|| refused("has no access_token"))?.into(),
            expires_in: seconds(&fields, "expires_in")?,
            refresh_token: text(&fields, "refresh_token")?.map(SecretString::from),
            refresh_token_expires_in: seconds(&fields, "refresh_token_expires_in")?,
            owner_id: id(&fields, "owner_id")?,
            scope: text(&fields, "scope")?,
        })
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Answer, format!("the login's response {why}"))
}

fn unusable(name: &str, value: &Json, wanted: &str) -> Error {
    refused(&format!("has {} as {name}, not {wanted}", kind(value)))
}

fn present<'a>(fields: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    fields.get(name).filter(|value| !value.is_null())
}

fn text(fields: &Map<String, Json>, name: &str) -> Result<Option<String>> {
    match present(fields, name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(unusable(name, other, "text")),
    }
}

fn id(fields: &Map<String, Json>, name: &str) -> Result<Option<String>> {
    match present(fields, name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(Json::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => Err(unusable(name, other, "text or a number")),
    }
}

/// A number of seconds, perhaps with a fraction, perhaps as text.
fn seconds(fields: &Map<String, Json>, name: &str) -> Result<Option<u64>> {
    let Some(value) = present(fields, name) else { return Ok(None) };
    let number = match value {
        Json::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Json::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        _ => None,
    };
    number.map(Some).ok_or_else(|| unusable(name, value, "a number of seconds"))
}

fn whole(seconds: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it isn't negative, and the largest number stands for all that are larger"
    )]
    let whole = seconds as u64;
    (seconds.is_finite() && seconds >= 0.0).then_some(whole)
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(number) if number.as_f64().is_some_and(|it| it < 0.0) => "a negative number",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    fn read(name: &str, value: &Json) -> Result<TokenResponse> {
        let mut body = json!({"access_token": "s3cret", "expires_in": 3600});
        body[name] = value.clone();
        TokenResponse::read(body.to_string().as_bytes())
    }

    #[test]
    fn a_lifetime_is_a_number_however_it_is_written() {
        let cases = [
            (json!(3600), Some(3600)),
            (json!(3599.9), Some(3599)),
            (json!("3600"), Some(3600)),
            (json!(" 3599.9 "), Some(3599)),
            (json!(0), Some(0)),
            (json!(u64::MAX), Some(u64::MAX)),
            (json!(1e300), Some(u64::MAX)),
            (json!(null), None),
        ];
        for (value, seconds) in cases {
            assert_eq!(read("expires_in", &value).unwrap().expires_in, seconds, "{value}");
            let read = read("refresh_token_expires_in", &value).unwrap();
            assert_eq!(read.refresh_token_expires_in, seconds, "{value}");
        }
        let without = TokenResponse::read(br#"{"access_token": "s3cret"}"#).unwrap();
        assert_eq!(without.expires_in, None);
    }

    #[test]
    fn an_owner_is_text_or_a_number() {
        for value in [json!("101"), json!(101)] {
            assert_eq!(read("owner_id", &value).unwrap().owner_id.as_deref(), Some("101"));
        }
        let tokens = read("refresh_token", &json!("r3fresh")).unwrap();
        assert_eq!(tokens.access_token.expose_secret(), "s3cret");
        assert_eq!(tokens.refresh_token.unwrap().expose_secret(), "r3fresh");
    }

    #[test]
    fn what_cant_be_taken_is_named_and_not_repeated() {
        let cases = [
            ("access_token", json!(["s3cret"]), "has a list as access_token, not text"),
            ("access_token", json!(null), "has no access_token"),
            ("expires_in", json!("s3cret"), "has text as expires_in, not a number of seconds"),
            ("expires_in", json!(-1), "has a negative number as expires_in"),
            ("expires_in", json!("NaN"), "has text as expires_in"),
            ("expires_in", json!(true), "has true or false as expires_in"),
            ("refresh_token", json!({"a": "s3cret"}), "has an object as refresh_token, not text"),
            ("owner_id", json!(["s3cret"]), "has a list as owner_id, not text or a number"),
            ("scope", json!(7), "has a number as scope, not text"),
        ];
        for (name, value, expected) in cases {
            let error = read(name, &value).map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Answer);
            let said = format!("{error} {error:?}");
            assert!(said.contains(expected) && !said.contains("s3cret"), "{said}");
        }
        for (body, expected) in [("s3cret", "isn't JSON"), (r#"["s3cret"]"#, "is a list")] {
            let said = TokenResponse::read(body.as_bytes()).map(drop).unwrap_err().to_string();
            assert!(said.contains(expected) && !said.contains("s3cret"), "{said}");
        }
    }
}
