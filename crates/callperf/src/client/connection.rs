//! The client itself: one API of one account.

use std::{fmt, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{directory::Cache, keys::KeyResolver, progress::Progress};
use crate::{
    http::{
        hook::Hook, pace::Budget, retry::RetryPolicy, session::SessionInfo, transport::Transport,
    },
    plan::Followed,
    rules::Calibration,
    words::{api::Api, error::Result},
};

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
pub struct Client(pub(super) Arc<Inner>, pub(super) Arc<Tuning>);

/// What requests begin with.
#[derive(Clone, Debug, Default)]
pub(super) struct Tuning {
    pub(super) per_page: Option<u32>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) on_progress: Hook<Progress>,
}

pub(super) struct Inner {
    pub(super) transport: Transport,
    pub(super) api: Api,
    pub(super) account: String,
    /// A recording and a replay are about one instant.
    pub(super) frozen_at: Option<Timestamp>,
    pub(super) followed: Followed,
    pub(super) calibration: Option<Calibration>,
    pub(super) revision: Option<Date>,
    pub(super) is_strict: bool,
    pub(super) key_resolver: Option<Arc<dyn KeyResolver>>,
    pub(super) directory: Cache,
    pub(super) directory_max_age: Duration,
    pub(super) names_from_directory: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.0.api)
            .field("server", &self.0.transport.server())
            .finish_non_exhaustive()
    }
}

/// Settings of its requests, for types that make several of them.
impl Client {
    pub(crate) fn per_page(&mut self, records: u32) {
        Arc::make_mut(&mut self.1).per_page = Some(records);
    }

    pub(crate) fn retry(&mut self, policy: RetryPolicy) {
        Arc::make_mut(&mut self.1).retry = Some(policy);
    }

    pub(crate) fn on_progress(&mut self, hook: impl Fn(&Progress) + Send + Sync + 'static) {
        Arc::make_mut(&mut self.1).on_progress = Hook::new(hook);
    }
}

impl Client {
    /// The API that this client speaks.
    #[must_use]
    pub fn api(&self) -> Api {
        self.0.api
    }

    /// Returns the proxy that requests go through, without user name and password;
    /// `None` if the client replays a cassette or uses the caller's HTTP client.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.0.transport.proxy()
    }

    /// Returns the remaining quota of each group of operations, as the server last
    /// reported it. The limits of the login endpoints are kept but not listed.
    #[must_use]
    pub fn budget(&self) -> Vec<Budget> {
        self.0.transport.budgets()
    }

    /// How far the server's clock is ahead of this machine's, to a second or two and the time
    /// that a response takes: by the `Date` header of the last response, including logins.
    ///
    /// Periods that are relative to now are resolved by the server's clock, as far as it is
    /// known: from the first response on, and unless it is more than a day away. Before, they
    /// go by this machine's, corrected by up to an hour and a half if a stored session's login
    /// found it wrong. A clock of the caller's ([`ClientBuilder::clock`]) isn't corrected.
    ///
    /// [`ClientBuilder::clock`]: crate::ClientBuilder::clock
    #[must_use]
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.0.transport.clock().ahead()
    }

    /// Logs in now if there is no usable session. Requests log in by themselves; call this to
    /// fail early.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: a login that was begun goes on, for the next request.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) if a login is refused or a
    /// person has to log in again, any other kind from the request.
    pub fn log_in(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let client = self.clone();
        // Their futures are large, and callers put them into their own.
        async move { Box::pin(client.0.transport.log_in()).await }
    }

    /// Returns what is known of the session, from this client's memory or else from
    /// its store; `None` if there is none. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`](crate::ErrorKind::Settings) if the store can't be read.
    pub fn session(&self) -> impl Future<Output = Result<Option<SessionInfo>>> + Send + use<> {
        let client = self.clone();
        async move { Box::pin(client.0.transport.session()).await }
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
    /// deadline of the client's [`RetryPolicy`]. Each response says which group of
    /// operations its request counts in. The client keeps that by the method and the
    /// path without ids; it takes a part of the path for an id unless it consists of
    /// letters, hyphens and underscores, or is a version like `v1.0`. The first
    /// request to a path waits for every exhausted group, since it could count in
    /// any.
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
    /// # Cancel safety
    /// Dropping the future drops the request. Whether the server has carried it out isn't known
    /// then; if it was sent, it counts towards the quota.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`](crate::ErrorKind::Settings) for a path that leads elsewhere,
    /// [`ErrorKind::Deadline`](crate::ErrorKind::Deadline) if the wait for the quota or for a login takes
    /// longer than the deadline, [`ErrorKind::Answer`](crate::ErrorKind::Answer) for an answer that isn't
    /// JSON, any other kind from the request.
    pub fn send(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&serde_json::Value>,
    ) -> impl Future<Output = Result<serde_json::Value>> + Send + use<> {
        let client = self.clone();
        let (path, body) = (path.to_owned(), body.cloned());
        let query: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        async move { Box::pin(client.0.transport.send(&path, &query, body.as_ref())).await }
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
    /// # Cancel safety
    /// Dropping the future while it waits, for a login or the quota, ends nothing. A revocation
    /// that was sent goes on.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`](crate::ErrorKind::Settings) if the store can't be used,
    /// [`ErrorKind::Deadline`](crate::ErrorKind::Deadline) if another keeps it locked, or logs in for longer
    /// than the deadline of the client's [`RetryPolicy`], any other kind from the
    /// request.
    pub fn revoke(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let client = self.clone();
        async move { Box::pin(client.0.transport.revoke()).await }
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.0.transport
    }

    /// What the time is, for periods that are relative to it.
    pub(super) fn now(&self) -> Timestamp {
        self.0.frozen_at.unwrap_or_else(|| self.0.transport.clock().server())
    }
}
