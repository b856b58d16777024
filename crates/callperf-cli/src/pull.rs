//! From a question to its answer: what is asked of the API, and how the answers
//! become a report.

use std::collections::{BTreeSet, HashMap};

use callperf::{
    Breakdown, Client, Interval, KpiSet, Notice, Period, Query, Record, Request, Row, Series,
    Source as _, Sourced, directory, period::ResolvedPeriod,
};
use callperf_history::{Reader, files::is_refused};
use jiff::Timestamp;

use crate::{
    Failure,
    console::{Meter, say_once},
    history, lookup,
    order::Order,
    pairs::{self, Periods},
    period::{Before, existing_part, trimmed},
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
    pub(crate) compare: bool,
    pub(crate) totals: bool,
    pub(crate) order: Option<Order>,
    pub(crate) top: Option<usize>,
    /// What answers in the API's place.
    pub(crate) history: Option<Reader>,
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
        // The API's rules don't hold for a history, which refuses what it lacks.
        question.unchecked |= wanted.history.is_some();
        question.recent_calls.retain(|breakdown| recent::has(client, breakdown));
        let asked = question.queries(&question.period);
        let period = resolved(client, operation, &question, &asked, now)?;
        // All queries are about these instants, however long they wait for the quota.
        question.period = period.into();
        let rows = question.queries(&question.period);
        let trimmed = trimmed(&period, &question.zone, &question.time_zone);
        let notices = question.notices.iter().cloned().chain(trimmed);
        let history = wanted.history.clone();
        let notices = notices.chain(history.as_ref().map(history::answering)).collect();
        let mut plan =
            Self { question, rows, period, before: None, company: None, history, notices };
        if wanted.compare {
            match plan.queries_before(client, operation) {
                Ok(before) => plan.before = Some(before),
                Err(reason) => plan.notices.push(format!("no comparison: {reason}")),
            }
        }
        if wanted.totals {
            match plan.of_company(client, operation) {
                Ok(company) => plan.company = Some(company),
                Err(reason) => plan.notices.push(format!("no total: {reason}")),
            }
        }
        Ok(plan)
    }

    fn queries_before(
        &self,
        client: &Client,
        operation: &Operation,
    ) -> Result<(Queries, Before), String> {
        let zone = &self.question.zone;
        let before = match operation {
            Operation::Timeline(Interval::Month) => Before::of_months(&self.period, zone)?,
            _ => Before::of(&self.period, zone)?,
        };
        let queries = self.question.queries(&Period::between(before.from, before.to));
        match first_refusal(client, operation, &queries) {
            None => Ok((queries, before)),
            Some(error) => Err(format!(
                "the period before begins at {}; {}",
                before.from.to_zoned_datetime(self.question.zone.clone()).date(),
                reasons(&error)
            )),
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
        Ok(Company { question, rows, before })
    }

    /// Every query, in the order in which they are asked.
    pub(crate) fn queries(&self) -> impl Iterator<Item = &Query> {
        let before = self.before.iter().flat_map(|(queries, _)| queries.all());
        let company = self.company.iter().flat_map(|company| {
            company.rows.all().chain(company.before.iter().flat_map(Queries::all))
        });
        self.rows.all().chain(before).chain(company)
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
        let history = self.history.as_ref();
        let notices = &mut Notes::of(&mut heading.notices);
        let mut rows = ask((client, history), &self.question, &self.rows, notices).await?;
        if let Some((queries, _)) = &self.before {
            let earlier = ask((client, history), &self.question, queries, notices).await?;
            compare(&mut rows, earlier);
        }
        let mut total = None;
        if let Some(company) = &self.company {
            let mut all = ask((client, history), &company.question, &company.rows, notices).await?;
            if let Some(queries) = &company.before {
                let earlier = ask((client, history), &company.question, queries, notices).await?;
                compare(&mut all, earlier);
            }
            total = all.into_iter().next();
        }
        notices.say_missing(rows.iter().map(|row| &*row.key));
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
    ) -> Result<Timeline, Failure> {
        let mut heading = self.heading(client);
        let history = self.history.as_ref();
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
            let earlier =
                ask_series((client, history), &self.question, queries, &interval, notices).await?;
            is_compared = compare_with(&mut rows, earlier, before, notices);
        }
        let mut total = None;
        if let Some(company) = &self.company {
            let question = &company.question;
            let mut all =
                ask_series((client, history), question, &company.rows, &interval, notices).await?;
            if let Some((queries, (_, before))) = company.before.as_ref().zip(self.before.as_ref())
            {
                let earlier =
                    ask_series((client, history), question, queries, &interval, notices).await?;
                compare_with(&mut all, earlier, before, notices);
            }
            total = all.into_iter().next();
        }
        notices.say_missing(rows.iter().map(|row| &*row.key));
        if let Some(kind) = self.question.kind_of_rows() {
            let unnamed = rows.iter_mut().filter(|entry| entry.known_name().is_none());
            let unnamed = unnamed.map(|entry| (&*entry.key, &mut entry.name));
            name(client, kind, unnamed, notices).await;
        }
        if !is_compared {
            heading.previous_period = None;
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
    let too_old = ["period-184-days", "period-6-months"];
    if !error.problems().iter().any(|problem| too_old.contains(&problem.rule())) {
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

fn first_refusal(
    client: &Client,
    operation: &Operation,
    queries: &Queries,
) -> Option<callperf::Error> {
    queries.all().find_map(|query| operation.check(client, query).err())
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

/// Where the rows of a query come from.
enum Pulling<T> {
    Sent(Box<Request<T>>),
    Stored(Sourced<callperf::Report<T>>),
}

/// All records of the metrics. A server that refuses those which came lately is asked for
/// the others, and so is a history that lacks them.
async fn pull_metrics<T: Row>(
    metrics: Option<Pulling<T>>,
    older: Option<Pulling<T>>,
    recent: &[Breakdown],
    notices: &mut Notes<'_>,
) -> Result<Vec<T>, Failure> {
    let Some(metrics) = metrics else { return Ok(Vec::new()) };
    let is_stored = matches!(metrics, Pulling::Stored(_));
    match (Box::pin(pull(metrics, notices)).await, older) {
        (Err(Failure::Api(error)), Some(older)) if is_refused(&error) => {
            let records = Box::pin(pull(older, notices)).await?;
            notices.say(recent::left_out(recent));
            Ok(records)
        }
        (Err(Failure::Api(error)), Some(older)) if is_stored && error.is_query() => {
            let records = Box::pin(pull(older, notices)).await?;
            notices.say(format!("{error}; the rest is answered without"));
            Ok(records)
        }
        (outcome, _) => outcome,
    }
}

/// All records of a request; what a reader should know is said once.
///
/// # Errors
/// Those of a request, and a filter that the server ignored.
async fn pull<T: Row>(rows: Pulling<T>, notices: &mut Notes<'_>) -> Result<Vec<T>, Failure> {
    let (records, said) = match rows {
        Pulling::Sent(request) => {
            let meter = Meter::new("reading");
            let mut stream = request.on_progress(meter.hook()).records();
            let mut records = Vec::new();
            while let Some(record) = stream.try_next().await? {
                records.push(record);
            }
            (records, stream.notices().to_vec())
        }
        Pulling::Stored(report) => {
            let report = report.await?;
            (report.records, report.notices)
        }
    };
    for notice in &said {
        match notice {
            Notice::MissingKeys { keys } => notices.missing.extend(keys.iter().cloned()),
            Notice::FilterIgnored { filter, reason } => {
                return Err(recent::ignored_filter(filter, reason));
            }
            notice => notices.say(notice.to_string()),
        }
    }
    Ok(records)
}

/// What a reader should know, as far as it is known while the answers come in.
struct Notes<'a> {
    said: &'a mut Vec<String>,
    /// Keys that a response lacks. A narrower query may lack one that a row has.
    missing: BTreeSet<String>,
}

impl<'a> Notes<'a> {
    fn of(said: &'a mut Vec<String>) -> Self {
        Self { said, missing: BTreeSet::new() }
    }

    fn say(&mut self, notice: impl AsRef<str>) {
        say_once(self.said, on_the_command_line(notice.as_ref()));
    }

    fn say_missing<'k>(&mut self, rows: impl Iterator<Item = &'k str>) {
        for key in rows {
            self.missing.remove(key);
        }
        let keys: Vec<_> = std::mem::take(&mut self.missing).into_iter().collect();
        if !keys.is_empty() {
            self.say(Notice::MissingKeys { keys }.to_string());
        }
    }
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
