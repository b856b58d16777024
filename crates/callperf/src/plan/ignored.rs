//! Whether a server applied the filters that an older one lacks, and may ignore.

use crate::{
    query::{Filter, Query},
    report::{Metric, Notice},
    words::{metric::MetricName, vocabulary::Breakdown},
};

/// The filters of a query that are judged by a breakdown that it asks for, too.
#[derive(Debug, Default)]
pub(crate) struct IgnoredFilters(Vec<Judged>);

#[derive(Debug)]
struct Judged {
    filter: String,
    metric: MetricName,
    breakdown: Breakdown,
    /// The words that pass; empty if it isn't known how the response spells them.
    passing: Vec<String>,
    /// Whether there was a number other than zero, which may be one too many.
    has_numbers: bool,
    has_breakdown: bool,
    /// A word that doesn't pass and has a number other than zero.
    other_word: Option<String>,
}

impl IgnoredFilters {
    pub(super) fn of(query: &Query) -> Self {
        let mut judged = Vec::new();
        for filter in &query.filters {
            let Some(proof) = filter.proof() else { continue };
            let measures = query.measures();
            judged.extend(
                measures
                    .filter(|(_, measure)| measure.breakdown == proof)
                    .map(|(metric, _)| Judged::new(filter, metric, proof.clone())),
            );
        }
        Self(judged)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, calls: &Metric, time_spent: &Metric) {
        if calls.is_zero() && time_spent.is_zero() {
            return;
        }
        for judged in &mut self.0 {
            judged.take(match judged.metric {
                MetricName::Calls => calls,
                MetricName::TimeSpent => time_spent,
            });
        }
    }

    /// A notice per filter that was ignored. What is missing isn't judged if something
    /// couldn't be read: it may have been there.
    pub(super) fn notices(self, is_readable: bool) -> Vec<Notice> {
        let mut notices: Vec<Notice> = Vec::new();
        for judged in self.0 {
            let is_new = !notices.iter().any(
                |notice| matches!(notice, Notice::FilterIgnored { filter, .. } if *filter == judged.filter),
            );
            notices.extend(judged.notice(is_readable).filter(|_| is_new));
        }
        notices
    }
}

impl Judged {
    fn new(filter: &Filter, metric: MetricName, breakdown: Breakdown) -> Self {
        let is_spelled = filter.unknown_words().is_empty();
        let passing = if is_spelled { filter.words() } else { Vec::new() };
        Self {
            filter: filter.name().to_owned(),
            metric,
            breakdown,
            passing: passing.into_iter().map(str::to_owned).collect(),
            has_numbers: false,
            has_breakdown: false,
            other_word: None,
        }
    }

    fn take(&mut self, metric: &Metric) {
        self.has_numbers = true;
        self.has_breakdown |= metric.has(&self.breakdown);
        if self.passing.is_empty() || self.other_word.is_some() {
            return;
        }
        let mut entries = metric.entries(&self.breakdown).into_iter();
        let is_other = |word: &str| !self.passing.iter().any(|passing| passing == word);
        let other = entries.find(|(word, value)| value.as_f64() != 0.0 && is_other(word));
        self.other_word = other.map(|(word, _)| word);
    }

    fn notice(self, is_readable: bool) -> Option<Notice> {
        let Self { filter, metric, breakdown, .. } = self;
        let what = format!("{} {breakdown}", metric.as_str());
        let reason = match self.other_word {
            Some(word) => format!("{what} has {word:?}, which doesn't pass the filter"),
            None if self.has_numbers && !self.has_breakdown && is_readable => {
                format!("no record has {what}")
            }
            None => return None,
        };
        Some(Notice::FilterIgnored { filter, reason })
    }
}
