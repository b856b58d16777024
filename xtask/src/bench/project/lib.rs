//! What the measuring programs have in common.

/// The types that progenitor makes of the published revision as it is; times are text.
#[allow(warnings)]
pub mod stock;

use callperf::{Breakdown, Client, Credentials, GroupBy, Period, Query};
use serde_json::Value;

/// A client that is never asked to send anything.
pub fn reader() -> Client {
    Client::builder().credentials(Credentials::jwt("client", "", "")).build().unwrap()
}

/// Every metric, by users; what the rules have against that doesn't matter here.
pub fn everything() -> Query {
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").unchecked();
    Breakdown::KNOWN.iter().fold(query, |query, one| match one {
        Breakdown::Action | Breakdown::QueueOpportunities => query.calls(one.clone()),
        _ => query.calls(one.clone()).time_spent(one.clone()),
    })
}

/// How many numbers there are, to see that none is lost.
pub fn numbers(value: &Value) -> usize {
    match value {
        Value::Number(_) => 1,
        Value::Array(items) => items.iter().map(numbers).sum(),
        Value::Object(map) => map.values().map(numbers).sum(),
        _ => 0,
    }
}
