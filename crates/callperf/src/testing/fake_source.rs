//! A source that no server is behind.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    client::{Report, Source, Sourced},
    plan::{Draft, Plan, expected::Expected},
    query::{Filter, Query},
    report::{Notice, Record, Row, Series, zone::Zone},
    wire::spelling,
    words::{
        api::Api,
        error::{Error, ErrorKind, Result},
        operation::Operation,
        vocabulary::Interval,
    },
};

/// Noon of 8 January 2026: the last seven days are the week of what tests make.
const NOW: Timestamp = Timestamp::constant(1_767_873_600, 0);

/// A [`Source`] for tests: it gives the records that were put into it, and remembers what it was
/// asked.
///
/// ```
/// use callperf::{
///     Breakdown, Error, ErrorKind, GroupBy, Period, Query, Record, Source, testing::FakeSource,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let queues = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
/// let source = FakeSource::new()
///     .with_records(&queues, [Record::fake().key("7001").calls(Breakdown::Total, 82)])
///     .with_error_if(|request| *request.query.group_by() == GroupBy::users(), || {
///         Error::fake(ErrorKind::Permission).status(403)
///     });
///
/// let report = source.aggregate(&queues).await?;
/// assert_eq!(report.records[0].calls().total().unwrap().as_u64(), Some(82));
/// assert_eq!(source.requests()[0].query, queues);
///
/// let users = Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total);
/// assert_eq!(source.aggregate(&users).await.unwrap_err().status(), Some(403));
///
/// let sites = Query::new(GroupBy::sites(), Period::last_days(7), "UTC").calls(Breakdown::Total);
/// assert_eq!(source.aggregate(&sites).await.unwrap_err().kind(), ErrorKind::NotRecorded);
/// # Ok(())
/// # }
/// ```
///
/// The first answer that fits is given, as often as it is asked for. Records are made those of the
/// query that was asked. A breakdown that is asked for only as the [proof](crate::Filter::proof) of a
/// filter makes no other query of it.
///
/// The report has the notices that a client's would have: of keys and numbers that were asked for and
/// aren't in the records, and of a key that is there twice, which is given once. That the points of a
/// series are in the period isn't looked at.
///
/// # Key figures
/// A set of key figures asks several queries, of all calls and of the answered ones, for example. Give
/// each its own records, by [`KpiSet::queries`](crate::KpiSet::queries): the same records for all of
/// them say that all calls were abandoned.
///
/// ```
/// use callperf::{
///     Breakdown, CallResult, Error, GroupBy, Kpi, KpiSet, Period, Query, Record, testing::FakeSource,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let set = KpiSet::new([Kpi::Offered, Kpi::AverageSpeedOfAnswer]);
/// let queues = Query::new(GroupBy::queues(), Period::last_days(7), "UTC");
/// let queries = set.queries(GroupBy::queues(), Period::last_days(7), "UTC");
/// let [inbound, answered] = &queries[..] else { panic!("{queries:?}") };
/// let offered = Record::fake().key("7001").calls(Breakdown::Total, 50);
/// let answered_calls = Record::fake()
///     .key("7001")
///     .calls(Breakdown::Total, 40)
///     .time_spent_by(Breakdown::Segment, "ringing", 400);
/// let source = FakeSource::new()
///     .with_records(inbound, [offered])
///     .with_records(answered, [answered_calls]);
///
/// let report = set.request(&source, &queues).all().await?;
/// let speed = report.records[0].get(Kpi::AverageSpeedOfAnswer).unwrap();
/// assert_eq!(speed.to_string(), "10.0 s");
/// # Ok(())
/// # }
/// ```
///
/// A function that takes figures rather than a source is tested with
/// [`KpiRecord::fake`](crate::kpi::KpiRecord::fake).
///
/// Its clock stands at noon of 8 January 2026 in UTC ([`now`](Self::now) sets it), and periods are
/// resolved by it: a query with a relative period is the same as one with the period that it has
/// then. A query that nothing fits fails with [`ErrorKind::NotRecorded`], whose message has the
/// query as JSON. Clones share what they were asked.
///
/// # What is refused
/// It asks the [rules](crate::rules) as a client of its [`api`](Self::with_api) does, by its own
/// clock: what the client would refuse fails with [`ErrorKind::Query`] and the same problems, and
/// the notices of the rules are in the report. A query with a period in November 2026 is about the
/// future for it, unless [`now`](Self::now) is set later. Each name ([`GroupBy::named`]) is its own
/// key, as if the client had a [`KeyResolver`](crate::KeyResolver) that knows all.
///
/// [`GroupBy::named`]: crate::GroupBy::named
#[derive(Clone)]
#[must_use]
pub struct FakeSource {
    api: Api,
    now: Timestamp,
    errors: Vec<(Fits, MakeError)>,
    records: Vec<(Fits, Vec<Record>)>,
    series: Vec<(Fits, Vec<Series>)>,
    notices: Vec<Notice>,
    requests: Arc<Mutex<Vec<SourceRequest>>>,
}

type Fits = Arc<dyn Fn(&FakeSource, &SourceRequest) -> bool + Send + Sync>;

type MakeError = Arc<dyn Fn() -> Error + Send + Sync>;

/// What a [`FakeSource`] was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceRequest {
    /// The query.
    pub query: Query,
    /// The interval of a timeline; `None` for an aggregate.
    pub interval: Option<Interval>,
}

impl SourceRequest {
    /// What a client would send at this instant.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with every problem that a client would report.
    fn plan(&self, api: Api, now: Timestamp) -> Result<Plan> {
        let operation = self.interval.clone().map_or(Operation::Aggregate, Operation::Timeline);
        let mut draft = Draft::new(api, &self.query, operation);
        draft.query.group_by = draft.query.group_by.with_names_for_keys();
        Plan::new(&draft, spelling::of(api), now, 1)
    }
}

impl fmt::Display for SourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = serde_json::to_string(&self.query).map_err(|_| fmt::Error)?;
        match &self.interval {
            Some(interval) => write!(f, "the timeline by {interval} of {query}"),
            None => write!(f, "the aggregate of {query}"),
        }
    }
}

impl Default for FakeSource {
    fn default() -> Self {
        Self {
            api: Api::default(),
            now: NOW,
            errors: Vec::new(),
            records: Vec::new(),
            series: Vec::new(),
            notices: Vec::new(),
            requests: Arc::default(),
        }
    }
}

impl fmt::Debug for FakeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, now, .. } = self;
        f.debug_struct("FakeSource")
            .field("api", api)
            .field("now", now)
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}

impl FakeSource {
    /// A source that fails for every query.
    pub fn new() -> Self {
        Self::default()
    }

    /// The API whose words it has; by default today's.
    pub fn with_api(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    /// The instant at which it resolves periods.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Gives these records for an aggregate of the query.
    pub fn with_records(
        mut self,
        query: &Query,
        records: impl IntoIterator<Item = impl Into<Record>>,
    ) -> Self {
        self.records.push((exactly(query, None), all(records)));
        self
    }

    /// Gives these records for each aggregate whose query passes.
    pub fn with_records_if(
        mut self,
        fits: impl Fn(&Query) -> bool + Send + Sync + 'static,
        records: impl IntoIterator<Item = impl Into<Record>>,
    ) -> Self {
        let fits = move |_: &Self, request: &SourceRequest| {
            request.interval.is_none() && fits(&request.query)
        };
        self.records.push((Arc::new(fits), all(records)));
        self
    }

    /// Gives these series for a timeline of the query.
    pub fn with_series(
        mut self,
        query: &Query,
        interval: Interval,
        series: impl IntoIterator<Item = impl Into<Series>>,
    ) -> Self {
        self.series.push((exactly(query, Some(interval)), all(series)));
        self
    }

    /// Gives these series for each timeline whose query and interval pass.
    pub fn with_series_if(
        mut self,
        fits: impl Fn(&Query, &Interval) -> bool + Send + Sync + 'static,
        series: impl IntoIterator<Item = impl Into<Series>>,
    ) -> Self {
        let fits = move |_: &Self, request: &SourceRequest| {
            request.interval.as_ref().is_some_and(|interval| fits(&request.query, interval))
        };
        self.series.push((Arc::new(fits), all(series)));
        self
    }

    /// Fails for each request that passes, aggregate or timeline; also if records or series fit.
    pub fn with_error_if<E: Into<Error>>(
        mut self,
        fits: impl Fn(&SourceRequest) -> bool + Send + Sync + 'static,
        error: impl Fn() -> E + Send + Sync + 'static,
    ) -> Self {
        let fits = move |_: &Self, request: &SourceRequest| fits(request);
        self.errors.push((Arc::new(fits), Arc::new(move || error().into())));
        self
    }

    /// Adds a notice to every report.
    pub fn with_notice(mut self, notice: Notice) -> Self {
        self.notices.push(notice);
        self
    }

    /// What it was asked, in that order.
    #[must_use]
    pub fn requests(&self) -> Vec<SourceRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The query about the period that it has now, without the proofs of its filters.
    fn absolute(&self, query: &Query) -> Query {
        let zone = TimeZone::get(query.time_zone()).ok();
        let period = zone.and_then(|zone| query.period().at(self.now, &zone).ok());
        let mut query = period.into_iter().fold(query.clone(), Query::with_period);
        let proofs: Vec<_> = query.filters.iter().filter_map(Filter::proof).collect();
        query.calls.retain(|measure| !proofs.iter().any(|proof| *measure == proof.clone().into()));
        query
    }

    /// The answer among these, and the plan that it is the answer to.
    fn answer<T: Clone>(
        &self,
        request: &SourceRequest,
        answers: &[(Fits, Vec<T>)],
    ) -> Result<(Vec<T>, Plan)> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let plan = request.plan(self.api, self.now)?;
        if let Some((_, error)) = self.errors.iter().find(|(fits, _)| fits(self, request)) {
            return Err(error());
        }
        let answer = answers.iter().find(|(fits, _)| fits(self, request));
        let (_, answer) = answer.ok_or_else(|| unexpected(request))?;
        Ok((answer.clone(), plan))
    }

    /// The report, with what a client notices of records.
    fn report<T: Row>(&self, mut records: Vec<T>, plan: Plan) -> Report<T> {
        let mut notices = plan.notices;
        let mut keys = HashSet::new();
        records.retain(|record| {
            let is_new = keys.insert(record.key().to_owned());
            let reason = || format!("the key {} came before; it is given once", record.key());
            let again = (!is_new).then(|| Notice::Paging { page: 1, reason: reason() });
            notices.extend(again);
            is_new
        });
        let mut expected = Expected::of(&plan.query);
        expected.take(&records);
        notices.extend(expected.missing(true, true));
        notices.extend_from_slice(&self.notices);
        Report { records, period: plan.period, notices }
    }

    fn aggregate_report(&self, request: &SourceRequest) -> Result<Report<Record>> {
        let (mut records, plan) = self.answer(request, &self.records)?;
        for record in &mut records {
            record.fingerprint = plan.fingerprint;
        }
        Ok(self.report(records, plan))
    }

    fn timeline_report(&self, request: &SourceRequest) -> Result<Report<Series>> {
        let (mut series, plan) = self.answer(request, &self.series)?;
        for one in &mut series {
            one.fingerprint = plan.fingerprint;
            for point in &mut one.points {
                point.zone = Zone::from(plan.time_zone.clone());
            }
        }
        Ok(self.report(series, plan))
    }
}

impl Source for FakeSource {
    fn api(&self) -> Api {
        self.api
    }

    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
        let source = self.clone();
        let request = SourceRequest { query: query.clone(), interval: None };
        Box::pin(async move { source.aggregate_report(&request) })
    }

    fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>> {
        let source = self.clone();
        let request = SourceRequest { query: query.clone(), interval: Some(interval) };
        Box::pin(async move { source.timeline_report(&request) })
    }
}

fn exactly(query: &Query, interval: Option<Interval>) -> Fits {
    let query = query.clone();
    Arc::new(move |source: &FakeSource, request: &SourceRequest| {
        request.interval == interval && source.absolute(&request.query) == source.absolute(&query)
    })
}

fn all<T>(items: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    items.into_iter().map(Into::into).collect()
}

fn unexpected(request: &SourceRequest) -> Error {
    let remedy = "give it one by FakeSource::with_records, with_series or with_error_if";
    let message = format!("the fake source has no answer to {request}\n{remedy}");
    Error::new(ErrorKind::NotRecorded, message)
}
