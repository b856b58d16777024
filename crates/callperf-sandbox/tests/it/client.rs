//! A client that checks every answer against the document of its revision.

use callperf_sandbox::{Builder, Sandbox};
use serde_json::{Value, json};

use crate::document::{self, Document};

pub(crate) const NOW: &str = "2025-06-02T00:00:00Z";
pub(crate) const AGGREGATION: &str = "/analytics/calls/v1/accounts/~/aggregation/fetch";
pub(crate) const TIMELINE: &str = "/analytics/calls/v1/accounts/~/timeline/fetch";
pub(crate) const BETA: &str = "/restapi/v1.0/account/~/analytics/performance/calls/aggregate";
pub(crate) const TOKEN: &str = "/restapi/oauth/token";
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(crate) struct Client {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
    /// The beta's and today's, which answers are checked against.
    documents: [&'static Document; 2],
}

pub(crate) fn builder() -> Builder {
    Sandbox::builder().seed(7).now(NOW.parse().unwrap())
}

/// Speaks the revision that the sandbox is written for, unless another of the API is asked for.
async fn in_own_names(builder: Builder) -> Sandbox {
    let [_, (api, date)] = document::WRITTEN_FOR;
    let own = builder.clone().revision(format!("{api}@{date}")).start().await;
    match own {
        Ok(sandbox) => sandbox,
        Err(_) => builder.start().await.unwrap(),
    }
}

impl Client {
    pub(crate) async fn new() -> Client {
        Client::on(builder()).await
    }

    /// One whose sandbox speaks a revision, and of the other API the usual one.
    pub(crate) async fn of(document: &Document) -> Client {
        Client::on(builder().revision(format!("{}@{}", document.api, document.date))).await
    }

    /// Requests have the names of the revisions that the sandbox is written for, also after a later one is adopted.
    pub(crate) async fn on(builder: Builder) -> Client {
        let sandbox = in_own_names(builder).await;
        let documents = sandbox.revisions().map(|(api, date)| document::of(api, date));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let form = [("grant_type", JWT_BEARER), ("assertion", sandbox.jwt())];
        let response = http
            .post(format!("{}{TOKEN}", sandbox.url()))
            .basic_auth(sandbox.client_id(), Some(sandbox.client_secret()))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let token: Value = response.json().await.unwrap();
        let token = token["access_token"].as_str().unwrap().to_owned();
        Client { sandbox, http, token, documents }
    }

    async fn response(&self, path: &str, body: String) -> reqwest::Response {
        let request = self
            .http
            .post(format!("{}{path}", self.sandbox.url()))
            .bearer_auth(&self.token)
            .header("content-type", "application/json");
        request.body(body).send().await.unwrap()
    }

    /// The status and the text of what comes back.
    pub(crate) async fn send(&self, path: &str, body: String) -> (u16, String) {
        let response = self.response(path, body).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// What is remarked on a request, and what comes back, checked as by [`Client::fetch`].
    pub(crate) async fn remarks(&self, path: &str, body: &Value) -> (Vec<String>, u16, Value) {
        let response = self.response(path, body.to_string()).await;
        let remarks = response.headers().get_all("x-sandbox-remark").iter();
        let remarks = remarks.map(|remark| remark.to_str().unwrap().to_owned()).collect();
        let status = response.status().as_u16();
        let value = response.json().await.unwrap();
        self.check(path, status, &value);
        (remarks, status, value)
    }

    /// What comes back, after it was checked against the document.
    pub(crate) async fn fetch(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, text) = self.send(path, body.to_string()).await;
        let value = serde_json::from_str(&text).unwrap();
        self.check(path, status, &value);
        (status, value)
    }

    fn check(&self, path: &str, status: u16, value: &Value) {
        let [beta, calls_v1] = self.documents;
        let document = if path.contains("/performance/") { beta } else { calls_v1 };
        document.check_response(path, status, value);
    }

    /// An answer; anything else fails the test.
    pub(crate) async fn ok(&self, path: &str, body: &Value) -> Value {
        let (status, value) = self.fetch(path, body).await;
        assert_eq!(status, 200, "{body}\n{value}");
        value
    }
}

/// The results of calls, as a filter has them.
pub(crate) const RESULTS: &[&str] = &[
    "Completed",
    "Abandoned",
    "Voicemail",
    "Unknown",
    "Missed",
    "Accepted",
    "Transferred",
    "PickedUp",
    "Forwarded",
    "AnsweredElsewhere",
];
/// The types.
pub(crate) const TYPES: &[&str] = &[
    "Direct",
    "FromQueue",
    "ParkRetrieval",
    "Transferred",
    "Outbound",
    "Overflow",
    "QueueCallPickup",
];

/// A body for the calls API that asks for sums of all that a grouping allows.
pub(crate) fn everything(group_by: &str) -> Value {
    let mut counters = json!({});
    let of_queues = |names: &'static [&str]| if group_by == "Queues" { names } else { &[] };
    let names = COUNTERS.iter().chain(of_queues(&["callsByQueueSla", "callsByQueueHours"]));
    for name in names.chain((group_by == "Users").then_some(&"queueOpportunities")) {
        counters[name] = json!({"aggregationType": "Sum"});
    }
    let mut timers = json!({});
    let more = of_queues(&["callsDurationByQueueSla", "callsDurationByQueueHours"]);
    for name in TIMERS.iter().chain(more) {
        timers[name] = json!({"aggregationType": "Sum"});
    }
    json!({
        "grouping": {"groupBy": group_by},
        "timeSettings": time("2025-05-01T00:00:00Z", "2025-05-31T23:59:59Z"),
        "responseOptions": {"counters": counters, "timers": timers},
    })
}

/// The number of calls of some keys.
pub(crate) fn question_of_keys(group_by: &str, keys: &[&str]) -> Value {
    let mut body = everything(group_by);
    body["grouping"]["keys"] = json!(keys);
    body["responseOptions"] = json!({"counters": {"allCalls": {"aggregationType": "Sum"}}});
    body
}

/// The same for the timeline.
pub(crate) fn every_point(group_by: &str) -> Value {
    let mut body = everything(group_by);
    for list in ["counters", "timers"] {
        let options = body["responseOptions"][list].as_object_mut().unwrap();
        options.values_mut().for_each(|option| *option = json!(true));
    }
    body
}

pub(crate) fn time(from: &str, to: &str) -> Value {
    json!({"timeZone": "America/New_York", "timeRange": {"timeFrom": from, "timeTo": to}})
}

const COUNTERS: &[&str] = &[
    "allCalls",
    "callsByDirection",
    "callsByOrigin",
    "callsByResponse",
    "callsSegments",
    "callsByResult",
    "callsByCompanyHours",
    "callsByActions",
    "callsByType",
    "callsByEndingParty",
];
const TIMERS: &[&str] = &[
    "allCallsDuration",
    "callsDurationByDirection",
    "callsDurationByOrigin",
    "callsDurationByResponse",
    "callsSegmentsDuration",
    "callsDurationByResult",
    "callsDurationByCompanyHours",
    "callsDurationByType",
    "callsDurationByEndingParty",
];

/// The same for the beta.
pub(crate) fn beta_everything(group_by: &str) -> Value {
    let mut options = json!({"counters": {}, "timers": {}});
    for (list, names) in [("counters", BETA_COUNTERS), ("timers", BETA_TIMERS)] {
        for name in names {
            if !name.ends_with("QueueSla") || group_by == "Queues" {
                options[list][name] = json!({"aggregationType": "Sum"});
            }
        }
    }
    let mut body = json!({
        "timeRange": {"timeFrom": "2025-05-01T00:00:00Z", "timeTo": "2025-05-31T23:59:59Z"},
        "responseOptions": options,
    });
    if group_by != "Company" {
        body["grouping"] = json!({"groupBy": group_by});
    }
    body
}

const BETA_COUNTERS: &[&str] = &[
    "allCalls",
    "callsByDirection",
    "callsByOrigin",
    "callsByResponse",
    "callsByResponseType",
    "callsBySegment",
    "callsByResult",
    "callsByActions",
    "callsByCompanyHours",
    "callsByQueueSla",
];
const BETA_TIMERS: &[&str] = &[
    "totalCallLength",
    "timeSpentByCallSegments",
    "callLengthByDirection",
    "callLengthByOrigin",
    "callLengthByResponse",
    "callLengthByResponseType",
    "callLengthByResult",
    "callsLengthByCompanyHours",
    "callsLengthByQueueSla",
];

pub(crate) fn records(answer: &Value) -> &Vec<Value> {
    answer["data"]["records"].as_array().unwrap()
}

/// A number, which must be whole.
pub(crate) fn number(value: &Value) -> u64 {
    let text = value.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    whole.parse().unwrap_or_else(|_| panic!("no whole number: {value}"))
}

/// All words of a metric together.
pub(crate) fn sum(metric: &Value) -> u64 {
    metric["values"].as_object().unwrap().values().map(number).sum()
}
