//! From a unit of the plan to the rows of its days.

pub(crate) mod directory;
pub(crate) mod progress;
mod rows;

use std::collections::BTreeSet;

use callperf::{Breakdown, Client, GroupBy, Interval, Notice, Period, Query};
use jiff::{civil::Date, tz::TimeZone};

use self::{
    progress::{Estimate, Pace},
    rows::Rows,
};
use crate::{
    error::{Error, Result},
    model::breakdowns,
    plan::{cheapest::By, unit::Unit},
    store::{spool::Spool, writing::Store},
};

/// The most that a page of a timeline may have: twice what is planned, because its size is foreseen
/// from those before.
const MOST_BYTES: u64 = 72 * 1024 * 1024;

/// The rows of a unit, and the names of what has no place in them.
pub(crate) struct Pulled {
    pub(crate) spool: Spool,
    pub(crate) unheld: BTreeSet<String>,
    /// The breakdowns that no record had, though they were requested.
    pub(crate) absent: BTreeSet<String>,
    /// Whether the server refused the breakdowns that came lately.
    pub(crate) refuses_recent: bool,
    /// How many keys there are.
    pub(crate) keys: u64,
    /// The most JSON values that a point had.
    pub(crate) values: u64,
}

/// Fetches a unit. What isn't understood fails it: a file that is less than the
/// answer would be taken for the whole.
///
/// Of a server that refuses the breakdowns that came lately, `asks_recent` says that it is
/// known not to: then the others are fetched.
pub(crate) async fn pull(
    client: &Client,
    unit: &Unit,
    zone: &TimeZone,
    store: &Store,
    estimate: &Estimate,
    asks_recent: bool,
) -> Result<Pulled> {
    let after = unit.last().tomorrow().map_err(|error| Error::calendar(&error))?;
    let fetch_by = |breakdowns: Vec<Breakdown>| {
        let query = query(unit, after, zone, breakdowns);
        Box::pin(fetch(client, query, unit, zone, store, estimate))
    };
    let grouping = unit.series.grouping();
    let older = || breakdowns::of(&grouping).filter(|it| !breakdowns::RECENT.contains(it));
    if !asks_recent {
        return fetch_by(older().collect()).await;
    }
    match fetch_by(breakdowns::of(&grouping).collect()).await {
        Err(Error::Api(error)) if is_refused(&error) => {
            let pulled = fetch_by(older().collect()).await?;
            Ok(Pulled { refuses_recent: true, ..pulled })
        }
        outcome => outcome,
    }
}

async fn fetch(
    client: &Client,
    query: Query,
    unit: &Unit,
    zone: &TimeZone,
    store: &Store,
    estimate: &Estimate,
) -> Result<Pulled> {
    let failed = |error| Error::unwritten(store.location(), error);
    let mut rows = Rows::new(unit, zone, store.spool()?);
    let hook = {
        let (client, estimate) = (client.clone(), estimate.clone());
        move |progress: &callperf::Progress| estimate.read(progress, Pace::new(&client))
    };
    // A page is taken in far faster than the next one comes, so that reading ahead
    // would double the memory and win next to nothing.
    let interval = match unit.by {
        By::Hours => Some(Interval::Hour),
        By::Days => Some(Interval::Day),
        By::Aggregation => None,
    };
    let (notices, keys) = if let Some(interval) = interval {
        let request = client.timeline(&query, interval).max_body_bytes(MOST_BYTES).one_by_one();
        let mut all = request.on_progress(hook).records();
        while let Some(series) = all.try_next().await? {
            rows.series(&series)?.map_err(failed)?;
        }
        (all.notices().to_vec(), all.total())
    } else {
        let mut all = client.aggregate(&query).on_progress(hook).records();
        while let Some(record) = all.try_next().await? {
            rows.record(&record)?.map_err(failed)?;
        }
        (all.notices().to_vec(), all.total())
    };
    refuse_ignored_filter(&notices)?;
    let Rows { spool, unheld, values, .. } = rows;
    let keys = keys.unwrap_or_default();
    Ok(Pulled { spool, unheld, absent: absent(&notices), refuses_recent: false, keys, values })
}

/// Refuses numbers that may be those of all calls.
fn refuse_ignored_filter(notices: &[Notice]) -> Result<()> {
    let ignored = notices.iter().find_map(|notice| match notice {
        Notice::FilterIgnored { filter, reason } => Some((filter, reason)),
        _ => None,
    });
    let Some((filter, reason)) = ignored else { return Ok(()) };
    Err(Error::FilterIgnored { filter: filter.clone(), reason: reason.clone() })
}

fn absent(notices: &[Notice]) -> BTreeSet<String> {
    let absent = notices.iter().filter_map(|notice| match notice {
        Notice::NotInResponse { what } => what.rsplit(' ').next(),
        _ => None,
    });
    absent.map(str::to_owned).collect()
}

/// Every number that can be added up.
fn query(unit: &Unit, after: Date, zone: &TimeZone, breakdowns: Vec<Breakdown>) -> Query {
    let period = Period::days(unit.first(), after);
    let group_by = GroupBy::from(unit.series.grouping());
    let mut query = Query::new(group_by, period, zone.iana_name().unwrap_or("UTC"));
    for breakdown in breakdowns {
        query = query.calls(breakdown.clone());
        if breakdowns::has_time(&breakdown) {
            query = query.time_spent(breakdown.clone());
        }
    }
    unit.series.filters().into_iter().fold(query, Query::only)
}

/// Whether a server refuses a request that it might take without the recent breakdowns: as
/// wrong, or as something that it doesn't have yet.
#[must_use]
pub fn is_refused(error: &callperf::Error) -> bool {
    matches!(error.status(), Some(400 | 501))
}
