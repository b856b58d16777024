//! What each figure is computed from, as data: sums over calls, and the query
//! that each sum can be had from.

use super::figure::Kpi;
use crate::{
    query::Filter,
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
    /// Calls of both directions.
    All,
}

impl Scope {
    pub(super) const KNOWN: [Self; 4] =
        [Self::Inbound, Self::Answered, Self::AbandonedUnanswered, Self::All];

    pub(super) fn filters(self) -> Vec<Filter> {
        let inbound = || Filter::from(Direction::Inbound);
        match self {
            Self::Inbound => vec![inbound()],
            Self::Answered => vec![inbound(), CallResponse::Answered.into()],
            Self::AbandonedUnanswered => {
                vec![inbound(), CallResponse::NotAnswered.into(), CallResult::Abandoned.into()]
            }
            Self::All => Vec::new(),
        }
    }
}

/// Where a sum stands: in which query's answer, and there under which word.
#[derive(Debug, PartialEq)]
pub(super) struct Source {
    pub(super) scope: Scope,
    pub(super) metric: MetricName,
    pub(super) breakdown: Breakdown,
    /// `None` for a metric that is one number.
    pub(super) word: Option<&'static str>,
}

/// The metrics that one answer has for a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums<'a> {
    pub(super) calls: &'a Metric,
    pub(super) time_spent: &'a Metric,
}

impl Source {
    /// The sum; `None` where it isn't there, or is no sum.
    pub(super) fn read(&self, sums: Sums<'_>) -> Option<f64> {
        let metric = match self.metric {
            MetricName::Calls => sums.calls,
            MetricName::TimeSpent => sums.time_spent,
        };
        let value = match self.word {
            Some(word) => metric.get(&self.breakdown, word)?,
            None => metric.number(&self.breakdown)?.clone(),
        };
        let is_sum = value.aggregation().is_none_or(|how| *how == Aggregation::Sum)
            && *value.unit() != Unit::Percent;
        Some(value.as_f64()).filter(|number| is_sum && number.is_finite())
    }
}

const fn calls(scope: Scope, breakdown: Breakdown, word: &'static str) -> Source {
    Source { scope, metric: MetricName::Calls, breakdown, word: Some(word) }
}

const fn all_calls(scope: Scope) -> Source {
    Source { scope, metric: MetricName::Calls, breakdown: Breakdown::Total, word: None }
}

const fn seconds(scope: Scope, segment: &'static str) -> Source {
    let metric = MetricName::TimeSpent;
    Source { scope, metric, breakdown: Breakdown::Segment, word: Some(segment) }
}

/// A sum that a formula speaks of.
#[derive(Debug)]
pub(super) struct Input {
    /// Its name in the formula.
    pub(super) name: &'static str,
    /// Where it can be had, the first choice first; all give the same number.
    pub(super) sources: &'static [Source],
    /// Sums that contain it: where one of them is zero, it is zero as well.
    pub(super) parts_of: &'static [Source],
}

use Breakdown as B;
use Scope::{AbandonedUnanswered, All, Answered, Inbound};

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
    OPPORTUNITIES = "queue opportunities", [Source {
        scope: All,
        metric: MetricName::Calls,
        breakdown: B::QueueOpportunities,
        word: None,
    }];
}

/// A sum, or a sum over another.
#[derive(Debug)]
pub(super) struct Formula {
    pub(super) numerator: &'static [&'static Input],
    pub(super) denominator: Denominator,
}

#[derive(Debug)]
pub(super) enum Denominator {
    Nothing,
    Sum(&'static [&'static Input]),
    /// The seconds that the key was staffed, which the API doesn't know.
    StaffedTime,
}

macro_rules! formulas {
    ($($kpi:ident: $numerator:expr, $over:expr;)+) => {
        impl Formula {
            pub(super) fn of(kpi: Kpi) -> &'static Self {
                match kpi {
                    $(Kpi::$kpi => {
                        static FORMULA: Formula =
                            Formula { numerator: &$numerator, denominator: $over };
                        &FORMULA
                    })+
                }
            }
        }
    };
}

use Denominator::{Nothing, StaffedTime, Sum};

formulas! {
    Offered: [&OFFERED], Nothing;
    Answered: [&ANSWERED], Nothing;
    AnswerRate: [&ANSWERED], Sum(&[&OFFERED]);
    AbandonmentRate: [&ABANDONED], Sum(&[&OFFERED]);
    AbandonmentRateBeforeAnswer: [&ABANDONED_UNANSWERED], Sum(&[&OFFERED]);
    VoicemailRate: [&VOICEMAIL], Sum(&[&OFFERED]);
    MissedRate: [&MISSED], Sum(&[&OFFERED]);
    ServiceLevelOfAnswered: [&IN_SLA], Sum(&[&IN_SLA, &OUT_OF_SLA]);
    ServiceLevelOfOffered: [&IN_SLA], Sum(&[&OFFERED]);
    ServiceLevelAbandonedMissed:
        [&IN_SLA], Sum(&[&IN_SLA, &OUT_OF_SLA, &ABANDONED_UNANSWERED]);
    ServiceLevelAbandonedMet:
        [&IN_SLA, &ABANDONED_UNANSWERED], Sum(&[&IN_SLA, &OUT_OF_SLA, &ABANDONED_UNANSWERED]);
    AverageSpeedOfAnswer: [&RINGING], Sum(&[&ANSWERED_ALONE]);
    AverageHandleTime: [&TALK, &HOLD], Sum(&[&ANSWERED_IF_ANY]);
    HoldRate: [&WITH_HOLD], Sum(&[&ANSWERED_IF_ANY]);
    TransferRate: [&BLIND, &WARM, &DTMF], Sum(&[&ANSWERED_IF_ANY]);
    OpportunityConversion: [&FROM_QUEUE], Sum(&[&OPPORTUNITIES]);
    Occupancy: [&ALL_TALK, &ALL_HOLD], StaffedTime;
}

impl Formula {
    /// Every sum that it needs.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &'static Input> + use<> {
        let below = match self.denominator {
            Denominator::Sum(inputs) => inputs,
            Denominator::Nothing | Denominator::StaffedTime => &[],
        };
        self.numerator.iter().chain(below).copied()
    }

    pub(super) fn text(&self) -> String {
        let above = sum(self.numerator);
        match self.denominator {
            Denominator::Nothing => above,
            Denominator::Sum(inputs) => format!("{above} / {}", sum(inputs)),
            Denominator::StaffedTime => format!("{above} / staffed seconds"),
        }
    }
}

fn sum(inputs: &[&Input]) -> String {
    let names: Vec<_> = inputs.iter().map(|input| input.name).collect();
    match &names[..] {
        [name] => (*name).to_owned(),
        names => format!("({})", names.join(" + ")),
    }
}
