//! One query, ready to be sent.

use std::marker::PhantomData;

use callperf_raw::BodyCopy;

use super::{
    connection::{Client, Inner},
    fetch::{Fetched, of_rows},
    pages::Pages,
    planned::Planned,
    preview::Preview,
    progress::{Progress, Together},
    raw_page::RawPage,
    records::Records,
    report::Report,
};
use crate::{
    http::{hook::Hook, retry::RetryPolicy},
    plan::{Draft, expected::Expected},
    query::Query,
    report::{Notice, Page, Record, Row, Series},
    wire::operations,
    words::{error::Result, operation::Operation, vocabulary::Interval},
};

impl Client {
    /// One record per key, added up over the period.
    pub fn aggregate(&self, query: &Query) -> Request<Record> {
        self.request(query, Operation::Aggregate)
    }

    /// A series of points per key, one point per interval. Not on the beta.
    ///
    /// A period that isn't longer than the interval is sent with the interval beside it,
    /// because the API may refuse it otherwise. The points and the keys of that interval
    /// are left out.
    ///
    /// An interval that the period cuts has the calls of the part in the period alone; a
    /// [notice](Notice::PartialIntervals) says so.
    pub fn timeline(&self, query: &Query, interval: Interval) -> Request<Series> {
        self.request(query, Operation::Timeline(interval))
    }

    fn request<T>(&self, query: &Query, operation: Operation) -> Request<T> {
        let Inner { api, account, followed, revision, is_strict, .. } = &*self.0;
        let tuning = &*self.1;
        let mut draft = Draft {
            per_page: tuning.per_page,
            account: account.clone(),
            followed: *followed,
            revision: *revision,
            is_strict: *is_strict,
            ..Draft::new(*api, query, operation)
        };
        let period = draft.query.period.clone();
        draft.query.period = period.with_usual_week_start(followed.timelines.week_start);
        let mut planned = Planned::new(draft);
        planned.retry = tuning.retry;
        Request {
            client: self.clone(),
            planned,
            on_progress: tuning.on_progress.clone(),
            reads_ahead: false,
            decodes_one_by_one: false,
            records: PhantomData,
        }
    }
}

/// One query to one API, ready to be sent.
///
/// A request sends nothing by itself. [`all`](Self::all), [`page`](Self::page),
/// [`pages`](Self::pages) and [`records`](Self::records) give futures and streams, which send when
/// they are polled. Those own what they need: they can be made in a `try_join!`, spawned, and
/// outlive the request, its query and the client.
///
/// ```no_run
/// # use callperf::{Breakdown, Client, GroupBy, Period, Query};
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// # let query = |group_by| {
/// #     Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
/// # };
/// let (queues, users) = (query(GroupBy::queues()), query(GroupBy::users()));
/// let (queues, users) = tokio::try_join!(
///     client.aggregate(&queues).all(),
///     client.aggregate(&users).all(),
/// )?;
///
/// let company = query(GroupBy::company());
/// let page = tokio::spawn(client.aggregate(&company).page(1)).await??;
/// # let _ = (queues, users, page);
/// # Ok(())
/// # }
/// ```
///
/// A relative period is resolved once, when the first page is requested or
/// [previewed](Self::preview): all pages and previews of a request, and of its clones, are about
/// the same period. Make a new request for a later day.
#[derive(Clone, Debug)]
#[must_use = "a request sends nothing before one of its futures or streams is polled"]
pub struct Request<T> {
    client: Client,
    planned: Planned,
    on_progress: Hook<Progress>,
    reads_ahead: bool,
    decodes_one_by_one: bool,
    records: PhantomData<fn() -> T>,
}

/// The name of [`Request`] in earlier versions.
#[deprecated(note = "use `Request`")]
pub type Call<T> = Request<T>;

impl<T: Row> Request<T> {
    /// How many records a page holds; by default as many as the API allows
    /// (aggregate 200, timeline 20; the beta states no maximum: 100).
    pub fn per_page(mut self, records: u32) -> Self {
        self.planned.draft.per_page = Some(records);
        self
    }

    /// Sends a parameter in the address that this crate has no word for. One that the request has
    /// already, such as the page size, is refused when it is used.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.planned.draft.parameters.push((name.into(), value.into()));
        self
    }

    /// How often and how long its requests are tried, other than the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.planned.retry = Some(policy);
        self
    }

    /// How many bytes a response may have, after decompression, other than the client's
    /// [`max_body_bytes`](crate::ClientBuilder::max_body_bytes).
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.planned.max_body = Some(bytes);
        self
    }

    /// Decodes the series of a timeline's page one after the other as [`records`](Self::records)
    /// returns them: memory holds the bytes of a page and one series, where decoded series take
    /// twelve times their bytes. A long timeline with many points then takes fewer requests.
    ///
    /// [`max_json_values`](crate::ClientBuilder::max_json_values) bounds each series instead of
    /// the page. Nothing changes for other requests, and for [`pages`](Self::pages),
    /// [`page`](Self::page) and [`all`](Self::all).
    pub fn one_by_one(mut self) -> Self {
        self.decodes_one_by_one = true;
        self
    }

    /// Fetches the next page while the records of one are used; within the quota
    /// and the concurrency like every request. By default a page is fetched when
    /// it is needed, so that a pull that ends early spends nothing for it.
    ///
    /// It takes a Tokio runtime to poll the records in.
    pub fn read_ahead(mut self) -> Self {
        self.reads_ahead = true;
        self
    }

    /// Calls `hook` after each page with how far the pull is and when it can end. A panic of it
    /// goes no further, as [`ClientBuilder::on_attempt`](crate::ClientBuilder::on_attempt) says.
    pub fn on_progress(mut self, hook: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = Hook::new(hook);
        self
    }

    /// Asks the rules, and sends nothing. Names are taken for known.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) with every problem of the query.
    pub fn check(&self) -> Result<Vec<Notice>> {
        self.planned.checked(&self.client).map(|plan| plan.notices)
    }

    /// Adds up the progress of several requests.
    pub(super) fn watch_together(requests: &mut [Self]) {
        let Some(first) = requests.first().filter(|first| first.on_progress.is_some()) else {
            return;
        };
        let client = first.client.clone();
        let operation = operations::id(first.planned.draft.api, &first.planned.draft.operation);
        let earliest_end = move |pages| client.transport().earliest_end(operation, pages);
        let together = Together::new(requests.len(), first.on_progress.clone(), earliest_end);
        for (at, request) in requests.iter_mut().enumerate() {
            request.on_progress = together.hook(at);
        }
    }

    /// Resolves its period at the same instant as another request, and looks up the names of the
    /// same grouping once for both.
    pub(super) fn resolve_with(&mut self, other: &Self) {
        self.planned.resolve_with(&other.planned);
    }

    /// The request for a page, from 1, as it would be sent. Sends nothing.
    ///
    /// Names whose keys aren't known yet stand in the place of the keys, and in
    /// [`Preview::names`].
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) with every problem of the query.
    pub fn preview(&self, page: u32) -> Result<Preview> {
        let plan = self.planned.previewed(&self.client, page)?;
        let unknown = self.planned.has_unknown_keys();
        Ok(Preview {
            names: if unknown {
                self.planned.draft.query.group_by.names.clone()
            } else {
                Vec::new()
            },
            method: "POST",
            server: self.client.transport().server().to_owned(),
            path: operations::path(&plan),
            query: operations::parameters(&plan, page),
            body: operations::body(&plan),
            period: plan.period,
            per_page: plan.per_page,
            notices: plan.notices,
        })
    }

    /// One page, from 1. If nothing on it can be read, it is empty but for its notices; one after
    /// the last is empty with a notice that says so.
    ///
    /// # Cancel safety
    /// Dropping the future drops the request, and loses nothing but its response: call this again
    /// to fetch the page. A request that was sent by then counts towards the quota. A login that
    /// was begun goes on, for the next request.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the rules refuse the query; any other kind
    /// from the request.
    pub fn page(&self, number: u32) -> impl Future<Output = Result<Page<T>>> + Send + use<T> {
        let (client, planned) = (self.client.clone(), self.planned.clone());
        async move {
            // Boxed: it is large, and callers join and hold many.
            let Fetched { plan, page, .. } = Box::pin(client.fetch(&planned, number)).await?;
            Ok(with_missing(&plan.query, page, number))
        }
    }

    /// All records, with the notices and the period.
    ///
    /// # Cancel safety
    /// Dropping the future loses the pages that it has read, which count towards the quota;
    /// calling this again begins at the first page. To stop and go on, read
    /// [`records`](Self::records) or [`pages`](Self::pages).
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the rules refuse the query; any other kind
    /// from a request. There is no report of a part of the pages.
    pub fn all(&self) -> impl Future<Output = Result<Report<T>>> + Send + use<T> {
        Report::of(self.pages())
    }

    /// One page, from 1, as the bytes that the server sent, with what is needed to read them
    /// later. [`read_raw`](Self::read_raw) reads it.
    ///
    /// A page that [`page`](Self::page) would fail for fails here, too.
    ///
    /// # Cancel safety
    /// As for [`page`](Self::page).
    ///
    /// # Errors
    /// Those of [`page`](Self::page).
    pub fn raw(&self, number: u32) -> impl Future<Output = Result<RawPage>> + Send + use<T> {
        let (client, planned) = (self.client.clone(), self.planned.clone());
        async move {
            let copy = BodyCopy::default();
            let fetched: Fetched<T> =
                Box::pin(client.fetch_with(&planned, number, Some(&copy))).await?;
            RawPage::new(&planned, &fetched.plan, number, copy.take())
        }
    }

    /// Reads a page that [`raw`](Self::raw) returned, at any later time. Nothing is sent.
    ///
    /// A relative period is the one of then, and so are the keys of names: for the last seven days,
    /// these are the seven days before the page was fetched.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the rules refuse the query,
    /// [`ErrorKind::Answer`](crate::ErrorKind::Answer) if the page answers another request; the
    /// message names what differs: the API, the operation, the grouping, the period, the filters,
    /// the metrics or the parameters.
    pub fn read_raw(&self, page: &RawPage) -> Result<Page<T>> {
        page.check_place(&self.planned.draft)?;
        let plan = page.planned(&self.planned).settled(&self.client, page.page())?;
        page.check_query(&plan)?;
        let read = operations::read(&plan, page.body())?;
        Ok(with_missing(&plan.query, of_rows(read)?, page.page()))
    }

    /// Reads an answer to this query that was received some other way: another program's, for
    /// example. Nothing is sent.
    ///
    /// A relative period is resolved as it is for a page that is requested now. Bytes alone don't
    /// say when they were sent: keep what [`raw`](Self::raw) returns, and use
    /// [`read_raw`](Self::read_raw).
    ///
    /// A timeline on the beta has no answer, and is refused by the rules.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the rules refuse the query,
    /// [`ErrorKind::Answer`](crate::ErrorKind::Answer) if this isn't its answer.
    pub fn read(&self, answer: &[u8]) -> Result<Page<T>> {
        let plan = self.planned.plan(&self.client, 1)?;
        let page = operations::read(&plan, answer)?;
        Ok(with_missing(&plan.query, of_rows(page)?, 1))
    }

    /// All pages, as they are read: a stream. Its cancel safety is stated by [`Pages`].
    pub fn pages(&self) -> Pages<T> {
        self.pages_of(self.planned.clone())
    }

    /// All records, page after page, as they are read: a stream. Its cancel safety is stated by
    /// [`Records`].
    pub fn records(&self) -> Records<T> {
        let mut planned = self.planned.clone();
        planned.by_parts = self.decodes_one_by_one;
        Records::of(self.pages_of(planned))
    }

    fn pages_of(&self, planned: Planned) -> Pages<T> {
        Pages::new(self.client.clone(), planned, self.on_progress.clone(), self.reads_ahead)
    }
}

/// Adds what was asked for and isn't on a page.
fn with_missing<T: Row>(query: &Query, mut page: Page<T>, number: u32) -> Page<T> {
    if let Some(last) = page.total_pages.filter(|last| u64::from(number) > *last && number > 1) {
        page.notices.push(after_last(number, last));
        return page;
    }
    let mut expected = Expected::of(query);
    expected.take(&page.records);
    let is_only = number == 1 && page.total_pages.is_none_or(|pages| pages <= 1);
    let is_loss = |notice: &Notice| matches!(notice, Notice::Unreadable { .. });
    let is_readable = !page.notices.iter().any(is_loss);
    page.notices.extend(expected.missing(is_only, is_readable));
    page
}

fn after_last(page: u32, last: u64) -> Notice {
    let reason = match last {
        0 | 1 => "there is one page; request that".to_owned(),
        _ => format!("there are {last} pages; request one of those"),
    };
    Notice::Paging { page, reason }
}
