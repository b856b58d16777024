//! What answers queries: a client, or something in its place.

use std::{pin::Pin, sync::Arc};

use futures_util::future::try_join_all;

use super::{connection::Client, preview::Preview, report::Report, request::Request};
use crate::{
    query::Query,
    report::{Record, Row, Series},
    words::{api::Api, error::Result, vocabulary::Interval},
};

/// What a [`Source`] returns: a future that owns what it needs.
pub type Sourced<T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'static>>;

/// What answers queries: a [`Client`], or something in its place, such as a cache, a store of
/// what came earlier, or `FakeSource` of the feature `testing`.
///
/// A program that takes a `&dyn Source` can be tested without a server:
///
/// ```
/// use callperf::{Breakdown, Error, GroupBy, Period, Query, Source};
///
/// /// How many calls the company had in the last week.
/// async fn calls_of_last_week(source: &dyn Source) -> Result<Option<u64>, Error> {
///     let query = Query::new(GroupBy::company(), Period::last_week(), "Europe/London")
///         .calls(Breakdown::Total);
///     let report = source.aggregate(&query).await?;
///     Ok(report.records.first().and_then(|record| record.calls().total()?.as_u64()))
/// }
/// # let _ = |client: callperf::Client| async move { calls_of_last_week(&client).await };
/// ```
///
/// A client's own [`Client::aggregate`] and [`Client::timeline`] return a [`Request`], which can
/// do more. [`KpiSet::request`](crate::KpiSet::request) asks any source for key figures.
///
/// # Implementing it
/// Nothing happens before a future is polled, and dropping it must be harmless. A report has all
/// records, or its future fails. Records that came from a client, also those that were stored by
/// serde since, know which query they answer; key figures are computed of such records only.
pub trait Source: Send + Sync {
    /// The API whose words it has. Key figures that the API lacks are refused.
    fn api(&self) -> Api {
        Api::default()
    }

    /// Returns one record per key, added up over the period.
    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>>;

    /// Returns a series of points per key, one point per interval.
    fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>>;

    /// Returns the reports of several queries, in their order, about the same calls: if their
    /// periods are relative, all are resolved at one instant.
    ///
    /// By default each is asked by [`aggregate`](Self::aggregate), at the same time. A source with
    /// a clock has to resolve the periods itself.
    fn aggregates(&self, queries: &[Query]) -> Sourced<Vec<Report<Record>>> {
        let reports: Vec<_> = queries.iter().map(|query| self.aggregate(query)).collect();
        Box::pin(try_join_all(reports))
    }

    /// The same as [`aggregates`](Self::aggregates) for timelines of one interval.
    fn timelines(&self, queries: &[Query], interval: Interval) -> Sourced<Vec<Report<Series>>> {
        let timeline = |query| self.timeline(query, interval.clone());
        Box::pin(try_join_all(queries.iter().map(timeline).collect::<Vec<_>>()))
    }
}

impl Source for Client {
    fn api(&self) -> Api {
        Self::api(self)
    }

    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
        Box::pin(Self::aggregate(self, query).all())
    }

    fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>> {
        Box::pin(Self::timeline(self, query, interval).all())
    }

    fn aggregates(&self, queries: &[Query]) -> Sourced<Vec<Report<Record>>> {
        together(queries.iter().map(|query| Self::aggregate(self, query)).collect())
    }

    fn timelines(&self, queries: &[Query], interval: Interval) -> Sourced<Vec<Report<Series>>> {
        together(
            queries.iter().map(|query| Self::timeline(self, query, interval.clone())).collect(),
        )
    }
}

/// The reports of all requests, which resolve their periods at one instant. If the rules refuse
/// one, none is sent.
fn together<T: Row>(mut requests: Vec<Request<T>>) -> Sourced<Vec<Report<T>>> {
    resolve_together(&mut requests);
    Request::watch_together(&mut requests);
    Box::pin(async move {
        requests.iter().try_for_each(|request| request.check().map(drop))?;
        try_join_all(requests.iter().map(Request::all)).await
    })
}

fn resolve_together<T: Row>(requests: &mut [Request<T>]) {
    if let Some((first, others)) = requests.split_first_mut() {
        for request in others {
            request.resolve_with(first);
        }
    }
}

impl Client {
    /// A page of each query as it would be sent, all at one instant.
    pub(crate) fn previews(
        &self,
        queries: &[Query],
        interval: Option<&Interval>,
        page: u32,
    ) -> Result<Vec<Preview>> {
        fn all<T: Row>(mut requests: Vec<Request<T>>, page: u32) -> Result<Vec<Preview>> {
            resolve_together(&mut requests);
            requests.iter().map(|request| request.preview(page)).collect()
        }
        let queries = queries.iter();
        match interval {
            None => all(queries.map(|query| self.aggregate(query)).collect(), page),
            Some(interval) => {
                all(queries.map(|query| self.timeline(query, interval.clone())).collect(), page)
            }
        }
    }
}

macro_rules! pointers {
    ($($type:ty),+) => {$(
        impl<S: Source + ?Sized> Source for $type {
            fn api(&self) -> Api {
                (**self).api()
            }

            fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
                (**self).aggregate(query)
            }

            fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>> {
                (**self).timeline(query, interval)
            }

            fn aggregates(&self, queries: &[Query]) -> Sourced<Vec<Report<Record>>> {
                (**self).aggregates(queries)
            }

            fn timelines(
                &self,
                queries: &[Query],
                interval: Interval,
            ) -> Sourced<Vec<Report<Series>>> {
                (**self).timelines(queries, interval)
            }
        }
    )+};
}

pointers!(&S, Arc<S>);
