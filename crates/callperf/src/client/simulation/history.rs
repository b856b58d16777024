//! What happens to programs that use the API: drawn from a seed, and small enough to read.

use std::time::Duration;

use jiff::SignedDuration;

use crate::simulation::{
    draw::Draw,
    history::{changes, spends},
    seeds,
    server::{Change, Fault, GroupPlan, RetryAfterForm},
};

/// What a program does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// All records of so many pages.
    Pull { pages: u32, reads_ahead: bool },
    /// One page of a timeline.
    Timeline,
    /// A request of its own.
    Send,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) at: Duration,
    /// Which of the programs does it.
    pub(super) program: usize,
    pub(super) work: Work,
    /// When it is given up, after it began.
    pub(super) cancelled_after: Option<Duration>,
}

/// What becomes of a request and its response on their way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mishap {
    /// The connection breaks before the request arrives.
    NeverArrives,
    /// The connection breaks before the response arrives.
    ResponseIsLost,
    AtTheServer(Fault),
}

/// How the network and the server are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weather {
    /// The longest way there, and back, in milliseconds.
    pub(super) slowest: u64,
    /// One request in so many has a mishap; none if zero.
    pub(super) mishaps: u64,
    /// Whether rate-limit headers may be missing or wrong.
    pub(super) hides_the_quota: bool,
    /// When everything fails.
    pub(super) burst: Option<(Duration, Duration)>,
}

#[derive(Clone, Debug)]
pub(super) struct History {
    /// What the draws of the way are made from.
    pub(super) seed: u64,
    pub(super) programs: usize,
    /// Whether the programs have one token store.
    pub(super) shares_store: bool,
    pub(super) concurrency: usize,
    pub(super) groups: Vec<GroupPlan>,
    pub(super) retry_after: RetryAfterForm,
    pub(super) counts_refused: bool,
    /// How long a token lives.
    pub(super) token_life: Duration,
    pub(super) has_refresh_tokens: bool,
    /// How far the machine's clock is ahead of the server's.
    pub(super) machine_ahead: SignedDuration,
    pub(super) weather: Weather,
    pub(super) jobs: Vec<Job>,
    /// What other programs spend.
    pub(super) spends: Vec<(Duration, &'static str)>,
    pub(super) changes: Vec<(Duration, Change)>,
    /// When all tokens are revoked.
    pub(super) revocations: Vec<Duration>,
    /// When another process takes the store's lock, and how long later it dies.
    pub(super) locks: Vec<(Duration, Duration)>,
}

pub(super) const AGGREGATE: &str = "aggregate";
pub(super) const TIMELINE: &str = "timeline";
pub(super) const EXTENSIONS: &str = "extensions";
pub(super) const LOGIN: &str = "login";

/// The operations, each with its group.
pub(super) const MEMBERS: [(&str, &str); 4] =
    [(AGGREGATE, "light"), (TIMELINE, "light"), (EXTENSIONS, "medium"), (LOGIN, "auth")];

impl History {
    pub(super) fn drawn(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let span = draw.of(&[1, 120_000, 900_000]);
        let programs = if draw.one_in(3) { draw.number(2, 3) } else { 1 };
        let programs = usize::try_from(programs).unwrap();
        Self {
            seed,
            programs,
            shares_store: draw.one_in(2),
            concurrency: usize::try_from(draw.number(1, 5)).unwrap(),
            groups: groups(&mut draw),
            retry_after: draw.of(&[
                RetryAfterForm::Seconds,
                RetryAfterForm::Seconds,
                RetryAfterForm::Date,
                RetryAfterForm::Absent,
                RetryAfterForm::Absurd,
            ]),
            counts_refused: draw.one_in(4),
            token_life: Duration::from_secs(draw.of(&[90, 300, 3600])),
            has_refresh_tokens: draw.one_in(2),
            machine_ahead: SignedDuration::from_secs(i64::from(draw.small(0, 7200)) - 3600),
            weather: weather(&mut draw, span),
            jobs: jobs(&mut draw, programs, span),
            spends: spends(&mut draw, 4, &MEMBERS.map(|(operation, _)| operation), span),
            changes: changes(&mut draw, 5, 20, span),
            revocations: times(&mut draw, 4, span),
            locks: times(&mut draw, 6, span)
                .into_iter()
                .map(|at| (at, draw.millis(1, 150_000)))
                .collect(),
        }
    }

    /// Whether a client can know the quota: nothing hides it, nothing changes it, and no
    /// other program spends it.
    pub(super) fn is_quota_knowable(&self) -> bool {
        self.programs == 1
            && self.spends.is_empty()
            && self.changes.is_empty()
            && !self.weather.hides_the_quota
    }

    /// Whether nothing goes wrong that could fail a job.
    pub(super) fn is_calm(&self) -> bool {
        self.is_quota_knowable()
            && self.weather.mishaps == 0
            && self.weather.burst.is_none()
            && self.locks.is_empty()
            && self.revocations.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.len()
            + self.spends.len()
            + self.changes.len()
            + self.revocations.len()
            + self.locks.len()
    }
}

impl seeds::History for History {
    fn smaller(&self) -> Vec<Self> {
        fn without<T: Clone>(items: &[T], at: usize) -> Vec<T> {
            let (before, after) = items.split_at(at);
            [before, &after[1..]].concat()
        }
        let one = || self.clone();
        let jobs = (0..self.jobs.len()).map(|at| Self { jobs: without(&self.jobs, at), ..one() });
        let spends =
            (0..self.spends.len()).map(|at| Self { spends: without(&self.spends, at), ..one() });
        let changes =
            (0..self.changes.len()).map(|at| Self { changes: without(&self.changes, at), ..one() });
        let revocations = (0..self.revocations.len())
            .map(|at| Self { revocations: without(&self.revocations, at), ..one() });
        let locks =
            (0..self.locks.len()).map(|at| Self { locks: without(&self.locks, at), ..one() });
        let no_mishaps = (self.weather.mishaps > 0)
            .then(|| Self { weather: Weather { mishaps: 0, ..self.weather }, ..one() });
        let no_burst = self
            .weather
            .burst
            .map(|_| Self { weather: Weather { burst: None, ..self.weather }, ..one() });
        jobs.chain(spends)
            .chain(changes)
            .chain(revocations)
            .chain(locks)
            .chain(no_mishaps)
            .chain(no_burst)
            .collect()
    }
}

fn groups(draw: &mut Draw) -> Vec<GroupPlan> {
    let minute = Duration::from_mins(1);
    let mut group = |name, low, high| GroupPlan {
        name,
        limit: draw.small(low, high),
        window: minute,
        penalty: minute,
    };
    vec![group("light", 4, 20), group("medium", 4, 20), group("auth", 5, 5)]
}

fn weather(draw: &mut Draw, span: u64) -> Weather {
    let is_bad = draw.one_in(2);
    Weather {
        slowest: draw.of(&[50, 1_000, 15_000]),
        mishaps: if is_bad { draw.number(4, 12) } else { 0 },
        hides_the_quota: is_bad && draw.one_in(2),
        burst: draw.one_in(6).then(|| {
            let from = draw.millis(0, span);
            (from, from + Duration::from_secs(20))
        }),
    }
}

fn jobs(draw: &mut Draw, programs: usize, span: u64) -> Vec<Job> {
    let job = |_| Job {
        at: draw.millis(0, span),
        program: usize::try_from(draw.number(0, programs as u64 - 1)).unwrap(),
        work: match draw.number(1, 6) {
            1..=3 => Work::Pull { pages: draw.small(1, 8), reads_ahead: draw.one_in(3) },
            4 | 5 => Work::Timeline,
            _ => Work::Send,
        },
        cancelled_after: draw.one_in(6).then(|| draw.millis(0, 40_000)),
    };
    let count = 3 + u64::from(span > 1) * 9;
    (0..count).map(job).collect()
}

/// Once in so many histories, some times.
fn times(draw: &mut Draw, once_in: u64, span: u64) -> Vec<Duration> {
    let count = if draw.one_in(once_in) { draw.number(1, 3) } else { 0 };
    (0..count).map(|_| draw.millis(0, span)).collect()
}
