//! What the APIs refuse of groupings and their keys.

use super::subject::{Breach, Subject, breach, dimension_word, measure_word};
use crate::{
    query::Dimension,
    words::{
        metric::MetricName,
        vocabulary::{Aggregation, Breakdown, Grouping},
    },
};

pub(super) fn grouping_exists(subject: &Subject<'_>) -> Vec<Breach> {
    let dimension = &subject.query.group_by.dimension;
    let missing = !subject.spelling.has_grouping(dimension);
    breach(missing, dimension_word(dimension), "the beta has no such grouping; use Api::CallsV1")
}

pub(super) fn keys_empty(subject: &Subject<'_>) -> Vec<Breach> {
    let group_by = &subject.query.group_by;
    if group_by.keys.iter().chain(&group_by.names).any(|key| key.trim().is_empty()) {
        return breach(true, "keys", "one of them is an empty text; leave it out");
    }
    breach(
        group_by.keys_given_empty,
        "keys",
        "the list is empty; name at least one key, or ask for all of them with all_keys()",
    )
}

pub(super) fn company_has_no_keys(subject: &Subject<'_>) -> Vec<Breach> {
    let group_by = &subject.query.group_by;
    breach(
        group_by.dimension == Dimension::Each(Grouping::Company) && !group_by.keys.is_empty(),
        "keys",
        "the company is one record and takes no keys; leave them out",
    )
}

pub(super) fn members_need_keys(subject: &Subject<'_>) -> Vec<Breach> {
    let group_by = &subject.query.group_by;
    breach(
        matches!(group_by.dimension, Dimension::Members(_))
            && group_by.keys.is_empty()
            && !group_by.keys_given_empty,
        dimension_word(&group_by.dimension),
        "on the beta this grouping needs keys: the ids of what the users belong to",
    )
}

pub(super) fn queue_sla_of_queues(subject: &Subject<'_>) -> Vec<Breach> {
    let measured = measured_by(subject, &Breakdown::QueueSla);
    of_queues_only(subject, measured.chain(filtered_by(subject, &Breakdown::QueueSla)))
}

/// The vendor says it of the filter alone.
pub(super) fn queue_hours_of_queues(subject: &Subject<'_>) -> Vec<Breach> {
    of_queues_only(subject, filtered_by(subject, &Breakdown::QueueHours))
}

/// What the query measures by a breakdown.
fn measured_by<'a>(
    subject: &Subject<'a>,
    breakdown: &'a Breakdown,
) -> impl Iterator<Item = String> + 'a {
    let measures = subject.query.measures();
    let by_it = measures.filter(move |(_, measure)| measure.breakdown == *breakdown);
    by_it.map(|(metric, measure)| measure_word(metric, measure))
}

/// The query's filter of a breakdown's words.
fn filtered_by<'a>(
    subject: &Subject<'a>,
    breakdown: &'a Breakdown,
) -> impl Iterator<Item = String> + 'a {
    let filters = subject.query.filters.iter();
    let by_it = filters.filter(move |filter| filter.breakdown().as_ref() == Some(breakdown));
    by_it.map(|filter| format!("filter {}", filter.name()))
}

fn of_queues_only(subject: &Subject<'_>, words: impl Iterator<Item = String>) -> Vec<Breach> {
    let dimension = &subject.query.group_by.dimension;
    if *dimension == Dimension::Each(Grouping::Queues) {
        return Vec::new();
    }
    let remedy = format!("queues only, not {}; group by queues", dimension_word(dimension));
    words.map(|word| (word, remedy.clone())).collect()
}

pub(super) fn groups_users(dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Members(_) | Dimension::Each(Grouping::Users))
}

pub(super) fn queue_opportunities_of_users(subject: &Subject<'_>) -> Vec<Breach> {
    let dimension = &subject.query.group_by.dimension;
    subject
        .query
        .calls
        .iter()
        .filter(|measure| measure.breakdown == Breakdown::QueueOpportunities)
        .filter_map(|measure| {
            let word = measure_word(MetricName::Calls, measure);
            if !groups_users(dimension) {
                Some((word, "users and members of groups only; group by one of these".to_owned()))
            } else if measure.aggregation != Aggregation::Sum {
                Some((word, format!("summed only, not {}", measure.aggregation)))
            } else {
                None
            }
        })
        .collect()
}

/// Names that no resolver has turned into keys.
pub(super) fn key_names(subject: &Subject<'_>) -> Vec<Breach> {
    let remedy = "names are looked up when a page is fetched, by the KeyResolver that the client \
                  was built with (ClientBuilder::key_resolver), or else in the company's \
                  directory; they aren't known before";
    let names = subject.query.group_by.names.iter();
    names.map(|name| (format!("name {name:?}"), remedy.to_owned())).collect()
}
