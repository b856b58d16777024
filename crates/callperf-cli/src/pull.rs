//! From a question to its answer: what is asked of the API, and how the answers
//! become a report.

use std::collections::HashMap;

use callperf::{
    Client, Interval, KpiSet, Notice, Period, Query, Record, Series, Source as _, directory,
    period::ResolvedPeriod,
};
use callperf_history::Reader;
use jiff::Timestamp;

use crate::{
    Failure,
    answers::{Notes, Pulling, pull, pull_metrics},
    console::say_once,
    history, lookup,
    model::comparison::{Before, Comparison},
    order::Order,
    pairs::{self, Periods},
    period::{existing_part, trimmed},
    question::{Queries, Question},
    recent,
    remedies::on_the_command_line,
    render::{
        Entry, Heading, Numbers, Report, SeriesEntry, Span, Timeline, entries, series_entries,
    },
};

/// What is wanted beside the rows, and how they are ordered.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) compare: Option<Comparison>,
    pub(crate) totals: bool,
    pub(crate) order: Option<Order>,
    pub(crate) top: Option<usize>,
    /// What answers in the API's place.
    pub(crate) history: Option<Reader>,
    /// What answers for days that the API has forgotten.
    pub(crate) memory: Option<Reader>,
}

impl Wanted {
    /// What answers for a period that the API has forgotten.
    pub(crate) fn for_forgotten(
        &self,
        client: &Client,
        operation: &Operation,
        question: &Question,
    ) -> Option<Reader> {
        let memory = self.memory.as_ref()?;
        let error = first_refusal(client, operation, &question.queries(&question.period))?;
        is_too_old(&error).then(|| memory.clone())
    }
}

/// Everything that is asked for one document, checked before anything is sent.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) question: Question,
    pub(crate) rows: Queries,
    pub(crate) period: ResolvedPeriod,
    pub(crate) before: Option<(Queries, Before)>,
    pub(crate) company: Option<Company>,
    pub(crate) history: Option<Reader>,
    /// What answers for the period before alone.
    history_before: Option<Reader>,
    notices: Vec<String>,
}

/// The whole company, beside the rows.
#[derive(Debug)]
pub(crate) struct Company {
    question: Question,
    pub(crate) rows: Queries,
    pub(crate) before: Option<Queries>,
}

/// A report's query, or a timeline's.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Report,
    Timeline(Interval),
}

impl Operation {
    fn check(&self, client: &Client, query: &Query) -> Result<Vec<Notice>, callperf::Error> {
        match self {
            Self::Report => client.aggregate(query).check(),
            Self::Timeline(interval) => client.timeline(query, interval.clone()).check(),
        }
    }

    pub(crate) fn interval(&self) -> Option<&Interval> {
        match self {
            Self::Report => None,
            Self::Timeline(interval) => Some(interval),
        }
    }

    pub(crate) fn preview(
        &self,
        client: &Client,
        query: &Query,
    ) -> Result<callperf::Preview, callperf::Error> {
        match self {
            Self::Report => client.aggregate(query).preview(1),
            Self::Timeline(interval) => client.timeline(query, interval.clone()).preview(1),
        }
    }
}

const NO_COMPARISON: &str = "no comparison: ";
const NO_TOTAL: &str = "no total: ";
/// Of a target that `--fail-on-target` can't hold, because its figure isn't shown.
pub(crate) const NOT_CHECKED: &str = "not checked: ";

/// Whether a notice says that a part of the document is missing that was asked for.
pub(crate) fn is_missing_part(notice: &str) -> bool {
    [NO_COMPARISON, NO_TOTAL, NOT_CHECKED].iter().any(|beginning| notice.starts_with(beginning))
}

impl Plan {
    /// The queries of a question, as far as the API can answer them.
    ///
    /// What can't be had of the comparison or of the company is left out, with a
    /// notice; what can't be had of the rows fails.
    pub(crate) fn new(
        client: &Client,
        operation: &Operation,
        mut question: Question,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        question.fits(client.api(), matches!(operation, Operation::Timeline(_)))?;
        let memory = wanted.for_forgotten(client, operation, &question);
        let from_memory = memory.clone();
        let history = wanted.history.clone().or(memory);
        let history = history.map(|reader| history::in_weeks_of(client, reader));
        if history.is_some() {
            question = question.kept_form();
        }
        // The API's rules don't hold for a history, which refuses what it lacks.
        question.unchecked |= history.is_some();
        let (recent_calls, lacking): (Vec<_>, Vec<_>) =
            question.recent_calls.into_iter().partition(|it| recent::has(client, it));
        question.recent_calls = recent_calls;
        let lacking = (!lacking.is_empty()).then(|| recent::lacking(client, &lacking));
        let asked = question.queries(&question.period);
        let period = resolved(client, operation, &question, &asked, now)?;
        // All queries are about these instants, however long they wait for the quota.
        let asked_period = std::mem::replace(&mut question.period, period.into());
        let rows = question.queries(&question.period);
        let trimmed = trimmed(&period, &question.zone, &question.time_zone);
        let notices = question.notices.iter().cloned().chain(lacking).chain(trimmed);
        let notices = notices.chain(wanted.history.as_ref().map(history::answering));
        let forgotten = history::forgotten(period.end(), now, "the period");
        let forgotten = from_memory.map(|memory| history::remembering(&memory, &forgotten));
        let notices = notices.chain(forgotten).collect();
        let mut plan = Self {
            question,
            rows,
            period,
            before: None,
            company: None,
            notices,
            history,
            history_before: None,
        };
        if let Some(comparison) = wanted.compare {
            let by_month = matches!(operation, Operation::Timeline(Interval::Month));
            let periods = (&asked_period, &plan.period);
            let before = comparison.before(periods, by_month, &plan.question.zone, now);
            let queries = before.and_then(|before| {
                plan.queries_before(client, operation, before, wanted.memory.as_ref())
            });
            match queries {
                Ok((queries, before, memory)) => {
                    let forgotten = history::forgotten(before.to, now, "the period before");
                    let lengths = before.of_another_length(&plan.period, &plan.question.zone);
                    plan.notices.extend(lengths);
                    let said = |memory| history::remembering(memory, &forgotten);
                    plan.notices.extend(memory.as_ref().map(said));
                    if memory.is_some() {
                        for notice in plan.question.clone().kept_form().notices {
                            say_once(&mut plan.notices, notice);
                        }
                    }
                    plan.before = Some((queries, before));
                    plan.history_before = memory.map(|reader| history::in_weeks_of(client, reader));
                }
                Err(reason) => plan.notices.push(format!("{NO_COMPARISON}{reason}")),
            }
        }
        if wanted.totals {
            match plan.of_company(client, operation) {
                Ok(company) => plan.company = Some(company),
                Err(reason) => plan.notices.push(format!("{NO_TOTAL}{reason}")),
            }
        }
        Ok(plan)
    }

    /// The queries of the period before, and what answers them if the API has forgotten it.
    fn queries_before(
        &self,
        client: &Client,
        operation: &Operation,
        before: Before,
        memory: Option<&Reader>,
    ) -> Result<(Queries, Before, Option<Reader>), String> {
        let queries = self.question.queries(&Period::between(before.from, before.to));
        let start = before.from.to_zoned_datetime(self.question.zone.clone()).date();
        let refused = |reason| Err(format!("the period before begins at {start}; {reason}"));
        if let Some(reason) = lacking(self.history.as_ref(), operation, queries.all()) {
            return refused(reason);
        }
        let Some(error) = first_refusal(client, operation, &queries) else {
            return Ok((queries, before, None));
        };
        let Some(memory) = memory.filter(|_| is_too_old(&error)) else {
            return refused(reasons(&error));
        };
        let kept = self.question.clone().kept_form();
        let queries = kept.queries(&Period::between(before.from, before.to));
        match lacking(Some(memory), operation, queries.all()) {
            None => Ok((queries, before, Some(memory.clone()))),
            Some(reason) => refused(reason),
        }
    }

    fn of_company(&self, client: &Client, operation: &Operation) -> Result<Company, String> {
        let question = self.question.of_company()?;
        let rows = question.queries(&self.question.period);
        if let Some(error) = first_refusal(client, operation, &rows) {
            return Err(reasons(&error));
        }
        let before = self
            .before
            .as_ref()
            .map(|(_, before)| question.queries(&Period::between(before.from, before.to)));
        let of_before = before.iter().flat_map(Queries::all);
        let reason = lacking(self.history.as_ref(), operation, rows.all())
            .or_else(|| lacking(self.before_from(), operation, of_before));
        match reason {
            None => Ok(Company { question, rows, before }),
            Some(reason) => Err(reason),
        }
    }

    /// Every query, in the order in which they are asked, and the history that answers it.
    pub(crate) fn queries(&self) -> impl Iterator<Item = (&Query, Option<&Reader>)> {
        let now = |query| (query, self.history.as_ref());
        let earlier = |query| (query, self.before_from());
        let before = self.before.iter().flat_map(|(queries, _)| queries.all()).map(earlier);
        let company = self.company.iter().flat_map(move |company| {
            let before = company.before.iter().flat_map(Queries::all).map(earlier);
            company.rows.all().map(now).chain(before)
        });
        self.rows.all().map(now).chain(before).chain(company)
    }

    /// The history that answers for the period before.
    fn before_from(&self) -> Option<&Reader> {
        self.history_before.as_ref().or(self.history.as_ref())
    }

    /// What a reader should know before anything is asked.
    pub(crate) fn notices(&self) -> &[String] {
        &self.notices
    }

    pub(crate) fn heading(&self, client: &Client) -> Heading {
        let span = |from, to| Span { from, to, time_zone: self.question.time_zone.clone() };
        let period = span(self.period.from(), self.period.to());
        let mut heading = Heading::new(client.api(), self.question.rows.clone(), period);
        heading.previous_period =
            self.before.as_ref().map(|(_, before)| span(before.from, before.to));
        heading.filters = self.question.narrowing();
        heading.notices.clone_from(&self.notices);
        heading
    }

    /// Asks for a report.
    pub(crate) async fn report(self, client: &Client, wanted: &Wanted) -> Result<Report, Failure> {
        let mut heading = self.heading(client);
        let (history, history_before) = (self.history.as_ref(), self.before_from());
        let notices = &mut Notes::of(&mut heading.notices);
        let mut rows = ask((client, history), &self.question, &self.rows, notices).await?;
        if let Some((queries, _)) = &self.before {
            let earlier = ask((client, history_before), &self.question, queries, notices).await?;
            compare(&mut rows, earlier);
        }
        let mut total = None;
        if let Some(company) = &self.company {
            let mut all = ask((client, history), &company.question, &company.rows, notices).await?;
            if let Some(queries) = &company.before {
                let earlier =
                    ask((client, history_before), &company.question, queries, notices).await?;
                compare(&mut all, earlier);
            }
            total = all.into_iter().next();
        }
        if !self.question.are_members {
            notices.say_missing(rows.iter().map(|row| &*row.key));
        }
        if let Some(kind) = self.question.kind_of_rows() {
            let unnamed = rows.iter_mut().filter(|entry| entry.known_name().is_none());
            let unnamed = unnamed.map(|entry| (&*entry.key, &mut entry.name));
            name(client, kind, unnamed, notices).await;
        }
        if let Some(order) = &wanted.order {
            order.apply(&mut rows);
        }
        rows.truncate(wanted.top.unwrap_or(usize::MAX));
        let kpis = self.question.kpis.kpis().to_vec();
        Ok(Report { heading, entries: rows, total, kpis })
    }

    /// Asks for a timeline.
    pub(crate) async fn timeline(
        self,
        client: &Client,
        interval: Interval,
        wanted: &Wanted,
    ) -> Result<Timeline, Failure> {
        let mut heading = self.heading(client);
        let (history, history_before) = (self.history.as_ref(), self.before_from());
        let notices = &mut Notes::of(&mut heading.notices);
        let mut rows =
            ask_series((client, history), &self.question, &self.rows, &interval, notices).await?;
        let compare_with =
            |rows: &mut [SeriesEntry], earlier, before: &Before, notices: &mut Notes<'_>| {
                let periods = Periods {
                    zone: &self.question.zone,
                    now: (self.period.from(), self.period.to()),
                    before: (before.from, before.to),
                    days: before.days,
                };
                let compared = pairs::compare(rows, earlier, &interval, periods);
                if let Err(reason) = &compared {
                    notices.say(format!("no comparison: {reason}"));
                }
                compared.is_ok()
            };
        let mut is_compared = true;
        if let Some((queries, before)) = &self.before {
            let source = (client, history_before);
            let earlier = ask_series(source, &self.question, queries, &interval, notices).await?;
            is_compared = compare_with(&mut rows, earlier, before, notices);
        }
        let mut total = None;
        if let Some(company) = &self.company {
            let question = &company.question;
            let mut all =
                ask_series((client, history), question, &company.rows, &interval, notices).await?;
            if let Some((queries, (_, before))) = company.before.as_ref().zip(self.before.as_ref())
            {
                let source = (client, history_before);
                let earlier = ask_series(source, question, queries, &interval, notices).await?;
                compare_with(&mut all, earlier, before, notices);
            }
            total = all.into_iter().next();
        }
        if !self.question.are_members {
            notices.say_missing(rows.iter().map(|row| &*row.key));
        }
        if let Some(kind) = self.question.kind_of_rows() {
            let unnamed = rows.iter_mut().filter(|entry| entry.known_name().is_none());
            let unnamed = unnamed.map(|entry| (&*entry.key, &mut entry.name));
            name(client, kind, unnamed, notices).await;
        }
        if !is_compared {
            heading.previous_period = None;
        }
        if let Some(order) = &wanted.order {
            order.apply_points(&mut rows);
            if let Some(total) = &mut total {
                order.apply_points(std::slice::from_mut(total));
            }
        }
        for entry in rows.iter_mut().chain(&mut total) {
            entry.points.truncate(wanted.top.unwrap_or(usize::MAX));
        }
        let kpis = self.question.kpis.kpis().to_vec();
        Ok(Timeline { heading, interval, entries: rows, total, kpis })
    }
}

/// Checks the rows' queries, and gives the period that all are about.
fn resolved(
    client: &Client,
    operation: &Operation,
    question: &Question,
    queries: &Queries,
    now: Timestamp,
) -> Result<ResolvedPeriod, Failure> {
    let Some(error) = first_refusal(client, operation, queries) else {
        let Some(query) = queries.all().next() else {
            unreachable!("a question has a query, be it an empty one");
        };
        return Ok(operation.preview(client, query)?.period);
    };
    if !is_too_old(&error) {
        return Err(error.into());
    }
    // The period itself is known: the rules' limit aside, the query can be made.
    let part = queries
        .all()
        .next()
        .and_then(|query| operation.preview(client, &query.clone().unchecked()).ok())
        .and_then(|preview| existing_part(&preview.period, client.api(), &question.zone, now));
    Err(match part {
        Some(part) => {
            Failure::Usage(format!("{}\n  {part}", on_the_command_line(&error.to_string())))
        }
        None => error.into(),
    })
}

/// Whether the API has forgotten what is asked.
pub(crate) fn is_too_old(error: &callperf::Error) -> bool {
    let rules = ["period-184-days", "period-6-months"];
    error.problems().iter().any(|problem| rules.contains(&problem.rule()))
}

fn first_refusal(
    client: &Client,
    operation: &Operation,
    queries: &Queries,
) -> Option<callperf::Error> {
    queries.all().find_map(|query| operation.check(client, query).err())
}

/// Why a history, if it is one that answers, can't.
fn lacking<'a>(
    history: Option<&Reader>,
    operation: &Operation,
    mut queries: impl Iterator<Item = &'a Query>,
) -> Option<String> {
    let error = queries.find_map(|query| history?.check(query, operation.interval()).err())?;
    Some(error.to_string())
}

fn reasons(error: &callperf::Error) -> String {
    let reasons: Vec<_> = error.problems().iter().map(callperf::rules::Problem::remedy).collect();
    on_the_command_line(&reasons.join("; "))
}

/// A key that the API leaves out had no such calls, as soon as it is settled which ones it does
/// leave out.
fn known_by(client: &Client, history: Option<&Reader>, kpis: &KpiSet) -> KpiSet {
    let settled = client.calibration().and_then(|it| it.settled("empty-records"));
    let kpis = kpis.clone();
    if history.is_none() && settled.is_some() { kpis.missing_is_zero() } else { kpis }
}

async fn ask(
    (client, history): (&Client, Option<&Reader>),
    question: &Question,
    queries: &Queries,
    notices: &mut Notes<'_>,
) -> Result<Vec<Entry>, Failure> {
    let pulled = |query: &Query| match history {
        Some(reader) => Pulling::Stored(reader.aggregate(query)),
        None => Pulling::Sent(Box::new(client.aggregate(query))),
    };
    let mut answers: Vec<Vec<Record>> = Vec::new();
    for query in &queries.of_kpis {
        answers.push(pull(pulled(query), notices).await?);
    }
    let figures = known_by(client, history, &question.kpis).try_merge(answers)?;
    let metrics = queries.of_metrics.as_ref().map(pulled);
    let older = queries.older_metrics.as_deref().map(pulled);
    let records = pull_metrics(metrics, older, &question.recent_calls, notices).await?;
    let hidden = question.hidden_calls();
    let mut entries = entries(&records, &figures);
    for entry in &mut entries {
        entry.numbers.hide_calls(&hidden);
    }
    Ok(entries)
}

async fn ask_series(
    (client, history): (&Client, Option<&Reader>),
    question: &Question,
    queries: &Queries,
    interval: &Interval,
    notices: &mut Notes<'_>,
) -> Result<Vec<SeriesEntry>, Failure> {
    let timeline = |query: &Query| match history {
        Some(reader) => Pulling::Stored(reader.timeline(query, interval.clone())),
        None => Pulling::Sent(Box::new(client.timeline(query, interval.clone()))),
    };
    let mut answers: Vec<Vec<Series>> = Vec::new();
    for query in &queries.of_kpis {
        answers.push(pull(timeline(query), notices).await?);
    }
    let figures = known_by(client, history, &question.kpis).try_merge_series(answers)?;
    let metrics = queries.of_metrics.as_ref().map(timeline);
    let older = queries.older_metrics.as_deref().map(timeline);
    let series = pull_metrics(metrics, older, &question.recent_calls, notices).await?;
    let hidden = question.hidden_calls();
    let mut entries = series_entries(&series, &figures);
    for point in entries.iter_mut().flat_map(|entry| &mut entry.points) {
        point.numbers.hide_calls(&hidden);
    }
    Ok(entries)
}

fn compare(rows: &mut [Entry], earlier: Vec<Entry>) {
    let mut earlier: HashMap<String, Numbers> =
        earlier.into_iter().map(|entry| (entry.key, entry.numbers)).collect();
    for entry in rows {
        entry.previous = earlier.remove(&entry.key);
    }
}

/// Looks up the names that the API didn't send.
async fn name<'a>(
    client: &Client,
    kind: directory::Kind,
    unnamed: impl Iterator<Item = (&'a str, &'a mut Option<String>)>,
    notices: &mut Notes<'_>,
) {
    let unnamed: Vec<_> = unnamed.collect();
    if unnamed.is_empty() || client.api() != callperf::Api::Beta {
        return;
    }
    match lookup::listing(client, Some(kind)).await {
        Ok(listing) => {
            let names = listing.names();
            for (key, name) in unnamed {
                *name = names.get(key).map(|name| (*name).to_owned());
            }
        }
        Err(error) => {
            let error = error.to_string();
            let reason = error.lines().next().unwrap_or_default();
            notices.say(format!("keys stand for names, which couldn't be looked up: {reason}"));
        }
    }
}
