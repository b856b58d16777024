//! The file, and what it keeps of an exchange.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    request::canonical,
    scrub::{self, Known, Pseudonyms, Scrubber},
};

/// Version 1 is read, too. Its pseudonyms have as few digits as the cassette needs.
pub(super) const VERSION: u32 = 2;

/// What stands for the id of a request, which is another one each time.
pub(super) const REQUEST_ID: &str = "recorded";

/// An answer, with those of its headers that a client heeds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedResponse {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// The file.
#[derive(Serialize, Deserialize)]
pub(super) struct Cassette<E> {
    #[serde(rename = "cassette")]
    pub(super) version: u32,
    /// What the time was, so that a relative period is the same again.
    pub(super) clock: Timestamp,
    /// Of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pseudonym_digits: Option<usize>,
    #[serde(default)]
    pub(super) names: Names,
    /// What the client knew of the API, by the names of its assumptions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) calibration: BTreeMap<String, String>,
    pub(super) exchanges: Vec<E>,
}

/// What names are in a cassette.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Names {
    #[default]
    Pseudonyms,
    Kept,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Exchange {
    pub(super) request: Json,
    pub(super) response: Response,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Body,
}

impl Response {
    /// As a client is given it that asked with these identifiers so far.
    pub(super) fn answered(self, asked: &Pseudonyms) -> RecordedResponse {
        let Self { status, headers, body } = self;
        RecordedResponse { status, headers, body: body.into_bytes(asked) }
    }
}

/// JSON where that says the same as the bytes, which a name that stands twice in
/// an object, for one, does not.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    Json(Json),
    Text(String),
    Base64(String),
}

impl Body {
    pub(super) fn of(bytes: &[u8], operation: &str, scrubber: Scrubber, known: &mut Known) -> Self {
        if let Some(mut json) = crate::words::json::unambiguous(bytes) {
            scrubber.answer(&mut json, operation, known);
            return Self::Json(canonical(json));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(scrub::replaced(text, &known.ids)),
            Err(_) => Self::Base64(BASE64.encode(bytes)),
        }
    }

    pub(super) fn into_bytes(self, known: &Pseudonyms) -> Vec<u8> {
        match self {
            Self::Json(mut json) => {
                scrub::restore(&mut json, known);
                json.to_string().into_bytes()
            }
            Self::Text(text) => text.into_bytes(),
            Self::Base64(text) => BASE64.decode(text).unwrap_or_default(),
        }
    }
}
