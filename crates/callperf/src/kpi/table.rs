//! The formulas of all key figures as one table of data.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Kpi, KpiUnit,
    figure::Better,
    formula::{Denominator, Formula, Input, NumberSource, Scope, Terms},
};
use crate::query::Filter;

/// The formulas of all key figures as data, for programs in other languages that compute figures
/// from sums that they have kept. It is the table that this crate computes from itself, so a
/// program with an evaluator needs no formula of its own.
///
/// A figure over any period, or over any days of it, is computed so:
/// 1. Add up each source over the days. A source that is aggregated in another way than `Sum` can't
///    be added up.
/// 2. An input is its first source whose scope was requested. If that scope has no calls of the key
///    in the period, a response may leave the key out. The input is then zero if one of `parts_of`
///    is zero, or if the caller takes left-out keys to have no such calls; otherwise it is unknown.
/// 3. The figure is the numerator, divided by the denominator if there is one. It is unknown if an
///    input is, or if the denominator isn't above zero.
///
/// The module [`kpi`](crate::kpi) explains the second step.
///
/// ```
/// use callperf::kpi::FormulaTable;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let table = serde_json::to_value(FormulaTable::new())?;
/// let rate = table["figures"].as_array().unwrap().iter().find(|it| it["name"] == "answer_rate");
/// let answered = rate.unwrap()["numerator"]["plus"][0].as_u64().unwrap();
/// assert_eq!(
///     table["inputs"][answered as usize]["sources"][0],
///     serde_json::json!({
///         "scope": "inbound", "metric": "calls", "breakdown": "by_response", "word": "answered",
///         "aggregation": "Sum",
///     }),
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FormulaTable {
    /// The version of this layout: 1. A later version of this crate may add fields, figures, inputs
    /// and scopes without a new number.
    pub schema: u32,
    /// The calls that inputs are about.
    pub scopes: Vec<FormulaScope>,
    /// The sums that figures are computed from. Figures name them by their places in this list.
    pub inputs: Vec<FormulaInput>,
    /// The figures, in the order of [`Kpi::KNOWN`].
    pub figures: Vec<FormulaFigure>,
}

/// Which calls a source counts.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FormulaScope {
    /// The name of the scope, for example `inbound`.
    pub name: Cow<'static, str>,
    /// The filters of a query for these calls; none for all calls.
    #[serde(serialize_with = "by_name")]
    #[schemars(with = "std::collections::BTreeMap<String, Vec<String>>")]
    pub filters: Vec<Filter>,
    /// Whether the caller has to add a filter: the greatest length of a short abandoned call.
    pub is_chosen_by_caller: bool,
}

/// A sum over calls.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FormulaInput {
    /// Its name in [`Kpi::formula`]. Two inputs may have the same name if their sources differ.
    pub name: Cow<'static, str>,
    /// Where it is in responses, the first choice first. All give the same number.
    pub sources: Vec<FormulaSource>,
    /// Sums that contain it: if one of them is zero, so is the input.
    pub parts_of: Vec<FormulaSource>,
}

/// Where a number is in a response.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FormulaSource {
    /// The name of a scope.
    pub scope: Cow<'static, str>,
    /// The metric: `calls` or `time_spent`.
    pub metric: Cow<'static, str>,
    /// The breakdown, for example `by_result`; `total` and `queue_opportunities` are one number.
    pub breakdown: String,
    /// The word of the breakdown; absent for one number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub word: Option<Cow<'static, str>>,
    /// How the API adds up calls: `Sum`, or `Max` for a maximum, which days don't add up to.
    pub aggregation: String,
}

/// A key figure and its formula.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FormulaFigure {
    /// The name of the figure, for example `answer_rate`.
    #[serde(rename = "name")]
    #[schemars(with = "String")]
    pub kpi: Kpi,
    /// What it is measured in.
    pub unit: KpiUnit,
    /// Which direction is better; absent if that can't be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub better: Option<Better>,
    /// The number, or the part above the line of a share.
    pub numerator: FormulaTerms,
    /// What it is a share of; absent for a plain number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub denominator: Option<FormulaTerms>,
    /// Whether it is a share of the staffed seconds, which the caller has to know.
    pub is_of_staffed_time: bool,
    /// Whether a timeline has it: not a maximum.
    pub fits_timelines: bool,
}

/// Inputs that are added up, and others that are subtracted, by their places in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FormulaTerms {
    /// The inputs that are added up.
    pub plus: Vec<usize>,
    /// The inputs that are subtracted.
    pub minus: Vec<usize>,
}

impl FormulaTable {
    /// The table of this version of the crate.
    #[must_use]
    pub fn new() -> Self {
        let mut inputs = Inputs::default();
        let figures = Kpi::KNOWN.iter().map(|kpi| inputs.figure(*kpi)).collect();
        Self {
            schema: 1,
            scopes: Scope::KNOWN.into_iter().map(scope).collect(),
            inputs: inputs.0.into_iter().map(input).collect(),
            figures,
        }
    }
}

impl Default for FormulaTable {
    fn default() -> Self {
        Self::new()
    }
}

/// Inputs in the order in which the figures first need them.
#[derive(Default)]
struct Inputs(Vec<&'static Input>);

impl Inputs {
    fn figure(&mut self, kpi: Kpi) -> FormulaFigure {
        let formula = Formula::of(kpi);
        let numerator = self.terms(formula.numerator);
        let denominator = match formula.denominator {
            Denominator::Terms(below) => Some(self.terms(below)),
            Denominator::Nothing | Denominator::StaffedTime => None,
        };
        FormulaFigure {
            kpi,
            unit: kpi.unit(),
            better: kpi.better(),
            numerator,
            denominator,
            is_of_staffed_time: matches!(formula.denominator, Denominator::StaffedTime),
            fits_timelines: kpi.fits_timelines(),
        }
    }

    fn terms(&mut self, terms: Terms) -> FormulaTerms {
        let mut places =
            |inputs: &[&'static Input]| inputs.iter().map(|input| self.place(input)).collect();
        FormulaTerms { plus: places(terms.plus), minus: places(terms.minus) }
    }

    fn place(&mut self, input: &'static Input) -> usize {
        let known = self.0.iter().position(|other| std::ptr::eq(*other, input));
        known.unwrap_or_else(|| {
            self.0.push(input);
            self.0.len() - 1
        })
    }
}

fn scope(scope: Scope) -> FormulaScope {
    FormulaScope {
        name: scope.as_str().into(),
        filters: scope.filters(None),
        is_chosen_by_caller: scope == Scope::AbandonedShortly,
    }
}

fn input(input: &Input) -> FormulaInput {
    let sources = |sources: &[NumberSource]| sources.iter().map(source).collect();
    FormulaInput {
        name: input.name.into(),
        sources: sources(input.sources),
        parts_of: sources(input.parts_of),
    }
}

fn source(source: &NumberSource) -> FormulaSource {
    FormulaSource {
        scope: source.scope.as_str().into(),
        metric: source.metric.as_str().into(),
        breakdown: source.breakdown.as_str().to_owned(),
        word: source.word.map(Into::into),
        aggregation: source.aggregation.as_str().to_owned(),
    }
}

/// Filters by their names, with their words.
fn by_name<S: serde::Serializer>(filters: &[Filter], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(filters.iter().map(|filter| (filter.name(), filter.words())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn every_figure_is_in_it_with_the_inputs_of_its_formula() {
        let table = FormulaTable::new();
        assert_eq!(table.figures.len(), Kpi::KNOWN.len());
        for figure in &table.figures {
            let below = figure.denominator.iter();
            let terms = std::iter::once(&figure.numerator).chain(below);
            let places = terms.flat_map(|terms| terms.plus.iter().chain(&terms.minus));
            let names: Vec<_> = places.map(|place| &*table.inputs[*place].name).collect();
            let formula: Vec<_> = Formula::of(figure.kpi).inputs().map(|it| it.name).collect();
            assert_eq!(names, formula, "{}", figure.kpi);
        }
    }

    #[test]
    fn every_source_names_a_scope_and_no_input_is_there_twice() {
        let table = FormulaTable::new();
        let scopes: BTreeSet<_> = table.scopes.iter().map(|scope| scope.name.clone()).collect();
        assert_eq!(scopes.len(), table.scopes.len());
        for (place, input) in table.inputs.iter().enumerate() {
            let mut sources = input.sources.iter().chain(&input.parts_of);
            assert!(sources.all(|source| scopes.contains(&source.scope)), "{input:?}");
            assert!(table.inputs[..place].iter().all(|other| other != input), "{input:?}");
        }
    }

    #[test]
    fn it_is_readable_as_json() {
        let table = serde_json::to_value(FormulaTable::new()).unwrap();
        let figure = |name: &str| {
            let mut figures = table["figures"].as_array().unwrap().iter();
            figures.find(|figure| figure["name"] == name).unwrap()
        };
        assert_eq!(figure("offered")["unit"], "calls");
        assert_eq!(figure("offered").get("better"), None);
        assert_eq!(figure("missed_rate")["better"], "less");
        assert_eq!(figure("occupancy")["is_of_staffed_time"], true);
        assert_eq!(figure("longest_wait")["fits_timelines"], false);
        let place = figure("abandonment_rate_before_answer")["numerator"]["plus"][0].as_u64();
        let input = &table["inputs"][usize::try_from(place.unwrap()).unwrap()];
        assert_eq!(input["sources"][0]["scope"], "abandoned_unanswered");
        assert_eq!(input["parts_of"][0]["word"], "abandoned");
        let scope = table["scopes"].as_array().unwrap().iter();
        let scope = scope.clone().find(|scope| scope["name"] == "abandoned_unanswered").unwrap();
        assert_eq!(
            scope["filters"],
            json!({
                "direction": ["inbound"], "response": ["notAnswered"], "result": ["abandoned"],
            })
        );
    }

    #[test]
    fn its_schema_describes_what_is_written() {
        let schema = serde_json::to_value(schemars::schema_for!(FormulaTable)).unwrap();
        let table = serde_json::to_value(FormulaTable::new()).unwrap();
        let described = schema["properties"].as_object().unwrap();
        assert!(table.as_object().unwrap().keys().all(|name| described.contains_key(name)));
    }
}
