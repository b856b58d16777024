//! Sets of figures in files.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Kpi, KpiSet};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSet {
    kpis: Vec<Kpi>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    short_abandons_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    staffed_seconds: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    missing_is_zero: bool,
}

impl Serialize for KpiSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let short = self.longest_short_abandon().and_then(|length| length.max_seconds);
        let staffed = self.staffed_times().map(|(key, time)| (key.to_owned(), time.as_secs()));
        StoredSet {
            kpis: self.kpis().to_vec(),
            short_abandons_seconds: short,
            staffed_seconds: staffed.collect(),
            missing_is_zero: self.takes_missing_for_zero(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KpiSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = StoredSet::deserialize(deserializer)?;
        let set = Self::new(stored.kpis);
        let short = stored.short_abandons_seconds.map(|it| Duration::from_secs(it.into()));
        let set = short.into_iter().fold(set, Self::short_abandons);
        let set = stored
            .staffed_seconds
            .into_iter()
            .fold(set, |set, (key, seconds)| set.staffed(key, SignedDuration::from_secs(seconds)));
        Ok(if stored.missing_is_zero { set.missing_is_zero() } else { set })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let kpis = [Kpi::Occupancy, Kpi::Offered, Kpi::AbandonmentRateWithoutShort];
        let set = KpiSet::new(kpis)
            .short_abandons(Duration::from_secs(20))
            .staffed("7001", SignedDuration::from_hours(8))
            .missing_is_zero();
        let written = json!({
            "kpis": ["occupancy", "offered", "abandonment_rate_without_short"],
            "short_abandons_seconds": 20,
            "staffed_seconds": {"7001": 28800},
            "missing_is_zero": true,
        });
        assert_eq!(serde_json::to_value(&set).unwrap(), written);
        assert_eq!(serde_json::from_value::<KpiSet>(written).unwrap(), set);
        let plain = KpiSet::new([Kpi::Offered]);
        assert_eq!(serde_json::to_value(&plain).unwrap(), json!({"kpis": ["offered"]}));
    }

    #[test]
    fn a_figure_that_is_none_is_refused_with_the_nearest() {
        let refusal = |json| serde_json::from_value::<KpiSet>(json).unwrap_err().to_string();
        let near = refusal(json!({"kpis": ["answer_rates"]}));
        assert!(near.contains("no figure is called `answer_rates`; did you mean `answer_rate`?"));
        let unlike = refusal(json!({"kpis": ["mood"]}));
        assert!(unlike.contains("there are offered, answered"), "{unlike}");
        assert!(refusal(json!({"kpis": [], "days": 7})).contains("unknown field `days`"));
    }
}
