//! The calls that rows are about.

use std::fmt;

use callperf::{CallResponse, CallResult, Direction, Filter};

/// The calls that rows are about: those of the queries of key figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// All calls: the tables of days and hours.
    All,
    /// Inbound calls.
    Inbound,
    /// Inbound calls that were answered.
    Answered,
    /// Inbound calls that were abandoned and never answered.
    AbandonedUnanswered,
}

impl Scope {
    /// The scopes that the table of figures has.
    pub(crate) const OF_FIGURES: [Self; 3] =
        [Self::Inbound, Self::Answered, Self::AbandonedUnanswered];

    /// The filters of its queries.
    pub(crate) fn filters(self) -> Vec<Filter> {
        let inbound = || Filter::from(Direction::Inbound);
        match self {
            Self::All => Vec::new(),
            Self::Inbound => vec![inbound()],
            Self::Answered => vec![inbound(), CallResponse::Answered.into()],
            Self::AbandonedUnanswered => {
                vec![inbound(), CallResponse::NotAnswered.into(), CallResult::Abandoned.into()]
            }
        }
    }

    /// The scope whose queries have these filters.
    pub(crate) fn of_filters(filters: &[Filter]) -> Option<Self> {
        [Self::All].into_iter().chain(Self::OF_FIGURES).find(|scope| {
            let own = scope.filters();
            own.len() == filters.len() && own.iter().all(|filter| filters.contains(filter))
        })
    }

    /// The name in paths and in the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Inbound => "inbound",
            Self::Answered => "answered",
            Self::AbandonedUnanswered => "abandoned_unanswered",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::OF_FIGURES.into_iter().find(|scope| scope.as_str() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use callperf::{GroupBy, Kpi, KpiSet, Period};

    use super::*;

    /// What is kept has to be what figures are computed from.
    #[test]
    fn scopes_are_those_of_the_key_figures_queries() {
        let figures = Kpi::KNOWN.iter().copied().filter(Kpi::fits_timelines);
        let set = KpiSet::new(figures.filter(|kpi| *kpi != Kpi::AbandonmentRateWithoutShort));
        let queries = set.queries(GroupBy::queues(), Period::last_days(1), "UTC");
        let filters: Vec<_> = queries.iter().map(|query| query.filters().to_vec()).collect();
        let kept = Scope::OF_FIGURES.into_iter().chain([Scope::All]).map(Scope::filters);
        assert_eq!(filters, kept.collect::<Vec<_>>());
    }

    #[test]
    fn a_scope_is_found_by_its_name() {
        for scope in Scope::OF_FIGURES {
            assert_eq!(Scope::named(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::named("all"), None);
    }
}
