//! One small request after another, over a connection that is there.

use super::lab::{Lab, Server, list, median};
use super::table::Row;
use crate::error::Result;

const REQUESTS: usize = 300;
/// The first ones, in which a client sets itself up.
const WARM_UP: usize = 100;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let mut sandbox = lab.callperf()?;
    sandbox.args(["sandbox", "--seed", "7", "--limits", "off"]);
    let server = Server::start(&mut sandbox)?;
    let mut clients = vec![("callperf", lab.own(["request"])?)];
    clients.extend(lab.peers("request")?);
    let mut turns = vec![Vec::new(); clients.len()];
    for _ in 0..lab.bench.rounds {
        for (times, (_, command)) in turns.iter_mut().zip(&mut clients) {
            let milliseconds = list(&server.ask(command, REQUESTS)?)?;
            times.push(median(milliseconds[WARM_UP..].to_vec()));
        }
    }
    let times: Vec<_> = turns.into_iter().map(median).collect();
    let mut row = Row::new("request", "one small request, warm, one after another, over loopback");
    for ((name, _), time) in clients.iter().zip(&times) {
        row.figure(*name, *time, " ms");
    }
    let fastest = times[1..].iter().copied().fold(f64::INFINITY, f64::min);
    row.aim("callperf ÷ fastest peer", times[0] / fastest, 0.5, "");
    Ok(row)
}
