//! Figures by key, and by key and interval.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Kpi, KpiValue,
    stored::{self, StoredPoint},
};
use crate::report::{Info, keyed};

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KpiSeries {
    pub(super) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
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

impl KpiSeries {
    /// The points, by time.
    #[must_use]
    pub fn points(&self) -> &[KpiPoint] {
        &self.points
    }
}

impl<'de> Deserialize<'de> for KpiPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, stored) = StoredPoint::read(deserializer)?;
        Ok(Self { time, time_text: stored.time, values: stored.kpis })
    }
}

impl KpiPoint {
    /// The instant that stands for the interval, as in [`Point::time`](crate::Point::time).
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The same as it was sent.
    #[must_use]
    pub fn time_text(&self) -> &str {
        &self.time_text
    }
}
