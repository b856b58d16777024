//! What the APIs refuse of filters.

use super::{
    grouping::groups_users,
    subject::{Breach, Subject, breach, dimension_word, word_filters},
};
use crate::{
    query::{Dimension, Filter, Length},
    words::vocabulary::Grouping,
};

pub(super) fn filter_twice(subject: &Subject<'_>) -> Vec<Breach> {
    let filters = &subject.query.filters;
    let same = |one: &Filter, other: &Filter| {
        let field_of = |name: &Filter, filter: &Filter| {
            matches!(name, Filter::Wire { .. })
                && subject.spelling.fields(filter).contains(&name.name())
        };
        one.name() == other.name() || field_of(one, other) || field_of(other, one)
    };
    let repeated = filters
        .iter()
        .enumerate()
        .filter(|(at, filter)| filters[..*at].iter().any(|one| same(one, filter)));
    repeated
        .map(|(_, filter)| {
            (
                format!("filter {}", filter.name()),
                "given twice; put its words into one filter, where they are joined by OR"
                    .to_owned(),
            )
        })
        .collect()
}

pub(super) fn filter_empty(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .filters
        .iter()
        .filter_map(|filter| {
            let remedy = if filter.is_empty_list() {
                "has no word; name at least one, or leave the filter out"
            } else if filter.words().iter().any(|word| word.trim().is_empty()) {
                "one of its words is an empty text; leave it out"
            } else if filter.lengths().any(Length::is_unlimited) {
                "its length has neither a minimum nor a maximum; give one, or leave it out"
            } else {
                return None;
            };
            Some((format!("filter {}", filter.name()), remedy.to_owned()))
        })
        .collect()
}

pub(super) fn days_empty(subject: &Subject<'_>) -> Vec<Breach> {
    breach(
        subject.query.days_given_empty,
        "days",
        "the list is empty; name at least one day, or leave on_days(…) out",
    )
}

pub(super) fn hours_empty(subject: &Subject<'_>) -> Vec<Breach> {
    breach(
        subject.query.hours_given_empty,
        "hours",
        "the list is empty; name at least one span of hours, or leave in_hours(…) out",
    )
}

pub(super) fn filter_word_exists(subject: &Subject<'_>) -> Vec<Breach> {
    word_filters(subject)
        .filter(|filter| subject.spelling.has_filter(filter))
        .flat_map(|filter| filter.words().into_iter().map(move |word| (filter, word)))
        .filter(|(filter, word)| subject.spelling.place(filter, word).is_none())
        .map(|(filter, word)| {
            (
                format!("filter {}={word}", filter.name()),
                "the beta has no such word; use Api::CallsV1".to_owned(),
            )
        })
        .collect()
}

pub(super) fn filter_in_one_list(subject: &Subject<'_>) -> Vec<Breach> {
    word_filters(subject)
        .filter_map(|filter| {
            let lists = subject.spelling.lists(filter);
            (lists.len() > 1).then(|| {
                (
                    format!("filter {}={}", filter.name(), filter.words().join("|")),
                    format!(
                        "on the beta these words are in the lists {}, which are joined by AND; \
                         ask for the words of each list in a query of its own",
                        lists.join(" and ")
                    ),
                )
            })
        })
        .collect()
}

pub(super) fn filters_in_own_lists(subject: &Subject<'_>) -> Vec<Breach> {
    let filters: Vec<_> = word_filters(subject).collect();
    let mut breaches = Vec::new();
    for (at, filter) in filters.iter().enumerate() {
        for earlier in filters[..at].iter().filter(|earlier| earlier.name() != filter.name()) {
            let theirs = subject.spelling.lists(earlier);
            let shared =
                subject.spelling.lists(filter).into_iter().find(|list| theirs.contains(list));
            if let Some(list) = shared {
                breaches.push((
                    format!("filters {} and {}", earlier.name(), filter.name()),
                    format!(
                        "on the beta both would be in the list {list}, whose words are joined by \
                         OR; ask in two queries, or use Api::CallsV1"
                    ),
                ));
            }
        }
    }
    breaches
}

pub(super) fn filter_takes_one_word(subject: &Subject<'_>) -> Vec<Breach> {
    word_filters(subject)
        .filter(|filter| {
            let lists = subject.spelling.lists(filter);
            filter.words().len() > 1
                && lists.len() == 1
                && subject.spelling.takes_one_word(lists[0])
        })
        .map(|filter| {
            (
                format!("filter {}={}", filter.name(), filter.words().join("|")),
                "on the beta this filter takes one word; ask in a query for each, \
                 or use Api::CallsV1"
                    .to_owned(),
            )
        })
        .collect()
}

pub(super) fn filter_exists(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .filters
        .iter()
        .filter(|filter| !subject.spelling.has_filter(filter))
        .map(|filter| {
            (
                format!("filter {}", filter.name()),
                "the beta has no such filter; use Api::CallsV1".to_owned(),
            )
        })
        .collect()
}

pub(super) fn no_segment_length(subject: &Subject<'_>) -> Vec<Breach> {
    let has_length = |filter: &Filter| match filter {
        Filter::Segment(segments) => segments.iter().any(|segment| segment.length.is_some()),
        _ => false,
    };
    breach(
        subject.query.filters.iter().any(has_length),
        "filter segment",
        "on the beta a segment has no length; leave it out, or use Api::CallsV1",
    )
}

pub(super) fn no_days_and_hours(subject: &Subject<'_>) -> Vec<Breach> {
    breach(
        !subject.query.days.is_empty() || !subject.query.hours.is_empty(),
        "days and hours",
        "the beta can't select days of the week or hours of the day; use Api::CallsV1",
    )
}

pub(super) fn extension_filters_of_users(subject: &Subject<'_>) -> Vec<Breach> {
    let dimension = &subject.query.group_by.dimension;
    let both = groups_users(dimension)
        || matches!(dimension, Dimension::Each(Grouping::Ivrs | Grouping::SharedLines));
    let from_too = *dimension == Dimension::Each(Grouping::Queues);
    subject
        .query
        .filters
        .iter()
        .filter(|filter| match filter {
            Filter::FromExtensions(_) => !both && !from_too,
            Filter::ToExtensions(_) => !both,
            _ => false,
        })
        .map(|filter| {
            (
                format!("filter {}", filter.name()),
                format!(
                    "not for {}; group by users, members, IVRs or shared lines{}",
                    dimension_word(dimension),
                    if matches!(filter, Filter::FromExtensions(_)) { ", or queues" } else { "" }
                ),
            )
        })
        .collect()
}

pub(super) fn lengths_run_forward(subject: &Subject<'_>) -> Vec<Breach> {
    let filters = subject.query.filters.iter();
    filters
        .flat_map(|filter| filter.lengths().map(move |length| (filter, length)))
        .filter(|(_, length)| runs_backward(length))
        .map(|(filter, _)| {
            (
                format!("filter {}", filter.name()),
                "its minimum is larger than its maximum; no call would pass".to_owned(),
            )
        })
        .collect()
}

fn runs_backward(length: &Length) -> bool {
    matches!((length.min_seconds, length.max_seconds), (Some(min), Some(max)) if min > max)
}

pub(super) fn hours_are_hours(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .hours
        .iter()
        .flat_map(|hours| [&hours.from, &hours.to])
        .filter(|text| !is_hour(text))
        .map(|text| {
            let remedy = match format!("0{text}") {
                padded if is_hour(&padded) => format!("not a time of day; write {padded}"),
                _ => "not a time of day; write hh:mm, 00:00 to 23:59".to_owned(),
            };
            (format!("hours {text}"), remedy)
        })
        .collect()
}

pub(crate) fn is_hour(text: &str) -> bool {
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(':').is_some_and(|(hour, minute)| {
        digits(hour) && digits(minute) && hour < "24" && minute < "60"
    })
}
