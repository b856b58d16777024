//! Where each API has an operation, what it is called there, and its body.

use callperf_raw::{
    beta::operations::aggregate_performance_report_calls as beta_aggregate,
    calls_v1::operations::{
        analytics_calls_aggregation_fetch as aggregate, analytics_calls_timeline_fetch as timeline,
    },
};
use serde_json::Value as Json;

use super::{beta, calls_v1, decode::as_json};
use crate::{
    plan::{Draft, Plan},
    report::AnyPage,
    words::{
        api::Api,
        bom::without_mark,
        error::{Error, Result},
        operation::Operation,
        problem::{Evidence, Problem},
    },
};

/// An API's operation, by its names on the wire.
struct Names {
    id: &'static str,
    path: &'static str,
    account: &'static str,
    page: &'static str,
    per_page: &'static str,
}

macro_rules! names {
    ($operation:ident) => {
        Names {
            id: $operation::ID,
            path: $operation::PATH,
            account: $operation::account_id,
            page: $operation::page,
            per_page: $operation::per_page,
        }
    };
}

/// The beta has one operation.
fn names(api: Api, operation: &Operation) -> Names {
    match (api, operation) {
        (Api::Beta, _) => names!(beta_aggregate),
        (Api::CallsV1, Operation::Aggregate) => names!(aggregate),
        (Api::CallsV1, Operation::Timeline(_)) => names!(timeline),
    }
}

/// The operation's name in an API's document.
pub(crate) fn id(api: Api, operation: &Operation) -> &'static str {
    names(api, operation).id
}

/// Where an API has the plan's operation. A test compares it with what is sent.
pub(crate) fn path(plan: &Plan) -> String {
    let Names { path, account, .. } = names(plan.api, &plan.operation);
    path.replace(&format!("{{{account}}}"), &callperf_raw::encode_path(&plan.account))
}

/// The parameters in the address of a plan's page.
pub(crate) fn parameters(plan: &Plan, page: u32) -> Vec<(String, String)> {
    let names = names(plan.api, &plan.operation);
    let interval = match &plan.operation {
        Operation::Timeline(interval) => {
            Some((timeline::interval.to_owned(), interval.to_string()))
        }
        Operation::Aggregate => None,
    };
    let paging = [(names.page, page), (names.per_page, plan.per_page)];
    let paging = paging.map(|(name, number)| (name.to_owned(), number.to_string()));
    interval.into_iter().chain(paging).chain(plan.parameters.clone()).collect()
}

/// Refuses parameters that the address has already: a server may heed either.
///
/// # Errors
/// [`ErrorKind::Query`](crate::ErrorKind::Query) with each.
pub(crate) fn check_parameters(draft: &Draft) -> Result<()> {
    let names = names(draft.api, &draft.operation);
    let is_own = |name: &str| {
        let is_interval =
            matches!(draft.operation, Operation::Timeline(_)) && name == timeline::interval;
        name == names.page || name == names.per_page || is_interval
    };
    let problem = |(name, _): &(String, String)| Problem {
        rule: "parameter",
        word: format!("parameter {name}"),
        remedy: "the request has it already; leave it out, or use per_page or page".to_owned(),
        evidence: Evidence::Crate,
    };
    let own: Vec<_> =
        draft.parameters.iter().filter(|(name, _)| is_own(name)).map(problem).collect();
    if own.is_empty() { Ok(()) } else { Err(Error::query(own)) }
}

/// The body of a plan's request, which is the same for each page.
pub(crate) fn body(plan: &Plan) -> Json {
    match (plan.api, &plan.operation) {
        (Api::Beta, _) => as_json(&beta::request(plan)),
        (Api::CallsV1, Operation::Aggregate) => as_json(&calls_v1::aggregation_request(plan)),
        (Api::CallsV1, Operation::Timeline(_)) => as_json(&calls_v1::timeline_request(plan)),
    }
}

/// Reads the bytes of a response to the plan.
///
/// # Errors
/// [`ErrorKind::Answer`](crate::ErrorKind::Answer) if they aren't one.
pub(crate) fn read(plan: &Plan, body: &[u8]) -> Result<AnyPage> {
    let body = without_mark(body);
    match (plan.api, &plan.operation) {
        (Api::Beta, _) => beta::read_bytes(plan, body).map(AnyPage::Records),
        (Api::CallsV1, Operation::Aggregate) => {
            calls_v1::read_aggregation_bytes(plan, body).map(AnyPage::Records)
        }
        (Api::CallsV1, Operation::Timeline(_)) => {
            calls_v1::read_timeline_bytes(plan, body).map(AnyPage::Series)
        }
    }
}
