//! The calls that rows are about.

use std::fmt;

use callperf::{CallResponse, CallResult, Direction, Filter, Length};

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
    /// Those of them that took at most so many seconds: what the abandonment rate without short
    /// calls leaves out.
    AbandonedWithin(u32),
}

/// Before the seconds in the name of [`Scope::AbandonedWithin`].
const WITHIN: &str = "abandoned_within";

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
            Self::AbandonedWithin(seconds) => {
                let abandoned = Self::AbandonedUnanswered.filters().into_iter();
                abandoned.chain([Filter::TimeSpent(Length::at_most(seconds))]).collect()
            }
        }
    }

    /// The scope whose queries have these filters.
    pub(crate) fn of_filters(filters: &[Filter]) -> Option<Self> {
        let within = filters.iter().find_map(|filter| match filter {
            Filter::TimeSpent(length) => length.max_seconds().map(Self::AbandonedWithin),
            _ => None,
        });
        [Self::All].into_iter().chain(Self::OF_FIGURES).chain(within).find(|scope| {
            let own = scope.filters();
            own.len() == filters.len() && own.iter().all(|filter| filters.contains(filter))
        })
    }

    /// The name in paths and in the manifest; for [`AbandonedWithin`](Self::AbandonedWithin)
    /// without the seconds, which [`Display`](fmt::Display) has, too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Inbound => "inbound",
            Self::Answered => "answered",
            Self::AbandonedUnanswered => "abandoned_unanswered",
            Self::AbandonedWithin(_) => WITHIN,
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let seconds =
            name.strip_prefix(WITHIN).and_then(|it| it.strip_prefix('_')?.strip_suffix('s'));
        let within = seconds.and_then(|seconds| seconds.parse().ok()).map(Self::AbandonedWithin);
        Self::OF_FIGURES.into_iter().chain(within).find(|scope| scope.to_string() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AbandonedWithin(seconds) => write!(f, "{WITHIN}_{seconds}s"),
            scope => f.write_str(scope.as_str()),
        }
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
        for scope in Scope::OF_FIGURES.into_iter().chain([Scope::AbandonedWithin(20)]) {
            assert_eq!(Scope::named(&scope.to_string()), Some(scope));
            assert_eq!(Scope::of_filters(&scope.filters()), Some(scope));
        }
        assert_eq!(Scope::AbandonedWithin(20).to_string(), "abandoned_within_20s");
        for other in ["all", "abandoned_within", "abandoned_within_020s", "abandoned_within_s"] {
            assert_eq!(Scope::named(other), None, "{other}");
        }
    }
}
