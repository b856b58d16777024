//! The key figures, and what each says.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Api, Error, ErrorKind, GroupBy, Grouping, query::Dimension, words::nearest::nearest};

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
    /// (Abandoned before an answer − those within a short time) ÷ (offered − those within a
    /// short time). A share.
    ///
    /// Callers who hang up at once have misdialled as a rule. The API doesn't know how long is
    /// short: the figure is `None` unless
    /// [`KpiSet::short_abandons`](super::KpiSet::short_abandons) says it. It is the time
    /// at the key, which holds its menus. It takes two queries of its own.
    AbandonmentRateWithoutShort,
    /// Voicemail ÷ offered. A share. That a message was left isn't said: the
    /// call reached the key's voicemail.
    VoicemailRate,
    /// Missed ÷ offered. A share. Missed rang its full time unanswered; a caller
    /// who hung up before that is abandoned.
    ///
    /// Since May 2025 the API has results for calls that were picked up by another user,
    /// forwarded or answered elsewhere. Such a call isn't missed. Whether it counted as
    /// missed before is documented nowhere: compare months before and after with care.
    MissedRate,
    /// In SLA ÷ (in SLA + out of SLA). A share, queues only. Abandoned calls are
    /// *ignored*.
    ///
    /// The limit in seconds is the queue's own setting. It takes the queue's
    /// setting "include abandoned calls" to be off, as it is by default: where it
    /// is on, abandoned calls are in the API's two numbers.
    ServiceLevelOfAnswered,
    /// In SLA ÷ offered. A share, queues only. All calls that weren't answered
    /// within the limit count against the queue: abandoned, voicemail, missed,
    /// passed on.
    ServiceLevelOfOffered,
    /// In SLA ÷ (in SLA + out of SLA + abandoned before an answer). A share,
    /// queues only. Abandoned calls count as *missed*, voicemail and calls that
    /// were passed on don't count.
    ///
    /// Callers who hung up at once count, too: the reports lack the queue's limit,
    /// which would tell them apart.
    ServiceLevelAbandonedMissed,
    /// (In SLA + abandoned before an answer) ÷ (in SLA + out of SLA + abandoned
    /// before an answer). A share, queues only. Abandoned calls count as *met*,
    /// however long the caller waited.
    ServiceLevelAbandonedMet,
    /// Ringing of answered calls ÷ answered. Seconds.
    ///
    /// For a queue, what callers hear before agents' phones ring may be in other
    /// segments than ringing: the API's documents don't say. It isn't the time
    /// since the caller dialled: menus come before. The segment
    /// [`Forwarding`](crate::CallSegment::Forwarding), which came in May 2025, isn't in it.
    AverageSpeedOfAnswer,
    /// Duration ÷ number of the inbound calls that were abandoned before an answer. Seconds.
    ///
    /// How long callers waited who gave up: the whole time at the key, with its menus and
    /// greetings, unlike [`Kpi::AverageSpeedOfAnswer`], which is ringing alone.
    AverageTimeToAbandon,
    /// The most ringing of one inbound call, answered or not. Seconds; not on the beta.
    ///
    /// It is the API's maximum over the period, so that no timeline has it. That the maximum
    /// is one call's is an assumption: no document says so. For what a queue's callers hear
    /// before phones ring see [`Kpi::AverageSpeedOfAnswer`].
    LongestWait,
    /// (Talk + hold) ÷ answered, of inbound calls. Seconds.
    ///
    /// It holds no work after the call, which the API doesn't know, and neither
    /// park nor the time of a transfer. It isn't the time spent ÷ calls, which
    /// holds ringing, menus and voicemail.
    AverageHandleTime,
    /// Talk ÷ answered, of inbound calls. Seconds.
    AverageTalkTime,
    /// Hold ÷ calls with a hold, of inbound calls. Seconds.
    ///
    /// Calls without a hold don't count, so that it isn't what hold adds to
    /// [`Kpi::AverageHandleTime`].
    AverageHoldTime,
    /// Calls with a hold ÷ answered. A share.
    HoldRate,
    /// (Blind + warm + DTMF transfers) ÷ answered. A ratio, shown as a share:
    /// transfers are counted each time, so that it can exceed 1. Calls whose result is
    /// [`Transferred`](crate::CallResult::Transferred) aren't looked at.
    TransferRate,
    /// Answered from a queue ÷ queue opportunities. A share, users and members
    /// only; not on the beta.
    ///
    /// A call that rings twice at the same user is two opportunities. A queue's call that
    /// the user picks up while it rings elsewhere has a [type](crate::CallType::QueueCallPickup)
    /// of its own since May 2025, and isn't counted as answered from a queue.
    OpportunityConversion,
    /// (Talk + hold) ÷ staffed time, of calls of both directions. A share.
    ///
    /// The API knows no work after a call, which other systems count as occupied. Nor does it
    /// know who was at work, so the figure is `None` unless
    /// [`KpiSet::staffed`](super::KpiSet::staffed) says it. Two calls at once count twice.
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

/// Which direction of a change is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Better {
    /// A higher number is better.
    More,
    /// A lower number is better.
    Less,
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
        Self::AbandonmentRateWithoutShort,
        Self::VoicemailRate,
        Self::MissedRate,
        Self::ServiceLevelOfAnswered,
        Self::ServiceLevelOfOffered,
        Self::ServiceLevelAbandonedMissed,
        Self::ServiceLevelAbandonedMet,
        Self::AverageSpeedOfAnswer,
        Self::AverageTimeToAbandon,
        Self::LongestWait,
        Self::AverageHandleTime,
        Self::AverageTalkTime,
        Self::AverageHoldTime,
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
            Self::AbandonmentRateWithoutShort => "abandonment_rate_without_short",
            Self::VoicemailRate => "voicemail_rate",
            Self::MissedRate => "missed_rate",
            Self::ServiceLevelOfAnswered => "service_level_of_answered",
            Self::ServiceLevelOfOffered => "service_level_of_offered",
            Self::ServiceLevelAbandonedMissed => "service_level_abandoned_missed",
            Self::ServiceLevelAbandonedMet => "service_level_abandoned_met",
            Self::AverageSpeedOfAnswer => "average_speed_of_answer",
            Self::AverageTimeToAbandon => "average_time_to_abandon",
            Self::LongestWait => "longest_wait",
            Self::AverageHandleTime => "average_handle_time",
            Self::AverageTalkTime => "average_talk_time",
            Self::AverageHoldTime => "average_hold_time",
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
            Self::AbandonmentRateWithoutShort => {
                "the share of inbound calls whose caller hung up before an answer, but not within \
                 a short time, which is given; those who did count nowhere"
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
            Self::AverageTimeToAbandon => "how long a caller waited who hung up before an answer",
            Self::LongestWait => "the longest that an inbound call rang, answered or not",
            Self::AverageHandleTime => "how long an answered call was talked and held",
            Self::AverageTalkTime => "how long an answered call was talked",
            Self::AverageHoldTime => "how long a call with a hold was held",
            Self::HoldRate => "the share of answered calls that were put on hold",
            Self::TransferRate => "transfers per answered call",
            Self::OpportunityConversion => {
                "the share of the times that a queue let it ring at the user which the user took"
            }
            Self::Occupancy => "the share of the staffed time that was talk and hold",
        }
    }

    /// What it is often confused with, as the end of a sentence that begins with "It is not";
    /// empty if there is no such thing.
    #[must_use]
    pub fn often_confused_with(&self) -> &'static str {
        match self {
            Self::AbandonmentRate => {
                "the callers who gave up waiting: those who hung up on hold after an answer are \
                 among them; nor the API's percentage, which is a share of the unanswered calls"
            }
            Self::VoicemailRate => "the messages left",
            Self::MissedRate => {
                "all calls without an answer: one that was picked up by another user, forwarded or \
                 answered elsewhere has a result of its own"
            }
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
            Self::AverageTimeToAbandon => "ringing alone: the key's menus and greetings are in it",
            Self::LongestWait => {
                "the longest wait in a queue, where callers hear something else before phones ring"
            }
            Self::AverageHoldTime => {
                "the hold of all answered calls: those without one don't count"
            }
            Self::TransferRate => "a share of calls: a call transferred twice counts twice",
            Self::OpportunityConversion => {
                "a share of calls: one that rings twice at a user is two opportunities"
            }
            Self::Occupancy => {
                "known to the API: the staffed time has to be given, and work after calls isn't in \
                 it"
            }
            Self::Offered
            | Self::Answered
            | Self::AnswerRate
            | Self::AbandonmentRateBeforeAnswer
            | Self::AbandonmentRateWithoutShort
            | Self::ServiceLevelOfOffered
            | Self::AverageTalkTime
            | Self::HoldRate => "",
        }
    }

    /// What it is often confused with.
    #[deprecated(note = "use `often_confused_with`")]
    #[must_use]
    pub fn is_not(&self) -> &'static str {
        self.often_confused_with()
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
            | Self::AbandonmentRateWithoutShort
            | Self::VoicemailRate
            | Self::MissedRate
            | Self::ServiceLevelOfOffered
            | Self::ServiceLevelAbandonedMissed
            | Self::ServiceLevelAbandonedMet
            | Self::AverageSpeedOfAnswer
            | Self::AverageTimeToAbandon
            | Self::AverageHandleTime
            | Self::AverageTalkTime
            | Self::AverageHoldTime
            | Self::HoldRate
            | Self::TransferRate
            | Self::Occupancy => FIELD,
            Self::LongestWait => "the API's own maximum of ringing",
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
            Self::AverageSpeedOfAnswer
            | Self::AverageTimeToAbandon
            | Self::LongestWait
            | Self::AverageHandleTime
            | Self::AverageTalkTime
            | Self::AverageHoldTime => KpiUnit::Seconds,
            _ => KpiUnit::Share,
        }
    }

    /// The APIs that have its words. The beta lacks queue opportunities, and so
    /// [`Kpi::OpportunityConversion`]; and a filter of two responses, and so
    /// [`Kpi::LongestWait`]. It has all others.
    #[must_use]
    pub fn apis(&self) -> &'static [Api] {
        match self {
            Self::OpportunityConversion | Self::LongestWait => &[Api::CallsV1],
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

impl Kpi {
    /// Returns which direction is better for callers; `None` if that can't be said: of numbers of
    /// calls, of how long people talk or hold, and of how calls are handled.
    #[must_use]
    pub fn better(&self) -> Option<Better> {
        match self {
            Self::AnswerRate
            | Self::ServiceLevelOfAnswered
            | Self::ServiceLevelOfOffered
            | Self::ServiceLevelAbandonedMissed
            | Self::ServiceLevelAbandonedMet
            | Self::OpportunityConversion => Some(Better::More),
            Self::AbandonmentRate
            | Self::AbandonmentRateBeforeAnswer
            | Self::AbandonmentRateWithoutShort
            | Self::MissedRate
            | Self::AverageSpeedOfAnswer
            | Self::LongestWait => Some(Better::Less),
            Self::Offered
            | Self::Answered
            | Self::VoicemailRate
            | Self::AverageTimeToAbandon
            | Self::AverageHandleTime
            | Self::AverageTalkTime
            | Self::AverageHoldTime
            | Self::HoldRate
            | Self::TransferRate
            | Self::Occupancy => None,
        }
    }

    /// Whether a timeline has it. [`Kpi::LongestWait`] is a maximum, and a timeline has sums alone.
    #[must_use]
    pub fn fits_timelines(&self) -> bool {
        *self != Self::LongestWait
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
            let known = || Self::KNOWN.iter().map(Self::as_str);
            let remedy = match nearest(text, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
            };
            Error::new(ErrorKind::Settings, format!("no figure is called `{text}`; {remedy}"))
        })
    }
}

impl<'de> Deserialize<'de> for Kpi {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <Cow<'de, str>>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Kpi {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
