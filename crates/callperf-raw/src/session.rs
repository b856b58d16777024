//! What goes along with every request, and the limit on what comes back.

use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use http_body_util::BodyDataStream;
use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Body, Request, Response};

/// Carries a request to its answer in the place of the HTTP client alone, and sees both.
pub trait Exchange: Send + Sync {
    /// The answer to `request`, which `http` can get.
    fn exchange<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: Request,
    ) -> BoxFuture<'a, reqwest::Result<Response>>;
}

/// The body of a session's last response, beside the value that is read from it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct BodyCopy(Arc<Mutex<Vec<u8>>>);

impl BodyCopy {
    /// The bytes that were read so far. They are gone from the copy.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes())
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The inner type of the generated clients. Cheap to make for a single request.
#[derive(Clone)]
pub struct Session {
    authorization: Option<HeaderValue>,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    bounds: Bounds,
    exchange: Option<Arc<dyn Exchange>>,
    copy: Option<BodyCopy>,
    refuses_nulls: bool,
    taken: Option<BodyCopy>,
}

/// Marks a response whose nulls are refused.
#[derive(Clone, Copy)]
pub(crate) struct NullsRefused;

impl Session {
    /// Sends nothing of its own, and reads at most `max_body` bytes of a response.
    #[must_use]
    pub fn new(max_body: u64) -> Self {
        Self {
            authorization: None,
            headers: HeaderMap::new(),
            query: Vec::new(),
            bounds: Bounds { bytes: max_body, values: u64::MAX },
            exchange: None,
            copy: None,
            refuses_nulls: false,
            taken: None,
        }
    }

    /// The value of the `Authorization` header. It is marked as sensitive.
    #[must_use]
    pub fn with_authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.authorization = Some(value);
        self
    }

    /// Further headers; they replace those of the generated client.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Query parameters that the generated function does not have.
    #[must_use]
    pub fn with_query(mut self, query: Vec<(String, String)>) -> Self {
        self.query = query;
        self
    }

    /// Reads at most so many JSON values of a response, as [`Meter`] counts them.
    #[must_use]
    pub fn with_max_values(mut self, values: u64) -> Self {
        self.bounds.values = values;
        self
    }

    /// What carries the requests; by default the HTTP client.
    #[must_use]
    pub fn with_exchange(mut self, exchange: Arc<dyn Exchange>) -> Self {
        self.exchange = Some(exchange);
        self
    }

    /// Copies the body of each response, in place of the one before.
    #[must_use]
    pub fn with_copy(mut self, copy: BodyCopy) -> Self {
        self.copy = Some(copy);
        self
    }

    /// Refuses a response that has a null, by
    /// [`Error::InvalidResponsePayload`](progenitor_client::Error) with its body: the generated types
    /// don't say which number was sent as null, and which wasn't sent.
    #[must_use]
    pub fn with_nulls_refused(mut self) -> Self {
        self.refuses_nulls = true;
        self
    }

    /// Puts the body of a successful response there: the generated client gets an empty one, which
    /// isn't the value that it reads. The number of its JSON values isn't bounded.
    #[must_use]
    pub fn with_taken_body(mut self, taken: BodyCopy) -> Self {
        self.taken = Some(taken);
        self
    }

    /// Sends a request as the generated clients do, and bounds its response.
    ///
    /// # Errors
    /// Those of the HTTP client.
    pub async fn execute(
        &self,
        http: &reqwest::Client,
        mut request: Request,
    ) -> reqwest::Result<Response> {
        self.prepare(&mut request);
        let response = self.carry(http, request).await?;
        Ok(self.limit(response))
    }

    fn prepare(&self, request: &mut Request) {
        let headers = request.headers_mut();
        // The generated client states the revision that it was made from, which the service has
        // never heard of.
        headers.remove("api-version");
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if let Some(value) = &self.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        if !self.query.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(&self.query);
        }
    }

    async fn carry(&self, http: &reqwest::Client, request: Request) -> reqwest::Result<Response> {
        match &self.exchange {
            Some(exchange) => exchange.exchange(http, request).await,
            None => http.execute(request).await,
        }
    }

    /// The same response with a body that fails beyond the limit: whoever reads it reads all of it
    /// into memory.
    fn limit(&self, response: Response) -> Response {
        let mut bounds = self.bounds;
        let announced = announced_length(response.headers());
        let taken = self.taken.clone().filter(|_| response.status().is_success());
        if taken.is_some() {
            bounds.values = u64::MAX;
        }
        let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
        if self.refuses_nulls {
            parts.extensions.insert(NullsRefused);
        }
        let copies: Vec<_> = self.copy.iter().chain(&taken).cloned().collect();
        for copy in &copies {
            copy.bytes().clear();
        }
        let body = limited(BodyDataStream::new(body), bounds, announced).map_ok(move |bytes| {
            for copy in &copies {
                copy.bytes().extend_from_slice(&bytes);
            }
            if taken.is_some() { Bytes::new() } else { bytes }
        });
        http::Response::from_parts(parts, Body::wrap_stream(body)).into()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authorization = self.authorization.as_ref().map(|_| "redacted");
        f.debug_struct("Session")
            .field("authorization", &authorization)
            .field("headers", &self.headers)
            .field("query", &self.query)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// What is read of a response at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes, after decompression.
    pub bytes: u64,
    /// JSON values, as [`Meter`] counts them: a small body may take a lot of memory.
    pub values: u64,
}

/// An object takes as much memory as so many other values: it is read into a type that has a place
/// for each field that it may have.
const VALUES_OF_AN_OBJECT: u64 = 8;

/// Counts what is read of a response, without reading the JSON: strings with commas count as more
/// values than one.
#[derive(Debug)]
pub struct Meter {
    bounds: Bounds,
    bytes: u64,
    values: u64,
}

impl Meter {
    /// Has read nothing yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, bytes: 0, values: 0 }
    }

    /// Counts the next part.
    ///
    /// # Errors
    /// [`BodyTooLarge`] with the first bound that is exceeded.
    pub fn count(&mut self, part: &[u8]) -> Result<(), BodyTooLarge> {
        self.bytes = self.bytes.saturating_add(part.len() as u64);
        if self.bytes > self.bounds.bytes {
            return Err(BodyTooLarge::Bytes(self.bounds.bytes));
        }
        let values = part.iter().map(|byte| match byte {
            b',' | b'[' => 1,
            b'{' => VALUES_OF_AN_OBJECT,
            _ => 0,
        });
        self.values = self.values.saturating_add(values.sum());
        if self.values > self.bounds.values {
            return Err(BodyTooLarge::Values(self.bounds.values));
        }
        Ok(())
    }
}

/// A response was larger than the session allows. It is in the source chain of the error that
/// reading the body gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyTooLarge {
    /// It has more bytes than these.
    Bytes(u64),
    /// It has more JSON values than these.
    Values(u64),
}

impl fmt::Display for BodyTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bound) => write!(f, "the response is larger than {bound} bytes"),
            Self::Values(bound) => {
                write!(f, "the response has more than {bound} JSON values, an object counting as 8")
            }
        }
    }
}

impl std::error::Error for BodyTooLarge {}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn announced_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    length.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A length announced above the limit fails before anything is read.
fn limited(
    body: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    bounds: Bounds,
    announced: u64,
) -> impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static {
    let too_large = BodyTooLarge::Bytes(bounds.bytes);
    let refused = (announced > bounds.bytes).then(|| Err(BoxError::from(too_large)));
    let mut meter = Meter::new(bounds);
    let counted = body
        .map_err(BoxError::from)
        .and_then(move |bytes| ready(meter.count(&bytes).map(|()| bytes).map_err(BoxError::from)));
    futures_util::stream::iter(refused).chain(counted)
}

macro_rules! hooks {
    ($client:ty) => {
        impl ClientHooks<Session> for $client {
            async fn pre<E>(
                &self,
                request: &mut Request,
                _: &OperationInfo,
            ) -> Result<(), Error<E>> {
                self.inner().prepare(request);
                Ok(())
            }

            async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
                let response = self.inner().carry(self.client(), request).await?;
                Ok(self.inner().limit(response))
            }
        }
    };
}

hooks!(crate::beta::Client);
hooks!(crate::calls_v1::Client);
hooks!(crate::directory::Client);
