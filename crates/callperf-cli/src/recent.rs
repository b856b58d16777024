//! Breakdowns that the API has had for a short time, which a preset or the page asks for
//! unasked. An API or a server that lacks them must not spoil the rest.

use callperf::{Breakdown, Client, GroupBy, Period, Query};

use crate::words;

/// Those of 2025.
pub(crate) const BREAKDOWNS: [Breakdown; 2] = [Breakdown::EndingParty, Breakdown::QueueHours];

/// Whether a client's API has a breakdown of calls.
pub(crate) fn has(client: &Client, breakdown: &Breakdown) -> bool {
    let query = Query::new(GroupBy::queues(), Period::last_days(1), "UTC");
    client.aggregate(&query.calls(breakdown.clone())).check().is_ok()
}

/// Whether a server refuses a request that it might take without them: as wrong, or
/// as something that it doesn't have yet.
pub(crate) fn is_refused(error: &callperf::Error) -> bool {
    matches!(error.status(), Some(400 | 501))
}

/// What is said where a server refused them.
pub(crate) fn left_out(breakdowns: &[Breakdown]) -> String {
    let names: Vec<_> = breakdowns.iter().map(|it| words::spoken(it.as_str())).collect();
    format!(
        "the server refuses {}, which the API has had since 2025; the rest was asked for again, \
         without",
        names.join(" and "),
    )
}
