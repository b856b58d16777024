//! One query, ready to be sent.

use std::{marker::PhantomData, sync::Arc};

use super::{
    connection::{Client, Inner},
    fetch::{Fetched, of_rows},
    preview::Preview,
    progress::{OnProgress, Progress},
    records::Records,
    request::Planned,
};
use crate::{
    http::retry::RetryPolicy,
    plan::{Request, expected::Expected},
    query::Query,
    report::{Notice, Page, Record, Row, Series},
    wire::operations,
    words::{error::Result, operation::Operation, vocabulary::Interval},
};

impl Client {
    /// One record per key, added up over the period.
    pub fn aggregate(&self, query: &Query) -> Call<Record> {
        self.call(query, Operation::Aggregate)
    }

    /// A series of points per key, one point per interval. Not on the beta.
    ///
    /// A period that isn't longer than the interval is sent with the interval beside it,
    /// because the API may refuse it otherwise. The points and the keys of that interval
    /// are left out.
    pub fn timeline(&self, query: &Query, interval: Interval) -> Call<Series> {
        self.call(query, Operation::Timeline(interval))
    }

    fn call<T>(&self, query: &Query, operation: Operation) -> Call<T> {
        let Inner { api, account, end_offset, is_strict, .. } = &*self.0;
        let planned = Planned::new(Request {
            api: *api,
            account: account.clone(),
            query: query.clone(),
            operation,
            per_page: None,
            parameters: Vec::new(),
            end_offset: *end_offset,
            is_strict: *is_strict,
        });
        Call {
            client: self.clone(),
            planned,
            on_progress: OnProgress::default(),
            reads_ahead: false,
            records: PhantomData,
        }
    }
}

/// One query to one API. Nothing is sent before a page or a record is awaited.
///
/// A relative period is resolved once, when the first request is sent or
/// [previewed](Self::preview): all pages and previews of a call, and of its clones, are about
/// the same period. Make a new call for a later day.
#[derive(Clone, Debug)]
#[must_use]
pub struct Call<T> {
    client: Client,
    planned: Planned,
    on_progress: OnProgress,
    reads_ahead: bool,
    records: PhantomData<fn() -> T>,
}

impl<T: Row> Call<T> {
    /// How many records a page holds; by default as many as the API allows
    /// (aggregate 200, timeline 20; the beta states no maximum: 100).
    pub fn per_page(mut self, records: u32) -> Self {
        self.planned.request.per_page = Some(records);
        self
    }

    /// Sends a parameter in the address that this crate has no word for.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.planned.request.parameters.push((name.into(), value.into()));
        self
    }

    /// How often and how long its requests are tried, other than the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.planned.retry = Some(policy);
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

    /// Is told after each page how far the pull is and when it can end.
    pub fn on_progress(mut self, hook: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = OnProgress(Some(Arc::new(hook)));
        self
    }

    /// Asks the rules, and sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) with every problem of the query.
    pub fn check(&self) -> Result<Vec<Notice>> {
        self.planned.plan(&self.client, 1).map(|plan| plan.notices)
    }

    /// The request for a page, from 1, as it would be sent. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) with every problem of the query.
    pub fn preview(&self, page: u32) -> Result<Preview> {
        let plan = self.planned.settled(&self.client, page)?;
        Ok(Preview {
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

    /// One page, from 1. If nothing on it can be read, it is empty but for its notices.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) where the rules refuse the query; any other kind
    /// from the request.
    pub async fn page(&self, number: u32) -> Result<Page<T>> {
        let Fetched { plan, page } = self.client.fetch(&self.planned, number).await?;
        Ok(with_missing(&plan.query, page, number))
    }

    /// Reads an answer to this query that was received some other way: one that
    /// was stored, or another program's. Nothing is sent.
    ///
    /// A timeline on the beta has no answer, and is refused by the rules.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) where the rules refuse the query,
    /// [`ErrorKind::Answer`](crate::ErrorKind::Answer) where this isn't its answer.
    pub fn read(&self, answer: &[u8]) -> Result<Page<T>> {
        let plan = self.planned.plan(&self.client, 1)?;
        let page = operations::read(&plan, answer)?;
        Ok(with_missing(&plan.query, of_rows(page)?, 1))
    }

    /// All records, page after page, as they are read.
    pub fn records(&self) -> Records<T> {
        let planned = self.planned.clone();
        Records::new(self.client.clone(), planned, self.on_progress.clone(), self.reads_ahead)
    }
}

/// Adds what was asked for and isn't on a page.
fn with_missing<T: Row>(query: &Query, mut page: Page<T>, number: u32) -> Page<T> {
    let mut expected = Expected::of(query);
    expected.take(&page.records);
    let is_only = number == 1 && page.total_pages.is_none_or(|pages| pages <= 1);
    let is_loss = |notice: &Notice| matches!(notice, Notice::Unreadable { .. });
    let is_readable = !page.notices.iter().any(is_loss);
    page.notices.extend(expected.missing(is_only, is_readable));
    page
}
