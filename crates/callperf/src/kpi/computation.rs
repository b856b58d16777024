//! What figures are computed from, for programs that compute them of sums that they have kept.

use super::{
    Kpi,
    formula::{Denominator, Formula, Input, NumberSource, Scope, Terms},
};
use crate::query::{Filter, Measure};

/// Sums that are added up, and others that are taken away from them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KpiTerms {
    /// The sums that are added up.
    pub plus: Vec<KpiInput>,
    /// The sums that are taken away.
    pub minus: Vec<KpiInput>,
}

/// What a figure is a share of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KpiDenominator {
    /// Nothing: the figure is a number.
    Nothing,
    /// Other sums.
    Terms(KpiTerms),
    /// The seconds that the key was staffed, which the API doesn't know.
    StaffedTime,
}

/// A sum over calls that figures are computed from. Over several days it is the sum of those of
/// the days, unless its [sources](Self::sources) are aggregated in another way.
#[derive(Clone, Copy, Debug)]
pub struct KpiInput(&'static Input);

/// Where a sum is in a response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KpiSource {
    /// The filters of the query.
    pub filters: Vec<Filter>,
    /// The metric: `calls` or `time_spent`.
    pub metric: &'static str,
    /// The measure of that metric.
    pub measure: Measure,
    /// The word of the breakdown; `None` for one number.
    pub word: Option<&'static str>,
}

impl Kpi {
    /// Returns what the figure is computed from, or the part above the line of a share.
    ///
    /// With [`denominator`](Self::denominator), this is [`formula`](Self::formula) as data. A figure
    /// over any period is that of the sums over it.
    #[must_use]
    pub fn numerator(&self) -> KpiTerms {
        terms(Formula::of(*self).numerator)
    }

    /// Returns what the figure is a share of. Of zero, there is no share.
    #[must_use]
    pub fn denominator(&self) -> KpiDenominator {
        match &Formula::of(*self).denominator {
            Denominator::Nothing => KpiDenominator::Nothing,
            Denominator::Terms(below) => KpiDenominator::Terms(terms(*below)),
            Denominator::StaffedTime => KpiDenominator::StaffedTime,
        }
    }
}

fn terms(terms: Terms) -> KpiTerms {
    let inputs = |inputs: &[&'static Input]| inputs.iter().map(|input| KpiInput(input)).collect();
    KpiTerms { plus: inputs(terms.plus), minus: inputs(terms.minus) }
}

impl KpiInput {
    /// Returns its name in formulas.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Returns where it is, the first choice first. All give the same number, but one that is about
    /// answered calls alone may be absent for a key without answered calls.
    ///
    /// There is none for a sum over calls that the caller has to choose: the short ones of
    /// [`Kpi::AbandonmentRateWithoutShort`].
    #[must_use]
    pub fn sources(&self) -> Vec<KpiSource> {
        let sources = self.0.sources.iter();
        sources.filter(|source| source.scope != Scope::AbandonedShortly).map(source).collect()
    }
}

fn source(source: &NumberSource) -> KpiSource {
    KpiSource {
        filters: source.scope.filters(None),
        metric: source.metric.as_str(),
        measure: source.measure(),
        word: source.word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::vocabulary::{CallResponse, Direction};

    #[test]
    fn a_share_is_its_sums_and_where_they_are() {
        let above = Kpi::AverageSpeedOfAnswer.numerator();
        let [ringing] = &above.plus[..] else { panic!("{above:?}") };
        assert_eq!(ringing.name(), "seconds of ringing of answered calls");
        let sources = ringing.sources();
        let [source] = &sources[..] else { panic!("{sources:?}") };
        assert_eq!((source.metric, source.word), ("time_spent", Some("ringing")));
        assert_eq!(source.filters, [Direction::Inbound.into(), CallResponse::Answered.into()]);
        let KpiDenominator::Terms(below) = Kpi::AverageSpeedOfAnswer.denominator() else {
            panic!("it is a share");
        };
        assert_eq!((below.plus.len(), below.minus.len()), (1, 0));
        assert!(matches!(Kpi::Offered.denominator(), KpiDenominator::Nothing));
        assert!(matches!(Kpi::Occupancy.denominator(), KpiDenominator::StaffedTime));
    }

    /// Its filters alone would be those of all abandoned calls.
    #[test]
    fn what_a_caller_has_to_choose_has_no_source() {
        let above = Kpi::AbandonmentRateWithoutShort.numerator();
        assert_eq!(above.minus.len(), 1);
        assert!(above.minus[0].sources().is_empty());
        assert!(!above.plus[0].sources().is_empty());
    }
}
