//! Figures by key, and by key and interval.

use jiff::{Timestamp, ZonedDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Kpi, KpiValue,
    stored::{self, StoredPoint},
};
use crate::report::{
    Info, keyed,
    zone::{self, Zone},
};

/// The figures of one key over the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KpiRecord {
    pub(super) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) info: Option<Info>,
    #[serde(rename = "kpis", with = "stored")]
    #[schemars(with = "std::collections::BTreeMap<String, KpiValue>")]
    pub(super) values: Vec<KpiValue>,
}

/// The figures of one key, interval by interval.
///
/// As JSON it has the name of the query's time zone, so that its points are as local when it is read
/// again.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(transform = zone::in_schema)]
pub struct KpiSeries {
    pub(super) key: String,
    pub(super) info: Option<Info>,
    pub(super) points: Vec<KpiPoint>,
}

/// The figures of one interval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct KpiPoint {
    #[serde(rename = "time")]
    pub(super) time_text: String,
    #[serde(skip)]
    pub(super) time: Timestamp,
    #[serde(skip)]
    pub(super) zone: Zone,
    #[serde(rename = "kpis", with = "stored")]
    #[schemars(with = "std::collections::BTreeMap<String, KpiValue>")]
    pub(super) values: Vec<KpiValue>,
}

macro_rules! with_figures {
    ($($type:ident),+) => {$(
        impl $type {
            /// A figure; `None` where the set doesn't have it, where one of its
            /// sums is absent, or where what it is a share of is zero.
            #[must_use]
            pub fn get(&self, kpi: Kpi) -> Option<KpiValue> {
                self.values.iter().find(|value| value.kpi() == kpi).copied()
            }

            /// The figures that are there, in the order of the set.
            pub fn iter(&self) -> impl Iterator<Item = KpiValue> + '_ {
                self.values.iter().copied()
            }
        }
    )+};
}

with_figures!(KpiRecord, KpiPoint);
keyed!(KpiRecord, KpiSeries);

impl KpiRecord {
    #[cfg(feature = "testing")]
    pub(crate) fn new(key: String, info: Option<Info>, values: Vec<KpiValue>) -> Self {
        Self { key, info, values }
    }
}

impl KpiSeries {
    /// The points, by time.
    #[must_use]
    pub fn points(&self) -> &[KpiPoint] {
        &self.points
    }
}

#[derive(Serialize)]
#[serde(rename = "KpiSeries")]
struct WrittenSeries<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<&'a Info>,
    points: &'a [KpiPoint],
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
}

impl Serialize for KpiSeries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { key, info, points } = self;
        let time_zone = points.first().and_then(|point| point.zone.name());
        WrittenSeries { key, info: info.as_ref(), points, time_zone }.serialize(serializer)
    }
}

#[derive(Deserialize)]
struct StoredSeries {
    key: String,
    info: Option<Info>,
    points: Vec<KpiPoint>,
    time_zone: Option<String>,
}

impl<'de> Deserialize<'de> for KpiSeries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredSeries { key, info, mut points, time_zone } =
            StoredSeries::deserialize(deserializer)?;
        let zone = time_zone.map(|name| Zone::named(&name)).unwrap_or_default();
        for point in &mut points {
            point.zone = zone.clone();
        }
        Ok(Self { key, info, points })
    }
}

impl<'de> Deserialize<'de> for KpiPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, stored) = StoredPoint::read(deserializer)?;
        Ok(Self { time, time_text: stored.time, zone: Zone::default(), values: stored.kpis })
    }
}

impl KpiPoint {
    /// The instant that stands for the interval, as in [`Point::time`](crate::Point::time).
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The same in the query's time zone, as in [`Point::zoned`](crate::Point::zoned).
    #[must_use]
    pub fn zoned(&self) -> ZonedDateTime {
        self.zone.at(self.time, &self.time_text)
    }

    /// The same as it was sent.
    #[must_use]
    pub fn time_text(&self) -> &str {
        &self.time_text
    }
}
