//! Keeps the history of RingCentral's Call Performance API in Parquet files, which outlast the
//! 184 days that the API remembers.
//!
//! ```no_run
//! use callperf::{Client, Grouping};
//! use callperf_history::{History, Keep};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // What isn't understood must not be left out in silence.
//! let client = Client::builder_from_env()?.strict(true).build()?;
//! let history = History::open("history");
//! let keep = Keep::new().time_zone("America/New_York").hourly([Grouping::Queues]);
//! let synced = history.sync(&client, &keep).await?;
//! println!("up to {}: {} files", synced.last, synced.files);
//! assert!(history.check()?.problems.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # The folder
//! ```text
//! DIR/manifest.json                                        what there is, and of what
//! DIR/hourly/grouping=Users/date=2026-11-23/part-0.parquet    a row per key, hour and number
//! DIR/daily/grouping=Users/date=2026-11-23/part-0.parquet     a row per key, day and number
//! DIR/figures/scope=answered/grouping=Users/date=2026-11-23/part-0.parquet    the same of some calls
//! DIR/agents/queue=1503200033/scope=answered/grouping=Users/date=2026-11-23/part-0.parquet
//! DIR/directory/date=2026-11-23/part-0.parquet             who the keys are, as it changed
//! DIR/sync.lock                                            held while a sync runs
//! ```
//!
//! **In an object store** (`s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`, `gs://BUCKET/PREFIX`; the
//! feature `object-store`) files are called `part-DIGEST-RUN-NUMBER.parquet`, and the manifest has
//! their names ([`Reader::files`]). A name is never used again, so that no run overwrites what another
//! one wrote. The manifest is put only over the one that was read (`If-Match`); if another run was
//! faster, both are merged and it is put again. There is no lock. What no manifest names, because a
//! run was killed or a day was fetched again, is removed by the next sync, after the manifest has said
//! so. A store without conditional put is refused ([`Error::NoConditionalPut`]). Numbers are read from
//! whole files, whose digests are compared; of names and keys only the columns are read.
//!
//! Hours and days are separate tables; adding up both counts calls twice. Figures are the days
//! again, of the calls that key figures are about: inbound ones, those of them that were answered,
//! and those that were abandoned and never answered ([`Scope`]). A row is described by [`Row`]. A
//! point of time in which all of a key's numbers are zero has no rows: the API sends such points
//! for some keys and not for others, as requests are cut, and the same history must be the same
//! files. A day on which nothing was counted has a file without rows.
//!
//! Agents are figures, too, of the calls that came through one queue, by the user that took them
//! ([`Keep::queue_agents`]). The directory ([`DirectoryRow`]) has a file for each day on which it
//! changed, with what became other: a sync sees it as it is then, and not as it was.
//!
//! **Nothing is lost or doubled by an end at any moment.** A day's file is written beside its
//! place, synced, and renamed over what was there; then the manifest is replaced in the same way.
//! What the manifest doesn't list is fetched (again), and each fetch gives a day's whole file. The
//! same answers give the same bytes.
//!
//! **Late data.** The last two days that were fetched are fetched again by the next run. Days are
//! whole local days; today isn't one yet, and yesterday is one from two minutes after its end.

#![deny(missing_docs)]

mod adding_up;
mod check;
mod error;
mod explain;
mod fetch;
mod forget;
mod history;
mod keep;
mod model;
mod plan;
mod read;
mod store;
mod sync;
mod task;
mod views;
mod who;

pub use self::{
    check::{Checked, DirectoryChecked, Lacking, SeriesChecked},
    error::{Error, Result},
    explain::{Planned, PlannedStep},
    fetch::progress::Distance,
    forget::{Forgotten, Kinds},
    history::History,
    keep::{Event, Keep},
    model::{directory::DirectoryRow, row::Row, scope::Scope, synced::Synced, table::Table},
    read::{Reader, files::DataFile},
    views::{Dialect, views, views_of_days},
};

/// What the program `callperf` shares. No promise is made about it.
#[doc(hidden)]
pub mod files {
    pub use crate::{
        fetch::is_refused,
        model::day::{MEMORY, oldest, runs, start},
        store::{
            parquet_file::system_error,
            replacement::{Replacement, Target},
        },
    };
}
