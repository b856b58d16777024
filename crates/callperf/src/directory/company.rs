//! The account, and the time zones that the service knows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry::Keyed;

/// The account of the company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Account {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The main number of the company, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_number: Option<String>,
    /// Whether it is in use, by the API's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The name of its time zone, by which the company's own hours go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A time zone that the service knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TimeZone {
    /// Its id.
    pub id: String,
    /// Its name: an IANA name, or one of the vendor's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A longer name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The minutes that it is ahead of UTC at the moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
}

impl Keyed for TimeZone {
    fn key(&self) -> &str {
        &self.id
    }
}
