//! The numbers of each day that the page's script computes figures from.

use callperf::{
    ErrorKind, Filter, GroupBy, Interval, Kpi, KpiSet, Notice, Period, Query, Record, Series,
    kpi::FormulaTable,
};
use callperf_history::{Reader, files};
use jiff::{civil::Date, tz::TimeZone};

use super::{
    accumulator::{Accumulator, beside},
    hourly,
    range::{Days, Range, start_of},
    stored::Stored,
    targets,
};
use crate::{
    Failure,
    answers::{Notes, Pulling, pull},
    period,
    render::{Columns, Dashboard, DashboardOptions, Group, Inputs},
};

/// How many users a page from the API has day by day; more come as totals of the period.
pub(super) const MOST_DAILY_USERS: usize = 200;

/// The figures of users, which two queries answer.
const OF_USERS: [Kpi; 10] = [
    Kpi::Offered,
    Kpi::Answered,
    Kpi::AnswerRate,
    Kpi::MissedRate,
    Kpi::VoicemailRate,
    Kpi::AverageHandleTime,
    Kpi::AverageTalkTime,
    Kpi::HoldRate,
    Kpi::TransferRate,
    Kpi::OpportunityConversion,
];

/// The figures of a queue's agents, of which a history keeps inbound calls.
const OF_AGENTS: [Kpi; 8] = [
    Kpi::Offered,
    Kpi::Answered,
    Kpi::AnswerRate,
    Kpi::MissedRate,
    Kpi::AverageHandleTime,
    Kpi::AverageTalkTime,
    Kpi::HoldRate,
    Kpi::TransferRate,
];

/// The figures of a grouping that days add up to.
fn set_of(name: &str) -> KpiSet {
    if name == "users" {
        return KpiSet::new(OF_USERS);
    }
    let table = FormulaTable::new();
    let is_additive = |kpi: &Kpi| {
        let figure = table.figures.iter().find(|figure| figure.kpi == *kpi);
        figure.is_some_and(|figure| {
            let terms = std::iter::once(&figure.numerator).chain(&figure.denominator);
            let mut inputs = terms.flat_map(|terms| terms.plus.iter().chain(&terms.minus));
            let is_chosen = |place: &usize| {
                let mut sources = table.inputs[*place].sources.iter();
                sources.any(|source| source.scope == "abandoned_shortly")
            };
            figure.fits_timelines && !figure.is_of_staffed_time && !inputs.any(is_chosen)
        })
    };
    let group_by = group_by(name);
    // Conversions are of users.
    KpiSet::new(Kpi::KNOWN.iter().copied().filter(is_additive)).fitting(&group_by)
}

fn group_by(name: &str) -> GroupBy {
    match name {
        "company" => GroupBy::company(),
        "queues" => GroupBy::queues(),
        "sites" => GroupBy::sites(),
        _ => GroupBy::users(),
    }
}

impl Days<'_> {
    /// The page's inputs; `None` if there are no days, with a notice that says why.
    pub(super) async fn inputs(
        &self,
        dashboard: &mut Dashboard,
    ) -> Result<Option<Inputs>, Failure> {
        let zone = period::zone(&self.options.time_zone)?;
        let Some(own) = Range::of(self.resolved.start(), self.resolved.end(), &zone) else {
            return Ok(None);
        };
        let range = self.widest(&own);
        let mut inputs = Inputs {
            first: range.first,
            days: range.days,
            partial: range.partial(),
            parts: range.parts(),
            selected: (own.first, own.last()),
            missing_is_zero: self.missing_is_zero(),
            top: self.options.top,
            ..Inputs::default()
        };
        let counts = [1, dashboard.queues.entries.len(), 1, dashboard.agents.entries.len()];
        let mut said = std::mem::take(&mut dashboard.heading.notices);
        let notices = &mut Notes::of(&mut said);
        for (name, count) in ["company", "queues", "sites", "users"].into_iter().zip(counts) {
            if count == 0 {
                continue;
            }
            let group = match self.history {
                Some(reader) => Box::pin(self.stored(reader, name, &range, notices)).await?,
                None if name == "users" && count > MOST_DAILY_USERS => {
                    notices.say(format!(
                        "{count} users: their numbers are totals of the period, and not day by \
                         day; a page from a history (--history) has their days"
                    ));
                    Some(Box::pin(self.totals(&own, notices)).await?)
                }
                None => Box::pin(self.sent(name, &range, notices)).await?,
            };
            inputs.groups.extend(group.filter(|group| !group.keys.is_empty()));
        }
        inputs.hours = Box::pin(hourly::hours(self, &own, &range, dashboard, notices)).await?;
        if let Some(reader) = self.history.filter(|reader| reader.has_agents()) {
            inputs.agents = Box::pin(self.agents(reader, &range, dashboard, notices)).await?;
        }
        inputs.targets = Box::pin(targets::of_groups(self, &inputs.groups, &mut said)).await?;
        // The page hatches days that aren't whole.
        let partial = [(true, true), (true, false), (false, true)].map(|(first, last)| {
            Notice::PartialIntervals { interval: Interval::Day, first, last }.to_string()
        });
        said.retain(|notice| !partial.contains(notice));
        dashboard.heading.notices = said;
        Ok((!inputs.groups.is_empty()).then_some(inputs))
    }

    fn missing_is_zero(&self) -> bool {
        // As in reports: what is settled of the API isn't settled of a history.
        let settled = self.client.calibration().and_then(|it| it.settled("empty-records"));
        self.options.missing_is_zero || (self.history.is_none() && settled.is_some())
    }

    /// All days that there can be numbers for: those of a history up to the end of the period, or
    /// those that the API remembers. A period that begins within a day has its own days alone.
    fn widest(&self, own: &Range) -> Range {
        if start_of(own.first, &own.zone) != Some(own.start) {
            return own.clone();
        }
        let first = match self.history {
            Some(reader) => first_kept(reader, self.options, own),
            None => self.oldest(&own.zone),
        };
        let first = first.filter(|first| *first < own.first);
        let start = first.and_then(|first| start_of(first, &own.zone));
        start.and_then(|start| Range::of(start, own.end, &own.zone)).unwrap_or_else(|| own.clone())
    }

    /// The first day that the API remembers from its start.
    fn oldest(&self, zone: &TimeZone) -> Option<Date> {
        files::oldest(self.options.now, zone).ok()
    }

    fn accumulator(&self, name: &'static str, period: Period) -> Accumulator {
        let group_by = group_by(name);
        let group_by = match name {
            "queues" if !self.options.queues.is_empty() => {
                group_by.keys(self.options.queues.iter().cloned())
            }
            _ => group_by,
        };
        let query = Query::new(group_by, period, &self.options.time_zone);
        Accumulator::new(name, &set_of(name), &query, &beside(name))
    }

    /// From the API, day by day; `None`, with a notice, if it refuses sites.
    async fn sent(
        &self,
        name: &'static str,
        range: &Range,
        notices: &mut Notes<'_>,
    ) -> Result<Option<Group>, Failure> {
        let numbers = self.accumulator(name, range.period());
        let mut numbers = numbers.with_columns(Columns::Days, range.days);
        for (query, scope) in numbers.queries() {
            let request = self.client.timeline(&query, Interval::Day);
            match pull(Pulling::Sent(Box::new(request)), notices).await {
                Ok(series) => take(&mut numbers, &scope, &series, range),
                Err(Failure::Api(error)) if name == "sites" && is_refusal(&error) => {
                    notices.say(format!("no sites: {error}"));
                    return Ok(None);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Some(numbers.into_group()))
    }

    /// Users' totals of the period and of the one before.
    async fn totals(&self, own: &Range, notices: &mut Notes<'_>) -> Result<Group, Failure> {
        let mut periods = vec![own.clone()];
        periods.extend(self.before(own));
        let days = periods.iter().map(|period| (period.first, period.last())).collect();
        let numbers = self.accumulator("users", own.period());
        let mut numbers = numbers.with_columns(Columns::Periods(days), periods.len());
        for (column, period) in periods.iter().enumerate() {
            for (query, scope) in numbers.queries() {
                let query = query.with_period(period.period());
                let request = self.client.aggregate(&query);
                let records: Vec<Record> = pull(Pulling::Sent(Box::new(request)), notices).await?;
                for record in &records {
                    let of_key = (record.key(), record.info());
                    let metrics = (record.calls(), record.time_spent());
                    numbers.add(&scope, of_key, column, metrics);
                }
            }
        }
        Ok(numbers.into_group())
    }

    /// As many days before, if they are whole and the API remembers them.
    fn before(&self, own: &Range) -> Option<Range> {
        let before = self.resolved.previous(&own.zone).ok()?;
        let range = Range::of(before.start(), before.end(), &own.zone)?;
        let is_remembered = self.oldest(&own.zone).is_some_and(|oldest| range.first >= oldest);
        (own.partial().is_empty() && is_remembered).then_some(range)
    }

    /// From a history, as far as it has the days; `None` if it keeps none of them.
    async fn stored(
        &self,
        reader: &Reader,
        name: &'static str,
        range: &Range,
        notices: &mut Notes<'_>,
    ) -> Result<Option<Group>, Failure> {
        let numbers = self.accumulator(name, range.period());
        kept(reader, numbers, None, range, notices).await
    }

    /// The agents of the page's queues, with the calls that came to them through the queue.
    async fn agents(
        &self,
        reader: &Reader,
        range: &Range,
        dashboard: &Dashboard,
        notices: &mut Notes<'_>,
    ) -> Result<Vec<(String, Group)>, Failure> {
        let mut agents = Vec::new();
        for queue in &dashboard.queues.entries {
            let query = Query::new(GroupBy::users(), range.period(), &self.options.time_zone);
            let numbers = Accumulator::new("agents", &KpiSet::new(OF_AGENTS), &query, &[]);
            let group = Box::pin(kept(reader, numbers, Some(&queue.key), range, notices)).await?;
            agents.extend(group.map(|group| (queue.key.clone(), group)));
        }
        Ok(agents)
    }
}

/// What a history has of the days of a range, of all calls or of those through a queue; `None` if
/// it keeps none of the days.
async fn kept(
    reader: &Reader,
    numbers: Accumulator,
    queue: Option<&str>,
    range: &Range,
    notices: &mut Notes<'_>,
) -> Result<Option<Group>, Failure> {
    let mut numbers = numbers.with_columns(Columns::Days, range.days);
    let mut has_days = false;
    for (query, scope) in numbers.queries() {
        let query = queue.into_iter().fold(query, |query, key| query.only(Filter::queues([key])));
        let stored = Stored::of(reader, &query, Interval::Day, range);
        has_days |= !stored.is_empty();
        numbers.gaps(&scope, stored.gaps(range));
        stored.read(notices, |series| take(&mut numbers, &scope, series, range)).await?;
    }
    Ok(has_days.then(|| numbers.into_group()))
}

/// The first day that a history has of the company, the queues or the users.
fn first_kept(reader: &Reader, options: &DashboardOptions, own: &Range) -> Option<Date> {
    let first = |name| {
        let query = Query::new(group_by(name), own.period(), &options.time_zone)
            .only(callperf::Direction::Inbound);
        reader.kept_days(&query, None).first().copied()
    };
    ["company", "queues", "users"].into_iter().filter_map(first).min()
}

fn take(numbers: &mut Accumulator, scope: &str, series: &[Series], range: &Range) {
    for one in series {
        for point in one.points() {
            let Some(column) = range.place(point.time()) else { continue };
            let metrics = (point.calls(), point.time_spent());
            numbers.add(scope, (one.key(), one.info()), column, metrics);
        }
    }
}

fn is_refusal(error: &callperf::Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused | ErrorKind::Permission | ErrorKind::Query)
}

/// The queries of a grouping over a period, for the preview of the costs.
pub(super) fn queries_of(days: &Days<'_>, name: &'static str) -> usize {
    days.accumulator(name, days.options.period.clone()).queries().len()
}
