//! One request on its way to the server. The head of the response counts as soon
//! as it arrives, even if the body fails later.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{
    Request, Response, StatusCode,
    header::{CONTENT_ENCODING, HeaderMap},
};

use super::{
    clock::Clock,
    failure,
    network::Network,
    pace::{Permit, QuotaHeaders},
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
    head: Arc<OnceLock<Head>>,
}

/// The head of a response.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) quota: QuotaHeaders,
    /// Unless the HTTP client has unpacked the body.
    pub(super) encoding: Option<String>,
}

impl Exchange {
    pub(super) fn new(
        network: Network,
        permit: Permit,
        clock: Clock,
        taped: Option<Taped>,
    ) -> Self {
        let head = Arc::default();
        Self(Arc::new(Inner { network, permit, clock, taped, head }))
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

    /// Where the head of the response will stand. It outlives the place within the
    /// quota.
    pub(super) fn head(&self) -> Arc<OnceLock<Head>> {
        Arc::clone(&self.0.head)
    }

    fn learn(&self, status: StatusCode, headers: &HeaderMap) {
        let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        let encoding = encoding.map(str::to_owned);
        let head =
            self.0.head.get_or_init(|| Head { status, quota: QuotaHeaders::of(headers), encoding });
        // A gateway that fails may have another clock.
        if !status.is_server_error() {
            self.0.clock.learn(headers);
        }
        let random = self.0.network.random();
        let penalty = penalty(status, headers, self.0.clock.machine(), random);
        self.0.permit.is_answered(status, &head.quota, penalty);
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
pub(super) const LONGEST_PENALTY: Duration = Duration::from_secs(3_600);

/// The most that is added to a penalty.
const MOST_SPREAD: Duration = Duration::from_secs(15);

/// How long nothing may be sent after a response: what it asks for, and up to a quarter more.
/// Programs that share a quota and all came back when they were asked to would start each
/// other's penalties anew, for ever.
fn penalty(
    status: StatusCode,
    headers: &HeaderMap,
    now: Timestamp,
    random: f64,
) -> Option<Duration> {
    (status == StatusCode::TOO_MANY_REQUESTS).then(|| {
        let asked = failure::retry_after(headers, now).unwrap_or(QUOTA_WAIT).min(LONGEST_PENALTY);
        asked + (asked / 4).min(MOST_SPREAD).mul_f64(random)
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::RETRY_AFTER;

    use super::*;

    #[test]
    fn a_penalty_is_as_long_as_asked_for_and_up_to_a_quarter_more() {
        let wait = |asked: &'static str, random| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, asked.parse().unwrap())]);
            let now = Timestamp::UNIX_EPOCH;
            penalty(StatusCode::TOO_MANY_REQUESTS, &headers, now, random).unwrap().as_secs()
        };
        assert_eq!([wait("40", 0.0), wait("40", 0.5), wait("40", 1.0)], [40, 45, 50]);
        assert_eq!([wait("600", 0.0), wait("600", 1.0)], [600, 615]);
        assert_eq!(wait("99999999999999999999", 0.0), 3600);
        assert_eq!(penalty(StatusCode::OK, &HeaderMap::new(), Timestamp::UNIX_EPOCH, 1.0), None);
    }
}
