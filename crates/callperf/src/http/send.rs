//! Requests that the generated client doesn't have, by the same way, and the bytes of their
//! responses.

use callperf_raw::{Error as RawError, ResponseValue};
use reqwest::{Method, Request, StatusCode};
use serde_json::Value as Json;

use super::{
    address::{on_server, route},
    failure,
    transport::{Journey, Outcome, Received, SEND, Transport},
};
use crate::words::error::{Error, ErrorKind, Result};

/// A successful response as it was sent.
pub(crate) struct Bytes {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Transport {
    /// Any request to this server, with its token, its errors and its pace.
    pub(crate) async fn send(
        &self,
        path: &str,
        query: &[(String, String)],
        body: Option<&Json>,
    ) -> Result<Json> {
        let url = on_server(&self.server, path)?;
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let route = route(url.path());
        let request = self.network.http().request(method.clone(), url).query(query);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let journey = Journey {
            operation: SEND,
            counted: format!("{method} {route}").into(),
            method: method.as_str(),
            route: &route,
            parameters: &[],
            policy: self.retry,
            earlier_body: &|| None,
            copy: None,
            taken: None,
            max_body: None,
            is_repeatable: false,
        };
        let request = request.build().map_err(failure::communication)?;
        as_json(self.bytes(journey, &request).await?)
    }

    /// The bytes of a response, within the client's bounds: the way for all that reads a
    /// response itself.
    pub(super) async fn bytes(
        &self,
        journey: Journey<'_>,
        request: &Request,
    ) -> Result<Received<Bytes>> {
        self.travel(journey, async |session| {
            let body_is_a_stream =
                || RawError::InvalidRequest("its body can't be sent again".into());
            let request = request.try_clone().ok_or_else(body_is_a_stream)?;
            let response = session.execute(self.network.http(), request).await;
            received(response.map_err(RawError::CommunicationError)?).await
        })
        .await
    }
}

async fn received(response: reqwest::Response) -> Outcome<Bytes> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        return Err(RawError::UnexpectedResponse(response));
    }
    let body = response.bytes().await.map_err(RawError::ResponseBodyError)?;
    Ok(ResponseValue::new(Bytes { status, body: body.into() }, status, headers))
}

fn as_json(received: Received<Bytes>) -> Result<Json> {
    let Received { answer, attempts, redactor, .. } = received;
    let (status, body) = match answer {
        Ok(Bytes { status, body }) => (status, body),
        Err(body) => (StatusCode::OK, body),
    };
    // As with 204: what the request was for has been done.
    if body.trim_ascii().is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_slice(&body).map_err(|error| {
        Error::new(ErrorKind::Answer, format!("the answer isn't JSON: {error}"))
            .with_body(&redactor.excerpt(&body))
            .with_status(status.as_u16())
            .with_attempts(attempts)
    })
}
