//! The page at `/reference`: Swagger UI, which shows the documents and sends requests to the sandbox.
//!
//! Everything that the page loads comes from the sandbox, and its policy allows nothing else. A request that it sends
//! has an access token already: the page asks for one when the first is sent. No page of another origin can: it is no
//! weaker than the login, where a page shows every user and needs no password.

use std::io::{Cursor, Read as _};
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

use super::described::{Described, Methods, Shared};
use super::document;
use crate::wire::failure::Failure;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The page's own files.
const OWN: [(&str, &str, &str); 2] =
    [("page.css", STYLE, include_str!("page.css")), ("page.js", SCRIPT, include_str!("page.js"))];
/// The viewer's, in the folder `dist` of its archive.
const VIEWER: [(&str, &str); 4] = [
    ("swagger-ui.css", STYLE),
    ("swagger-ui-bundle.js", SCRIPT),
    ("oauth2-redirect.html", HTML),
    ("oauth2-redirect.js", SCRIPT),
];

pub(crate) fn router(sandbox: Arc<dyn Described>) -> Router {
    let paths = paths().into_iter();
    paths
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .route_layer(middleware::from_fn(guard))
        .with_state(sandbox)
}

pub(crate) fn paths() -> [(&'static str, Methods); 4] {
    [
        ("/reference", get(page)),
        ("/reference/settings", get(settings)),
        ("/reference/token", post(token)),
        ("/reference/files/{name}", get(file)),
    ]
}

/// What holds for the page and all that it loads.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let resource = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(resource, HeaderValue::from_static("same-origin"));
    response
}

async fn page() -> Response {
    ([(CONTENT_TYPE, HTML)], include_str!("page.html")).into_response()
}

/// The documents that there are, the ones that are spoken first.
async fn settings(State(sandbox): Shared) -> Json<Value> {
    let of_api = |api: &'static str| {
        let spoken = sandbox.spoken(api);
        document::dates(api).map(move |date| {
            let is_spoken = spoken == Some(date.as_str());
            json!({"api": api, "date": date, "isSpoken": is_spoken})
        })
    };
    let documents = document::APIS.iter().flat_map(|(api, _)| of_api(api));
    let documents: Vec<_> = documents.collect();
    Json(json!({"clientId": sandbox.client_id(), "documents": documents}))
}

async fn token(State(sandbox): Shared) -> Json<Value> {
    Json(json!({"access_token": sandbox.log_in()}))
}

async fn file(Path(name): Path<String>) -> Response {
    let own = OWN.into_iter().find(|(own, ..)| *own == name);
    if let Some((_, kind, text)) = own {
        return ([(CONTENT_TYPE, kind)], text).into_response();
    }
    let viewer = VIEWER.into_iter().find(|(file, _)| *file == name);
    match viewer.and_then(|(file, kind)| Some((kind, unpacked(file)?))) {
        Some((kind, bytes)) => {
            // An hour: another version of the sandbox may listen at the same address later.
            ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "max-age=3600")], bytes).into_response()
        }
        None => Failure::new(StatusCode::NOT_FOUND, "CMN-120", "Invalid URI").into_response(),
    }
}

/// A file of the viewer's folder `dist`.
fn unpacked(name: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).ok()?;
    let ending = format!("/dist/{name}");
    let mut paths = archive.file_names().filter_map(Result::ok);
    let path = paths.find(|path| path.ends_with(&ending))?.into_owned();
    drop(paths);
    let mut bytes = Vec::new();
    archive.by_name(&path).ok()?.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_has_every_file_of_the_viewer() {
        for (name, _) in VIEWER {
            assert!(unpacked(name).is_some_and(|bytes| !bytes.is_empty()), "{name}");
        }
    }
}
