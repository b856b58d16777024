//! Reading what this crate has written: records, series, pages and notices from caches and
//! files.
//!
//! Fields that aren't known are skipped: a later version may have written them.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor, value::StrDeserializer},
};
use serde_json::{Map, Number, Value as Json};

use super::{
    answer_to::AnswerTo,
    by_word::Values,
    metric::{Entry, Metric},
    notice::Notice,
    record::{Info, Point, Series},
    value::{Meaning, Value},
    zone::Zone,
};
use crate::words::{
    problem::{Evidence, Problem},
    stored::{required, time},
    vocabulary::{Aggregation, Breakdown, Interval, Unit, Word, sealed::Sealed},
};

/// A word as it was written: another spelling of a known word stays another word.
#[derive(Debug)]
pub(super) struct ToTheLetter<W>(pub(super) W);

impl<'de, W: Word> Deserialize<'de> for ToTheLetter<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer).map(|text| Self(W::from_wire(&text)))
    }
}

pub(super) fn word_to_the_letter<'de, W: Word, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<W>, D::Error> {
    let word: Option<ToTheLetter<W>> = Deserialize::deserialize(deserializer)?;
    Ok(word.map(|ToTheLetter(word)| word))
}

/// A number, or the numbers of a breakdown.
#[derive(Deserialize)]
struct StoredValue {
    value: Option<Number>,
    values: Option<BTreeMap<String, Number>>,
    unit: ToTheLetter<Unit>,
    aggregation: Option<ToTheLetter<Aggregation>>,
    interval: Option<ToTheLetter<Interval>>,
}

impl StoredValue {
    fn meaning(&mut self) -> Meaning {
        let unit = std::mem::replace(&mut self.unit.0, Unit::Instances);
        let aggregation = self.aggregation.take().map(|ToTheLetter(word)| word);
        let interval = self.interval.take().map(|ToTheLetter(word)| word);
        Meaning { unit, aggregation, interval }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut stored = StoredValue::deserialize(deserializer)?;
        let number = required(stored.value.take(), "value")?;
        Ok(Self::new(number, stored.meaning()))
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MetricVisitor)
    }
}

struct MetricVisitor;

impl<'de> Visitor<'de> for MetricVisitor {
    type Value = Metric;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a metric")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Metric, A::Error> {
        let mut metric = Metric::default();
        while let Some(name) = entries.next_key::<String>()? {
            if name == "extra" {
                metric.extra = entries.next_value::<Map<String, Json>>()?;
            } else {
                let stored = entries.next_value()?;
                take(&mut metric, name, stored).map_err(de::Error::custom)?;
            }
        }
        Ok(metric.in_order())
    }
}

fn take(metric: &mut Metric, name: String, mut stored: StoredValue) -> Result<(), String> {
    let breakdown = Breakdown::from_wire(&name);
    let meaning = stored.meaning();
    match (stored.value, stored.values) {
        (Some(number), None) => {
            let value = Value::new(number, meaning);
            metric.numbers.push(Entry { breakdown, wire: name.into(), value });
        }
        (None, Some(numbers)) => {
            let by_word = numbers.into_iter().map(|(word, number)| (word.into(), number)).collect();
            let value = Values { meaning, by_word };
            metric.breakdowns.push(Entry { breakdown, wire: name.into(), value });
        }
        _ => return Err(format!("{name}: a metric has either `value` or `values`")),
    }
    Ok(())
}

impl<'de> Deserialize<'de> for AnswerTo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Option<Cow<'de, str>>>::deserialize(deserializer)?;
        let fingerprint = text.map(|text| text.parse()).transpose().map_err(de::Error::custom)?;
        Ok(Self(fingerprint))
    }
}

#[derive(Serialize)]
#[serde(rename = "Series")]
struct WrittenSeries<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<&'a Info>,
    points: &'a [Point],
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a Map<String, Json>>,
    #[serde(skip_serializing_if = "AnswerTo::is_unknown")]
    fingerprint: AnswerTo,
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { key, info, points, extra, fingerprint } = self;
        let time_zone = points.first().and_then(|point| point.zone.name());
        let (info, extra) = (info.as_ref(), Some(extra).filter(|extra| !extra.is_empty()));
        WrittenSeries { key, info, points, time_zone, extra, fingerprint: *fingerprint }
            .serialize(serializer)
    }
}

#[derive(Deserialize)]
struct StoredSeries {
    key: String,
    info: Option<Info>,
    points: Vec<Point>,
    time_zone: Option<String>,
    #[serde(default)]
    extra: Map<String, Json>,
    #[serde(default)]
    fingerprint: AnswerTo,
}

impl<'de> Deserialize<'de> for Series {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredSeries { key, info, mut points, time_zone, extra, fingerprint } =
            StoredSeries::deserialize(deserializer)?;
        let zone = time_zone.map(|name| Zone::named(&name)).unwrap_or_default();
        for point in &mut points {
            point.zone = zone.clone();
        }
        Ok(Self { key, info, points, extra, fingerprint })
    }
}

#[derive(Deserialize)]
struct StoredPoint {
    time: String,
    #[serde(default)]
    calls: Metric,
    #[serde(default)]
    time_spent: Metric,
    #[serde(default)]
    extra: Map<String, Json>,
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredPoint { time: time_text, calls, time_spent, extra } =
            StoredPoint::deserialize(deserializer)?;
        let time = time(&time_text)?;
        Ok(Self { time_text, time, zone: Zone::default(), calls, time_spent, extra })
    }
}

/// The fields of all notices. They are read one by one: what serde makes of a tagged enum reads
/// no numbers where another crate has `serde_json` keep their digits.
#[derive(Deserialize)]
struct StoredNotice {
    notice: String,
    asked: Option<Timestamp>,
    sent: Option<Timestamp>,
    interval: Option<ToTheLetter<Interval>>,
    page: Option<u32>,
    reason: Option<String>,
    path: Option<String>,
    place: Option<String>,
    filter: Option<String>,
    word: Option<String>,
    old: Option<String>,
    new: Option<String>,
    what: Option<String>,
    key: Option<String>,
    keys: Option<Vec<String>>,
    rule: Option<String>,
    remedy: Option<String>,
    evidence: Option<String>,
    first: Option<bool>,
    last: Option<bool>,
    kind: Option<String>,
}

impl<'de> Deserialize<'de> for Notice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = StoredNotice::deserialize(deserializer)?;
        Ok(match stored.notice.as_str() {
            "end_trimmed" => Self::EndTrimmed {
                asked: required(stored.asked, "asked")?,
                sent: required(stored.sent, "sent")?,
            },
            "shorter_than_interval" => {
                Self::ShorterThanInterval { interval: required(stored.interval, "interval")?.0 }
            }
            "partial_intervals" => Self::PartialIntervals {
                interval: required(stored.interval, "interval")?.0,
                first: required(stored.first, "first")?,
                last: required(stored.last, "last")?,
            },
            "intervals_left_out" => Self::IntervalsLeftOut {
                interval: required(stored.interval, "interval")?.0,
                first: required(stored.first, "first")?,
                last: required(stored.last, "last")?,
            },
            "rule" => rule(stored)?,
            "paging" => Self::Paging {
                page: required(stored.page, "page")?,
                reason: required(stored.reason, "reason")?,
            },
            "unreadable" => Self::Unreadable {
                path: required(stored.path, "path")?,
                reason: required(stored.reason, "reason")?,
            },
            "unknown_word" => Self::UnknownWord {
                place: required(stored.place, "place")?,
                word: required(stored.word, "word")?,
            },
            "filter_ignored" => Self::FilterIgnored {
                filter: required(stored.filter, "filter")?,
                reason: required(stored.reason, "reason")?,
            },
            "two_names" => Self::TwoNames {
                old: required(stored.old, "old")?,
                new: required(stored.new, "new")?,
            },
            "not_in_response" => Self::NotInResponse { what: required(stored.what, "what")? },
            "all_calls_of_agents" => Self::AllCallsOfAgents,
            "missing_keys" => Self::MissingKeys { keys: required(stored.keys, "keys")? },
            "not_in_use" => Self::NotInUse {
                key: required(stored.key, "key")?,
                reason: required(stored.reason, "reason")?,
            },
            "no_names" => Self::NoNames { reason: required(stored.reason, "reason")? },
            "unknown" => Self::Unknown { kind: required(stored.kind, "kind")? },
            later => Self::Unknown { kind: later.to_owned() },
        })
    }
}

fn rule<E: de::Error>(stored: StoredNotice) -> Result<Notice, E> {
    let evidence = required(stored.evidence, "evidence")?;
    let evidence: &str = &evidence;
    let Ok(evidence) = Evidence::deserialize(StrDeserializer::<E>::new(evidence)) else {
        return Ok(Notice::Unknown { kind: stored.notice });
    };
    let name = required(stored.rule, "rule")?;
    let (word, remedy) = (required(stored.word, "word")?, required(stored.remedy, "remedy")?);
    Problem::stored(&name, word, remedy, evidence).map(Notice::Rule).map_err(E::custom)
}
