//! Where faults meet requests.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, DATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::sleep;

use crate::protocol::faults::line::{Course, Ending};
use crate::protocol::faults::{Fault, FaultError, Met, Place, Requests, Skew, answers, bodies};
use crate::protocol::limits::{Group, LARGEST_BODY};
use crate::server::state::Server;
use crate::wire::failure::Failure;

/// Names the faults of one request, joined by commas.
const HEADER: &str = "x-sandbox-fault";

pub(crate) async fn meddle(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let kind = Requests::of(request.uri().path());
    let faults = match asked(request.headers()) {
        Ok(Some(asked)) => asked,
        Ok(None) => server.plan().next(kind),
        Err(error) => return refused(&error),
    };
    if faults.is_empty() {
        return next.run(request).await;
    }
    let met = Met(faults.iter().map(Fault::to_string).collect());
    let mut skew = None;
    let mut fault = None;
    for one in faults {
        match one {
            Fault::Latency(latency) => {
                let delay = server.plan().delay(latency);
                sleep(delay).await;
            }
            Fault::Skew(by) => skew = Some(by),
            other => fault = Some(other),
        }
    }
    if let Some(by) = skew {
        request.extensions_mut().insert(Skew(by));
    }
    let mut response = match fault {
        Some(fault) => answer(&server, &fault, kind, request, next).await,
        None => next.run(request).await,
    };
    if let Some(by) = skew {
        date(response.headers_mut(), by);
    }
    response.extensions_mut().insert(met);
    response
}

/// What the header asks for.
fn asked(headers: &HeaderMap) -> Result<Option<Vec<Fault>>, FaultError> {
    let Some(header) = headers.get(HEADER) else { return Ok(None) };
    let text = header.to_str().map_err(|_| FaultError::new("it is no text"))?;
    let faults: Vec<Fault> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
    if faults.iter().filter(|fault| !fault.is_aside()).count() > 1 {
        return Err(FaultError::new("one fault at a time, besides latency and skew"));
    }
    Ok(Some(faults))
}

fn refused(error: &FaultError) -> Response {
    let message = format!("Parameter in header is invalid: X-Sandbox-Fault: {error}");
    Failure::new(StatusCode::BAD_REQUEST, "CMN-407", message).into_response()
}

async fn answer(
    server: &Server,
    fault: &Fault,
    kind: Requests,
    request: Request,
    next: Next,
) -> Response {
    if let Some(course) = course(fault) {
        let mut response = next.run(request).await;
        response.extensions_mut().insert(course);
        return response;
    }
    let group = if kind == Requests::Logins { Group::Auth } else { Group::Light };
    if let Some(instead) = answers::instead(fault, &server.limiter.spent(group)) {
        return instead;
    }
    match fault {
        Fault::ExpireToken | Fault::EndSession => {
            server.sessions.spoil(request.headers(), *fault == Fault::EndSession);
            next.run(request).await
        }
        Fault::PageRepeated => next.run(on_page(request, |_| 1).0).await,
        Fault::PagesEndless => {
            let (request, page) = on_page(request, |_| 1);
            edited(next.run(request).await, |first| bodies::endless(first, page)).await
        }
        Fault::PagesShift => shifted(request, next).await,
        spoiling => spoilt(spoiling, kind, next.run(request).await).await,
    }
}

fn course(fault: &Fault) -> Option<Course> {
    Some(match fault {
        Fault::Reset(place) => Course::Ends(*place, Ending::Reset),
        Fault::Close(place) => Course::Ends(*place, Ending::Close),
        Fault::Stall(place) => Course::Ends(*place, Ending::Stall),
        Fault::SlowHead(gap) => Course::Drips { from: Place::Start, gap: *gap },
        Fault::SlowBody(gap) => Course::Drips { from: Place::Body, gap: *gap },
        Fault::NotHttp => Course::NotHttp,
        _ => return None,
    })
}

async fn spoilt(fault: &Fault, kind: Requests, response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = whole(body).await;
    let body = bodies::spoilt(fault, kind, &mut parts.headers, body);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// A good answer with changes; another stays as it is.
async fn edited(response: Response, change: impl FnOnce(&mut Value)) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let mut body = whole(body).await;
    if let Ok(mut answer) = serde_json::from_slice(&body) {
        change(&mut answer);
        body = bodies::written(&answer);
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

async fn shifted(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let again = || Request::from_parts(parts.clone(), Body::from(body.clone()));
    let (before, page) = on_page(again(), |page| page.saturating_sub(1).max(1));
    if page < 2 {
        return next.run(again()).await;
    }
    let before = whole(next.clone().run(before).await.into_body()).await;
    let mut before = serde_json::from_slice(&before).unwrap_or_default();
    edited(next.run(again()).await, |page| bodies::shifted(&mut before, page)).await
}

/// The request for another page, and which was asked for.
fn on_page(mut request: Request, other: impl Fn(u64) -> u64) -> (Request, u64) {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let page = pairs.iter().find(|(name, _)| name == "page");
    let page = page.and_then(|(_, page)| page.parse().ok()).unwrap_or(1);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(name, _)| name != "page"));
    query.append_pair("page", &other(page).to_string());
    let uri = format!("{}?{}", request.uri().path(), query.finish());
    if let Ok(uri) = uri.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    (request, page)
}

/// The sandbox's own answers are in memory already.
async fn whole(body: Body) -> Vec<u8> {
    to_bytes(body, usize::MAX).await.map(Vec::from).unwrap_or_default()
}

fn date(headers: &mut HeaderMap, skew: SignedDuration) {
    let date = Timestamp::now().checked_add(skew).ok().and_then(answers::http_date);
    if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
        headers.insert(DATE, date);
    }
}
