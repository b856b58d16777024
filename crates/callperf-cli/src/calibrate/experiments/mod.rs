//! The experiments, in the order in which they are made.

mod bounds;
mod days;
mod hours;
mod queues;
mod records;
mod refusals;
mod shares;
mod traffic;

use super::experiment::{Experiment, Tells};

pub(super) use self::days::{is_quiet, period_has_calls};

/// What is cheap and what others build upon comes first; what takes most requests comes last.
pub(super) const ALL: &[Experiment] = &[
    days::DAYS,
    days::WEEKS,
    hours::FILTERED,
    hours::AVERAGE,
    records::PAGE,
    shares::SHARES,
    shares::UNDEFINED,
    records::TIMELINE,
    records::EMPTY,
    queues::TALK,
    queues::ABANDONED,
    days::SUMS,
    traffic::ENCODING,
    traffic::SIZES,
    refusals::OVERNIGHT,
    refusals::AFTER_LAST,
    refusals::FUTURE,
    refusals::SHORT_TIMELINE,
    refusals::UNKNOWN_FIELD,
    refusals::PAGE_LIMIT,
    refusals::QUEUE_HOURS,
    refusals::OWN_ACCOUNT,
    refusals::UNKNOWN_KEY,
    bounds::NEWEST,
    bounds::MILLISECONDS,
    traffic::REMAINING,
];

/// What tells the options of an assumption apart.
pub(super) fn tells(assumption: &str) -> Option<&'static Tells> {
    ALL.iter().flat_map(|experiment| experiment.tells).find(|tells| tells.assumption == assumption)
}
