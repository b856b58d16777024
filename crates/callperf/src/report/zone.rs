//! Where a point's time is local.

use std::sync::Arc;

use jiff::{
    Timestamp, ZonedDateTime,
    fmt::temporal::Pieces,
    tz::{Offset, TimeZone},
};
use schemars::Schema;
use serde_json::{Value as Json, json};

/// The time zone of the query; none for a point that no client read.
///
/// Two of them are always equal: points are equal by what they say.
#[derive(Clone, Debug, Default)]
pub(crate) enum Zone {
    #[default]
    None,
    Known(TimeZone),
    /// One that this machine doesn't know, by its name: another one may.
    Unknown(Arc<str>),
}

impl From<TimeZone> for Zone {
    fn from(zone: TimeZone) -> Self {
        Self::Known(zone)
    }
}

impl Zone {
    /// The time here, or else at the offset that its text has.
    pub(crate) fn at(&self, time: Timestamp, text: &str) -> ZonedDateTime {
        let of_text = || {
            let pieces = Pieces::parse(text).ok();
            let offset = pieces.and_then(|pieces| pieces.to_numeric_offset());
            TimeZone::fixed(offset.unwrap_or(Offset::UTC))
        };
        time.to_zoned_datetime(match self {
            Self::Known(zone) => zone.clone(),
            Self::None | Self::Unknown(_) => of_text(),
        })
    }
}

impl Zone {
    /// The zone of this name.
    pub(crate) fn named(name: &str) -> Self {
        TimeZone::get(name).map_or_else(|_| Self::Unknown(name.into()), Self::Known)
    }

    /// Its IANA name.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Known(zone) => zone.iana_name(),
            Self::Unknown(name) => Some(name),
        }
    }
}

/// The property of a schema that has the zone's name.
pub(crate) fn in_schema(schema: &mut Schema) {
    let description = "The IANA name of the zone in which the points are local.";
    let property = json!({"type": "string", "description": description});
    let properties = schema.get_mut("properties").and_then(Json::as_object_mut);
    properties.map(|properties| properties.insert(TIME_ZONE.to_owned(), property));
}

/// Where a series has it in JSON.
const TIME_ZONE: &str = "time_zone";

impl PartialEq for Zone {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
