//! Key figures of a call centre, with names that say what they mean.
//!
//! The API gives sums. A figure such as an answer rate is computed from several
//! of them, and some need filters that others can't share: the speed of answer
//! looks at answered calls alone. A [`KpiSet`] knows the fewest queries that
//! cover its figures, and puts the answers together by key:
//!
//! ```no_run
//! # async fn example(client: callperf::Client) -> Result<(), callperf::Error> {
//! use callperf::{GroupBy, Period, kpi::{Kpi, KpiSet}};
//!
//! let kpis = KpiSet::new([Kpi::Offered, Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
//! let mut answers = Vec::new();
//! for query in kpis.queries(GroupBy::queues(), Period::last_days(7), "America/New_York") {
//!     let mut records = client.aggregate(&query).records();
//!     let mut answer = Vec::new();
//!     while let Some(record) = records.try_next().await? {
//!         answer.push(record);
//!     }
//!     answers.push(answer);
//! }
//! for record in kpis.try_merge(answers)? {
//!     if let Some(rate) = record.get(Kpi::AnswerRate) {
//!         println!("{}: {:.1} % answered", record.label(), rate.as_percent());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What stands for nothing
//! A figure is `None` where one of its sums wasn't asked for or sent, and where
//! what it is a share of is zero: of no calls, no share was answered.
//!
//! A key that one answer has and another lacks is *absent* there, not zero,
//! because no document says whether the API leaves out keys without matching
//! calls, and a record may be missing for other reasons. It makes a difference
//! for one sum only, the calls abandoned before an answer: the figures of
//! answered calls alone are `None` without answered calls either way, and all
//! others come from the widest answer. That sum is zero nonetheless where the
//! wider answer proves it: nobody abandoned, or every call was answered. For the
//! rest, [`KpiSet::missing_is_zero`] takes the API to leave such keys out.
//!
//! # Inbound
//! All figures but conversion and occupancy are about inbound calls, seen from
//! the record's key. At company scope a call between two extensions has no
//! direction, so that it isn't among them.

mod answers;
mod formula;
mod set;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Serialize, ser::SerializeStruct};

pub use set::{Cost, KpiPoint, KpiRecord, KpiSeries, KpiSet};

use self::formula::Formula;
use crate::{Api, Error, ErrorKind, GroupBy, Grouping, query::Dimension, report::exact};

/// A key figure.
///
/// [`Kpi::meaning`], [`Kpi::formula`], [`Kpi::source`] and [`Kpi::is_not`] say
/// the same as this documentation, for programs that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kpi {
    /// Inbound calls: what came in for the key, however it ended. Calls.
    Offered,
    /// Inbound calls that the key picked up. Calls.
    Answered,
    /// Answered ÷ offered. A share. The same as the API's own percentage of
    /// answered calls.
    AnswerRate,
    /// Abandoned ÷ offered. A share.
    ///
    /// Abandoned is the API's word, which holds callers who hung up *on hold
    /// after an answer* as well. For those who gave up waiting see
    /// [`Kpi::AbandonmentRateBeforeAnswer`]. It isn't the API's percentage of
    /// abandoned calls either, which is a share of the unanswered ones.
    AbandonmentRate,
    /// Abandoned before an answer ÷ offered. A share.
    ///
    /// Counts calls that are both not answered and abandoned, which takes a
    /// query of its own.
    AbandonmentRateBeforeAnswer,
    /// Voicemail ÷ offered. A share. That a message was left isn't said: the
    /// call reached the key's voicemail.
    VoicemailRate,
    /// Missed ÷ offered. A share. Missed rang its full time unanswered; a caller
    /// who hung up before that is abandoned.
    MissedRate,
    /// In SLA ÷ (in SLA + out of SLA). A share, queues only. Abandoned calls are
    /// *ignored*.
    ///
    /// The limit in seconds is the queue's own setting. It takes the queue's
    /// setting "include abandoned calls" to be off, as it is by default: where it
    /// is on, abandoned calls are in the API's two numbers.
    ServiceLevelOfAnswered,
    /// In SLA ÷ offered. A share, queues only. Whatever wasn't answered within
    /// the limit counts against the queue: abandoned, voicemail, missed, passed
    /// on.
    ServiceLevelOfOffered,
    /// In SLA ÷ (in SLA + out of SLA + abandoned before an answer). A share,
    /// queues only. Abandoned calls count as *missed*, voicemail and calls that
    /// were passed on don't count.
    ///
    /// Counts also callers who hung up at once: the reports don't tell the queue's
    /// limit, so that they can't be told apart.
    ServiceLevelAbandonedMissed,
    /// (In SLA + abandoned before an answer) ÷ (in SLA + out of SLA + abandoned
    /// before an answer). A share, queues only. Abandoned calls count as *met*,
    /// however long the caller waited.
    ServiceLevelAbandonedMet,
    /// Ringing of answered calls ÷ answered. Seconds.
    ///
    /// For a queue, what callers hear before agents' phones ring may be in other
    /// segments than ringing: the API's documents don't say. It isn't the time
    /// since the caller dialled: menus come before.
    AverageSpeedOfAnswer,
    /// (Talk + hold) ÷ answered, of inbound calls. Seconds.
    ///
    /// It holds no work after the call, which the API doesn't know, and neither
    /// park nor the time of a transfer. It isn't the time spent ÷ calls, which
    /// holds ringing, menus and voicemail.
    AverageHandleTime,
    /// Calls with a hold ÷ answered. A share.
    HoldRate,
    /// (Blind + warm + DTMF transfers) ÷ answered. A ratio, shown as a share:
    /// transfers are counted each time, so that it can exceed 1.
    TransferRate,
    /// Answered from a queue ÷ queue opportunities. A share, users and members
    /// only; not on the beta.
    ///
    /// A call that rings twice at the same user is two opportunities.
    OpportunityConversion,
    /// (Talk + hold) ÷ staffed time, of calls of both directions. A share.
    ///
    /// The API doesn't know who was at work, so it is `None` unless
    /// [`KpiSet::staffed`] says it. Two calls at once count twice.
    Occupancy,
}

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KpiUnit {
    /// A number of calls.
    Calls,
    /// Seconds.
    Seconds,
    /// A share of one: 0.25 is 25 %.
    Share,
}

const FIELD: &str = "the field's usual definition; RingCentral has none of this name";

impl Kpi {
    /// The figures, in the order in which reports show them.
    pub const KNOWN: &'static [Self] = &[
        Self::Offered,
        Self::Answered,
        Self::AnswerRate,
        Self::AbandonmentRate,
        Self::AbandonmentRateBeforeAnswer,
        Self::VoicemailRate,
        Self::MissedRate,
        Self::ServiceLevelOfAnswered,
        Self::ServiceLevelOfOffered,
        Self::ServiceLevelAbandonedMissed,
        Self::ServiceLevelAbandonedMet,
        Self::AverageSpeedOfAnswer,
        Self::AverageHandleTime,
        Self::HoldRate,
        Self::TransferRate,
        Self::OpportunityConversion,
        Self::Occupancy,
    ];

    /// The service level with abandoned calls ignored is the one of answered
    /// calls.
    #[expect(non_upper_case_globals, reason = "it reads as the variants beside it")]
    pub const ServiceLevelAbandonedIgnored: Self = Self::ServiceLevelOfAnswered;

    /// The figure's name, for example `answer_rate`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Answered => "answered",
            Self::AnswerRate => "answer_rate",
            Self::AbandonmentRate => "abandonment_rate",
            Self::AbandonmentRateBeforeAnswer => "abandonment_rate_before_answer",
            Self::VoicemailRate => "voicemail_rate",
            Self::MissedRate => "missed_rate",
            Self::ServiceLevelOfAnswered => "service_level_of_answered",
            Self::ServiceLevelOfOffered => "service_level_of_offered",
            Self::ServiceLevelAbandonedMissed => "service_level_abandoned_missed",
            Self::ServiceLevelAbandonedMet => "service_level_abandoned_met",
            Self::AverageSpeedOfAnswer => "average_speed_of_answer",
            Self::AverageHandleTime => "average_handle_time",
            Self::HoldRate => "hold_rate",
            Self::TransferRate => "transfer_rate",
            Self::OpportunityConversion => "opportunity_conversion",
            Self::Occupancy => "occupancy",
        }
    }

    /// What the figure says, in a sentence.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Offered => "inbound calls, however they ended",
            Self::Answered => "inbound calls that were picked up",
            Self::AnswerRate => "the share of inbound calls that were picked up",
            Self::AbandonmentRate => {
                "the share of inbound calls whose caller hung up before an answer, or on hold \
                 after one"
            }
            Self::AbandonmentRateBeforeAnswer => {
                "the share of inbound calls whose caller hung up before an answer"
            }
            Self::VoicemailRate => "the share of inbound calls that reached voicemail",
            Self::MissedRate => "the share of inbound calls that rang their full time unanswered",
            Self::ServiceLevelOfAnswered => {
                "the share of answered calls that were answered within the queue's limit; \
                 abandoned calls are ignored"
            }
            Self::ServiceLevelOfOffered => {
                "the share of all inbound calls that were answered within the queue's limit"
            }
            Self::ServiceLevelAbandonedMissed => {
                "the share of answered and abandoned calls that were answered within the queue's \
                 limit; abandoned calls count as missed"
            }
            Self::ServiceLevelAbandonedMet => {
                "the share of answered and abandoned calls that weren't answered too late; \
                 abandoned calls count as met"
            }
            Self::AverageSpeedOfAnswer => "how long an answered call rang",
            Self::AverageHandleTime => "how long an answered call was talked and held",
            Self::HoldRate => "the share of answered calls that were put on hold",
            Self::TransferRate => "transfers per answered call",
            Self::OpportunityConversion => {
                "the share of the times that a queue let it ring at the user which the user took"
            }
            Self::Occupancy => "the share of the staffed time that was talk and hold",
        }
    }

    /// How it is computed, in words.
    #[must_use]
    pub fn formula(&self) -> String {
        Formula::of(*self).text()
    }

    /// What it is easily taken for, and isn't; empty where there is no such thing.
    #[must_use]
    pub fn is_not(&self) -> &'static str {
        match self {
            Self::AbandonmentRate => {
                "the callers who gave up waiting: those who hung up on hold after an answer are \
                 among them; nor the API's percentage, which is a share of the unanswered calls"
            }
            Self::VoicemailRate => "the messages left",
            Self::MissedRate => "all calls without an answer",
            Self::ServiceLevelOfAnswered => {
                "right where the queue's setting to include abandoned calls is on: then they are \
                 in the API's numbers"
            }
            Self::ServiceLevelAbandonedMissed | Self::ServiceLevelAbandonedMet => {
                "limited to callers who hung up within, or after, the queue's limit: the \
                 reports don't tell it"
            }
            Self::AverageSpeedOfAnswer => {
                "the caller's whole wait: menus come before, and what callers hear before phones \
                 ring may count as another segment"
            }
            Self::AverageHandleTime => {
                "the time spent per call, which holds ringing, menus and voicemail; work after \
                 the call isn't in the API"
            }
            Self::TransferRate => "a share of calls: a call transferred twice counts twice",
            Self::OpportunityConversion => {
                "a share of calls: one that rings twice at a user is two opportunities"
            }
            Self::Occupancy => "known to the API: the staffed time has to be given",
            Self::Offered
            | Self::Answered
            | Self::AnswerRate
            | Self::AbandonmentRateBeforeAnswer
            | Self::ServiceLevelOfOffered
            | Self::HoldRate => "",
        }
    }

    /// Who says that it is computed so.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self {
            Self::Offered | Self::Answered => "the API's own numbers",
            Self::AnswerRate => {
                "RingCentral: its percentage of answered calls, a share of the inbound ones since \
                 March 2022"
            }
            Self::ServiceLevelOfAnswered => "RingCentral's default view, with that setting off",
            Self::AbandonmentRate
            | Self::AbandonmentRateBeforeAnswer
            | Self::VoicemailRate
            | Self::MissedRate
            | Self::ServiceLevelOfOffered
            | Self::ServiceLevelAbandonedMissed
            | Self::ServiceLevelAbandonedMet
            | Self::AverageSpeedOfAnswer
            | Self::AverageHandleTime
            | Self::HoldRate
            | Self::TransferRate
            | Self::Occupancy => FIELD,
            Self::OpportunityConversion => {
                "the two numbers that RingCentral shows beside each other; their ratio is this \
                 crate's"
            }
        }
    }

    /// What it is measured in.
    #[must_use]
    pub fn unit(&self) -> KpiUnit {
        match self {
            Self::Offered | Self::Answered => KpiUnit::Calls,
            Self::AverageSpeedOfAnswer | Self::AverageHandleTime => KpiUnit::Seconds,
            _ => KpiUnit::Share,
        }
    }

    /// The APIs that have its words. The beta lacks queue opportunities, and so
    /// [`Kpi::OpportunityConversion`]; it has all others.
    #[must_use]
    pub fn apis(&self) -> &'static [Api] {
        match self {
            Self::OpportunityConversion => &[Api::CallsV1],
            _ => Api::KNOWN,
        }
    }

    /// Whether the API has its words for a grouping: service levels are for
    /// queues, opportunities for users and members.
    #[must_use]
    pub fn fits(&self, group_by: &GroupBy) -> bool {
        match self {
            Self::ServiceLevelOfAnswered
            | Self::ServiceLevelOfOffered
            | Self::ServiceLevelAbandonedMissed
            | Self::ServiceLevelAbandonedMet => {
                group_by.dimension == Dimension::Each(Grouping::Queues)
            }
            Self::OpportunityConversion => matches!(
                group_by.dimension,
                Dimension::Members(_) | Dimension::Each(Grouping::Users)
            ),
            _ => true,
        }
    }
}

impl fmt::Display for Kpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kpi {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::KNOWN.iter().copied().find(|kpi| kpi.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::KNOWN.iter().map(Self::as_str).collect();
            Error::new(
                ErrorKind::Settings,
                format!("no figure is called `{text}`; there are {}", known.join(", ")),
            )
        })
    }
}

impl Serialize for Kpi {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A figure's number, which knows what it is.
#[derive(Clone, Copy, PartialEq)]
pub struct KpiValue {
    kpi: Kpi,
    number: f64,
}

impl KpiValue {
    /// Which figure it is.
    #[must_use]
    pub fn kpi(&self) -> Kpi {
        self.kpi
    }

    /// The number, in the figure's [unit](Kpi::unit): calls, seconds, or a share
    /// of one. It is finite.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.number
    }

    /// A share in percent; any other number times one hundred.
    #[must_use]
    pub fn as_percent(&self) -> f64 {
        self.number * 100.0
    }

    /// The duration, where the unit is seconds and the number fits.
    #[must_use]
    pub fn as_duration(&self) -> Option<SignedDuration> {
        if self.unit() != KpiUnit::Seconds {
            return None;
        }
        SignedDuration::try_from_secs_f64(self.number).ok()
    }

    /// What it is measured in.
    #[must_use]
    pub fn unit(&self) -> KpiUnit {
        self.kpi.unit()
    }
}

impl fmt::Debug for KpiValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.kpi, self.number, self.unit())
    }
}

impl Serialize for KpiValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("KpiValue", 2)?;
        out.serialize_field("value", &serde_json::Number::from_f64(self.number).map(exact))?;
        out.serialize_field("unit", &self.unit())?;
        out.end()
    }
}

impl JsonSchema for KpiValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KpiValue".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "A figure: calls, seconds, or a share of one.",
            "properties": {
                "value": {"type": "number"},
                "unit": generator.subschema_for::<KpiUnit>(),
            },
            "required": ["value", "unit"],
        })
    }
}
