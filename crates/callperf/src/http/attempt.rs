//! What hooks and `tracing` report of each attempt.

use std::time::Duration;

use reqwest::Url;
use tracing::Span;

use super::{exchange::Head, pace::QuotaHeaders};
use crate::words::error::{Error, ErrorKind};

/// One finished attempt, for metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The operation, as the API's document calls it; `send` for
    /// [`Client::send`](crate::Client::send).
    pub operation: &'static str,
    /// Its number within the request, from 1.
    pub number: u32,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// What failed; `None` is success.
    pub failure: Option<ErrorKind>,
    /// How long it took, without the wait for the quota.
    pub duration: Duration,
    /// The server's id of a request that failed.
    pub request_id: Option<String>,
    /// What the response said of the quota, if there was one.
    pub quota: Option<QuotaHeaders>,
    /// How the response is compressed, if it is left so.
    #[doc(hidden)]
    pub encoding: Option<String>,
}

/// A failed attempt, and when the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// The operation, as in [`Attempt::operation`].
    pub operation: &'static str,
    /// The number of the attempt that failed, from 1.
    pub number: u32,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// What failed.
    pub failure: ErrorKind,
    /// The time before the next attempt, which may have to wait for the quota after that.
    pub delay: Duration,
    /// The server's id of the attempt.
    pub request_id: Option<String>,
}

impl Retry {
    pub(super) fn after(
        operation: &'static str,
        number: u32,
        failure: &Error,
        delay: Duration,
    ) -> Self {
        Self {
            operation,
            number,
            status: failure.status(),
            failure: failure.kind(),
            delay,
            request_id: failure.request_id().map(str::to_owned),
        }
    }

    pub(super) fn trace(&self) {
        let (number, seconds) = (self.number, self.delay.as_secs_f64());
        let failed = if self.status == Some(429) { "found the quota used up" } else { "failed" };
        tracing::warn!(
            callperf.operation = self.operation,
            callperf.wait.seconds = seconds,
            http.response.status_code = self.status,
            error.type = ?self.failure,
            "attempt {number} {failed}; the next one begins in {seconds:.1} s",
        );
    }
}

impl Attempt {
    pub(super) fn succeeded(
        operation: &'static str,
        number: u32,
        duration: Duration,
        head: Option<&Head>,
    ) -> Self {
        Self {
            operation,
            number,
            status: head.map(|head| head.status.as_u16()),
            failure: None,
            duration,
            request_id: None,
            quota: head.map(|head| head.quota.clone()),
            encoding: head.and_then(|head| head.encoding.clone()),
        }
    }

    pub(super) fn failed(
        operation: &'static str,
        number: u32,
        duration: Duration,
        error: &Error,
        head: Option<&Head>,
    ) -> Self {
        Self {
            status: error.status(),
            failure: Some(error.kind()),
            request_id: error.request_id().map(str::to_owned),
            ..Self::succeeded(operation, number, duration, head)
        }
    }
}

/// Where the server is, as spans tell it.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    host: String,
    port: Option<u16>,
}

impl Peer {
    pub(super) fn of(server: &str) -> Self {
        let url = Url::parse(server).ok();
        Self {
            host: url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned(),
            port: url.as_ref().and_then(Url::port_or_known_default),
        }
    }

    /// The span of a request with all its attempts. The names of its fields are
    /// OpenTelemetry's for HTTP clients; `route` is the path without ids.
    pub(super) fn request_span(&self, operation: &str, method: &str, route: &str) -> Span {
        tracing::info_span!(
            "callperf.request",
            otel.kind = "client",
            callperf.operation = operation,
            server.address = self.host,
            server.port = self.port,
            http.request.method = method,
            url.template = (!route.is_empty()).then_some(route),
        )
    }

    /// The span of a request to the login endpoints.
    pub(super) fn login_span(&self, path: &str) -> Span {
        tracing::info_span!(
            "callperf.login",
            otel.kind = "client",
            server.address = self.host,
            server.port = self.port,
            http.request.method = "POST",
            url.path = path,
            http.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
        )
    }
}

/// The span of one attempt.
pub(super) fn attempt_span(number: u32) -> Span {
    tracing::debug_span!(
        "callperf.attempt",
        http.request.resend_count = number - 1,
        http.response.status_code = tracing::field::Empty,
        error.type = tracing::field::Empty,
    )
}

/// Completes the span of an attempt or a login.
pub(super) fn record(span: &Span, status: Option<u16>, failure: Option<ErrorKind>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if let Some(failure) = failure {
        span.record("error.type", tracing::field::debug(failure));
    }
}
