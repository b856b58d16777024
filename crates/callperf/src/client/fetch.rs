//! From a plan to its page: the generated operations, sent by the transport.

use std::sync::{Arc, OnceLock};

use callperf_raw::{BodyCopy, Error as RawError, ResponseValue, Session, beta, calls_v1};

use super::{connection::Client, planned::Planned};
use crate::{
    http::{
        failure,
        transport::{Received, Sending},
    },
    plan::Plan,
    report::{AnyPage, Page, Record, Row, Series},
    wire::{self, calls_v1::Parts, operations},
    words::{
        api::Api,
        error::{Error, ErrorKind, Result},
        operation::Operation,
        redactor::Redactor,
    },
};

/// A page, and the plan that it was read by.
pub(super) struct Fetched<T> {
    pub(super) plan: Arc<Plan>,
    pub(super) page: Page<T>,
    /// The series of the page, if it has their keys alone.
    pub(super) parts: Option<Parts>,
}

/// The page in the rows of its operation.
///
/// # Errors
/// None for a request: its rows are those of its operation.
pub(super) fn of_rows<T: Row>(page: AnyPage) -> Result<Page<T>> {
    let other = || Error::new(ErrorKind::Answer, "these aren't the rows of the operation");
    T::of(page).ok_or_else(other)
}

/// The outcome of a generated operation.
type Raw<T> = std::result::Result<ResponseValue<T>, RawError<()>>;

impl Client {
    /// Asks for a page. The period is resolved when the first request is sent: after the
    /// login, whose response says what the time is at the server.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if the rules refuse the query; any other
    /// kind from the request.
    pub(super) async fn fetch<T: Row>(&self, planned: &Planned, page: u32) -> Result<Fetched<T>> {
        self.fetch_with(planned, page, None).await
    }

    /// The same with a copy of the page's bytes.
    pub(super) async fn fetch_with<T: Row>(
        &self,
        planned: &Planned,
        page: u32,
        copy: Option<&BodyCopy>,
    ) -> Result<Fetched<T>> {
        planned.look_up(self).await?;
        let provisional = Arc::new(planned.plan(self, page)?);
        let settled = OnceLock::new();
        if planned.is_settled() {
            let _ = settled.set(Arc::clone(&provisional));
        }
        let fetch = Fetch { client: self, planned, page, copy, provisional, settled };
        let mut parts = None;
        let (plan, page) = match (planned.draft.api, &planned.draft.operation) {
            (Api::Beta, _) => {
                let (plan, page) = fetch.beta().await?;
                (plan, AnyPage::Records(page))
            }
            (Api::CallsV1, Operation::Aggregate) => {
                let (plan, page) = fetch.aggregation().await?;
                (plan, AnyPage::Records(page))
            }
            (Api::CallsV1, Operation::Timeline(_)) => {
                let Some(timeline) = fetch.timeline().await? else {
                    planned.unwiden();
                    return Box::pin(self.fetch_with(planned, page, copy)).await;
                };
                parts = timeline.parts;
                (timeline.plan, AnyPage::Series(timeline.page))
            }
        };
        let mut page = of_rows(page)?;
        if copy.is_none() {
            planned.name(self, &mut page).await;
        }
        Ok(Fetched { plan, page, parts })
    }
}

/// One page on its way.
struct Fetch<'a> {
    client: &'a Client,
    planned: &'a Planned,
    page: u32,
    copy: Option<&'a BodyCopy>,
    provisional: Arc<Plan>,
    settled: OnceLock<Arc<Plan>>,
}

impl Fetch<'_> {
    fn plan(&self) -> Arc<Plan> {
        let settled = self.settled.get_or_init(|| {
            let settled = self.planned.settled(self.client, self.page);
            settled.map_or_else(|_| Arc::clone(&self.provisional), Arc::new)
        });
        Arc::clone(settled)
    }

    async fn run<T, F, R>(&self, send: F, taken: Option<&BodyCopy>) -> Result<Received<T>>
    where
        F: Fn(Session, Arc<Plan>) -> R,
        R: Future<Output = Raw<T>>,
    {
        let Planned { draft, retry, .. } = self.planned;
        let sending = Sending {
            operation: operations::id(draft.api, &draft.operation),
            method: "POST",
            parameters: &draft.parameters,
            retry: *retry,
            earlier_body: &|| self.plan().before_widening().map(|plan| operations::body(&plan)),
            copy: self.copy,
            taken,
            max_body: self.planned.max_body,
        };
        let send = |session: Session| send(session.with_nulls_refused(), self.plan());
        self.client.transport().run(sending, send).await
    }

    /// Reads a response by the plan that it was asked for by, and returns that plan, too.
    fn read<T, P>(
        &self,
        received: Received<T>,
        read: impl FnOnce(&Plan, wire::Answer<T>, &Redactor) -> Result<P>,
    ) -> Result<(Arc<Plan>, P)> {
        let Received { answer, attempts, is_to_earlier_body, redactor } = received;
        let plan = self.plan();
        let earlier = is_to_earlier_body.then(|| plan.before_widening()).flatten();
        let plan = earlier.map_or(plan, Arc::new);
        let page =
            read(&plan, answer, &redactor).map_err(|error: Error| error.answered(attempts))?;
        Ok((plan, page))
    }

    fn paging(&self, plan: &Plan) -> (Option<i64>, Option<i64>) {
        (Some(self.page.into()), Some(plan.per_page.into()))
    }

    async fn beta(&self) -> Result<(Arc<Plan>, Page<Record>)> {
        let transport = self.client.transport();
        let send = |session, plan: Arc<Plan>| async move {
            let body = wire::beta::request(&plan);
            let (page, per_page) = self.paging(&plan);
            beta::Client::new_with_client(transport.server(), transport.http(), session)
                .aggregate_performance_report_calls(&plan.account, page, per_page, &body)
                .await
        };
        self.read(self.run(send, None).await?, wire::beta::read)
    }

    async fn aggregation(&self) -> Result<(Arc<Plan>, Page<Record>)> {
        let transport = self.client.transport();
        let send = |session, plan: Arc<Plan>| async move {
            let body = wire::calls_v1::aggregation_request(&plan);
            let (page, per_page) = self.paging(&plan);
            calls_v1::Client::new_with_client(transport.server(), transport.http(), session)
                .analytics_calls_aggregation_fetch(&plan.account, page, per_page, &body)
                .await
        };
        self.read(self.run(send, None).await?, wire::calls_v1::read_aggregation)
    }

    /// The page; `None` if the timeline was widened, and the server's intervals don't end where
    /// the period does.
    async fn timeline(&self) -> Result<Option<Fetched<Series>>> {
        let transport = self.client.transport();
        let send = |session, plan: Arc<Plan>| async move {
            let body = wire::calls_v1::timeline_request(&plan);
            let (page, per_page) = self.paging(&plan);
            let interval = plan.interval().unwrap_or_default();
            calls_v1::Client::new_with_client(transport.server(), transport.http(), session)
                .analytics_calls_timeline_fetch(&plan.account, interval, page, per_page, &body)
                .await
        };
        let taken = (self.planned.by_parts && self.copy.is_none()).then(BodyCopy::default);
        let mut received = self.run(send, taken.as_ref()).await?;
        if let Some(body) = taken.map(|taken| taken.take()) {
            match self.parts(&received, body)? {
                Ok(parts) => {
                    let page = parts.outline();
                    let page = page.map_err(|error| error.answered(received.attempts))?;
                    return Ok(Some(Fetched { plan: self.plan(), page, parts: Some(parts) }));
                }
                Err(body) => received.answer = wire::typed(&body),
            }
        }
        let is_widened = !received.is_to_earlier_body;
        if is_widened && wire::calls_v1::is_mixed(&self.plan(), &mut received.answer) {
            return Ok(None);
        }
        let (plan, page) = self.read(received, wire::calls_v1::read_timeline)?;
        Ok(Some(Fetched { plan, page, parts: None }))
    }

    /// The series of a page; its body, if it is to be read as a whole, as a widened timeline is.
    fn parts<T>(
        &self,
        received: &Received<T>,
        body: Vec<u8>,
    ) -> Result<std::result::Result<Parts, Vec<u8>>> {
        let plan = self.plan();
        let is_whole = received.is_to_earlier_body || plan.widening.is_some();
        let parts = if is_whole { Err(body) } else { Parts::of(&plan, body, &received.redactor) };
        if let Err(body) = &parts {
            let max_values = self.client.transport().max_values();
            let bounded = failure::bounded_values(body, max_values);
            bounded.map_err(|error| error.answered(received.attempts))?;
        }
        Ok(parts)
    }
}
