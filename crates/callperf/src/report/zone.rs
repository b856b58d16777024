//! Where a point's time is local.

use jiff::{
    Timestamp, ZonedDateTime,
    fmt::temporal::Pieces,
    tz::{Offset, TimeZone},
};

/// The time zone of the query; none for a point that no client read.
///
/// Two of them are always equal: points are equal by what they say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zone(pub(crate) Option<TimeZone>);

impl Zone {
    /// The time here, or else at the offset that its text has.
    pub(super) fn at(&self, time: Timestamp, text: &str) -> ZonedDateTime {
        let of_text = || {
            let pieces = Pieces::parse(text).ok();
            let offset = pieces.and_then(|pieces| pieces.to_numeric_offset());
            TimeZone::fixed(offset.unwrap_or(Offset::UTC))
        };
        time.to_zoned_datetime(self.0.clone().unwrap_or_else(of_text))
    }
}

impl PartialEq for Zone {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
