//! What happens in a simulation: drawn from a seed, and small enough to read.

use std::time::Duration;

use super::{
    draw::Draw,
    seeds,
    server::{Change, Fault, GroupPlan, RetryAfterForm, Server},
};

/// A request of the client's.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) at: Duration,
    pub(crate) operation: &'static str,
    pub(crate) is_retry: bool,
    /// On its way to the server, the way back, and the time that its body takes.
    pub(crate) there: Duration,
    pub(crate) back: Duration,
    pub(crate) body: Duration,
    /// When its caller gives it up, after asking.
    pub(crate) cancelled_after: Option<Duration>,
    pub(crate) fault: Option<Fault>,
}

#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) concurrency: usize,
    pub(crate) groups: Vec<GroupPlan>,
    pub(crate) members: Vec<(&'static str, &'static str)>,
    pub(crate) retry_after: RetryAfterForm,
    pub(crate) counts_refused: bool,
    pub(crate) asks: Vec<Ask>,
    /// What other programs spend.
    pub(crate) spends: Vec<(Duration, &'static str)>,
    pub(crate) changes: Vec<(Duration, Change)>,
}

const OPERATIONS: [&str; 3] = ["aggregate", "timeline", "extensions"];

impl History {
    /// Anything that the documents allow to happen.
    pub(crate) fn drawn(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let window = Duration::from_secs(draw.of(&[10, 60]));
        let slowest = draw.of(&[50, 1_000, 15_000]);
        let span = draw.of(&[1, 120_000, 400_000]);
        let asks = asks(&mut draw, slowest, span);
        Self {
            concurrency: usize::try_from(draw.number(1, 6)).unwrap(),
            groups: ["light", "medium"].map(|name| group(&mut draw, name, window)).to_vec(),
            members: vec![("aggregate", "light"), ("timeline", "light"), ("extensions", "medium")],
            retry_after: draw.of(&[
                RetryAfterForm::Seconds,
                RetryAfterForm::Seconds,
                RetryAfterForm::Date,
                RetryAfterForm::Absent,
                RetryAfterForm::Absurd,
            ]),
            counts_refused: draw.one_in(4),
            asks,
            spends: spends(&mut draw, 3, &OPERATIONS, span),
            changes: changes(&mut draw, 4, 12, span),
        }
    }

    /// A pull: one request that learns the quota, then many at once. Nothing fails,
    /// and no other program spends the quota.
    pub(crate) fn pull(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let slowest = draw.of(&[50, 1_000, 15_000]);
        let mut asks: Vec<_> = (0..draw.number(2, 90))
            .map(|_| Ask {
                at: Duration::from_mins(1),
                operation: "aggregate",
                is_retry: false,
                there: draw.millis(0, slowest),
                back: draw.millis(0, slowest),
                body: Duration::ZERO,
                cancelled_after: None,
                fault: None,
            })
            .collect();
        asks[0].at = Duration::ZERO;
        let window = Duration::from_mins(1);
        let limit = draw.small(1, 50);
        Self {
            concurrency: usize::try_from(draw.number(1, 8)).unwrap(),
            groups: vec![GroupPlan { name: "light", limit, window, penalty: window }],
            members: vec![("aggregate", "light")],
            retry_after: RetryAfterForm::Seconds,
            counts_refused: false,
            asks,
            spends: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(crate) fn server(&self) -> Server {
        Server::new(&self.groups, &self.members, self.retry_after, self.counts_refused)
    }

    /// How much happens.
    pub(crate) fn len(&self) -> usize {
        self.asks.len() + self.spends.len() + self.changes.len()
    }
}

impl seeds::History for History {
    fn smaller(&self) -> Vec<Self> {
        let (asks, spends) = (self.asks.len(), self.asks.len() + self.spends.len());
        (0..self.len())
            .map(|index| {
                let mut one = self.clone();
                if index < asks {
                    one.asks.remove(index);
                } else if index < spends {
                    one.spends.remove(index - asks);
                } else {
                    one.changes.remove(index - spends);
                }
                one
            })
            .collect()
    }
}

fn group(draw: &mut Draw, name: &'static str, window: Duration) -> GroupPlan {
    // Each operation may send one request before it knows its group.
    let limit = draw.small(4, 12);
    let penalty = draw.of(&[window, Duration::from_mins(1)]);
    GroupPlan { name, limit, window, penalty }
}

fn asks(draw: &mut Draw, slowest: u64, span: u64) -> Vec<Ask> {
    let count = draw.number(5, 60);
    let has_faults = draw.one_in(2);
    // Everything that is asked for then fails.
    let burst = draw.one_in(6).then(|| {
        let begin = draw.millis(0, span);
        begin..begin + Duration::from_secs(20)
    });
    let ask = |_| {
        let at = draw.millis(0, span);
        let is_in_burst = burst.as_ref().is_some_and(|burst| burst.contains(&at));
        Ask {
            at,
            operation: draw.of(&OPERATIONS),
            is_retry: draw.one_in(5),
            there: draw.millis(0, slowest),
            back: draw.millis(0, slowest),
            body: draw.millis(0, 500),
            cancelled_after: draw.one_in(8).then(|| draw.millis(0, 20_000)),
            fault: match () {
                () if is_in_burst => Some(failure(draw)),
                () if has_faults && draw.one_in(6) => Some(fault(draw)),
                () => None,
            },
        }
    };
    (0..count).map(ask).collect()
}

fn failure(draw: &mut Draw) -> Fault {
    if draw.one_in(2) {
        return Fault::Overloaded;
    }
    Fault::Gateway { status: 502, is_counted: draw.one_in(2) }
}

fn fault(draw: &mut Draw) -> Fault {
    match draw.number(1, 8) {
        1..=4 => failure(draw),
        5 => Fault::Gateway { status: 429, is_counted: false },
        6 | 7 => Fault::NoHeaders,
        _ => Fault::Lies(draw.small(0, 60)),
    }
}

/// What up to five other programs spend, once in so many histories.
pub(crate) fn spends(
    draw: &mut Draw,
    once_in: u64,
    operations: &[&'static str],
    span: u64,
) -> Vec<(Duration, &'static str)> {
    let mut spends = Vec::new();
    if draw.one_in(once_in) {
        for _ in 0..draw.number(1, 5) {
            let operation = draw.of(operations);
            let count = draw.number(1, 7);
            spends.extend((0..count).map(|_| (draw.millis(0, span + 60_000), operation)));
        }
    }
    spends
}

/// A new name of one group and a new limit of another, each once in so many histories.
pub(crate) fn changes(
    draw: &mut Draw,
    once_in: u64,
    highest_limit: u32,
    span: u64,
) -> Vec<(Duration, Change)> {
    let mut changes = Vec::new();
    if draw.one_in(once_in) {
        let at = draw.millis(0, span + 60_000);
        changes.push((at, Change::Rename { from: "light", to: "bulk" }));
    }
    if draw.one_in(once_in) {
        let limit = draw.small(4, highest_limit);
        changes.push((draw.millis(0, span), Change::Resize { group: "medium", limit }));
    }
    changes
}
