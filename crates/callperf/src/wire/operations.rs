//! Where each API has an operation, what it is called there, and its body.

use serde_json::Value as Json;

use super::{beta, calls_v1, decode::as_json};
use crate::{
    plan::Plan,
    report::AnyPage,
    words::{api::Api, error::Result, operation::Operation},
};

/// The operation's name in an API's document; the beta has one.
pub(crate) fn id(api: Api, operation: &Operation) -> &'static str {
    match (api, operation) {
        (Api::Beta, _) => "aggregatePerformanceReportCalls",
        (Api::CallsV1, Operation::Aggregate) => "analyticsCallsAggregationFetch",
        (Api::CallsV1, Operation::Timeline(_)) => "analyticsCallsTimelineFetch",
    }
}

/// Where an API has the plan's operation. A test compares it with what is sent.
pub(crate) fn path(plan: &Plan) -> String {
    let account = callperf_raw::encode_path(&plan.account);
    match (plan.api, &plan.operation) {
        (Api::Beta, _) => {
            format!("/restapi/v1.0/account/{account}/analytics/performance/calls/aggregate")
        }
        (Api::CallsV1, Operation::Aggregate) => {
            format!("/analytics/calls/v1/accounts/{account}/aggregation/fetch")
        }
        (Api::CallsV1, Operation::Timeline(_)) => {
            format!("/analytics/calls/v1/accounts/{account}/timeline/fetch")
        }
    }
}

/// The parameters in the address of a plan's page.
pub(crate) fn parameters(plan: &Plan, page: u32) -> Vec<(String, String)> {
    let interval = match &plan.operation {
        Operation::Timeline(interval) => Some(("interval".to_owned(), interval.to_string())),
        Operation::Aggregate => None,
    };
    let paging = [("page", page), ("perPage", plan.per_page)];
    let paging = paging.map(|(name, number)| (name.to_owned(), number.to_string()));
    interval.into_iter().chain(paging).chain(plan.parameters.clone()).collect()
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
