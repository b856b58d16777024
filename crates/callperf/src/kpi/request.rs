//! Key figures in one call.

use super::{KpiRecord, KpiSeries, KpiSet, refused::Subject};
use crate::{
    client::{Client, Preview, Progress, Report, Source},
    http::retry::RetryPolicy,
    query::Query,
    report::Notice,
    rules::Follows,
    words::{
        error::{Error, ErrorKind, Result},
        period::ResolvedPeriod,
        problem::Problem,
        vocabulary::Interval,
    },
};

impl Client {
    /// Returns a request for key figures: one record per key with all figures of the set.
    ///
    /// `query` says which calls: grouping, period, time zone, filters, days and hours. It has no
    /// measures, because the figures have their own.
    ///
    /// ```no_run
    /// # async fn example(client: callperf::Client) -> Result<(), callperf::Error> {
    /// use callperf::{GroupBy, Interval, Kpi, KpiSet, Period, Query};
    ///
    /// let set = KpiSet::new([Kpi::Offered, Kpi::AnswerRate]);
    /// let query = Query::new(GroupBy::queues(), Period::last_week(), "Europe/London");
    /// let week = client.kpis(&set, &query).all().await?;
    /// let days = client.kpis(&set, &query).by(Interval::Day).all().await?;
    /// # let _ = (week, days);
    /// # Ok(())
    /// # }
    /// ```
    pub fn kpis(&self, set: &KpiSet, query: &Query) -> KpiRequest<Self> {
        // In each way that the API may have it, a key that an answer leaves out had no such calls.
        let is_settled =
            self.calibration().is_some_and(|it| it.settled(Follows::EmptyRecords.name()).is_some());
        let set = if is_settled { set.clone().missing_is_zero() } else { set.clone() };
        set.request(self.clone(), query)
    }
}

impl KpiSet {
    /// The same as [`Client::kpis`] of any source: a client, a `&dyn Source`, an
    /// `Arc<dyn Source>`. The futures own what they need if the source does.
    ///
    /// ```
    /// use callperf::{Error, GroupBy, Kpi, KpiSet, Period, Query, Source};
    ///
    /// /// The queues that answered fewer than nine of ten calls.
    /// async fn weak_queues(source: &dyn Source) -> Result<Vec<String>, Error> {
    ///     let set = KpiSet::new([Kpi::AnswerRate]);
    ///     let query = Query::new(GroupBy::queues(), Period::last_week(), "Europe/London");
    ///     let report = set.request(source, &query).all().await?;
    ///     let is_weak = |rate: f64| rate < 0.9;
    ///     let weak = report.iter().filter(|queue| {
    ///         queue.get(Kpi::AnswerRate).is_some_and(|rate| is_weak(rate.as_f64()))
    ///     });
    ///     Ok(weak.map(|queue| queue.label().to_owned()).collect())
    /// }
    /// # let _ = |client: callperf::Client| async move { weak_queues(&client).await };
    /// ```
    pub fn request<S: Source>(&self, source: S, query: &Query) -> KpiRequest<S> {
        KpiRequest { source, set: self.clone(), query: query.clone() }
    }
}

/// A set of key figures, ready to be requested: what [`Client::kpis`] and [`KpiSet::request`]
/// return.
///
/// # What is refused
/// Before anything is sent, [`all`](Self::all) and [`check`](Self::check) refuse these, each by its
/// name in [`Error::problems`](crate::Error::problems):
///
/// | rule | what is refused |
/// |---|---|
/// | `kpi-set` | a set without figures |
/// | `kpi-short-abandons` | [`Kpi::AbandonmentRateWithoutShort`](super::Kpi::AbandonmentRateWithoutShort) without [`KpiSet::short_abandons`] |
/// | `kpi-measure` | a measure of the query |
/// | `kpi-filter` | a filter of direction, response, result or queue SLA, by which the figures choose their calls; with that figure also one of the time spent |
/// | `kpi-api` | a figure that the API lacks ([`Kpi::apis`](super::Kpi::apis)) |
/// | `kpi-grouping` | a figure that the grouping lacks ([`Kpi::fits`](super::Kpi::fits), [`KpiSet::fitting`]) |
/// | `kpi-timeline` | a figure that a timeline lacks ([`Kpi::fits_timelines`](super::Kpi::fits_timelines)) |
///
/// [`Query::unchecked`] passes the last three. The [rules](crate::rules) are asked besides.
#[derive(Clone, Debug)]
#[must_use = "a request sends nothing before its future is polled"]
pub struct KpiRequest<S> {
    source: S,
    set: KpiSet,
    query: Query,
}

impl<S: Source> KpiRequest<S> {
    /// The figures interval by interval: one series per key. Not on the beta.
    pub fn by(self, interval: Interval) -> KpiSeriesRequest<S> {
        KpiSeriesRequest { request: self, interval }
    }

    /// Checks that the figures can be had of the query, and sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with every problem.
    pub fn check(&self) -> Result<()> {
        self.subject(false).check()
    }

    fn queries(&self) -> Vec<Query> {
        self.set.queries_like(&self.query)
    }

    fn subject(&self, is_timeline: bool) -> Subject<'_> {
        let Self { source, set, query } = self;
        Subject { set, query, api: source.api(), is_timeline }
    }
}

macro_rules! settings {
    ($($type:ident: $($source:ident).+, $interval:expr;)+) => {$(
        /// Settings of its requests, and the requests themselves.
        impl $type<Client> {
            /// How many records a page of each query holds; see
            /// [`Request::per_page`](crate::Request::per_page).
            pub fn per_page(mut self, records: u32) -> Self {
                self.$($source).+.per_page(records);
                self
            }

            /// How often and how long its requests are tried, other than the client's.
            pub fn retry(mut self, policy: RetryPolicy) -> Self {
                self.$($source).+.retry(policy);
                self
            }

            /// Calls `hook` after each page of any of the queries with how far all of them are
            /// together; see [`Request::on_progress`](crate::Request::on_progress). Records are
            /// counted once for each query.
            pub fn on_progress(
                mut self,
                hook: impl Fn(&Progress) + Send + Sync + 'static,
            ) -> Self {
                self.$($source).+.on_progress(hook);
                self
            }

            /// The request of each query for a page, from 1, as it would be sent. Sends nothing.
            ///
            /// # Errors
            /// [`ErrorKind::Query`] if the query is refused.
            pub fn preview(&self, page: u32) -> Result<Vec<Preview>> {
                self.check()?;
                let interval: fn(&Self) -> Option<&Interval> = $interval;
                self.$($source).+.previews(&self.queries(), interval(self), page)
            }
        }
    )+};
}

settings! {
    KpiRequest: source, |_| None;
    KpiSeriesRequest: request.source, |request| Some(&request.interval);
}

impl<S: Source + Clone> KpiRequest<S> {
    /// All records, with the notices and the period.
    ///
    /// The set's queries are sent at the same time, as far as the client's quota and concurrency
    /// allow, each with all its pages. They are about the same calls: a relative period is resolved
    /// once for all. A notice that several queries have is given once.
    /// The breakdowns that show whether the server applied the filters are requested, too:
    /// [`Notice::FilterIgnored`] says if it didn't. A notice by the rule `kpi-staffed` says that
    /// [`Kpi::Occupancy`](super::Kpi::Occupancy) is nowhere, because the set doesn't say how long keys
    /// were staffed.
    ///
    /// # Cancel safety
    /// Dropping the future loses the pages that it has read, which count towards the quota;
    /// calling this again begins at the first page.
    ///
    /// A relative period is resolved by each call anew, unlike that of a
    /// [`Request`](crate::Request): two calls over midnight are about two days.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if the query is refused,
    /// [`ErrorKind::Answer`] if the source gives the response to another
    /// query, or reports that are about different periods; any other kind from the source. There are no
    /// figures of a part of the pages.
    pub fn all(&self) -> impl Future<Output = Result<Report<KpiRecord>>> + Send + use<S> {
        let request = self.clone();
        async move {
            request.check()?;
            let queries = request.queries();
            let reports = request.source.aggregates(&queries).await?;
            let report = joined(reports, |answers| request.set.try_merge(answers))?;
            Ok(with_notice(report, request.subject(false).without_staffed()))
        }
    }
}

/// A set of key figures interval by interval, ready to be requested: what [`KpiRequest::by`]
/// returns.
#[derive(Clone, Debug)]
#[must_use = "a request sends nothing before its future is polled"]
pub struct KpiSeriesRequest<S> {
    request: KpiRequest<S>,
    interval: Interval,
}

impl<S: Source> KpiSeriesRequest<S> {
    /// Checks that the figures can be had of the query, and sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with every problem.
    pub fn check(&self) -> Result<()> {
        self.request.subject(true).check()
    }

    fn queries(&self) -> Vec<Query> {
        self.request.queries()
    }
}

impl<S: Source + Clone> KpiSeriesRequest<S> {
    /// All series, with the notices and the period; otherwise as [`KpiRequest::all`].
    ///
    /// [`Kpi::Occupancy`](super::Kpi::Occupancy) is `None`: the staffed time of a point isn't known.
    ///
    /// # Cancel safety
    /// As for [`KpiRequest::all`].
    ///
    /// # Errors
    /// Those of [`KpiRequest::all`].
    pub fn all(&self) -> impl Future<Output = Result<Report<KpiSeries>>> + Send + use<S> {
        let Self { request, interval } = self.clone();
        async move {
            request.subject(true).check()?;
            let queries = request.queries();
            let reports = request.source.timelines(&queries, interval).await?;
            let report = joined(reports, |answers| request.set.try_merge_series(answers))?;
            Ok(with_notice(report, request.subject(true).without_staffed()))
        }
    }
}

/// The figures of all reports, with the period of the first and each notice once.
fn joined<T, K>(
    reports: Vec<Report<T>>,
    merge: impl FnOnce(Vec<Vec<T>>) -> Result<Vec<K>>,
) -> Result<Report<K>> {
    let period = one_period(&reports)?;
    let mut notices: Vec<Notice> = Vec::new();
    let mut answers = Vec::with_capacity(reports.len());
    for report in reports {
        for notice in report.notices {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
        answers.push(report.records);
    }
    Ok(Report { records: merge(answers)?, period, notices })
}

fn with_notice<T>(mut report: Report<T>, problem: Option<Problem>) -> Report<T> {
    report.notices.extend(problem.map(Notice::Rule));
    report
}

/// The period of all reports. One without records has no other trace of it.
fn one_period<T>(reports: &[Report<T>]) -> Result<ResolvedPeriod> {
    let error = |reason: String| Error::new(ErrorKind::Answer, reason);
    let no_report = || error("the source gave no report".to_owned());
    let period = reports.first().ok_or_else(no_report)?.period;
    let ends = |period: ResolvedPeriod| (period.start(), period.end());
    match reports.iter().find(|report| ends(report.period) != ends(period)) {
        None => Ok(period),
        Some(Report { period: other, .. }) => Err(error(format!(
            "the source's reports are about different periods, {} to {} and {} to {}; fetch all of \
             them at one instant, or ask for a period that has ended",
            period.start(),
            period.end(),
            other.start(),
            other.end()
        ))),
    }
}
