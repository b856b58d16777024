//! What each figure is computed from, as data: sums over calls, and the query
//! that each sum can be had from.

use super::figure::Kpi;
use crate::{
    query::{Filter, Length, Measure},
    report::Metric,
    words::{
        metric::MetricName,
        vocabulary::{Aggregation, Breakdown, CallResponse, CallResult, Direction, Unit},
    },
};

/// The calls that a sum is over. Two scopes need two queries, because a query's
/// filters hold for all that it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Inbound calls.
    Inbound,
    /// Inbound calls that were answered.
    Answered,
    /// Inbound calls that were abandoned and never answered.
    AbandonedUnanswered,
    /// Of these, the calls that lasted no longer than the set's short ones.
    AbandonedShortly,
    /// Inbound calls once more, for what can't be asked beside the sums of them.
    AnsweredOrNot,
    /// Calls of both directions.
    All,
}

impl Scope {
    pub(super) const KNOWN: [Self; 6] = [
        Self::Inbound,
        Self::Answered,
        Self::AbandonedUnanswered,
        Self::AbandonedShortly,
        Self::AnsweredOrNot,
        Self::All,
    ];

    /// The name in exported tables; the history's folders have the same.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Answered => "answered",
            Self::AbandonedUnanswered => "abandoned_unanswered",
            Self::AbandonedShortly => "abandoned_shortly",
            Self::AnsweredOrNot => "answered_or_not",
            Self::All => "all",
        }
    }

    /// `short` is how long a short abandoned call lasts.
    pub(super) fn filters(self, short: Option<Length>) -> Vec<Filter> {
        let inbound = || Filter::from(Direction::Inbound);
        match self {
            Self::Inbound => vec![inbound()],
            Self::Answered => vec![inbound(), CallResponse::Answered.into()],
            Self::AbandonedUnanswered => {
                vec![inbound(), CallResponse::NotAnswered.into(), CallResult::Abandoned.into()]
            }
            Self::AbandonedShortly => {
                let abandoned = Self::AbandonedUnanswered.filters(None);
                abandoned.into_iter().chain(short.map(Filter::TimeSpent)).collect()
            }
            Self::AnsweredOrNot => {
                vec![inbound(), [CallResponse::Answered, CallResponse::NotAnswered].into()]
            }
            Self::All => Vec::new(),
        }
    }
}

/// Where a number stands: in which query's answer, and there under which word.
#[derive(Debug, PartialEq)]
pub(super) struct NumberSource {
    pub(super) scope: Scope,
    pub(super) metric: MetricName,
    pub(super) breakdown: Breakdown,
    /// `None` for a metric that is one number.
    pub(super) word: Option<&'static str>,
    pub(super) aggregation: Aggregation,
}

/// The metrics that one answer has for a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums<'a> {
    pub(super) calls: &'a Metric,
    pub(super) time_spent: &'a Metric,
}

impl NumberSource {
    /// What asks for it.
    pub(super) fn measure(&self) -> Measure {
        Measure::new(self.breakdown.clone(), self.aggregation.clone())
    }

    /// The number; `None` where it isn't there, or is aggregated in another way.
    pub(super) fn read(&self, sums: Sums<'_>) -> Option<f64> {
        let metric = match self.metric {
            MetricName::Calls => sums.calls,
            MetricName::TimeSpent => sums.time_spent,
        };
        let value = match self.word {
            Some(word) => metric.get(&self.breakdown, word)?,
            None => metric.number(&self.breakdown)?.clone(),
        };
        let is_it = match value.aggregation() {
            Some(aggregation) => *aggregation == self.aggregation,
            None => self.aggregation == Aggregation::Sum,
        };
        let is_it = is_it && *value.unit() != Unit::Percent;
        Some(value.as_f64()).filter(|number| is_it && number.is_finite())
    }
}

const fn calls(scope: Scope, breakdown: Breakdown, word: &'static str) -> NumberSource {
    let (metric, aggregation) = (MetricName::Calls, Aggregation::Sum);
    NumberSource { scope, metric, breakdown, word: Some(word), aggregation }
}

const fn number(scope: Scope, metric: MetricName, breakdown: Breakdown) -> NumberSource {
    NumberSource { scope, metric, breakdown, word: None, aggregation: Aggregation::Sum }
}

const fn all_calls(scope: Scope) -> NumberSource {
    number(scope, MetricName::Calls, Breakdown::Total)
}

const fn all_seconds(scope: Scope) -> NumberSource {
    number(scope, MetricName::TimeSpent, Breakdown::Total)
}

const fn segment(scope: Scope, word: &'static str, aggregation: Aggregation) -> NumberSource {
    let (metric, breakdown) = (MetricName::TimeSpent, Breakdown::Segment);
    NumberSource { scope, metric, breakdown, word: Some(word), aggregation }
}

const fn seconds(scope: Scope, word: &'static str) -> NumberSource {
    segment(scope, word, Aggregation::Sum)
}

/// A sum that a formula speaks of.
#[derive(Debug)]
pub(super) struct Input {
    /// Its name in the formula.
    pub(super) name: &'static str,
    /// Where it can be had, the first choice first; all give the same number.
    pub(super) sources: &'static [NumberSource],
    /// Sums that contain it: where one of them is zero, it is zero as well.
    pub(super) parts_of: &'static [NumberSource],
}

use Breakdown as B;
use Scope::{AbandonedShortly, AbandonedUnanswered, All, Answered, AnsweredOrNot, Inbound};

macro_rules! inputs {
    ($($(#[$meta:meta])* $name:ident = $text:literal, $sources:expr $(, part of $parts_of:expr)?;)+) => {
        $(
            $(#[$meta])*
            static $name: Input = Input {
                name: $text,
                sources: &$sources,
                parts_of: inputs!(@parts $($parts_of)?),
            };
        )+
        /// For the tests.

impl Kpi {
    /// How it is computed, in words.
    #[must_use]
    pub fn formula(&self) -> String {
        Formula::of(*self).text()
    }
}

#[cfg(test)]
        pub(super) static INPUTS: &[&Input] = &[$(&$name,)+];
    };
    (@parts) => { &[] };
    (@parts $parts_of:expr) => { &$parts_of };
}

inputs! {
    OFFERED = "offered", [all_calls(Inbound), calls(All, B::Direction, "inbound")];
    ANSWERED = "answered", [calls(Inbound, B::Response, "answered")];
    /// For figures that are `None` without answered calls, so that a key which
    /// the narrower answer leaves out comes to the same.
    ANSWERED_IF_ANY = "answered", [
        calls(Inbound, B::Response, "answered"),
        all_calls(Answered),
    ];
    ANSWERED_ALONE = "answered", [all_calls(Answered)];
    ABANDONED = "abandoned", [calls(Inbound, B::Result, "abandoned")];
    ABANDONED_UNANSWERED = "abandoned before an answer", [all_calls(AbandonedUnanswered)],
        part of [
            calls(Inbound, B::Result, "abandoned"),
            calls(Inbound, B::Response, "notAnswered"),
            calls(All, B::Result, "abandoned"),
            calls(All, B::Response, "notAnswered"),
        ];
    ABANDONED_SHORTLY = "abandoned shortly", [all_calls(AbandonedShortly)],
        part of [
            calls(Inbound, B::Result, "abandoned"),
            calls(Inbound, B::Response, "notAnswered"),
            all_calls(AbandonedUnanswered),
        ];
    WAIT_OF_ABANDONED = "seconds of calls abandoned before an answer", [
        all_seconds(AbandonedUnanswered),
    ];
    ABANDONED_ALONE = "abandoned before an answer", [all_calls(AbandonedUnanswered)];
    LONGEST_RINGING = "most seconds of ringing of a call", [
        segment(AnsweredOrNot, "ringing", Aggregation::Max),
    ];
    VOICEMAIL = "voicemail", [calls(Inbound, B::Result, "voicemail")];
    MISSED = "missed", [calls(Inbound, B::Result, "missed")];
    IN_SLA = "in SLA", [calls(Inbound, B::QueueSla, "inSla")];
    OUT_OF_SLA = "out of SLA", [calls(Inbound, B::QueueSla, "outOfSla")];
    RINGING = "seconds of ringing of answered calls", [seconds(Answered, "ringing")];
    TALK = "seconds of talk on inbound calls", [
        seconds(Inbound, "liveTalk"),
        seconds(Answered, "liveTalk"),
    ];
    HOLD = "seconds of hold on inbound calls", [
        seconds(Inbound, "hold"),
        seconds(Answered, "hold"),
    ];
    WITH_HOLD = "inbound calls with a hold", [
        calls(Inbound, B::Segment, "hold"),
        calls(Answered, B::Segment, "hold"),
    ];
    BLIND = "blind transfers", [
        calls(Inbound, B::Action, "blindTransfer"),
        calls(Answered, B::Action, "blindTransfer"),
    ];
    WARM = "warm transfers", [
        calls(Inbound, B::Action, "warmTransfer"),
        calls(Answered, B::Action, "warmTransfer"),
    ];
    DTMF = "DTMF transfers", [
        calls(Inbound, B::Action, "dtmfTransfer"),
        calls(Answered, B::Action, "dtmfTransfer"),
    ];
    ALL_TALK = "seconds of talk", [seconds(All, "liveTalk")];
    ALL_HOLD = "seconds of hold", [seconds(All, "hold")];
    FROM_QUEUE = "answered from a queue", [calls(All, B::Type, "fromQueue")];
    OPPORTUNITIES = "queue opportunities", [
        number(All, MetricName::Calls, B::QueueOpportunities),
    ];
}

/// A number, or one over another.
#[derive(Debug)]
pub(super) struct Formula {
    pub(super) numerator: Terms,
    pub(super) denominator: Denominator,
}

/// Numbers added up, and others taken away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) plus: &'static [&'static Input],
    pub(super) minus: &'static [&'static Input],
}

#[derive(Debug)]
pub(super) enum Denominator {
    Nothing,
    Terms(Terms),
    /// The seconds that the key was staffed, which the API doesn't know.
    StaffedTime,
}

const fn sum(plus: &'static [&'static Input]) -> Terms {
    Terms { plus, minus: &[] }
}

const fn over(plus: &'static [&'static Input]) -> Denominator {
    Denominator::Terms(sum(plus))
}

macro_rules! formulas {
    ($($kpi:ident: $numerator:expr, $over:expr;)+) => {
        impl Formula {
            pub(super) fn of(kpi: Kpi) -> &'static Self {
                match kpi {
                    $(Kpi::$kpi => {
                        static FORMULA: Formula =
                            Formula { numerator: $numerator, denominator: $over };
                        &FORMULA
                    })+
                }
            }
        }
    };
}

use Denominator::{Nothing, StaffedTime};

formulas! {
    Offered: sum(&[&OFFERED]), Nothing;
    Answered: sum(&[&ANSWERED]), Nothing;
    AnswerRate: sum(&[&ANSWERED]), over(&[&OFFERED]);
    AbandonmentRate: sum(&[&ABANDONED]), over(&[&OFFERED]);
    AbandonmentRateBeforeAnswer: sum(&[&ABANDONED_UNANSWERED]), over(&[&OFFERED]);
    AbandonmentRateWithoutShort:
        Terms { plus: &[&ABANDONED_UNANSWERED], minus: &[&ABANDONED_SHORTLY] },
        Denominator::Terms(Terms { plus: &[&OFFERED], minus: &[&ABANDONED_SHORTLY] });
    VoicemailRate: sum(&[&VOICEMAIL]), over(&[&OFFERED]);
    MissedRate: sum(&[&MISSED]), over(&[&OFFERED]);
    ServiceLevelOfAnswered: sum(&[&IN_SLA]), over(&[&IN_SLA, &OUT_OF_SLA]);
    ServiceLevelOfOffered: sum(&[&IN_SLA]), over(&[&OFFERED]);
    ServiceLevelAbandonedMissed:
        sum(&[&IN_SLA]), over(&[&IN_SLA, &OUT_OF_SLA, &ABANDONED_UNANSWERED]);
    ServiceLevelAbandonedMet:
        sum(&[&IN_SLA, &ABANDONED_UNANSWERED]),
        over(&[&IN_SLA, &OUT_OF_SLA, &ABANDONED_UNANSWERED]);
    AverageSpeedOfAnswer: sum(&[&RINGING]), over(&[&ANSWERED_ALONE]);
    AverageTimeToAbandon: sum(&[&WAIT_OF_ABANDONED]), over(&[&ABANDONED_ALONE]);
    LongestWait: sum(&[&LONGEST_RINGING]), Nothing;
    AverageHandleTime: sum(&[&TALK, &HOLD]), over(&[&ANSWERED_IF_ANY]);
    AverageTalkTime: sum(&[&TALK]), over(&[&ANSWERED_IF_ANY]);
    AverageHoldTime: sum(&[&HOLD]), over(&[&WITH_HOLD]);
    HoldRate: sum(&[&WITH_HOLD]), over(&[&ANSWERED_IF_ANY]);
    TransferRate: sum(&[&BLIND, &WARM, &DTMF]), over(&[&ANSWERED_IF_ANY]);
    OpportunityConversion: sum(&[&FROM_QUEUE]), over(&[&OPPORTUNITIES]);
    Occupancy: sum(&[&ALL_TALK, &ALL_HOLD]), StaffedTime;
}

impl Formula {
    /// Every number that it needs.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &'static Input> + use<> {
        let below = match self.denominator {
            Denominator::Terms(terms) => terms,
            Denominator::Nothing | Denominator::StaffedTime => sum(&[]),
        };
        [self.numerator, below]
            .into_iter()
            .flat_map(|terms| terms.plus.iter().chain(terms.minus))
            .copied()
    }

    pub(super) fn text(&self) -> String {
        let above = self.numerator.text();
        match self.denominator {
            Denominator::Nothing => above,
            Denominator::Terms(terms) => format!("{above} / {}", terms.text()),
            Denominator::StaffedTime => format!("{above} / staffed seconds"),
        }
    }
}

impl Terms {
    fn text(&self) -> String {
        let plus: Vec<_> = self.plus.iter().map(|input| input.name).collect();
        let plus = plus.join(" + ");
        let minus = self.minus.iter().map(|input| input.name);
        let text = std::iter::once(plus.as_str()).chain(minus).collect::<Vec<_>>().join(" - ");
        match self.plus.len() + self.minus.len() {
            1 => text,
            _ => format!("({text})"),
        }
    }
}
