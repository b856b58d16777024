//! Groupings, measures, lengths and hours in files.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use crate::{
    query::{
        filter::SegmentFilter,
        group_by::{Dimension, GroupBy},
        length::{Hours, Length},
        measure::Measure,
    },
    words::{
        stored::{self, Table, Text, fields, required},
        vocabulary::{Aggregation, Breakdown, CallSegment, Grouping, Interval, MembersOf},
    },
};

impl Serialize for GroupBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(grouping) = self.grouping().filter(|_| self.has_all_keys()) {
            return grouping.serialize(serializer);
        }
        let mut table = serializer.serialize_map(None)?;
        match &self.dimension {
            Dimension::Each(grouping) => table.serialize_entry("each", grouping)?,
            Dimension::Members(members) => table.serialize_entry("members_of", members)?,
        }
        if !self.keys.is_empty() || self.keys_given_empty {
            table.serialize_entry("keys", &self.keys)?;
        }
        if !self.names.is_empty() {
            table.serialize_entry("names", &self.names)?;
        }
        table.end()
    }
}

#[derive(Default)]
struct StoredGroupBy {
    each: Option<Grouping>,
    members_of: Option<MembersOf>,
    keys: Option<Vec<String>>,
    names: Option<Vec<String>>,
}

impl Table for StoredGroupBy {
    type Value = GroupBy;
    const WHAT: &'static str = "a grouping";
    fields!(each, members_of, keys, names);

    fn finish<E: de::Error>(self) -> Result<GroupBy, E> {
        let all = match (self.each, self.members_of) {
            (Some(grouping), None) => GroupBy::from(grouping),
            (None, Some(members)) => GroupBy::from(members),
            (None, None) => {
                return Err(E::custom("a grouping needs `each` or `members_of`"));
            }
            (Some(_), Some(_)) => {
                return Err(E::custom(
                    "a grouping has `each` or `members_of`, not both; leave one out",
                ));
            }
        };
        let with_keys = self.keys.into_iter().fold(all, GroupBy::keys);
        Ok(self.names.into_iter().fold(with_keys, GroupBy::named))
    }

    fn of_text<E: de::Error>(text: &str) -> Result<GroupBy, E> {
        Ok(Grouping::from(text).into())
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::from(self.breakdown.clone()) {
            return self.breakdown.serialize(serializer);
        }
        let mut table = serializer.serialize_map(None)?;
        table.serialize_entry("breakdown", &self.breakdown)?;
        table.serialize_entry("aggregation", &self.aggregation)?;
        if let Some(interval) = &self.interval {
            table.serialize_entry("interval", interval)?;
        }
        table.end()
    }
}

#[derive(Default)]
struct StoredMeasure {
    breakdown: Option<Breakdown>,
    aggregation: Option<Aggregation>,
    interval: Option<Interval>,
}

impl Table for StoredMeasure {
    type Value = Measure;
    const WHAT: &'static str = "a measure";
    fields!(breakdown, aggregation, interval);

    fn finish<E: de::Error>(self) -> Result<Measure, E> {
        let breakdown = required(self.breakdown, "breakdown")?;
        let measure = Measure::new(breakdown, self.aggregation.unwrap_or(Aggregation::Sum));
        Ok(self.interval.into_iter().fold(measure, Measure::per))
    }

    fn of_text<E: de::Error>(text: &str) -> Result<Measure, E> {
        Ok(Breakdown::from(text).into())
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_map(None)?;
        if let Some(seconds) = self.min_seconds {
            table.serialize_entry("min_seconds", &seconds)?;
        }
        if let Some(seconds) = self.max_seconds {
            table.serialize_entry("max_seconds", &seconds)?;
        }
        table.end()
    }
}

#[derive(Default)]
struct StoredLength {
    min_seconds: Option<u32>,
    max_seconds: Option<u32>,
}

impl Table for StoredLength {
    type Value = Length;
    const WHAT: &'static str = "a length";
    fields!(min_seconds, max_seconds);

    fn finish<E: de::Error>(self) -> Result<Length, E> {
        Ok(Length { min_seconds: self.min_seconds, max_seconds: self.max_seconds })
    }
}

impl Serialize for SegmentFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(length) = &self.length else { return self.segment.serialize(serializer) };
        let mut table = serializer.serialize_map(None)?;
        table.serialize_entry("segment", &self.segment)?;
        table.serialize_entry("lasting", length)?;
        table.end()
    }
}

#[derive(Default)]
struct StoredSegment {
    segment: Option<CallSegment>,
    lasting: Option<Length>,
}

impl Table for StoredSegment {
    type Value = SegmentFilter;
    const WHAT: &'static str = "a segment";
    fields!(segment, lasting);

    fn finish<E: de::Error>(self) -> Result<SegmentFilter, E> {
        let segment = required(self.segment, "segment")?;
        Ok(SegmentFilter { segment, length: self.lasting })
    }

    fn of_text<E: de::Error>(text: &str) -> Result<SegmentFilter, E> {
        Ok(CallSegment::from(text).into())
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_map(None)?;
        table.serialize_entry("from", &self.from)?;
        table.serialize_entry("to", &self.to)?;
        table.end()
    }
}

#[derive(Default)]
struct StoredHours {
    from: Option<Text<String>>,
    to: Option<Text<String>>,
}

impl Table for StoredHours {
    type Value = Hours;
    const WHAT: &'static str = "a span of hours";
    fields!(from, to);

    fn finish<E: de::Error>(self) -> Result<Hours, E> {
        let Text(from) = required(self.from, "from")?;
        let Text(to) = required(self.to, "to")?;
        Ok(Hours { from, to })
    }
}

macro_rules! read_as {
    ($($type:ty => $stored:ty;)+) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                stored::read::<$stored, D>(deserializer)
            }
        }
    )+};
}

read_as! {
    GroupBy => StoredGroupBy;
    Measure => StoredMeasure;
    Length => StoredLength;
    SegmentFilter => StoredSegment;
    Hours => StoredHours;
}
