//! Which queries a set of figures needs, and how their answers become figures.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{
    Kpi, KpiValue, answers,
    formula::{Denominator, Formula, Input, NumberSource, Scope, Sums, Terms},
    record::{KpiPoint, KpiRecord, KpiSeries},
};
use crate::{
    query::{Filter, GroupBy, Length, Query},
    report::{Info, Point, Record, Series},
    words::{error::Result, metric::MetricName, period::Period, vocabulary::Aggregation},
};

/// Some figures, the queries that they need, and how the answers go together.
///
/// It is kept as JSON or TOML with its figures in `kpis`, and with what else was said of it:
/// `short_abandons_seconds`, `staffed_seconds` by key, `missing_is_zero`.
///
/// ```
/// use callperf::{Kpi, KpiSet};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let set: KpiSet = serde_json::from_str(r#"{"kpis": ["offered", "answer_rate"]}"#)?;
/// assert_eq!(set, KpiSet::new([Kpi::Offered, Kpi::AnswerRate]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct KpiSet {
    kpis: Vec<Kpi>,
    staffed: HashMap<String, SignedDuration>,
    short_abandons: Option<Length>,
    missing_is_zero: bool,
}

/// What a set's answers cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// How many queries there are.
    pub queries: u64,
    /// How many requests they take: one per page of each query.
    pub requests: u64,
}

impl KpiSet {
    /// These figures, each once, in this order.
    pub fn new(kpis: impl IntoIterator<Item = Kpi>) -> Self {
        let mut set = Self {
            kpis: Vec::new(),
            staffed: HashMap::new(),
            short_abandons: None,
            missing_is_zero: false,
        };
        for kpi in kpis {
            if !set.kpis.contains(&kpi) {
                set.kpis.push(kpi);
            }
        }
        set
    }

    /// The same set with the figures that a grouping has: see [`Kpi::fits`].
    pub fn fitting(mut self, group_by: &GroupBy) -> Self {
        self.kpis.retain(|kpi| kpi.fits(group_by));
        self
    }

    /// The figures, in the order in which they were given.
    #[must_use]
    pub fn kpis(&self) -> &[Kpi] {
        &self.kpis
    }

    /// How long a key was staffed in the period, for [`Kpi::Occupancy`]: the time
    /// that people were there to take calls, added up over them.
    pub fn staffed(mut self, key: impl Into<String>, time: SignedDuration) -> Self {
        self.staffed.insert(key.into(), time);
        self
    }

    /// How long a short abandoned call lasts at most, for
    /// [`Kpi::AbandonmentRateWithoutShort`]: callers who hung up within this time. In whole
    /// seconds; a part of one is dropped.
    ///
    /// It is the time at the key, with its menus and greetings. The figure's query has a filter
    /// of the time spent of its own, so that no other can be added to it.
    ///
    /// The figure is absent for a key without short calls, unless the wider answers prove that it
    /// has none: see [`missing_is_zero`](Self::missing_is_zero).
    pub fn short_abandons(mut self, within: Duration) -> Self {
        let seconds = u32::try_from(within.as_secs()).unwrap_or(u32::MAX);
        self.short_abandons = Some(Length::at_most(seconds));
        self
    }

    /// Takes a key that an answer leaves out to have no such calls, where another
    /// answer has the key.
    ///
    /// By default it is absent there: see the [module](crate::kpi). Set it for a
    /// server that leaves such keys out, and answers that are whole.
    pub fn missing_is_zero(mut self) -> Self {
        self.missing_is_zero = true;
        self
    }

    /// The fewest queries that all figures can be computed from, for programs that send them
    /// themselves. [`Client::kpis`](crate::Client::kpis) does it in one call.
    ///
    /// Ask each for an aggregate, or each for a timeline of the same interval, and
    /// hand the answers to [`KpiSet::try_merge`] or [`KpiSet::try_merge_series`] in the
    /// same order. More filters may be added to all of them, but for direction,
    /// response, result and queue SLA. A figure that an API or a grouping lacks
    /// ([`Kpi::apis`], [`Kpi::fits`]) is refused by name when its query is used.
    ///
    /// Each query resolves its period when it is used. If the period ends now or later, or the
    /// queries may be sent on two days, give an absolute one, such as
    /// [`Period::from`] a [`ResolvedPeriod`](crate::period::ResolvedPeriod), so that all
    /// figures are about the same calls. Answers whose period was cut off at different instants
    /// are refused.
    #[must_use]
    pub fn queries(
        &self,
        group_by: GroupBy,
        period: Period,
        time_zone: impl Into<String>,
    ) -> Vec<Query> {
        self.queries_like(&Query::new(group_by, period, time_zone))
    }

    /// The same with all that this query asks beside, and the proofs that the server applied its
    /// filters.
    pub(super) fn queries_like(&self, base: &Query) -> Vec<Query> {
        let proofs = base.filters().iter().filter_map(Filter::proof);
        let base = proofs.fold(base.clone(), Query::calls);
        let scopes = self.scopes();
        let ask = |scope: &Scope| {
            let query =
                scope.filters(self.short_abandons).into_iter().fold(base.clone(), Query::only);
            self.sources(*scope, &scopes).fold(query, ask_for)
        };
        scopes.iter().map(ask).collect()
    }

    /// What the queries cost for so many records, `per_page` on a page.
    ///
    /// A narrower query may have fewer records, so it is the most that they cost.
    #[must_use]
    pub fn cost(&self, records: u64, per_page: u32) -> Cost {
        let queries = self.scopes().len() as u64;
        let pages = records.div_ceil(u64::from(per_page).max(1)).max(1);
        Cost { queries, requests: queries.saturating_mul(pages) }
    }

    /// Returns one record of figures per key, in the order in which the keys come.
    ///
    /// `answers` has the records of each of the [queries](KpiSet::queries), in
    /// their order. Each record knows the query that it answers, so that answers which
    /// don't belong together are refused rather than added up.
    ///
    /// # Errors
    /// [`ErrorKind::Answer`](crate::ErrorKind::Answer) naming each answer that is
    /// missing, given twice or in another's place, that is about another grouping,
    /// other keys, another period or other filters than the first, or that has a record
    /// which no client read.
    pub fn try_merge(
        &self,
        answers: impl IntoIterator<Item = Vec<Record>>,
    ) -> Result<Vec<KpiRecord>> {
        let answers: Vec<_> = answers.into_iter().collect();
        let matching = answers::check(&self.own_filters(), &answers).into_result()?;
        Ok(self.merged(&answers, &matching))
    }

    /// The same as [`KpiSet::try_merge`] for series: one series of figures per key, a
    /// point for every time that an answer has.
    ///
    /// [`Kpi::Occupancy`] is `None`: the staffed time of a point isn't known.
    ///
    /// # Errors
    /// As [`KpiSet::try_merge`].
    pub fn try_merge_series(
        &self,
        answers: impl IntoIterator<Item = Vec<Series>>,
    ) -> Result<Vec<KpiSeries>> {
        let answers: Vec<_> = answers.into_iter().collect();
        let matching = answers::check(&self.own_filters(), &answers).into_result()?;
        Ok(self.merged_series(&answers, &matching))
    }

    /// Returns one record of figures per key, in the order in which the keys come.
    ///
    /// `answers` has the records of each of the [queries](KpiSet::queries), in
    /// their order. An answer that isn't given, or is that of another query, leaves its
    /// figures `None`.
    #[must_use]
    #[deprecated(note = "use try_merge")]
    pub fn merge(&self, answers: impl IntoIterator<Item = Vec<Record>>) -> Vec<KpiRecord> {
        let answers: Vec<_> = answers.into_iter().collect();
        let matching = answers::check(&self.own_filters(), &answers).matching();
        self.merged(&answers, &matching)
    }

    /// Returns one series of figures per key, a point for every time that an answer has.
    ///
    /// `answers` has the series of each of the [queries](KpiSet::queries), in
    /// their order. An answer that isn't given, or is that of another query, leaves its
    /// figures `None`.
    #[must_use]
    #[deprecated(note = "use try_merge_series")]
    pub fn merge_series(&self, answers: impl IntoIterator<Item = Vec<Series>>) -> Vec<KpiSeries> {
        let answers: Vec<_> = answers.into_iter().collect();
        let matching = answers::check(&self.own_filters(), &answers).matching();
        self.merged_series(&answers, &matching)
    }

    /// `matching` says for each answer whether it is its query's.
    fn merged(&self, answers: &[Vec<Record>], matching: &[bool]) -> Vec<KpiRecord> {
        let mut keys = Keys::default();
        for record in answers.iter().flatten() {
            keys.take(record.key(), record.info());
        }
        let by_key: Vec<HashMap<&str, &Record>> =
            answers.iter().map(|records| indexed(records, Record::key)).collect();
        let scopes = self.scopes();
        keys.into_iter()
            .map(|(key, info)| {
                let sums = by_key.iter().map(|answer| answer.get(key).copied().map(of_record));
                let answers = Answers { sums: &sums.collect::<Vec<_>>(), matching };
                let values = self.values(&scopes, Some(key), answers);
                KpiRecord { key: key.to_owned(), info: info.cloned(), values }
            })
            .collect()
    }

    fn merged_series(&self, answers: &[Vec<Series>], matching: &[bool]) -> Vec<KpiSeries> {
        let mut keys = Keys::default();
        for series in answers.iter().flatten() {
            keys.take(series.key(), series.info());
        }
        let by_key: Vec<HashMap<&str, &Series>> =
            answers.iter().map(|series| indexed(series, Series::key)).collect();
        let scopes = self.scopes();
        keys.into_iter()
            .map(|(key, info)| {
                let series: Vec<_> = by_key.iter().map(|answer| answer.get(key).copied()).collect();
                let (key, info) = (key.to_owned(), info.cloned());
                KpiSeries { key, info, points: self.points(&scopes, &series, matching) }
            })
            .collect()
    }

    fn points(
        &self,
        scopes: &[Scope],
        series: &[Option<&Series>],
        matching: &[bool],
    ) -> Vec<KpiPoint> {
        let mut times: Vec<&Point> =
            series.iter().flatten().flat_map(|series| series.points()).collect();
        times.sort_by_key(|point| point.time());
        times.dedup_by_key(|point| point.time());
        let by_time: Vec<HashMap<Timestamp, &Point>> = series
            .iter()
            .map(|series| {
                let points = series.iter().flat_map(|series| series.points());
                points.map(|point| (point.time(), point)).collect()
            })
            .collect();
        times
            .into_iter()
            .map(|point| {
                let time = point.time();
                let sums = by_time.iter().map(|points| points.get(&time).copied().map(of_point));
                let answers = Answers { sums: &sums.collect::<Vec<_>>(), matching };
                let values = self.values(scopes, None, answers);
                let (time_text, zone) = (point.time_text().to_owned(), point.zone.clone());
                KpiPoint { time_text, time, zone, values }
            })
            .collect()
    }

    /// Every number that the figures need. A figure that lacks what a caller has to give needs
    /// none.
    fn inputs(&self) -> impl Iterator<Item = &'static Input> {
        let is_given =
            |kpi: &&Kpi| **kpi != Kpi::AbandonmentRateWithoutShort || self.short_abandons.is_some();
        self.kpis.iter().filter(is_given).flat_map(|kpi| Formula::of(*kpi).inputs())
    }

    /// The fewest scopes that have every sum; wider ones where there is a choice.
    fn scopes(&self) -> Vec<Scope> {
        let inputs: Vec<_> = self.inputs().collect();
        let covers =
            |scopes: &[Scope]| inputs.iter().all(|input| first_source(input, scopes).is_some());
        let mut subsets: Vec<Vec<Scope>> = (0..1_u32 << Scope::KNOWN.len())
            .map(|bits| {
                let chosen = |at: &usize| bits >> at & 1 == 1;
                (0..Scope::KNOWN.len()).filter(chosen).map(|at| Scope::KNOWN[at]).collect()
            })
            .collect();
        subsets.sort_by_key(Vec::len);
        subsets.into_iter().find(|scopes| covers(scopes)).unwrap_or_default()
    }

    /// How long a short abandoned call lasts, if a caller has given it.
    pub(super) fn longest_short_abandon(&self) -> Option<Length> {
        self.short_abandons
    }

    pub(super) fn staffed_times(&self) -> impl Iterator<Item = (&str, SignedDuration)> {
        self.staffed.iter().map(|(key, time)| (key.as_str(), *time))
    }

    pub(super) fn takes_missing_for_zero(&self) -> bool {
        self.missing_is_zero
    }

    pub(super) fn has_staffed(&self) -> bool {
        !self.staffed.is_empty()
    }

    /// The filters of each query.
    pub(super) fn own_filters(&self) -> Vec<Vec<Filter>> {
        self.scopes().into_iter().map(|scope| scope.filters(self.short_abandons)).collect()
    }

    /// What is asked of a scope: the sums that are taken from it, and those that
    /// prove a missing one zero.
    fn sources<'a>(
        &'a self,
        scope: Scope,
        scopes: &'a [Scope],
    ) -> impl Iterator<Item = &'static NumberSource> + 'a {
        self.inputs()
            .flat_map(|input| first_source(input, scopes).into_iter().chain(input.parts_of))
            .filter(move |source| source.scope == scope)
    }

    /// The figures of one key, from what each answer has for it.
    fn values(&self, scopes: &[Scope], key: Option<&str>, answers: Answers<'_>) -> Vec<KpiValue> {
        let known = Known { scopes, answers, missing_is_zero: self.missing_is_zero };
        let staffed = key.and_then(|key| self.staffed.get(key));
        let value = |kpi: &Kpi| {
            let number = known.figure(Formula::of(*kpi), staffed.map(SignedDuration::as_secs_f64));
            number.map(|number| KpiValue { kpi: *kpi, number })
        };
        self.kpis.iter().filter_map(value).collect()
    }
}

/// The first choice of where a sum comes from.
fn first_source(input: &'static Input, scopes: &[Scope]) -> Option<&'static NumberSource> {
    input.sources.iter().find(|source| scopes.contains(&source.scope))
}

/// Asks for a source's breakdown, once.
fn ask_for(query: Query, source: &NumberSource) -> Query {
    let measure = source.measure();
    if query.measures_of(source.metric).contains(&measure) {
        return query;
    }
    match source.metric {
        MetricName::Calls => query.calls(measure),
        MetricName::TimeSpent => query.time_spent(measure),
    }
}

/// What each answer has for one key.
#[derive(Clone, Copy)]
pub(super) struct Answers<'a> {
    /// None where the answer lacks the key.
    pub(super) sums: &'a [Option<Sums<'a>>],
    /// Whether the answer is its query's, and counts.
    pub(super) matching: &'a [bool],
}

/// What is known of one key.
pub(super) struct Known<'a> {
    pub(super) scopes: &'a [Scope],
    pub(super) answers: Answers<'a>,
    pub(super) missing_is_zero: bool,
}

impl Known<'_> {
    pub(super) fn figure(&self, formula: &Formula, staffed: Option<f64>) -> Option<f64> {
        let above = self.terms(formula.numerator)?;
        let below = match formula.denominator {
            Denominator::Nothing => return Some(above),
            Denominator::Terms(terms) => self.terms(terms)?,
            Denominator::StaffedTime => staffed?,
        };
        Some(above / below).filter(|share| below > 0.0 && share.is_finite())
    }

    fn terms(&self, terms: Terms) -> Option<f64> {
        Some(self.sum(terms.plus)? - self.sum(terms.minus)?)
    }

    fn sum(&self, inputs: &[&'static Input]) -> Option<f64> {
        inputs.iter().map(|input| self.input(input)).sum()
    }

    fn input(&self, input: &'static Input) -> Option<f64> {
        let source = first_source(input, self.scopes)?;
        let is_missing = self.answer(source.scope).is_some_and(Option::is_none);
        if !is_missing {
            return self.read(source);
        }
        // Of no calls there is no maximum.
        if source.aggregation != Aggregation::Sum {
            return None;
        }
        let is_proven = input.parts_of.iter().any(|whole| self.read(whole) == Some(0.0));
        (self.missing_is_zero || is_proven).then_some(0.0)
    }

    fn read(&self, source: &NumberSource) -> Option<f64> {
        source.read((*self.answer(source.scope)?)?)
    }

    /// What the answer of a scope has for the key; `None` without an answer.
    fn answer(&self, scope: Scope) -> Option<&Option<Sums<'_>>> {
        let at = self.scopes.iter().position(|known| *known == scope)?;
        let Answers { sums, matching } = self.answers;
        sums.get(at).filter(|_| matching[at])
    }
}

fn of_record(record: &Record) -> Sums<'_> {
    Sums { calls: record.calls(), time_spent: record.time_spent() }
}

fn of_point(point: &Point) -> Sums<'_> {
    Sums { calls: point.calls(), time_spent: point.time_spent() }
}

fn indexed<T>(items: &[T], key: fn(&T) -> &str) -> HashMap<&str, &T> {
    let mut by_key = HashMap::new();
    for item in items {
        by_key.entry(key(item)).or_insert(item);
    }
    by_key
}

/// Keys in the order in which they first come, with what is said of them.
#[derive(Default)]
struct Keys<'a> {
    order: Vec<(&'a str, Option<&'a Info>)>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Keys<'a> {
    fn take(&mut self, key: &'a str, info: Option<&'a Info>) {
        let place = *self.places.entry(key).or_insert(self.order.len());
        match self.order.get_mut(place) {
            Some((_, known)) => *known = known.or(info),
            None => self.order.push((key, info)),
        }
    }

    fn into_iter(self) -> impl Iterator<Item = (&'a str, Option<&'a Info>)> {
        self.order.into_iter()
    }
}
