//! The ledger in thousands of drawn histories, and its promises held against
//! each:
//!
//! 1. No request crosses the quota, unless another program, a changed limit, or a
//!    header that is missing or wrong made it unknowable; and then at most those
//!    that were let go before a response showed it.
//! 2. Nothing is let go in a penalty that was announced.
//! 3. Without faults and other programs, a pull ends within 1.05 × the finish of
//!    the best scheduler that counts each request from its response until a window
//!    later, plus 1 s.
//! 4. Every waiter is let go, those of an operation in order, retries before new
//!    requests.
//! 5. No place is lost, and no more requests are under way than may be.
//!
//! `crates/callperf/src/simulation/README.md` says how to replay a history, and how to draw new ones.

mod knowledge;
mod mutants;
mod world;

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use self::{
    mutants::{Breaks, Mutant, Mutation},
    world::{Outcome, Violation, run},
};
use crate::{
    http::pace::ledger::Ledger,
    simulation::{
        history::History,
        seeds::{holds, number, seeds},
    },
};

/// Three in ten are pulls.
const HISTORIES: u64 = 12_000;

/// What found a fault once.
const FOUND: [u64; 2] = [20_099_645, 20_454_222];

/// The seeds of so many tenths of the histories.
fn tenths(count: u64) -> impl Iterator<Item = u64> {
    let histories = number("SIMULATION_HISTORIES").unwrap_or(HISTORIES);
    seeds(&FOUND, histories.div_ceil(10) * count)
}

fn ledger(history: &History) -> Ledger {
    Ledger::new(history.concurrency)
}

#[test]
fn simulation_of_drawn_histories() {
    holds(tenths(7), History::drawn, |history| run(history, ledger(history)).map(drop));
}

#[test]
fn simulation_of_pulls_against_the_best_scheduler() {
    holds(tenths(3), History::pull, |history| in_time(history, run(history, ledger(history))?));
}

fn in_time(history: &History, taken: Duration) -> Outcome {
    // One that learns the quota, and a pull after it.
    let is_pull = history.asks.len() > 1 && history.asks[0].at.is_zero();
    let best = if is_pull { best(history) } else { taken };
    if taken > best.mul_f64(1.05) + Duration::from_secs(1) {
        return Err(Violation::TakesTooLong { taken, best });
    }
    Ok(())
}

/// When the best scheduler ends that counts a request from its response until a
/// window later.
fn best(history: &History) -> Duration {
    let group = &history.groups[0];
    let limit = usize::try_from(group.limit).unwrap();
    let (first, pull) = history.asks.split_first().unwrap();
    // The times at which requests leave the window, the first first.
    let mut leaving = BinaryHeap::from([Reverse(first.there + first.back + group.window)]);
    let mut places = BinaryHeap::new();
    let mut now = pull[0].at;
    let mut finish = now;
    for ask in pull {
        while places.len() >= history.concurrency {
            let Reverse(free) = places.pop().unwrap();
            now = now.max(free);
        }
        while leaving.peek().is_some_and(|Reverse(at)| *at <= now) {
            leaving.pop();
        }
        while leaving.len() >= limit {
            let Reverse(at) = leaving.pop().unwrap();
            now = now.max(at);
        }
        let response = now + ask.there + ask.back;
        leaving.push(Reverse(response + group.window));
        places.push(Reverse(response));
        finish = finish.max(response);
    }
    finish
}

#[test]
fn simulation_catches_each_mutant() {
    for mutation in Mutation::ALL {
        let is_caught = |seed| {
            let (history, is_pull) = match mutation.breaks() {
                Breaks::Speed => (History::pull(seed), true),
                _ => (History::drawn(seed), false),
            };
            let taken = run(&history, Mutant::new(mutation, history.concurrency));
            let outcome =
                taken.and_then(|taken| if is_pull { in_time(&history, taken) } else { Ok(()) });
            outcome.is_err_and(|violation| mutation.breaks().is(violation))
        };
        let caught = (0..HISTORIES).find(|seed| is_caught(*seed));
        assert!(caught.is_some(), "{mutation:?} passes in {HISTORIES} histories");
    }
}

#[test]
fn simulation_draws_histories_that_can_be_read() {
    for seed in 0..1_000 {
        assert!(History::drawn(seed).len() <= 100 && History::pull(seed).len() <= 100, "{seed}");
    }
}
