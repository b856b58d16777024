//! What queues should reach, as the directory says it.

use callperf::{Kpi, kpi::Better};

use super::range::Days;
use crate::{
    Failure,
    app::targets::{goal_of_answered, listing},
    render::{Dashboard, KeyTarget},
};

/// The goals of service level that the queues have in the directory, as in reports. A notice says
/// why there are none if the directory isn't known.
///
/// # Errors
/// Failures of the directory's request, and files of the history that can't be read.
pub(super) async fn of_queues(
    days: &Days<'_>,
    dashboard: &Dashboard,
    notices: &mut Vec<String>,
) -> Result<Vec<KeyTarget>, Failure> {
    if dashboard.queues.entries.is_empty() {
        return Ok(Vec::new());
    }
    let listing = listing((days.client, days.history), true, notices).await?;
    let target = |key: &str| {
        let level = listing.as_ref()?.get(key)?.service_level.as_ref()?;
        Some(KeyTarget {
            group: "queues",
            key: Some(key.to_owned()),
            figure: Kpi::ServiceLevelOfAnswered,
            goal: goal_of_answered(level)?,
            better: Better::More,
        })
    };
    Ok(dashboard.queues.entries.iter().filter_map(|entry| target(&entry.key)).collect())
}
