//! From a response of either API to records: nothing is lost, and one bad record
//! doesn't fail its page.

use std::borrow::Cow;

use callperf_raw::calls_v1::types::AllCalls;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Number, Value as Json};

use super::salvage::Losses;
use crate::{
    plan::Plan,
    query::Measure,
    report::{Entry, Meaning, Metric, Page, Value, Values, exact},
    words::{
        error::{Error, ErrorKind, Result},
        metric::MetricName,
        vocabulary::{Aggregation, Breakdown, Unit, sealed::Sealed as _},
    },
};

/// The words that were sent, with their numbers.
pub(super) type Words = Vec<(Cow<'static, str>, Number)>;

/// A breakdown as an API sent it.
pub(super) struct Sent {
    pub(super) unit: Option<String>,
    pub(super) words: Words,
    /// What the generated type doesn't know among the words.
    pub(super) other_words: Map<String, Json>,
    /// What the generated type doesn't know beside the words.
    pub(super) extra: Map<String, Json>,
}

/// The words of a generated breakdown type, in the domain's spelling.
macro_rules! words {
    ($values:expr, $($word:path => $field:ident),+ $(,)?) => {
        crate::wire::decode::sent([$( (crate::words::vocabulary::Word::to_cow(&$word), $values.$field) ),+])
    };
}
pub(super) use words;

/// The words of these that were sent.
pub(super) fn sent<const N: usize>(words: [(Cow<'static, str>, Option<Number>); N]) -> Words {
    let mut sent = Vec::with_capacity(N);
    for (word, number) in words {
        if let Some(number) = number {
            sent.push((word, exact(number)));
        }
    }
    sent
}

/// Puts a metric together from what was sent.
pub(super) struct MetricBuilder<'q> {
    name: MetricName,
    measures: &'q [Measure],
    metric: Metric,
}

impl<'q> MetricBuilder<'q> {
    pub(super) fn new(name: MetricName, plan: &'q Plan) -> Self {
        let measures = plan.query.measures_of(name);
        let breakdowns = Vec::with_capacity(measures.len());
        Self { name, measures, metric: Metric { breakdowns, ..Metric::default() } }
    }

    pub(super) fn measure(&self, breakdown: &Breakdown) -> Option<&'q Measure> {
        self.measures.iter().find(|measure| measure.breakdown == *breakdown)
    }

    pub(super) fn measures(&self) -> &'q [Measure] {
        self.measures
    }

    /// What was asked for a metric of the answer: by its word, or by its name.
    fn meaning(&self, breakdown: &Breakdown, wire: &str, unit: Option<&str>) -> Meaning {
        let by_name = || self.measures.iter().find(|one| one.breakdown.as_str() == wire);
        let measure = self.measure(breakdown).or_else(by_name);
        let aggregation = measure.map(|measure| measure.aggregation.clone());
        let unit = match (unit, &aggregation, self.name) {
            (Some(unit), _, _) => Unit::from_wire(unit),
            (None, Some(Aggregation::Percent), _) => Unit::Percent,
            (None, _, MetricName::Calls) => Unit::Instances,
            (None, _, MetricName::TimeSpent) => Unit::Seconds,
        };
        Meaning { unit, aggregation, interval: measure.and_then(|one| one.interval.clone()) }
    }

    pub(super) fn number(
        &mut self,
        breakdown: Breakdown,
        wire: impl Into<Cow<'static, str>>,
        unit: Option<&str>,
        number: Option<Number>,
    ) {
        if let Some(number) = number {
            let wire = wire.into();
            let value = Value::new(exact(number), self.meaning(&breakdown, &wire, unit));
            self.metric.numbers.push(Entry { breakdown, wire, value });
        }
    }

    /// Adds the words of a breakdown, which may come in several parts.
    pub(super) fn words(
        &mut self,
        breakdown: Breakdown,
        wire: impl Into<Cow<'static, str>>,
        unit: Option<&str>,
        words: Words,
    ) {
        let begun = self.metric.breakdowns.iter_mut().find(|entry| entry.breakdown == breakdown);
        if let Some(entry) = begun {
            entry.value.by_word.extend(words);
        } else {
            let wire = wire.into();
            let meaning = self.meaning(&breakdown, &wire, unit);
            let value = Values { meaning, by_word: words };
            self.metric.breakdowns.push(Entry { breakdown, wire, value });
        }
    }

    /// A breakdown and what came with it; `wire` is its name in the answer.
    pub(super) fn breakdown(
        &mut self,
        breakdown: Breakdown,
        wire: &'static str,
        sent: Option<impl Into<Sent>>,
    ) {
        let Some(sent) = sent else { return };
        let mut sent: Sent = sent.into();
        self.other_words(wire, sent.other_words, &mut sent.words);
        self.words(breakdown, wire, sent.unit.as_deref(), sent.words);
        self.keep(wire, sent.extra);
    }

    /// Adds the words that the generated type doesn't know; one that isn't a number
    /// is kept as it was sent.
    pub(super) fn other_words(&mut self, wire: &str, other: Map<String, Json>, words: &mut Words) {
        if other.is_empty() {
            return;
        }
        let mut kept = Map::new();
        for (word, value) in other {
            match value {
                Json::Number(number) => words.push((word.into(), exact(number))),
                Json::Null => {}
                value => {
                    kept.insert(word, value);
                }
            }
        }
        if !kept.is_empty() {
            self.keep(wire, Map::from_iter([(AllCalls::values.to_owned(), Json::Object(kept))]));
        }
    }

    pub(super) fn keep(&mut self, wire: &str, extra: Map<String, Json>) {
        if extra.is_empty() {
            return;
        }
        let entry = self.metric.extra.entry(wire).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(kept) = entry {
            kept.extend(extra);
        }
    }

    /// The metrics that the generated type doesn't know: read like the others
    /// where they have their shape, kept as they are otherwise.
    pub(super) fn unknown(&mut self, extra: Map<String, Json>) {
        for (wire, value) in extra {
            let breakdown = Breakdown::from_wire(&wire);
            match shape(&value) {
                Some((unit, Json::Number(number))) => {
                    self.number(breakdown, wire.clone(), unit, Some(number.clone()));
                }
                Some((unit, Json::Object(by_word))) => {
                    let numbers = by_word.iter().filter_map(|(word, number)| {
                        Some((Cow::Owned(word.clone()), exact(number.as_number()?.clone())))
                    });
                    self.words(breakdown, wire.clone(), unit, numbers.collect());
                }
                _ => {
                    self.metric.extra.insert(wire, value);
                }
            }
        }
    }

    pub(super) fn build(self) -> Metric {
        self.metric.in_order()
    }
}

/// The unit and the numbers of a metric of today's shape, or of the beta's.
fn shape(value: &Json) -> Option<(Option<&str>, &Json)> {
    let is_numbers = |value: &Json| {
        value.is_number() || value.as_object().is_some_and(|map| map.values().all(Json::is_number))
    };
    let names = [AllCalls::values, AllCalls::value_type];
    let (unit, values) = match value.as_object() {
        Some(map) if map.contains_key(AllCalls::values) => {
            let known = map.keys().all(|name| names.contains(&name.as_str()));
            let unit = map.get(AllCalls::value_type);
            if !known || unit.is_some_and(|unit| !unit.is_string()) {
                return None;
            }
            (unit.and_then(Json::as_str), &map[AllCalls::values])
        }
        _ => (None, value),
    };
    is_numbers(values).then_some((unit, values))
}

/// A successful response: a value, or a body of another shape.
pub(crate) type Answer<T> = std::result::Result<T, Vec<u8>>;

/// A generated type as JSON.
pub(super) fn as_json(item: &impl Serialize) -> Json {
    serde_json::to_value(item).unwrap_or_default()
}

/// An answer's bytes in its generated type; those that don't fit, and those with a null, are given
/// back, as the transport gives them.
pub(crate) fn typed<A: DeserializeOwned>(body: &[u8]) -> Answer<A> {
    let text = callperf_raw::text(body).ok().filter(|text| !callperf_raw::may_have_null(text));
    text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| body.to_vec())
}

/// Finishes a page: says what was left out of it, or fails if the client is strict.
///
/// Whether anything can be read at all shows at the end of a pull, not on a page.
pub(super) fn finish<T>(plan: &Plan, mut page: Page<T>, losses: Losses<'_>) -> Result<Page<T>> {
    if let Some(first) = losses.first().filter(|_| plan.is_strict) {
        let reason = format!("the answer isn't understood: {}: {}", first.path, first.reason);
        return Err(Error::new(ErrorKind::Answer, reason));
    }
    let nothing_sent = page.records.is_empty() && losses.records() == 0;
    if let (true, Some(1), Some(total)) = (nothing_sent, page.page, page.total_records)
        && total > 0
    {
        let reason = format!("the answer isn't understood: it counts {total} records and has none");
        return Err(Error::new(ErrorKind::Answer, reason));
    }
    page.left_out = losses.records();
    page.notices.clone_from(&plan.notices);
    page.notices.extend(losses.into_notices());
    Ok(page)
}

/// A count of a paging block. One that is no whole number is as good as absent.
pub(super) fn count(number: Option<&Number>) -> Option<u64> {
    exact(number?.clone()).as_u64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_metric_of_tomorrow_has_the_shape_of_todays() {
        assert_eq!(shape(&json!(3)), Some((None, &json!(3))));
        assert_eq!(shape(&json!({"a": 1, "b": 2.5})), Some((None, &json!({"a": 1, "b": 2.5}))));
        assert_eq!(
            shape(&json!({"valueType": "Percent", "values": {"a": 1}})),
            Some((Some("Percent"), &json!({"a": 1})))
        );
        assert_eq!(shape(&json!("text")), None);
        assert_eq!(shape(&json!({"a": {"b": 1}})), None);
        assert_eq!(shape(&json!({"valueType": "Percent", "values": 1, "trend": 2})), None);
    }
}
