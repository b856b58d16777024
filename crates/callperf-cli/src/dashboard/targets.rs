//! What figures of the page should reach, as in reports.

use super::range::Days;
use crate::{
    Failure,
    app::targets::{Rows, find},
    console::say_once,
    model::targets::Target,
    render::{Group, KeyTarget},
};

/// The targets of the configuration, and the goals of service level that queues have in the
/// directory. A notice says why there are none of these if the directory isn't known.
///
/// # Errors
/// A queue of the configuration that the directory doesn't have, failures of the directory's
/// request if the configuration names a queue, and files of the history that can't be read.
pub(super) async fn of_groups(
    days: &Days<'_>,
    groups: &[Group],
    notices: &mut Vec<String>,
) -> Result<Vec<KeyTarget>, Failure> {
    let mut all = Vec::new();
    for group in groups {
        let are_queues = group.name == "queues";
        let rows = Rows { are_queues, figures: &group.figures, short_seconds: None };
        let sources = (days.client, days.history);
        let written = &days.options.targets;
        let targets = match Box::pin(find(written, &rows, sources, notices)).await {
            // The page's numbers don't depend on the directory.
            Err(Failure::Api(error)) if written.queues.is_empty() => {
                say_once(notices, format!("the queues' own goals aren't known: {error}"));
                Box::pin(find(&written.without_queue_goals(), &rows, sources, notices)).await?
            }
            targets => targets?,
        };
        let of = |key: Option<&str>, target: &Target| KeyTarget {
            group: group.name,
            key: key.map(str::to_owned),
            figure: target.figure,
            goal: target.goal,
            direction: target.direction,
        };
        let of_keys = targets.of_keys.iter().flat_map(|(key, own)| {
            let is_shown = group.keys.iter().any(|shown| shown.key == *key);
            own.iter().filter(move |_| is_shown).map(move |target| of(Some(key), target))
        });
        // The script takes the first one.
        let of_all = targets.of_all.iter().map(|target| of(None, target));
        all.extend(of_keys.chain(of_all).filter(|it| group.figures.contains(&it.figure)));
    }
    Ok(all)
}
