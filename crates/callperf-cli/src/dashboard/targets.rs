//! What queues should reach, as the directory says it.

use callperf::{Kpi, directory::Kind, kpi::Better};

use super::range::Days;
use crate::{
    lookup,
    render::{Dashboard, KeyTarget},
};

/// The goals of service level that the list of extensions has; none from a history, and none if the
/// application may not read the list. A goal is a share of answered calls if the queue's setting
/// leaves abandoned calls out, as it does by default.
pub(super) async fn of_queues(days: &Days<'_>, dashboard: &Dashboard) -> Vec<KeyTarget> {
    if days.history.is_some() || dashboard.queues.entries.is_empty() {
        return Vec::new();
    }
    let Ok(listing) = lookup::listing(days.client, Some(Kind::Queue)).await else {
        return Vec::new();
    };
    let target = |key: &str| {
        let level = listing.get(key)?.service_level.clone()?;
        let counts_abandoned = level.counts_abandoned.unwrap_or(false);
        let percent = level.goal_percent.filter(|_| !counts_abandoned)?;
        Some(KeyTarget {
            group: "queues",
            key: Some(key.to_owned()),
            figure: Kpi::ServiceLevelOfAnswered,
            goal: percent / 100.0,
            better: Better::More,
        })
    };
    dashboard.queues.entries.iter().filter_map(|entry| target(&entry.key)).collect()
}
