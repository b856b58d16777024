//! What the API has had for a short time. Breakdowns that a preset or the page asks for unasked
//! must not spoil the rest where an API or a server lacks them; filters must not pass all calls.

use callperf::{Breakdown, Client, GroupBy, Period, Query};

use crate::{Failure, words};

/// Whether a client's API has a breakdown of calls.
pub(crate) fn has(client: &Client, breakdown: &Breakdown) -> bool {
    let query = Query::new(GroupBy::queues(), Period::last_days(1), "UTC");
    client.aggregate(&query.calls(breakdown.clone())).check().is_ok()
}

/// What is said where a server refused them.
pub(crate) fn left_out(breakdowns: &[Breakdown]) -> String {
    format!(
        "the server refuses {}, which the API has had since 2025; the rest was asked for again, \
         without",
        listed(breakdowns),
    )
}

/// What is said where a client's API, or the revision of its server, lacks them.
pub(crate) fn lacking(client: &Client, breakdowns: &[Breakdown]) -> String {
    format!(
        "{} as this server speaks it lacks {}; the rest is asked for without",
        client.api(),
        listed(breakdowns)
    )
}

fn listed(breakdowns: &[Breakdown]) -> String {
    let names: Vec<_> = breakdowns.iter().map(|it| words::spoken(it.as_str())).collect();
    names.join(" and ")
}

/// The refusal of numbers whose filter the server ignored.
pub(crate) fn ignored_filter(filter: &str, reason: &str) -> Failure {
    let is_word = words::FILTERS.iter().any(|known| known.name == filter);
    let option = if is_word { "--where" } else { "--wire-filter" };
    Failure::Unfiltered(format!(
        "{option} {filter}: the server seems to have ignored it ({reason}), so the numbers may be \
         those of all calls; leave the filter out"
    ))
}
