//! The ready-made questions.

use callperf::{Breakdown, GroupBy, Kpi};

/// What a preset asks.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    /// What its rows are, in a heading.
    pub(crate) rows: &'static str,
    pub(crate) group_by: fn() -> GroupBy,
    pub(crate) kpis: &'static [Kpi],
    pub(crate) calls: &'static [Breakdown],
    pub(crate) time_spent: &'static [Breakdown],
    /// Numbers of calls that are left out where the API or the server lacks them.
    pub(crate) recent_calls: &'static [Breakdown],
}

pub(crate) const PRESETS: &[Preset] = &[
    Preset {
        name: "queues",
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
        rows: "IVR menus",
        group_by: GroupBy::ivrs,
        kpis: &[Kpi::Offered, Kpi::AbandonmentRate],
        calls: &[Breakdown::Result],
        time_spent: &[Breakdown::Total],
        recent_calls: &[Breakdown::EndingParty],
    },
    Preset {
        name: "sites",
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
];
