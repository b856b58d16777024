//! Records and series, put together by key as the page has them.

use std::collections::HashMap;

use callperf::{
    Breakdown, KpiSet, Query,
    kpi::{FormulaSource, FormulaTable},
    report::{Info, Metric},
};

use crate::render::{Columns, Group, Keyed, Place};

/// Breakdowns of a query that the page shows beside the figures, and their words.
const BESIDE: [(&str, Breakdown); 2] =
    [("calls", Breakdown::Result), ("time_spent", Breakdown::Segment)];

/// The queries of a grouping's figures, and where their numbers go.
pub(super) struct Accumulator {
    group: Group,
    /// How each place is read.
    readers: Vec<(Breakdown, Option<String>)>,
    columns: usize,
    keys: HashMap<String, usize>,
    scopes: Vec<(Query, String)>,
}

impl Accumulator {
    /// `query` has the grouping, the period and the zone; `more` is asked in addition, of the calls
    /// of a scope.
    pub(super) fn new(
        name: &'static str,
        set: &KpiSet,
        query: &Query,
        more: &[(&str, &'static str, Breakdown)],
    ) -> Self {
        let table = FormulaTable::new();
        let queries = set.queries(
            query.group_by().clone(),
            query.period().clone(),
            query.time_zone().to_owned(),
        );
        let scope_of = |query: &Query| {
            let own = table.scopes.iter().find(|scope| {
                !scope.is_chosen_by_caller
                    && scope.filters.len() == query.filters().len()
                    && query.filters().iter().all(|filter| scope.filters.contains(filter))
            });
            own.map(|scope| scope.name.clone().into_owned())
        };
        let scopes: Vec<_> = queries
            .into_iter()
            .filter_map(|query| {
                let scope = scope_of(&query)?;
                let more = more.iter().filter(|(of, _, _)| *of == scope);
                let query = more.fold(query, |query, (_, metric, breakdown)| {
                    asked_once(query, metric, breakdown)
                });
                Some((query, scope))
            })
            .collect();
        let group = Group {
            name,
            figures: set.kpis().to_vec(),
            columns: Columns::Days,
            places: Vec::new(),
            gaps: Vec::new(),
            keys: Vec::new(),
        };
        let mut this =
            Self { group, readers: Vec::new(), columns: 0, keys: HashMap::new(), scopes };
        this.take_places(&table, more);
        this
    }

    pub(super) fn with_columns(mut self, columns: Columns, count: usize) -> Self {
        self.group.columns = columns;
        self.columns = count;
        self
    }

    /// The queries with the names of their scopes.
    pub(super) fn queries(&self) -> Vec<(Query, String)> {
        self.scopes.clone()
    }

    fn take_places(&mut self, table: &FormulaTable, more: &[(&str, &'static str, Breakdown)]) {
        let figures = table.figures.iter().filter(|it| self.group.figures.contains(&it.kpi));
        let terms = figures.flat_map(|it| std::iter::once(&it.numerator).chain(&it.denominator));
        let mut inputs: Vec<_> =
            terms.flat_map(|terms| terms.plus.iter().chain(&terms.minus)).copied().collect();
        inputs.sort_unstable();
        inputs.dedup();
        for input in inputs.into_iter().map(|place| &table.inputs[place]) {
            for source in input.sources.iter().chain(&input.parts_of) {
                self.take_source(source);
            }
        }
        for (scope, metric, breakdown) in more {
            let words = crate::render::words_of(breakdown);
            let words: Vec<_> = words.into_iter().map(Some).collect();
            let words = if words.is_empty() { vec![None] } else { words };
            for word in words {
                self.take(Place {
                    scope: (*scope).to_owned(),
                    metric,
                    breakdown: breakdown.as_str().to_owned(),
                    word: word.map(str::to_owned),
                });
            }
        }
    }

    fn take_source(&mut self, source: &FormulaSource) {
        let metric = if source.metric == "calls" { "calls" } else { "time_spent" };
        self.take(Place {
            scope: source.scope.clone().into_owned(),
            metric,
            breakdown: source.breakdown.clone(),
            word: source.word.clone().map(std::borrow::Cow::into_owned),
        });
    }

    /// Keeps a place once, if its scope is asked for.
    fn take(&mut self, place: Place) {
        let is_asked = self.scopes.iter().any(|(_, scope)| *scope == place.scope);
        if !is_asked || self.group.places.contains(&place) {
            return;
        }
        self.readers.push((Breakdown::from(place.breakdown.as_str()), place.word.clone()));
        self.group.places.push(place);
    }

    /// Notes that the calls of a scope aren't known of some columns.
    pub(super) fn gaps(&mut self, scope: &str, columns: Vec<usize>) {
        if !columns.is_empty() {
            self.group.gaps.push((scope.to_owned(), columns));
        }
    }

    /// Takes what an answer has of a key in a column.
    pub(super) fn add(
        &mut self,
        scope: &str,
        (key, info): (&str, Option<&Info>),
        column: usize,
        (calls, time_spent): (&Metric, &Metric),
    ) {
        if column >= self.columns {
            return;
        }
        let at = self.place_of(key, info);
        for (place, (breakdown, word)) in self.readers.iter().enumerate() {
            let Place { scope: own, metric, .. } = &self.group.places[place];
            if own != scope {
                continue;
            }
            let metric = if *metric == "calls" { calls } else { time_spent };
            let value = match word {
                Some(word) => metric.get(breakdown, word),
                None => metric.number(breakdown).cloned(),
            };
            let number = value.map_or(f64::NAN, |value| value.as_f64());
            self.group.keys[at].numbers[place][column] += number;
        }
    }

    fn place_of(&mut self, key: &str, info: Option<&Info>) -> usize {
        let at = *self.keys.entry(key.to_owned()).or_insert(self.group.keys.len());
        if at == self.group.keys.len() {
            self.group.keys.push(Keyed {
                key: key.to_owned(),
                name: None,
                extension_number: None,
                numbers: vec![vec![0.0; self.columns]; self.group.places.len()],
            });
        }
        // The newest name stays.
        let named = &mut self.group.keys[at];
        if let Some(name) = info.and_then(Info::name) {
            named.name = Some(name.to_owned());
        }
        if let Some(number) = info.and_then(Info::extension_number) {
            named.extension_number = Some(number.to_owned());
        }
        at
    }

    pub(super) fn into_group(self) -> Group {
        self.group
    }
}

fn asked_once(query: Query, metric: &str, breakdown: &Breakdown) -> Query {
    let measures =
        if metric == "calls" { query.call_measures() } else { query.time_spent_measures() };
    if measures.iter().any(|measure| measure.breakdown() == breakdown) {
        return query;
    }
    let breakdown = breakdown.clone();
    if metric == "calls" { query.calls(breakdown) } else { query.time_spent(breakdown) }
}

/// What the page shows of a grouping beside its figures.
pub(super) fn beside(name: &str) -> Vec<(&'static str, &'static str, Breakdown)> {
    match name {
        "users" => {
            vec![("all", "calls", Breakdown::Direction), ("all", "time_spent", Breakdown::Total)]
        }
        "sites" => Vec::new(),
        _ => BESIDE.map(|(metric, breakdown)| ("inbound", metric, breakdown)).to_vec(),
    }
}
