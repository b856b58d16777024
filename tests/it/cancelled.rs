//! A request that is dropped, at each place where it can be: polled once, twice,
//! three times, and so on to its end. Nothing is lost with it: not the token, not
//! a place within the quota or the concurrency, not a lock.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::{Query as Parameters, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use callperf::{
    Breakdown, Client, Credentials, Error, FileTokenStore, GroupBy, MemoryTokenStore, Period, Pkce,
    Query, RetryPolicy, TokenStore,
};
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Barrier, Semaphore},
    time::{sleep, timeout},
};

use crate::support::{NOW, TOKEN_PATH};

/// More polls than any of the requests takes.
const MOST_POLLS: usize = 16;
/// Beyond all patience, also on a busy machine.
const FOR_EVER: Duration = Duration::from_secs(180);
/// Clients at a time: making one takes a while, in which the others stand still.
const AT_A_TIME: usize = 100;
/// The server's window.
const WINDOW: Duration = Duration::from_secs(1);

/// A server that is strict where tokens can get lost.
struct Server {
    /// How many requests a window allows.
    limit: u32,
    /// How long tokens are said to live.
    lifetime: u64,
    /// What the first questions get in the place of an answer.
    failures: Mutex<Vec<(StatusCode, &'static str)>>,
    issued: Mutex<Issued>,
    meeting: Barrier,
}

#[derive(Default)]
struct Issued {
    codes_used: BTreeSet<String>,
    tokens: u32,
    /// Refresh tokens that are good, with the access token that ends them.
    refresh_tokens: BTreeMap<String, Option<u32>>,
    refusals: Vec<String>,
}

impl Issued {
    fn refuse(&mut self, why: &str) -> Response {
        self.refusals.push(why.to_owned());
        let errors = json!({"error": "invalid_grant", "error_description": why});
        (StatusCode::BAD_REQUEST, Json(errors)).into_response()
    }

    fn issue(&mut self, lifetime: u64) -> Response {
        self.tokens += 1;
        let number = self.tokens;
        let refresh_token = format!("refresh {number}");
        self.refresh_tokens.insert(refresh_token.clone(), None);
        Json(json!({
            "access_token": format!("access-{number}"), "token_type": "bearer",
            "expires_in": lifetime, "refresh_token": refresh_token,
            "refresh_token_expires_in": 604_800,
        }))
        .into_response()
    }

    /// The refresh token before a token ends when that is used.
    fn used(&mut self, token: &str) {
        let number = token.rsplit('-').next().and_then(|text| text.parse().ok());
        self.refresh_tokens.retain(|_, until| until.is_none() || *until != number);
    }
}

type Fields = BTreeMap<String, String>;

async fn log_in(State(server): State<Arc<Server>>, Form(form): Form<Fields>) -> Response {
    let mut issued = server.issued.lock().unwrap();
    match form["grant_type"].as_str() {
        "authorization_code" if !issued.codes_used.insert(form["code"].clone()) => {
            return issued.refuse("a code is good once");
        }
        "refresh_token" => {
            let next = issued.tokens + 1;
            match issued.refresh_tokens.get_mut(&form["refresh_token"]) {
                Some(until) => *until = Some(next),
                None => return issued.refuse("a refresh token is good once"),
            }
        }
        _ => {}
    }
    issued.issue(server.lifetime)
}

async fn revoke() -> StatusCode {
    StatusCode::OK
}

fn with_limits(group: &str, limit: u32, answer: impl IntoResponse) -> Response {
    let (limit, window) = (limit.to_string(), WINDOW.as_secs().to_string());
    let headers = [
        ("X-Rate-Limit-Group", group),
        ("X-Rate-Limit-Limit", &limit),
        ("X-Rate-Limit-Window", &window),
    ];
    (headers, answer).into_response()
}

async fn answer(
    State(server): State<Arc<Server>>,
    Parameters(parameters): Parameters<Fields>,
    headers: HeaderMap,
) -> Response {
    // So that there is something to wait for.
    sleep(Duration::from_millis(5)).await;
    server.issued.lock().unwrap().used(headers["authorization"].to_str().unwrap());
    if let Some((status, code)) = server.failures.lock().unwrap().pop() {
        let body = json!({"errors": [{"errorCode": code, "message": "no"}]});
        return with_limits("light", server.limit, (status, [("Retry-After", "1")], Json(body)));
    }
    let page: u64 = parameters["page"].parse().unwrap();
    let records: Vec<_> =
        [2 * page - 1, 2 * page].map(|key| json!({"key": key.to_string()})).into();
    let paging = json!({"page": page, "perPage": 2, "totalPages": 3, "totalElements": 6});
    let body = json!({"data": {"groupedBy": "Users", "records": records}, "paging": paging});
    with_limits("light", server.limit, Json(body))
}

/// Answers when two are there, unless one says that it comes alone.
async fn meet(State(server): State<Arc<Server>>, Json(body): Json<Value>) -> Response {
    if body["alone"] != true {
        server.meeting.wait().await;
    }
    with_limits("heavy", 1000, Json(json!({})))
}

#[derive(Clone, Copy)]
enum Login {
    Jwt,
    Code,
    Refresh,
}

/// What is cancelled, and how the server is.
struct Scene {
    name: &'static str,
    login: Login,
    limit: u32,
    lifetime: u64,
    failures: &'static [(StatusCode, &'static str)],
    in_file: bool,
    /// What was done before.
    before: fn(Client) -> BoxFuture<'static, Result<(), Error>>,
    /// What is cancelled.
    cancelled: fn(Client) -> BoxFuture<'static, Result<(), Error>>,
}

const PLAIN: Scene = Scene {
    name: "a request with its login",
    login: Login::Jwt,
    limit: 1000,
    lifetime: 3600,
    failures: &[],
    in_file: false,
    before: |_| Box::pin(async { Ok(()) }),
    cancelled: |client| Box::pin(async move { page(&client).await }),
};

fn query() -> Query {
    Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total)
}

async fn page(client: &Client) -> Result<(), Error> {
    client.aggregate(&query()).per_page(2).page(1).await.map(drop)
}

async fn all_pages(client: &Client, reads_ahead: bool) -> Result<Vec<String>, Error> {
    let call = client.aggregate(&query()).per_page(2);
    let call = if reads_ahead { call.read_ahead() } else { call };
    let mut records = call.records();
    let mut keys = Vec::new();
    while let Some(record) = records.try_next().await? {
        keys.push(record.key().to_owned());
    }
    Ok(keys)
}

async fn meeting(client: &Client, is_alone: bool) -> Result<(), Error> {
    client.send("/restapi/meet", &[], Some(&json!({"alone": is_alone}))).await.map(drop)
}

fn once(client: Client) -> BoxFuture<'static, Result<(), Error>> {
    Box::pin(async move { page(&client).await })
}

fn scenes() -> Vec<Scene> {
    vec![
        PLAIN,
        Scene { name: "a login by a code", login: Login::Code, ..PLAIN },
        Scene {
            name: "a login by a code, kept in a file",
            login: Login::Code,
            in_file: true,
            ..PLAIN
        },
        Scene { name: "a login kept in a file", in_file: true, ..PLAIN },
        Scene {
            name: "a renewal by a refresh token",
            login: Login::Refresh,
            lifetime: 0,
            in_file: true,
            before: once,
            ..PLAIN
        },
        Scene {
            name: "a renewal of a code's session",
            login: Login::Code,
            lifetime: 0,
            before: once,
            ..PLAIN
        },
        Scene {
            name: "a renewal after a 401",
            failures: &[(StatusCode::UNAUTHORIZED, "OAU-128")],
            ..PLAIN
        },
        Scene { name: "a wait for the quota", limit: 1, before: once, ..PLAIN },
        Scene {
            name: "a wait for another attempt",
            failures: &[(StatusCode::SERVICE_UNAVAILABLE, "CMN-201")],
            ..PLAIN
        },
        Scene {
            name: "a wait for another's login and its first answer",
            cancelled: |client| {
                Box::pin(async move {
                    let (one, other) = tokio::join!(page(&client), page(&client));
                    one.and(other)
                })
            },
            ..PLAIN
        },
        Scene {
            name: "a wait for a place",
            before: once,
            cancelled: |client| {
                Box::pin(async move {
                    let all = join_all((0..5).map(|_| page(&client))).await;
                    all.into_iter().collect()
                })
            },
            ..PLAIN
        },
        Scene {
            name: "pages",
            cancelled: |client| Box::pin(async move { all_pages(&client, false).await.map(drop) }),
            ..PLAIN
        },
        Scene {
            name: "pages read ahead",
            cancelled: |client| Box::pin(async move { all_pages(&client, true).await.map(drop) }),
            ..PLAIN
        },
        Scene {
            name: "any request",
            cancelled: |client| Box::pin(async move { meeting(&client, true).await }),
            ..PLAIN
        },
        Scene {
            name: "a revocation",
            in_file: true,
            before: once,
            cancelled: |client| Box::pin(async move { client.revoke().await }),
            ..PLAIN
        },
    ]
}

/// A future that is polled so many times, and kept.
struct Polled<'f, T> {
    future: BoxFuture<'f, T>,
    left: usize,
}

impl<'f, T> Polled<'f, T> {
    fn times(left: usize, future: impl Future<Output = T> + Send + 'f) -> Self {
        Self { future: Box::pin(future), left }
    }
}

impl<T> Future for Polled<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match self.future.as_mut().poll(context) {
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            outcome => outcome.map(Some),
        }
    }
}

struct Stage {
    server: Arc<Server>,
    address: String,
    login: Login,
    folder: Option<tempfile::TempDir>,
}

impl Stage {
    async fn new(scene: &Scene) -> Self {
        let server = Arc::new(Server {
            limit: scene.limit,
            lifetime: scene.lifetime,
            failures: Mutex::new(scene.failures.to_vec()),
            issued: Mutex::default(),
            meeting: Barrier::new(2),
        });
        server.issued.lock().unwrap().refresh_tokens.insert("refresh 0".to_owned(), None);
        let routes = Router::new()
            .route(TOKEN_PATH, post(log_in))
            .route("/restapi/oauth/revoke", post(revoke))
            .route("/restapi/meet", post(meet))
            .fallback(answer)
            .with_state(Arc::clone(&server));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let folder = scene.in_file.then(|| tempfile::tempdir().unwrap());
        Self { server, address, login: scene.login, folder }
    }

    fn client(&self) -> Client {
        let credentials = match self.login {
            Login::Jwt => Credentials::jwt("client", "secret", "jwt"),
            Login::Refresh => Credentials::refresh_token("client", "refresh 0"),
            Login::Code => {
                let verifier = "a-verifier-of-43-characters-or-more-0123456789";
                let pkce = Pkce::from_verifier(verifier).unwrap();
                let uri = "http://localhost:1/";
                Credentials::authorization_code("client", "code", uri).pkce(&pkce)
            }
        };
        let builder = Client::builder()
            .server(&self.address)
            .credentials(credentials)
            .clock(|| NOW.parse().unwrap())
            .concurrency(2)
            .retry(RetryPolicy::default());
        let builder = match &self.folder {
            Some(folder) => builder.token_store(store_in(folder.path())),
            None => builder.token_store(MemoryTokenStore::new()),
        };
        builder.build().unwrap()
    }
}

fn store_in(folder: &Path) -> impl TokenStore + use<> {
    FileTokenStore::new(folder.join("sessions.json"))
}

async fn in_time<T>(what: &str, outcome: impl Future<Output = Result<T, Error>>) -> T {
    let outcome = timeout(FOR_EVER, outcome).await.unwrap_or_else(|_| panic!("{what} hangs"));
    outcome.unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// Whether what was polled so many times came to its end, having seen that the
/// client is whole afterwards. During the pause the server does its part.
async fn cancel(scene: Arc<Scene>, polls: usize, pause: Duration, places: Arc<Semaphore>) -> bool {
    let _place = places.acquire().await.unwrap();
    let what = |what: &str| format!("{}, polled {polls} times: {what}", scene.name);
    let stage = Stage::new(&scene).await;
    let client = stage.client();
    in_time(&what("before"), (scene.before)(client.clone())).await;
    let mut cancelled = Polled::times(polls, (scene.cancelled)(client.clone()));
    let outcome = (&mut cancelled).await;
    sleep(pause).await;
    drop(cancelled);
    let has_ended = outcome.map(|outcome| outcome.unwrap_or_else(|error| panic!("{error}")));

    // A code doesn't come back from a revocation; all else works as before.
    in_time(&what("the same client"), page(&client)).await;
    in_time(&what("its place is learnt"), meeting(&client, true)).await;
    let both = join_all([meeting(&client, false), meeting(&client, false)]);
    let both = async { both.await.into_iter().collect::<Result<Vec<_>, _>>() };
    in_time(&what("as many as the concurrency allows"), both).await;
    if stage.folder.is_some() {
        in_time(&what("another client of the same store"), page(&stage.client())).await;
    }
    sleep(WINDOW + Duration::from_millis(200)).await;
    let left: Vec<_> = client.budget().into_iter().map(|one| (one.limit, one.remaining)).collect();
    // Requests that were given up may still arrive: they count for half a minute longer.
    let is_whole = |&(limit, left): &(u32, u32)| left + 2 >= limit;
    assert!(left.len() == 2 && left.iter().all(is_whole), "{}: {left:?}", what("the quota"));
    let refusals = stage.server.issued.lock().unwrap().refusals.clone();
    assert_eq!(refusals, [""; 0], "{}", what("the tokens"));
    has_ended.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_request_loses_nothing() {
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let runs = scenes().into_iter().map(|scene| {
        let scene = Arc::new(scene);
        let pauses = [Duration::ZERO, Duration::from_millis(100)].into_iter();
        let all = pauses.flat_map(|pause| (0..=MOST_POLLS).map(move |polls| (polls, pause)));
        let runs = all.map(|(polls, pause)| {
            tokio::spawn(cancel(Arc::clone(&scene), polls, pause, Arc::clone(&places)))
        });
        (scene.name, runs.collect::<Vec<_>>())
    });
    for (name, runs) in runs.collect::<Vec<_>>() {
        let ended: Vec<_> = join_all(runs).await.into_iter().map(Result::unwrap).collect();
        let (at_once, after_a_pause) = ended.split_at(MOST_POLLS + 1);
        for ended in [at_once, after_a_pause] {
            assert!(!ended[1], "{name}: there is something to wait for");
            assert!(ended[MOST_POLLS], "{name}: {MOST_POLLS} polls are too few");
        }
    }
}

#[tokio::test]
async fn a_pull_whose_reader_is_dropped_goes_on_where_it_was() {
    for reads_ahead in [false, true] {
        for polls in 0..=MOST_POLLS {
            let stage = Stage::new(&PLAIN).await;
            let client = stage.client();
            let call = client.aggregate(&query()).per_page(2);
            let call = if reads_ahead { call.read_ahead() } else { call };
            let mut records = call.records();
            let mut keys = Vec::new();
            let reading = async {
                while let Some(record) = records.try_next().await? {
                    keys.push(record.key().to_owned());
                }
                Ok::<_, Error>(())
            };
            Polled::times(polls, reading).await.transpose().unwrap();
            while let Some(record) = records.try_next().await.unwrap() {
                keys.push(record.key().to_owned());
            }
            assert_eq!(keys, ["1", "2", "3", "4", "5", "6"], "polled {polls} times");
        }
    }
}
