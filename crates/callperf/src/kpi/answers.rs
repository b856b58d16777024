//! Whether the answers that are given to a set are those of its queries, in their
//! order.

use std::collections::HashSet;

use crate::{
    Error, ErrorKind,
    query::{
        Filter,
        fingerprint::{Fingerprint, MOVED_END},
    },
    report::answer::Answer,
};

/// What is wrong with answers, and which of them match their queries.
pub(super) struct Verdict {
    problems: Vec<String>,
    matching: Vec<bool>,
}

impl Verdict {
    /// For each answer, whether nothing says that it isn't its query's.
    pub(super) fn matching(self) -> Vec<bool> {
        self.matching
    }

    pub(super) fn into_result(self) -> Result<Vec<bool>, Error> {
        if self.problems.is_empty() {
            return Ok(self.matching);
        }
        let problems = self.problems.join("; ");
        let remedy = if problems.contains(MOVED_END) {
            "request all of them about one absolute period, such as `Period::from` the period of a \
             report, or at one instant by KpiSet::request"
        } else {
            "pass the records of each query, in the order of KpiSet::queries"
        };
        let message = format!("the answers don't belong together: {problems}; {remedy}");
        Err(Error::new(ErrorKind::Answer, message))
    }
}

/// `scopes` has the filters of each query of the set.
pub(super) fn check<A: Answer>(scopes: &[Vec<Filter>], answers: &[Vec<A>]) -> Verdict {
    let mut problems = Vec::new();
    if answers.len() != scopes.len() {
        let (given, needed) = (answers.len(), scopes.len());
        problems.push(format!("{given} given, and the set has {needed} queries"));
    }
    problems.extend(missing(scopes, answers));
    let first = answers.iter().zip(scopes).find_map(|(answer, filters)| {
        Some(answer.iter().find_map(Answer::fingerprint)?.without_time_spent_of(filters))
    });
    let mut matching = Vec::with_capacity(answers.len());
    for (place, answer) in answers.iter().enumerate() {
        let unknown = answer.iter().find(|record| record.fingerprint().is_none());
        problems.extend(unknown.map(|record| {
            format!(
                "answer {}: the record of key {} doesn't say which query it answers, because no \
                 client read it",
                place + 1,
                record.key()
            )
        }));
        problems.extend(repeated(place, answer));
        let mut fingerprints = answer.iter().filter_map(Answer::fingerprint);
        let problem = fingerprints.find_map(|one| mismatch(scopes, place, one, first));
        matching.push(problem.is_none());
        problems.extend(problem);
    }
    Verdict { problems, matching }
}

/// The queries whose answer is nowhere. One without records says nothing, and is
/// taken for that of the query in its place.
fn missing<A: Answer>(scopes: &[Vec<Filter>], answers: &[Vec<A>]) -> Vec<String> {
    let is_given = |at: &usize| {
        let filters = &scopes[*at];
        let is_its = |record: &A| record.fingerprint().is_none_or(|it| it.has_scope(filters));
        answers.get(*at).is_some_and(Vec::is_empty) || answers.iter().flatten().any(is_its)
    };
    let missing = (0..scopes.len()).filter(|at| !is_given(at));
    missing.map(|at| format!("the answer to {} is missing", named(scopes, at))).collect()
}

/// The first key that an answer has twice: one of its records would be lost.
fn repeated<A: Answer>(place: usize, answer: &[A]) -> Option<String> {
    let mut keys = HashSet::new();
    let twice = answer.iter().find(|record| !keys.insert(record.key()))?;
    Some(format!("answer {} has the key {} twice", place + 1, twice.key()))
}

/// What a record's fingerprint has against its place.
fn mismatch(
    scopes: &[Vec<Filter>],
    place: usize,
    one: Fingerprint,
    first: Option<Fingerprint>,
) -> Option<String> {
    let is_its = |at: &usize| scopes.get(*at).is_some_and(|filters| one.has_scope(filters));
    let own = Some(place).filter(is_its).or_else(|| (0..scopes.len()).find(is_its));
    let answer = format!("answer {}", place + 1);
    match own {
        None => return Some(format!("{answer} is that of no query of the set")),
        Some(own) if own != place && place < scopes.len() => {
            let (is, is_not) = (named(scopes, own), named(scopes, place));
            return Some(format!("{answer} is that of {is}, not of {is_not}"));
        }
        Some(own) if own != place => {
            return Some(format!(
                "{answer} is that of {}, which has its place",
                named(scopes, own)
            ));
        }
        Some(_) => {}
    }
    let differences = one.without_time_spent_of(&scopes[place]).differences(&first?);
    (!differences.is_empty())
        .then(|| format!("{answer} and the first differ in {}", differences.join(" and ")))
}

/// A query of the set by its number and its filters.
fn named(scopes: &[Vec<Filter>], at: usize) -> String {
    let filter = |filter: &Filter| match filter.words()[..] {
        [] => filter.name().to_owned(),
        ref words => format!("{}={}", filter.name(), words.join("|")),
    };
    let filters: Vec<_> = scopes[at].iter().map(filter).collect();
    let calls = if filters.is_empty() { "all calls".to_owned() } else { filters.join(", ") };
    format!("query {} ({calls})", at + 1)
}
