//! The client, and the pulls that it makes.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{Stream, StreamExt, future::BoxFuture};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::task::JoinHandle;

use crate::{
    api::{self, Api, Operation, beta, calls_v1},
    error::{Error, ErrorKind, Result},
    expected::{self, Expected},
    fingerprint::{AnswerTo, Fingerprint},
    period::{ResolvedPeriod, to_millis},
    query::Query,
    report::{Metric, Notice, Page, Record, Series},
    rules::{self, Asked},
    shown,
    transport::{
        Settings, Transport,
        attempt::{Attempt, OnAttempt},
        credentials::Credentials,
        pace::Budget,
        proxy::ProxyChoice,
        retry::RetryPolicy,
        session::SessionInfo,
        store::TokenStore,
    },
    vocabulary::Interval,
};

/// The wire's bounds are both inclusive, a [`Period`](crate::Period)'s end
/// isn't; that the API keeps milliseconds is an assumption.
const END_OFFSET: SignedDuration = SignedDuration::from_millis(1);

/// The page size where the API's document states none: the beta's default.
const BETA_PAGE: u32 = 100;

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A connection to one API of one account. Clones share their token.
///
/// ```no_run
/// # async fn example() -> Result<(), callperf::Error> {
/// use callperf::{Breakdown, CallResult, Client, GroupBy, Period, Query};
///
/// let client = Client::from_env()?;
/// let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/Los_Angeles")
///     .calls(Breakdown::Result);
/// let mut records = client.aggregate(&query).records();
/// while let Some(record) = records.try_next().await? {
///     let abandoned = record.calls().by_result().get(CallResult::Abandoned);
///     println!("{}: {abandoned:?} abandoned", record.label());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    transport: Transport,
    api: Api,
    account: String,
    clock: Clock,
    end_offset: SignedDuration,
    strict: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.0.api)
            .field("server", &self.0.transport.server())
            .finish_non_exhaustive()
    }
}

/// The settings of a [`Client`].
#[must_use]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    transport: Settings,
    account: String,
    api: Api,
    /// The system's, where none is given.
    clock: Option<Clock>,
    end_offset: SignedDuration,
    strict: bool,
    #[cfg(feature = "testing")]
    record_to: Option<std::path::PathBuf>,
    #[cfg(feature = "testing")]
    names: crate::testing::cassette::Names,
    #[cfg(feature = "testing")]
    replay_from: Option<std::path::PathBuf>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What `build` refuses may hold a password.
        let server = shown::address(&self.transport.server);
        f.debug_struct("ClientBuilder")
            .field("api", &self.api)
            .field("server", &server)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Who logs in. Required.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where sessions are kept; by default in memory, for this client and its
    /// clones alone.
    ///
    /// The login endpoint allows five requests a minute, so programs that start
    /// often, or beside each other, should share a
    /// [`FileTokenStore`](crate::FileTokenStore): they log in once.
    pub fn token_store(mut self, store: impl TokenStore + 'static) -> Self {
        self.transport.token_store = Arc::new(store);
        self
    }

    /// The server; by default [`PRODUCTION`](crate::PRODUCTION). Plain `http` is for loopback
    /// addresses only.
    pub fn server(mut self, url: impl Into<String>) -> Self {
        self.transport.server = url.into();
        self
    }

    /// The account's id; by default `~`, the account of whoever logs in.
    ///
    /// A third party saw the API refuse a numeric id and take `~`.
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account = id.into();
        self
    }

    /// The API to speak; by default today's.
    pub fn api(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    /// The name and version of your application, for example `my-app/1.2`,
    /// sent as `User-Agent` and `X-User-Agent` before this crate's.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.transport.application = Some(name.into());
        self
    }

    /// How long connecting may take; by default 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = timeout;
        self
    }

    /// How long the server may say nothing; by default 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.transport.read_timeout = timeout;
        self
    }

    /// How long one request may take, with its answer; by default 60 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.transport.timeout = timeout;
        self
    }

    /// How large a response may be, in bytes after decompression; by default 32 MiB.
    ///
    /// Records take more memory than their JSON: measured, 12 times its bytes, and 22
    /// times if a part of it can't be read. A full page of reports has less than 1 MB;
    /// an hourly timeline of twenty users over a month, with many breakdowns, has 8 MB
    /// and takes 90 MB. [`concurrency`](Self::concurrency) pages may be read at once.
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.transport.bounds.bytes = bytes;
        self
    }

    /// How many JSON values a response may have, an object counting as 8; by default
    /// three million.
    ///
    /// It bounds the memory that a response takes, where the number of its bytes
    /// doesn't: measured, up to 170 MB for three million values of records, 340 MB if a
    /// part of them can't be read, and at worst, for a list of empty objects, 900 MB.
    /// An hourly timeline of twenty users over a month, with many breakdowns, has 1.6
    /// million.
    pub fn max_json_values(mut self, values: u64) -> Self {
        self.transport.bounds.values = values;
        self
    }

    /// How many requests may be under way at once; by default 4.
    ///
    /// The quota that the server tells is kept whatever this is.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.transport.concurrency = requests;
        self
    }

    /// How often and how long a request is tried; by default five times within
    /// ten minutes.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.transport.retry = policy;
        self
    }

    /// Is told of each finished attempt, for metrics. It runs between attempts,
    /// so it should be quick.
    pub fn on_attempt(mut self, hook: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.transport.on_attempt = OnAttempt::new(hook);
        self
    }

    /// Sends all requests through this proxy, for example
    /// `http://proxy.example:3128`, also those to a loopback address.
    ///
    /// By default the environment decides, as for curl: an `https` server goes
    /// through `HTTPS_PROXY`, or else `ALL_PROXY`, unless `NO_PROXY` lists its host
    /// (`*`, names, which include the names below them, addresses and networks
    /// such as `10.0.0.0/8`, each with a port if need be). The lower-case spellings
    /// count first, and an empty variable counts as unset. Loopback addresses are
    /// never proxied by the environment, nor is plain `http`, which goes nowhere
    /// else; `HTTP_PROXY` is ignored. [`Client::proxy`] returns what is used.
    ///
    /// Proxies speak `http` or `https`. A SOCKS proxy is an error, here and in
    /// the environment: requests never bypass a proxy in silence.
    pub fn proxy(mut self, address: impl Into<String>) -> Self {
        self.transport.proxy = ProxyChoice::Named(address.into());
        self
    }

    /// Uses no proxy, regardless of the environment and of an earlier
    /// [`proxy`](Self::proxy).
    pub fn no_proxy(mut self) -> Self {
        self.transport.proxy = ProxyChoice::Off;
        self
    }

    /// A further root certificate to trust, in PEM form, as for a proxy that
    /// looks into TLS.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.root_certificates.push(pem.into());
        self
    }

    #[cfg(feature = "unstable-http-client")]
    pub(crate) fn with_http(mut self, http: crate::transport::HttpClient) -> Self {
        self.transport.http = Some(http);
        self
    }

    /// What the time is; by default the system's clock. For tests.
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// How much earlier than a period's end the last instant on the wire is;
    /// by default one millisecond.
    ///
    /// The wire includes its upper bound, and a period doesn't. That the API
    /// tells milliseconds apart is an assumption, so this can be set.
    pub fn end_offset(mut self, offset: SignedDuration) -> Self {
        self.end_offset = offset;
        self
    }

    /// Treats undecodable records and inconsistent pages as errors.
    ///
    /// By default what can't be read is left out: a metric of a record or a point,
    /// or the whole of it if it has no other metric. A [`Notice`] has its JSON path.
    /// A pull fails only if it has records of which none can be read.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Keeps every response in a file, a *cassette*, and gives it to the caller as a
    /// replay will: with pseudonyms.
    ///
    /// For tests: record once, against production, what
    /// [`replay_from`](Self::replay_from) gives for ever after. A snapshot that is
    /// written while recording is the one that the replay is compared with. A caller
    /// may ask with a pseudonym that came back: the server is sent what it stands for. What is kept and
    /// what isn't, [`testing`](crate::testing#cassettes) says; **read the file before
    /// you share it**.
    ///
    /// The file is begun anew, and replaced as a whole with each answer. The
    /// client's clock stands still from here on, unless [`clock`](Self::clock) is
    /// given: a period like the last seven days is the same when it is replayed.
    /// A request whose answer can't be kept fails with [`ErrorKind::Settings`].
    #[cfg(feature = "testing")]
    pub fn record_to(mut self, cassette: impl Into<std::path::PathBuf>) -> Self {
        self.record_to = Some(cassette.into());
        self
    }

    /// Keeps names in the cassette that [`record_to`](Self::record_to) writes, and in
    /// what the recording client returns; by default they have pseudonyms. The cassette
    /// says so in its field `names`.
    ///
    /// For accounts without people in them, as the vendor's sandbox has. Keys, numbers
    /// and secrets are replaced all the same.
    #[cfg(feature = "testing")]
    pub fn keep_names(mut self) -> Self {
        self.names = crate::testing::cassette::Names::Kept;
        self
    }

    /// Answers from a cassette. Nothing is sent, and no credentials are needed.
    ///
    /// Requests are matched by operation, query string and body. Answers to the
    /// same request come in the order in which they were recorded, failures
    /// included, and each of them once; where there is none (any more), the request
    /// fails with [`ErrorKind::NotRecorded`], which says in which field it differs
    /// from the nearest one. Each client plays from the beginning, clones of it
    /// together.
    ///
    /// The client's clock is the cassette's, unless [`clock`](Self::clock) is given.
    /// It waits for nothing: neither for the quota, which [`Client::budget`] tells
    /// all the same, nor before another attempt.
    #[cfg(feature = "testing")]
    pub fn replay_from(mut self, cassette: impl Into<std::path::PathBuf>) -> Self {
        self.replay_from = Some(cassette.into());
        self
    }

    #[cfg(feature = "testing")]
    fn with_tape(mut self) -> Result<Self> {
        use crate::testing::cassette::{Names, Player, Recorder, Tape};
        if self.names == Names::Kept && self.record_to.is_none() {
            let reason = "keep_names is for a client that records; call record_to, too";
            return Err(Error::new(ErrorKind::Settings, reason));
        }
        let (tape, now) = match (self.record_to.take(), self.replay_from.take()) {
            (None, None) => return Ok(self),
            (Some(file), None) => {
                let now = self.clock.as_ref().map_or_else(Timestamp::now, |clock| clock());
                (Tape::Recorder(Recorder::new(file, now, self.names)?), now)
            }
            (None, Some(file)) => {
                let player = Player::new(file)?;
                let now = player.clock();
                // Never used: nobody logs in.
                self.credentials = Some(Credentials::refresh_token("", ""));
                (Tape::Player(player), now)
            }
            (Some(_), Some(_)) => {
                let reason = "a client records a cassette or replays one, not both";
                return Err(Error::new(ErrorKind::Settings, reason));
            }
        };
        self.transport.tape = Some(Arc::new(tape));
        self.clock.get_or_insert_with(|| Arc::new(move || now));
        Ok(self)
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for missing credentials, an address that isn't
    /// one, plain `http` to another machine, a proxy that can't be used (the message
    /// names the environment's variable), a name that can't be a header, a
    /// cassette that can't be written or read.
    pub fn build(self) -> Result<Client> {
        #[cfg(feature = "testing")]
        let this = self.with_tape()?;
        #[cfg(not(feature = "testing"))]
        let this = self;
        let credentials = this.credentials.ok_or_else(|| {
            Error::new(ErrorKind::Settings, "no credentials; give the builder Credentials::jwt(…)")
        })?;
        let transport = Transport::new(credentials, this.transport)?;
        Ok(Client(Arc::new(Inner {
            transport,
            api: this.api,
            account: this.account,
            clock: this.clock.unwrap_or_else(|| Arc::new(Timestamp::now)),
            end_offset: this.end_offset,
            strict: this.strict,
        })))
    }
}

impl Client {
    /// Settings to start from: production, today's API.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            credentials: None,
            transport: Settings::default(),
            account: "~".to_owned(),
            api: Api::default(),
            clock: None,
            end_offset: END_OFFSET,
            strict: false,
            #[cfg(feature = "testing")]
            record_to: None,
            #[cfg(feature = "testing")]
            names: crate::testing::cassette::Names::default(),
            #[cfg(feature = "testing")]
            replay_from: None,
        }
    }

    /// A client of today's API with the environment's settings; see
    /// [`Client::builder_from_env`].
    ///
    /// # Errors
    /// As [`Client::builder_from_env`] and [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self> {
        Self::builder_from_env()?.build()
    }

    /// Settings from `RC_SERVER_URL` (by default production),
    /// `RC_APP_CLIENT_ID`, `RC_APP_CLIENT_SECRET` and `RC_USER_JWT`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] naming every variable that is missing.
    pub fn builder_from_env() -> Result<ClientBuilder> {
        const NAMES: [&str; 3] = ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"];
        let values = NAMES.map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let [Some(id), Some(secret), Some(jwt)] = &values else {
            let missing: Vec<_> = NAMES
                .into_iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| name)
                .collect();
            return Err(Error::new(
                ErrorKind::Settings,
                format!("not set in the environment: {}", missing.join(", ")),
            ));
        };
        let builder = Self::builder().credentials(Credentials::jwt(id, secret, jwt));
        Ok(match std::env::var("RC_SERVER_URL") {
            Ok(url) if !url.is_empty() => builder.server(url),
            _ => builder,
        })
    }

    /// The API that this client speaks.
    #[must_use]
    pub fn api(&self) -> Api {
        self.0.api
    }

    /// The proxy that requests go through, without user name and password; `None`
    /// for a client that replays a cassette or has an HTTP client of the caller's.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.0.transport.proxy()
    }

    /// What is left of the quota of each group of operations that the server
    /// has told of so far, but for the login endpoints', which is kept all the
    /// same.
    #[must_use]
    pub fn budget(&self) -> Vec<Budget> {
        self.0.transport.budgets()
    }

    /// How far the server's clock is ahead of this machine's, to a second or two
    /// and the time an answer takes, as the last answer's `Date` header told.
    ///
    /// A period's end and a token's life go by this machine's clock.
    #[must_use]
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.0.transport.clock_skew()
    }

    /// Sees to it that there is a session: the store's, a renewed one or a new
    /// one. Requests do so themselves; this is for telling early that it can't be.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] where a login is refused or somebody has to
    /// log in again, any other kind from the request.
    pub async fn log_in(&self) -> Result<()> {
        // Their futures are large, and callers put them into their own.
        Box::pin(self.0.transport.log_in()).await
    }

    /// What is known of the session, from this client's memory or else from its
    /// store; `None` where there is none. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] where the store can't be read.
    pub async fn session(&self) -> Result<Option<SessionInfo>> {
        Box::pin(self.0.transport.session()).await
    }

    /// One record per key, added up over the period.
    pub fn aggregate(&self, query: &Query) -> Call<Record> {
        self.call(query, Operation::Aggregate)
    }

    /// A series of points per key, one point per interval. Not on the beta.
    pub fn timeline(&self, query: &Query, interval: Interval) -> Call<Series> {
        self.call(query, Operation::Timeline(interval))
    }

    /// Sends any request to the server, with this client's token and errors: a
    /// `POST` with a body, a `GET` without.
    ///
    /// For operations that this crate has no words for. `path` begins with a
    /// slash and is joined to the server's address.
    ///
    /// Returns the JSON of the response, `null` if it has no body.
    ///
    /// The request is made once: this crate doesn't know whether it changes
    /// something. It waits for the quota like all others, at most until the
    /// deadline of the client's [`RetryPolicy`]. The server tells with each answer
    /// which group of operations it counts in; that is kept for the method and the
    /// path without ids, a part of the path being taken for an id unless it is made
    /// of letters, hyphens and underscores, or a version like `v1.0`. The first
    /// request to a path waits for every group that has nothing left, since it
    /// could be of that one.
    ///
    /// ```no_run
    /// # async fn example(client: callperf::Client) -> Result<(), callperf::Error> {
    /// let path = "/restapi/v1.0/account/~/call-queues";
    /// let queues = client.send(path, &[("perPage", "1000")], None).await?;
    /// # let _ = queues;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for a path that leads elsewhere,
    /// [`ErrorKind::Deadline`] where the wait for the quota or for a login takes
    /// longer than the deadline, [`ErrorKind::Answer`] for an answer that isn't
    /// JSON, any other kind from the request.
    pub async fn send(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&serde_json::Value>,
    ) -> Result<serde_json::Value> {
        Box::pin(self.0.transport.send(path, query, body)).await
    }

    /// Ends the session at the server and removes it from the store.
    ///
    /// The access token and the refresh token are refused from then on, here and
    /// in every process that shares them. With a JWT or a password the next
    /// request begins a new session; with a code or a refresh token a person has
    /// to log in again. Without a session nothing is sent.
    ///
    /// The request is made once. RingCentral asks to ignore its failure and not
    /// to repeat it, so the error is for the log: the store is empty by then, and
    /// the session ends by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] where the store can't be used,
    /// [`ErrorKind::Deadline`] where another keeps it locked, or logs in for longer
    /// than the deadline of the client's [`RetryPolicy`], any other kind from the
    /// request.
    pub async fn revoke(&self) -> Result<()> {
        Box::pin(self.0.transport.revoke()).await
    }

    fn call<T>(&self, query: &Query, operation: Operation) -> Call<T> {
        Call {
            client: self.clone(),
            query: query.clone(),
            operation,
            per_page: None,
            parameters: Vec::new(),
            retry: None,
            on_progress: OnProgress::default(),
            reads_ahead: false,
            records: PhantomData,
        }
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.0.transport
    }

    pub(crate) fn account(&self) -> &str {
        &self.0.account
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.0.strict
    }
}

/// How far a pull is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The pages that were read; each is one request.
    pub pages_read: u64,
    /// The pages that are left.
    pub pages_left: u64,
    /// The records that were read.
    pub records_read: u64,
    /// The records that there are in all, where the answer says so.
    pub records_announced: Option<u64>,
    /// How long the rest takes at least, as the quota allows; the requests
    /// themselves come on top.
    pub earliest_end: Duration,
}

type ProgressHook = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Who is told of the progress.
#[derive(Clone, Default)]
struct OnProgress(Option<ProgressHook>);

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnProgress").field(&self.0.is_some()).finish()
    }
}

/// A request as it would be sent, less its headers: [`Call::preview`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Preview {
    /// The method: `POST`.
    pub method: &'static str,
    /// The server's address, without a slash at the end.
    pub server: String,
    /// The path, which begins with a slash.
    pub path: String,
    /// The parameters in the address, by name and not encoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: serde_json::Value,
    /// The period that it asks about.
    pub period: ResolvedPeriod,
    /// How many records a page holds: a request is made for each page.
    pub per_page: u32,
    /// What a reader of the report should know.
    pub notices: Vec<Notice>,
}

/// A query that is ready to be asked. Nothing is sent before it is awaited.
#[derive(Clone, Debug)]
#[must_use]
pub struct Call<T> {
    client: Client,
    query: Query,
    operation: Operation,
    per_page: Option<u32>,
    parameters: Vec<(String, String)>,
    retry: Option<RetryPolicy>,
    on_progress: OnProgress,
    reads_ahead: bool,
    records: PhantomData<fn() -> T>,
}

/// A query that the rules let pass, with everything fixed that depends on the
/// clock, so that all pages of a pull are about the same period.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) query: Query,
    pub(crate) operation: Operation,
    pub(crate) period: ResolvedPeriod,
    pub(crate) time_from: Timestamp,
    pub(crate) time_to: Timestamp,
    pub(crate) per_page: u32,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) fingerprint: AnswerTo,
}

impl<T: Row> Call<T> {
    /// How many records a page holds; by default as many as the API allows
    /// (aggregate 200, timeline 20; the beta states no maximum: 100).
    pub fn per_page(mut self, records: u32) -> Self {
        self.per_page = Some(records);
        self
    }

    /// Sends a parameter in the address that this crate has no word for.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// How often and how long its requests are tried, other than the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Fetches the next page while the records of one are used; within the quota
    /// and the concurrency like every request. By default a page is fetched when
    /// it is needed, so that a pull that ends early spends nothing for it.
    ///
    /// It takes a Tokio runtime to poll the records in.
    pub fn read_ahead(mut self) -> Self {
        self.reads_ahead = true;
        self
    }

    /// Is told after each page how far the pull is and when it can end.
    pub fn on_progress(mut self, hook: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = OnProgress(Some(Arc::new(hook)));
        self
    }

    /// Asks the rules, and sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with every problem of the query.
    pub fn check(&self) -> Result<Vec<Notice>> {
        self.prepare(1).map(|prepared| prepared.notices)
    }

    /// The request for a page, from 1, as it would be sent. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with every problem of the query.
    pub fn preview(&self, page: u32) -> Result<Preview> {
        let prepared = self.prepare(page)?;
        let api = self.client.api();
        let paging = [("page", page), ("perPage", prepared.per_page)];
        let paging = paging.map(|(name, number)| (name.to_owned(), number.to_string()));
        let interval = match &prepared.operation {
            Operation::Timeline(interval) => Some(("interval".to_owned(), interval.to_string())),
            Operation::Aggregate => None,
        };
        Ok(Preview {
            method: "POST",
            server: self.client.transport().server().to_owned(),
            path: prepared.operation.path(api, self.client.account()),
            query: interval.into_iter().chain(paging).chain(prepared.parameters.clone()).collect(),
            body: api::body(api, &prepared),
            period: prepared.period,
            per_page: prepared.per_page,
            notices: prepared.notices,
        })
    }

    /// One page, from 1. If nothing on it can be read, it is empty but for its notices.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] where the rules refuse the query; any other kind
    /// from the request.
    pub async fn page(&self, number: u32) -> Result<Page<T>> {
        let prepared = Arc::new(self.prepare(number)?);
        let page = T::fetch(self.client.clone(), Arc::clone(&prepared), number).await?;
        Ok(with_missing(&prepared.query, page, number))
    }

    /// Reads an answer to this query that was received some other way: one that
    /// was stored, or another program's. Nothing is sent.
    ///
    /// A timeline on the beta has no answer, and is refused by the rules.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] where the rules refuse the query,
    /// [`ErrorKind::Answer`] where this isn't its answer.
    pub fn read(&self, answer: &[u8]) -> Result<Page<T>> {
        let prepared = self.prepare(1)?;
        let page = T::read(&self.client, &prepared, answer)?;
        Ok(with_missing(&prepared.query, page, 1))
    }

    /// All records, page after page, as they are read.
    pub fn records(&self) -> Records<T> {
        let (next, failure) = match self.prepare(1) {
            Ok(prepared) => (Some((Arc::new(prepared), 1)), None),
            Err(error) => (None, Some(error)),
        };
        let prepared = next.as_ref().map(|(prepared, _)| prepared);
        let notices = prepared.map(|prepared| prepared.notices.clone());
        let period = prepared.map(|prepared| prepared.period);
        let expected = prepared.map(|prepared| Expected::of(&prepared.query));
        Records {
            client: self.client.clone(),
            next,
            failure,
            pending: None,
            ready: VecDeque::new(),
            notices: notices.unwrap_or_default(),
            period,
            total: None,
            pages: PageGuard::default(),
            expected: expected.unwrap_or_default(),
            on_progress: self.on_progress.clone(),
            reads_ahead: self.reads_ahead,
        }
    }

    fn prepare(&self, page: u32) -> Result<Prepared> {
        let Inner { api, clock, end_offset, .. } = &*self.client.0;
        let now = clock();
        let time_zone = TimeZone::get(&self.query.time_zone).ok().filter(|zone| !zone.is_unknown());
        let period = time_zone.as_ref().map(|zone| self.query.period.resolve(now, zone));
        let verdict = rules::check(&Asked {
            api: *api,
            operation: &self.operation,
            query: &self.query,
            time_zone: time_zone.as_ref(),
            period: period.as_ref(),
            now,
            page,
            per_page: self.per_page,
        });
        let period = match period {
            Some(Ok(period)) if verdict.refusals.is_empty() => period,
            _ => return Err(Error::query(verdict.refusals)),
        };
        let mut query = self.query.clone();
        // A name in other letter case is known here, and perhaps not there.
        if let Some(name) = time_zone.as_ref().and_then(TimeZone::iana_name) {
            name.clone_into(&mut query.time_zone);
        }
        let end_trimmed =
            period.trimmed_from().map(|asked| Notice::EndTrimmed { asked, sent: period.to() });
        let default_page = rules::largest_page(*api, &self.operation).unwrap_or(BETA_PAGE);
        let fingerprint = Fingerprint::of(&query, &self.operation, &period);
        Ok(Prepared {
            fingerprint: AnswerTo(Some(fingerprint)),
            query,
            operation: self.operation.clone(),
            time_from: to_millis(period.from()),
            time_to: to_millis(period.to()).checked_sub(*end_offset).unwrap_or(period.to()),
            period,
            per_page: self.per_page.unwrap_or(default_page),
            parameters: self.parameters.clone(),
            retry: self.retry,
            notices: end_trimmed
                .into_iter()
                .chain(verdict.notices.into_iter().map(Notice::Rule))
                .chain(expected::unknown_words(&self.query, &self.operation))
                .chain(expected::calls_of_agents(&self.query))
                .collect(),
        })
    }
}

/// Adds what was asked for and isn't on a page.
fn with_missing<T: Row>(query: &Query, mut page: Page<T>, number: u32) -> Page<T> {
    let mut expected = Expected::of(query);
    expected.take(&page.records);
    let is_only = number == 1 && page.total_pages.is_none_or(|pages| pages <= 1);
    let is_loss = |notice: &Notice| matches!(notice, Notice::Unreadable { .. });
    let is_readable = !page.notices.iter().any(is_loss);
    page.notices.extend(expected.missing(is_only, is_readable));
    page
}

/// All records of a pull, read page after page: a [`Stream`].
///
/// An error ends it. One page is held at a time, and the keys that have come, so
/// that none is given twice.
#[must_use]
pub struct Records<T> {
    client: Client,
    next: Option<(Arc<Prepared>, u32)>,
    failure: Option<Error>,
    pending: Option<BoxFuture<'static, Result<Page<T>>>>,
    ready: VecDeque<T>,
    notices: Vec<Notice>,
    period: Option<ResolvedPeriod>,
    total: Option<u64>,
    pages: PageGuard,
    expected: Expected,
    on_progress: OnProgress,
    reads_ahead: bool,
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("client", &self.client).finish_non_exhaustive()
    }
}

impl<T: Row> Records<T> {
    /// The next record, or `None` after the last.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] at once where the rules refuse the query; any
    /// other kind from a request.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// What a reader of the report should know, so far.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The period that all pages are about; `None` where the rules refuse the
    /// query.
    #[must_use]
    pub fn period(&self) -> Option<ResolvedPeriod> {
        self.period
    }

    /// How many records there are in all; known after the first.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    fn begin(&self, prepared: Arc<Prepared>, page: u32) -> BoxFuture<'static, Result<Page<T>>> {
        let fetch = T::fetch(self.client.clone(), prepared, page);
        if self.reads_ahead { Box::pin(Ahead(tokio::spawn(fetch))) } else { fetch }
    }

    fn tell_progress(&self, number: u32, page: &Page<T>) {
        let (Some(hook), Some((prepared, _))) = (&self.on_progress.0, &self.next) else { return };
        let pages_read = u64::from(number);
        let pages_left = page.total_pages.unwrap_or(pages_read).saturating_sub(pages_read);
        let operation = prepared.operation.id(self.client.api());
        hook(&Progress {
            pages_read,
            pages_left,
            records_read: self.pages.keys.len() as u64,
            records_announced: page.total_records,
            earliest_end: self.client.transport().earliest_end(operation, pages_left),
        });
    }

    /// Takes a page in, and finds out whether there is another.
    fn absorb(&mut self, number: u32, mut page: Page<T>) -> Result<()> {
        let unreadable: Vec<_> = page
            .notices
            .drain(..)
            .filter(|notice| matches!(notice, Notice::Unreadable { .. }))
            .collect();
        let is_last = page.total_pages.is_none_or(|pages| u64::from(number) >= pages);
        let odd = self.pages.take(number, &mut page, is_last)?;
        if let Some(first) = odd.first().filter(|_| self.client.is_strict()) {
            return Err(Error::new(ErrorKind::Answer, first.to_string()));
        }
        self.pages.see_losses(&unreadable, is_last)?;
        self.total = page.total_records;
        self.tell_progress(number, &page);
        self.notices.extend(unreadable.into_iter().chain(odd));
        self.expected.take(&page.records);
        if is_last {
            let is_readable = self.pages.first_loss.is_none();
            let missing = std::mem::take(&mut self.expected).missing(true, is_readable);
            self.notices.extend(missing);
        }
        self.ready.extend(page.records);
        self.next = self.next.take().filter(|_| !is_last).map(|(call, _)| (call, number + 1));
        Ok(())
    }
}

/// The keys that came so far. Most are ids, and as numbers they take little room in a long pull.
#[derive(Default)]
struct Keys {
    numbers: HashSet<u64>,
    texts: HashSet<String>,
}

impl Keys {
    /// Whether the key is new.
    fn insert(&mut self, key: &str) -> bool {
        // Only what is a number's own text: `7`, `07` and `+7` are three keys.
        let number =
            key.parse().ok().filter(|_| key.starts_with(|first| matches!(first, '1'..='9')));
        match number {
            Some(number) => self.numbers.insert(number),
            None => self.texts.insert(key.to_owned()),
        }
    }

    fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }
}

/// How many pages in a row may bring nothing new, for keys that come and go. A
/// server that ignores the page's number would go on to the last one that it counts.
const MOST_PAGES_WITHOUT_NEWS: u32 = 4;

/// What the pages of a pull have in common, to see when they don't.
#[derive(Default)]
struct PageGuard {
    keys: Keys,
    /// The records that the first page announced.
    announced: Option<u64>,
    first_pages: Option<u64>,
    left_out: u64,
    first_loss: Option<String>,
    pages_without_news: u32,
}

impl PageGuard {
    /// Leaves out the records that came before, and says what is odd.
    ///
    /// Keys come and go while a pull is under way, so a repeated key or a
    /// changed count is noticed, not refused. A server that never ends is.
    fn take<T: Row>(
        &mut self,
        number: u32,
        page: &mut Page<T>,
        is_last: bool,
    ) -> Result<Vec<Notice>> {
        let mut odd = Vec::new();
        let mut tell = |reason: String| odd.push(Notice::Paging { page: number, reason });
        if let Some(other) = page.page.filter(|other| *other != u64::from(number)) {
            tell(format!("the answer says that it is page {other}"));
        }
        let sent = page.records.len();
        if sent == 0 && page.left_out == 0 && !is_last {
            tell("it is empty, and others follow".to_owned());
        }
        let repeated = self.leave_out_repeated(page);
        if repeated.len() == sent && sent > 1 {
            tell(format!("all of its {sent} keys came before"));
        } else {
            for key in repeated {
                tell(format!("the key {key} came before; it is given once"));
            }
        }
        if let Some(total) = page.total_records {
            let announced = *self.announced.get_or_insert(total);
            if total != announced {
                tell(format!("{announced} records were announced at first, and {total} now"));
            }
        }
        self.left_out += page.left_out;
        let came = self.keys.len() as u64 + self.left_out;
        if let Some(total) = page.total_records.filter(|total| is_last && *total != came) {
            tell(format!("{total} records were announced, and {came} came"));
        }
        self.see_an_end(number, page)?;
        Ok(odd)
    }

    /// Gives the keys of the records that it leaves out.
    fn leave_out_repeated<T: Row>(&mut self, page: &mut Page<T>) -> Vec<String> {
        let mut repeated = Vec::new();
        page.records.retain(|record| {
            let is_new = self.keys.insert(record.key());
            if !is_new {
                repeated.push(record.key().to_owned());
            }
            is_new
        });
        repeated
    }

    /// Refuses a pull that goes on and on.
    fn see_an_end<T>(&mut self, number: u32, page: &Page<T>) -> Result<()> {
        let is_news = !page.records.is_empty() || page.left_out > 0;
        self.pages_without_news = if is_news { 0 } else { self.pages_without_news + 1 };
        if self.pages_without_news > MOST_PAGES_WITHOUT_NEWS {
            let reason = format!(
                "page {number}: {} pages in a row had no new key; the server seems to ignore \
                 which page is requested",
                self.pages_without_news
            );
            return Err(Error::new(ErrorKind::Answer, reason));
        }
        let Some(pages) = page.total_pages else { return Ok(()) };
        let first = *self.first_pages.get_or_insert(pages);
        if pages > first.saturating_mul(2).saturating_add(10) {
            let reason = format!("the answer never ends: it had {first} pages, and has {pages}");
            return Err(Error::new(ErrorKind::Answer, reason));
        }
        Ok(())
    }

    /// Refuses a pull that has records of which none can be read.
    fn see_losses(&mut self, unreadable: &[Notice], is_last: bool) -> Result<()> {
        if self.first_loss.is_none() {
            self.first_loss = unreadable.first().map(ToString::to_string);
        }
        let Some(first) = self
            .first_loss
            .as_ref()
            .filter(|_| is_last && self.keys.len() == 0 && self.left_out > 0)
        else {
            return Ok(());
        };
        let reason = format!("no record can be read; the first loss: {first}");
        Err(Error::new(ErrorKind::Answer, reason).with_status(200))
    }
}

impl<T: Row> Stream for Records<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(error) = self.failure.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if let Some(record) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(record)));
            }
            let Some((prepared, number)) = self.next.clone() else {
                return Poll::Ready(None);
            };
            let mut pending =
                self.pending.take().unwrap_or_else(|| self.begin(Arc::clone(&prepared), number));
            match pending.as_mut().poll(context) {
                Poll::Pending => {
                    self.pending = Some(pending);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(page)) => {
                    if let Err(error) = self.absorb(number, page) {
                        self.next = None;
                        return Poll::Ready(Some(Err(error)));
                    }
                    if self.reads_ahead {
                        let next = self.next.clone();
                        self.pending = next.map(|(prepared, number)| self.begin(prepared, number));
                    }
                }
                Poll::Ready(Err(error)) => {
                    self.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> Unpin for Records<T> {}

/// A page that is fetched while nobody waits for it. It ends with its reader.
struct Ahead<T>(JoinHandle<Result<Page<T>>>);

impl<T> Future for Ahead<T> {
    type Output = Result<Page<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| match joined {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => {
                    Err(Error::new(ErrorKind::Network, "the runtime ended before the request did"))
                }
            },
        })
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::report::Record {}
    impl Sealed for crate::report::Series {}
}

/// What a call gives one of per key: a [`Record`] or a [`Series`].
pub trait Row: sealed::Sealed + Sized + Send + 'static {
    /// The record's key.
    fn key(&self) -> &str;

    /// The calls and the time spent of the record, or of each of its points.
    #[doc(hidden)]
    fn metrics(&self) -> Vec<(&Metric, &Metric)>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "sealed: nobody else can name or call it")]
    fn fetch(
        client: Client,
        prepared: Arc<Prepared>,
        page: u32,
    ) -> BoxFuture<'static, Result<Page<Self>>>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "sealed: nobody else can name or call it")]
    fn read(client: &Client, prepared: &Prepared, answer: &[u8]) -> Result<Page<Self>>;
}

#[expect(private_interfaces, reason = "sealed: nobody else can name or call it")]
impl Row for Record {
    fn key(&self) -> &str {
        self.key()
    }

    fn metrics(&self) -> Vec<(&Metric, &Metric)> {
        vec![(self.calls(), self.time_spent())]
    }

    fn fetch(
        client: Client,
        prepared: Arc<Prepared>,
        page: u32,
    ) -> BoxFuture<'static, Result<Page<Self>>> {
        Box::pin(async move {
            match client.api() {
                Api::Beta => beta::aggregate(&client, &prepared, page).await,
                Api::CallsV1 => calls_v1::aggregate(&client, &prepared, page).await,
            }
        })
    }

    fn read(client: &Client, prepared: &Prepared, answer: &[u8]) -> Result<Page<Self>> {
        match client.api() {
            Api::Beta => beta::read_aggregate(client, prepared, answer),
            Api::CallsV1 => calls_v1::read_aggregate(client, prepared, answer),
        }
    }
}

#[expect(private_interfaces, reason = "sealed: nobody else can name or call it")]
impl Row for Series {
    fn key(&self) -> &str {
        self.key()
    }

    fn metrics(&self) -> Vec<(&Metric, &Metric)> {
        self.points().iter().map(|point| (point.calls(), point.time_spent())).collect()
    }

    fn fetch(
        client: Client,
        prepared: Arc<Prepared>,
        page: u32,
    ) -> BoxFuture<'static, Result<Page<Self>>> {
        Box::pin(async move { calls_v1::timeline(&client, &prepared, page).await })
    }

    fn read(client: &Client, prepared: &Prepared, answer: &[u8]) -> Result<Page<Self>> {
        calls_v1::read_timeline(client, prepared, answer)
    }
}
