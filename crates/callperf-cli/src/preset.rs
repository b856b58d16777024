//! The ready-made questions.

use callperf::{Breakdown, GroupBy, Kpi};

/// What a preset asks.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    /// Whether it is about one queue, which is named after it, and what its rows are.
    pub(crate) of_queue: Option<OfQueue>,
    /// What its rows are, in a heading.
    pub(crate) rows: &'static str,
    pub(crate) group_by: fn() -> GroupBy,
    pub(crate) kpis: &'static [Kpi],
    pub(crate) calls: &'static [Breakdown],
    pub(crate) time_spent: &'static [Breakdown],
    /// Numbers of calls that are left out where the API or the server lacks them.
    pub(crate) recent_calls: &'static [Breakdown],
}

/// What the rows of a preset about one queue are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfQueue {
    /// The queue.
    Itself,
    /// Its members, with the calls that came to them from the queue.
    Members,
}

pub(crate) const PRESETS: &[Preset] = &[
    Preset {
        name: "queues",
        of_queue: None,
        rows: "queues",
        group_by: GroupBy::queues,
        kpis: &[
            Kpi::Offered,
            Kpi::AnswerRate,
            Kpi::AbandonmentRate,
            Kpi::VoicemailRate,
            Kpi::ServiceLevelOfAnswered,
            Kpi::AverageSpeedOfAnswer,
            Kpi::AverageHandleTime,
        ],
        calls: &[],
        time_spent: &[],
        recent_calls: &[],
    },
    Preset {
        name: "agents",
        of_queue: None,
        rows: "users",
        group_by: GroupBy::users,
        kpis: &[
            Kpi::Answered,
            Kpi::AnswerRate,
            Kpi::MissedRate,
            Kpi::VoicemailRate,
            Kpi::AverageHandleTime,
            Kpi::HoldRate,
            Kpi::TransferRate,
        ],
        calls: &[Breakdown::Direction],
        time_spent: &[Breakdown::Total],
        recent_calls: &[],
    },
    Preset {
        name: "company",
        of_queue: None,
        rows: "company",
        group_by: GroupBy::company,
        kpis: &[
            Kpi::Offered,
            Kpi::Answered,
            Kpi::AnswerRate,
            Kpi::AbandonmentRate,
            Kpi::AbandonmentRateBeforeAnswer,
            Kpi::VoicemailRate,
            Kpi::MissedRate,
            Kpi::AverageSpeedOfAnswer,
            Kpi::AverageHandleTime,
            Kpi::HoldRate,
            Kpi::TransferRate,
        ],
        calls: &[],
        time_spent: &[],
        recent_calls: &[],
    },
    Preset {
        name: "ivr",
        of_queue: None,
        rows: "IVR menus",
        group_by: GroupBy::ivrs,
        kpis: &[Kpi::Offered, Kpi::AbandonmentRate],
        calls: &[Breakdown::Result],
        time_spent: &[Breakdown::Total],
        recent_calls: &[Breakdown::EndingParty],
    },
    Preset {
        name: "sites",
        of_queue: None,
        rows: "sites",
        group_by: GroupBy::sites,
        kpis: &[
            Kpi::Offered,
            Kpi::AnswerRate,
            Kpi::AbandonmentRate,
            Kpi::VoicemailRate,
            Kpi::MissedRate,
            Kpi::AverageSpeedOfAnswer,
            Kpi::AverageHandleTime,
        ],
        calls: &[],
        time_spent: &[],
        recent_calls: &[],
    },
    Preset {
        name: "agents-of",
        of_queue: Some(OfQueue::Members),
        rows: "agents of one queue",
        group_by: GroupBy::members_of_queues,
        kpis: &[
            Kpi::Offered,
            Kpi::Answered,
            Kpi::AnswerRate,
            Kpi::MissedRate,
            Kpi::AverageHandleTime,
            Kpi::HoldRate,
            Kpi::TransferRate,
        ],
        calls: &[],
        time_spent: &[Breakdown::Total],
        recent_calls: &[],
    },
    Preset {
        name: "queue-hours",
        of_queue: Some(OfQueue::Itself),
        rows: "one queue",
        group_by: GroupBy::queues,
        kpis: &[
            Kpi::Offered,
            Kpi::AnswerRate,
            Kpi::AbandonmentRate,
            Kpi::ServiceLevelOfAnswered,
            Kpi::AverageSpeedOfAnswer,
        ],
        calls: &[Breakdown::Total],
        time_spent: &[],
        recent_calls: &[Breakdown::QueueHours],
    },
];
