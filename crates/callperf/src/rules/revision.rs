//! What one revision of an API has and another lacks.

use super::{
    spelling::{Dropped, Later, Part},
    subject::{Breach, Subject, dimension_word, measure_word},
};
use crate::{
    query::{Filter, Measure},
    words::metric::MetricName,
};

/// What the API had once: a server of an earlier revision still has it.
pub(super) fn dropped(subject: &Subject<'_>) -> Vec<Breach> {
    let remedy = |part| {
        let Subject { api, spelling, operation, revision, .. } = subject;
        let Dropped { name, since } = spelling.dropped(operation, part, *revision)?;
        Some(format!(
            "`{name}` was dropped by {api} {since}; leave it out, or say which revision an older \
             server speaks, with ClientBuilder::revision"
        ))
    };
    parts(subject).filter_map(|(word, part)| Some((word, remedy(part)?))).collect()
}

/// What came later than the revision that the server speaks.
pub(super) fn later(subject: &Subject<'_>) -> Vec<Breach> {
    let Subject { api, spelling, operation, revision, .. } = subject;
    let Some(date) = revision else { return Vec::new() };
    let came = |part| spelling.later(operation, part, *revision).into_iter();
    let breach = |word: String, Later { name, since }: Later| {
        let remedy = format!(
            "`{name}` came with {api} {since}, and {date}, the server's revision, lacks it; leave \
             it out, or ask a server of a later revision"
        );
        (word, remedy)
    };
    let breaches = parts(subject)
        .flat_map(|(word, part)| came(part).map(move |later| breach(word.clone(), later)));
    breaches.collect()
}

/// Words of a breakdown that came later than the revision: until then the calls that have them now had other words.
pub(super) fn words_later(subject: &Subject<'_>) -> Vec<Breach> {
    let Some(date) = subject.revision else { return Vec::new() };
    let mut breaches: Vec<Breach> = Vec::new();
    for (metric, measure) in subject.query.measures() {
        let later = words_later_of(subject, metric, measure);
        let word = measure_word(metric, measure);
        let is_known = breaches.iter().any(|(known, _)| *known == word);
        let Some(last) = later.iter().map(|later| later.since).max().filter(|_| !is_known) else {
            continue;
        };
        let names: Vec<_> = later.iter().map(|later| format!("`{}`", later.name)).collect();
        let remedy = format!(
            "not comparable with {} {last} and later, which have {}: {date}, the server's \
             revision, has other words for these calls",
            subject.api,
            names.join(", ")
        );
        breaches.push((word, remedy));
    }
    breaches
}

/// None for a breakdown that the revision lacks as a whole.
fn words_later_of(subject: &Subject<'_>, metric: MetricName, measure: &Measure) -> Vec<Later> {
    let Subject { spelling, operation, revision, .. } = subject;
    let later = |part| spelling.later(operation, part, *revision);
    let Some(filter) = Filter::of_all_words(&measure.breakdown) else { return Vec::new() };
    if !later(Part::Measure(metric, measure)).is_empty() {
        return Vec::new();
    }
    let words = filter.words();
    let is_word = |name: &str| {
        let mut places = words.iter().filter_map(|word| spelling.place(&filter, word));
        places.any(|(_, spelled)| spelled == name)
    };
    let mut later = later(Part::Filter(&filter));
    later.retain(|later| is_word(later.name));
    later
}

/// What is put into a request by itself, with its name in the query.
fn parts<'q>(subject: &Subject<'q>) -> impl Iterator<Item = (String, Part<'q>)> {
    let query = subject.query;
    let measures = query
        .measures()
        .map(|(metric, measure)| (measure_word(metric, measure), Part::Measure(metric, measure)));
    let filters = query.filters.iter();
    let filters = filters.map(|filter| (format!("filter {}", filter.name()), Part::Filter(filter)));
    let group_by = &query.group_by;
    let others = [
        (dimension_word(&group_by.dimension), Part::GroupBy(group_by)),
        ("days".to_owned(), Part::Days(&query.days)),
        ("hours".to_owned(), Part::Hours(&query.hours)),
    ];
    measures.chain(filters).chain(others)
}
