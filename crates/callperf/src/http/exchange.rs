//! One request on its way to the server: what its answer's head says is learnt as
//! soon as it is there, whatever becomes of the body.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Request, Response, StatusCode, header::HeaderMap};

use super::{
    clock::Clock,
    failure,
    network::Network,
    pace::Permit,
    retry::QUOTA_WAIT,
    tape::{EarlierBody, Taped},
};
use crate::words::error::Error;

/// The place that a request has within the quota, for as long as it takes.
#[derive(Clone)]
pub(super) struct Exchange(Arc<Inner>);

struct Inner {
    network: Network,
    permit: Permit,
    clock: Clock,
    taped: Option<Taped>,
    status: Arc<OnceLock<StatusCode>>,
}

impl Exchange {
    pub(super) fn new(
        network: Network,
        permit: Permit,
        clock: Clock,
        taped: Option<Taped>,
    ) -> Self {
        let status = Arc::default();
        Self(Arc::new(Inner { network, permit, clock, taped, status }))
    }

    pub(super) async fn send(&self, request: Request) -> reqwest::Result<Response> {
        self.0.permit.is_sent();
        if let Some(taped) = &self.0.taped {
            return taped
                .send(&self.0.network, request, |status, head| self.learn(status, head))
                .await;
        }
        let response = self.0.network.execute(request).await?;
        self.learn(response.status(), response.headers());
        Ok(response)
    }

    /// Where the status of the response will stand. It outlives the place within the
    /// quota.
    pub(super) fn status(&self) -> Arc<OnceLock<StatusCode>> {
        Arc::clone(&self.0.status)
    }

    fn learn(&self, status: StatusCode, headers: &HeaderMap) {
        let _ = self.0.status.set(status);
        // A gateway that fails may have another clock.
        if !status.is_server_error() {
            self.0.clock.learn(headers);
        }
        let penalty = penalty(status, headers, self.0.clock.machine());
        self.0.permit.is_answered(status, headers, penalty);
    }

    /// Lets a cassette's answer to this body stand for one to the request's own.
    pub(super) fn may_play(&self, earlier_body: EarlierBody<'_>) {
        if let Some(taped) = &self.0.taped {
            taped.may_play(earlier_body);
        }
    }

    pub(super) fn has_played_earlier_body(&self) -> bool {
        self.0.taped.as_ref().is_some_and(Taped::has_played_earlier_body)
    }

    /// What went wrong with the tape, rather than with the server.
    pub(super) fn tape_failure(&self) -> Option<Error> {
        self.0.taped.as_ref().and_then(Taped::failure)
    }
}

impl callperf_raw::Exchange for Exchange {
    fn exchange<'a>(
        &'a self,
        _: &'a reqwest::Client,
        request: Request,
    ) -> BoxFuture<'a, reqwest::Result<Response>> {
        Box::pin(self.send(request))
    }
}

/// A penalty that a server may impose; one minute is usual.
pub(super) const LONGEST_PENALTY: Duration = Duration::from_hours(1);

/// How long nothing may be sent after an answer.
fn penalty(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    (status == StatusCode::TOO_MANY_REQUESTS).then(|| {
        let asked = failure::retry_after(headers, now);
        asked.unwrap_or(QUOTA_WAIT).min(LONGEST_PENALTY)
    })
}
