//! A query in the circumstances in which it is asked, and what the checks share.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::spelling::Spelling;
use crate::{
    query::{Dimension, Filter, Measure, Query},
    words::{api::Api, metric::MetricName, operation::Operation, period::ResolvedPeriod},
};

/// A query in the circumstances in which it is subject.
pub(crate) struct Subject<'a> {
    pub(crate) api: Api,
    pub(crate) spelling: &'a dyn Spelling,
    pub(crate) operation: &'a Operation,
    pub(crate) query: &'a Query,
    pub(crate) time_zone: Option<&'a TimeZone>,
    pub(crate) period: Option<&'a Result<ResolvedPeriod, String>>,
    pub(crate) now: Timestamp,
    pub(crate) page: u32,
    pub(crate) per_page: Option<u32>,
    /// The revision that the server speaks, if it isn't the current one.
    pub(crate) revision: Option<Date>,
}

/// A word that breaks a rule, and what would be right.
pub(super) type Breach = (String, String);

pub(super) fn breach(
    broken: bool,
    word: impl Into<String>,
    remedy: impl Into<String>,
) -> Vec<Breach> {
    if broken { vec![(word.into(), remedy.into())] } else { Vec::new() }
}

pub(super) fn measure_word(metric: MetricName, measure: &Measure) -> String {
    format!("{} {}", metric.as_str(), measure.breakdown)
}

pub(super) fn dimension_word(dimension: &Dimension) -> String {
    match dimension {
        Dimension::Each(grouping) => grouping.to_string(),
        Dimension::Members(members) => format!("members of {members}"),
    }
}

pub(super) fn word_filters<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Filter> {
    subject.query.filters.iter().filter(|filter| filter.has_words())
}

pub(super) fn resolved<'a>(subject: &Subject<'a>) -> Option<&'a ResolvedPeriod> {
    subject.period?.as_ref().ok()
}

/// The largest page that the API's document allows; the beta's states none.
pub(crate) fn largest_page(api: Api, operation: &Operation) -> Option<u32> {
    match (api, operation) {
        (Api::Beta, _) => None,
        (Api::CallsV1, Operation::Aggregate) => Some(200),
        (Api::CallsV1, Operation::Timeline(_)) => Some(20),
    }
}
