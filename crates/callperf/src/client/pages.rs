//! The pages of a request, one after the other.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, future::BoxFuture};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{
    connection::Client,
    fetch::{self, Fetched},
    page_guard::PageGuard,
    planned::Planned,
    progress::Progress,
};
use crate::{
    http::{failure, hook::Hook},
    plan::{Plan, expected::Expected},
    report::{AnyPage, Notice, Page, Row},
    wire::{calls_v1::Parts, operations},
    words::{
        error::{Error, ErrorKind, Result},
        period::ResolvedPeriod,
    },
};

/// All pages of a request: a [`Stream`].
///
/// Nothing is sent before it is polled, and an error ends it. It remembers the keys that have
/// come: a record of a key that was on an earlier page is left out. A notice is on the page that
/// it came with, and those about the query are on the first.
///
/// # Cancel safety
/// Polling it, [`try_next`](Self::try_next) included, is cancel safe: a page on its way stays in
/// the stream, and the next poll goes on with it. Dropping the stream drops that page's request.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    client: Client,
    next: Option<(Arc<Planned>, u32)>,
    failure: Option<Error>,
    pending: Option<BoxFuture<'static, Result<Fetched<T>>>>,
    notices: Vec<Notice>,
    period: Option<ResolvedPeriod>,
    total: Option<u64>,
    guard: PageGuard,
    expected: Expected,
    on_progress: Hook<Progress>,
    reads_ahead: bool,
    /// The series of the page that was returned last, if it has their keys alone.
    parts: Option<Parts>,
    /// Whether the last page was returned, and its parts are judged after it.
    is_to_be_judged: bool,
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("client", &self.client).finish_non_exhaustive()
    }
}

impl<T: Row> Pages<T> {
    pub(super) fn new(
        client: Client,
        planned: Planned,
        on_progress: Hook<Progress>,
        reads_ahead: bool,
    ) -> Self {
        let mut pages = Self {
            next: None,
            failure: None,
            pending: None,
            notices: Vec::new(),
            period: None,
            total: None,
            guard: PageGuard::default(),
            expected: Expected::default(),
            on_progress,
            reads_ahead,
            parts: None,
            is_to_be_judged: false,
            client,
        };
        if planned.has_unknown_keys() {
            pages.next = Some((Arc::new(planned), 1));
            return pages;
        }
        match planned.plan(&pages.client, 1) {
            Ok(plan) => {
                pages.go_by(&plan);
                pages.next = Some((Arc::new(planned), 1));
            }
            Err(error) => pages.failure = Some(error),
        }
        pages
    }

    /// The plan can change until the first request is sent.
    fn go_by(&mut self, plan: &Plan) {
        self.notices.clone_from(&plan.notices);
        self.period = Some(plan.period);
        self.expected = Expected::of(&plan.query);
    }

    /// The next page, or `None` after the last.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if the rules refuse the query; any other kind from a request.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        self.next().await.transpose()
    }

    /// All notices so far.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The period that all pages are about; `None` if the rules refuse the query, and before
    /// the first page if it has names whose keys have to be looked up. Before the first page it
    /// can change with the server's clock.
    #[must_use]
    pub fn period(&self) -> Option<ResolvedPeriod> {
        self.period
    }

    /// How many records there are in all; known after the first page.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    fn begin(&self, planned: Arc<Planned>, number: u32) -> BoxFuture<'static, Result<Fetched<T>>> {
        let client = self.client.clone();
        let fetch = async move { client.fetch(&planned, number).await };
        if self.reads_ahead {
            Box::pin(Ahead(tokio::spawn(fetch.in_current_span())))
        } else {
            Box::pin(fetch)
        }
    }

    fn tell_progress(&self, number: u32, page: &Page<T>) {
        let Some((planned, _)) = &self.next else { return };
        let pages_read = u64::from(number);
        let pages_left = page.total_pages.unwrap_or(pages_read).saturating_sub(pages_read);
        let operation = operations::id(planned.draft.api, &planned.draft.operation);
        self.on_progress.call(|| Progress {
            pages_read,
            pages_left,
            records_read: self.guard.records_read(),
            records_announced: page.total_records,
            earliest_end: self.client.transport().earliest_end(operation, pages_left),
        });
    }

    /// Takes a page in, and finds out whether there is another.
    fn absorb(&mut self, number: u32, fetched: Fetched<T>) -> Result<Page<T>> {
        let Fetched { plan, mut page, parts } = fetched;
        if number == 1 {
            self.go_by(&plan);
        }
        // A page begins with the notices of its plan, which are said already.
        let mut own = page.notices.split_off(plan.notices.len().min(page.notices.len()));
        page.notices.clear();
        let is_last = page.total_pages.is_none_or(|pages| u64::from(number) >= pages);
        let odd = self.guard.take(number, &mut page, is_last)?;
        if let Some(first) = odd.first().filter(|_| plan.is_strict) {
            return Err(Error::new(ErrorKind::Answer, first.to_string()));
        }
        self.guard.see_losses(&own, is_last)?;
        self.total = page.total_records;
        self.tell_progress(number, &page);
        let known = if number == 1 { 0 } else { self.notices.len() };
        own.retain(|it| matches!(it, Notice::Unreadable { .. }) || !self.notices.contains(it));
        self.notices.extend(own.into_iter().chain(odd));
        self.is_to_be_judged = is_last;
        self.parts = parts;
        if self.parts.is_none() {
            self.expected.take(&page.records);
            self.judge();
        }
        page.notices.extend_from_slice(&self.notices[known..]);
        self.next = self.next.take().filter(|_| !is_last).map(|(plan, _)| (plan, number + 1));
        Ok(page)
    }
}

impl<T: Row> Pages<T> {
    /// The series of the page that was returned last, if it has their keys alone.
    pub(super) fn take_parts(&mut self) -> Option<Parts> {
        self.parts.take()
    }

    /// Decodes a series of the page that was returned last. It is absent if it can't be read.
    ///
    /// # Errors
    /// If it is too large, or can't be read and the client is strict.
    pub(super) fn decode(&mut self, parts: &Parts, number: usize) -> Result<Option<T>> {
        let max_values = self.client.transport().max_values();
        let read = failure::bounded_values(parts.text(number), max_values)
            .and_then(|()| parts.read(number))
            .map_err(|error| error.with_status(200))?;
        let mut page = fetch::of_rows::<T>(AnyPage::Series(read))?;
        self.guard.see_losses(&page.notices, false)?;
        self.notices.append(&mut page.notices);
        self.expected.take(&page.records);
        Ok(page.records.pop())
    }

    /// Lets no page follow.
    pub(super) fn end(&mut self) {
        self.next = None;
        self.pending = None;
    }

    /// Notes what no record had, after the last page.
    pub(super) fn judge(&mut self) {
        if std::mem::take(&mut self.is_to_be_judged) {
            let is_readable = self.guard.is_readable();
            let missing = std::mem::take(&mut self.expected).missing(true, is_readable);
            self.notices.extend(missing);
        }
    }
}

impl<T: Row> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.failure.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some((planned, number)) = self.next.clone() else {
            return Poll::Ready(None);
        };
        let mut pending = self.pending.take().unwrap_or_else(|| self.begin(planned, number));
        let Poll::Ready(fetched) = pending.as_mut().poll(context) else {
            self.pending = Some(pending);
            return Poll::Pending;
        };
        let page = fetched.and_then(|fetched| self.absorb(number, fetched));
        if page.is_err() {
            self.next = None;
        }
        if self.reads_ahead {
            let next = self.next.clone();
            self.pending = next.map(|(planned, number)| self.begin(planned, number));
        }
        Poll::Ready(Some(page))
    }
}

impl<T> Unpin for Pages<T> {}

/// A page that is fetched before it is waited for. It ends with its reader.
struct Ahead<T>(JoinHandle<Result<Fetched<T>>>);

impl<T> Future for Ahead<T> {
    type Output = Result<Fetched<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| match joined {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => {
                    Err(Error::new(ErrorKind::Network, "the runtime ended before the request did"))
                }
            },
        })
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
