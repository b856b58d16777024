//! A page of everything at a glance: one file that needs no network.

mod chart;
mod hours;
mod page;

use callperf::{
    Api, Breakdown, Client, Direction, GroupBy, Interval, Kpi, KpiSet, Period,
    period::ResolvedPeriod,
};
use callperf_history::Reader;
use jiff::Timestamp;

use super::{Entry, Heading, Report, SeriesEntry};
use crate::{
    Failure,
    model::comparison::Comparison,
    pull::{Operation, Plan, Wanted},
    question::Question,
};

/// What a dashboard is about.
#[derive(Clone, Debug)]
#[must_use]
pub struct DashboardOptions {
    period: Period,
    time_zone: String,
    now: Timestamp,
    missing_is_zero: bool,
    history: Option<Reader>,
    memory: Option<Reader>,
}

impl DashboardOptions {
    /// A period, with days and hours cut in this zone (an IANA name).
    pub fn new(period: Period, time_zone: impl Into<String>) -> Self {
        let time_zone = time_zone.into();
        Self {
            period,
            time_zone,
            now: Timestamp::now(),
            missing_is_zero: false,
            history: None,
            memory: None,
        }
    }

    /// Answers from a history in the API's place. It has no hours of inbound calls.
    pub fn history(mut self, history: Reader) -> Self {
        self.history = Some(history);
        self
    }

    /// Answers from a history for days that the API has forgotten.
    pub fn memory(mut self, history: Reader) -> Self {
        self.memory = Some(history);
        self
    }

    /// The time that the page says it was made at; by default the system's.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Takes a key that an answer leaves out to have no such calls, as
    /// [`KpiSet::missing_is_zero`] does.
    pub fn missing_is_zero(mut self, yes: bool) -> Self {
        self.missing_is_zero = yes;
        self
    }
}

/// The numbers of a dashboard, before they are a page.
#[derive(Clone, Debug)]
pub struct Dashboard {
    heading: Heading,
    now: Timestamp,
    /// The whole company's figures, its inbound calls by result and by the party that ended
    /// them, and its time by phase; absent where there were no calls at all.
    company: Option<Entry>,
    /// The company's inbound calls hour by hour; absent on the beta.
    hours: Option<SeriesEntry>,
    queues: Report,
    agents: Report,
}

/// The figures of the tiles, in their order.
const OF_COMPANY: [Kpi; 8] = [
    Kpi::Offered,
    Kpi::AnswerRate,
    Kpi::AbandonmentRate,
    Kpi::AbandonmentRateBeforeAnswer,
    Kpi::VoicemailRate,
    Kpi::MissedRate,
    Kpi::AverageSpeedOfAnswer,
    Kpi::AverageHandleTime,
];

const OF_QUEUES: [Kpi; 8] = [
    Kpi::Offered,
    Kpi::AnswerRate,
    Kpi::AbandonmentRate,
    Kpi::AbandonmentRateBeforeAnswer,
    Kpi::ServiceLevelOfAnswered,
    Kpi::ServiceLevelOfOffered,
    Kpi::AverageSpeedOfAnswer,
    Kpi::AverageHandleTime,
];

const OF_AGENTS: [Kpi; 7] = [
    Kpi::Answered,
    Kpi::AnswerRate,
    Kpi::MissedRate,
    Kpi::AverageHandleTime,
    Kpi::HoldRate,
    Kpi::TransferRate,
    Kpi::OpportunityConversion,
];

impl Dashboard {
    /// Asks for the numbers: about fourteen requests, more where there are more
    /// than 200 users or queues.
    ///
    /// # Errors
    /// A zone that doesn't exist, a query that the API refuses, or any other
    /// failure of a request.
    pub async fn fetch(client: &Client, options: &DashboardOptions) -> Result<Self, Failure> {
        let on_api = |kpi: &Kpi| kpi.apis().contains(&client.api());
        let company = options.ask(
            "company",
            GroupBy::company(),
            &OF_COMPANY,
            (&[Breakdown::Result], &[Breakdown::Segment]),
        )?;
        let company = company.only_metrics(Direction::Inbound);
        let company = company.with_recent_calls(&[Breakdown::EndingParty]);
        let compared = Wanted { compare: Some(Comparison::Previous), ..options.wanted() };
        let company = options.plan(client, company, &compared)?;
        // The page is about these instants, however long its queries wait for the quota.
        let options = &options.over(company.period);

        let queues = options.ask("queues", GroupBy::queues(), &OF_QUEUES, (&[], &[]))?;
        let queues = options.plan(client, queues, &options.wanted())?;
        let of_agents: Vec<_> = OF_AGENTS.into_iter().filter(on_api).collect();
        let metrics = (&[Breakdown::Direction][..], &[Breakdown::Total][..]);
        let agents = options.ask("users", GroupBy::users(), &of_agents, metrics)?;
        let agents = options.plan(client, agents, &options.wanted())?;

        let is_stored = company.history.is_some();
        let company = Box::pin(company.report(client, &compared)).await?;
        let queues = Box::pin(queues.report(client, &Wanted::default())).await?;
        let agents = Box::pin(agents.report(client, &Wanted::default())).await?;
        let hours = match client.api() {
            Api::Beta => None,
            _ => Box::pin(options.hours(client)).await?,
        };
        let mut heading = company.heading;
        for notice in queues.heading.notices.iter().chain(&agents.heading.notices) {
            if !heading.notices.contains(notice) {
                heading.notices.push(notice.clone());
            }
        }
        if client.api() == Api::Beta {
            let lacking = "the beta has no timeline: nothing over time, and no busy hours";
            heading.notices.push(lacking.to_owned());
        }
        if hours.is_none() && is_stored {
            let lacking = "a history has no hours of inbound calls: no busy hours";
            heading.notices.push(lacking.to_owned());
        }
        let company = company.entries.into_iter().next();
        Ok(Self { heading, now: options.now, company, hours, queues, agents })
    }

    /// What a reader should know: a period cut short, no comparison, a record left
    /// out.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.heading.notices
    }
}

impl DashboardOptions {
    fn ask(
        &self,
        rows: &str,
        group_by: GroupBy,
        kpis: &[Kpi],
        metrics: (&[Breakdown], &[Breakdown]),
    ) -> Result<Question, Failure> {
        let kpis = KpiSet::new(kpis.iter().copied());
        let kpis = if self.missing_is_zero { kpis.missing_is_zero() } else { kpis };
        Question::of(rows, group_by, (&self.period, &self.time_zone), kpis, metrics)
    }

    fn wanted(&self) -> Wanted {
        let (history, memory) = (self.history.clone(), self.memory.clone());
        Wanted { history, memory, ..Wanted::default() }
    }

    fn over(&self, period: ResolvedPeriod) -> Self {
        Self { period: period.into(), ..self.clone() }
    }

    fn plan(&self, client: &Client, question: Question, wanted: &Wanted) -> Result<Plan, Failure> {
        Plan::new(client, &Operation::Report, question, wanted, self.now)
    }

    async fn hours(&self, client: &Client) -> Result<Option<SeriesEntry>, Failure> {
        let metrics = (&[Breakdown::Total, Breakdown::Result][..], &[][..]);
        let question = self.ask("company", GroupBy::company(), &[], metrics)?;
        let question = question.only_metrics(Direction::Inbound);
        let operation = Operation::Timeline(Interval::Hour);
        let plan = Plan::new(client, &operation, question, &self.wanted(), self.now)?;
        if plan.history.is_some() {
            return Ok(None);
        }
        let timeline = plan.timeline(client, Interval::Hour, &Wanted::default()).await?;
        Ok(timeline.entries.into_iter().next())
    }
}
