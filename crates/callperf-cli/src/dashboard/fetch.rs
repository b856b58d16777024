//! The dashboard's numbers from the API or from a history.

use callperf::{
    Api, Breakdown, Client, Direction, GroupBy, Interval, Kpi, KpiSet, period::ResolvedPeriod,
};

use super::range::Days;
use crate::{
    Failure,
    model::comparison::Comparison,
    pull::{Operation, Plan, Wanted},
    question::Question,
    render::{Dashboard, DashboardOptions, OF_AGENTS, OF_COMPANY, OF_QUEUES, SeriesEntry},
};

/// The reports of a page, checked before anything is sent.
pub(super) struct Plans {
    pub(super) company: Plan,
    pub(super) queues: Plan,
    pub(super) agents: Plan,
}

impl Plans {
    /// # Errors
    /// A zone that doesn't exist, and a query that the API refuses.
    pub(super) fn of(client: &Client, options: &DashboardOptions) -> Result<Self, Failure> {
        let on_api = |kpi: &Kpi| kpi.apis().contains(&client.api());
        let breakdowns = (&[Breakdown::Result][..], &[Breakdown::Segment][..]);
        let company = options.ask("company", GroupBy::company(), &OF_COMPANY, breakdowns)?;
        let company = company.only_metrics(Direction::Inbound);
        let company = company.with_recent_calls(&[Breakdown::EndingParty]);
        let company = options.plan(client, company, &options.compared())?;
        // The page is about these instants, however long its queries wait for the quota.
        let options = &options.over(company.period);
        let queues = options.ask("queues", GroupBy::queues(), &OF_QUEUES, (&[], &[]))?;
        let queues = options.plan(client, queues.only_keys(&options.queues), &options.wanted())?;
        let of_agents: Vec<_> = OF_AGENTS.into_iter().filter(on_api).collect();
        let metrics = (&[Breakdown::Direction][..], &[Breakdown::Total][..]);
        let agents = options.ask("users", GroupBy::users(), &of_agents, metrics)?;
        let agents = options.plan(client, agents, &options.wanted())?;
        Ok(Self { company, queues, agents })
    }
}

impl Dashboard {
    /// Asks for the numbers: about thirty requests for a company of up to twenty users and queues,
    /// at most 120 for one of 2,000 users and 100 queues.
    ///
    /// # Errors
    /// A zone that doesn't exist, a query that the API refuses, or any other
    /// failure of a request.
    pub async fn fetch(client: &Client, options: &DashboardOptions) -> Result<Self, Failure> {
        let mut options = options.clone();
        if !options.queues.is_empty() {
            options.queues = Box::pin(options.keys_of_queues(client)).await?;
        }
        let plans = Plans::of(client, &options)?;
        let resolved = plans.company.period;
        let options = options.over(resolved);
        let history = plans.company.history.clone();
        let company = Box::pin(plans.company.report(client, &options.compared())).await?;
        let queues = Box::pin(plans.queues.report(client, &Wanted::default())).await?;
        let agents = Box::pin(plans.agents.report(client, &Wanted::default())).await?;
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
        let mut dashboard = Self {
            heading,
            now: options.now,
            title: options.title.clone(),
            company: company.entries.into_iter().next(),
            hours,
            queues,
            agents,
            inputs: None,
        };
        if client.api() == Api::Beta {
            let lacking = "the beta has no timeline: nothing over time, and no busy hours";
            dashboard.heading.notices.push(lacking.to_owned());
            return Ok(dashboard);
        }
        let inputs = Days { client, options: &options, resolved, history: history.as_ref() };
        dashboard.inputs = Box::pin(inputs.inputs(&mut dashboard)).await?;
        let has_hours = dashboard.inputs.as_ref().is_some_and(|it| !it.hours.is_empty());
        if dashboard.hours.is_none() && history.is_some() && !has_hours {
            let lacking = "a history has no hours of inbound calls: no busy hours";
            dashboard.heading.notices.push(lacking.to_owned());
        }
        Ok(dashboard)
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

    pub(super) fn compared(&self) -> Wanted {
        Wanted { compare: Some(Comparison::Previous), ..self.wanted() }
    }

    fn over(&self, period: ResolvedPeriod) -> Self {
        Self { period: period.into(), ..self.clone() }
    }

    fn plan(&self, client: &Client, question: Question, wanted: &Wanted) -> Result<Plan, Failure> {
        Plan::new(client, &Operation::Report, question, wanted, self.now)
    }

    /// The keys of the queues that are named, as reports look them up.
    async fn keys_of_queues(&self, client: &Client) -> Result<Vec<String>, Failure> {
        let question = self.ask("queues", GroupBy::queues(), &OF_QUEUES, (&[], &[]))?;
        let question = question.only_keys(&self.queues);
        let question = match &self.history {
            Some(history) => question.looked_up_in(history)?,
            None => Box::pin(question.looked_up(client)).await?,
        };
        Ok(question.keys)
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
