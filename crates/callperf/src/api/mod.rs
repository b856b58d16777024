//! The APIs: how the domain's words are spelled on each, and the way of a
//! query to the wire and of an answer back.

pub(crate) mod beta;
pub(crate) mod calls_v1;
pub(crate) mod decode;
mod left_out;
mod salvage;
pub(crate) mod spelling;

use std::fmt;

use crate::{client::Prepared, vocabulary::Interval};

/// The API that a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Api {
    /// The 2021 private beta: sums by group, no timeline.
    Beta,
    /// What the beta became, live today ("Business Analytics").
    #[default]
    CallsV1,
}

impl Api {
    /// The APIs that this crate speaks.
    pub const KNOWN: &'static [Self] = &[Self::Beta, Self::CallsV1];

    /// The API's name, as the specification folder and the command line say it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Beta => "beta",
            Self::CallsV1 => "calls-v1",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Api {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::KNOWN.iter().copied().find(|api| api.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::KNOWN.iter().map(Self::as_str).collect();
            crate::Error::new(
                crate::ErrorKind::Settings,
                format!("no API is called `{text}`; there are {}", known.join(", ")),
            )
        })
    }
}

impl Operation {
    /// Where an API has it. A test compares it with what is sent.
    pub(crate) fn path(&self, api: Api, account: &str) -> String {
        let account = progenitor_client::encode_path(account);
        match (api, self) {
            (Api::Beta, _) => {
                format!("/restapi/v1.0/account/{account}/analytics/performance/calls/aggregate")
            }
            (Api::CallsV1, Self::Aggregate) => {
                format!("/analytics/calls/v1/accounts/{account}/aggregation/fetch")
            }
            (Api::CallsV1, Self::Timeline(_)) => {
                format!("/analytics/calls/v1/accounts/{account}/timeline/fetch")
            }
        }
    }

    /// The operation's name in an API's document; the beta has one.
    pub(crate) fn id(&self, api: Api) -> &'static str {
        match (api, self) {
            (Api::Beta, _) => "aggregatePerformanceReportCalls",
            (Api::CallsV1, Self::Aggregate) => "analyticsCallsAggregationFetch",
            (Api::CallsV1, Self::Timeline(_)) => "analyticsCallsTimelineFetch",
        }
    }
}

/// The body of a request.
pub(crate) fn body(api: Api, prepared: &Prepared) -> serde_json::Value {
    match (api, &prepared.operation) {
        (Api::Beta, _) => as_json(&beta::request(prepared)),
        (Api::CallsV1, Operation::Aggregate) => as_json(&calls_v1::aggregation_request(prepared)),
        (Api::CallsV1, Operation::Timeline(_)) => as_json(&calls_v1::timeline_request(prepared)),
    }
}

/// A generated type as JSON.
fn as_json(item: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(item).unwrap_or_default()
}

/// What is asked of an API: one record per key, or a series per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Aggregate,
    Timeline(Interval),
}
