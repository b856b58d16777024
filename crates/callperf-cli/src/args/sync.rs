//! The arguments of `sync`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::connection::ConnectionArgs;

pub(crate) const HELP: &str = "\
The first run fetches the whole days that the API still has, about 183; each later
one the days since, and the last two once more, for late data. If a run is ended, the
next one goes on from there. `callperf schema sync` describes the columns.

  DIR/hourly/grouping=Users/date=2026-11-23/part-0.parquet
  DIR/daily/grouping=Users/date=2026-11-23/part-0.parquet
  DIR/figures/scope=answered/grouping=Users/date=2026-11-23/part-0.parquet
  DIR/agents/queue=1503200033/scope=answered/grouping=Users/date=…    with --queue-agents
  DIR/directory/date=2026-11-23/part-0.parquet

Read one of the tables at a time: a call is in each. Figures have the days of inbound
calls, of those that were answered, and of those abandoned and never answered: what key
figures are computed from. The directory has who the keys are, queues' service-level
settings and members among it: of each day on which it changed, what became other
(`callperf schema sync-directory`). It takes the application's ReadAccounts permission.

Examples:
  Every night, from cron:
    callperf sync --out history --time-zone America/New_York --quiet
  Hours of queues, days of users only, which are many:
    callperf sync --out history --hourly company,queues --daily queues,users
  Agents' figures of each queue's own calls, too, in this run and all later ones:
    callperf sync --out history --queue-agents
  Is everything there?
    callperf sync --out history --check";

#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// The folder to keep up to date
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Groupings to keep hour by hour, or none; at first company, queues and users,
    /// later what the folder has. Each takes a request for 20 keys and a few days
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',')]
    pub(crate) hourly: Option<Vec<String>>,
    /// Groupings to keep day by day, or none; at first the same, and sites, unless one of
    /// these options says what is kept. Each takes a request for 20 keys and many days, or
    /// for 200 keys and one day, as takes fewer
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',')]
    pub(crate) daily: Option<Vec<String>>,
    /// How days and hours are cut: an IANA name; at first UTC, later the folder's
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// The first day, where not all that the API has is wanted; a folder that begins later begins
    /// there from now on
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// Groupings to keep the key figures of, day by day, or none; at first company, queues,
    /// users and sites, unless --hourly or --daily says what is kept. Their days are kept, too
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',')]
    pub(crate) figures: Option<Vec<String>>,
    /// Add days up from their hours where these are kept, instead of requesting them: if you know
    /// that they add up on your account
    #[arg(long)]
    pub(crate) days_from_hours: bool,
    /// Keep the calls that were abandoned within this time, too, for abandonment-rate:20s, of the
    /// groupings whose key figures are kept. It takes as many requests as their days
    #[arg(long, value_name = "TIME", value_parser = short)]
    pub(crate) short_abandons: Option<Duration>,
    /// Keep the key figures of each queue's agents, too: of its own calls, by user. Each queue takes
    /// three requests for 20 agents, and all together one that lists them
    #[arg(long)]
    pub(crate) queue_agents: bool,
    /// Whether to keep the company's directory: at first it is, unless --hourly, --daily or
    /// --figures says what is kept, later if the folder has it. `no` leaves it out of this run
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    pub(crate) directory: Option<bool>,
    /// How many days of hours one request asks for at most; by default as many as a
    /// response of the largest size takes
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=31))]
    pub(crate) days_per_request: Option<u32>,
    /// Take a folder of an earlier version forward: keep the figures of all groupings whose days
    /// it has, and days and figures of sites if it has company, queues and users, from its first
    /// day that the API still has; and the directory from today. Its files stay as they are; earlier versions refuse the folder
    /// from then on
    #[arg(long)]
    pub(crate) migrate: bool,
    #[command(flatten)]
    pub(crate) instead: InsteadArgs,
    /// Take this to be the time, as for a sandbox whose clock stands still
    #[arg(long, value_name = "WHEN")]
    pub(crate) now: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// What is done instead of a sync.
#[derive(Debug, Args)]
pub(crate) struct InsteadArgs {
    /// Print what would be requested, and how long that takes; nothing is sent or changed
    #[arg(long)]
    pub(crate) explain: bool,
    /// Report gaps, overlaps, damage and hours that don't add up instead, and the days that
    /// lack a breakdown; nothing is sent or changed. Gaps that the API has forgotten are named,
    /// and are no problem
    #[arg(long)]
    pub(crate) check: bool,
    /// List the partitions that the last run added or changed instead; nothing is sent or changed
    #[arg(long, conflicts_with = "check")]
    pub(crate) changed: bool,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("write yes or no".to_owned()),
    }
}

fn short(text: &str) -> Result<Duration, String> {
    let time = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    let whole = time.filter(|time| time.as_secs() > 0 && time.subsec_nanos() == 0);
    whole.ok_or_else(|| "write whole seconds as 20s".to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day as 2026-11-01".to_owned())
}
