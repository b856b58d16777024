//! Whole clients in hundreds of drawn histories, under a clock that stands still until
//! everything waits, and their promises held against each:
//!
//! 1. No request crosses the quota, unless another program, a change at the server, or a
//!    header that is missing or wrong made it unknowable.
//! 2. Nothing is sent in a penalty that was announced.
//! 3. Each job ends, with what it asked for or with an error; without faults it succeeds.
//! 4. Afterwards each client can do as much at once as before: no permit, lock or token
//!    is lost. There is one login per token that ended.
//! 5. The sums of a pull that ends are those without faults, and no period ends in the
//!    server's future, even if the machine's clock is wrong.
//!
//! `CONTRIBUTING.md` says how to replay a history, and how to draw new ones.

mod history;
mod run;
mod world;

use self::{history::History, run::run, world::Violation};

const HISTORIES: u64 = 500;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}

fn seeds() -> std::ops::Range<u64> {
    if let Some(seed) = number("SIMULATION_SEED") {
        return seed..seed + 1;
    }
    let first = number("SIMULATION_FIRST_SEED").unwrap_or(0);
    first..first + number("SIMULATION_CLIENT_HISTORIES").unwrap_or(HISTORIES)
}

/// A history that fails in as few steps as can be found.
fn shrunk(mut history: History, mut violation: Violation) -> (History, Violation) {
    let fails = |one: History| run(&one).err().map(|why| (one, why));
    while let Some(smaller) = history.smaller().into_iter().find_map(fails) {
        (history, violation) = smaller;
    }
    (history, violation)
}

#[test]
fn simulation_of_whole_clients() {
    for seed in seeds() {
        let history = History::drawn(seed);
        assert!(history.len() <= 100, "{seed}");
        if let Err(violation) = run(&history) {
            let (history, violation) = shrunk(history, violation);
            panic!("SIMULATION_SEED={seed}: {violation} in this history:\n{history:#?}");
        }
    }
}
