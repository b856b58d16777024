//! Starting and stopping the server.

mod data;
mod source;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::source::Source;
use crate::aggregate::world::World;
use crate::assumptions::{Assumptions, EmptyRecords, RateLimitRemaining};
use crate::data::calls::NO_ENDINGS;
use crate::data::directory::Directory;
use crate::data::files::Data;
use crate::error::Error;
use crate::protocol::clock::Clock;
use crate::protocol::faults::line::{Handle, Lines};
use crate::protocol::faults::{Faults, Plan};
use crate::protocol::hosts::AllowedHosts;
use crate::protocol::limits::{Limiter, Limits};
use crate::protocol::log::SeenRequest;
use crate::protocol::oauth::{App, Credentials, Sessions, Users};
use crate::server::routes;
use crate::server::state::Server;
use crate::wire::Service;

/// A server on this machine that answers like the API. It stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use callperf_sandbox::Sandbox;
///
/// let sandbox = Sandbox::builder()
///     .seed(7)
///     .now("2025-06-02T00:00:00Z".parse()?)
///     .start()
///     .await?;
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    address: SocketAddr,
    credentials: Credentials,
    now: Timestamp,
    pub(crate) server: Arc<Server>,
    pub(crate) period: (i64, i64),
    task: JoinHandle<()>,
    /// Dropping it is the signal to stop.
    _stop: oneshot::Sender<()>,
}

/// What a sandbox is to be like.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    pub(crate) seed: u64,
    pub(crate) now: Option<Timestamp>,
    pub(crate) source: Source,
    port: u16,
    assumptions: Assumptions,
    revisions: Vec<String>,
    apps: Vec<App>,
    refresh_tokens: bool,
    redirect_uris: Vec<String>,
    limits: Limits,
    faults: Faults,
    control: bool,
    allowed_hosts: Vec<String>,
}

impl Sandbox {
    /// Where a sandbox begins.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address that clients take for the service's, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The id of the one app that it knows.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.credentials.client_id
    }

    /// The app's secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.credentials.client_secret
    }

    /// What the app's user logs in with.
    #[must_use]
    pub fn jwt(&self) -> &str {
        &self.credentials.jwt
    }

    /// A name for the password grant: the company's first number. The `extension` field, or what follows an
    /// asterisk, says which user; without it, it is the one of the JWT.
    #[must_use]
    pub fn username(&self) -> &str {
        self.server.world.directory.company_numbers().first().map_or("", |number| &number.key)
    }

    /// The password of every user.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.credentials.password
    }

    /// Logs the JWT's user in and returns the access token, which is good for a day: for a tool that can't log in by
    /// itself. It counts in no quota; as by any other login, a sixth session ends the oldest.
    #[must_use]
    pub fn access_token(&self) -> String {
        self.server.sessions.log_in_for_tool()
    }

    /// Who exists in the account.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.server.world.directory
    }

    /// The time that the calls end at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What its calls lack, so that some numbers count nothing: the remarks that requests for these numbers get.
    #[must_use]
    pub fn remarks(&self) -> Vec<&'static str> {
        self.server.world.calls.lack_endings().then_some(NO_ENDINGS).into_iter().collect()
    }

    /// Forgets all logins, what was spent of quotas, what is to go wrong and what was asked; the calls, the limits and
    /// the clock stay as they are.
    pub fn reset(&self) {
        self.server.reset();
    }

    /// The requests that came lately, the last thousand at most: what was asked, what came of it, and why.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.server.log.all()
    }

    /// What is to go wrong, whether or not it has been met already.
    pub fn faults(&self) -> Faults {
        self.server.plan().faults().clone()
    }

    /// Other things go wrong from now on; those that were planned don't.
    pub fn set_faults(&self, faults: impl Into<Faults>) {
        *self.server.plan() = Plan::new(faults.into());
    }

    /// Other limits for all apps that have none of their own. What was spent stays spent.
    pub fn set_limits(&self, limits: Limits) {
        self.server.limiter.set(limits);
    }

    /// Disables the extension with this key: the lists of extensions and queues say so from now on. Its calls stay in
    /// reports.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), callperf_sandbox::Error> {
    /// let sandbox = callperf_sandbox::Sandbox::builder().start().await?;
    /// sandbox.disable(&sandbox.directory().users()[0].key);
    /// # Ok(())
    /// # }
    /// ```
    pub fn disable(&self, key: impl Into<String>) {
        self.server.disabled().insert(key.into());
    }

    /// Lets time pass: tokens grow old, and so does what a quota counts. A clock that was set ([`Builder::now`])
    /// moves by as much; the calls stay where they were.
    pub fn advance(&self, by: Duration) {
        self.server.clock.advance(by);
    }

    /// The revisions that it speaks: of each API its name, as in `calls-v1`, and the date.
    #[must_use]
    pub fn revisions(&self) -> [(&'static str, &'static str); 2] {
        self.server.service.revisions()
    }

    /// Serves until the future is dropped, and the sandbox with it.
    pub async fn wait(mut self) {
        // The server ends only with the sandbox, which the future holds, or with the runtime.
        (&mut self.task).await.ok();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.server.url)
            .field("client_id", &self.credentials.client_id)
            .field("client_secret", &"…")
            .field("jwt", &"…")
            .field("password", &"…")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// What the calls are drawn from; 0 unless it is set. The same seed and [`Builder::now`] give the same calls,
    /// and a day's calls are the same for every `now` after it.
    pub fn seed(mut self, seed: u64) -> Builder {
        self.seed = seed;
        self
    }

    /// When the calls end, and where the clock stands that the rules on time are checked against.
    ///
    /// Unless it is set, the calls end at the last midnight (UTC) and the rules go by the system's clock. With
    /// [`Builder::data`] the clock stands where the data say that the calls end, unless it is set.
    pub fn now(mut self, now: Timestamp) -> Builder {
        self.now = Some(now);
        self
    }

    /// The port; 0, the default, takes any that is free.
    pub fn port(mut self, port: u16) -> Builder {
        self.port = port;
        self
    }

    /// Which keys come back although none of their calls match.
    pub fn empty_records(mut self, empty: EmptyRecords) -> Builder {
        self.assumptions.empty_records = empty;
        self
    }

    /// What is taken for true although no document says it; every setting in it replaces the one before.
    pub fn assumptions(mut self, assumptions: Assumptions) -> Builder {
        self.assumptions = assumptions;
        self
    }

    /// The revision of an API that is spoken, by its date, as in `2023-03-27`, or its name, as in
    /// `calls-v1@2023-03-27`; the one that the sandbox is written for unless it is set. Responses have no field that is newer than the
    /// revision, and of requests newer values are refused and newer fields unknown.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), callperf_sandbox::Error> {
    /// use callperf_sandbox::Sandbox;
    ///
    /// let builder = Sandbox::builder().revision("beta@2021-07-19").revision("2022-09-29");
    /// let sandbox = builder.start().await?;
    /// assert!(Sandbox::builder().revision("2022-09-30").start().await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn revision(mut self, revision: impl Into<String>) -> Builder {
        self.revisions.push(revision.into());
        self
    }

    /// How many requests may come in a while: as many as you like unless it is set, so that tests don't wait.
    /// `callperf sandbox` has the service's limits by default.
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.limits = limits;
        self
    }

    /// What goes wrong on demand; nothing unless it is set.
    pub fn faults(mut self, faults: impl Into<Faults>) -> Builder {
        self.faults = faults.into();
        self
    }

    /// Whether the sandbox has an address of its own, `/sandbox`, beside the service's: a page that shows requests as
    /// they come, and what can be changed while it runs. Not unless it is set.
    pub fn control(mut self, on: bool) -> Builder {
        self.control = on;
        self
    }

    /// Lets another app log in, too. Of two with one id the first counts, and the sandbox's own before all.
    pub fn app(mut self, app: App) -> Builder {
        self.apps.push(app);
        self
    }

    /// Whether the sandbox's own app gets refresh tokens; not unless it is set, as in the service.
    pub fn refresh_tokens(mut self, issued: bool) -> Builder {
        self.refresh_tokens = issued;
        self
    }

    /// An address that the sandbox's own app may be sent an authorization code to, besides any on this machine
    /// (`http://localhost`, `http://127.0.0.1`). See [`App::redirect_uri`].
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Builder {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Allows requests that name this host, as those that come through a tunnel do. Without it, loopback names and
    /// addresses are allowed only, so that no web page can use the sandbox. A port is ignored.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), callperf_sandbox::Error> {
    /// use callperf_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().allow_host("sandbox.example").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_host(mut self, name: impl Into<String>) -> Builder {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Generates or loads the calls and listens, on 127.0.0.1 only.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::load`], and when the port can't be had, there is no such [`Builder::revision`], or a name
    /// in [`Builder::allow_host`] isn't a host.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let service = Service::new(self.assumptions.clone(), &self.revisions)?;
        let hosts = AllowedHosts::new(&self.allowed_hosts).map_err(|name| Error::Setting {
            setting: "allow_host",
            reason: format!(
                "`{name}` is not a host; write a name or an address, as in dev.example"
            ),
        })?;
        let data = self.load()?;
        let listener = listen(self.port).await?;
        let refused = |source| Error::Listen { port: self.port, source };
        let address = listener.local_addr().map_err(refused)?;
        // Data of a folder have their own time; invented calls can be as young as the clock says.
        let stands = self.now.or_else(|| self.source.is_folder().then(|| data.period().1));
        let now = stands.unwrap_or_else(|| data.period().1);
        let period = data.period;
        let world = Arc::new(world(data, &self.assumptions));
        // The first request doesn't wait for it.
        world.portions(service.era());
        let credentials = Credentials::of_seed(self.seed);
        let clock = Arc::new(Clock::new(stands));
        let apps = self.apps(&credentials);
        let own_limits = apps.iter().map(|app| app.limits).collect();
        let users = users(&world.directory);
        let server = Arc::new(Server {
            url: format!("http://{address}"),
            world,
            faults: Mutex::new(Plan::new(self.faults)),
            limiter: Limiter::new(self.limits, own_limits, Arc::clone(&clock))
                .saying_before(self.assumptions.rate_limit_remaining == RateLimitRemaining::Before),
            sessions: Sessions::new(apps, users, &credentials, Arc::clone(&clock)),
            clock,
            service,
            log: Arc::default(),
            hosts: Arc::new(hosts),
            disabled: Mutex::default(),
        });
        let router = routes::router(&server, self.control);
        let (stop, stopped) = oneshot::channel::<()>();
        Ok(Sandbox {
            address,
            credentials,
            now,
            server,
            period,
            task: tokio::spawn(serve(listener, router, stopped)),
            _stop: stop,
        })
    }

    /// The sandbox's own app and the others.
    fn apps(&self, credentials: &Credentials) -> Vec<App> {
        let (id, secret) = (credentials.client_id.clone(), credentials.client_secret.clone());
        let own = App::built_in(id, secret).refresh_tokens(self.refresh_tokens);
        let own = self.redirect_uris.iter().cloned().fold(own, App::redirect_uri);
        std::iter::once(own).chain(self.apps.iter().cloned()).collect()
    }
}

/// Who can log in; the account itself stands for users that it lacks.
fn users(directory: &Directory) -> Users {
    let users = directory.users();
    Users {
        owner: users.first().map_or(directory.account_id(), |user| &user.key).to_owned(),
        extensions: users.to_vec(),
        numbers: directory.company_numbers().iter().map(|number| number.key.clone()).collect(),
    }
}

fn world(data: Data, assumptions: &Assumptions) -> World {
    let Data { directory, calls, .. } = data;
    World::new(directory, calls, assumptions.abandoned_sla)
}

async fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => Error::PortTaken { port },
        _ => Error::Listen { port, source },
    })
}

async fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let stopped = async {
        stopped.await.ok();
    };
    let service = router.into_make_service_with_connect_info::<Handle>();
    axum::serve(Lines(listener), service).with_graceful_shutdown(stopped).await.ok();
}
