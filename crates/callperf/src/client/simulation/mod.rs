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
//! `crates/callperf/src/simulation/README.md` says how to replay a history, and how to draw new ones.

mod history;
mod run;
mod world;

use self::{history::History, run::run};
use crate::simulation::seeds::{holds, number, seeds};

const HISTORIES: u64 = 500;

/// What found a fault once, in the clients or in the model.
const FOUND: [u64; 5] = [20_000_218, 20_000_235, 20_002_121, 20_012_567, 20_036_502];

#[test]
fn simulation_of_whole_clients() {
    let histories = number("SIMULATION_CLIENT_HISTORIES").unwrap_or(HISTORIES);
    holds(seeds(&FOUND, histories), History::drawn, |history| {
        assert!(history.len() <= 100, "{history:?}");
        run(history)
    });
}
