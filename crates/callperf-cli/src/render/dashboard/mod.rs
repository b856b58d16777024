//! A page of everything at a glance: one file that needs no network.

mod chart;
mod hours;
mod inputs;
mod options;
mod page;

use callperf::Kpi;
use jiff::Timestamp;

use super::{Entry, Heading, Report, SeriesEntry};

pub(crate) use inputs::{Columns, Group, HoursOf, Inputs, KeyTarget, Keyed, Place, day_after};
pub use options::DashboardOptions;

/// The numbers of a dashboard, before they are a page.
#[derive(Clone, Debug)]
pub struct Dashboard {
    pub(crate) heading: Heading,
    pub(crate) now: Timestamp,
    /// What the page is called, if not after the company.
    pub(crate) title: Option<String>,
    /// The whole company's figures, its inbound calls by result and by the party that ended
    /// them, and its time by phase; absent where there were no calls at all.
    pub(crate) company: Option<Entry>,
    /// The company's inbound calls hour by hour; absent on the beta.
    pub(crate) hours: Option<SeriesEntry>,
    pub(crate) queues: Report,
    pub(crate) agents: Report,
    /// What the page's script computes figures from; absent where there are no days.
    pub(crate) inputs: Option<Inputs>,
}

/// The figures of the tiles, in their order.
pub(crate) const OF_COMPANY: [Kpi; 8] = [
    Kpi::Offered,
    Kpi::AnswerRate,
    Kpi::AbandonmentRate,
    Kpi::AbandonmentRateBeforeAnswer,
    Kpi::VoicemailRate,
    Kpi::MissedRate,
    Kpi::AverageSpeedOfAnswer,
    Kpi::AverageHandleTime,
];

pub(crate) const OF_QUEUES: [Kpi; 8] = [
    Kpi::Offered,
    Kpi::AnswerRate,
    Kpi::AbandonmentRate,
    Kpi::AbandonmentRateBeforeAnswer,
    Kpi::ServiceLevelOfAnswered,
    Kpi::ServiceLevelOfOffered,
    Kpi::AverageSpeedOfAnswer,
    Kpi::AverageHandleTime,
];

pub(crate) const OF_AGENTS: [Kpi; 7] = [
    Kpi::Answered,
    Kpi::AnswerRate,
    Kpi::MissedRate,
    Kpi::AverageHandleTime,
    Kpi::HoldRate,
    Kpi::TransferRate,
    Kpi::OpportunityConversion,
];

impl Dashboard {
    /// What a reader should know: a period cut short, no comparison, a record left
    /// out.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.heading.notices
    }
}
