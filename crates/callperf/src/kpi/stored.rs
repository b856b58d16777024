//! Figures in files, by their names.

use std::fmt;

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};

use super::KpiValue;
use crate::words::stored::time;

/// Absent figures are left out.
pub(super) fn serialize<S: Serializer>(
    values: &[KpiValue],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(values.len()))?;
    for value in values {
        map.serialize_entry(value.kpi().as_str(), value)?;
    }
    map.end()
}

/// In the order in which they are written.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<KpiValue>, D::Error> {
    deserializer.deserialize_map(FiguresVisitor)
}

struct FiguresVisitor;

#[derive(Deserialize)]
struct StoredFigure {
    value: f64,
}

impl<'de> Visitor<'de> for FiguresVisitor {
    type Value = Vec<KpiValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("figures by their names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Vec<KpiValue>, A::Error> {
        let mut values = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            let StoredFigure { value: number } = entries.next_value()?;
            // Another one is a later version's, for which this one has no word.
            if let Ok(kpi) = name.parse() {
                values.push(KpiValue { kpi, number });
            }
        }
        Ok(values)
    }
}

/// A point as it is written.
#[derive(Deserialize)]
pub(super) struct StoredPoint {
    pub(super) time: String,
    #[serde(deserialize_with = "deserialize")]
    pub(super) kpis: Vec<KpiValue>,
}

impl StoredPoint {
    pub(super) fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(Timestamp, Self), D::Error> {
        let stored = Self::deserialize(deserializer)?;
        Ok((time(&stored.time)?, stored))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::subsequence};
    use serde_json::{Map, Value as Json, json};

    use super::*;
    use crate::kpi::{Kpi, KpiRecord, KpiSeries};

    /// Figures as they are written, and as they are when they were read.
    fn figures() -> impl Strategy<Value = Vec<(Kpi, f64)>> {
        let count = Kpi::KNOWN.len();
        let number = any::<f64>().prop_filter("figures are finite", |number| number.is_finite());
        let kpis = subsequence(Kpi::KNOWN, 0..=count).prop_shuffle();
        (kpis, vec(number, count))
            .prop_map(|(kpis, numbers)| kpis.into_iter().zip(numbers).collect())
    }

    /// Written by hand: a map of JSON may have another order.
    fn text(figures: &[(Kpi, f64)]) -> String {
        let figure = |(kpi, number): &(Kpi, f64)| {
            let json = serde_json::to_string(&KpiValue { kpi: *kpi, number: *number }).unwrap();
            format!("\"{kpi}\":{json}")
        };
        format!("{{{}}}", figures.iter().map(figure).collect::<Vec<_>>().join(","))
    }

    proptest! {
        #[test]
        fn a_record_of_figures_comes_back(figures in figures()) {
            let written = format!(r#"{{"key":"1","info":{{"name":"Ann"}},"kpis":{}}}"#, text(&figures));
            let record: KpiRecord = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(record.label(), "Ann");
            let read: Vec<_> = record.iter().map(|it| (it.kpi(), it.as_f64())).collect();
            prop_assert_eq!(read, figures);
            prop_assert_eq!(serde_json::to_string(&record).unwrap(), written);
        }

        #[test]
        fn a_series_of_figures_comes_back(figures in figures()) {
            let written = format!(
                r#"{{"key":"1","points":[{{"time":"2026-11-24T00:00:00-05:00","kpis":{}}}]}}"#,
                text(&figures)
            );
            let series: KpiSeries = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(series.points()[0].time().to_string(), "2026-11-24T05:00:00Z");
            prop_assert_eq!(serde_json::to_string(&series).unwrap(), written);
        }
    }

    /// A cache outlives the version that filled it.
    #[test]
    fn a_figure_of_a_later_version_is_left_out() {
        let kpis = json!({
            "mood": {"value": 0.5, "unit": "smiles"}, "offered": {"value": 7, "unit": "calls"},
        });
        let record: KpiRecord = serde_json::from_value(json!({"key": "1", "kpis": kpis})).unwrap();
        let read: Vec<_> = record.iter().map(|value| (value.kpi(), value.as_f64())).collect();
        assert_eq!(read, [(Kpi::Offered, 7.0)]);
    }

    #[test]
    fn a_figure_or_a_time_that_is_none_is_refused() {
        let refusal =
            |json: Json| serde_json::from_value::<KpiSeries>(json).unwrap_err().to_string();
        let point =
            |time: &str, kpis: Json| json!({"key": "1", "points": [{"time": time, "kpis": kpis}]});
        let figure = json!({"answer_rate": {"value": "all", "unit": "share"}});
        let wrong = refusal(point("2026-11-24T00:00:00Z", figure));
        assert!(wrong.contains("invalid type"), "{wrong}");
        let time = refusal(point("yesterday", Map::new().into()));
        assert!(time.contains("time \"yesterday\""), "{time}");
    }
}
