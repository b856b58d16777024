//! What an API had once: a server of an earlier revision still has it.

use super::{
    spelling::{Dropped, Part},
    subject::{Breach, Subject, dimension_word, measure_word},
};

pub(super) fn dropped(subject: &Subject<'_>) -> Vec<Breach> {
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
    let parts = measures.chain(filters).chain(others);
    parts.filter_map(|(word, part)| Some((word, remedy(subject, part)?))).collect()
}

fn remedy(subject: &Subject<'_>, part: Part<'_>) -> Option<String> {
    let Subject { api, spelling, operation, revision, .. } = subject;
    let Dropped { name, since } = spelling.dropped(operation, part, *revision)?;
    Some(format!(
        "`{name}` was dropped by {api} {since}; leave it out, or say which revision an older \
         server speaks, with ClientBuilder::revision"
    ))
}
