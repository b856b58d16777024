//! History in Parquet files, which outlasts the 184 days that the API remembers.
//!
//! ```text
//! DIR/manifest.json                                        what there is, and of what
//! DIR/hourly/grouping=Users/date=2026-11-23/part-0.parquet    a row per key, hour and number
//! DIR/daily/grouping=Users/date=2026-11-23/part-0.parquet     a row per key, day and number
//! DIR/sync.lock                                            held while a sync runs
//! ```
//!
//! Hours and days are two tables: whoever added up both would count calls twice.
//! A row is described by [`table::Row`]. A point of time in which all of a key's
//! numbers are zero has no rows: the API sends such points for some keys and not
//! for others, as requests are cut, and the same history must be the same files.
//! A day on which nothing was counted has a file without rows.
//!
//! **Nothing is lost or doubled by an end at any moment.** A day's file is written
//! beside its place, synced, and renamed over what was there; then the manifest is
//! replaced in the same way. What the manifest doesn't list is fetched (again),
//! and each fetch gives a day's whole file. The same answers give the same bytes.
//!
//! **Late data.** The last two days that were fetched are fetched again by the
//! next run. Days are whole local days; today isn't one yet, and yesterday is one
//! from two minutes after its end.

mod breakdowns;
pub(crate) mod check;
mod estimate;
mod folder;
mod manifest;
mod plan;
mod pull;
mod spool;
mod table;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use callperf::{Breakdown, Client, GroupBy, Grouping, Period, Query, period::END_BUFFER};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tokio::task::JoinHandle;

pub(crate) use self::table::Row;
use self::{
    estimate::Estimate,
    folder::Folder,
    manifest::Manifest,
    plan::{Plan, Table, Unit},
    pull::{Pulled, day_start, pull},
};
use crate::{Failure, console, period, recent};

/// What is to be kept, as it was asked for.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) hourly: Option<Vec<Grouping>>,
    pub(crate) daily: Option<Vec<Grouping>>,
    pub(crate) time_zone: Option<String>,
    pub(crate) from: Option<Date>,
    pub(crate) days_per_request: u32,
}

/// What is kept where nothing else is asked for.
const GROUPINGS: [Grouping; 3] = [Grouping::Company, Grouping::Queues, Grouping::Users];

/// A day whose start is about to fall out of what the API remembers is left
/// alone: it would be gone before its pages are read.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(184 * 24 * 60 - 30);

/// Brings a folder up to yesterday.
pub(crate) async fn run(
    client: &Client,
    out: &Path,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(), Failure> {
    // Before a folder is made for it.
    wanted.time_zone.as_deref().map(period::zone).transpose()?;
    let folder = Folder::open(out)?;
    let manifest = folder.manifest()?;
    let zone_name = zone_name(wanted, manifest.as_ref(), out)?;
    let zone = period::zone(&zone_name)?;
    let last = yesterday(now, &zone)?;
    if let Some(from) = wanted.from.filter(|from| *from > last) {
        return Err(Failure::Usage(format!(
            "--from: {from} isn't over yet; the last whole day is {last}"
        )));
    }
    let account = account(client).await?;
    let mut manifest = match manifest {
        Some(manifest) => manifest.of_account(account, out)?,
        None => Manifest::new(account, zone_name),
    };
    let oldest = oldest(now, &zone)?;
    let is_new = manifest.tables.is_empty();
    for (table, groupings) in [(Table::Hourly, &wanted.hourly), (Table::Daily, &wanted.daily)] {
        let chosen = groupings.clone().or_else(|| is_new.then(|| GROUPINGS.to_vec()));
        for grouping in chosen.unwrap_or_default() {
            manifest.keep(table, grouping.as_str(), wanted.from.unwrap_or(oldest).max(oldest));
        }
    }
    if let Some(from) = wanted.from.filter(|from| *from < oldest)
        && manifest.series().any(|(_, _, series)| series.first > from)
    {
        console::note(&format!(
            "note: the API has nothing from before {oldest} any more, so the history begins \
             there, and not on {from}"
        ));
    }
    // From here on the folder says whose it is.
    folder.save(&manifest)?;
    let Plan { units, damaged, lost } =
        plan::plan(&manifest, &folder, oldest, last, wanted.days_per_request);
    for what in damaged {
        console::note(&format!("note: damaged, and fetched again: {what}"));
    }
    let mut sync = Sync {
        client,
        zone,
        folder: Arc::new(folder),
        manifest: Arc::new(Mutex::new(manifest)),
        estimate: Estimate::new(&units),
        pending: None,
        unheld: BTreeSet::new(),
        absent: BTreeSet::new(),
        asks_recent: true,
    };
    let outcome = sync.all(units).await;
    // What was fetched before a failure is kept.
    let written = sync.settle().await;
    outcome.and(written)?;
    sync.tell(last);
    if lost.is_empty() {
        return Ok(());
    }
    Err(Failure::Data(format!(
        "everything else is there, but these are gone, and the API no longer remembers them; put \
         copies in their places, or take their days out of {}:\n  {}",
        out.join("manifest.json").display(),
        lost.join("\n  ")
    )))
}

struct Sync<'a> {
    client: &'a Client,
    zone: TimeZone,
    folder: Arc<Folder>,
    manifest: Arc<Mutex<Manifest>>,
    estimate: Estimate,
    /// The files of one unit, written while the next one is fetched.
    pending: Option<JoinHandle<Result<(), Failure>>>,
    unheld: BTreeSet<String>,
    absent: BTreeSet<String>,
    /// Whether the server has refused none of the breakdowns that came lately.
    asks_recent: bool,
}

impl Sync<'_> {
    async fn all(&mut self, units: Vec<Unit>) -> Result<(), Failure> {
        for unit in units {
            let estimate = self.estimate.clone();
            estimate.begin(&unit);
            let (client, zone, folder) = (self.client, &self.zone, &self.folder);
            let pulled = pull(client, &unit, zone, folder, &estimate, self.asks_recent).await?;
            let Pulled { spool, unheld, absent, refuses_recent } = pulled;
            if refuses_recent {
                self.asks_recent = false;
                let lacking = recent::left_out(&recent::BREAKDOWNS);
                console::note(&format!("note: {lacking}"));
            }
            self.unheld.extend(unheld);
            self.absent.extend(absent);
            self.settle().await?;
            let (folder, manifest) = (Arc::clone(&self.folder), Arc::clone(&self.manifest));
            self.pending = Some(tokio::task::spawn_blocking(move || {
                // Nothing that holds it panics half-way through a change.
                let mut manifest = manifest.lock().unwrap_or_else(PoisonError::into_inner);
                folder.write(&unit, spool, &mut manifest)
            }));
        }
        Ok(())
    }

    /// Waits for the files that are being written.
    async fn settle(&mut self) -> Result<(), Failure> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        match pending.await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(Failure::File(error.to_string())),
            },
        }
    }

    fn tell(self, last: Date) {
        let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &self.unheld {
            console::note(&format!("note: {name} of the answers has no place in the files"));
        }
        if !self.absent.is_empty() {
            let names: Vec<_> = self.absent.iter().map(String::as_str).collect();
            console::note(&format!(
                "note: the server left out {}, though they were requested; `callperf sync --check` \
                 names the days without them",
                names.join(", ")
            ));
        }
        let all = manifest.series().flat_map(|(_, _, series)| series.days.values());
        let (files, rows) = all.fold((0_u64, 0), |(files, rows), day| (files + 1, rows + day.rows));
        console::note(&format!("up to {last}: {files} files with {rows} rows"));
    }
}

/// The slowest quota that the server has told of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace(Option<(u32, Duration)>);

impl Pace {
    fn new(client: &Client) -> Self {
        let budgets = client.budget().into_iter().filter(|budget| budget.limit > 0);
        let slowest = budgets.max_by_key(|budget| budget.window / budget.limit);
        Self(slowest.map(|budget| (budget.limit, budget.window)))
    }

    fn of(self, requests: u64) -> Duration {
        let Some((limit, window)) = self.0 else { return Duration::ZERO };
        let windows = u32::try_from(requests / u64::from(limit)).unwrap_or(u32::MAX);
        window.saturating_mul(windows)
    }
}

fn zone_name(wanted: &Wanted, manifest: Option<&Manifest>, out: &Path) -> Result<String, Failure> {
    match (manifest, &wanted.time_zone) {
        (Some(manifest), Some(asked)) if *asked != manifest.time_zone => {
            Err(Failure::Usage(format!(
                "--time-zone: the days of {} are cut in {}, not {asked}; leave it out, or choose \
                 another folder",
                out.display(),
                manifest.time_zone
            )))
        }
        (Some(manifest), _) => Ok(manifest.time_zone.clone()),
        (None, asked) => Ok(asked.clone().unwrap_or_else(|| "UTC".to_owned())),
    }
}

/// The key of the company's own record, which is the account's id; `None` where
/// the account had no call in half a year.
async fn account(client: &Client) -> Result<Option<String>, Failure> {
    let query =
        Query::new(GroupBy::company(), Period::last_days(183), "UTC").calls(Breakdown::Total);
    let page = client.aggregate(&query).per_page(1).page(1).await?;
    Ok(page.records.first().map(|record| record.key().to_owned()))
}

fn out_of_range(error: &jiff::Error) -> Failure {
    Failure::Usage(format!("the clock is out of the calendar: {error}"))
}

/// The last day that the API may be asked about to its end: of a day that ended a
/// moment ago each request would get another part.
fn yesterday(now: Timestamp, zone: &TimeZone) -> Result<Date, Failure> {
    let settled = now.checked_sub(END_BUFFER + SignedDuration::from_secs(1));
    let settled = settled.map_err(|error| out_of_range(&error))?;
    let today = settled.to_zoned_datetime(zone.clone()).date();
    today.yesterday().map_err(|error| out_of_range(&error))
}

/// The first day that the API remembers from its start.
fn oldest(now: Timestamp, zone: &TimeZone) -> Result<Date, Failure> {
    let limit = now.checked_sub(REMEMBERED).map_err(|error| out_of_range(&error))?;
    let day = limit.to_zoned_datetime(zone.clone()).date();
    if day_start(day, zone)? >= limit {
        Ok(day)
    } else {
        day.tomorrow().map_err(|error| out_of_range(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_day_is_remembered_from_its_start() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let oldest = |now: &str| oldest(now.parse().unwrap(), &zone).unwrap().to_string();
        // 184 days before are 2026-05-24 at 12:00 UTC, 8 in the morning there.
        assert_eq!(oldest("2026-11-24T12:00:00Z"), "2026-05-25");
        // 2026-05-24 began at 04:00 UTC. It is whole until then, and left out in the last half-hour.
        assert_eq!(oldest("2026-11-24T03:29:00Z"), "2026-05-24");
        assert_eq!(oldest("2026-11-24T03:31:00Z"), "2026-05-25");
        assert_eq!(oldest("2026-11-24T04:00:00Z"), "2026-05-25");
    }

    #[test]
    fn a_day_is_over_once_its_end_can_be_asked_for() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let yesterday = |now: &str| yesterday(now.parse().unwrap(), &zone).unwrap().to_string();
        assert_eq!(yesterday("2026-11-24T05:02:00.9Z"), "2026-11-22");
        assert_eq!(yesterday("2026-11-24T05:02:01Z"), "2026-11-23");
    }

    #[test]
    fn the_pace_is_the_quotas() {
        let pace = Pace(Some((50, Duration::from_mins(1))));
        assert_eq!(pace.of(49), Duration::ZERO);
        assert_eq!(pace.of(250), Duration::from_mins(5));
        assert_eq!(Pace(None).of(250), Duration::ZERO);
    }
}
