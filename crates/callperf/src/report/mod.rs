//! What comes back: records, series of points, and values that know what they are.
//!
//! A value that wasn't asked for, or wasn't sent, is `None`, never zero. What
//! this crate has no word for is kept under its wire name.

pub(crate) mod answer;
pub(crate) mod row;

use std::{borrow::Borrow, borrow::Cow, fmt, marker::PhantomData};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Number, Value as Json};

use self::answer::AnswerTo;
pub(crate) use self::row::{AnyPage, Row};
use crate::words::{
    number,
    period::ResolvedPeriod,
    problem::Problem,
    vocabulary::{
        Aggregation, Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType,
        CompanyHours, Direction, Grouping, Interval, Origin, QueueSla, Unit, Word,
    },
};

/// One number with its unit, and how it came about.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
pub struct Value {
    #[serde(rename = "value")]
    #[schemars(with = "f64")]
    number: Number,
    #[serde(flatten)]
    meaning: Meaning,
}

/// What the numbers of a breakdown are.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Meaning {
    pub(crate) unit: Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aggregation: Option<Aggregation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interval: Option<Interval>,
}

impl Value {
    pub(crate) fn new(number: Number, meaning: Meaning) -> Self {
        Self { number, meaning }
    }

    /// The number.
    ///
    /// Whole numbers beyond 2⁵³ are rounded; [`Value::as_u64`] isn't.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.number.as_f64().unwrap_or(f64::NAN)
    }

    /// The number, where it is whole and not negative.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.number.as_u64()
    }

    /// The number as it was sent, a whole one without a fraction.
    #[must_use]
    pub fn number(&self) -> &Number {
        &self.number
    }

    /// The duration, where the unit is seconds and the number fits.
    #[must_use]
    pub fn as_duration(&self) -> Option<SignedDuration> {
        if self.meaning.unit != Unit::Seconds {
            return None;
        }
        SignedDuration::try_from_secs_f64(self.as_f64()).ok()
    }

    /// Calls, seconds or percent.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.meaning.unit
    }

    /// How calls became this number; `None` where the query didn't ask for it,
    /// since the answer doesn't say.
    #[must_use]
    pub fn aggregation(&self) -> Option<&Aggregation> {
        self.meaning.aggregation.as_ref()
    }

    /// The stretch of time that an average, minimum or maximum is over.
    #[must_use]
    pub fn interval(&self) -> Option<&Interval> {
        self.meaning.interval.as_ref()
    }
}

/// The number without its unit, formatted as an `f64` is: `{value:.1}` has one
/// decimal, and width, fill, alignment and sign hold. Without a precision it is the
/// number as it was sent.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::format(&self.number, f)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.meaning.unit)?;
        for word in
            [self.aggregation().map(Aggregation::as_str), self.interval().map(Interval::as_str)]
                .into_iter()
                .flatten()
        {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

/// A whole number that was sent as a float (`40.0`) is that whole number.
///
/// Both APIs then give the same number; beyond 2⁵³ a float isn't exact, and is
/// left as it is.
pub(crate) fn exact(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number };
    #[expect(clippy::cast_possible_truncation, reason = "it is compared with what it was")]
    let whole = float as i64;
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whole and within 2^53")]
    let is_whole = float.abs() <= EXACT && whole as f64 == float;
    if is_whole { Number::from(whole) } else { number }
}

/// The numbers of one breakdown, by word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Values {
    pub(crate) meaning: Meaning,
    pub(crate) by_word: Vec<(Cow<'static, str>, Number)>,
}

impl Values {
    fn iter(&self) -> impl Iterator<Item = (&str, Value)> {
        let value = |number: &Number| Value::new(number.clone(), self.meaning.clone());
        self.by_word.iter().map(move |(word, number)| (&**word, value(number)))
    }

    fn get(&self, word: &str) -> Option<Value> {
        let (_, number) = self.by_word.iter().find(|(name, _)| name == word)?;
        Some(Value::new(number.clone(), self.meaning.clone()))
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { meaning: Meaning { unit, aggregation, interval }, by_word } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("unit", unit)?;
        if let Some(aggregation) = aggregation {
            map.serialize_entry("aggregation", aggregation)?;
        }
        if let Some(interval) = interval {
            map.serialize_entry("interval", interval)?;
        }
        let mut sorted: Vec<_> = by_word.iter().collect();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        map.serialize_entry("values", &InOrder(&sorted))?;
        map.end()
    }
}

struct InOrder<'a>(&'a [&'a (Cow<'static, str>, Number)]);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(word, number)| (word, number)))
    }
}

/// The numbers of one breakdown, typed by its words.
///
/// Of a breakdown that wasn't asked for, every word is absent.
#[derive(Clone, Copy, Debug)]
pub struct By<'a, W> {
    values: Option<&'a Values>,
    words: PhantomData<W>,
}

impl<'a, W: Word> By<'a, W> {
    /// The value of a word; `None` where it wasn't asked for, or where the API
    /// doesn't have the word.
    #[must_use]
    pub fn get(&self, word: impl Borrow<W>) -> Option<Value> {
        self.values?.get(word.borrow().as_str())
    }

    /// Every word that was sent with its value, sorted by the word's text.
    pub fn iter(&self) -> impl Iterator<Item = (W, Value)> + 'a {
        let all = self.values.into_iter().flat_map(Values::iter);
        let mut entries: Vec<_> = all.map(|(word, value)| (W::from_wire(word), value)).collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries.into_iter()
    }

    /// Whether the breakdown wasn't sent at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.values.is_none()
    }
}

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

/// The same metric of two APIs is equal, whatever they call it.
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

    /// Whether all that was sent is zeros.
    fn is_zero(&self) -> bool {
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

/// What the API says about a key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Info {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extension_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
}

impl Info {
    /// The extension's number, which isn't its key.
    #[must_use]
    pub fn extension_number(&self) -> Option<&str> {
        self.extension_number.as_deref()
    }

    /// The extension's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What this crate has no word for, by wire name.
    #[must_use]
    pub fn extra(&self) -> &Map<String, Json> {
        &self.extra
    }
}

/// The part of the calls that involved one key, added up over the period.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Record {
    pub(crate) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) info: Option<Info>,
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) calls: Metric,
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) time_spent: Metric,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
    /// Which query it answers: four digests, the same for the same query everywhere.
    #[serde(skip_serializing_if = "AnswerTo::is_unknown")]
    #[schemars(with = "String", default)]
    pub(crate) fingerprint: AnswerTo,
}

/// The part of the calls that involved one key, interval by interval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Series {
    pub(crate) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) info: Option<Info>,
    pub(crate) points: Vec<Point>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
    /// Which query it answers: four digests, the same for the same query everywhere.
    #[serde(skip_serializing_if = "AnswerTo::is_unknown")]
    #[schemars(with = "String", default)]
    pub(crate) fingerprint: AnswerTo,
}

/// One interval of a series.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    #[serde(rename = "time")]
    pub(crate) time_text: String,
    #[serde(skip)]
    pub(crate) time: Timestamp,
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) calls: Metric,
    #[serde(skip_serializing_if = "Metric::is_absent")]
    #[schemars(default)]
    pub(crate) time_spent: Metric,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(default)]
    pub(crate) extra: Map<String, Json>,
}

macro_rules! keyed {
    ($($type:ident),+) => {$(
        impl $type {
            /// The key: an extension's id, or a number for company numbers.
            #[must_use]
            pub fn key(&self) -> &str {
                &self.key
            }

            /// What the API says about the key; the beta says nothing.
            #[must_use]
            pub fn info(&self) -> Option<&Info> {
                self.info.as_ref()
            }

            /// The key's name, or the key where the API sends no name.
            #[must_use]
            pub fn label(&self) -> &str {
                self.info().and_then(Info::name).unwrap_or(&self.key)
            }
        }
    )+};
}

macro_rules! with_metrics {
    ($($type:ident),+) => {$(
        impl $type {
            /// The number of calls.
            #[must_use]
            pub fn calls(&self) -> &Metric {
                &self.calls
            }

            /// The time spent, in seconds.
            #[must_use]
            pub fn time_spent(&self) -> &Metric {
                &self.time_spent
            }
        }
    )+};
}

macro_rules! with_extra {
    ($($type:ident),+) => {$(
        impl $type {
            /// What this crate has no word for, by wire name.
            #[must_use]
            pub fn extra(&self) -> &Map<String, Json> {
                &self.extra
            }
        }
    )+};
}

keyed!(Record, Series);
with_metrics!(Record, Point);
with_extra!(Record, Series, Point);

impl Series {
    /// The points, in the order of the answer.
    ///
    /// The zero of an interval that the query's days and hours leave out isn't among
    /// them: it wasn't asked for. Any other number of such an interval is.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}

impl Point {
    /// Whether all that was sent is zeros.
    pub(crate) fn is_zero(&self) -> bool {
        self.calls.is_zero() && self.time_spent.is_zero() && self.extra.is_empty()
    }

    /// The instant that stands for the interval.
    ///
    /// That it is the interval's start is what the sandbox assumes; the API's
    /// documents don't say.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The same as it was sent; its offset is part of the value.
    #[must_use]
    pub fn time_text(&self) -> &str {
        &self.time_text
    }
}

/// One page of an answer. As JSON it has what is there, and the period's ends as
/// instants.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of the page, in the order of the answer.
    pub records: Vec<T>,
    /// The number of the page, from 1; `None` where the API doesn't page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// How many records a page may hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// How many pages there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<u64>,
    /// How many records there are on all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_records: Option<u64>,
    /// What the records are, as the API says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouped_by: Option<Grouping>,
    /// The period that was asked for.
    pub period: ResolvedPeriod,
    /// What the caller should know of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// What this crate has no word for, by wire name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Json>,
    /// How many records the response has that can't be read.
    #[serde(skip)]
    pub(crate) left_out: u64,
}

/// Something that a reader of the report should know. As JSON it has its kind in
/// `notice`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Notice {
    /// The period's end was too close to now, and was moved.
    EndTrimmed {
        /// The end that was asked for.
        asked: Timestamp,
        /// The end that was sent.
        sent: Timestamp,
    },
    /// A rule that nobody but third parties states was broken, or
    /// `Query::unchecked` overrode one.
    Rule(Problem),
    /// The pages of the answer don't go together: records may be missing, and
    /// one that came twice is given once.
    Paging {
        /// The page on which it showed.
        page: u32,
        /// What doesn't go together.
        reason: String,
    },
    /// A part of the response that can't be read was left out: a metric, a point, or a
    /// record of which no number can be read.
    Unreadable {
        /// The part's JSON path.
        path: String,
        /// Why it can't be read.
        reason: String,
    },
    /// The query has a word that this version doesn't know. It is sent to the letter.
    UnknownWord {
        /// The part of the query that has it.
        place: String,
        /// The word.
        word: String,
    },
    /// The query asks for numbers that no record of the page, or of the pull, has.
    NotInResponse {
        /// The metric with its breakdown.
        what: String,
    },
    /// The query is about the agents of certain queues and counts all of their calls,
    /// also those of other queues and of none. [`Filter::queues`](crate::Filter::queues)
    /// counts the calls of certain queues alone.
    AllCallsOfAgents,
    /// The query names keys that no record of the whole pull has.
    MissingKeys {
        /// The keys, sorted.
        keys: Vec<String>,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndTrimmed { asked, sent } => {
                // To the minute: no reader compares seconds.
                let minute =
                    |instant: &Timestamp| instant.strftime("%Y-%m-%d %H:%M UTC").to_string();
                let (sent, asked) = (minute(sent), minute(asked));
                write!(f, "the period ends at {sent}, not {asked}: the latest calls may be missing")
            }
            Self::Rule(problem) => problem.fmt(f),
            Self::Paging { page, reason } => write!(f, "page {page}: {reason}"),
            Self::Unreadable { path, reason } => {
                write!(f, "{path} can't be read and was left out: {reason}")
            }
            Self::UnknownWord { place, word } => {
                write!(f, "{place}: {word:?} is unknown to this version; it is sent as it is")
            }
            Self::AllCallsOfAgents => f.write_str(
                "all calls of the agents are counted, not only those of the queues; \
                 Filter::queues (--where queue=ID) counts those alone",
            ),
            Self::NotInResponse { what } => write!(f, "{what}: asked for, not in the response"),
            Self::MissingKeys { keys } => {
                const SHOWN: usize = 10;
                let plural = if keys.len() == 1 { "" } else { "s" };
                let shown = keys[..keys.len().min(SHOWN)].join(", ");
                write!(f, "no record for key{plural} {shown}")?;
                match keys.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(json: Json) -> Number {
        serde_json::from_value(json).unwrap()
    }

    fn calls(aggregation: Option<Aggregation>) -> Meaning {
        Meaning { unit: Unit::Instances, aggregation, interval: None }
    }

    #[test]
    fn a_whole_float_is_a_whole_number_and_nothing_else_changes() {
        assert_eq!(exact(number(json!(40.0))), number(json!(40)));
        assert_eq!(exact(number(json!(17.29))), number(json!(17.29)));
        assert_eq!(exact(number(json!(9_007_199_254_740_993_u64))).to_string(), "9007199254740993");
        assert_eq!(exact(number(json!(1e300))), number(json!(1e300)));
    }

    #[test]
    fn a_trimmed_end_is_said_to_the_minute() {
        let at = |text: &str| text.parse().unwrap();
        let notice = Notice::EndTrimmed {
            asked: at("2026-12-01T00:00:00.123456789Z"),
            sent: at("2026-11-24T11:58:07Z"),
        };
        assert_eq!(
            notice.to_string(),
            "the period ends at 2026-11-24 11:58 UTC, not 2026-12-01 00:00 UTC: the latest calls \
             may be missing"
        );
    }

    #[test]
    fn absent_is_not_zero() {
        let metric = Metric {
            breakdowns: vec![Entry {
                breakdown: Breakdown::Result,
                wire: "callsByResult".into(),
                value: Values {
                    meaning: calls(Some(Aggregation::Sum)),
                    by_word: vec![("abandoned".into(), Number::from(0))],
                },
            }],
            ..Metric::default()
        };
        let by_wire_name = Breakdown::from("callsByResult");
        assert!(metric.get(&by_wire_name, "abandoned").is_some());
        let zero = metric.by_result().get(CallResult::Abandoned).unwrap();
        assert_eq!(zero.as_u64(), Some(0));
        assert_eq!(metric.by_result().get(CallResult::Missed), None);
        assert!(metric.by_direction().is_absent());
        assert_eq!(metric.total(), None);
    }

    #[test]
    fn a_value_says_what_it_is() {
        let value = Value::new(
            number(json!(12.5)),
            Meaning {
                unit: Unit::Seconds,
                aggregation: Some(Aggregation::Average),
                interval: Some(Interval::Day),
            },
        );
        assert_eq!(format!("{value:?}"), "12.5 Seconds Average Day");
        assert_eq!(value.as_duration(), Some(SignedDuration::from_millis(12_500)));
        assert_eq!(
            serde_json::to_value(&value).unwrap(),
            json!({"value": 12.5, "unit": "Seconds", "aggregation": "Average", "interval": "Day"})
        );
        assert_eq!(Value::new(Number::from(3), calls(None)).as_duration(), None);
    }
}
