//! The breakdowns that are kept.

use callperf::{Breakdown, Grouping};

/// The breakdowns that the API has only since 2025.
pub(crate) const RECENT: [Breakdown; 2] = [Breakdown::EndingParty, Breakdown::QueueHours];

/// Whether time is counted by a breakdown, and not only calls.
pub(crate) fn has_time(breakdown: &Breakdown) -> bool {
    !matches!(breakdown, Breakdown::Action | Breakdown::QueueOpportunities)
}

/// All that a grouping can have.
pub(crate) fn of(grouping: &Grouping) -> impl Iterator<Item = Breakdown> {
    let is_for_it = move |breakdown: &&Breakdown| match breakdown {
        Breakdown::QueueSla | Breakdown::QueueHours => *grouping == Grouping::Queues,
        Breakdown::QueueOpportunities => *grouping == Grouping::Users,
        _ => true,
    };
    Breakdown::KNOWN.iter().filter(is_for_it).cloned()
}
