//! What a query asks for that its response may lack, words that this version doesn't
//! know, and calls that a reader may not expect.

use std::collections::BTreeSet;

use super::ignored::IgnoredFilters;
use crate::{
    query::{Dimension, Filter, Query},
    report::{Metric, Notice, Row},
    words::{
        metric::MetricName,
        operation::Operation,
        vocabulary::{Breakdown, MembersOf, Word},
    },
};

/// One notice per word of the query that this version doesn't know.
pub(crate) fn unknown_words(query: &Query, operation: &Operation) -> Vec<Notice> {
    let mut found = Found::default();
    match &query.group_by.dimension {
        Dimension::Each(grouping) => found.take("group by", [grouping]),
        Dimension::Members(members) => found.take("group by members of", [members]),
    }
    for (metric, measure) in query.measures() {
        found.take(metric.as_str(), [&measure.breakdown]);
        let place = format!("{} {}", metric.as_str(), measure.breakdown);
        found.take(&place, [&measure.aggregation]);
        found.take(&format!("{place} per"), &measure.interval);
    }
    for filter in &query.filters {
        let place = format!("filter {}", filter.name());
        for word in filter.unknown_words() {
            found.push(&place, word);
        }
    }
    found.take("days", &query.days);
    if let Operation::Timeline(interval) = operation {
        found.take("interval", [interval]);
    }
    found.0
}

/// The notice that the agents' calls aren't those of the queues that choose the agents.
pub(crate) fn calls_of_agents(query: &Query) -> Option<Notice> {
    let group_by = &query.group_by;
    let is_queues = |filter: &Filter| match filter {
        Filter::Wire { name, .. } => name == "queues",
        filter => matches!(filter, Filter::Queues(_)),
    };
    let is_of_agents =
        group_by.dimension == Dimension::Members(MembersOf::Queue) && !group_by.keys.is_empty();
    (is_of_agents && !query.filters.iter().any(is_queues)).then_some(Notice::AllCallsOfAgents)
}

#[derive(Default)]
struct Found(Vec<Notice>);

impl Found {
    fn take<'a, W: Word>(&mut self, place: &str, words: impl IntoIterator<Item = &'a W>) {
        for word in words.into_iter().filter(|word| !word.is_known()) {
            self.push(place, word.as_str());
        }
    }

    fn push(&mut self, place: &str, word: &str) {
        self.0.push(Notice::UnknownWord { place: place.to_owned(), word: word.to_owned() });
    }
}

/// What a query asks for and no record has had so far.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    numbers: Vec<Number>,
    keys: BTreeSet<String>,
    filters: IgnoredFilters,
    /// Whether there was a record, or a point, that could have had the numbers.
    can_be_judged: bool,
}

#[derive(Debug)]
struct Number {
    metric: MetricName,
    breakdown: Breakdown,
    /// A word of a filter that isn't known, and that the breakdown would show.
    word: Option<String>,
}

impl Number {
    fn is_in(&self, metric: &Metric) -> bool {
        match &self.word {
            None => metric.has(&self.breakdown),
            Some(word) => metric.get(&self.breakdown, word).is_some(),
        }
    }

    fn name(&self) -> String {
        let name = format!("{} {}", self.metric.as_str(), self.breakdown);
        self.word.iter().fold(name, |name, word| format!("{name} {word:?}"))
    }
}

impl Expected {
    pub(crate) fn of(query: &Query) -> Self {
        let mut numbers = Vec::new();
        for (metric, measure) in query.measures() {
            let breakdown = &measure.breakdown;
            let of = |word| Number { metric, breakdown: breakdown.clone(), word };
            numbers.push(of(None));
            let filters =
                query.filters.iter().filter(|it| it.breakdown().as_ref() == Some(breakdown));
            let unknown = filters.flat_map(Filter::unknown_words);
            numbers.extend(unknown.map(|word| of(Some(word.to_owned()))));
        }
        let keys = match query.group_by.dimension {
            Dimension::Each(_) => query.group_by.keys.iter().cloned().collect(),
            // They name what the records' keys belong to.
            Dimension::Members(_) => BTreeSet::new(),
        };
        let filters = IgnoredFilters::of(query);
        Self { numbers, keys, filters, can_be_judged: false }
    }

    pub(crate) fn take<T: Row>(&mut self, records: &[T]) {
        for record in records {
            self.keys.remove(record.key());
            let judged = !self.numbers.is_empty() || !self.filters.is_empty();
            for (calls, time_spent) in judged.then(|| record.metrics()).into_iter().flatten() {
                self.can_be_judged = true;
                self.filters.take(calls, time_spent);
                self.numbers.retain(|number| {
                    !number.is_in(match number.metric {
                        MetricName::Calls => calls,
                        MetricName::TimeSpent => time_spent,
                    })
                });
            }
        }
    }

    /// What no record had. Keys are judged by all records of the pull alone, and
    /// nothing is if something couldn't be read: it may have been there.
    pub(crate) fn missing(
        self,
        has_all_records: bool,
        is_readable: bool,
    ) -> impl Iterator<Item = Notice> {
        let numbers = self.numbers.into_iter().filter(move |_| self.can_be_judged && is_readable);
        let is_judged = has_all_records && is_readable;
        let keys: Vec<_> = self.keys.into_iter().filter(|_| is_judged).collect();
        let keys = (!keys.is_empty()).then_some(Notice::MissingKeys { keys });
        numbers
            .map(|number| Notice::NotInResponse { what: number.name() })
            .chain(self.filters.notices(is_readable))
            .chain(keys)
    }
}
