//! A pull that is larger than the quota: 500 pages where 50 requests fit a window.

use super::lab::{Lab, Server, field, median};
use super::table::Row;
use crate::error::Result;

const PAGES: u32 = 500;
const LIMIT: u32 = 50;
/// The service's is a minute; the penalty is as long as the window, as there.
const WINDOW_SECONDS: u32 = 3;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let limits = format!("light={LIMIT}/{WINDOW_SECONDS}s/{WINDOW_SECONDS}s");
    let users = (PAGES * 20).to_string();
    let (mut ours, mut refused) = (Vec::new(), 0.0_f64);
    for _ in 0..lab.bench.rounds.min(3) {
        let pull = pull(lab, &limits, &users, &mut lab.own(["timeline"])?)?;
        refused = refused.max(field(&pull, "refused")?);
        ours.push(field(&pull, "seconds")?);
    }
    let least = f64::from(PAGES.div_ceil(LIMIT) * WINDOW_SECONDS);
    let seconds = median(ours);
    let what = format!(
        "{PAGES} timeline pages, {LIMIT} requests in {WINDOW_SECONDS} s, a penalty as long"
    );
    let mut row = Row::new("timeline", what);
    row.figure("callperf", seconds, " s");
    row.aim("callperf ÷ ceil(n ÷ limit) × window", seconds / least, 1.05, "");
    row.aim("refusals (429)", refused, 0.0, "");
    for (name, mut command) in lab.peers("timeline")? {
        let pull = pull(lab, &limits, &users, &mut command)?;
        let pages = field(&pull, "pages")?;
        row.figure(format!("{name}, as it comes, until it is refused"), pages, " pages");
    }
    for (name, mut command) in lab.patient_peers("timeline")? {
        let pull = pull(lab, &limits, &users, &mut command)?;
        let (pages, refused) = (field(&pull, "pages")?, field(&pull, "refused")?);
        row.figure(
            format!("{name}: {pages} pages, {refused} refusals"),
            field(&pull, "seconds")?,
            " s",
        );
    }
    Ok(row)
}

/// Each pull has a server of its own, with an unused quota.
fn pull(
    lab: &Lab<'_>,
    limits: &str,
    users: &str,
    client: &mut std::process::Command,
) -> Result<String> {
    let mut sandbox = lab.callperf()?;
    sandbox.args(["sandbox", "--users", users, "--calls", users, "--days", "7"]);
    let server = Server::start(sandbox.args(["--limits", limits]))?;
    server.ask(client, PAGES as usize)
}
