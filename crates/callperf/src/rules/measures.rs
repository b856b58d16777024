//! What the APIs refuse of metrics and their aggregation.

use super::{
    spelling::Spelling,
    subject::{Breach, Subject, breach, measure_word},
};
use crate::{
    query::Measure,
    words::{metric::MetricName, operation::Operation, vocabulary::Aggregation},
};

pub(super) fn no_timeline(subject: &Subject<'_>) -> Vec<Breach> {
    breach(
        matches!(subject.operation, Operation::Timeline(_)),
        "timeline",
        "the beta has no timeline; use Api::CallsV1, or one aggregate per interval",
    )
}

pub(super) fn metric_twice(subject: &Subject<'_>) -> Vec<Breach> {
    let asked_for: Vec<_> = subject.query.measures().collect();
    let repeated = asked_for.iter().enumerate().filter(|(at, (metric, measure))| {
        asked_for[..*at].iter().any(|(other, earlier)| {
            other == metric && same_option(subject.spelling, *metric, earlier, measure)
        })
    });
    repeated
        .map(|(_, (metric, measure))| {
            (
                measure_word(*metric, measure),
                "asked for twice; a request holds it once, so ask the second in a query of its own"
                    .to_owned(),
            )
        })
        .collect()
}

/// Whether two measures are the same, or one is the other's option by its name
/// on the wire.
fn same_option(
    spelling: &dyn Spelling,
    metric: MetricName,
    one: &Measure,
    other: &Measure,
) -> bool {
    let is_option_of = |name: &Measure, measure: &Measure| {
        !name.breakdown.is_known()
            && spelling.options(metric, &measure.breakdown).contains(&name.breakdown.as_str())
    };
    one.breakdown == other.breakdown || is_option_of(one, other) || is_option_of(other, one)
}

pub(super) fn timeline_sums(subject: &Subject<'_>) -> Vec<Breach> {
    if *subject.operation == Operation::Aggregate {
        return Vec::new();
    }
    subject
        .query
        .measures()
        .filter(|(_, measure)| {
            measure.aggregation != Aggregation::Sum || measure.interval.is_some()
        })
        .map(|(metric, measure)| {
            (
                measure_word(metric, measure),
                format!(
                    "a timeline has no aggregation, so {} can't be asked for; ask for the sum",
                    measure.aggregation
                ),
            )
        })
        .collect()
}

pub(super) fn metric_exists(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .measures()
        .filter(|(metric, measure)| {
            subject.spelling.options(*metric, &measure.breakdown).is_empty()
        })
        .map(|(metric, measure)| {
            (
                measure_word(metric, measure),
                format!("{} has no such metric; leave it out", subject.api),
            )
        })
        .collect()
}

pub(super) fn aggregation_exists(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .measures()
        .filter(|(_, measure)| {
            measure.aggregation == Aggregation::Percent || measure.interval.is_some()
        })
        .map(|(metric, measure)| {
            (
                measure_word(metric, measure),
                "the beta has no percent and no interval; ask for the sum".to_owned(),
            )
        })
        .collect()
}

pub(super) fn shared_options_agree(subject: &Subject<'_>) -> Vec<Breach> {
    let all: Vec<_> = subject.query.measures().collect();
    let mut breaches = Vec::new();
    for (at, (metric, measure)) in all.iter().enumerate() {
        let own = subject.spelling.options(*metric, &measure.breakdown);
        let earlier = all[..at].iter().find(|(other_metric, other)| {
            let options = subject.spelling.options(*other_metric, &other.breakdown);
            other_metric == metric
                && other.breakdown != measure.breakdown
                && other.aggregation != measure.aggregation
                && options.iter().any(|option| own.contains(option))
        });
        if let Some((_, other)) = earlier {
            breaches.push((
                measure_word(*metric, measure),
                format!(
                    "on the beta it shares an option with {}, so both need the same aggregation",
                    other.breakdown
                ),
            ));
        }
    }
    breaches
}

pub(super) fn some_metric(subject: &Subject<'_>) -> Vec<Breach> {
    breach(
        subject.query.measures().next().is_none(),
        "metrics",
        "none asked for; add calls(…) or time_spent(…)",
    )
}

pub(super) fn calls_are_sums(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .calls
        .iter()
        // Of a percentage, another rule says that the beta has none.
        .filter(|measure| !is_whole(&measure.aggregation))
        .map(|measure| {
            (
                measure_word(MetricName::Calls, measure),
                format!("on the beta calls are summed only, not {}", measure.aggregation),
            )
        })
        .collect()
}

fn is_spread(aggregation: &Aggregation) -> bool {
    matches!(aggregation, Aggregation::Average | Aggregation::Min | Aggregation::Max)
}

fn is_whole(aggregation: &Aggregation) -> bool {
    matches!(aggregation, Aggregation::Sum | Aggregation::Percent)
}

fn interval_forbidden(metric: MetricName, measure: &Measure) -> Option<Breach> {
    (is_whole(&measure.aggregation) && measure.interval.is_some()).then(|| {
        (
            measure_word(metric, measure),
            format!("{} takes no interval; leave per(…) out", measure.aggregation),
        )
    })
}

pub(super) fn calls_interval(subject: &Subject<'_>) -> Vec<Breach> {
    let missing = |measure: &Measure| {
        (is_spread(&measure.aggregation) && measure.interval.is_none()).then(|| {
            (
                measure_word(MetricName::Calls, measure),
                format!("{} of calls needs an interval; add per(…)", measure.aggregation),
            )
        })
    };
    subject
        .query
        .calls
        .iter()
        .filter_map(|measure| interval_forbidden(MetricName::Calls, measure).or(missing(measure)))
        .collect()
}

pub(super) fn time_spent_interval(subject: &Subject<'_>) -> Vec<Breach> {
    subject
        .query
        .time_spent
        .iter()
        .filter_map(|measure| interval_forbidden(MetricName::TimeSpent, measure))
        .collect()
}
