//! A metric: as a total, and broken down.

use std::{borrow::Cow, marker::PhantomData};

use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Number, Value as Json};

use super::{
    by_word::{By, Values},
    value::{Meaning, Value},
};
use crate::words::vocabulary::{
    Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours,
    Direction, EndingParty, Origin, QueueHours, QueueSla,
};

/// One metric of a record or a point: as a total, and broken down.
///
/// Wherever a [`Breakdown`] is taken, the metric's name in the response is, too:
/// `Breakdown::from("callsActions")`. A program that read a breakdown by that
/// name before the crate had a word for it goes on finding it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric {
    pub(crate) numbers: Vec<Entry<Value>>,
    pub(crate) breakdowns: Vec<Entry<Values>>,
    pub(crate) extra: Map<String, Json>,
}

/// A metric with its name in the answer.
#[derive(Clone, Debug)]
pub(crate) struct Entry<T> {
    pub(crate) breakdown: Breakdown,
    pub(crate) wire: Cow<'static, str>,
    pub(crate) value: T,
}

/// The same metric of two APIs is equal under both names.
impl<T: PartialEq> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.breakdown == other.breakdown && self.value == other.value
    }
}

/// The entries of a breakdown; several where a name of the beta's response holds
/// the words of two. A breakdown that came under a name which that API doesn't have
/// for it is found as well.
fn named<'a, 'b, T>(
    entries: &'a [Entry<T>],
    breakdown: &'b Breakdown,
) -> impl Iterator<Item = &'a T> + use<'a, 'b, T> {
    let is_named = move |Entry { breakdown: own, wire, .. }: &&Entry<T>| {
        own == breakdown
            || (!breakdown.is_known() && wire == breakdown.as_str())
            || (!own.is_known() && Breakdown::from(own.as_str()) == *breakdown)
    };
    entries.iter().filter(is_named).map(|entry| &entry.value)
}

macro_rules! breakdowns {
    ($($(#[$meta:meta])* $name:ident: $breakdown:ident => $word:ty;)+) => {
        impl Metric {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $name(&self) -> By<'_, $word> {
                    self.words(&Breakdown::$breakdown)
                }
            )+
        }
    };
}

breakdowns! {
    /// By direction, seen from the key.
    by_direction: Direction => Direction;
    /// By where the calls began.
    by_origin: Origin => Origin;
    /// By whether the calls were picked up or reached.
    by_response: Response => CallResponse;
    /// By how the calls came to the key.
    by_type: Type => CallType;
    /// By how the calls ended.
    by_result: Result => CallResult;
    /// By phase: calls that had it, or the seconds in it.
    by_segment: Segment => CallSegment;
    /// By what the key did; counts actions, not calls.
    by_action: Action => CallAction;
    /// By business hours and after hours.
    by_company_hours: CompanyHours => CompanyHours;
    /// By whether the queue answered within its limit.
    by_queue_sla: QueueSla => QueueSla;
    /// By the party that ended the calls.
    by_ending_party: EndingParty => EndingParty;
    /// By the queue's own business hours and after them.
    by_queue_hours: QueueHours => QueueHours;
}

impl Metric {
    /// All calls of the record, or all time spent.
    #[must_use]
    pub fn total(&self) -> Option<&Value> {
        self.known_number(&Breakdown::Total)
    }

    /// How often a queue call was presented to the user.
    #[must_use]
    pub fn queue_opportunities(&self) -> Option<&Value> {
        self.known_number(&Breakdown::QueueOpportunities)
    }

    fn known_number(&self, breakdown: &Breakdown) -> Option<&Value> {
        let entry = self.numbers.iter().find(|entry| entry.breakdown == *breakdown);
        entry.map(|entry| &entry.value)
    }

    /// A metric that is one number, by the name that it has in the response
    /// where this crate has no word for it.
    #[must_use]
    pub fn number(&self, breakdown: &Breakdown) -> Option<&Value> {
        named(&self.numbers, breakdown).next()
    }

    /// The metrics that are one number and are here, in the order of the
    /// vocabulary.
    pub fn numbers(&self) -> impl Iterator<Item = &Breakdown> {
        self.numbers.iter().map(|entry| &entry.breakdown)
    }

    /// The breakdowns that are here, in the order of the vocabulary.
    pub fn breakdowns(&self) -> impl Iterator<Item = &Breakdown> {
        self.breakdowns.iter().map(|entry| &entry.breakdown)
    }

    /// Returns one value, by breakdown and word: a known word in any of its
    /// spellings; for breakdowns and words that this crate doesn't know, the names
    /// of the response.
    #[must_use]
    pub fn get(&self, breakdown: &Breakdown, word: &str) -> Option<Value> {
        let find =
            |word: &str| named(&self.breakdowns, breakdown).find_map(|values| values.get(word));
        find(word).or_else(|| find(&breakdown.word_spelled(word)?))
    }

    /// Whether something came for a breakdown, in a shape that is understood or not.
    pub(crate) fn has(&self, breakdown: &Breakdown) -> bool {
        let is_its = |name: &String| Breakdown::from(name.as_str()) == *breakdown;
        named(&self.numbers, breakdown).next().is_some()
            || named(&self.breakdowns, breakdown).next().is_some()
            || self.extra.keys().any(is_its)
    }

    /// The words of a breakdown with their values, sorted by word.
    #[must_use]
    pub fn entries(&self, breakdown: &Breakdown) -> Vec<(String, Value)> {
        let mut entries: Vec<_> = named(&self.breakdowns, breakdown)
            .flat_map(Values::iter)
            .map(|(word, value)| (word.to_owned(), value))
            .collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries
    }

    /// What was sent beside the numbers, by wire name.
    #[must_use]
    pub fn extra(&self) -> &Map<String, Json> {
        &self.extra
    }

    /// Whether nothing of this metric was sent.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.numbers.is_empty() && self.breakdowns.is_empty() && self.extra.is_empty()
    }

    /// Returns the metric without what came for a breakdown.
    #[must_use]
    pub fn without(mut self, breakdown: &Breakdown) -> Self {
        self.numbers.retain(|entry| entry.breakdown != *breakdown);
        self.breakdowns.retain(|entry| entry.breakdown != *breakdown);
        self
    }

    /// Whether all that was sent is zeros.
    pub(crate) fn is_zero(&self) -> bool {
        let is_zero = |number: &Number| number.as_f64() == Some(0.0);
        let mut words = self.breakdowns.iter().flat_map(|entry| &entry.value.by_word);
        self.numbers.iter().all(|entry| is_zero(entry.value.number()))
            && words.all(|(_, number)| is_zero(number))
            && self.extra.is_empty()
    }

    /// Puts known metrics in the order of the vocabulary, and unknown ones after
    /// them in that of their names.
    pub(crate) fn in_order(mut self) -> Self {
        in_order(&mut self.numbers);
        in_order(&mut self.breakdowns);
        self
    }

    fn words<W>(&self, breakdown: &Breakdown) -> By<'_, W> {
        let entry = self.breakdowns.iter().find(|entry| entry.breakdown == *breakdown);
        By { values: entry.map(|entry| &entry.value), words: PhantomData }
    }
}

fn in_order<T>(entries: &mut [Entry<T>]) {
    fn rank<T>(Entry { breakdown, .. }: &Entry<T>) -> (usize, &Breakdown) {
        let known = Breakdown::KNOWN.iter().position(|known| known == breakdown);
        (known.unwrap_or(Breakdown::KNOWN.len()), breakdown)
    }
    entries.sort_by(|one, other| rank(one).cmp(&rank(other)));
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for Entry { breakdown, value, .. } in &self.numbers {
            map.serialize_entry(breakdown.as_str(), value)?;
        }
        for Entry { breakdown, value, .. } in &self.breakdowns {
            map.serialize_entry(breakdown.as_str(), value)?;
        }
        if !self.extra.is_empty() {
            map.serialize_entry("extra", &self.extra)?;
        }
        map.end()
    }
}

impl JsonSchema for Metric {
    fn schema_name() -> Cow<'static, str> {
        "Metric".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let number = generator.subschema_for::<Value>().to_value();
        let meaning = Meaning::json_schema(generator).to_value();
        let mut by_word = meaning;
        by_word["properties"]["values"] =
            serde_json::json!({"type": "object", "additionalProperties": {"type": "number"}});
        by_word["required"] = serde_json::json!(["unit", "values"]);
        by_word["description"] = "The numbers of one breakdown, by word.".into();
        let mut properties = Map::new();
        for breakdown in Breakdown::KNOWN {
            let is_number = matches!(breakdown, Breakdown::Total | Breakdown::QueueOpportunities);
            let schema = if is_number { number.clone() } else { by_word.clone() };
            properties.insert(breakdown.as_str().to_owned(), schema);
        }
        properties.insert(
            "extra".to_owned(),
            serde_json::json!({"type": "object", "description": "What this crate has no word for, by wire name."}),
        );
        schemars::json_schema!({
            "type": "object",
            "description": "One metric: as a total and broken down. What wasn't asked for or sent is absent.",
            "properties": properties,
            "additionalProperties": {"anyOf": [number, by_word]},
        })
    }
}
