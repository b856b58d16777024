//! Filters in files.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
    ser::SerializeMap,
};
use serde_json::{Map, Value as Json};

use super::word::{AllWritten, Stored, words};
use crate::{
    query::filter::{Filter, STORED_NAMES, in_order},
    words::stored::{self, List, TOML_DATE, Table, texts},
};

/// The filters of a query: a table, or a list of tables where one is given twice.
pub(super) struct StoredFilters<'a>(pub(super) &'a [Filter]);

impl Serialize for StoredFilters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filters = in_order(self.0);
        let is_twice = |pair: &[&Filter]| pair[0].stored_name() == pair[1].stored_name();
        if filters.windows(2).any(is_twice) {
            return serializer.collect_seq(filters);
        }
        let (wired, own): (Vec<_>, Vec<_>) =
            filters.into_iter().partition(|filter| matches!(filter, Filter::Wire { .. }));
        let mut table = serializer.serialize_map(None)?;
        for filter in own {
            write(filter, &mut table)?;
        }
        if !wired.is_empty() {
            table.serialize_entry("wire", &Wired(&wired))?;
        }
        table.end()
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_map(Some(1))?;
        write(self, &mut table)?;
        table.end()
    }
}

fn write<M: SerializeMap>(filter: &Filter, table: &mut M) -> Result<(), M::Error> {
    let (name, _) = filter.stored_name();
    match filter {
        Filter::Direction(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::Origin(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::Response(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::Result(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::Type(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::Segment(words) => table.serialize_entry(name, words),
        Filter::Action(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::CompanyHours(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::QueueSla(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::EndingParty(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::QueueHours(words) => table.serialize_entry(name, &AllWritten(words)),
        Filter::CallDuration(length) | Filter::TimeSpent(length) => {
            table.serialize_entry(name, length)
        }
        Filter::FromExtensions(ids)
        | Filter::ToExtensions(ids)
        | Filter::CalledNumbers(ids)
        | Filter::Queues(ids) => table.serialize_entry(name, ids),
        Filter::Wire { .. } => table.serialize_entry(name, &Wired(&[filter])),
    }
}

/// Filters by wire name, each with its value.
struct Wired<'a>(&'a [&'a Filter]);

impl Serialize for Wired<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter().filter_map(|filter| match filter {
            Filter::Wire { name, value } => Some((name, Plain(value))),
            _ => None,
        });
        serializer.collect_map(entries)
    }
}

/// JSON whose numbers are plain ones in any format, also where `serde_json` keeps their digits.
struct Plain<'a>(&'a Json);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Array(items) => serializer.collect_seq(items.iter().map(Plain)),
            Json::Object(entries) => {
                serializer.collect_map(entries.iter().map(|(name, value)| (name, Plain(value))))
            }
            Json::Number(number) => {
                if let Some(whole) = number.as_i64() {
                    return serializer.serialize_i64(whole);
                }
                if let Some(whole) = number.as_u64() {
                    return serializer.serialize_u64(whole);
                }
                match number.as_f64() {
                    Some(float) if float.to_string() == number.to_string() => {
                        serializer.serialize_f64(float)
                    }
                    _ => number.serialize(serializer),
                }
            }
            other => other.serialize(serializer),
        }
    }
}

/// The filters of a table, in the order of the table.
#[derive(Default)]
struct StoredTable(Vec<Filter>);

fn read<'de, V, A>(make: fn(V) -> Filter, entries: &mut A) -> Result<Vec<Filter>, A::Error>
where
    V: Deserialize<'de>,
    A: MapAccess<'de>,
{
    Ok(vec![make(entries.next_value()?)])
}

fn list<'de, W, A>(make: fn(Vec<W>) -> Filter, entries: &mut A) -> Result<Vec<Filter>, A::Error>
where
    W: Stored,
    A: MapAccess<'de>,
{
    Ok(vec![make(words(entries.next_value()?))])
}

impl Table for StoredTable {
    type Value = Vec<Filter>;
    const WHAT: &'static str = "a filter";
    const FIELDS: &'static [&'static str] = &STORED_NAMES;

    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        field: &'static str,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        if self.0.iter().any(|filter| filter.stored_name().0 == field) {
            return Err(de::Error::duplicate_field(field));
        }
        self.0.extend(match field {
            "direction" => list(Filter::Direction, entries)?,
            "origin" => list(Filter::Origin, entries)?,
            "response" => list(Filter::Response, entries)?,
            "result" => list(Filter::Result, entries)?,
            "type" => list(Filter::Type, entries)?,
            "segment" => read(|List(segments)| Filter::Segment(segments), entries)?,
            "action" => list(Filter::Action, entries)?,
            "company_hours" => list(Filter::CompanyHours, entries)?,
            "queue_sla" => list(Filter::QueueSla, entries)?,
            "ending_party" => list(Filter::EndingParty, entries)?,
            "queue_hours" => list(Filter::QueueHours, entries)?,
            "call_duration" => read(Filter::CallDuration, entries)?,
            "time_spent" => read(Filter::TimeSpent, entries)?,
            "from_extensions" => read(|ids| Filter::FromExtensions(texts(ids)), entries)?,
            "to_extensions" => read(|ids| Filter::ToExtensions(texts(ids)), entries)?,
            "called_numbers" => read(|ids| Filter::CalledNumbers(texts(ids)), entries)?,
            "queues" => read(|ids| Filter::Queues(texts(ids)), entries)?,
            _ => wired(entries.next_value()?),
        });
        Ok(())
    }

    fn finish<E: de::Error>(self) -> Result<Vec<Filter>, E> {
        Ok(in_order(&self.0).into_iter().cloned().map(Filter::trimmed).collect())
    }
}

fn wired(values: Map<String, Json>) -> Vec<Filter> {
    values.into_iter().map(|(name, value)| Filter::wire(name, without_toml(value))).collect()
}

/// A date of TOML's own becomes its text.
fn without_toml(value: Json) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(without_toml).collect(),
        Json::Object(mut entries) => match entries.remove(TOML_DATE) {
            Some(date) => date,
            None => entries.into_iter().map(|(name, value)| (name, without_toml(value))).collect(),
        },
        other => other,
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut filters = stored::read::<StoredTable, D>(deserializer)?;
        match filters.pop() {
            Some(filter) if filters.is_empty() => Ok(filter),
            _ => Err(de::Error::custom("expected the table of one filter")),
        }
    }
}

/// The filters of a query, read.
#[derive(Default)]
pub(super) struct Filters(pub(super) Vec<Filter>);

impl<'de> Deserialize<'de> for Filters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FiltersVisitor).map(Self)
    }
}

struct FiltersVisitor;

impl<'de> Visitor<'de> for FiltersVisitor {
    type Value = Vec<Filter>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of filters")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Vec<Filter>, A::Error> {
        stored::read::<StoredTable, _>(MapAccessDeserializer::new(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<Vec<Filter>, A::Error> {
        let mut filters = Vec::new();
        while let Some(Filters(more)) = tables.next_element()? {
            filters.extend(more);
        }
        Ok(filters)
    }
}
