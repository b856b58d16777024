//! What key figures can't be had of a query, before anything is sent.

use super::{Kpi, KpiSet};
use crate::{
    query::{Filter, Query, fingerprint::is_of_scope},
    words::{
        api::Api,
        error::{Error, Result},
        problem::{Evidence, Problem},
    },
};

/// What a set is asked of.
pub(super) struct Subject<'a> {
    pub(super) set: &'a KpiSet,
    pub(super) query: &'a Query,
    pub(super) api: Api,
    pub(super) is_timeline: bool,
}

impl Subject<'_> {
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) with every problem.
    pub(super) fn check(&self) -> Result<()> {
        let mut problems: Vec<_> = self.of_set().into_iter().collect();
        problems.extend(self.of_measures());
        problems.extend(self.query.filters().iter().filter_map(|filter| self.of_filter(filter)));
        if !self.query.is_unchecked() {
            problems.extend(self.set.kpis().iter().flat_map(|kpi| self.of_figure(*kpi)));
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::query(problems)) }
    }

    fn of_set(&self) -> Option<Problem> {
        if self.set.kpis().is_empty() {
            return Some(problem("kpi-set", "figures", "the set has none; name at least one"));
        }
        let kpi = Kpi::AbandonmentRateWithoutShort;
        let has_it = self.set.kpis().contains(&kpi);
        (has_it && self.set.longest_short_abandon().is_none()).then(|| {
            let remedy = "say how long a short call lasts, by KpiSet::short_abandons";
            problem("kpi-short-abandons", figure(kpi), remedy)
        })
    }

    /// What a reader should know of a figure that no record can have.
    pub(super) fn without_staffed(&self) -> Option<Problem> {
        let has_it = self.set.kpis().contains(&Kpi::Occupancy);
        let remedy = match (self.is_timeline, self.set.has_staffed()) {
            (true, _) => "it is absent: the staffed time of an interval isn't known; leave it out",
            (false, false) => {
                "it is absent: say how long keys were staffed, by KpiSet::staffed, or leave it out"
            }
            (false, true) => return None,
        };
        has_it.then(|| problem("kpi-staffed", figure(Kpi::Occupancy), remedy))
    }

    fn of_measures(&self) -> impl Iterator<Item = Problem> {
        self.query.measures().map(|(metric, measure)| {
            let word = format!("{} {}", metric.as_str(), measure.breakdown());
            let remedy = "key figures have measures of their own; ask `aggregate` or `timeline` \
                          for it, and leave it out here";
            problem("kpi-measure", word, remedy)
        })
    }

    fn of_filter(&self, filter: &Filter) -> Option<Problem> {
        let word = format!("filter {}", filter.name());
        if chooses_calls(filter) {
            let remedy = "key figures choose their calls by it; leave it out";
            return Some(problem("kpi-filter", word, remedy));
        }
        let has_own = |own: &Filter| own.name() == filter.name();
        let is_own = self.set.own_filters().iter().flatten().any(has_own);
        is_own.then(|| {
            let kpi = Kpi::AbandonmentRateWithoutShort;
            let remedy = format!("{kpi} chooses its calls by it; leave the filter or {kpi} out");
            problem("kpi-filter", word, remedy)
        })
    }

    fn of_figure(&self, kpi: Kpi) -> Vec<Problem> {
        let word = figure(kpi);
        let mut problems = Vec::new();
        if !kpi.apis().contains(&self.api) {
            let having: Vec<_> = kpi.apis().iter().map(Api::to_string).collect();
            let remedy = format!("{} has no such figure; {} has", self.api, having.join(" or "));
            problems.push(problem("kpi-api", &word, remedy));
        }
        if !kpi.fits(self.query.group_by()) {
            let remedy = "the grouping has no such figure; leave it out (KpiSet::fitting), or group \
                          service levels by queues and opportunities by users";
            problems.push(problem("kpi-grouping", &word, remedy));
        }
        if self.is_timeline && !kpi.fits_timelines() {
            let remedy = "timelines have sums alone; ask for it without an interval";
            problems.push(problem("kpi-timeline", &word, remedy));
        }
        problems
    }
}

/// Whether a filter chooses calls by what figures are shares of: of the calls in the SLA alone, all
/// are in it.
fn chooses_calls(filter: &Filter) -> bool {
    match filter {
        Filter::QueueSla(_) => true,
        Filter::Wire { name, .. } => OF_FIGURES.contains(&name.as_str()),
        filter => is_of_scope(filter),
    }
}

/// The same filters by their names on the wire, today's and the beta's.
const OF_FIGURES: [&str; 7] = [
    "directions",
    "callResponses",
    "callResults",
    "queueSla",
    "direction",
    "callResponse",
    "callResult",
];

fn figure(kpi: Kpi) -> String {
    format!("figure {kpi}")
}

fn problem(rule: &'static str, word: impl Into<String>, remedy: impl Into<String>) -> Problem {
    Problem { rule, word: word.into(), remedy: remedy.into(), evidence: Evidence::Crate }
}
