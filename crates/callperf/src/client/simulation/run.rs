//! Runs a history: programs with their clients, and what else happens.

use std::{
    cell::Cell,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{BoxFuture, join_all};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Request, Response};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    history::{History, Job, Mishap, Work},
    world::{BEGUN, PER_PAGE, Sent, Violation, World},
};
use crate::{
    Breakdown, Client, Credentials, Error, GroupBy, Interval, MemoryTokenStore, Period, Query,
    RetryPolicy, TokenStore,
    http::{clock::Clock, network::Carrier},
    simulation::draw::Draw,
};

/// No job takes longer: each of its requests has a deadline.
const LONGEST: Duration = Duration::from_hours(24);

thread_local! {
    static RANDOM: Cell<u64> = const { Cell::new(0) };
}

/// The jitter of retries: a seed is a history.
fn random() -> f64 {
    RANDOM.with(|seed| {
        let mut draw = Draw::new(seed.get());
        let number = draw.small(0, 1_000_000);
        seed.set(seed.get() + 1 + u64::from(number));
        f64::from(number) / 1_000_000.0
    })
}

type Shared = Arc<Mutex<World>>;

fn locked(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// What broke, or how it ended: whether each job succeeded.
pub(super) fn run(history: &History) -> Result<(), Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    RANDOM.with(|seed| seed.set(history.seed));
    runtime.block_on(async {
        let world = Arc::new(Mutex::new(World::new(history, now())));
        timeout(LONGEST, lived(history, &world))
            .await
            .map_err(|_| "it never ends".to_owned())??;
        let mut world = locked(&world);
        world.violation.take().map_or(Ok(()), Err)
    })
}

async fn lived(history: &History, world: &Shared) -> Result<(), Violation> {
    let begun = Instant::now();
    let store = MemoryTokenStore::new();
    let programs: Vec<_> = (0..history.programs)
        .map(|at| {
            let own = if history.shares_store { store.clone() } else { MemoryTokenStore::new() };
            (client(history, world, at, own.clone()), own)
        })
        .collect();
    tokio::spawn(happenings(history.clone(), Arc::clone(world), begun, programs[0].1.clone()));
    let jobs = history.jobs.iter().map(|job| {
        let client = programs[job.program].0.clone();
        tokio::spawn(done(*job, client, begun))
    });
    let outcomes = join_all(jobs.collect::<Vec<_>>()).await;
    for (job, outcome) in history.jobs.iter().zip(outcomes) {
        match outcome.map_err(|error| error.to_string())? {
            Some(Ok(records)) => as_asked(job.work, records)?,
            Some(Err(error)) if history.is_calm() => {
                return Err(format!("{job:?} failed without a fault: {error:?}"));
            }
            Some(Err(_)) | None => {}
        }
    }
    // Penalties and bursts are over by then.
    sleep(Duration::from_hours(2)).await;
    locked(world).end();
    for (client, _) in &programs {
        nothing_is_lost(history, client).await?;
        // What one spent is another's quota.
        sleep(Duration::from_mins(5)).await;
    }
    Ok(())
}

/// As many requests at once as before, each of them served.
async fn nothing_is_lost(history: &History, client: &Client) -> Result<(), Violation> {
    let pages = (0..history.concurrency).map(|_| pull(client, 1, false));
    for outcome in join_all(pages).await {
        outcome.map_err(|error| format!("a later request failed: {error:?}"))?;
    }
    Ok(())
}

fn as_asked(work: Work, records: u64) -> Result<(), Violation> {
    let expected = match work {
        Work::Pull { pages, .. } => u64::from(pages) * PER_PAGE,
        Work::Timeline => 1,
        Work::Send => 0,
    };
    if records == expected { Ok(()) } else { Err(format!("{work:?} brought {records} calls")) }
}

/// Something that happens at its time.
type Happening = (Duration, BoxFuture<'static, ()>);

/// Everything that no program of ours does.
async fn happenings(history: History, world: Shared, begun: Instant, store: MemoryTokenStore) {
    let mut all: Vec<Happening> = Vec::new();
    for (at, operation) in history.spends {
        let world = Arc::clone(&world);
        all.push((at, Box::pin(async move { locked(&world).spend(operation, now()) })));
    }
    for (at, change) in history.changes {
        let world = Arc::clone(&world);
        all.push((at, Box::pin(async move { locked(&world).change(change, now()) })));
    }
    for at in history.revocations {
        let world = Arc::clone(&world);
        all.push((at, Box::pin(async move { locked(&world).revoke_all() })));
    }
    for (at, held) in history.locks {
        let store = store.clone();
        all.push((
            at,
            Box::pin(async move {
                let lock = store.try_lock("any").ok().flatten();
                sleep(held).await;
                drop(lock);
            }),
        ));
    }
    let later = all.into_iter().map(|(at, happening)| async move {
        sleep_until(begun + at).await;
        happening.await;
    });
    join_all(later).await;
}

fn client(history: &History, world: &Shared, program: usize, store: MemoryTokenStore) -> Client {
    let (begun, ahead) = (Instant::now(), history.machine_ahead);
    let machine = move || {
        let since = SignedDuration::try_from(begun.elapsed()).unwrap();
        BEGUN.parse::<Timestamp>().unwrap() + ahead + since
    };
    Client::builder()
        .server("https://platform.example")
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .token_store(store)
        .concurrency(history.concurrency)
        .retry(RetryPolicy::default().deadline(Duration::from_hours(1)))
        .simulated(
            Arc::new(Wire { world: Arc::clone(world), program }),
            HTTP.clone(),
            Clock::of_machine(Arc::new(machine)),
            random,
        )
        .build()
        .unwrap()
}

/// The calls that a job counted; `None` if it was given up.
async fn done(job: Job, client: Client, begun: Instant) -> Option<Result<u64, Error>> {
    sleep_until(begun + job.at).await;
    let work = async {
        match job.work {
            Work::Pull { pages, reads_ahead } => pull(&client, pages, reads_ahead).await,
            Work::Timeline => timeline(&client).await,
            Work::Send => {
                client.send("/restapi/v1.0/account/~/extension", &[], None).await.map(|_| 0)
            }
        }
    };
    match job.cancelled_after {
        Some(after) => timeout(after, work).await.ok(),
        None => Some(work.await),
    }
}

/// Until tomorrow by any clock, so that the end is moved to shortly before now.
fn query() -> Query {
    let begun: Timestamp = BEGUN.parse().unwrap();
    let period = Period::between(
        begun - SignedDuration::from_hours(48),
        begun + SignedDuration::from_hours(48),
    );
    Query::new(GroupBy::users(), period, "UTC").calls(Breakdown::Total)
}

async fn pull(client: &Client, pages: u32, reads_ahead: bool) -> Result<u64, Error> {
    let call = client.aggregate(&query()).per_page(3).parameter("pages", pages.to_string());
    let mut records = if reads_ahead { call.read_ahead() } else { call }.records();
    let mut calls = 0;
    while let Some(record) = records.try_next().await? {
        calls += record.calls().total().and_then(crate::Value::as_u64).unwrap_or_default();
    }
    Ok(calls)
}

async fn timeline(client: &Client) -> Result<u64, Error> {
    let page = client.timeline(&query(), Interval::Day).page(1).await?;
    let points = page.records.iter().flat_map(crate::Series::points);
    Ok(points.filter_map(|point| point.calls().total()?.as_u64()).sum())
}

/// What the requests of a program go by.
struct Wire {
    world: Shared,
    program: usize,
}

impl Carrier for Wire {
    fn carry(&self, request: Request) -> BoxFuture<'static, reqwest::Result<Response>> {
        let (world, program) = (Arc::clone(&self.world), self.program);
        Box::pin(async move {
            let left_at = now();
            let way = locked(&world).leave(program, &request, left_at);
            let _back = Back { world: Arc::clone(&world), program };
            if let Some(Mishap::NeverArrives) = way.mishap {
                sleep(way.there).await;
                return Err(broken());
            }
            let arrived = arrived(&world, program, request, way.mishap, left_at, way.there);
            let Ok(sent) = arrived.await else { return Err(broken()) };
            sleep(way.back).await;
            if let Some(Mishap::ResponseIsLost) = way.mishap {
                return Err(broken());
            }
            locked(&world).hear(program, &sent, now());
            Ok(response(sent))
        })
    }
}

/// The request goes on when its program gives it up.
fn arrived(
    world: &Shared,
    program: usize,
    request: Request,
    mishap: Option<Mishap>,
    left_at: std::time::Instant,
    there: Duration,
) -> oneshot::Receiver<Sent> {
    let (give, receive) = oneshot::channel();
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep(there).await;
        let sent = locked(&world).arrive(program, &request, mishap, left_at, now());
        let _ = give.send(sent);
    });
    receive
}

struct Back {
    world: Shared,
    program: usize,
}

impl Drop for Back {
    fn drop(&mut self) {
        locked(&self.world).is_back(self.program);
    }
}

fn response(sent: Sent) -> Response {
    let mut response = http::Response::new(reqwest::Body::from(sent.body));
    *response.status_mut() = sent.status.try_into().unwrap();
    *response.headers_mut() = sent.headers;
    response.into()
}

/// Builds requests, and sends none.
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(Default::default);

/// A connection that broke.
fn broken() -> reqwest::Error {
    HTTP.get("broken").build().unwrap_err()
}
