//! An object store that speaks as much of S3 as a history needs, and fails where a test wants it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use hmac_sha256::Hash;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// It isn't done.
    Refused(u16, &'static str),
    /// It is done, and the response doesn't come.
    Lost,
    /// The body ends half-way.
    Cut,
    Slow(Duration),
}

/// Decides about a request: its method, the object's name, and how many there were before.
pub(crate) type Decide = Box<dyn FnMut(&str, &str, usize) -> Fault + Send>;

struct Stored {
    objects: BTreeMap<String, Bytes>,
    requests: Vec<String>,
    decide: Decide,
    keeps_conditions: bool,
}

#[derive(Clone)]
pub(crate) struct ObjectServer {
    address: SocketAddr,
    stored: Arc<Mutex<Stored>>,
}

/// In no output.
pub(crate) const SECRET: &str = "wJalrXUtnFEMISECRET";

impl ObjectServer {
    pub(crate) fn start() -> Self {
        let stored = Arc::new(Mutex::new(Stored {
            objects: BTreeMap::new(),
            requests: Vec::new(),
            decide: Box::new(|_, _, _| Fault::None),
            keeps_conditions: true,
        }));
        let (started, address) = mpsc::channel();
        let state = Arc::clone(&stored);
        thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                started.send(listener.local_addr().unwrap()).unwrap();
                let app = Router::new().fallback(answer).with_state(state);
                axum::serve(listener, app).await.unwrap();
            });
        });
        Self { address: address.recv().unwrap(), stored }
    }

    /// The environment of a user of this store.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", "eu-central-1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(crate) fn decide(&self, decide: impl FnMut(&str, &str, usize) -> Fault + Send + 'static) {
        let mut stored = self.stored.lock().unwrap();
        stored.requests.clear();
        stored.decide = Box::new(decide);
    }

    /// Overwrites objects even where a condition forbids it.
    pub(crate) fn ignore_conditions(&self) {
        self.stored.lock().unwrap().keeps_conditions = false;
    }

    pub(crate) fn objects(&self) -> BTreeMap<String, Bytes> {
        self.stored.lock().unwrap().objects.clone()
    }

    /// Removes everything.
    pub(crate) fn clear(&self) {
        self.stored.lock().unwrap().objects.clear();
    }

    pub(crate) fn put(&self, name: &str, bytes: impl Into<Bytes>) {
        self.stored.lock().unwrap().objects.insert(name.to_owned(), bytes.into());
    }

    /// The requests since the last time that faults were decided: `GET name`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.stored.lock().unwrap().requests.clone()
    }
}

async fn answer(
    State(stored): State<Arc<Mutex<Stored>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = decoded(uri.path()).trim_start_matches('/').to_owned();
    let fault = {
        let mut stored = stored.lock().unwrap();
        let number = stored.requests.len();
        stored.requests.push(format!("{method} {name}"));
        (stored.decide)(method.as_str(), &name, number)
    };
    match fault {
        Fault::Refused(status, code) => return refusal(status, code),
        Fault::Slow(by) => tokio::time::sleep(by).await,
        Fault::None | Fault::Lost | Fault::Cut => {}
    }
    let query = uri.query().unwrap_or_default();
    let response = done(&mut stored.lock().unwrap(), &method, (&name, query), &headers, &body);
    match fault {
        Fault::Lost => refusal(503, "SlowDown"),
        Fault::Cut => cut(response).await,
        _ => response,
    }
}

fn done(
    stored: &mut Stored,
    method: &Method,
    (name, query): (&str, &str),
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    match method.as_str() {
        "GET" if query.contains("list-type=2") => listing(stored, name, query),
        "GET" | "HEAD" => match stored.objects.get(name) {
            None => refusal(404, "NoSuchKey"),
            Some(bytes) => object(bytes, headers, method == Method::HEAD),
        },
        "PUT" => {
            let current = stored.objects.get(name).map(etag);
            let named = |header| headers.get(header).and_then(|value| value.to_str().ok());
            let holds = match (named("if-match"), named("if-none-match")) {
                (Some(expected), _) => current.as_deref() == Some(expected),
                (_, Some(_)) => current.is_none(),
                _ => true,
            };
            if !holds && stored.keeps_conditions {
                return refusal(412, "PreconditionFailed");
            }
            stored.objects.insert(name.to_owned(), body.clone());
            response(200).header(header::ETAG, etag(body)).body(Body::empty()).unwrap()
        }
        "POST" => {
            let text = String::from_utf8_lossy(body);
            let bucket = name.trim_end_matches('/');
            let mut said = String::from("<DeleteResult>");
            for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()) {
                stored.objects.remove(&format!("{bucket}/{key}"));
                write!(said, "<Deleted><Key>{key}</Key></Deleted>").unwrap();
            }
            response(200).body(format!("{said}</DeleteResult>").into()).unwrap()
        }
        "DELETE" => {
            stored.objects.remove(name);
            response(204).body(Body::empty()).unwrap()
        }
        _ => refusal(405, "MethodNotAllowed"),
    }
}

fn object(bytes: &Bytes, headers: &HeaderMap, is_head: bool) -> Response {
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let range = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let range = range.map(|(from, to)| {
        let to = to.parse().map_or(bytes.len(), |to: usize| to + 1).min(bytes.len());
        (from.parse::<usize>().unwrap().min(to), to)
    });
    let (from, to) = range.unwrap_or((0, bytes.len()));
    let part = bytes.slice(from..to);
    let mut response = response(if range.is_some() { 206 } else { 200 })
        .header(header::ETAG, etag(bytes))
        .header(header::LAST_MODIFIED, "Tue, 24 Nov 2026 12:00:00 GMT")
        .header(header::CONTENT_LENGTH, part.len());
    if range.is_some() {
        let of = format!("bytes {from}-{}/{}", to.saturating_sub(1), bytes.len());
        response = response.header(header::CONTENT_RANGE, of);
    }
    response.body(if is_head { Body::empty() } else { part.into() }).unwrap()
}

/// As many as a page of the real one has.
const PAGE: usize = 1000;

fn listing(stored: &Stored, bucket: &str, query: &str) -> Response {
    let named = |name: &str| {
        let fields = query.split('&').filter_map(|field| field.split_once('='));
        fields.filter(|(other, _)| *other == name).map(|(_, value)| decoded(value)).next()
    };
    let bucket = bucket.trim_end_matches('/');
    let prefix = format!("{bucket}/{}", named("prefix").unwrap_or_default());
    let after = named("continuation-token").unwrap_or_default();
    let found = stored.objects.iter().filter(|(name, _)| name.starts_with(&prefix));
    let found: Vec<_> = found.filter(|(name, _)| **name > after).collect();
    let mut text = String::from("<ListBucketResult>");
    for (name, bytes) in found.iter().take(PAGE) {
        let key = name.strip_prefix(bucket).unwrap().trim_start_matches('/');
        let (length, etag) = (bytes.len(), etag(bytes));
        write!(
            text,
            "<Contents><Key>{key}</Key><LastModified>2026-11-24T12:00:00.000Z</LastModified>\
             <ETag>{etag}</ETag><Size>{length}</Size></Contents>"
        )
        .unwrap();
    }
    let is_cut = found.len() > PAGE;
    write!(text, "<IsTruncated>{is_cut}</IsTruncated>").unwrap();
    if is_cut {
        let next = found[PAGE - 1].0;
        write!(text, "<NextContinuationToken>{next}</NextContinuationToken>").unwrap();
    }
    text.push_str("</ListBucketResult>");
    response(200).body(text.into()).unwrap()
}

fn refusal(status: u16, code: &str) -> Response {
    // As real ones do, it repeats what was sent.
    let text = format!("<Error><Code>{code}</Code><Message>AKIAEXAMPLE</Message></Error>");
    response(status).body(text.into()).unwrap()
}

async fn cut(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let half = whole.slice(..whole.len() / 2);
    let broken = std::io::Error::other("broken");
    let pieces = futures_util::stream::iter([Ok(half), Err(broken)]);
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn response(status: u16) -> axum::http::response::Builder {
    Response::builder().status(StatusCode::from_u16(status).unwrap())
}

fn etag(bytes: &Bytes) -> String {
    let digest = Hash::hash(bytes);
    let hex = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    format!("\"{hex}\"")
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}
