//! A page as it was sent, to be read later.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::planned::Planned;
use crate::{
    plan::{Draft, Plan},
    query::{
        Query,
        fingerprint::{Fingerprint, PERIOD},
    },
    words::{
        error::{Error, ErrorKind, Result},
        operation::Operation,
    },
};

/// A page as the server sent it, with what is needed to read it later: what
/// [`Request::raw`](crate::Request::raw) returns and
/// [`Request::read_raw`](crate::Request::read_raw) reads.
///
/// It serialises, so that it can be kept in a file or a cache, and later versions read it. It holds
/// all that the server sent, names and numbers of people included, and nothing of the request's
/// headers. Its `Debug` leaves the bytes out.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use callperf::{Breakdown, Client, Credentials, GroupBy, Period, Query, RawPage};
///
/// # let client = Client::builder().credentials(Credentials::jwt("id", "secret", "jwt")).build()?;
/// let query = Query::new(GroupBy::queues(), Period::last_days(7), "Europe/Zurich")
///     .calls(Breakdown::Total);
/// // What `client.aggregate(&query).raw(1)` returned three weeks ago, from a file.
/// # let file = r#"{"format": "callperf-raw-page-1", "api": "calls-v1", "operation": "aggregate",
/// #     "fingerprint": "e51d3189-3cea6115-5ae1625b-4f53cda1", "metrics": ["calls total Sum"],
/// #     "resolved_at": "2026-11-24T12:00:00Z",
/// #     "period": {"from": "2026-11-16T23:00:00Z", "to": "2026-11-23T23:00:00Z"}, "page": 1,
/// #     "body": "{\"data\": {\"groupedBy\": \"Queues\", \"records\": []}}"}"#;
/// let kept: RawPage = serde_json::from_str(file)?;
/// let page = client.aggregate(&query).read_raw(&kept)?;
/// assert_eq!(page.period.from().to_string(), "2026-11-16T23:00:00Z");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawPage {
    format: Format,
    api: String,
    operation: String,
    fingerprint: String,
    metrics: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys_of_names: Vec<String>,
    resolved_at: Timestamp,
    period: Ends,
    /// Pages that were kept before it was have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_widened: bool,
    #[serde(deserialize_with = "page_number")]
    page: u32,
    body: String,
}

/// A later form has another name, and isn't read as this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format;

const FORMAT: &str = "callperf-raw-page-1";

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(FORMAT)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let format = <Cow<'de, str>>::deserialize(deserializer)?;
        if format == FORMAT {
            return Ok(Self);
        }
        let is_later = format.starts_with("callperf-raw-page-");
        Err(de::Error::custom(if is_later {
            format!(
                "the page is of the form {format:?}, which a later version of callperf wrote, and \
                 this one reads {FORMAT:?}; use that version, or fetch the page again"
            )
        } else {
            format!("{format:?} isn't the form of a kept page, which is {FORMAT:?}")
        }))
    }
}

fn page_number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(de::Error::custom("page 0: pages are numbered from 1")),
        number => Ok(number),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ends {
    from: Timestamp,
    to: Timestamp,
}

impl fmt::Debug for RawPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPage")
            .field("api", &self.api)
            .field("operation", &self.operation)
            .field("fingerprint", &self.fingerprint)
            .field("period", &self.period)
            .field("page", &self.page)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl RawPage {
    /// The page that a plan's request returned.
    pub(super) fn new(planned: &Planned, plan: &Plan, page: u32, body: Vec<u8>) -> Result<Self> {
        let not_text = |_| Error::new(ErrorKind::Answer, "the response isn't UTF-8");
        let draft = &planned.draft;
        Ok(Self {
            format: Format,
            api: draft.api.as_str().to_owned(),
            operation: operation(draft).to_owned(),
            fingerprint: fingerprint(plan),
            metrics: metrics(&draft.query),
            parameters: draft.parameters.clone(),
            names: names(&draft.query),
            keys_of_names: planned.keys_of_names().to_vec(),
            resolved_at: planned.resolved_at().unwrap_or_default(),
            period: Ends { from: plan.period.from(), to: plan.period.to() },
            time_zone: Some(plan.query.time_zone.clone()),
            is_widened: plan.widening.is_some(),
            page,
            body: String::from_utf8(body).map_err(not_text)?,
        })
    }

    /// A request for it, as it was then.
    pub(super) fn planned(&self, now: &Planned) -> Planned {
        now.as_of(self.resolved_at, &self.keys_of_names, self.is_widened)
    }

    /// Refuses a page of another API or operation, or one that was asked for other numbers.
    pub(super) fn check_place(&self, draft: &Draft) -> Result<()> {
        let api = draft.api.as_str();
        let operation = operation(draft);
        let mut differences = Vec::new();
        if self.api != api {
            differences.push(format!("the API ({} then, {api} here)", self.api));
        }
        if self.operation != operation {
            differences.push(format!("the operation ({} then, {operation} here)", self.operation));
        }
        let same = [
            (self.metrics == metrics(&draft.query), "the metrics"),
            (self.names == names(&draft.query), "the names that it is grouped by"),
            (self.parameters == draft.parameters, "the parameters in the address"),
        ];
        let differing = same.into_iter().filter(|(is_same, _)| !is_same);
        differences.extend(differing.map(|(_, part)| part.to_owned()));
        refuse(&differences)
    }

    /// Refuses a page that counts other calls.
    pub(super) fn check_query(&self, plan: &Plan) -> Result<()> {
        let then = self.fingerprint.parse::<Fingerprint>().ok();
        let Some((then, here)) = then.zip(plan.fingerprint.0) else {
            return refuse(&["the fingerprint, which can't be read".to_owned()]);
        };
        let differences = here.all_differences(&then).into_iter().map(|part| match part {
            // The days of another zone are other ones, too.
            PERIOD => self.other_zone(plan).unwrap_or_else(|| self.other_period(plan)),
            _ => part.to_owned(),
        });
        refuse(&differences.collect::<Vec<_>>())
    }

    /// The period, or else the interval.
    fn other_period(&self, plan: &Plan) -> String {
        let Ends { from, to } = self.period;
        if (from, to) == (plan.period.from(), plan.period.to()) {
            return "the interval, or a time zone with the same days".to_owned();
        }
        format!("the period ({from} to {to} then, {} here)", plan.period)
    }

    /// The time zone, if it is another one than the plan's.
    fn other_zone(&self, plan: &Plan) -> Option<String> {
        let here = &plan.query.time_zone;
        let then = self.time_zone.as_ref().filter(|then| *then != here)?;
        Some(format!("the time zone ({then} then, {here} here)"))
    }

    /// The API that it came from, by its name ([`Api::as_str`](crate::Api::as_str)).
    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }

    /// The number of the page, from 1.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page
    }

    /// The first instant of its period.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.period.from
    }

    /// The first instant after its period.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.period.to
    }

    /// The instant at which its period was resolved: shortly before it was requested.
    #[must_use]
    pub fn resolved_at(&self) -> Timestamp {
        self.resolved_at
    }

    /// Digests of the query, as records have them in JSON.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The body of the response, as it was sent.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }
}

fn operation(draft: &Draft) -> &'static str {
    match draft.operation {
        Operation::Aggregate => "aggregate",
        Operation::Timeline(_) => "timeline",
    }
}

fn fingerprint(plan: &Plan) -> String {
    plan.fingerprint.0.map(|fingerprint| fingerprint.to_string()).unwrap_or_default()
}

/// The numbers that are asked for.
fn metrics(query: &Query) -> Vec<String> {
    let metrics = query.measures().map(|(metric, measure)| {
        let interval = measure.interval.as_ref().map(|interval| format!(" per {interval}"));
        let (breakdown, aggregation) = (&measure.breakdown, &measure.aggregation);
        let interval = interval.unwrap_or_default();
        format!("{} {breakdown} {aggregation}{interval}", metric.as_str())
    });
    sorted(metrics.collect())
}

fn names(query: &Query) -> Vec<String> {
    sorted(query.group_by.names.clone())
}

/// Their order in the query makes no difference.
fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.sort_unstable();
    items.dedup();
    items
}

fn refuse(differences: &[String]) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    let reason = format!(
        "the kept page answers another request; what differs: {}. Read it with the request that \
         it was fetched by",
        differences.join(", ")
    );
    Err(Error::new(ErrorKind::Answer, reason))
}
