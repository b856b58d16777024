//! What the APIs refuse of groupings and their keys.

use super::subject::{Breach, Subject, breach, dimension_word, measure_word};
use crate::{
    query::{Dimension, Filter},
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
    let dimension = &subject.query.group_by.dimension;
    if *dimension == Dimension::Each(Grouping::Queues) {
        return Vec::new();
    }
    let remedy = format!("queues only, not {}; group by queues", dimension_word(dimension));
    let measured = subject
        .query
        .measures()
        .filter(|(_, measure)| measure.breakdown == Breakdown::QueueSla)
        .map(|(metric, measure)| measure_word(metric, measure));
    let filtered = subject
        .query
        .filters
        .iter()
        .filter(|filter| matches!(filter, Filter::QueueSla(_)))
        .map(|filter| format!("filter {}", filter.name()));
    measured.chain(filtered).map(|word| (word, remedy.clone())).collect()
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
                  was built with (ClientBuilder::key_resolver); without one, give keys";
    let names = subject.query.group_by.names.iter();
    names.map(|name| (format!("name {name:?}"), remedy.to_owned())).collect()
}
