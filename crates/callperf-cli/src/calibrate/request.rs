//! Requests, as they are sent.

use serde_json::{Map, Value as Json, json};

use super::period::{DAY, DAYS, Setup, ZONE, instant};

/// One request. All of them read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    /// What the notebook has its outcome under.
    pub(super) name: String,
    /// What is asked, for a person.
    pub(super) purpose: String,
    pub(super) family: Family,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Json>,
    /// Whether only the way that the response is sent matters.
    pub(super) is_about_encoding: bool,
}

/// Operations that share a quota and a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Reports,
    Account,
}

/// The most records that a page of an aggregation has.
pub(super) const MOST_ON_PAGE: u64 = 200;

pub(super) const ACCOUNT: &str = "/restapi/v1.0/account/~";

/// Where a report's request goes to.
pub(super) fn path(account: &str, is_timeline: bool) -> String {
    let operation = if is_timeline { "timeline" } else { "aggregation" };
    format!("/analytics/calls/v1/accounts/{account}/{operation}/fetch")
}

impl Request {
    /// An aggregation over the whole period.
    pub(super) fn aggregation(setup: &Setup, name: &str, purpose: &str, group: &str) -> Self {
        let body = json!({
            "grouping": {"groupBy": group},
            "timeSettings": {"timeZone": ZONE, "timeRange": whole(setup)},
            "responseOptions": {"counters": {}},
        });
        Self {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            family: Family::Reports,
            path: path("~", false),
            query: Vec::new(),
            body: Some(body),
            is_about_encoding: false,
        }
    }

    /// A timeline of all calls over the whole period.
    pub(super) fn timeline(
        setup: &Setup,
        name: &str,
        purpose: &str,
        (group, interval): (&str, &str),
    ) -> Self {
        let request = Self::aggregation(setup, name, purpose, group);
        let query = vec![("interval", interval.to_owned())];
        let request = Self { path: path("~", true), query, ..request };
        request.with("/responseOptions/counters", json!({"allCalls": true}))
    }

    /// The account of the login.
    pub(super) fn account(name: &str, purpose: &str) -> Self {
        Self {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            family: Family::Account,
            path: ACCOUNT.to_owned(),
            query: Vec::new(),
            body: None,
            is_about_encoding: false,
        }
    }

    /// With a value in the body; objects on the way are made.
    pub(super) fn with(mut self, pointer: &str, value: Json) -> Self {
        let mut place = self.body.get_or_insert_with(|| json!({}));
        for name in pointer.split('/').skip(1) {
            place = &mut place[name];
        }
        *place = value;
        self
    }

    /// With these counters, all in one aggregation.
    pub(super) fn counting(self, options: &[&str], aggregation: &str) -> Self {
        let options = options
            .iter()
            .map(|option| ((*option).to_owned(), json!({"aggregationType": aggregation})));
        self.with("/responseOptions/counters", Json::Object(options.collect::<Map<_, _>>()))
    }

    pub(super) fn parameter(mut self, name: &'static str, value: u64) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub(super) fn keys(self, keys: &[String]) -> Self {
        self.with("/grouping/keys", json!(keys))
    }

    pub(super) fn between(self, from: &str, to: &str) -> Self {
        self.with("/timeSettings/timeRange", json!({"timeFrom": from, "timeTo": to}))
    }

    pub(super) fn hours(self, windows: &[(String, String)]) -> Self {
        let windows: Vec<_> =
            windows.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
        self.with("/timeSettings/advancedTimeSettings", json!({"includeHours": windows}))
    }
}

/// The wire includes its end.
fn whole(setup: &Setup) -> Json {
    let last = setup.from + DAYS * DAY - 1;
    json!({"timeFrom": instant(setup.from, 0), "timeTo": instant(last, 999)})
}
