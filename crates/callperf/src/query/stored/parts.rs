//! Groupings, measures, lengths and hours in files.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de,
    ser::{Error as _, SerializeMap},
};

use super::word::{self, Read, Written};

use crate::{
    query::{
        filter::SegmentFilter,
        group_by::{Dimension, GroupBy},
        length::{Hours, Length},
        measure::Measure,
    },
    words::{
        stored::{self, Item, List, Table, Text, Whole, fields, required, texts},
        vocabulary::{Aggregation, Breakdown, CallSegment, Grouping, Interval, MembersOf},
    },
};

impl Serialize for GroupBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_text = |grouping: &&Grouping| grouping.is_known() && self.has_all_keys();
        if let Some(grouping) = self.grouping().filter(is_text) {
            return grouping.serialize(serializer);
        }
        let mut table = serializer.serialize_map(None)?;
        match &self.dimension {
            Dimension::Each(grouping) => table.serialize_entry("each", &Written(grouping))?,
            Dimension::Members(members) => {
                table.serialize_entry("members_of", &Written(members))?;
            }
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
    each: Option<Read<Grouping>>,
    members_of: Option<Read<MembersOf>>,
    keys: Option<List<Text<String>>>,
    names: Option<List<Text<String>>>,
}

impl Table for StoredGroupBy {
    type Value = GroupBy;
    const WHAT: &'static str = "a grouping";
    fields!(each, members_of, keys, names);

    fn finish<E: de::Error>(self) -> Result<GroupBy, E> {
        let all = match (self.each, self.members_of) {
            (Some(Read(grouping)), None) => GroupBy::from(grouping),
            (None, Some(Read(members))) => GroupBy::from(members),
            (None, None) => {
                return Err(E::custom("a grouping needs `each` or `members_of`"));
            }
            (Some(_), Some(_)) => {
                return Err(E::custom(
                    "a grouping has `each` or `members_of`, not both; leave one out",
                ));
            }
        };
        let with_keys = self.keys.map(texts).into_iter().fold(all, GroupBy::keys);
        Ok(self.names.map(texts).into_iter().fold(with_keys, GroupBy::named))
    }

    fn of_text<E: de::Error>(text: &str) -> Result<GroupBy, E> {
        word::of_text::<Grouping, E>(text, Some("each")).map(GroupBy::from)
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.breakdown.is_known() && *self == Self::from(self.breakdown.clone()) {
            return self.breakdown.serialize(serializer);
        }
        let mut table = serializer.serialize_map(None)?;
        table.serialize_entry("breakdown", &Written(&self.breakdown))?;
        table.serialize_entry("aggregation", &Written(&self.aggregation))?;
        if let Some(interval) = &self.interval {
            table.serialize_entry("interval", &Written(interval))?;
        }
        table.end()
    }
}

#[derive(Default)]
struct StoredMeasure {
    breakdown: Option<Read<Breakdown>>,
    aggregation: Option<Read<Aggregation>>,
    interval: Option<Read<Interval>>,
}

impl Table for StoredMeasure {
    type Value = Measure;
    const WHAT: &'static str = "a measure";
    fields!(breakdown, aggregation, interval);

    fn finish<E: de::Error>(self) -> Result<Measure, E> {
        let Read(breakdown) = required(self.breakdown, "breakdown")?;
        let Read(aggregation) = self.aggregation.unwrap_or(Read(Aggregation::Sum));
        let measure = Measure::new(breakdown, aggregation);
        Ok(self.interval.into_iter().fold(measure, |measure, Read(interval)| measure.per(interval)))
    }

    fn of_text<E: de::Error>(text: &str) -> Result<Measure, E> {
        word::of_text::<Breakdown, E>(text, Some("breakdown")).map(Measure::from)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_unlimited() {
            return Err(S::Error::custom(UNLIMITED));
        }
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

const UNLIMITED: &str = "a length needs `min_seconds` or `max_seconds`";

#[derive(Default)]
struct StoredLength {
    min_seconds: Option<Whole>,
    max_seconds: Option<Whole>,
}

impl Table for StoredLength {
    type Value = Length;
    const WHAT: &'static str = "a length";
    fields!(min_seconds, max_seconds);

    fn finish<E: de::Error>(self) -> Result<Length, E> {
        let seconds = |whole: Option<Whole>| whole.map(|Whole(seconds)| seconds);
        let (min_seconds, max_seconds) = (seconds(self.min_seconds), seconds(self.max_seconds));
        let length = Length { min_seconds, max_seconds };
        if length.is_unlimited() { Err(E::custom(UNLIMITED)) } else { Ok(length) }
    }
}

impl Serialize for SegmentFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.length.is_none() && self.segment.is_known() {
            return self.segment.serialize(serializer);
        }
        let mut table = serializer.serialize_map(None)?;
        table.serialize_entry("segment", &Written(&self.segment))?;
        if let Some(length) = &self.length {
            table.serialize_entry("lasting", length)?;
        }
        table.end()
    }
}

#[derive(Default)]
struct StoredSegment {
    segment: Option<Read<CallSegment>>,
    lasting: Option<Length>,
}

impl Table for StoredSegment {
    type Value = SegmentFilter;
    const WHAT: &'static str = "a segment";
    fields!(segment, lasting);

    fn finish<E: de::Error>(self) -> Result<SegmentFilter, E> {
        let Read(segment) = required(self.segment, "segment")?;
        Ok(SegmentFilter { segment, length: self.lasting })
    }

    fn of_text<E: de::Error>(text: &str) -> Result<SegmentFilter, E> {
        word::of_text::<CallSegment, E>(text, Some("segment")).map(SegmentFilter::from)
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

macro_rules! items {
    ($($type:ty => $example:literal;)+) => {$(
        impl Item for $type {
            fn example() -> String {
                $example.to_owned()
            }
        }
    )+};
}

items! {
    Measure => "\"total\"";
    SegmentFilter => "\"hold\"";
    Hours => "{ from = \"09:00\", to = \"17:59\" }";
}
