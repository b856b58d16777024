//! What comes back for one key.

use jiff::{Timestamp, ZonedDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    answer_to::AnswerTo,
    metric::Metric,
    zone::{self, Zone},
};

/// What the API says about a key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Info {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extension_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
}

impl Info {
    /// The extension's number, which isn't its key.
    #[must_use]
    pub fn extension_number(&self) -> Option<&str> {
        self.extension_number.as_deref()
    }

    /// The extension's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What this crate has no word for, by wire name.
    #[must_use]
    pub fn extra(&self) -> &Map<String, Json> {
        &self.extra
    }

    pub(crate) fn has_name(&self) -> bool {
        self.name.is_some()
    }
}

/// The part of the calls that involved one key, added up over the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    pub(crate) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) info: Option<Info>,
    #[serde(default, skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) calls: Metric,
    #[serde(default, skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) time_spent: Metric,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
    /// Which query it answers: digests, the same for the same query everywhere, and the end that was
    /// sent if the period had not ended.
    #[serde(default, skip_serializing_if = "AnswerTo::is_unknown")]
    #[schemars(with = "String", default)]
    pub(crate) fingerprint: AnswerTo,
}

/// The part of the calls that involved one key, interval by interval.
///
/// As JSON it has the name of the query's time zone, so that its points are as local when it is read
/// again.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(transform = zone::in_schema)]
pub struct Series {
    pub(crate) key: String,
    pub(crate) info: Option<Info>,
    pub(crate) points: Vec<Point>,
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
    /// Which query it answers: digests, the same for the same query everywhere, and the end that was
    /// sent if the period had not ended.
    #[schemars(with = "String", default)]
    pub(crate) fingerprint: AnswerTo,
}

/// One interval of a series.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    #[serde(rename = "time")]
    pub(crate) time_text: String,
    #[serde(skip)]
    pub(crate) time: Timestamp,
    #[serde(skip)]
    pub(crate) zone: Zone,
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) calls: Metric,
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) time_spent: Metric,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
}

/// What is said of a key, by types with the members `key` and `info`.
macro_rules! keyed {
    ($($type:ident),+) => {$(
        impl $type {
            /// The key: an extension's id, or a number for company numbers.
            #[must_use]
            pub fn key(&self) -> &str {
                &self.key
            }

            /// What the API says about the key; the beta says nothing.
            #[must_use]
            pub fn info(&self) -> Option<&Info> {
                self.info.as_ref()
            }

            /// The key's name, or the key where the API sends no name.
            #[must_use]
            pub fn label(&self) -> &str {
                self.info().and_then(Info::name).unwrap_or(&self.key)
            }
        }
    )+};
}
pub(crate) use keyed;

macro_rules! with_metrics {
    ($($type:ident),+) => {$(
        impl $type {
            /// The number of calls.
            #[must_use]
            pub fn calls(&self) -> &Metric {
                &self.calls
            }

            /// The time spent, in seconds.
            #[must_use]
            pub fn time_spent(&self) -> &Metric {
                &self.time_spent
            }
        }
    )+};
}

macro_rules! with_extra {
    ($($type:ident),+) => {$(
        impl $type {
            /// What this crate has no word for, by wire name.
            #[must_use]
            pub fn extra(&self) -> &Map<String, Json> {
                &self.extra
            }
        }
    )+};
}

keyed!(Record, Series);
with_metrics!(Record, Point);
with_extra!(Record, Series, Point);

impl Series {
    /// The points, in the order of the answer.
    ///
    /// The zero of an interval that the query's days and hours leave out isn't among
    /// them: it wasn't asked for. Any other number of such an interval is.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}

impl Point {
    /// Whether all that was sent is zeros.
    pub(crate) fn is_zero(&self) -> bool {
        self.calls.is_zero() && self.time_spent.is_zero() && self.extra.is_empty()
    }

    /// The instant that stands for the interval.
    ///
    /// That it is the interval's start is what the sandbox assumes; the API's
    /// documents don't say.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The same in the query's time zone, which says which local day and hour it is.
    ///
    /// A point that no client read (a fake, for example), or that was written without its series
    /// and read again, has the offset that it was sent with.
    #[must_use]
    pub fn zoned(&self) -> ZonedDateTime {
        self.zone.at(self.time, &self.time_text)
    }

    /// The same as it was sent; its offset is part of the value.
    #[must_use]
    pub fn time_text(&self) -> &str {
        &self.time_text
    }
}
