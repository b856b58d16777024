//! What narrows the numbers of a report: filters, days and hours.

use std::collections::BTreeSet;

use callperf::{Filter, GroupBy, KpiSet, Period, Query, vocabulary::Word};

use crate::{
    Failure,
    words::{self, Parsed},
};

/// An argument that narrows the numbers.
#[derive(Clone, Debug)]
pub(crate) struct Narrowing {
    /// The name of its filter, if it is one.
    filter: Option<String>,
    /// As a heading has it.
    text: String,
}

impl Narrowing {
    /// A word of a filter.
    pub(crate) fn of_filter(name: &str, word: &str) -> Self {
        Self { text: format!("{name}={word}"), filter: Some(name.to_owned()) }
    }
}

/// The arguments that narrow the numbers, as they were given.
pub(crate) struct Given<'a> {
    pub(crate) filters: &'a [String],
    pub(crate) wire_filters: &'a [String],
    pub(crate) days: &'a [String],
    pub(crate) hours: &'a [String],
}

impl Given<'_> {
    /// The filters, and all that narrows the numbers.
    pub(crate) fn read(&self) -> Parsed<(Vec<Filter>, Vec<Narrowing>)> {
        let given = words::given_filters(self.filters)?;
        let of_filter = |(name, word): &(String, String)| Narrowing::of_filter(name, word);
        let mut narrowing: Vec<_> = given.words.iter().map(of_filter).collect();
        let mut filters = given.filters;
        for text in self.wire_filters {
            filters.push(words::wire_filter(text)?);
            narrowing.push(Narrowing { text: text.clone(), filter: None });
        }
        for text in self.days {
            narrowing.push(Narrowing { text: format!("days={}", text.trim()), filter: None });
        }
        for text in self.hours {
            let hours = words::hours(text)?;
            let text = format!("hours={}-{}", hours.start(), hours.end());
            narrowing.push(Narrowing { text, filter: None });
        }
        Ok((filters, narrowing))
    }
}

/// What narrows the numbers, as a heading has it. A filter that the figures choose themselves
/// doesn't.
pub(crate) fn texts(narrowing: &[Narrowing], kpis: &KpiSet, asks_metrics: bool) -> Vec<String> {
    let of_kpis = queries_of(kpis);
    let is_chosen = |name: &String| {
        let has = |query: &Query| query.filters().iter().any(|own| own.name() == name);
        !asks_metrics && !of_kpis.is_empty() && of_kpis.iter().all(has)
    };
    let others = narrowing.iter().filter(|it| !it.filter.as_ref().is_some_and(is_chosen));
    others.map(|it| it.text.clone()).collect()
}

/// The filters of these are the same for each grouping and period.
fn queries_of(kpis: &KpiSet) -> Vec<Query> {
    kpis.queries(GroupBy::company(), Period::last_days(1), "UTC")
}

/// Figures choose the direction, the response and the result of the calls that they
/// look at. A filter is taken that chooses the same, and refused otherwise.
pub(crate) fn agrees_with_figures(filter: &Filter, kpis: &KpiSet) -> Parsed<()> {
    let Some(words) = chosen_words(filter) else { return is_free(filter, kpis) };
    let other = |set: &KpiSet| {
        let queries = queries_of(set);
        let own = queries.iter().map(|query| own_filter(query, filter).and_then(chosen_words));
        own.into_iter().find(|own| own.as_ref() != Some(&words))
    };
    let Some(of_set) = other(kpis) else { return Ok(()) };
    let alone = kpis.kpis().iter().find_map(|kpi| Some((kpi, other(&KpiSet::new([*kpi]))?)));
    let (which, own) = match alone {
        Some((kpi, own)) => (words::spoken(kpi.as_str()), own),
        None => ("the key figures".to_owned(), of_set),
    };
    let name = filter.name();
    let listed = |words: &BTreeSet<String>| {
        words.iter().map(|word| format!("{name}={word}")).collect::<Vec<_>>().join(" or ")
    };
    let counts = own.map_or_else(
        || format!("calls of any {name}"),
        |own| format!("calls with {}", listed(&own)),
    );
    Err(Failure::Usage(format!(
        "--where {}: {which} looks at {counts}; leave the filter out, or ask for numbers alone with \
         --group-by and --calls",
        listed(&words)
    )))
}

/// Refuses a filter that the figures have one of, too.
fn is_free(filter: &Filter, kpis: &KpiSet) -> Parsed<()> {
    if queries_of(kpis).iter().all(|query| own_filter(query, filter).is_none()) {
        return Ok(());
    }
    let name = filter.name();
    Err(Failure::Usage(format!(
        "--where {name}: the key figures look at calls of a {name} of their own; leave the filter \
         out, or ask for numbers alone with --group-by and --calls"
    )))
}

/// The filter of this name that a query has already.
pub(crate) fn own_filter<'a>(query: &'a Query, filter: &Filter) -> Option<&'a Filter> {
    query.filters().iter().find(|own| own.name() == filter.name())
}

/// The words of a filter that figures choose themselves.
fn chosen_words(filter: &Filter) -> Option<BTreeSet<String>> {
    fn all<W: Word>(words: &[W]) -> BTreeSet<String> {
        words.iter().map(|word| words::spoken(word.as_str())).collect()
    }
    match filter {
        Filter::Direction(words) => Some(all(words)),
        Filter::Response(words) => Some(all(words)),
        Filter::Result(words) => Some(all(words)),
        _ => None,
    }
}
