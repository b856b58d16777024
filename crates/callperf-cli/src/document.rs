//! What a report is made of before it is shown: what was asked, and the
//! records. Its JSON is the output of `--format json`.

use callperf::{
    Api, Client, Error, Interval, Notice, Query, Record, Row, Series, period::ResolvedPeriod,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::console::Meter;

/// The answer to `report`: a record per key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Report {
    /// What was asked.
    #[serde(flatten)]
    pub(crate) heading: Heading,
    /// One record per key.
    pub(crate) records: Vec<Record>,
}

/// The answer to `timeline`: a series of points per key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Timeline {
    /// What was asked.
    #[serde(flatten)]
    pub(crate) heading: Heading,
    /// The stretch of time of a point: `Hour`, `Day`, `Week` or `Month`.
    pub(crate) interval: Interval,
    /// One series per key.
    pub(crate) records: Vec<Series>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Heading {
    /// The API that answered: `beta` or `calls-v1`.
    pub(crate) api: String,
    /// What a record is, as it was asked for.
    pub(crate) group_by: String,
    /// The period that the calls started in.
    pub(crate) period: Span,
    /// What a reader should know: a period cut short, a record left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(crate) notices: Vec<String>,
}

/// From an instant up to, and not including, another.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Span {
    /// The first instant, in RFC 3339.
    #[schemars(with = "String")]
    pub(crate) from: Timestamp,
    /// The first instant after the period, in RFC 3339.
    #[schemars(with = "String")]
    pub(crate) to: Timestamp,
    /// The IANA name of the zone that days and hours are cut in.
    pub(crate) time_zone: String,
}

/// What was asked, in the words of whoever asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) group_by: &'a str,
    pub(crate) time_zone: &'a str,
}

impl Heading {
    fn new(api: Api, asked: Asked<'_>, period: ResolvedPeriod, notices: &[Notice]) -> Self {
        Self {
            api: api.to_string(),
            group_by: asked.group_by.to_owned(),
            period: Span {
                from: period.from(),
                to: period.to(),
                time_zone: asked.time_zone.to_owned(),
            },
            notices: notices.iter().map(ToString::to_string).collect(),
        }
    }
}

pub(crate) async fn report(
    client: &Client,
    query: &Query,
    asked: Asked<'_>,
) -> Result<Report, Error> {
    let (heading, records) = pull(client, client.aggregate(query), asked).await?;
    Ok(Report { heading, records })
}

pub(crate) async fn timeline(
    client: &Client,
    query: &Query,
    interval: Interval,
    asked: Asked<'_>,
) -> Result<Timeline, Error> {
    let call = client.timeline(query, interval.clone());
    let (heading, records) = pull(client, call, asked).await?;
    Ok(Timeline { heading, interval, records })
}

async fn pull<T: Row>(
    client: &Client,
    call: callperf::Call<T>,
    asked: Asked<'_>,
) -> Result<(Heading, Vec<T>), Error> {
    let meter = Meter::new("reading");
    let mut stream = call.on_progress(meter.hook()).records();
    let mut records = Vec::new();
    while let Some(record) = stream.try_next().await? {
        records.push(record);
    }
    // A query without a period has failed above.
    let Some(period) = stream.period() else { unreachable!("a pull that succeeded has a period") };
    Ok((Heading::new(client.api(), asked, period, stream.notices()), records))
}
