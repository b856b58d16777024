//! All records of a request, page after page.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use futures_util::{Stream, StreamExt};

use super::pages::Pages;
use crate::{
    report::{Notice, Row},
    wire::calls_v1::Parts,
    words::{error::Result, period::ResolvedPeriod},
};

/// All records of a request, read page after page: a [`Stream`].
///
/// Nothing is sent before it is polled, and an error ends it. It holds one page at a time, and
/// the keys that have come, so that it returns each once.
///
/// # Cancel safety
/// Polling it, [`try_next`](Self::try_next) included, is cancel safe: no record is lost, a page on
/// its way stays in the stream, and the next poll goes on with it. Dropping the stream drops that
/// page's request.
#[must_use = "streams do nothing unless polled"]
pub struct Records<T> {
    pages: Pages<T>,
    ready: vec::IntoIter<T>,
    /// The page whose series are decoded one after the other, and the next of them.
    parts: Option<(Parts, usize)>,
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl<T: Row> Records<T> {
    pub(super) fn of(pages: Pages<T>) -> Self {
        Self { pages, ready: Vec::new().into_iter(), parts: None }
    }

    /// The next of the series that are decoded one after the other. `ready` has those of them
    /// that didn't come before.
    fn next_part(&mut self) -> Option<Result<T>> {
        while let Some((parts, next)) = &mut self.parts {
            let number = *next;
            if number == parts.len() {
                self.parts = None;
                self.pages.judge();
                return None;
            }
            *next += 1;
            let outline = self.ready.as_slice().first();
            if !outline.is_some_and(|outline| parts.has_key(number, outline.key())) {
                continue;
            }
            drop(self.ready.next());
            match self.pages.decode(parts, number) {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(error) => {
                    self.parts = None;
                    self.ready = Vec::new().into_iter();
                    self.pages.end();
                    return Some(Err(error));
                }
            }
        }
        None
    }

    /// The next record, or `None` after the last.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the rules refuse the query; any other kind
    /// from a request.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// What a reader of the report should know, so far.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        self.pages.notices()
    }

    /// The period that all pages are about; `None` if the rules refuse the query, and before
    /// the first page if it has names whose keys have to be looked up. Before the first page it
    /// can change with the server's clock.
    #[must_use]
    pub fn period(&self) -> Option<ResolvedPeriod> {
        self.pages.period()
    }

    /// How many records there are in all; known after the first.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pages.total()
    }
}

impl<T: Row> Stream for Records<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(part) = self.next_part() {
                return Poll::Ready(Some(part));
            }
            if let Some(record) = self.ready.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            match ready!(self.pages.poll_next_unpin(context)) {
                Some(Ok(page)) => {
                    self.ready = page.records.into_iter();
                    self.parts = self.pages.take_parts().map(|parts| (parts, 0));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> Unpin for Records<T> {}
