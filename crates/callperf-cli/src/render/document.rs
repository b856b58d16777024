//! Reports before they are shown: what was asked, and the numbers by key. Their
//! JSON is the output of `--format json`.

use std::collections::{HashMap, HashSet};

use callperf::{
    Api, Breakdown, Interval, Kpi, KpiSet, Point, Record, Series,
    kpi::{KpiPoint, KpiRecord, KpiSeries, KpiValue},
    report::{Info, Metric},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value as Json};

use crate::model::targets::{Verdict, by_figure};

/// A report: a row per key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// What was asked.
    #[serde(flatten)]
    pub heading: Heading,
    /// One entry per key.
    #[serde(rename = "records")]
    pub entries: Vec<Entry>,
    /// The whole company, asked for by itself: one call can count in several
    /// entries, so that they don't add up to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Entry>,
    /// The figures that were asked for: a column each, be they absent everywhere.
    #[serde(skip)]
    pub kpis: Vec<Kpi>,
}

/// A timeline: a series of points per key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Timeline {
    /// What was asked.
    #[serde(flatten)]
    pub heading: Heading,
    /// The stretch of time of a point: `Hour`, `Day`, `Week` or `Month`.
    pub interval: Interval,
    /// One series per key.
    #[serde(rename = "records")]
    pub entries: Vec<SeriesEntry>,
    /// The whole company, asked for by itself: one call can count in several
    /// series, so that they don't add up to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<SeriesEntry>,
    /// The figures that were asked for: a column each, be they absent everywhere.
    #[serde(skip)]
    pub kpis: Vec<Kpi>,
}

/// What was asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Heading {
    /// The API that answered: `beta` or `calls-v1`.
    pub api: String,
    /// What a row is, as it was asked for.
    pub group_by: String,
    /// The period that the calls started in.
    pub period: Span,
    /// The period before, that the numbers are compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_period: Option<Span>,
    /// What narrows the numbers, as it was asked for: `queue-hours=after-hours`,
    /// `days=monday`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub filters: Vec<String>,
    /// What a reader should know: a period cut short, a record left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub notices: Vec<String>,
}

/// From an instant up to, and not including, another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Span {
    /// The first instant, in RFC 3339.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// The first instant after the period, in RFC 3339.
    #[schemars(with = "String")]
    pub to: Timestamp,
    /// The IANA name of the zone that days and hours are cut in.
    pub time_zone: String,
}

/// Numbers: what was counted, and the figures computed from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Numbers {
    /// The number of calls.
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub calls: Metric,
    /// The time spent, in seconds.
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub time_spent: Metric,
    /// The key figures, by name. Absent ones are left out.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "by_name")]
    #[schemars(with = "std::collections::BTreeMap<String, KpiValue>", default)]
    pub kpis: Vec<KpiValue>,
    /// What the SDK has no word for, by wire name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub extra: Map<String, Json>,
}

/// The numbers of one key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// The key: an extension's id, or a number for company numbers.
    pub key: String,
    /// What the API says about the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<Info>,
    /// A name that was looked up, where the API said none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
    /// Its numbers in the period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Numbers>,
    /// What its figures should be, by figure, if it was held against targets.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "by_figure")]
    #[schemars(with = "std::collections::BTreeMap<String, Verdict>", default)]
    pub targets: Vec<Verdict>,
}

/// The numbers of one key, interval by interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct SeriesEntry {
    /// The key: an extension's id, or a number for company numbers.
    pub key: String,
    /// What the API says about the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<Info>,
    /// A name that was looked up, where the API said none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One point per interval.
    pub points: Vec<PointEntry>,
}

/// The numbers of one interval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PointEntry {
    /// The instant that stands for the interval, as it was sent.
    #[serde(rename = "time")]
    pub time_text: String,
    /// The same as an instant.
    #[serde(skip)]
    pub time: Timestamp,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
    /// The numbers that they are compared with, of the period before: those of the
    /// same local hour or day, so many days earlier; of the first week or month for
    /// the first, and so on, where both periods touch as many and both are whole, or
    /// cut to the same length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Numbers>,
    /// What its figures should be, by figure, if it was held against targets.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "by_figure")]
    #[schemars(with = "std::collections::BTreeMap<String, Verdict>", default)]
    pub targets: Vec<Verdict>,
}

fn by_name<S: Serializer>(values: &[KpiValue], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(values.len()))?;
    for value in values {
        map.serialize_entry(value.kpi().as_str(), value)?;
    }
    map.end()
}

impl Heading {
    /// What was asked of which API, over which period.
    #[must_use]
    pub fn new(api: Api, group_by: impl Into<String>, period: Span) -> Self {
        Self {
            api: api.to_string(),
            group_by: group_by.into(),
            period,
            previous_period: None,
            filters: Vec::new(),
            notices: Vec::new(),
        }
    }
}

impl Numbers {
    fn of_record(record: &Record) -> Self {
        Self {
            calls: record.calls().clone(),
            time_spent: record.time_spent().clone(),
            kpis: Vec::new(),
            extra: record.extra().clone(),
        }
    }

    pub(crate) fn hide_calls(&mut self, breakdowns: &[Breakdown]) {
        for breakdown in breakdowns {
            self.calls = std::mem::take(&mut self.calls).without(breakdown);
        }
    }

    fn of_point(point: &Point) -> Self {
        Self {
            calls: point.calls().clone(),
            time_spent: point.time_spent().clone(),
            kpis: Vec::new(),
            extra: point.extra().clone(),
        }
    }
}

macro_rules! labelled {
    ($($type:ident),+) => {$(
        impl $type {
            /// The key's name, or the key where none is known.
            #[must_use]
            pub fn label(&self) -> &str {
                self.known_name().unwrap_or(&self.key)
            }

            /// The key's name: the API's, or else the one that was looked up.
            #[must_use]
            pub fn known_name(&self) -> Option<&str> {
                let said = self.info.as_ref().and_then(Info::name);
                said.or(self.name.as_deref())
            }

            /// The extension's number, where the API says it.
            #[must_use]
            pub fn extension_number(&self) -> Option<&str> {
                self.info.as_ref().and_then(Info::extension_number)
            }
        }
    )+};
}

labelled!(Entry, SeriesEntry);

/// Puts records and figures together by key; the keys of the figures come first.
pub(crate) fn entries(records: &[Record], figures: &[KpiRecord]) -> Vec<Entry> {
    let mut out = Joined::default();
    for figure in figures {
        let entry = out.entry(figure.key(), figure.info());
        entry.numbers.kpis = figure.iter().collect();
    }
    for record in records {
        let entry = out.entry(record.key(), record.info());
        let kpis = std::mem::take(&mut entry.numbers.kpis);
        entry.numbers = Numbers { kpis, ..Numbers::of_record(record) };
    }
    out.entries
}

#[derive(Default)]
struct Joined {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Joined {
    fn entry(&mut self, key: &str, info: Option<&Info>) -> &mut Entry {
        let place = *self.places.entry(key.to_owned()).or_insert(self.entries.len());
        if place == self.entries.len() {
            self.entries.push(Entry { key: key.to_owned(), ..Entry::default() });
        }
        let entry = &mut self.entries[place];
        entry.info = entry.info.take().or_else(|| info.cloned());
        entry
    }
}

/// The same for series, point by point.
pub(crate) fn series_entries(series: &[Series], figures: &[KpiSeries]) -> Vec<SeriesEntry> {
    let mut keys: Vec<&str> = Vec::new();
    let all = figures.iter().map(KpiSeries::key).chain(series.iter().map(Series::key));
    let mut seen = HashSet::new();
    for key in all {
        if seen.insert(key) {
            keys.push(key);
        }
    }
    let figures: HashMap<_, _> = figures.iter().map(|one| (one.key(), one)).collect();
    let series: HashMap<_, _> = series.iter().map(|one| (one.key(), one)).collect();
    keys.into_iter()
        .map(|key| {
            let (figures, series) = (figures.get(key), series.get(key));
            let info = figures.and_then(|it| it.info()).or(series.and_then(|it| it.info()));
            SeriesEntry {
                key: key.to_owned(),
                info: info.cloned(),
                name: None,
                points: points(
                    series.map(|it| it.points()).unwrap_or_default(),
                    figures.map(|it| it.points()).unwrap_or_default(),
                ),
            }
        })
        .collect()
}

fn points(points: &[Point], figures: &[KpiPoint]) -> Vec<PointEntry> {
    let mut times: Vec<(Timestamp, &str)> = figures
        .iter()
        .map(|point| (point.time(), point.time_text()))
        .chain(points.iter().map(|point| (point.time(), point.time_text())))
        .collect();
    times.sort_by_key(|(time, _)| *time);
    times.dedup_by_key(|(time, _)| *time);
    let points: HashMap<_, _> = points.iter().map(|point| (point.time(), point)).collect();
    let figures: HashMap<_, _> = figures.iter().map(|point| (point.time(), point)).collect();
    times
        .into_iter()
        .map(|(time, text)| {
            let numbers = points.get(&time).map(|it| Numbers::of_point(it)).unwrap_or_default();
            let kpis = figures.get(&time).map(|it| it.iter().collect()).unwrap_or_default();
            PointEntry {
                time_text: text.to_owned(),
                time,
                numbers: Numbers { kpis, ..numbers },
                previous: None,
                targets: Vec::new(),
            }
        })
        .collect()
}

impl Report {
    /// A report of the SDK's records.
    #[must_use]
    pub fn new(heading: Heading, records: &[Record]) -> Self {
        Self { heading, entries: entries(records, &[]), total: None, kpis: Vec::new() }
    }

    /// A report of key figures, as a set's `try_merge` gives them.
    #[must_use]
    pub fn of_kpis(heading: Heading, set: &KpiSet, figures: &[KpiRecord]) -> Self {
        let kpis = set.kpis().to_vec();
        Self { heading, entries: entries(&[], figures), total: None, kpis }
    }
}

impl Timeline {
    /// A timeline of the SDK's series.
    #[must_use]
    pub fn new(heading: Heading, interval: Interval, series: &[Series]) -> Self {
        let entries = series_entries(series, &[]);
        Self { heading, interval, entries, total: None, kpis: Vec::new() }
    }

    /// A timeline of key figures, as a set's `try_merge_series` gives them.
    #[must_use]
    pub fn of_kpis(
        heading: Heading,
        interval: Interval,
        set: &KpiSet,
        figures: &[KpiSeries],
    ) -> Self {
        let entries = series_entries(&[], figures);
        Self { heading, interval, entries, total: None, kpis: set.kpis().to_vec() }
    }
}
