//! Whole queries in files.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use super::{
    filters::{Filters, StoredFilters},
    word::{AllWritten, Read, words},
};
use crate::{
    query::{definition::Query, group_by::GroupBy, length::Hours, measure::Measure},
    words::{
        period::Period,
        stored::{self, List, Table, Text, fields, required},
        vocabulary::DayOfWeek,
    },
};

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_map(None)?;
        table.serialize_entry("group_by", &self.group_by)?;
        table.serialize_entry("period", &self.period)?;
        table.serialize_entry("time_zone", &self.time_zone)?;
        if !self.calls.is_empty() {
            table.serialize_entry("calls", &self.calls)?;
        }
        if !self.time_spent.is_empty() {
            table.serialize_entry("time_spent", &self.time_spent)?;
        }
        if !self.filters.is_empty() {
            table.serialize_entry("filters", &StoredFilters(&self.filters))?;
        }
        if !self.days.is_empty() || self.days_given_empty {
            table.serialize_entry("days", &AllWritten(&self.days))?;
        }
        if !self.hours.is_empty() || self.hours_given_empty {
            table.serialize_entry("hours", &self.hours)?;
        }
        if self.unchecked {
            table.serialize_entry("unchecked", &true)?;
        }
        table.end()
    }
}

#[derive(Default)]
struct StoredQuery {
    group_by: Option<GroupBy>,
    period: Option<Period>,
    time_zone: Option<Text<String>>,
    calls: Option<List<Measure>>,
    time_spent: Option<List<Measure>>,
    filters: Option<Filters>,
    days: Option<List<Read<DayOfWeek>>>,
    hours: Option<List<Hours>>,
    unchecked: Option<bool>,
}

impl Table for StoredQuery {
    type Value = Query;
    const WHAT: &'static str = "a query";
    fields!(group_by, period, time_zone, calls, time_spent, filters, days, hours, unchecked);

    fn finish<E: de::Error>(self) -> Result<Query, E> {
        let group_by = required(self.group_by, "group_by")?;
        let period = required(self.period, "period")?;
        let Text(time_zone) = required(self.time_zone, "time_zone")?;
        let query = Query::new(group_by, period, time_zone);
        let query = self.days.map(words).into_iter().fold(query, Query::on_days);
        let hours = self.hours.map(|List(hours)| hours);
        let query = hours.into_iter().fold(query, Query::in_hours);
        let measures = |measures: Option<List<Measure>>| measures.map(|List(list)| list);
        Ok(Query {
            calls: measures(self.calls).unwrap_or_default(),
            time_spent: measures(self.time_spent).unwrap_or_default(),
            filters: self.filters.unwrap_or_default().0,
            unchecked: self.unchecked.unwrap_or_default(),
            ..query
        })
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::read::<StoredQuery, D>(deserializer)
    }
}
