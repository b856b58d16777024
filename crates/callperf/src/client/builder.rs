//! The settings of a client, and where they come from.

use std::{fmt, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    calibrated,
    connection::{Client, Inner},
    directory::Cache,
    keys::KeyResolver,
    revision,
};
use crate::{
    http::{
        attempt::{Attempt, Retry},
        clock::Clock,
        credentials::Credentials,
        hook::Hook,
        proxy::ProxyChoice,
        retry::RetryPolicy,
        settings::Settings,
        store::TokenStore,
        transport::Transport,
        wait::Wait,
    },
    rules::Calibration,
    words::{
        api::Api,
        error::{Error, ErrorKind, Result},
        shown,
    },
};

/// Names change seldom, and a list takes requests of another quota than reports.
const DIRECTORY_MAX_AGE: Duration = Duration::from_secs(600);

/// The settings of a [`Client`].
#[must_use]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    pub(super) transport: Settings,
    account: String,
    api: Api,
    has_clock: bool,
    frozen_at: Option<Timestamp>,
    end_offset: Option<SignedDuration>,
    pub(super) calibration_file: Option<std::path::PathBuf>,
    calibration: Option<Calibration>,
    revision: Option<Date>,
    strict: bool,
    key_resolver: Option<Arc<dyn KeyResolver>>,
    directory_max_age: Duration,
    names_from_directory: bool,
    #[cfg(feature = "testing")]
    record_to: Option<std::path::PathBuf>,
    #[cfg(feature = "testing")]
    names: crate::http::cassette::Names,
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

    /// The account's id; by default `~`, the account of the user that logs in.
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

    /// How long the server may send nothing; by default 30 seconds.
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
    /// The client keeps to the quota that the server reports with any value. With 0 `build` fails.
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

    /// Calls `hook` with each finished attempt, for metrics. It runs between attempts,
    /// so it should be quick.
    ///
    /// A panic in any hook is printed and logged through `tracing`, and the request goes on. So an
    /// assertion in a hook fails no test: collect the values, and compare them afterwards.
    pub fn on_attempt(mut self, hook: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.transport.on_attempt = Hook::new(hook);
        self
    }

    /// Calls `hook` when an attempt has failed and another one follows, before the time between
    /// them. It should be quick.
    ///
    /// A repetition with a new token isn't reported: it begins at once.
    ///
    /// ```
    /// # use callperf::Client;
    /// let builder = Client::builder().on_retry(|retry| {
    ///     eprintln!("{}: {:?}, again in {:?}", retry.operation, retry.failure, retry.delay);
    /// });
    /// # let _ = builder;
    /// ```
    pub fn on_retry(mut self, hook: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        self.transport.on_retry = Hook::new(hook);
        self
    }

    /// Calls `hook` when a request has waited for [`Wait::NOTICEABLE`], and again with the whole
    /// duration when the wait is over, even if the request was dropped. It should be quick. A
    /// shorter wait, such as one for a place within the concurrency, isn't reported.
    ///
    /// Requests wait for the quota, the concurrency, another attempt, or another's login
    /// ([`WaitReason`](crate::WaitReason)); waiting for a response doesn't count.
    pub fn on_wait(mut self, hook: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        self.transport.on_wait = Hook::new(hook);
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
    /// the environment: requests never bypass a proxy silently.
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

    /// Trusts another root certificate, in PEM form, for example that of a proxy
    /// that inspects TLS.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.root_certificates.push(pem.into());
        self
    }

    #[cfg(feature = "unstable-http-client")]
    pub(crate) fn with_http(mut self, http: crate::http::settings::HttpClient) -> Self {
        self.transport.http = Some(http);
        self
    }

    /// Sends nothing over a network, and goes by a machine's clock that may be wrong.
    #[cfg(test)]
    pub(crate) fn simulated(
        mut self,
        carrier: Arc<dyn crate::http::network::Carrier>,
        http: crate::http::settings::HttpClient,
        clock: Clock,
        random: fn() -> f64,
    ) -> Self {
        self.transport.simulated = Some(carrier);
        self.transport.http = Some(http);
        self.transport.clock = clock;
        self.transport.random = random;
        self
    }

    /// The clock; by default the system's, corrected by the server's
    /// ([`Client::clock_skew`]). For tests.
    ///
    /// Periods and the lives of tokens go by it.
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.has_clock = true;
        self.transport.clock = Clock::given(Arc::new(clock));
        self
    }

    /// How much earlier than a period's end the last instant on the wire is;
    /// by default one millisecond.
    ///
    /// The API includes the upper bound, and a period excludes it. That the API
    /// distinguishes milliseconds is an assumption, so this can be set.
    pub fn end_offset(mut self, offset: SignedDuration) -> Self {
        self.end_offset = Some(offset);
        self
    }

    /// The date of the API's revision that the server speaks; by default the current one.
    ///
    /// Requests have the names of that revision, and what it lacks is refused by name. Responses
    /// are read in the names of any. Another date than a known revision's is refused by
    /// [`build`](Self::build).
    pub fn revision(mut self, date: Date) -> Self {
        self.revision = Some(date);
        self
    }

    /// Treats undecodable records and inconsistent pages as errors.
    ///
    /// By default what can't be read is left out: a metric of a record or a point,
    /// or the whole of it if it has no other metric. A [`Notice`](crate::Notice) has its JSON path.
    /// A pull fails only if it has records of which none can be read.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How long lists of the company's directory ([`Client::directory`]) are kept; by default ten
    /// minutes. They are kept in memory, for the client and its clones.
    pub fn directory_max_age(mut self, age: Duration) -> Self {
        self.directory_max_age = age;
        self
    }

    /// Fills in the names and extension numbers of records that the API sends without, as the
    /// beta does, from the company's directory. Off by default.
    ///
    /// It takes the permission `ReadAccounts`, and a request for each thousand extensions. A report
    /// goes on without names if they can't be looked up, and has a
    /// [notice](crate::Notice::NoNames). Departments, user groups and numbers have no names there.
    pub fn names_from_directory(mut self, names: bool) -> Self {
        self.names_from_directory = names;
        self
    }

    /// Looks up the keys of names that a query is grouped by ([`GroupBy::named`]) elsewhere than
    /// in the company's directory ([`Client::directory`]).
    ///
    /// [`GroupBy::named`]: crate::GroupBy::named
    pub fn key_resolver(mut self, resolver: impl KeyResolver + 'static) -> Self {
        self.key_resolver = Some(Arc::new(resolver));
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
        self.names = crate::http::cassette::Names::Kept;
        self
    }

    /// Answers from a cassette. Nothing is sent, and no credentials are needed.
    ///
    /// Requests are matched by operation, query string and body; a timeline that is sent
    /// longer than it is asked for, also by the body that earlier versions sent. Answers to the
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
        use crate::{
            http::cassette::{Identifying, Names, Player, Recorder, Tape},
            wire::identifying::{BY_KEY, IDS, NAMES},
        };

        let identifying = Identifying { ids: IDS, names: NAMES, by_key: BY_KEY };
        if self.names == Names::Kept && self.record_to.is_none() {
            let reason = "keep_names is for a client that records; call record_to, too";
            return Err(Error::new(ErrorKind::Settings, reason));
        }
        let (tape, now) = match (self.record_to.take(), self.replay_from.take()) {
            (None, None) => return Ok(self),
            (Some(file), None) => {
                let now = self.transport.clock.machine();
                let carried = calibrated::carried(self.calibration.as_ref());
                let recorder = Recorder::new(file, now, self.names, identifying, carried)?;
                (Tape::Recorder(recorder), now)
            }
            (None, Some(file)) => {
                let player = Player::new(file, identifying)?;
                let now = player.clock();
                let carried = player.calibration();
                if self.calibration.is_none() && !carried.is_empty() {
                    self.calibration = Some(Calibration::recorded(carried.clone()));
                }
                // Never used: a replay doesn't log in.
                self.credentials = Some(Credentials::refresh_token("", ""));
                (Tape::Player(player), now)
            }
            (Some(_), Some(_)) => {
                let reason = "a client records a cassette or replays one, not both";
                return Err(Error::new(ErrorKind::Settings, reason));
            }
        };
        self.transport.tape = Some(Arc::new(tape));
        self.frozen_at = Some(now).filter(|_| !self.has_clock);
        Ok(self)
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for missing credentials, an address that isn't
    /// one, plain `http` to another machine, a proxy that can't be used (the message
    /// names the environment's variable), a name that can't be a header, a
    /// cassette that can't be written or read, a calibration that can't be followed,
    /// an unknown revision.
    pub fn build(self) -> Result<Client> {
        let mut this = self;
        let file = this.calibration_file.as_deref();
        this.calibration = calibrated::read(file, &this.transport.server, this.api)?;
        #[cfg(feature = "testing")]
        let mut this = this.with_tape()?;
        let credentials = this.credentials.ok_or_else(|| {
            Error::new(ErrorKind::Settings, "no credentials; give the builder Credentials::jwt(…)")
        })?;
        if this.account.trim().is_empty() {
            let reason = "the account is an empty text; leave it out for that of the login";
            return Err(Error::new(ErrorKind::Settings, reason));
        }
        this.transport.remaining = calibrated::remaining(this.calibration.as_ref());
        let transport = Transport::new(credentials, this.transport)?;
        Ok(Client(
            Arc::new(Inner {
                transport,
                api: this.api,
                account: this.account,
                frozen_at: this.frozen_at,
                followed: calibrated::followed(this.end_offset, this.calibration.as_ref()),
                calibration: this.calibration,
                revision: revision::known(this.api, this.revision)?,
                is_strict: this.strict,
                key_resolver: this.key_resolver,
                directory: Cache::default(),
                directory_max_age: this.directory_max_age,
                names_from_directory: this.names_from_directory,
            }),
            Arc::default(),
        ))
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
            has_clock: false,
            frozen_at: None,
            end_offset: None,
            calibration_file: None,
            calibration: None,
            revision: None,
            strict: false,
            key_resolver: None,
            directory_max_age: DIRECTORY_MAX_AGE,
            names_from_directory: false,
            #[cfg(feature = "testing")]
            record_to: None,
            #[cfg(feature = "testing")]
            names: crate::http::cassette::Names::default(),
            #[cfg(feature = "testing")]
            replay_from: None,
        }
    }
}
