//! The reference documents over HTTP, and a page to browse them and to send requests from.
//!
//! The documents are OpenAPI 3.0 and written by `cargo xtask generate`. Served, they name the sandbox's own address,
//! and their examples are requests that this sandbox takes today with the responses that it gives.

mod described;
mod document;
mod example;
#[cfg(feature = "reference")]
mod page;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ORIGIN, VARY,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::wire::failure::Failure;
use described::Shared;
pub(crate) use described::{Described, Methods};
use document::{Document, TOKEN_URLS};
#[cfg(all(test, feature = "reference"))]
pub(crate) use page::paths as page_paths;
#[cfg(feature = "reference")]
pub(crate) use page::router as page_router;

const FOLDER: &str = "/openapi/";
const ENDING: &str = ".json";

pub(crate) fn router(sandbox: Arc<dyn Described>) -> Router {
    let paths = paths().into_iter();
    paths
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .route_layer(middleware::from_fn(share))
        .with_state(sandbox)
}

pub(crate) fn paths() -> [(&'static str, Methods); 3] {
    ["/openapi", "/openapi/", "/openapi/{*document}"].map(|path| (path, get(read)))
}

/// Lets a page read what it may ask for: which pages that are is checked for every path.
async fn share(request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let is_preflight = request.method() == Method::OPTIONS && origin.is_some();
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    if is_preflight {
        let private = HeaderName::from_static("access-control-allow-private-network");
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
        headers.insert(private, HeaderValue::from_static("true"));
    }
    response
}

async fn read(State(sandbox): Shared, uri: Uri) -> Result<Json<Value>, Failure> {
    let path = uri.path();
    let named = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(ENDING));
    let document = named.and_then(|name| named_document(&*sandbox, name));
    let document = document.ok_or_else(|| unknown(&*sandbox))?;
    Ok(Json(served(&*sandbox, document)))
}

/// `calls-v1` is the revision that is spoken, `calls-v1/2025-03-11` another one.
fn named_document(sandbox: &dyn Described, name: &str) -> Option<Document> {
    match name.split_once('/') {
        Some((api, date)) => Document::of(api, date),
        None => Document::of(name, sandbox.spoken(name)?),
    }
}

fn served(sandbox: &dyn Described, document: Document) -> Value {
    let Document { api, date, mut json } = document;
    let url = sandbox.url();
    json["servers"] = json!([{"url": url, "description": "This sandbox."}]);
    let schemes = json.pointer_mut("/components/securitySchemes").and_then(Value::as_object_mut);
    for (_, scheme) in schemes.into_iter().flatten() {
        let flows = scheme.get_mut("flows").and_then(Value::as_object_mut);
        for (_, flow) in flows.into_iter().flatten() {
            for (name, path) in TOKEN_URLS {
                if flow.get(name).is_some() {
                    flow[name] = json!(format!("{url}{path}"));
                }
            }
        }
    }
    example::work(&mut json, sandbox, &format!("{api}@{date}"));
    json
}

fn unknown(sandbox: &dyn Described) -> Failure {
    let of_api = |api: &str| {
        let dates = document::dates(api).map(|date| format!("{FOLDER}{api}/{date}{ENDING}"));
        let spoken = sandbox.spoken(api).unwrap_or_default();
        let all: Vec<_> = dates.collect();
        format!("{FOLDER}{api}{ENDING} ({spoken}), {}", all.join(", "))
    };
    let known: Vec<_> = document::APIS.iter().map(|(api, _)| of_api(api)).collect();
    let message = format!("Invalid URI: the documents are {}", known.join(", "));
    Failure::new(StatusCode::NOT_FOUND, "CMN-120", message)
}
